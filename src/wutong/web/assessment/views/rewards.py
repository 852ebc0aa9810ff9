"""Rewards: documents, registrations before the signing, claims with their sheets, decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import refusing, schemes
from wutong.web.assessment.actions import rewards as actions
from wutong.web.assessment.forms import rewards as forms
from wutong.web.assessment.forms.schemes import DocumentForm
from wutong.web.assessment.models import RewardClaim
from wutong.web.assessment.queries import refusals, registrations, reward_papers
from wutong.web.assessment.queries import rewards as queries
from wutong.web.assessment.rules.rewards import ClaimStep, SchemeKind
from wutong.web.assessment.views.answering import attempt, bound, form_page, get_or_post, guarded, reason_of
from wutong.web.assessment.views.schemes import SCHEMES
from wutong.web.lib import access, exchange, htmx, lists, papers, spreadsheets
from wutong.web.lib.access import require_permission

CLAIMS = (
    lists.Column("award", pgettext_lazy("reward claim", "Award"), ("award_title",)),
    lists.Column("amount", pgettext_lazy("reward sheet", "Amount (yuan)"), ("counts_yuan",), "number"),
    lists.Column("state", pgettext_lazy("reward claim", "State"), ("state",)),
    lists.Column("project", pgettext_lazy("reward claim", "Project or run"), ("project__name_zh", "run__title")),
    lists.Column("recipient", pgettext_lazy("reward claim", "Recipient"), ()),
    lists.Column("unit", pgettext_lazy("reward claim", "Unit that claims"), ("unit__path",)),
    lists.Column("claimed", pgettext_lazy("reward claim", "Claimed on"), ("claimed_at",), "date"),
)
REGISTRATIONS = (
    lists.Column("who", pgettext_lazy("registration", "Introducer or adviser"), ()),
    lists.Column("about", pgettext_lazy("registration", "Project or lead"), ()),
    lists.Column("on", pgettext_lazy("registration", "Registered on"), ("registered_at",), "date"),
    lists.Column("staff", gettext_lazy("Civil servant or staff of the unit"), ("is_staff",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("state", pgettext_lazy("registration", "State"), ("withdrawal_state",)),
)


# --- documents and registrations --------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def document_list(request: HttpRequest) -> HttpResponse:
    """The reward documents that hold for one's unit, and those that one keeps."""
    listing = lists.of_queryset(request.GET, queries.documents(request.user), columns=SCHEMES, default="-made")
    context = {"list": listing, "may_edit": request.user.may(Permission.ASSESSMENT_EDIT)}  # type: ignore[union-attr]
    return htmx.render(request, "assessment/reward_documents.html", "assessment/_reward_documents.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def document_new(request: HttpRequest) -> HttpResponse:
    """A new reward document; its text is drafted next."""
    form = DocumentForm(bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, schemes.make, kind=SchemeKind.REWARD, **form.cleaned_data)
        if made is not None:
            return redirect("assessment:scheme", made.public_id)
    return form_page(
        request, form, title=_("Enter a reward document"), button=_("Save"), back=reverse("assessment:reward-documents"), of_rewards=True
    )


def found_registrations(user: Any, query: Any) -> Any:
    """The registrations that a filter leaves."""
    return registrations.registrations(user, **forms.RegistrationFilter(query).given())


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def registration_list(request: HttpRequest) -> HttpResponse:
    """Who was registered, for what, when."""
    form, user = forms.RegistrationFilter(request.GET), request.user
    listing = lists.of_queryset(request.GET, found_registrations(user, request.GET), columns=REGISTRATIONS, default="-on", form=form)
    context = {
        "form": form, "list": listing, "may_register": user.may(Permission.ASSESSMENT_ANSWER),  # type: ignore[union-attr]
        "may_export": user.may(Permission.ASSESSMENT_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "assessment/registrations.html", "assessment/_registrations.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def registration_export(request: HttpRequest) -> HttpResponse:
    """The filtered registrations as a spreadsheet; names as on the page."""
    later = spreadsheets.later(request, "assessment.registrations", found_registrations(request.user, request.GET).count())
    if later is not None:
        return later
    made = exchange.at_once(request, "assessment.registrations")
    actions.note_export(by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=made.row_count)
    return made


@get_or_post
@require_permission(Permission.ASSESSMENT_ANSWER)
@guarded
def registration_new(request: HttpRequest) -> HttpResponse:
    """Register who brings a project, before it is signed."""
    form = forms.RegistrationForm(bound(request), user=request.user)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.register, unit=request.user.unit, **form.values()) is not None:  # type: ignore[union-attr]
        messages.success(request, _("Registered as of today."))
        return redirect("assessment:registrations")
    title, back = _("Register an introducer or adviser"), reverse("assessment:registrations")
    return form_page(request, form, title=title, button=pgettext("registration", "Register"), back=back, of_rewards=True)


# --- claims -----------------------------------------------------------------------------------------------------------------------------
def found_claims(user: Any, query: Any) -> Any:
    """The claims that a filter leaves."""
    return queries.claims(user, **forms.ClaimFilter(query).given())


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def claim_list(request: HttpRequest) -> HttpResponse:
    """The claims that a person may see."""
    form, user = forms.ClaimFilter(request.GET), request.user
    listing = lists.of_queryset(request.GET, found_claims(user, request.GET), columns=CLAIMS, default="-claimed", form=form)
    context = {
        "form": form, "list": listing, "may_claim": user.may(Permission.ASSESSMENT_ANSWER),  # type: ignore[union-attr]
        "may_export": user.may(Permission.ASSESSMENT_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "assessment/rewards.html", "assessment/_rewards.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The filtered claims as a spreadsheet."""
    later = spreadsheets.later(request, "assessment.rewards", found_claims(request.user, request.GET).count())
    if later is not None:
        return later
    made = exchange.at_once(request, "assessment.rewards")
    actions.note_export(by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=made.row_count)
    return made


@get_or_post
@require_permission(Permission.ASSESSMENT_ANSWER)
@guarded
def claim_new(request: HttpRequest) -> HttpResponse:
    """Claim an award for a project."""
    form = forms.ClaimForm(bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.claim, **form.values())
        if made is not None:
            return redirect("assessment:reward", made.public_id)
    title, button = _("Claim a reward"), pgettext("reward claim", "Claim")
    more = {"of_rewards": True, "first": reverse("assessment:reward-documents"), "first_label": _("Reward documents")}
    if not form.fields["award"].choices:  # type: ignore[attr-defined]
        more["lacking"] = _("No reward document holds for your unit yet.")
    return form_page(request, form, title=title, button=button, back=reverse("assessment:rewards"), **more)


def _claim_of(request: HttpRequest, pk: UUID) -> RewardClaim:
    return get_object_or_404(queries.claims(request.user).select_related("decided_by"), public_id=pk)


def _page(request: HttpRequest, found: RewardClaim, *, fault: str = "", status: int = 200) -> HttpResponse:
    sheet = found.sheets.select_related("version", "by").first()
    may, obstacles = queries.may(request.user, found), queries.obstacles(request.user, found, access.today())
    context = {
        "claim": found, "obstacles": obstacles, "may_approve": may["may_decide"] and not obstacles,
        "sheet": queries.sheet_page(request.user, sheet) if sheet else None, "fault": fault,
        "facts": queries.entered(found, access.today()), "is_tied": queries.is_tied_to_tax(found, access.today()),
        "apply_by": queries.apply_by(found, access.today()),
        "may_export": request.user.may(Permission.ASSESSMENT_EXPORT), **may,  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "assessment/reward.html", "assessment/_reward.html", context, status=status)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A claim with its sheet, what it rests on, and the next step."""
    return _page(request, _claim_of(request, pk))


@get_or_post
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter the facts that no record tells."""
    found = _claim_of(request, pk)
    if not queries.may(request.user, found)["may_fill"]:
        raise PermissionDenied
    facts = queries.to_fill(found, access.today())
    if not facts:
        messages.info(request, _("The records tell every fact of this award: there is nothing to enter."))
        return redirect("assessment:reward", pk)
    form = forms.FillForm(bound(request), facts=facts, entered=found.entered)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.fill, claim=found, values=form.values()) is not None:
        messages.success(request, _("Saved."))
        return redirect("assessment:reward", pk)
    title, back = _("Enter the facts of a claim"), reverse("assessment:reward", args=[pk])
    return form_page(request, form, title=title, button=_("Save"), back=back, of_rewards=True, about=found.about)


def _done(request: HttpRequest, pk: UUID, said: str, action: Any, **values: Any) -> HttpResponse:
    """Do a step; a refusal stands on the page of the claim."""
    found = _claim_of(request, pk)
    try:
        action(claim=found, by=request.user, at=timezone.now(), **values)
    except refusing.Refused as refused:
        return _page(request, found, fault=" ".join(refusals.in_words(refused.refusals)), status=409)
    messages.success(request, said)
    return redirect("assessment:reward", pk)


@require_POST
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def compute(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Compute a claim as of today."""
    form = forms.ReviewForm(request.POST)
    review = form.cleaned_data["review"] if form.is_valid() else ""
    return _done(request, pk, _("Computed. Somebody else who may approve now decides."), actions.compute, review=review)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@guarded
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve; the amount stands as to be paid."""
    said = _("Approved. The amount stands as to be paid.")
    return _done(request, pk, said, actions.decide, step=ClaimStep.APPROVE, reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@guarded
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Grant nothing, with a reason."""
    return _done(request, pk, _("Not granted."), actions.decide, step=ClaimStep.DECLINE, reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@guarded
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send back to whoever claimed, with a reason."""
    return _done(request, pk, _("Sent back."), actions.decide, step=ClaimStep.SEND_BACK, reason=reason_of(request))


@require_POST
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a claim up, with a reason."""
    return _done(request, pk, _("Withdrawn."), actions.decide, step=ClaimStep.WITHDRAW, reason=reason_of(request))


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def paper(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The sheet as Word or PDF."""
    found = _claim_of(request, pk)
    sheet = found.sheets.select_related("version", "by").first()
    if sheet is None or form not in papers.TYPES:
        raise Http404
    made = reward_papers.paper(request.user, found, sheet)
    actions.note_export(by=request.user, at=timezone.now(), filters={"claim": str(found.public_id), "form": form}, rows=1)
    try:
        return papers.download(made, form, at=timezone.now())  # type: ignore[arg-type]
    except papers.NoChineseFont:
        messages.error(request, _("This server has no Chinese font, so that a PDF would show boxes: take Word."))
        return redirect("assessment:reward", pk)
