"""Which firm each row of a list means: sure, doubtful, or nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from wutong.engine import columns, makers, name_index
from wutong.engine.list_files import ListFile, Row
from wutong.engine.name_index import Asked, Candidate
from wutong.rulebook.load import Rulebook
from wutong.web.firms import rules
from wutong.web.firms.queries import names
from wutong.web.lib import warehouse


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A row that is not sure. `is_open`: a person shall decide; otherwise nothing in the registry comes near. `candidates` as JSON."""

    row: Row
    text: str
    candidates: list[dict[str, Any]]
    best_share: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """The rows of a list. `sure`: firm_no → the row that means it and what it was recognised by, each firm once."""

    sure: dict[int, tuple[Row, Candidate]]
    doubtful: tuple[Doubtful, ...]


def recognise(listed: ListFile, form: str, rulebook: Rulebook, day: dt.date, taken: Container[str] = ()) -> Recognised:
    """Look every row up among the names of the registry and those that units noted.

    `form`: the legal form that the list implies; `taken`: ids of the firms that rows before these mean already.
    """
    ids = columns.of(warehouse.served()).frame["firm_id"]
    index = name_index.of(warehouse.served())
    numbers = name_index.Numbers.on(rulebook, day)
    decided_from, asked_from = (rulebook.number(f"names.{leaf}", day) for leaf in ("decided_from_share", "asked_from_share"))
    asked = [Asked(rules.names_of(row.values), row.text("uscc"), form) for row in listed.rows]
    sure: dict[int, tuple[Row, Candidate]] = {}
    doubtful = []
    for row, ask, found in zip(listed.rows, asked, index.match(asked, numbers, noted=names.further()), strict=True):
        best = found[0] if found else None
        if best is not None and best.confidence_share >= decided_from and best.row not in sure and ids[best.row] not in taken:
            sure[best.row] = (row, best)
            continue
        share = best.confidence_share if best else 0.0
        text = " / ".join(ask.names)[:300] or row.text("uscc")
        shown = _shown([one for one in found if one.confidence_share >= asked_from])
        doubtful.append(Doubtful(row, text, shown, share, share >= asked_from))
    return Recognised(sure, tuple(doubtful))


def _shown(found: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The candidates as a page shows them side by side."""
    build = warehouse.served()
    frame, places = columns.of(build).frame, makers.places(build)
    rows = frame[[item.row for item in found]].to_dicts() if found else []
    return [
        {
            "firm_id": row["firm_id"], "name": row["name"], "uscc": row["uscc"], "place": places.path(row["adcode"]),
            "registered_on": row["registered_on"].isoformat() if row["registered_on"] else None, "capital_yuan": row["capital_yuan"],
            "confidence_share": round(item.confidence_share, 4), "by": item.by.value,
        }
        for row, item in zip(rows, found, strict=True)
    ]  # fmt: skip
