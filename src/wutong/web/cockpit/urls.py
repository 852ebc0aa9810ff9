"""Addresses of the room cockpit."""

from django.urls import path

from wutong.web.cockpit import views

app_name = "cockpit"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("cockpit/", views.home, name="home"),
    path("cockpit/leaders/", views.leaders, name="leaders"),
]
