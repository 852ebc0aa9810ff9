"""Firm names: one key for one name, branches told from parents, trade names taken out."""

from __future__ import annotations

import datetime as dt
import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine import names
from wutong.engine.names import BranchName


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("西山煤电（集团）有限责任公司", "西山煤电(集团)有限公司"),
        ("ＡＢＣ电子有限公司", "abc电子有限公司"),
        ("新乡 北方 机械厂", "新乡北方机械厂"),
        ("东方·红商贸有限公司", "东方红商贸有限公司"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


def test_a_company_limited_by_shares_is_not_a_limited_company() -> None:
    assert names.key("新乡北方机械股份有限公司") != names.key("新乡北方机械有限公司")


# Only characters that Python's table of Unicode knows: the column's table is newer, and folds some that Python has no name for yet.
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=20), max_size=8))
def test_the_column_agrees_with_the_single_name(texts: list[str]) -> None:
    normalised = names.normalise_column(pl.Series("name", texts, dtype=pl.String))
    assert normalised.to_list() == [names.normalise(text) for text in texts]
    assert names.key_column(normalised).to_list() == [names.key(text) for text in texts]


@pytest.mark.parametrize(
    ("name", "parent", "suffix"),
    [
        ("新乡北方机械有限公司郑州分公司", "新乡北方机械有限公司", "郑州分公司"),
        ("新乡北方机械厂第二分厂", "新乡北方机械厂", "第二分厂"),
        ("上海东风集团公司驻西安办事处", "上海东风集团公司", "驻西安办事处"),
        ("定西市粮油有限责任公司第三门市部", "定西市粮油有限责任公司", "第三门市部"),
    ],
)
def test_a_branch_bears_its_parents_full_name(name: str, parent: str, suffix: str) -> None:
    assert names.branch_of(name) == BranchName(parent, suffix)


@pytest.mark.parametrize("name", ["新乡北方机械有限公司", "新乡北方机械厂", "分公司", "", "郑州市办事处"])
def test_a_firm_of_its_own_is_no_branch(name: str) -> None:
    assert names.branch_of(name) is None


def test_parents_are_found_by_the_longest_name_and_groups_by_the_head() -> None:
    registry = pl.Series(
        "name",
        [
            "北方集团公司",  # 0 head
            "北方集团公司新乡机械厂",  # 1 child of 0
            "北方集团公司新乡机械厂第一门市部",  # 2 child of 1, not of 0
            "北方集团公司贸易公司",  # 3 child of 0, a firm of its own
            "南方机械有限公司",  # 4 alone
            "南方机械有限公司分公司",  # 5 child of 4
            "外地银行股份有限公司新乡支行",  # 6 its parent is not here
            "外地银行股份有限公司获嘉支行",  # 7 nor is this one's: same group as 6
        ],
    )
    ages = pl.Series("registered_on", [dt.date(1990, 1, day) for day in range(1, 9)])
    kin = names.kin(registry, names.key_column(names.normalise_column(registry)), ages)
    assert kin.parent.tolist() == [-1, 0, 1, 0, -1, 4, -1, -1]
    assert kin.root.tolist() == [0, 0, 0, 0, 4, 4, 6, 6]
    assert kin.is_branch.tolist() == [False, True, True, False, False, True, True, True]


def test_the_oldest_of_two_firms_with_one_name_is_the_parent() -> None:
    registry = pl.Series("name", ["南方机械有限公司", "南方机械有限公司", "南方机械有限公司新乡分公司"])
    ages = pl.Series("registered_on", [dt.date(1999, 1, 1), dt.date(1980, 1, 1), dt.date(2000, 1, 1)])
    assert names.kin(registry, registry, ages).parent.tolist() == [-1, -1, 1]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("河南省新乡市太行机械制造有限公司", "太行"),
        ("太行机械制造有限公司郑州分公司", "太行"),
        ("长沙星城食品有限责任公司", "星城"),
    ],
)
def test_the_trade_name_is_what_stays_without_region_trade_and_form(name: str, core: str) -> None:
    assert names.core(name, ("新乡市", "长沙市")) == core


def test_a_name_is_normal_after_one_reading_even_where_a_blank_kept_letters_apart() -> None:
    once = names.normalise("R\ue000\u0327公司")
    assert once == names.normalise(once) == names.normalise_column(pl.Series(["R\ue000\u0327公司"]))[0]


@pytest.mark.parametrize("text", ["(" * 50_000, "厂" * 50_000 + "分公司", "有限公司" * 12_000 + "经营部", "【（〔" * 16_000])
def test_a_name_as_long_as_a_book_is_read_in_no_time(text: str) -> None:
    registry = pl.Series("name", [names.normalise(text)])
    began = time.perf_counter()
    names.core(text)
    names.branch_of(text)
    kin = names.kin(registry, names.key_column(registry), pl.Series([None], dtype=pl.Date))
    assert time.perf_counter() - began < 1.0
    assert kin.parent.tolist() == [-1]


@pytest.mark.parametrize(("size", "is_read"), [(200, True), (201, False)])
def test_a_parent_is_looked_for_in_names_of_up_to_200_characters(size: int, is_read: bool) -> None:
    parent = "甲" * (size - 10) + "有限公司"
    assert len(parent + "获嘉县分公司") == size
    registry = pl.Series("name", [parent, parent + "获嘉县分公司"])
    kin = names.kin(registry, names.key_column(registry), pl.Series([dt.date(1990, 1, 1)] * 2))
    assert (names.branch_of(registry[1]) is not None) is is_read
    assert kin.parent.tolist() == [-1, 0 if is_read else -1]


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers_of_names(text: str) -> None:
    names.branch_of(text)
    names.core(text)
    assert names.key(names.normalise(text)) == names.key(text)


@pytest.mark.parametrize(
    ("name", "core"), [("梧阳棠岩新能源有限公司", "棠岩"), ("凤栖棠岩矿业有限公司", "棠岩"), ("澜海市双穗智能装备股份有限公司", "双穗")]
)
def test_a_trade_of_several_words_is_taken_off_whole(name: str, core: str) -> None:
    assert names.core(name, ("梧阳市", "凤栖市", "澜海市")) == core
