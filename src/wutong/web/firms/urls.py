"""Addresses of the room firms."""

from django.urls import path

from wutong.web.firms.views import exports, merging
from wutong.web.firms.views import firms as views

app_name = "firms"
urlpatterns = [
    path("", views.firm_list, name="list"),
    path("export/", views.export, name="export"),
    path("names/", views.name_options, name="names"),
    path("regions/", views.region_options, name="regions"),
    path("followed/", views.followed, name="followed"),
    path("compare/", views.compare, name="compare"),
    path("compare/export/", exports.compare_export, name="compare-export"),
    path("people/<uuid:pk>/", views.person, name="person"),
    path("people/<uuid:pk>/reveal/", views.person_reveal, name="person-reveal"),
    path("people/<uuid:pk>/edit/", views.person_edit, name="person-edit"),
    path("people/<uuid:pk>/erase/", views.person_erase, name="person-erase"),
    path("names/<uuid:pk>/drop/", views.name_drop, name="name-drop"),
    path("relations/<uuid:pk>/drop/", views.relation_drop, name="relation-drop"),
    path("figures/<uuid:pk>/drop/", views.figure_drop, name="figure-drop"),
    path("tags/", views.tag_list, name="tags"),
    path("tags/export/", exports.tags_export, name="tags-export"),
    path("tags/lists/export/", exports.lists_export, name="lists-export"),
    path("tags/review/", views.review, name="review"),
    path("tags/review/export/", exports.review_export, name="review-export"),
    path("tags/review/<uuid:pk>/decide/", views.decide, name="decide"),
    path("tags/review/<uuid:pk>/reopen/", views.reopen, name="reopen"),
    path("tags/lists/<uuid:pk>/", views.list_detail, name="tag-list"),
    path("tags/lists/<uuid:pk>/export/", views.list_export, name="tag-list-export"),
    path("tags/lists/<uuid:pk>/revoke/", views.list_revoke, name="tag-list-revoke"),
    path("tags/lists/<uuid:pk>/restore/", views.list_restore, name="tag-list-restore"),
    path("merging/", merging.suspect_list, name="suspects"),
    path("merging/apart/", merging.keep_apart, name="keep-apart"),
    path("mergers/", merging.merger_list, name="mergers"),
    path("merging/export/", exports.suspects_export, name="suspects-export"),
    path("mergers/export/", exports.mergers_export, name="mergers-export"),
    path("mergers/<uuid:pk>/", merging.merger_detail, name="merger"),
    path("mergers/<uuid:pk>/approve/", merging.merger_approve, name="merger-approve"),
    path("mergers/<uuid:pk>/send-back/", merging.merger_send_back, name="merger-send-back"),
    path("mergers/<uuid:pk>/undo/", merging.merger_undo, name="merger-undo"),
    path("<str:firm_id>/", views.detail, name="detail"),
    path("<str:firm_id>/merge/", merging.merge, name="merge"),
    path("<str:firm_id>/follow/", views.follow, name="follow"),
    path("<str:firm_id>/unfollow/", views.unfollow, name="unfollow"),
    path("<str:firm_id>/names/new/", views.name_new, name="name-new"),
    path("<str:firm_id>/relations/new/", views.relation_new, name="relation-new"),
    path("<str:firm_id>/figures/", views.figures, name="figures"),
    path("<str:firm_id>/figures/new/", views.figure_new, name="figure-new"),
    path("<str:firm_id>/people/new/", views.person_new, name="person-new"),
]
