"""Partners, people known and what firms seek as JSON, to read. Contact data is not among it."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages
from wutong.web.partners.models import AcquaintanceQuerySet, PartnerQuerySet, SeekingQuerySet
from wutong.web.partners.queries import lists

router = Router(tags=["partners"])
FAILURES = frozenset({403})


class PartnerOut(Schema):
    """One partner."""

    public_id: uuid.UUID
    kind: str
    name: str
    adcode: str
    unit: str = Field(alias="unit.name")
    owner: str = Field(alias="owner.display_name")
    state: str
    since_on: dt.date | None
    agreement_title: str
    agreement_until: dt.date | None
    last_contact_on: dt.date | None


class KnownOut(Schema):
    """One person known, without contact data: name, firms with titles, where from and where now, partner."""

    public_id: uuid.UUID
    name: str = Field(alias="person.name")
    is_home_tie: bool
    origin_adcode: str
    present_adcode: str
    occupation: str
    firms: list[str]
    partner: str | None
    owner: str = Field(alias="owner.display_name")
    last_contact_on: dt.date | None
    retain_until: dt.date = Field(alias="person.retain_until")

    @staticmethod
    def resolve_firms(row: Any) -> list[str]:
        """Each firm with the title there."""
        return [f"{one.firm.name} {one.title}" for one in row.person.positions.all()]

    @staticmethod
    def resolve_partner(row: Any) -> str | None:
        """The partner that the person belongs to."""
        return str(row.partner) if row.partner else None


class SeekingOut(Schema):
    """One thing that a local firm seeks. Units: amount in 10,000 yuan."""

    public_id: uuid.UUID
    firm_id: str = Field(alias="firm.firm_id")
    firm: str = Field(alias="firm.name")
    kind: str
    what: str
    chain: str
    segment: str
    product: str
    amount_10k_yuan: Decimal | None
    valid_until: dt.date
    state: str
    owner: str = Field(alias="owner.display_name")


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.PARTNERS_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.PARTNERS_VIEW} is needed")


def _typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return view


@router.get("/partners", response={200: list[PartnerOut], FAILURES: Problem}, summary="Partners one may see", url_name="partners")
@paginate(Pages)
@_typed
def partners(
    request: HttpRequest, text: str = Query("", max_length=100), state: Literal["", "active", "dormant", "ended"] = ""
) -> PartnerQuerySet:  # fmt: skip
    """Partners by name and state."""
    _require(request)
    found = lists.partners(request.user)
    return lists.matching_partners(found, request.user, on=access.today(), text=_plain(text), state=state).order_by("name", "pk")


@router.get("/people-known", response={200: list[KnownOut], FAILURES: Problem}, summary="People known", url_name="people_known")
@paginate(Pages)
@_typed
def people_known(request: HttpRequest, text: str = Query("", max_length=100), which: Literal["", "home_ties"] = "") -> AcquaintanceQuerySet:
    """People known by name, firm or occupation, or home ties alone; contact data is not told."""
    _require(request)
    seen = lists.known(request.user, is_home_tie=which == "home_ties")
    found = lists.matching_known(seen, request.user, on=access.today(), text=_plain(text))
    return found.select_related("person", "owner", "partner").prefetch_related("person__positions__firm").order_by("person__name", "pk")


@router.get("/seekings", response={200: list[SeekingOut], FAILURES: Problem}, summary="What local firms seek", url_name="seekings")
@paginate(Pages)
@_typed
def seekings(
    request: HttpRequest, text: str = Query("", max_length=100), state: Literal["", "open", "over", "met", "withdrawn", "all"] = ""
) -> SeekingQuerySet:
    """What local firms seek, the newest first; open and valid unless a state is named."""
    _require(request)
    found = lists.matching_seekings(lists.seekings(request.user), request.user, on=access.today(), text=_plain(text), state=state)
    return found.order_by("-entered_at", "-pk")


def _plain(text: str) -> str:
    return text.replace("\x00", "")
