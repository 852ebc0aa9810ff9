"""Trips: entered, corrected with a reason, withdrawn; who sees them; days away by unit; firms that became one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

import factories
import fictional
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.firms.models import Firm
from wutong.web.outreach import actions
from wutong.web.outreach.actions import Said
from wutong.web.outreach.models import Trip, TripVisit
from wutong.web.outreach.queries import places, ranking, trips
from wutong.web.outreach.rules import Refusal, Span

MONDAY = dt.date(2025, 3, 3)


def said(*people: Any, first: int = 0, last: int = 0, **more: Any) -> Said:
    day = dt.timedelta(days=1)
    given = {"span": Span(MONDAY + first * day, MONDAY + last * day), "purpose": "拜访隔膜企业", "people": people, "places": ("990200",)}
    return Said(**{**given, **more})


def entered(cast: Cast, unit: str, *people: Any, by: str = "bureau_officer", **more: Any) -> Trip:
    return actions.enter(unit=cast.units[unit], said=said(*people, **more), by=cast.people[by], at=timezone.now())


def test_a_trip_is_entered_with_people_places_firms_and_leads(cast: Cast) -> None:
    lead = factories.lead(cast.bureau_officer)
    firm_id = Firm.objects.filter(pk=factories.firm(firm_id=fictional.TARGET).pk).get().firm_id
    trip = entered(cast, "bureau", cast.bureau_officer, cast.vice_mayor, places=("990200", "de"), firms=(firm_id,), leads=(lead,))
    (row,) = trips.rows([trip.pk], cast.bureau_officer)
    assert set(row.people) == {cast.bureau_officer, cast.vice_mayor} and row.away.working_days == 1
    assert "德国" in row.places and {visit.lead for visit in row.visits} == {lead, None}
    assert Entry.objects.get(action="outreach.enter").changes["people"] == 2


def test_a_correction_takes_a_reason_and_the_history_keeps_what_it_was(cast: Cast) -> None:
    trip = entered(cast, "bureau", cast.bureau_officer)
    with pytest.raises(actions.Refused) as refused:
        actions.correct(trip=trip, said=said(cast.vice_mayor, last=1), reason=" ", by=cast.bureau_officer, at=timezone.now())
    assert refused.value.refusals == (Refusal.REASON_MISSING,)
    actions.correct(trip=trip, said=said(cast.vice_mayor, last=1), reason="行程延长", by=cast.bureau_officer, at=timezone.now())
    told = Entry.objects.get(action="outreach.correct").changes
    assert told["reason"] == "行程延长" and told["last_on"] == {"old": "2025-03-03", "new": "2025-03-04"}
    assert told["people"] == {"old": str(cast.bureau_officer), "new": str(cast.vice_mayor)}


def test_a_correction_leaves_leads_that_whoever_corrects_may_not_see(cast: Cast) -> None:
    lead = factories.lead(cast.park_officer)
    trip = actions.enter(unit=cast.units["bureau"], said=said(cast.bureau_officer, leads=(lead,)), by=None, at=timezone.now())
    assert not TripVisit.objects.visible_to(cast.bureau_officer).exists()
    actions.correct(trip=trip, said=said(cast.bureau_officer), reason="事由更正", by=cast.bureau_officer, at=timezone.now())
    assert TripVisit.objects.get().lead == lead
    with pytest.raises(actions.Refused) as refused:
        entered(cast, "bureau", cast.bureau_officer, leads=(lead,))
    assert refused.value.refusals == (Refusal.LEAD_UNSEEN,)


def test_a_withdrawn_trip_stays_readable_and_counts_no_more(cast: Cast) -> None:
    trip = entered(cast, "bureau", cast.bureau_officer)
    actions.withdraw(trip=trip, reason="未成行", by=cast.bureau_officer, at=timezone.now())
    assert Trip.objects.visible_to(cast.bureau_officer).get().withdraw_reason == "未成行"
    assert ranking.ranking(cast.bureau_leader, since=MONDAY, until=MONDAY).trips == 0
    with pytest.raises(actions.Refused) as refused:
        actions.correct(trip=trip, said=said(cast.vice_mayor), reason="又去", by=cast.bureau_officer, at=timezone.now())
    assert refused.value.refusals == (Refusal.WITHDRAWN,)


def test_trips_are_seen_by_their_unit_by_who_was_there_and_from_above(cast: Cast) -> None:
    trip = entered(cast, "bureau", cast.bureau_officer, cast.park_officer)
    seen = {name for name, person in cast.people.items() if Trip.objects.visible_to(person).filter(pk=trip.pk).exists()}
    assert seen == {"bureau_officer", "park_officer", "bureau_leader", "vice_mayor", "assessor"}
    with pytest.raises(actions.NotAllowed):
        entered(cast, "bureau", cast.park_officer, by="park_officer")


def test_days_away_count_a_person_once_a_half_day_and_name_units_without_any(cast: Cast) -> None:
    entered(cast, "bureau", cast.bureau_officer, cast.vice_mayor, last=6)
    entered(cast, "bureau", cast.bureau_officer, first=3, last=7)
    page = ranking.ranking(cast.bureau_leader, since=MONDAY, until=MONDAY + dt.timedelta(days=7))
    (line,) = page.units
    assert (line.trips, line.people, line.working_days, line.all_days) == (2, 2, Decimal(11), Decimal(15))
    assert [(one.person, one.working_days) for one in page.people] == [(cast.bureau_officer, 6), (cast.vice_mayor, 5)]
    assert page.period_working_days == 6 and page.people[0].share == 1
    assert cast.units["zone"] in page.without and cast.units["bureau"] not in page.without
    assert cast.units["other_bureau"] not in page.without, "out of reach"
    assert line.person_times == 3, "one of them on both trips"
    cut = ranking.ranking(cast.bureau_leader, since=MONDAY, until=MONDAY)
    assert cut.working_days == 2


def test_days_away_of_leaders_stand_apart(cast: Cast) -> None:
    entered(cast, "bureau", cast.bureau_officer, cast.vice_mayor, last=6)
    entered(cast, "bureau", cast.bureau_officer, first=3, last=7)
    page = ranking.ranking(cast.bureau_leader, since=MONDAY, until=MONDAY + dt.timedelta(days=7), leaders_only=True)
    (line,) = page.units
    assert (line.trips, line.people, line.person_times, line.working_days, page.trips) == (1, 1, 1, Decimal(5), 1)
    assert [one.person for one in page.people] == [cast.vice_mayor]


def test_places_are_named_by_name_code_or_country(cast: Cast) -> None:
    assert places.codes_of("德国、us，法国") == (("DE", "US", "FR"), ())
    assert places.codes_of("月球")[1] == ("月球",)
    assert places.code_of("990200") == "990200"
    trip = entered(cast, "bureau", cast.bureau_officer, places=("990200", "DE"))
    for code, is_there in (("990200", True), ("990000", True), ("DE", True), ("FR", False), ("990100", False)):
        assert trips.matching(Trip.objects.all(), place=code).filter(pk=trip.pk).exists() is is_there, code


def test_visits_go_to_the_firm_that_theirs_became_and_stand_there_once(cast: Cast) -> None:
    one, two = factories.firm(), factories.firm()
    both, lone = (entered(cast, "bureau", cast.bureau_officer, purpose=text) for text in ("甲", "乙"))
    for trip, firm in ((both, one), (both, two), (lone, one)):
        TripVisit.objects.create(trip=trip, firm=firm)
    assert actions.repoint(from_firm=one, to_firm=two, by=cast.bureau_officer, at=timezone.now()) == 1
    assert sorted(TripVisit.objects.values_list("trip", "firm")) == sorted([(both.pk, two.pk), (lone.pk, two.pk)])
