"""Trips as pages, lists and panels show them; what may be offered on the form; refusals in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.accounts.models import Posting, Unit, User, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import calendar
from wutong.web.leads.models import Lead
from wutong.web.lib import access
from wutong.web.outreach import rules
from wutong.web.outreach.models import Trip, TripPerson, TripPlace, TripVisit
from wutong.web.outreach.queries import places
from wutong.web.outreach.rules import Away, Refusal

MOST_OF_A_RECORD = 20
WORDS = {
    Refusal.PURPOSE_MISSING: gettext_lazy("It is not said what the trip is for."),
    Refusal.NOBODY_WENT: gettext_lazy("It is not said who goes: choose somebody at least."),
    Refusal.NO_PLACE: gettext_lazy("It is not said where the trip goes."),
    Refusal.ENDS_BEFORE: gettext_lazy("The last day lies before the first."),
    Refusal.NO_TIME: gettext_lazy("A trip from noon to noon of one day takes no time: leave one of them out."),
    Refusal.TOO_LONG: gettext_lazy("A trip takes a year at most: look at the days."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed: choose another."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account of a person is closed: choose somebody else."),
    Refusal.LEAD_UNSEEN: gettext_lazy("Choose leads of the list."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.WITHDRAWN: gettext_lazy("The trip was withdrawn: enter it anew where it was made after all."),
}


def refusal_words(refusals: Iterable[Refusal]) -> list[str]:
    """Why something is refused, in words."""
    return [str(WORDS[one]) for one in refusals]


@dataclass(frozen=True, slots=True)
class TripRow:
    """A trip with who was on it, where it went and whom they met, as far as a reader may see; days away of one person."""

    trip: Trip
    people: tuple[User, ...]
    places: tuple[str, ...]
    visits: tuple[TripVisit, ...]
    away: Away

    @property
    def place_words(self) -> str:
        """Where, in one line."""
        return pgettext("between names", ", ").join(self.places)

    @property
    def people_words(self) -> str:
        """Who, in one line."""
        return pgettext("between names", ", ").join(map(str, self.people))

    @property
    def visit_words(self) -> str:
        """Whom they met, in one line."""
        return pgettext("between names", ", ").join(named_visit(one) for one in self.visits)


def named_visit(visit: TripVisit) -> str:
    """The firm, or the lead as it is called outside."""
    if visit.firm is not None:
        return str(visit.firm.name)
    return str(visit.lead.outside_name) if visit.lead is not None else ""


def rows(keys: Iterable[int], user: Any) -> tuple[TripRow, ...]:
    """Trips of these keys in their order: five questions, however many."""
    wanted = list(keys)
    there = Trip.objects.filter(pk__in=wanted).select_related("unit", "entered_by").in_bulk()
    people: dict[int, list[User]] = {}
    for one in TripPerson.objects.filter(trip__in=wanted).select_related("user__unit"):
        people.setdefault(one.trip_id, []).append(one.user)
    went: dict[int, list[str]] = {}
    for place in TripPlace.objects.filter(trip__in=wanted):
        went.setdefault(place.trip_id, []).append(places.name_of(place.adcode or place.country))
    met: dict[int, list[TripVisit]] = {}
    for visit in TripVisit.objects.visible_to(user).filter(trip__in=wanted).select_related("firm", "lead"):
        met.setdefault(visit.trip_id, []).append(visit)
    days = calendar.calendar()
    return tuple(
        TripRow(
            there[key], tuple(people.get(key, ())), tuple(went.get(key, ())), tuple(met.get(key, ())),
            rules.away(rules.slots(there[key].span), days),
        )
        for key in wanted
        if key in there
    )  # fmt: skip


def told(trip: Trip) -> dict[str, str]:
    """People and places of a trip, as the audit keeps them; never whom they met."""
    comma = "、"
    return {
        "people": comma.join(str(one.user) for one in TripPerson.objects.filter(trip=trip).select_related("user")),
        "places": comma.join(one.adcode or one.country for one in TripPlace.objects.filter(trip=trip)),
    }  # fmt: skip


# --- what matches -----------------------------------------------------------------------------------------------------------------------
def matching(
    found: Any, *, text: str = "", unit: Unit | None = None, person: User | None = None, place: str = "", since: dt.date | None = None,
    until: dt.date | None = None, state: str = "",
) -> Any:  # fmt: skip
    """Trips by words of purpose or result, unit with those below it, person, place with what lies inside it, and period (any day of it).

    `state`: "" those that stand, "withdrawn", "all".
    """
    if state != "all":
        found = found.filter(withdrawn_at__isnull=state != "withdrawn")
    if text:
        met = TripVisit.objects.filter(trip=OuterRef("pk"), firm__name__icontains=text)
        found = found.filter(Q(purpose__icontains=text) | Q(result__icontains=text) | Exists(met))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if person:
        found = found.filter(Exists(TripPerson.objects.filter(trip=OuterRef("pk"), user=person)))
    if place:
        found = found.filter(Exists(TripPlace.objects.filter(places.inside(place), trip=OuterRef("pk"))))
    if since:
        found = found.filter(last_on__gte=since)
    return found.filter(first_on__lte=until) if until else found


def of_firm(user: Any, firm_id: str) -> tuple[TripRow, ...]:
    """The trips on which a firm was visited, the last first."""
    found = Trip.objects.visible_to(user).standing().filter(visits__firm__firm_id=firm_id)
    return rows(found.order_by("-first_on", "-pk").values_list("pk", flat=True)[:MOST_OF_A_RECORD], user)


def of_lead(user: Any, lead: Lead) -> tuple[TripRow, ...]:
    """The trips on which a lead was visited, the last first."""
    found = Trip.objects.visible_to(user).standing().filter(visits__lead=lead)
    return rows(found.order_by("-first_on", "-pk").values_list("pk", flat=True)[:MOST_OF_A_RECORD], user)


# --- what is offered --------------------------------------------------------------------------------------------------------------------
def units_to_enter(user: Any) -> Any:
    """The open units for which a person may enter trips."""
    return Unit.objects.filter(within(user, Permission.OUTREACH_EDIT, unit=""), closed_on=None).order_by("path")


def units_in_reach(user: Any) -> Any:
    """The units of whose trips a person may read."""
    return Unit.objects.filter(within(user, Permission.OUTREACH_VIEW, unit="")).order_by("path")


def people_to_go(user: Any) -> Any:
    """Whom a person may name as being on a trip: everybody whom he may see and who holds a role of the office."""
    inside = [role.code for role in access_rules.roles().values() if not role.is_outside and not role.is_administrator]
    posted = Posting.objects.in_force(access.today()).filter(role__in=inside).values("user")
    return User.objects.visible_to(user).filter(pk__in=posted, is_active=True).order_by("unit__path", "display_name")


def leads_to_visit(user: Any) -> Any:
    """The leads worked on that a person may name as visited."""
    return Lead.objects.visible_to(user).filter(state__in=("open", "dormant", "project")).order_by("-pk")


def may_edit(user: Any, trip: Trip) -> bool:
    """Whether a person may correct or withdraw a trip."""
    return bool(trip.withdrawn_at is None and user.may(Permission.OUTREACH_EDIT, trip.unit.target()))


def same_as(unit: Unit, said: Any, by: Any) -> Trip | None:
    """A trip just like it that the person entered and that stands: what is sent twice is entered once."""
    found = Trip.objects.standing().filter(
        unit=unit, entered_by=by, first_on=said.span.first_on, last_on=said.span.last_on, is_from_noon=said.span.is_from_noon,
        is_until_noon=said.span.is_until_noon, purpose=said.purpose.strip()[:200],
    )  # fmt: skip
    wanted = {person.pk for person in said.people}
    return next((one for one in found.prefetch_related("people") if {row.user_id for row in one.people.all()} == wanted), None)
