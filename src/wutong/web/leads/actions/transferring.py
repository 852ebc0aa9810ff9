"""Leads that go to another unit (流转): offered with terms, accepted, refused, withdrawn; leavers' leads; firms that became one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import ClaimShare, Lead, Transfer
from wutong.web.leads.queries import people
from wutong.web.leads.rules import claims
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import WHOLE, ClaimState, Leader, Part, Period, ShareRole, TransferState
from wutong.web.leads.rules.leads import Refusal


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a lead is offered. `periods`: first day and the finder's share in basis points; the rest is the host's."""

    periods: tuple[tuple[dt.date, int], ...]
    leads_before: Leader = Leader.FINDER
    leads_after: Leader = Leader.HOST

    def shares(self, finder: int, host: int) -> tuple[Period, ...]:
        """As shares of the claim; who has nothing in a period does not stand there."""
        return tuple(
            Period(
                from_on,
                tuple(
                    part
                    for part in (Part(finder, points, ShareRole.FINDER), Part(host, WHOLE - points, ShareRole.HOST))
                    if part.share_basis_points
                ),
            )
            for from_on, points in self.periods
        )


@transaction.atomic
def offer(*, lead: Lead, to: Unit, terms: Terms, reason: str, by: Any, at: dt.datetime) -> Transfer:
    """Offer a lead to the unit where it is to land (流转), which accepts or refuses. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    claim = standing.open_claim(found)
    is_one_open = claim is not None and Transfer.objects.filter(claim=claim, state=TransferState.ASKED).exists()
    refuse(
        claims.refusals_to_transfer(
            found.facts(), claim.facts() if claim else None, is_to_itself=to.pk == found.unit_id, is_to_open=to.closed_on is None,
            is_one_open=is_one_open, is_shared_with_others=_is_shared_with_others(found, {found.unit_id, to.pk}, at), reason=reason,
        )
    )  # fmt: skip
    assert claim is not None  # the rules refuse it
    refuse(claims.refusals_of_periods(terms.shares(found.unit_id, to.pk), last_from_on=None))
    made = Transfer.objects.create(
        claim=claim, from_unit=found.unit, to_unit=to, leads_before=terms.leads_before, leads_after=terms.leads_after,
        periods=[[day.isoformat(), points] for day, points in terms.periods], reason=reason.strip()[:500], asked_by=by, asked_at=at,
    )  # fmt: skip
    audit.record(action="leads.offer_lead", by=by, at=at, obj=made, changes={"to_unit": str(to), "reason": reason})
    for person in people.of_unit(to)[:20]:
        _tell(made, person, lambda: _("A lead is offered to your unit"), "offered", by=by, at=at)
    return made


@transaction.atomic
def accept(*, transfer: Transfer, owner: User, by: Any, at: dt.datetime) -> Transfer:
    """Accept a lead for one's unit; shares begin, and who leads before signing holds the lead. Raises: NotAllowed, Refused."""
    lead = standing.locked(transfer.claim.lead)
    found = _locked(transfer)
    _require_to_answer(by, found)
    claim = standing.open_claim(lead)
    is_open = claim is not None and claim.pk == found.claim_id
    refuse(claims.refusals_to_answer_transfer(TransferState(found.state), is_accepted=True, answer="", is_claim_open=is_open))
    is_of_unit = people.is_of_unit(owner, found.to_unit)
    refuse(rules.those((Refusal.PERSON_INACTIVE, not owner.is_active), (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit)))
    refuse((*rules.refusals_to_touch(lead.facts()), *rules.those((Refusal.LEAD_CONFIDENTIAL, lead.is_confidential))))  # since the offer
    refuse((Refusal.SHARED_WITH_OTHERS,) if _is_shared_with_others(lead, {found.from_unit_id, found.to_unit_id}, at) else ())
    assert claim is not None  # the rules refuse it
    terms = Terms(tuple((dt.date.fromisoformat(day), points) for day, points in found.periods))
    standing.share(claim=claim, periods=terms.shares(found.from_unit_id, found.to_unit_id), by=by, at=at)
    if found.leads_before == Leader.HOST:
        lead.unit, lead.owner, claim.unit = found.to_unit, owner, found.to_unit
        lead.save(update_fields=["unit", "owner"])
        claim.save(update_fields=["unit"])
    _answer(found, TransferState.ACCEPTED, "", by=by, at=at)
    audit.record(action="leads.accept_lead", by=by, at=at, obj=found, changes={"owner": str(owner)})
    if found.asked_by is not None:
        _tell(found, found.asked_by, lambda: _("The lead that you offered was accepted"), "answered", by=by, at=at)
    return found


@transaction.atomic
def refuse_lead(*, transfer: Transfer, reason: str, by: Any, at: dt.datetime) -> Transfer:
    """Refuse a lead for one's unit, with the reason that the other is told. Raises: NotAllowed, Refused."""
    found = _locked(transfer)
    _require_to_answer(by, found)
    refuse(claims.refusals_to_answer_transfer(TransferState(found.state), is_accepted=False, answer=reason, is_claim_open=True))
    _answer(found, TransferState.REFUSED, reason, by=by, at=at)
    audit.record(action="leads.refuse_lead", by=by, at=at, obj=found, changes={"reason": reason})
    if found.asked_by is not None:
        _tell(found, found.asked_by, lambda: _("The lead that you offered was refused"), "answered", by=by, at=at)
    return found


@transaction.atomic
def withdraw_offer(*, transfer: Transfer, reason: str, by: Any, at: dt.datetime) -> Transfer:
    """Take an offer back that nobody answered. Raises: NotAllowed, Refused."""
    found = _locked(transfer)
    facts = found.facts()
    standing.require_party(by, lambda grants: claims.may_withdraw_offer(grants, facts, person_id=by.pk, unit_id=by.unit_id))
    refuse(claims.refusals_to_answer_transfer(TransferState(found.state), is_accepted=False, answer=reason, is_claim_open=True))
    _answer(found, TransferState.WITHDRAWN, reason, by=by, at=at)
    audit.record(action="leads.withdraw_offer", by=by, at=at, obj=found, changes={"reason": reason})
    return found


def _require_to_answer(by: Any, found: Transfer) -> None:
    facts = found.facts()
    standing.require_party(by, lambda grants: claims.may_answer_offer(grants, facts, person_id=by.pk, unit_id=by.unit_id))


def _is_shared_with_others(lead: Lead, units: set[int], at: dt.datetime) -> bool:
    """Whether a third unit has a share now or later, of which the terms of two would say nothing."""
    held = ClaimShare.objects.filter(Q(until_on=None) | Q(until_on__gt=day_of(at)), claim__lead=lead, claim__state=ClaimState.OPEN)
    return held.exclude(unit__in=units).exists()


def _answer(found: Transfer, state: TransferState, answer: str, *, by: Any, at: dt.datetime) -> None:
    found.state, found.answer, found.answered_by, found.answered_at = state, answer.strip()[:500], by, at
    found.save(update_fields=["state", "answer", "answered_by", "answered_at"])


def _tell(made: Transfer, to: User, said: Any, key: str, *, by: Any, at: dt.datetime) -> None:
    if to.is_active and to != by:
        names = {"lead": made.claim.lead.outside_name, "unit": made.from_unit, "other": made.to_unit}
        jobs.tell(
            to=to, key=f"leads:transfer:{key}:{made.public_id}:{to.pk}",
            words=lambda: (said(), _("%(lead)s: from %(unit)s to %(other)s") % names),
            address=reverse("leads:offer", args=[made.public_id]), by=by, at=at,
        )  # fmt: skip


def _locked(transfer: Transfer) -> Transfer:
    related = ("claim__lead__unit", "claim__lead__owner", "from_unit", "to_unit", "asked_by")
    return Transfer.objects.select_for_update(of=("self",)).select_related(*related).get(pk=transfer.pk)


# --- who leaves, what becomes one -------------------------------------------------------------------------------------------------------
@transaction.atomic
def hand_over_leads(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's leads to a colleague, confidential ones to whoever is named for them or heads the unit. Returns how many moved.

    Why: to take somebody's place is no need to know. Raises: NotAllowed unless `by` may change both people.
    """
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    held = list(Lead.objects.select_for_update(of=("self",)).filter(owner=from_user).select_related("unit").order_by("pk"))
    open_ones = [lead.pk for lead in held if not lead.is_confidential]
    Lead.objects.filter(pk__in=open_ones).update(owner=to_user)
    if open_ones:
        audit.record(action="leads.hand_over_leads", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": len(open_ones)})
    for lead in held:
        if lead.is_confidential:
            _hand_over_secret(lead, from_user, to_user, by=by, at=at)
    return len(held)


@transaction.atomic(savepoint=False)
def _hand_over_secret(lead: Lead, from_user: User, to_user: User, *, by: Any, at: dt.datetime) -> None:
    """A confidential lead goes to its heir; the entry says as what."""
    heir, how = people.heir(lead.unit, from_user, to_user, is_named=standing.may_know(to_user, lead))
    lead.owner = heir
    lead.save(update_fields=["owner"])
    audit.record(
        action="leads.hand_over_confidential", by=by, at=at, obj=lead, changes={"from": str(from_user), "to": str(heir), "as": how}
    )
    if heir.is_active and heir != by:
        name = lead.code_name
        jobs.tell(
            to=heir, key=f"leads:handed_over:{lead.public_id}:{at.isoformat()}",
            words=lambda: (_("A confidential lead of a leaver is yours now: decide who is to be named for it"), name),
            address=reverse("leads:lead", args=[lead.public_id]), by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def repoint_leads(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the leads of a firm be leads of another with which it became one; claims stay as they are. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = Lead.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(action="leads.repoint_leads", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved
