"""Progress (形象进度、投资进度): planned against actual, what is late or stalled, what a report may say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.load import Rulebook

START_LEAF = "progress.start_within_days"
SLOW_LEAF = "progress.slow_below_share"
PROMISE_LEAF = "progress.promise_below_share"
PROMISE_AFTER_LEAF = "progress.promise_after_days"
REPORT_LEAF = "progress.report_within_days"
ASKED_LEAF = "progress.asked_working_days"


class Alarm(StrEnum):
    """What is wrong with the progress of a project (预警)."""

    SIGNED_NOT_STARTED = "signed_not_started"
    STARTED_BUT_SLOW = "started_but_slow"
    BELOW_PROMISE = "below_promise"
    NOT_REPORTED = "not_reported"


class Told(StrEnum):
    """Who tells the day or the place of a photograph: what the camera wrote, the phone's position, or whoever reported."""

    CAMERA = "camera"
    PHONE = "phone"
    PERSON = "person"


class Refusal(StrEnum):
    """Why a report, a photograph or a plan is refused; the web puts it into words."""

    NOT_ACTIVE = "not_active"
    MONTH_TO_COME = "month_to_come"
    MONTH_REPORTED = "month_reported"
    NOTHING_SAID = "nothing_said"
    AMOUNT_NEGATIVE = "amount_negative"
    INVESTED_LESS = "invested_less"
    REPLACED_ALREADY = "replaced_already"
    REASON_MISSING = "reason_missing"
    NO_IMAGE = "no_image"
    FILE_ELSEWHERE = "file_elsewhere"
    PHOTO_TWICE = "photo_twice"
    DAY_TO_COME = "day_to_come"
    PLACE_HALF = "place_half"
    PLAN_FALLS = "plan_falls"


COMPARED_MONTHS = 12
"""So many months back what was planned is compared with what was invested. Why: what is older says nothing of today."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When progress is told of as wrong. Units: days, shares of one.

    `limit`: code of the limit after signing that says for one project within how many days it starts, counted from `since_on`.
    """

    start_within_days: int
    slow_below_share: Decimal
    promise_below_share: Decimal
    promise_after_days: int
    report_within_days: int
    limit: str = ""
    since_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """A month of the curve. Units: yuan to date; None: not planned, or not reported."""

    month: dt.date
    planned_yuan: Decimal | None = None
    invested_yuan: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        """What was invested of what was planned; None where either is not known or nothing was planned."""
        if self.planned_yuan is None or self.invested_yuan is None or self.planned_yuan <= 0:
            return None
        return self.invested_yuan / self.planned_yuan


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """What progress looks at. Units: yuan. None is "not known".

    `output_yuan_a_year`: produced in the last twelve months that were reported; `promised_output_yuan_a_year`: promised.
    """

    signed_on: dt.date | None = None
    started_on: dt.date | None = None
    completed_on: dt.date | None = None
    produced_on: dt.date | None = None
    curve: tuple[MonthPoint, ...] = ()
    output_yuan_a_year: Decimal | None = None
    promised_output_yuan_a_year: Decimal | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Warned:
    """An alarm with what it rests on. Units: days beyond the threshold's start, share of what was planned or promised.

    `limit`, `within_days`: the limit after signing that it goes by, where one does, and its days.
    """

    alarm: Alarm
    days: int | None = None
    share: Decimal | None = None
    month: dt.date | None = None
    limit: str = ""
    within_days: int | None = None


def thresholds(rulebook: Rulebook, on: dt.date) -> Thresholds:
    """The thresholds in force on a day."""
    return Thresholds(
        int(rulebook.number(START_LEAF, on)), Decimal(str(rulebook.number(SLOW_LEAF, on))),
        Decimal(str(rulebook.number(PROMISE_LEAF, on))), int(rulebook.number(PROMISE_AFTER_LEAF, on)),
        int(rulebook.number(REPORT_LEAF, on)),
    )  # fmt: skip


def month_of(day: dt.date) -> dt.date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_before(day: dt.date, months: int = 1) -> dt.date:
    """The first day of the month so many months before that of a day."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def month_after(day: dt.date) -> dt.date:
    """The first day of the month after that of a day."""
    return month_before(day, -1)


def due_on(month: dt.date, report_within_days: int) -> dt.date:
    """By which day a month is to be reported: so many days into the next one."""
    return month_after(month) + dt.timedelta(days=report_within_days - 1)


def compared_since(on: dt.date) -> dt.date:
    """The first month that is compared on a day."""
    return month_before(on, COMPARED_MONTHS)


def curve(planned: Iterable[tuple[dt.date, Decimal]], reported: Iterable[tuple[dt.date, Decimal | None]]) -> tuple[MonthPoint, ...]:
    """Planned against actual by month, each month that either knows; between two of them nothing is guessed. Units: yuan to date."""
    plan, actual = dict(planned), dict(reported)
    return tuple(MonthPoint(month, plan.get(month), actual.get(month)) for month in sorted({*plan, *actual}))


def _last_compared(points: Iterable[MonthPoint], on: dt.date) -> MonthPoint | None:
    since = compared_since(on)
    return next((one for one in reversed(tuple(points)) if since <= one.month <= on and one.share is not None), None)


def alarms(facts: ProgressFacts, *, on: dt.date, limits: Thresholds) -> tuple[Warned, ...]:
    """What is wrong on a day: at a threshold nothing is, beyond it something. Nothing is said of what is not known."""
    if not facts.is_active:
        return ()
    found = (_not_started(facts, on, limits), _slow(facts, on, limits), _below(facts, on, limits), _silent(facts, on, limits))
    return tuple(one for one in found if one is not None)


def looks_at_months(facts: ProgressFacts, on: dt.date) -> bool:
    """Whether the alarms of a day look at what was planned and reported by month: of projects being built, or until the month before."""
    return facts.started_on is not None and not _is_by(facts.completed_on, month_before(on))


def _not_started(facts: ProgressFacts, on: dt.date, limits: Thresholds) -> Warned | None:
    if facts.signed_on is None or _is_by(facts.started_on, on):
        return None
    days = (on - (limits.since_on or facts.signed_on)).days
    if days <= limits.start_within_days:
        return None
    return Warned(Alarm.SIGNED_NOT_STARTED, days=days, limit=limits.limit, within_days=limits.start_within_days if limits.limit else None)


def _slow(facts: ProgressFacts, on: dt.date, limits: Thresholds) -> Warned | None:
    if not _is_by(facts.started_on, on) or _is_by(facts.completed_on, on):
        return None
    last = _last_compared(facts.curve, on)
    if last is None or last.share is None or last.share >= limits.slow_below_share:
        return None
    return Warned(Alarm.STARTED_BUT_SLOW, share=last.share, month=last.month)


def _below(facts: ProgressFacts, on: dt.date, limits: Thresholds) -> Warned | None:
    made, promised = facts.output_yuan_a_year, facts.promised_output_yuan_a_year
    if facts.produced_on is None or made is None or promised is None or promised <= 0:
        return None
    if (on - facts.produced_on).days < limits.promise_after_days:
        return None
    return Warned(Alarm.BELOW_PROMISE, share=made / promised) if made / promised < limits.promise_below_share else None


def _silent(facts: ProgressFacts, on: dt.date, limits: Thresholds) -> Warned | None:
    """Whether the month before was to be reported by now and was not: of projects being built."""
    last = month_before(on)
    is_built = facts.started_on is not None and month_of(facts.started_on) <= last and not _is_by(facts.completed_on, last)
    if not is_built or on.day <= limits.report_within_days:
        return None
    is_there = any(one.month == last and one.invested_yuan is not None for one in facts.curve)
    return None if is_there else Warned(Alarm.NOT_REPORTED, month=last)


def _is_by(day: dt.date | None, on: dt.date) -> bool:
    return day is not None and day <= on


# --- what may be entered ----------------------------------------------------------------------------------------------------------------
def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


def refusals_to_report(
    *, month: dt.date, on: dt.date, invested_yuan: Decimal | None, output_yuan_a_year: Decimal | None, words: str,
    before_yuan: Decimal | None, is_active: bool, is_there: bool, reason: str,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a month may not be reported: come, once, not below nought; less than in the months before only with a reason.

    `before_yuan`: the last investment to date that an earlier month reported. Units: yuan to date.
    """
    is_less = invested_yuan is not None and before_yuan is not None and invested_yuan < before_yuan
    return those(
        (Refusal.NOT_ACTIVE, not is_active),
        (Refusal.MONTH_TO_COME, month > month_of(on)),
        (Refusal.MONTH_REPORTED, is_there),
        (Refusal.NOTHING_SAID, invested_yuan is None and not words.strip()),
        (Refusal.AMOUNT_NEGATIVE, any(one is not None and one < 0 for one in (invested_yuan, output_yuan_a_year))),
        (Refusal.INVESTED_LESS, is_less and not reason.strip()),
    )


def refusals_to_correct(*, is_replaced: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a report may not be corrected: the last one of its month, with a reason."""
    return those((Refusal.REPLACED_ALREADY, is_replaced), (Refusal.REASON_MISSING, not reason.strip()))


def refusals_of_photo(
    *, is_image: bool, is_here: bool, is_there: bool, taken_on: dt.date, on: dt.date, lat: Decimal | None, lon: Decimal | None
) -> tuple[Refusal, ...]:
    """Why a photograph may not stand on a report: an image of this project, once, not of a day to come, its place whole or not at all."""
    is_on_earth = (lat is None or abs(lat) <= 90) and (lon is None or abs(lon) <= 180)
    return those(
        (Refusal.NO_IMAGE, not is_image),
        (Refusal.FILE_ELSEWHERE, not is_here),
        (Refusal.PHOTO_TWICE, is_there),
        (Refusal.DAY_TO_COME, taken_on > on),
        (Refusal.PLACE_HALF, (lat is None) != (lon is None) or not is_on_earth),
    )


def refusals_to_plan(points: Iterable[tuple[dt.date, Decimal]]) -> tuple[Refusal, ...]:
    """Why a plan may not be set: from nought up, and what is invested to date never falls from month to month."""
    amounts = [amount for _month, amount in sorted(points)]
    return those(
        (Refusal.AMOUNT_NEGATIVE, any(amount < 0 for amount in amounts)),
        (Refusal.PLAN_FALLS, amounts != sorted(amounts)),
    )
