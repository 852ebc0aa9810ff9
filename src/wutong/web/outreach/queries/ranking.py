"""Days away by unit (外出招商统计): trips, people and person-days of a period, the units without any too."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wutong.rulebook.calendar import Calendar
from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import calendar
from wutong.web.lib import access
from wutong.web.outreach import rules
from wutong.web.outreach.models import Trip, TripPerson
from wutong.web.outreach.rules import Away, Slot


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a unit was away in a period. Units: person-days; a person on two trips at once counts once, in `person_times` on each trip."""

    unit: Unit
    trips: int
    people: int
    person_times: int
    working_days: Decimal
    all_days: Decimal


@dataclass(frozen=True, slots=True)
class PersonLine:
    """What a person was away in a period. Units: days; `share`: of the working days of the period, 1 = all."""

    person: User
    trips: int
    working_days: Decimal
    all_days: Decimal
    share: Decimal

    @property
    def percent(self) -> Decimal:
        """The share out of a hundred."""
        return self.share * 100


@dataclass(frozen=True, slots=True)
class Ranking:
    """Units by working person-days, those without any after them; people; what all of it comes to."""

    since: dt.date
    until: dt.date
    units: tuple[UnitLine, ...]
    without: tuple[Unit, ...]
    people: tuple[PersonLine, ...]
    trips: int
    working_days: Decimal
    period_working_days: int
    unknown_years: tuple[int, ...]


@dataclass(slots=True)
class _Taken:
    """The half days of a period: by unit and person, and by person; the trips of each person."""

    by_unit: dict[int, dict[int, set[Slot]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    trips_by_unit: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_person: dict[int, set[Slot]] = field(default_factory=lambda: defaultdict(set))
    trips_of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    people: dict[int, User] = field(default_factory=dict)


def _taken(trips: dict[int, Trip], since: dt.date, until: dt.date, *, leaders_only: bool) -> _Taken:
    taken = _Taken()
    found = TripPerson.objects.filter(trip__in=list(trips)).select_related("user__unit")
    if leaders_only:
        found = found.filter(user__in=Posting.objects.in_force(access.today()).filter(role__in=access_rules.LEADERS).values("user"))
    for one in found:
        trip = trips[one.trip_id]
        halves = set(rules.slots(trip.span, since=since, until=until))
        taken.by_unit[trip.unit_id][one.user_id] |= halves
        taken.trips_by_unit[trip.unit_id].append(trip.pk)
        taken.by_person[one.user_id] |= halves
        taken.trips_of[one.user_id].add(trip.pk)
        taken.people[one.user_id] = one.user
    return taken


def ranking(user: Any, *, since: dt.date, until: dt.date, unit: Unit | None = None, leaders_only: bool = False) -> Ranking:
    """The trips of the units that a person may read, by unit and by person, cut to the period: five questions.

    `leaders_only`: what those are away who hold the role of a leader today; units none of whose leaders was away stand without any.
    """
    units = Unit.objects.filter(within(user, Permission.OUTREACH_VIEW, unit=""))
    if unit is not None:
        units = units.filter(path__startswith=unit.path)
    there = {one.pk: one for one in units}
    found = Trip.objects.standing().filter(unit__in=list(there), first_on__lte=until, last_on__gte=since)
    trips = {one.pk: one for one in found}
    taken, days = _taken(trips, since, until, leaders_only=leaders_only), calendar.calendar()
    period = days.working_days_between(since - dt.timedelta(days=1), until)
    lines = []
    for key, who in taken.by_unit.items():
        sums = [rules.away(halves, days) for halves in who.values()]
        mine = taken.trips_by_unit[key]
        lines.append(UnitLine(there[key], len(set(mine)), len(who), len(mine), _sum(sums, "working_days"), _sum(sums, "all_days")))
    people = _people(taken, days, period.working_days)
    return Ranking(
        since, until, tuple(sorted(lines, key=lambda one: (-one.working_days, one.unit.path))),
        tuple(one for one in _working_units(there) if one.pk not in taken.by_unit), people,
        len(trips) if not leaders_only else len({key for mine in taken.trips_by_unit.values() for key in mine}),
        sum((one.working_days for one in people), Decimal(0)), period.working_days, period.unknown_years,
    )  # fmt: skip


def _people(taken: _Taken, days: Calendar, period_days: int) -> tuple[PersonLine, ...]:
    found = []
    for key, halves in taken.by_person.items():
        away = rules.away(halves, days)
        share = away.working_days / period_days if period_days else Decimal(0)
        found.append(PersonLine(taken.people[key], len(taken.trips_of[key]), away.working_days, away.all_days, share))
    return tuple(sorted(found, key=lambda one: (-one.working_days, one.person.pk)))


def _sum(sums: list[Away], name: str) -> Decimal:
    return sum((getattr(one, name) for one in sums), Decimal(0))


def _working_units(there: dict[int, Unit]) -> list[Unit]:
    """The open units in which somebody may enter trips: of them it is asked whether they have any."""
    able = [role.code for role in access_rules.roles().values() if Permission.OUTREACH_EDIT in role.permissions]
    held = set(
        Posting.objects.in_force(access.today()).filter(role__in=able, unit__in=list(there)).order_by().values_list("unit", flat=True)
    )
    return sorted((one for key, one in there.items() if key in held and one.closed_on is None), key=lambda one: one.path)
