"""Sets of goals: the list, one set, its units, goals by hand or proposed, and the way to being in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import goal_files
from wutong.web.assessment.actions import goals as actions
from wutong.web.assessment.forms import goals as forms
from wutong.web.assessment.models import GoalSet
from wutong.web.assessment.queries import goal_breakdowns, goals
from wutong.web.assessment.rules.goals import SetStep, Split
from wutong.web.assessment.views.answering import bound, get_or_post, guarded, reason_of
from wutong.web.assessment.views.goals import attempt, form_page, told
from wutong.web.lib import htmx, lists
from wutong.web.lib.access import require_permission

SETS = (
    lists.Column("title", pgettext_lazy("goal set", "Title"), ("title",)),
    lists.Column("year", pgettext_lazy("goal set", "Year"), ("year",), "number"),
    lists.Column("origin", pgettext_lazy("goal set", "Whose goals"), ("origin",)),
    lists.Column("unit", pgettext_lazy("goal set", "For"), ("unit__path",)),
    lists.Column("document", pgettext_lazy("goal set", "Document number"), ("document_number",)),
    lists.Column("state", pgettext_lazy("goal set", "State"), ("state",)),
)


def _set_of(request: HttpRequest, pk: UUID) -> GoalSet:
    found = GoalSet.objects.visible_to(request.user).select_related("unit", "created_by", "submitted_by", "decided_by")
    return get_object_or_404(found, public_id=pk)


def _draft_of(request: HttpRequest, pk: UUID) -> GoalSet:
    found = _set_of(request, pk)
    if not goals.may(request.user, found)["may_edit"]:
        raise PermissionDenied
    return found


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def set_list(request: HttpRequest) -> HttpResponse:
    """The sets that a person may see, drafts of those that he writes among them."""
    found = GoalSet.objects.visible_to(request.user).select_related("unit")
    listing = lists.of_queryset(request.GET, found, columns=SETS, default="-year")
    context = {"list": listing, "may_edit": request.user.may(Permission.ASSESSMENT_EDIT)}  # type: ignore[union-attr]
    return htmx.render(request, "assessment/goal_sets.html", "assessment/_goal_sets.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def set_new(request: HttpRequest) -> HttpResponse:
    """A new set; its units and goals are next."""
    form = forms.GoalSetForm(bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.make_set, **form.values())
        if made is not None:
            return redirect("assessment:goal-set-units", made.public_id)
    return form_page(request, form, title=_("Enter a set of goals"), button=_("Save"), back=reverse("assessment:goal-sets"))


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def goal_set(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A set: units × measures, what falls short, changes, and how it stands."""
    found = _set_of(request, pk)
    context = {"set": found, "page": goals.set_page(request.user, found), **goals.may(request.user, found)}
    return render(request, "assessment/goal_set.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def units(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which units the set lists."""
    found = _draft_of(request, pk)
    form = forms.GoalUnitsForm(bound(request), goal_set=found)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.set_units, goal_set=found, units=form.chosen()) is not None:
        return redirect("assessment:goal-set", pk)
    back = reverse("assessment:goal-set", args=[pk])
    return form_page(request, form, title=_("Units of the set"), button=_("Save"), back=back, set=found)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What else the set has goals for."""
    found = _draft_of(request, pk)
    form = forms.GoalLineForm(bound(request))
    told_of = form.chosen() if request.method == "POST" and form.is_valid() else None
    if told_of is not None:
        values = {(found.unit_id, *told_of.of): told_of.told.kept(form.cleaned_data["value"])}
        if attempt(request, form, actions.set_values, goal_set=found, values=values) is not None:
            return redirect("assessment:goal-breakdown", pk)
    back = reverse("assessment:goal-set", args=[pk])
    return form_page(request, form, title=_("Add a measure"), button=_("Save"), back=back, set=found)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def breakdown(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The goals of all units in one table."""
    found = _draft_of(request, pk)
    page = goals.set_page(request.user, found)
    form = forms.BreakdownForm(bound(request), page=page)
    if request.method == "POST" and form.is_valid():
        changed = attempt(request, form, actions.set_values, goal_set=found, values=form.values())
        if changed is not None:
            said = ngettext("%(n)s goal changed.", "%(n)s goals changed.", changed) % {"n": changed}
            messages.success(request, said)
            return redirect("assessment:goal-set", pk)
    split = request.GET.get("fill", "") if request.method == "GET" else ""
    filled = goal_breakdowns.whole(found, Split(split)) if split in goal_breakdowns.AT_ONCE else None
    context = {"set": found, "page": page, "form": form, "typed": _typed(request, page, filled), "filled": filled}
    return render(request, "assessment/goal_breakdown.html", context, status=422 if form.is_bound else 200)


def _typed(request: HttpRequest, page: goals.SetPage, filled: goal_breakdowns.Breakdown | None) -> dict[str, Any]:
    """What stands in each field: as sent, else as it is kept, else as proposed."""
    kept = {name: "" if cell.value is None else f"{cell.value.normalize():f}" for row in page.rows for cell, name in row.fields}
    kept |= {name: f"{one.value.normalize():f}" for name, one in filled.fields.items()} if filled else {}
    return {name: request.POST.get(name, value)[:20] for name, value in kept.items()}


@require_GET
@require_permission(Permission.ASSESSMENT_EDIT)
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A proposal with its arithmetic; it is written only when somebody takes it over."""
    found = _draft_of(request, pk)
    is_asked = "line" in request.GET
    form = forms.ProposeForm(request.GET if is_asked else None, goal_set=found, initial={"unit": found.unit.public_id})
    proposal = form.proposal() if is_asked and form.is_valid() else None
    context = {"set": found, "form": form, "proposal": proposal, "is_asked": is_asked, "children": goals.children_of(form, found)}
    return render(request, "assessment/goal_propose.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def sheet(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The goals of a set with their months as a sheet, to read, or to fill in while it is a draft."""
    found = _set_of(request, pk)
    response = sheets.goal_sheet(request.user, found)
    goal_files.note_export(goal_set=found, by=request.user, at=timezone.now(), rows=response.row_count)
    return response  # type: ignore[no-any-return]


# --- the way to being in force ----------------------------------------------------------------------------------------------------------
def _step(request: HttpRequest, pk: UUID, step: SetStep, done: str) -> HttpResponse:
    told(request, actions.take_step, done, goal_set=_set_of(request, pk), step=step, reason=reason_of(request))
    return redirect("assessment:goal-set", pk)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand it to a second person."""
    return _step(request, pk, SetStep.SUBMIT, _("Submitted. Somebody else who may approve now reads it."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve: the goals are in force."""
    return _step(request, pk, SetStep.APPROVE, _("Approved. The goals are in force."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Back to whoever wrote it, with a reason."""
    return _step(request, pk, SetStep.SEND_BACK, _("Sent back."))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give it up, with a reason."""
    return _step(request, pk, SetStep.DROP, _("Dropped."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def repeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take goals out of force, with a reason."""
    return _step(request, pk, SetStep.REPEAL, _("Repealed. Runs that counted by it stay as they are."))
