"""Addresses of the accounts room."""

from django.urls import path

from wutong.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.user_list, name="list"),
    path("export/", views.user_export, name="export"),
    path("new/", views.user_new, name="new"),
    path("profile/", views.profile, name="profile"),
    path("units/", views.unit_list, name="units"),
    path("units/new/", views.unit_new, name="unit-new"),
    path("units/<uuid:pk>/", views.unit_detail, name="unit"),
    path("units/<uuid:pk>/edit/", views.unit_edit, name="unit-edit"),
    path("postings/<uuid:pk>/end/", views.posting_end, name="posting-end"),
    path("<uuid:pk>/", views.user_detail, name="detail"),
    path("<uuid:pk>/edit/", views.user_edit, name="edit"),
    path("<uuid:pk>/deactivate/", views.user_deactivate, name="deactivate"),
    path("<uuid:pk>/reactivate/", views.user_reactivate, name="reactivate"),
    path("<uuid:pk>/reset-password/", views.user_reset_password, name="reset-password"),
    path("<uuid:pk>/postings/new/", views.posting_new, name="posting-new"),
]
