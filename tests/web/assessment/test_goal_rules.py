"""Goals are broken down to units and months without a remainder lost; progress is told against time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import ChangeState, Progress, Refusal, SetFacts, SetState, SetStep, Sum

ONE, HUNDREDTH = Decimal(1), Decimal("1000000")
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=40).filter(any)
STEPS = st.sampled_from([ONE, Decimal("0.1"), HUNDREDTH, Decimal(10_000)])


def test_the_largest_remainders_get_what_is_left() -> None:
    found = rules.parts(Decimal(10), [5, 3, 3], step=ONE)  # exact 4.545, 2.727, 2.727

    assert [one.value for one in found] == [4, 3, 3]
    assert [one.has_extra for one in found] == [False, True, True]
    assert found[0].exact == Fraction(50, 11)


def test_a_tie_goes_to_whoever_stands_first() -> None:
    assert [one.value for one in rules.parts(Decimal(4), [1, 1, 1], step=ONE)] == [2, 1, 1]


def test_who_has_no_weight_gets_nothing() -> None:
    assert [one.value for one in rules.parts(Decimal(3), [0, 2, 1], step=ONE)] == [0, 2, 1]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_say_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        rules.parts(Decimal(3), weights, step=ONE)


@given(st.integers(0, 10**7), WEIGHTS, STEPS)
def test_parts_add_up_and_lie_within_a_step_of_the_exact_share(count: int, weights: list[int], step: Decimal) -> None:
    total = count * step

    found = rules.parts(total, weights, step=step)

    assert sum(one.value for one in found) == total
    for part, weight in zip(found, weights, strict=True):
        assert abs(Fraction(part.value) - Fraction(total) * weight / sum(weights)) < Fraction(step)


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10_000), min_size=12, max_size=12).filter(any), STEPS)
def test_months_add_up_to_the_year(count: int, weights: list[int], step: Decimal) -> None:
    total = count * step

    for reached in (rules.spread(total, weights, step=step), rules.spread(total, None, step=step)):
        assert rules.refusals_of_months(reached, total) == ()


def test_equal_months_of_seven_projects_come_one_by_one() -> None:
    assert rules.spread(Decimal(7), None, step=ONE) == (0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 7)


def test_months_as_last_year_came() -> None:
    weights = [0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 1]

    assert rules.spread(Decimal(8), weights, step=ONE) == (0, 0, 2, 2, 2, 6, 6, 6, 6, 6, 6, 8)


@pytest.mark.parametrize(
    ("reached", "refused"),
    [
        ([Decimal(0)] * 11, (Refusal.NOT_TWELVE,)),
        ([Decimal(3), Decimal(2), *[Decimal(5)] * 10], (Refusal.MONTHS_FALL,)),
        ([Decimal(-1), *[Decimal(5)] * 11], (Refusal.MONTHS_FALL,)),
        ([Decimal(4)] * 12, (Refusal.MONTHS_NOT_YEAR,)),
        ([Decimal(5)] * 12, ()),
    ],
)
def test_what_is_no_curve_of_a_year(reached: list[Decimal], refused: tuple[Refusal, ...]) -> None:
    assert rules.refusals_of_months(reached, Decimal(5)) == refused


@pytest.mark.parametrize(("below", "short", "over"), [(9, 1, 0), (10, 0, 0), (11, 0, 1), (None, 0, 0)])
def test_a_sum_below_may_exceed_but_shows_what_it_lacks(below: int | None, short: int, over: int) -> None:
    found = Sum(Decimal(10), None if below is None else Decimal(below))

    assert (found.short, found.over) == (short, over)


@pytest.mark.parametrize(
    ("on", "share"),
    [
        (dt.date(2025, 12, 31), Fraction(0)),
        (dt.date(2026, 1, 31), Fraction(1, 12)),
        (dt.date(2026, 6, 15), Fraction(11, 24)),
        (dt.date(2026, 6, 30), Fraction(6, 12)),
        (dt.date(2026, 12, 31), Fraction(1)),
        (dt.date(2027, 1, 1), Fraction(1)),
    ],
)
def test_time_goes_by_in_twelfths(on: dt.date, share: Fraction) -> None:
    assert rules.elapsed_share(2026, on) == share


def test_time_goes_by_as_the_curve_plans() -> None:
    months = [Decimal(one) for one in (0, 0, 10, 10, 10, 40, 40, 40, 60, 60, 60, 100)]

    assert rules.elapsed_share(2026, dt.date(2026, 6, 30), months) == Fraction(40, 100)
    assert rules.elapsed_share(2026, dt.date(2026, 6, 15), months) == Fraction(25, 100)
    assert rules.elapsed_share(2026, dt.date(2026, 1, 31), months) == 0
    assert rules.elapsed_share(2026, dt.date(2026, 12, 31), months) == 1


def test_a_curve_of_nothing_goes_by_in_twelfths() -> None:
    assert rules.elapsed_share(2026, dt.date(2026, 6, 30), [Decimal(0)] * 12) == Fraction(1, 2)


def test_progress_is_told_in_points_ahead_of_time() -> None:
    """62.3 of 107.4 at the end of September: 58.0 %, 17 points behind 9/12."""
    found = rules.progress(Decimal("62.3"), Decimal("107.4"), Fraction(9, 12))

    assert found.done_share == Fraction(623, 1074)
    assert round(float(found.ahead_points or 0), 1) == -17.0


@pytest.mark.parametrize(("actual", "goal"), [(5, None), (5, 0), (None, 5)])
def test_without_a_goal_or_an_actual_there_is_no_progress(actual: int | None, goal: int | None) -> None:
    found = rules.progress(None if actual is None else Decimal(actual), None if goal is None else Decimal(goal), Fraction(1, 2))

    assert found == Progress(None, Fraction(1, 2), None)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)))
def test_progress_equals_that_reckoned_by_hand(actual: int, goal: int, on: dt.date) -> None:
    found = rules.progress(Decimal(actual), Decimal(goal), rules.elapsed_share(2026, on))

    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][on.month - 1]
    by_hand = 100 * actual / goal - 100 * ((on.month - 1) + on.day / days) / 12
    assert float(found.ahead_points or 0) == pytest.approx(by_hand, abs=1e-6, rel=1e-9)


# --- who may ----------------------------------------------------------------------------------------------------------------------------
FINE = SetFacts(SetState.DRAFT, frozenset({1}), goals=3, must_add_up=True)
HANDED_IN = SetFacts(SetState.SUBMITTED, frozenset({1}), goals=3, must_add_up=True)


@pytest.mark.parametrize(
    ("facts", "step", "actor", "reason", "refused"),
    [
        (FINE, SetStep.SUBMIT, 1, "", ()),
        (SetFacts(SetState.DRAFT, frozenset({1}), 0, must_add_up=False), SetStep.SUBMIT, 1, "", (Refusal.NO_GOALS,)),
        (SetFacts(SetState.DRAFT, frozenset({1}), 3, must_add_up=True, short=1), SetStep.SUBMIT, 1, "", (Refusal.DOES_NOT_ADD_UP,)),
        (SetFacts(SetState.DRAFT, frozenset({1}), 3, must_add_up=False, short=1), SetStep.SUBMIT, 1, "", ()),
        (HANDED_IN, SetStep.SUBMIT, 1, "", (Refusal.WRONG_STATE,)),
        (HANDED_IN, SetStep.EDIT, 1, "", (Refusal.WRONG_STATE,)),
        (HANDED_IN, SetStep.APPROVE, 1, "", (Refusal.SAME_PERSON,)),
        (HANDED_IN, SetStep.APPROVE, 2, "", ()),
        (FINE, SetStep.APPROVE, 2, "", (Refusal.WRONG_STATE,)),
        (HANDED_IN, SetStep.SEND_BACK, 2, " ", (Refusal.REASON_MISSING,)),
        (HANDED_IN, SetStep.SEND_BACK, 2, "数目不对", ()),
        (SetFacts(SetState.IN_FORCE, frozenset({1}), 3, must_add_up=False), SetStep.DROP, 2, "作废", (Refusal.WRONG_STATE,)),
        (FINE, SetStep.DROP, 1, "重复", ()),
    ],
)
def test_whoever_wrote_goals_does_not_approve_them(
    facts: SetFacts, step: SetStep, actor: int, reason: str, refused: tuple[Refusal, ...]
) -> None:
    assert rules.refusals_to_step(facts, step, actor_id=actor, reason=reason) == refused


ASKED = {
    "old": Decimal(10), "new": Decimal(8), "step": ONE, "year": 2026, "valid_from": dt.date(2026, 7, 1), "last_from": dt.date(2026, 1, 1),
    "reason": "上级调整", "document": "〔2026〕9号", "is_waiting": False, "asked_on": dt.date(2026, 7, 1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, ()),
        ({"new": Decimal(10)}, (Refusal.NOTHING_CHANGED,)),
        ({"new": Decimal("8.5")}, (Refusal.NOT_A_VALUE,)),
        ({"new": Decimal(-1)}, (Refusal.NOT_A_VALUE,)),
        ({"new": Decimal("NaN")}, (Refusal.NOT_A_VALUE,)),
        ({"valid_from": dt.date(2027, 1, 1)}, (Refusal.OUTSIDE_YEAR,)),
        ({"valid_from": dt.date(2026, 1, 1)}, (Refusal.BEFORE_LAST,)),
        ({"valid_from": dt.date(2026, 1, 2), "is_correction": True}, ()),
        ({"valid_from": dt.date(2026, 6, 30)}, (Refusal.REACHES_BACK,)),
        ({"valid_from": dt.date(2026, 6, 30), "is_correction": True, "run_on": dt.date(2026, 6, 30)}, ()),
        ({"valid_from": dt.date(2026, 6, 29), "is_correction": True, "run_on": dt.date(2026, 6, 30)}, (Refusal.BEFORE_RUN,)),
        ({"valid_from": dt.date(2026, 7, 1), "run_on": dt.date(2026, 7, 31)}, (Refusal.BEFORE_RUN,)),
        ({"reason": " "}, (Refusal.REASON_MISSING,)),
        ({"document": ""}, (Refusal.DOCUMENT_MISSING,)),
        ({"is_waiting": True}, (Refusal.WAITING_ALREADY,)),
    ],
)
def test_a_change_needs_reason_document_and_a_day_within_the_year(changed: dict[str, object], refused: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_ask(SetState.IN_FORCE, **{**ASKED, **changed}) == refused  # type: ignore[arg-type]


def test_goals_that_are_not_in_force_are_edited_not_changed() -> None:
    assert rules.refusals_to_ask(SetState.DRAFT, **ASKED) == (Refusal.WRONG_STATE,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "actor", "is_approved", "reason", "short", "refused"),
    [
        (ChangeState.WAITING, 2, True, "", 0, ()),
        (ChangeState.WAITING, 1, True, "", 0, (Refusal.SAME_PERSON,)),
        (ChangeState.WAITING, 2, False, "", 0, (Refusal.REASON_MISSING,)),
        (ChangeState.WAITING, 2, False, "理由不足", 0, ()),
        (ChangeState.WAITING, 2, True, "", 1, (Refusal.DOES_NOT_ADD_UP,)),
        (ChangeState.APPROVED, 2, True, "", 0, (Refusal.DECIDED_ALREADY,)),
    ],
)
def test_a_second_person_decides_about_a_change(  # noqa: PLR0917 - the columns of the table
    state: ChangeState, actor: int, is_approved: bool, reason: str, short: int, refused: tuple[Refusal, ...]
) -> None:
    found = rules.refusals_to_decide(
        state, asked_by=1, actor_id=actor, is_approved=is_approved, reason=reason, short=Decimal(short), must_add_up=True
    )

    assert found == refused


# --- all at once ------------------------------------------------------------------------------------------------------------------------
CITY, EAST, WEST, OFFICE, TOWN, VILLAGE = range(1, 7)
BELOW = {CITY: (EAST, WEST, OFFICE), EAST: (TOWN, VILLAGE)}


def all_at_once(
    goals: dict[int, int], weights: dict[int, int] | None = None, step: str = "1"
) -> tuple[dict[int, Decimal], tuple[int, ...]]:
    by = {unit: Fraction(1) for unit in range(1, 7)} if weights is None else {unit: Fraction(one) for unit, one in weights.items()}
    known = {unit: Decimal(one) for unit, one in goals.items()}
    found, stuck = rules.broken_down(known, BELOW, by, first=CITY, step=Decimal(step))
    return {unit: share.part.value for unit, share in found.items()}, stuck


@pytest.mark.parametrize(
    ("goals", "weights", "expected", "stuck"),
    [
        ({CITY: 9}, None, {EAST: 3, WEST: 3, OFFICE: 3, TOWN: 2, VILLAGE: 1}, ()),  # down to the last, none lost
        ({CITY: 9, OFFICE: 2}, None, {EAST: 4, WEST: 3, TOWN: 2, VILLAGE: 2}, ()),  # what stands is kept, the rest is shared
        ({CITY: 9, OFFICE: 9}, None, {}, ()),  # nothing is left
        ({CITY: 2}, None, {EAST: 1, WEST: 1, TOWN: 1}, ()),  # a part of nothing is no goal
        ({CITY: 9}, {EAST: 2, WEST: 1, TOWN: 0}, {EAST: 6, WEST: 3}, (EAST,)),  # last year came nothing from the towns
        ({CITY: 9}, {EAST: -1}, {}, (CITY,)),
        ({EAST: 3}, None, {TOWN: 2, VILLAGE: 1}, ()),  # the city itself has none
        ({}, None, {}, ()),
    ],
)
def test_what_is_empty_below_is_filled_so_that_each_sum_is_reached(
    goals: dict[int, int], weights: dict[int, int] | None, expected: dict[int, int], stuck: tuple[int, ...]
) -> None:
    assert all_at_once(goals, weights) == ({unit: Decimal(one) for unit, one in expected.items()}, stuck)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 50), min_size=6, max_size=6))
def test_all_that_is_proposed_below_a_unit_is_its_goal_or_nothing_is(total: int, weights: list[int]) -> None:
    found, stuck = all_at_once({CITY: total}, dict(enumerate(weights, 1)), step="0.01")
    for unit, goal in ((CITY, Decimal(total)), (EAST, found.get(EAST, Decimal(0)))):
        sum_below = sum((found.get(one, Decimal(0)) for one in BELOW[unit]), Decimal(0))
        assert sum_below == (0 if unit in stuck else goal)
