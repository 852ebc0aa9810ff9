"""Codes of answers in words: every code has both languages, and a rule's sentence holds the numbers that decided it."""

from __future__ import annotations

import pytest

from wutong.engine import answers, chains, plain_text, scoring, targets, wording
from wutong.engine.answers import Reason
from wutong.engine.chains import Facts, GapVerdict

NUMBERS = {
    "quotient_strong": 1.2,
    "makers_strong": 5.0,
    "capital_strong_wan": 5000.0,
    "capital_known_share": 0.5,
    "expected_makers": 1.0,
    "build_below_segments": 5.0,
    "radius_km": 150.0,
}


def ruling(**facts: object) -> chains.Ruling:
    given = {
        "local_makers": 0,
        "quotient": 0.0,
        "capital_yuan": None,
        "capital_known_share": None,
        "expected_makers": 3.0,
        "segments_present": 9,
        "upstream_present": (),
        "downstream_present": (),
    }
    return chains.decide(Facts(**{**given, **facts}), NUMBERS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "zh", "en", "brief"),
    [
        ({"expected_makers": 0.25}, "只应有 0.25 家（界线 1）", "only 0.25 expected", "应有0.25<1"),
        ({"segments_present": 2}, "只有 2 个环节有企业（少于 5 个）", "only 2 segments", "环节2<5"),
        ({"upstream_present": ("a",), "downstream_present": ("b", "c")}, "上游 1 个、下游 2 个", "1 upstream and 2 down", "有上游1、下游2"),
        ({"downstream_present": ("b",)}, "上游 0 个，下游 1 个；全链 9 个", "stands in 9 segments", "有上游0、下游1"),
        ({"local_makers": 2, "quotient": 2.0}, "企业数2低于5", "makers 2 is below 5", "家数2<5"),
        ({"local_makers": 2, "quotient": None}, "区位商?低于1.2", "location quotient ? is below 1.2", "区位商?<1.2、家数2<5"),
        ({"local_makers": 7, "quotient": 2.0}, "区位商2达到1.2、企业数7达到5", "makers 7 reaches 5", "各项达标"),
    ],
)
def test_a_rule_is_said_with_the_numbers_that_decided_it(facts: dict[str, object], zh: str, en: str, brief: str) -> None:
    decided = ruling(**facts)
    told_zh, told_en = wording.of_rule(decided)
    assert zh in told_zh
    assert en in told_en
    assert wording.in_brief(decided)[0] == brief


def test_every_code_has_words() -> None:
    assert set(wording.VERDICTS) == set(GapVerdict)
    assert set(wording.EXCLUSIONS) == set(targets.Exclusion)
    assert set(scoring.FACTORS) < set(wording.FACTORS)
    assert all(zh and en for words in (wording.FACTORS, wording.UNITS, wording.INPUTS) for zh, en in words.values())


@pytest.mark.parametrize(
    ("reason", "said", "beside"),
    [
        (Reason("capital", 2_500_000.0, "yuan", 9.5, "firms", params={"is_of_head_office": True}), "250 万元", "总部的注册资本"),
        (Reason("age", 7.5, "years", 1.0, "firms"), "7.5 年", ""),
        (Reason("proof", "scope", "proof", 9.0, "firms", params={"clause": "木制玩具制造"}), "经营范围", "木制玩具制造"),
        (Reason("suppliers", None, "makers", None, "placements"), "?", ""),
        (Reason("kin_here", 2, "firms", 6.0, "firms", params={"names": ("甲厂", "乙厂")}), "2 家", "甲厂、乙厂"),
        (Reason("unknown", 0.02, "share", 0.4, "rulebook", params={"factors": ("age",)}), "2% 权重", "年数"),
        (Reason("offices_near", 1, "cities", 1.0, "firms", params={"radius_km": 150.0}), "1 个城市", "150 公里以内"),
        (Reason("momentum", 0, "cities", 0.0, "firms", params={"years": 2.0}), "0 个城市", "近 2 年"),
    ],
)
def test_a_reason_is_said_with_its_unit_and_what_stands_beside_it(reason: answers.Reason, said: str, beside: str) -> None:
    assert (wording.of_input(reason)[0], wording.of_params(reason)[0]) == (said, beside)


def test_a_table_fits_the_terminal_and_keeps_what_must_be_copied() -> None:
    rows = [("electric-vehicles-and-more", "新能源汽车与底盘制造企业", "1,234"), ("packs", "电池组", "5")]
    lines = plain_text.table(("id", "名称", "n"), rows, within=50, uncut=(0,), under=["甲" * 60, ""]).splitlines()
    assert all(plain_text.width(line) <= 50 for line in lines)
    assert lines[1].startswith("electric-vehicles-and-more")
    assert lines[1].endswith("…  1,234")
    assert lines[2].startswith("    甲") and lines[2].endswith("…")
    assert len(lines) == 4
