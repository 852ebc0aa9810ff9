"""Addresses of the room outreach."""

from django.urls import path

from wutong.web.outreach import views

app_name = "outreach"
urlpatterns = [
    path("", views.trip_list, name="list"),
    path("export/", views.trip_export, name="export"),
    path("new/", views.trip_new, name="new"),
    path("days/", views.days_away, name="days"),
    path("days/export/", views.days_export, name="days-export"),
    path("of-firm/<str:firm_id>/", views.of_firm, name="of-firm"),
    path("of-lead/<uuid:pk>/", views.of_lead, name="of-lead"),
    path("<uuid:pk>/", views.trip, name="trip"),
    path("<uuid:pk>/edit/", views.trip_edit, name="edit"),
    path("<uuid:pk>/withdraw/", views.trip_withdraw, name="withdraw"),
]
