"""Names as people type them: parts, pinyin, initials, sound-alikes, slips; and what of a name is marked."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from wutong.engine import name_search
from wutong.engine.name_search import By, Names

NAMES = (
    "青桐市平菲液压有限公司", "青桐市招商局", "重庆长安电池清单", "电池隔膜目标企业清单", "白榆银行", "Power battery", "吕梁行知学校",
    "液压缸",
)  # fmt: skip


def found(question: str) -> list[tuple[str, By, str]]:
    """Name, way and what is marked, best first."""
    among = Names.over([(at, (name,)) for at, name in enumerate(NAMES)])
    page = name_search.find(question, among).page(0, 9)
    return [(one.name, one.by, "|".join(one.name[a:b] for a, b in one.spans)) for one in page]


@pytest.mark.parametrize(
    ("question", "name", "by", "mark"),
    [
        ("液压缸", "液压缸", By.WHOLE, "液压缸"),
        ("青桐市平", "青桐市平菲液压有限公司", By.FRONT, "青桐市平"),
        ("菲", "青桐市平菲液压有限公司", By.PART, "菲"),
        ("青桐平菲", "青桐市平菲液压有限公司", By.SHORT, "青桐|平菲"),
        ("青桐 招商", "青桐市招商局", By.PART, "青桐|招商"),
        ("pingfei", "青桐市平菲液压有限公司", By.PINYIN, "平菲"),
        ("PingF", "青桐市平菲液压有限公司", By.PINYIN, "平菲"),
        ("chongqing", "重庆长安电池清单", By.PINYIN, "重庆"),
        ("yinhang", "白榆银行", By.PINYIN, "银行"),
        ("xingzhi", "吕梁行知学校", By.PINYIN, "行知"),
        ("lvliang", "吕梁行知学校", By.PINYIN, "吕梁"),
        ("luliang", "吕梁行知学校", By.PINYIN, "吕梁"),
        ("zsj", "青桐市招商局", By.INITIALS, "招商局"),
        ("dcgm", "电池隔膜目标企业清单", By.INITIALS, "电池隔膜"),
        ("qtspingfei", "青桐市平菲液压有限公司", By.INITIALS, "青桐市平菲"),
        ("平飞液压", "青桐市平菲液压有限公司", By.SOUND, "平菲液压"),
        ("目标企页清单", "电池隔膜目标企业清单", By.SOUND, "目标企业清单"),
        ("batery", "Power battery", By.LIKENESS, "batter"),
        ("(BATTERY)", "Power battery", By.PART, "battery"),
    ],
)
def test_a_name_is_found_and_what_fits_is_marked(question: str, name: str, by: By, mark: str) -> None:
    first = found(question)[0]
    assert first[:2] == (name, by)
    assert mark in first[2]


@pytest.mark.parametrize("question", ["", "  ", "。。", "缸体", "xyzzy", "qtzz", "无此清单名称", "\U00020000\U00020001"])
def test_what_is_not_there_is_not_found(question: str) -> None:
    assert found(question) == []


def test_the_surer_way_comes_first_then_the_shorter_name() -> None:
    assert [row[0] for row in found("液压")] == ["液压缸", "青桐市平菲液压有限公司"]
    among = Names.over([("b", ("甲乙丙",)), ("a", ("乙甲",)), ("c", ("甲乙",))])
    assert name_search.find("甲乙", among).keys() == ["c", "b"]


def test_likeness_is_asked_only_where_nothing_else_fits() -> None:
    among = Names.over([(1, ("铝合金门窗",)), (2, ("铝合金门框",))])
    assert name_search.find("铝合金门窗", among).keys() == [1]
    assert name_search.find("铝合金大窗", among).keys() == [1]


def test_a_record_is_found_once_by_the_best_of_its_names() -> None:
    among = Names.over([(1, ("白榆油缸有限公司", "油缸厂")), (2, ("", "白榆"))])
    fitting = name_search.find("油缸", among)
    assert (len(fitting), fitting.page(0, 9)[0].name) == (1, "油缸厂")
    among = Names.over([("other", ("原油", "液氧")), ("own", ("液压油缸制造",))])
    assert name_search.find("液", among).keys() == ["own", "other"]
    assert name_search.find("油缸", Names.over([])).page(0, 9) == []


def test_no_run_of_characters_crosses_from_one_name_to_the_next() -> None:
    assert name_search.find("乙丙", Names.over([(1, ("甲乙",)), (2, ("丙丁",))])).keys() == []
    assert name_search.find("yibing", Names.over([(1, ("甲乙",)), (2, ("丙丁",))])).keys() == []
    marks = np.frombuffer("甲乙丙丁".encode("utf-16-le"), dtype=np.uint16)
    sounding = name_search.sounding("yibing", marks, np.array([0, 2, 4]))
    assert sounding is not None and sounding.tolist() == []
    assert name_search.sounding("b2", marks, np.array([0, 2, 4])) is None


def test_only_names_that_share_characters_are_compared_and_nothing_is_missed() -> None:
    chance = random.Random(7)
    marks = "液压缸电池隔膜清单目标企业"
    names = ["".join(chance.choices(marks, k=chance.randrange(1, 9))) for _ in range(400)]
    among = Names.over([(at, (name,)) for at, name in enumerate(names)])
    for question in ("".join(chance.choices(marks, k=size)) for size in (3, 3, 4, 5, 6, 8)):
        scores = {name: fuzz.partial_ratio(question, name) for name in names if len(name) >= max(len(question) - 1, 2)}
        best = max(scores.values())
        expected = {name for name, score in scores.items() if score >= max(name_search.LEAST_LIKENESS, best - name_search.NEARLY_AS_LIKE)}
        how = name_search._alike(name_search.words(question), among, np.ones(len(names), dtype=np.bool_))
        assert {names[at] for at in np.flatnonzero(how < name_search._NOT)} == expected


@pytest.mark.parametrize("question", ["液压", "青桐", "yinhang", "dcgm", "batery", "目标企页清单", "平飞液压"])
def test_names_joined_of_pieces_are_searched_as_if_read_at_once(question: str) -> None:
    rows = [(at, (name, f"简称{at}")) for at, name in enumerate(NAMES)]
    whole, pieces = Names.over(rows), Names.joined([Names.over(rows[:3]), Names.over([]), Names.over(rows[3:4]), Names.over(rows[4:])])
    assert name_search.find(question, pieces).page(0, 9) == name_search.find(question, whole).page(0, 9)
    assert pieces.called == whole.called and Names.joined([]).called == ()


@pytest.mark.parametrize("question", ["液压", "青桐", "yinhang", "dcgm", "batery", "目标企页清单", "平飞液压", "招商居", "青桐 局"])
@pytest.mark.parametrize("hidden", [{0}, {1, 3}, {0, 7}, set(range(len(NAMES)))])
def test_what_may_not_be_found_is_as_if_it_were_not(question: str, hidden: set[int]) -> None:
    rows = [(at, (name,)) for at, name in enumerate(NAMES)]
    seen = np.array([at not in hidden for at in range(len(NAMES))])
    alone = Names.over([row for row in rows if row[0] not in hidden])
    assert name_search.find(question, Names.over(rows), seen).page(0, 9) == name_search.find(question, alone).page(0, 9)


@given(st.text(max_size=12))
@example("青桐Ａ９")
@example("ﬁ液压")
@example("\U00020000")
@example("ΑΣ")
@example("e\u0301")
def test_a_plain_name_is_folded_as_any_other(text: str) -> None:
    kept = [(at, plain) for at, mark in enumerate(text) for plain in unicodedata.normalize("NFKC", mark).lower() if plain.isalnum()]
    folded = "".join(plain if ord(plain) < 0x10000 else "\ufffd" for _, plain in kept)
    assert name_search.folded(text) == (folded, tuple(at for at, _ in kept))
