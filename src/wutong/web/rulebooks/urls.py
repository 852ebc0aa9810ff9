"""Addresses of the room rulebooks."""

from django.urls import path

from wutong.web.rulebooks.views import drafts, standing, trials, versions

app_name = "rulebooks"
urlpatterns = [
    path("", standing.rule_list, name="list"),
    path("export/", standing.export, name="export"),
    path("leaves/<str:name>/", standing.leaf, name="leaf"),
    path("drafts/<uuid:pk>/", drafts.draft, name="draft"),
    path("drafts/<uuid:pk>/value/", drafts.set_value, name="set-value"),
    path("drafts/<uuid:pk>/drop/", drafts.drop_leaf, name="drop-leaf"),
    path("drafts/<uuid:pk>/day/", drafts.set_day, name="set-day"),
    path("drafts/<uuid:pk>/text/", drafts.rewrite, name="rewrite"),
    path("drafts/<uuid:pk>/check/", drafts.check, name="check"),
    path("drafts/<uuid:pk>/undo/", drafts.undo, name="undo"),
    path("drafts/<uuid:pk>/redo/", drafts.redo, name="redo"),
    path("drafts/<uuid:pk>/submit/", drafts.submit, name="submit"),
    path("drafts/<uuid:pk>/approve/", drafts.approve, name="approve"),
    path("drafts/<uuid:pk>/send-back/", drafts.send_back, name="send-back"),
    path("drafts/<uuid:pk>/withdraw/", drafts.withdraw, name="withdraw"),
    path("drafts/<uuid:pk>/revoke/", drafts.revoke, name="revoke"),
    path("drafts/<uuid:pk>/print/", versions.printed, name="print"),
    path("drafts/<uuid:pk>/trials/start/", trials.ask, name="try"),
    path("trials/<uuid:pk>/", trials.detail, name="trial"),
    path("<slug:kind>/versions/", versions.version_list, name="versions"),
    path("<slug:kind>/versions/begin/", drafts.begin, name="begin"),
    path("<slug:kind>/versions/compare/", versions.compare, name="compare"),
    path("<slug:kind>/versions/<int:number>/download.<slug:ending>", versions.download, name="download"),
    path("<slug:kind>/import/", versions.upload, name="upload"),
]
