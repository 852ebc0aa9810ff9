"""Each kind of mistake in a rule is told with its line and what to do, in Chinese and in English."""

import pytest

from rulebook.scoring.rules import FACTS, HEAD, faults, whole

BASE = whole("a")
LINE = BASE.count("\n")
"""The line of the formula in the small rules of these tests."""


@pytest.mark.parametrize(
    ("formula", "code", "remedy"),
    [
        ("{completion: {actual: aa, target: b, cap: none}}", "unknown_name", "a"),
        ("{completoin: {actual: a, target: b, cap: none}}", "unknown_formula", "completion"),
        ("{completion: {actual: a, target: b}}", "not_there", "cap"),
        ("{completion: {actual: a, target: b, cap: none, cup: 1}}", "unknown_field", "cap"),
        ("{completion: {actual: money, target: b, cap: none}}", "wrong_unit", "元"),
        ("{if: {when: {of: money, at_least: 5000}, then: 1, else: 0}}", "wrong_unit", "5000万元"),
        ("{sum: [a, money]}", "wrong_unit", "数"),
        ("money", "wrong_unit", "分"),
        ("{cap: {of: a, at: 5万元}}", "wrong_unit", "数"),
        ("{product: [a, 5公里]}", "unknown_unit", "万元"),
        ("{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 9, gives: 2}]}}", "bands_overlap", "上限"),
        ("{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 11, gives: 2}]}}", "bands_hole", "写 0"),
        ("{bands: {of: a, bands: [{from: 1, to: 10, gives: 1}, {from: 10, gives: 2}]}}", "bands_gap", "outside"),
        ("{bands: {of: a, bands: [{to: 1, gives: 1}, {from: 1, to: 10, gives: 2}]}}", "bands_gap", "outside"),
        ("{bands: {of: a, bands: [{to: 10, gives: 1}, {from: 10, to: 10, gives: 2}, {from: 10, gives: 3}]}}", "band_empty", "从小到大"),
        ("{weighted: {of: [{part: a, weight: 50%}, {part: b, weight: 40%}]}}", "weights_off", "权重"),
        ("{rating: {of: rows, score: x, by: kind, weights: {甲: 70%, 乙: 20%}}}", "weights_off", "权重"),
        ("{records: {of: row}}", "unknown_records", "rows"),
        ("{records: {of: rows, gives: xx}}", "unknown_name", "x"),
        ("{records: {of: rows, gives: x, first_by: kind, once_by: [key]}}", "wrong_kind", "date"),
        ("{records: {of: rows, gives: x, take: biggest}}", "no_choice", "highest"),
        ("word", "wrong_kind", "number"),
        ("{lookup: {by: a, table: {甲: 1}}}", "wrong_kind", "text"),
        ("{round: {of: a, digits: 1.5}}", "wrong_shape", "整数"),
        ("{if: {when: a, then: 1, else: 0}}", "wrong_shape", "at_least"),
        ("{if: {when: {of: a}, then: 1, else: 0}}", "not_there", "at_least"),
        ("{if: {when: {of: word, at_least: 3}, then: 1, else: 0}}", "not_here", "one_of"),
        ("{sum: a}", "wrong_shape", "of"),
        ("{dated: {from: {明天: 1}}}", "odd_date", "2026-01-01"),
        ("[a, b]", "unknown_formula", "sum"),
        ("a / b * 30", "no_sum", "ratio"),
        ("{sum: [a-b, 1]}", "no_sum", "difference"),
        ("a ≥ b", "no_sum", "product"),
        ("{completion: {actual: rate, target: 100, cap: none}}", "no_percent", "100%"),
        ("{if: {when: {of: rate, at_least: 80}, then: 1, else: 0}}", "no_percent", "80%"),
        ("{if: {when: {of: day, at_least: a}, then: 1, else: 0}}", "wrong_kind", "date"),
        ("{if: {when: {of: a, one_of: [甲]}, then: 1, else: 0}}", "wrong_kind", "text"),
        ("{if: {when: {of: a, is: yes}, then: 1, else: 0}}", "wrong_kind", "yes_no"),
        ("{if: {when: {of: flag, is: 甲}, then: 1, else: 0}}", "wrong_kind", "text"),
        ("{days: {from: a}}", "wrong_kind", "date"),
        ("{days: {from: day, to: 明天}}", "unknown_name", "facts"),
        ("{days: {from: day}}", "wrong_unit", "分"),
        ("{rank: {of: a, order: high_first, ties: skip, gives: [{from: 1, to: 2, gives: 10}]}}", "not_there", "else"),
        ("{tally: {of: [{count: a, each: 1, at_most: 5万元}]}}", "wrong_unit", "数"),
        ("{quota: {base: 1, tiers: [{count: a, target: 2, each: 1万元}]}}", "wrong_unit", "数"),
        ("{quota: {base: 1, tiers: [{count: a, target: 2万元, each: 1}]}}", "wrong_unit", "数"),
        ("{deductions: {base: 5, of: [{count: a, each: 1}], floor: 1万元}}", "wrong_unit", "数"),
        ("{steps: {of: [{when: {of: a, at_least: 1}, gives: 1}], else: 1万元}}", "wrong_unit", "数"),
        ("{if: {when: {of: a, at_least: 1}, then: 1, else: 1万元}}", "wrong_unit", "数"),
        ("{slope: {of: a, line: 1万元, base: 1, above: [{per: 1, points: 1}], count: whole}}", "wrong_unit", "数"),
        ("{slope: {of: a, line: 1, base: 1, above: [{per: 1, points: 1}], count: whole, most_above: 1万元}}", "wrong_unit", "数"),
        ("{lookup: {by: word, table: {甲: 1, 乙: 1万元}}}", "wrong_unit", "数"),
        ("{min_max: {of: a, base: 60, span: 40万元, if_equal: 1}}", "wrong_unit", "数"),
        ("{progressive: {of: a, bands: [{to: 1万, rate: 3‰}, {from: 1万, rate: 4‰}]}}", "wrong_unit", "数"),
        ("{round: {of: a, digits: 1, in: 万元}}", "wrong_unit", "数"),
        ("{dated: {from: {2026-01-01: 1, 2026-02-01: 1万元}}}", "wrong_unit", "数"),
        ("{weighted: {of: [{part: a, weight: 50%}, {part: money, weight: 50%}]}}", "wrong_unit", "数"),
        ("{highest: [a, money]}", "wrong_unit", "数"),
        ("{records: {of: rows, gives: x, sampled: {verified: a, reported: money}}}", "wrong_unit", "数"),
    ],
)
def test_a_mistake_in_a_formula_is_told_with_its_line_and_a_remedy(formula: str, code: str, remedy: str) -> None:
    found = faults(whole(formula))
    assert [(one.code, one.line, one.file) for one in found] == [(code, LINE, "county.yaml")], found
    said = found[0].say("zh")
    assert said.startswith(f"county.yaml:{LINE}: ") and remedy in said.partition("→")[2], said
    assert found[0].say("en").startswith(f"county.yaml:{LINE}: ") and found[0].what("en") != found[0].what("zh")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (BASE.replace("date: 2020-01-01", "document: 无"), "no_date", 2),
        (BASE.replace("valid: {from: 2020-01-01}\n", ""), "not_there", 1),
        (BASE.replace("{from: 2020-01-01}", "{from: 去年}"), "odd_date", 3),
        (BASE.replace("{from: 2020-01-01}", "{from: 2020-01-01, to: 2020-01-01}"), "wrong_period", 3),
        (BASE.replace("title: 例, ", ""), "not_there", 2),
        (BASE.replace("rule: tried", "rule: Tried It"), "odd_name", 1),
        (BASE.replace("  b: {zh: 乙, unit: 数}", "  b: {zh: 乙, unit: 斤}"), "unknown_unit", 6),
        (BASE.replace("  b: {zh: 乙, unit: 数}", "  b: {zh: 乙}"), "not_there", 6),
        (BASE.replace("  b: {zh: 乙, unit: 数}", "  b: {zh: 乙, kind: numeral, unit: 数}"), "no_choice", 6),
        (BASE.replace("  all:\n", "  all:\n    full_points: 100\n"), "points_off", 23),
        (BASE + "      - {id: it, formula: b}\n", "twice", LINE + 1),
        (BASE + "      - {formula: b}\n", "not_there", LINE + 1),
        (BASE + "      - {id: other, formula: b, points: 万}\n", "wrong_shape", LINE + 1),
        (BASE + "      - {id: other}\n", "not_there", LINE + 1),
        (BASE + "      - {id: other, formula: b, unit: 里}\n", "unknown_unit", LINE + 1),
        (BASE + "    vetoes: [{effect: gone, when: {of: a, above: 0}}]\n", "no_choice", LINE + 1),
        (BASE + "    grades: {bands: [{to: 80, grade: 良}, {from: 90, grade: 优}]}\n", "bands_hole", LINE + 1),
        (BASE + "    rank: {ties: skip, then: [nobody]}\n", "unknown_item", LINE + 1),
        (BASE + "    rank: {when: {of: rank, at_most: 3}}\n", "circular", LINE + 1),
        ("- a\n", "wrong_shape", 1),
        (HEAD + FACTS, "not_there", 1),
        (BASE + "  all: {}\n", "key_twice", LINE + 1),
        ("a: [\n", "yaml_value", 2),
    ],
)
def test_a_mistake_in_the_outline_is_told_with_its_line(text: str, code: str, line: int) -> None:
    found = faults(text)
    assert (code, line) in [(one.code, one.line) for one in found], found
    assert all(one.what("zh") and one.remedy("zh") and one.what("en") and one.remedy("en") for one in found)


def test_a_circle_is_named_with_its_members() -> None:
    text = whole("x").replace("groups:", "values:\n  x: {sum: [y, 1]}\n  y: {product: [x, 2]}\ngroups:")
    (found,) = faults(text)
    assert (found.code, found.value) == ("circular", "x → y → x")
    items = BASE + "      - {id: other, formula: {sum: [item.third, 1]}}\n      - {id: third, formula: {sum: [item.other, 1]}}\n"
    (found,) = faults(items)
    assert (found.code, found.value) == ("circular", "item.other → item.third → item.other")


def test_a_rule_whose_formulas_are_nested_without_end_is_refused() -> None:
    deep = "{sum: [" * 45 + "a" + ", 1]}" * 45
    assert [one.code for one in faults(whole(deep))][:1] in (["too_deep"], ["no_yaml"])


def test_every_fault_of_a_rule_is_told_at_once() -> None:
    text = BASE.replace("unit: 万元", "unit: 斤") + "      - {id: other, formula: {ratio: {of: aa, to: bb}}}\n"
    assert [one.code for one in faults(text)] == ["unknown_unit", "unknown_name", "unknown_name"]


@pytest.mark.parametrize(
    ("text", "code", "value"), [("&all 1", "anchor", "&all"), ("*all", "anchor", "*all"), ("!!python/name:os.system x", "tag", "python")]
)
def test_anchors_aliases_and_tags_are_told_in_both_languages(text: str, code: str, value: str) -> None:
    (found,) = faults(whole(text))
    assert (found.code, found.line) == (code, LINE) and value in found.value
    assert "write it" not in found.say("zh") and found.say("en").replace("→", "").isascii()
