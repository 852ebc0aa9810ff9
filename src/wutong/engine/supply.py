"""Supply round a site (周边配套): who supplies and who buys inside a circle, what part of a chain that covers, and what is missing.

Why: the circle is a straight line, not a road; an official who knows the roads chooses the radius. Makers whose place is not known are
outside every circle and are counted apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from wutong.engine import chains, columns, makers
from wutong.engine.answers import RegistryHere, as_of_day
from wutong.engine.columns import UNDATED
from wutong.engine.makers import Bools, Ints, MakerRow, Makers
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Chain, Rulebook

BEST = 5
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
FARTHEST_KM = 20_100.0  # half of the Earth's girth
_POINT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,\uff0c\u3001\s]\s*(-?\d+(?:\.\d+)?)\s*")


class NoSite(ValueError):  # noqa: N818
    """The text names no point that a circle could be drawn round; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Site:
    """The middle of a circle: a point (GCJ-02), or the seat of a region. `id`: "lon,lat" or the region's."""

    id: str
    name: str
    lon: float
    lat: float


def at_point(text: str) -> Site | None:
    """The site of `LON,LAT`; None where the text is no pair of numbers. Raises: NoSite where it lies outside China."""
    found = _POINT.fullmatch(text)
    if found is None:
        return None
    lon, lat = float(found[1]), float(found[2])
    if WEST <= lat <= EAST and SOUTH <= lon <= NORTH:
        raise NoSite(f"{text.strip()!r}: longitude comes first; expected {lat:g},{lon:g}")
    if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        raise NoSite(f"{text.strip()!r} lies outside China; expected longitude {WEST:g} to {EAST:g}, latitude {SOUTH:g} to {NORTH:g}")
    return Site(f"{lon:g},{lat:g}", f"{lon:g},{lat:g}", lon, lat)


def at_region(region: Region) -> Site:
    """The seat of a region, or the middle of a zone. Raises: NoSite where it has none."""
    if region.lon is None or region.lat is None:
        raise NoSite(f"{region.full_name or region.name} has no one place; expected a city, county, zone or park, or LON,LAT")
    return Site(region.id, region.full_name or region.name, region.lon, region.lat)


class Presence(StrEnum):
    """Whether a segment has makers inside the circle; unknown: too few are expected for their absence to prove anything."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """How a segment stands to the one asked for."""

    SUPPLIES = "supplies"
    SAME = "same"
    BUYS = "buys"
    NONE = ""


@dataclass(frozen=True, slots=True)
class SegmentSupply:
    """Grain: one segment. Makers are company groups, firms are firms. `nearest`: outside the circle, where nobody is inside."""

    segment: str
    name_zh: str
    name_en: str
    layer: str
    side: Side
    presence: Presence
    makers: int
    firms: int
    national_makers: int
    unplaced_makers: int
    expected_makers: float
    suppliers_present: tuple[str, ...]
    suppliers_absent: tuple[str, ...]
    buyers_present: tuple[str, ...]
    buyers_absent: tuple[str, ...]
    buyers: int
    best: tuple[MakerRow, ...]
    nearest: MakerRow | None


@dataclass(frozen=True, slots=True)
class Supply:
    """A chain round a site. `registry` speaks of the circle; `unplaced_firms`: firms of the registry whose place is not known."""

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    site: Site
    radius_km: float
    chain_id: str
    segment: str | None
    registry: RegistryHere
    unplaced_firms: int
    segments_present: int
    segments: int
    needs_present: int | None
    needs: int | None
    expected_threshold: float
    rows: tuple[SegmentSupply, ...]

    @property
    def coverage_share(self) -> float | None:
        """The share of the chain's segments that have makers inside the circle (0-1)."""
        return self.segments_present / self.segments if self.segments else None

    @property
    def needs_share(self) -> float | None:
        """The share of the segment's direct suppliers that have makers inside the circle (0-1); None where nothing supplies it."""
        return self.needs_present / self.needs if self.needs and self.needs_present is not None else None

    @property
    def missing(self) -> tuple[SegmentSupply, ...]:
        """The segments without a maker inside, those proved missing first, then by how far the nearest is."""
        found = [row for row in self.rows if row.presence is not Presence.PRESENT]
        return tuple(
            sorted(found, key=lambda r: (r.presence is not Presence.MISSING, (r.nearest and r.nearest.distance_km) or np.inf, r.segment))
        )


def round_site(
    warehouse: Warehouse,
    rulebook: Rulebook,
    site: Site,
    chain_id: str,
    *,
    segment: str | None = None,
    radius_km: float | None = None,
    as_of: dt.date | None = None,
    best: int = BEST,
    own: Own = NOTHING,
) -> Supply:
    """Who makes what of a chain inside the circle; with `segment`, only it, its direct suppliers and its direct buyers.

    Raises: UnknownChain, UnknownSegment.
    """
    chain = chains.chain_of(rulebook, chain_id)
    if segment is not None:
        chains.segment_of(chain, segment)
    day = as_of_day(warehouse, as_of)
    radius = rulebook.number("gaps.radius_km", day) if radius_km is None else radius_km
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    registry, unplaced = _registry(warehouse, site, radius, day)
    inside = makers.within_km(found.lon, found.lat, site.lon, site.lat, radius) & (found.day <= columns.days(day))
    present = {s.id for s in chain.segments if inside[found.rows(s.id)].any()}
    threshold = rulebook.number("gaps.expected_makers", day)
    share = registry.firms_here / registry.firms if registry.firms else 0.0
    sides = _sides(chain, segment)
    asked = _Asked(chain, found, site, radius, day, inside, present, share, threshold)
    chosen = {segment_id: asked.chosen(segment_id, best) for segment_id, _ in sides}
    shown = _shown(warehouse, found, site, chosen.values())
    rows = tuple(asked.row(segment_id, side, chosen[segment_id], shown) for segment_id, side in sides)
    needs = chain.upstream(segment) if segment is not None else None
    return Supply(
        warehouse.info.build_id, rulebook.hash, day, site, radius, chain.id, segment, registry, unplaced, len(present),
        len(chain.segments), None if needs is None else sum(s in present for s in needs), None if needs is None else len(needs), threshold,
        rows,
    )  # fmt: skip


def inside(found: Makers, segment: str, site: Site, radius_km: float, day: dt.date) -> Ints:
    """The entries of a segment's makers inside the circle as of a day: what stands behind a figure."""
    at = _range(found, segment)
    at = at[found.day[at] <= columns.days(day)]
    return at[makers.within_km(found.lon[at], found.lat[at], site.lon, site.lat, radius_km)]


def nearest(found: Makers, rows: Ints, site: Site, beyond_km: float) -> int | None:
    """The nearest of some entries farther away than the radius: ring after ring, each with its box, so that few are measured."""
    reach = beyond_km
    while reach < FARTHEST_KM:
        reach = min(reach * 2, FARTHEST_KM)
        ring = rows[makers.within_km(found.lon[rows], found.lat[rows], site.lon, site.lat, reach)]
        distance = makers.distance_km(found.lon[ring], found.lat[ring], site.lon, site.lat)
        ring, distance = ring[distance > beyond_km], distance[distance > beyond_km]
        if len(ring):
            return int(ring[np.lexsort((found.firm_no[ring], distance))[0]])
    return None


def _range(found: Makers, segment: str) -> Ints:
    rows = found.rows(segment)
    return np.arange(rows.start, rows.stop, dtype=np.int64)


def _sides(chain: Chain, segment: str | None) -> tuple[tuple[str, Side], ...]:
    if segment is None:
        return tuple((s.id, Side.NONE) for s in chain.segments)
    return (
        *((s, Side.SUPPLIES) for s in chain.upstream(segment)),
        (segment, Side.SAME),
        *((s, Side.BUYS) for s in chain.downstream(segment)),
    )


def _registry(warehouse: Warehouse, site: Site, radius_km: float, day: dt.date) -> tuple[RegistryHere, int]:
    """What the registry holds inside the circle, and how many of its firms have no known place."""
    known = columns.of(warehouse)
    lon, lat = known.frame["lon"].to_numpy(), known.frame["lat"].to_numpy()
    seen = known.day <= columns.days(day)
    days = known.day[makers.within_km(lon, lat, site.lon, site.lat, radius_km) & seen]
    dated = days[days != UNDATED]
    first, last = ((columns.EPOCH + dt.timedelta(days=int(d))).year for d in (dated.min(), dated.max())) if len(dated) else (None, None)
    return RegistryHere(first, last, len(days), int(np.count_nonzero(seen)), len(days) - len(dated)), int(
        np.count_nonzero(np.isnan(lon) & seen)
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The entries of one segment: all by the day, those inside, the best of them, and the nearest outside where nobody is inside."""

    seen: Ints
    here: Ints
    best: Ints
    near: Ints


def _shown(warehouse: Warehouse, found: Makers, site: Site, chosen: Iterable[_Chosen]) -> dict[int, MakerRow]:
    """Everything that is shown of makers, gathered at one go."""
    rows = np.concatenate([part for each in chosen for part in (each.best, each.near)] or [np.zeros(0, dtype=np.int64)])
    return dict(zip(rows.tolist(), makers.listed(found, rows, makers.places(warehouse), site.lon, site.lat), strict=True))


@dataclass(frozen=True)
class _Asked:
    """A question with everything that was read for it."""

    chain: Chain
    found: Makers
    site: Site
    radius_km: float
    day: dt.date
    inside: Bools
    present: set[str]
    share: float
    threshold: float

    def chosen(self, segment: str, best: int) -> _Chosen:
        """Which makers of a segment are looked at."""
        seen = _range(self.found, segment)
        seen = seen[self.found.day[seen] <= columns.days(self.day)]
        here = seen[self.inside[seen]]
        near = None if len(here) else nearest(self.found, seen, self.site, self.radius_km)
        return _Chosen(seen, here, makers.best_first(self.found, here)[:best], np.array([] if near is None else [near], dtype=np.int64))

    def row(self, segment_id: str, side: Side, chosen: _Chosen, shown: dict[int, MakerRow]) -> SegmentSupply:
        """One segment."""
        segment, group = self.chain.segment(segment_id), self.found.group
        national = makers.distinct(group[chosen.seen])
        expected = national * self.share
        absent = Presence.UNKNOWN if expected < self.threshold else Presence.MISSING
        up, down = self.chain.upstream(segment_id), self.chain.downstream(segment_id)
        unplaced = chosen.seen[np.isnan(self.found.lon[chosen.seen])]
        return SegmentSupply(
            segment_id, segment.name_zh, segment.name_en, segment.layer, side, Presence.PRESENT if len(chosen.here) else absent,
            makers.distinct(group[chosen.here]), len(chosen.here), national, makers.distinct(group[unplaced]), expected,
            tuple(s for s in up if s in self.present), tuple(s for s in up if s not in self.present),
            tuple(s for s in down if s in self.present), tuple(s for s in down if s not in self.present), self._groups(down),
            tuple(shown[row] for row in chosen.best.tolist()),
            next((shown[row] for row in chosen.near.tolist()), None),
        )  # fmt: skip

    def _groups(self, segments: tuple[str, ...]) -> int:
        """Company groups inside the circle over several segments."""
        parts = [self.found.group[at][self.inside[at]] for at in (self.found.rows(s) for s in segments)]
        return makers.distinct(np.concatenate(parts)) if parts else 0
