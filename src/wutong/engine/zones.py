"""Which firms stand in each zone and park: the zones with codes of their own and the place files of a bureau, kept per opened warehouse.

Why: a question about one zone asks the files (`engine.members`); a question about all of them reads every address once and keeps only the
numbers of the firms. Both give the same firms, which a test proves.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from wutong.engine import columns, members
from wutong.engine.places import Places, Region
from wutong.engine.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
KINDS = ("zone", "park")


@dataclass(frozen=True, eq=False)
class Zones:
    """Shape: `firm_no` and `zone` one entry a membership, sorted by firm; `zone` is a place in `regions`."""

    regions: tuple[Region, ...]
    firm_no: Ints
    zone: Ints

    def of(self, firm_no: Ints) -> tuple[Ints, Ints]:
        """For each membership of these firms: where the firm stands in the list, and its zone."""
        low, high = np.searchsorted(self.firm_no, firm_no, "left"), np.searchsorted(self.firm_no, firm_no, "right")
        count = high - low
        at = np.repeat(np.arange(len(firm_no)), count)
        offset = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        return at.astype(np.int64), self.zone[np.repeat(low, count) + offset]


_kept: WeakKeyDictionary[Warehouse, dict[tuple[Region, ...], Zones]] = WeakKeyDictionary()
_lock = threading.Lock()
MOST_KEPT = 3


def of(warehouse: Warehouse, places: Places) -> Zones:
    """The firms of every zone and park, kept from the first question on; anew when the place files change."""
    own = tuple(region for region in places.listed() if region.kind in KINDS)
    with _lock:
        kept = _kept.setdefault(warehouse, {})
        if own not in kept:
            while len(kept) >= MOST_KEPT:
                kept.pop(next(iter(kept)))
            kept[own] = _read(warehouse, places, own)
        return kept[own]


def _read(warehouse: Warehouse, places: Places, own: tuple[Region, ...]) -> Zones:
    coded = tuple(places.region(code) for code, zone in sorted(places.atlas.zones.items()) if zone.inside_adcode in places.atlas.divisions)
    taken = {code for region in own for code in region.codes}
    coded = tuple(region for region in coded if region.id not in taken)
    firms = columns.table(warehouse, "firms", ("firm_no", "adcode", "uscc", "address"), "firm_no").with_columns(
        registry=pl.when(pl.col("uscc").str.len_chars() == 18).then(pl.col("uscc").str.slice(2, 6)).fill_null("")
    )
    by_code = _by_code(firms, {region.id for region in coded})
    known = columns.of(warehouse)
    parts = [np.union1d(by_code.get(region.id, _none()), _by_words(firms, known, region)) for region in coded]
    parts += [members.of(warehouse, region).astype(np.int64) for region in own]
    regions, parts = _one_a_name((*coded, *own), parts)
    firm_no = np.concatenate(parts or [_none()])
    zone = np.concatenate([np.full(len(part), number, dtype=np.int64) for number, part in enumerate(parts)] or [_none()])
    order = np.argsort(firm_no, kind="stable")
    return Zones(regions, firm_no[order], zone[order])


def _one_a_name(regions: Sequence[Region], parts: Sequence[Ints]) -> tuple[tuple[Region, ...], list[Ints]]:
    """Of zones with two codes the one with more firms, so that no zone stands twice."""
    best: dict[str, int] = {}
    for number, region in enumerate(regions):
        if region.full_name not in best or len(parts[number]) > len(parts[best[region.full_name]]):
            best[region.full_name] = number
    return tuple(regions[number] for number in best.values()), [parts[number] for number in best.values()]


def _by_code(firms: pl.DataFrame, codes: set[str]) -> dict[str, Ints]:
    """The firms whose credit code was given out by a zone's own office."""
    found = firms.filter(pl.col("registry").is_in(list(codes))).group_by("registry").agg("firm_no")
    return {code: np.array(numbers, dtype=np.int64) for code, numbers in found.iter_rows()}


def _by_words(firms: pl.DataFrame, known: columns.Columns, region: Region) -> Ints:
    """The firms of its county, or known only to lie in the city around it, whose address bears one of its words."""
    if not region.words:
        return _none()
    numbers = known.with_adcode(region.prefix).astype(np.int64)
    if region.city and len(region.prefix) == 6:
        numbers = np.union1d(numbers, np.flatnonzero(known.adcode == int(region.city)))
    addresses = firms["address"].gather(numbers)
    is_named = addresses.str.contains("|".join(map(re.escape, region.words))).fill_null(False).to_numpy()
    result: Ints = numbers[is_named]
    return result


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)
