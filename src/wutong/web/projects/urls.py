"""Addresses of the room projects."""

from django.urls import path

from wutong.web.projects.views import projects

app_name = "projects"
urlpatterns = [
    path("<uuid:pk>/", projects.project, name="project"),
    path("of-lead/<uuid:pk>/", projects.of_lead, name="of-lead"),
    path("of-firm/<str:firm_id>/", projects.of_firm, name="of-firm"),
    path("of-person/<uuid:pk>/", projects.of_person, name="of-person"),
]
