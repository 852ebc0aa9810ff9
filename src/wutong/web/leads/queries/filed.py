"""What filing tells: what a person is told of other units, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from wutong.web.leads.models import Claim, Filing, FilingMatch, Lead
from wutong.web.leads.rules.claims import ClaimState, Outcome, Verdict
from wutong.web.leads.rules.leads import Refusal


@dataclass(frozen=True, slots=True)
class FirstClaim:
    """Another unit is first: which unit, since when, and whom to ask. Of the lead itself nothing."""

    unit: str
    since_on: dt.date
    coordinator: str


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
