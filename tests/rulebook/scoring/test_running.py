"""What is done with the points: totals, ranks, vetoes, grades, lists, gaps, and units that change their group."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from rulebook.scoring.rules import FACTS, HEAD, faults, points, scored, whole
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


def test_who_is_ranked_may_hang_on_the_total_and_vetoes_and_grades_on_the_rank() -> None:
    text = whole("a") + (
        "    rank: {when: {of: total, at_least: 3}}\n"
        "    vetoes: [{title: 末位, when: {of: rank, at_least: 3}, effect: zero}]\n"
        "    grades: {by: rank, bands: [{to: 2, grade: 先进}, {from: 2, grade: 合格}]}\n"
        "    lists: [{title: 通报, when: {of: rank, above: 1}}]\n"
    )
    found = of(text, {"w": {"a": 9}, "x": {"a": 7}, "y": {"a": 5}, "z": {"a": 1}})
    assert {name: (one.total, one.rank, one.grade, one.lists) for name, one in found.items()} == {
        "w": (9, 1, "先进", ()), "x": (7, 2, "合格", ("通报",)), "y": (0, 3, "合格", ("通报",)), "z": (1, None, "", ()),
    }  # fmt: skip


@pytest.mark.parametrize(("ties", "vetoed"), [("skip", ["z"]), ("dense", [])])
def test_a_veto_that_hangs_on_the_rank_counts_ties_as_the_ranking_does(ties: str, vetoed: list[str]) -> None:
    text = whole("a") + f"    rank: {{ties: {ties}}}\n    vetoes: [{{title: 末位, when: {{of: rank, at_least: 3}}, effect: zero}}]\n"
    found = of(text, {"x": {"a": 9}, "y": {"a": 9}, "z": {"a": 1}})
    assert [name for name, one in found.items() if one.flags] == vetoed, "two first, then the third, or densely the second"


def test_a_veto_on_the_rank_counts_from_the_lowest_where_low_is_first() -> None:
    text = whole("a") + "    rank: {order: low_first}\n    vetoes: [{title: 末位, when: {of: rank, at_least: 2}, effect: zero}]\n"
    found = of(text, {"x": {"a": 9}, "z": {"a": 1}})
    assert {name: one.flags for name, one in found.items()} == {"x": ("veto:末位:zero",), "z": ()}


def test_a_grade_may_be_set_and_moved_and_stays_within_the_grades() -> None:
    text = whole("a") + (
        "    vetoes: [{title: 造假, when: {of: b, equals: 9}, effect: grade, grade: 不合格}]\n"
        "    grades:\n"
        "      bands: [{to: 60, grade: 差}, {from: 60, to: 80, grade: 中}, {from: 80, grade: 好}]\n"
        "      shifts: [{title: 升, when: {of: b, equals: 1}, by: 1}, {title: 降, when: {of: b, equals: 2}, by: -1}]\n"
    )
    values = {"v": (50, 1), "w": (90, 1), "x": (60, 2), "y": (59, 2), "z": (95, 9)}
    found = of(text, {name: {"a": a, "b": b} for name, (a, b) in values.items()})
    assert [found[name].grade for name in "vwxyz"] == ["中", "好", "差", "差", "不合格"]
    assert [found[name].flags for name in "vxz"] == [("grade_moved:升:+1",), ("grade_moved:降:-1",), ("veto:造假:grade",)]


OPEN = """    vetoes: [{title: 否决, when: {of: b, above: 0}, effect: %s, grade: 差}]
    grades: {bands: [{to: 8, grade: 差}, {from: 8, grade: 好}]}
    lists: [{title: 红榜, when: {of: total, at_least: 8}}]
"""


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ("zero", (None, None, "", (), "rank_open")),
        ("last", (9, None, "", (), "rank_open")),
        ("unranked", (9, None, "", (), "rank_open")),
        ("grade", (9, 1, "", (), "grade_open")),
    ],
)
def test_a_veto_that_cannot_be_known_leaves_open_what_it_would_decide(effect: str, expected: tuple[object, ...]) -> None:
    found = of(whole("a") + OPEN % effect, {"x": {"a": 9}, "y": {"a": 8, "b": 0}})
    one = found["x"]
    assert (one.total, one.rank, one.grade, one.lists, one.flags[-1]) == expected
    assert one.flags[0] == "veto_unknown:否决:b"
    assert (found["y"].rank, found["y"].grade, found["y"].lists) == (2 if effect == "grade" else 1, "好", ("红榜",))


def test_a_veto_over_what_does_not_apply_is_none() -> None:
    one = of(whole("a") + OPEN % "zero", {"x": {"a": 9, "b": "不适用"}})["x"]
    assert (one.total, one.rank, one.grade, one.flags) == (9, 1, "好", ())


def test_a_rank_a_shift_and_a_list_that_cannot_be_told_stay_open_and_say_so() -> None:
    shift = "    grades: {bands: [{to: 8, grade: 差}, {from: 8, grade: 好}], shifts: [{title: 升, when: {of: b, above: 0}, by: -1}]}\n"
    one = of(whole("a") + shift, {"x": {"a": 9}})["x"]
    assert (one.rank, one.grade, one.flags) == (1, "", ("grade_unknown:升:b",))
    one = of(whole("a") + "    lists: [{title: 红榜, when: {of: b, above: 0}}]\n", {"x": {"a": 9}})["x"]
    assert (one.rank, one.lists, one.flags) == (1, (), ("list_unknown:红榜:b",))
    one = of(whole("a") + "    rank: {when: {of: b, above: 0}}\n", {"x": {"a": 9}})["x"]
    assert (one.rank, one.flags) == (None, ("rank_unknown:b", "rank_open"))


def test_a_grade_that_is_the_highest_already_is_not_said_to_move() -> None:
    text = (
        whole("a")
        + "    grades: {bands: [{to: 8, grade: 差}, {from: 8, grade: 好}], shifts: [{title: 升, when: {of: b, above: 0}, by: 1}]}\n"
    )
    found = of(text, {"x": {"a": 9, "b": 1}, "y": {"a": 7, "b": 1}})
    assert [(one.grade, one.flags) for one in found.values()] == [("好", ("grade_kept:升:+1",)), ("好", ("grade_moved:升:+1",))]


def test_a_condition_counts_one_where_it_holds() -> None:
    formula = "{product: [{sum: [{of: a, at_least: 3}, {of: b, at_least: 3}]}, 5]}"
    assert [points(formula, a=a, b=3) for a in (2, 3)] == [5, 10]
    assert points(formula, a=2) == "missing: b"


ROWS = [
    {"key": "p", "kind": "甲", "on": "2026-01-01", "x": 3},
    {"key": "q", "kind": "乙", "on": "2026-02-01", "x": "2.5"},
    {"key": "r", "kind": "丙", "on": "2026-03-01", "x": 4},
]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("{of: kind, one_of: [甲, 丙]}", 2),
        ("{not: {of: kind, one_of: [甲, 丙]}}", 1),
        ("{any: [{of: kind, equals: 甲}, {of: x, at_least: 4}]}", 2),
        ("{all: [{of: kind, one_of: [甲, 乙]}, {of: x, above: 2, below: 3}]}", 1),
        ("{any: [{of: kind, equals: 丁}, {all: [{of: on, above: 2026-01-01}, {not: {of: kind, equals: 乙}}]}]}", 1),
        ("{all: [{of: x, at_least: a}, {of: kind, one_of: [甲, 乙]}]}", 1),
        ("{any: [{of: x, above: a}, {of: kind, equals: 乙}]}", 2),
        ("{of: x, at_least: a, at_most: 3}", 1),
        ("{of: key, known: yes}", 3),
        ("{of: x, equals: 4}", 1),
    ],
)
def test_records_are_picked_alike_whether_the_record_alone_decides_or_a_fact_too(where: str, expected: int) -> None:
    assert points(f"{{records: {{of: rows, where: {where}}}}}", rows=ROWS, a=3) == expected


@pytest.mark.parametrize(
    "where", ["{of: x, at_least: 3}", "{not: {of: x, at_least: 3}}", "{any: [{of: x, at_least: 9}, {of: kind, equals: 丁}]}"]
)
def test_a_record_that_lacks_what_decides_makes_the_count_missing_in_either_way(where: str) -> None:
    lacking = [*ROWS, {"key": "s", "kind": "甲", "on": "2026-04-01"}]
    assert points(f"{{records: {{of: rows, where: {where}}}}}", rows=lacking) == "missing: rows.x"
    decided = "{all: [{of: kind, equals: 乙}, {of: x, at_least: 1}]}"
    assert points(f"{{records: {{of: rows, where: {decided}}}}}", rows=lacking) == 1


def test_sums_over_records_are_exact_with_fractions_and_without() -> None:
    assert points("{records: {of: rows, gives: {ratio: {of: x, to: 3}}}}", rows=ROWS) == Fraction(19, 6)
    many = [{"key": str(place), "x": "0.1"} for place in range(30)]
    assert points("{records: {of: rows, gives: x}}", rows=many) == 3


@pytest.mark.parametrize(
    ("share", "count", "expected"), [("20%", 5, "0"), ("20%", 4, ""), ("20%", 9, "0"), ("20%", 10, "01"), ("100%", 3, "012")]
)
def test_a_list_of_a_share_of_the_units_holds_no_more_of_them(share: str, count: int, expected: str) -> None:
    lists = f"    lists: [{{title: 红榜, best: {share}}}, {{title: 黑榜, worst: {share}}}]\n"
    found = of(whole("a") + lists, {str(place): {"a": 99 - place} for place in range(count)})
    assert "".join(name for name, one in found.items() if "红榜" in one.lists) == expected
    assert sum("黑榜" in one.lists for one in found.values()) == len(expected)


@pytest.mark.parametrize("bound", ["0", "1.5", "0%", "120%", "0.2"])
def test_a_place_on_a_list_is_a_whole_number_or_a_share(bound: str) -> None:
    assert [one.code for one in faults(whole("a") + f"    lists: [{{title: 红榜, best: {bound}}}]\n")] == ["wrong_shape"]


def test_what_an_indicator_takes_from_another_is_told_in_its_unit() -> None:
    text = whole("money", item="        unit: 万元\n", group="    total: none\n") + "      - {id: two, unit: 万元, formula: item.it}\n"
    (told,) = of(text, {"x": {"money": 33000}})["x"].items[1].inputs
    assert (told.number, told.unit) == (33000, "万元")


def test_an_indicator_that_is_not_counted_is_shown_and_never_added() -> None:
    text = whole("a", item="        points: 10\n", group="    full_points: 10\n") + (
        "      - {id: own, points: 10, counted: no, formula: b}\n"
        "      - {id: gap, unit: percent, counted: no, formula: {ratio: {of: {difference: [a, b]}, to: b}}}\n"
    )
    found = of(text, {"x": {"a": 8, "b": 10}, "y": {"a": 9}})
    assert [(one.id, one.points) for one in found["x"].items] == [("it", 8), ("own", 10), ("gap", -20)]
    assert (found["x"].total, found["x"].flags) == (8, ())
    assert (found["y"].total, found["y"].rank, found["y"].items[1].state) == (9, 1, "missing"), "what lacks there stops no total"


def test_a_section_adds_what_is_counted_in_it() -> None:
    text = (
        whole("a")
        + "      - {id: two, points: 5, items: [{id: in, points: 5, formula: b}, {id: out, points: 5, counted: no, formula: c}]}\n"
    )
    assert of(text, {"x": {"a": 1, "b": 4, "c": 9}})["x"].total == 5


def test_what_is_not_counted_says_so_before_its_formula_and_in_its_result() -> None:
    rule = reading.rule_from(whole("a") + "      - {id: own, counted: no, formula: b}\n")
    counted, own = rule.groups["all"].items
    assert (counted.words(), own.words(), own.words("en")) == ("甲", "只列不计：乙", "shown, not counted: b")
    told = of(whole("a") + "      - {id: own, counted: no, formula: b}\n", {"x": {"a": 1, "b": 2}})["x"].items
    assert [(one.is_counted, one.formula_zh) for one in told] == [(True, "甲"), (False, "乙")]


def test_what_is_not_counted_in_a_section_is_measured_as_it_likes() -> None:
    inner = "{id: in, formula: b}, {id: own, unit: 万元, counted: no, formula: money}"
    found = of(whole("a") + f"      - {{id: two, items: [{inner}]}}\n", {"x": {"a": 1, "b": 4, "money": 9}})["x"]
    assert (found.total, [one.points for one in found.items]) == (5, [1, 4, 4, 9])


@pytest.mark.parametrize("inner", ["{id: in, counted: no, formula: b}", ""])
def test_a_section_that_counts_nothing_is_a_fault(inner: str) -> None:
    found = faults(whole("a") + f"      - {{id: two, items: [{inner}]}}\n")
    assert [(one.code, one.field) for one in found] == [("not_there", "items.two.items")]
