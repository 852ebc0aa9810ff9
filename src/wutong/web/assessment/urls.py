"""Addresses of the room assessment."""

from django.urls import path

from wutong.web.assessment.views import objections, runs, schemes, versions

app_name = "assessment"
urlpatterns = [
    path("", schemes.scheme_list, name="list"),
    path("new/", schemes.scheme_new, name="new"),
    path("schemes/<uuid:pk>/", schemes.scheme, name="scheme"),
    path("schemes/<uuid:pk>/units/", schemes.members, name="members"),
    path("schemes/<uuid:pk>/begin/", versions.begin, name="begin"),
    path("schemes/<uuid:pk>/figures/", schemes.figures, name="figures"),
    path("schemes/<uuid:pk>/figures/new/", schemes.figure_new, name="figure-new"),
    path("schemes/<uuid:pk>/runs/new/", runs.run_new, name="run-new"),
    path("figures/<uuid:pk>/", schemes.figure, name="figure"),
    path("versions/<uuid:pk>/", versions.version, name="version"),
    path("versions/<uuid:pk>/rewrite/", versions.rewrite, name="rewrite"),
    path("versions/<uuid:pk>/check/", versions.check, name="check"),
    path("versions/<uuid:pk>/undo/", versions.undo, name="undo"),
    path("versions/<uuid:pk>/redo/", versions.redo, name="redo"),
    path("versions/<uuid:pk>/submit/", versions.submit, name="submit"),
    path("versions/<uuid:pk>/approve/", versions.approve, name="version-approve"),
    path("versions/<uuid:pk>/send-back/", versions.send_back, name="version-send-back"),
    path("versions/<uuid:pk>/withdraw/", versions.withdraw, name="version-withdraw"),
    path("versions/<uuid:pk>/text/", versions.text, name="text"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<uuid:pk>/", runs.run, name="run"),
    path("runs/<uuid:pk>/export/", runs.export, name="export"),
    path("runs/<uuid:pk>/compare/", runs.compare, name="compare"),
    path("runs/<uuid:pk>/again/", runs.again, name="again"),
    path("runs/<uuid:pk>/freeze/", runs.freeze, name="freeze"),
    path("runs/<uuid:pk>/approve/", runs.approve, name="approve"),
    path("runs/<uuid:pk>/publish/", runs.publish, name="publish"),
    path("runs/<uuid:pk>/send-back/", runs.send_back, name="send-back"),
    path("runs/<uuid:pk>/withdraw/", runs.withdraw, name="withdraw"),
    path("runs/<uuid:pk>/units/<uuid:unit>/", runs.unit, name="unit"),
    path("runs/<uuid:pk>/units/<uuid:unit>/next/", runs.next_place, name="next"),
    path("runs/<uuid:pk>/units/<uuid:unit>/object/", objections.file, name="object"),
    path("objections/", objections.objection_list, name="objections"),
    path("objections/<uuid:pk>/", objections.objection, name="objection"),
    path("objections/<uuid:pk>/decide/", objections.decide, name="decide"),
]
