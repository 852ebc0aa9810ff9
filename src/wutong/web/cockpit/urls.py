"""Addresses of the room cockpit."""

from django.urls import path

from wutong.web.cockpit import views

app_name = "cockpit"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("help/", views.guide, name="guide"),
    path("help/<slug:name>/", views.guide, name="guide-of"),
    path("cockpit/", views.home, name="home"),
    path("cockpit/leaders/", views.leaders, name="leaders"),
]
