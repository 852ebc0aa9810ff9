"""The twenty-two forms of rules and those that stand beside them, each at every edge, with the answer that the words of the rule give.

A cell of the table holds cases, or says why the edge cannot occur. Whoever adds a form adds a row; whoever adds an edge fills a column.
"""

# ruff: noqa: E501 - a case stands on one line: rule, facts, answer
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rulebook.scoring.rules import DAY, FACTS, HEAD, Rows, points, scored, whole

EDGES = ("max is min", "nothing below", "negative", "missing", "not applicable", "tie", "at cap", "at threshold", "half")
NA = "不适用"


@dataclass(frozen=True)
class One:
    """One unit: formula, facts, and what it gets."""

    formula: str
    expected: Any
    told: Mapping[str, Any] = field(default_factory=dict)
    rows: Rows | None = None
    on: dt.date = DAY
    item: str = ""

    def found(self) -> Any:
        return points(self.formula, on=self.on, rows=self.rows, item=self.item, **self.told)


@dataclass(frozen=True)
class Many:
    """Units that differ in `a`: formula, values, and what each gets."""

    formula: str
    expected: Sequence[Any]
    values: Sequence[Any]
    item: str = ""

    def found(self) -> Any:
        results = scored(whole(self.formula, item=self.item), {str(place): {"a": value} for place, value in enumerate(self.values)})
        return [results[str(place)].items[0].points for place in range(len(self.values))]


@dataclass(frozen=True)
class Board:
    """A whole group: what stands after its one indicator `a`, the units, and (total, rank, grade, lists) of each as far as asked."""

    rest: str
    expected: Mapping[str, tuple[Any, ...]]
    units: Mapping[str, Mapping[str, Any]]
    asked: tuple[str, ...] = ("rank", "grade", "lists")
    group: str = ""
    formula: str = "a"

    def found(self) -> Any:
        results = scored(whole(self.formula, group=self.group) + self.rest, self.units)
        return {name: tuple(getattr(results[name], one) for one in self.asked) for name in self.expected}


@dataclass(frozen=True)
class Text:
    """A whole rule with groups of its own: text, units with their groups, and (total, rank) of each."""

    text: str
    expected: Mapping[str, tuple[Any, ...]]
    units: Mapping[str, Mapping[str, Any]]

    def found(self) -> Any:
        results = scored(HEAD + FACTS + self.text, self.units)
        return {name: (results[name].total, results[name].rank) for name in self.expected}


Case = One | Many | Board | Text
Cell = str | Sequence[Case]


@dataclass(frozen=True)
class Form:
    """A form: what it says, its edges in the order of EDGES, and the property tests that hold of it whatever the numbers."""

    says: str
    cells: tuple[Cell, ...]
    properties: tuple[str, ...]


ALONE = "a unit is looked at alone: there is no highest and no lowest"
NO_RANK = "nothing is ranked"
NO_DIVISION = "nothing is divided"
NO_CAP = "the form has no cap"
NO_STEP = "the form has no threshold"
R = "        round: %s\n"
RATE = "{completion: {actual: a, target: b, points: 30, cap: %s}}"
MIX = "{product: [{weighted: {of: [{part: {ratio: {of: a, to: b}}, weight: 50%%}, {part: c, weight: 50%%}]%s}}, 20]}"
TIERS = "{quota: {base: 10, tiers: [{count: a, target: 5, each: 1}, {count: b, target: 2, each: 3}]}}"
TALLY = "{tally: {of: [{count: a, each: 2, at_most: 4}, {count: b, each: 0.5}], at_most: 5}}"
LESS = "{deductions: {base: 5, of: [{count: a, each: 0.5, at_most: 3}, {count: b, each: 2}]}}"
SPAN = "{min_max: {of: a, base: 60, span: 40, if_equal: %s}}"
RANK = "{rank: {of: a, order: high_first, ties: %s}}"
PLACES = "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}, {from: 2, to: 4, gives: 8}], else: 5}}"
GATE = "{if: {when: {of: a, at_least: b}, then: 20, else: 0}}"
BOTH = "{steps: {of: [{when: {all: [{of: a, at_least: 100}, {of: b, at_least: 30}]}, gives: 100}, {when: {all: [{of: a, at_least: 80}, {of: b, at_least: 20}]}, gives: 75}], else: 0}}"
SLOPE = "{slope: {of: a, line: 100, base: 10, above: [{to: 130, per: 10, points: 2}, {per: 10, points: 1}], below: [{per: 10, points: 3}], count: %s, most_above: 8, most_below: 10}}"
TABLE = "{product: [a, {lookup: {by: word, table: {大: 0.6, 小: 0.1}%s}}]}"
SHARE = "{product: [{ratio: {of: a, to: b%s}}, 20]}"
RATED = "{rating: {of: rows, score: x, by: kind, weights: {园区: 70%%, 乡镇: 30%%}%s}}"
GROWTH = "{sum: [{completion: {actual: a, target: b, points: 20, cap: 100%}}, {if: {when: {of: {ratio: {of: {difference: [a, c]}, to: c}}, at_least: 30%}, then: 2, else: 0}}]}"
EACH = "{records: {of: rows, gives: {product: [{bands: {of: x, bands: [{to: 5, gives: 1}, {from: 5, to: 10, gives: 2}, {from: 10, gives: 4}]}}, {lookup: {by: kind, table: {工业: 1, 服务业: 0.5}}}]}}}"
BONUS = "{records: {of: rows, gives: x, at_most: [{count: 1, per: quarter, by: on}, {count: 2, per: year, by: on}]}}"
AHEAD = "{difference: [{ratio: {of: a, to: b}}, {elapsed: {by: month}}]}"
KNOWN = "{records: {of: rows, where: {all: [{not: {of: kind, one_of: [房地产]}}, {of: x, at_least: 5}]}, once_by: [key], first_by: on, gives: x, sampled: {verified: a, reported: b}}}"
CAPPED = f"{{cap: {{of: {KNOWN}, at: 10}}}}"
DATED = "{dated: {from: {2026-01-01: a, 2026-06-30: {product: [b, 2]}}}}"
BENCH = "{product: [{ratio: {of: a, to: %s}}, 50]}"
OCTOBER = dt.date(2026, 10, 31)


def row(x: Any = None, kind: str = "工业", on: str = "2026-03-31", key: str = "p") -> dict[str, Any]:
    return {"key": key, "kind": kind, "on": on} | ({} if x is None else {"x": x})


GRADES = "    grades: {bands: [{to: 80, grade: 一般}, {from: 80, to: 90, grade: 良好}, {from: 90, grade: 优秀}], shifts: [{title: 升, when: {of: c, at_least: 1}, by: 1}]}\n"
VETO = "    vetoes: [{title: 否决, when: {of: b, above: 0}, effect: last}]\n"
LISTS = "    lists: [{title: 红榜, when: {of: total, at_least: 85}, best: 2}, {title: 黑榜, when: {of: total, below: 80}, worst: 1}]\n"
WELL = {"b": 0, "c": 0}
PARTS = "groups:\n  all:\n    total: {round: 1}\n    items:\n      - {id: one, points: 60, formula: a}\n      - {id: two, points: 40, applies: {of: flag, is: yes}, not_applicable: %s, formula: b}\n"
ONLY = "groups:\n  all:\n    items:\n      - {id: two, points: 40, applies: {of: flag, is: yes}, not_applicable: spread, formula: b}\n"

FORMS: Mapping[str, Form] = {
    "1": Form("completion × points, capped at 100 %, at another rate, or not", (
        ALONE,
        [One(RATE % "120%", "missing: 乙=0", {"a": 1, "b": 0}), One("{completion: {actual: a, target: b, points: 30, cap: none, if_zero: 30}}", 30, {"a": 0, "b": 0})],
        [One(RATE % "120%", -3, {"a": -5, "b": 50})],
        [One(RATE % "120%", "missing: a", {"b": 50}), One(RATE % "120%", "missing: b", {"a": 50}), One(RATE % "120%", "missing: a, b")],
        [One(RATE % "120%", "not applicable", {"a": 1, "b": NA}), One(RATE % "120%", "not applicable", {"b": NA})],
        NO_RANK,
        [One(RATE % "120%", Fraction("35.4"), {"a": 59, "b": 50}), One(RATE % "120%", 36, {"a": 60, "b": 50}), One(RATE % "120%", 36, {"a": 61, "b": 50}),
         One(RATE % "100%", 30, {"a": 50, "b": 50}), One(RATE % "100%", 30, {"a": 60, "b": 50}), One(RATE % "none", 60, {"a": 100, "b": 50})],
        NO_STEP,
        [One(RATE % "none", Fraction("0.63"), {"a": 1, "b": 48}, item=R % 2), One(RATE % "none", Fraction("-0.63"), {"a": -1, "b": 48}, item=R % 2)],
    ), ("test_completion_rises_up_to_its_cap",)),
    "2": Form("a weighted mix of ratios, × points, then capped", (
        ALONE,
        [One(MIX % "", "missing: 乙=0", {"a": 1, "b": 0, "c": 1})],
        [One(MIX % "", 0, {"a": -10, "b": 10, "c": 1})],
        [One(MIX % "", "missing: c", {"a": 1, "b": 1})],
        [One(MIX % "", "not applicable", {"a": 1, "b": 1, "c": NA}), One(MIX % ", not_applicable: spread", 16, {"a": 8, "b": 10, "c": NA}),
         One(MIX % ", not_applicable: zero", 8, {"a": 8, "b": 10, "c": NA})],
        NO_RANK,
        [One(MIX % "", Fraction("19.8"), {"a": 98, "b": 100, "c": 1}, item="        cap: 20\n"), One(MIX % "", 20, {"a": 1, "b": 1, "c": 1}, item="        cap: 20\n"),
         One(MIX % "", 20, {"a": 3, "b": 2, "c": "0.9"}, item="        cap: 20\n"), One(MIX % "", 24, {"a": 3, "b": 2, "c": "0.9"})],
        NO_STEP,
        [One(MIX % "", Fraction("12.3"), {"a": 49, "b": 80, "c": "0.6125"}, item=R % 1)],
    ), ("test_a_weighted_mix_lies_between_its_parts",)),
    "3": Form("a quota per tier, so much less for each that lacks; more in one makes up for no other", (
        ALONE, NO_DIVISION,
        [One(TIERS, 4, {"a": -1, "b": 2})],
        [One(TIERS, "missing: b", {"a": 5}), One(TIERS, "missing: a, b")],
        [One(TIERS, "not applicable", {"a": 5, "b": NA})],
        NO_RANK,
        [One(TIERS, 10, {"a": 5, "b": 2}), One(TIERS, 10, {"a": 9, "b": 9}), One(TIERS, 7, {"a": 99, "b": 1})],
        [One(TIERS, 9, {"a": 4, "b": 2}), One(TIERS, 10, {"a": 5, "b": 2}), One(TIERS, 10, {"a": 6, "b": 2}), One(TIERS, 0, {"a": 0, "b": 0}),
         One(TIERS, 1, {"a": 2, "b": 0}), One(TIERS, 0, {"a": 1, "b": 0})],
        [One("{quota: {base: 1, tiers: [{count: a, target: 1, each: 0.125}]}}", Fraction("0.88"), {"a": 0}, item=R % 2)],
    ), ("test_a_quota_stays_between_nothing_and_its_base_and_never_falls_with_more",)),
    "4": Form("counts × points each, each count and all of them capped", (
        ALONE, NO_DIVISION,
        [One(TALLY, -1, {"a": -1, "b": 2})],
        [One(TALLY, "missing: b", {"a": 9})],
        [One(TALLY, "not applicable", {"a": 9, "b": NA})],
        NO_RANK,
        [One(TALLY, 2, {"a": 1, "b": 0}), One(TALLY, 4, {"a": 2, "b": 0}), One(TALLY, 4, {"a": 3, "b": 0}), One(TALLY, Fraction("4.5"), {"a": 2, "b": 1}),
         One(TALLY, 5, {"a": 2, "b": 2}), One(TALLY, 5, {"a": 2, "b": 3}), One(TALLY, 0, {"a": 0, "b": 0})],
        NO_STEP,
        [One("{tally: {of: [{count: a, each: 0.125}]}}", Fraction("0.13"), {"a": 1}, item=R % 2)],
    ), ("test_a_tally_stays_within_its_caps_and_deductions_between_floor_and_base", "test_a_tally_never_falls_and_deductions_never_rise_with_more")),
    "5": Form("a base less so much for each event, down to a floor", (
        ALONE, NO_DIVISION,
        [One(LESS, 6, {"a": -2, "b": 0})],
        [One(LESS, "missing: b", {"a": 99})],
        [One(LESS, "not applicable", {"a": NA, "b": 1})],
        NO_RANK,
        [One(LESS, Fraction("2.5"), {"a": 5, "b": 0}), One(LESS, 2, {"a": 6, "b": 0}), One(LESS, 2, {"a": 7, "b": 0})],
        [One(LESS, Fraction("0.5"), {"a": 1, "b": 2}), One(LESS, 0, {"a": 2, "b": 2}), One(LESS, 0, {"a": 3, "b": 2}),
         One("{deductions: {base: 5, of: [{count: a, each: 1}], floor: -2}}", -2, {"a": 7}), One("{deductions: {base: 5, of: [{count: a, each: 1}], floor: -2}}", -2, {"a": 8})],
        [One("{deductions: {base: 1, of: [{count: a, each: 0.125}]}}", Fraction("0.88"), {"a": 1}, item=R % 2)],
    ), ("test_a_tally_stays_within_its_caps_and_deductions_between_floor_and_base", "test_a_tally_never_falls_and_deductions_never_rise_with_more")),
    "6": Form("功效系数: (x − min) ÷ (max − min) × 40 + 60 inside the group", (
        [Many(SPAN % 80, [80, 80], [7, 7]), Many(SPAN % 80, [80], [7]), Many(SPAN % "missing", [None, None], [7, 7]), Many(SPAN % "not_applicable", [None, None], [7, 7])],
        [Many(SPAN % 100, [100, 100, None], [0, 0, None])],
        [Many(SPAN % 80, [80, 60, 100], [10, -10, 30])],
        [Many(SPAN % 80, [60, None, 100], [10, None, 30])],
        [Many(SPAN % 80, [60, None, 100], [10, NA, 30])],
        [Many(SPAN % 80, [60, 100, 100, 60], [10, 30, 30, 10])],
        [Many(SPAN % 80, [60, 80, 100], [1, 2, 3]), Many("{min_max: {of: a, base: 60, span: 40, if_equal: 80, low_is_good: true}}", [100, 80, 60], [1, 2, 3])],
        NO_STEP,
        [Many(SPAN % 80, [60, 63, 100], [0, 1, 16], R % 0)],
    ), ("test_min_max_lies_between_its_ends_and_follows_the_order",)),
    "7": Form("ranks, or what a rank gives; ties dense or skipping", (
        [Many(RANK % "skip", [1, 1, 1], [5, 5, 5]), Many(RANK % "dense", [1, 1, 1], [5, 5, 5])],
        NO_DIVISION,
        [Many(RANK % "skip", [2, 3, 1], [-1, -3, 2])],
        [Many(RANK % "skip", [1, None, 2], [9, None, 8])],
        [Many(RANK % "skip", [1, None, 2], [9, NA, 8])],
        [Many(RANK % "skip", [8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 11], [8, 90, 80, 70, 60, 50, 40, 30, 8, 8, 1]), Many(RANK % "dense", [8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9], [8, 90, 80, 70, 60, 50, 40, 30, 8, 8, 1])],
        NO_CAP,
        [Many(PLACES, [10, 8, 8, 5], [9, 8, 7, 6]), Many(PLACES, [10, 8, 8, 8, 5], [9, 8, 8, 8, 7]), Many(PLACES, [10, 10, 8, 5], [9, 9, 8, 7])],
        "ranks are whole numbers, and what they give is written in the rule",
    ), ("test_ranks_begin_with_one_and_do_not_depend_on_the_order_of_the_units", "test_a_rank_follows_the_order_and_the_figures_of_the_group_lie_within_its_ends")),
    "8": Form("a gate: below the target nothing", (
        ALONE,
        [One(GATE, 20, {"a": 0, "b": 0})],
        [One(GATE, 0, {"a": -1, "b": 0}), One(GATE, 20, {"a": 0, "b": -1})],
        [One(GATE, "missing: b", {"a": 7}), One(GATE, "missing: a", {"b": 7})],
        [One(GATE, "not applicable", {"a": NA, "b": 7})],
        NO_RANK, NO_CAP,
        [One(GATE, 0, {"a": 7, "b": 8}), One(GATE, 0, {"a": "7.9999", "b": 8}), One(GATE, 20, {"a": 8, "b": 8}), One(GATE, 20, {"a": 9, "b": 8})],
        [One("{if: {when: {of: {ratio: {of: a, to: b}}, at_least: 80%}, then: 20, else: 0}}", 0, {"a": 15999, "b": 20000}),
         One("{if: {when: {of: {round: {of: {ratio: {of: a, to: b}}, digits: 2, in: percent}}, at_least: 80%}, then: 20, else: 0}}", 20, {"a": 15999, "b": 20000})],
    ), ("test_a_ratio_a_gate_and_steps_never_fall_with_more",)),
    "9": Form("steps with conditions that all hold", (
        ALONE, NO_DIVISION,
        [One(BOTH, 0, {"a": -100, "b": 30})],
        [One(BOTH, "missing: a", {"b": 30}), One(BOTH, 0, {"b": 10}), One(BOTH, 0, {"a": 79}), One(BOTH, "missing: b", {"a": 100})],
        [One(BOTH, "not applicable", {"a": NA, "b": 30}), One(BOTH, 0, {"a": NA, "b": 10})],
        NO_RANK, NO_CAP,
        [One(BOTH, 0, {"a": 79, "b": 20}), One(BOTH, 75, {"a": 80, "b": 20}), One(BOTH, 75, {"a": 81, "b": 21}), One(BOTH, 0, {"a": 80, "b": "19.9"}),
         One(BOTH, 75, {"a": 100, "b": "29.9"}), One(BOTH, 75, {"a": "99.9", "b": 30}), One(BOTH, 100, {"a": 100, "b": 30})],
        [One(BOTH, 0, {"a": "79.9999", "b": 20})],
    ), ("test_a_ratio_a_gate_and_steps_never_fall_with_more",)),
    "10": Form("slopes above and below a line, each with its cap; whole steps or in proportion", (
        ALONE,
        [One("{slope: {of: a, line: 0, base: 0, above: [{per: b, points: 1}], count: linear}}", "missing: 乙≤0", {"a": 5, "b": 0})],
        [One(SLOPE % "linear", 0, {"a": -50}), One("{slope: {of: a, line: 0, base: 0, below: [{per: 1, points: 1}], count: linear}}", -3, {"a": -3})],
        [One(SLOPE % "whole", "missing: a")],
        [One(SLOPE % "whole", "not applicable", {"a": NA})],
        NO_RANK,
        [One(SLOPE % "linear", Fraction("17.9"), {"a": 149}), One(SLOPE % "linear", 18, {"a": 150}), One(SLOPE % "linear", 18, {"a": 151}),
         One(SLOPE % "whole", 1, {"a": 70}), One(SLOPE % "whole", 0, {"a": 60}), One(SLOPE % "linear", 0, {"a": 0})],
        [One(SLOPE % "whole", 10, {"a": "99.99"}), One(SLOPE % "whole", 10, {"a": 100}), One(SLOPE % "whole", 10, {"a": "109.99"}), One(SLOPE % "whole", 12, {"a": 110}),
         One(SLOPE % "whole", 10, {"a": "90.01"}), One(SLOPE % "whole", 7, {"a": 90}), One(SLOPE % "linear", 16, {"a": 130}), One(SLOPE % "linear", Fraction("15.8"), {"a": 129}),
         One(SLOPE % "linear", Fraction("16.1"), {"a": 131})],
        [One(SLOPE % "whole", 10, {"a": 105}), One(SLOPE % "linear", Fraction("10.1"), {"a": "100.25"}, item=R % 1)],
    ), ("test_a_slope_never_falls_and_keeps_its_caps",)),
    "11": Form("a slope or target looked up by an attribute of the unit", (
        ALONE, NO_DIVISION,
        [One(TABLE % "", -6, {"a": -10, "word": "大"})],
        [One(TABLE % "", "missing: word", {"a": 10}), One(TABLE % "", "missing: 词=中", {"a": 10, "word": "中"}), One(TABLE % ", else: 0", 0, {"a": 10, "word": "中"}),
         One(TABLE % ", else: missing", "missing: 词=中", {"a": 10, "word": "中"})],
        [One(TABLE % "", "not applicable", {"a": 10, "word": NA}), One(TABLE % ", else: not_applicable", "not applicable", {"a": 10, "word": "中"})],
        NO_RANK, NO_CAP,
        "a word is in the table or it is not",
        [One("{product: [a, {lookup: {by: word, table: {大: 0.5}}}]}", Fraction("0.13"), {"a": "0.25", "word": "大"}, item=R % 2)],
    ), ("test_what_a_table_gives_hangs_on_the_word_alone",)),
    "12": Form("a ratio of two counts with a stated policy for nothing below", (
        ALONE,
        [One(SHARE % "", "missing: 乙=0", {"a": 0, "b": 0}), One(SHARE % ", if_zero: missing", "missing: 乙=0", {"a": 0, "b": 0}), One(SHARE % ", if_zero: not_applicable", "not applicable", {"a": 0, "b": 0}),
         One(SHARE % ", if_zero: 0", 0, {"a": 0, "b": 0}), One(SHARE % ", if_zero: 0.25", 5, {"a": 0, "b": 0})],
        [One(SHARE % "", -10, {"a": -4, "b": 8})],
        [One(SHARE % ", if_zero: 0", "missing: a", {"b": 0}), One(SHARE % ", if_zero: 0", "missing: b", {"a": 0})],
        [One(SHARE % ", if_zero: 0", "not applicable", {"a": NA, "b": 0}), One(SHARE % "", "not applicable", {"a": NA})],
        NO_RANK,
        [One(SHARE % "", 20, {"a": 8, "b": 8}), One(SHARE % "", Fraction("22.5"), {"a": 9, "b": 8}), One("{cap: {of: %s, at: 20}}" % (SHARE % ""), 20, {"a": 9, "b": 8})],
        NO_STEP,
        [One(SHARE % "", Fraction("0.6"), {"a": 11, "b": 400}, item=R % 1)],
    ), ("test_a_ratio_a_gate_and_steps_never_fall_with_more",)),
    "13": Form("rating by others: the mean, or means by class of rater", (
        ALONE,
        [One("{rating: {of: rows, score: x}}", "missing: rows", rows=[]), One(RATED % "", "missing: rows:园区", rows=[]), One(RATED % ", empty: spread", "missing: rows", rows=[])],
        [One("{rating: {of: rows, score: x}}", -1, rows=[row(-3), row(1)])],
        [One(RATED % "", "missing: rows"), One(RATED % "", "missing: rows:乡镇", rows=[row(90, "园区")]), One(RATED % ", empty: spread", 90, rows=[row(90, "园区")]),
         One("{rating: {of: rows, score: x}}", 90, rows=[row(90), row()]),
         One(RATED % "", "missing: rows.kind", rows=[row(90, "园区"), row(80, "乡镇"), {"x": 70}]), One(RATED % "", 87, rows=[row(90, "园区"), row(80, "乡镇"), {}])],
        [One("{rating: {of: rows, score: x}}", 90, rows=[row(90), row(NA)]), One(RATED % "", 87, rows=[row(90, "园区"), row(80, "乡镇"), row(10, NA)])],
        NO_RANK,
        [One(RATED % "", 100, rows=[row(100, "园区"), row(100, "乡镇")])],
        NO_STEP,
        [One("{rating: {of: rows, score: x}}", Fraction("80.3"), rows=[row("80.5"), row(80)], item=R % 1)],
    ), ("test_a_rating_lies_between_the_lowest_and_the_highest_mark",)),
    "14": Form("the base by this year's plan, the adjustment by last year's actual", (
        ALONE,
        [One(GROWTH, "missing: 丙=0", {"a": 5, "b": 10, "c": 0}), One(GROWTH, "missing: 乙=0", {"a": 5, "b": 0, "c": 1})],
        [One(GROWTH, -10, {"a": -5, "b": 10, "c": 1})],
        [One(GROWTH, "missing: c", {"a": 5, "b": 10})],
        [One(GROWTH, "not applicable", {"a": 5, "b": 10, "c": NA})],
        NO_RANK,
        [One(GROWTH, 20, {"a": 50, "b": 50, "c": 50}), One(GROWTH, 20, {"a": 51, "b": 50, "c": 50})],
        [One(GROWTH, 20, {"a": "64.99", "b": 50, "c": 50}), One(GROWTH, 22, {"a": 65, "b": 50, "c": 50}), One(GROWTH, 22, {"a": 66, "b": 50, "c": 50})],
        [One(GROWTH, Fraction("12.4"), {"a": 99, "b": 160, "c": 99}, item=R % 1)],
    ), ("test_a_ratio_a_gate_and_steps_never_fall_with_more",)),
    "15": Form("points of each project: size × kind × stage, added up", (
        ALONE, NO_DIVISION,
        [One(EACH, 1, rows=[row(-1)])],
        [One(EACH, "missing: rows"), One(EACH, "missing: rows.x", rows=[row(5), row()]), One(EACH, "missing: 类=农业", rows=[row(5, "农业")])],
        [One(EACH, 2, rows=[row(5), row(NA)])],
        NO_RANK,
        [One(EACH, 8, rows=[row(10), row(10)], item="        cap: 8\n"), One(EACH, 8, rows=[row(10), row(10), row(1)], item="        cap: 8\n"), One(EACH, 0, rows=[])],
        [One(EACH, 1, rows=[row("4.99")]), One(EACH, 2, rows=[row(5)]), One(EACH, 2, rows=[row("9.99")]), One(EACH, 4, rows=[row(10)]), One(EACH, Fraction("0.5"), rows=[row(4, "服务业")])],
        [One("{records: {of: rows, gives: {product: [x, 0.125]}}}", Fraction("0.13"), rows=[row(1)], item=R % 2), One("{records: {of: rows, gives: {product: [x, 0.125]}}}", Fraction("0.25"), rows=[row(1), row(1)], item=R % 2)],
    ), ("test_points_of_projects_are_those_of_each_added_up", "test_bands_that_rise_never_give_less_for_more")),
    "16": Form("bonuses: their own cap, the highest, at most so many a quarter and a year, once a project", (
        ALONE, NO_DIVISION,
        [One(BONUS, -1, rows=[row(-1)]), One("{records: {of: rows, gives: x, take: highest}}", -1, rows=[row(-1), row(-2)])],
        [One(BONUS, "missing: rows.x", rows=[row(1), row()]), One(BONUS, "missing: rows.on", rows=[row(1), {"key": "q", "x": 1}])],
        [One(BONUS, 1, rows=[row(1), row(NA)]), One(BONUS, 1, rows=[row(1), row(9, on=NA)])],
        [One(BONUS, 2, rows=[row(2), row(2)]), One("{records: {of: rows, once_by: [key], keep: highest, gives: x}}", 2, rows=[row(2), row(2)])],
        [One(BONUS, 4, rows=[row(4)], item="        cap: 5\n"), One(BONUS, 5, rows=[row(5)], item="        cap: 5\n"), One(BONUS, 5, rows=[row(6)], item="        cap: 5\n")],
        [One(BONUS, 3, rows=[row(3, on="2026-01-01"), row(2, on="2026-03-31")]), One(BONUS, 5, rows=[row(3, on="2026-03-31"), row(2, on="2026-04-01")]),
         One(BONUS, 9, rows=[row(5, on="2026-03-31"), row(4, on="2026-04-01"), row(3, on="2026-07-01")]), One(BONUS, 12, rows=[row(5, on="2026-03-31"), row(4, on="2026-04-01"), row(3, on="2027-01-01")])],
        [One("{records: {of: rows, gives: x}}", Fraction("0.13"), rows=[row("0.125")], item=R % 2)],
    ), ("test_records_limited_once_each_or_discounted_never_come_to_more_than_all_of_them",)),
    "17": Form("vetoes, grades that move, red and black lists", (
        [Board(LISTS, {"x": (1, "", ("红榜",)), "y": (1, "", ("红榜",)), "z": (1, "", ("红榜",))}, {name: {"a": 90} for name in "xyz"})],
        NO_DIVISION,
        [Board(GRADES + LISTS, {"x": (1, "一般", ("黑榜",))}, {"x": {"a": -5, **WELL}})],
        [Board(VETO + GRADES, {"x": (None, "", ()), "y": (None, "", ())}, {"x": {"a": 95, "c": 0}, "y": {"b": 0, "c": 0}})],
        [Board(VETO + GRADES, {"x": (1, "优秀", ())}, {"x": {"a": 95, "b": NA, "c": NA}})],
        [Board(LISTS, {"w": (1, "", ("红榜",)), "x": (2, "", ("红榜",)), "y": (2, "", ("红榜",)), "z": (4, "", ("黑榜",))}, {"w": {"a": 95}, "x": {"a": 90}, "y": {"a": 90}, "z": {"a": 70}}),
         Board(VETO, {"w": (3, "", ()), "x": (3, "", ()), "y": (1, "", ()), "z": (2, "", ())}, {"w": {"a": 95, "b": 1}, "x": {"a": 95, "b": 1}, "y": {"a": 60, "b": 0}, "z": {"a": 50, "b": 0}})],
        [Board(GRADES, {"x": (1, "优秀", ()), "y": (2, "优秀", ())}, {"x": {"a": 95, "b": 0, "c": 1}, "y": {"a": 85, "b": 0, "c": 1}})],
        [Board(GRADES, {"x": (1, "优秀", ()), "y": (2, "良好", ()), "z": (3, "良好", ()), "u": (4, "一般", ())}, {"x": {"a": 90, **WELL}, "y": {"a": "89.99", **WELL}, "z": {"a": 80, **WELL}, "u": {"a": "79.99", **WELL}}),
         Board(VETO, {"x": (1, "", ()), "y": (2, "", ())}, {"x": {"a": 1, "b": 0}, "y": {"a": 9, "b": "0.01"}}), Board(LISTS, {"x": (1, "", ("红榜",)), "y": (2, "", ())}, {"x": {"a": 85}, "y": {"a": "84.99"}})],
        [Board(GRADES, {"x": (1, "良好", ()), "y": (2, "一般", ())}, {"x": {"a": "79.95", **WELL}, "y": {"a": "79.94", **WELL}}, group="    total: {round: 1}\n")],
    ), ("test_a_veto_and_a_grade_never_lift_whoever_has_less",)),
    "18": Form("groups of their own; not applicable is not nothing; listed but not ranked; a change of group", (
        [Text("groups:\n  all:\n    items: [{id: one, formula: a}]\n", {"x": (5, 1), "y": (5, 1)}, {"x": {"a": 5}, "y": {"a": 5}})],
        [Text(ONLY, {"x": (None, None)}, {"x": {"b": 5, "flag": "否"}})],
        [Text(PARTS % "spread", {"x": (-10, 1)}, {"x": {"a": -6, "flag": "否"}})],
        [Text(PARTS % "spread", {"x": (None, None)}, {"x": {"a": 30, "b": 20}}), Text(PARTS % "spread", {"x": (None, None)}, {"x": {"a": 30, "flag": "是"}}), Text(PARTS % "spread", {"x": (50, 1)}, {"x": {"a": 30, "flag": "否"}})],
        [Text(PARTS % "left_out", {"x": (30, 1)}, {"x": {"a": 30, "flag": "否"}}), Text(PARTS % "full", {"x": (70, 1)}, {"x": {"a": 30, "flag": "否"}}), Text(PARTS % "spread", {"x": (50, 1)}, {"x": {"a": 30, "flag": "否"}}),
         Text(PARTS % "full", {"x": (70, 1)}, {"x": {"a": 30, "flag": NA, "b": 1}})],
        [Board("    rank: {unranked: [u]}\n", {"x": (1,), "y": (1,), "u": (None,), "z": (3,)}, {"x": {"a": 9}, "y": {"a": 9}, "u": {"a": 99}, "z": {"a": 1}}, ("rank",))],
        NO_CAP,
        [Board("    rank: {when: {of: total, at_least: 5}}\n", {"x": (1,), "y": (None,)}, {"x": {"a": 5}, "y": {"a": "4.99"}}, ("rank",))],
        [Text(PARTS % "spread", {"x": (Fraction("0.8"), 1)}, {"x": {"a": "0.45", "flag": "否"}})],
    ), ("test_what_is_spread_is_the_share_of_what_is_left",)),
    "19": Form("several targets for one actual; progress against time in percentage points", (
        ALONE,
        [One(AHEAD, "missing: 乙=0", {"a": 1, "b": 0}, on=OCTOBER)],
        [One(AHEAD, Fraction(-1, 3), {"a": 30, "b": 60}, on=OCTOBER), One(AHEAD, Fraction(-11, 6), {"a": -60, "b": 60}, on=OCTOBER)],
        [One(AHEAD, "missing: b", {"a": 1}, on=OCTOBER)],
        [One(AHEAD, "not applicable", {"a": NA, "b": 1}, on=OCTOBER)],
        NO_RANK, NO_CAP,
        [One(AHEAD, 0, {"a": 50, "b": 60}, on=OCTOBER), One(AHEAD, 0, {"a": 50, "b": 60}, on=dt.date(2026, 10, 1)), One(AHEAD, Fraction(-1, 12), {"a": 50, "b": 60}, on=dt.date(2026, 11, 1)), One(AHEAD, 0, {"a": 60, "b": 60}, on=dt.date(2026, 12, 31)),
         One("{difference: [a, {elapsed: {by: day}}]}", Fraction(1, 365), {"a": 1}, on=dt.date(2026, 12, 30)), One("{difference: [a, {elapsed: {by: day}}]}", 0, {"a": 1}, on=dt.date(2028, 12, 31))],
        [One("{round: {of: {ratio: {of: a, to: b}}, digits: 2, in: percent}}", Fraction("0.9243"), {"a": 3697, "b": 4000})],
    ), ("test_the_share_of_the_year_and_what_is_dated_lie_within_their_ends",)),
    "20": Form("recognition first: in and out, once, at the first signing, discounted by a sample", (
        ALONE,
        [One(KNOWN, "missing: 乙=0", {"a": 0, "b": 0}, rows=[row(10)])],
        [One(KNOWN, 0, {"a": 1, "b": 1}, rows=[row(-10)])],
        [One(KNOWN, "missing: a", {"b": 1}, rows=[row(10)]), One(KNOWN, "missing: rows.x", {"a": 1, "b": 1}, rows=[row()]), One(KNOWN, 0, {"a": 1, "b": 1}, rows=[row(kind="房地产")]), One(KNOWN, "missing: rows", {"a": 1, "b": 1})],
        [One(KNOWN, "not applicable", {"a": NA, "b": 1}, rows=[row(10)]), One(KNOWN, 10, {"a": 1, "b": 1}, rows=[row(10), row(NA, key="q")])],
        [One(KNOWN, 10, {"a": 1, "b": 1}, rows=[row(10), row(20)]), One(KNOWN, 20, {"a": 1, "b": 1}, rows=[row(10), row(20, on="2026-03-30")])],
        [One(KNOWN, 10, {"a": 5, "b": 5}, rows=[row(10)]), One(KNOWN, 8, {"a": 4, "b": 5}, rows=[row(10)]), One(CAPPED, 10, {"a": 6, "b": 5}, rows=[row(10)])],
        [One(KNOWN, 0, {"a": 1, "b": 1}, rows=[row("4.99")]), One(KNOWN, 5, {"a": 1, "b": 1}, rows=[row(5)]), One(KNOWN, Fraction("5.01"), {"a": 1, "b": 1}, rows=[row("5.01")])],
        [One(KNOWN, Fraction("5.6"), {"a": 111, "b": 200}, rows=[row(10)], item=R % 1)],
    ), ("test_records_limited_once_each_or_discounted_never_come_to_more_than_all_of_them",)),
    "21": Form("rounding: digits, how, and in which order", (
        ALONE, NO_DIVISION,
        [One("a", Fraction(value), {"a": "-0.125"}, item=R % f"{{digits: 2, how: {how}}}") for how, value in (("half_up", "-0.13"), ("half_even", "-0.12"), ("down", "-0.12"), ("up", "-0.13"))],
        [One("a", "missing: a", item=R % 2)],
        [One("a", "not applicable", {"a": NA}, item=R % 2)],
        [Board("    total: {round: 0}\n", {"x": (10, 1), "y": (10, 1)}, {"x": {"a": "9.5"}, "y": {"a": "10.4"}}, ("total", "rank"))],
        [One("a", 10, {"a": "10.04"}, item=R % 1 + "        cap: 10\n"), One("a", 10, {"a": "9.95"}, item=R % 1 + "        cap: 10\n")],
        [One("a", Fraction(value), {"a": "0.12"}, item=R % f"{{digits: 2, how: {how}}}") for how, value in (("half_up", "0.12"), ("half_even", "0.12"), ("down", "0.12"), ("up", "0.12"))],
        [*(One("a", Fraction(value), {"a": "0.125"}, item=R % f"{{digits: 2, how: {how}}}") for how, value in (("half_up", "0.13"), ("half_even", "0.12"), ("down", "0.12"), ("up", "0.13"))),
         One("a", Fraction("0.14"), {"a": "0.135"}, item=R % "{digits: 2, how: half_even}"), One("a", 20, {"a": 15}, item=R % -1),
         One("{product: [{round: {of: {ratio: {of: a, to: 3}}, digits: 2}}, 3]}", Fraction("0.99"), {"a": 1}), One("{product: [{ratio: {of: a, to: 3}}, 3]}", 1, {"a": 1}, item=R % 2)],
    ), ("test_rounding_moves_by_half_a_step_at_most_and_is_the_same_on_both_sides_of_nothing",)),
    "22": Form("what holds from which day on", (
        ALONE, NO_DIVISION,
        [One(DATED, -8, {"a": 1, "b": -4}, on=dt.date(2026, 6, 30))],
        [One(DATED, 1, {"a": 1}, on=dt.date(2026, 6, 29)), One(DATED, "missing: b", {"a": 1}, on=dt.date(2026, 6, 30))],
        [One(DATED, "not applicable", {"a": 1, "b": 1}, on=dt.date(2025, 12, 31)), One(DATED, "not applicable", {"a": NA, "b": 1}, on=dt.date(2026, 1, 1))],
        NO_RANK, NO_CAP,
        [One(DATED, 1, {"a": 1, "b": 4}, on=dt.date(2026, 1, 1)), One(DATED, 1, {"a": 1, "b": 4}, on=dt.date(2026, 6, 29)), One(DATED, 8, {"a": 1, "b": 4}, on=dt.date(2026, 6, 30)), One(DATED, 8, {"a": 1, "b": 4}, on=dt.date(2026, 7, 1))],
        "days are whole",
    ), ("test_the_share_of_the_year_and_what_is_dated_lie_within_their_ends",)),
    "benchmark": Form("a ratio to a benchmark × weight, not capped, a missing one replaced by the group's mean", (
        [Many(BENCH % 20, [25, 25, 25], [10, 10, None], "        missing: group_mean\n")],
        [One(BENCH % "b", "missing: 乙=0", {"a": 10, "b": 0})],
        [Many(BENCH % 20, [-25, 75, 25], [-10, 30, None], "        missing: group_mean\n")],
        [Many(BENCH % 20, [75, 25, 50], [30, 10, None], "        missing: group_mean\n"), Many(BENCH % 20, [None, None], [None, None], "        missing: group_mean\n"), Many(BENCH % 20, [75, 0], [30, None], "        missing: zero\n")],
        [Many(BENCH % 20, [75, None, 75], [30, NA, None], "        missing: group_mean\n")],
        NO_RANK,
        [One(BENCH % 20, 50, {"a": 20}), One(BENCH % 20, 500, {"a": 200})],
        NO_STEP,
        [Many(BENCH % 20, [Fraction("0.1"), 0, Fraction("0.1")], ["0.02", "0.01", None], "        missing: group_mean\n        round: 1\n")],
    ), ("test_the_mean_of_the_group_lies_between_its_ends",)),
    "rating fields": Form("a mark that people give, within its bounds", (
        ALONE, NO_DIVISION,
        [One("a", 0, {"a": -1}, item="        cap: 10\n        floor: 0\n")],
        [One("a", "missing: a", item="        cap: 10\n        floor: 0\n"), One("a", "missing: b", {"a": 1}, item="        cap: b\n")],
        [One("a", "not applicable", {"a": NA}, item="        cap: 10\n"), One("a", "not applicable", {"a": 1, "b": NA}, item="        cap: b\n")],
        NO_RANK,
        [One("a", Fraction("9.9"), {"a": "9.9"}, item="        cap: 10\n"), One("a", 10, {"a": 10}, item="        cap: 10\n"), One("a", 10, {"a": "10.1"}, item="        cap: 10\n")],
        [One("a", 0, {"a": "-0.1"}, item="        floor: 0\n"), One("a", 0, {"a": 0}, item="        floor: 0\n"), One("a", Fraction("0.1"), {"a": "0.1"}, item="        floor: 0\n")],
        [One("a", Fraction("8.3"), {"a": "8.25"}, item=R % 1)],
    ), ("test_caps_and_floors_hold",)),
    "own beside verified": Form("what a unit says of itself beside what was verified, and less for the difference", (
        ALONE, NO_DIVISION,
        [One("{floor: {of: {difference: [a, b]}, at: 0}}", 0, {"a": 3, "b": 5})],
        [One("{difference: [a, b]}", "missing: b", {"a": 3})],
        [One("{difference: [a, b]}", "not applicable", {"a": NA, "b": 5})],
        NO_RANK,
        [One("{deductions: {base: 5, of: [{count: {difference: [a, b]}, each: 1, at_most: 2}]}}", 3, {"a": 7, "b": 5}), One("{deductions: {base: 5, of: [{count: {difference: [a, b]}, each: 1, at_most: 2}]}}", 3, {"a": 8, "b": 5})],
        [One("{if: {when: {of: a, above: b}, then: -1, else: 0}}", 0, {"a": 5, "b": 5}), One("{if: {when: {of: a, above: b}, then: -1, else: 0}}", -1, {"a": "5.01", "b": 5})],
        [One("{difference: [a, b]}", Fraction("0.13"), {"a": "5.125", "b": 5}, item=R % 2)],
    ), ("test_caps_and_floors_hold",)),
}  # fmt: skip
