"""Lists of dispatch: meetings, decisions and how they stand, task forces with the major projects that lack one; minutes as files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, exchange, htmx, lists, papers, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import telling
from wutong.web.projects.forms import dispatch as forms
from wutong.web.projects.models import DispatchDecision, DispatchMeeting, TaskForce
from wutong.web.projects.queries import forces, meetings, minutes
from wutong.web.projects.views.answers import noted
from wutong.web.projects.views.dispatch import meeting_of

MEETINGS = (
    lists.Column("title", pgettext_lazy("dispatch meeting", "Title"), ("title",)),
    lists.Column("done", gettext_lazy("Decisions done"), (), "number"),
    lists.Column("held", pgettext_lazy("dispatch meeting", "Held on"), ("held_on",), "date"),
    lists.Column("items", gettext_lazy("Items"), (), "number"),
    lists.Column("late", gettext_lazy("Decisions late"), (), "number"),
    lists.Column("state", pgettext_lazy("dispatch meeting", "State"), ("state",)),
    lists.Column("series", pgettext_lazy("dispatch meeting", "Series"), ("series",)),
    lists.Column("unit", pgettext_lazy("dispatch meeting", "Unit"), ("unit__path",)),
    lists.Column("chair", pgettext_lazy("dispatch meeting", "Chair"), ("chair__display_name",)),
)
DECISIONS = (
    lists.Column("text", pgettext_lazy("dispatch meeting", "Decision"), ("text",)),
    lists.Column("state", pgettext_lazy("decision of a meeting", "State")),
    lists.Column("due", pgettext_lazy("dispatch meeting", "Due on"), ("due_on",), "date"),
    lists.Column("owner", pgettext_lazy("dispatch meeting", "Who carries it out"), ("owner__display_name",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("about", gettext_lazy("About")),
    lists.Column("meeting", pgettext_lazy("column", "Meeting"), ("item__meeting__held_on",)),
)
FORCES = (
    lists.Column("project", pgettext_lazy("column", "Project"), ("project__name_zh",)),
    lists.Column("leader", pgettext_lazy("task force", "Leader")),
    lists.Column("total", gettext_lazy("Total investment (10,000 yuan)"), ("project__total_yuan",), "number"),
    lists.Column("members", pgettext_lazy("task force", "Members"), (), "number"),
    lists.Column("since", pgettext_lazy("task force", "Formed on"), ("since_on",), "date"),
    lists.Column("unit", gettext_lazy("Host unit"), ("project__unit__path",)),
)

MINUTES = "minutes"


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    may = request.user.may
    return {"may_export": may(Permission.PROJECTS_EXPORT), "may_edit": may(Permission.PROJECTS_EDIT), **more}


# --- meetings ---------------------------------------------------------------------------------------------------------------------------
def found_meetings(user: Any, query: Any) -> Any:
    """The meetings that a query string asks for, the last first."""
    form = forms.MeetingFilter(query, user=user)
    return meetings.matching(DispatchMeeting.objects.visible_to(user), **form.given()).order_by("-held_on", "-pk")


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Meetings that a person may see, the last first."""
    form, on, user = forms.MeetingFilter(request.GET, user=request.user), access.today(), request.user
    listing = lists.of_queryset(
        request.GET, found_meetings(user, request.GET), columns=MEETINGS, default="-held", form=form,
        read=lambda keys: meetings.rows(keys, user, on),
    )  # fmt: skip
    return htmx.render(request, "projects/meetings.html", "projects/_meetings.html", _frame(request, form=form, list=listing))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def meeting_export(request: HttpRequest) -> HttpResponse:
    """The filtered meetings as a spreadsheet."""
    later = spreadsheets.later(request, "projects.meetings", found_meetings(request.user, request.GET).count())
    return later or noted(request, "meetings", exchange.at_once(request, "projects.meetings"))


# --- decisions --------------------------------------------------------------------------------------------------------------------------
def found_decisions(user: Any, query: Any) -> Any:
    """The decisions that a query string asks for, what is due first at the top."""
    given = forms.DecisionFilter(query, user=user).given()
    is_own = given.pop("whose", "") != "all"
    return meetings.decisions(user, is_own=is_own, on=access.today(), **given).order_by("due_on", "pk")


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def decision_list(request: HttpRequest) -> HttpResponse:
    """The decisions that a person carries out, or all that he may see."""
    form, on, user = forms.DecisionFilter(request.GET, user=request.user), access.today(), request.user
    whole = DispatchDecision.objects.select_related("item__project", "item__meeting", "owner", "unit", "duty")

    def read(keys: list[int]) -> Any:
        rows = whole.in_bulk(keys)
        return meetings.decision_lines([rows[key] for key in keys if key in rows], on)

    listing = lists.of_queryset(request.GET, found_decisions(user, request.GET), columns=DECISIONS, default="due", form=form, read=read)
    return htmx.render(request, "projects/decisions.html", "projects/_decisions.html", _frame(request, form=form, list=listing))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def decision_export(request: HttpRequest) -> HttpResponse:
    """The filtered decisions as a spreadsheet."""
    later = spreadsheets.later(request, "projects.decisions", found_decisions(request.user, request.GET).count())
    return later or noted(request, "decisions", exchange.at_once(request, "projects.decisions"))


# --- task forces ------------------------------------------------------------------------------------------------------------------------
def found_forces(user: Any, query: Any) -> Any:
    """The task forces that a query string asks for, the last formed first."""
    given = forms.ForceFilter(query, user=user).given()
    return forces.matching(TaskForce.objects.visible_to(user), user, **given).order_by("-since_on", "-pk")


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def force_list(request: HttpRequest) -> HttpResponse:
    """Task forces that a person may see, and the major projects that lack one."""
    form, on, user = forms.ForceFilter(request.GET, user=request.user), access.today(), request.user

    def read(keys: list[int]) -> Any:
        rows = {one.force.pk: one for one in forces.shown(TaskForce.objects.filter(pk__in=keys))}
        return [rows[key] for key in keys if key in rows]

    listing = lists.of_queryset(request.GET, found_forces(user, request.GET), columns=FORCES, default="-since", form=form, read=read)
    more = {"lacking": forces.lacking(user, on=on)[: lists.PAGE_SIZE], "from_yuan": forces.from_yuan(on)}
    return htmx.render(request, "projects/forces.html", "projects/_forces.html", _frame(request, form=form, list=listing, **more))


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def force_export(request: HttpRequest) -> HttpResponse:
    """The filtered task forces as a spreadsheet, a line a member."""
    later = spreadsheets.later(request, "projects.forces", found_forces(request.user, request.GET).count())
    return later or noted(request, "forces", exchange.at_once(request, "projects.forces"))


# --- minutes ----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def minutes_file(request: HttpRequest, pk: object, form: papers.Form) -> HttpResponse:
    """The minutes as Word or PDF, with the items that the reader may see; that they left the house is written down."""
    found, at = meeting_of(request, pk), timezone.now()
    page = meetings.page(found, request.user, access.today())
    try:
        response = papers.download(minutes.paper(page), form, at=at)
    except papers.NoChineseFont:
        messages.error(request, _("This server has no Chinese font, so no PDF can be set: take the Word file."))
        return redirect("projects:meeting", pk)
    telling.note_export(what=MINUTES, by=request.user, at=at, filters={"meeting": str(found)}, rows=len(page.items))
    return response
