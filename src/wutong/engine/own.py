"""What a bureau knows that the registry does not, handed to the engine as small Arrow tables; empty without the web."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
import pyarrow as pa

from wutong.engine import columns, makers, tables
from wutong.engine.makers import Makers

HAND_PLACEMENTS = tables.HAND_PLACEMENTS.schema
TAGS = tables.TAGS.schema
FIGURES = tables.FIGURES.schema
NAMES = tables.NAMES.schema


@dataclass(frozen=True, eq=False)
class Own:
    """Hand placements, tags, yearly figures, further names, as `tables.OWN` declares them. Raises: tables.TableError where one is not.

    Hand placements: where `is_maker` is false, somebody checked that the firm does not make what its scope says; where it is true, that
    it makes what neither its scope nor its name says.
    """

    hand_placements: pa.Table = field(default_factory=HAND_PLACEMENTS.empty_table)
    tags: pa.Table = field(default_factory=TAGS.empty_table)
    figures: pa.Table = field(default_factory=FIGURES.empty_table)
    names: pa.Table = field(default_factory=NAMES.empty_table)

    def __post_init__(self) -> None:
        """Check them, so that a wrong column fails where it was made and not where it is read."""
        for table in tables.OWN:
            object.__setattr__(self, table.name, tables.check(table, getattr(self, table.name)))

    def apply(self, chain_id: str, found: Makers) -> Makers:
        """The makers as people know them: without those checked and found to be none, with those checked and found to be makers.

        Why: the same statements give the same arrays, so these are kept for the makers asked about last, and with them what is added up
        over them (`scoring.merits`).
        """
        rows = tuple(sorted((row["segment"], row["firm_id"], bool(row["is_maker"])) for row in self._rows(chain_id)))
        if not rows:
            return found
        with _lock:
            kept = _applied.pop(found, None)
            if kept is not None and kept[0] == rows:
                _applied[found] = kept
                return kept[1]
        result = self._made(chain_id, found)
        if result is found:
            return found
        with _lock:
            _applied[found] = (rows, result)
            while len(_applied) > APPLIED_KEPT:
                _applied.pop(next(iter(_applied)))
        return result

    def _made(self, chain_id: str, found: Makers) -> Makers:
        said = self._said(chain_id, found)
        if not said:
            return found
        is_kept = np.ones(len(found.firm_no), dtype=np.bool_)
        added = []
        for (segment, number), is_maker in said.items():
            row = found.row(segment, number)
            if row is None and is_maker:
                added.append((segment, number))
            elif row is not None and not is_maker:
                is_kept[row] = False
        segments = sorted({*found.slices, *(segment for segment, _ in added)})
        kept_no = np.repeat(np.arange(len(segments)), [at.stop - at.start for at in map(found.rows, segments)])[is_kept]
        more = _by_hand(found.columns, [number for _, number in added])
        segment_no = np.concatenate([kept_no, np.array([segments.index(segment) for segment, _ in added], dtype=np.int64)])
        firm_no = np.concatenate([found.firm_no[is_kept], np.array([number for _, number in added], dtype=np.int64)])
        order = np.lexsort((firm_no, segment_no))
        whole = {name: np.concatenate([getattr(found, name)[is_kept], more[name]])[order] for name in _GIVEN}
        return makers.made(found.columns, makers.slices_of(segments, segment_no[order]), firm_no[order], **whole)

    def _rows(self, chain_id: str) -> list[dict[str, Any]]:
        return [row for row in self.hand_placements.to_pylist() if row["chain"] == chain_id]

    def _said(self, chain_id: str, found: Makers) -> dict[tuple[str, int], bool]:
        """(segment, firm_no) → whether it is a maker, of firms that this build holds."""
        rows = self._rows(chain_id)
        ids = {row["firm_id"] for row in rows}
        if not ids:
            return {}
        held = found.columns.frame["firm_id"].is_in(pl.Series(sorted(ids)).implode()).arg_true()
        numbers = dict(zip(found.columns.frame["firm_id"].gather(held).to_list(), held.to_list(), strict=True))
        return {(row["segment"], numbers[row["firm_id"]]): bool(row["is_maker"]) for row in rows if row["firm_id"] in numbers}


APPLIED_KEPT = 6
"""So many chains are kept as people know them: the largest takes some tens of megabytes."""
_applied: WeakKeyDictionary[Makers, tuple[tuple[tuple[str, str, bool], ...], Makers]] = WeakKeyDictionary()
_lock = threading.Lock()

_GIVEN = ("proof", "product", "products", "scope_items", "phrase", "start", "end")
_ITEM_END = re.compile("[、,;。\uff0c\uff1b]")


def _by_hand(known: columns.Columns, numbers: list[int]) -> dict[str, Any]:
    """What stands for a placement that no scope and no name proves. Its focus is one product of the items that its scope lists."""
    scopes = known.frame["scope"].gather(numbers).to_list() if numbers else []
    nowhere = np.full(len(numbers), makers.NOWHERE, dtype=np.int64)
    return {
        "proof": np.full(len(numbers), makers.PROOFS.index("hand"), dtype=np.int8),
        "product": np.array([""] * len(numbers), dtype=object),
        "products": np.ones(len(numbers), dtype=np.int64),
        "scope_items": np.array([max(1, len(list(filter(None, _ITEM_END.split(scope or ""))))) for scope in scopes], dtype=np.int64),
        "phrase": nowhere,
        "start": nowhere,
        "end": nowhere,
    }


NOTHING = Own()
