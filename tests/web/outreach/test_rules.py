"""Half days away by the working calendar, and what may be entered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook.calendar import Calendar
from wutong.web.outreach import rules
from wutong.web.outreach.rules import Refusal, Span

CALENDAR = Calendar()
MONDAY = dt.date(2025, 3, 3)


def day(number: int) -> dt.date:
    return MONDAY + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("span", "working", "whole"),
    [
        (Span(day(0), day(0)), "1", "1"),
        (Span(day(0), day(0), is_from_noon=True), "0.5", "0.5"),
        (Span(day(0), day(2), is_from_noon=True, is_until_noon=True), "2", "2"),
        (Span(day(4), day(7)), "2", "4"),
        (Span(day(4), day(6), is_from_noon=True), "0.5", "2.5"),
        (Span(dt.date(2025, 9, 30), dt.date(2025, 10, 9)), "2", "10"),
        (Span(dt.date(2025, 9, 28), dt.date(2025, 9, 28)), "1", "1"),
    ],
    ids=[
        "a day",
        "an afternoon",
        "from noon to noon",
        "over a weekend",
        "Friday noon to Sunday",
        "over the National Day",
        "a Sunday worked",
    ],
)
def test_days_away_follow_the_working_calendar(span: Span, working: str, whole: str) -> None:
    found = rules.away(rules.slots(span), CALENDAR)
    assert (found.working_days, found.all_days, found.unknown_years) == (Decimal(working), Decimal(whole), ())


def test_a_year_without_a_notice_is_named() -> None:
    assert rules.away(rules.slots(Span(dt.date(2031, 1, 2), dt.date(2031, 1, 3))), CALENDAR).unknown_years == (2031,)


@given(st.tuples(st.integers(0, 40), st.integers(0, 40)), st.tuples(st.booleans(), st.booleans()), st.integers(-5, 60), st.integers(-5, 60))
def test_a_period_cut_in_two_holds_what_the_whole_holds(days: tuple[int, int], noons: tuple[bool, bool], begin: int, cut: int) -> None:
    first, length = days
    span = Span(day(first), day(first + length), *noons)
    begin, cut = min(begin, cut), max(begin, cut)
    whole = list(rules.slots(span, since=day(begin), until=day(100)))
    parts = [*rules.slots(span, since=day(begin), until=day(cut)), *rules.slots(span, since=day(cut + 1), until=day(100))]
    assert sorted(whole) == sorted(parts) and len(set(whole)) == len(whole)
    assert rules.away([*whole, *whole], CALENDAR) == rules.away(whole, CALENDAR)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"purpose": " "}, (Refusal.PURPOSE_MISSING,)),
        ({"people": 0}, (Refusal.NOBODY_WENT,)),
        ({"places": 0}, (Refusal.NO_PLACE,)),
        ({"span": Span(day(1), day(0))}, (Refusal.ENDS_BEFORE,)),
        ({"span": Span(day(1), day(1), True, True)}, (Refusal.NO_TIME,)),
        ({"span": Span(day(0), day(365))}, ()),
        ({"span": Span(day(0), day(366))}, (Refusal.TOO_LONG,)),
        ({"is_unit_open": False}, (Refusal.UNIT_CLOSED,)),
        ({"are_active": False}, (Refusal.PERSON_INACTIVE,)),
        ({"are_leads_seen": False}, (Refusal.LEAD_UNSEEN,)),
    ],
)
def test_somebody_goes_somewhere_for_something(changes: dict[str, Any], expected: tuple[Refusal, ...]) -> None:
    said = {"purpose": "拜访", "people": 1, "places": 1, "is_unit_open": True, "are_active": True, "are_leads_seen": True, **changes}
    if "span" in changes and changes["span"] == Span(day(0), day(365)):
        assert (day(365) - day(0)).days == 365
    assert rules.refusals_to_enter(said.pop("span", Span(day(0), day(1))), **said) == expected
