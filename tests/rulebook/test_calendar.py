"""Working days: official notices, years that nobody knows, years that an office entered."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wutong.rulebook import calendar
from wutong.rulebook.calendar import Calendar, TooFar, Year

PLAIN = Calendar()
DAYS = st.dates(dt.date(2003, 1, 1), dt.date(2029, 12, 31))


@pytest.mark.parametrize(
    ("day", "is_working"),
    [("2026-02-14", True), ("2026-02-17", False), ("2026-02-24", True), ("2026-03-07", False), ("2026-03-09", True)],
)  # a make-up Saturday, the first day of the year, the first day after it, a weekend, a Monday
def test_days_off_and_make_up_days_of_a_published_year_count(day: str, is_working: bool) -> None:
    assert PLAIN.is_working(dt.date.fromisoformat(day)) is is_working


def test_working_days_skip_a_holiday_and_take_a_make_up_day() -> None:
    due = PLAIN.add_working_days(dt.date(2026, 2, 12), 3)  # Friday 13th, make-up Saturday 14th, Tuesday 24th
    assert (due.date, due.is_known) == (dt.date(2026, 2, 24), True)
    assert PLAIN.working_days_between(dt.date(2026, 2, 12), dt.date(2026, 2, 24)).working_days == 3


def test_nothing_to_add_from_a_day_off_is_the_next_working_day() -> None:
    assert PLAIN.add_working_days(dt.date(2026, 3, 7), 0).date == dt.date(2026, 3, 9)
    assert PLAIN.add_working_days(dt.date(2026, 3, 9), 0).date == dt.date(2026, 3, 9)


def test_a_year_without_a_notice_counts_monday_to_friday_and_says_so() -> None:
    assert 2027 not in calendar.KNOWN_YEARS and {2004, 2026} <= calendar.KNOWN_YEARS
    due = PLAIN.add_working_days(dt.date(2026, 12, 30), 3)  # 31 December, 1 and 4 January
    assert (due.date, due.unknown_years, due.is_known) == (dt.date(2027, 1, 4), (2027,), False)
    assert PLAIN.working_days_between(dt.date(2027, 1, 1), dt.date(2027, 1, 8)).unknown_years == (2027,)


def test_what_an_office_entered_goes_before_everything() -> None:
    entered = Calendar({2027: Year(frozenset({dt.date(2027, 1, 1)}), frozenset({dt.date(2027, 1, 3)}))})
    due = entered.add_working_days(dt.date(2026, 12, 30), 3)  # 31 December, Sunday 3 and Monday 4 January
    assert (due.date, due.is_known) == (dt.date(2027, 1, 4), True)
    assert not entered.is_working(dt.date(2027, 1, 1)) and entered.is_working(dt.date(2027, 1, 3))
    assert Calendar({2026: Year()}).is_working(dt.date(2026, 2, 17))


@pytest.mark.parametrize("number", [-1, calendar.MOST_DAYS + 1])
def test_what_cannot_be_reckoned_is_refused(number: int) -> None:
    with pytest.raises(TooFar):
        PLAIN.add_working_days(dt.date(2026, 1, 1), number)


@settings(max_examples=40)
@given(DAYS, st.integers(0, 60))
def test_adding_working_days_and_counting_them_agree(start: dt.date, number: int) -> None:
    due = PLAIN.add_working_days(start, number)
    assert PLAIN.is_working(due.date) and due.date >= start
    assert PLAIN.working_days_between(start, due.date).working_days == number or (number == 0 and not PLAIN.is_working(start))


@settings(max_examples=40)
@given(DAYS, st.integers(-90, 90), st.integers(-90, 90))
def test_counts_add_up_and_turn_round(first: dt.date, to_second: int, to_third: int) -> None:
    second, third = first + dt.timedelta(days=to_second), first + dt.timedelta(days=to_third)
    whole = PLAIN.working_days_between(first, third).working_days
    parts = PLAIN.working_days_between(first, second).working_days + PLAIN.working_days_between(second, third).working_days
    assert whole == parts == -PLAIN.working_days_between(third, first).working_days
