"""Inspections: a list fixed by a seed committed before, visits that stay, findings that two persons close, false reports that count."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

import factories
from cast import Cast
from web.assessment import inspected
from wutong.rulebook import inspections as rulebook
from wutong.rulebook.formulas.base import Origin
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.assessment.actions import inspections as actions
from wutong.web.assessment.actions.inspections import Answer, Refused
from wutong.web.assessment.models import Finding, Inspection, InspectionAnswer, InspectionPlan
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.queries.records import Books
from wutong.web.assessment.rules.inspections import PlanKind, Refusal
from wutong.web.journal.models import Duty
from wutong.web.projects.models import Project

pytestmark = pytest.mark.django_db


# --- the draw ---------------------------------------------------------------------------------------------------------------------------
def test_the_seed_is_committed_before_the_list_and_gives_exactly_that_list(cast: Cast) -> None:
    projects = [inspected.signed(cast, number) for number in range(5)]
    plan = inspected.plan(cast, wanted_count=2)
    assert (plan.list_hash, plan.pool) == ("", [])
    committed = plan.seed_hash
    plan = actions.draw(plan=plan, by=cast.bureau_leader, at=timezone.now())
    there = [str(one.project.public_id) for one in plan.inspections.select_related("project").order_by("position_no")]
    assert rulebook.committed(plan.seed) == committed
    assert plan.pool == sorted(str(one.public_id) for one in projects)
    assert tuple(there) == rulebook.drawn(plan.seed, plan.pool, wanted_count=2)
    assert queries.verified(plan).is_sound


def test_a_list_that_somebody_changed_behind_the_actions_is_found_out(cast: Cast) -> None:
    for number in range(3):
        inspected.signed(cast, number)
    plan = inspected.drawn(cast, wanted_count=2).plan
    plan.wanted_count = 1
    assert not queries.verified(plan).is_list_as_drawn


def test_the_database_refuses_to_delete_what_was_planned_drawn_answered_and_found(cast: Cast) -> None:
    inspected.signed(cast, 1)
    visit = inspected.handed_in(cast, inspected.drawn(cast))
    finding = inspected.found(cast, visit)
    rows: tuple[Any, ...] = (InspectionPlan, Inspection, InspectionAnswer, Finding)
    for model in rows:
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete("default")
    for change in ({"inspection": None}, {"verified_value": 7}):  # nothing, too, is another
        with pytest.raises(DatabaseError), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(**change)


def test_a_surprise_is_not_planned_again_while_one_of_the_same_is_open(cast: Cast) -> None:
    inspected.signed(cast, 1)
    visit = inspected.drawn(cast, unit=cast.units["zone"], stages=("signed",))
    for scope in ({}, {"unit": cast.units["zone"]}, {"stages": ("signed", "started"), "least_yuan": Decimal(1)}):
        with pytest.raises(Refused) as told:
            inspected.plan(cast, **scope)
        assert told.value.refusals == (Refusal.PLAN_OPEN,)
    other = inspected.plan(cast, unit=cast.units["county"])
    inspected.plan(cast, unit=cast.units["zone"], stages=("talks",))
    actions.leave_out(inspection=visit, reason="停产", by=cast.assessor, at=timezone.now())
    actions.close(plan=visit.plan, by=cast.bureau_leader, at=timezone.now())
    actions.drop(plan=other, reason="范围有误", by=cast.assessor, at=timezone.now())
    again = inspected.plan(cast, unit=cast.units["county"])
    assert queries.given_up(again) == [other]


def test_whoever_planned_a_surprise_does_not_draw_it_and_who_draws_changes_no_pool(cast: Cast) -> None:
    there = {inspected.signed(cast, 1).pk, inspected.signed(cast, 2, owner="county_officer").pk}
    inspected.signed(cast, 3, owner="other_officer")
    plan = inspected.plan(cast)
    with pytest.raises(Refused) as told:
        actions.draw(plan=plan, by=cast.assessor, at=timezone.now())
    assert told.value.refusals == (Refusal.COMMITTED_HIMSELF,)
    assert {one.pk for one in queries.pool_of(plan)} == there


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "0" * 64}, {"pool_hash": "0"}, {"list_hash": "0"}, {"pool": []}, {"state": "committed"}, {"wanted_count": 2},
        {"least_yuan": 1}, {"scope_stages": ["talks"]},
    ],
)  # fmt: skip
def test_the_database_refuses_to_change_what_was_drawn(cast: Cast, change: dict[str, Any]) -> None:
    inspected.signed(cast, 1)
    plan = inspected.drawn(cast).plan
    with pytest.raises(DatabaseError), transaction.atomic():
        InspectionPlan.objects.filter(pk=plan.pk).update(**change)


def test_the_scope_cuts_by_unit_stage_and_investment_and_never_takes_a_confidential_project(cast: Cast) -> None:
    large = inspected.signed(cast, 1)
    Project.objects.filter(pk=large.pk).update(total_yuan=200_000_000)
    small, early = inspected.signed(cast, 2), inspected.signed(cast, 3, stage="talks")
    county, hidden = inspected.signed(cast, 4, owner="county_officer"), inspected.signed(cast, 5)
    Project.objects.filter(pk__in=[small.pk, early.pk, county.pk, hidden.pk]).update(total_yuan=200_000_000)
    Project.objects.filter(pk=small.pk).update(total_yuan=199_999_999)
    Project.objects.filter(pk=hidden.pk).update(is_confidential=True, code_name="甲")
    scope = {"unit": cast.units["zone"], "stages": ("signed",), "least_yuan": Decimal(200_000_000)}
    plan = actions.draw(plan=inspected.plan(cast, kind=PlanKind.REGULAR, wanted_count=None, **scope), by=cast.assessor, at=timezone.now())
    assert [one.project for one in plan.inspections.all()] == [large]


def test_a_list_is_fixed_once_and_not_of_nothing(cast: Cast) -> None:
    plan = inspected.plan(cast)
    with pytest.raises(Refused) as told:
        actions.draw(plan=plan, by=cast.bureau_leader, at=timezone.now())
    assert told.value.refusals == (Refusal.NOTHING_IN_SCOPE,)
    inspected.signed(cast, 1)
    actions.draw(plan=plan, by=cast.bureau_leader, at=timezone.now())
    with pytest.raises(Refused) as told:
        actions.draw(plan=plan, by=cast.bureau_leader, at=timezone.now())
    assert told.value.refusals == (Refusal.WRONG_STATE,)


# --- the visit --------------------------------------------------------------------------------------------------------------------------
def test_reported_figures_stand_beside_what_was_verified(cast: Cast) -> None:
    project = inspected.signed(cast, 1, stage="started")
    money = factories.money(8_000_000, at=timezone.now())
    factories.counted_funds(project, cast.bureau_leader, at=timezone.now(), money=money)
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000, started=0)
    lines = {line.check.code: line for line in queries.matters(visit)}
    assert (lines["arrived"].reported_value, lines["arrived"].verified_value, lines["arrived"].short_share) == (
        8_000_000,
        6_000_000,
        Decimal("0.25"),
    )
    assert (lines["started"].reported_value, lines["started"].verified_value, lines["started"].differs) == (1, 0, True)
    assert (lines["people"].reported_value, lines["people"].is_answered) == (None, True)


def test_a_draft_may_be_half_and_a_visit_is_handed_in_whole(cast: Cast) -> None:
    inspected.signed(cast, 1)
    visit, at = inspected.drawn(cast), timezone.now()
    actions.keep(inspection=visit, answers={"started": Answer(Decimal(1))}, visited_on=timezone.localdate(at), by=cast.assessor, at=at)
    with pytest.raises(Refused) as told:
        actions.hand_in(inspection=visit, by=cast.assessor, at=at)
    assert told.value.refusals == (Refusal.NOT_ALL_ANSWERED,)
    inspected.handed_in(cast, visit, started=1)
    with pytest.raises(Refused) as told:
        actions.keep(inspection=visit, answers={}, by=cast.assessor, at=at)
    assert told.value.refusals == (Refusal.WRONG_STATE,)
    with pytest.raises(DatabaseError), transaction.atomic():
        visit.answers.update(verified_value=5)


@pytest.mark.parametrize(
    ("answers", "days", "refusal"),
    [
        ({"weather": Answer(Decimal(1))}, 0, Refusal.UNKNOWN_MATTER),
        ({"arrived": Answer(Decimal(-1))}, 0, Refusal.BELOW_ZERO),
        ({}, 1, Refusal.DAY_TO_COME),
    ],
)
def test_what_cannot_be_is_not_kept(cast: Cast, answers: dict[str, Answer], days: int, refusal: Refusal) -> None:
    inspected.signed(cast, 1)
    visit, at = inspected.drawn(cast), timezone.now()
    with pytest.raises(Refused) as told:
        actions.keep(
            inspection=visit, answers=answers, visited_on=timezone.localdate(at) + dt.timedelta(days=days), by=cast.assessor, at=at
        )
    assert told.value.refusals == (refusal,)


# --- findings ---------------------------------------------------------------------------------------------------------------------------
def test_a_false_report_gives_two_duties_to_whoever_answers_and_counts_for_the_unit(cast: Cast) -> None:
    project = inspected.signed(cast, 1)
    factories.counted_funds(project, cast.bureau_leader, at=timezone.now(), money=factories.money(8_000_000, at=timezone.now()))
    visit = inspected.handed_in(cast, inspected.drawn(cast), arrived=6_000_000)
    finding = inspected.found(cast, visit, matter="arrived", is_false=True)
    assert {finding.duty.owner, finding.review_duty.owner} == {cast.park_officer}
    today = timezone.localdate()
    books = Books([cast.units["zone"], cast.units["county"]], starts_on=today, on=today)
    facts = {name: books.fact(Origin(f"inspection.{name}", (), 1)) for name in ("false_reports", "reported_yuan", "verified_yuan")}
    zone = cast.units["zone"].pk
    assert {name: {unit: one.amount for unit, one in found.items()} for name, found in facts.items()} == {
        "false_reports": {zone: 1}, "reported_yuan": {zone: 8_000_000}, "verified_yuan": {zone: 6_000_000},
    }  # fmt: skip
    assert facts["false_reports"][zone].behind == (("assessment.Finding", str(finding.public_id)),)
    day = today + dt.timedelta(days=1)
    assert Books([cast.units["zone"]], starts_on=day, on=day).fact(Origin("inspection.false_reports", (), 1)) == {}


def test_a_false_report_needs_both_figures(cast: Cast) -> None:
    inspected.signed(cast, 1)
    visit = inspected.handed_in(cast, inspected.drawn(cast), started=1, arrived=5)
    before = Duty.objects.get_queryset().count()  # of the lead: where its filing meets one of a like name, whoever decides over it has one
    with pytest.raises(Refused) as told:
        inspected.found(cast, visit, matter="arrived", is_false=True)  # nobody reported any money
    assert told.value.refusals == (Refusal.FALSE_NEEDS_FIGURES,)
    assert not inspected.found(cast, visit, matter="arrived").is_false_report
    assert Duty.objects.get_queryset().count() == before + 1


def test_a_finding_is_verified_by_another_than_who_rectified_it_and_closes_its_duty(cast: Cast) -> None:
    inspected.signed(cast, 1)
    finding, at = inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast))), timezone.now()
    with pytest.raises(Refused):
        actions.decide(finding=finding, is_closed=True, words="已核", by=cast.assessor, at=at)
    actions.reply(finding=finding, words="凭证在总部", by=cast.park_officer, at=at)
    actions.rectify(finding=finding, words="已补凭证", by=cast.park_officer, at=at)
    actions.decide(finding=finding, is_closed=False, words="凭证不符", by=cast.assessor, at=at)
    actions.rectify(finding=finding, words="已补原件", by=cast.park_officer, at=at)
    closed = actions.decide(finding=finding, is_closed=True, words="原件已核", by=cast.assessor, at=at)
    assert (closed.state, closed.reply, closed.rectified, closed.closing) == ("closed", "凭证在总部", "已补原件", "原件已核")
    assert Duty.objects.get(pk=finding.duty_id).state == "done"
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(rectified_by=cast.assessor)


def test_whoever_called_it_rectified_does_not_verify_it(cast: Cast) -> None:
    project = inspected.signed(cast, 1)
    finding, at = inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast))), timezone.now()
    Project.objects.filter(pk=project.pk).update(owner=cast.assessor)
    actions.rectify(finding=finding, words="已补", by=cast.assessor, at=at)
    with pytest.raises(Refused) as told:
        actions.decide(finding=finding, is_closed=True, words="已核", by=cast.assessor, at=at)
    assert told.value.refusals == (Refusal.SAME_PERSON,)


# --- who sees what ----------------------------------------------------------------------------------------------------------------------
def test_whoever_is_inspected_learns_of_it_when_the_visit_is_handed_in_and_of_his_own_only(cast: Cast) -> None:
    inspected.signed(cast, 1)
    visit = inspected.drawn(cast)
    assert not Inspection.objects.visible_to(cast.park_officer).exists()
    visit = inspected.handed_in(cast, visit)
    finding = inspected.found(cast, visit)
    assert Inspection.objects.visible_to(cast.park_officer).get() == visit
    assert Finding.objects.visible_to(cast.park_officer).get() == finding
    assert not InspectionPlan.objects.visible_to(cast.park_officer).exists()
    assert not Finding.objects.visible_to(cast.county_officer).exists()
    assert not Finding.objects.visible_to(cast.no_role).exists()


def test_only_who_inspects_plans_draws_and_finds(cast: Cast) -> None:
    inspected.signed(cast, 1)
    plan, at = inspected.plan(cast), timezone.now()
    for person in (cast.park_officer, cast.other_leader, cast.no_role):
        with pytest.raises(NotAllowed):
            actions.draw(plan=plan, by=person, at=at)
    actions.draw(plan=plan, by=cast.bureau_leader, at=at)
    visit = inspected.handed_in(cast, Inspection.objects.select_related("project", "unit", "plan").get(plan=plan))
    with pytest.raises(NotAllowed):
        actions.find(
            inspection=visit, text="甲", severity=inspected.Severity.MINOR, due_on=timezone.localdate(at), by=cast.park_officer, at=at
        )
    finding = inspected.found(cast, visit)
    with pytest.raises(NotAllowed):
        actions.rectify(finding=finding, words="已补", by=cast.county_officer, at=at)


def test_whoever_answers_for_what_was_found_does_not_close_it(cast: Cast) -> None:
    inspected.signed(cast, 1)
    finding = inspected.found(cast, inspected.handed_in(cast, inspected.drawn(cast)))
    said = actions.rectify(finding=finding, words="已补", by=cast.park_officer, at=timezone.now())
    Project.objects.update(owner=cast.assessor)
    with pytest.raises(Refused) as told:
        actions.decide(finding=said, is_closed=True, words="已核实", by=cast.assessor, at=timezone.now())
    assert told.value.refusals == (Refusal.WHOSE_IT_IS,)
    said.refresh_from_db()
    assert not queries.may_verify(cast.assessor, said) and queries.may_verify(cast.bureau_leader, said)


def test_a_draw_of_fewer_than_asked_takes_all_and_its_page_says_so(cast: Cast, client: Client) -> None:
    inspected.signed(cast, 1)
    plan = inspected.drawn(cast, wanted_count=2).plan
    assert plan.inspections.count() == 1 and queries.verified(plan).is_sound
    factories.log_in(client, cast.assessor)
    assert "少于拟抽取数" in client.get(f"/assessment/inspections/{plan.public_id}/").content.decode()


def test_a_plan_closes_when_every_project_was_visited_or_left_out_with_a_reason_that_another_accepts(cast: Cast) -> None:
    for number in range(2):
        inspected.signed(cast, number)
    plan, at = inspected.drawn(cast, wanted_count=2).plan, timezone.now()
    first, second = plan.inspections.order_by("position_no")
    inspected.handed_in(cast, first)
    with pytest.raises(Refused) as told:
        actions.close(plan=plan, by=cast.assessor, at=at)
    assert told.value.refusals == (Refusal.VISITS_WAIT,)
    with pytest.raises(Refused):
        actions.leave_out(inspection=second, reason=" ", by=cast.assessor, at=at)
    actions.leave_out(inspection=second, reason="道路中断", by=cast.assessor, at=at)
    with pytest.raises(Refused) as own:
        actions.close(plan=plan, by=cast.assessor, at=at)
    assert own.value.refusals == (Refusal.LEFT_OUT_HIMSELF,)
    assert actions.close(plan=plan, by=cast.bureau_leader, at=at).state == "closed"
