"""What a bulletin says comes from its facts; figures that somebody changed are marked; whoever wrote it does not sign it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import wutong.rulebook
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.assessment.rules.bulletins import BulletinRefusal, BulletinState, Standing
from wutong.web.lib import wording

SHIPPED = (Path(wutong.rulebook.__file__).parent / "bulletin.txt").read_text("utf-8")
GROUP = rules.Group(
    "counties", "县区组",
    (
        rules.Row("测试甲县", "96.50", 1, 2), rules.Row("测试乙县", "91.25", 2, 1), rules.Row("测试丙县", "88.00", 3, 3),
        rules.Row("测试丁县", "80.10", 4, 5), rules.Row("测试戊县", None, None),
    ),
)  # fmt: skip
FACTS = rules.BulletinFacts(
    "测试市招商局", "10月考核", "d", "招商引资考核办法", "某招发〔2026〕3号", dt.date(2026, 1, 1), dt.date(2026, 10, 31), (GROUP,),
    (rules.Figure("signed", "签约项目", "125", "个", 125), rules.Figure("funds", "到位资金", "62.3", "亿元", 300)),
    stuck=(rules.Stuck("签约未开工", "测试项目", "测试丁县", "已签约241天", "k"),), stuck_kinds=(("签约未开工", 11),),
    leaders_count=2, laggards_count=2,
)  # fmt: skip


def made() -> str:
    return wording.made(SHIPPED, rules.given(FACTS))


def test_the_shipped_template_says_every_figure_of_the_facts() -> None:
    text = rules.read(made())
    assert text.head == {
        "标志": "测试市招商局文件", "字号": "招通〔2026〕№号", "标题": "关于2026年1—10月招商引资考核情况的通报", "主送": "各有关单位：",
        "署名": "测试市招商局", "印发机关": "测试市招商局",
    }  # fmt: skip
    tables = [piece.rows for piece in text.pieces if piece.kind == "table"]
    assert tables[0] == (
        ("名次", "单位", "得分", "上期名次", "升降"), ("1", "测试甲县", "96.50", "2", "↑1"), ("2", "测试乙县", "91.25", "1", "↓1"),
        ("3", "测试丙县", "88.00", "3", "持平"), ("4", "测试丁县", "80.10", "5", "↑1"), ("—", "测试戊县", "—", "—", "—"),
    )  # fmt: skip
    said = "\n".join(piece.text for piece in text.pieces)
    assert "时间进度83.3%" in said
    assert "签约项目125个，到位资金62.3亿元。" in said
    assert "居前的单位：测试甲县（96.50分）、测试乙县（91.25分）。" in said
    assert "居后的单位：测试丙县（88.00分）、测试丁县（80.10分）。" in said
    assert rules.unlike(made(), made(), FACTS) == ()
    assert rules.refusals_of_text(made()) == ()


def test_levels_captions_and_tables_are_read_as_official_documents_name_them() -> None:
    text = "标题: 甲\n标题: 乙\n---\n一、总体\n（二）组\n1.事项\n1.5亿元\n【表题】\n| a | b |\n|---|---|\n| 1 |\n一、" + "长" * 60
    pieces = [(piece.kind, piece.text or piece.rows, piece.line) for piece in rules.read(text).pieces]
    assert rules.read(text).head == {"标题": "甲\n乙"}
    assert pieces == [
        ("first", "一、总体", 4), ("second", "（二）组", 5), ("third", "1.事项", 6), ("text", "1.5亿元", 7), ("caption", "表题", 8),
        ("table", (("a", "b"), ("1", "")), 9), ("text", "一、" + "长" * 60, 12),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("| 96.50 |", "| 97.50 |", ("not_of_unit", "97.50", "96.50", "测试甲县")),
        ("| 4 | 测试丁县 |", "| 3 | 测试丁县 |", ("not_of_unit", "3", "4", "测试丁县")),
        ("| 4 | 测试丁县 | 80.10 | 5 | ↑1 |\n", "", ("row_missing", "", "", "测试丁县")),
        ("签约项目125个", "签约项目126个", ("not_in_run", "126", "", "")),
        ("| 4 | 测试丁县 | 80.10 | 5 | ↑1 |", "| 4 | 测试丁县 | 81.10 | 5 | ↑1 |", ("not_of_unit", "81.10", "80.10", "测试丁县")),
        ("共有11项预警", "共有12项预警", ("not_in_run", "12", "", "")),
    ],
)
def test_a_figure_that_is_not_the_runs_is_marked(before: str, after: str, expected: tuple[str, str, str, str]) -> None:
    generated = made()
    assert before in generated
    found = rules.unlike(generated.replace(before, after, 1), generated, FACTS)
    told = [(mark.kind, mark.found, mark.expected, mark.unit) for mark in found]
    assert told == [expected]


def test_words_may_be_changed_freely_and_figures_of_the_run_said_again() -> None:
    generated = made()
    other = generated.replace("| 责任单位 |", "| 负责单位 |").replace(
        "四、下一步要求", "测试甲县以96.50分居首，到位资金62.3亿元。\n四、工作要求"
    )
    assert rules.unlike(other, generated, FACTS) == ()


def test_figures_swapped_between_units_are_marked() -> None:
    generated = made()
    other = generated.replace("| 96.50 |", "| X |").replace("| 91.25 |", "| 96.50 |").replace("| X |", "| 91.25 |")
    assert [(mark.unit, mark.found) for mark in rules.unlike(other, generated, FACTS)] == [("测试甲县", "91.25"), ("测试乙县", "96.50")]


def test_facts_come_back_as_they_were_kept() -> None:
    assert rules.restored(json.loads(json.dumps(rules.kept(FACTS)))) == FACTS


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [
        (1, ["测试甲县"], ["测试丁县"]),
        (2, ["测试甲县", "测试乙县"], ["测试丙县", "测试丁县"]),
        (3, ["测试甲县", "测试乙县"], ["测试丙县", "测试丁县"]),
    ],
)
def test_nobody_is_named_among_the_first_and_among_the_last(count: int, first: list[str], last: list[str]) -> None:
    assert [row.unit for row in GROUP.leaders(count)] == first
    assert [row.unit for row in GROUP.laggards(count)] == last


@pytest.mark.parametrize(
    ("ranks", "first", "last"),
    [
        ([1], "", ""),  # alone nobody is ahead, or behind
        ([1, 2], "a", "b"),
        ([1, 1], "", ""),
        ([1, 2, 3], "a", "c"),
        ([1, 1, 1, 1], "", ""),
        ([1, 2, 2, 4], "abc", "d"),
        ([1, 2, 3, 4, 5, 6], "abc", "def"),
    ],
)
def test_half_of_a_group_at_most_is_ahead_and_half_lags(ranks: list[int], first: str, last: str) -> None:
    group = rules.Group("g", "组", tuple(rules.Row(name, "1", rank) for name, rank in zip("abcdef", ranks, strict=False)))
    assert "".join(row.unit for row in group.leaders(3)) == first
    assert "".join(row.unit for row in group.laggards(3)) == last


def test_equals_at_the_border_are_not_named_among_the_last() -> None:
    group = rules.Group("g", "组", tuple(rules.Row(name, "1", rank) for name, rank in (("甲", 1), ("乙", 2), ("丙", 2))))
    assert group.laggards(1) == ()
    assert group.laggards(2) == ()


def test_totals_of_a_group_show_as_many_digits_as_the_longest_has() -> None:
    assert rules.alike([Decimal("96.5"), None, Decimal("90"), Decimal("88.25")]) == ["96.50", None, "90.00", "88.25"]
    assert rules.alike([Decimal("100"), Decimal("90.00000000")]) == ["100", "90"]
    assert rules.alike([Decimal("66.66666667")]) == ["66.6667"]


@pytest.mark.parametrize(
    ("begin", "end", "words", "percent"),
    [
        ((2026, 1, 1), (2026, 10, 31), "2026年1—10月", "83.3"),
        ((2026, 10, 1), (2026, 10, 31), "2026年10月", "83.3"),
        ((2025, 7, 1), (2026, 6, 30), "2025年7月—2026年6月", "49.6"),
        ((2026, 1, 1), (2026, 12, 31), "2026年1—12月", "100.0"),
    ],
)
def test_the_period_stands_in_words(begin: tuple[int, int, int], end: tuple[int, int, int], words: str, percent: str) -> None:
    facts = replace(FACTS, from_on=dt.date(*begin), to_on=dt.date(*end))
    assert (facts.period, str(facts.time_percent)) == (words, percent)


def test_a_text_needs_its_head_and_one_place_for_its_number() -> None:
    text = made()
    assert rules.refusals_of_text(text.replace("标志:", "标:")) == (BulletinRefusal.HEAD_MISSING,)
    assert rules.refusals_of_text(text.replace("№", "11")) == (BulletinRefusal.NUMBER_SIGN_MISSING,)
    assert rules.refusals_of_text(text.replace("№", "№№")) == (BulletinRefusal.NUMBER_SIGN_MISSING,)
    assert rules.refusals_of_text("字" * (rules.MOST_TEXT + 1)) == (BulletinRefusal.TOO_LONG,)
    assert rules.numbered("招通〔2026〕№号", 11) == "招通〔2026〕11号"
    assert rules.numbered("招通〔2026〕№号", None) == "招通〔2026〕  号"


@pytest.mark.parametrize("words", ["招通〔2026〕№号", "招通[2026]№号", "招通（2026）№号"])
def test_what_is_signed_in_a_new_year_has_its_first_number_and_no_second_one_of_the_old(words: str) -> None:
    assert rules.numbered(words, 1, 2027) == "招通〔2027〕1号"
    assert rules.numbered(words, None, None) == words.replace("№", "  ")


def test_who_wrote_it_does_not_sign_it_and_other_figures_need_a_reason() -> None:
    draft = Standing(BulletinState.DRAFT, frozenset({1, 2}))
    text = made()
    assert rules.refusals_to_sign(draft, actor_id=3, text=text, marks=0, reason="") == ()
    assert rules.refusals_to_sign(draft, actor_id=2, text=text, marks=0, reason="") == (BulletinRefusal.SAME_PERSON,)
    assert rules.refusals_to_sign(draft, actor_id=3, text=text, marks=1, reason=" ") == (BulletinRefusal.FIGURES_UNLIKE,)
    assert rules.refusals_to_sign(draft, actor_id=3, text=text, marks=1, reason="口径调整") == ()
    replaced = replace(draft, is_run_replaced=True)
    assert rules.refusals_to_sign(replaced, actor_id=3, text=text, marks=0, reason="") == (BulletinRefusal.RUN_REPLACED,)
    wrong = replace(draft, is_run_wrong=True)
    assert rules.refusals_to_sign(wrong, actor_id=3, text=text, marks=0, reason="") == (BulletinRefusal.RUN_WRONG,)
    signed = replace(draft, state=BulletinState.SIGNED)
    assert rules.refusals_to_sign(signed, actor_id=3, text=text, marks=0, reason="") == (BulletinRefusal.WRONG_STATE,)
    assert rules.refusals_to_edit(signed, text) == (BulletinRefusal.WRONG_STATE,)
    assert rules.refusals_to_archive(signed) == (BulletinRefusal.FILES_NOT_READY,)
    assert rules.refusals_to_archive(replace(signed, are_files_ready=True)) == ()
    assert rules.refusals_to_archive(replace(draft, are_files_ready=True)) == (BulletinRefusal.WRONG_STATE,)
    assert rules.refusals_to_drop(draft, "") == (BulletinRefusal.REASON_MISSING,)
    assert rules.refusals_to_drop(draft, "重拟") == ()
    assert rules.refusals_to_draft(is_run_approved=False, is_run_replaced=False) == (BulletinRefusal.RUN_NOT_APPROVED,)
