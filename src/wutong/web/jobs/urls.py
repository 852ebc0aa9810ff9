"""Addresses of the jobs room."""

from django.urls import path

from wutong.web.jobs.views import jobs, messages, outbox, webhooks

app_name = "jobs"
urlpatterns = [
    path("", jobs.job_list, name="list"),
    path("export/", jobs.job_export, name="export"),
    path("trial/", jobs.job_trial, name="trial"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/read/", messages.message_read_all, name="read-all"),
    path("messages/<uuid:pk>/read/", messages.message_read, name="read"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/export/", outbox.outbox_export, name="outbox-export"),
    path("outbox/<uuid:pk>/resend/", outbox.resend, name="resend"),
    path("outbox/<uuid:pk>/settle/", outbox.settle, name="settle"),
    path("robots/", outbox.robot_list, name="robots"),
    path("robots/new/", outbox.robot_new, name="robot-new"),
    path("robots/<uuid:pk>/edit/", outbox.robot_edit, name="robot-edit"),
    path("robots/<uuid:pk>/try/", outbox.robot_try, name="robot-try"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new/", webhooks.webhook_new, name="webhook-new"),
    path("webhooks/<uuid:pk>/", webhooks.webhook_detail, name="webhook"),
    path("webhooks/<uuid:pk>/edit/", webhooks.webhook_edit, name="webhook-edit"),
    path("webhooks/<uuid:pk>/secret/", webhooks.webhook_renew, name="webhook-renew"),
    path("webhooks/<uuid:pk>/try/", webhooks.webhook_try, name="webhook-try"),
    path("webhooks/<uuid:pk>/pause/", webhooks.webhook_step, {"step": "pause"}, name="webhook-pause"),
    path("webhooks/<uuid:pk>/resume/", webhooks.webhook_step, {"step": "resume"}, name="webhook-resume"),
    path("webhooks/<uuid:pk>/delete/", webhooks.webhook_step, {"step": "remove"}, name="webhook-remove"),
    path("webhooks/<uuid:pk>/restore/", webhooks.webhook_step, {"step": "bring_back"}, name="webhook-restore"),
    path("webhooks/<uuid:pk>/consent/", webhooks.webhook_consent, name="webhook-consent"),
    path("deliveries/<uuid:pk>/again/", webhooks.redeliver, name="redeliver"),
    path("<uuid:pk>/", jobs.job_detail, name="detail"),
    path("<uuid:pk>/progress/", jobs.job_progress, name="progress"),
    path("<uuid:pk>/cancel/", jobs.job_cancel, name="cancel"),
    path("<uuid:pk>/again/", jobs.job_repeat, name="repeat"),
]
