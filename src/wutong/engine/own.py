"""What a bureau knows that the registry does not, handed to the engine as small Arrow tables; empty without the web."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
MERGES = tables.MERGES.schema


@dataclass(frozen=True, eq=False)
class Own:
    """Hand placements, tags, yearly figures, further names, merges, as `tables.OWN` declares them. Raises: tables.TableError otherwise.

    Hand placements: where `is_maker` is false, somebody checked that the firm does not make what its scope says; where it is true, that
    it makes what neither its scope nor its name says.
    """

    hand_placements: pa.Table = field(default_factory=HAND_PLACEMENTS.empty_table)
    tags: pa.Table = field(default_factory=TAGS.empty_table)
    figures: pa.Table = field(default_factory=FIGURES.empty_table)
    names: pa.Table = field(default_factory=NAMES.empty_table)
    merges: pa.Table = field(default_factory=MERGES.empty_table)

    def __post_init__(self) -> None:
        """Check them, so that a wrong column fails where it was made and not where it is read."""
        for table in tables.OWN:
            object.__setattr__(self, table.name, tables.check(table, getattr(self, table.name)))

    def apply(self, chain_id: str, found: Makers) -> Makers:
        """The makers as people know them: without those checked and found to be none, with those checked and found to be makers.

        Of a firm that turned out to be another the other one stands there alone, by what the first makes too.

        Why: the same statements give the same arrays, so these are kept for the makers asked about last, and with them what is added up
        over them (`scoring.merits`).
        """
        rows = self.hand_placements.to_pylist()
        said = _Said(
            tuple(sorted((row["segment"], row["firm_id"], bool(row["is_maker"])) for row in rows if row["chain"] == chain_id)),
            tuple(sorted(zip(*(self.merges.column(name).to_pylist() for name in MERGES.names), strict=True))),
        )
        if not said.by_hand and not said.merged:
            return found
        with _lock:
            held = _applied.pop(found, None)
        if held is None or held[0] != said:
            held = (said, _applied_to(found, said))
        with _lock:
            _applied[found] = held
            full = [other for other, (_, made) in _applied.items() if made is not None]
            for other in full[:-APPLIED_KEPT]:
                del _applied[other]
        return found if held[1] is None else held[1]


@dataclass(frozen=True, slots=True)
class _Said:
    """What people said of one chain: (segment, firm, whether it makes it), and (firm, firm that it is); ids of the registry, sorted."""

    by_hand: tuple[tuple[str, str, bool], ...]
    merged: tuple[tuple[str, str], ...]


APPLIED_KEPT = 6
"""So many chains are kept as people know them: the largest takes some tens of megabytes."""
_applied: WeakKeyDictionary[Makers, tuple[_Said, Makers | None]] = WeakKeyDictionary()
_lock = threading.Lock()


def _applied_to(found: Makers, said: _Said) -> Makers | None:
    """The makers with what was said of them; None where nothing of it touches them."""
    ids = {firm for _, firm, _ in said.by_hand} | {firm for pair in said.merged for firm in pair}
    at = found.columns.frame["firm_id"].is_in(pl.Series(sorted(ids)).implode()).arg_true()
    numbers = dict(zip(found.columns.frame["firm_id"].gather(at).to_list(), at.to_list(), strict=True))
    is_maker = {(segment, numbers[firm]): is_one for segment, firm, is_one in said.by_hand if firm in numbers}
    merged = [(numbers[firm], numbers[kept]) for firm, kept in said.merged if firm in numbers and kept in numbers]
    source = _merged(found, merged, is_maker)
    changed = _changed(found, is_maker, source) if is_maker else found
    group_of = {gone: int(found.columns.group[kept]) for gone, kept in merged if found.columns.group[gone] == gone}
    group = changed.group
    if group_of:
        group = group.copy()
        for gone, kept in group_of.items():
            group[group == gone] = kept
    if np.array_equal(group, changed.group):
        return None if changed is found else changed
    return replace(changed, group=group)


def _merged(found: Makers, merged: Sequence[tuple[int, int]], is_maker: dict[tuple[str, int], bool]) -> dict[tuple[str, int], int]:
    """Enter that the firms that are others make nothing by themselves, and the others what they make; from which rows is returned."""
    source: dict[tuple[str, int], int] = {}
    for gone, kept in merged:
        for segment in found.slices:
            row = found.row(segment, gone)
            if row is None:
                continue
            is_maker[segment, gone] = False
            if found.row(segment, kept) is None and (segment, kept) not in is_maker:
                is_maker[segment, kept] = True
                source[segment, kept] = row
    return source


def _changed(found: Makers, said: Mapping[tuple[str, int], bool], source: Mapping[tuple[str, int], int]) -> Makers:
    """The makers without those of whom it was said that they are none, and with those who are; `source`: the row that says so of a firm."""
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
    for place, key in enumerate(added):
        for name in ("product", "products", "scope_items") if key in source else ():
            more[name][place] = getattr(found, name)[source[key]]
    segment_no = np.concatenate([kept_no, np.array([segments.index(segment) for segment, _ in added], dtype=np.int64)])
    firm_no = np.concatenate([found.firm_no[is_kept], np.array([number for _, number in added], dtype=np.int64)])
    order = np.lexsort((firm_no, segment_no))
    whole = {name: np.concatenate([getattr(found, name)[is_kept], more[name]])[order] for name in _GIVEN}
    return makers.made(found.columns, makers.slices_of(segments, segment_no[order]), firm_no[order], **whole)


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
