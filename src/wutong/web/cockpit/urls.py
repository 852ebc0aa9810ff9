"""Addresses of the room cockpit."""

from django.urls import path

from wutong.web.cockpit import views

app_name = "cockpit"
urlpatterns = [
    path("", views.search, name="search"),
]
