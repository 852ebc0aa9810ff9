"""Administrative divisions (行政区划): today's, what older codes have become, and zones with codes of their own."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

LEVELS = ("province", "city", "county")
COLUMNS = ("adcode", "name", "level", "parent", "lon", "lat")
_PEOPLES = (
    "柯尔克孜|乌孜别克|达斡尔|哈萨克|维吾尔|塔吉克|鄂温克|鄂伦春|俄罗斯|塔塔尔|蒙古|土家|哈尼|景颇|"
    "傈僳|朝鲜|布依|仡佬|撒拉|东乡|保安|裕固|锡伯|毛南|仫佬|纳西|独龙|拉祜|布朗|普米|德昂|赫哲|回|"
    "满|苗|侗|壮|瑶|彝|藏|羌|傣|白|水|黎|畲|土|各|京|怒|佤"
)
_KIND_END = re.compile(r"(?:特别行政区|自治区|自治县|自治州|自治旗|行政委员会|矿区|林区|新区|地区|省|市|县|区|旗|盟)$")
_PEOPLE_END = re.compile(r"(?:(?:" + _PEOPLES + r")族)+$|(?:壮族|回族|维吾尔)$")


class DivisionError(Exception):
    """A division file is wrong; the message names file, row, field, value and what was expected."""


@dataclass(frozen=True, slots=True)
class Division:
    """One present division. `lon`, `lat`: its seat, degrees, GCJ-02."""

    adcode: str
    name: str
    level: str
    parent: str
    lon: float | None = None
    lat: float | None = None

    @property
    def prefix(self) -> str:
        """The leading digits that it shares with everything inside it."""
        return self.adcode[: {"province": 2, "city": 4}.get(self.level, 6)]


@dataclass(frozen=True, slots=True)
class Change:
    """An older code and the present division that it means. `changed_on` None: not known to the day."""

    old_adcode: str
    old_name: str
    new_adcode: str
    changed_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ZoneCode:
    """A zone (开发区) whose firms bear a registering code of the zone's own; `words` stand in addresses there."""

    code: str
    name: str
    inside_adcode: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Atlas:
    """Divisions, changes and zone codes, by code. `words`: (province, what registries write for a city) → adcode."""

    divisions: Mapping[str, Division]
    changes: Mapping[str, Change] = field(default_factory=lambda: MappingProxyType({}))
    zones: Mapping[str, ZoneCode] = field(default_factory=lambda: MappingProxyType({}))
    words: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    def present(self, code: str, on: dt.date | None = None) -> Division | None:
        """The present division that a six-digit code means.

        Why `on`: 410307 was 洛阳's 洛龙区 and is 偃师区 since 2021; a code used again means what it meant when the firm was registered.
        """
        change = self.changes.get(code)
        division = self.divisions.get(code)
        if division is not None and (change is None or on is None or change.changed_on is None or on >= change.changed_on):
            return division
        return self.divisions.get(change.new_adcode) if change else None

    def city_of(self, adcode: str) -> Division | None:
        """The prefecture-level division that holds `adcode`: itself, its parent, or None where a province holds it directly."""
        division = self.divisions.get(adcode)
        while division is not None and division.level == "county":
            division = self.divisions.get(division.parent)
        return division if division is not None and division.level == "city" else None

    def path(self, adcode: str) -> str:
        """The full name from the province down: 河南省新乡市获嘉县."""
        names: list[str] = []
        division = self.divisions.get(adcode)
        while division is not None:
            names.insert(0, division.name)
            division = self.divisions.get(division.parent)
        return "".join(names)


def stem(name: str) -> str:
    """A division's name without its kind: 获嘉县 → 获嘉, 延边朝鲜族自治州 → 延边; one-character stems keep their kind (横县)."""
    short = _KIND_END.sub("", name)
    short = _PEOPLE_END.sub("", short) or short
    return short if len(short) > 1 else name


def atlas(extra: Path | None = None) -> Atlas:
    """The rulebook's divisions, with those of an extra file (same columns) added. Raises: DivisionError."""
    known = _rulebook_atlas()
    if extra is None:
        return known
    try:
        text = extra.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DivisionError(f"{extra}: cannot be read as UTF-8: {error}") from error
    return with_divisions(known, _divisions(text, str(extra)))


def with_divisions(known: Atlas, more: Iterable[Division]) -> Atlas:
    """An atlas with more divisions; one of the same code takes the place of the old. Raises: DivisionError."""
    rows = {**known.divisions, **{row.adcode: row for row in more}}
    for row in rows.values():
        if row.parent and row.parent not in rows:
            raise DivisionError(f"division {row.adcode} {row.name}: parent {row.parent!r} is no division; expected a code of this table")
    return Atlas(MappingProxyType(dict(sorted(rows.items()))), known.changes, known.zones, known.words)


@cache
def _rulebook_atlas() -> Atlas:
    folder = resources.files("wutong.rulebook")
    rows = _divisions((folder / "divisions.csv").read_text("utf-8"), "divisions.csv")
    changes = {
        row["old_adcode"]: Change(row["old_adcode"], row["old_name"], row["new_adcode"], _day(row["changed_on"]))
        for row in csv.DictReader((folder / "division_changes.csv").read_text("utf-8").splitlines())
    }
    zones = {
        row["code"]: ZoneCode(row["code"], row["name"], row["inside_adcode"], tuple(word for word in row["words"].split("|") if word))
        for row in csv.DictReader((folder / "zone_codes.csv").read_text("utf-8").splitlines())
    }
    words = {
        (row["province"], row["words"]): row["adcode"]
        for row in csv.DictReader((folder / "place_words.csv").read_text("utf-8").splitlines())
    }
    empty = Atlas(MappingProxyType({}), MappingProxyType(changes), MappingProxyType(zones), MappingProxyType(words))
    return with_divisions(empty, rows)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _divisions(text: str, source: str) -> Iterable[Division]:
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise DivisionError(f"{source}: no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    for number, row in enumerate(reader, start=1):
        if not re.fullmatch(r"[0-9]{6}", row["adcode"] or ""):
            raise DivisionError(f"{source} row {number}: adcode {row['adcode']!r}; expected six digits")
        if row["level"] not in LEVELS:
            raise DivisionError(f"{source} row {number}: level {row['level']!r}; expected one of {', '.join(LEVELS)}")
        if not row["name"]:
            raise DivisionError(f"{source} row {number}: name is empty; expected the division's full name")
        lon, lat = (_degrees(row[column], column, source, number) for column in ("lon", "lat"))
        yield Division(row["adcode"], row["name"], row["level"], row["parent"] or "", lon, lat)


def _degrees(text: str | None, column: str, source: str, number: int) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise DivisionError(f"{source} row {number}: {column} {text!r}; expected degrees such as 113.65") from None
