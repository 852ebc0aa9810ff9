"""Credit codes of invented firms follow GB 32100."""

from __future__ import annotations

import random

import pytest

from wutong.demo import codes
from wutong.engine import codes as credit


@pytest.mark.parametrize("year", [1999, 2015, 2016, 2026])
def test_a_code_has_eighteen_characters_and_a_valid_check_digit(year: int) -> None:
    code = codes.credit_code(random.Random(year), division="910202", year=year)
    assert len(code) == 18
    assert code[2:8] == "910202"
    assert credit.status(code) is credit.Status.VALID


@pytest.mark.parametrize("year, begins_with_ma", [(2015, False), (2016, True)])
def test_bodies_begin_with_ma_from_2016(year: int, begins_with_ma: bool) -> None:
    assert codes.body(random.Random(1), year).startswith("MA") is begins_with_ma


def test_a_cooperative_has_the_category_three() -> None:
    assert codes.credit_code(random.Random(1), division="910222", year=2012, kind="3")[:2] == "93"


def test_an_old_number_has_fifteen_digits() -> None:
    number = codes.old_number(random.Random(1), division="910223")
    assert len(number) == 15
    assert number.isdigit()
