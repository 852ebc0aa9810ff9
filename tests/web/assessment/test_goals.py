"""Goals are written, approved by a second person, broken down, changed with what stood kept; progress is told against time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import factories
from cast import Cast
from wutong.web.assessment.actions import goals as actions
from wutong.web.assessment.forms.goals import YearForm
from wutong.web.assessment.models import Goal, GoalSet, GoalUnit, GoalValue
from wutong.web.assessment.queries import actuals, goal_words
from wutong.web.assessment.queries import goals as queries
from wutong.web.assessment.queries.sources import SOURCES
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import Curve, Origin, Refusal, SetState, SetStep, Split
from wutong.web.audit.models import Entry
from wutong.web.lib import access
from wutong.web.projects.models import Project

pytestmark = pytest.mark.django_db
AT = factories.AT
YEAR = AT.year


def goal_set(cast: Cast, **more: Any) -> GoalSet:
    """A draft for the city that lists county and zone."""
    said: dict[str, Any] = {
        "title": "目标任务", "year": YEAR, "origin": Origin.OWN, "unit": cast.units["city"], "document_number": "", "document_on": None,
        "must_add_up": False, **more,
    }  # fmt: skip
    made = actions.make_set(**said, by=cast.assessor, at=AT)
    listed = [cast.units["county"], cast.units["zone"]]
    return actions.set_units(goal_set=made, units=listed, by=cast.assessor, at=AT)


def write(cast: Cast, goals: GoalSet, measure: str = "signed", tier: str = "", **values: int | None) -> int:
    given = {(cast.units[name].pk, measure, tier, ""): None if value is None else Decimal(value) for name, value in values.items()}
    return actions.set_values(goal_set=goals, values=given, by=cast.assessor, at=AT)


def in_force(cast: Cast, goals: GoalSet) -> GoalSet:
    actions.take_step(goal_set=goals, step=SetStep.SUBMIT, by=cast.assessor, at=AT)
    return actions.take_step(goal_set=goals, step=SetStep.APPROVE, by=cast.vice_mayor, at=AT)


def ask(cast: Cast, goal: Goal, by: Any = None, **more: Any) -> Any:
    said = {"value": Decimal(8), "valid_from": dt.date(YEAR, 7, 1), "reason": "上级调减", "document": "青政〔2024〕9号", **more}
    return actions.ask_change(goal=goal, **said, by=by or cast.county_officer, at=AT)


def refused(action: Any, **values: Any) -> tuple[Refusal, ...]:
    with pytest.raises(actions.Refused) as error:
        action(**values)
    return error.value.refusals


def test_every_measure_is_counted_by_a_computed_fact_that_is_there() -> None:
    for key, _words in goal_words.line_choices():
        line = goal_words.line_of(key)
        assert line is not None
        origin = actuals.origin_of(*line.of)
        assert origin.code in SOURCES, key
        assert set(dict(origin.params)) <= set(SOURCES[origin.code].params), key


def test_a_second_person_puts_goals_in_force_and_the_audit_tells_it(cast: Cast) -> None:
    goals = goal_set(cast)
    assert refused(actions.take_step, goal_set=goals, step=SetStep.SUBMIT, by=cast.assessor, at=AT) == (Refusal.NO_GOALS,)
    assert write(cast, goals, city=10, county=6, zone=4) == 3
    assert write(cast, goals, city=10, county=6, zone=4) == 0

    found = in_force(cast, goals)

    assert (found.state, found.decided_by) == (SetState.IN_FORCE, cast.vice_mayor)
    assert list(Entry.objects.filter(action__startswith="assessment.goals.").order_by("pk").values_list("action", flat=True)) == [
        "assessment.goals.make", "assessment.goals.units", "assessment.goals.write", "assessment.goals.submit", "assessment.goals.approve",
    ]  # fmt: skip
    assert refused(write, cast=cast, goals=goals, city=11) == (Refusal.WRONG_STATE,)


def test_whoever_wrote_a_goal_does_not_approve_it(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10)
    actions.set_values(goal_set=goals, values={(cast.units["county"].pk, "signed", "", ""): Decimal(3)}, by=cast.bureau_leader, at=AT)
    actions.take_step(goal_set=goals, step=SetStep.SUBMIT, by=cast.assessor, at=AT)

    step = {"goal_set": goals, "step": SetStep.APPROVE, "at": AT}
    assert refused(actions.take_step, **step, by=cast.bureau_leader) == (Refusal.SAME_PERSON,)
    with pytest.raises(actions.NotAllowed):
        actions.take_step(**step, by=cast.county_officer)
    with pytest.raises(actions.NotAllowed):
        actions.take_step(**step, by=cast.other_leader)
    assert actions.take_step(**step, by=cast.vice_mayor).state == SetState.IN_FORCE


def test_what_must_add_up_is_refused_and_what_need_not_is_shown(cast: Cast) -> None:
    strict, loose = goal_set(cast, must_add_up=True), goal_set(cast)
    for one in (strict, loose):
        write(cast, one, city=10, county=5, zone=4)

    assert queries.short(loose) == 1
    (row, *_others) = queries.set_page(cast.assessor, loose).rows
    assert (row.cells[0].value, row.cells[0].below, row.cells[0].short) == (10, 9, 1)
    assert in_force(cast, loose).state == SetState.IN_FORCE
    wrong = refused(actions.take_step, goal_set=strict, step=SetStep.SUBMIT, by=cast.assessor, at=AT)
    assert wrong == (Refusal.DOES_NOT_ADD_UP,)
    write(cast, strict, zone=6)
    assert in_force(cast, strict).state == SetState.IN_FORCE


def test_from_above_needs_a_document(cast: Cast) -> None:
    said: dict[str, Any] = {"title": "省下达目标", "year": YEAR, "origin": Origin.ABOVE, "unit": cast.units["city"], "must_add_up": False}
    nothing = {"document_number": " ", "document_on": dt.date(YEAR, 1, 5)}

    assert refused(actions.make_set, **said, **nothing, by=cast.assessor, at=AT) == (Refusal.DOCUMENT_MISSING,)
    with pytest.raises(actions.NotAllowed):
        actions.make_set(**said, document_number="青政〔2024〕1号", document_on=dt.date(YEAR, 1, 5), by=cast.county_officer, at=AT)


def test_only_units_below_are_listed_and_none_that_has_goals_goes(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=6)

    outside = {"goal_set": goals, "units": [cast.units["other_city"]], "by": cast.assessor, "at": AT}
    assert refused(actions.set_units, **outside) == (Refusal.OUTSIDE_UNIT, Refusal.UNITS_WITH_GOALS)
    assert refused(write, cast=cast, goals=goals, other_city=3) == (Refusal.OUTSIDE_UNIT,)
    actions.set_units(goal_set=goals, units=[cast.units["county"]], by=cast.assessor, at=AT)
    assert set(GoalUnit.objects.values_list("unit__name_zh", flat=True)) == {"青桐市", "临溪县"}


def test_a_goal_is_counted_as_its_measure_is(cast: Cast) -> None:
    goals = goal_set(cast)
    city = cast.units["city"].pk

    def say(key: actions.GoalKey, text: str) -> tuple[Refusal, ...]:
        return refused(actions.set_values, goal_set=goals, values={key: Decimal(text)}, by=cast.assessor, at=AT)

    assert say((city, "signed", "", ""), "1.5") == (Refusal.NOT_A_VALUE,)
    assert say((city, "signed", "", ""), "-1") == (Refusal.NOT_A_VALUE,)
    assert say((city, "funds", "from_100m", ""), "1000000") == (Refusal.NO_TIER,)
    assert say((city, "wishes", "", ""), "1") == (Refusal.NO_TIER,)
    assert write(cast, goals, "signed", "from_1bn", city=0) == 1


def test_a_change_keeps_what_stood_before(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=10)
    in_force(cast, goals)
    goal = Goal.objects.get(unit=cast.units["county"])
    with pytest.raises(actions.NotAllowed):
        ask(cast, goal, cast.park_officer)

    change = ask(cast, goal)
    assert refused(ask, cast=cast, goal=goal) == (Refusal.WAITING_ALREADY,)
    with pytest.raises(actions.NotAllowed):
        actions.decide_change(change=change, is_approved=True, by=cast.assessor, at=AT)
    actions.decide_change(change=change, is_approved=True, by=cast.vice_mayor, at=AT)

    def on(month: int, day: int) -> Decimal:
        return queries.values_on([goal], dt.date(YEAR, month, day))[goal.pk].value

    assert (on(1, 1), on(6, 30), on(7, 1), on(12, 31)) == (10, 10, 8, 8)
    latest = queries.values_on([goal])[goal.pk]
    assert latest.months[-1] == 8
    assert refused(actions.decide_change, change=change, is_approved=True, by=cast.vice_mayor, at=AT) == (Refusal.DECIDED_ALREADY,)
    assert refused(ask, cast=cast, goal=goal, value=Decimal(9)) == (Refusal.BEFORE_LAST,)


def test_a_change_makes_no_earlier_month_late(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=24, county=12)
    in_force(cast, goals)
    goal = Goal.objects.get(unit=cast.units["county"])
    actions.decide_change(change=ask(cast, goal, value=Decimal(24)), is_approved=True, by=cast.vice_mayor, at=AT)

    def planned(on: dt.date) -> list[Decimal]:
        return [one.planned for one in queries.goal_page(cast.county_officer, goal, on).months]

    old, new = [Decimal(one) for one in range(1, 13)], [Decimal(2 * one) for one in range(1, 13)]
    assert planned(dt.date(YEAR, 12, 31)) == planned(dt.date(YEAR, 7, 31)) == [*old[:6], *new[6:]]
    assert planned(dt.date(YEAR, 6, 30)) == planned(dt.date(YEAR - 1, 12, 31)) == old


def test_of_a_year_to_come_nothing_has_gone_by(cast: Cast) -> None:
    asked = YearForm({"year": str(access.today().year + 1)}, user=cast.assessor).asked()
    assert asked["on"] == access.today() and rules.elapsed_share(asked["year"], asked["on"]) == 0
    past = YearForm({"year": "2020"}, user=cast.assessor).asked()
    assert (past["on"], rules.elapsed_share(2020, past["on"])) == (dt.date(2020, 12, 31), 1)


def test_a_change_that_would_not_add_up_is_refused_where_it_must(cast: Cast) -> None:
    goals = goal_set(cast, must_add_up=True)
    write(cast, goals, city=10, county=10)
    in_force(cast, goals)
    goal = Goal.objects.get(unit=cast.units["county"])
    change = ask(cast, goal)

    said = {"change": change, "is_approved": True, "by": cast.vice_mayor, "at": AT}
    assert refused(actions.decide_change, **said) == (Refusal.DOES_NOT_ADD_UP,)
    actions.decide_change(change=change, is_approved=False, reason="加总不足", by=cast.vice_mayor, at=AT)
    assert queries.values_on([goal])[goal.pk].value == 10


def test_one_takes_only_ones_own_request_back(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=10)
    in_force(cast, goals)
    change = ask(cast, Goal.objects.get(unit=cast.units["county"]))

    with pytest.raises(actions.NotAllowed):
        actions.withdraw_change(change=change, by=cast.assessor, at=AT)
    actions.withdraw_change(change=change, by=cast.county_officer, at=AT)
    said = {"change": change, "is_approved": True, "by": cast.vice_mayor, "at": AT}
    assert refused(actions.decide_change, **said) == (Refusal.DECIDED_ALREADY,)


def test_the_database_keeps_goals_in_force(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10)
    assert GoalValue.objects.update(value=11) == 1
    in_force(cast, goals)

    for harm in (lambda: GoalValue.objects.update(value=12), lambda: GoalValue.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            harm()
    assert GoalValue.objects.get().value == 11


# --- months -----------------------------------------------------------------------------------------------------------------------------
def test_months_are_equal_by_hand_or_as_last_year_came(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=12)
    goal = Goal.objects.get()
    assert list(goal.values.get().months) == list(range(1, 13))

    by_hand = [Decimal(one) for one in (0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12)]
    said: dict[str, Any] = {"goal": goal, "by": cast.assessor, "at": AT}
    actions.set_months(**said, curve=Curve.HAND, reached=by_hand)
    assert list(goal.values.get().months) == by_hand
    assert refused(actions.set_months, **said, curve=Curve.HAND, reached=[*by_hand[:-1], Decimal(11)]) == (Refusal.MONTHS_NOT_YEAR,)
    assert refused(actions.set_months, **said, curve=Curve.SEASONAL) == (Refusal.NOTHING_TO_GO_BY,)

    write(cast, goals, city=24)
    assert list(goal.values.get().months) == [2 * one for one in by_hand]


def test_last_years_signings_give_the_shape(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.county_officer), "signed")
    signed_on = actuals_day(cast, project)
    goals = goal_set(cast, year=signed_on.year + 1)
    write(cast, goals, county=5)
    goal = Goal.objects.get()

    actions.set_months(goal=goal, curve=Curve.SEASONAL, by=cast.assessor, at=AT)

    expected = [Decimal(5 if month >= signed_on.month else 0) for month in range(1, 13)]
    assert list(goal.values.get().months) == expected


def actuals_day(cast: Cast, project: Any) -> dt.date:
    from wutong.web.projects.models import Project
    from wutong.web.projects.queries import rated

    day = rated.by_key(Project.objects.filter(pk=project.pk))[project.pk].contract_on
    assert day is not None
    return day


# --- progress ---------------------------------------------------------------------------------------------------------------------------
def test_progress_counts_projects_of_units_below_beside_both_sets(cast: Cast) -> None:
    of_county = factories.bring_on(factories.whole_project(cast.county_officer), "signed")
    of_zone = factories.bring_on(factories.whole_project(cast.park_officer), "signed")
    day = actuals_day(cast, of_county)
    own, above = goal_set(cast, year=day.year), goal_set(
        cast, year=day.year, origin=Origin.ABOVE, document_number="青政〔2024〕1号", document_on=day
    )  # fmt: skip
    for one, total in ((own, 8), (above, 4)):
        write(cast, one, city=total, county=total // 2)
        write(cast, one, "parks", city=1)
        in_force(cast, one)
    on = dt.date(day.year, 12, 31)

    page = queries.year_page(cast.assessor, year=day.year, on=on)

    city, _county, zone = page.rows
    assert [line.key for line in page.lines] == ["signed", "parks"]
    assert [row.cells[0].actual for row in page.rows] == [2, 1, 1]
    assert [row.cells[1].actual for row in page.rows] == [1, 0, 1]
    assert [goal.percent for goal in city.cells[0].goals] == [50, 25]
    assert [goal.ahead for goal in city.cells[0].goals] == [-50, -75]
    assert [goal.value for goal in zone.cells[0].goals] == [None, None]
    assert [goal.percent for goal in zone.cells[0].goals] == [None, None]
    found = queries.goal_page(cast.assessor, Goal.objects.get(goal_set=own, unit=cast.units["city"], measure="signed"), on)
    assert {key for _kind, key in found.behind} == {str(of_county.public_id), str(of_zone.public_id)}
    assert found.months[-1].actual == 2
    early = queries.year_page(cast.assessor, year=day.year, on=dt.date(day.year, 1, 1) - dt.timedelta(days=1))
    assert early.rows[0].cells[0].actual == 0


def test_a_unit_sees_its_own_goals_and_no_others(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10, county=6, zone=4)
    for person in (cast.county_officer, cast.other_leader, cast.no_role):
        assert not GoalSet.objects.visible_to(person).exists()
    in_force(cast, goals)

    assert {one.unit for one in Goal.objects.visible_to(cast.county_officer)} == {cast.units["county"]}
    assert GoalSet.objects.visible_to(cast.county_officer).get() == goals
    assert not Goal.objects.visible_to(cast.other_leader).exists()
    assert not GoalSet.objects.visible_to(cast.no_role).exists()
    assert Goal.objects.visible_to(cast.vice_mayor).count() == 3
    page = queries.year_page(cast.county_officer, year=YEAR, on=dt.date(YEAR, 12, 31))
    assert [row.unit for row in page.rows] == [cast.units["county"]]


# --- proposals --------------------------------------------------------------------------------------------------------------------------
def test_a_proposal_shows_its_arithmetic_and_writes_nothing(cast: Cast) -> None:
    goals = goal_set(cast)
    write(cast, goals, city=10)
    line = goal_words.line("signed")
    before = Entry.objects.count()

    shares = {cast.units["county"].pk: Decimal(2), cast.units["zone"].pk: Decimal(1)}
    found = queries.propose(goals, cast.units["city"], line, Split.SHARES, shares)

    assert found is not None
    assert [(row.unit, row.value, row.part.has_extra) for row in found.rows] == [
        (cast.units["county"], 7, True), (cast.units["zone"], 3, False),
    ]  # fmt: skip
    assert (Goal.objects.count(), Entry.objects.count()) == (1, before)
    equal = queries.propose(goals, cast.units["city"], line, Split.EQUAL, {})
    assert equal is not None
    assert [row.value for row in equal.rows] == [5, 5]
    nothing = queries.propose(goals, cast.units["city"], line, Split.LAST_YEAR, {})
    assert nothing is not None
    assert (nothing.is_possible, nothing.rows) == (False, ())
    assert queries.propose(goals, cast.units["county"], line, Split.EQUAL, {}) is None


def test_a_goal_of_one_chain_counts_its_projects_alone(cast: Cast) -> None:
    for chain in ("photovoltaics", "robotics-automation"):
        project = factories.bring_on(factories.whole_project(cast.county_officer), "signed")
        Project.objects.filter(pk=project.pk).update(chain=chain)
    goals = goal_set(cast)
    county = cast.units["county"]
    keys = [("signed", "", ""), ("signed", "", "photovoltaics"), ("signed", "", "biopharma")]
    actions.set_values(goal_set=goals, values={(county.pk, *key): Decimal(2) for key in keys}, by=cast.assessor, at=AT)
    in_force(cast, goals)

    found = actuals.actuals([county], keys, year=YEAR, on=dt.date(YEAR, 12, 31))

    assert [found.get((county.pk, *key), actuals.Actual()).amount for key in keys] == [2, 1, 0]
    assert [one.title for one in queries.year_page(cast.assessor, year=YEAR, on=dt.date(YEAR, 12, 31)).lines][1:] == [
        "签约项目（生物医药产业链）", "签约项目（光伏产业链）",
    ]  # fmt: skip


def test_a_chain_that_is_none_is_refused(cast: Cast) -> None:
    goals = goal_set(cast)
    for line in (("signed", "", "spice"), ("away", "", "photovoltaics")):
        values = {(cast.units["city"].pk, *line): Decimal(1)}
        assert refused(actions.set_values, goal_set=goals, values=values, by=cast.assessor, at=AT) == (Refusal.NO_CHAIN,)
