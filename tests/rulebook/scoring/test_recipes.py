"""New parts by form: every documented way makes a part that the reader reads, its facts come with it, and the rest of the text stays."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.scoring import reading, recipes
from wutong.rulebook.scoring.editing import EditError

TEXT = """\
rule: areas
title: 考核
source: {title: 办法, date: 2026-01-05}
valid: {from: 2026-01-01}
facts:
  done: {zh: 实绩, unit: 个}   # 人工填报
groups:
  counties:
    title: 县区
    items:
      - {id: first, title: 签约, formula: done}  # 第一项
"""
GIVEN: Mapping[str, Mapping[str, str]] = {
    "completion": {"actual": "实绩", "target": "目标", "target.unit": "个"},
    "weighted": {
        "rows.0.of": "实绩",
        "rows.0.to": "2",
        "rows.0.weight": "50%",
        "rows.2.of": "实绩",
        "rows.2.to": "3",
        "rows.2.weight": "50%",
    },
    "quota": {"base": "10", "rows.0.count": "实绩", "rows.0.target": "5", "rows.0.each": "1"},
    "tally": {"rows.0.count": "实绩", "rows.0.each": "0.5", "rows.0.most": "3", "at_most": "5"},
    "deductions": {"base": "5", "rows.0.count": "虚报", "rows.0.count.unit": "个", "rows.0.each": "2"},
    "min_max": {"of": "实绩", "low": "yes"},
    "rank": {"of": "实绩", "rows.0.from": "1", "rows.0.to": "4", "rows.0.gives": "10"},
    "threshold": {"of": "done", "target": "8"},
    "steps": {
        "rows.0.of": "实绩",
        "rows.0.least": "8",
        "rows.0.gives": "10",
        "rows.1.of": "实绩",
        "rows.1.least": "4",
        "rows.1.also": "实绩",
        "rows.1.also_least": "3",
        "rows.1.gives": "5",
    },
    "slope": {"of": "实绩", "line": "10", "base": "5", "up_per": "1", "up": "0.5", "down_per": "1", "down": "0.5", "most_up": "3"},
    "lookup": {"of": "实绩", "by": "县区类别", "rows.0.word": "一类", "rows.0.gives": "1", "rows.1.word": "二类", "rows.1.gives": "1.2"},
    "ratio": {"of": "实绩", "to": "应开工", "to.unit": "个"},
    "rating": {"rows.0.word": "园区", "rows.0.weight": "70%", "rows.1.word": "乡镇", "rows.1.weight": "30%"},
    "growth": {"actual": "实绩", "target": "8", "last": "去年", "last.unit": "个", "gives": "2"},
    "projects": {"rows.0.to": "5亿", "rows.0.gives": "1", "rows.1.from": "5亿", "rows.1.gives": "2"},
    "bonus": {},
    "veto": {"of": "重大事故", "of.unit": "个"},
    "red": {"least": "85", "best": "2"},
    "black": {"below": "60", "worst": "1"},
    "applies": {"only": "有无口岸", "actual": "实绩", "target": "8"},
    "pace": {"actual": "实绩", "target": "8"},
    "recognised": {"target": "10亿元"},
    "rounded": {"of": "实绩", "to": "3"},
    "dated": {"rows.0.word": "2026-01-01", "rows.0.gives": "实绩", "rows.1.word": "2026-06-01", "rows.1.gives": "5"},
    "progressive": {
        "of": "到位资金",
        "of.unit": "万元",
        "rows.0.to": "1000万",
        "rows.0.rate": "3‰",
        "rows.1.from": "1000万",
        "rows.1.rate": "4‰",
    },
    "fact": {"unit": "亩"},
}
"""What somebody fills in of each way; the rest is as the form offers it."""


def filled(code: str, **more: str) -> dict[str, str]:
    offered = {blank.name: blank.fallback for blank in recipes.BY_CODE[code].blanks}
    return {**offered, "title": "新指标", "points": "10", **GIVEN[code], **more}


@pytest.mark.parametrize("code", list(recipes.BY_CODE))
def test_every_way_makes_a_part_that_is_read_and_leaves_every_line_that_was_there(code: str) -> None:
    text = TEXT.replace("    title: 县区\n", "    title: 县区\n    total: none\n    rank: none\n") if code == "progressive" else TEXT
    made, path = recipes.added(text, recipes.BY_CODE[code], "counties", filled(code))
    assert reading.rule_from(made).groups
    lines = iter(made.splitlines())
    assert all(line in lines for line in text.splitlines()), "in their order"
    assert path[-1] == {"item": 1, "fact": "新指标"}.get(recipes.BY_CODE[code].kind, 0)


def test_the_ways_are_the_twenty_two_of_the_manual() -> None:
    assert {one.number for one in recipes.RECIPES} - {0} == set(range(1, 23))


def test_a_new_fact_is_declared_with_its_unit_and_a_known_one_goes_by_its_code() -> None:
    made, _path = recipes.added(TEXT, recipes.BY_CODE["completion"], "counties", filled("completion"))
    assert "  目标: {zh: 目标, unit: 个}\n" in made
    assert "        formula: {completion: {actual: done, target: 目标, points: 10, cap: 100%}}\n" in made


def test_what_is_missing_or_wrong_is_told_as_in_the_text() -> None:
    without, _path = recipes.added(TEXT, recipes.BY_CODE["completion"], "counties", filled("completion", **{"target.unit": ""}))
    with pytest.raises(RuleError) as refused:
        reading.rule_from(without)
    assert ("not_there", "facts.目标.unit", 7) in {(one.code, one.field, one.line) for one in refused.value.faults}
    with pytest.raises(EditError):
        recipes.added(TEXT, recipes.BY_CODE["completion"], "unknown", filled("completion"))


def test_a_title_that_is_taken_or_begins_with_a_digit_gets_a_name_that_the_rule_may_bear() -> None:
    once, _path = recipes.added(TEXT, recipes.BY_CODE["tally"], "counties", filled("tally", title="10 亿元以上（个）"))
    twice, _path = recipes.added(once, recipes.BY_CODE["tally"], "counties", filled("tally", title="10 亿元以上（个）"))
    assert "id: item_10亿元以上个\n" in twice and "id: item_10亿元以上个_2\n" in twice and reading.rule_from(twice)
