"""What the office hands to the engine: small tables, checked where they are made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine import warehouses
from wutong.engine import makers, own, tables
from wutong.engine.own import NOTHING, Own


def test_without_the_office_every_table_is_empty() -> None:
    assert [getattr(NOTHING, table.name).num_rows for table in tables.OWN] == [0, 0, 0, 0, 0]
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


def hand(*rows: tuple[str, str, bool]) -> Own:
    said = [{"firm_id": firm, "chain": warehouses.CHAIN, "segment": segment, "is_maker": is_maker} for firm, segment, is_maker in rows]
    return Own(hand_placements=pa.Table.from_pylist(said, schema=own.HAND_PLACEMENTS))


def makers_of(given: Own, folder: Path) -> dict[str, list[tuple[str, str]]]:
    firms = [
        warehouses.Firm("a", segments=("wood", "toys")),
        warehouses.Firm("b", segments=("wood",), proof="name"),
        warehouses.Firm("c", capital_yuan=None),
    ]
    found = given.apply(warehouses.CHAIN, makers.of_chain(warehouses.made(folder, firms), warehouses.CHAIN))
    ids = found.firm_ids(np.arange(len(found.firm_no)))
    return {
        segment: [(ids[row], makers.PROOFS[found.proof[row]]) for row in range(at.start, at.stop)] for segment, at in found.slices.items()
    }


def test_a_firm_put_on_by_hand_stands_among_the_makers_in_order(tmp_path: Path) -> None:
    found = makers_of(hand(("c", "wood", True), ("c", "shops", True)), tmp_path)
    assert found == {
        "wood": [("a", "scope"), ("b", "name"), ("c", "hand")],
        "toys": [("a", "scope")],
        "shops": [("c", "hand")],
    }


def test_a_firm_taken_off_goes_from_that_segment_only(tmp_path: Path) -> None:
    assert makers_of(hand(("a", "wood", False)), tmp_path) == {"wood": [("b", "name")], "toys": [("a", "scope")]}


def test_what_is_said_of_a_firm_that_stands_there_already_or_is_not_in_the_build_changes_nothing(tmp_path: Path) -> None:
    found = makers_of(hand(("a", "wood", True), ("nobody", "wood", True)), tmp_path)
    assert found == {"wood": [("a", "scope"), ("b", "name")], "toys": [("a", "scope")]}


def test_the_same_statements_give_the_same_arrays_and_other_statements_others(tmp_path: Path) -> None:
    known = makers.of_chain(warehouses.made(tmp_path, [warehouses.Firm("a", segments=("wood", "toys"))]), warehouses.CHAIN)
    first = hand(("a", "wood", False)).apply(warehouses.CHAIN, known)
    assert hand(("a", "wood", False)).apply(warehouses.CHAIN, known) is first
    assert list(hand(("a", "toys", False)).apply(warehouses.CHAIN, known).slices) == ["wood"]
    assert list(hand(("a", "wood", False)).apply(warehouses.CHAIN, known).slices) == ["toys"]
    assert NOTHING.apply(warehouses.CHAIN, known) is known
    assert hand(("nobody", "wood", True)).apply(warehouses.CHAIN, known) is known


# --- firms that are others ------------------------------------------------------------------------------------------------------------
def merged(*pairs: tuple[str, str], said: Own = NOTHING) -> Own:
    rows = [{"firm_id": firm, "kept_id": kept} for firm, kept in pairs]
    return Own(merges=pa.Table.from_pylist(rows, schema=own.MERGES), hand_placements=said.hand_placements)


def test_of_two_firms_that_are_one_the_one_kept_stands_alone(tmp_path: Path) -> None:
    assert makers_of(merged(("b", "a")), tmp_path) == {"wood": [("a", "scope")], "toys": [("a", "scope")]}


def test_the_one_kept_makes_what_the_other_made(tmp_path: Path) -> None:
    assert makers_of(merged(("a", "b")), tmp_path) == {"toys": [("b", "hand")], "wood": [("b", "name")]}


def test_what_was_checked_of_the_one_kept_goes_before(tmp_path: Path) -> None:
    assert makers_of(merged(("a", "b"), said=hand(("b", "toys", False))), tmp_path) == {"wood": [("b", "name")]}


def test_a_firm_that_the_build_lacks_changes_nothing_and_what_was_said_is_applied_once(tmp_path: Path) -> None:
    build = warehouses.made(tmp_path, [warehouses.Firm("a", segments=("wood",)), warehouses.Firm("b", segments=("wood",))])
    found = makers.of_chain(build, warehouses.CHAIN)
    assert merged(("nobody", "a"), ("a", "nobody")).apply(warehouses.CHAIN, found) is found
    once = merged(("b", "a")).apply(warehouses.CHAIN, found)
    assert len(once.firm_no) == 1 and merged(("b", "a")).apply(warehouses.CHAIN, found) is once
    assert len(merged(("a", "b")).apply(warehouses.CHAIN, found).firm_no) == 1
    assert NOTHING.apply(warehouses.CHAIN, found) is found


def test_the_branches_of_the_firm_that_is_another_belong_to_the_group_of_the_one_kept(tmp_path: Path) -> None:
    firms = [warehouses.Firm(name, segments=("wood",), parent=parent) for name, parent in (("a", ""), ("b", "a"), ("c", ""))]
    found = makers.of_chain(warehouses.made(tmp_path, firms), warehouses.CHAIN)
    result = merged(("a", "c")).apply(warehouses.CHAIN, found)
    assert result.firm_ids(np.arange(len(result.firm_no))) == ["b", "c"]
    assert len(np.unique(result.group)) == 1
