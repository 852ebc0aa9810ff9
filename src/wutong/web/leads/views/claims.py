"""What a filing came to; disputes about claims; leads that one unit offers to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import disputing, transferring
from wutong.web.leads.forms import claims as forms
from wutong.web.leads.models import Dispute, Filing, Transfer
from wutong.web.leads.queries import dossier, quarrels
from wutong.web.leads.views.answers import answered, attempt, lead_of
from wutong.web.lib import access
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def filing(request: HttpRequest, pk: object, entry: object) -> HttpResponse:
    """What a filing came to, in words."""
    lead = lead_of(request, pk)
    found = get_object_or_404(Filing.objects.visible_to(request.user).filter(lead=lead).select_related("unit", "by"), public_id=entry)
    may, claim = dossier.may(request.user, lead), lead.standing_claim
    context = {
        "lead": lead, "filing": found, "claim": claim, "known": dossier.known_leads(found, request.user), "told": dossier.told_words(found),
        "again": forms.FileForm(lead=lead) if may.work and claim is None and lead.state == "open" else None,
        "may_dispute": may.work and quarrels.may_be_disputed(lead), "decided_days": quarrels.decided_days(access.today()),
    }  # fmt: skip
    return render(request, "leads/filing.html", context)


# --- disputes ---------------------------------------------------------------------------------------------------------------------------
def _dispute_of(request: HttpRequest, pk: object) -> Dispute:
    found: Dispute = get_object_or_404(quarrels.whole(Dispute.objects.visible_to(request.user)), public_id=pk)
    return found


def _draw_dispute(request: HttpRequest, found: Dispute, **forms_there: Any) -> HttpResponse:
    page = quarrels.dispute(found, request.user)
    decide = forms_there.get("decide") or (forms.DecideForm(dispute=found) if page.may_decide else None)
    withdraw = forms_there.get("withdraw") or (forms.WhyWithdrawnForm(dispute=found) if page.may_withdraw else None)
    context = {"dispute": found, "page": page, "decide": decide, "withdraw": withdraw}
    return render(request, "leads/dispute.html", context, status=422 if forms_there else 200)


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def dispute(request: HttpRequest, pk: object) -> HttpResponse:
    """A dispute: both sides, the evidence, the decision."""
    return _draw_dispute(request, _dispute_of(request, pk))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def dispute_decide(request: HttpRequest, pk: object) -> HttpResponse:
    """Decide a dispute, for good."""
    found = _dispute_of(request, pk)
    form = forms.DecideForm(request.POST, dispute=found)
    if form.is_valid() and attempt(request, form, disputing.decide, dispute=found, **form.values()):
        messages.success(request, _("The dispute is decided; both units were told."))
        return redirect("leads:dispute", pk)
    return _draw_dispute(request, found, decide=form)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def dispute_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Withdraw a dispute; it stays written down."""
    found = _dispute_of(request, pk)
    form = forms.WhyWithdrawnForm(request.POST, dispute=found)
    if form.is_valid() and attempt(request, form, disputing.withdraw_dispute, dispute=found, **form.cleaned_data):
        messages.success(request, _("The dispute is withdrawn."))
        return redirect("leads:dispute", pk)
    return _draw_dispute(request, found, withdraw=form)


# --- offers -----------------------------------------------------------------------------------------------------------------------------
def _offer_of(request: HttpRequest, pk: object) -> Transfer:
    found: Transfer = get_object_or_404(quarrels.whole_offer(Transfer.objects.visible_to(request.user)), public_id=pk)
    return found


def _draw_offer(request: HttpRequest, found: Transfer, **forms_there: Any) -> HttpResponse:
    page = quarrels.offer(found, request.user)
    accept = forms_there.get("accept") or (forms.AcceptForm(transfer=found, user=request.user) if page.may_answer else None)
    refuse = forms_there.get("refuse") or (forms.WhyForm(prefix="refuse") if page.may_answer else None)
    withdraw = forms_there.get("withdraw") or (forms.WhyForm(prefix="withdraw") if page.may_withdraw else None)
    context = {"offer": found, "page": page, "accept": accept, "refuse": refuse, "withdraw": withdraw}
    return render(request, "leads/offer.html", context, status=422 if forms_there else 200)


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def offer(request: HttpRequest, pk: object) -> HttpResponse:
    """A lead that is offered: its terms, and the answer."""
    return _draw_offer(request, _offer_of(request, pk))


def _answer(request: HttpRequest, pk: object, form: Any, *, name: str, action: Callable[..., Any], said: str) -> HttpResponse:
    found = _offer_of(request, pk)
    if form.is_valid() and attempt(request, form, action, transfer=found, **form.cleaned_data):
        messages.success(request, said)
        return redirect("leads:offer", pk)
    return _draw_offer(request, found, **{name: form})


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def offer_accept(request: HttpRequest, pk: object) -> HttpResponse:
    """Accept an offered lead for one's unit."""
    form = forms.AcceptForm(request.POST, transfer=_offer_of(request, pk), user=request.user)
    return _answer(request, pk, form, name="accept", action=transferring.accept, said=_("The lead is accepted; the shares begin."))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def offer_refuse(request: HttpRequest, pk: object) -> HttpResponse:
    """Refuse an offered lead, with a reason."""
    form = forms.WhyForm(request.POST, prefix="refuse")
    return _answer(
        request, pk, form, name="refuse", action=transferring.refuse_lead, said=_("The lead is refused; the other unit was told why.")
    )


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def offer_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take an offer back that nobody answered."""
    form = forms.WhyForm(request.POST, prefix="withdraw")
    return _answer(request, pk, form, name="withdraw", action=transferring.withdraw_offer, said=_("The offer is taken back."))
