"""Firms of the registry: search, and everything that is known of one of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from wutong.engine import answers, codes, columns, find, further_names, makers, members, name_index, names
from wutong.engine.answers import RegistryHere
from wutong.engine.columns import Bools, Columns
from wutong.engine.further_names import FurtherNames
from wutong.engine.places import Region
from wutong.engine.scopes import Role
from wutong.engine.warehouse import Warehouse
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
    uscc: str | None
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
class Placed:
    """A firm and the segments that it is placed on."""

    name: str
    scope: str
    placements: tuple[ChainPlace, ...]


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
    frame = columns.of(warehouse).frame
    code = codes.normalise(text) or "?"
    found: list[int] = columns.with_ids(warehouse, (text.strip(),)).tolist()
    found = found or (frame["uscc"] == code).arg_true().to_list() or columns.with_ids(warehouse, (code,)).tolist()
    if not found:
        raise UnknownFirm(f"no firm {text!r} in this build; expected a firm_id or a credit code (统一社会信用代码)")
    row = frame.row(found[0], named=True)
    return Identity(row["firm_no"], row["firm_id"], row["uscc"], row["name"], row["registered_on"])


def named(warehouse: Warehouse, *, uscc: str = "", name: str = "", noted: FurtherNames = further_names.NONE) -> str:
    """The firm_id of a credit code, else of a name, or a noted one, that one firm alone bears; "" where none."""
    if uscc.strip():
        try:
            return identify(warehouse, uscc).firm_id
        except UnknownFirm:
            return ""
    frame = columns.of(warehouse).frame
    key = names.key(name)
    found = {*(frame["name_key"] == key).arg_true().to_list(), *noted.proving.get(key, ())} if key else set()
    return str(frame["firm_id"][found.pop()]) if len(found) == 1 else ""


def get(warehouse: Warehouse, text: str, *, as_of: dt.date | None = None) -> FirmProfile:
    """Everything known of one firm, by firm_id or code. Raises: UnknownFirm."""
    known = identify(warehouse, text)
    day = answers.as_of_day(warehouse, as_of)
    if known.registered_on is not None and known.registered_on > day:
        raise UnknownFirm(f"firm {known.firm_id} was registered on {known.registered_on}, after {day}")
    row = columns.of(warehouse).frame.row(known.firm_no, named=True)
    (more,) = warehouse.rows("firm_profile", {"firm_no": known.firm_no})
    row |= more | _above(warehouse, row, day)
    places = makers.places(warehouse)
    trade_name = names.core(row["name"], makers.place_words(places.path(row["adcode"])))
    group = _group(warehouse, row, day)
    facts = {name: row[name] for name in FirmProfile.__slots__ if name in row}
    return FirmProfile(
        **facts,
        trade_name=trade_name,
        place=places.path(row["adcode"]),
        spans=_spans(warehouse, known.firm_no),
        placements=_placements(warehouse, known.firm_no),
        branches=tuple(_relative(warehouse, member) for member in group if member["is_child"]),
        group_members=tuple(_relative(warehouse, member) for member in group if not member["is_child"]),
        namesakes=_namesakes(warehouse, trade_name, row["group_no"], day),
        rejects=tuple(
            RejectedValue(**reject)
            for reject in warehouse.rows("firm_rejects", {"source_file": row["source_file"], "source_row": row["source_row"]})
        ),
    )


def _spans(warehouse: Warehouse, firm_no: int) -> tuple[ScopeSpan, ...]:
    """What its scope says, in order, out of the mentions in memory: their file lies in the order of phrases and would be read whole."""
    seen, phrases = columns.mentions(warehouse), columns.of(warehouse).phrases
    mine = seen[np.flatnonzero(seen["firm_no"].to_numpy() == firm_no)].sort("start", "end", "role", "phrase_no")
    return tuple(ScopeSpan(Role(m["role"]).name.lower(), phrases[m["phrase_no"]], m["start"], m["end"]) for m in mine.iter_rows(named=True))


def _placements(warehouse: Warehouse, firm_no: int) -> tuple[ChainPlace, ...]:
    """The segments that it is placed on, by chain and segment."""
    phrases, found = columns.of(warehouse).phrases, []
    for row in columns.placements(warehouse, firm_no).drop("firm_no").iter_rows(named=True):
        number = row.pop("phrase_no")
        phrase = None if number is None else phrases[number]
        found.append(ChainPlace(**{**row, "phrase": phrase, "role": Role(row["role"]).name.lower()}))
    return tuple(found)


def placed(warehouse: Warehouse, firm_id: str) -> Placed | None:
    """Where a firm stands on the chains; None where the build does not hold it."""
    held: list[int] = columns.with_ids(warehouse, (firm_id,)).tolist()
    if not held:
        return None
    row = columns.of(warehouse).frame.row(held[0], named=True)
    return Placed(row["name"], row["scope"] or "", _placements(warehouse, held[0]))


def _above(warehouse: Warehouse, row: dict[str, Any], day: dt.date) -> dict[str, Any]:
    """The parent of a firm, and the head of its group, where they stood by the day."""
    known = columns.of(warehouse)
    found: dict[str, Any] = {}
    for who, number in (("parent", row["parent_no"]), ("head", row["group_no"])):
        is_seen = number is not None and known.day[number] <= columns.days(day)
        other = known.frame.row(number, named=True) if is_seen else {"firm_id": None, "name": None}
        found |= {f"{who}_id": other["firm_id"], f"{who}_name": other["name"]}
    return found


def _group(warehouse: Warehouse, row: dict[str, Any], day: dt.date) -> list[dict[str, Any]]:
    """The other members of a firm's group, seen as of a day, the oldest first."""
    known = columns.of(warehouse)
    numbers = np.flatnonzero((known.group == row["group_no"]) & (known.day <= columns.days(day)))
    others = known.frame[numbers[numbers != row["firm_no"]]].sort("registered_on", "firm_id", nulls_last=True)
    found: list[dict[str, Any]] = others.with_columns(is_child=(pl.col("parent_no") == row["firm_no"]).fill_null(False)).to_dicts()
    return found


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
    known, places, key = columns.of(warehouse), makers.places(warehouse), names.key(trade_name)
    index = name_index.kept(warehouse) if key else None
    bears = index.bearing(key) if index is not None else np.arange(len(known.day), dtype=np.int32)
    bears = bears[known.frame["name"].gather(bears).str.contains(trade_name, literal=True).to_numpy()]
    others = bears[(known.group[bears] != group_no) & (known.day[bears] <= columns.days(day))]
    found = (
        row
        for row in known.frame[others].filter(~pl.col("is_branch")).head(NAMESAKES_LOOKED_AT).iter_rows(named=True)
        if names.core(row["name"], makers.place_words(places.path(row["adcode"]))) == trade_name
    )
    return tuple(_relative(warehouse, row) for row, _ in zip(found, range(MOST_NAMESAKES), strict=False))


def registry_here(warehouse: Warehouse, region: Region | None, as_of: dt.date | None = None) -> RegistryHere:
    """What the registry holds in a region (None: the nation) as of a day."""
    day = answers.as_of_day(warehouse, as_of)
    chosen = region if region is not None else makers.places(warehouse).region("100000")
    return makers.registry_here(warehouse, chosen, day)


def search(
    warehouse: Warehouse,
    text: str = "",
    *,
    rulebook: Rulebook | None = None,
    region: Region | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    as_of: dt.date | None = None,
    among: frozenset[str] | None = None,
    noted: FurtherNames = further_names.NONE,
    largest: int = LARGEST_PAGE,
    merged: Mapping[str, str] | None = None,
) -> FirmPage:
    """Firms by words that must all fit: part of a name, a code or its beginning, a place, or (with a rulebook) a product they make.

    Exact names first, then names that begin with the text, then heads before branches, the larger first; ties by firm_id.
    `among`: only firms of these ids. `noted`: names that the office knows besides, searched like those of the registry. `largest`: of a
    page, where something else than a page of the web asks. `merged`: firms that are others, by id: their names, codes and products find
    the other, which stands in its own place.
    """
    size = max(1, min(size, largest))
    page = max(1, page)
    day = answers.as_of_day(warehouse, as_of)
    known = columns.of(warehouse)
    others = columns.pairs(warehouse, merged or {})
    is_hit = known.day <= columns.days(day)
    product_id: str | None = None
    for word in text.split():
        fits, product = _fits(warehouse, known, word, rulebook, noted)
        for gone, kept in others:
            fits[kept] |= fits[gone]
        for prefix in _prefixes(warehouse, word):
            fits[known.with_adcode(prefix)] = True
        is_hit &= fits
        product_id = product or product_id
    is_hit[[gone for gone, _ in others]] = False
    if region is not None:
        is_hit &= known.marked(members.of(warehouse, region))
    if among is not None:
        is_hit &= known.marked(columns.with_ids(warehouse, among))
    hits = np.flatnonzero(is_hit)
    shown = hits[_first(_order(known, hits, names.key(text), noted), (page - 1) * size, page * size)]
    places = makers.places(warehouse)
    rows = tuple(FirmLine(**row, place=places.path(row["adcode"])) for row in known.frame.select(LINE)[shown].to_dicts())
    return FirmPage(rows, len(hits), page, size, day, product_id)


LINE = [name for name in FirmLine.__slots__ if name != "place"]


def _order(known: Columns, hits: Any, whole: str, noted: FurtherNames) -> Any:
    """What orders the hits, lowest first."""
    place = known.standing[hits].astype(np.int64)
    if not whole:
        return place
    keys = known.frame["name_key"].gather(hits)
    is_other, is_inside = (keys != whole).to_numpy(writable=True), ~keys.str.starts_with(whole).to_numpy()
    is_called_so = np.isin(hits, noted.called.get(whole, ()))
    is_other[is_called_so] = is_inside[is_called_so] = False
    return place + len(known.day) * (2 * is_other + is_inside)


def _first(order: Any, begin: int, end: int) -> Any:
    """Positions of the entries from `begin` to `end` in the order; only those are sorted."""
    if begin >= len(order):
        return np.zeros(0, dtype=np.int64)
    first = np.argpartition(order, end - 1)[:end] if end < len(order) else np.arange(len(order))
    return first[np.argsort(order[first])][begin:]


def _fits(warehouse: Warehouse, known: Columns, word: str, rulebook: Rulebook | None, noted: FurtherNames) -> tuple[Bools, str | None]:
    """Which firms a word fits by name, code or product, and the product that it names."""
    key = names.key(word)
    index = name_index.kept(warehouse) if key else None
    if index is not None:  # where nobody made it yet, a look at every name costs less than making it
        fits = known.marked(index.bearing(key))
    else:
        fits = known.frame["name_key"].str.contains(key, literal=True).to_numpy(writable=True)
    fits[noted.holding(key)] = True
    code = codes.normalise(word)
    if _CODE.fullmatch(code):
        fits |= known.frame["uscc"].str.starts_with(code).fill_null(False).to_numpy()
        fits |= (known.frame["firm_id"] == (word.strip().lower() if code.startswith("X-") else code)).to_numpy()
    product = find.product_of(warehouse, rulebook, word) if rulebook is not None else None
    if product is not None and rulebook is not None:
        seen = find.mentions(warehouse, rulebook, product)
        makes = np.isin(seen["role"].to_numpy(), _MAKING) | seen["done"].is_not_null().to_numpy()
        fits[seen["firm_no"].to_numpy()[makes]] = True
    return fits, product


MOST_PLACES = 8


def _prefixes(warehouse: Warehouse, word: str) -> tuple[str, ...]:
    """What the division codes begin with, of divisions called so (with or without 省 市 县)."""
    found = [
        row.prefix
        for row in makers.places(warehouse).atlas.divisions.values()
        if row.name == word or (len(word) > 1 and row.name[:-1] == word)
    ]
    return tuple(found[:MOST_PLACES])
