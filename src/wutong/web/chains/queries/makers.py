"""The makers of a segment: here, inside the radius, in the nation; and where one firm stands on the chains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from wutong.engine import answers, makers
from wutong.engine import firms as registry
from wutong.engine.narrowing import EVERYBODY, Only
from wutong.rulebook.shapes import Chain, Product, Segment
from wutong.web.chains.queries.maps import NotThere, chain_of
from wutong.web.chains.queries.own import of_office
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import warehouse

PAGE_SIZE = 50
FIRST_MAKERS = 10
READ_AT_ONCE = 5000


class Where(StrEnum):
    """Which makers of a segment are meant."""

    LOCAL = "local"
    RADIUS = "radius"
    NATION = "nation"


@dataclass(frozen=True, slots=True)
class Maker:
    """A firm that makes something of a segment, with what proves it."""

    firm_id: str
    uscc: str | None
    name: str
    place: str
    distance_km: float | None
    capital_yuan: float | None
    registered_on: dt.date | None
    is_branch: bool
    proof: str
    clause: str
    phrase: str


@dataclass(frozen=True, slots=True)
class MakerList:
    """One page of the makers of a segment: how many firms there are, in how many company groups."""

    where: Where
    title: str
    none: str
    rows: tuple[Maker, ...]
    total: int
    groups: int


def wheres(standing: Standing) -> tuple[tuple[Where, str], ...]:
    """The three places where makers are looked for, in words."""
    return (
        (Where.LOCAL, _("Makers in %(region)s") % {"region": standing.region.name}),
        (Where.RADIUS, _("Makers outside, within %(km)s km") % {"km": standing.radius_km}),
        (Where.NATION, _("Makers nation-wide")),
    )


def maker_groups(standing: Standing, chain_id: str, segment_id: str) -> tuple[MakerList, ...]:
    """The first local makers and the first of those round about. Raises: NotThere."""
    return tuple(makers_of(standing, chain_id, segment_id, where, size=FIRST_MAKERS) for where in (Where.LOCAL, Where.RADIUS))


def makers_of(
    standing: Standing, chain_id: str, segment_id: str, where: Where, *, page: int = 1, size: int = PAGE_SIZE,
    within_km: float | None = None, only: Only = EVERYBODY,
) -> MakerList:  # fmt: skip
    """A page of the makers of a segment, the largest known capital first; `within_km` and `only` narrow. Raises: NotThere."""
    found, ordered = _ordered(standing, chain_id, segment_id, where, within_km, only)
    number = min(page - 1, max(0, len(ordered) - 1) // size)
    shown = ordered[number * size : (number + 1) * size]
    rows = _rows_at(standing, found, shown)
    none = {
        Where.LOCAL: _("The registry holds no maker of this segment here."),
        Where.RADIUS: _("The registry holds no maker of this segment inside the radius."),
        Where.NATION: _("The registry holds no maker of this segment at all."),
    }
    return MakerList(where, dict(wheres(standing))[where], none[where], rows, len(ordered), len(np.unique(found.group[ordered])))


def every_maker(
    standing: Standing, chain_id: str, segment_id: str, where: Where, *, within_km: float | None = None, only: Only = EVERYBODY
) -> Iterator[Maker]:
    """All makers of a segment however many, the largest known capital first, read some at a time. Raises: NotThere."""
    found, ordered = _ordered(standing, chain_id, segment_id, where, within_km, only)
    for first in range(0, len(ordered), READ_AT_ONCE):
        yield from _rows_at(standing, found, ordered[first : first + READ_AT_ONCE])


def _ordered(  # noqa: PLR0917  the whole question
    standing: Standing, chain_id: str, segment_id: str, where: Where, within_km: float | None, only: Only
) -> tuple[makers.Makers, Any]:
    """The makers of a chain, and where those meant stand in it, the largest known capital first. Raises: NotThere."""
    if segment_id not in {segment.id for segment in chain_of(chain_id).segments}:
        raise NotThere(segment_id)
    found = of_office().apply(chain_id, makers.of_chain(warehouse.served(), chain_id))
    at = _positions(standing, found, segment_id, where)
    if within_km is not None:
        at = at[found.within_km(standing.region.lon, standing.region.lat, within_km)[at]]
    if only != EVERYBODY:
        at = at[only.holds(warehouse.served(), found)[at]]
    capital = np.nan_to_num(found.capital_yuan[at], nan=-1.0)
    return found, at[np.lexsort((found.firm_no[at], -capital))]


def _rows_at(standing: Standing, found: makers.Makers, at: Any) -> tuple[Maker, ...]:
    distance = makers.distance_km(found.lon[at], found.lat[at], standing.region.lon, standing.region.lat)
    return _maker_rows(found, at, distance)


def _positions(standing: Standing, found: makers.Makers, segment_id: str, where: Where) -> Any:
    """Where the firms meant stand in the arrays of the chain."""
    build = warehouse.served()
    day = answers.as_of_day(build, standing.as_of_asked)
    rows = found.rows(segment_id)
    at = np.arange(rows.start, rows.stop)
    at = at[found.day[at] <= makers.days(day)]
    if where == Where.NATION:
        return at
    is_here = makers.here(build, standing.region, day).holds(found.firm_no[at])
    if where == Where.LOCAL:
        return at[is_here]
    near = makers.within_km(found.lon[at], found.lat[at], standing.region.lon, standing.region.lat, standing.radius_km)
    return at[near & ~is_here]


def _maker_rows(all_makers: makers.Makers, rows: Any, distance: Any) -> tuple[Maker, ...]:
    known, found = firms.places(), []
    for fact, km in zip(all_makers.facts(rows), distance.tolist(), strict=True):
        phrase = (fact["scope"] or "")[fact["start"] : fact["end"]] if fact["start"] is not None else ""
        found.append(
            Maker(
                fact["firm_id"], fact["uscc"], fact["name"], known.path(fact["adcode"]), None if km != km else km,  # noqa: PLR0124
                fact["capital_yuan"], fact["registered_on"], fact["is_branch"], fact["proof"],
                answers.clause(fact["scope"], fact["start"], fact["end"]), phrase,
            )
        )  # fmt: skip
    return tuple(found)


# --- one firm on the chains ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PlaceOfFirm:
    """One segment on which a firm stands, and what proves it."""

    chain: Chain
    segment: Segment
    product: Product
    role: str
    proof: str
    phrase: str


@dataclass(frozen=True, slots=True)
class PlacesOfFirm:
    """A firm and its segments, in the order of the chains."""

    firm_id: str
    name: str
    rows: tuple[PlaceOfFirm, ...]


def places_of_firm(firm_id: str) -> PlacesOfFirm:
    """Where a firm stands on the chains of the rulebook. Raises: NotThere."""
    found = registry.placed(warehouse.served(), firm_id)
    if found is None:
        raise NotThere(firm_id)
    places = (_place_of_firm(place, found.scope) for place in found.placements)
    return PlacesOfFirm(firm_id, found.name, tuple(place for place in places if place))


def _place_of_firm(place: registry.ChainPlace, scope: str) -> PlaceOfFirm | None:
    """None where the rulebook no longer has what the build was made with."""
    book = firms.rulebook()
    chain, product = book.chains.get(place.chain), book.products.get(place.product)
    segment = next((segment for segment in chain.segments if segment.id == place.segment), None) if chain else None
    if chain is None or segment is None or product is None:
        return None
    phrase = scope[place.start : place.end] if place.start is not None else ""
    return PlaceOfFirm(chain, segment, product, place.role, place.proof, phrase)
