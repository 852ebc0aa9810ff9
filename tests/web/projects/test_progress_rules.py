"""Planned against actual, what is late, slow, below its promise or silent: without a database; each threshold below, at and above."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from wutong.rulebook import load
from wutong.web.projects.queries import progress as words
from wutong.web.projects.rules import progress as rules
from wutong.web.projects.rules.progress import Alarm, MonthPoint, ProgressFacts, Refusal, Thresholds, Warned

LIMITS = Thresholds(180, Decimal("0.7"), Decimal("0.8"), 365, 10)
SIGNED = dt.date(2026, 1, 1)
MAY = dt.date(2026, 5, 1)


def alarms(facts: ProgressFacts, on: dt.date) -> list[Alarm]:
    return [one.alarm for one in rules.alarms(facts, on=on, limits=LIMITS)]


def test_the_curve_knows_each_month_that_plan_or_report_knows() -> None:
    june = dt.date(2026, 6, 1)
    found = rules.curve([(MAY, Decimal(100)), (june, Decimal(0))], [(MAY, Decimal(70)), (dt.date(2026, 7, 1), None)])
    assert found == (
        MonthPoint(MAY, Decimal(100), Decimal(70)), MonthPoint(june, Decimal(0)), MonthPoint(dt.date(2026, 7, 1))
    )  # fmt: skip
    assert [one.share for one in found] == [Decimal("0.7"), None, None]


@pytest.mark.parametrize(("days", "is_told"), [(179, False), (180, False), (181, True)])
def test_signed_but_not_started(days: int, is_told: bool) -> None:
    on = SIGNED + dt.timedelta(days=days)
    assert alarms(ProgressFacts(signed_on=SIGNED), on) == [Alarm.SIGNED_NOT_STARTED] * is_told
    assert alarms(ProgressFacts(signed_on=SIGNED, started_on=on, completed_on=on), on) == []
    assert alarms(ProgressFacts(signed_on=SIGNED, is_active=False), on) == []


@pytest.mark.parametrize(("invested", "is_told"), [(69, True), (70, False), (71, False)])
def test_started_but_slow(invested: int, is_told: bool) -> None:
    facts = ProgressFacts(started_on=MAY, curve=(MonthPoint(MAY, Decimal(100), Decimal(invested)),))
    found = rules.alarms(facts, on=dt.date(2026, 6, 5), limits=LIMITS)
    assert found == ((Warned(Alarm.STARTED_BUT_SLOW, share=Decimal(invested) / 100, month=MAY),) if is_told else ())
    assert alarms(replace(facts, completed_on=dt.date(2026, 6, 1)), dt.date(2026, 6, 5)) == []
    assert alarms(replace(facts, started_on=dt.date(2026, 6, 6)), dt.date(2026, 6, 5)) == []


def test_slow_is_the_last_month_that_can_be_compared() -> None:
    points = (
        MonthPoint(dt.date(2026, 4, 1), Decimal(100), Decimal(10)), MonthPoint(MAY, Decimal(100), Decimal(90)),
        MonthPoint(dt.date(2026, 6, 1), Decimal(200)), MonthPoint(dt.date(2027, 1, 1), Decimal(200), Decimal(1)),
    )  # fmt: skip
    assert alarms(ProgressFacts(started_on=MAY, curve=points), dt.date(2026, 6, 5)) == []


@pytest.mark.parametrize(("made", "is_told"), [(79, True), (80, False), (81, False)])
def test_produces_below_its_promise(made: int, is_told: bool) -> None:
    produced = dt.date(2025, 6, 1)
    facts = ProgressFacts(
        started_on=produced, completed_on=produced, produced_on=produced, output_yuan_a_year=Decimal(made),
        promised_output_yuan_a_year=Decimal(100),
    )  # fmt: skip
    on = produced + dt.timedelta(days=365)
    assert alarms(facts, on) == [Alarm.BELOW_PROMISE] * is_told
    assert alarms(facts, on - dt.timedelta(days=1)) == []
    assert alarms(replace(facts, promised_output_yuan_a_year=None), on) == []
    assert alarms(replace(facts, output_yuan_a_year=None), on) == []


@pytest.mark.parametrize(("day", "is_told"), [(9, False), (10, False), (11, True)])
def test_a_month_that_is_not_reported(day: int, is_told: bool) -> None:
    on, april = dt.date(2026, 5, day), dt.date(2026, 4, 1)
    facts = ProgressFacts(started_on=dt.date(2026, 4, 20))
    assert alarms(facts, on) == [Alarm.NOT_REPORTED] * is_told
    assert alarms(replace(facts, curve=(MonthPoint(april, None, Decimal(1)),)), on) == []
    assert alarms(replace(facts, started_on=MAY), on) == []


def to_report(**more: object) -> set[Refusal]:
    given = {
        "month": MAY, "on": MAY, "invested_yuan": Decimal(5), "output_yuan_a_year": None, "words": "", "before_yuan": Decimal(5),
        "is_active": True, "is_there": False, "reason": "", **more,
    }  # fmt: skip
    return set(rules.refusals_to_report(**given))  # type: ignore[arg-type]


def test_what_a_report_needs() -> None:
    assert to_report() == set()
    assert to_report(month=dt.date(2026, 6, 1)) == {Refusal.MONTH_TO_COME}
    assert to_report(is_there=True, is_active=False) == {Refusal.MONTH_REPORTED, Refusal.NOT_ACTIVE}
    assert to_report(invested_yuan=None, words=" ") == {Refusal.NOTHING_SAID}
    assert to_report(invested_yuan=None, words="主体封顶") == set()
    assert to_report(output_yuan_a_year=Decimal(-1)) == {Refusal.AMOUNT_NEGATIVE}
    assert to_report(before_yuan=Decimal(6)) == {Refusal.INVESTED_LESS}
    assert to_report(before_yuan=Decimal(6), reason="上月多报") == set()


def to_photo(**more: object) -> set[Refusal]:
    given = {"is_image": True, "is_here": True, "is_there": False, "taken_on": MAY, "on": MAY, "lat": None, "lon": None, **more}
    return set(rules.refusals_of_photo(**given))  # type: ignore[arg-type]


def test_what_a_photograph_needs() -> None:
    assert to_photo() == to_photo(lat=Decimal(90), lon=Decimal(-180)) == set()
    assert to_photo(is_image=False, is_here=False, is_there=True) == {Refusal.NO_IMAGE, Refusal.FILE_ELSEWHERE, Refusal.PHOTO_TWICE}
    assert to_photo(taken_on=dt.date(2026, 5, 2)) == {Refusal.DAY_TO_COME}
    assert to_photo(lat=Decimal(1)) == to_photo(lat=Decimal("90.1"), lon=Decimal(1)) == {Refusal.PLACE_HALF}


def test_a_plan_rises_and_a_correction_has_a_reason() -> None:
    june = dt.date(2026, 6, 1)
    assert rules.refusals_to_plan([(june, Decimal(2)), (MAY, Decimal(1))]) == ()
    assert rules.refusals_to_plan([(june, Decimal(1)), (MAY, Decimal(2))]) == (Refusal.PLAN_FALLS,)
    assert rules.refusals_to_plan([(MAY, Decimal(-2)), (june, Decimal(1))]) == (Refusal.AMOUNT_NEGATIVE,)
    assert rules.refusals_to_correct(is_replaced=True, reason="") == (Refusal.REPLACED_ALREADY, Refusal.REASON_MISSING)
    assert rules.month_before(dt.date(2026, 1, 31)) == dt.date(2025, 12, 1)


def test_thresholds_stand_in_the_rulebook_and_every_code_has_words() -> None:
    assert rules.thresholds(load.rulebook(), MAY) == LIMITS
    assert set(words.WORDS) == set(Refusal)
    for alarm in Alarm:
        said = words.alarm_words(Warned(alarm, days=181, share=Decimal("0.69"), month=MAY))
        assert "%(" not in said and "%%" not in said and ("181" in said or "69" in said or "2026-05" in said)
