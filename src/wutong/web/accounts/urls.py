"""Addresses of the accounts room."""

from django.urls import path

from wutong.web.accounts.views import officers, oneself, people, personal, units

app_name = "accounts"
urlpatterns = [
    path("people/", people.user_list, name="list"),
    path("people/export/", people.user_export, name="export"),
    path("people/new/", people.user_new, name="new"),
    path("officers/", officers.officer_list, name="officers"),
    path("officers/export/", officers.officer_export, name="officers-export"),
    path("people/<uuid:pk>/officer/", officers.officer_edit, name="officer-edit"),
    path("officers/<uuid:pk>/trainings/new/", officers.training_new, name="training-new"),
    path("trainings/<uuid:pk>/drop/", officers.training_drop, name="training-drop"),
    path("personal-data/", personal.personal, name="personal"),
    path("personal-data/mine/", personal.my_data, name="my-data"),
    path("people/<uuid:pk>/erase/", personal.erase, name="erase"),
    path("profile/", oneself.profile, name="profile"),
    path("views/save/", oneself.view_save, name="view-save"),
    path("views/<uuid:pk>/drop/", oneself.view_drop, name="view-drop"),
    path("units/", units.unit_list, name="units"),
    path("units/new/", units.unit_new, name="unit-new"),
    path("units/<uuid:pk>/", units.unit_detail, name="unit"),
    path("units/<uuid:pk>/edit/", units.unit_edit, name="unit-edit"),
    path("units/<uuid:pk>/merge/", units.unit_merge, name="unit-merge"),
    path("units/<uuid:pk>/split/", units.unit_split, name="unit-split"),
    path("units/<uuid:pk>/close/", units.unit_close, name="unit-close"),
    path("units/<uuid:pk>/reopen/", units.unit_reopen, name="unit-reopen"),
    path("postings/<uuid:pk>/end/", people.posting_end, name="posting-end"),
    path("people/<uuid:pk>/", people.user_detail, name="detail"),
    path("people/<uuid:pk>/edit/", people.user_edit, name="edit"),
    path("people/<uuid:pk>/leave/", people.user_leave, name="leave"),
    path("people/<uuid:pk>/deactivate/", people.user_deactivate, name="deactivate"),
    path("people/<uuid:pk>/reactivate/", people.user_reactivate, name="reactivate"),
    path("people/<uuid:pk>/reset-password/", people.user_reset_password, name="reset-password"),
    path("people/<uuid:pk>/postings/new/", people.posting_new, name="posting-new"),
    path("people/<uuid:pk>/stand-ins/new/", people.stand_in_new, name="stand-in-new"),
    path("stand-ins/<uuid:pk>/end/", people.stand_in_end, name="stand-in-end"),
]
