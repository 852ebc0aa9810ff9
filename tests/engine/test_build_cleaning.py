"""Dates, points and tables: what is read, what is refused, and how the refusal is worded."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.engine import cleaning, kinship, names, tables
from wutong.engine.rejects import Rejects
from wutong.engine.tables import TableError
from wutong.rulebook.load import rulebook

TODAY = dt.date(2020, 6, 15)
LIMITS = cleaning.Limits.read(rulebook(), TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "2004-12-31",
        "2004/12/31",
        "2004.12.31",
        "2004年12月31日",
        "20041231",
        "2004-12-31 00:00:00",
        "2004-12-31T08:00:00",
        " 2004-12-31 ",
        "38352",
    ],
)
def test_one_day_in_every_spelling(text: str) -> None:
    assert cleaning.read_date(text) == dt.date(2004, 12, 31)


@pytest.mark.parametrize("text", ["", "2004-02-30", "2004-13-01", "12/31/2004", "2004", "yesterday", "0000-00-00"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert cleaning.read_date(text) is None


@given(st.dates())
def test_every_day_is_read_back(day: dt.date) -> None:
    assert cleaning.read_date(day.isoformat()) == day
    assert cleaning.read_date(f"{day.year:04d}年{day.month}月{day.day}日") == day


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader_of_dates(text: str) -> None:
    cleaning.read_date(text)


def rows(**columns: list[object]) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    return pl.DataFrame({**columns, "source_file": ["f"] * size, "source_row": list(range(1, size + 1)), "source_line": [None] * size})


@pytest.mark.parametrize(
    ("text", "known", "reason"),
    [
        ("1799-12-31", None, "date_out_of_range"),
        ("1800-01-01", dt.date(1800, 1, 1), None),
        ("2020-06-15", TODAY, None),
        ("2020-06-16", None, "date_out_of_range"),
        ("2004-02-30", None, "bad_date"),
        ("N/A", None, None),
        (None, None, None),
    ],
)
def test_a_date_counts_from_1800_to_today(text: str | None, known: dt.date | None, reason: str | None) -> None:
    rejects = Rejects()
    frame = cleaning.with_dates(rows(registered_on=[text]).with_columns(pl.col("registered_on").cast(pl.String)), rejects, TODAY, LIMITS)
    assert frame["registered_on"].to_list() == [known]
    assert rejects.table()["reason"].to_list() == ([reason] if reason else [])


@pytest.mark.parametrize(("size", "reason"), [(200, None), (201, "long_name")])
def test_a_text_in_place_of_a_name_is_left_out(size: int, reason: str | None) -> None:
    rejects = Rejects()
    firms = cleaning.with_names(rows(name=["太行机械厂", "甲" * size]), rejects)
    assert firms.height == (1 if reason else 2)
    assert rejects.table().select("source_row", "reason", "is_row_left_out").rows() == ([(2, reason, True)] if reason else [])


def test_an_id_stays_the_same_when_a_date_to_come_has_come() -> None:
    def built(on: dt.date) -> str:
        firms = rows(registered_on=["2020-06-16"], uscc=[None], uscc_status=["missing"], district=["410724"], name_key=["太行机械厂"])
        firms = firms.with_columns(pl.col("uscc").cast(pl.String))
        firm_id: str = cleaning.with_ids(cleaning.with_dates(firms, Rejects(), on, LIMITS), Rejects())["firm_id"][0]
        return firm_id

    assert built(TODAY) == built(TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("firm_type", "name", "is_branch"),
    [
        ("个人独资企业", "新乡红旗五金经营部", False),
        ("个体工商户", "新乡红旗五金经营部", False),
        ("集体分支机构(非法人)", "新乡供销社五金经营部", True),
        (None, "新乡供销社五金经营部", True),
        ("个人独资企业", "新乡红旗机械有限公司获嘉经营部", True),
        ("个人独资企业分支机构", "新乡红旗五金经营部", True),
        ("有限责任公司分公司", "新乡红旗五金", True),
        ("有限责任公司", "新乡红旗五金有限公司", False),
    ],
)
def test_an_owners_own_shop_is_no_branch(firm_type: str | None, name: str, is_branch: bool) -> None:
    firms = pl.DataFrame(
        {"name": [name], "name_key": [names.key(name)], "registered_on": [TODAY], "firm_type": [firm_type], "capital_yuan": [1e6]},
        schema_overrides={"firm_type": pl.String},
    )
    assert kinship.with_kin(firms)["is_branch"].to_list() == [is_branch]


@pytest.mark.parametrize(
    ("firm_type", "name", "capital_yuan", "is_branch"),
    [
        ("内资企业法人", "太行集团公司获嘉机械厂", None, False),
        ("集体所有制", "太行集团公司获嘉机械厂", 500_000.0, False),
        (None, "太行集团公司获嘉机械厂", 500_000.0, False),
        (None, "太行集团公司获嘉机械厂", None, True),
        (None, "太行集团公司获嘉机械厂", 0.0, True),
        ("集体经营单位(非法人)", "太行集团公司获嘉机械厂", 500_000.0, True),
        ("内资企业法人分支机构(非法人)", "太行集团公司获嘉机械厂", 500_000.0, True),
        ("内资企业法人", "太行集团公司获嘉机械分厂", 500_000.0, True),
        (None, "太行集团公司获嘉收购站", 500_000.0, True),
        (None, "太行集团公司获嘉储运所", 500_000.0, True),
        (None, "太行集团公司液压研究所", 500_000.0, False),
    ],
)
def test_a_works_of_a_group_that_is_a_legal_person_has_a_parent_and_is_no_branch(
    firm_type: str | None, name: str, capital_yuan: float | None, *, is_branch: bool
) -> None:
    both = ["太行集团公司", name]
    firms = pl.DataFrame(
        {
            "name": both,
            "name_key": [names.key(one) for one in both],
            "registered_on": [TODAY, TODAY],
            "firm_type": ["国有企业", firm_type],
            "capital_yuan": [9e6, capital_yuan],
        }
    )
    found = kinship.with_kin(firms)
    assert found["is_branch"].to_list() == [False, is_branch]
    assert found["parent_no"].to_list() == [None, 0]
    assert found["group_no"].to_list() == [0, 0]


@pytest.mark.parametrize(
    ("lon", "lat", "known", "said"),
    [
        ("113.65", "35.26", (113.65, 35.26), None),
        ("35.26", "113.65", (None, None), "35.26 113.65"),  # the wrong way round
        ("113.65", None, (None, None), "113.65"),
        ("east", "35.26", (None, None), "east 35.26"),
        (None, None, (None, None), None),
    ],
)
def test_a_point_lies_in_china_or_is_unknown(lon: str | None, lat: str | None, known: tuple[float | None, ...], said: str | None) -> None:
    rejects = Rejects()
    frame = rows(lon=[lon], lat=[lat]).with_columns(pl.col("lon", "lat").cast(pl.String))
    assert cleaning.with_points(frame, rejects, LIMITS).select("lon", "lat").row(0) == known
    assert rejects.table()["value"].to_list() == ([said] if said else [])


def test_a_long_value_is_cut_in_the_rejects() -> None:
    rejects = Rejects()
    rejects.add_rows([("f", 1, 2, "name", "长" * 500, "no_name", "a firm name", True)])
    assert len(rejects.table()["value"][0]) == 200


def test_a_reject_stands_once_for_a_row_column_and_reason() -> None:
    rejects = Rejects()
    for _ in range(2):
        rejects.add_rows([("f", 1, 2, "name", "甲", "no_name", "a firm name", True)])
    assert rejects.table().height == 1


SMALL = tables.Table(
    "small",
    "one row per thing",
    ("no",),
    "a test",
    (tables.Column("no", pa.int32(), "number"), tables.Column("word", pa.string(), "word", nullable=True)),
)


def test_a_table_that_fits_is_cast_and_ordered() -> None:
    checked = tables.check(SMALL, pa.table({"word": ["a", None], "no": pa.array([1, 2], pa.int64()), "more": [1, 2]}))
    assert checked.schema == SMALL.schema


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"word": ["a"]}, "small: no column no; expected no, word"),
        ({"no": ["1", "x"], "word": ["a", "b"]}, "row 2, column no: 'x'; expected int32"),
        ({"no": [1, 2**40], "word": ["a", "b"]}, f"row 2, column no: {2**40}; expected int32"),
        ({"no": [1, None], "word": ["a", "b"]}, "row 2, column no: nothing; expected int32"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_by_row_column_and_value(data: dict[str, list[object]], said: str) -> None:
    with pytest.raises(TableError, match=said):
        tables.check(SMALL, pa.table(data))


def test_every_table_has_a_key_a_unit_for_money_and_a_note() -> None:
    for table in tables.ALL:
        names = {column.name for column in table.columns}
        assert set(table.key) <= names
        assert set(table.sorted_by) <= names
        assert all(column.note for column in table.columns)
        assert all(column.unit for column in table.columns if column.name.endswith("_yuan"))
