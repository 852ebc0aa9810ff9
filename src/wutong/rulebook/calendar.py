"""Working days by the Chinese calendar: official notices of days off and make-up days, and what an office entered itself.

The notices of 2004 to 2026 come with the library chinesecalendar. A year without a notice is *unknown*: Monday to Friday count, and every
answer that rests on it says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import chinese_calendar
from chinese_calendar import constants

SATURDAY = 5
MOST_DAYS = 3660
KNOWN_YEARS = frozenset(day.year for day in constants.holidays)


@dataclass(frozen=True, slots=True)
class Year:
    """The days off and the make-up working days of a year, as a notice names them; weekends need not be named."""

    days_off: frozenset[dt.date] = frozenset()
    work_days: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """A day that was reckoned, and the years on the way whose days off nobody knows yet."""

    date: dt.date
    unknown_years: tuple[int, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether every day on the way stands in a notice."""
        return not self.unknown_years


@dataclass(frozen=True, slots=True)
class Count:
    """How many working days a period holds, and its years whose days off nobody knows yet."""

    working_days: int
    unknown_years: tuple[int, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether every day of the period stands in a notice."""
        return not self.unknown_years


class TooFar(ValueError):  # noqa: N818 - a refusal, not a fault
    """More working days were asked for than a calendar can answer for."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. `entered`: years as an office entered them; they go before what the library says."""

    entered: Mapping[int, Year] = field(default_factory=dict)

    def is_known(self, year: int) -> bool:
        """Whether the days off of a year are known: entered, or published and in the library."""
        return year in self.entered or year in KNOWN_YEARS

    def is_working(self, day: dt.date) -> bool:
        """Whether a day is worked; in a year that nobody knows, Monday to Friday."""
        if (year := self.entered.get(day.year)) is not None:
            return day in year.work_days or (day.weekday() < SATURDAY and day not in year.days_off)
        if day.year in KNOWN_YEARS:
            return _is_workday(day)
        return day.weekday() < SATURDAY

    def add_working_days(self, start: dt.date, number: int) -> Due:
        """The day that is so many working days after `start`, which itself does not count; 0 gives `start`, or the next working day.

        Raises: TooFar for a negative number or more than ten years.
        """
        if not 0 <= number <= MOST_DAYS:
            raise TooFar(f"{number} working days; 0 to {MOST_DAYS} can be reckoned")
        day, left = start, number
        while left or not self.is_working(day):
            day += dt.timedelta(days=1)
            left -= 1 if left and self.is_working(day) else 0
        return Due(day, self._unknown(start, day))

    def working_days_between(self, start: dt.date, end: dt.date) -> Count:
        """How many working days lie after `start` up to and with `end`; negative where `end` is earlier."""
        if end < start:
            back = self.working_days_between(end, start)
            return Count(-back.working_days, back.unknown_years)
        return Count(sum(map(self.is_working, _days(start, end))), self._unknown(start, end))

    def _unknown(self, start: dt.date, end: dt.date) -> tuple[int, ...]:
        return tuple(year for year in range(start.year, end.year + 1) if not self.is_known(year))


@lru_cache(maxsize=20_000)
def _is_workday(day: dt.date) -> bool:
    """What the library says of a day: a ledger that is taken over asks half a million times for the days of a few years."""
    return bool(chinese_calendar.is_workday(day))


def _days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    day = start
    while day < end:
        day += dt.timedelta(days=1)
        yield day
