"""The progress of a project: its months, photographs and plan; a month reported from a phone, corrected, asked for, a problem passed on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import duties as journal
from wutong.web.lib import access, htmx, spreadsheets, uploads
from wutong.web.lib.access import require_permission
from wutong.web.projects import sheets
from wutong.web.projects.actions import asking, months, progress, telling
from wutong.web.projects.forms import progress as forms
from wutong.web.projects.models import ProgressReport, Project
from wutong.web.projects.queries import alarms, asked, curves, plans, reports
from wutong.web.projects.queries import progress as queries
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.stages import Status
from wutong.web.projects.views.answers import answered, get_or_post, project_of

PLAN_FILE = "plan"

PHOTOS_MB = 200
"""So much comes in one sending without script; with it each photograph comes by itself."""
PART = "X-Part"
"""The script sends a month in parts: its words, then each photograph; a part is answered without a page."""


class Asked:
    """What the page of a verb says."""

    def __init__(self, title: Any, button: Any, *, hint: Any = "", warning: Any = "") -> None:
        self.title, self.button, self.hint, self.warning = title, button, hint, warning
        self.has_file = True


REPORT = Asked(gettext_lazy("Report a month"), gettext_lazy("Report"))
CORRECT = Asked(
    gettext_lazy("Correct a month"), gettext_lazy("Correct"),
    hint=gettext_lazy("The earlier report and its photographs stay to be read, marked as corrected."),
)  # fmt: skip
PHOTOS = Asked(gettext_lazy("Add photographs"), gettext_lazy("Add"))
ASK = Asked(
    gettext_lazy("Ask for the report"), pgettext_lazy("report", "Ask"),
    hint=gettext_lazy("Whoever answers for the project gets a duty; the report itself closes it."),
)  # fmt: skip
COORDINATE = Asked(
    gettext_lazy("Put the problem to somebody"), gettext_lazy("Make it a duty"),
    hint=gettext_lazy("A department sees the project once a sub-node is given to it."),
)  # fmt: skip
PLAN = Asked(
    gettext_lazy("Investment plan"), gettext_lazy("Set the plan"),
    hint=gettext_lazy("What is to be invested from the beginning to the end of each month. A month may stay empty."),
)  # fmt: skip


NOT_SEEN = gettext_lazy("This person cannot see the project: give his unit a sub-node of it first.")


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action of progress; a refusal becomes words of the form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except progress.Refused as refused:
        said = queries.refusal_words(refused.refusals)
    except journal.Refused:
        said = [NOT_SEEN if "owner" in form.fields else _("The file could not be kept: its kind, size or name is not allowed.")]
    for text in said:
        form.add_error(None, text)
    return None


def _given(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _draw(request: HttpRequest, project: Project, form: Any, verb: Asked, *, code: str, page: str = "verb", **more: Any) -> HttpResponse:
    context = {"project": project, "form": form, "verb": verb, "code": code, "user_key": request.user.public_id, **more}  # type: ignore[union-attr]
    return render(request, f"projects/progress_{page}.html", context, status=422 if form.is_bound else 200)


def _to_progress(request: HttpRequest, project: Project, said: str, form: Any) -> HttpResponse:
    key = form.cleaned_data.get("key")
    messages.success(request, said, extra_tags=f"draft-{key}" if key else "")
    return redirect("projects:progress-of", project.public_id)


def _mine(request: HttpRequest, pk: object) -> Project:
    """A project of which the person may report."""
    project = project_of(request, pk)
    if not reports.may_report(project, request.user):
        raise PermissionDenied
    return project


# --- of a project -----------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def progress_of(request: HttpRequest, pk: object) -> HttpResponse:
    """Planned against actual, alarms, months and photographs of a project; a panel of its page and a page of its own."""
    project, on = project_of(request, pk), access.today()
    page = queries.of_project(request.user, project, on)
    may_report = reports.may_report(project, request.user)
    context = {
        "project": project, "page": page, "curve": curves.curve(page.curve), "photos": queries.by_day(page), "may_report": may_report,
        "may_ask": project.status == Status.ACTIVE and asked.may_ask(request.user, project),
        "may_export": request.user.may(Permission.PROJECTS_EXPORT),
        "is_whole": not htmx.wants_part(request), "warned": alarms.of_one(page.warned),
    }  # fmt: skip
    return htmx.render(request, "projects/progress_of.html", "projects/_progress_of.html", context)


# --- a month ----------------------------------------------------------------------------------------------------------------------------
@get_or_post
@uploads.takes(lambda: PHOTOS_MB, permission=Permission.PROJECTS_EDIT)
@require_permission(Permission.PROJECTS_EDIT)
@answered
def report(request: HttpRequest, pk: object) -> HttpResponse:
    """Report a month, made for a phone on a building site; what came already is not made twice."""
    project, on = _mine(request, pk), access.today()
    open_months = queries.open_months(project, on)
    wanted = forms.month_of(request.GET.get("month", ""))
    begun = {"month": f"{wanted if wanted in open_months else queries.first_of(open_months, on):%Y-%m}"}
    offered = queries.offered_months(on) if request.method == "POST" else open_months
    form = forms.ReportForm(*_given(request), project=project, user=request.user, on=on, months=offered, initial=begun)
    if request.method == "POST" and form.is_valid():
        return _hand_in(request, project, form) or _draw_month(request, project, form, REPORT, on=on)
    return _draw_month(request, project, form, REPORT, on=on)


def _draw_month(request: HttpRequest, project: Project, form: Any, verb: Asked, *, on: dt.date, code: str = "progress") -> HttpResponse:
    more = {"last": queries.last_report(project), "due_on": rules.due_on(rules.month_before(on), reports.within_days(on))}
    return _draw(request, project, form, verb, code=code, page="report", **more)


def _hand_in(request: HttpRequest, project: Project, form: Any) -> HttpResponse | None:
    """The month handed in, as a page or, of a part that the script sent, without one; None where it was refused."""
    made = attempt(request, form, months.hand_in, project=project, **form.values())
    if made is None:
        return None
    if request.headers.get(PART):
        return HttpResponse(status=204)
    n = queries.photos_of_month(made.report)
    said = ngettext("Reported, with %(n)s photograph.", "Reported, with %(n)s photographs.", n) % {"n": n} if n else _("Reported.")
    return _to_progress(request, project, said, form)


def _report_of(request: HttpRequest, pk: object) -> tuple[ProgressReport, Project]:
    found = get_object_or_404(ProgressReport.objects.visible_to(request.user).select_related("project"), public_id=pk)
    return found, _mine(request, found.project.public_id)


@get_or_post
@uploads.takes(lambda: PHOTOS_MB, permission=Permission.PROJECTS_EDIT)
@require_permission(Permission.PROJECTS_EDIT)
@answered
def correct(request: HttpRequest, pk: object) -> HttpResponse:
    """Correct a month with a reason."""
    (found, project), on = _report_of(request, pk), access.today()
    form = forms.ReportForm(
        *_given(request), project=project, user=request.user, on=on, months=[found.month], corrects=found, initial=forms.said_of(found)
    )  # fmt: skip
    code = f"progress-correct-{found.public_id}"
    if request.method == "POST" and form.is_valid():
        return _hand_in(request, project, form) or _draw_month(request, project, form, CORRECT, on=on, code=code)
    return _draw_month(request, project, form, CORRECT, on=on, code=code)


@get_or_post
@uploads.takes(lambda: PHOTOS_MB, permission=Permission.PROJECTS_EDIT)
@require_permission(Permission.PROJECTS_EDIT)
@answered
def add_photos(request: HttpRequest, pk: object) -> HttpResponse:
    """Put further photographs to a month."""
    (found, project), on = _report_of(request, pk), access.today()
    form = forms.PhotoFields(*_given(request), project=project, user=request.user, on=on)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, months.add_photos, report=found, shots=form.shots())
        if made is not None:
            n = queries.photos_of_month(found)
            said = ngettext("%(n)s photograph stands on the month.", "%(n)s photographs stand on the month.", n) % {"n": n}
            return HttpResponse(status=204) if request.headers.get(PART) else _to_progress(request, project, said, form)
    return _draw(request, project, form, PHOTOS, code=f"progress-photos-{found.public_id}", page="photos", month=found.month)


# --- what is asked of others ------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_VIEW)
@answered
def ask(request: HttpRequest, pk: object) -> HttpResponse:
    """Ask the owner of a project for its report of a month."""
    project, on = project_of(request, pk), access.today()
    if not asked.may_ask(request.user, project):
        raise PermissionDenied
    month = forms.month_of(request.GET.get("month", "")) or rules.month_before(on)
    form = forms.AskReportForm(_given(request)[0], project=project, user=request.user, on=on)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, asking.ask, project=project, month=month, words=form.cleaned_data["words"])
        if made is not None:
            return _to_progress(request, project, _("%(person)s was asked for the report.") % {"person": project.owner}, form)
    return _draw(request, project, form, ASK, code="progress-ask", month=month)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def coordinate(request: HttpRequest, pk: object) -> HttpResponse:
    """A problem of a report becomes a duty of somebody."""
    (found, project), on = _report_of(request, pk), access.today()
    begun = {"title": found.problems.strip().splitlines()[0][:200] if found.problems.strip() else "", "text": found.problems}
    form = forms.CoordinateForm(_given(request)[0], project=project, user=request.user, on=on, initial=begun)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("owner", "title", "text", "due_on")}
        made = attempt(request, form, asking.coordinate, report=found, **values)
        if made is not None:
            return _to_progress(request, project, _("%(person)s was asked to settle it.") % {"person": made.owner}, form)
    return _draw(request, project, form, COORDINATE, code=f"progress-ask-{found.public_id}", month=found.month)


# --- the plan ---------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def plan(request: HttpRequest, pk: object) -> HttpResponse:
    """Set the investment plan, or another with its reason; typed, or from a file."""
    project, on = _mine(request, pk), access.today()
    there = plans.planned(project)
    offered = plans.months(project, there, on)
    form = forms.PlanForm(
        *_given(request), project=project, user=request.user, on=on, months=offered, planned=there, is_first=not there
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        points = _points(form)
        if points is not None and points == there:
            return _to_progress(request, project, _("This was done already."), form)
        if points is not None:
            reason = form.cleaned_data["reason"]
            made = attempt(request, form, progress.set_plan, project=project, points=points, reason=reason)
            if made is not None:
                return _to_progress(request, project, _("The plan is set."), form)
    return _draw(request, project, form, PLAN, code="plan", page="plan", may_export=request.user.may(Permission.PROJECTS_EXPORT))


def _points(form: Any) -> Any:
    """What the file says, else the boxes; None where the file is no plan."""
    file = form.cleaned_data["file"]
    if not file:
        return form.typed()
    try:
        return plans.read(file, file.name, file.size)
    except plans.UnreadablePlan as fault:
        for text in fault.faults:
            form.add_error("file", text)
    return None


@require_GET
@require_permission(Permission.PROJECTS_EXPORT)
def plan_export(request: HttpRequest, pk: object) -> HttpResponse:
    """The plan as a spreadsheet, which may be changed and taken in again."""
    project, on = project_of(request, pk), access.today()
    there = plans.planned(project)
    rows = sheets.plan_rows(plans.months(project, there, on), there)
    title = _("Investment plan %(project)s") % {"project": project.outside_name}
    response = spreadsheets.download(title, sheets.PLAN_POINTS, rows)
    telling.note_export(
        what=PLAN_FILE, by=request.user, at=timezone.now(), filters={"project": str(project.public_id)}, rows=response.row_count
    )  # fmt: skip
    return response
