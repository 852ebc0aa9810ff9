"""Of every record that a rule looks at it is told whether it counts, and if not why; what counts adds up to what the rule gives."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.scoring import rules
from wutong.rulebook.formulas.records import Verdict
from wutong.rulebook.scoring import facts, judging, reading

ROW = {"key": "甲", "kind": "工业", "on": "2026-01-10", "x": 3}


def judged(formula: str, rows: list[dict[str, Any]], *, text: str = "", **told: Any) -> tuple[Verdict, ...]:
    rule = reading.rule_from(text or rules.whole(formula))
    units = facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), told, {"rows": rows})])
    (found,) = judging.judged(rule, units, "u", on=rules.DAY).values()
    return found["rows"]


def why(formula: str, *rows: dict[str, Any]) -> list[str]:
    return ["" if one.is_counted else one.zh for one in judged(formula, [{**ROW, **row} for row in rows])]


def test_what_does_not_meet_the_condition_is_told_with_what_it_has_instead() -> None:
    where = "{records: {of: rows, where: {all: [{of: x, at_least: 2}, {any: [{of: kind, is: 工业}, {of: on, known: false}]}]}}}"
    assert why(where, {}, {"x": 1}, {"kind": "农业"}, {"x": None}) == [
        "", "不符合：值 ≥ 2（为 1）", "不符合：类 为工业 或 日 无数据", "缺数据：值",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "rows", "expected"),
    [
        ("once_by: [key], first_by: on", ({}, {"on": "2026-01-01"}), ["同样的只计一次，已计另一条", ""]),
        ("once_by: [key], keep: highest, gives: x", ({}, {"x": 5}), ["同样的取得分最高的一条，这一条较低", ""]),
        ("gives: x, at_most: [{count: 1, per: month, by: on}]", ({}, {"x": 5}, {"on": "2026-02-01"}), ["超出每月最多 1 条", "", ""]),
        ("gives: x, take: highest", ({}, {"x": 5}), ["只取得分最高的一条", ""]),
        ("once_by: [key], first_by: on", ({}, {"on": None}), ["缺数据：日", "缺数据：日"]),
        ("gives: x", ({"x": "不适用"}, {}), ["不适用", ""]),
        ("gives: x", ({"x": None}, {}), ["缺数据：值", "缺数据：值"]),
        ("gives: x, at_most: [{count: 1, per: month, by: on}]", ({}, {"on": None}), ["缺数据：日", "缺数据：日"]),
    ],
)  # fmt: skip
def test_what_is_counted_once_or_beyond_a_limit_says_so(more: str, rows: tuple[dict[str, Any], ...], expected: list[str]) -> None:
    assert why(f"{{records: {{of: rows, {more}}}}}", *rows) == expected


FORMS = (
    "{records: {of: rows, where: {of: x, at_least: 4}}}",
    "{records: {of: rows, gives: x}}",
    "{records: {of: rows, where: {of: kind, is: 工业}, once_by: [key], first_by: on, gives: x}}",
    "{records: {of: rows, once_by: [key], keep: highest, gives: x, at_most: [{count: 2, per: quarter, by: on}]}}",
    "{records: {of: rows, gives: {if: {when: {of: kind, is: 工业}, then: x, else: 1}}, at_most: [{count: 2, per: month, by: on}]}}",
    "{records: {of: rows, gives: x, take: highest}}",
)


@given(
    formula=st.sampled_from(FORMS),
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "key": st.sampled_from("甲乙丙"), "kind": st.sampled_from(("工业", "农业")), "x": st.integers(0, 9),
                "on": st.dates(rules.DAY.replace(month=1), rules.DAY).map(str),
            }
        ),
        max_size=8,
    ),
)  # fmt: skip
def test_what_the_counted_give_is_what_the_rule_gives(formula: str, rows: list[dict[str, Any]]) -> None:
    gives = sum((1 if one.gives is None else one.gives for one in judged(formula, rows) if one.is_counted), Fraction(0))
    assert gives == rules.points(formula, rows=rows)


def test_a_record_counted_behind_a_name_of_the_rule_is_found_too() -> None:
    values = "values:\n  large: {records: {of: rows, where: {of: x, above: 2}}}\n"
    named = rules.whole("{sum: [large, large]}").replace("groups:\n", f"{values}groups:\n", 1)
    assert [one.is_counted for one in judged("", [ROW, {**ROW, "x": 1}], text=named)] == [True, False]


def test_an_indicator_that_does_not_apply_counts_no_record() -> None:
    rule = reading.rule_from(rules.whole("{records: {of: rows}}", item="        applies: {of: a, above: 1}\n"))
    for a, counted in ((1, {}), (2, {("u", "rows"): {0}})):
        units = facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {"a": a}, {"rows": [ROW]})])
        assert judging.counted(rule, units, ("rows",), on=rules.DAY) == counted


LARGE = "{of: {records: {of: rows, where: {of: x, above: 2}}}, above: 0}"
BESIDE = {
    "rank": f"    rank: {{when: {LARGE}}}\n",
    "veto": f"    vetoes: [{{title: 否决, when: {LARGE}, effect: last}}]\n",
    "list": f"    lists: [{{title: 黑榜, when: {LARGE}}}]\n",
    "shift": f"    grades: {{by: total, bands: [{{to: 5, grade: 一般}}, {{from: 5, grade: 好}}], shifts: [{{when: {LARGE}, by: -1}}]}}\n",
}


@pytest.mark.parametrize("part", BESIDE)
def test_a_record_that_decides_of_a_rank_a_veto_a_grade_or_a_list_is_counted_too(part: str) -> None:
    rule = reading.rule_from(rules.whole("a", group=BESIDE[part]))
    units = facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {"a": 1}, {"rows": [{**ROW, "x": 1}, ROW]})])
    assert judging.counted(rule, units, ("rows",), on=rules.DAY) == {("u", "rows"): {1}}


def test_only_a_condition_that_compares_with_the_group_asks_for_the_others() -> None:
    limits = ("2", "{group: {of: a, take: mean}}")
    read = [reading.rule_from(rules.whole(f"{{records: {{of: rows, where: {{of: x, above: {limit}}}}}}}")) for limit in limits]
    assert [judging.asks_the_group(rule) for rule in read] == [False, True]
