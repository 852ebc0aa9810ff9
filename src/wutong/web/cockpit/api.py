"""The one search as JSON: the same query as the page."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from wutong.web.cockpit.queries import search as queries
from wutong.web.lib.access import Problem

router = Router(tags=["search"])


class HitOut(Schema):
    """A record that fits. `spans`: which characters of the name fit, as [start, end)."""

    name: str
    address: str
    detail: str
    spans: list[tuple[int, int]]
    other: str = Field(description="the other name by which it was found; empty where it is the name itself")


class GroupOut(Schema):
    """The hits of one kind, best first."""

    kind: str
    label: str
    total: int
    note: str
    hits: list[HitOut]


class SearchOut(Schema):
    """What was found, by kind. `kinds`: what the person may search."""

    q: str
    kinds: list[str]
    groups: list[GroupOut]


@router.get("/search", response={200: SearchOut, frozenset({400, 403, 404}): Problem}, summary="Search everything one may see")
def search(
    request: HttpRequest,
    *,
    q: str = Query(..., min_length=1, max_length=queries.LONGEST, description="part of a name, its pinyin or initials, or a credit code"),
    kind: str = Query("", max_length=40, description="one kind only"),
    page: int = Query(1, ge=1, le=10_000, description="of one kind"),
    size: int = Query(queries.SOME, ge=1, le=100),
) -> SearchOut:
    """Firms, lists, chains, products, people and units by name, grouped by kind."""
    kinds = [one.code for one in queries.kinds_of(request.user)]
    if kind:
        group = queries.of_kind(request.user, q, kind, page=page, size=size)
        groups = (group,) if group and group.total else ()
    else:
        groups = queries.search(request.user, q, most=size).groups
    return SearchOut(q=q, kinds=kinds, groups=[_out(group) for group in groups])


def _out(group: queries.Group) -> GroupOut:
    hits = [HitOut(name=hit.name, address=hit.address, detail=hit.detail, spans=list(hit.spans), other=hit.other) for hit in group.hits]
    return GroupOut(kind=group.kind.code, label=str(group.kind.label), total=group.total, note=group.note, hits=hits)
