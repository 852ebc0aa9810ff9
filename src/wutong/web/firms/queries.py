"""Reads of the firm registry for pages: where somebody stands (region, radius, day), the search, the profile, followed firms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from wutong.engine import find as finder
from wutong.engine import firms as registry
from wutong.engine.answers import RegistryHere
from wutong.engine.firms import FirmProfile, Relative, UnknownFirm
from wutong.engine.places import NATION, Places, Region, UnknownRegion
from wutong.engine.products import Matcher
from wutong.rulebook import load
from wutong.web.firms import rules
from wutong.web.firms.models import Follow, FollowQuerySet
from wutong.web.firms.rules import Piece, Span
from wutong.web.lib import money, warehouse
from wutong.web.lib.access import is_chinese

RADIUS_KM = 150
RADII_KM = (50, 100, 150, 200, 300)
MOST_SUGGESTED = 12
PAGE_SIZE = 50
MOST_SORTED = 500
MOST_ROWS = 5000
MOST_RELATIVES = 20

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
    radius_choices: tuple[int, ...] = RADII_KM

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


def standing(user: Any, *, region: str = "", radius_km: int = RADIUS_KM, as_of: dt.date | None = None) -> Standing:
    """Where a person asks from: the region named, else that of his unit. Raises: UnknownRegion."""
    build = warehouse.served()
    chosen = region_of(region) if region.strip() else home_region(user)
    return Standing(chosen, radius_km, as_of or build.info.last_registered_on, as_of, not region.strip())


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


def follows(user: Any) -> FollowQuerySet:
    """The firms a person follows, newest first."""
    return Follow.objects.visible_to(user).select_related("firm")


def is_followed(user: Any, firm_id: str) -> bool:
    """Whether a person follows a firm."""
    return Follow.objects.visible_to(user).filter(firm__firm_id=firm_id).exists()


def rulebook() -> load.Rulebook:
    """The rules in force."""
    return load.rulebook()


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
    return registry.registry_here(warehouse.served(), region)


# --- search ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for, and where. Units: radius in km."""

    text: str = ""
    region: str = ""
    near: str = ""
    radius_km: int = RADIUS_KM
    role: str = "makes"
    as_of: dt.date | None = None
    is_by_name: bool = False


@dataclass(frozen=True, slots=True)
class FirmRow:
    """One firm of a search. Units: capital in yuan, distance in km."""

    firm_id: str
    uscc: str | None
    name: str
    place: str
    capital_yuan: float | None
    registered_on: dt.date | None
    is_branch: bool
    distance_km: float | None = None
    role: str = ""
    clause: str = ""
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class FirmsFound:
    """One page of a search. `product`: the product of the thesaurus that the words were read as; `is_sortable`: few enough to sort."""

    rows: tuple[FirmRow, ...]
    total: int
    sentence: str
    advice: str
    product: Any
    near: Region | None
    is_sortable: bool


SORTS = {
    "name": lambda row: row.name,
    "capital": lambda row: row.capital_yuan,
    "place": lambda row: row.place,
    "distance": lambda row: row.distance_km,
    "registered": lambda row: row.registered_on,
}


def product_of(text: str) -> Any:
    """The product of the thesaurus that a text names; None where it names none."""
    product_id = _matcher(rulebook().hash).resolve(text.strip()) if text.strip() else None
    return rulebook().products[product_id] if product_id else None


@lru_cache(maxsize=2)
def _matcher(rulebook_hash: str) -> Matcher:
    return Matcher(rulebook().products)


def search(asked: Asked, *, sort: str = "", page: int | None = 1, size: int = PAGE_SIZE) -> FirmsFound:
    """Firms by what they make, where the words name a product, else by name, code and place. `page` None: all, up to MOST_ROWS.

    Raises: UnknownRegion.
    """
    region = region_of(asked.region) if asked.region else None
    near = region_of(asked.near) if asked.near else None
    product = None if asked.is_by_name else product_of(asked.text)
    if product and page and size * page > MOST_SORTED:  # so far on: where the list ends first, or a number out of the air reads it all
        page = min(page, max(1, -(-_makers(asked, region, near, 1)[1] // size)))
    wanted = MOST_SORTED if sort else size * page if page else MOST_ROWS
    found, total = (
        _makers(asked, region, near, wanted)
        if product
        else _named(asked, region, first=page or 1, size=size, top=0 if page and not sort else wanted)
    )
    last = max(1, -(-total // size))
    if page and page > last:
        return search(asked, sort=sort, page=last, size=size)
    is_sortable = total <= MOST_SORTED
    if sort and not is_sortable:
        return search(asked, page=page, size=size)
    if sort:
        found = _sorted(found, sort)
    if page and (product or sort):
        found = found[(page - 1) * size : page * size]
    sentence = _sentence(asked, product, region, near, total) + _undated(asked, product, region, near)
    return FirmsFound(tuple(found), total, sentence, _advice(asked, product), product, near, is_sortable)


def find(asked: Asked, *, top: int) -> tuple[tuple[FirmRow, ...], int]:
    """Who makes what the text names, best first, and how many there are; `top` 0 gives all. Raises: UnknownRegion."""
    region = region_of(asked.region) if asked.region else None
    near = region_of(asked.near) if asked.near else None
    rows, total = _makers(asked, region, near, top)
    return tuple(rows), total


def _makers(asked: Asked, region: Region | None, near: Region | None, top: int) -> tuple[list[FirmRow], int]:
    build = warehouse.served()
    found = finder.find(
        build, rulebook(), asked.text.strip(), region=region, near=near, radius_km=asked.radius_km,
        role="any" if asked.role == "any" else "makes", top=top, as_of=asked.as_of, all_places=places(),
    )  # fmt: skip
    return [
        FirmRow(
            row.firm_id,
            row.uscc,
            row.name,
            row.place,
            row.capital_yuan,
            row.registered_on,
            False,
            row.distance_km,
            row.role,
            row.clause,
            row.phrase,
        )
        for row in found.rows
    ], found.total


def _named(asked: Asked, region: Region | None, *, first: int, size: int, top: int) -> tuple[list[FirmRow], int]:
    """One page, or with `top` so many rows from the first on, read in pages of the engine's size."""
    build = warehouse.served()
    each = registry.LARGEST_PAGE if top else size
    pages = range(1, -(-top // each) + 1) if top else range(first, first + 1)
    rows: list[FirmRow] = []
    total = 0
    for number in pages:
        found = registry.search(build, asked.text, region=region, page=number, size=each, as_of=asked.as_of)
        total = found.total
        rows += [
            FirmRow(row.firm_id, row.uscc, row.name, row.place, row.capital_yuan, row.registered_on, row.is_branch) for row in found.rows
        ]
        if number * each >= total:
            break
    return rows, total


def _sorted(rows: list[FirmRow], sort: str) -> list[FirmRow]:
    """Sorted by one column; what is unknown comes last both ways."""
    key = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    known = sorted((row for row in rows if key(row) is not None), key=key, reverse=sort.startswith("-"))
    return known + [row for row in rows if key(row) is None]


def _sentence(asked: Asked, product: Any, region: Region | None, near: Region | None, total: int) -> str:
    where = region.name if region else _("the whole registry")
    if near and product:
        round_it = _("%(km)s km round %(place)s") % {"km": asked.radius_km, "place": near.name}
        where = _("%(region)s within %(round)s") % {"region": region.name, "round": round_it} if region else round_it
    values = {"total": f"{total:,}", "where": where, "product": product.zh if product and is_chinese() else product.en if product else ""}
    if product and asked.role == "any":
        return ngettext(
            "%(total)s firm has to do with %(product)s, in %(where)s", "%(total)s firms have to do with %(product)s, in %(where)s", total
        ) % values  # fmt: skip
    if product:
        return (
            ngettext(
                "%(total)s firm makes or provides %(product)s, in %(where)s",
                "%(total)s firms make or provide %(product)s, in %(where)s",
                total,
            )
            % values
        )
    return ngettext("%(total)s firm, in %(where)s", "%(total)s firms, in %(where)s", total) % values


def _undated(asked: Asked, product: Any, region: Region | None, near: Region | None) -> str:
    """How many of those found bear no date: what is asked for up to a day keeps them, for nobody knows them to be later."""
    if asked.as_of is None:
        return ""
    undated = replace(asked, as_of=EARLIEST if product else dt.date.min)
    if product:
        total = sum(row.registered_on is None for row in _makers(undated, region, near, 0)[0])
    else:
        total = _named(undated, region, first=1, size=1, top=0)[1]
    if not total:
        return ""
    return ngettext("; %(total)s of them without a date", "; %(total)s of them without a date", total) % {"total": f"{total:,}"}


def _advice(asked: Asked, product: Any) -> str:
    """What to do where nothing was found."""
    if product and asked.role != "any":
        return _("Take a wider region or radius, or choose any role to see who sells, repairs or stores it.")
    if asked.region:
        return _("Leave out the region, or search for part of the name.")
    return _("Search for part of the name, the beginning of a credit code, or a product in its usual words.")


def firm_id_of(text: str) -> str:
    """The firm of an id, a credit code or a full name; "" where there is none."""
    if not text.strip():
        return ""
    try:
        return registry.identify(warehouse.served(), text).firm_id
    except UnknownFirm:
        found = registry.search(warehouse.served(), text.strip(), size=1).rows
        return found[0].firm_id if found and found[0].name == text.strip() else ""


# --- profile --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a profile; without a value it says why."""

    label: str
    value: str
    why_missing: str = ""
    note: str = ""
    firm_id: str = ""


@dataclass(frozen=True, slots=True)
class Relatives:
    """Firms that belong to the firm in one way: the first of them, and how many there are."""

    code: str
    title: str
    rows: tuple[Relative, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What the page of a firm shows."""

    firm: FirmProfile
    facts: tuple[Fact, ...]
    pieces: tuple[Piece, ...]
    roles: tuple[str, ...]
    has_dropped: bool
    relations: tuple[Relatives, ...]
    build_id: str
    rulebook_hash: str


def profile(firm_id: str) -> ProfilePage:
    """Everything the registry knows of a firm. Raises: UnknownFirm."""
    build = warehouse.served()
    firm = registry.get(build, firm_id)
    cut = rules.pieces(firm.scope or "", (Span(span.start, span.end, span.role) for span in firm.spans))
    roles = tuple(role for role in rules.ROLES if any(role in piece.roles for piece in cut))
    relations = (
        Relatives("branches", _("Branches"), firm.branches[:MOST_RELATIVES], len(firm.branches)),
        Relatives("group", _("Others of its group"), firm.group_members[:MOST_RELATIVES], len(firm.group_members)),
        Relatives(
            "namesakes", _("Namesakes elsewhere (same trade name, no proven tie)"), firm.namesakes[:MOST_RELATIVES], len(firm.namesakes)
        ),
    )
    return ProfilePage(
        firm, tuple(_facts(firm)), cut, roles, any(piece.is_dropped for piece in cut), tuple(group for group in relations if group.rows),
        build.info.build_id, build.info.rulebook_hash,
    )  # fmt: skip


def _facts(firm: FirmProfile) -> Iterator[Fact]:
    not_given = _("not given in the registry")
    yield Fact(_("Credit code"), firm.uscc or "", not_given, _code_notes().get(firm.uscc_status, ""))
    yield Fact(_("Legal form"), firm.firm_type or "", not_given)
    yield _capital(firm)
    yield Fact(_("Registered on"), firm.registered_on.isoformat() if firm.registered_on else "", _("not given, or not a date"))
    yield Fact(_("Division"), firm.place, _("neither address nor code names a division"))
    yield Fact(_("Address"), firm.address or "", not_given)
    yield Fact(_("Located"), _located().get(firm.located_by, firm.located_by))
    point = "" if firm.lon is None or firm.lat is None else f"{firm.lon:.4f}, {firm.lat:.4f}"
    yield Fact(
        _("Coordinates"), point, _("no place known"), _("of the division's seat") if firm.located_by in {"county", "city", "code"} else ""
    )
    yield Fact(_("Makes anything"), _("yes") if firm.is_manufacturer else _("nothing that its scope or name says"))
    yield Fact(_("Trade name"), firm.trade_name, _("none in its name"))
    yield Fact(_("Parent by name"), firm.parent_name or "", _("its name begins with no other firm's name"), firm_id=firm.parent_id or "")
    if firm.head_id and firm.head_id not in {firm.firm_id, firm.parent_id}:
        yield Fact(_("Head of its group"), firm.head_name or "", firm_id=firm.head_id)


def _code_notes() -> dict[str, str]:
    return {
        "valid": _("check digit holds"),
        "bad_check": _("its check digit does not hold"),
        "short": _("an older code of 15 digits"),
        "malformed": _("not written as a credit code"),
    }


def _capital(firm: FirmProfile) -> Fact:
    text = firm.capital_text or ""
    note = _("as registered: %(text)s") % {"text": text} if text else ""
    if firm.capital_is_estimated:
        note = _("%(note)s; converted from %(currency)s by the rate of the year") % {"note": note, "currency": firm.capital_currency}
    why = _("the registered text could not be read") if text else _("not given in the registry")
    return Fact(_("Registered capital"), "" if firm.capital_yuan is None else money.money(firm.capital_yuan), why, note)


def _located() -> dict[str, str]:
    return {
        "point": _("by a point of its own"),
        "zone": _("by the code or the name of a zone"),
        "county": _("by the county in its address"),
        "city": _("by the city in its address; the county is not known"),
        "code": _("by the district in its credit code"),
        "none": _("not located"),
    }


def address_of(firm_id: str) -> str:
    """The page of a firm."""
    return reverse("firms:detail", args=[firm_id])
