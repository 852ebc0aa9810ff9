"""Trips as JSON: those one may see, and days away by unit. The same queries as the pages."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.outreach.models import Trip
from wutong.web.outreach.queries import places as places_of
from wutong.web.outreach.queries import ranking
from wutong.web.outreach.queries import trips as trips_of

router = Router(tags=["outreach"])
FAILURES = frozenset({400, 403, 404})


class TripOut(Schema):
    """One trip. `visits`: firms, and leads one may see, as they are called outside. Days of one person, in halves."""

    public_id: uuid.UUID = Field(alias="trip.public_id")
    unit: str = Field(alias="trip.unit.name")
    purpose: str = Field(alias="trip.purpose")
    first_on: dt.date = Field(alias="trip.first_on")
    is_from_noon: bool = Field(alias="trip.is_from_noon")
    last_on: dt.date = Field(alias="trip.last_on")
    is_until_noon: bool = Field(alias="trip.is_until_noon")
    people: list[str]
    places: list[str]
    visits: list[str]
    working_days: Decimal = Field(alias="away.working_days")
    all_days: Decimal = Field(alias="away.all_days")
    result: str = Field(alias="trip.result")
    is_withdrawn: bool

    @staticmethod
    def resolve_people(row: Any) -> list[str]:
        """Who was on it."""
        return [str(person) for person in row.people]

    @staticmethod
    def resolve_visits(row: Any) -> list[str]:
        """Whom they met."""
        return [trips_of.named_visit(one) for one in row.visits]

    @staticmethod
    def resolve_is_withdrawn(row: Any) -> bool:
        """Whether it counts no more."""
        return row.trip.withdrawn_at is not None


class UnitDays(Schema):
    """What a unit was away: person-days by the working calendar, and all of them."""

    unit: uuid.UUID = Field(alias="unit.public_id")
    name: str = Field(alias="unit.name")
    trips: int
    people: int
    person_times: int
    working_days: Decimal
    all_days: Decimal


class DaysOut(Schema):
    """Days away in a period. `without`: units that may enter trips and have none; `unknown_years`: years without a calendar."""

    since: dt.date
    until: dt.date
    units: list[UnitDays]
    without: list[str]
    trips: int
    working_days: Decimal
    period_working_days: int
    unknown_years: list[int]

    @staticmethod
    def resolve_without(page: Any) -> list[str]:
        """Their names."""
        return [unit.name for unit in page.without]


def _typed(view: Any) -> Any:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)
    return view


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.OUTREACH_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.OUTREACH_VIEW} is needed")


def _unit(public_id: uuid.UUID | None) -> Unit | None:
    if public_id is None:
        return None
    found = Unit.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@router.get("/trips", response={200: list[TripOut], FAILURES: Problem}, summary="Trips one may see", url_name="trips")
@paginate(DrawnPages)
@_typed
def trips(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100), place: str = Query("", max_length=60), unit: uuid.UUID | None = None,
    since: dt.date | None = None, until: dt.date | None = None, state: Literal["", "withdrawn", "all"] = "",
) -> Any:  # fmt: skip
    """Trips, the last first; of a period those of which any day lies in it. `place`: a division or country by name or code."""
    _require(request)
    code = places_of.code_of(place) if place else ""
    if place and not code:
        raise HttpError(400, "no division or country of this name or code")
    given = {"text": text.replace("\x00", ""), "place": code, "unit": _unit(unit), "since": since, "until": until, "state": state}
    found = trips_of.matching(Trip.objects.visible_to(request.user), **given).order_by("-first_on", "-pk")
    return found, lambda keys: trips_of.rows(keys, request.user)


@router.get("/trips/days", response={200: DaysOut, FAILURES: Problem}, summary="Days away by unit", url_name="trip_days")
def trip_days(
    request: HttpRequest, since: dt.date | None = None, until: dt.date | None = None, unit: uuid.UUID | None = None,
    who: Literal["", "leaders"] = "",
) -> Any:  # fmt: skip
    """Working person-days away by unit, of the units one may read, both days included; this year where none is said."""
    _require(request)
    on = access.today()
    begin, end = since or dt.date(on.year, 1, 1), until or on
    return ranking.ranking(request.user, since=min(begin, end), until=max(begin, end), unit=_unit(unit), leaders_only=who == "leaders")
