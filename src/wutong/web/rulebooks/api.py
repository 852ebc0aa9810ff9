"""The rules in force as JSON; the same queries as the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, rulebook
from wutong.web.lib.access import Unknown, answering
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents, leaves

router = Router(tags=["rules"])
UNKNOWN = {documents.NotThere: Unknown(404, "no such kind of document")}


class OfficeRuleOut(Schema):
    """A rule on a day. `values`: from which day what holds, null where the office's own value ends; `is_own`: the office changed it."""

    name: str
    words: str
    unit: str
    value: Any
    shipped: Any
    is_own: bool
    source: str
    values: dict[str, Any]


class VersionOut(Schema):
    """A version of a rule document that was approved once, or that the person works on."""

    public_id: uuid.UUID
    number: int
    state: str
    begins_on: dt.date | None
    text_hash: str
    note: str
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    revoked_at: dt.datetime | None


class VersionsOut(Schema):
    """The versions of a kind, the newest first; `in_force`: the number on the day asked about, 0 for the rulebook shipped."""

    kind: str
    on: dt.date
    in_force: int
    versions: list[VersionOut]


@router.get("/rules", response=list[OfficeRuleOut], summary="Rules with their values on a day")
@answering(Permission.RULES_VIEW, UNKNOWN)
def rules(request: HttpRequest, on: dt.date | None = None, text: str = "", own: bool = False) -> list[dict[str, Any]]:
    """All rules, or those whose words or code hold a text, or that the office changed."""
    day = on or access.today()
    return [leaves.facts_of(row, day) for row in leaves.rows(day, text=text, which="own" if own else "")]


@router.get("/rules/{name}", response=OfficeRuleOut, summary="One rule with every value that it had and will have")
@answering(Permission.RULES_VIEW, UNKNOWN)
def rule(request: HttpRequest, name: str, on: dt.date | None = None) -> dict[str, Any]:
    """By its code, such as `leads.stale_days`."""
    book, day = rulebook.in_force(), on or access.today()
    if name not in book.leaves:
        raise Http404(name)
    return leaves.facts_of(leaves.row_of(name, book, day), day)


@router.get("/rule-documents/{kind}", response=VersionsOut, summary="Versions of a rule document, and which is in force on a day")
@answering(Permission.RULES_VIEW, UNKNOWN)
def versions(request: HttpRequest, kind: str, on: dt.date | None = None) -> dict[str, Any]:
    """Also of a day long past or to come."""
    known, day = documents.kind_of(kind), on or access.today()
    standing = documents.in_force_on(known.code, day)
    found = RuleVersion.objects.visible_to(request.user).filter(kind=known.code)
    return {"kind": known.code, "on": day, "in_force": standing.number if standing else 0, "versions": list(found)}
