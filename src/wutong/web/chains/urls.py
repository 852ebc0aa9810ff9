"""Addresses of the room chains."""

from django.urls import path

from wutong.web.chains import views

app_name = "chains"
urlpatterns = [
    path("", views.chain_list, name="list"),
    path("of-firm/<str:firm_id>/", views.of_firm, name="of-firm"),
    path("<slug:chain_id>/", views.detail, name="detail"),
    path("<slug:chain_id>/export/", views.export, name="export"),
    path("<slug:chain_id>/targets/", views.target_list, name="targets"),
    path("<slug:chain_id>/targets/export/", views.targets_export, name="targets-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/", views.segment, name="segment"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/", views.maker_list, name="makers"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/export/", views.makers_export, name="makers-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/", views.explain_any, name="explain-any"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/<str:firm_id>/", views.explain, name="explain"),
]
