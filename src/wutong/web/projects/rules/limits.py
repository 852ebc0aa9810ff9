"""Limits after signing (签约后时限): by when what must have come about, how that stands, and which one a late start is measured by."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
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
    def is_open(self) -> bool:
        """Whether it runs, and has not come about yet."""
        return self.due_on is not None and self.done_on is None


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many calendar months later, or the last one of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def standings(limits: Iterable[Limit], project: RatedProject, *, on: dt.date, yellow_days: int) -> tuple[Standing, ...]:
    """How every limit stands that began for a project, and was in force when it began."""
    found = (_standing(limit, project, on=on, yellow_days=yellow_days) for limit in limits)
    return tuple(one for one in found if one is not None)


def _standing(limit: Limit, project: RatedProject, *, on: dt.date, yellow_days: int) -> Standing | None:
    begun = histories.of_fact(project, FACTS[limit.after], on, may_imply=False) if limit.after in FACTS else None
    if begun is None or begun.on > on or not limit.is_in_force(begun.on):
        return None
    facts = KeyFacts(project.kind, project.mode, project.site_kind, project.chain, project.industries, project.total_yuan)
    verdict = keys.judged(limit, facts)
    promised = histories.contract_yuan_of(project, on) or project.total_yuan
    lacks = (*verdict.lacks, *(("contract_yuan",) if limit.money_share is not None and promised is None else ()))
    if verdict.is_met is False:
        return None
    if lacks:
        return Standing(limit.code, begun.on, None, None, Light.GREY, 0, lacks)
    due_on, done_on = months_after(begun.on, limit.months), _done_on(limit, project, on, promised)
    late_days = max(0, ((done_on or on) - due_on).days)
    light = stages.until(due_on, on=on, yellow_days=yellow_days) if done_on is None else Light.AMBER if late_days else Light.GREEN
    return Standing(limit.code, begun.on, due_on, done_on, light, late_days)


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


def start_within_days(limits: Iterable[Limit], project: RatedProject, *, on: dt.date) -> int | None:
    """Within how many days of the signing it is to start, by the limit that is for it; the shortest; None: no limit says it."""
    starts = [one for one in limits if one.after == "signed" and one.stage == "started"]
    found = [(one.due_on - one.since_on).days for one in standings(starts, project, on=on, yellow_days=0) if one.due_on is not None]
    return min(found, default=None)
