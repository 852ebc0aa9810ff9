"""Regions: a division by its code, or a zone, park or township by its id. Every command and page takes both, through `Places.region`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from wutong.engine import divisions
from wutong.engine.divisions import Atlas, Division
from wutong.engine.place_files import Place, PlaceError, PlaceFiles, Ring, add_file
from wutong.engine.warehouse import Warehouse

__all__ = ["NATION", "PlaceError", "PlaceFiles", "Places", "Region", "UnknownRegion", "add_file", "distance_sql", "near"]

EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = 111.195
NATION = "100000"

Condition = tuple[str, dict[str, Any]]
"""SQL text without values, and the values that bind to it."""


class UnknownRegion(Exception):  # noqa: N818  the name says what is unknown
    """No region has this code or id; `near` holds those that come close."""

    def __init__(self, text: str, near_matches: tuple[str, ...]) -> None:
        self.text = text
        self.near = near_matches
        hint = f"; near it: {', '.join(near_matches)}" if near_matches else ""
        super().__init__(f"no region {text!r}; expected a division code such as 410700, or the id of a zone, park or township{hint}")


@dataclass(frozen=True, slots=True)
class Region:
    """A region of any kind. `prefix`: digits that the adcodes of its firms begin with; `county`: where a place lies; lon, lat: GCJ-02."""

    id: str
    name: str
    kind: str
    prefix: str
    lon: float | None
    lat: float | None
    county: str = ""
    city: str = ""
    words: tuple[str, ...] = ()
    radius_km: float | None = None
    polygon: tuple[Ring, ...] = ()
    codes: tuple[str, ...] = ()
    full_name: str = ""

    @property
    def is_division(self) -> bool:
        """Whether its firms can be told by adcode alone."""
        return self.kind in ("nation", "province", "city", "county")


class Places:
    """Every region there is: the divisions of a build, zones with codes of their own, and the place files of a bureau."""

    def __init__(self, source: Warehouse | Atlas, directory: Path | None = None) -> None:
        self._atlas = source if isinstance(source, Atlas) else _atlas_of(source)
        self._files = PlaceFiles.read(directory, self._atlas) if directory is not None else PlaceFiles(())

    @property
    def atlas(self) -> Atlas:
        """The divisions behind it."""
        return self._atlas

    @cached_property
    def _places(self) -> Mapping[str, Place]:
        return {place.id: place for place in self._files.places}

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for row in self._atlas.divisions.values():
            names.setdefault(row.name, row.adcode)
            names.setdefault(self._atlas.path(row.adcode), row.adcode)
        for zone in self._atlas.zones.values():
            names.setdefault(zone.name, zone.code)
        for place in self._files.places:
            names[place.name] = place.id
        return names

    def region(self, text: str) -> Region:
        """The region of a code (2, 4, 6 or 12 digits), of a place id, or of an unmistakable name. Raises: UnknownRegion."""
        wanted = text.strip()
        if wanted in self._places:
            return self._of_place(self._places[wanted])
        if wanted in (NATION, "nation", "全国", "中国", "00"):
            return Region(NATION, "全国", "nation", "", None, None, full_name="全国")
        code = _six_digits(wanted)
        division = self._atlas.present(code) if code else None
        if division is not None:
            return self._of_division(division)
        if code in self._atlas.zones:
            return self._of_zone(code)
        named = self._by_name.get(wanted)
        if named is not None and named != wanted:
            return self.region(named)
        raise UnknownRegion(text, self._near(wanted))

    def listed(self) -> tuple[Region, ...]:
        """The zones, parks and townships of the place files."""
        return tuple(self._of_place(place) for place in self._files.places)

    def name(self, adcode: str) -> str:
        """A division's own name; "" where the code is none."""
        division = self._atlas.divisions.get(adcode)
        return division.name if division else ""

    def path(self, adcode: str) -> str:
        """The full name from the province down: 河南省新乡市获嘉县."""
        return self._atlas.path(adcode)

    def children(self, adcode: str) -> tuple[Division, ...]:
        """The divisions directly inside one; the provinces for the nation."""
        parent = "" if adcode == NATION else adcode
        return tuple(row for row in self._atlas.divisions.values() if row.parent == parent)

    def _near(self, text: str) -> tuple[str, ...]:
        if text.isdigit():
            here = [row for row in self._atlas.divisions.values() if row.adcode.startswith(text[:4])] or [
                row for row in self._atlas.divisions.values() if row.adcode.startswith(text[:2]) and row.level != "county"
            ]
            return tuple(f"{row.adcode} {row.name}" for row in here[:5])
        holding = [name for name in self._by_name if len(text) > 1 and text in name]
        close = get_close_matches(text, [*self._places, *self._by_name], n=5, cutoff=0.5)
        return tuple(f"{self._by_name.get(name, name)} {name}" for name in dict.fromkeys([*sorted(holding, key=len)[:5], *close]))[:5]

    def _of_division(self, row: Division) -> Region:
        city = self._atlas.city_of(row.adcode)
        return Region(
            row.adcode, row.name, row.level, row.prefix, row.lon, row.lat,
            row.adcode if row.level == "county" else "", city.adcode if city else "",
            full_name=self._atlas.path(row.adcode),
        )  # fmt: skip

    def _of_zone(self, code: str) -> Region:
        zone = self._atlas.zones[code]
        inside = self._atlas.divisions[zone.inside_adcode]
        city = self._atlas.city_of(inside.adcode)
        return Region(
            code, zone.name, "zone", inside.prefix, inside.lon, inside.lat, inside.adcode, city.adcode if city else "", zone.words,
            codes=(code,),
            full_name=self._atlas.path(inside.adcode) + zone.name,
        )  # fmt: skip

    def _of_place(self, place: Place) -> Region:
        inside = self._atlas.divisions[place.county]
        city = self._atlas.city_of(place.county)
        has_point = place.lon is not None
        return Region(
            place.id, place.name, place.kind, inside.prefix, place.lon if has_point else inside.lon, place.lat if has_point else inside.lat,
            place.county, city.adcode if city else "", place.words, place.radius_km, place.polygon, place.codes,
            full_name=self._atlas.path(place.county) + place.name,
        )  # fmt: skip

    def members(self, region: Region, alias: str = "f", *, name: str = "region") -> Condition:
        """The condition that picks a region's firms out of `firms` (or, for a division, out of any table with an adcode).

        Why: an address inside the county that bears one of its words, a code of its own, or a point inside its outline make a firm a
        zone's; a county's seat is no point, or every firm of the county would be inside a zone that lies there.
        """
        if region.kind == "nation":
            return "true", {}
        found = ways(region, alias, name=name)
        params: dict[str, Any] = {}
        for _, more in found:
            params |= more
        return "(" + " or ".join([text for text, _ in found] or ["false"]) + ")", params


def ways(region: Region, alias: str = "f", *, name: str = "region") -> list[Condition]:
    """The ways of belonging to a region, each a condition with its values; a firm belongs where one of them holds."""
    inside, values = _inside(alias, region.prefix, name)
    if region.is_division:
        return [(inside, values)]
    texts: list[str] = []
    if region.words:
        texts.append(f"({_around(alias, region, name, inside, values)} and regexp_matches({alias}.address, ${name}_words))")
        values[f"{name}_words"] = "|".join(map(re.escape, region.words))
    if region.codes:
        texts.append(f"(len({alias}.uscc) = 18 and list_contains(${name}_codes, substr({alias}.uscc, 3, 6)))")
        values[f"{name}_codes"] = list(region.codes)
    outline = _outline(alias, region, name, values)
    if outline:
        texts.append(f"({alias}.located_by = 'point' and {outline})")
    return [(text, {key: value for key, value in values.items() if re.search(rf"\${key}\b", text)}) for text in texts]


def _inside(alias: str, prefix: str, name: str) -> Condition:
    """A range rather than LIKE, so that row-group statistics prune; ":" is the character after "9"."""
    return f"({alias}.adcode >= ${name}_low and {alias}.adcode < ${name}_high)", {f"{name}_low": prefix, f"{name}_high": prefix + ":"}


def _around(alias: str, region: Region, name: str, inside: str, values: dict[str, Any]) -> str:
    """Inside the county, or known only to lie in the city around it."""
    if not region.city or len(region.prefix) < 6:
        return inside
    values[f"{name}_city"] = region.city
    return f"({inside} or {alias}.adcode = ${name}_city)"


def _outline(alias: str, region: Region, name: str, values: dict[str, Any]) -> str:
    if region.polygon:
        xs = [point[0] for ring in region.polygon for point in ring]
        ys = [point[1] for ring in region.polygon for point in ring]
        values |= {f"{name}_west": min(xs), f"{name}_east": max(xs), f"{name}_south": min(ys), f"{name}_north": max(ys)}
        values[f"{name}_edges"] = [
            {"ax": a[0], "ay": a[1], "bx": b[0], "by": b[1]} for ring in region.polygon for a, b in pairwise(ring) if a[1] != b[1]
        ]
        crosses = (
            f"(e.ay > {alias}.lat) != (e.by > {alias}.lat) and {alias}.lon < (e.bx - e.ax) * ({alias}.lat - e.ay) / (e.by - e.ay) + e.ax"
        )
        return f"{_box(alias, name)} and len(list_filter(${name}_edges, lambda e: {crosses})) % 2 = 1"
    if region.radius_km and region.lon is not None and region.lat is not None:
        text, more = near(region.lon, region.lat, region.radius_km, alias, name=f"{name}_at")
        values |= more
        return text
    return ""


def _box(alias: str, name: str) -> str:
    return f"({alias}.lon between ${name}_west and ${name}_east and {alias}.lat between ${name}_south and ${name}_north)"


def distance_sql(alias: str = "f", *, name: str = "near") -> str:
    """The great-circle distance from `$near_lon, $near_lat`. Units: km."""
    half_lat = f"sin(radians({alias}.lat - ${name}_lat) / 2)"
    half_lon = f"sin(radians({alias}.lon - ${name}_lon) / 2)"
    inner = f"{half_lat} * {half_lat} + cos(radians(${name}_lat)) * cos(radians({alias}.lat)) * {half_lon} * {half_lon}"
    return f"(2 * {EARTH_RADIUS_KM} * asin(sqrt(least(1.0, {inner}))))"


def near(lon: float, lat: float, radius_km: float, alias: str = "f", *, name: str = "near") -> Condition:
    """The condition for lying within a radius: a box first, so that row groups prune, then the haversine."""
    high = radius_km / KM_PER_DEGREE
    wide = high / max(0.05, math.cos(math.radians(min(85.0, abs(lat) + high))))
    values = {
        f"{name}_lon": lon, f"{name}_lat": lat, f"{name}_km": radius_km,
        f"{name}_west": lon - wide, f"{name}_east": lon + wide, f"{name}_south": lat - high, f"{name}_north": lat + high,
    }  # fmt: skip
    return f"({_box(alias, name)} and {distance_sql(alias, name=name)} <= ${name}_km)", values


def _six_digits(text: str) -> str:
    """A code of 2, 4, 6 or 12 digits as six; "" where it is none."""
    if not (text.isascii() and text.isdigit()):
        return ""
    return text.ljust(6, "0")[:6] if len(text) in (2, 4, 6, 9, 12) else ""


def _atlas_of(warehouse: Warehouse) -> Atlas:
    """The divisions of a build, with the rulebook's changes and zone codes."""
    rows: pa.Table = warehouse.ask("select adcode, name, level, parent, lon, lat from divisions order by adcode", step="divisions")
    known = divisions.atlas()
    return Atlas({row["adcode"]: Division(**row) for row in rows.to_pylist()}, known.changes, known.zones, known.words)
