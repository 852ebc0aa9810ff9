"""What was issued, found, planned or approved in error is withdrawn by another, with a reason; it stays on record and counts no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import assessed, inspected
from web.assessment.assessed import AT
from web.assessment.test_goals import ask, goal_set, in_force, write
from wutong.web.assessment.actions import bulletins, goals, inspections, remedies, runs
from wutong.web.assessment.actions.inspections import NotAllowed
from wutong.web.assessment.models import Bulletin, Finding, Goal, GoalChange, GoalSet, GoalValue, InspectionPlan, Run, Scheme
from wutong.web.assessment.queries import goals as goal_queries
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.queries import remedies as remedy_queries
from wutong.web.assessment.queries import run_duties, touched
from wutong.web.assessment.rules import bulletins as bulletin_rules
from wutong.web.assessment.rules import goals as goal_rules
from wutong.web.assessment.rules import inspections as rules
from wutong.web.assessment.rules.bulletins import BulletinRefusal, BulletinState, Standing
from wutong.web.assessment.rules.goals import SetFacts, SetState, SetStep
from wutong.web.assessment.rules.inspections import FindingState, PlanState, Refusal
from wutong.web.audit.models import Entry

ClientOf = Callable[[str], Client]
pytestmark = pytest.mark.django_db


# --- rules ------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", list(FindingState))
def test_a_finding_is_withdrawn_once_whatever_became_of_it(state: FindingState) -> None:
    found = rules.refusals_to_withdraw(state, is_finder=False, is_whose=False, reason="查错项目")
    assert found == ((Refusal.WRONG_STATE,) if state is FindingState.WITHDRAWN else ())


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"is_finder": True}, Refusal.FOUND_HIMSELF),
        ({"is_whose": True}, Refusal.WHOSE_IT_IS),
        ({"reason": " "}, Refusal.REASON_MISSING),
    ],
)
def test_neither_who_found_it_nor_whom_it_is_about_withdraws_it_nor_anybody_without_a_reason(
    said: dict[str, Any], refusal: Refusal
) -> None:
    given: dict[str, Any] = {"is_finder": False, "is_whose": False, "reason": "查错项目", **said}
    assert rules.refusals_to_withdraw(FindingState.OPEN, **given) == (refusal,)


@pytest.mark.parametrize("state", list(PlanState))
def test_a_plan_is_given_up_only_before_its_list_is_fixed(state: PlanState) -> None:
    assert rules.refusals_to_drop(state, reason="范围有误") == (() if state is PlanState.COMMITTED else (Refusal.WRONG_STATE,))


@pytest.mark.parametrize("state", list(BulletinState))
def test_only_what_is_out_and_not_withdrawn_is_withdrawn(state: BulletinState) -> None:
    is_out = state in (BulletinState.SIGNED, BulletinState.ARCHIVED)
    assert bulletin_rules.refusals_to_withdraw(Standing(state, frozenset()), "有误") == (() if is_out else (BulletinRefusal.WRONG_STATE,))
    again = Standing(state, frozenset(), is_withdrawn=True)
    assert bulletin_rules.refusals_to_withdraw(again, "有误") == (BulletinRefusal.WRONG_STATE,)


@pytest.mark.parametrize("state", list(SetState))
def test_goals_in_force_alone_are_repealed_by_another_with_a_reason(state: SetState) -> None:
    facts, step = SetFacts(state, frozenset({1}), 1, must_add_up=False), SetStep.REPEAL
    is_so = state is SetState.IN_FORCE
    assert goal_rules.refusals_to_step(facts, step, actor_id=2, reason="重复") == (() if is_so else (goal_rules.Refusal.WRONG_STATE,))
    if is_so:
        found = goal_rules.refusals_to_step(facts, step, actor_id=1, reason=" ")
        assert found == (goal_rules.Refusal.SAME_PERSON, goal_rules.Refusal.REASON_MISSING)


# --- bulletins --------------------------------------------------------------------------------------------------------------------------
def test_a_withdrawn_bulletin_tells_its_readers_and_makes_room_for_another(published: Run, client_of: ClientOf, cast: Cast) -> None:
    first = bulletins.sign(bulletin=bulletins.draft(run=published, by=cast.assessor, at=AT), by=cast.bureau_leader, at=AT)
    with pytest.raises(bulletins.Refused) as told:
        bulletins.draft(run=published, by=cast.assessor, at=AT)
    assert told.value.refusals == (BulletinRefusal.SIGNED_ALREADY,)
    address = f"/assessment/bulletins/{first.public_id}/"
    assert client_of("assessor").post(f"{address}withdraw/", {"reason": "x"}).status_code == 403
    assert "撤销本通报" in client_of("bureau_leader").get(address).content.decode()
    assert client_of("bureau_leader").post(f"{address}withdraw/", {"reason": "附表有误"}).status_code == 302
    page = client_of("park_officer").get(address).content.decode()
    assert "附表有误" in page and "已撤销" in page and "撤销本通报" not in page
    assert "已撤销" in client_of("assessor").get("/assessment/bulletins/?state=withdrawn").content.decode()
    assert client_of("assessor").get("/api/assessment/bulletins?state=signed").json()["items"] == []
    again = bulletins.sign(bulletin=bulletins.draft(run=published, by=cast.assessor, at=AT), by=cast.bureau_leader, at=AT)
    assert (again.number, Bulletin.objects.standing_out().get()) == (2, again)


# --- findings ---------------------------------------------------------------------------------------------------------------------------
def test_a_withdrawn_false_report_counts_no_more_and_its_duties_end(cast: Cast, client_of: ClientOf) -> None:
    project, now = inspected.signed(cast, 1), timezone.now()
    factories.counted_funds(project, cast.bureau_leader, at=now, money=factories.money(8_000_000, at=now))
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000)
    finding = inspected.found(cast, visit, matter="arrived", is_false=True)
    day = timezone.localdate()
    assert [one.name for one in queries.found_rows(since=day, until=day) if one.name == "false_reports"] == ["false_reports"]
    with pytest.raises(NotAllowed):
        inspections.withdraw(finding=finding, reason="查错项目", by=cast.park_officer, at=timezone.now())
    address = reverse("assessment:finding", args=[finding.public_id])
    inspected.rectified(cast, finding)  # even after it was closed
    assert client_of("bureau_leader").post(f"{address}withdraw/", {"reason": "查错项目"}).status_code == 302
    finding.refresh_from_db()
    assert (finding.state, finding.withdrawn_by, finding.closed_by) == ("withdrawn", cast.bureau_leader, cast.assessor)
    assert list(queries.found_rows(since=day, until=day)) == [], "nor does what was verified discount any money"
    assert "查错项目" in client_of("park_officer").get(address).content.decode()
    (row,) = queries.visit_rows(visit.plan, cast.assessor)
    assert (row.found_count, row.false_count) == (0, 0)  # type: ignore[attr-defined]
    (told,) = queries.plan_rows([visit.plan_id])
    assert (told.findings_count, told.false_count) == (0, 0)
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.update(state="open")
    inspected.found(cast, visit, matter="arrived")
    told_anew = [(one.name, one.amount) for one in queries.found_rows(since=day, until=day)]
    assert told_anew == [("reported_yuan", 8_000_000), ("verified_yuan", 6_000_000)], "found anew, no false report"


@pytest.mark.parametrize("step", ["freeze", "approve", "publish"])
def test_a_run_that_counted_a_finding_withdrawn_since_goes_no_further(
    cast: Cast, scheme: Scheme, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)
    factories.counted_funds(inspected.signed(cast, 1), cast.bureau_leader, at=AT, money=factories.money(8_000_000, at=AT))
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000)
    text = assessed.TEXT.replace("projects.started", "inspection.false_reports").replace("funds.recognised", "inspection.verified_yuan")
    assessed.approved(scheme, cast, text)
    finding = inspected.found(cast, visit, matter="arrived", is_false=True)
    run, at = assessed.drafted(scheme, cast, on=AT.date()), AT
    if step != "freeze":
        run = runs.freeze(run=run, by=cast.assessor, at=AT)
        at = assessed.after_notice(run)
    if step == "publish":
        run = runs.approve(run=run, by=cast.bureau_leader, at=at)
    at += dt.timedelta(hours=1)
    inspections.withdraw(finding=finding, reason="查错项目", by=cast.bureau_leader, at=at)
    by = cast.bureau_leader if step == "approve" else cast.assessor
    with pytest.raises(runs.Refused, match="facts_older" if step == "freeze" else "known_false"):
        getattr(runs, step)(run=run, by=by, at=at)
    assert (touched.withdrawn_since(by, run, at=at), touched.false_since(by, run)) == ([finding], [])
    kept = [] if step == "freeze" else [run.public_id]
    assert [one["d_key"] for one in run_duties.false_rows(cast.assessor, at.date())] == kept
    assert [one.public_id for one in touched.counting(cast.assessor, finding)] == kept
    monkeypatch.setattr(timezone, "now", lambda: at)
    assert "督查问题已撤销" in client_of("assessor").get(f"/assessment/runs/{run.public_id}/").content.decode()
    if step == "freeze":
        run = runs.compute(run=runs.again(run=run, by=by, at=at), by=by, at=at)
        assert runs.freeze(run=run, by=by, at=at).state == "frozen"


def test_a_remedy_asked_of_the_wrong_one_is_withdrawn_and_may_be_asked_anew(published: Run, cast: Cast) -> None:
    row, now = published.units.first(), timezone.now()
    assert row is not None
    said: dict[str, Any] = {"run": published, "rows": [row], "text": "整改", "due_on": timezone.localdate(now), "at": now}
    (asked,) = remedies.demand(**said, by=cast.assessor)
    inspections.withdraw(finding=asked, reason="对象有误", by=cast.bureau_leader, at=now)
    asked.refresh_from_db()
    assert asked.duty is not None and asked.duty.state == "done" and "对象有误" in asked.duty.result
    assert row in remedy_queries.below(published, last_count=9, under_points=None)
    assert remedies.demand(**said, by=cast.assessor)


# --- plans ------------------------------------------------------------------------------------------------------------------------------
def test_a_plan_given_up_is_not_drawn_any_more(cast: Cast, client_of: ClientOf) -> None:
    inspected.signed(cast, 1)
    plan = inspected.plan(cast)
    address = f"/assessment/inspections/{plan.public_id}/"
    assert client_of("assessor").post(f"{address}drop/", {"reason": ""}).status_code == 422
    assert client_of("assessor").post(f"{address}drop/", {"reason": "范围有误"}).status_code == 302
    page = client_of("assessor").get(address).content.decode()
    assert "范围有误" in page and "抽取项目" not in page
    with pytest.raises(inspections.Refused):
        inspections.draw(plan=plan, by=cast.assessor, at=timezone.now())
    drawn = inspected.drawn(cast).plan
    with pytest.raises(DatabaseError), transaction.atomic():
        InspectionPlan.objects.filter(pk=drawn.pk).update(state="dropped")


# --- goals ------------------------------------------------------------------------------------------------------------------------------
def test_repealed_goals_are_read_by_no_page_of_the_year_and_stay_to_be_read(cast: Cast, client_of: ClientOf) -> None:
    found = goal_set(cast)
    write(cast, found, city=10, county=10)
    in_force(cast, found)
    goal = Goal.objects.get(unit=cast.units["county"])
    ask(cast, goal)
    with pytest.raises(goals.NotAllowed):
        goals.take_step(goal_set=found, step=SetStep.REPEAL, reason="重复", by=cast.assessor, at=AT)
    client = client_of("vice_mayor")
    assert "废止本套目标" in client.get(f"/assessment/goals/sets/{found.public_id}/").content.decode()
    assert client.post(f"/assessment/goals/sets/{found.public_id}/repeal/", {"reason": "重复下达"}).status_code == 302
    change = GoalChange.objects.get()
    assert change.state == "withdrawn" and GoalSet.objects.get().state == "repealed"
    ended = Entry.objects.get(action="assessment.goals.withdraw_change")
    assert (ended.changes["reason"], ended.object_id) == ("重复下达", str(found.public_id)), "one entry a request that ended with it"
    GoalChange.objects.update(state="waiting")
    for is_approved in (True, False):
        with pytest.raises(goals.Refused, match="wrong_state"):
            goals.decide_change(change=change, is_approved=is_approved, reason="x", by=cast.vice_mayor, at=AT)
    assert goal_queries.year_page(cast.assessor, year=found.year, on=dt.date(found.year, 12, 31)).rows == ()
    assert GoalSet.objects.visible_to(cast.county_officer).get() == found
    assert Entry.objects.get(action="assessment.goals.repeal").changes["reason"] == "重复下达"
    with pytest.raises(DatabaseError), transaction.atomic():
        GoalValue.objects.update(value=1)


def test_what_the_database_kept_before_it_keeps_still() -> None:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'", "postgresql": "SELECT tgname FROM pg_trigger",
    }[connection.vendor]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {name for (name,) in cursor.fetchall()}
    names = ("seed_stays", "list_stays", "finding_stays", "goal_value_stays", "goal_value_kept", "bulletin_stays", "bulletin_kept",
             "bulletin_file_stays", "bulletin_file_kept")  # fmt: skip
    assert {f"assessment_{name}" for name in names} <= there
