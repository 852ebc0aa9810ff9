"""Progress over many projects: reports to be written, what was reported in a month, alarms."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.projects.forms import progress as forms
from wutong.web.projects.models import Project
from wutong.web.projects.queries import alarms, months_reported, reports
from wutong.web.projects.views.answers import noted

DUE_COLUMNS = (
    listings.Column("project", pgettext_lazy("column", "Project"), ("name_zh",)),
    listings.Column("invested", gettext_lazy("Invested to date (10,000 yuan)"), (), "number"),
    listings.Column("state", pgettext_lazy("reports", "State")),
    listings.Column("last", gettext_lazy("Last report")),
    listings.Column("unit", gettext_lazy("Host unit"), ("unit__path",)),
    listings.Column("owner", pgettext_lazy("project", "Owner"), ("owner__display_name",)),
    listings.Column("do", pgettext_lazy("column", "Actions")),
)
COLUMNS = (
    listings.Column("project", pgettext_lazy("column", "Project"), ("project__name_zh",)),
    listings.Column("invested", gettext_lazy("Invested to date (10,000 yuan)"), ("invested_yuan",), "number"),
    listings.Column("planned", gettext_lazy("Planned to date (10,000 yuan)"), (), "number"),
    listings.Column("share", gettext_lazy("Of the plan"), (), "number"),
    listings.Column("said", gettext_lazy("Visible progress, problems")),
    listings.Column("photos", gettext_lazy("Photographs"), (), "number"),
    listings.Column("unit", gettext_lazy("Host unit"), ("project__unit__path",)),
    listings.Column("at", gettext_lazy("Reported"), ("at",), "date"),
)
ALARM_COLUMNS = (
    listings.Column("project", pgettext_lazy("column", "Project"), ("called",)),
    listings.Column("words", gettext_lazy("What is wrong"), ("weight",)),
    listings.Column("alarm", pgettext_lazy("progress", "Alarm"), ("warned.alarm",)),
    listings.Column("unit", gettext_lazy("Host unit"), ("unit_path",)),
    listings.Column("owner", pgettext_lazy("project", "Owner")),
)


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    may = request.user.may
    return {"may_export": may(Permission.PROJECTS_EXPORT), "may_edit": may(Permission.PROJECTS_EDIT), **more}


# --- to be written ----------------------------------------------------------------------------------------------------------------------
def _seen(user: Any, form: Any) -> Any:
    """The projects that a filter speaks of."""
    found, unit = Project.objects.visible_to(user), form.given("unit")
    return found.filter(unit__path__startswith=unit.path) if unit else found


def is_mine(user: Any, form: Any) -> bool:
    """Whether only one's own are shown: as long as nothing else is asked for, to somebody who answers for a project."""
    asks_more = form.given("whose") == "all" or form.given("unit")
    return not asks_more and Project.objects.filter(owner=user).exists()


def _due(user: Any, form: Any) -> Any:
    """The projects whose report of the month is wanted, of those that a filter speaks of."""
    found, month = _seen(user, form), form.chosen()
    mine = (
        found if form.given("whose") == "all" or form.given("unit") or not user.may(Permission.PROJECTS_EDIT) else found.filter(owner=user)
    )
    return reports.expected(mine, month) if form.given("state") == "all" else reports.silent(mine, month)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def reports_due(request: HttpRequest) -> HttpResponse:
    """The reports of a month that are to be written, one's own first, and which units have not reported."""
    user, on = request.user, access.today()
    form = forms.DueFilter(request.GET, user=user, on=on)
    month = form.chosen()
    listing = listings.of_queryset(
        request.GET, _due(user, form), columns=DUE_COLUMNS, default="unit", form=form,
        read=lambda keys: reports.due(keys, user, month, on),
    )  # fmt: skip
    context = _frame(
        request, form=form, list=listing, month=month, units=reports.by_unit(_seen(user, form), month), today=on,
        due_on=reports.due_day(month, on), is_mine=is_mine(user, form),
    )  # fmt: skip
    return htmx.render(request, "projects/progress_due.html", "projects/_progress_due.html", context)


def due_of(user: Any, query: Any) -> tuple[Any, dt.date]:
    """The projects whose report is wanted that a query string asks for, and the month."""
    form = forms.DueFilter(query, user=user, on=access.today())
    return _due(user, form).order_by("unit__path", "pk"), form.chosen()


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def reports_due_export(request: HttpRequest) -> HttpResponse:
    """The reports that are to be written as a spreadsheet."""
    later = spreadsheets.later(request, "projects.reports_due", due_of(request.user, request.GET)[0].count())
    return later or noted(request, "reports_due", exchange.at_once(request, "projects.reports_due"))


# --- what was reported ------------------------------------------------------------------------------------------------------------------
def reports_of(user: Any, query: Any) -> Any:
    """The reports that a query string asks for, those of a project by month."""
    form = forms.ReportFilter(query, user=user, on=access.today())
    return months_reported.found(user, form).order_by("project__unit__path", "project", "month", "pk")


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def report_list(request: HttpRequest) -> HttpResponse:
    """Every report of a month that one may see."""
    user, on = request.user, access.today()
    form = forms.ReportFilter(request.GET, user=user, on=on)
    listing = listings.of_queryset(
        request.GET, months_reported.found(user, form), columns=COLUMNS, default="unit", form=form,
        read=lambda keys: reports.shown(keys, on),
    )  # fmt: skip
    context = _frame(request, form=form, list=listing, month=form.chosen())
    return htmx.render(request, "projects/progress_list.html", "projects/_progress_list.html", context)


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def report_export(request: HttpRequest) -> HttpResponse:
    """The reports as a spreadsheet; of one project, every month of it."""
    later = spreadsheets.later(request, "projects.reports", reports_of(request.user, request.GET).count())
    return later or noted(request, "reports", exchange.at_once(request, "projects.reports"))


# --- alarms -----------------------------------------------------------------------------------------------------------------------------
def _alarms(user: Any, form: Any) -> list[alarms.Line]:
    """The alarms of the projects that a filter speaks of, of every kind."""
    found = _seen(user, form)
    return alarms.lines(found.filter(owner=user) if form.given("whose") == "mine" else found, access.today())


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def alarm_list(request: HttpRequest) -> HttpResponse:
    """What is wrong with the progress of projects, with the rule, its threshold and its source."""
    form, on = forms.AlarmFilter(request.GET, user=request.user), access.today()
    every = _alarms(request.user, form)
    chosen = alarms.of_kind(every, form.given("alarm"))
    listing = listings.of_sequence(request.GET, chosen, columns=ALARM_COLUMNS, default="-words", form=form, read=alarms.rows)
    may_rules = request.user.may(Permission.RULES_VIEW)
    context = _frame(request, form=form, list=listing, rules=alarms.explained(every, on), today=on, may_rules=may_rules)
    return htmx.render(request, "projects/alarms.html", "projects/_alarms.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def alarm_summary(request: HttpRequest) -> HttpResponse:
    """How many projects each alarm tells of: a part of the page of leaders, read after it."""
    on = access.today()
    context = {"rules": alarms.explained(alarms.lines(Project.objects.visible_to(request.user), on), on)}
    return htmx.render(request, "projects/alarms_summary.html", "projects/_alarms_summary.html", context)


def alarms_of(user: Any, query: Any) -> list[alarms.Row]:
    """The alarms that a query string asks for."""
    form = forms.AlarmFilter(query, user=user)
    return alarms.rows(alarms.of_kind(_alarms(user, form), form.given("alarm")))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def alarm_export(request: HttpRequest) -> HttpResponse:
    """The alarms as a spreadsheet."""
    return noted(request, "alarms", exchange.at_once(request, "projects.alarms"))
