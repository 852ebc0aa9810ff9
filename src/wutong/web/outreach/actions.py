"""Trips: entered, corrected with a reason, withdrawn with a reason, taken in from a file; moved along with firms that became one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.leads.models import Lead
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.outreach import rules
from wutong.web.outreach.models import Trip, TripPerson, TripPlace, TripVisit
from wutong.web.outreach.queries import files, trips
from wutong.web.outreach.rules import Refusal, Span

NotAllowed = refusing.NotAllowed
UnknownFirm = adoption.UnknownFirm


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a trip. `places`: division codes, or countries as two letters; `firms`: ids of the registry."""

    span: Span
    purpose: str
    people: tuple[User, ...]
    places: tuple[str, ...]
    result: str = ""
    firms: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = field(default_factory=tuple)


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _refusals(unit: Unit, said: Said, by: Any) -> tuple[Refusal, ...]:
    keys = {lead.pk for lead in said.leads}
    are_seen = by is None or not keys or Lead.objects.visible_to(by).filter(pk__in=keys).count() == len(keys)
    return rules.refusals_to_enter(
        said.span, purpose=said.purpose, people=len(said.people), places=len(said.places), is_unit_open=unit.closed_on is None,
        are_active=all(person.is_active for person in said.people), are_leads_seen=are_seen,
    )  # fmt: skip


def _write(trip: Trip, said: Said, *, by: Any, at: dt.datetime) -> None:
    """People, places and visits as they are said now; leads that whoever corrects may not see stay."""
    trip.people.all().delete()
    TripPerson.objects.bulk_create(TripPerson(trip=trip, user=person) for person in dict.fromkeys(said.people))
    trip.places.all().delete()
    TripPlace.objects.bulk_create(
        TripPlace(trip=trip, adcode=code if code.isdigit() else "", country="" if code.isdigit() else code.upper())
        for code in dict.fromkeys(said.places)
    )
    seen = TripVisit.objects.filter(trip=trip)
    if by is not None:
        seen = seen.filter(pk__in=list(TripVisit.objects.visible_to(by).filter(trip=trip).values_list("pk", flat=True)))
    seen.delete()
    for firm_id in dict.fromkeys(said.firms):
        TripVisit.objects.create(trip=trip, firm=adoption.take_on(firm_id=firm_id, by=by, at=at))
    for lead in dict.fromkeys(said.leads):
        TripVisit.objects.create(trip=trip, lead=lead)


@transaction.atomic
def enter(*, unit: Unit, said: Said, by: Any, at: dt.datetime) -> Trip:
    """Enter a trip; nobody approves it. Raises: NotAllowed, Refused, UnknownFirm."""
    refusing.require(by, Permission.OUTREACH_EDIT, unit.target())
    _refuse(_refusals(unit, said, by))
    made: Trip = Trip.objects.create(
        unit=unit, purpose=said.purpose.strip()[:200], first_on=said.span.first_on, is_from_noon=said.span.is_from_noon,
        last_on=said.span.last_on, is_until_noon=said.span.is_until_noon, result=said.result.strip()[:2000], entered_by=by, entered_at=at,
    )  # fmt: skip
    _write(made, said, by=by, at=at)
    audit.record(
        action="outreach.enter", by=by, at=at, obj=made,
        changes={"first_on": made.first_on, "last_on": made.last_on, "people": len(set(said.people))},
    )  # fmt: skip
    return made


def _locked(trip: Trip) -> Trip:
    found: Trip = Trip.objects.select_for_update(of=("self",)).select_related("unit").get(pk=trip.pk)
    return found


@transaction.atomic
def correct(*, trip: Trip, said: Said, reason: str, by: Any, at: dt.datetime) -> Trip:
    """Say of a trip what is right, with a reason; the history keeps what it said before. Raises: NotAllowed, Refused, UnknownFirm."""
    found = _locked(trip)
    refusing.require(by, Permission.OUTREACH_EDIT, found.unit.target())
    _refuse((*rules.refusals_to_correct(is_withdrawn=found.withdrawn_at is not None, reason=reason), *_refusals(found.unit, said, by)))
    changes = refusing.changed(
        found,
        {
            "purpose": said.purpose.strip()[:200], "first_on": said.span.first_on, "is_from_noon": said.span.is_from_noon,
            "last_on": said.span.last_on, "is_until_noon": said.span.is_until_noon, "result": said.result.strip()[:2000],
        },
    )  # fmt: skip
    before = trips.told(found)
    found.save()
    _write(found, said, by=by, at=at)
    after = trips.told(found)
    changes |= {name: {"old": before[name], "new": after[name]} for name in before if before[name] != after[name]}
    audit.record(action="outreach.correct", by=by, at=at, obj=found, changes={**changes, "reason": reason.strip()[:300]})
    return found


@transaction.atomic
def withdraw(*, trip: Trip, reason: str, by: Any, at: dt.datetime) -> Trip:
    """Withdraw a trip that was not made, or entered twice; it stays readable and counts no more. Raises: NotAllowed, Refused."""
    found = _locked(trip)
    refusing.require(by, Permission.OUTREACH_EDIT, found.unit.target())
    _refuse(rules.refusals_to_correct(is_withdrawn=found.withdrawn_at is not None, reason=reason))
    found.withdrawn_at, found.withdraw_reason = at, reason.strip()[:300]
    found.save(update_fields=["withdrawn_at", "withdraw_reason"])
    audit.record(action="outreach.withdraw", by=by, at=at, obj=found, changes={"reason": found.withdraw_reason})
    return found


@transaction.atomic
def import_trips(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter the trips of a file for the unit said beside it. Raises: NotAllowed, Refused."""
    unit = batch.given["unit"]
    refusing.require(by, Permission.OUTREACH_EDIT, unit.target())
    made: list[Made] = []
    left: list[tuple[int, str, str]] = []
    for row, one in zip(rows, files.trip_rows(rows, batch.given, by), strict=True):
        if one.verdict.kind == "new":
            with audit.told_by_batch():
                trip = enter(unit=unit, said=Said(**one.values), by=by, at=at)
            made.append(Made(row.row, trip))
            made += [Made(row.row, part) for parts in (trip.people, trip.places, trip.visits) for part in parts.all()]
        left += [(row.row, name, expected) for name, expected in one.verdict.found]
    return Written(tuple(made), tuple(left))


@transaction.atomic
def repoint(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let visits to a firm be visits to the one that it became; one that stands there twice stays once. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    there = TripVisit.objects.filter(firm=to_firm).values("trip")
    TripVisit.objects.filter(firm=from_firm, trip__in=list(there.values_list("trip", flat=True))).delete()
    moved = TripVisit.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(action="outreach.repoint", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved


@transaction.atomic
def note_export(*, what: str, by: Any, at: dt.datetime, filters: dict[str, Any], rows: int) -> None:
    """Record that trips left the house as a spreadsheet."""
    audit.record(action=f"outreach.{what}.export", by=by, at=at, changes={"filter": filters, "rows": rows})
