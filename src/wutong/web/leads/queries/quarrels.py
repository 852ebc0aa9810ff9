"""The pages of a dispute and of an offer: both sides as far as the reader may know them, the terms, and what may be done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from wutong.web.journal.models import Attachment
from wutong.web.leads.models import ClaimShare, Dispute, Filing, Lead, Progress, Transfer
from wutong.web.leads.queries import clocks, filed, people
from wutong.web.leads.rules import claims, lists
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import WHOLE, Decision, TransferState

MOST_PROGRESS = 5


@dataclass(frozen=True, slots=True)
class DisputePage:
    """A dispute as somebody sees it. `mine`, `other`: the lead that disputes and the one whose claim it is, None where he may not see it.

    `shares`: what the decision gave. `sides`: the first claim and what disputes it, as far as the reader may see either. `acts`: whose
    turn it is, "" where it is nobody's. `is_reason_kept`: why it was withdrawn is not for him: the lead is confidential and not his to see.

    Why: each side sees its own lead; of the other only unit and day. Whoever stands above both sees both, and does not act for a party.
    """

    mine: Lead | None
    other: Lead | None
    may_decide: bool
    may_withdraw: bool
    is_own_cause: bool
    shares: tuple[ClaimShare, ...] = ()
    sides: tuple[Side, ...] = ()
    acts: str = ""
    is_reason_kept: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a dispute has on record. `lead` and all behind `filed_at`: empty where the reader may not see its lead.

    `filing`: the one of `filed_at`, None where the claim came about otherwise; `progress_count`: of entries that no later one corrects,
    `progress` the newest of these.
    """

    label: str
    unit: Any
    filed_at: dt.datetime | None
    lead: Lead | None = None
    filing: Filing | None = None
    progress: tuple[Progress, ...] = ()
    progress_count: int = 0
    first_done_on: dt.date | None = None
    evidence_count: int = 0


@dataclass(frozen=True, slots=True)
class Term:
    """One period of an offer: from when, and what either side has, in per cent."""

    from_on: dt.date
    finder_points: int
    host_points: int


@dataclass(frozen=True, slots=True)
class OfferPage:
    """An offer as somebody sees it."""

    lead: Lead | None
    terms: tuple[Term, ...]
    may_answer: bool
    may_withdraw: bool
    acts: str = ""


def decided_days(on: dt.date) -> int:
    """Within how many working days a filing that waits is to be decided."""
    return clocks.number(claims.DECIDED_LEAF, on)


def may_be_disputed(lead: Lead) -> bool:
    """Whether a filing of the lead was told of a claim that is in force, and no dispute about it waits."""
    is_open = Dispute.objects.filter(lead=lead, decided_at=None, withdrawn_at=None).exists()
    claim = filed.told_of(lead)
    return not is_open and claim is not None and not filed.is_ruled(lead, claim)


def whole(found: Any) -> Any:
    """Disputes with all that their page names."""
    return found.select_related("lead__unit", "lead__owner", "unit", "claim__unit", "claim__lead__unit", "claim__lead__owner", "opened_by",
                                "decided_by")  # fmt: skip


def dispute(found: Dispute, user: Any) -> DisputePage:
    """Both sides of a dispute, as far as the person may see them."""
    seen = {one.pk: one for one in Lead.objects.visible_to(user).filter(pk__in=[found.lead_id, found.claim.lead_id]).select_related("unit")}
    targets = (found.unit.target(), found.claim.unit.target())
    directs = user.permits(lambda grants: rules.may_direct(grants, targets, person_id=user.pk))
    is_own = user.pk in {found.opened_by_id, found.lead.owner_id, found.claim.lead.owner_id, found.claim.filed_by_id}
    facts = found.facts()
    withdraws = user.permits(lambda grants: claims.may_withdraw_dispute(grants, facts, person_id=user.pk))
    mine, other = seen.get(found.lead_id), seen.get(found.claim.lead_id)
    return DisputePage(
        mine, other, may_decide=found.is_open and directs and not is_own,
        may_withdraw=found.is_open and withdraws, is_own_cause=directs and is_own, shares=_shares_of(found),
        sides=_sides(found, mine, other, user), acts=_decider(found) if found.is_open else "",
        is_reason_kept=found.lead.is_confidential and mine is None,
    )  # fmt: skip


def _decider(found: Dispute) -> str:
    """Who decides: the unit that brings both units together."""
    above = lists.path_above(found.unit.path, found.claim.unit.path)
    return people.coordinators({above}).get(above, "") if above else ""


def _sides(found: Dispute, mine: Lead | None, other: Lead | None, user: Any) -> tuple[Side, ...]:
    """The first claim, then what disputes it."""
    before = Filing.objects.filter(lead=found.lead_id, at__lte=found.opened_at)  # later ones are not for the other unit
    filing = before.order_by("-number").first()
    return (
        _side(_("Disputed claim"), found.claim.unit, found.claim.filed_at, other, user),
        _side(_("Disputed by"), found.unit, filing.at if filing else None, mine, user),
    )  # fmt: skip


def _side(label: str, unit: Any, filed_at: dt.datetime | None, lead: Lead | None, user: Any) -> Side:
    if lead is None:
        return Side(label, unit, filed_at)
    corrected = Progress.objects.filter(lead=lead).exclude(corrects=None).values("corrects")
    done = Progress.objects.filter(lead=lead).exclude(pk__in=corrected).select_related("by").order_by("-done_on", "-pk")
    told = done.aggregate(n=Count("pk"), first=Min("done_on"))
    filing = Filing.objects.filter(lead=lead, at=filed_at).select_related("by", "unit").order_by("-number").first() if filed_at else None
    evidence = Attachment.objects.visible_to(user).filter(model="leads.Lead", record=lead.public_id, hidden_at=None).count()
    return Side(label, unit, filed_at, lead, filing, tuple(done[:MOST_PROGRESS]), told["n"], told["first"], evidence)


def _shares_of(found: Dispute) -> tuple[ClaimShare, ...]:
    """The shares that a decision gave; none where they were given anew on the same day."""
    if found.decision != Decision.SHARED:
        return ()
    return tuple(ClaimShare.objects.filter(claim=found.claim_id, given_at=found.decided_at).select_related("unit"))


def whole_offer(found: Any) -> Any:
    """Offers with all that their page names."""
    return found.select_related("claim__lead__unit", "claim__lead__owner", "from_unit", "to_unit", "asked_by", "answered_by")


def told_of_offer(user: Any, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    """What the history of an offer tells: not why it was offered, which the page says to whoever may still see the lead."""
    return {name: value for name, value in changes.items() if action != "leads.offer_lead" or name != "reason"}


def offer(found: Transfer, user: Any) -> OfferPage:
    """The terms of an offer, and what may be done with it; whoever may not see the lead any more reads no terms either."""
    lead = Lead.objects.visible_to(user).filter(pk=found.claim.lead_id).select_related("unit", "owner").first()
    terms = tuple(Term(dt.date.fromisoformat(day), points, WHOLE - points) for day, points in found.periods if lead is not None)
    is_asked = found.state == TransferState.ASKED
    facts, who = found.facts(), {"person_id": user.pk, "unit_id": user.unit_id}
    answers = user.permits(lambda grants: claims.may_answer_offer(grants, facts, **who))
    withdraws = user.permits(lambda grants: claims.may_withdraw_offer(grants, facts, **who))
    return OfferPage(lead, terms, is_asked and answers, is_asked and withdraws, found.to_unit.name if is_asked else "")
