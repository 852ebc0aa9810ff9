"""Slips that used to give a wrong figure without a word: a forgotten %, a gap that gives 0, steps from low to high."""

import pytest

from rulebook.scoring.rules import faults, points, whole
from wutong.rulebook.scoring import reading

RATIO = "{ratio: {of: money, to: money}}"
BAND = "[{from: 1, to: 2, gives: 5}, {from: 3, to: 4, gives: 6}]"


def remarks(formula: str, **beside: str) -> list[str]:
    """What is remarked on a rule that can be read."""
    return [one.code for one in reading.rule_from(whole(formula, **beside)).remarks]


@pytest.mark.parametrize(
    "formula",
    [
        "{completion: {actual: a, target: b, points: 30, cap: 120}}",
        "{completion: {actual: a, target: b, points: 30, cap: 10}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 80}}, then: 1, else: 0}}}}",
        "{if: {when: {of: {sum: [{ratio: {of: {difference: [money, money]}, to: money}}, 1]}, above: 10}, then: 1, else: 0}}",
        "{if: {when: {of: {completion: {actual: a, target: b, cap: none}}, at_least: 100}, then: 1, else: 0}}",
        f"{{if: {{when: {{of: {{difference: [{RATIO}, {{elapsed: {{by: month}}}}]}}, below: 10}}, then: 1, else: 0}}}}",
        "{bands: {of: {ratio: {of: money, to: money}}, outside: 0, bands: [{from: 60, gives: 2}]}}",
        f"{{slope: {{of: {RATIO}, line: 100, base: 1, above: [{{per: 1%, points: 1}}], count: whole}}}}",
        f"{{slope: {{of: {RATIO}, line: 100%, base: 1, above: [{{per: 1, points: 1}}], count: whole}}}}",
        "{ratio: {of: {progressive: {of: money, bands: [{rate: 3}]}}, to: money}}",
    ],
)
def test_a_number_beside_a_ratio_needs_its_percent_sign(formula: str) -> None:
    (found,) = faults(whole(formula))
    assert found.code == "no_share", found
    assert "%" in found.remedy("zh") and "%" in found.remedy("en")


def test_the_percent_sign_is_missed_behind_a_name_and_in_applies_too() -> None:
    named = whole("{if: {when: {of: done, at_least: 80}, then: 1, else: 0}}").replace("groups:", f"values: {{done: {RATIO}}}\ngroups:")
    applies = whole("a", item=f"        applies: {{of: {RATIO}, at_least: 80}}\n")
    assert [[one.code for one in faults(text)] for text in (named, applies)] == [["no_share"], ["no_share"]]


@pytest.mark.parametrize(
    "formula",
    [
        "{completion: {actual: a, target: b, points: 30, cap: 1.2}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 80%}}, then: 1, else: 0}}}}",
        f"{{if: {{when: {{of: {RATIO}, at_least: 1.5}}, then: 1, else: 0}}}}",
        f"{{if: {{when: {{of: {{product: [{RATIO}, 100]}}, at_least: 80}}, then: 1, else: 0}}}}",
        "{if: {when: {of: {ratio: {of: a, to: b}}, at_least: 80}, then: 1, else: 0}}",
        "{if: {when: {of: {completion: {actual: a, target: b, points: 30, cap: none}}, at_least: 24}, then: 1, else: 0}}",
        f"{{slope: {{of: {RATIO}, line: 100%, base: 60, above: [{{per: 0.1, points: 1}}], count: whole}}}}",
    ],
)
def test_a_number_that_may_stand_as_it_is_is_passed_over(formula: str) -> None:
    assert remarks(formula) == []


@pytest.mark.parametrize(("limit", "expected"), [("1.9", []), ("2", ["share_or_multiple"]), ("9.9", ["share_or_multiple"])])
def test_a_few_times_or_a_few_per_cent_is_remarked(limit: str, expected: list[str]) -> None:
    assert remarks(f"{{if: {{when: {{of: {RATIO}, at_least: {limit}}}, then: 1, else: 0}}}}") == expected
    assert remarks(f"{{completion: {{actual: a, target: b, points: 30, cap: {limit}}}}}") == expected


@pytest.mark.parametrize(
    "formula",
    [
        f"{{bands: {{of: a, outside: 0, bands: {BAND}}}}}",
        "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}, {from: 3, to: 5, gives: 8}], else: 0}}",
        "{ratio: {of: {progressive: {of: money, bands: [{to: 1万, rate: 3‰}, {from: 2万, rate: 4‰}]}}, to: money}}",
    ],
)
def test_a_gap_inside_is_a_fault_whatever_is_given_outside(formula: str) -> None:
    assert [one.code for one in faults(whole(formula))] == ["bands_hole"]


def test_a_gap_is_told_as_it_is_written() -> None:
    (found,) = faults(
        whole("{bands: {of: money, outside: 0, bands: [{from: 5000万, to: 1亿, gives: 1}, {from: 2亿, to: 10亿, gives: 2}]}}")
    )
    assert found.what("zh") == "分段中间有空档：1亿–2亿"


def test_ranks_that_nobody_names_at_either_end_get_what_else_says() -> None:
    assert not faults(whole("{rank: {of: a, order: high_first, ties: skip, gives: [{from: 2, to: 4, gives: 8}], else: 0}}"))


def steps(*conditions: str) -> str:
    """Steps with these conditions, in this order."""
    rows = ", ".join(f"{{when: {one}, gives: {place}}}" for place, one in enumerate(conditions, 1))
    return f"{{steps: {{of: [{rows}], else: 0}}}}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{of: a, at_least: 60}", "{of: a, at_least: 80}"),
        ("{of: a, at_least: 60}", "{of: a, at_least: 60}"),
        ("{of: a, above: 60}", "{of: a, equals: 61}"),
        ("{of: a, at_most: 9}", "{of: a, below: 9}"),
        ("{of: a, at_least: 60}", "{all: [{of: a, at_least: 80}, {any: [{of: b, above: 1}, {of: c, above: 1}]}]}"),
        ("{of: word, one_of: [甲, 乙]}", "{of: word, one_of: [乙, 甲]}"),
        ("{of: flag, is: yes}", "{all: [{of: flag, is: yes}, {of: a, above: 1}]}"),
    ],
)
def test_a_step_behind_one_that_always_holds_before_is_a_fault(first: str, second: str) -> None:
    assert [one.code for one in faults(whole(steps(first, second)))] == ["step_behind"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{of: a, at_least: 60}", "{of: b, at_least: 80}"),
        ("{of: a, above: 60}", "{of: a, at_least: 60}"),
        ("{of: a, at_least: 60, below: 70}", "{of: a, at_least: 80}"),
        ("{of: a, at_least: b}", "{of: a, at_least: 80}"),
        ("{any: [{of: a, at_least: 1}, {of: b, at_least: 1}]}", "{of: c, at_least: 1}"),
        ("{of: a, known: no}", "{of: a, at_least: 1}"),
        ("{of: word, one_of: [甲]}", "{of: word, one_of: [甲, 乙]}"),
        ("{not: {of: a, at_least: 60}}", "{of: a, at_least: 80}"),
        ("{all: [{of: a, at_least: 1}, {of: b, above: 1}]}", "{of: a, at_least: 2, below: 9}"),
        ("{of: a, at_least: 80}", "{of: a, at_least: 60}"),
    ],
)
def test_steps_that_can_each_be_reached_are_left_alone(first: str, second: str) -> None:
    assert not faults(whole(steps(first, second)))


def test_two_slopes_that_differ_in_their_line_alone_are_two_conditions() -> None:
    slope = "{of: {slope: {of: a, line: %s, base: 1, above: [{per: 1, points: 1}], count: whole}}, at_least: 3}"
    assert points(steps(slope % 1, slope % 0), a=2) == 2
