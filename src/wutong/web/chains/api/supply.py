"""Supply round a site, where to go, and two regions compared, as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.api.chains import FAILURES, WHERE, Envelope, stated
from wutong.web.chains.queries import comparison, maps, sources, supply
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import Problem, Unknown, answering

router = Router(tags=["chains"])
answered = answering(
    Permission.CHAINS_VIEW,
    {
        firms.UnknownRegion: Unknown(400, "unknown region"),
        supply.NoSite: Unknown(400, "no site"),
        maps.NotThere: Unknown(404, "not found", WHERE),
    },
)


class MakerOut(Schema):
    """A firm and what proves it. Distance in km, straight; capital in yuan, its head's where a branch has none."""

    firm_id: str
    uscc: str | None
    name: str
    is_branch: bool
    adcode: str
    place: str
    lon: float | None
    lat: float | None
    distance_km: float | None
    registered_on: dt.date | None
    capital_yuan: float | None
    product: str
    proof: str
    phrase: str | None
    clause: str


class SegmentSupplyOut(Schema):
    """One segment inside the circle. Makers are company groups; `presence`: present, missing or unknown (too few were to be expected)."""

    segment: str
    name_zh: str
    name_en: str
    layer: str
    side: str
    presence: str
    makers: int
    firms: int
    national_makers: int
    unplaced_makers: int
    expected_makers: float
    suppliers_present: list[str]
    suppliers_absent: list[str]
    buyers_present: list[str]
    buyers_absent: list[str]
    buyers: int
    best: list[MakerOut]
    nearest: MakerOut | None


class SiteOut(Schema):
    """The middle of the circle, GCJ-02."""

    id: str
    name: str
    lon: float
    lat: float


class SupplyOut(Envelope):
    """The circle: shares 0-1, null where there is nothing to have a share of. `registry` speaks of the circle."""

    site: SiteOut
    radius_km: float
    segments_present: int
    segments: int
    coverage_share: float | None
    needs_present: int | None
    needs: int | None
    needs_share: float | None
    unplaced_firms: int
    results: list[SegmentSupplyOut]


class FactorOut(Schema):
    """One factor of a score; `points` and `input` null: unknown."""

    factor: str
    input: float | None
    unit: str
    points: float | None


class SourceOut(Schema):
    """A city, zone or park that holds makers. Score 0-100, distance in km, capital in yuan."""

    rank: int
    kind: str
    id: str
    name: str
    full_name: str
    lon: float | None
    lat: float | None
    is_coastal: bool
    makers: int
    firms: int
    large_makers: int
    capital_yuan: float | None
    firms_of_registry: int
    location_quotient: float | None
    new_makers: int
    new_makers_before: int
    distance_km: float | None
    score: float
    reasons: list[FactorOut]
    best: list[MakerOut]


class SourcesOut(Envelope):
    """Places, best first."""

    total: int
    national_makers: int
    makers_here: int
    unplaced_makers: int
    results: list[SourceOut]


class ClusterOut(Envelope):
    """The firms of one place, one a company group, the largest first."""

    place: str
    total: int
    results: list[MakerOut]


class SideOut(Schema):
    """One segment in one region."""

    verdict: str
    local_makers: int
    location_quotient: float | None
    capital_yuan: float | None


class PairOut(Schema):
    """One segment in both regions."""

    segment: str
    name_zh: str
    name_en: str
    is_other: bool
    makers_ahead: int
    a: SideOut
    b: SideOut


class ComparisonOut(Envelope):
    """Two regions, differences first; `region` and `registry` are those of `a`."""

    a: str
    b: str
    firms_in_b: int
    differing: int
    results: list[PairOut]


REGION = "division code, place id or name; empty: the region of one's unit"


@router.get("/supply", response={200: SupplyOut, FAILURES: Problem}, summary="Supply round a site")
@answered
def supply_round_site(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    site: str = Query("", max_length=60, description="longitude,latitude (GCJ-02), or a region; empty: the region of one's unit"),
    segment: str = Query("", max_length=60, description="only this segment, its direct suppliers and buyers"),
    radius_km: int | None = Query(None, ge=1, le=5000),
    best: int = Query(5, ge=0, le=50),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Who supplies and who buys inside the circle, what part of the chain that covers, and what is missing."""
    standing = firms.standing(request.user, radius_km=radius_km, as_of=as_of)
    found = supply.supply_of(standing, chain, site, segment, best=best)
    shares = {name: getattr(found, name) for name in ("segments_present", "segments", "coverage_share", "needs_present", "needs")}
    more = {"site": found.site, "radius_km": found.radius_km, "needs_share": found.needs_share, "unplaced_firms": found.unplaced_firms}
    return {**stated(standing, found.registry), **shares, **more, "region": found.site.id, "results": found.rows}


@router.get("/sources", response={200: SourcesOut, FAILURES: Problem}, summary="Where to go for a segment")
@answered
def places_to_go(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    segment: str = Query(..., max_length=60),
    region: str = Query("", max_length=60, description=REGION),
    kind: str = Query(
        "", pattern="^(city|zone|park|coastal)?$", description="city, zone or park; coastal: any of them on the coast; empty: all"
    ),
    coastal: bool = Query(False, description="only places on the coast, of whatever kind"),
    top: int = Query(20, ge=1, le=500),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Cities, zones and parks that hold the makers, best first, with every factor of the score."""
    standing = firms.standing(request.user, region=region, as_of=as_of)
    wanted, is_coastal = sources.asked({"kind": kind, sources.COASTAL: str(int(coastal))})
    found = sources.ranked(standing, chain, segment, wanted, is_coastal=is_coastal, top=top)
    counts = {name: getattr(found, name) for name in ("total", "national_makers", "makers_here", "unplaced_makers")}
    return {**stated(standing, found.registry), **counts, "results": found.rows}


@router.get("/sources/cluster", response={200: ClusterOut, FAILURES: Problem}, summary="A cluster as one target")
@answered
def cluster(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    segment: str = Query(..., max_length=60),
    place: str = Query(..., max_length=60, description="a city, zone or park"),
    region: str = Query("", max_length=60, description=REGION),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """The makers in one place that do not stand in one's own region."""
    standing = firms.standing(request.user, region=region, as_of=as_of)
    found = sources.cluster_of(standing, chain, segment, place, number=None)
    rows = [row.firm for row in found.rows]
    return {**stated(standing, found.registry), "place": found.place.id, "total": found.total, "results": rows}


@router.get("/compare", response={200: ComparisonOut, FAILURES: Problem}, summary="Two regions compared on a chain")
@answered
def compare(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    a: str = Query("", max_length=60, description=REGION),
    b: str = Query(..., max_length=60, description="the second region"),
    radius_km: int | None = Query(None, ge=1, le=5000),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Verdicts, makers and quotients side by side, differences first."""
    standing = firms.standing(request.user, region=a, radius_km=radius_km, as_of=as_of)
    found = comparison.compared(standing, chain, "", b)
    more = {"a": found.a.id, "b": found.b.id, "firms_in_b": found.registry_b.firms_here, "differing": found.differing}
    return {**stated(standing, found.registry_a), **more, "results": found.rows}
