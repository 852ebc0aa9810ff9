"""What filing tells: what a person is told of other units, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from wutong.web.leads.models import Claim, ClaimShare, Dispute, Filing, FilingMatch, Lead, not_over
from wutong.web.leads.rules.claims import ClaimState, Decision, Outcome, Verdict
from wutong.web.leads.rules.leads import Refusal


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """Another unit is first: which unit, since when, and whom to ask. Of the lead itself nothing.

    `officer`: a promotion officer of that unit, the same for all of its leads; "" where its roster is empty.
    """

    unit: str
    since_on: dt.date
    coordinator: str
    officer: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """What a filing came to. `told`: answers across units; `known`: leads that the filer may see himself; `claim`: None where refused."""

    filing: Filing
    outcome: Outcome
    claim: Claim | None
    told: tuple[FirstClaim, ...]
    known: tuple[Lead, ...]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Why there is no claim; empty where there is one."""
        return () if self.claim is not None else (Refusal.FIRM_CLAIMED,)


def told_of(lead: Lead) -> Claim | None:
    """The claim in force that whoever filed a lead was told of: nothing else can be disputed, or asking would tell what is hidden."""
    told = FilingMatch.objects.filter(filing__lead=lead, is_told=True, verdict=Verdict.SAME, claim__state=ClaimState.OPEN)
    match = told.select_related("claim__lead__unit", "claim__unit").order_by("-filing__number", "pk").first()
    return match.claim if match else None


def shared(leads: Collection[int]) -> dict[int, tuple[ClaimShare, ...]]:
    """Of these leads those whose unit shares the claim in force that their filing was told of: what it has and is to have, by first day.

    Why by what was told: a lead and the claim of another are tied by that filing alone. One question where nothing was told.
    """
    told = FilingMatch.objects.filter(filing__lead__in=leads, is_told=True, verdict=Verdict.SAME, claim__state=ClaimState.OPEN)
    tied = {
        lead: (claim, unit)
        for lead, claim, unit in told.order_by("filing__number").values_list("filing__lead", "claim", "filing__lead__unit")
    }
    if not tied:
        return {}
    held: dict[tuple[int, int], list[ClaimShare]] = {}
    shares = ClaimShare.objects.filter(not_over(), claim__in={claim for claim, _unit in tied.values()})
    for one in shares.select_related("claim__unit", "claim__lead"):
        held.setdefault((one.claim_id, one.unit_id), []).append(one)
    return {lead: tuple(held[key]) for lead, key in tied.items() if key in held}


def is_ruled(lead: Lead, claim: Claim | None) -> bool:
    """Whether a dispute of the lead about this claim ended with both sharing it."""
    return claim is not None and Dispute.objects.filter(lead=lead, claim=claim, decision=Decision.SHARED, decided_at__isnull=False).exists()
