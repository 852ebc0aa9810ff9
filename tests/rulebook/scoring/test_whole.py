"""One rule with everything that a rule may have: every part of it is read, and every part of a result is told, as written here by hand."""

# ruff: noqa: E501 - what is told of an indicator stands on one line

import datetime as dt
from fractions import Fraction
from typing import Any

from wutong.rulebook.scoring import comparing, facts, lifting, reading, running
from wutong.rulebook.scoring.comparing import FactMoved, ItemMoved, UnitMoved
from wutong.rulebook.scoring.lifting import Lift, Lifts
from wutong.rulebook.scoring.running import Input, ItemResult, UnitResult
from wutong.rulebook.scoring.shape import Listing, Rounding, ScoringRule, Shift, Source, Veto

RULE = """rule: counties_2026
title: {zh: 县区考核, en: counties}
source: {title: 考核办法, document: 某发〔2026〕1号, date: 2026-01-02, url: 'https://example.org/1'}
valid: {from: 2026-01-01, to: 2027-01-01}
facts:
  funds: {zh: 到位资金, en: funds, unit: 万元, from: {fact: funds.arrived, kind: industry, least: 1亿元}}
  target: {zh: 目标, en: target, unit: 万元}
  late: {zh: 逾期, en: late, unit: 个, from: projects.late}
  port: {zh: 口岸, en: port, kind: yes_no}
  class: {zh: 类别, en: class, kind: text}
  since: {zh: 设立, en: since, kind: date}
  spare: {zh: 备用, en: spare, unit: 分}
records:
  projects:
    zh: 项目
    en: projects
    from: {fact: projects.list}
    fields: {name: {zh: 名称, en: name, kind: text}, points: {zh: 分值, en: points, unit: 分}}
  unused: {zh: 未用, fields: {x: {unit: 分}}}
values:
  rate: {ratio: {of: funds, to: target}}
groups:
  counties:
    title: {zh: 县区, en: counties}
    full_points: 110
    total: {round: 1, how: down, missing: zero}
    rank: {ties: dense, order: high_first, then: [order, rate], unranked: [直属区], when: {of: total, at_least: 0}}
    items:
      - id: funds
        title: {zh: 资金, en: money}
        points: 60
        evidence: 验资报告
        take: highest
        items:
          - {id: rate, title: 完成率得分, points: 60, round: {digits: 2, how: up}, cap: 66, floor: 0, formula: {product: [rate, 60]}}
          - {id: sum, title: 项目得分, formula: {records: {of: projects, gives: points}}, missing: zero}
      - {id: order, title: 秩序, points: 40, formula: {deductions: {base: 40, of: [{count: late, each: 5}]}}}
      - {id: port, title: 口岸, points: 10, applies: {of: port, is: yes}, not_applicable: full, formula: {if: {when: {of: class, equals: 一类}, then: 10, else: 5}}}
    vetoes:
      - {title: {zh: 造假, en: fraud}, when: {of: late, above: 8}, effect: grade, grade: 不合格}
      - {title: 逾期过多, when: {of: late, above: 9}, effect: last}
    grades:
      bands: [{to: 60, grade: 一般}, {from: 60, to: 90, grade: 良好}, {from: 90, grade: 优秀}]
      shifts: [{title: {zh: 准时, en: in time}, when: {of: late, equals: 0}, by: 1}, {title: 迟, when: {of: late, above: 3}, by: -1}]
    lists:
      - {title: {zh: 红榜, en: red}, when: {of: total, at_least: 90}, best: 2}
      - {title: 黑榜, worst: 1}
  persons:
    of: persons
    total: none
    rank: none
    items: [{id: days, unit: 天, formula: {days: {from: since}}}]
"""
ON = dt.date(2026, 6, 30)


def rule() -> ScoringRule:
    return reading.rule_from(RULE)


def given(unit: str, group: str = "counties", rows: list[dict[str, Any]] | None = None, **told: Any) -> facts.Given:
    return facts.Given(unit, ((group, Fraction(1)),), told, {} if rows is None else {"projects": rows})


def results(*units: facts.Given) -> dict[str, UnitResult]:
    told = rule()
    return {one.unit: one for one in running.run(told, facts.typed(told, units), on=ON).results}


def test_the_head_facts_and_records_of_a_rule_are_read_whole() -> None:
    told = rule()
    assert (told.code, told.zh, told.en) == ("counties_2026", "县区考核", "counties")
    assert told.source == Source("考核办法", "某发〔2026〕1号", dt.date(2026, 1, 2), "https://example.org/1")
    assert (told.begins_on, told.ends_on, len(told.hash)) == (dt.date(2026, 1, 1), dt.date(2027, 1, 1), 12)
    assert told.unused == ("spare", "unused")
    shown = [
        (one.name, one.zh, one.en, one.kind, one.unit.code if one.unit else None, one.line, one.origin.code if one.origin else "")
        for one in told.facts.values()
    ]
    assert shown == [
        ("funds", "到位资金", "funds", "number", "wan", 6, "funds.arrived"), ("target", "目标", "target", "number", "wan", 7, ""),
        ("late", "逾期", "late", "number", "count", 8, "projects.late"), ("port", "口岸", "port", "yes_no", None, 9, ""),
        ("class", "类别", "class", "text", None, 10, ""), ("since", "设立", "since", "date", None, 11, ""),
        ("spare", "备用", "spare", "number", "points", 12, ""),
    ]  # fmt: skip
    assert [(one.origin.params, one.origin.line) for one in told.facts.values() if one.origin] == [
        ((("kind", "industry"), ("least", "1亿元")), 6), ((), 8),
    ]  # fmt: skip
    projects, unused = told.records.values()
    assert (projects.name, projects.zh, projects.en, projects.line) == ("projects", "项目", "projects", 15)
    assert projects.origin is not None and projects.origin.code == "projects.list"
    assert [(one.name, one.zh, one.en, one.kind) for one in projects.fields] == [
        ("name", "名称", "name", "text"),
        ("points", "分值", "points", "number"),
    ]
    assert (unused.zh, unused.en, [one.zh for one in unused.fields], unused.origin) == ("未用", "unused", ["x"], None)


def test_a_group_is_read_whole() -> None:
    told = rule()
    one, persons = told.groups["counties"], told.groups["persons"]
    assert (one.code, one.zh, one.en, one.subjects, one.line) == ("counties", "县区", "counties", "units", 24)
    assert (persons.zh, persons.en, persons.subjects, persons.ranking, persons.total.items) == ("persons", "persons", "persons", None, ())
    assert (one.total.rounding, one.total.missing, one.total.words(), one.total.words("en")) == (
        Rounding(1, "down"),
        "zero",
        "总分",
        "total",
    )
    assert one.ranking is not None and one.ranking.when is not None
    assert (one.ranking.ties, one.ranking.order, [item.code for item in one.ranking.then], one.ranking.unranked, one.ranking.when.words()) == (
        "dense", "high_first", ["order", "rate"], frozenset({"直属区"}), "〔总分〕 ≥ 0",
    )  # fmt: skip
    assert one.ranking.when.words("en") == "[total] ≥ 0" and (one.rank.words(), one.rank.words("en")) == ("名次", "rank")
    fraud, late = one.vetoes
    assert fraud == Veto("造假", "fraud", fraud.when, "grade", "不合格") and fraud.when.words() == "逾期 > 8"
    assert late == Veto("逾期过多", "逾期过多", late.when, "last", "")
    assert one.grades is not None
    assert one.grades.bounds == ((None, 60), (60, 90), (90, None))
    assert one.grades.names == one.grades.order == ("一般", "良好", "优秀")
    up, down = one.grades.shifts
    assert up == Shift("准时", "in time", up.when, 1) and down == Shift("迟", "迟", down.when, -1)
    red, black = one.lists
    assert red == Listing("红榜", "red", red.when, 2, None) and black == Listing("黑榜", "黑榜", None, None, 1)


def test_indicators_are_read_whole() -> None:
    found = {item.code: item for item in rule().groups["counties"].all_items()}
    assert list(found) == ["funds", "rate", "sum", "order", "port"]
    funds, rate, port = found["funds"], found["rate"], found["port"]
    assert (funds.zh, funds.en, funds.points, funds.evidence, funds.take, funds.formula, funds.line) == (
        "资金",
        "money",
        60,
        "验资报告",
        "highest",
        None,
        29,
    )
    assert (rate.zh, rate.en, rate.rounding, rate.unit.code) == ("完成率得分", "完成率得分", Rounding(2, "up"), "points")
    assert (rate.words(), rate.words("en")) == ("max(min(〔rate〕 × 60, 66), 0)", "max(min([rate] × 60, 66), 0)")
    assert [name for name, _node in rate.parts()] == ["formula", "cap", "floor"] and [name for name, _node in funds.parts()] == [
        "rate",
        "sum",
    ]
    assert [name for name, _node in port.parts()] == ["applies", "formula"] and port.not_applicable == "full"
    assert (found["sum"].missing, rate.missing, rate.not_applicable, rate.take) == ("zero", "stop", "left_out", "sum")
    assert rate.rounding is not None
    assert (rate.rounding.words(), rate.rounding.words("en")) == ("进一至 2 位小数", "rounded up to 2 digits")
    assert [Rounding(1, how).words() for how in ("half_up", "half_even", "down")] == [  # type: ignore[arg-type]
        "四舍五入至 1 位小数", "四舍六入五成双至 1 位小数", "舍去尾数至 1 位小数",
    ]  # fmt: skip


def test_a_result_tells_all_that_it_rests_on() -> None:
    (one,) = results(
        given("甲县", funds=5001, target="1亿", late=1, port="是", **{"class": "二类"}, rows=[{"name": "一", "points": 7}])
    ).values()
    zh, en = "max(min(〔rate〕 × 60, 66), 0)", "max(min([rate] × 60, 66), 0)"
    rate = Input("rate", "rate", "rate", "0.5001", Fraction("0.5001"), "")
    rows = Input("projects", "项目", "projects", "1", Fraction(1), "个")
    wanted = [
        ItemResult("funds", "资金", "money", 0, Fraction("30.01"), "known", (), "", Fraction("30.01"), Fraction(60), (), "取最高", "highest", "", "",
                   "分", 29, "验资报告"),
        ItemResult("rate", "完成率得分", "完成率得分", 1, Fraction("30.01"), "known", (), "", Fraction("30.006"), Fraction(60), (rate,), zh, en,
                   "进一至 2 位小数", "rounded up to 2 digits", "分", 35, ""),
        ItemResult("sum", "项目得分", "项目得分", 1, Fraction(7), "known", (), "", Fraction(7), None, (rows,), "逐条(项目，每条得 分值)",
                   "sum(projects, each gives points)", "", "", "分", 36, ""),
        ItemResult("order", "秩序", "秩序", 0, Fraction(35), "known", (), "", Fraction(35), Fraction(40),
                   (Input("late", "逾期", "late", "1", Fraction(1), "个"),), "max(40 − (逾期 × 5), 0)", "max(40 − (late × 5), 0)", "", "", "分", 37, ""),
        ItemResult("port", "口岸", "口岸", 0, Fraction(5), "known", (), "", Fraction(5), Fraction(10),
                   (Input("port", "口岸", "port", "是", None, ""), Input("class", "类别", "class", "二类", None, "")),
                   "若 类别 = 一类 则 10，否则 5", "if class = 一类 then 10, else 5", "", "", "分", 38, ""),
    ]  # fmt: skip
    assert list(one.items) == wanted
    assert one == UnitResult("甲县", "counties", Fraction(70), 1, one.items, (), "良好", ("黑榜",), Fraction(1))


def test_a_result_tells_what_lacks_and_what_does_not_apply() -> None:
    (one,) = results(given("甲县", funds="不适用", target=1, port="否", since="2026-01-01")).values()
    by_id = {item.id: item for item in one.items}
    assert (by_id["rate"].state, by_id["rate"].points, by_id["rate"].why, by_id["rate"].before_rounding) == (
        "not_applicable",
        None,
        "不适用",
        None,
    )
    assert by_id["rate"].inputs == (Input("rate", "rate", "rate", "不适用", None, "", "not_applicable"),)
    assert (by_id["sum"].points, by_id["sum"].inputs) == (0, (Input("projects", "项目", "projects", "", None, "个", "missing"),))
    assert (by_id["order"].state, by_id["order"].missing, by_id["order"].points) == ("missing", ("late",), None)
    assert by_id["order"].inputs == (Input("late", "逾期", "late", "", None, "个", "missing"),)
    assert (by_id["port"].state, by_id["port"].points, by_id["port"].why) == ("not_applicable", 10, "口岸 为是")
    assert by_id["port"].inputs[1] == Input("class", "类别", "class", "", None, "", "missing")
    assert by_id["port"].inputs[0] == Input("port", "口岸", "port", "否", None, "")
    # The total counts what is missing as nothing; a veto that cannot be known is said, and until it is there is no rank.
    open_ones = ("veto_unknown:造假:late", "grade_open", "veto_unknown:逾期过多:late", "rank_open")
    assert (one.total, one.rank, one.flags) == (10, None, open_ones)


def test_ranks_then_vetoes_then_grades_and_lists() -> None:
    full = {"target": 100, "port": "是", "class": "一类", "rows": []}
    found = results(
        given("甲县", funds=100, late=0, **full), given("乙县", funds=50, late=0, **full), given("丙县", funds=100, late=4, **full),
        given("丁县", funds=100, late=10, **full), given("直属区", funds=100, late=0, **full), given("戊县", funds=90, late=0, **full),
        given("己县", funds=110, late=2, **full),
    )  # fmt: skip
    shown = {name: (one.total, one.rank, one.grade, one.lists, one.flags) for name, one in found.items()}
    assert shown == {
        "甲县": (110, 1, "优秀", ("红榜",), ("grade_kept:准时:+1",)), "戊县": (104, 3, "优秀", (), ("grade_kept:准时:+1",)),
        "己县": (106, 2, "优秀", ("红榜",), ()), "乙县": (80, 5, "优秀", (), ("grade_moved:准时:+1",)),
        "丙县": (90, 4, "良好", (), ("grade_moved:迟:-1",)), "直属区": (110, None, "优秀", (), ("not_ranked", "grade_kept:准时:+1")),
        "丁县": (70, 6, "不合格", ("黑榜",), ("veto:造假:grade", "veto:逾期过多:last", "grade_moved:迟:-1")),
    }  # fmt: skip
    assert list(found) == ["甲县", "己县", "戊县", "丙县", "乙县", "丁县", "直属区"], "by rank, who has none at the end"


def test_persons_without_total_and_rank_have_their_indicators() -> None:
    (one,) = results(given("某人", "persons", since="2026-06-01")).values()
    assert (one.group, one.total, one.rank, one.flags, one.items[0].points, one.items[0].unit) == (
        "persons",
        None,
        None,
        ("not_ranked",),
        29,
        "天",
    )
    assert one.items[0].inputs == (Input("since", "设立", "since", "2026-06-01", None, ""),)


def test_one_group_alone_and_a_day_on_which_the_rule_holds() -> None:
    told = rule()
    typed = facts.typed(told, [given("甲县", late=0), given("某人", "persons", since="2026-01-01")])
    found = running.run(told, typed, on=dt.date(2026, 12, 31), group="persons")
    assert ([one.unit for one in found.results], found.rule, found.hash, found.on) == (
        ["某人"],
        "counties_2026",
        told.hash,
        dt.date(2026, 12, 31),
    )
    for day in (dt.date(2025, 12, 31), dt.date(2027, 1, 1)):
        try:
            running.run(told, typed, on=day)
        except running.NotInForce as error:
            assert str(error) == f"counties_2026: 2026-01-01 – 2027-01-01, not {day}"
        else:
            raise AssertionError(day)
    assert running.run(told, typed, on=dt.date(2026, 1, 1)).results


def test_a_unit_that_changed_its_group_keeps_flags_and_indicators_of_both() -> None:
    text = "rule: r\nsource: {title: 例, date: 2020-01-01}\nvalid: {from: 2020-01-01}\nfacts: {a: {unit: 分}, b: {unit: 个}}\ngroups:\n"
    for code, factor in (("one", 1), ("two", 2)):
        text += (
            f"  {code}:\n    items: [{{id: {code}_points, formula: {{product: [a, {factor}]}}}}]\n"
            f"    vetoes: [{{title: 否决{code}, when: {{of: b, above: 0}}, effect: unranked}}]\n"
        )
    told = reading.rule_from(text)
    moved = facts.Given("u", (("one", Fraction(1, 3)), ("two", Fraction(2, 3))), {"a": 3, "b": 1})
    (one,) = running.run(told, facts.typed(told, [moved, facts.Given("v", (("one", Fraction(1)),), {"a": 1})]), on=ON, group="two").results
    assert (one.total, one.rank, one.group, [item.id for item in one.items]) == (5, None, "two", ["one_points", "two_points"])
    assert one.flags == ("veto_before:否决one:unranked", "veto:否决two:unranked", "changed_group:one=0.3333,two=0.6667")


def test_two_runs_are_compared_whole() -> None:
    told = rule()
    full: dict[str, Any] = {"target": 100, "port": "是", "class": "一类", "rows": []}
    before = running.run(told, facts.typed(told, [given("甲县", funds=50, late=0, **full), given("乙县", funds=60, late=1, **full)]), on=ON)
    after = running.run(told, facts.typed(told, [given("甲县", funds=90, late=1, **full), given("丙县", funds=1, late=1, **full)]), on=ON)
    first, *others = comparing.compare(before, after)
    zh = "max(min(〔rate〕 × 60, 66), 0)"
    rate = ItemMoved(
        "rate",
        "完成率得分",
        "完成率得分",
        Fraction(30),
        Fraction(54),
        ("facts",),
        (FactMoved("rate", "rate", "rate", "0.5", "0.9", ""),),
        zh,
        zh,
    )
    assert {item.id: item for item in first.items}["rate"] == rate
    assert rate.moved == 24
    order = ItemMoved(
        "order", "秩序", "秩序", Fraction(40), Fraction(35), ("facts",), (FactMoved("late", "逾期", "late", "0", "1", "个"),),
        "max(40 − (逾期 × 5), 0)", "max(40 − (逾期 × 5), 0)",
    )  # fmt: skip
    funds = ItemMoved("funds", "资金", "money", Fraction(30), Fraction(54), ("others",), (), "取最高", "取最高")
    assert first == UnitMoved("甲县", "counties", "counties", Fraction(80), Fraction(99), 2, 1, "优秀", "优秀", (funds, rate, order))
    assert (first.moved, first.is_same) == (19, False)
    gone = next(one for one in others if one.unit == "乙县")
    assert (gone.group_before, gone.group_after, gone.total_before, gone.total_after, gone.rank_before, gone.rank_after) == (
        "counties",
        "",
        81,
        None,
        1,
        None,
    )
    assert (gone.grade_before, gone.grade_after, gone.moved) == ("良好", "", None)
    assert {(item.before, item.after, item.why) for item in gone.items if item.id == "order"} == {(Fraction(35), None, ("gone",))}
    come = next(one for one in others if one.unit == "丙县")
    assert (come.group_before, come.group_after, come.total_before, come.grade_before, come.grade_after) == (
        "",
        "counties",
        None,
        "",
        "一般",
    )
    assert {(item.before, item.after, item.why, item.formula_before) for item in come.items if item.id == "order"} == {
        (None, Fraction(35), ("new",), "")
    }
    assert [one.unit for one in (first, *others)] == ["甲县", "丙县", "乙县"], "who moved most first, then by name"
    same = comparing.compare(before, before)
    assert all(one.is_same and one.items == () and one.moved == 0 for one in same)


def test_what_would_lift_a_unit_is_told_whole() -> None:
    told = rule()
    full: dict[str, Any] = {"target": 100, "port": "是", "class": "一类", "rows": []}
    units = facts.typed(told, [given("甲县", funds=50, late=2, **full), given("乙县", funds=60, late=0, **full), given("某人", "persons")])
    found = lifting.lifts(told, units, "甲县", on=ON)
    assert (found.unit, found.total, found.above, found.above_total) == ("甲县", 70, "乙县", 86)
    by_name = {one.name: one for one in found.lifts}
    assert set(by_name) == {"funds", "target"}, "two late ones less give ten points, sixteen lack"
    funds = by_name["funds"]
    assert (funds.zh, funds.en, funds.unit, funds.present) == ("到位资金", "funds", "万元", 50)
    assert Fraction("76.66") < funds.needed < Fraction("76.9") and funds.change == funds.needed - 50 and funds.total > 86
    assert isinstance(funds, Lift) and found == Lifts("甲县", Fraction(70), "乙县", Fraction(86), found.lifts)
