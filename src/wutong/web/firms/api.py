"""The firm registry as JSON: the same queries as the pages and commands."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption
from wutong.web.firms.queries import profile, search, standing
from wutong.web.lib.access import Envelope, Problem, Unknown, answering

router = Router(tags=["firms"])
FAILURES = frozenset({400, 403, 404, 503})
MOST_WITHOUT_EXPORT = 500
answered = answering(
    Permission.FIRMS_VIEW, {standing.UnknownRegion: Unknown(400, "unknown region"), standing.UnknownFirm: Unknown(404, "unknown firm")}
)


class FirmOut(Schema):
    """One firm of a search. Capital in yuan, distance in km."""

    firm_id: str
    uscc: str | None
    name: str
    place: str
    capital_yuan: float | None
    registered_on: dt.date | None
    is_branch: bool
    distance_km: float | None
    role: str
    phrase: str
    evidence: str = Field(alias="clause")


class FirmsOut(Envelope):
    """Firms, best first."""

    total: int
    results: list[FirmOut]


class SpanOut(Schema):
    """One product phrase of a scope; start and end count its characters."""

    role: str
    phrase: str
    start: int
    end: int


class PlacementOut(Schema):
    """A segment that the firm stands on, and the proof."""

    chain: str
    segment: str
    product: str
    role: str
    proof: str
    phrase: str | None


class RelativeOut(Schema):
    """A member of the firm's group, or a namesake."""

    firm_id: str
    name: str
    place: str
    registered_on: dt.date | None
    is_branch: bool


class RejectOut(Schema):
    """A value of the firm's row that could not be read."""

    column: str
    value: str | None
    reason: str
    expected: str


class ProfileOut(Schema):
    """Everything the registry knows of a firm. Capital in yuan; lon and lat in degrees, GCJ-02."""

    firm_id: str
    uscc: str | None
    uscc_status: str
    name: str
    registered_on: dt.date | None
    firm_type: str | None
    capital_text: str | None
    capital_yuan: float | None
    capital_is_estimated: bool
    scope: str | None
    address: str | None
    adcode: str
    place: str
    located_by: str
    lon: float | None
    lat: float | None
    is_branch: bool
    is_manufacturer: bool
    parent_id: str | None
    parent_name: str | None
    head_id: str | None
    head_name: str | None
    spans: list[SpanOut]
    placements: list[PlacementOut]
    branches: list[RelativeOut]
    group_members: list[RelativeOut]
    namesakes: list[RelativeOut]
    rejects: list[RejectOut]
    source_file: str
    source_row: int


class FirmAnswer(Envelope):
    """One firm."""

    result: ProfileOut


def envelope(registry: Any, as_of: dt.date | None) -> dict[str, Any]:
    """The part that every answer shares."""
    build_id, rulebook_hash = standing.versions()
    return {"build": build_id, "rulebook": rulebook_hash, "as_of": as_of or standing.last_day(), "registry": registry}


@router.get("/firms", response={200: FirmsOut, FAILURES: Problem}, summary="Search the firm registry")
@answered
def firms(
    request: HttpRequest,
    *,
    q: str = Query("", max_length=100, description="name, credit code, place, or a product"),
    region: str = Query("", max_length=60, description="division code, place id or name"),
    as_of: dt.date | None = None,
    page: int = Query(1, ge=1, le=100_000),
    size: int = Query(50, ge=1, le=500),
) -> dict[str, Any]:
    """Firms by name, code and place; where the words name a product, the firms that make or provide it."""
    found = search.search(search.Asked(text=q, region=region, as_of=as_of), page=page, size=size)
    return {**envelope(standing.registry_of(region), as_of), "total": found.total, "results": found.rows}


@router.get("/firms/{firm_id}", response={200: FirmAnswer, FAILURES: Problem}, summary="One firm")
@answered
def firm(request: HttpRequest, firm_id: str) -> dict[str, Any]:
    """Everything the registry knows of the firm of an id or a credit code."""
    return {**envelope(standing.registry_here(), None), "result": profile.profile(firm_id).firm}


@router.get("/find", response={200: FirmsOut, FAILURES: Problem}, summary="Who makes a product")
@answered
def find(
    request: HttpRequest,
    *,
    product: str = Query(..., min_length=1, max_length=100),
    region: str = Query("", max_length=60),
    near: str = Query("", max_length=60),
    radius_km: int | None = Query(None, ge=1, le=5000),
    role: Literal["makes", "any"] = "makes",
    top: int = Query(20, ge=0, le=standing.MOST_ROWS, description="0: all, up to 5000; above 500 it is an export"),
    as_of: dt.date | None = None,
) -> dict[str, Any]:
    """Firms that make the product (for a service: provide it), best first, each with the clause that proves it.

    Why: a list as long as the pages export needs the same permission, and leaves the same audit entry.
    """
    is_export = not 0 < top <= MOST_WITHOUT_EXPORT
    if is_export and not request.user.may(Permission.FIRMS_EXPORT):  # type: ignore[union-attr]
        raise PermissionDenied(f"more than {MOST_WITHOUT_EXPORT} firms need the permission {Permission.FIRMS_EXPORT}")
    asked = search.Asked(product, region, near, radius_km or standing.own_radius_km(), role, as_of)
    rows, total = search.find(asked, top=top or standing.MOST_ROWS)
    if is_export:
        adoption.note_export(what="firms.list", by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=len(rows))  # type: ignore[arg-type]
    return {**envelope(standing.registry_of(region), as_of), "total": total, "results": rows}
