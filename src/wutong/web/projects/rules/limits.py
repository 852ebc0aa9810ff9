"""Limits after signing (签约后时限): by when what must have come about, how that stands, and which one a late start is measured by."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from wutong.rulebook.lifecycle import Limit
from wutong.rulebook.rates import NODE
from wutong.web.projects.rules import histories, keys, stages
from wutong.web.projects.rules.histories import RatedProject
from wutong.web.projects.rules.keys import KeyFacts
from wutong.web.projects.rules.stages import Light

FACTS: Mapping[str, str] = {
    "signed": "contract", "registered": "registered", "land_granted": "land", "started": "started", "completed": "completed",
    "production": "production", "full_capacity": "full",
}  # fmt: skip
"""Stage → the fact that is its day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a limit stands for a project. `due_on` None: whether it is for this project is not known, for `lacks`.

    `light`: green on time, amber near its day or done late, red late.
    """

    code: str
    since_on: dt.date
    due_on: dt.date | None
    done_on: dt.date | None
    light: Light
    late_days: int
    lacks: tuple[str, ...] = ()

    @property
    def within_days(self) -> int | None:
        """Within how many days it is to come about."""
        return (self.due_on - self.since_on).days if self.due_on is not None else None

    @property
    def is_open(self) -> bool:
        """Whether it runs, and has not come about yet."""
        return self.due_on is not None and self.done_on is None


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many calendar months later, or the last one of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def standings(
    limits: Iterable[Limit], project: RatedProject, *, on: dt.date, yellow_days: int, not_needed: Collection[str] = ()
) -> tuple[Standing, ...]:
    """How every limit stands that began for a project, and was in force when it began; none of one that is lost or has no contract left.

    `not_needed`: the sub-nodes that this project does not need.
    """
    if histories.is_lost(project, on) or histories.is_ended(project, on):
        return ()
    facts = KeyFacts(project.kind, project.mode, project.site_kind, project.chain, project.industries, project.total_yuan)
    found = (_standing(limit, project, facts, on=on, yellow_days=yellow_days) for limit in limits if limit.node not in not_needed)
    return tuple(one for one in found if one is not None)


def _standing(limit: Limit, project: RatedProject, facts: KeyFacts, *, on: dt.date, yellow_days: int) -> Standing | None:
    since_on = _since_on(limit, project, on)
    if since_on is None or since_on > on or not limit.is_in_force(since_on):
        return None
    verdict = keys.judged(limit, facts)
    if verdict.is_met is False:
        return None
    promised = histories.promised_yuan_of(project, on) if limit.money_share is not None else None
    lacks = (*verdict.lacks, *(("contract_yuan",) if limit.money_share is not None and promised is None else ()))
    if lacks:
        return Standing(limit.code, since_on, None, None, Light.GREY, 0, lacks)
    due_on, done_on = months_after(since_on, limit.months), _done_on(limit, project, on, promised)
    late_days = max(0, ((done_on or on) - due_on).days)
    light = stages.until(due_on, on=on, yellow_days=yellow_days) if done_on is None else Light.AMBER if late_days else Light.GREEN
    return Standing(limit.code, since_on, due_on, done_on, light, late_days)


def _since_on(limit: Limit, project: RatedProject, on: dt.date) -> dt.date | None:
    """From which day a limit counts: from a signing on by the first contract in force, for what one that ended promised is over."""
    if limit.after == "signed":
        return histories.signed_since(project, on)
    begun = histories.of_fact(project, FACTS[limit.after], on, may_imply=False)
    return begun.on if begun is not None else None


def _done_on(limit: Limit, project: RatedProject, on: dt.date, promised_yuan: Decimal | None) -> dt.date | None:
    """When what is asked for came about, by a day; None: not yet."""
    if limit.money_share is not None:
        return _arrived_on(project, (promised_yuan or Decimal(0)) * limit.money_share, on)
    fact = FACTS[limit.stage] if limit.stage else f"{NODE}{limit.node}"
    found = histories.of_fact(project, fact, on, may_imply=True)
    return found.on if found is not None and found.on <= on else None


def _arrived_on(project: RatedProject, yuan: Decimal, on: dt.date) -> dt.date | None:
    """The day since which at least so much was there; reversals take it away again. Units: yuan."""
    sum_yuan, since = Decimal(0), None
    for day, amount in sorted(project.arrived):
        if day > on:
            break
        sum_yuan += amount
        since = (since or day) if sum_yuan >= yuan else None
    return since


def start_within(limits: Iterable[Limit], project: RatedProject, *, on: dt.date) -> Standing | None:
    """The limit by which it is to start after its signing, the soonest of those that are for it; None: no limit says it."""
    starts = [one for one in limits if one.after == "signed" and one.stage == "started"]
    found = [(one.due_on, one) for one in standings(starts, project, on=on, yellow_days=0) if one.due_on is not None]
    return min(found, key=lambda one: one[0])[1] if found else None
