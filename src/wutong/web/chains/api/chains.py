"""The chains of the rulebook and the gaps of a region as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import maps
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import access
from wutong.web.lib.access import Problem, Unknown, answering

router = Router(tags=["chains"])
FAILURES = frozenset({400, 403, 404, 503})
WHERE = "GET /api/chains and /api/chains/{chain_id} list the chains and segments there are"
answered = answering(
    Permission.CHAINS_VIEW, {firms.UnknownRegion: Unknown(400, "unknown region"), maps.NotThere: Unknown(404, "not found", WHERE)}
)


class Envelope(access.Envelope):
    """What every answer states, and the region asked about."""

    region: str


class ChainLine(Schema):
    """One chain of the rulebook."""

    id: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str


class ChainsOut(Schema):
    """Every chain of the rulebook."""

    chains: list[ChainLine]


class LayerOut(Schema):
    """One layer of a chain, from upstream to downstream."""

    id: str
    name_zh: str
    name_en: str


class SegmentOut(LayerOut):
    """One segment of a chain; `products` are ids of the thesaurus, `gbt4754` classes of the national standard."""

    layer: str
    products: list[str]
    gbt4754: list[str]


class LinkOut(Schema):
    """Who supplies whom."""

    source: str
    target: str


class ChainOut(ChainLine):
    """A chain with its segments and links."""

    layers: list[LayerOut]
    segments: list[SegmentOut]
    links: list[LinkOut]


class TestOut(Schema):
    """One comparison that a verdict rests on; `leaf` names the threshold in the rulebook."""

    input: str
    value: float | None
    threshold: float
    leaf: str
    is_met: bool


class RuleOut(Schema):
    """The rule that decided, in the words of the language asked for and with its comparisons."""

    text: str
    tests: list[TestOut]

    @staticmethod
    def resolve_text(rule: Any) -> str:
        """The sentence that the page shows."""
        return maps.sentence_of(rule)


class GapOut(Schema):
    """One segment in a region. Makers are company groups; capital in yuan."""

    segment: str
    name_zh: str
    name_en: str
    layer: str
    verdict: str
    local_makers: int
    national_makers: int
    capital_yuan: float | None
    location_quotient: float | None
    expected_makers: float
    supply_within_radius: int | None
    upstream_present: list[str]
    upstream_absent: list[str]
    downstream_present: list[str]
    downstream_absent: list[str]
    rule: RuleOut


class GapsOut(Envelope):
    """The segments of a chain in a region, in the order of the chain."""

    results: list[GapOut]


def stated(standing: firms.Standing, registry: Any) -> dict[str, Any]:
    """What every answer states of its foundations."""
    build_id, rulebook_hash = firms.versions()
    return {"build": build_id, "rulebook": rulebook_hash, "as_of": standing.as_of, "region": standing.region.id, "registry": registry}


@router.get("/chains", response={200: ChainsOut, FAILURES: Problem}, summary="Industry chains")
@answered
def chains(request: HttpRequest) -> dict[str, Any]:
    """Every chain of the rulebook."""
    return {"chains": list(firms.rulebook().chains.values())}


@router.get("/chains/{chain_id}", response={200: ChainOut, FAILURES: Problem}, summary="One chain")
@answered
def chain(request: HttpRequest, chain_id: str) -> Any:
    """Layers, segments and links of a chain."""
    return maps.chain_of(chain_id)


@router.get("/gaps", response={200: GapsOut, FAILURES: Problem}, summary="Gaps of a region on a chain")
@answered
def gaps(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    region: str = Query("", max_length=60, description="division code, place id or name; empty: the region of one's unit"),
    radius_km: int | None = Query(None, ge=1, le=5000),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Per segment: makers, capital, location quotient, supply round about, neighbours, and the verdict with the rule that decided."""
    standing = firms.standing(request.user, region=region, radius_km=radius_km, as_of=as_of)
    found = maps.gaps_of(standing, chain)
    return {**stated(standing, found.registry), "results": found.rows}
