"""Each form at its edges: nothing below, negative, missing, ties, exactly at cap and threshold, halves."""

import datetime as dt
from fractions import Fraction

import pytest

from rulebook.scoring.rules import faults, group_points, points, scored, whole

COMPLETION = "{completion: {actual: a, target: b, points: 30, cap: 120%}}"
BANDS = "{bands: {of: a, bands: [{to: 0, gives: 1}, {from: 0, to: 10, gives: 2}, {from: 10, gives: 3}]}}"
SLOPE = (
    "{slope: {of: a, line: 100, base: 10, above: [{to: 130, per: 10, points: 2}, {per: 10, points: 1}], below: [{per: 10, points: 3}], "
    "count: %s, most_above: 8, most_below: 10}}"
)


@pytest.mark.parametrize(
    ("actual", "target", "expected"),
    [
        (59, 50, Fraction(177, 5)),
        (60, 50, 36),
        (61, 50, 36),
        (0, 50, 0),
        (-5, 50, -3),
        (1, 0, "missing: 乙=0"),
        (None, 50, "missing: a"),
        ("不适用", 50, "not applicable"),
    ],
)
def test_completion_stops_at_its_cap_and_knows_no_target_of_nothing(actual, target, expected) -> None:
    assert points(COMPLETION, a=actual, b=target) == expected


@pytest.mark.parametrize(("word", "expected"), [("not_applicable", "not applicable"), ("missing", "missing: 乙=0"), ("5", 5), ("0", 0)])
def test_a_target_of_nothing_is_what_the_rule_says(word: str, expected) -> None:
    assert points(f"{{completion: {{actual: a, target: b, points: 30, cap: none, if_zero: {word}}}}}", a=1, b=0) == expected
    assert points(f"{{ratio: {{of: a, to: b, if_zero: {word}}}}}", a=1, b=0) == expected


@pytest.mark.parametrize(("counts", "expected"), [((5, 2), 10), ((9, 1), 7), ((0, 0), 0), ((4, 2), 9)])
def test_more_in_one_tier_makes_up_for_no_other(counts, expected) -> None:
    formula = "{quota: {base: 10, tiers: [{count: a, target: 5, each: 1}, {count: b, target: 2, each: 3}]}}"
    assert points(formula, a=counts[0], b=counts[1]) == expected
    assert points(formula, a=1) == "missing: b"


def test_a_quota_may_stop_above_nothing() -> None:
    assert points("{quota: {base: 10, tiers: [{count: a, target: 50, each: 1}], floor: 4}}", a=0) == 4


@pytest.mark.parametrize(("a", "b", "expected"), [(2, 0, 4), (3, 0, 4), (3, 1, Fraction(9, 2)), (3, 2, 5), (3, 9, 5), (0, 0, 0)])
def test_a_tally_stops_at_each_cap_and_at_the_cap_of_all(a, b, expected) -> None:
    assert points("{tally: {of: [{count: a, each: 2, at_most: 4}, {count: b, each: 0.5}], at_most: 5}}", a=a, b=b) == expected


@pytest.mark.parametrize(("late", "fraud", "expected"), [(0, 0, 5), (9, 0, Fraction(1, 2)), (10, 0, 0), (11, 0, 0), (0, 2, 1), (0, 3, 0)])
def test_deductions_end_at_nothing(late, fraud, expected) -> None:
    formula = "{deductions: {base: 5, of: [{count: a, each: 0.5}, {count: b, each: 2}]}}"
    assert points(formula, a=late, b=fraud) == expected
    assert points(formula, a=late) == "missing: b"


def test_a_floor_of_deductions_may_lie_lower() -> None:
    assert points("{deductions: {base: 5, of: [{count: a, each: 1}], floor: -2}}", a=9) == -2


def test_min_max_goes_from_the_lowest_to_the_highest() -> None:
    formula = "{min_max: {of: a, base: 60, span: 40, if_equal: 80}}"
    assert group_points(formula, "a", [10, -10, 30, None]) == [80, 60, 100, None]
    assert group_points(formula, "a", [7, 7]) == [80, 80]
    assert group_points("{min_max: {of: a, base: 60, span: 40, if_equal: 80, low_is_good: true}}", "a", [10, -10, 30]) == [80, 100, 60]


@pytest.mark.parametrize(("word", "state"), [("missing", "missing"), ("not_applicable", "not_applicable")])
def test_min_max_of_equals_is_what_the_rule_says(word: str, state: str) -> None:
    found = scored(whole(f"{{min_max: {{of: a, base: 60, span: 40, if_equal: {word}}}}}"), {"x": {"a": 1}, "y": {"a": 1}})
    assert {one.items[0].state for one in found.values()} == {state}


@pytest.mark.parametrize(
    ("ties", "order", "expected"),
    [
        ("skip", "high_first", [1, 2, 2, 4]),
        ("dense", "high_first", [1, 2, 2, 3]),
        ("skip", "low_first", [4, 2, 2, 1]),
        ("dense", "low_first", [3, 2, 2, 1]),
    ],
)
def test_ranks_after_ties_skip_or_go_on(ties: str, order: str, expected) -> None:
    assert group_points(f"{{rank: {{of: a, order: {order}, ties: {ties}}}}}", "a", [9, 8, 8, 7]) == expected


def test_ranks_give_points_and_money_and_the_rest_gets_what_is_said() -> None:
    formula = "{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}, {from: 2, to: 4, gives: 8}], else: 1}}"
    assert group_points(formula, "a", [4, 3, 3, 2, None]) == [10, 8, 8, 1, None]


@pytest.mark.parametrize(("a", "expected"), [(Fraction(-1, 10), 1), (0, 2), (9, 2), (10, 3), (11, 3)])
def test_a_band_holds_its_lower_bound_and_not_its_upper(a, expected) -> None:
    assert points(BANDS, a=str(float(a))) == expected


@pytest.mark.parametrize(("word", "expected"), [("missing", "missing: 甲"), ("not_applicable", "not applicable")])
def test_outside_all_bands_is_what_the_rule_says(word: str, expected) -> None:
    formula = f"{{bands: {{of: a, outside: {word}, bands: [{{from: 1, to: 2, gives: 5}}, {{from: 3, to: 4, gives: 6}}]}}}}"
    assert [points(formula, a=value) for value in (0, 1, 2, 3, 4)] == [expected, 5, expected, 6, expected]


@pytest.mark.parametrize(
    ("a", "linear", "steps"),
    [
        (100, 10, 10),
        (105, 11, 10),
        (110, 12, 12),
        (130, 16, 16),
        (135, Fraction(33, 2), 16),
        (150, 18, 18),
        (900, 18, 18),
        (95, Fraction(17, 2), 10),
        (90, 7, 7),
        (60, 0, 0),
        (0, 0, 0),
    ],
)
def test_a_slope_counts_in_proportion_or_whole_steps_up_to_its_caps(a, linear, steps) -> None:
    assert (points(SLOPE % "linear", a=a), points(SLOPE % "whole", a=a)) == (linear, steps)


@pytest.mark.parametrize(("a", "b", "expected"), [(80, 20, 75), (79, 20, 0), (80, 19, 0), (100, 30, 100), (120, 29, 75)])
def test_the_first_step_that_holds_counts(a, b, expected) -> None:
    formula = (
        "{steps: {of: [{when: {all: [{of: a, at_least: 100}, {of: b, at_least: 30}]}, gives: 100}, "
        "{when: {all: [{of: a, at_least: 80}, {of: b, at_least: 20}]}, gives: 75}], else: 0}}"
    )
    assert points(formula, a=a, b=b) == expected


def test_a_step_that_cannot_be_known_hides_those_below_it() -> None:
    formula = "{steps: {of: [{when: {of: a, at_least: 1}, gives: 2}, {when: {of: b, at_least: 1}, gives: 1}], else: 0}}"
    assert points(formula, b=5) == "missing: a"
    assert points(formula, a=5) == 2


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(1, None, 0), (None, 1, 0), (5, 5, 9), (5, None, "missing: b"), (None, None, "missing: a, b")]
)
def test_of_all_conditions_one_that_fails_decides_though_another_is_unknown(a, b, expected) -> None:
    formula = "{if: {when: {all: [{of: a, at_least: 5}, {of: b, at_least: 5}]}, then: 9, else: 0}}"
    assert points(formula, a=a, b=b) == expected


@pytest.mark.parametrize(("a", "b", "expected"), [(5, None, 9), (None, 5, 9), (1, 1, 0), (1, None, "missing: b")])
def test_of_any_conditions_one_that_holds_decides(a, b, expected) -> None:
    assert points("{if: {when: {any: [{of: a, at_least: 5}, {of: b, at_least: 5}]}, then: 9, else: 0}}", a=a, b=b) == expected


@pytest.mark.parametrize(
    ("condition", "told", "expected"),
    [
        ("{of: word, equals: 甲类}", {"word": "甲类"}, 1),
        ("{of: word, one_of: [甲类, 乙类]}", {"word": "丙类"}, 0),
        ("{not: {of: word, one_of: [甲类]}}", {"word": "丙类"}, 1),
        ("{of: flag, is: yes}", {"flag": "是"}, 1),
        ("{of: flag, is: no}", {"flag": "是"}, 0),
        ("{of: day, at_least: 2026-01-01}", {"day": "2026-01-01"}, 1),
        ("{of: day, above: 2026-01-01}", {"day": "2026-01-01"}, 0),
        ("{of: day, below: 2026-01-01}", {"day": "2025-12-31"}, 1),
        ("{of: a, known: yes}", {}, 0),
        ("{of: a, known: no}", {}, 1),
        ("{of: a, above: 1, below: 3}", {"a": 2}, 1),
        ("{of: a, above: 1, below: 3}", {"a": 3}, 0),
        ("{of: a, at_most: 3}", {"a": 3}, 1),
        ("{of: a, equals: b}", {"a": 3, "b": 3}, 1),
        ("{of: money, at_least: 1亿}", {"money": 9999}, 0),
        ("{of: money, at_least: 1亿}", {"money": 10000}, 1),
    ],
)
def test_conditions_compare_words_days_flags_and_amounts(condition: str, told, expected) -> None:
    assert points(f"{{if: {{when: {condition}, then: 1, else: 0}}}}", **told) == expected


def test_weights_may_be_spread_over_the_parts_that_apply() -> None:
    parts = "[{part: a, weight: 50%}, {part: b, weight: 30%}, {part: c, weight: 20%}]"
    told = {"a": 10, "b": "不适用", "c": 20}
    assert points(f"{{weighted: {{of: {parts}, not_applicable: spread}}}}", **told) == Fraction(90, 7)
    assert points(f"{{weighted: {{of: {parts}, not_applicable: zero}}}}", **told) == 9
    assert points(f"{{weighted: {{of: {parts}}}}}", **told) == "not applicable"
    assert points(f"{{weighted: {{of: {parts}}}}}", a=10, c=20) == "missing: b"


def test_an_introducer_is_paid_part_by_part() -> None:
    formula = (
        "{progressive: {of: money, bands: [{to: 1000万, rate: 3‰}, {from: 1000万, to: 1亿, rate: 4‰}, "
        "{from: 1亿, rate: 5‰}], at_most: 100万}}"
    )
    item = "        unit: 万元\n"
    assert [points(formula, item=item, money=value) for value in (0, 1000, 1001, 10000, 20000, 90000)] == [
        0,
        3,
        Fraction(3004, 1000),
        39,
        89,
        100,
    ]


def test_a_rate_from_a_threshold_jumps() -> None:
    formula = (
        "{bands: {of: money, bands: [{to: 5000万, gives: 0}, {from: 5000万, gives: {cap: {of: {product: [money, 0.5‰]}, at: 150万}}}]}}"
    )
    assert [points(formula, item="        unit: 万元\n", money=value) for value in (4999, 5000, 4000000)] == [0, Fraction(5, 2), 150]


def test_looking_up_a_word_that_is_not_there() -> None:
    assert points("{lookup: {by: word, table: {甲: 1}}}", word="乙") == "missing: 词=乙"
    assert points("{lookup: {by: word, table: {甲: 1}, else: 0}}", word="乙") == 0
    assert points("{lookup: {by: word, table: {甲: 1}, else: not_applicable}}", word="乙") == "not applicable"


@pytest.mark.parametrize(
    ("how", "values"),
    [
        ("half_up", ["0.13", "-0.13", "0.12"]),
        ("half_even", ["0.12", "-0.12", "0.12"]),
        ("down", ["0.12", "-0.12", "0.12"]),
        ("up", ["0.13", "-0.13", "0.13"]),
    ],
)
def test_halves_are_rounded_as_the_rule_says(how: str, values: list[str]) -> None:
    item = f"        round: {{digits: 2, how: {how}}}\n"
    assert [points("a", item=item, a=value) for value in ("0.125", "-0.125", "0.1201")] == [Fraction(value) for value in values]


def test_nothing_is_rounded_on_the_way_unless_the_rule_says_so() -> None:
    third = "{product: [{ratio: {of: a, to: 3}}, 3]}"
    assert points(third, a=1) == 1
    assert points("{product: [{round: {of: {ratio: {of: a, to: 3}}, digits: 2}}, 3]}", a=1) == Fraction(99, 100)


@pytest.mark.parametrize(
    ("on", "month", "day"),
    [
        (dt.date(2026, 10, 1), Fraction(10, 12), Fraction(274, 365)),
        (dt.date(2028, 12, 31), 1, 1),
        (dt.date(2028, 2, 29), Fraction(1, 6), Fraction(60, 366)),
    ],
)
def test_the_share_of_the_year_goes_by_months_or_days(on: dt.date, month, day) -> None:
    assert (points("{elapsed: {by: month}}", on=on), points("{elapsed: {by: day}}", on=on)) == (month, day)


@pytest.mark.parametrize(
    ("on", "expected"), [(dt.date(2025, 12, 31), "not applicable"), (dt.date(2026, 1, 1), 1), (dt.date(2026, 6, 30), 2)]
)
def test_what_holds_changes_on_its_day(on: dt.date, expected) -> None:
    assert points("{dated: {from: {2026-01-01: 1, 2026-06-30: 2}}}", on=on) == expected


ROWS = [
    {"key": "p", "kind": "甲", "on": "2026-02-01", "x": 3},
    {"key": "p", "kind": "甲", "on": "2026-01-01", "x": 5},
    {"key": "q", "kind": "乙", "on": "2026-03-01", "x": "2.5"},
    {"key": "r", "kind": "甲", "on": "2026-04-01", "x": 4},
]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", 4),
        ("where: {of: kind, equals: 甲}", 3),
        ("where: {of: kind, equals: 丁}", 0),
        ("gives: x", Fraction(29, 2)),
        ("once_by: [key]", 3),
        ("once_by: [key], gives: x", Fraction(19, 2)),
        ("once_by: [key], first_by: on, gives: x", Fraction(23, 2)),
        ("gives: {if: {when: {of: kind, is: 甲}, then: {ratio: {of: x, to: 3}}, else: x}}", Fraction(13, 2)),
        ("gives: x, take: highest", 5),
        ("gives: x, take: mean", Fraction(29, 8)),
        ("where: {of: x, at_least: 3}, gives: {product: [x, 2]}", 24),
        ("gives: x, at_most: [{count: 1, per: quarter, by: on}]", 9),
        ("gives: x, at_most: [{count: 2, per: year, by: on}]", 9),
        ("gives: x, at_most: [{count: 1, per: month, by: on}, {count: 3, per: year, by: on}]", 12),
        ("gives: x, sampled: {verified: a, reported: b}", Fraction(58, 5)),
    ],
)
def test_records_are_chosen_counted_once_and_valued(rest: str, expected) -> None:
    assert points(f"{{records: {{of: rows{', ' + rest if rest else ''}}}}}", rows=ROWS, a=80, b=100) == expected


def test_records_that_were_not_handed_in_are_missing_and_none_are_none() -> None:
    assert points("{records: {of: rows}}") == "missing: rows"
    assert points("{records: {of: rows}}", rows=[]) == 0
    assert points("{records: {of: rows, gives: x, take: mean}}", rows=[]) == "not applicable"


def test_a_record_that_lacks_what_decides_is_named() -> None:
    lacking = [*ROWS, {"key": "s", "kind": "甲", "on": "2026-04-01"}]
    assert points("{records: {of: rows, where: {of: x, at_least: 1}}}", rows=lacking) == "missing: rows.x"
    assert points("{records: {of: rows, gives: x}}", rows=lacking) == "missing: rows.x"
    assert points("{records: {of: rows, where: {of: x, known: yes}, gives: x}}", rows=lacking) == Fraction(29, 2)


def test_ratings_are_weighed_by_the_class_of_the_rater() -> None:
    formula = "{rating: {of: rows, score: x, by: kind, weights: {甲: 70%, 丙: 30%}REST}}"
    assert points(formula.replace("REST", ""), rows=ROWS) == "missing: rows:丙"
    assert points(formula.replace("REST", ", empty: spread"), rows=ROWS) == 4
    assert points("{rating: {of: rows, score: x}}", rows=ROWS) == Fraction(29, 8)
    assert points("{rating: {of: rows, score: x}}", rows=[]) == "missing: rows"


def test_something_of_the_whole_group() -> None:
    values = [1, 2, 6, None]
    for take, expected in (("mean", 3), ("highest", 6), ("lowest", 1), ("sum", 9), ("count", 3)):
        assert group_points(f"{{group: {{of: a, take: {take}}}}}", "a", values) == [expected] * 4


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("{highest: [a, b]}", 3),
        ("{lowest: [a, b]}", 1),
        ("{mean: [a, b]}", 2),
        ("{sum: [a, b]}", 4),
        ("{difference: [a, b, 1]}", -3),
        ("{product: [a, b, 2]}", 6),
    ],
)
def test_plain_computing(formula: str, expected) -> None:
    assert points(formula, a=1, b=3) == expected
    assert points(formula, a=1) == "missing: b"


@pytest.mark.parametrize("name", ["highest", "lowest", "mean"])
def test_what_does_not_apply_is_passed_over_where_one_of_several_is_taken(name: str) -> None:
    assert points(f"{{{name}: [a, b]}}", a=2, b="不适用") == 2
    assert points(f"{{{name}: [a, b]}}", a="不适用", b="不适用") == "not applicable"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"day": "2026-06-29"}, 1),
        ({"day": "2026-06-30"}, 0),
        ({"day": "2026-07-02"}, -2),
        ({}, "missing: day"),
        ({"day": "不适用"}, "not applicable"),
    ],
)
def test_days_are_counted_from_one_day_to_another(told, expected) -> None:
    item = "        unit: 天\n"
    assert points("{days: {from: day}}", on=dt.date(2026, 6, 30), item=item, **told) == expected
    assert points("{days: {from: day, to: 2026-06-30}}", on=dt.date(2027, 1, 1), item=item, **told) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "{sum: [%s, %s]}",
        "{difference: [%s, %s]}",
        "{product: [%s, %s]}",
        "{ratio: {of: %s, to: %s}}",
        "{cap: {of: %s, at: %s}}",
        "{floor: {of: %s, at: %s}}",
        "{weighted: {of: [{part: %s, weight: 50%%}, {part: %s, weight: 50%%}]}}",
        "{completion: {actual: %s, target: %s, cap: none}}",
        "{completion: {actual: 1, target: %s, points: %s, cap: none}}",
        "{quota: {base: %s, tiers: [{count: 1, target: 1, each: %s}]}}",
        "{quota: {base: 1, tiers: [{count: 1, target: %s, each: 1}], floor: %s}}",
        "{tally: {of: [{count: %s, each: %s}]}}",
        "{tally: {of: [{count: %s, each: 1}, {count: %s, each: 1}]}}",
        "{tally: {of: [{count: %s, each: 1}], at_most: %s}}",
        "{tally: {of: [{count: %s, each: 1, at_most: %s}]}}",
        "{deductions: {base: %s, of: [{count: %s, each: 1}]}}",
        "{deductions: {base: 1, of: [{count: %s, each: 1}], at_most: %s}}",
        "{deductions: {base: 1, of: [{count: %s, each: 1}], floor: %s}}",
        "{if: {when: {of: %s, at_least: %s}, then: 1, else: 0}}",
        "{if: {when: {all: [{of: %s, above: 1}, {of: %s, above: 1}]}, then: 1, else: 0}}",
        "{if: {when: {any: [{of: %s, above: 1}, {of: %s, above: 1}]}, then: 1, else: 0}}",
        "{progressive: {of: %s, bands: [{rate: 1%%}], at_most: %s}}",
        "{slope: {of: %s, line: %s, base: 1, above: [{per: 1, points: 1}], count: whole}}",
        "{slope: {of: 1, line: %s, base: %s, above: [{per: 1, points: 1}], count: whole}}",
        "{slope: {of: 5, line: 1, base: 1, above: [{per: %s, points: 1}], count: whole, most_above: %s}}",
        "{slope: {of: 1, line: 5, base: 1, below: [{per: 1, points: %s}], count: whole, most_below: %s}}",
        "{min_max: {of: %s, base: %s, span: 1, if_equal: 1}}",
        "{min_max: {of: 1, base: %s, span: %s, if_equal: 1}}",
        "{records: {of: rows, sampled: {verified: %s, reported: %s}}}",
    ],
)
def test_what_does_not_apply_goes_before_what_is_missing_whichever_stands_first(formula: str) -> None:
    for names in (("a", "b"), ("b", "a")):
        assert points(formula % names, rows=[], b="不适用") == "not applicable"
        assert points(formula % names, rows=[]) in ("missing: a, b", f"missing: {names[0]}")


def test_a_sample_that_does_not_apply_goes_before_records_that_are_missing() -> None:
    formula = "{records: {of: rows, sampled: {verified: a, reported: 5}}}"
    assert points(formula, a="不适用") == "not applicable"
    assert points(formula, a=5) == "missing: rows"
    assert points(formula) == "missing: a, rows"


def test_bounds_of_an_indicator_that_do_not_apply_go_before_a_fact_that_is_missing() -> None:
    assert points("a", item="        cap: b\n", b="不适用") == "not applicable"
    assert points("a", item="        floor: b\n", b="不适用") == "not applicable"
    assert points("a", item="        cap: b\n") == "missing: a, b"


@pytest.mark.parametrize(
    ("rest", "told", "expected"),
    [
        ("where: {of: x, at_least: b}", {}, "missing: b"),
        ("gives: {product: [x, b]}", {}, "missing: b"),
        ("gives: {ratio: {of: x, to: b}}", {"b": 0}, "missing: 乙=0"),
        ("where: {of: {sum: [x, c]}, at_least: b}", {"b": 1}, "missing: c"),
        ("where: {of: x, at_least: 1}", {}, "missing: rows.x"),
        ("gives: {product: [x, b]}", {"b": 1}, "missing: rows.x"),
        ("once_by: [key], gives: x", {}, "missing: rows.key"),
        ("gives: x, where: {of: x, known: yes}, at_most: [{count: 1, per: year, by: on}]", {}, "missing: rows.on"),
    ],
)
def test_what_lacks_is_named_as_a_fact_of_the_unit_or_as_a_field_of_its_records(rest: str, told, expected: str) -> None:
    assert (
        points(f"{{records: {{of: rows, {rest}}}}}", rows=[{"x": 1}, {"key": "p"}] if "rows" in expected else [{"x": 1}], **told)
        == expected
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("{rating: {of: rows, score: x, by: kind, weights: {甲: 100%}}}", 3),
        ("{rating: {of: rows, score: x}}", 4),
    ],
)
def test_the_class_of_a_rater_that_is_not_filled_in_lacks_only_where_it_decides(formula: str, expected) -> None:
    assert points(formula, rows=[{"kind": "甲", "x": 3}, {"kind": "乙", "x": 5}]) == expected
    lacking = points(formula, rows=[{"kind": "甲", "x": 3}, {"x": 5}])
    assert lacking == ("missing: rows.kind" if "kind" in formula else 4)


@pytest.mark.parametrize(
    ("condition", "told", "expected"),
    [
        ("{of: word, known: yes, one_of: [甲类, 乙类]}", {"word": "乙类"}, 1),
        ("{of: word, known: yes, one_of: [甲类, 乙类]}", {"word": "丙类"}, 0),
        ("{of: word, known: yes, one_of: [甲类, 乙类]}", {}, 0),
        ("{of: flag, known: yes, is: yes}", {"flag": "是"}, 1),
        ("{of: flag, known: yes, is: yes}", {"flag": "否"}, 0),
        ("{of: flag, known: yes, is: yes}", {}, 0),
        ("{of: a, known: yes, at_least: 3}", {"a": 3}, 1),
        ("{of: a, known: yes, at_least: 3}", {"a": 2}, 0),
        ("{of: a, known: yes, at_least: 3}", {}, 0),
        ("{of: a, known: yes, at_least: b}", {"a": 3}, "missing: b"),
    ],
)
def test_what_must_be_known_and_within_a_limit_is_both(condition: str, told, expected) -> None:
    assert points(f"{{if: {{when: {condition}, then: 1, else: 0}}}}", **told) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"x": 1}, {"x": "4.5"}, {"x": 5}, {"x": 0}], 2),
        ([{"x": 1}, {}], "missing: rows.x"),
        ([{"x": 1}, {"x": "不适用"}], 1),
        ([{"x": 1}, {"x": "0.33333333333333333333333333333333333"}, {"x": "1.00000000000000000000000000000000001"}], 2),
    ],
)
def test_records_between_two_limits_count_and_one_that_lacks_its_figure_is_told(rows, expected) -> None:
    for where in (
        "{of: x, at_least: 1, below: 5}",
        "{all: [{of: x, at_least: 1}, {of: x, below: 5}]}",
        "{not: {any: [{of: x, below: 1}, {of: x, at_least: 5}]}}",
    ):
        assert points(f"{{records: {{of: rows, where: {where}}}}}", rows=rows) == expected


def test_how_many_of_the_group_have_a_figure_is_a_bare_number_whatever_it_measures() -> None:
    formula = "{product: [2, {group: {of: money, take: %s}}]}"
    assert points(formula % "count", money=3) == 2
    assert [one.code for one in faults(whole(formula % "sum"))] == ["wrong_unit"]
    assert points(formula % "sum", item="        unit: 万元\n", money=3) == 6
    assert points("{difference: [1, {group: {of: {ratio: {of: a, to: b}}, take: mean}}]}") == "missing: 甲 ÷ 乙"


@pytest.mark.parametrize(("take", "expected"), [("", 3), (", take: sum", 3), (", take: highest", 1), (", take: mean", 1)])
def test_records_without_points_are_one_each_however_they_are_taken(take: str, expected: int) -> None:
    assert points(f"{{records: {{of: rows{take}}}}}", rows=[{"x": 5}, {}, {"x": "不适用"}]) == expected


CAUSES = [
    ("{ratio: {of: a, to: b, if_zero: not_applicable}}", {"a": 1, "b": 0}, "denominator is zero"),
    ("{completion: {actual: a, target: b, cap: none, if_zero: not_applicable}}", {"a": 1, "b": 0}, "target is zero"),
    ("{highest: [a, b]}", {"a": "不适用", "b": "不适用"}, "none applies"),
    ("{weighted: {of: [{part: a, weight: 100%}], not_applicable: spread}}", {"a": "不适用"}, "none applies"),
    ("{dated: {from: {2999-01-01: a}}}", {"a": 1}, "not yet in force"),
    ("{bands: {of: a, outside: not_applicable, bands: [{from: 1, to: 2, gives: 1}]}}", {"a": 5}, "outside all bands"),
    ("{min_max: {of: a, base: 1, span: 1, if_equal: not_applicable}}", {"a": 1}, "all are alike"),
    ("{records: {of: rows, gives: x, take: mean}}", {}, "no records"),
    ("{lookup: {by: word, table: {大: 1}, else: not_applicable}}", {"word": "小"}, "小"),
    ("a", {"a": "不适用"}, "不适用"),
]


@pytest.mark.parametrize(("formula", "told", "why"), CAUSES)
def test_why_an_indicator_does_not_apply_is_named(formula: str, told, why: str) -> None:
    """Pages put these into words."""
    (item,) = scored(whole(formula), {"u": told}, rows={"u": []} if "rows" in formula else None)["u"].items
    assert (item.state, item.why, item.points) == ("not_applicable", why, None)


def test_a_condition_that_does_not_hold_is_named_as_the_cause() -> None:
    (item,) = scored(whole("a", item="        applies: {of: b, above: 1}\n"), {"u": {"a": 1, "b": 1}})["u"].items
    assert (item.state, item.why) == ("not_applicable", "乙 > 1")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("{if: {when: {of: a, above: 1}, then: 0, else: b}}", {"a": 1}),
        ("{if: {when: {of: a, at_most: 1}, then: b, else: 0}}", {"a": 1}),
        ("{steps: {of: [{when: {of: a, above: 1}, gives: 0}], else: b}}", {"a": 1}),
        ("{steps: {of: [{when: {of: a, at_most: 1}, gives: b}], else: 0}}", {"a": 1}),
        ("{bands: {of: a, outside: b, bands: [{from: 2, to: 3, gives: 0}]}}", {"a": 1}),
        ("{bands: {of: a, bands: [{to: 3, gives: b}, {from: 3, gives: 0}]}}", {"a": 1}),
        ("{lookup: {by: word, table: {大: 0}, else: b}}", {"word": "小"}),
        ("{lookup: {by: word, table: {大: b}, else: 0}}", {"word": "大"}),
        ("{rank: {of: a, order: high_first, ties: skip, gives: [{from: 2, to: 3, gives: 0}], else: b}}", {"a": 1}),
        ("{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 3, gives: b}], else: 0}}", {"a": 1}),
        ("{ratio: {of: a, to: c, if_zero: b}}", {"a": 1, "c": 0}),
        ("{completion: {actual: a, target: c, cap: 不封顶, if_zero: b}}", {"a": 1, "c": 0}),
        ("{completion: {actual: a, target: 1, points: b, cap: 不封顶}}", {"a": 1}),
        ("{min_max: {of: a, base: 0, span: 0, if_equal: b}}", {"a": 1}),
        ("{quota: {base: 5, tiers: [{count: a, target: 9, each: 1}], floor: b}}", {"a": 1}),
        ("{tally: {of: [{count: a, each: 9, at_most: b}]}}", {"a": 1}),
        ("{tally: {of: [{count: a, each: 9}], at_most: b}}", {"a": 1}),
        ("{deductions: {base: 9, of: [{count: a, each: 9}], floor: b}}", {"a": 1}),
        ("{slope: {of: a, line: 0, base: 0, above: [{per: 1, points: 9}], count: whole, most_above: b}}", {"a": 1}),
        ("{slope: {of: a, line: 2, base: 14, below: [{per: 1, points: 9}], count: whole, most_below: b}}", {"a": 1}),
        ("{progressive: {of: a, bands: [{rate: 900%}], at_most: b}}", {"a": 1}),
        ("{dated: {from: {2026-01-01: b}}}", {}),
    ],
)
def test_wherever_a_rule_may_write_a_number_a_fact_may_stand(formula: str, told) -> None:
    assert points(formula, b=7, **told) == 7
    assert points(formula, **told) == "missing: b"
