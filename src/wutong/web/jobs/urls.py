"""Addresses of the jobs room."""

from django.urls import path

from wutong.web.jobs.views import jobs, messages, outbox

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
    path("<uuid:pk>/", jobs.job_detail, name="detail"),
    path("<uuid:pk>/progress/", jobs.job_progress, name="progress"),
    path("<uuid:pk>/cancel/", jobs.job_cancel, name="cancel"),
    path("<uuid:pk>/again/", jobs.job_repeat, name="repeat"),
]
