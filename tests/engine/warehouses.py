"""Tiny warehouses written by hand: a few firms on one chain of four segments, in an invented province, readable row by row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wutong.engine import names, tables, warehouse
from wutong.engine.warehouse import Warehouse
from wutong.rulebook import load
from wutong.rulebook.load import Chain, Rulebook

CHAIN = "toys"
TODAY = dt.date(2004, 12, 31)
DIVISIONS = (
    ("990000", "青梧省", "province", "", 110.0, 30.0),
    ("990100", "东市", "city", "990000", 110.0, 30.0),
    ("990102", "甲区", "county", "990100", 110.0, 30.0),
    ("990200", "西市", "city", "990000", 111.0, 30.0),
    ("990202", "乙区", "county", "990200", 111.0, 30.0),
    ("980000", "远山省", "province", "", 120.0, 40.0),
    ("980100", "北市", "city", "980000", 120.0, 40.0),
    ("980102", "丙区", "county", "980100", 120.0, 40.0),
)
SEATS = {row[0]: (row[4], row[5]) for row in DIVISIONS}


@dataclass(frozen=True)
class Firm:
    """A firm and the segments it makes. `parent`: id of the firm it is a branch of; `at`: adcode, "" for nowhere."""

    id: str
    at: str = "980102"
    segments: tuple[str, ...] = ()
    capital_yuan: float | None = 1_000_000.0
    registered_on: dt.date | None = dt.date(1995, 1, 1)
    parent: str = ""
    name: str = ""
    proof: str = "scope"
    products: int = 1


def rulebook() -> Rulebook:
    """The rulebook shipped, with one chain: wood → parts → toys → shops."""
    segments = [
        {"id": name, "name_zh": zh, "name_en": name, "layer": "all", "products": ["lead-acid-battery"]}
        for name, zh in (("wood", "木料"), ("parts", "零件"), ("toys", "玩具"), ("shops", "商店"))
    ]
    links = [{"source": "wood", "target": "parts"}, {"source": "parts", "target": "toys"}, {"source": "toys", "target": "shops"}]
    chain = Chain.model_validate(
        {
            "id": CHAIN, "name_zh": "玩具", "name_en": "toys", "description_zh": "玩具", "description_en": "toys", "version": "1",
            "layers": [{"id": "all", "name_zh": "全部", "name_en": "all"}], "segments": segments, "links": links,
        }
    )  # fmt: skip
    return replace(load.rulebook(), chains={CHAIN: chain})


def made(folder: Path, firms: Sequence[Firm], *, build_id: str = "tiny") -> Warehouse:
    """A warehouse of these firms, opened."""
    write(folder, firms, build_id=build_id)
    return Warehouse.open(folder, threads=1)


def write(folder: Path, firms: Sequence[Firm], *, build_id: str = "tiny") -> None:
    """The files of a build of these firms, in the order given."""
    numbers = {firm.id: number for number, firm in enumerate(firms)}
    place = folder / warehouse.BUILDS / build_id
    place.mkdir(parents=True)
    rows = [_firm_row(number, firm, numbers) for number, firm in enumerate(firms)]
    _put(place, tables.FIRMS, rows)
    _put(place, tables.PHRASES, [{"phrase_no": 0, "phrase": "木制玩具", "firms": len(firms)}])
    _put(place, tables.MENTIONS, [{"phrase_no": 0, "firm_no": n, "role": 1, "start": 0, "end": 4} for n in numbers.values()])
    _put(place, tables.PHRASE_PRODUCTS, [{"product": "lead-acid-battery", "phrase_no": 0, "relation": "is"}])
    _put(place, tables.PLACEMENTS, [_placement(firm, segment, rows[numbers[firm.id]]) for firm in firms for segment in firm.segments])
    _put(place, tables.DIVISIONS, [dict(zip(("adcode", "name", "level", "parent", "lon", "lat"), row, strict=True)) for row in DIVISIONS])
    _put(place, tables.REJECTS, [])
    _put(place, tables.STEPS, [])
    days = [firm.registered_on for firm in firms if firm.registered_on]
    info: dict[str, Any] = {
        "build_id": build_id, "rulebook_hash": "0" * 12, "created_at": "2026-01-01T00:00:00+00:00", "firms": len(firms),
        "files": ["tiny.csv"],
        "first_registered_on": min(days).isoformat() if days else None, "last_registered_on": max(days).isoformat() if days else None,
    }  # fmt: skip
    (place / "build.json").write_text(json.dumps(info), "utf-8")
    warehouse.serve(folder, build_id)


def _firm_row(number: int, firm: Firm, numbers: dict[str, int]) -> dict[str, Any]:
    lon, lat = SEATS.get(firm.at, (None, None))
    parent = numbers.get(firm.parent)
    capital_text = None if firm.capital_yuan is None else f"{firm.capital_yuan:.0f}元"
    name = firm.name or f"{firm.id}玩具厂"
    return {
        "firm_no": number, "firm_id": firm.id, "uscc": firm.id, "uscc_status": "valid", "name": name, "name_key": names.key(name),
        "registered_on": firm.registered_on, "firm_type": None, "capital_text": capital_text,
        "capital_yuan": firm.capital_yuan, "capital_currency": None, "capital_is_estimated": False, "scope": "木制玩具制造;批发零售",
        "province": None, "city": None, "address": "人民路1号", "adcode": firm.at, "located_by": "county" if firm.at else "none",
        "lon": lon, "lat": lat,
        "is_branch": bool(firm.parent), "is_manufacturer": True, "parent_no": parent, "group_no": number if parent is None else parent,
        "source_file": "tiny.csv", "source_row": number + 1, "source_line": number + 2,
    }  # fmt: skip


def _placement(firm: Firm, segment: str, row: dict[str, Any]) -> dict[str, Any]:
    copied = {name: row[name] for name in ("firm_no", "registered_on", "adcode", "lon", "lat", "capital_yuan", "group_no", "is_branch")}
    span = {"phrase_no": None, "start": None, "end": None} if firm.proof == "name" else {"phrase_no": 0, "start": 0, "end": 4}
    shared = {"chain": CHAIN, "segment": segment, "product": "lead-acid-battery", "role": 1, "proof": firm.proof, "products": firm.products}
    return {**shared, **span, **copied}


def _put(place: Path, table: tables.Table, rows: Iterable[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(list(rows), schema=table.schema), place / f"{table.name}.parquet")
