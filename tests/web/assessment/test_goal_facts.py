"""A rule takes its targets from the goals of the year: of the day, of either set, and missing is not zero."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import factories
import fictional
from cast import Cast
from web.assessment import assessed
from web.assessment.assessed import approved, drafted
from wutong.rulebook.formulas.base import Origin
from wutong.rulebook.scoring import facts, reading, running
from wutong.web.assessment.actions import goals as actions
from wutong.web.assessment.actions import runs, schemes
from wutong.web.assessment.models import Goal, GoalSet, Scheme
from wutong.web.assessment.queries import goal_facts, pages, sources, touched
from wutong.web.assessment.queries.goal_facts import NO_GOAL, NOT_LISTED, SEVERAL
from wutong.web.assessment.queries.records import UNKNOWN_YEAR, Books, Found
from wutong.web.assessment.rules.goals import Origin as Whose
from wutong.web.assessment.rules.goals import Refusal, SetStep

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 1, 20, 9, 0, tzinfo=dt.UTC)
YEAR = 2026
RULE = """rule: r
source: {title: t, date: 2026-01-01}
valid: {from: 2026-01-01}
facts:
  n: {zh: 目标, unit: UNIT, from: FROM}
  started: {zh: 开工, unit: 个, from: projects.started}
groups:
  counties: {items: [{id: a, points: 10, formula: {product: [{ratio: {of: n, to: 10UNIT}}, 10]}}]}
"""


@pytest.fixture(autouse=True)
def _served(settings: Any) -> None:
    settings.WAREHOUSE = fictional.made()


def goals(
    cast: Cast, origin: Whose = Whose.ABOVE, *, of: str = "city", listed: tuple[str, ...] = ("county", "zone"), **values: int
) -> GoalSet:
    """A set of goals in force of projects signed, of all sizes."""
    made = actions.make_set(
        title=f"目标 {origin}", year=YEAR, origin=origin, unit=cast.units[of], document_number="青政〔2026〕1号",
        document_on=dt.date(2026, 1, 10), must_add_up=False, by=cast.assessor, at=AT,
    )  # fmt: skip
    actions.set_units(goal_set=made, units=[cast.units[name] for name in listed], by=cast.assessor, at=AT)
    given = {(cast.units[name].pk, "signed", "", ""): Decimal(value) for name, value in values.items()}
    actions.set_values(goal_set=made, values=given, by=cast.assessor, at=AT)
    actions.take_step(goal_set=made, step=SetStep.SUBMIT, by=cast.assessor, at=AT)
    return actions.take_step(goal_set=made, step=SetStep.APPROVE, by=cast.vice_mayor, at=AT)


def told(cast: Cast, unit: str, *, on: dt.date = dt.date(YEAR, 6, 30), fact: str = "goal.target", **params: str) -> Found:
    said = {"measure": "signed", "set": "above", **params}
    origin = Origin(fact, tuple(said.items()), 1)
    units = [cast.units[name] for name in ("county", "zone")]
    return goal_facts.GoalBooks(units, [origin], on=on).fact(origin).get(cast.units[unit].pk, Found(Fraction(0)))


def test_the_target_is_the_goal_of_the_year_and_opens_it(cast: Cast) -> None:
    goals(cast, county=12, zone=6)
    goal = Goal.objects.get(unit=cast.units["county"])
    assert told(cast, "county") == Found(Fraction(12), (("assessment.Goal", str(goal.public_id)),))
    assert told(cast, "zone").amount == 6


def test_a_change_counts_from_the_day_on_which_it_is_valid(cast: Cast) -> None:
    goals(cast, county=12)
    asked = actions.ask_change(
        goal=Goal.objects.get(), value=Decimal(16), valid_from=dt.date(YEAR, 7, 1), reason="上级调增", document="青政〔2026〕9号",
        by=cast.county_officer, at=AT,
    )  # fmt: skip
    assert told(cast, "county", on=dt.date(YEAR, 7, 1)).amount == 12, "only asked for"
    actions.decide_change(change=asked, is_approved=True, by=cast.vice_mayor, at=AT)
    days = (dt.date(YEAR, 6, 30), dt.date(YEAR, 7, 1), dt.date(YEAR, 7, 2))
    assert [told(cast, "county", on=day).amount for day in days] == [12, 16, 16]


def test_what_is_due_goes_by_the_months_and_within_a_month_by_days(cast: Cast) -> None:
    goals(cast, county=12)
    days = (dt.date(YEAR, 6, 30), dt.date(YEAR, 4, 15), dt.date(YEAR, 12, 31))
    assert [told(cast, "county", fact="goal.month_target", on=day).amount for day in days] == [6, Fraction(7, 2), 12]


def test_goals_from_above_and_our_own_stand_apart(cast: Cast) -> None:
    goals(cast, county=12)
    goals(cast, Whose.OWN, county=15)
    assert [told(cast, "county", set=name).amount for name in ("above", "own")] == [12, 15]


def test_no_goal_is_missing_and_a_unit_not_listed_is_not_measured(cast: Cast) -> None:
    assert told(cast, "county").why == NO_GOAL, "no set at all"
    goals(cast, listed=("county",), county=12)
    assert told(cast, "county", tier="from_100m").why == NO_GOAL
    assert told(cast, "county", set="own").why == NO_GOAL
    assert told(cast, "zone").why == NOT_LISTED
    assert told(cast, "county", on=dt.date(YEAR + 1, 1, 1)).why == NO_GOAL, "another year"


def test_where_two_sets_have_the_goal_none_is_guessed(cast: Cast) -> None:
    goals(cast, county=12)
    goals(cast, county=13)
    found = told(cast, "county")
    assert (found.why, len(found.behind)) == (SEVERAL, 2)


def test_a_unit_that_breaks_its_goal_down_is_measured_by_what_was_set_from_above(cast: Cast) -> None:
    goals(cast, county=12)
    goals(cast, of="county", listed=("county",), county=13)
    found = told(cast, "county")
    assert (found.amount, len(found.behind)) == (12, 1)


def test_the_actual_of_a_goal_of_parks_is_what_parks_host(cast: Cast) -> None:
    factories.bring_on(factories.whole_project(cast.bureau_officer), "signed")
    assert told(cast, "zone", fact="goal.actual", measure="parks", on=dt.date(YEAR, 12, 31)).amount == 0
    found = Books([cast.units["city"]], starts_on=dt.date(YEAR, 1, 1), on=dt.date(YEAR, 12, 31))
    signed = [found.fact(Origin("projects.signed", (("places", one),), 1)).get(cast.units["city"].pk) for one in ("all", "parks")]
    assert [one.amount if one else 0 for one in signed] == [1, 0], "the bureau is no park"


def test_working_days_are_those_of_the_calendar_or_missing(cast: Cast) -> None:
    def days(since: dt.date, on: dt.date) -> Found:
        return Books([cast.units["city"]], starts_on=since, on=on).fact(Origin("trips.working_days", (), 1))[cast.units["city"].pk]

    assert days(dt.date(2026, 3, 2), dt.date(2026, 3, 8)).amount == 5
    assert days(dt.date(2035, 3, 5), dt.date(2035, 3, 11)).why == UNKNOWN_YEAR


def test_a_run_scores_by_the_goal_and_says_where_none_is_set(scheme: Scheme, cast: Cast) -> None:
    goals(cast, county=12)
    origin = "{fact: goal.target, measure: signed, set: above}"
    changed = RULE.replace("rule: r", "rule: counties_2026").replace("UNIT", "个").replace("FROM", origin)
    approved(scheme, cast, changed)
    members = [(cast.units[name], "counties", 12) for name in ("county", "zone")]
    schemes.set_members(scheme=scheme, members=members, by=cast.assessor, at=AT)
    run = drafted(scheme, cast)
    assert run.state == "draft", run.fault
    county, zone = (run.units.get(unit=cast.units[name]) for name in ("county", "zone"))
    assert (county.total_points, zone.total_points, zone.rank) == (12, None, None)
    (line,) = pages.unit_page(cast.assessor, county).items[0].inputs
    assert [one.address for one in line.behind] == [f"/assessment/goals/{Goal.objects.get().public_id}/"]
    (line,) = pages.unit_page(cast.assessor, zone).items[0].inputs
    assert (line.state, line.why) == ("missing", "未设目标")


def test_a_change_that_reaches_back_names_the_runs_that_counted_by_the_goal_before(scheme: Scheme, cast: Cast, client_of: Any) -> None:
    goals(cast, county=12, zone=4)
    origin = "{fact: goal.target, measure: signed, set: above}"
    approved(scheme, cast, RULE.replace("rule: r", "rule: counties_2026").replace("UNIT", "个").replace("FROM", origin))
    run = runs.freeze(run=drafted(scheme, cast), by=cast.assessor, at=assessed.AT)
    goal = Goal.objects.get(unit=cast.units["county"])

    def asked(valid_from: dt.date) -> list[Any]:
        change = actions.ask_change(
            goal=goal, value=Decimal(8), valid_from=valid_from, reason="上级调减", document="青政〔2026〕9号", by=cast.assessor, at=AT,
        )  # fmt: skip
        found = touched.resting_on_goal(cast.vice_mayor, goal)
        page = client_of("vice_mayor").get(f"/assessment/goals/{goal.public_id}/").content.decode()
        assert ("本次调整追溯既往" in page) is bool(found)
        actions.withdraw_change(change=change, by=cast.assessor, at=AT)
        return found

    assert asked(run.on) == [run]
    assert asked(run.on + dt.timedelta(days=1)) == []
    with pytest.raises(actions.Refused) as refused:
        asked(run.on - dt.timedelta(days=1))
    assert refused.value.refusals == (Refusal.BEFORE_RUN,)
    assert touched.resting_on_goal(cast.vice_mayor, goal) == []


def test_the_worked_example_of_the_page_is_scored_as_it_says() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/rulebook/facts.md").read_text("utf-8")
    example = next(part.split("```")[0] for part in page.split("```yaml\n")[1:] if "goal.month_target" in part.split("```")[0])
    rule = reading.rule_from("rule: r\nsource: {title: t, date: 2026-01-01}\nvalid: {from: 2026-01-01}\n" + example)
    assert sources.faults(rule, "r.yaml") == ()
    given = facts.Given("甲县", (("counties", Fraction(1)),), {"signed": "8", "above": "12", "due": "6"})
    scored = running.run(rule, facts.typed(rule, [given]), on=dt.date(2026, 6, 30)).results[0]
    assert [one.points for one in scored.items] == [40, 40]


@pytest.mark.parametrize(
    ("origin", "unit", "code"),
    [
        ("{fact: goal.target, measure: signd, set: above}", "个", "no_choice"),
        ("{fact: goal.target, measure: signed, tier: from_1m, set: above}", "个", "no_choice"),
        ("{fact: goal.target, measure: funds, tier: from_100m, set: above}", "亿元", "unknown_field"),
        ("{fact: goal.target, measure: signed, set: below}", "个", "no_choice"),
        ("{fact: goal.target, measure: signed}", "个", "not_there"),
        ("{fact: goal.target, set: own}", "个", "not_there"),
        ("{fact: goal.target, measure: funds, set: own}", "个", "wrong_unit"),
        ("{fact: goal.actual, measure: parks, set: own}", "个", "unknown_field"),
        ("goal.targets", "个", "unknown_source"),
    ],
)
def test_what_is_wrong_with_a_goal_in_a_rule_is_told_with_its_line(origin: str, unit: str, code: str) -> None:
    rule = reading.rule_from(RULE.replace("FROM", origin).replace("UNIT", unit))
    faults = sources.faults(rule, "r.yaml")
    assert [(one.code, one.line) for one in faults] == [(code, 5)]
    assert faults[0].say("zh") and faults[0].say("en")


@pytest.mark.parametrize(
    ("origin", "unit"),
    [
        ("{fact: goal.target, measure: signed, tier: from_100m, set: above}", "个"),
        ("{fact: goal.month_target, measure: funds, set: own}", "亿元"),
        ("{fact: goal.actual, measure: parks, tier: from_1bn}", "个"),
        ("{fact: goal.target, measure: foreign, set: above}", "万美元"),
        ("{fact: goal.target, measure: leaders_away, set: own}", "天"),
        ("{fact: trips.people, who: leaders}", "人"),
        ("trips.working_days", "天"),
        ("{fact: projects.signed, places: parks}", "个"),
    ],
)
def test_a_goal_that_may_be_set_may_be_a_fact(origin: str, unit: str) -> None:
    assert sources.faults(reading.rule_from(RULE.replace("FROM", origin).replace("UNIT", unit)), "r.yaml") == ()
