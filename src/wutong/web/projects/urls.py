"""Addresses of the room projects."""

from django.urls import path

from wutong.web.projects.views import acting, confidential, funds, overview, projects, rates
from wutong.web.projects.views.verbs import NODE_VERBS, VERBS

app_name = "projects"
urlpatterns = [
    path("", overview.project_list, name="list"),
    path("export/", overview.project_export, name="export"),
    path("mine/", overview.my_projects, name="mine"),
    path("mine/export/", overview.my_projects_export, name="mine-export"),
    path("board/", overview.project_board, name="board"),
    path("calendar/", overview.project_calendar, name="calendar"),
    path("open/<uuid:pk>/", acting.open_project, name="open"),
    path("<uuid:pk>/", projects.project, name="project"),
    *(path(f"<uuid:pk>/{code}/", acting.verb, {"code": code}, name=f"do-{code}") for code in VERBS),
    path("<uuid:pk>/hand-in/", acting.hand_in, name="hand-in"),
    path("<uuid:pk>/confidential/", confidential.confidential, name="confidential"),
    path("<uuid:pk>/know/", confidential.let_know, name="let-know"),
    path("<uuid:pk>/forget/<uuid:named>/", confidential.let_forget, name="let-forget"),
    *(path(f"nodes/<uuid:pk>/{code}/", acting.node_verb, {"code": code}, name=f"node-{code}") for code in NODE_VERBS),
    path("evidence/<uuid:pk>/withdraw/", acting.withdraw_evidence, name="withdraw-evidence"),
    path("<uuid:pk>/funds/", funds.funds_of, name="funds-of"),
    path("<uuid:pk>/funds/enter/", funds.enter, name="funds-enter"),
    path("<uuid:pk>/funds/standing/", funds.standing, name="funds-standing"),
    path("funds/", funds.ledger, name="funds"),
    path("funds/export/", funds.ledger_export, name="funds-export"),
    path("funds/<uuid:pk>/hand-in/", funds.hand_in, name="funds-hand-in"),
    path("funds/<uuid:pk>/reverse/", funds.reverse, name="funds-reverse"),
    path("funds/review/", funds.review, name="funds-review"),
    path("funds/months/", funds.months, name="funds-months"),
    path("funds/months/export/", funds.months_export, name="funds-months-export"),
    path("funds/foreign/", funds.foreign, name="funds-foreign"),
    path("funds/exchange-rates/", funds.exchange_rates, name="exchange-rates"),
    path("rates/", rates.three_rates, name="rates"),
    path("rates/projects/", rates.behind, name="rates-behind"),
    path("rates/export/", rates.rates_export, name="rates-export"),
    path("of-lead/<uuid:pk>/", projects.of_lead, name="of-lead"),
    path("of-firm/<str:firm_id>/", projects.of_firm, name="of-firm"),
    path("of-person/<uuid:pk>/", projects.of_person, name="of-person"),
]
