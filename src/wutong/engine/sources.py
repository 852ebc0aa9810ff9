"""Where to go (去哪里找): the cities, zones and parks that hold the makers of a segment, ranked, each factor of the score explained.

Why: an officer plans a trip to a place, not to a firm. Makers that stand in his own region are not counted, they are here already.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np

from wutong.engine import chains, coasts, columns, makers, members, zones
from wutong.engine.answers import Reason, RegistryHere, as_of_day
from wutong.engine.columns import UNDATED
from wutong.engine.makers import NOWHERE, Ints, MakerRow, Makers
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import NATION, Places, Region
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

TOP = 20
BEST = 5
WAN = 10_000.0
DAYS_A_YEAR = 365.2425
FULL = 100.0
LAST_DAY = "last_day"
"""Among the numbers: the day asked for, in days since 1970-01-01."""
FACTORS = ("makers", "concentration", "large", "trend", "distance")
LEAVES = (
    "makers_full", "quotient_full", "cluster_from_makers", "large_from_wan", "large_full", "trend_years", "trend_full_share",
    "distance_full_km",
)  # fmt: skip


class Kind(StrEnum):
    """What kind of place a source is."""

    CITY = "city"
    ZONE = "zone"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of a place. Makers are company groups. Units: capital in yuan of the groups whose capital is known."""

    makers: int
    firms: int
    large_makers: int
    makers_with_capital: int
    capital_yuan: float
    dated_makers: int
    new_makers: int
    new_makers_before: int


@dataclass(frozen=True, slots=True)
class Source:
    """Grain: one city, zone or park. Units: score 0-100; distance_km straight; `new`: registered in the last years, `new_before` before."""

    rank: int
    kind: Kind
    id: str
    name: str
    full_name: str
    lon: float | None
    lat: float | None
    is_coastal: bool
    makers: int
    firms: int
    large_makers: int
    capital_yuan: float | None
    firms_of_registry: int
    location_quotient: float | None
    new_makers: int
    new_makers_before: int
    distance_km: float | None
    score: float
    reasons: tuple[Reason, ...]
    best: tuple[MakerRow, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The places that hold the makers of a segment, best first. `here`: makers in the own region, which are left out."""

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    region: Region | None
    chain_id: str
    segment: str
    kinds: tuple[Kind, ...]
    coastal_only: bool
    total: int
    national_makers: int
    makers_here: int
    unplaced_makers: int
    trend_years: float
    large_from_wan: float
    registry: RegistryHere
    rows: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ClusterFirm:
    """Grain: one company group of a cluster, by its head where that makes the product, else by its largest member."""

    firm: MakerRow
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A whole cluster as one target: the makers of some segments in one place, largest first."""

    as_of: dt.date
    chain_id: str
    segments: tuple[str, ...]
    place: Region
    rows: tuple[ClusterFirm, ...]

    @property
    def firm_ids(self) -> tuple[str, ...]:
        """The ids of its firms, for a target list."""
        return tuple(row.firm.firm_id for row in self.rows)


@dataclass(frozen=True)
class _Units:
    """Places of one family and the makers in them. Shape: `unit` and `at` one entry a membership; `registry` one a place.

    `at`: where the maker stands among those looked at.
    """

    unit: Ints
    at: Ints
    registry: Ints


_cities: WeakKeyDictionary[Warehouse, Ints] = WeakKeyDictionary()


def _city_of(warehouse: Warehouse) -> Ints:
    """The city number of every firm, kept."""
    if warehouse not in _cities:
        adcode = columns.of(warehouse).adcode
        _cities[warehouse] = makers.city_numbers(adcode.astype(np.int64))
    return _cities[warehouse]


def warm(warehouse: Warehouse, all_places: Places | None = None) -> None:
    """Read what every question needs: the city of each firm, and the firms of each zone."""
    _city_of(warehouse)
    zones.of(warehouse, all_places or makers.places(warehouse))


def rank(
    warehouse: Warehouse,
    rulebook: Rulebook,
    chain_id: str,
    segment: str,
    *,
    region: Region | None = None,
    kinds: Sequence[Kind] = tuple(Kind),
    coastal_only: bool = False,
    all_places: Places | None = None,
    as_of: dt.date | None = None,
    top: int = TOP,
    best: int = BEST,
    own: Own = NOTHING,
) -> Sources:
    """Places ranked by their score; `top` 0 gives all. Raises: UnknownChain, UnknownSegment."""
    chains.segment_of(chains.chain_of(rulebook, chain_id), segment)
    day = as_of_day(warehouse, as_of)
    known = all_places or makers.places(warehouse)
    home = None if region is None or region.id == NATION else region
    numbers = {name: rulebook.number(f"sources.{name}", day) for name in (*LEAVES, *(f"weight_{factor}" for factor in FACTORS))}
    numbers[LAST_DAY] = columns.days(day)
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    rows, here = _rows(warehouse, found, segment, home, day)
    national = makers.distinct(found.group[rows]) + makers.distinct(found.group[here])
    seen = columns.of(warehouse).seen_by(day)
    places: list[tuple[Kind, Region, Tally, Ints, int]] = []
    for units, region_of in _families(warehouse, known, found.firm_no[rows], kinds, day):
        places += _tallied(units, region_of, found, rows, numbers)
    if coastal_only:
        places = [place for place in places if coasts.is_coastal(_adcode(place[1]))]
    scored = [_scored(place, home, national, seen, numbers) for place in places]
    order = sorted(range(len(places)), key=lambda at: (-scored[at].score, -places[at][2].makers, places[at][1].id))
    chosen = order[:top] if top else order
    shown = _best(warehouse, found, [places[at][3] for at in chosen], home, best)
    result = tuple(
        _source(number, places[at], scored[at], home, firms) for number, (at, firms) in enumerate(zip(chosen, shown, strict=True), 1)
    )
    return Sources(
        warehouse.info.build_id, rulebook.hash, day, home, chain_id, segment, tuple(kinds), coastal_only, len(places), national,
        makers.distinct(found.group[here]), makers.distinct(found.group[rows[np.isnan(found.lon[rows])]]), numbers["trend_years"],
        numbers["large_from_wan"], makers.registry_here(warehouse, home or known.region(NATION), day), result,
    )  # fmt: skip


def cluster(
    warehouse: Warehouse,
    rulebook: Rulebook,
    chain_id: str,
    segments: Sequence[str],
    place: Region,
    *,
    region: Region | None = None,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
) -> Cluster:
    """The makers of these segments that stand in a place (and not in the own region), one a group. Raises: UnknownChain, UnknownSegment."""
    chain = chains.chain_of(rulebook, chain_id)
    for segment in segments:
        chains.segment_of(chain, segment)
    day = as_of_day(warehouse, as_of)
    home = None if region is None or region.id == NATION else region
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    inside = columns.of(warehouse).marked(members.of(warehouse, place))
    parts = {segment: _rows(warehouse, found, segment, home, day)[0] for segment in dict.fromkeys(segments)}
    parts = {segment: rows[inside[found.firm_no[rows]]] for segment, rows in parts.items()}
    rows = np.concatenate([*parts.values(), np.zeros(0, dtype=np.int64)])
    chosen = _heads_first(found, rows)
    makes = {segment: set(found.group[at].tolist()) for segment, at in parts.items()}
    listed = makers.listed(found, chosen, makers.places(warehouse), home.lon if home else None, home.lat if home else None)
    return Cluster(
        day, chain_id, tuple(parts), place,
        tuple(
            ClusterFirm(firm, tuple(s for s, groups in makes.items() if group in groups))
            for firm, group in zip(listed, found.group[chosen].tolist(), strict=True)
        ),
    )  # fmt: skip


def registry_of(warehouse: Warehouse, place: Region, as_of: dt.date | None = None) -> RegistryHere:
    """What the registry holds in a place."""
    return makers.registry_here(warehouse, place, as_of_day(warehouse, as_of))


def _heads_first(found: Makers, rows: Ints) -> Ints:
    """One entry a group: the head where it makes the product itself, else the member with most capital; largest first."""
    is_head = found.firm_no[rows] == found.group[rows]
    heads = makers.best_first(found, rows[is_head])
    others = makers.best_first(found, rows[~is_head & ~np.isin(found.group[rows], found.group[heads])])
    return makers.best_first(found, np.concatenate([heads, others]))


def _rows(warehouse: Warehouse, found: Makers, segment: str, home: Region | None, day: dt.date) -> tuple[Ints, Ints]:
    """The makers of a segment by the day: elsewhere, and in the own region."""
    span = found.rows(segment)
    rows = np.arange(span.start, span.stop, dtype=np.int64)
    rows = rows[found.day[rows] <= columns.days(day)]
    if home is None:
        return rows, rows[:0]
    is_here = columns.of(warehouse).marked(members.of(warehouse, home))[found.firm_no[rows]]
    return rows[~is_here], rows[is_here]


def _families(
    warehouse: Warehouse, known: Places, firm_no: Ints, kinds: Sequence[Kind], day: dt.date
) -> list[tuple[_Units, Mapping[int, Region]]]:
    """Cities, and zones with parks, each with what the registry holds in them."""
    all_columns = columns.of(warehouse)
    seen = all_columns.day <= columns.days(day)
    families: list[tuple[_Units, Mapping[int, Region]]] = []
    if Kind.CITY in kinds:
        city = _city_of(warehouse)
        unit = city[firm_no]
        is_known = unit != NOWHERE
        registry = np.bincount(city[seen & (city != NOWHERE)], minlength=1_000_000)
        regions = {int(number): _city(known, int(number)) for number in np.unique(unit[is_known])}
        families.append((_Units(unit[is_known], np.flatnonzero(is_known), registry), {n: r for n, r in regions.items() if r is not None}))
    if Kind.ZONE in kinds or Kind.PARK in kinds:
        all_zones = zones.of(warehouse, known)
        at, unit = all_zones.of(firm_no)
        registry = np.bincount(all_zones.zone[seen[all_zones.firm_no]], minlength=len(all_zones.regions))
        wanted = {number: region for number, region in enumerate(all_zones.regions) if Kind(region.kind) in kinds}
        families.append((_Units(unit, at, registry), wanted))
    return families


def _city(known: Places, number: int) -> Region | None:
    """The division of a city number: two digits a municipality, four a prefecture, six a county without one."""
    code = str(number).ljust(6, "0")
    return known.region(code) if code in known.atlas.divisions else None


def _adcode(region: Region) -> str:
    return region.id if region.is_division else (region.city or region.county or region.prefix.ljust(6, "0"))


def _tallied(
    units: _Units, region_of: Mapping[int, Region], found: Makers, rows: Ints, numbers: Mapping[str, float]
) -> list[tuple[Kind, Region, Tally, Ints, int]]:
    """Each place with what is counted of it, its makers and the registry's firms there."""
    if not len(units.unit):
        return []
    order = np.argsort(units.unit, kind="stable")
    unit, rows = units.unit[order], rows[units.at[order]]
    starts = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]])
    ends = np.r_[starts[1:], len(unit)]
    result = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        region = region_of.get(int(unit[start]))
        if region is not None:
            kind = Kind.CITY if region.is_division else Kind(region.kind)
            tally = _tally(found, rows[start:end], numbers)
            result.append((kind, region, tally, rows[start:end], int(units.registry[int(unit[start])])))
    return result


def _tally(found: Makers, rows: Ints, numbers: Mapping[str, float]) -> Tally:
    """Groups, not firms: a group's capital is its largest, its day the first of its makers here."""
    groups, at = np.unique(found.group[rows], return_inverse=True)
    capital = np.full(len(groups), -1.0)
    np.maximum.at(capital, at, np.nan_to_num(makers.known_capital_yuan(found, rows), nan=-1.0))
    first = np.full(len(groups), np.iinfo(np.int64).max)
    dated = found.day[rows] != UNDATED
    np.minimum.at(first, at[dated], found.day[rows][dated])
    has_day = first != np.iinfo(np.int64).max
    years = int(numbers["trend_years"] * DAYS_A_YEAR)
    age = numbers[LAST_DAY] - first[has_day]
    return Tally(
        makers=len(groups),
        firms=len(rows),
        large_makers=int(np.count_nonzero(capital >= numbers["large_from_wan"] * WAN)),
        makers_with_capital=int(np.count_nonzero(capital >= 0)),
        capital_yuan=float(capital[capital >= 0].sum()),
        dated_makers=int(np.count_nonzero(has_day)),
        new_makers=int(np.count_nonzero(age < years)),
        new_makers_before=int(np.count_nonzero((age >= years) & (age < 2 * years))),
    )


@dataclass(frozen=True, slots=True)
class _Scored:
    score: float
    quotient: float | None
    distance_km: float | None
    reasons: tuple[Reason, ...]


def _scored(
    place: tuple[Kind, Region, Tally, Ints, int], home: Region | None, national: int, seen: int, numbers: Mapping[str, float]
) -> _Scored:
    _, region, tally, _, registry = place
    quotient = tally.makers / national / (registry / seen) if national and registry and seen else None
    distance = _distance(region, home)
    reasons = score(tally, quotient, distance, numbers)
    return _Scored(sum(reason.points or 0.0 for reason in reasons), quotient, distance, reasons)


def _distance(region: Region, home: Region | None) -> float | None:
    if home is None or None in (region.lon, region.lat, home.lon, home.lat):
        return None
    return float(makers.distance_km(np.array([region.lon]), np.array([region.lat]), home.lon, home.lat)[0])


def score(tally: Tally, quotient: float | None, distance_km: float | None, numbers: Mapping[str, float]) -> tuple[Reason, ...]:
    """The factors of a place; their points add up to its score. An unknown factor gives and takes nothing: the rest makes up the 100."""
    few = min(1.0, tally.makers / numbers["cluster_from_makers"])
    new_share = tally.new_makers / tally.dated_makers if tally.dated_makers else None
    values: dict[str, tuple[float | int | None, str, float | None]] = {
        "makers": (tally.makers, "makers", min(1.0, math.log1p(tally.makers) / math.log1p(numbers["makers_full"]))),
        "concentration": (quotient, "ratio", None if quotient is None else few * min(1.0, quotient / numbers["quotient_full"])),
        "large": (
            tally.large_makers if tally.makers_with_capital else None,
            "makers",
            min(1.0, tally.large_makers / numbers["large_full"]) if tally.makers_with_capital else None,
        ),
        "trend": (new_share, "share", None if new_share is None else few * min(1.0, new_share / numbers["trend_full_share"])),
        "distance": (distance_km, "km", None if distance_km is None else max(0.0, 1.0 - distance_km / numbers["distance_full_km"])),
    }
    known = sum(numbers[f"weight_{factor}"] for factor in FACTORS if values[factor][2] is not None)
    params: dict[str, dict[str, float]] = {
        "large": {"large_from_wan": numbers["large_from_wan"]},
        "trend": {"years": numbers["trend_years"], "new": tally.new_makers, "new_before": tally.new_makers_before},
    }
    return tuple(
        Reason(
            factor=factor,
            input=given,
            unit=unit,
            points=None if value is None or not known else FULL * numbers[f"weight_{factor}"] * value / known,
            source="registry",
            weight_share=numbers[f"weight_{factor}"] / known if known and value is not None else 0.0,
            leaf=f"sources.weight_{factor}",
            params=params.get(factor, {}),
        )
        for factor, (given, unit, value) in values.items()
    )


def _best(warehouse: Warehouse, found: Makers, parts: Sequence[Ints], home: Region | None, best: int) -> list[tuple[MakerRow, ...]]:
    """The best firms of each place, gathered at one go."""
    chosen = [makers.best_first(found, rows)[:best] for rows in parts]
    rows = np.concatenate(chosen or [np.zeros(0, dtype=np.int64)])
    listed = makers.listed(found, rows, makers.places(warehouse), home.lon if home else None, home.lat if home else None)
    ends = np.cumsum([len(part) for part in chosen]).tolist()
    return [listed[end - len(part) : end] for part, end in zip(chosen, ends, strict=True)]


def _source(
    number: int, place: tuple[Kind, Region, Tally, Ints, int], scored: _Scored, home: Region | None, best: tuple[MakerRow, ...]
) -> Source:
    kind, region, tally, _, registry = place
    return Source(
        number, kind, region.id, region.name, region.full_name or region.name, region.lon, region.lat, coasts.is_coastal(_adcode(region)),
        tally.makers, tally.firms, tally.large_makers, tally.capital_yuan if tally.makers_with_capital else None, registry,
        scored.quotient, tally.new_makers, tally.new_makers_before, scored.distance_km, scored.score, scored.reasons, best,
    )  # fmt: skip
