"""The makers of a chain as arrays, and the region a question is about, seen as of a day: what gaps and targets both count.

Why: a build never changes, so the makers of a chain and the branches of the registry are read once per opened warehouse and kept; a
question then costs one look at the region and some array arithmetic.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wutong.engine import columns, members
from wutong.engine.answers import RegistryHere, clause
from wutong.engine.columns import EPOCH, UNDATED, Columns, days
from wutong.engine.places import EARTH_RADIUS_KM, KM_PER_DEGREE, Places, Region
from wutong.engine.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NOWHERE = -1
FACTS = (
    "firm_id",
    "uscc",
    "name",
    "adcode",
    "lon",
    "lat",
    "registered_on",
    "is_branch",
    "capital_text",
    "capital_yuan",
    "scope",
    "source_file",
    "source_row",
)
PROOFS = ("scope", "name", "inferred", "hand")
MUNICIPALITIES = (11, 12, 31, 50)
SPREADS_KEPT = 16
CITY_NUMBERS = 1_000_000
FEW = 1_000
DAYS_KEPT = 8
HERE_KEPT, MOST_FIRMS_KEPT = 12, 150_000
"""Regions kept, and how many firms one may have: of a whole province the names alone would fill the memory."""


@dataclass(frozen=True, eq=False)
class Makers:
    """Every placement of one chain. Shape: one entry per segment and firm, sorted by segment, then firm.

    Units: `day` days since 1970-01-01, UNDATED where unknown; `capital_yuan` its own, NaN where unknown; `head_capital_yuan` that of its
    group's head where a branch has none of its own; `head_day` the head's day; `proof` its place in PROOFS; `phrase`, `start` and `end`
    NOWHERE where the name alone proves it.
    """

    columns: Columns
    slices: dict[str, slice]
    firm_no: Ints
    group: Ints
    lon: Floats
    lat: Floats
    day: Ints
    is_branch: Bools
    capital_yuan: Floats
    head_capital_yuan: Floats
    head_day: Ints
    proof: npt.NDArray[np.int8]
    product: npt.NDArray[np.object_]
    products: Ints
    scope_items: Ints
    phrase: Ints
    start: Ints
    end: Ints

    def rows(self, segment: str) -> slice:
        """Where a segment's makers stand; empty where it has none."""
        return self.slices.get(segment, slice(0, 0))

    def row(self, segment: str, firm_no: int) -> int | None:
        """Where a firm stands in a segment; None where it is no maker of it."""
        at = self.rows(segment)
        row = at.start + int(np.searchsorted(self.firm_no[at], firm_no))
        return row if row < at.stop and self.firm_no[row] == firm_no else None

    def distance_km(self, lon: float | None, lat: float | None) -> Floats:
        """The great-circle distance of every entry from a point. Units: km; NaN where either end is unknown.

        Why: most firms of a county are known to stand at its seat, so few different points are measured.
        """
        sites = self.columns.sites
        if len(sites.lon) >= len(self.firm_no):
            return distance_km(self.lon, self.lat, lon, lat)
        result: Floats = distance_km(sites.lon, sites.lat, lon, lat)[sites.number[self.firm_no]]
        return result

    def within_km(self, lon: float | None, lat: float | None, radius_km: float) -> Bools:
        """Which entries lie inside the radius; those of unknown place do not."""
        sites = self.columns.sites
        if len(sites.lon) >= len(self.firm_no):
            return within_km(self.lon, self.lat, lon, lat, radius_km)
        return within_km(sites.lon, sites.lat, lon, lat, radius_km)[sites.number[self.firm_no]]

    def national(self, last_day: int) -> dict[str, int]:
        """How many groups of each segment are seen by a day, kept for the days asked for last."""
        found = self._national.get(last_day)
        if found is None:
            seen = self.day <= last_day
            found = {segment: distinct(self.group[at][seen[at]]) for segment, at in self.slices.items()}
            self._national[last_day] = found
            for day in list(self._national)[:-DAYS_KEPT]:
                self._national.pop(day, None)
        return found

    @cached_property
    def _national(self) -> dict[int, dict[str, int]]:
        return {}

    def firm_ids(self, rows: Ints) -> list[str]:
        """The ids of the firms of some entries."""
        found: list[str] = self.columns.frame["firm_id"].gather(self.firm_no[rows]).to_list()
        return found

    def facts(self, rows: Ints) -> list[dict[str, Any]]:
        """What is shown of some entries."""
        found = self.columns.frame.select(FACTS)[self.firm_no[rows]].to_dicts()
        for fact, row in zip(found, rows.tolist(), strict=True):
            phrase, has_span = int(self.phrase[row]), self.start[row] != NOWHERE
            fact["phrase"] = self.columns.phrases[phrase] if phrase != NOWHERE else None
            fact["start"], fact["end"] = (int(self.start[row]), int(self.end[row])) if has_span else (None, None)
            fact["proof"], fact["product"] = PROOFS[self.proof[row]], self.product[row]
        return found


@dataclass(frozen=True, slots=True)
class MakerRow:
    """Grain: one firm that makes something of a segment, with what proves it.

    Units: distance_km; capital in yuan, its head's where a branch has none.
    """

    firm_id: str
    uscc: str | None
    name: str
    is_branch: bool
    adcode: str
    place: str
    lon: float | None
    lat: float | None
    distance_km: float | None
    registered_on: dt.date | None
    capital_yuan: float | None
    product: str
    proof: str
    phrase: str | None
    clause: str


def listed(found: Makers, rows: Ints, known: Places, lon: float | None, lat: float | None) -> tuple[MakerRow, ...]:
    """What is shown of some makers, each with its distance from a point."""
    distance = distance_km(found.lon[rows], found.lat[rows], lon, lat)
    capital = known_capital_yuan(found, rows)
    result = []
    for fact, km, yuan in zip(found.facts(rows), distance.tolist(), capital.tolist(), strict=True):
        result.append(
            MakerRow(
                fact["firm_id"], fact["uscc"], fact["name"], fact["is_branch"], fact["adcode"], known.path(fact["adcode"]), fact["lon"],
                fact["lat"], None if np.isnan(km) else km, fact["registered_on"], None if np.isnan(yuan) else yuan, fact["product"],
                fact["proof"], fact["phrase"], clause(fact["scope"], fact["start"], fact["end"]),
            )
        )  # fmt: skip
    return tuple(result)


def known_capital_yuan(found: Makers, rows: Ints) -> Floats:
    """The capital of some entries, its head's where a branch has none of its own; NaN where neither is known."""
    own = found.capital_yuan[rows]
    result: Floats = np.where(np.isnan(own), found.head_capital_yuan[rows], own)
    return result


def best_first(found: Makers, rows: Ints) -> Ints:
    """The entries with the largest known capital first, one a group; heads before branches."""
    capital = np.nan_to_num(known_capital_yuan(found, rows), nan=-1.0)
    ordered = rows[np.lexsort((found.firm_no[rows], found.is_branch[rows], -capital))]
    _, first = np.unique(found.group[ordered], return_index=True)
    result: Ints = ordered[np.sort(first)]
    return result


@dataclass(frozen=True)
class Offices:
    """Firms that have a parent, sorted by group. Shape: one entry a branch or subsidiary."""

    firm_no: Ints
    group: Ints
    city: Ints
    head_city: Ints
    lon: Floats
    lat: Floats
    day: Ints


@dataclass(frozen=True)
class Spread:
    """In how many cities other than its head's each group has branches or subsidiaries. Shape: one entry a group that has any, sorted."""

    group: Ints
    cities: Ints

    def of(self, group: Ints) -> Ints:
        """The number for each of these groups; 0 where a group has none."""
        return look_up(self.group, self.cities, group)


@dataclass(frozen=True)
class Here:
    """The region of a question and what the registry holds there, as of a day.

    Shape: the arrays have one entry a visible firm of the region, sorted by firm_no; `mask` one entry a firm of the build.
    """

    columns: Columns
    region: Region
    as_of: dt.date
    firm_no: Ints
    group: Ints
    mask: Bools
    registry: RegistryHere

    @cached_property
    def names(self) -> list[str]:
        """The names of the firms."""
        found: list[str] = self.columns.frame["name"].gather(self.firm_no).to_list()
        return found

    @cached_property
    def text(self) -> tuple[str, Ints]:
        """All names in one text, a line each, and where each line begins."""
        names = self.names
        return "\n".join(names), np.concatenate([[0], np.cumsum([len(name) + 1 for name in names])]).astype(np.int64)

    @property
    def share(self) -> float:
        """The region's share of all registry firms (0-1)."""
        return self.registry.firms_here / self.registry.firms if self.registry.firms else 0.0

    @property
    def has_site(self) -> bool:
        """Whether the region has a point that distances are measured from."""
        return self.region.lon is not None and self.region.lat is not None

    def holds(self, firm_no: Ints) -> Bools:
        """Which of these firms stand in the region."""
        return self.mask[firm_no]


class _Kept:
    """What one opened warehouse keeps in memory."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.makers: dict[str, Makers] = {}
        self.offices: Offices | None = None
        self.places: Places | None = None
        self.spread: dict[tuple[dt.date, int], Spread] = {}
        self.here: dict[tuple[Region, dt.date], Here] = {}


_kept: WeakKeyDictionary[Warehouse, _Kept] = WeakKeyDictionary()
_kept_lock = threading.Lock()


def _keep(warehouse: Warehouse) -> _Kept:
    with _kept_lock:
        return _kept.setdefault(warehouse, _Kept())


def cities(adcodes: Sequence[str] | npt.NDArray[np.object_]) -> Ints:
    """The prefecture of each division code as a number: four digits, two for a municipality, all six for a county without a city.

    NOWHERE where the code is empty or names a province only.
    """
    return city_numbers(np.array([int(code) if code else 0 for code in adcodes], dtype=np.int64))


def city_numbers(codes: Ints) -> Ints:
    """The prefecture of each division code, as `cities`; 0 stands for no code."""
    province, middle = codes // 10000, codes // 100 % 100
    result = np.where(np.isin(province, MUNICIPALITIES), province, np.where(middle >= 90, codes, codes // 100))
    return np.where((codes == 0) | ((middle == 0) & ~np.isin(province, MUNICIPALITIES)), NOWHERE, result).astype(np.int64)


def provinces(city: Ints) -> Ints:
    """The first two digits of a city number of any length."""
    result: Ints = np.where(city >= 100_000, city // 10_000, np.where(city >= 100, city // 100, city))
    return result


def _ints(table: pa.Table, name: str) -> Ints:
    column = table.column(name).cast(pa.int64()).fill_null(NOWHERE)
    result: Ints = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return result


def of_chain(warehouse: Warehouse, chain_id: str) -> Makers:
    """All placements of a chain, kept from the first question on."""
    kept = _keep(warehouse)
    with kept.lock:
        if chain_id not in kept.makers:
            kept.makers[chain_id] = _read_makers(warehouse.arrow("makers", {"chain": chain_id}), columns.of(warehouse))
        return kept.makers[chain_id]


def _read_makers(table: pa.Table, known: Columns) -> Makers:
    segments, segment_no = _texts(table, "segment")
    proofs, proof_no = _texts(table, "proof")
    products, product_no = _texts(table, "product")
    return made(
        known,
        slices_of(segments, segment_no),
        _ints(table, "firm_no"),
        proof=np.array([PROOFS.index(proof) for proof in proofs], dtype=np.int8)[proof_no],
        product=np.array(products, dtype=object)[product_no],
        products=_ints(table, "products"),
        scope_items=_ints(table, "scope_items"),
        phrase=_ints(table, "phrase_no"),
        start=_ints(table, "start"),
        end=_ints(table, "end"),
    )


def _texts(table: pa.Table, name: str) -> tuple[list[str], Ints]:
    """The different texts of a column, and which of them each row has. Why: a million rows share a few hundred texts."""
    column = table.column(name).combine_chunks().dictionary_encode()
    return column.dictionary.to_pylist(), column.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def slices_of(segments: Sequence[str], segment_no: Ints) -> dict[str, slice]:
    """Where each segment stands; `segment_no` in one piece a segment."""
    starts = np.flatnonzero(np.r_[True, segment_no[1:] != segment_no[:-1]]) if len(segment_no) else np.zeros(0, dtype=np.int64)
    ends = [*starts[1:].tolist(), len(segment_no)][: len(starts)]
    return {segments[segment_no[start]]: slice(start, end) for start, end in zip(starts.tolist(), ends, strict=True)}


def made(known: Columns, slices: dict[str, slice], firm_no: Ints, **given: npt.NDArray[Any]) -> Makers:
    """Makers of segments and firms sorted by segment, then firm; what firms bring along is looked up, the rest is given."""
    group = known.group[firm_no].astype(np.int64)
    is_branch, lon, lat, capital = (known.frame[name].to_numpy() for name in ("is_branch", "lon", "lat", "capital_yuan"))
    lacks = is_branch[firm_no] & np.isnan(capital[firm_no])
    whole: dict[str, Any] = {
        "slices": slices,
        "firm_no": firm_no,
        "group": group,
        "lon": lon[firm_no],
        "lat": lat[firm_no],
        "day": known.day[firm_no].astype(np.int64),
        "is_branch": is_branch[firm_no],
        "capital_yuan": capital[firm_no],
        "head_capital_yuan": np.where(lacks, capital[group], np.nan),
        "head_day": known.day[group].astype(np.int64),
    }
    whole.update(given)
    return Makers(columns=known, **whole)


def offices(warehouse: Warehouse) -> Offices:
    """All firms with a parent, by group; kept from the first question on."""
    kept = _keep(warehouse)
    with kept.lock:
        if kept.offices is None:
            known = columns.of(warehouse)
            firm_no = np.flatnonzero(known.parent != columns.NONE)
            firm_no = firm_no[np.argsort(known.group[firm_no], kind="stable")]
            group = known.group[firm_no].astype(np.int64)
            kept.offices = Offices(
                firm_no=firm_no,
                group=group,
                city=city_numbers(known.adcode[firm_no].astype(np.int64)),
                head_city=city_numbers(known.adcode[group].astype(np.int64)),
                lon=known.frame["lon"].to_numpy()[firm_no],
                lat=known.frame["lat"].to_numpy()[firm_no],
                day=known.day[firm_no].astype(np.int64),
            )
        return kept.offices


def spread(warehouse: Warehouse, as_of: dt.date, within_days: int = 0) -> Spread:
    """Groups with branches in other cities as of a day (opened in the last `within_days`, if given), kept from the first question on."""
    kept = _keep(warehouse)
    if (as_of, within_days) not in kept.spread:
        all_offices = offices(warehouse)
        since = days(as_of) - within_days if within_days else UNDATED
        found = spread_of(all_offices, (all_offices.day <= days(as_of)) & (all_offices.day >= since))
        with kept.lock:
            while len(kept.spread) >= SPREADS_KEPT:
                kept.spread.pop(next(iter(kept.spread)))
            kept.spread[as_of, within_days] = found
        return found
    return kept.spread[as_of, within_days]


def spread_of(all_offices: Offices, mask: Bools) -> Spread:
    """Distinct cities other than the head's, over the offices that the mask takes."""
    away = mask & (all_offices.city != NOWHERE) & (all_offices.city != all_offices.head_city)
    pairs = np.unique(all_offices.group[away] * CITY_NUMBERS + all_offices.city[away])
    group, number = np.unique(pairs // CITY_NUMBERS, return_counts=True)
    return Spread(group, number.astype(np.int64))


def inside(rows: Ints, at: slice) -> Ints:
    """The part of ascending rows that lies in a slice."""
    start, stop = np.searchsorted(rows, (at.start, at.stop)).tolist()
    return rows[start:stop]


def marked(size: int, numbers: Ints) -> Bools:
    """A mask with these firm or group numbers set: membership by look-up, which is many times quicker than by comparing lists."""
    mask = np.zeros(size, dtype=np.bool_)
    mask[numbers] = True
    return mask


def look_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """The value of each wanted key in a sorted key array; 0 where it is not there."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0).astype(np.int64)


def _firms_here(warehouse: Warehouse, region: Region, as_of: dt.date) -> tuple[columns.Numbers, RegistryHere]:
    """The firms of a region as of a day, ascending, and what is said of them."""
    known = columns.of(warehouse)
    firm_no = members.of(warehouse, region)
    day = known.day[firm_no]
    is_seen = day <= days(as_of)
    firm_no, day = firm_no[is_seen], day[is_seen]
    dated = day[day != UNDATED]
    return firm_no, RegistryHere(
        first_year=_year(dated.min()) if len(dated) else None,
        last_year=_year(dated.max()) if len(dated) else None,
        firms_here=len(firm_no),
        firms=known.seen_by(as_of),
        undated_here=len(day) - len(dated),
    )


def _year(day: np.int32) -> int:
    return (EPOCH + dt.timedelta(days=int(day))).year


def registry_here(warehouse: Warehouse, region: Region, as_of: dt.date) -> RegistryHere:
    """The counts of `here` without its arrays: first and last year, firms there and in all."""
    return _firms_here(warehouse, region, as_of)[1]


def here(warehouse: Warehouse, region: Region, as_of: dt.date) -> Here:
    """What the registry holds in the region, kept for those asked about last. Undated firms count as visible, and are counted apart."""
    kept, key = _keep(warehouse), (region, as_of)
    with kept.lock:
        if (local := kept.here.pop(key, None)) is not None:
            kept.here[key] = local
            return local
    known = columns.of(warehouse)
    firm_no, registry = _firms_here(warehouse, region, as_of)
    mask = known.marked(firm_no)
    local = Here(known, region, as_of, firm_no.astype(np.int64), known.group[firm_no].astype(np.int64), mask, registry)
    if len(firm_no) <= MOST_FIRMS_KEPT:
        with kept.lock:
            kept.here[key] = local
            while len(kept.here) > HERE_KEPT:
                kept.here.pop(next(iter(kept.here)))
    return local


def places(warehouse: Warehouse) -> Places:
    """The divisions of the build, kept from the first question on."""
    kept = _keep(warehouse)
    if kept.places is None:
        kept.places = Places(warehouse)
    return kept.places


def distance_km(lon: Floats, lat: Floats, at_lon: float | None, at_lat: float | None) -> Floats:
    """Great-circle distance of each point. Units: km; NaN where either end is unknown."""
    if at_lon is None or at_lat is None:
        return np.full(len(lon), np.nan)
    phi, phi0 = np.radians(lat), np.radians(at_lat)
    half = np.sin((phi - phi0) / 2) ** 2 + np.cos(phi) * np.cos(phi0) * np.sin(np.radians(lon - at_lon) / 2) ** 2
    result: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return result


def within_km(lon: Floats, lat: Floats, at_lon: float | None, at_lat: float | None, radius_km: float) -> Bools:
    """Which points lie inside the radius: a box first, the great circle for what is in the box. Unknown points are outside."""
    if at_lon is None or at_lat is None:
        return np.zeros(len(lon), dtype=np.bool_)
    reach_lat = radius_km / KM_PER_DEGREE
    reach_lon = radius_km / (KM_PER_DEGREE * max(float(np.cos(np.radians(min(abs(at_lat) + reach_lat, 89.0)))), 0.01))
    box = (np.abs(lat - at_lat) <= reach_lat) & (np.abs(lon - at_lon) <= reach_lon)
    inside = np.flatnonzero(box)
    inside = inside[distance_km(lon[inside], lat[inside], at_lon, at_lat) <= radius_km]
    result = np.zeros(len(lon), dtype=np.bool_)
    result[inside] = True
    return result


def distinct(values: Ints) -> int:
    """How many different firm or group numbers: a few by sorting, many by marking each."""
    if len(values) > FEW:
        return int(np.count_nonzero(marked(int(values.max()) + 1, values)))
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0


@lru_cache(maxsize=10_000)
def place_words(path: str) -> tuple[str, ...]:
    """The names of divisions in a full name such as 河南省新乡市获嘉县."""
    words, begin = [], 0
    for index, character in enumerate(path):
        if character in "省市县区旗州盟" and index - begin >= 1:
            words.append(path[begin : index + 1])
            begin = index + 1
    return tuple(sorted(words, key=len, reverse=True))
