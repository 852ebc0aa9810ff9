"""What the office hands to the engine: small tables, checked where they are made."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from wutong.engine import own, tables
from wutong.engine.own import NOTHING, Own


def test_without_the_office_every_table_is_empty() -> None:
    assert [getattr(NOTHING, table.name).num_rows for table in tables.OWN] == [0, 0, 0]
    assert NOTHING.tags.schema == own.TAGS


def test_a_table_of_another_shape_is_refused_where_it_is_made() -> None:
    with pytest.raises(tables.TableError, match="tags: no column tag"):
        Own(tags=pa.table({"firm_id": ["a"]}))


def test_a_value_that_does_not_fit_is_named() -> None:
    row = {"firm_id": "a", "year": 2025, "measure": "revenue_yuan", "value": None, "unit": "yuan", "source": "report"}
    with pytest.raises(tables.TableError, match="row 1, column value"):
        Own(figures=pa.Table.from_pylist([row]))


def test_columns_come_in_any_order_and_in_wider_types() -> None:
    row = {"source": "list of 2025", "tag": "listed", "firm_id": "a", "rank": None, "ends_on": None, "starts_on": dt.date(2025, 1, 1)}
    made = Own(tags=pa.Table.from_pylist([row]))
    assert made.tags.schema == own.TAGS
    assert made.tags.to_pylist()[0]["tag"] == "listed"
