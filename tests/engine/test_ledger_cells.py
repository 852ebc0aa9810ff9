"""Cells of old ledgers: understood as they are meant, or refused with the one reason; nothing is guessed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from wutong.engine import ledger_cells
from wutong.engine.ledger_cells import MU_UNITS, PERSONS, SQM_UNITS, TCE, Amount, Day
from wutong.engine.list_files import Unlike, Wanted


@pytest.mark.parametrize(
    ("text", "header", "yuan"),
    [
        ("1.2亿", "", 120_000_000), ("1.2 亿元", "", 120_000_000), ("12000万元", "", 120_000_000), ("12,000万", "", 120_000_000),
        ("12，000万元", "", 120_000_000), ("1亿2000万元", "", 120_000_000), ("3千万元", "", 30_000_000), ("5000000元", "", 5_000_000),
        ("人民币800万元", "", 8_000_000), ("12000", "总投资（万元）", 120_000_000), ("1.2", "总投资（亿元）", 120_000_000),
        ("12000", "总投资·单位:万元", 120_000_000), ("1.2亿", "总投资（万元）", 120_000_000),
        ("12000", "amount (10,000 yuan)", 120_000_000),
        ("350", "总投资（百万元）", 350_000_000),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_its_own_unit_before_that_of_its_header(text: str, header: str, yuan: int) -> None:
    assert ledger_cells.amount(text, header).yuan == yuan


def test_the_unit_above_the_table_counts_where_the_header_names_none() -> None:
    assert ledger_cells.amount("12000", "总投资", "单位：万元").yuan == 120_000_000
    assert ledger_cells.amount("12", "总投资（亿元）", "单位：万元").yuan == 1_200_000_000
    with pytest.raises(Unlike) as caught:
        ledger_cells.amount("12", "总投资", "单位：万元、亿元")
    assert caught.value.expected == Wanted.AMOUNT_UNIT


def test_of_an_amount_that_says_so_in_brackets_a_part_are_fixed_assets() -> None:
    assert ledger_cells.amount("3.5亿元（其中固定资产2亿）") == Amount(Decimal(350_000_000), Decimal(200_000_000))
    assert ledger_cells.amount("3.5亿元(其中：固定资产投资20000万元)") == Amount(Decimal(350_000_000), Decimal(200_000_000))


@pytest.mark.parametrize(
    ("text", "header", "wanted"),
    [
        ("5-8亿", "", Wanted.NO_RANGE), ("5~8亿元", "", Wanted.NO_RANGE), ("5亿至8亿", "", Wanted.NO_RANGE), ("5—8亿", "", Wanted.NO_RANGE),
        ("约3亿", "", Wanted.EXACT), ("3亿元以上", "", Wanted.EXACT), ("3亿多元", "", Wanted.EXACT), ("3亿元左右", "", Wanted.EXACT),
        ("3亿/5亿", "", Wanted.ONE_NUMBER), ("3亿、5亿", "", Wanted.ONE_NUMBER), ("5000万美元", "", Wanted.AMOUNT_YUAN),
        ("5000", "总投资（万美元）", Wanted.AMOUNT_YUAN), ("12000", "总投资", Wanted.AMOUNT_UNIT),
        ("3亿（含流动资金）", "", Wanted.AMOUNT_ALONE),
        ("2亿元（其中固定资产3亿元）", "", Wanted.AMOUNT_PART), ("0", "万元", Wanted.AMOUNT),
        ("-5", "万元", Wanted.AMOUNT), ("面议", "", Wanted.AMOUNT),
        ("1亿2000", "", Wanted.AMOUNT), ("", "万元", Wanted.AMOUNT), ("3.5亿元（其中固定资产2）", "", Wanted.AMOUNT_UNIT),
    ],
)  # fmt: skip
def test_what_is_no_one_amount_is_refused_for_its_reason(text: str, header: str, wanted: Wanted) -> None:
    with pytest.raises(Unlike) as caught:
        ledger_cells.amount(text, header)
    assert caught.value.expected == wanted


def test_areas_people_and_energy_are_read_with_their_units() -> None:
    assert ledger_cells.number("200亩", MU_UNITS) == 200 and ledger_cells.number("13.3公顷", MU_UNITS) == Decimal("199.50")
    assert ledger_cells.number("2万㎡", SQM_UNITS) == 20_000 and ledger_cells.number("20000平方米", MU_UNITS) == 30
    assert ledger_cells.number("120.5", MU_UNITS, "用地（亩）") == Decimal("120.5") and ledger_cells.number("300", PERSONS) == 300
    assert ledger_cells.number("1.2万吨标准煤", TCE) == 12_000
    for text, units, header in (
        ("200", MU_UNITS, "用地面积"),
        ("50亩/3公顷", MU_UNITS, ""),
        ("约200亩", MU_UNITS, ""),
        ("两百亩", MU_UNITS, ""),
    ):
        with pytest.raises(Unlike):
            ledger_cells.number(text, units, header)


@pytest.mark.parametrize(
    ("text", "day", "is_rounded"),
    [
        ("2024-03-15", "2024-03-15", False), ("2024/3/5", "2024-03-05", False), ("2024年3月15日", "2024-03-15", False),
        ("2024.3.15", "2024-03-15", False), ("20240315", "2024-03-15", False), ("45366", "2024-03-15", False),
        ("2024.3", "2024-03-31", True), ("2024.02", "2024-02-29", True), ("2024-3", "2024-03-31", True), ("2024年3月", "2024-03-31", True),
        ("2024年3月底", "2024-03-31", True), ("2024年3月份", "2024-03-31", True), ("2024年3月上旬", "2024-03-10", True),
        ("2024年3月中旬", "2024-03-20", True), ("2024年3月下旬", "2024-03-31", True), ("2024.12", "2024-12-31", True),
        ("2024.10", "2024-10-31", True), ("2024.01", "2024-01-31", True),
    ],
)  # fmt: skip
def test_a_day_is_read_and_of_a_month_its_last_day(text: str, day: str, is_rounded: bool) -> None:
    assert ledger_cells.day(text) == Day(dt.date.fromisoformat(day), is_rounded)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3月15日", Wanted.DAY_YEAR), ("3月底", Wanted.DAY_YEAR), ("3.15", Wanted.DAY_YEAR), ("2024.1", Wanted.DAY_JANUARY),
        ("2024", Wanted.DAY), ("2024年", Wanted.DAY), ("2024年13月", Wanted.DAY), ("2024.3、2024.5", Wanted.DAY), ("待定", Wanted.DAY),
        ("12345", Wanted.DAY), ("2024年上半年", Wanted.DAY), ("2024.2.30", Wanted.DAY),
    ],
)  # fmt: skip
def test_what_is_no_one_day_is_refused_for_its_reason(text: str, wanted: Wanted) -> None:
    with pytest.raises(Unlike) as caught:
        ledger_cells.day(text)
    assert caught.value.expected == wanted


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1.星澜电池项目 2.云岫电机项目", ("星澜电池项目", "云岫电机项目")),
        ("星澜电池项目、云岫电机项目", ("星澜电池项目", "云岫电机项目")),
        ("星澜电池项目\n云岫电机项目", ("星澜电池项目", "云岫电机项目")), ("①星澜电池 ②云岫电机", ("星澜电池", "云岫电机")),
        ("（一）星澜电池项目（二）云岫电机项目", ("星澜电池项目", "云岫电机项目")),
        ("电机及控制器生产项目", ("电机及控制器生产项目",)), ("年产1.5万台电机项目", ("年产1.5万台电机项目",)),
        ("电机、电控、电池项目", ("电机、电控、电池项目",)), ("智能制造基地项目（一期）", ("智能制造基地项目（一期）",)),
        ("年产2、3万吨涂料项目", ("年产2、3万吨涂料项目",)), ("星澜电池\n生产项目", ("星澜电池 生产项目",)),
    ],
)  # fmt: skip
def test_a_cell_names_several_projects_only_where_that_is_plain(text: str, names: tuple[str, ...]) -> None:
    assert ledger_cells.names_in(text) == names


def test_a_cell_is_cut_into_just_as_many_parts_as_are_wanted() -> None:
    assert ledger_cells.pieces("1.2亿；3亿", 2) == ("1.2亿", "3亿") and ledger_cells.pieces("1.2亿", 2) is None
    assert ledger_cells.pieces("甲公司、乙公司", 2) == ("甲公司", "乙公司") and ledger_cells.pieces("甲、乙、丙", 2) is None


def test_a_telephone_number_is_one_also_where_a_spreadsheet_made_a_figure_of_it() -> None:
    for text in ("13912345678", "13912345678.0", "1.3912345678E10", "139-1234-5678", "１３９１２３４５６７８"):
        assert ledger_cells.telephone(text) == "13912345678"
    for text in ("13812", "无", "1.39E+10x"):
        with pytest.raises(Unlike):
            ledger_cells.telephone(text)
