"""People and units as JSON; the same queries as the pages."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.models import UnitQuerySet, UserQuerySet
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.lists import Pages

router = Router(tags=["accounts"])


class UnitOut(Schema):
    """A unit of the organisation tree."""

    public_id: uuid.UUID
    kind: str
    name_zh: str
    name_en: str
    adcode: str
    place_id: str
    parent_id: uuid.UUID | None
    closed_on: dt.date | None

    @staticmethod
    def resolve_parent_id(unit: object) -> uuid.UUID | None:
        """The public id of the unit above it."""
        parent = unit.parent  # type: ignore[attr-defined]
        return parent.public_id if parent else None


class PersonOut(Schema):
    """A person, without anything that is his own affair."""

    public_id: uuid.UUID
    display_name: str
    unit_id: uuid.UUID
    is_active: bool

    @staticmethod
    def resolve_unit_id(person: object) -> uuid.UUID:
        """The public id of the person's unit."""
        return person.unit.public_id  # type: ignore[attr-defined]


class MeOut(Schema):
    """Who is logged in, and what he may do."""

    public_id: uuid.UUID
    username: str
    display_name: str
    language: str
    permissions: list[str]


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.ACCOUNTS_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied


@router.get("/me", response=MeOut, summary="Who is logged in")
def me(request: HttpRequest) -> MeOut:
    """Oneself and one's permissions."""
    user = request.user
    permissions = sorted({permission for grant in user.grants() for permission in grant.role.permissions})  # type: ignore[union-attr]
    return MeOut(
        public_id=user.public_id, username=user.username, display_name=user.display_name, language=user.language, permissions=permissions
    )  # type: ignore[union-attr]


@router.get("/units", response=list[UnitOut], summary="Units one may see")
@paginate(Pages)
def units(request: HttpRequest) -> UnitQuerySet:
    """The organisation tree from the top."""
    _require(request)
    return queries.units(request.user).select_related("parent")


@router.get("/people", response=list[PersonOut], summary="People one may see")
@paginate(Pages)
def people(request: HttpRequest, text: str = Query("", max_length=100)) -> UserQuerySet:
    """People by user name."""
    _require(request)
    found = queries.people(request.user, on=access.today())
    return queries.matching(found, request.user, on=access.today(), text=text).order_by("username")
