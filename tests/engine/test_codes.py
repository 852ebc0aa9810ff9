"""Credit codes: the check digit of GB 32100, what is kept and marked, and ids that no build changes."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine import codes
from wutong.engine.codes import Status

FIRST17 = st.text(codes.ALPHABET, min_size=17, max_size=17)


def test_the_check_digit_of_a_known_code_holds() -> None:
    # 91310114133616028U stands in a public register.
    assert codes.check_character("91310114133616028") == "U"
    assert codes.status("91310114133616028U") == Status.VALID


@given(FIRST17)
def test_a_code_with_its_own_check_digit_is_valid(first17: str) -> None:
    assert codes.status(first17 + codes.check_character(first17)) == Status.VALID


@given(FIRST17, st.integers(0, 16), st.sampled_from(codes.ALPHABET))
def test_any_one_wrong_character_is_noticed(first17: str, place: int, other: str) -> None:
    code = first17 + codes.check_character(first17)
    wrong = code[:place] + other + code[place + 1 :]
    assert (codes.status(wrong) == Status.VALID) == (wrong == code)


@given(st.lists(st.one_of(FIRST17.map(lambda text: text + codes.check_character(text)), st.text(max_size=20), st.none()), max_size=12))
def test_the_column_agrees_with_the_single_code(texts: list[str | None]) -> None:
    column = codes.normalise_column(pl.Series("uscc", texts, dtype=pl.String))
    assert [text or "" for text in column] == [codes.normalise(text) for text in texts]
    assert codes.status_column(column).to_list() == [codes.status(codes.normalise(text)).value for text in texts]
    assert codes.district_column(column).to_list() == [codes.district(codes.normalise(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("91310114133616028u", Status.VALID),
        ("９１３１０１１４１３３６１６０２８Ｕ", Status.VALID),
        (" 91310114-133616028-U ", Status.VALID),
        ("913101141336160280", Status.BAD_CHECK),
        ("320113000022709", Status.SHORT),
        ("3201081000005", Status.SHORT),
        ("企外苏宁承字第1024", Status.MALFORMED),
        ("13497257-7", Status.MALFORMED),
        ("91310114133616028I", Status.MALFORMED),
        ("无", Status.MISSING),
        ("N/A", Status.MISSING),
        (None, Status.MISSING),
    ],
)
def test_codes_as_registries_write_them(text: str | None, status: Status) -> None:
    assert codes.status(codes.normalise(text)) == status


def test_the_registering_division_is_read_from_new_and_old_codes() -> None:
    assert codes.district("91310114133616028U") == "310114"
    assert codes.district("320113000022709") == "320113"
    assert codes.district("") == ""


def test_a_valid_code_is_the_id_and_anything_else_is_hashed() -> None:
    assert codes.firm_id("91310114133616028U", Status.VALID, "上海飞众汽车配件有限公司", "310114", "1989-08-31") == "91310114133616028U"
    hashed = codes.firm_id("", Status.MISSING, "上海飞众汽车配件有限公司", "310114", "1989-08-31")
    assert hashed == codes.firm_id("320113000022709", Status.SHORT, "上海飞众汽车配件有限公司", "310114", "1989-08-31")
    assert hashed.startswith("x-") and len(hashed) == 18


@pytest.mark.parametrize(
    "changed", [("另一家", "310114", "1989-08-31"), ("一家", "310115", "1989-08-31"), ("一家", "310114", "1989-09-01")]
)
def test_name_division_and_date_each_make_another_id(changed: tuple[str, str, str]) -> None:
    assert codes.firm_id("", Status.MISSING, *changed) != codes.firm_id("", Status.MISSING, "一家", "310114", "1989-08-31")
