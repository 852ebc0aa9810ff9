"""What is done with the points: totals, ranks, vetoes, grades, lists, gaps, and units that change their group."""

import datetime as dt
from fractions import Fraction
from typing import Any

from rulebook.scoring.rules import FACTS, HEAD, scored, whole
from wutong.rulebook.scoring import facts, reading, running
from wutong.rulebook.scoring.running import UnitResult

DAY = dt.date(2026, 6, 30)


def of(text: str, values: dict[str, dict[str, Any]]) -> dict[str, UnitResult]:
    return scored(text, values)


def test_the_group_mean_is_that_of_the_points_as_published() -> None:
    text = whole("a", item="        missing: group_mean\n        round: 1\n")
    found = of(text, {"x": {"a": "0.05"}, "y": {"a": "0.04"}, "z": {}})
    # 0.1 and 0.0 are published: their mean is 0.05. Of the points before rounding it would be 0.045, and 0.0.
    assert [found[name].items[0].points for name in "xyz"] == [Fraction(1, 10), 0, Fraction(1, 10)]


def test_what_does_not_apply_goes_before_what_is_missing() -> None:
    parts = "[{part: a, weight: 50%}, {part: b, weight: 50%}]"
    for formula in (
        "{sum: [a, b]}",
        "{product: [a, b]}",
        "{ratio: {of: a, to: b}}",
        f"{{weighted: {{of: {parts}}}}}",
        "{tally: {of: [{count: a, each: 1}, {count: b, each: 1}]}}",
        "{deductions: {base: 5, of: [{count: a, each: 1}, {count: b, each: 1}]}}",
        "{quota: {base: 5, tiers: [{count: a, target: 1, each: 1}, {count: b, target: 1, each: 1}]}}",
    ):
        found = of(whole(formula), {"x": {"a": "不适用"}, "y": {"b": "不适用"}, "z": {}})
        assert [found[name].items[0].state for name in "xyz"] == ["not_applicable", "not_applicable", "missing"], formula
        assert found["z"].items[0].missing == ("a", "b"), formula


LISTED = """    vetoes: [{title: 否决, when: {of: b, above: 0}, effect: EFFECT}]
    grades: {bands: [{to: 60, grade: 差}, {from: 60, grade: 好}]}
    lists: [{title: 红榜, best: 2}, {title: 黑榜, worst: 2}]
"""


def ranked(effect: str, values: dict[str, tuple[int, int]]) -> dict[str, tuple[int | None, str, tuple[str, ...]]]:
    text = whole("a") + LISTED.replace("EFFECT", effect)
    found = of(text, {name: {"a": a, "b": b} for name, (a, b) in values.items()})
    return {name: (one.rank, one.grade, one.lists) for name, one in found.items()}


def test_grades_and_lists_look_at_what_is_published_after_vetoes() -> None:
    values = {"v": (95, 1), "w": (90, 0), "x": (80, 0), "y": (70, 0), "z": (50, 0)}
    red, black = ("红榜",), ("黑榜",)
    assert ranked("last", values) == {
        "w": (1, "好", red),
        "x": (2, "好", red),
        "y": (3, "好", ()),
        "z": (4, "差", black),
        "v": (5, "好", black),
    }
    assert ranked("zero", values) == {
        "w": (1, "好", red),
        "x": (2, "好", red),
        "y": (3, "好", ()),
        "z": (4, "差", black),
        "v": (5, "差", black),
    }
    unranked = ranked("unranked", values)
    assert unranked["v"] == (None, "好", ()) and unranked["y"] == (3, "好", black)


def test_equals_share_the_place_from_the_worst_as_from_the_best() -> None:
    values = {"v": (90, 0), "w": (80, 0), "x": (80, 0), "y": (70, 0), "z": (70, 0)}
    found = ranked("last", values)
    assert {name: lists for name, (_rank, _grade, lists) in found.items()} == {
        "v": ("红榜",), "w": ("红榜",), "x": ("红榜",), "y": ("黑榜",), "z": ("黑榜",),
    }  # fmt: skip


def test_full_points_for_what_does_not_apply_stand_with_the_indicator() -> None:
    text = whole("a", item="        points: 30\n        applies: {of: flag, is: yes}\n        not_applicable: full\n")
    (item,), total = (one := of(text, {"x": {"flag": "否"}})["x"]).items, one.total
    assert (item.points, item.state, total) == (30, "not_applicable", 30)


TWO = f"""{HEAD}{FACTS}groups:
  one:
    total: {{round: 1}}
    items: [{{id: it, formula: {{product: [a, 2]}}}}]
  two:
    total: {{round: 1}}
    items: [{{id: it, formula: a}}]
    grades: {{bands: [{{to: 10, grade: 差}}, {{from: 10, grade: 好}}]}}
    lists: [{{title: 红榜, when: {{of: total, at_least: 10}}, best: 1}}]
"""


def test_a_unit_that_changed_its_group_is_rounded_graded_and_listed_by_the_joined_total() -> None:
    rule = reading.rule_from(TWO)
    moved = facts.Given("moved", (("one", Fraction(5, 12)), ("two", Fraction(7, 12))), {"a": "7.3"}, {})
    stays = facts.Given("stays", (("two", Fraction(1)),), {"a": "9.9"}, {})
    found = {one.unit: one for one in running.run(rule, facts.typed(rule, [moved, stays]), on=DAY).results}
    # 14.6 × 5/12 + 7.3 × 7/12 = 10.3416…
    assert (found["moved"].total, found["moved"].rank, found["moved"].grade, found["moved"].lists) == (
        Fraction(103, 10),
        1,
        "好",
        ("红榜",),
    )
    assert (found["stays"].rank, found["stays"].grade, found["stays"].lists) == (2, "差", ())


def test_a_unit_whose_other_half_is_missing_has_neither_total_nor_grade_nor_list() -> None:
    rule = reading.rule_from(TWO.replace("{product: [a, 2]}", "b"))
    moved = facts.Given("moved", (("one", Fraction(5, 12)), ("two", Fraction(7, 12))), {"a": "70"}, {})
    (found,) = running.run(rule, facts.typed(rule, [moved]), on=DAY).results
    assert (found.total, found.rank, found.grade, found.lists) == (None, None, "", ())


def test_between_equals_the_indicators_named_decide() -> None:
    text = (
        f"{HEAD}{FACTS}groups:\n  all:\n    rank: {{then: [second]}}\n    items: [{{id: first, formula: a}}, {{id: second, formula: b}}]\n"
    )
    found = of(text, {"x": {"a": 6, "b": 4}, "y": {"a": 4, "b": 6}, "z": {"a": 4, "b": 6}})
    assert {name: one.rank for name, one in found.items()} == {"y": 1, "z": 1, "x": 3}
