"""Addresses of the audit room."""

from django.urls import path

from wutong.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("export/", views.export, name="export"),
    path("verify/", views.verify, name="verify"),
    path("anchor/", views.anchor, name="anchor"),
    path("anchor/print/", views.anchor_print, name="anchor-print"),
    path("history/<str:label>/<str:key>/", views.history, name="history"),
    path("<uuid:pk>/", views.entry_detail, name="detail"),
]
