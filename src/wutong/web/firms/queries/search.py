"""The search over the registry: by product, name, code and place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wutong.engine import find as finder
from wutong.engine import firms as registry
from wutong.engine.places import Region
from wutong.engine.products import Matcher
from wutong.web.firms.queries import names, own, tags
from wutong.web.firms.queries.standing import EARLIEST, MOST_ROWS, places, region_of, rulebook
from wutong.web.lib import access, warehouse
from wutong.web.lib.access import is_chinese

PAGE_SIZE = 50
MOST_SORTED = 500
EVERY = 10_000_000
"""More firms than any search finds: for an export in the background, which leaves nothing out."""
READ_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for, and where. Units: radius in km."""

    text: str = ""
    region: str = ""
    near: str = ""
    radius_km: int = 0  # of a search round no place
    role: str = "makes"
    as_of: dt.date | None = None
    is_by_name: bool = False
    tag: str = ""


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


def search(asked: Asked, *, sort: str = "", page: int | None = 1, size: int = PAGE_SIZE, most: int = MOST_ROWS) -> FirmsFound:
    """Firms by what they make, where the words name a product, else by name, code and place. `page` None: all, up to `most`.

    Raises: UnknownRegion.
    """
    region = region_of(asked.region) if asked.region else None
    near = region_of(asked.near) if asked.near else None
    product = None if asked.is_by_name else product_of(asked.text)
    if product and page and size * page > MOST_SORTED:  # so far on: where the list ends first, or a number out of the air reads it all
        page = min(page, max(1, -(-_makers(asked, region, near, 1)[1] // size)))
    wanted = MOST_SORTED if sort else size * page if page else most
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


def _bearers(asked: Asked) -> frozenset[str] | None:
    """The firms with the tag asked for, on the day asked for; None where none is asked for."""
    return tags.firms_with(asked.tag, asked.as_of or access.today()) if asked.tag else None


def _makers(asked: Asked, region: Region | None, near: Region | None, top: int) -> tuple[list[FirmRow], int]:
    build = warehouse.served()
    found = finder.find(
        build, rulebook(), asked.text.strip(), region=region, near=near, radius_km=asked.radius_km,
        role="any" if asked.role == "any" else "makes", top=top, as_of=asked.as_of, all_places=places(), among=_bearers(asked),
        merged=own.merged(),
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
    each = (READ_AT_ONCE if top > MOST_ROWS else registry.LARGEST_PAGE) if top else size
    pages = range(1, -(-top // each) + 1) if top else range(first, first + 1)
    rows: list[FirmRow] = []
    total = 0
    for number in pages:
        found = registry.search(
            build,
            asked.text,
            region=region,
            page=number,
            size=each,
            as_of=asked.as_of,
            among=_bearers(asked),
            noted=names.further(),
            largest=each,
            merged=own.merged(),
        )
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
