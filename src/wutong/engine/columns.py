"""The firms of a build as columns in memory, at their firm_no: read once per opened warehouse, shared by all questions.

Why: a build never changes; twenty scattered rows of a Parquet file cost more to read than a million numbers in memory cost to compare.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine.warehouse import Warehouse

Numbers = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

EPOCH = dt.date(1970, 1, 1)
UNDATED = np.iinfo(np.int32).min
NONE = -1
KEPT = (
    "firm_no",
    "firm_id",
    "uscc",
    "name",
    "name_key",
    "adcode",
    "lon",
    "lat",
    "capital_text",
    "capital_yuan",
    "registered_on",
    "scope",
    "is_branch",
    "is_manufacturer",
    "parent_no",
    "group_no",
    "source_file",
    "source_row",
)


@dataclass(frozen=True, slots=True)
class Sites:
    """The different points at which firms stand. Shape: `number` one entry a firm, its place in `lon` and `lat`, NaN where unknown."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    number: Numbers


@dataclass(frozen=True, eq=False)
class Columns:
    """Shape: one entry a firm, at its firm_no; `adcode` 0 and `parent` NONE where there is none.

    Units: `day` days since 1970-01-01, UNDATED where unknown.
    """

    frame: pl.DataFrame
    phrases: pl.Series
    adcode: Numbers
    day: Numbers
    parent: Numbers
    group: Numbers
    is_by_adcode: bool

    @cached_property
    def standing(self) -> Numbers:
        """The place of each firm among all: heads before branches, the larger known capital first, then by firm_id."""
        keys = ["is_branch", "capital_yuan", "firm_id"]
        order = self.frame.select(*keys, row=pl.int_range(pl.len(), dtype=pl.Int32)).sort(
            keys, descending=[False, True, False], nulls_last=True
        )
        places = np.empty(self.frame.height, dtype=np.int32)
        places[order["row"].to_numpy()] = np.arange(self.frame.height, dtype=np.int32)
        return places

    @cached_property
    def sites(self) -> Sites:
        """Where firms stand, each point once."""
        points = self.frame.select("lon", "lat", row=pl.int_range(pl.len(), dtype=pl.Int32))
        first = points.group_by("lon", "lat").agg(pl.col("row").min()).sort("row")
        number = points.join(first.with_row_index("number"), on=["lon", "lat"], how="left", nulls_equal=True, maintain_order="left")
        lon, lat = (first[name].to_numpy().astype(np.float64) for name in ("lon", "lat"))
        return Sites(lon, lat, number["number"].to_numpy().astype(np.int32))

    @cached_property
    def capital_place(self) -> Numbers:
        """The place of each firm's known capital among all different ones, from the smallest; NONE where unknown."""
        capital = self.frame["capital_yuan"].to_numpy()
        known = ~np.isnan(capital)
        places = np.full(len(capital), NONE, dtype=np.int32)
        places[known] = np.unique(capital[known], return_inverse=True)[1]
        return places

    def with_adcode(self, prefix: str) -> Numbers:
        """The firms whose code begins with these digits, ascending."""
        low, high = int(prefix.ljust(6, "0")), int(prefix.ljust(6, "9"))
        if self.is_by_adcode:
            return np.arange(*np.searchsorted(self.adcode, [low, high + 1]), dtype=np.int32)
        return np.flatnonzero((self.adcode >= low) & (self.adcode <= high)).astype(np.int32)

    def marked(self, firm_no: Numbers) -> Bools:
        """A mask with these firms set: membership by look-up, many times quicker than comparing lists."""
        mask = np.zeros(len(self.day), dtype=np.bool_)
        mask[firm_no] = True
        return mask

    def seen_by(self, day: dt.date) -> int:
        """How many firms are registered by a day; undated ones count."""
        return int(np.count_nonzero(self.day <= days(day)))


_kept: WeakKeyDictionary[Warehouse, Columns] = WeakKeyDictionary()
_lock = threading.Lock()
_mentions: WeakKeyDictionary[Warehouse, pl.DataFrame] = WeakKeyDictionary()
_mentions_lock = threading.Lock()
_placements: WeakKeyDictionary[Warehouse, tuple[pl.DataFrame, Numbers]] = WeakKeyDictionary()
_placements_lock = threading.Lock()
PLACED = ("chain", "segment", "product", "proof")


def days(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def of(warehouse: Warehouse) -> Columns:
    """The columns of a build, kept for as long as it is open."""
    with _lock:
        kept = _kept.get(warehouse)
        if kept is None:
            kept = _kept[warehouse] = _read(warehouse)
        return kept


def with_ids(warehouse: Warehouse, firm_ids: Collection[str]) -> Numbers:
    """The firm_no of firms by their ids, ascending; ids that the build does not hold are left out."""
    wanted = pl.Series(sorted(firm_ids), dtype=pl.String)
    hashes, order = _ids(warehouse)
    asked = wanted.hash().to_numpy()
    at = np.minimum(np.searchsorted(hashes, asked), max(len(hashes) - 1, 0))
    found = order[at[hashes[at] == asked]] if len(hashes) else order
    held = of(warehouse).frame["firm_id"].gather(found)
    return np.sort(found[held.is_in(wanted.implode()).to_numpy()])


def pairs(warehouse: Warehouse, ids: Mapping[str, str]) -> list[tuple[int, int]]:
    """The numbers of firms named in pairs by their ids; pairs of which the build lacks one are left out."""
    held = with_ids(warehouse, {*ids, *ids.values()})
    numbers = dict(zip(of(warehouse).frame["firm_id"].gather(held).to_list(), held.tolist(), strict=True))
    return [(numbers[one], numbers[other]) for one, other in sorted(ids.items()) if one in numbers and other in numbers]


_hashed: WeakKeyDictionary[Warehouse, tuple[npt.NDArray[np.uint64], Numbers]] = WeakKeyDictionary()


def _ids(warehouse: Warehouse) -> tuple[npt.NDArray[np.uint64], Numbers]:
    """Hashes of all ids in order, and whose they are: a look-up that costs no reading of a million texts."""
    known = of(warehouse)
    with _lock:
        kept = _hashed.get(warehouse)
        if kept is None:
            hashes = known.frame["firm_id"].hash().to_numpy()
            order = np.argsort(hashes, kind="stable").astype(np.int32)
            kept = _hashed[warehouse] = (hashes[order], order)
        return kept


def mentions(warehouse: Warehouse) -> pl.DataFrame:
    """Every mention in the order of its phrase, read once for all that ask."""
    with _mentions_lock:
        kept = _mentions.get(warehouse)
        if kept is None:
            kept = _mentions[warehouse] = table(warehouse, "mentions", ("phrase_no", "firm_no", "role", "start", "end"), "phrase_no")
        return kept


def placements(warehouse: Warehouse, firm_no: int) -> pl.DataFrame:
    """The segments that a firm is placed on, by chain and segment. Why in memory: their file lies in the order of segments and would be
    read whole for each firm.
    """
    with _placements_lock:
        kept = _placements.get(warehouse)
        if kept is None:
            more = ("firm_no", "role", "products", "phrase_no", "start", "end")
            frame = pl.read_parquet(warehouse.folder / "placements.parquet", columns=[*PLACED, *more])
            frame = frame.with_columns(pl.col(PLACED).cast(pl.Categorical)).sort("firm_no", maintain_order=True).rechunk()
            kept = _placements[warehouse] = (frame, frame["firm_no"].to_numpy())
    frame, numbers = kept
    first, end = np.searchsorted(numbers, [firm_no, firm_no + 1])
    return frame[int(first) : int(end)]


def table(warehouse: Warehouse, name: str, columns: tuple[str, ...], by: str) -> pl.DataFrame:
    """Columns of one table of a build, in the order of `by`, each in one piece: scattered rows are dear to take out of many."""
    frame = pl.read_parquet(warehouse.folder / f"{name}.parquet", columns=list(columns)).rechunk()
    return frame if frame[by].is_sorted() else frame.sort(by, maintain_order=True)


def _read(warehouse: Warehouse) -> Columns:
    frame = table(warehouse, "firms", KEPT, "firm_no").with_columns(
        pl.col("source_file").cast(pl.Categorical), registered_day=pl.col("registered_on").to_physical()
    )
    adcode = frame["adcode"].cast(pl.Int32, strict=False).fill_null(0).to_numpy()
    return Columns(
        frame=frame,
        phrases=table(warehouse, "phrases", ("phrase_no", "phrase"), "phrase_no")["phrase"],
        adcode=adcode,
        day=frame["registered_day"].fill_null(UNDATED).to_numpy(),
        parent=frame["parent_no"].fill_null(NONE).to_numpy(),
        group=frame["group_no"].to_numpy(),
        is_by_adcode=bool((adcode[1:] >= adcode[:-1]).all()),
    )
