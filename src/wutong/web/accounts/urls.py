"""Addresses of the accounts room."""

from django.urls import path

from wutong.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("people/", views.user_list, name="list"),
    path("people/export/", views.user_export, name="export"),
    path("people/new/", views.user_new, name="new"),
    path("profile/", views.profile, name="profile"),
    path("views/save/", views.view_save, name="view-save"),
    path("views/<uuid:pk>/drop/", views.view_drop, name="view-drop"),
    path("units/", views.unit_list, name="units"),
    path("units/new/", views.unit_new, name="unit-new"),
    path("units/<uuid:pk>/", views.unit_detail, name="unit"),
    path("units/<uuid:pk>/edit/", views.unit_edit, name="unit-edit"),
    path("postings/<uuid:pk>/end/", views.posting_end, name="posting-end"),
    path("people/<uuid:pk>/", views.user_detail, name="detail"),
    path("people/<uuid:pk>/edit/", views.user_edit, name="edit"),
    path("people/<uuid:pk>/deactivate/", views.user_deactivate, name="deactivate"),
    path("people/<uuid:pk>/reactivate/", views.user_reactivate, name="reactivate"),
    path("people/<uuid:pk>/reset-password/", views.user_reset_password, name="reset-password"),
    path("people/<uuid:pk>/postings/new/", views.posting_new, name="posting-new"),
]
