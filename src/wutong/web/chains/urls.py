"""Addresses of the room chains."""

from django.urls import path

from wutong.web.chains.views import catalogues, comparison, makers, maps, sources, supply, targets

app_name = "chains"
urlpatterns = [
    path("", maps.chain_list, name="list"),
    path("of-firm/<str:firm_id>/", makers.of_firm, name="of-firm"),
    path("catalogues/", catalogues.edition_list, name="catalogues"),
    path("catalogues/of-firm/<str:firm_id>/", catalogues.of_firm, name="catalogues-of-firm"),
    path("catalogues/<slug:edition_id>/", catalogues.edition, name="catalogue"),
    path("catalogues/<slug:edition_id>/export/", catalogues.export, name="catalogue-export"),
    path("catalogues/<slug:edition_id>/<path:number>/decide/", catalogues.decide, name="catalogue-decide"),
    path("<slug:chain_id>/", maps.detail, name="detail"),
    path("<slug:chain_id>/export/", maps.export, name="export"),
    path("<slug:chain_id>/targets/", targets.target_list, name="targets"),
    path("<slug:chain_id>/targets/portfolio/", targets.portfolio, name="portfolio"),
    path("<slug:chain_id>/targets/export/", targets.targets_export, name="targets-export"),
    path("<slug:chain_id>/supply/", supply.circle, name="supply"),
    path("<slug:chain_id>/supply/export/", supply.export, name="supply-export"),
    path("<slug:chain_id>/supply/firms/", supply.firm_list, name="supply-firms"),
    path("<slug:chain_id>/supply/firms/export/", supply.firms_export, name="supply-firms-export"),
    path("<slug:chain_id>/compare/", comparison.compare, name="compare"),
    path("<slug:chain_id>/compare/export/", comparison.export, name="compare-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/", maps.segment, name="segment"),
    path("<slug:chain_id>/segments/<slug:segment_id>/sources/", sources.ranked, name="sources"),
    path("<slug:chain_id>/segments/<slug:segment_id>/sources/export/", sources.export, name="sources-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/", makers.maker_list, name="makers"),
    path("<slug:chain_id>/segments/<slug:segment_id>/makers/export/", makers.makers_export, name="makers-export"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/", targets.explain_any, name="explain-any"),
    path("<slug:chain_id>/segments/<slug:segment_id>/explain/<str:firm_id>/", targets.explain, name="explain"),
]
