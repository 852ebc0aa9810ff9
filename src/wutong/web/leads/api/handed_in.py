"""Information handed in as JSON, for those who hand it in: their own pieces, what became of each, handing in, withdrawing."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Field, Schema, Status
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import handing_in
from wutong.web.leads.api.leads import router
from wutong.web.leads.api.leads_writes import done, plain
from wutong.web.leads.api.lists import FAILURES, typed
from wutong.web.leads.models import HandIn
from wutong.web.leads.queries import handed_in
from wutong.web.leads.rules.handed_in import Given
from wutong.web.leads.rules.leads import Amount, LeadKind
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages


class HandInIn(Schema):
    """Information that somebody hands in. `key`: of the request, such as a UUID; sent again it gives the piece that it made before."""

    key: str = Field("", max_length=36)
    title: str = Field(min_length=1, max_length=120)
    kind: Literal["project", "capital", "technology", "talent"] = "project"
    firm: str = Field("", max_length=300)
    text: str = Field("", max_length=2000)
    amount_10k_yuan: Decimal | None = Field(None, max_digits=14, decimal_places=2)
    is_amount_not_provided: bool = False


class HandInOut(Schema):
    """A piece in its giver's own words, how far it has come (`told`), the bureau's answer, and why it ended where it did."""

    public_id: uuid.UUID
    title: str
    kind: str
    firm: str = Field(alias="name")
    text: str
    amount_10k_yuan: Decimal | None
    is_amount_not_provided: bool
    handed_in_at: dt.datetime
    told: str
    why: str
    answer: str
    answered_at: dt.datetime | None
    answer_due_on: dt.date | None = Field(alias="due_on")
    may_withdraw: bool


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.LEADS_HAND_IN):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.LEADS_HAND_IN} is needed")


def _own(request: HttpRequest, hand_in_id: uuid.UUID) -> HandIn:
    _require(request)
    found = handed_in.mine(request.user).select_related("lead").filter(public_id=hand_in_id).first()
    if found is None:
        raise Http404
    return found


@router.get("/handed-in", response={200: list[HandInOut], FAILURES: Problem}, summary="What one handed in, and what became of it")
@paginate(DrawnPages)
@typed
def handed_in_own(
    request: HttpRequest,
    told: Literal["", "logged", "taken_up", "contact", "talks", "project", "rests", "closed", "withdrawn", "answered", "on_the_way"] = "",
    kind: Literal["", "project", "capital", "technology", "talent"] = "",
) -> Any:
    """What the caller handed in, the newest first; nothing that others handed in."""
    _require(request)
    found = handed_in.matching(handed_in.mine(request.user), told=told, kind=kind).order_by("-handed_in_at", "-pk")
    return found, lambda keys: handed_in.shown(request.user, keys)


@router.post("/handed-in", response={201: HandInOut, FAILURES: Problem, 409: Problem}, summary="Hand information in for triage")
def hand_information_in(request: HttpRequest, given: HandInIn) -> Any:
    """Hand information in as the page does; it reaches the nearest bureau. A `key` that came before gives the piece that it made."""
    _require(request)
    said = Given(
        plain(given.title), plain(given.firm), plain(given.text), Amount(given.amount_10k_yuan, given.is_amount_not_provided)
    )  # fmt: skip
    made = done(handing_in.hand_in, key=plain(given.key), kind=LeadKind(given.kind), given=said, by=request.user)
    return Status(201, handed_in.marked(_own(request, made.public_id)))


@router.get("/handed-in/{uuid:hand_in_id}", response={200: HandInOut, FAILURES: Problem}, summary="One piece that one handed in")
def handed_in_one(request: HttpRequest, hand_in_id: uuid.UUID) -> Any:
    """One of one's own pieces, and what became of it."""
    return handed_in.marked(_own(request, hand_in_id))


@router.post(
    "/handed-in/{uuid:hand_in_id}/withdraw", response={200: HandInOut, FAILURES: Problem, 409: Problem}, summary="Withdraw a piece"
)
def withdraw_handed_in(request: HttpRequest, hand_in_id: uuid.UUID) -> Any:
    """Take back what one handed in, while nobody works on it."""
    done(handing_in.withdraw, handed=_own(request, hand_in_id), by=request.user)
    return handed_in.marked(_own(request, hand_in_id))
