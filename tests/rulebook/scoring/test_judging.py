"""Of every record that a rule looks at it is told whether it counts, and if not why; what counts adds up to what the rule gives."""

# ruff: noqa: E501 - what is told of a record stands on one line
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.scoring import rules
from wutong.rulebook.formulas.records import Records, Verdict
from wutong.rulebook.formulas.values import Group
from wutong.rulebook.scoring import facts, judging, reading, running

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


TWELVE = {"x": 12, "key": "乙", "kind": "农业", "on": "2026-01-11"}


@pytest.mark.parametrize(
    ("more", "rows", "told", "zh", "en"),
    [
        (
            "where: {all: [{of: x, at_least: 2}, {of: kind, is: 工业}]}", ({"x": 1, "kind": "农业"},), {},
            ["不符合：值 ≥ 2（为 1）；类 为工业（为 农业）"], ["does not meet: x ≥ 2 (it is 1); kind is 工业 (it is 农业)"],
        ),
        (
            "where: {all: [{all: [{of: x, above: 3}, {of: x, below: 9}]}, {of: on, at_least: 2026-02-01}]}", ({},), {},
            ["不符合：值 > 3（为 3）；日 ≥ 2026-02-01（为 2026-01-10）"], ["does not meet: x > 3 (it is 3); on ≥ 2026-02-01 (it is 2026-01-10)"],
        ),
        ("where: {of: {sum: [x, a]}, above: 5}", ({},), {"a": 2}, ["不符合：值 + 甲 > 5"], ["does not meet: x + a > 5"]),
        ("where: {not: {of: x, above: 2}}", ({},), {}, ["不符合：非(值 > 2)"], ["does not meet: not (x > 2)"]),
        ("where: {of: x, known: no}", ({},), {}, ["不符合：值 无数据（为 3）"], ["does not meet: x not known (it is 3)"]),
        ("where: {of: x, known: yes}", ({"x": None},), {}, ["不符合：值 有数据"], ["does not meet: x known"]),
        ("where: {of: x, at_least: a}", ({}, {}), {}, ["缺数据：甲", "缺数据：甲"], ["missing: a", "missing: a"]),
        ("where: {of: x, at_least: 1}", ({"x": "不适用"}, {}), {}, ["不适用", ""], ["does not apply", ""]),
        (
            "where: {of: {sum: [x, a, b]}, at_least: 1}", ({"x": None}, {}), {},
            ["缺数据：甲、乙、值", "缺数据：甲、乙"], ["missing: a, b, x", "missing: a, b"],
        ),
        ("gives: {product: [x, a]}", ({"x": None}, {}), {}, ["缺数据：甲、值", "缺数据：甲"], ["missing: a, x", "missing: a"]),
        ("gives: {lookup: {by: kind, table: {工业: 1}}}", ({}, TWELVE), {}, ["缺数据：类=农业"] * 2, ["missing: 类=农业"] * 2),
        ("once_by: [key, kind]", ({"key": None, "kind": None}, {}), {}, ["缺数据：键、类"] * 2, ["missing: key, kind"] * 2),
        ("once_by: [key]", ({}, {}, TWELVE), {}, ["", "同样的只计一次，已计另一条", ""], ["", "counted once: another of the same is counted", ""]),
        (
            "once_by: [key], keep: highest, gives: x", ({}, {"x": 2}, TWELVE, {"x": 3}), {},
            ["", "同样的取得分最高的一条，这一条较低", "", "同样的取得分最高的一条，这一条较低"],
            ["", "of the same only the highest counts", "", "of the same only the highest counts"],
        ),
        ("gives: x, take: highest", ({"key": "丁"}, {"key": "甲"}), {}, ["", "只取得分最高的一条"], ["", "only the highest counts"]),
        ("gives: x, take: highest", ({"key": "甲"}, {"key": "丁"}), {}, ["", "只取得分最高的一条"], ["", "only the highest counts"]),
        ("gives: x, take: highest", ({}, TWELVE), {}, ["只取得分最高的一条", ""], ["only the highest counts", ""]),
        ("gives: x, at_most: [{count: 1, per: month, by: on}]", ({}, TWELVE), {}, ["超出每月最多 1 条", ""], ["beyond at most 1 a month", ""]),
        ("gives: x, at_most: [{count: 1, per: quarter, by: on}]", ({}, TWELVE), {}, ["超出每季最多 1 条", ""], ["beyond at most 1 a quarter", ""]),
        ("gives: x, at_most: [{count: 1, per: year, by: on}]", ({}, TWELVE), {}, ["超出每年最多 1 条", ""], ["beyond at most 1 a year", ""]),
        ("at_most: [{count: 1, per: year, by: on}]", ({}, TWELVE), {}, ["", "超出每年最多 1 条"], ["", "beyond at most 1 a year"]),
        (
            "gives: x, at_most: [{count: 2, per: quarter, by: on}, {count: 1, per: year, by: on}]", ({"x": 1}, {}, {"on": "2026-04-01"}, TWELVE), {},
            ["超出每季最多 2 条", "超出每年最多 1 条", "超出每年最多 1 条", ""],
            ["beyond at most 2 a quarter", "beyond at most 1 a year", "beyond at most 1 a year", ""],
        ),
        (
            "where: {of: x, below: 9}, once_by: [key], gives: x, at_most: [{count: 1, per: year, by: on}]",
            ({}, {"x": 5}, {"key": "丙", "x": 8}, TWELVE), {},
            ["超出每年最多 1 条", "同样的只计一次，已计另一条", "", "不符合：值 < 9（为 12）"],
            ["beyond at most 1 a year", "counted once: another of the same is counted", "", "does not meet: x < 9 (it is 12)"],
        ),
    ],
)  # fmt: skip
def test_why_a_record_does_not_count_is_told_in_both_languages(
    more: str, rows: tuple[dict[str, Any], ...], told: dict[str, Any], zh: list[str], en: list[str]
) -> None:
    found = judged(f"{{records: {{of: rows, {more}}}}}", [{**ROW, **row} for row in rows], **told)
    assert ([one.zh for one in found], [one.en for one in found]) == (zh, en)
    assert [one.is_counted for one in found] == [not one for one in zh]


MEASURED = """  projects:
    zh: 项目
    fields: {yuan: {zh: 到位资金, en: money, unit: 万元}, port: {zh: 口岸, en: port, kind: yes_no}, share: {zh: 占比, en: share, unit: percent}}
"""


@pytest.mark.parametrize(
    ("where", "zh", "en"),
    [
        ("{of: yuan, at_least: 5000万元}", "到位资金 ≥ 5000万元（为 1200万元）", "money ≥ 50,000,000 yuan (it is 12,000,000 yuan)"),
        ("{of: port, is: yes}", "口岸 为是（为 否）", "port is yes (it is no)"),
        ("{of: share, above: 50%}", "占比 > 50%（为 12.5%）", "share > 50% (it is 12.5%)"),
    ],
)
def test_what_a_record_has_instead_stands_in_its_own_unit_and_in_the_language_of_the_reader(where: str, zh: str, en: str) -> None:
    text = rules.whole(f"{{records: {{of: projects, where: {where}}}}}").replace("records:\n", f"records:\n{MEASURED}", 1)
    rule = reading.rule_from(text)
    row = {"yuan": 1200, "port": "否", "share": "12.5"}
    units = facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {}, {"projects": [row]})])
    (found,) = judging.judged(rule, units, "u", on=rules.DAY).values()
    assert found == {"projects": (Verdict(False, f"不符合：{zh}", f"does not meet: {en}"),)}


@pytest.mark.parametrize(
    ("gives", "unit", "expected"),
    [
        ("gives: x", "", [Fraction(3), Fraction(12)]),
        ("gives: {product: [x, {ratio: {of: 1, to: 3}}]}", "", [Fraction(1), Fraction(4)]),
        ("gives: {product: [x, 1万元]}", "万元", [None, None]),
        ("where: {of: x, above: 1}", "", [None, None]),
    ],
)
def test_a_record_that_counts_says_its_points_where_they_are_a_plain_number(gives: str, unit: str, expected: list[Fraction | None]) -> None:
    text = rules.whole(f"{{records: {{of: rows, {gives}}}}}", item=f"        unit: {unit}\n" if unit else "")
    assert [(one.is_counted, one.gives) for one in judged("", [ROW, TWELVE], text=text)] == [(True, one) for one in expected]


def test_what_lacks_behind_a_name_of_the_rule_is_told_by_the_title_of_the_fact() -> None:
    values = "values:\n  rate: {ratio: {of: a, to: b}}\n"
    text = rules.whole("{records: {of: rows, where: {of: x, at_least: rate}}}").replace("groups:\n", f"{values}groups:\n", 1)
    assert [(one.zh, one.en) for one in judged("", [ROW], text=text, b=1)] == [("缺数据：甲", "missing: a")]


def test_a_record_that_is_looked_at_twice_counts_where_one_of_the_two_counts_it() -> None:
    both = "{sum: [{records: {of: rows, where: {of: x, above: 5}}}, {records: {of: rows, where: {of: kind, is: 工业}}}]}"
    assert [one.is_counted for one in judged(both, [ROW, TWELVE, {**ROW, "kind": "农业"}])] == [True, True, False]


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


@pytest.mark.parametrize(
    "formula",
    [
        "{lookup: {by: word, table: {大: {records: {of: rows, where: {of: x, above: 2}}}}}}",
        "{dated: {from: {2026-01-01: {records: {of: rows, where: {of: x, above: 2}}}}}}",
        "{tally: {of: [{count: {records: {of: rows, where: {of: x, above: 2}}}, each: 1}]}}",
        "{steps: {of: [{when: {of: {records: {of: rows, where: {of: x, above: 2}}}, above: 0}, gives: 1}], else: 0}}",
        "{slope: {of: a, line: {records: {of: rows, where: {of: x, above: 2}}}, base: 0, above: [{per: 1, points: 1}], count: whole}}",
    ],
)
def test_a_record_counted_deep_inside_a_formula_is_found_too(formula: str) -> None:
    assert [one.is_counted for one in judged(formula, [ROW, {**ROW, "x": 1}], word="大", a=1)] == [True, False]


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


def test_what_the_run_chose_is_counted_without_being_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same places with and without what the run left, and no condition is looked at a second time."""
    form = "{records: {of: rows, where: {of: x, above: 5}, gives: x, at_most: [{count: 2, per: year, by: on}]}}"
    text = rules.whole(form)
    rule = reading.rule_from(text, file="county.yaml")
    rows = [{"x": str(place), "key": f"k{place}", "on": "2026-03-01"} for place in range(12)]
    units = facts.typed(rule, [facts.Given("u", (("all", Fraction(1)),), {"a": 7, "b": 3}, {"rows": rows})])
    seen: dict[str, Group] = {}
    running.run(rule, units, on=rules.DAY, seen=seen)
    anew = judging.counted(rule, units, {"rows"}, on=rules.DAY)
    monkeypatch.setattr(Records, "_holds", lambda *_given, **_more: pytest.fail("asked anew"))
    assert judging.counted(rule, units, {"rows"}, on=rules.DAY, seen=seen) == anew == {("u", "rows"): {10, 11}}
