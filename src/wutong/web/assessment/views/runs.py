"""Runs: the list, a new one, its table, a unit with everything behind its points, comparisons, the steps to publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment import sheets
from wutong.web.assessment.actions import ranking, refusing
from wutong.web.assessment.actions import runs as actions
from wutong.web.assessment.forms import schemes as forms
from wutong.web.assessment.queries import bulletins, comparisons, notices, pages, refusals, remedies, run_lists, touched, versions
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules.runs import ObjectionState, RunState, RunStep
from wutong.web.assessment.views.answering import attempt, bound, form_page, get_or_post, guarded, reason_of, row_of, run_of, scheme_of
from wutong.web.lib import access, htmx, lists
from wutong.web.lib.access import require_permission

RUNS = (
    lists.Column("title", pgettext_lazy("run", "Title"), ("title",)),
    lists.Column("scheme", gettext_lazy("Scheme"), ("scheme__title",)),
    lists.Column("on", pgettext_lazy("run", "Up to and with"), ("on",), "date"),
    lists.Column("number", pgettext_lazy("run", "Number"), ("number",), "number"),
    lists.Column("state", pgettext_lazy("run", "State"), ("state",)),
)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def run_list(request: HttpRequest) -> HttpResponse:
    """The runs that a person may see."""
    form = forms.RunFilter(request.GET)
    found = run_lists.matching(request.user, **form.given())
    listing = lists.of_queryset(request.GET, found, columns=RUNS, default="-on", form=form)
    context = {"form": form, "list": listing, "may_edit": request.user.may(Permission.ASSESSMENT_EDIT)}  # type: ignore[union-attr]
    return htmx.render(request, "assessment/runs.html", "assessment/_runs.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def run_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Draft a run from the data as they are."""
    scheme = scheme_of(request, pk)
    if not pages.may(request.user, scheme)["may_edit"]:
        raise PermissionDenied
    form = forms.RunForm(bound(request), scheme=scheme, supersedes=request.GET.get("supersedes", ""))
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.draft, scheme=scheme, **form.cleaned_data)
        if made is not None:
            return redirect("assessment:run", made.public_id)
    back = reverse("assessment:scheme", args=[pk])
    return form_page(request, form, title=_("Work a run out"), button=_("Work out"), back=back, about=scheme.title)


def _told(request: HttpRequest, found: Any) -> Any:
    """The ranking of a published run for a unit that is measured: of the others rank and total, no more."""
    if found.state != RunState.PUBLISHED or pages.keeps(request.user, found.scheme):
        return None
    return ranking.ranking(run=found, by=request.user, at=timezone.now())


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A run: groups by rank, units by indicators, flags, and the steps."""
    found = run_of(request, pk)
    objections = run_lists.titled(run_lists.objections(request.user, run=found))
    context = {
        "run": found, "tables": pages.tables(request.user, found), "ranking": _told(request, found),
        "group_titles": versions.group_titles(found.version), "reason": forms.ReasonForm(),
        "is_sound": pages.is_sound(found) if found.is_kept and "verify" in request.GET else None,
        "others": comparisons.others(request.user, found),
        "objections": objections, "is_upheld": any(one.state == ObjectionState.UPHELD for one in objections),
        **pages.may_step(request.user, found, access.today()),
        "replaced_by": run_lists.taking_the_place_of(request.user, found),
        "may_bulletin": bulletins.may_make(request.user, found), "false_since": touched.false_since(request.user, found),
        "old_by": touched.makes_old(request.user, found, at=timezone.now()),
        "withdrawn_since": touched.withdrawn_since(request.user, found, at=timezone.now()),
        "remedies": remedies.standing(request.user, found), "may_demand": remedies.may_demand(request.user, found), "today": access.today(),
    }  # fmt: skip
    return htmx.render(request, "assessment/run.html", "assessment/_run.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
@guarded
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The units of a run that one may see with the points of every indicator, as a spreadsheet."""
    found = run_of(request, pk)
    response = sheets.download(found, pages.tables(request.user, found))
    filters = {"run": str(found.public_id)}
    refusing.note_export(what="assessment.run", by=request.user, at=timezone.now(), filters=filters, rows=response.row_count)
    return response


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def unit(request: HttpRequest, pk: UUID, unit: UUID) -> HttpResponse:
    """A unit of a run: every point with formula, inputs and records."""
    row = row_of(request, pk, unit)
    page = pages.unit_page(request.user, row)
    context = {
        "page": page, "objections": run_lists.titled(page.objections), "row": row, "run": row.run, "today": access.today(),
        "remedies": remedies.of_row(request.user, row), "notice": notices.shown(row.run, access.today()),
        "may_look_ahead": row.run.state == RunState.PUBLISHED or pages.keeps(request.user, row.run.scheme),
        "may_object": One(row.unit, row.person).may_be_answered(request.user)
        and row.run.state in (RunState.FROZEN, RunState.PUBLISHED),
    }  # fmt: skip
    return render(request, "assessment/unit.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def next_place(request: HttpRequest, pk: UUID, unit: UUID) -> HttpResponse:
    """What would move a unit up one place."""
    row = row_of(request, pk, unit)
    try:
        lines = ranking.next_place(row=row, by=request.user, at=timezone.now())
    except ranking.NotWorkedOut as error:
        messages.error(request, str(error))
        return redirect("assessment:unit", pk, unit)
    return htmx.render(request, "assessment/next.html", "assessment/_next.html", {"row": row, "run": row.run, "lines": lines})


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A run against another, or against another version of the rule on the same facts: unit by unit what moved, and why."""
    found = run_of(request, pk)
    try:
        compared = _compared(request, found)
    except comparisons.NotComparable as error:
        messages.error(request, str(error))
        return redirect("assessment:run", pk)
    return render(request, "assessment/compare.html", {"run": found, "compared": compared, "asked": request.GET.urlencode()})


def _compared(request: HttpRequest, found: Any) -> comparisons.Compared:
    """What is asked for, for those who keep the scheme. Raises: PermissionDenied, Http404, NotComparable."""
    form = forms.CompareForm(request.GET)
    if not pages.keeps(request.user, found.scheme):
        raise PermissionDenied
    if not form.is_valid():
        raise Http404
    return comparisons.compared(request.user, found, run_id=form.cleaned_data["run"], version_id=form.cleaned_data["version"])


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
@guarded
def compare_export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same comparison as a spreadsheet, a row an indicator that moved."""
    found = run_of(request, pk)
    try:
        compared = _compared(request, found)
    except comparisons.NotComparable as error:
        messages.error(request, str(error))
        return redirect("assessment:run", pk)
    response = sheets.comparison(found, compared)
    filters = {"run": str(found.public_id), "with": request.GET.get("run", "") or request.GET.get("version", "")}
    refusing.note_export(what="assessment.run", by=request.user, at=timezone.now(), filters=filters, rows=response.row_count)
    return response


# --- steps ------------------------------------------------------------------------------------------------------------------------------
def _step(request: HttpRequest, pk: UUID, action: Callable[..., Any], said: str, **values: Any) -> HttpResponse:
    found = run_of(request, pk)
    try:
        action(run=found, by=request.user, at=timezone.now(), **values)
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    except actions.Refused as refused:
        messages.error(request, " ".join(refusals.in_words(refused.refusals)))
    else:
        messages.success(request, said)
    return redirect("assessment:run", pk)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Work a draft out anew."""
    return _step(request, pk, actions.again, _("It is being worked out anew."))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def freeze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Freeze it; units see their own and may object."""
    return _step(request, pk, actions.freeze, _("Frozen. The units see their own points and may object."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve as a second person."""
    return _step(request, pk, actions.approve, _("Approved. It may be published now."))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the units see the ranking."""
    return _step(request, pk, actions.publish, _("Published. Every unit that is measured sees the ranking."))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Refuse as the second person, with a reason."""
    return _step(request, pk, actions.withdraw, _("Sent back."), step=RunStep.SEND_BACK, reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give it up, with a reason."""
    return _step(request, pk, actions.withdraw, _("Withdrawn."), step=RunStep.WITHDRAW, reason=reason_of(request))
