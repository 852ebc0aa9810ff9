"""What a rule document says is what is read and told: parts of a group, inputs behind points, figures of any size."""

from fractions import Fraction

import pytest

from rulebook.scoring.rules import FACTS, HEAD, faults, points, scored, whole
from wutong.rulebook.scoring import reading

PARTS = "      - {id: it, take: %s, items: [{id: p, formula: a}, {id: q, formula: b}]}\n"


@pytest.mark.parametrize(("take", "total"), [("highest", 9), ("lowest", 4), ("mean", Fraction(13, 2)), ("sum", 13)])
def test_parts_of_an_indicator_are_taken_as_the_rule_says(take: str, total: Fraction) -> None:
    text = f"{HEAD}{FACTS}groups:\n  all:\n    items:\n{PARTS % take}"
    found = scored(text, {"u": {"a": 4, "b": 9}})["u"]
    assert (found.total, found.items[0].points) == (total, total)


@pytest.mark.parametrize(("take", "said"), [("highest", "取最高"), ("lowest", "取最低"), ("mean", "平均"), ("sum", "各项之和")])
def test_how_parts_are_taken_is_told(take: str, said: str) -> None:
    text = f"{HEAD}{FACTS}groups:\n  all:\n    items:\n{PARTS % take}"
    assert said in scored(text, {"u": {"a": 4, "b": 9}})["u"].items[0].formula_zh


def test_a_value_of_a_group_is_used_in_it_and_goes_before_one_of_all_groups() -> None:
    group = "    values: {double: {product: [a, 2]}}\n"
    assert scored(whole("double", group=group), {"u": {"a": 3}})["u"].total == 6
    text = whole("double", group=group).replace("groups:", "values: {double: {product: [a, 5]}}\ngroups:")
    assert scored(text, {"u": {"a": 3}})["u"].total == 6


def test_a_value_that_is_named_between_fields_of_a_record_leaves_the_record_as_it_was() -> None:
    text = whole("{records: {of: rows, gives: {sum: [x, double, x]}}}", group="    values: {double: {product: [a, 2]}}\n")
    found = scored(text, {"u": {"a": 3}}, rows={"u": [{"x": 1}, {"x": 2}]})["u"]
    assert found.total == 1 + 6 + 1 + 2 + 6 + 2


def test_records_of_any_size_add_up_exactly() -> None:
    rows = [{"x": "100000000000000000000"}, {"x": "0.000000000000001"}]
    assert points("{records: {of: rows, gives: x}}", rows=rows) == 10**20 + Fraction(1, 10**15)


def test_facts_of_limits_and_of_what_applies_stand_behind_the_points() -> None:
    item = "        applies: {of: flag, is: yes}\n        cap: b\n        floor: c\n"
    (one,) = scored(whole("a", item=item), {"u": {"a": 12, "b": 10, "c": 1, "flag": "是"}})["u"].items
    assert one.points == 10 and one.before_rounding == 10
    assert {(told.name, told.said, told.state) for told in one.inputs} == {
        ("a", "12", "known"), ("b", "10", "known"), ("c", "1", "known"), ("flag", "是", "known"),
    }  # fmt: skip


def test_a_fact_that_lacks_and_one_that_does_not_apply_are_told_apart_behind_the_points_with_their_unit() -> None:
    (one,) = scored(whole("{sum: [money, {product: [b, 1万元]}]}", item="        unit: 万元\n"), {"u": {"b": "不适用"}})["u"].items
    assert {(told.name, told.unit, told.state) for told in one.inputs} == {("money", "万元", "missing"), ("b", "", "not_applicable")}


def test_words_and_origins_of_facts_and_records_are_kept() -> None:
    text = whole("{sum: [a, {records: {of: rows, gives: x}}]}").replace("a: {zh: 甲, unit: 数}", "a: {zh: 甲, en: first, unit: 数}")
    text = text.replace("    zh: 记录\n", "    zh: 记录\n    en: rows\n    from: {fact: projects.list}\n")
    rule = reading.rule_from(text.replace("b: {zh: 乙, unit: 数}", "b: {zh: 乙, unit: 数, from: {fact: projects.started, kind: industry}}"))
    assert rule.facts["a"].en == "first"
    origins = [rule.facts["b"].origin, rule.records["rows"].origin]
    assert [(one.code, one.params) for one in origins if one] == [("projects.started", (("kind", "industry"),)), ("projects.list", ())]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{from: 2020-01-01}", "{from: 2020-01-01, to: soon}", "county.yaml:3: “valid.to”不是日期：soon → 写成 2026-01-01 这样的日期"),
        ("{title: 例, date", "{date", "county.yaml:2: 缺少“source.title” → 补上：title: 文件名称"),
        ("a: {zh: 甲, unit: 数}", "a: {zh: 甲, unit: 数, from: 5}", "county.yaml:5: “from”写成了5 → 应写成：projects.started"),
        ("id: it", "title: it", "county.yaml:24: 缺少“id” → 补上：id: funds"),
    ],
)
def test_what_lacks_is_told_with_what_to_write(old: str, new: str, said: str) -> None:
    text = whole("a")
    assert text.count(old) == 1
    assert said in [one.say() for one in faults(text.replace(old, new))]
