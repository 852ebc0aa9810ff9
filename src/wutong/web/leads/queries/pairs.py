"""Pairs of leads that may be one, side by side, for whoever may see both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from wutong.web.leads.models import CLAIM_STATES, Claim, Lead, LeadPair
from wutong.web.leads.queries import reasons
from wutong.web.leads.queries.reasons import Told
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import STANDING, ClaimState, PairState

MOST_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Side:
    """One lead of a pair. `filed_on`: since when its claim stands, None where none does."""

    lead: Lead
    filed_on: dt.date | None
    claim_words: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair with both sides, that of the earlier claim first, and why the two may be one."""

    pair: LeadPair
    sides: tuple[Side, Side]
    reasons: tuple[Told, ...]
    may_decide: bool

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.pair.state == PairState.OPEN


def found(user: Any, *, state: str = "", text: str = "", file: str = "") -> QuerySet[LeadPair]:
    """The pairs that a person may see, by state, words of either lead, and the file that brought them."""
    pairs = LeadPair.objects.get_queryset().visible_to(user)  # type: ignore[attr-defined]
    if state:
        pairs = pairs.filter(state=state)
    if file:
        pairs = pairs.filter(found_in=file)
    for word in text.split():
        sides = (Q(**{f"{side}__{field}__icontains": word}) for side in ("lead", "other") for field in ("title", "name"))
        pairs = pairs.filter(next(sides) | next(sides) | next(sides) | next(sides))
    whole: QuerySet[LeadPair] = pairs.select_related("lead__unit", "lead__owner", "other__unit", "other__owner", "decided_by")
    return whole


def drawn(pairs: list[LeadPair], user: Any) -> list[Pair]:
    """Pairs as the page shows them, one question for all claims; without a person as a spreadsheet does."""
    keys = {key for pair in pairs for key in (pair.lead_id, pair.other_id)}
    claims = {claim.lead_id: claim for claim in Claim.objects.filter(lead__in=keys, state__in=STANDING)}
    return [_drawn(pair, claims, user) for pair in pairs]


def _drawn(pair: LeadPair, claims: dict[int, Claim], user: Any) -> Pair:
    sides = sorted((_side(lead, claims.get(lead.pk)) for lead in (pair.other, pair.lead)), key=lambda side: side.filed_on or dt.date.max)
    return Pair(pair, (sides[0], sides[1]), reasons.in_words(pair.reasons), user is not None and may_decide(user, pair))


def _side(lead: Lead, claim: Claim | None) -> Side:
    return Side(lead, claim.facts().filed_on if claim else None, CLAIM_STATES[ClaimState(claim.state)] if claim else "")


def may_decide(user: Any, pair: LeadPair) -> bool:
    """Whether a person works on both leads, of one unit, or stands above both units; of a confidential one its owner."""
    leads = (pair.lead, pair.other)
    if any(lead.is_confidential and lead.owner_id != user.pk for lead in leads):
        return False
    if pair.lead.unit_id == pair.other.unit_id and not any(lead.is_confidential for lead in leads):
        return bool(user.permits(lambda grants: rules.may_work(grants, pair.lead.facts(), person_id=user.pk)))
    return bool(user.permits(lambda grants: rules.may_direct(grants, [lead.unit.target() for lead in leads], person_id=user.pk)))


def has_to_decide(user: Any, file: str) -> bool:
    """Whether of the pairs that a file brought one waits for this person's word."""
    return any(may_decide(user, pair) for pair in found(user, state=PairState.OPEN, file=file)[:MOST_LOOKED_AT])


def open_count(user: Any) -> int:
    """How many wait for a person's word."""
    return found(user, state=PairState.OPEN).count()
