"""Trips (外出招商): how long somebody is away, in half days by the working calendar; what may be entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.calendar import Calendar

MOST_DAYS = 366
HALF = Decimal("0.5")
MORNING, AFTERNOON = 0, 1
Slot = tuple[dt.date, int]
"""Half a day: its day, and whether it is the morning or the afternoon."""


class Refusal(StrEnum):
    """Why a trip may not be entered, corrected or withdrawn; the web puts it into words."""

    PURPOSE_MISSING = "purpose_missing"
    NOBODY_WENT = "nobody_went"
    NO_PLACE = "no_place"
    ENDS_BEFORE = "ends_before"
    NO_TIME = "no_time"
    TOO_LONG = "too_long"
    UNIT_CLOSED = "unit_closed"
    PERSON_INACTIVE = "person_inactive"
    LEAD_UNSEEN = "lead_unseen"
    REASON_MISSING = "reason_missing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when somebody is away; both days belong to it, but the morning or afternoon that is left out."""

    first_on: dt.date
    last_on: dt.date
    is_from_noon: bool = False
    is_until_noon: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """How long somebody is away. Units: days, in halves. `unknown_years`: years whose days off nobody knows yet."""

    working_days: Decimal
    all_days: Decimal
    unknown_years: tuple[int, ...] = ()


def slots(span: Span, *, since: dt.date | None = None, until: dt.date | None = None) -> Iterator[Slot]:
    """The half days of a trip, those within a period where one is given; both its days belong to it."""
    day = max(span.first_on, since) if since else span.first_on
    last = min(span.last_on, until) if until else span.last_on
    while day <= last:
        for half in (MORNING, AFTERNOON):
            is_before = day == span.first_on and span.is_from_noon and half == MORNING
            is_after = day == span.last_on and span.is_until_noon and half == AFTERNOON
            if not is_before and not is_after:
                yield day, half
        day += dt.timedelta(days=1)


def away(halves: Iterable[Slot], calendar: Calendar) -> Away:
    """How long some half days are; one that stands there twice counts once, for nobody is away twice."""
    there = set(halves)
    days = {day for day, _half in there}
    working = {day for day in days if calendar.is_working(day)}
    unknown = tuple(sorted({day.year for day in days if not calendar.is_known(day.year)}))
    return Away(HALF * sum(day in working for day, _half in there), HALF * len(there), unknown)


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


def refusals_to_enter(
    span: Span, *, purpose: str, people: int, places: int, is_unit_open: bool, are_active: bool, are_leads_seen: bool
) -> tuple[Refusal, ...]:
    """Why a trip may not be entered: somebody goes somewhere for something, for half a day at least."""
    is_backward = span.last_on < span.first_on
    is_empty = not is_backward and span.first_on == span.last_on and span.is_from_noon and span.is_until_noon
    return those(
        (Refusal.PURPOSE_MISSING, not purpose.strip()),
        (Refusal.NOBODY_WENT, not people),
        (Refusal.NO_PLACE, not places),
        (Refusal.ENDS_BEFORE, is_backward),
        (Refusal.NO_TIME, is_empty),
        (Refusal.TOO_LONG, (span.last_on - span.first_on).days >= MOST_DAYS),
        (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.PERSON_INACTIVE, not are_active),
        (Refusal.LEAD_UNSEEN, not are_leads_seen),
    )


def refusals_to_correct(*, is_withdrawn: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a trip may not be corrected or withdrawn: with a reason, and not once it was withdrawn."""
    return those((Refusal.WITHDRAWN, is_withdrawn), (Refusal.REASON_MISSING, not reason.strip()))
