"""Firms by id, code, name and place, on a registry of a few rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine.warehouses import Firm, made
from wutong.engine import columns, firms, further_names, name_index
from wutong.engine.own import Own
from wutong.engine.places import Places
from wutong.engine.warehouse import Warehouse

ROWS = [
    Firm("A1", "990102", ("toys",), name="东市金凤凰机械有限公司", capital_yuan=3e6),
    Firm("A2", "990202", parent="A1", name="东市金凤凰机械有限公司西市分公司", capital_yuan=None, registered_on=dt.date(2001, 5, 1)),
    Firm("B1", "990202", name="西市金凤凰贸易有限公司", capital_yuan=9e6),
    Firm("C1", "980102", name="北市白鹭机械厂", registered_on=dt.date(2004, 12, 31)),
]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return made(tmp_path, ROWS)


def test_a_firm_is_found_by_its_id_and_by_its_code_in_any_writing(warehouse: Warehouse) -> None:
    assert firms.get(warehouse, "A1").firm_id == firms.get(warehouse, " a-1 ").firm_id == "A1"


def test_a_profile_lists_spans_segments_branches_and_namesakes(warehouse: Warehouse) -> None:
    profile = firms.get(warehouse, "A1")
    assert [(span.role, span.phrase, span.start, span.end) for span in profile.spans] == [("makes", "木制玩具", 0, 4)]
    assert [(place.chain, place.segment, place.proof) for place in profile.placements] == [("toys", "toys", "scope")]
    assert [(branch.firm_id, branch.city, branch.registered_on) for branch in profile.branches] == [("A2", "西市", dt.date(2001, 5, 1))]
    assert [firm.firm_id for firm in profile.namesakes] == ["B1"]
    name_index.of(warehouse)
    assert firms.get(warehouse, "A1").namesakes == profile.namesakes  # found by the index of names, once somebody made it
    assert firms.get(warehouse, "A2").parent_id == "A1"


def test_what_came_later_is_not_seen_in_a_profile(warehouse: Warehouse) -> None:
    assert firms.get(warehouse, "A1", as_of=dt.date(2001, 4, 30)).branches == ()
    with pytest.raises(firms.UnknownFirm, match="2004-12-31"):
        firms.get(warehouse, "C1", as_of=dt.date(2004, 12, 30))


def test_an_unknown_firm_is_refused_in_words(warehouse: Warehouse) -> None:
    with pytest.raises(firms.UnknownFirm, match="nobody"):
        firms.get(warehouse, "nobody")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("金凤凰", ["B1", "A1", "A2"]),
        ("金凤凰 机械", ["A1", "A2"]),
        ("机械 西市", ["A2"]),
        ("东市金凤凰机械有限公司", ["A1", "A2"]),
        ("没有", []),
        ("", ["B1", "A1", "C1", "A2"]),
    ],
)
def test_all_words_must_fit_and_heads_and_larger_firms_come_first(warehouse: Warehouse, text: str, expected: list[str]) -> None:
    found = firms.search(warehouse, text)
    assert ([row.firm_id for row in found.rows], found.total) == (expected, len(expected))


def test_a_search_is_paged_with_its_total(warehouse: Warehouse) -> None:
    second = firms.search(warehouse, "金凤凰", page=2, size=2)
    assert ([row.firm_id for row in second.rows], second.total, second.pages) == (["A2"], 3, 2)
    beyond = firms.search(warehouse, "金凤凰", page=9, size=2)
    assert (beyond.rows, beyond.total) == ((), 3)


def test_a_search_keeps_to_its_region(warehouse: Warehouse) -> None:
    region = Places(warehouse).region("990200")
    assert [row.firm_id for row in firms.search(warehouse, "金凤凰", region=region).rows] == ["B1", "A2"]


def test_a_profile_reads_no_table_that_lies_in_another_order_than_firms(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = Warehouse.ask

    def noted(self: Warehouse, text: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(text)
        return ask(self, text, *args, **kwargs)

    firms.get(warehouse, "A1")
    monkeypatch.setattr(Warehouse, "ask", noted)
    assert firms.get(warehouse, "A1").spans
    others = ("mentions", "phrases", "placements")
    assert len(asked) == 2 and not any(name in text for text in asked for name in others)


def test_columns_in_memory_lie_in_one_piece(warehouse: Warehouse) -> None:
    for frame in (columns.of(warehouse).frame, columns.mentions(warehouse)):
        assert {series.n_chunks() for series in frame} == {1}


def test_a_name_that_the_office_noted_is_searched_like_one_of_the_registry(warehouse: Warehouse) -> None:
    rows = [{"firm_id": "C1", "kind": "former", "name": "飞燕动力"}, {"firm_id": "gone", "kind": "short", "name": "飞燕"}]
    rows += [{"firm_id": "B1", "kind": "brand", "name": "飞燕牌"}]
    noted = further_names.of(warehouse, Own(names=pa.Table.from_pylist(rows)))

    assert [row.firm_id for row in firms.search(warehouse, "飞燕动力", noted=noted).rows] == ["C1"]
    assert {row.firm_id for row in firms.search(warehouse, "飞燕", noted=noted).rows} == {"B1", "C1"}
    assert firms.search(warehouse, "飞燕").total == 0
    assert [firms.named(warehouse, name=name, noted=noted) for name in ("飞燕动力", "飞燕", "飞燕牌")] == ["C1", "", ""]
