"""Target firms and explanations as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from wutong.web.chains.api.catalogues import FindingOut
from wutong.web.chains.api.chains import FAILURES, Envelope, answered, stated
from wutong.web.chains.queries import catalogues, narrowing, targets
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import Problem

router = Router(tags=["chains"])


class ReasonOut(Schema):
    """One factor of a score; `points` and `input` null: unknown."""

    factor: str
    label: str
    input: float | str | None = Field(alias="value")
    unit: str
    points: float | None
    source: str


class TargetOut(Schema):
    """A target firm. Score 0-100, distance in km, capital in yuan."""

    segment: str
    rank: int | None
    score: float
    known_share: float
    firm_id: str
    uscc: str | None
    name: str
    place: str
    distance_km: float | None
    capital_yuan: float | None
    registered_on: dt.date | None
    reasons: list[ReasonOut]
    evidence: str = Field(alias="clause")
    catalogues: list[FindingOut] = Field(
        alias="findings", description="what the catalogues in force say of its product: covered or proposed"
    )

    @staticmethod
    def resolve_segment(row: Any) -> str:
        """The id of the segment."""
        return str(row.segment.id)


class TargetsOut(Envelope):
    """Target firms of a board, best first; `covers`: the segments asked for, or every gap, worst first; `candidates`: on it or not."""

    board: str
    total: int
    candidates: int
    covers: list[str]
    results: list[TargetOut]


class ExplanationOut(Envelope):
    """One firm against one segment: its row, or why it is not ranked."""

    board: str
    firm_id: str
    name: str
    verdict: str
    rank: int | None
    total: int
    not_ranked: str
    stands_for_it: str | None
    result: TargetOut | None


@router.get("/targets", response={200: TargetsOut, FAILURES: Problem}, summary="Target firms")
@answered
def target_firms(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    segment: str = Query("", max_length=60, description="empty: every gap of the chain"),
    region: str = Query("", max_length=60),
    radius_km: int | None = Query(None, ge=1, le=5000),
    within_km: float | None = Query(None, gt=0, description="no farther than this; empty: nation-wide"),
    top: int = Query(20, ge=1, le=500),
    board: Literal["overall", "big_names", "golden_sesame"] = Query(
        "overall", description="overall, big_names (by tags) or golden_sesame (by imported evidence alone)"
    ),
    province: str = Query("", pattern=r"^(\d{6})?$", description="division code of a province; empty: any"),
    tag: str = Query("", max_length=60, description="only firms that bear the tag, or whose head office does"),
    unlisted: Literal["", "own", "any"] = Query("", description="not on a target list of one's own unit, or on any that one may see"),
    capital_from_wan: int | None = Query(None, ge=1, le=narrowing.LARGEST_WAN, description="registered capital from, in 10,000 yuan"),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Firms outside the region that would fill the gap, best first, with every reason."""
    standing = firms.standing(request.user, region=region, radius_km=radius_km, as_of=as_of)
    narrow = narrowing.Narrow(province=province, tag=tag, unlisted=unlisted, capital=capital_from_wan).known()
    given = narrow.given(request.user, standing) | {"within_km": within_km}
    found = targets.targets_of(standing, chain, segment, size=top, board=targets.board_of(board), **given)
    covers = [item.id for item in found.covers]
    return {
        **stated(standing, found.registry), "board": str(found.board), "total": found.total, "candidates": found.candidates,
        "covers": covers, "results": catalogues.with_findings(standing, chain, found.rows),
    }  # fmt: skip


@router.get("/explain", response={200: ExplanationOut, FAILURES: Problem}, summary="Why a firm scores as it does")
@answered
def explain(
    request: HttpRequest,
    *,
    chain: str = Query(..., max_length=60),
    segment: str = Query(..., max_length=60),
    firm: str = Query(..., max_length=100, description="firm_id or credit code"),
    region: str = Query("", max_length=60),
    radius_km: int | None = Query(None, ge=1, le=5000),
    board: Literal["overall", "big_names", "golden_sesame"] = Query("overall", description="the ranking to explain"),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """One firm against one segment: rank and reasons, or why it is not ranked."""
    standing = firms.standing(request.user, region=region, radius_km=radius_km, as_of=as_of)
    found = targets.explained(standing, chain, segment, firm, targets.board_of(board))
    return {
        **stated(standing, found.registry), "board": str(found.board), "firm_id": found.firm_id, "name": found.name,
        "verdict": str(found.verdict), "rank": found.rank, "total": found.total, "not_ranked": found.refused,
        "stands_for_it": found.stands_for_it,
        "result": catalogues.with_findings(standing, chain, (found.row,))[0] if found.row else None,
    }  # fmt: skip
