"""Firms of the registry: search, and everything that is known of one of them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from wutong.engine import answers, codes, makers, names
from wutong.engine.answers import RegistryHere
from wutong.engine.places import Region
from wutong.engine.products import Matcher
from wutong.engine.scopes import Role
from wutong.engine.warehouse import Warehouse, sql
from wutong.rulebook.load import Rulebook

PAGE_SIZE = 50
LARGEST_PAGE = 500
MOST_NAMESAKES = 20
NAMESAKES_LOOKED_AT = 400
_CODE = re.compile(r"[0-9A-Z]{6,20}|X-[0-9A-F]+")
_MAKING = [int(Role.MAKES), int(Role.PROCESSES), int(Role.GROWS), int(Role.PROVIDES), int(Role.UNSTATED)]


class UnknownFirm(LookupError):  # noqa: N818
    """The build holds no firm of that id or code, as of the day asked for."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which firm an id or a code means."""

    firm_no: int
    firm_id: str
    name: str
    registered_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ScopeSpan:
    """One product phrase of a scope with its role; the span counts characters of the scope."""

    role: str
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """A segment that the firm is placed on, with the proof."""

    chain: str
    segment: str
    product: str
    role: str
    proof: str
    products: int
    phrase: str | None
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the firm's group, or a namesake. `city` is the name of its prefecture."""

    firm_id: str
    uscc: str | None
    name: str
    adcode: str
    place: str
    city: str
    registered_on: dt.date | None
    is_branch: bool


@dataclass(frozen=True, slots=True)
class RejectedValue:
    """A value of the firm's row that could not be read."""

    column: str
    value: str | None
    reason: str
    expected: str


@dataclass(frozen=True, slots=True)
class FirmProfile:
    """All that the build knows of a firm. Units: capital in yuan; lon and lat in degrees, GCJ-02."""

    firm_id: str
    uscc: str | None
    uscc_status: str
    name: str
    trade_name: str
    registered_on: dt.date | None
    firm_type: str | None
    capital_text: str | None
    capital_yuan: float | None
    capital_currency: str | None
    capital_is_estimated: bool
    scope: str | None
    province: str | None
    city: str | None
    address: str | None
    adcode: str
    place: str
    located_by: str
    lon: float | None
    lat: float | None
    is_branch: bool
    is_manufacturer: bool
    source_file: str
    source_row: int
    parent_id: str | None
    parent_name: str | None
    head_id: str | None
    head_name: str | None
    spans: tuple[ScopeSpan, ...]
    placements: tuple[ChainPlace, ...]
    branches: tuple[Relative, ...]
    group_members: tuple[Relative, ...]
    namesakes: tuple[Relative, ...]
    rejects: tuple[RejectedValue, ...]


@dataclass(frozen=True, slots=True)
class FirmLine:
    """One line of a search. Units: capital in yuan."""

    firm_id: str
    uscc: str | None
    name: str
    adcode: str
    place: str
    registered_on: dt.date | None
    capital_yuan: float | None
    is_branch: bool
    is_manufacturer: bool
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class FirmPage:
    """A page of a search; `page` counts from 1. `product_id`: the product that the search was read as, where it was one."""

    rows: tuple[FirmLine, ...]
    total: int
    page: int
    size: int
    as_of: dt.date
    product_id: str | None = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)


def identify(warehouse: Warehouse, text: str) -> Identity:
    """The firm of a firm_id or of a credit code, written in any way. Raises: UnknownFirm."""
    code = codes.normalise(text)
    rows = warehouse.rows("firm_of", {"id": text.strip(), "code": code or "?"})
    if not rows:
        raise UnknownFirm(f"no firm {text!r} in this build; expected a firm_id or a credit code (统一社会信用代码)")
    row = rows[0]
    return Identity(row["firm_no"], row["firm_id"], row["name"], row["registered_on"])


def get(warehouse: Warehouse, text: str, *, as_of: dt.date | None = None) -> FirmProfile:
    """Everything known of one firm, by firm_id or code. Raises: UnknownFirm."""
    known = identify(warehouse, text)
    day = answers.as_of_day(warehouse, as_of)
    if known.registered_on is not None and known.registered_on > day:
        raise UnknownFirm(f"firm {known.firm_id} was registered on {known.registered_on}, after {day}")
    (row,) = warehouse.rows("firm_profile", {"firm_no": known.firm_no})
    places = makers.places(warehouse)
    trade_name = names.core(row["name"], makers.place_words(places.path(row["adcode"])))
    group = warehouse.rows("firm_group", {"firm_no": row["firm_no"], "group_no": row["group_no"], "as_of": day})
    facts = {name: row[name] for name in FirmProfile.__slots__ if name in row}
    return FirmProfile(
        **facts,
        trade_name=trade_name,
        place=places.path(row["adcode"]),
        spans=tuple(
            ScopeSpan(Role(m["role"]).name.lower(), m["phrase"], m["start"], m["end"])
            for m in warehouse.rows("firm_mentions", {"firm_no": row["firm_no"]})
        ),
        placements=tuple(
            ChainPlace(**{**p, "role": Role(p["role"]).name.lower()})
            for p in warehouse.rows("firm_placements", {"firm_no": row["firm_no"]})
        ),
        branches=tuple(_relative(warehouse, member) for member in group if member["is_child"]),
        group_members=tuple(_relative(warehouse, member) for member in group if not member["is_child"]),
        namesakes=_namesakes(warehouse, trade_name, row["group_no"], day),
        rejects=tuple(
            RejectedValue(**reject)
            for reject in warehouse.rows("firm_rejects", {"source_file": row["source_file"], "source_row": row["source_row"]})
        ),
    )


def _relative(warehouse: Warehouse, row: dict[str, Any]) -> Relative:
    places = makers.places(warehouse)
    city = places.atlas.city_of(row["adcode"]) if row["adcode"] else None
    return Relative(
        firm_id=row["firm_id"],
        uscc=row["uscc"],
        name=row["name"],
        adcode=row["adcode"],
        place=places.path(row["adcode"]),
        city=city.name if city else "",
        registered_on=row["registered_on"],
        is_branch=row["is_branch"],
    )


def _namesakes(warehouse: Warehouse, trade_name: str, group_no: int, day: dt.date) -> tuple[Relative, ...]:
    """Firms of other groups with the same trade name (字号): found as text, then read properly."""
    if len(trade_name) < 2:
        return ()
    params = {"trade_name": trade_name, "group_no": group_no, "as_of": day, "at_most": NAMESAKES_LOOKED_AT}
    places = makers.places(warehouse)
    found = (
        row
        for row in warehouse.rows("firm_namesakes", params)
        if names.core(row["name"], makers.place_words(places.path(row["adcode"]))) == trade_name
    )
    return tuple(_relative(warehouse, row) for row, _ in zip(found, range(MOST_NAMESAKES), strict=False))


def registry_here(warehouse: Warehouse, region: Region | None, as_of: dt.date | None = None) -> RegistryHere:
    """What the registry holds in a region (None: the nation) as of a day."""
    day = answers.as_of_day(warehouse, as_of)
    chosen = region if region is not None else makers.places(warehouse).region("100000")
    return makers.registry_here(warehouse, chosen, day)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Conditions of a search with their values."""

    conditions: tuple[str, ...]
    params: dict[str, Any]
    product_id: str | None


def search(
    warehouse: Warehouse,
    text: str = "",
    *,
    rulebook: Rulebook | None = None,
    region: Region | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    as_of: dt.date | None = None,
) -> FirmPage:
    """Firms by words that must all fit: part of a name, a code or its beginning, a place, or (with a rulebook) a product they make.

    Exact names first, then names that begin with the text, then heads before branches, the larger first; ties by firm_id.
    """
    size = max(1, min(size, LARGEST_PAGE))
    page = max(1, page)
    day = answers.as_of_day(warehouse, as_of)
    wanted = _wanted(warehouse, text, rulebook)
    conditions = ["(f.registered_on is null or f.registered_on <= $as_of)", *wanted.conditions]
    params: dict[str, Any] = {**wanted.params, "as_of": day}
    if region is not None:
        inside, more = makers.places(warehouse).members(region)
        conditions.append(inside)
        params |= more
    where = " and ".join(conditions)
    text_sql = sql("search").replace("where true", "where " + where)
    chosen = warehouse.ask(text_sql, {**params, "whole": names.key(text), "size": size, "skip": (page - 1) * size}, step="search")
    total = chosen.column("total")[0].as_py() if chosen.num_rows else _count(warehouse, where, params, page)
    found = {row["firm_no"]: row for row in warehouse.rows("search_rows", None, chosen=chosen)}
    places = makers.places(warehouse)
    rows = []
    for number in chosen.column("firm_no").to_pylist():
        row = found[number]
        facts = {name: row[name] for name in FirmLine.__slots__ if name in row}
        rows.append(FirmLine(**facts, place=places.path(row["adcode"])))
    return FirmPage(tuple(rows), total, page, size, day, wanted.product_id)


def _count(warehouse: Warehouse, where: str, params: dict[str, Any], page: int) -> int:
    """How many there are where the page asked for is empty."""
    if page == 1:
        return 0
    text = sql("search_count").replace("where true", "where " + where)
    return int(warehouse.ask(text, params, step="search_count").column("n")[0].as_py())


def _wanted(warehouse: Warehouse, text: str, rulebook: Rulebook | None) -> _Wanted:
    conditions: list[str] = []
    params: dict[str, Any] = {}
    matcher = Matcher(rulebook.products) if rulebook is not None and text.strip() else None
    product_id: str | None = None
    for index, word in enumerate(text.split()):
        ways = [f"contains(f.name_key, $word{index})"]
        params[f"word{index}"] = names.key(word)
        code = codes.normalise(word)
        if _CODE.fullmatch(code):
            ways.append(f"starts_with(f.uscc, $code{index})")
            ways.append(f"f.firm_id = $id{index}")
            params |= {f"code{index}": code, f"id{index}": word.strip().lower() if code.startswith("X-") else code}
        for number, prefix in enumerate(_prefixes(warehouse, word)):
            ways.append(f"starts_with(f.adcode, $place{index}_{number})")
            params[f"place{index}_{number}"] = prefix
        product = matcher.resolve(word) if matcher is not None else None
        if product is not None and rulebook is not None:
            product_id = product
            # A comment may stand before `or`, so the condition goes on a line of its own.
            ways.append("\n" + sql("search_makes").replace("$products", f"$products{index}") + "\n")
            params |= {f"products{index}": sorted(rulebook.narrower(product)), "roles": _MAKING}
        conditions.append("(" + " or ".join(ways) + ")")
    return _Wanted(tuple(conditions), params, product_id)


MOST_PLACES = 8


def _prefixes(warehouse: Warehouse, word: str) -> tuple[str, ...]:
    """What the division codes begin with, of divisions called so (with or without 省 市 县)."""
    found = [
        row.prefix
        for row in makers.places(warehouse).atlas.divisions.values()
        if row.name == word or (len(word) > 1 and row.name[:-1] == word)
    ]
    return tuple(found[:MOST_PLACES])
