"""Wherever a formula takes an amount, one that is measured in something else is named; every fault stands at its own line."""

import pytest

from rulebook.scoring.rules import faults, whole

LINE = whole("a").count("\n")
WHEN = "when: {of: a, above: 1}"
RUN = "[{per: 1, points: 1}]"
AMONG = [
    "{sum: [a, %s]}", "{difference: [a, %s]}", "{highest: [a, %s]}", "{lowest: [a, %s]}", "{mean: [a, %s]}", "{cap: {of: a, at: %s}}",
    "{floor: {of: a, at: %s}}", "{ratio: {of: a, to: b, if_zero: %s}}",
    "{weighted: {of: [{part: a, weight: 50%%}, {part: %s, weight: 50%%}]}}", "{dated: {from: {2026-01-01: 1, 2026-02-01: %s}}}",
    "{completion: {actual: a, target: %s, cap: none}}", "{completion: {actual: a, target: b, points: 5, cap: none, if_zero: %s}}",
    "{quota: {base: 1, tiers: [{count: a, target: %s, each: 1}]}}", "{quota: {base: 1, tiers: [{count: a, target: 1, each: %s}]}}",
    "{quota: {base: 1, tiers: [{count: a, target: 1, each: 1}], floor: %s}}",
    "{tally: {of: [{count: a, each: 1, at_most: %s}]}}", "{tally: {of: [{count: a, each: 1}], at_most: %s}}",
    "{deductions: {base: 5, of: [{count: a, each: 1, at_most: %s}]}}", "{deductions: {base: 5, of: [{count: a, each: 1}], at_most: %s}}",
    "{deductions: {base: 5, of: [{count: a, each: 1}], floor: %s}}", f"{{if: {{{WHEN}, then: 1, else: %s}}}}",
    f"{{steps: {{of: [{{{WHEN}, gives: 1}}, {{when: {{of: a, above: 0}}, gives: %s}}], else: 1}}}}",
    f"{{steps: {{of: [{{{WHEN}, gives: 1}}], else: %s}}}}",
    "{bands: {of: a, outside: %s, bands: [{from: 1, to: 2, gives: 1}]}}",
    "{bands: {of: a, bands: [{to: 2, gives: 1}, {from: 2, gives: %s}]}}",
    "{bands: {of: a, outside: 0, bands: [{from: 1, to: %s, gives: 1}]}}", "{progressive: {of: a, bands: [{rate: 1%%}], at_most: %s}}",
    "{progressive: {of: a, bands: [{from: 1, to: %s, rate: 1%%}]}}",
    f"{{slope: {{of: a, line: %s, base: 1, above: {RUN}, count: whole}}}}",
    "{slope: {of: a, line: 1, base: 1, above: [{per: %s, points: 1}], count: whole}}",
    "{slope: {of: a, line: 1, base: 1, below: [{per: %s, points: 1}], count: whole}}",
    "{slope: {of: a, line: 1, base: 1, above: [{per: 1, points: %s}], count: whole}}",
    "{slope: {of: a, line: 1, base: 1, below: [{per: 1, points: %s}], count: whole}}",
    "{slope: {of: a, line: 1, base: 1, above: [{to: %s, per: 1, points: 1}, {per: 1, points: 1}], count: whole}}",
    f"{{slope: {{of: a, line: 1, base: 1, above: {RUN}, count: whole, most_above: %s}}}}",
    f"{{slope: {{of: a, line: 1, base: 1, below: {RUN}, count: whole, most_below: %s}}}}",
    "{lookup: {by: word, table: {大: 1, 小: %s}}}", "{lookup: {by: word, table: {大: 1}, else: %s}}",
    "{min_max: {of: a, base: 1, span: %s, if_equal: 1}}", "{min_max: {of: a, base: 1, span: 1, if_equal: %s}}",
    "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 1}, {from: 2, gives: %s}]}}",
    "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 1}], else: %s}}",
    "{records: {of: rows, sampled: {verified: a, reported: %s}}}",
    *(f"{{if: {{when: {{of: a, {name}: %s}}, then: 1, else: 0}}}}" for name in ("at_least", "above", "at_most", "below", "equals")),
]  # fmt: skip


@pytest.mark.parametrize("formula", AMONG)
def test_an_amount_measured_in_something_else_is_named_where_it_stands(formula: str) -> None:
    (found,) = faults(whole(formula % "3万元"))
    assert (found.line, found.code) == (LINE, "wrong_unit")
    assert (found.value, found.value_en, found.expected, found.expected_en) == ("3万元（元）", "3万元 (yuan)", "数", "a bare number")
    assert not faults(whole(formula % "3"))


@pytest.mark.parametrize(
    "formula", ["{tally: {of: [{count: a, each: 1}, {count: a, each: %s}]}}", "{deductions: {base: 5, of: [{count: a, each: %s}]}}"]
)
def test_points_of_a_count_that_come_to_something_else_are_named_as_their_product(formula: str) -> None:
    (found,) = faults(whole(formula % "3万元"))
    assert (found.line, found.code, found.value, found.value_en) == (LINE, "wrong_unit", "甲 × 3万元（元）", "a × 3万元 (yuan)")


LINES = """
          sum:
            - a
            - money
            - {ratio: {of: a, to: bb}}
            - tally:
                of:
                  - {count: a, each: 1}
                  - 5
                  - 7
                  - {count: a, eech: 1}
            - lookup:
                by: word
                table: {大: 1}
                other: 2
            - steps:
                of:
                  - when: {of: a, at_leest: 3}
                    gives: 1
                else:
                  prodact: [1, 2]
            - bands:
                of: a
                bands:
                  - {to: 1, gives: 1}
                  - from: 2
                    gives: 3
            - rating:
                of: rows
                score: kind
            - records:
                of: rows
                once_by: [key, a]
                first_by: x
            - days: {from: word, to: 明天}
"""
TOLD = [
    (4, "unknown_name", "bb"), (8, "wrong_shape", "5"), (9, "wrong_shape", "7"), (10, "near_field", "eech"),
    (14, "unknown_field", "other"), (17, "unknown_field", "at_leest"), (20, "unknown_formula", "prodact"), (25, "bands_hole", "1–2"),
    (27, "wrong_kind", "kind"), (32, "wrong_kind", "甲"), (34, "unknown_name", "明天"), (34, "wrong_kind", "词"),
]  # fmt: skip


def test_every_fault_of_a_long_formula_stands_at_its_own_line_and_hides_no_other() -> None:
    assert [(one.line - LINE, one.code, one.value) for one in faults(whole(LINES.rstrip("\n")))] == TOLD


def test_a_part_measured_in_something_else_is_told_at_its_own_line() -> None:
    (found,) = faults(whole("\n          sum:\n            - a\n            - b\n            - money"))
    assert (found.line - LINE, found.code, found.value) == (4, "wrong_unit", "金额（元）")
