"""Once per project: the earliest, or the highest (同一项目就高不就低); what cannot be told apart is missing, never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.scoring.rules import Rows, faults, points, whole

HIGHEST = "{records: {of: rows, once_by: [key], keep: highest, gives: x%s}}"
ROWS: Rows = [
    {"key": "p", "on": "2026-01-10", "x": 1},
    {"key": "q", "on": "2026-02-10", "x": 3},
    {"key": "q", "on": "2026-05-10", "x": 5},
    {"key": "p", "on": "2026-05-11", "x": "0.5"},
    {"key": "r", "on": "2026-05-20", "x": 2},
]


def test_of_each_project_the_highest_counts() -> None:
    assert points(HIGHEST % "", rows=ROWS) == 1 + 5 + 2
    assert points("{records: {of: rows, once_by: [key], gives: x}}", rows=ROWS) == 1 + 3 + 2
    assert points("{records: {of: rows, once_by: [key], keep: first, gives: x}}", rows=ROWS) == 1 + 3 + 2


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        # the best of each project come first, the limits of the period look at them: 1 in January, 5 and 2 in the second quarter
        (", at_most: [{count: 1, per: quarter, by: on}]", 6),
        (", at_most: [{count: 2, per: year, by: on}]", 7),
        (", take: highest", 5),
        (", take: mean", 8 / 3),
        (", sampled: {verified: 9, reported: 10}", 7.2),
        (", where: {of: x, below: 5}", 6),
    ],
)
def test_what_follows_looks_at_the_highest_of_each(rest: str, expected: float) -> None:
    found = points(HIGHEST % rest, rows=ROWS)
    assert not isinstance(found, str) and abs(float(found) - expected) < 1e-9


def test_a_tie_keeps_the_one_that_stands_first_and_with_a_day_the_earliest() -> None:
    rows: Rows = [
        {"key": "p", "on": "2026-05-01", "x": 2}, {"key": "p", "on": "2026-02-01", "x": 2}, {"key": "q", "on": "2026-02-02", "x": 1},
    ]  # fmt: skip
    limit = ", at_most: [{count: 1, per: quarter, by: on}]"
    assert points(HIGHEST % limit, rows=rows) == 3, "May and February are two quarters"
    assert points(HIGHEST % f", first_by: on{limit}", rows=rows) == 2, "February holds both, and one of them counts"


def test_nothing_below_nothing_and_one_alone() -> None:
    assert points(HIGHEST % "", rows=[]) == 0
    assert points(HIGHEST % "", rows=[{"key": "p", "x": -3}]) == -3
    assert points(HIGHEST % "", rows=[{"key": "p", "x": -3}, {"key": "p", "x": -5}]) == -3
    assert points(HIGHEST % "", rows=[{"key": "p", "x": 0}, {"key": "p", "x": -5}]) == 0
    assert points(HIGHEST % "") == "missing: rows"


def test_points_that_are_missing_are_missing_and_what_does_not_apply_is_passed_over() -> None:
    assert points(HIGHEST % "", rows=[{"key": "p", "x": 3}, {"key": "p"}]) == "missing: rows.x"
    assert points(HIGHEST % "", rows=[{"key": "p", "x": 3}, {"key": "p", "x": "不适用"}]) == 3


@pytest.mark.parametrize(
    "formula", [HIGHEST % "", "{records: {of: rows, once_by: [key], gives: x}}", "{records: {of: rows, once_by: [key]}}"]
)
def test_where_the_project_is_not_known_it_cannot_be_known_whether_it_is_the_same(formula: str) -> None:
    assert points(formula, rows=[{"key": "p", "x": 3}, {"x": 3}]) == "missing: rows.key"
    assert points(formula, rows=[{"x": 3}]) in (1, 3), "one alone is no other's double"
    of_none: Rows = [{"key": "不适用", "x": 3}, {"key": "不适用", "x": 3}, {"key": "p", "x": 3}]
    assert points(formula, rows=of_none) in (3, 9), "what belongs to no project stands for itself"


def test_where_the_day_of_one_of_the_same_is_not_known_it_cannot_be_known_which_is_the_earliest() -> None:
    formula = "{records: {of: rows, once_by: [key], first_by: on, gives: x}}"
    assert points(formula, rows=[{"key": "p", "on": "2026-03-01", "x": 3}, {"key": "p", "x": 4}]) == "missing: rows.on"
    assert points(formula, rows=[{"key": "p", "on": "2026-03-01", "x": 3}, {"key": "q", "x": 4}]) == 7
    assert points(formula, rows=[{"key": "p", "on": "不适用", "x": 3}, {"key": "p", "on": "2026-03-01", "x": 4}]) == 4


def test_a_limit_by_period_needs_the_day_of_each() -> None:
    formula = "{records: {of: rows, gives: x, at_most: [{count: 1, per: quarter, by: on}]}}"
    assert points(formula, rows=[{"on": "2026-03-01", "x": 3}, {"x": 4}]) == "missing: rows.on"
    assert points(formula, rows=[{"on": "2026-03-01", "x": 3}, {"on": "不适用", "x": 4}]) == 3


@pytest.mark.parametrize(
    ("formula", "code", "field"),
    [
        ("{records: {of: rows, keep: highest, gives: x}}", "not_there", "once_by"),
        ("{records: {of: rows, once_by: [key], keep: highest}}", "not_there", "gives"),
        ("{records: {of: rows, once_by: [key], keep: biggest, gives: x}}", "no_choice", "keep"),
    ],
)
def test_keeping_the_highest_needs_what_is_the_same_and_points(formula: str, code: str, field: str) -> None:
    (found,) = faults(whole(formula))
    assert (found.code, found.field) == (code, field)


def test_two_conditions_that_read_alike_pick_each_what_it_says() -> None:
    """The words of a condition leave out what a ratio gives where nothing stands below; records must not be mixed up by it."""
    share = "{of: {ratio: {of: x, to: a, if_zero: %s}}, at_least: 1}"
    first, second = (f"{{records: {{of: rows, where: {share % zero}}}}}" for zero in (1, 0))
    assert points(f"{{difference: [{first}, {second}]}}", rows=[{"x": 5}], a=0) == 1


marks = st.lists(st.tuples(st.sampled_from("pqr"), st.integers(-20, 50)), max_size=8)


@settings(max_examples=40, deadline=None)
@given(marks, st.randoms())
def test_the_highest_of_each_is_never_less_than_the_first_and_hangs_not_on_the_order(rows, chance) -> None:
    told: Rows = [{"key": key, "x": mark} for key, mark in rows]
    best = {key: max(mark for other, mark in rows if other == key) for key, _mark in rows}
    assert points(HIGHEST % "", rows=told) == sum(best.values())
    assert points("{records: {of: rows, once_by: [key], gives: x}}", rows=told) <= sum(best.values())
    mixed = list(told)
    chance.shuffle(mixed)
    assert points(HIGHEST % "", rows=mixed) == sum(best.values())


def test_a_limit_with_more_digits_than_usual_is_compared_to_the_last_of_them() -> None:
    formula = "{records: {of: rows, where: {of: x, above: 0.1234567890123456789012345678901}}}"
    assert points(formula, rows=[{"x": "0.1234567890123456789012345679"}, {"x": "0.1234567890123456789012345678"}]) == 1
