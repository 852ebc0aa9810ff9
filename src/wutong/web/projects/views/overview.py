"""Projects as lists: every project that one may see, one's own, by stage on a board, by month in a calendar, by place on a map."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Spot
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.projects.forms import overview as forms
from wutong.web.projects.models import Project
from wutong.web.projects.queries import forces, lifecycles, overview, places, register
from wutong.web.projects.queries import unit_map as by_unit
from wutong.web.projects.views.answers import noted

COLUMNS = (
    listings.Column("name", pgettext_lazy("column", "Project"), ("name_zh",)),
    listings.Column("total", gettext_lazy("Total investment (10,000 yuan)"), ("total_yuan",), "number"),
    listings.Column("stage", pgettext_lazy("project", "Stage"), ("stage_no",)),
    listings.Column("since", gettext_lazy("In the stage since"), ("stage_since",), "date"),
    listings.Column("light", pgettext_lazy("light", "Light")),
    listings.Column("due", gettext_lazy("Next due"), ("next_due_on",), "date"),
    listings.Column("unit", gettext_lazy("Host unit"), ("unit__path",)),
    listings.Column("owner", pgettext_lazy("project", "Owner"), ("owner__display_name",)),
    listings.Column("kind", gettext_lazy("Kind of project"), ("kind",)),
    listings.Column("opened", pgettext_lazy("project", "Opened on"), ("opened_at",), "date"),
)


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What every page of projects shows beside its rows."""
    may = request.user.may
    return {
        "may_export": may(Permission.PROJECTS_EXPORT), "may_edit": may(Permission.PROJECTS_EDIT),
        "yellow_days": lifecycles.yellow_days(access.today()), **more,
    }  # fmt: skip


def _listing(request: HttpRequest, found: Any, form: Any, default: str) -> listings.Listing:
    on, user = access.today(), request.user
    return listings.of_queryset(
        request.GET, overview.ordered(found, request.GET.get("sort", default)), columns=COLUMNS, default=default, form=form,
        read=lambda keys: overview.in_their_order(keys, user, on=on),
    )  # fmt: skip


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project that a person may see, the newest first."""
    form = forms.ProjectFilter(request.GET, user=request.user)
    found = form.filtered(Project.objects.visible_to(request.user), on=access.today())
    listing = _listing(request, found, form, "-opened")
    return htmx.render(request, "projects/list.html", "projects/_table.html", _frame(request, form=form, list=listing))


def all_projects(user: Any, query: Any) -> Any:
    """The projects that a query string asks for, as a person may see them, the newest first."""
    form = forms.ProjectFilter(query, user=user)
    return form.filtered(Project.objects.visible_to(user), on=access.today()).order_by("-opened_at", "-pk")


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def project_export(request: HttpRequest) -> HttpResponse:
    """The filtered projects as a spreadsheet."""
    later = spreadsheets.later(request, "projects.projects", all_projects(request.user, request.GET).count())
    return later or noted(request, "projects", exchange.at_once(request, "projects.projects"))


# --- one's own --------------------------------------------------------------------------------------------------------------------------
def _mine(user: Any, query: Any) -> tuple[Any, Any]:
    """The filter of one's own projects, and those of them that match."""
    form = forms.MyProjectFilter(query, user=user)
    return form, form.filtered(Project.objects.visible_to(user), on=access.today(), which="mine")


@require_GET
@require_permission(Permission.PROJECTS_EDIT)
def my_projects(request: HttpRequest) -> HttpResponse:
    """The projects that the person answers for or owes something of, what is due first at the top."""
    form, found = _mine(request.user, request.GET)
    context = _frame(request, form=form, list=_listing(request, found, form, "due"), is_mine=True, forces=forces.of_person(request.user))
    return htmx.render(request, "projects/mine.html", "projects/_table.html", context)


def my_found(user: Any, query: Any) -> Any:
    """The projects of one's own that a query string asks for."""
    return register.in_order(_mine(user, query)[1]).order_by("next_due_on", "pk")


@require_GET
@require_permission(Permission.PROJECTS_EDIT)
@require_permission(Permission.PROJECTS_EXPORT)
def my_projects_export(request: HttpRequest) -> HttpResponse:
    """One's own projects as a spreadsheet."""
    later = spreadsheets.later(request, "projects.mine", my_found(request.user, request.GET).count())
    return later or noted(request, "mine", exchange.at_once(request, "projects.mine"))


# --- by stage, by month -----------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project_board(request: HttpRequest) -> HttpResponse:
    """Projects by stage, those whose next day comes first at the top."""
    on = access.today()
    form = forms.BoardFilter(request.GET, user=request.user)
    found = form.filtered(Project.objects.visible_to(request.user), on=on)
    columns = [(code, lifecycles.stage_name(code), n, rows) for code, n, rows in register.board(found, request.user, on=on)]
    query = listings.query_with(request.GET, sort=None)
    context = _frame(request, form=form, columns=columns, chips=listings.chips(form, request.GET), query=query)
    return htmx.render(request, "projects/board.html", "projects/_board.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project_calendar(request: HttpRequest) -> HttpResponse:
    """What is due and planned in a month."""
    on = access.today()
    form = forms.CalendarFilter(request.GET, user=request.user)
    found = form.filtered(Project.objects.visible_to(request.user), on=on)
    month = overview.month(found, overview.first_of(request.GET.get("month", ""), on), on=on)
    context = _frame(request, form=form, month=month, today=on, chips=listings.chips(form, request.GET))
    return htmx.render(request, "projects/calendar.html", "projects/_calendar.html", context)


# --- by place ---------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def project_map(request: HttpRequest) -> HttpResponse:
    """Where projects are built and how many of them are late; each place opens its projects."""
    form = forms.MapFilter(request.GET, user=request.user)
    lines = places.by_place(form.filtered(Project.objects.visible_to(request.user), on=access.today()), on=access.today())
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    placed = tuple((line, f"{reverse('projects:list')}?{urlencode({**asked, 'place': line.adcode})}") for line in lines)
    spots = [
        Spot(line.lon, line.lat, line.name, line.projects, address, "is-zone" if line.late else "")
        for line, address in placed if line.lon is not None and line.lat is not None
    ]  # fmt: skip
    context = _frame(
        request, form=form, lines=placed, drawing=drawings.field(spots, None), chips=listings.chips(form, request.GET),
        projects=sum(line.projects for line in lines), late=sum(line.late for line in lines),
    )  # fmt: skip
    return htmx.render(request, "projects/map.html", "projects/_map.html", context)


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def unit_map(request: HttpRequest) -> HttpResponse:
    """How many projects each unit hosts, on a map: a part of the page of leaders, read after it."""
    context = {"map": by_unit.of_units(request.user, on=access.today())}
    return htmx.render(request, "projects/unit_map.html", "projects/_unit_map.html", context)
