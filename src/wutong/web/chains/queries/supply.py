"""Supply round a site for pages: the circle, its segments with who stands there, what is missing, and the drawing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import makers as engine_makers
from wutong.engine import supply
from wutong.engine.makers import MakerRow
from wutong.engine.supply import SegmentSupply, Site, Supply
from wutong.rulebook.shapes import Chain, Layer, Segment
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Drawing, Spot
from wutong.web.chains.queries.maps import NotThere, chain_of
from wutong.web.chains.queries.own import of_office
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import lists, warehouse

PAGE_SIZE = 50
MOST_SPOTS = 250

NoSite = supply.NoSite


@dataclass(frozen=True, slots=True)
class Row:
    """One segment inside the circle, with its own objects for naming."""

    segment: Segment
    layer: Layer
    supply: SegmentSupply
    buyers: tuple[Segment, ...]
    suppliers_absent: tuple[Segment, ...]
    buyers_absent: tuple[Segment, ...]

    @property
    def suppliers_total(self) -> int:
        """How many segments supply it."""
        return len(self.supply.suppliers_present) + len(self.supply.suppliers_absent)


@dataclass(frozen=True, slots=True)
class SupplyPage:
    """What the page of a circle shows. `query`: the question again, for links; `text`: the site as the box takes it."""

    chain: Chain
    segment: Segment | None
    site: Site
    found: Supply
    rows: tuple[Row, ...]
    missing: tuple[Row, ...]
    drawing: Drawing
    query: str
    text: str


@dataclass(frozen=True, slots=True)
class FirmsInside:
    """One page of the makers of a segment inside the circle, the largest known capital first."""

    chain: Chain
    segment: Segment | None
    site: Site
    rows: tuple[MakerRow, ...]
    total: int
    groups: int
    place: str
    query: str
    is_buyers: bool


def site_of(standing: Standing, text: str) -> Site:
    """The site that a text means: a point, else a region; the region one stands in where it is empty. Raises: NoSite, UnknownRegion."""
    if not text.strip():
        return supply.at_region(standing.region)
    return supply.at_point(text) or supply.at_region(firms.region_of(text))


def supply_of(standing: Standing, chain_id: str, text: str, segment_id: str = "", *, best: int = supply.BEST) -> Supply:
    """The answer as the engine gives it. Raises: NotThere, NoSite, UnknownRegion."""
    _segment(chain_of(chain_id), segment_id)
    return supply.round_site(
        warehouse.served(), standing.rulebook, site_of(standing, text), chain_id, segment=segment_id or None, radius_km=standing.radius_km,
        as_of=standing.as_of_asked, best=best, own=of_office(),
    )  # fmt: skip


def _segment(chain: Chain, segment_id: str) -> Segment | None:
    found = next((segment for segment in chain.segments if segment.id == segment_id), None)
    if segment_id and found is None:
        raise NotThere(segment_id)
    return found


def page_of(standing: Standing, chain_id: str, text: str, segment_id: str = "") -> SupplyPage:
    """The page of a circle. Raises: NotThere, NoSite, UnknownRegion."""
    chain = chain_of(chain_id)
    found = supply_of(standing, chain_id, text, segment_id)
    layers = {layer.id: layer for layer in chain.layers}

    def row(item: SegmentSupply) -> Row:
        segment = chain.segment(item.segment)
        named = (item.buyers_present, item.suppliers_absent, item.buyers_absent)
        return Row(segment, layers[segment.layer], item, *(tuple(map(chain.segment, ids)) for ids in named))

    query = _query(standing, found.site)
    rows = tuple(map(row, found.rows))
    by_id = {item.segment.id: item for item in rows}
    missing = tuple(by_id[item.segment] for item in found.missing)
    named = found.site.name if found.site.id in firms.places().atlas.divisions else found.site.id
    drawing = _drawing(chain, found, query)
    return SupplyPage(chain, _segment(chain, segment_id), found.site, found, rows, missing, drawing, query, named)


def _query(standing: Standing, site: Site, **more: Any) -> str:
    values: dict[str, Any] = {"site": site.id, "radius": standing.radius_km, "region": standing.region.id, **more}
    if standing.as_of_asked:
        values["as_of"] = standing.as_of_asked.isoformat()
    return "?" + urlencode(values)


def _drawing(chain: Chain, found: Supply, query: str) -> Drawing:
    """Makers by county, company groups counted once in each; the towns round about by name."""
    build, site = warehouse.served(), found.site
    all_makers = of_office().apply(chain.id, engine_makers.of_chain(build, chain.id))
    parts = [supply.inside(all_makers, row.segment, site, found.radius_km, found.as_of) for row in found.rows]
    rows = np.concatenate([*parts, np.zeros(0, dtype=np.int64)])
    adcode = all_makers.columns.adcode[all_makers.firm_no[rows]].astype(np.int64)
    pairs, first = np.unique(np.stack([adcode, all_makers.group[rows]], axis=1), axis=0, return_index=True)
    groups: dict[int, list[int]] = defaultdict(list)
    for (code, _group), at in zip(pairs.tolist(), first.tolist(), strict=True):
        groups[code].append(int(rows[at]))
    known = firms.places()
    address = reverse("chains:supply-firms", args=[chain.id]) + query + (f"&segment={found.segment}" if found.segment else "")
    spots = []
    for code, members in groups.items():
        lon, lat = float(np.mean(all_makers.lon[members])), float(np.mean(all_makers.lat[members]))
        name = known.name(f"{code:06d}") or _("place not known")
        spots.append(Spot(lon, lat, name, len(members), f"{address}&place={code:06d}"))
    spots.sort(key=lambda spot: -spot.makers)
    middle = Spot(site.lon, site.lat, site.name, 0)
    return drawings.circle(middle, found.radius_km, spots[:MOST_SPOTS], _towns(site, found.radius_km))


def _towns(site: Site, radius_km: float) -> list[Spot]:
    """The seats of the prefectures inside the circle, to find one's way by."""
    rows = [d for d in firms.places().atlas.divisions.values() if d.level == "city" and d.lon is not None and d.lat is not None]
    lon, lat = np.array([d.lon for d in rows], dtype=float), np.array([d.lat for d in rows], dtype=float)
    inside = engine_makers.within_km(lon, lat, site.lon, site.lat, radius_km)
    return [Spot(d.lon or 0.0, d.lat or 0.0, d.name.removesuffix("市"), 0) for d, is_in in zip(rows, inside.tolist(), strict=True) if is_in]


def firms_of(
    standing: Standing, chain_id: str, text: str, segment_id: str = "", *, place: str = "", buyers: str = "", page: int | None = 1
) -> tuple[FirmsInside, lists.Page]:
    """The firms behind a figure of the circle: of one segment or of the chain, in all or in one county; `buyers`: of who buys from it.

    Raises: NotThere, NoSite.
    """
    chain, site, build = chain_of(chain_id), site_of(standing, text), warehouse.served()
    segment = _segment(chain, segment_id or buyers)
    found = of_office().apply(chain_id, engine_makers.of_chain(build, chain_id))
    day = supply.as_of_day(build, standing.as_of_asked)
    wanted = [segment] if segment else list(chain.segments)
    if segment and buyers:
        wanted = [chain.segment(item) for item in chain.downstream(segment.id)]
    parts = [supply.inside(found, item.id, site, standing.radius_km, day) for item in wanted]
    rows = np.concatenate([*parts, np.zeros(0, dtype=np.int64)])
    is_place = len(place) == 6 and place.isascii() and place.isdigit()
    if is_place:
        rows = rows[found.columns.adcode[found.firm_no[rows]] == int(place)]
    _first, at = np.unique(found.firm_no[rows], return_index=True)
    rows = rows[np.sort(at)]
    capital = np.nan_to_num(engine_makers.known_capital_yuan(found, rows), nan=-1.0)
    ordered = rows[np.lexsort((found.firm_no[rows], -capital))]
    paging = lists.Page.of({"page": str(page or 1)}, len(ordered), PAGE_SIZE)
    shown = ordered[: firms.MOST_ROWS] if page is None else ordered[paging.offset : paging.offset + PAGE_SIZE]
    listed = engine_makers.listed(found, shown, engine_makers.places(build), site.lon, site.lat)
    more = {name: value for name, value in (("segment", segment_id), ("place", place), ("buyers", buyers)) if value}
    groups = engine_makers.distinct(found.group[ordered])
    title = firms.places().path(place) if is_place else ""
    return FirmsInside(
        chain, segment, site, listed, len(ordered), groups, title, _query(standing, site, **more), bool(buyers)
    ), paging  # fmt: skip
