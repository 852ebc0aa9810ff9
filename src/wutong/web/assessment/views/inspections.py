"""Inspections: plans, a plan with its list, a visit filled in on a phone, findings and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import inspections as actions
from wutong.web.assessment.forms import inspections as forms
from wutong.web.assessment.models import Finding, Inspection, InspectionPlan
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.queries import touched
from wutong.web.assessment.rules.inspections import ENDED, FindingState
from wutong.web.journal.actions import duties as journal
from wutong.web.lib import access, exchange, htmx, lists, spreadsheets, uploads
from wutong.web.lib.access import require_permission
from wutong.web.projects.models import Project

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PHOTOS_MB = 200
PART = "X-Part"
"""The script sends the words, then each photograph by itself; a part is answered without a page."""
PLAN_COLUMNS = (
    lists.Column("title", pgettext_lazy("inspection", "Title"), ("title",)),
    lists.Column("visited", gettext_lazy("Visited"), (), "number"),
    lists.Column("kind", pgettext_lazy("inspection", "Kind"), ("kind",)),
    lists.Column("state", pgettext_lazy("inspection", "State"), ("state",)),
    lists.Column("begins", pgettext_lazy("inspection", "First day"), ("begins_on",), "date"),
    lists.Column("ends", pgettext_lazy("inspection", "Last day"), ("ends_on",), "date"),
    lists.Column("findings", gettext_lazy("Findings"), (), "number"),
    lists.Column("false", gettext_lazy("False reports"), (), "number"),
)
FINDING_COLUMNS = (
    lists.Column("text", pgettext_lazy("finding", "What was found"), ("text",)),
    lists.Column("state", pgettext_lazy("finding", "State"), ("state",)),
    lists.Column("severity", pgettext_lazy("finding", "Severity"), ("severity",)),
    lists.Column("due", pgettext_lazy("finding", "To be rectified by"), ("due_on",), "date"),
    lists.Column("about", pgettext_lazy("finding", "Project or result")),
    lists.Column("unit", pgettext_lazy("inspection", "Inspected unit"), ("unit__path",)),
    lists.Column("at", pgettext_lazy("finding", "Found on"), ("at",), "date"),
)


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (actions.NotAllowed, journal.NotAllowed) as refused:
            raise PermissionDenied from refused

    return guarded


def _said(request: HttpRequest, action: Callable[..., Any], **values: Any) -> tuple[Any, list[str]]:
    """What an action made, or why it was refused, in words."""
    try:
        return action(**values, by=request.user, at=timezone.now()), []
    except actions.Refused as refused:
        return None, queries.in_words(refused.refusals)
    except journal.Refused:
        return None, [_("The file could not be kept: its kind, size or name is not allowed.")]


def _attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    made, said = _said(request, action, **values)
    for text in said:
        form.add_error(None, text)
    return made


def _bound(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _draw_form(request: HttpRequest, form: Any, title: Any, button: Any, back: str, *, pk: Any = None, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "back": reverse(back, args=[pk] if pk else []), **more}
    return render(request, "assessment/inspection_form.html", context, status=422 if form.is_bound else 200)


# --- plans ------------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans of those who inspect; whoever is inspected comes to the findings."""
    found = InspectionPlan.objects.visible_to(request.user)
    listing = lists.of_queryset(request.GET, found, columns=PLAN_COLUMNS, default="-begins", read=queries.plan_rows)
    may_edit = request.user.may(Permission.ASSESSMENT_EDIT)  # type: ignore[union-attr]
    return htmx.render(request, "assessment/plans.html", "assessment/_plans.html", {"list": listing, "may_edit": may_edit})


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def plan_new(request: HttpRequest) -> HttpResponse:
    """Plan an inspection; its seed is committed at once."""
    form = forms.PlanForm(_bound(request)[0], user=request.user, on=access.today())
    if request.method == "POST" and form.is_valid():
        made = _attempt(request, form, actions.commit, **form.values())
        if made is not None:
            messages.success(request, _("The plan stands, its seed is committed."))
            return redirect("assessment:plan", made.public_id)
    return _draw_form(request, form, _("Plan an inspection"), pgettext("inspection", "Plan"), "assessment:plans")


def _plan_of(request: HttpRequest, pk: object) -> InspectionPlan:
    found: InspectionPlan = get_object_or_404(
        InspectionPlan.objects.visible_to(request.user).select_related("unit", "scope_unit", "committed_by", "drawn_by"), public_id=pk
    )
    return found


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def plan(request: HttpRequest, pk: object) -> HttpResponse:
    """A plan: what was committed, the list that was fixed, how its visits stand."""
    found = _plan_of(request, pk)
    is_drawn = bool(found.list_hash)
    context = {
        "plan": found, "visits": queries.visit_rows(found, request.user), "verdict": queries.verified(found) if is_drawn else None,
        "is_open": queries.is_open(found), "may_inspect": queries.may_inspect(request.user, found),
        "stages": [forms.PROJECT_STAGES[stage] for stage in forms.PROJECT_STAGES if stage in found.scope_stages],
        "pool_count": len(found.pool), "given_up": queries.given_up(found),
        "may_draw": queries.may_draw(request.user, found),
    }  # fmt: skip
    return render(request, "assessment/plan.html", context)


def _done(request: HttpRequest, action: Callable[..., Any], found: InspectionPlan, words: str) -> HttpResponse:
    _made, said = _said(request, action, plan=found)
    for text in said:
        messages.error(request, text)
    if not said:
        messages.success(request, words)
    return redirect("assessment:plan", found.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def plan_draw(request: HttpRequest, pk: object) -> HttpResponse:
    """Fix the list."""
    return _done(request, actions.draw, _plan_of(request, pk), _("The list is fixed."))


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def plan_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a plan up whose list is not fixed."""
    found, form = _plan_of(request, pk), forms.ReasonForm(_bound(request)[0])
    if request.method == "POST" and form.is_valid() and _attempt(request, form, actions.drop, plan=found, **form.values()):
        return redirect("assessment:plan", found.public_id)
    title = _("Give the plan up")
    return _draw_form(request, form, title, pgettext("inspection plan", "Give up"), "assessment:plan", pk=found.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def plan_close(request: HttpRequest, pk: object) -> HttpResponse:
    """Close a plan."""
    return _done(request, actions.close, _plan_of(request, pk), _("The plan is closed."))


# --- a visit ----------------------------------------------------------------------------------------------------------------------------
def _visit_of(request: HttpRequest, pk: object) -> Inspection:
    found: Inspection = get_object_or_404(queries.whole(Inspection.objects.visible_to(request.user)), public_id=pk)
    return found


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def visit(request: HttpRequest, pk: object) -> HttpResponse:
    """The inspection of a project: reported beside verified, findings, photographs."""
    found = _visit_of(request, pk)
    may_see_plan = InspectionPlan.objects.visible_to(request.user).filter(pk=found.plan_id).exists()
    context = {"visit": found, "page": queries.visit_page(found, request.user), "may_see_plan": may_see_plan}
    return render(request, "assessment/visit.html", context)


@get_or_post
@uploads.takes(lambda: PHOTOS_MB, permission=Permission.ASSESSMENT_EDIT)
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def visit_fill(request: HttpRequest, pk: object) -> HttpResponse:
    """Fill the list in on the site; kept half or whole, handed in when it is whole."""
    found = _visit_of(request, pk)
    lines = queries.matters(found)
    form = forms.VisitForm(*_bound(request), inspection=found, lines=lines, on=access.today())
    if request.method == "POST" and form.is_valid() and _attempt(request, form, actions.keep, inspection=found, **form.values()):
        if request.headers.get(PART):
            return HttpResponse(status=204)
        messages.success(request, _("Kept."), extra_tags=f"draft-{form.cleaned_data.get('key') or ''}")
        return redirect("assessment:visit", found.public_id)
    context = {"visit": found, "form": form, "user_key": request.user.public_id}  # type: ignore[union-attr]
    return render(request, "assessment/visit_fill.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def visit_hand_in(request: HttpRequest, pk: object) -> HttpResponse:
    """Hand a visit in: the unit sees it from now on."""
    found = _visit_of(request, pk)
    _made, said = _said(request, actions.hand_in, inspection=found)
    for text in said:
        messages.error(request, text)
    if not said:
        messages.success(request, _("Handed in: the unit sees it now."))
    return redirect("assessment:visit", found.public_id)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def visit_leave_out(request: HttpRequest, pk: object) -> HttpResponse:
    """Say why a project was not visited."""
    found = _visit_of(request, pk)
    form = forms.ReasonForm(_bound(request)[0])
    if request.method == "POST" and form.is_valid() and _attempt(request, form, actions.leave_out, inspection=found, **form.values()):
        return redirect("assessment:visit", found.public_id)
    title = _("Why it was not visited")
    return _draw_form(request, form, title, pgettext("inspection", "Leave out"), "assessment:visit", pk=found.public_id, about=found)


# --- findings ---------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def finding_new(request: HttpRequest, pk: object) -> HttpResponse:
    """Record what was found."""
    found = _visit_of(request, pk)
    begun = {"matter": request.GET.get("matter", "")}
    form = forms.FindingForm(_bound(request)[0], lines=queries.matters(found), on=access.today(), initial=begun)
    if request.method == "POST" and form.is_valid() and _attempt(request, form, actions.find, inspection=found, **form.values()):
        messages.success(request, _("Recorded; whoever answers for the project was given a duty."))
        return redirect("assessment:visit", found.public_id)
    title = _("Record a finding")
    return _draw_form(request, form, title, pgettext("finding", "Record"), "assessment:visit", pk=found.public_id, about=found)


def found_findings(user: Any, query: Any) -> Any:
    """The findings that a query string asks for."""
    return queries.findings_of(user, **forms.FindingFilter(query, user=user).given()).order_by("-at", "-pk")


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def finding_list(request: HttpRequest) -> HttpResponse:
    """Findings that a person may see, the last first."""
    form, user = forms.FindingFilter(request.GET, user=request.user), request.user
    found = found_findings(user, request.GET)
    listing = lists.of_queryset(request.GET, found, columns=FINDING_COLUMNS, default="-at", form=form, read=queries.finding_rows)
    context = {"form": form, "list": listing, "today": access.today(), "may_export": user.may(Permission.ASSESSMENT_EXPORT)}  # type: ignore[union-attr]
    return htmx.render(request, "assessment/findings.html", "assessment/_findings.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def finding_export(request: HttpRequest) -> HttpResponse:
    """The filtered findings as a spreadsheet."""
    later = spreadsheets.later(request, "assessment.findings", found_findings(request.user, request.GET).count())
    if later is not None:
        return later
    made = exchange.at_once(request, "assessment.findings")
    actions.note_export(by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=made.row_count)
    return made


def _finding_of(request: HttpRequest, pk: object) -> Finding:
    ways = (
        "inspection__plan__unit",
        "inspection__project",
        "unit",
        "result__run__scheme__unit",
        "result__person",
        "result__unit",
        "duty",
        "review_duty",
        "by",
        "rectified_by",
        "closed_by",
        "replied_by",
        "withdrawn_by",
    )
    found: Finding = get_object_or_404(Finding.objects.visible_to(request.user).select_related(*ways), public_id=pk)
    return found


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def finding(request: HttpRequest, pk: object) -> HttpResponse:
    """A finding with its figures, the view of the unit, how it was rectified and verified."""
    found = _finding_of(request, pk)
    context = {
        "finding": found, "matter": queries.title_of(found.matter) if found.matter else "", "check": queries.check_of(found.matter),
        "may_answer": queries.may_answer(request.user, found), "today": access.today(),
        "may_decide": queries.may_verify(request.user, found) and request.user.pk != found.rectified_by_id,
        "is_open": found.state == FindingState.OPEN, "is_rectified": found.state == FindingState.RECTIFIED,
        "is_closed": found.state in ENDED, "is_withdrawn": found.state == FindingState.WITHDRAWN,
        "may_withdraw": queries.may_withdraw(request.user, found),
        "counted_in": touched.counting(request.user, found) if found.state == FindingState.WITHDRAWN else [],
    }  # fmt: skip
    return render(request, "assessment/finding.html", context)


def _verb(request: HttpRequest, found: Finding, form_class: Any, action: Callable[..., Any], words: tuple[Any, Any]) -> HttpResponse:
    title, button = words
    form = form_class(*_bound(request))
    if request.method == "POST" and form.is_valid() and _attempt(request, form, action, finding=found, **form.values()):
        return redirect("assessment:finding", found.public_id)
    return _draw_form(request, form, title, button, "assessment:finding", pk=found.public_id, about=found)


@get_or_post
@require_permission(Permission.ASSESSMENT_VIEW)
@answered
def finding_reply(request: HttpRequest, pk: object) -> HttpResponse:
    """The unit states its view."""
    return _verb(
        request, _finding_of(request, pk), forms.WordsForm, actions.reply, (_("State the unit’s view"), pgettext("finding", "State"))
    )


@get_or_post
@uploads.takes(lambda: PHOTOS_MB, permission=Permission.ASSESSMENT_VIEW)
@require_permission(Permission.ASSESSMENT_VIEW)
@answered
def finding_rectify(request: HttpRequest, pk: object) -> HttpResponse:
    """Say how it was rectified."""
    return _verb(
        request,
        _finding_of(request, pk),
        forms.RectifyForm,
        actions.rectify,
        (_("Report the rectification"), pgettext("finding", "Report")),
    )


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@answered
def finding_decide(request: HttpRequest, pk: object) -> HttpResponse:
    """Verify a rectification."""
    return _verb(
        request, _finding_of(request, pk), forms.DecideForm, actions.decide, (_("Verify the rectification"), pgettext("finding", "Decide"))
    )


@get_or_post
@require_permission(Permission.ASSESSMENT_APPROVE)
@answered
def finding_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Withdraw a finding made in error."""
    words = (_("Withdraw the finding"), pgettext("finding", "Withdraw"))
    return _verb(request, _finding_of(request, pk), forms.ReasonForm, actions.withdraw, words)


# --- panels -----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def of_project(request: HttpRequest, pk: object) -> HttpResponse:
    """The inspections of a project with what they found, on its page."""
    project = get_object_or_404(Project.objects.visible_to(request.user), public_id=pk)
    context = {"project": project, "rows": touched.of_project(request.user, project), "today": access.today()}
    return htmx.render(request, "assessment/of_project.html", "assessment/_of_project.html", context)
