"""The invented land: five provinces, 22 cities, 84 counties; its codes begin with 91-95, which no real division has.

Why: the land lies in an empty piece of ocean, so that no map ever shows an invented firm in a real town. The prefecture of the story,
凤栖市 of 青梧省, lies inland, some 700 km from the coast of 澜东省.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

HOME_CITY = "910200"
HOME_PROVINCE = "910000"
ZONES = {"fengqi-hitech": ("910202", "高新区"), "fengqi-etdz": ("910203", "经开区")}
PARKS = {"shuanglu-potato-park": ("910221", "马铃薯产业园"), "shijian-hydraulics-park": ("910223", "液压件产业园")}
TOWNSHIP = ("910222", "鹿鸣乡")

# Share of all firms, before the county weights; the prefecture of the story holds about a tenth.
CITY_WEIGHTS = {
    "910100": 9.0, "910200": 11.0, "910300": 3.5, "910400": 3.0, "910500": 3.0,
    "920100": 6.0, "920200": 5.0, "920300": 3.0, "920400": 2.5,
    "930100": 8.0, "930200": 4.0, "930300": 3.5, "930400": 4.0,
    "940100": 11.0, "940200": 6.0, "940300": 6.0, "940400": 4.5, "940500": 3.0,
    "950100": 7.0, "950200": 4.0, "950300": 3.0, "950400": 4.0,
}  # fmt: skip
SEAT_WEIGHT, DISTRICT_WEIGHT, COUNTY_WEIGHT = 2.4, 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Division:
    """One invented division, as a row of `divisions.csv`."""

    adcode: str
    name: str
    level: str
    parent: str
    lon: float
    lat: float

    @property
    def short(self) -> str:
        """The name as firms carry it: without 省, 市, 区 or 县."""
        return self.name[:-1]


def divisions_file() -> Path:
    """The CSV that `engine.build` takes as `divisions`."""
    return Path(str(resources.files("wutong.demo") / "divisions.csv"))


def places_file() -> Path:
    """The zones, parks and the township, as `wutong places add` takes them."""
    return Path(str(resources.files("wutong.demo") / "places.yaml"))


@cache
def divisions() -> dict[str, Division]:
    """All invented divisions by code."""
    with divisions_file().open(encoding="utf-8", newline="") as file:
        rows = [Division(r["adcode"], r["name"], r["level"], r["parent"], float(r["lon"]), float(r["lat"])) for r in csv.DictReader(file)]
    return {d.adcode: d for d in rows}


@cache
def counties(city: str) -> tuple[Division, ...]:
    """The counties of a city, its seat first."""
    return tuple(d for d in divisions().values() if d.parent == city)


@cache
def county_weights(city: str) -> tuple[float, ...]:
    """How the firms of a city spread over its counties, in the order of `counties`."""
    found = counties(city)
    return tuple(SEAT_WEIGHT if i == 0 else DISTRICT_WEIGHT if d.name.endswith("区") else COUNTY_WEIGHT for i, d in enumerate(found))


@cache
def cities() -> tuple[Division, ...]:
    """The 22 cities in the order of their codes."""
    return tuple(d for d in divisions().values() if d.level == "city")
