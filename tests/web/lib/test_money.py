"""Numbers as people read them."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wutong.web.lib import money


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0, 0, "0"),
        (1234567, 0, "1,234,567"),
        (0.5, 0, "1"),
        (-0.4, 0, "0"),
        (2.345, 2, "2.35"),
        (Decimal("1E+3"), 0, "1,000"),
        (1e21, 0, f"{10**21:,}"),
    ],
)
def test_numbers_are_rounded_half_up_with_thousands(value: Any, digits: int, shown: str) -> None:
    assert money.number(value, digits) == shown


@pytest.mark.parametrize("value", [None, "", True, float("nan"), float("inf")])
def test_a_missing_number_is_a_dash_that_says_why(value: Any) -> None:
    for shown in (money.number(value), money.wan(value), money.yi(value), money.percent(value), money.money(value)):
        assert "—" in shown
        assert 'title="' in shown


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [
        (99_999_999, "10,000 万元"),
        (100_000_000, "1.00 亿元"),
        (999_999, "100.00 万元"),
        (1_000_000, "100 万元"),
        (0, "0.00 万元"),
        (-200_000_000, "-2.00 亿元"),
    ],
)
def test_money_in_running_text_is_in_wan_below_one_yi(yuan: int, shown: str) -> None:
    with translation.override("zh-hans"):
        assert money.money(yuan) == shown


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [
        (450_000, "CNY 450,000"), (999_999, "CNY 999,999"), (1_000_000, "CNY 1 million"), (4_500_000, "CNY 4.5 million"),
        (300_000_000, "CNY 300 million"), (1_250_000_000, "CNY 1.25 billion"), (-2_000_000, "CNY -2 million"), (0, "CNY 0"),
    ],
)  # fmt: skip
def test_in_english_money_is_in_millions_and_billions(yuan: int, shown: str) -> None:
    with translation.override("en"):
        assert money.money(yuan) == shown


def test_money_of_a_contract_is_not_rounded() -> None:
    with translation.override("zh-hans"):
        assert money.money_exact(123_456_700) == "12,345.67 万元"
    with translation.override("en"):
        assert money.money_exact(123_456_700) == "CNY 123,456,700"
    assert "—" in money.money_exact(None)


def test_columns_keep_one_unit() -> None:
    assert (money.wan(123_456), money.wan(123_456, 1), money.yi(1_234_000_000)) == ("12", "12.3", "12.34")


@pytest.mark.parametrize(("part", "whole", "shown"), [(89, 125, "71.2 % (89/125)"), (0, 5, "0.0 % (0/5)")])
def test_a_share_shows_its_fraction(part: int, whole: int, shown: str) -> None:
    assert money.share(part, whole) == shown


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (1, None), (None, 2)])
def test_a_share_of_nothing_is_not_applicable(part: int | None, whole: int | None) -> None:
    with translation.override("en"):
        assert 'title="not applicable"' in money.share(part, whole)


@given(st.integers(-(10**15), 10**15))
def test_no_figure_is_lost_in_thousands(value: int) -> None:
    assert int(money.number(value).replace(",", "")) == value


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_bar_is_never_wider_than_its_place(value: float, whole: float) -> None:
    assert 0 <= float(money.bar_width(value, whole)) <= 100


def _line(**more: Any) -> str:
    known = {"factor": "capital", "label": "注册资本", "input": "500", "unit": "万元", "points": 7.25, "most": 15.0, "source": "第 3 行"}
    return str(money.reason_lines([SimpleNamespace(**(known | more))]))


def test_a_reason_says_points_of_how_many_input_and_source_and_a_full_bar_is_all_it_can_give() -> None:
    with translation.override("en"):
        line, full = _line(), _line(points=4.0, most=4.0)
        assert "注册资本" in line and 'width:48.3%"' in line and "500 万元" in line and "第 3 行" in line
        assert re.sub("<[^>]+>", "", line).split()[1:4] == ["7.3", "of", "15"] and "of 12.5" in _line(most=12.5)
        assert 'width:100.0%"' in full and "4.0 of 4<" in full
        assert " of " not in _line(most=0) and "width" not in _line(most=0)
    with translation.override("zh-hans"):
        assert "得 7.3 / 15" in _line()


def test_a_reason_without_points_is_unknown_and_has_no_bar() -> None:
    with translation.override("zh-hans"):
        line = _line(points=None, input=None, unit="")
    assert "不详" in line and "width" not in line and 'class="missing"' in line


@pytest.mark.parametrize("field", ["label", "input", "unit", "source"])
def test_nothing_that_a_registry_writes_becomes_markup(field: str) -> None:
    assert "<b>" not in _line(**{field: "<b>&"}) and "&lt;b&gt;&amp;" in _line(**{field: "<b>&"})
