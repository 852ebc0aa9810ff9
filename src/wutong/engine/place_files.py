"""Files of zones, parks and townships (开发区、园区、乡镇) that a bureau adds itself: read, checked field by field, kept."""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from wutong.engine.divisions import Atlas, Division
from wutong.engine.gcj02 import from_wgs84
from wutong.engine.mapping import plain
from wutong.rulebook import texts

KINDS = ("zone", "park", "township")
FIELDS = ("id", "name", "kind", "county", "words", "lon", "lat", "radius_km", "polygon", "datum", "codes")
DATUMS = ("gcj02", "wgs84")
ALIASES = {
    "id": ("编号", "代号"),
    "name": ("名称", "地点名称", "园区名称", "开发区名称"),
    "kind": ("类别", "类型"),
    "county": ("所在县代码", "所在区县代码", "县代码", "区县代码", "所在县", "所在区县", "行政区划代码", "区划代码"),
    "words": ("地址用词", "用词", "地址关键词", "关键词"),
    "lon": ("经度", "中心经度", "lng", "longitude"),
    "lat": ("纬度", "中心纬度", "latitude"),
    "radius_km": ("半径", "半径公里", "半径(公里)", "半径km", "半径(km)", "radius"),
    "polygon": ("边界", "范围"),
    "datum": ("坐标系", "坐标系统"),
    "codes": ("信用代码区划码", "登记机关区划码"),
}
"""What a field may be called beside its own name."""
KIND_ALIASES = {
    "开发区": "zone",
    "园区": "park",
    "产业园": "park",
    "乡镇": "township",
    "乡": "township",
    "镇": "township",
    "街道": "township",
}
DATUM_ALIASES = {"国测局": "gcj02", "火星坐标": "gcj02"}
LARGEST_RADIUS_KM = 100.0
LARGEST_BYTES, MOST_VALUES = 20_000_000, 1_000_000
"""Of a place file: a boundary may have thousands of points."""
_FIELDS = {plain(alias): field for field in FIELDS for alias in (field, *ALIASES[field])}
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

Ring = tuple[tuple[float, float], ...]


class PlaceError(Exception):
    """A place file is wrong; the message names file, row, field, value and what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """One zone, park or township. `county`: adcode of the county (or city) it lies in. `polygon`: rings of (lon, lat), GCJ-02."""

    id: str
    name: str
    kind: str
    county: str
    words: tuple[str, ...]
    lon: float | None = None
    lat: float | None = None
    radius_km: float | None = None
    polygon: tuple[Ring, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceFiles:
    """All places of a folder of place files."""

    places: tuple[Place, ...]

    @classmethod
    def read(cls, directory: Path, atlas: Atlas) -> PlaceFiles:
        """Read every `*.yaml` and `*.csv` of a folder (or one file). Raises: PlaceError."""
        if directory.is_file():
            return cls(read_file(directory, atlas))
        found: dict[str, Place] = {}
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.csv")]) if directory.is_dir() else ():
            for place in read_file(path, atlas):
                if place.id in found:
                    raise PlaceError(f"{path.name}: id {place.id!r} stands in two place files; expected an id of its own")
                found[place.id] = place
        return cls(tuple(found.values()))

    def locate(self, located: pl.DataFrame, address: pl.Series, atlas: Atlas) -> pl.DataFrame:
        """Move firms whose address names a zone or park to its centre, unless they have a point of their own."""
        frame = located.with_columns(address=address)
        for place in self.places:
            division = atlas.divisions[place.county]
            if place.lon is None or place.lat is None or not place.words:
                continue
            is_here = is_near_county(pl.col("adcode"), division, atlas) & (pl.col("located_by") != "point")
            is_named = pl.col("address").str.contains("|".join(map(re.escape, place.words))).fill_null(False)
            frame = frame.with_columns(
                located_by=pl.when(is_here & is_named).then(pl.lit("zone")).otherwise("located_by"),
                lon=pl.when(is_here & is_named).then(pl.lit(place.lon)).otherwise("lon"),
                lat=pl.when(is_here & is_named).then(pl.lit(place.lat)).otherwise("lat"),
            )
        return frame.drop("address")


def is_near_county(adcode: pl.Expr, division: Division, atlas: Atlas) -> pl.Expr:
    """Inside the division, or known only to lie in the city around it."""
    city = atlas.city_of(division.adcode)
    inside = adcode.str.starts_with(division.prefix)
    return inside | (adcode == city.adcode) if city is not None else inside


def read_file(path: Path, atlas: Atlas) -> tuple[Place, ...]:
    """The places of one file, YAML (a list, or a list under `places:`) or CSV. Raises: PlaceError."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise PlaceError(f"{path}: no such file; expected a place file, YAML or CSV") from error
    except (OSError, UnicodeDecodeError) as error:
        raise PlaceError(f"{path}: cannot be read as UTF-8: {error}") from error
    rows = _csv_rows(text) if path.suffix.lower() == ".csv" else _yaml_rows(text, path.name)
    places: dict[str, Place] = {}
    for number, row in enumerate(rows, start=1):
        place = _Row(path.name, number, _named(row, f"{path.name} row {number}"), atlas).place()
        if place.id in places:
            raise PlaceError(f"{path.name} row {number}: id {place.id!r} stands twice; expected an id of its own")
        places[place.id] = place
    if not places:
        raise PlaceError(f"{path.name}: no places; expected at least one, with {', '.join(FIELDS[:5])}")
    return tuple(places.values())


def add_file(source: Path, directory: Path, atlas: Atlas) -> tuple[Place, ...]:
    """Check a place file and keep it in `directory`; a file of the same name is replaced. Raises: PlaceError."""
    places = read_file(source, atlas)
    target = directory / f"{source.stem}.yaml"
    others = {
        place.id: path.name
        for path in [*directory.glob("*.yaml"), *directory.glob("*.csv")]
        if path != target
        for place in read_file(path, atlas)
    }
    for place in places:
        if place.id in others:
            raise PlaceError(f"{source.name}: id {place.id!r} stands in {others[place.id]} already; expected an id of its own")
    directory.mkdir(parents=True, exist_ok=True)
    waiting = directory / f".{target.name}.{os.getpid()}.tmp"
    with waiting.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump({"places": [_plain(place) for place in places]}, file)
    waiting.replace(target)
    return places


def _plain(place: Place) -> dict[str, object]:
    raw: dict[str, object] = {"id": place.id, "name": place.name, "kind": place.kind, "county": place.county, "words": list(place.words)}
    raw |= {field: value for field in ("lon", "lat", "radius_km") if (value := getattr(place, field)) is not None}
    if place.codes:
        raw["codes"] = list(place.codes)
    if place.polygon:
        raw["polygon"] = {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in place.polygon]}
    return raw


def field_named(header: str) -> str:
    """The field that a header or key means; itself where it means none."""
    return _FIELDS.get(plain(header), header)


def _named(row: Mapping[str, object], where: str) -> Mapping[str, object]:
    """The row under the fields' own names. Raises: PlaceError where two keys mean one field."""
    found: dict[str, object] = {}
    for key, value in row.items():
        field = field_named(str(key))
        if field in found:
            raise PlaceError(f"{where}: {field} stands twice, once as {key!r}; expected one of the two")
        found[field] = value
    return found


def _csv_rows(text: str) -> Iterable[Mapping[str, object]]:
    return [{key: value for key, value in row.items() if key and value not in (None, "")} for row in csv.DictReader(text.splitlines())]


def _yaml_rows(text: str, source: str) -> Iterable[Mapping[str, object]]:
    try:
        raw = texts.handed_in(text, largest_bytes=LARGEST_BYTES, most_values=MOST_VALUES)
    except texts.TextError as error:
        raise PlaceError(f"{source}: not readable YAML: {error}") from error
    rows = raw.get("places") if isinstance(raw, dict) else raw
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlaceError(f"{source}: expected a list of places, or such a list under `places:`")
    return rows


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a place file being checked."""

    source: str
    number: int
    raw: Mapping[str, object]
    atlas: Atlas

    def _wrong(self, field: str, value: object, expected: str) -> PlaceError:
        return PlaceError(f"{self.source} row {self.number}: {field} {value!r}; expected {expected}")

    def place(self) -> Place:
        unknown = [field for field in self.raw if field not in FIELDS]
        if unknown:
            known = ", ".join(f"{field} ({ALIASES[field][0]})" for field in FIELDS)
            raise self._wrong("field", unknown[0], f"one of {known}")
        name = self._text("name", "the name of the place")
        place_id = self._text("id", "small letters, digits and hyphens, such as xinxiang-high-tech")
        if not _ID.fullmatch(place_id) or re.fullmatch(r"[0-9]+", place_id):
            raise self._wrong("id", place_id, "small letters, digits and hyphens with at least one letter, such as xinxiang-high-tech")
        kind = self._text("kind", f"one of {', '.join(KINDS)}")
        kind = KIND_ALIASES.get(kind, kind)
        if kind not in KINDS:
            raise self._wrong("kind", kind, f"one of {', '.join(KINDS)}")
        polygon = self._polygon()
        lon, lat = self._point(polygon)
        radius = self._number("radius_km", 0.01, LARGEST_RADIUS_KM)
        words = self._list("words") or (name,)
        short = [word for word in words if len(word) < 2]
        if short:
            raise self._wrong("words", short[0], "words of at least two characters that stand in addresses there")
        return Place(place_id, name, kind, self._county(), words, lon, lat, radius, polygon, self._codes())

    def _text(self, field: str, expected: str) -> str:
        value = self.raw.get(field)
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text:
            raise self._wrong(field, value, expected)
        return text

    def _county(self) -> str:
        code = self._text("county", "the six-digit code of the county it lies in, such as 410724")
        division = self.atlas.present(code[:6]) if re.fullmatch(r"[0-9]{6}(?:[0-9]{6})?", code) else None
        if division is None or division.level == "province":
            raise self._wrong("county", code, "the six-digit code of the county (or city) it lies in, such as 410724")
        return division.adcode

    def _list(self, field: str) -> tuple[str, ...]:
        value = self.raw.get(field)
        if value is None:
            return ()
        parts = re.split(r"[|;；、,，]", value) if isinstance(value, str) else value
        if not isinstance(parts, Sequence) or not all(isinstance(part, str | int) for part in parts):
            raise self._wrong(field, value, "a list of texts")
        return tuple(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))

    def _codes(self) -> tuple[str, ...]:
        codes = self._list("codes")
        wrong = [code for code in codes if not re.fullmatch(r"[0-9]{6}", code)]
        if wrong:
            raise self._wrong("codes", wrong[0], "six digits, the third to eighth of credit codes registered there")
        return codes

    def _number(self, field: str, low: float, high: float) -> float | None:
        value = self.raw.get(field)
        if value is None:
            return None
        try:
            number = float(str(value))
        except ValueError:
            raise self._wrong(field, value, f"a number from {low:g} to {high:g}") from None
        if not (math.isfinite(number) and low <= number <= high):
            raise self._wrong(field, value, f"a number from {low:g} to {high:g}")
        return number

    def _point(self, polygon: tuple[Ring, ...]) -> tuple[float | None, float | None]:
        lon, lat = self._number("lon", 73.0, 136.0), self._number("lat", 3.0, 54.0)
        if (lon is None) != (lat is None):
            raise self._wrong("lon, lat", (lon, lat), "both or neither")
        if lon is None or lat is None:
            if not polygon:
                return None, None
            ring = polygon[0][:-1]
            return sum(point[0] for point in ring) / len(ring), sum(point[1] for point in ring) / len(ring)
        return self._datum(lon, lat)

    def _datum(self, lon: float, lat: float) -> tuple[float, float]:
        datum = str(self.raw.get("datum", DATUMS[0])).lower().replace("-", "")
        datum = DATUM_ALIASES.get(datum, datum)
        if datum not in DATUMS:
            raise self._wrong("datum", self.raw.get("datum"), f"one of {', '.join(DATUMS)}")
        return from_wgs84(lon, lat) if datum == "wgs84" else (lon, lat)

    def _polygon(self) -> tuple[Ring, ...]:
        value = self.raw.get("polygon")
        if value is None:
            return ()
        expected = 'a GeoJSON polygon: {"type": "Polygon", "coordinates": [[[lon, lat], …]]}'
        try:
            shape: Any = json.loads(value) if isinstance(value, str) else value
            rings = shape["coordinates"] if shape["type"] == "Polygon" else [ring for part in shape["coordinates"] for ring in part]
            polygon = tuple(tuple(self._datum(float(point[0]), float(point[1])) for point in ring) for ring in rings)
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            raise self._wrong("polygon", str(value)[:80], expected) from None
        is_sound = polygon and all(
            len(ring) >= 4 and ring[0] == ring[-1] and all(73 <= x <= 136 and 3 <= y <= 54 for x, y in ring) for ring in polygon
        )
        if shape["type"] not in ("Polygon", "MultiPolygon") or not is_sound:
            raise self._wrong("polygon", str(value)[:80], expected + ", each ring closed, inside China")
        return polygon
