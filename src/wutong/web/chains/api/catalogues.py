"""Catalogues of industries as JSON: the editions, and what those in force say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.api.chains import FAILURES, WHERE
from wutong.web.chains.queries import catalogues, maps
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import Problem, Unknown, answering

router = Router(tags=["chains"])
answered = answering(
    Permission.CHAINS_VIEW, {firms.UnknownRegion: Unknown(400, "unknown region"), maps.NotThere: Unknown(404, "not found", WHERE)}
)


class EditionOut(Schema):
    """An edition, in force on [in_force_from, in_force_until); `fictional`: a sample that quotes no real catalogue."""

    id: str
    title_zh: str
    title_en: str
    kind: str
    level: str
    adcode: str
    in_force_from: dt.date
    in_force_until: dt.date | None
    fictional: bool


class EditionsOut(Schema):
    """Every edition there is."""

    catalogues: list[EditionOut]


class EntryOut(Schema):
    """The entry that speaks of it."""

    number: str
    text_zh: str
    conditions_zh: str


class FindingOut(Schema):
    """What one catalogue says: covered, proposed (its words match, nobody has confirmed it), not_listed or no_edition."""

    kind: str
    level: str
    adcode: str
    state: str
    edition: EditionOut | None
    entry: EntryOut | None
    products: list[str]
    is_whole: bool
    confidence_share: float | None


class CheckOut(Schema):
    """What the catalogues in force in a region on a day say."""

    region: str
    on: dt.date
    results: list[FindingOut]


@router.get("/catalogues", response={200: EditionsOut, FAILURES: Problem}, summary="Catalogues of industries")
@answered
def editions(request: HttpRequest) -> dict[str, Any]:
    """Every edition: those shipped (fictional samples) and the office's own."""
    return {"catalogues": list(catalogues.editions().values())}


@router.get("/catalogues/check", response={200: CheckOut, FAILURES: Problem}, summary="What the catalogues in force say")
@answered
def check(
    request: HttpRequest,
    *,
    product: str = Query("", max_length=80, description="id of a product; or give chain and segment"),
    chain: str = Query("", max_length=60),
    segment: str = Query("", max_length=60),
    region: str = Query("", max_length=60, description="division code, place id or name; empty: the region of one's unit"),
    on: dt.date | None = None,
) -> dict[str, Any]:
    """Verdicts on a product or a segment, with the entry and the edition."""
    standing = firms.standing(request.user, region=region, as_of=on)
    day, found = catalogues.findings(standing, product=product, chain_id=chain, segment_id=segment)
    return {"region": standing.region.id, "on": day, "results": found}
