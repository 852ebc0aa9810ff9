"""Objections: filed by a unit on a phone or a screen, the list, one with its decision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import objections as actions
from wutong.web.assessment.forms import objections as forms
from wutong.web.assessment.models import Objection
from wutong.web.assessment.queries import objection_duties, pages, run_lists
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules.runs import ObjectionState, RunState
from wutong.web.assessment.views.answering import attempt, bound, form_page, get_or_post, guarded, row_of
from wutong.web.lib import access, htmx, lists, uploads
from wutong.web.lib.access import require_permission

FILES_MB = 100
OBJECTIONS = (
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("run", gettext_lazy("Run"), ("run__title",)),
    lists.Column("item", pgettext_lazy("objection", "Indicator"), ("item",)),
    lists.Column("text", pgettext_lazy("objection", "What is wrong")),
    lists.Column("state", pgettext_lazy("objection", "State"), ("state",)),
    lists.Column("filed", pgettext_lazy("objection", "Filed"), ("filed_at",), "date"),
)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def objection_list(request: HttpRequest) -> HttpResponse:
    """The objections that a person may see."""
    listing = lists.of_queryset(
        request.GET, run_lists.objections(request.user), columns=OBJECTIONS, default="-filed", read=run_lists.objection_rows
    )
    return htmx.render(request, "assessment/objections.html", "assessment/_objections.html", {"list": listing})


@get_or_post
@uploads.takes(lambda: FILES_MB, permission=Permission.ASSESSMENT_VIEW)
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def file(request: HttpRequest, pk: UUID, unit: UUID) -> HttpResponse:
    """Object to the points of an indicator of one's own unit, or of oneself."""
    row = row_of(request, pk, unit)
    if not One(row.unit, row.person).may_be_answered(request.user):
        raise PermissionDenied
    items = [(one["id"], pages.title_of(one)) for one in row.result["items"]]
    form = forms.ObjectionForm(bound(request), request.FILES or None, items=items, initial={"item": request.GET.get("item", "")})
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.file, row=row, **form.values())
        if made is not None:
            is_out = row.run.state == RunState.PUBLISHED
            later = _("Filed. It is answered with a reason; where it is upheld, a new run takes the place of this one.")
            messages.success(request, later if is_out else _("Filed. It is answered before the run is approved."))
            return redirect("assessment:objection", made.public_id)
    more = {"back": reverse("assessment:unit", args=[pk, unit]), "about": f"{row.name} · {row.run.title}"}
    return form_page(request, form, title=_("Object to points"), button=_("File the objection"), **more)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def objection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An objection with its evidence and its decision."""
    found = get_object_or_404(run_lists.objections(request.user), public_id=pk)
    may_decide = found.state == ObjectionState.OPEN and request.user.may(Permission.ASSESSMENT_EDIT, found.run.scheme.unit.target())  # type: ignore[union-attr]
    context = {
        **_shown(found),
        "may_bring": found.state == ObjectionState.OPEN and One(found.unit, found.person).may_be_answered(request.user),
        "may_decide": may_decide and request.user.pk not in (found.filed_by_id, found.person_id),
    }
    return render(request, "assessment/objection.html", context)


def _shown(found: Objection) -> dict[str, object]:
    told = {"proofs": run_lists.shown_proofs(found), "due_on": objection_duties.due_on(found), "today": access.today()}
    return {"objection": found, "item": run_lists.item_titles(found), **told}


@get_or_post
@uploads.takes(lambda: FILES_MB, permission=Permission.ASSESSMENT_VIEW)
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def bring(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring more evidence to an open objection."""
    found = get_object_or_404(run_lists.objections(request.user), public_id=pk)
    if not One(found.unit, found.person).may_be_answered(request.user):
        raise PermissionDenied
    form = forms.EvidenceForm(bound(request), request.FILES or None)
    if form.is_bound and form.is_valid() and attempt(request, form, actions.bring, objection=found, **form.values()) is not None:
        messages.success(request, _("The evidence is there."))
        return redirect("assessment:objection", pk)
    back = reverse("assessment:objection", args=[pk])
    return form_page(request, form, title=_("Bring more evidence"), button=_("Bring the evidence"), back=back)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Uphold or dismiss it, with a reason."""
    found = get_object_or_404(run_lists.objections(request.user), public_id=pk)
    if not request.user.may(Permission.ASSESSMENT_EDIT, found.run.scheme.unit.target()):  # type: ignore[union-attr]
        raise PermissionDenied
    form = forms.DecisionForm(bound(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        values = {"state": ObjectionState(given["state"]), "reason": given["reason"], "correction": given["correction"]}
        if attempt(request, form, actions.decide, objection=found, **values) is not None:
            messages.success(request, _("Decided."))
            return redirect("assessment:objection", pk)
    more = {"back": reverse("assessment:objection", args=[pk]), "above": "assessment/_objection.html", **_shown(found)}
    return form_page(request, form, title=_("Decide the objection"), button=_("Decide the objection"), **more)
