"""Short, former and full names and codes find their firm, each with a confidence; who is not there is not found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine import name_index, name_likeness, names
from wutong.engine.further_names import FurtherNames
from wutong.engine.name_index import Asked, By, Candidate, NameIndex, Numbers
from wutong.engine.name_likeness import Regions
from wutong.rulebook import load

ON = dt.date(2026, 1, 1)
NUMBERS = Numbers.on(load.rulebook(), ON)
DECIDED = load.rulebook().number("names.decided_from_share", ON)
REGIONS = Regions.of(["新乡市", "获嘉县", "河南省", "白榆市", "广东省", "梧桐市"])
LISTED = Path(__file__).resolve().parents[3] / "shared/data/listed/companies.csv"
FIRMS = [
    "新乡市太行重型机械股份有限公司",  # 0
    "新乡市太行重型机械股份有限公司获嘉分公司",  # 1
    "白榆市棠岩电缆集团有限公司",  # 2
    "广东星垣电力股份有限公司",  # 3
    "河南双穗薯业有限公司",  # 4
    "梧桐市双穗面粉有限公司",  # 5
    "青岭液压件厂",  # 6
    "青岭液压件厂",  # 7
    "河南太行旅游有限公司",  # 8
    *(f"新乡市{word}商贸有限公司" for word in "甲乙丙丁戊己庚辛壬癸"),
    *(f"河南{one}{two}机械有限公司" for one in "东南西北" for two in "华盛兴达"),
]
CODES = [None] * len(FIRMS)


def index_of(firms: list[str], codes: list[str | None] | None = None) -> NameIndex:
    keys = names.key_column(names.normalise_column(pl.Series("name", firms, dtype=pl.String)))
    given_codes = pl.Series("uscc", codes or [None] * len(firms), dtype=pl.String)
    return NameIndex.over(keys, given_codes, np.arange(len(firms), dtype=np.int32), REGIONS)


INDEX = index_of(FIRMS)


def first(text: str, index: NameIndex = INDEX, **more: str) -> Candidate:
    return index.look_up(Asked((text,), **more), NUMBERS)[0]


@pytest.mark.parametrize(
    ("short", "row"),
    [
        ("太行重机", 0),
        ("太行重型", 0),
        ("太行股份", 0),
        ("ST太行重", 0),
        ("*ST太重机", 0),
        ("棠岩电缆", 2),
        ("棠岩集团", 2),
        ("粤星垣A", 3),
        ("双穗薯业", 4),
    ],
)
def test_a_short_name_picks_characters_of_the_full_one_in_order(short: str, row: int) -> None:
    assert first(short).row == row
    assert first(short).by is By.LIKENESS


def test_a_full_name_written_otherwise_is_the_same_name() -> None:
    assert first("新乡市太行重型机械股份有限责任公司") == Candidate(0, 0.99, By.NAME, "新乡市太行重型机械股份有限责任公司")


def test_firms_of_one_name_share_the_confidence_so_that_a_person_decides() -> None:
    found = INDEX.look_up(Asked(("青岭液压件厂",)), NUMBERS)
    assert [(item.row, item.confidence_share) for item in found] == [(6, 0.495), (7, 0.495)]
    assert found[0].confidence_share < DECIDED


def test_a_name_without_its_region_is_found_but_not_that_of_a_branch() -> None:
    found = first("太行重型机械股份有限公司")
    assert (found.row, found.by, found.confidence_share) == (0, By.REGION_LEFT_OUT, 0.95)


def test_a_full_name_that_nobody_bears_is_never_decided_alone() -> None:
    found = first("新乡市太行重型装备股份有限公司")
    assert found.row == 0
    assert found.confidence_share <= NUMBERS.inexact_at_most_share < DECIDED


def test_a_code_outweighs_names_unless_the_name_is_plainly_anothers() -> None:
    index = index_of(FIRMS, ["91990000000000001X", *CODES[1:]])
    assert first("太行重机", index, uscc="91990000000000001x").by is By.CODE
    assert first("太行重机", index, uscc="91990000000000001x").confidence_share == NUMBERS.exact_share
    assert first("棠岩电缆", index, uscc="91990000000000001x").confidence_share == NUMBERS.inexact_at_most_share
    assert first("棠岩电缆", index, uscc="919900000000000028").row == 2  # a code that nobody bears: the name counts


def test_a_former_name_counts_a_little_less_than_the_present_one() -> None:
    found = INDEX.look_up(Asked(("从未有过的公司", "广东星垣电力股份有限公司")), NUMBERS)
    assert (found[0].row, found[0].given) == (3, "广东星垣电力股份有限公司")
    assert found[0].confidence_share == pytest.approx(0.99 * NUMBERS.other_name_share)


def test_the_form_that_a_list_implies_speaks_for_a_firm_of_that_form() -> None:
    plain, told = first("太行重机"), first("太行重机", form="股份有限公司")
    assert told.confidence_share > plain.confidence_share


@pytest.mark.parametrize("text", ["", "  ", "ZZZ", "龘", "公司" * 100])
def test_a_name_that_fits_nobody_finds_nobody(text: str) -> None:
    assert INDEX.look_up(Asked((text,)), NUMBERS) == ()


def test_two_names_that_fit_alike_are_both_shown_and_neither_is_decided() -> None:
    found = INDEX.look_up(Asked(("双穗",)), NUMBERS)
    assert {item.row for item in found[:2]} == {4, 5}
    assert found[0].confidence_share < DECIDED


@given(st.text(max_size=30))
def test_no_text_breaks_the_index_and_no_confidence_is_above_one(text: str) -> None:
    found = INDEX.look_up(Asked((text,)), NUMBERS)
    assert all(0 <= item.confidence_share <= 1 for item in found)
    assert [item.confidence_share for item in found] == sorted((item.confidence_share for item in found), reverse=True)


@pytest.mark.parametrize(
    ("given", "key", "places"),
    [("太重", "新乡太行重型", [2, 4]), ("重太", "太行重型", [2, -1]), ("甲甲", "甲", [0, -1]), ("行重", "行业太行重", [3, 4])],
)
def test_characters_are_aligned_in_order_neighbours_first(given: str, key: str, places: list[int]) -> None:
    assert name_likeness.aligned(given, key, [1.0] * len(given)) == places


def test_the_region_in_front_is_left_out_but_never_the_whole_name() -> None:
    assert [REGIONS.length_in(text) for text in ("河南省新乡市太行机械", "新乡太行", "太行新乡", "新乡市")] == [6, 2, 0, 0]


@pytest.mark.parametrize(
    ("text", "core", "is_full"),
    [
        ("*ST太行", "太行", False),
        ("太行Ａ", "太行", False),
        ("太行股份", "太行", False),
        ("太行集团", "太行", False),
        ("新乡市太行机械股份有限公司", "新乡市太行机械", True),
        ("SOHO中国", "SOHO中国", False),
    ],
)
def test_marks_of_an_exchange_are_no_part_of_a_name(text: str, core: str, is_full: bool) -> None:
    found = name_likeness.short(text)
    assert (found.core, found.is_full) == (core, is_full)


def test_listed_companies_are_found_by_their_short_names() -> None:
    if not LISTED.exists():
        pytest.skip(f"needs ../shared/data: {LISTED.name}")
    rows = pl.read_csv(LISTED, columns=["short_name", "name"], schema_overrides={"short_name": pl.String, "name": pl.String}).rows()
    index = index_of(list(dict.fromkeys(full for _, full in rows)))
    held_out = rows[1::2]
    answers = index.match((Asked((short,)) for short, _ in held_out), NUMBERS)
    hits = [bool(found) and index.keys[found[0].row] == names.key(full) for found, (_, full) in zip(answers, held_out, strict=True)]
    sure = [hit for hit, found in zip(hits, answers, strict=True) if found and found[0].confidence_share >= DECIDED]
    assert sum(hits) / len(hits) > 0.95
    assert sum(sure) / len(sure) > 0.99


def test_a_build_makes_its_index_once(tmp_path: Path) -> None:
    import fictional
    from wutong.engine.warehouse import Warehouse

    warehouse = Warehouse.open(fictional.made())
    index = name_index.of(warehouse)
    assert name_index.of(warehouse) is index
    assert index.look_up(Asked(("白榆重液",)), NUMBERS)[0].row == index.exact(names.key(fictional.TARGET))[0]
    warehouse.close()


def called(*rows: tuple[str, int]) -> FurtherNames:
    return FurtherNames(dict.fromkeys([names.key(name) for name, _ in rows], ()), {names.key(name): (row,) for name, row in rows})


def test_a_name_that_the_office_noted_finds_its_firm() -> None:
    assert all(found.confidence_share < DECIDED for found in INDEX.look_up(Asked(("飞燕动力",)), NUMBERS))
    (found,) = INDEX.look_up(Asked(("飞燕动力",)), NUMBERS, noted=called(("飞燕动力", 3)))
    assert (found.row, found.by, found.confidence_share) == (3, By.NOTED, NUMBERS.exact_share)


def test_a_noted_name_that_another_firm_is_registered_under_is_left_to_a_person() -> None:
    found = INDEX.look_up(Asked((FIRMS[4],)), NUMBERS, noted=called((FIRMS[4], 3)))
    assert {one.row for one in found} == {3, 4}
    assert all(one.confidence_share < DECIDED for one in found)


def test_a_noted_name_of_the_firm_itself_takes_nothing_from_its_certainty() -> None:
    (found,) = INDEX.look_up(Asked((FIRMS[4],)), NUMBERS, noted=called((FIRMS[4], 4)))
    assert (found.by, found.confidence_share) == (By.NAME, NUMBERS.exact_share)


def test_a_frequent_character_is_found_by_bits_as_by_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [Asked((short,)) for short in ("太行重机", "双穗面粉", "东华机械", "青岭液压件厂", "星垣电力")]
    by_lists, by_bits = index_of(FIRMS), index_of(FIRMS)
    monkeypatch.setattr(name_index, "BITS_FROM", 0)
    lists = by_lists.match(asked, NUMBERS)
    monkeypatch.setattr(name_index, "BITS_FROM", 10**9)
    assert by_bits.match(asked, NUMBERS) == lists
    assert by_bits._bits and not by_lists._bits


def test_a_code_is_found_wherever_it_stands() -> None:
    held = [None, "91410700000000002B", "91410700000000001A", *[None] * (len(FIRMS) - 4), "91410700000000001A"]
    for code, rows in (("91410700000000001A", {2, len(FIRMS) - 1}), ("9141-0700 000000002b", {1}), ("91410700000000003C", set())):
        assert {one.row for one in index_of(FIRMS, held).look_up(Asked(uscc=code), NUMBERS, top=99)} == rows
