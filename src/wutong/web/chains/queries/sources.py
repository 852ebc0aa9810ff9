"""Where to go for a segment, for pages: places ranked with their reasons, the drawing of a trip, and a cluster as one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import sources
from wutong.engine.answers import Reason
from wutong.engine.places import Region
from wutong.engine.sources import ClusterFirm, Kind, Source, Sources
from wutong.rulebook.shapes import Chain, Segment
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Drawing, Spot
from wutong.web.chains.queries.maps import NotThere, chain_of
from wutong.web.chains.queries.own import of_office
from wutong.web.chains.queries.targets import WAN, ShownReason, per_language, unit_word
from wutong.web.firms.queries import standing as firms
from wutong.web.firms.queries.standing import Standing
from wutong.web.lib import lists, warehouse
from wutong.web.lib.money import money

PAGE_SIZE = 20
ALL, COASTAL = "", "coastal"
KINDS = (ALL, Kind.CITY.value, Kind.ZONE.value, Kind.PARK.value)
MOST_SPOTS = 60
BEST_SHOWN = 3
MOST_OF_A_CLUSTER = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A place with its reasons in words. `address`: the cluster there."""

    source: Source
    reasons: tuple[ShownReason, ...]
    address: str

    @property
    def strongest(self) -> tuple[ShownReason, ...]:
        """The two factors that give most."""
        return tuple(sorted((r for r in self.reasons if r.points), key=lambda reason: -(reason.points or 0.0))[:2])


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """One page of the ranking of places."""

    chain: Chain
    segment: Segment
    found: Sources
    rows: tuple[Row, ...]
    page: lists.Page
    kind: str
    is_coastal: bool
    drawing: Drawing | None


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """The makers of a segment in one place, one a company group. `firm_ids`: the first of them, as many as go on a list at once."""

    chain: Chain
    segment: Segment
    place: Region
    rows: tuple[ClusterFirm, ...]
    total: int
    page: lists.Page
    firm_ids: tuple[str, ...]
    registry: Any

    @property
    def is_cut(self) -> bool:
        """Whether more firms stand there than go on a list at once."""
        return self.total > len(self.firm_ids)


def segment_of(chain_id: str, segment_id: str) -> tuple[Chain, Segment]:
    """Chain and segment. Raises: NotThere."""
    chain = chain_of(chain_id)
    found = next((segment for segment in chain.segments if segment.id == segment_id), None)
    if found is None:
        raise NotThere(segment_id)
    return chain, found


def asked(params: Mapping[str, str]) -> tuple[str, bool]:
    """The kind of places that a query string asks for, and whether only those on the coast are meant. Raises: NotThere."""
    kind = params.get("kind", ALL)
    is_coastal = kind == COASTAL or params.get(COASTAL, "") == "1"
    kind = ALL if kind == COASTAL else kind
    if kind not in KINDS:
        raise NotThere(kind)
    return kind, is_coastal


def ranked(
    standing: Standing, chain_id: str, segment_id: str, kind: str = ALL, *, is_coastal: bool = False, top: int = 0, best: int = sources.BEST
) -> Sources:
    """The places as the engine ranks them. Raises: NotThere."""
    segment_of(chain_id, segment_id)
    return sources.rank(
        warehouse.served(), standing.rulebook, chain_id, segment_id, region=standing.region,
        kinds=tuple(Kind) if kind == ALL else (Kind(kind),), coastal_only=is_coastal, all_places=firms.places(),
        as_of=standing.as_of_asked, top=top, best=best, own=of_office(),
    )  # fmt: skip


def page_of(
    standing: Standing, chain_id: str, segment_id: str, kind: str = ALL, *, is_coastal: bool = False, number: int = 1
) -> SourcesPage:
    """One page of the ranking, with the drawing of the first places. Raises: NotThere."""
    chain, segment = segment_of(chain_id, segment_id)
    wanted = max(MOST_SPOTS, number * PAGE_SIZE)
    found = ranked(standing, chain_id, segment_id, kind, is_coastal=is_coastal, top=wanted, best=BEST_SHOWN)
    page = lists.Page.of({"page": str(number)}, found.total, PAGE_SIZE)
    address = reverse("chains:sources", args=[chain.id, segment.id]) + standing.query + "&place="
    rows = tuple(_row(source, address) for source in found.rows[page.offset : page.offset + PAGE_SIZE])
    drawing = _drawing(standing, found.rows[:MOST_SPOTS], address)
    return SourcesPage(chain, segment, found, rows, page, kind, is_coastal, drawing)


def _row(source: Source, address: str) -> Row:
    return Row(source, tuple(map(shown, source.reasons)), address + source.id)


def _drawing(standing: Standing, found: tuple[Source, ...], address: str) -> Drawing | None:
    """Cities and parks as dots, one's own region in the middle of its rings."""
    spots = [
        Spot(source.lon, source.lat, source.name, source.makers, address + source.id, _tone(source))
        for source in found
        if source.lon is not None and source.lat is not None
    ]  # fmt: skip
    region = standing.region
    middle = Spot(region.lon, region.lat, region.name, 0) if region.lon is not None and region.lat is not None else None
    return drawings.field(spots, middle)


def _tone(source: Source) -> str:
    return "" if source.kind is Kind.CITY else "is-zone"


def cluster_of(
    standing: Standing, chain_id: str, segment_id: str, place: str, *, number: int | None = 1, size: int = lists.PAGE_SIZE
) -> ClusterPage:
    """The firms of a cluster; `number` None gives all. Raises: NotThere, UnknownRegion."""
    chain, segment = segment_of(chain_id, segment_id)
    found = _cluster(standing, chain_id, (segment_id,), place)
    page = lists.Page.of({"page": str(number or 1)}, len(found.rows), size)
    rows = found.rows if number is None else found.rows[page.offset : page.offset + page.size]
    registry = sources.registry_of(warehouse.served(), found.place, standing.as_of_asked)
    return ClusterPage(chain, segment, found.place, rows, len(found.rows), page, found.firm_ids[:MOST_OF_A_CLUSTER], registry)


def firm_ids_of(standing: Standing, chain_id: str, segment_ids: tuple[str, ...], place: str) -> tuple[str, ...]:
    """The firms of a whole cluster as one target, by registry id, the largest first. Raises: NotThere, UnknownRegion."""
    for segment_id in segment_ids:
        segment_of(chain_id, segment_id)
    return _cluster(standing, chain_id, segment_ids, place).firm_ids


def _cluster(standing: Standing, chain_id: str, segment_ids: tuple[str, ...], place: str) -> sources.Cluster:
    return sources.cluster(
        warehouse.served(), standing.rulebook, chain_id, segment_ids, firms.region_of(place), region=standing.region,
        as_of=standing.as_of_asked, own=of_office(),
    )  # fmt: skip


# --- words ----------------------------------------------------------------------------------------------------------------------------
@per_language
def factor_labels() -> dict[str, str]:
    """The factors, in words."""
    return {
        "makers": _("Size: number of makers"),
        "concentration": _("Concentration: location quotient"),
        "large": _("Large makers"),
        "trend": _("Trend: share of new makers"),
        "distance": _("Trip: straight-line distance"),
    }


@per_language
def kind_labels() -> dict[str, str]:
    """The kinds of places to choose from, in words."""
    return {
        ALL: _("All places"),
        Kind.CITY.value: _("Cities"),
        Kind.ZONE.value: _("Development zones"),
        Kind.PARK.value: _("Parks of place files"),
    }


@per_language
def kind_words() -> dict[str, str]:
    """What kind of place a row is."""
    return {Kind.CITY.value: _("city"), Kind.ZONE.value: _("development zone"), Kind.PARK.value: _("park")}


def shown(reason: Reason) -> ShownReason:
    """A factor in words."""
    value: Any = reason.input
    units = {"makers": unit_word("makers", value), "km": unit_word("km", value), "share": "%", "ratio": ""}
    if reason.unit == "share" and value is not None:
        value = round(100 * value, 1)
    text = None if value is None else f"{value:,.0f}" if reason.unit in ("makers", "km") else f"{value:,.1f}"
    label = factor_labels()[reason.factor]
    unit = units[reason.unit] if text is not None else ""
    return ShownReason(reason.factor, label, text, value, unit, reason.points, _source(reason), reason.weight_share * 100)


def _source(reason: Reason) -> str:
    """What a factor was counted from."""
    params: dict[str, Any] = dict(reason.params)
    if reason.factor == "large":
        return _("capital from %(money)s on") % {"money": money(params["large_from_wan"] * WAN)}
    if reason.factor == "trend":
        said = _("registered in the last %(years)s years: %(new)s; in as many before: %(before)s")
        return said % {"years": f"{params['years']:g}", "new": params["new"], "before": params["new_before"]}
    return {"makers": _("firms on the chain"), "concentration": _("its share of the makers over its share of all firms")}.get(
        reason.factor, _("coordinates of the two places")
    )
