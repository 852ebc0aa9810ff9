"""Results, rows and spreadsheets tell the two lines apart, and whose unit a list is; every figure opens exactly its firms."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

import factories
import fictional
from cast import Cast
from wutong.web.leads.actions import working
from wutong.web.leads.queries import results
from wutong.web.leads.rules.lists import Line, RowState

AT = factories.AT
TODAY = dt.date(2026, 3, 31)
OF_SEGMENT = {"chain": fictional.CHAIN, "segment": fictional.GAP, "city": "白榆市"}


@pytest.fixture
def two_lines(cast: Cast) -> dict[str, list[Any]]:
    """Two firms on a counted list, three on an open one; one lead and one knock on the open one."""
    me = cast.bureau_officer
    counted = factories.listed(factories.target_list(me), *(factories.firm() for _ in range(2)), **OF_SEGMENT)
    target = factories.target_list(me, line=Line.OPEN)
    free = factories.listed(target, *(factories.firm() for _ in range(3)), assignee=me)
    factories.knock(free[0], me)
    working.settle(row=free[1], state=RowState.LEAD, reason="已签意向书", by=me, at=AT)
    return {"counted": counted, "open": free}


def sheet(response: Any) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


def test_each_line_has_its_own_share_and_a_page_of_one_line_counts_it_alone(
    cast: Cast, officer: Client, two_lines: dict[str, list[Any]]
) -> None:
    by_line = results.tables(cast.bureau_officer, None, on=TODAY).tables[0]
    assert [(one.query, one.lead_firms, one.firms) for one in by_line.rows] == [("line=counted", 0, 2), ("line=open", 1, 3)]
    page = officer.get("/leads/results/?line=counted")
    tables = page.context["tables"]
    assert (tables.overall.firms, tables.scope) == (2, "考核口径") and "&amp;line=counted" in page.content.decode()
    assert {hits.firms for table in tables.tables for hits in table.rows} == {2}
    assert "两种口径合计" in officer.get("/leads/results/").content.decode()


def test_rows_filter_by_line_unit_segment_and_place_and_keep_what_a_figure_cut_them_to(
    cast: Cast, officer: Client, two_lines: dict[str, list[Any]]
) -> None:
    unit = cast.units["bureau"].public_id
    for query, count in (
        ("line=open", 3),
        (f"unit={unit}", 5),
        (f"segment={fictional.CHAIN}/{fictional.GAP}", 2),
        ("segment=-", 3),
        ("city=白榆市", 2),
        ("assignee=-", 2),
        (f"own_unit={unit}&line=counted", 2),
    ):
        page = officer.get(f"/leads/lists/rows/?{query}")
        assert (page.context["list"].total, page.context["form"].errors) == (count, {}), query
    assert f'name="own_unit" value="{unit}"' in page.content.decode()


def test_each_unit_has_a_row_that_opens_exactly_its_firms(cast: Cast, officer: Client, two_lines: dict[str, list[Any]]) -> None:
    county = factories.target_list(cast.county_officer, unit=cast.units["county"])
    factories.listed(county, factories.firm())
    for reader, expected in ((cast.vice_mayor, {1, 5}), (cast.county_officer, {1})):
        by_unit = results.tables(reader, None, on=TODAY).tables[1]
        assert by_unit.code == "unit" and {hits.firms for hits in by_unit.rows} == expected
    (mine,) = results.tables(cast.bureau_officer, None, on=TODAY).tables[1].rows
    assert officer.get(f"/leads/lists/rows/?{mine.query}").context["list"].total == mine.firms == 5


def test_spreadsheets_say_the_line_of_every_row(officer: Client, two_lines: dict[str, list[Any]]) -> None:
    rows = sheet(officer.get("/leads/lists/rows/export/?line=open"))
    place = rows[0].index("口径")
    assert {row[place] for row in rows[1:]} == {"不限口径"} and len(rows) == 4
    by_line = sheet(officer.get("/leads/results/export/?table=line"))
    assert {row[1] for row in by_line[1:]} == {"考核口径", "不限口径"}
