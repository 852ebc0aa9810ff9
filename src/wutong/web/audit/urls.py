"""Addresses of the audit room."""

from django.urls import path

from wutong.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("export/", views.export, name="export"),
    path("verify/", views.verify, name="verify"),
    path("<uuid:pk>/", views.entry_detail, name="detail"),
]
