"""Addresses of the room chains."""

from django.urls import path

from wutong.web.chains.views import makers, maps, targets

app_name = "chains"
urlpatterns = [
    path("", maps.chain_list, name="list"),
    path("of-firm/<str:firm_id>/", makers.of_firm, name="of-firm"),
    path("<slug:chain_id>/", maps.detail, name="detail"),
    path("<slug:chain_id>/export/", maps.export, name="export"),
    path("<slug:chain_id>/targets/", targets.target_list, name="targets"),
    path("<slug:chain_id>/targets/portfolio/", targets.portfolio, name="portfolio"),
    path("<slug:chain_id>/targets/export/", targets.targets_export, name="targets-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/", maps.segment, name="segment"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/", makers.maker_list, name="makers"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/export/", makers.makers_export, name="makers-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/", targets.explain_any, name="explain-any"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/<str:firm_id>/", targets.explain, name="explain"),
]
