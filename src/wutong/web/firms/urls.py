"""Addresses of the room firms."""

from django.urls import path

from wutong.web.firms import views

app_name = "firms"
urlpatterns = [
    path("", views.firm_list, name="list"),
    path("export/", views.export, name="export"),
    path("regions/", views.region_options, name="regions"),
    path("followed/", views.followed, name="followed"),
    path("<str:firm_id>/", views.detail, name="detail"),
    path("<str:firm_id>/follow/", views.follow, name="follow"),
    path("<str:firm_id>/unfollow/", views.unfollow, name="unfollow"),
]
