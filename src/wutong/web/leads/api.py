"""Target lists as JSON: the lists one may see, their firms, and a knock entered from elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import LimitOffsetPagination, paginate

from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.leads import actions
from wutong.web.leads.models import ListedFirm, ListedFirmQuerySet, TargetList, TargetListQuerySet
from wutong.web.leads.queries import lists, results, rows
from wutong.web.leads.rules import How, Refusal, Result
from wutong.web.lib import access
from wutong.web.lib.access import Problem

router = Router(tags=["leads"])
FUNCTION_ONLY = "; with_whom takes the function alone: leave the telephone number, e-mail address or identity number out"
FAILURES = frozenset({400, 403, 404})


class ListOut(Schema):
    """One target list with its figures: numbers of firms."""

    public_id: uuid.UUID
    title: str
    unit: str = Field(alias="unit.name")
    owner: str = Field(alias="owner.display_name")
    line: str
    state: str
    origin: str
    chain: str
    segment: str
    region: str
    as_of: dt.date | None
    firms: int
    open_firms: int
    overdue_firms: int
    stale_firms: int
    knocked_firms: int
    contacted_firms: int
    lead_firms: int


class RowOut(Schema):
    """One firm on a list."""

    public_id: uuid.UUID
    position: int
    firm_id: str = Field(alias="firm.firm_id")
    name: str = Field(alias="firm.name")
    uscc: str | None = Field(alias="firm.uscc")
    chain: str
    segment: str
    score: float | None
    place: str
    assignee: str | None
    state: str
    reason: str
    next_step: str
    next_on: dt.date | None
    last_knocked_on: dt.date | None
    knock_count: int

    @staticmethod
    def resolve_assignee(row: Any) -> str | None:
        """Who is to knock."""
        return str(row.assignee) if row.assignee else None


class KnockIn(Schema):
    """A knock to enter. `next_step` and `next_on` are needed where the firm stays open."""

    how: Literal["call", "visit", "message", "meeting", "through"]
    result: Literal["no_answer", "contacted", "interested", "later", "no_interest"]
    made_at: dt.datetime | None = None
    through: str = Field("", max_length=100)
    with_whom: str = Field(
        "",
        max_length=60,
        description="function only, no name; telephone number, e-mail or identity number: refused",
    )
    said: str = Field("", max_length=2000)
    next_step: str = Field("", max_length=200)
    next_on: dt.date | None = None


class KnockOut(Schema):
    """A knock as entered."""

    public_id: uuid.UUID
    how: str
    result: str
    made_at: dt.datetime
    next_step: str
    next_on: dt.date | None


def _require(request: HttpRequest, permission: Permission) -> None:
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


@router.get("/lists", response={200: list[ListOut], FAILURES: Problem}, summary="Target lists one may see")
@paginate(LimitOffsetPagination)
def target_lists(
    request: HttpRequest, text: str = Query("", max_length=100), state: str = Query("", pattern="^(closed|all)?$")
) -> TargetListQuerySet:
    """Lists, the newest first; closed ones where asked for."""
    _require(request, Permission.LEADS_VIEW)
    found = lists.lists(request.user, on=access.today())
    return lists.matching(found, request.user, on=access.today(), text=text.replace("\x00", ""), state=state).order_by("-created_at", "-pk")


@router.get("/lists/{list_id}/rows", response={200: list[RowOut], FAILURES: Problem}, summary="Firms of a target list")
@paginate(LimitOffsetPagination)
def list_rows(request: HttpRequest, list_id: str) -> ListedFirmQuerySet:
    """The firms of a list in its order."""
    _require(request, Permission.LEADS_VIEW)
    found = TargetList.objects.visible_to(request.user).filter(public_id=list_id).first() if results.is_uuid(list_id) else None
    if found is None:
        raise Http404
    if found.is_confidential:
        audit.record_look(action="leads.look", record_=found, by=request.user, at=timezone.now())
    return rows.rows(request.user, on=access.today()).filter(list=found).order_by("position", "pk")


@router.post("/rows/{row_id}/knocks", response={201: KnockOut, FAILURES: Problem, 409: Problem}, summary="Enter a knock")
def add_knock(request: HttpRequest, row_id: uuid.UUID, knock: KnockIn) -> Any:
    """Enter a knock at a firm of a list, as the page does; what the rules refuse is a 409."""
    _require(request, Permission.LEADS_EDIT)
    row = ListedFirm.objects.visible_to(request.user).select_related("list__unit").filter(public_id=row_id).first()
    if row is None:
        raise Http404
    now = timezone.now()
    made_at = knock.made_at or now
    given = {name: getattr(knock, name).replace("\x00", "") for name in ("through", "with_whom", "said", "next_step")}
    try:
        made = actions.knock(
            row=row, how=How(knock.how), result=Result(knock.result), next_on=knock.next_on, by=request.user, at=now, **given,  # type: ignore[arg-type]
            made_at=timezone.make_aware(made_at) if timezone.is_naive(made_at) else made_at,
        )  # fmt: skip
    except actions.NotAllowed as refused:
        raise PermissionDenied("not a member of the list, and no role reaches it") from refused
    except actions.Refused as refused:
        hint = FUNCTION_ONLY if Refusal.CONTACT_IN_FUNCTION in refused.refusals else ""
        raise HttpError(409, f"refused: {refused}{hint}") from refused
    except (OverflowError, ValueError) as wrong:
        raise HttpError(400, "a time or day that the calendar does not have") from wrong
    return Status(201, made)
