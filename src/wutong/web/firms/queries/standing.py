"""Where a question to the registry is asked from: the build and rules in force, region, radius, day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from wutong.engine import columns, name_index
from wutong.engine import firms as registry
from wutong.engine.answers import RegistryHere
from wutong.engine.firms import UnknownFirm
from wutong.engine.places import NATION, Places, Region, UnknownRegion
from wutong.rulebook.load import Rulebook
from wutong.web.firms.queries import names
from wutong.web.lib import access, money, warehouse
from wutong.web.lib import rulebook as rules

RADIUS_LEAF = "gaps.radius_km"
RADII_KM = (50, 100, 150, 200, 300)
MOST_SUGGESTED = 12
MOST_ROWS = 5000

# What a segment of a chain is in a region; here, so that the pages of chains and the marks that draw them say it in the same words.
VERDICTS = {
    "strong": pgettext_lazy("verdict", "strong"),
    "strengthen": pgettext_lazy("verdict", "strengthen"),
    "extend": pgettext_lazy("verdict", "extend"),
    "fill": pgettext_lazy("verdict", "fill"),
    "build": pgettext_lazy("verdict", "build"),
    "unknown": pgettext_lazy("verdict", "unknown"),
}
EARLIEST = dt.date(1949, 10, 1)  # from here on the rulebook has values


@dataclass(frozen=True, slots=True)
class Standing:
    """From where a question to the registry is asked: region, supply radius and day."""

    region: Region
    radius_km: int
    as_of: dt.date | None
    as_of_asked: dt.date | None
    is_default: bool

    @property
    def rulebook(self) -> Rulebook:
        """The rules by which it is answered."""
        return rulebook(self.as_of_asked)

    @property
    def radius_choices(self) -> tuple[int, ...]:
        """The radii to choose from."""
        return radii_km()

    @property
    def is_nation(self) -> bool:
        """Whether it is the whole nation, which no verdict can compare with itself."""
        return self.region.id == NATION

    @property
    def query(self) -> str:
        """The query string that asks from here again."""
        values: dict[str, Any] = {"region": self.region.id, "radius": self.radius_km}
        if self.as_of_asked:
            values["as_of"] = self.as_of_asked.isoformat()
        return "?" + urlencode(values)


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """A region to choose: what the box takes, and what tells it from others of the same name."""

    id: str
    name: str
    label: str


def places() -> Places:
    """The regions of the served build and of the bureau's place files."""
    build = warehouse.served()
    folder = Path(settings.DATA) / "places"
    stamp = max((path.stat().st_mtime_ns for path in folder.iterdir()), default=0) if folder.is_dir() else 0
    return _places(str(settings.WAREHOUSE), build.info.build_id, str(folder) if stamp else "", stamp)


def near_choices(unknown: UnknownRegion) -> tuple[RegionChoice, ...]:
    """The regions that come close to a text that names none."""
    found = []
    for text in unknown.near:
        region_id = text.partition(" ")[0]
        region = places().region(region_id)
        found.append(RegionChoice(region.id, region.full_name or region.name, region.id))
    return tuple(found)


@lru_cache(maxsize=2)
def _places(served: str, build_id: str, folder: str, stamp: int) -> Places:
    """Kept by the names of build and folder: kept by the warehouse itself, a build that serves no more would stay open."""
    return Places(warehouse.served(), Path(folder) if folder else None)


def own_radius_km() -> int:
    """The supply radius (配套半径) of the rules in force: what is meant where nobody names one."""
    return round(rules.in_force().number(RADIUS_LEAF, access.today()))


def radii_km() -> tuple[int, ...]:
    """The radii to choose from: the usual ones, and that of the rules."""
    return tuple(sorted({*RADII_KM, own_radius_km()}))


def standing(user: Any, *, region: str = "", radius_km: int | None = None, as_of: dt.date | None = None) -> Standing:
    """Where a person asks from: the region named, else that of his unit; the radius of the rules. Raises: UnknownRegion."""
    build = warehouse.served()
    chosen = region_of(region) if region.strip() else home_region(user)
    return Standing(chosen, radius_km or own_radius_km(), as_of or build.info.last_registered_on, as_of, not region.strip())


def region_of(text: str) -> Region:
    """The region that a code, an id or a name means; a name may lack its 省 市 县, and then the largest is meant. Raises: UnknownRegion."""
    known = places()
    try:
        return known.region(text)
    except UnknownRegion:
        short = [row for row in known.atlas.divisions.values() if len(text.strip()) > 1 and row.name[:-1] == text.strip()]
        largest = min((len(row.prefix) for row in short), default=0)
        fitting = [row for row in short if len(row.prefix) == largest]
        if len(fitting) != 1:
            raise
        return known.region(fitting[0].adcode)


def told_in_names(user: Any, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    """What an entry of the audit tells, with the names of regions and currencies in the place of their codes."""
    return {key: _named(key, value) for key, value in changes.items()}


def _named(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {side: _named(key, one) for side, one in value.items()}
    if key == "currency":
        return money.currency_name(value or "")
    if not key.endswith("adcode") or not value:
        return value
    try:
        return region_of(str(value)).name
    except (UnknownRegion, warehouse.WarehouseMissing):
        return value


def home_region(user: Any) -> Region:
    """The region of a person's unit, else of a posting, else of a unit above, else the nation: what pages show unasked."""
    known = places()
    for text in _home_ids(user):
        try:
            return known.region(text)
        except UnknownRegion:
            continue
    return known.region(NATION)


def _home_ids(user: Any) -> Iterable[str]:
    unit = user.unit
    yield from filter(None, (unit.place_id, unit.adcode))
    yield from (grant.adcode for grant in user.grants() if grant.adcode)
    while unit := unit.parent:  # an office away, or a team without a region of its own, works for the region above it
        yield from filter(None, (unit.place_id, unit.adcode))


def regions(text: str) -> tuple[RegionChoice, ...]:
    """Regions whose name or code holds the text, those that begin with it and the larger ones first."""
    wanted = text.strip()
    if not wanted:
        return ()
    known = places()
    found = [
        RegionChoice(place.id, place.full_name, place.id) for place in known.listed() if wanted in place.full_name or wanted in place.id
    ]
    divisions = [row for row in known.atlas.divisions.values() if wanted in row.name or row.adcode.startswith(wanted)]
    divisions.sort(key=lambda row: (not row.name.startswith(wanted), len(row.prefix), row.adcode))
    found += [RegionChoice(row.adcode, known.path(row.adcode), row.adcode) for row in divisions[:MOST_SUGGESTED]]
    return tuple(found[:MOST_SUGGESTED])


def rulebook(as_of: dt.date | None = None) -> Rulebook:
    """The rules in force: those that the build that serves was placed by, and over them what the office decided itself.

    What the office decided holds for whatever is asked since, even of a registry that ends earlier; who asks as of a day of the past is
    answered by the rules of that day.
    """
    return rules.in_force(warehouse.served().rulebook, asked_on=None if as_of else access.today())


def versions() -> tuple[str, str]:
    """Id of the build that serves, hash of the rulebook."""
    return warehouse.served().info.build_id, rulebook().hash


def last_day() -> dt.date | None:
    """The last day of the registry: what an answer speaks for where no day is asked for."""
    return warehouse.served().info.last_registered_on


def registry_of(text: str) -> RegistryHere:
    """The registry's years and firms in the region that a text names, or in all. Raises: UnknownRegion."""
    return registry_here(region_of(text) if text.strip() else None)


def registry_here(region: Region | None = None) -> RegistryHere:
    """The registry's years and firms, in a region or in all."""
    build = warehouse.served()
    return registry.registry_here(build, region) if region else _registry(build.info.build_id)


@lru_cache(maxsize=2)
def _registry(build_id: str) -> RegistryHere:
    """What every page of the search says of the whole registry, counted once a build."""
    return registry.registry_here(warehouse.served(), None)


def firm_id_of(text: str) -> str:
    """The firm of an id, a credit code, a full name, a noted name, or a short name that surely means it; "" where there is none."""
    if not text.strip():
        return ""
    build = warehouse.served()
    try:
        return registry.identify(build, text).firm_id
    except UnknownFirm:
        found = registry.search(build, text.strip(), size=1).rows
        is_named = bool(found) and found[0].name == text.strip()
        return found[0].firm_id if is_named else registry.named(build, name=text, noted=names.further()) or _surely(text)


def _surely(text: str) -> str:
    """The firm that a short name means with the confidence at which a list needs no person; "" where none is so sure."""
    build, day = warehouse.served(), access.today()
    asked = name_index.Asked((text.strip(),))
    best = name_index.of(build).look_up(asked, name_index.Numbers.on(rulebook(), day), top=1, noted=names.further())
    is_sure = bool(best) and best[0].confidence_share >= rulebook().number("names.decided_from_share", day)
    return str(columns.of(build).frame["firm_id"][best[0].row]) if is_sure else ""


def address_of(firm_id: str) -> str:
    """The page of a firm."""
    return reverse("firms:detail", args=[firm_id])
