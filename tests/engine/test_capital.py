"""Registered capital in every unit and currency that registries use."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine import capital
from wutong.engine.capital import Amount, Problem, Terms
from wutong.rulebook.load import rulebook

TERMS = Terms.read(rulebook(), dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("text", "units", "currency"),
    [
        ("16,000(万元人民币)", 160_000_000, "CNY"),
        ("34.9000(万)", 349_000, "CNY"),
        ("5(万元)", 50_000, "CNY"),
        ("27万人民币", 270_000, "CNY"),
        ("5300（万元）", 53_000_000, "CNY"),
        ("104()", 1_040_000, "CNY"),
        ("424.100000", 4_241_000, "CNY"),
        ("1854元人民币", 1_854, "CNY"),
        ("30人民币元", 30, "CNY"),
        ("1.2亿元", 120_000_000, "CNY"),
        ("3(百万元)", 3_000_000, "CNY"),
        ("人民币500万元整", 5_000_000, "CNY"),
        ("8,866.1000(万元（人民币）)", 88_661_000, "CNY"),
        ("1,844(万美元)", 18_440_000, "USD"),
        ("1,000((万美元))", 10_000_000, "USD"),
        ("1,065(万元(港币))", 10_650_000, "HKD"),
        ("114.2000(万香港元)", 1_142_000, "HKD"),
        ("160(万德国马克)", 1_600_000, "DEM"),
        ("520(万澳大利亚元)", 5_200_000, "AUD"),
        ("70,000(万元日元)", 700_000_000, "JPY"),
        ("2,156(万瑞士法郎)", 21_560_000, "CHF"),
        ("３００万元", 3_000_000, "CNY"),
        ("5千万元", 50_000_000, "CNY"),
        ("3千万美元", 30_000_000, "USD"),
        ("5百元", 500, "CNY"),
        ("1亿2000万元", 120_000_000, "CNY"),
        ("1亿2,000万人民币", 120_000_000, "CNY"),
        ("100万美元(折合人民币800万元)", 1_000_000, "USD"),
        ("800万元人民币(折合100万美元)", 8_000_000, "CNY"),
    ],
)
def test_an_amount_is_read_with_its_unit_and_currency(text: str, units: float, currency: str) -> None:
    assert capital.read(text, TERMS) == Amount(pytest.approx(units), currency)


@pytest.mark.parametrize("text", ["", "无", "N/A", "0", "0万元", "0.0000(万元)", "--"])
def test_nothing_said_is_unknown_and_no_fault(text: str) -> None:
    assert capital.read(text, TERMS) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("万人民币", "bad_capital"),
        ("-5万元", "bad_capital"),
        ("五百万元", "bad_capital"),
        ("12.3.4万元", "bad_currency"),
        ("500-1000万元", "bad_capital"),
        ("500-1000万人民币", "bad_capital"),
        ("500万人民币至1000万人民币", "bad_capital"),
        ("100万元(其中货币1亿)", "bad_currency"),
        ("100万贝壳", "bad_currency"),
        ("1E-06万人民币", "capital_out_of_range"),
        ("99999999999999亿元", "capital_out_of_range"),
        ("10,0620000(万美元)", "bad_capital"),
        ("1,6000000(万)", "bad_capital"),
        ("1,50,000万元", "bad_capital"),
        ("1亿20,00万元", "bad_capital"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_number(text: str, reason: str) -> None:
    assert capital.read(text, TERMS) == Problem(reason)


@given(st.decimals(min_value="0.01", max_value="9999999", places=4, allow_nan=False, allow_infinity=False))
def test_thousands_separators_and_brackets_change_nothing(number: object) -> None:
    plain, grouped = (capital.read(text, TERMS) for text in (f"{number}万元", f"{number:,}(万元人民币)"))
    assert isinstance(plain, Amount)
    assert plain == grouped


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    amount = capital.read(text, TERMS)
    assert not isinstance(amount, Amount) or amount.units > 0


def test_a_foreign_amount_is_converted_by_the_rate_of_its_year_and_marked() -> None:
    texts = pl.Series("capital_text", ["100(万美元)", "100(万美元)", "100(万美元)", "100万元", None, "100(万泰铢)"])
    dates = pl.Series("registered_on", [dt.date(1994, 1, 2), dt.date(2004, 12, 31), None, None, None, dt.date(2004, 1, 1)])

    def rate(currency: str, on: dt.date | None) -> float | None:
        return {1994: 8.6, 2004: 8.3}.get(on.year) if currency == "USD" and on else None

    frame = capital.read_column(texts, dates, rate, TERMS)
    assert frame["capital_yuan"].to_list() == [8_600_000, 8_300_000, None, 1_000_000, None, None]
    assert frame["capital_is_estimated"].to_list() == [True, True, False, False, False, False]
    assert frame["capital_currency"].to_list() == ["USD", "USD", "USD", "CNY", None, "THB"]
    assert frame["problem"].to_list() == [None, None, "no_rate", None, None, "no_rate"]


def test_a_large_amount_without_commas_is_a_problem_only_in_a_file_that_groups_thousands() -> None:
    texts = ["1,500(万)"] * 57 + ["4000000(万)", "99999(万)", "4000000（万元）", "100000(万)", "900(万)", "4000000(万)"]
    files = pl.Series("source_file", [*"a" * 62, "b"])

    frame = capital.read_column(pl.Series(texts), pl.Series([None] * 63, dtype=pl.Date), lambda _, __: None, TERMS, files)

    assert frame["problem"].to_list()[57:] == ["bad_capital", None, None, "bad_capital", None, None]
    assert frame["capital_yuan"].to_list()[56:] == [15_000_000, None, 999_990_000, 40_000_000_000, None, 9_000_000, 40_000_000_000]


@pytest.mark.parametrize(("grouped", "problem"), [(1, None), (18, None), (19, "bad_capital"), (20, "bad_capital")])
def test_an_amount_without_commas_is_doubted_only_where_nearly_all_large_ones_have_them(grouped: int, problem: str | None) -> None:
    texts = ["1,500(万元)"] * grouped + ["150000(万元)"]

    frame = capital.read_column(pl.Series(texts), pl.Series([None] * len(texts), dtype=pl.Date), lambda _, __: None, TERMS)

    assert frame["problem"].to_list() == [None] * grouped + [problem]


@pytest.mark.parametrize(("rate", "problem"), [(1.0, None), (1.9, None), (2.1, "capital_out_of_range")])
def test_a_foreign_amount_that_is_more_than_any_firm_has_is_a_problem(rate: float, problem: str | None) -> None:
    frame = capital.read_column(pl.Series(["100,000,000(万美元)"]), pl.Series([dt.date(2004, 1, 1)]), lambda _, __: rate, TERMS)

    assert frame["problem"].to_list() == [problem]
    assert frame["capital_yuan"].to_list() == [None if problem else rate * 1e12]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("9元", Problem("capital_out_of_range")),
        ("10元", Amount(10, "CNY")),
        ("20元", Amount(20, "CNY")),
        ("21元", Problem("capital_out_of_range")),
        ("15贝壳元", Amount(15, "XSH")),
        ("15万美元", Problem("bad_currency")),
    ],
)
def test_words_and_limits_are_those_of_the_rulebook(text: str, read: Amount | Problem) -> None:
    assert capital.read(text, Terms((("贝壳元", "XSH"),), smallest_units=10, largest_yuan=20)) == read
