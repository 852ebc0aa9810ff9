"""Gates that two persons decide: another one than who asked, once, with all that the gate wants; told, withdrawn, overtaken."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.jobs.models import Message
from wutong.web.projects.actions import confiding, evidence, guarding, stages
from wutong.web.projects.models import Evidence, Gate, Project, StageChange
from wutong.web.projects.queries import people
from wutong.web.projects.rules.stages import Code, Stage

AT = factories.AT


def codes(caught: pytest.ExceptionInfo[guarding.Refused]) -> set[Code]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def ready(cast: Cast) -> Project:
    """A project in appraisal with all that signing wants."""
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    factories.deal_with_nodes(project)
    return project


@pytest.fixture
def asked(cast: Cast, ready: Project) -> Gate:
    return stages.ask(project=ready, to=Stage.SIGNED, words="条件已具备", by=cast.park_officer, at=AT)


def test_one_person_alone_does_not_pass(cast: Cast, ready: Project) -> None:
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=ready, to=Stage.SIGNED, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.NEEDS_SECOND_PERSON}


def test_another_person_lets_it_pass(cast: Cast, asked: Gate) -> None:
    found = stages.decide(gate=asked, is_agreed=True, by=cast.bureau_leader, at=AT)
    project = Project.objects.get(pk=asked.project_id)
    change = StageChange.objects.get(gate=found)
    assert project.stage == Stage.SIGNED and found.decision == "agreed"
    assert (change.by, change.second_by, change.reason) == (cast.park_officer, cast.bureau_leader, "条件已具备")
    assert Entry.objects.filter(action="projects.decide_gate", by=cast.bureau_leader).exists()


@pytest.mark.parametrize("name", ["park_officer", "bureau_officer", "county_officer", "other_leader", "department_officer", "audit_admin"])
def test_who_decides_over_the_host_alone_may_answer(cast: Cast, asked: Gate, name: str) -> None:
    with pytest.raises((guarding.NotAllowed, guarding.Refused)):
        stages.decide(gate=asked, is_agreed=True, by=cast.people[name], at=AT)
    assert Gate.objects.get(pk=asked.pk).decision == ""


def test_whoever_asked_does_not_decide_though_he_may_decide_others(cast: Cast, ready: Project) -> None:
    gate = stages.ask(project=ready, to=Stage.SIGNED, by=cast.bureau_leader, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        stages.decide(gate=gate, is_agreed=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.SAME_PERSON}
    with pytest.raises(IntegrityError), transaction.atomic():
        Gate.objects.filter(pk=gate.pk).update(decision="agreed", decided_by=cast.bureau_leader, decided_at=AT)
    assert stages.decide(gate=gate, is_agreed=True, by=cast.vice_mayor, at=AT).decision == "agreed"


def test_declining_says_why_and_leaves_the_stage(cast: Cast, asked: Gate) -> None:
    with pytest.raises(guarding.Refused) as caught:
        stages.decide(gate=asked, is_agreed=False, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.REASON_MISSING}
    stages.decide(gate=asked, is_agreed=False, words="补充能评", by=cast.bureau_leader, at=AT)
    assert Project.objects.get(pk=asked.project_id).stage == Stage.APPRAISAL
    again = stages.ask(project=asked.project, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    assert again.pk != asked.pk
    with pytest.raises(guarding.Refused) as caught:
        stages.decide(gate=asked, is_agreed=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.GATE_ANSWERED}


def test_one_is_asked_at_a_time(cast: Cast, asked: Gate) -> None:
    with pytest.raises(guarding.Refused) as caught:
        stages.ask(project=asked.project, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.GATE_ASKED}
    with pytest.raises(IntegrityError), transaction.atomic():
        Gate.objects.create(project=asked.project, to=Stage.SIGNED, occurred_on=AT.date(), asked_at=AT)


def test_what_lacks_is_told_when_somebody_asks_and_again_when_somebody_answers(cast: Cast, ready: Project) -> None:
    contract = Evidence.objects.filter(project=ready, kind="contract")
    (proof,) = contract
    evidence.withdraw(evidence=proof, reason="错件", by=cast.park_officer, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        stages.ask(project=ready, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.MISSING_EVIDENCE}
    right = factories.proof(ready, "contract", by=cast.park_officer)
    gate = stages.ask(project=ready, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    evidence.withdraw(evidence=right, reason="又错", by=cast.park_officer, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        stages.decide(gate=gate, is_agreed=True, by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.MISSING_EVIDENCE}


def test_it_can_be_taken_back(cast: Cast, asked: Gate) -> None:
    with pytest.raises(guarding.NotAllowed):
        stages.withdraw(gate=asked, by=cast.other_officer, at=AT)
    assert stages.withdraw(gate=asked, by=cast.park_officer, at=AT).decision == "withdrawn"
    with pytest.raises(guarding.Refused):
        stages.withdraw(gate=asked, by=cast.park_officer, at=AT)


@pytest.mark.parametrize(
    "act",
    [
        lambda project, by: stages.go_back(project=project, to=Stage.TALKS, reason="重新洽谈", by=by, at=AT),
        lambda project, by: stages.pause(project=project, reason="缓建", by=by, at=AT),
        lambda project, by: stages.lose(project=project, reason="要素", loss="given_up", by=by, at=AT),
    ],
)
def test_another_change_overtakes_it(cast: Cast, asked: Gate, act: Any) -> None:
    act(asked.project, cast.park_officer)
    assert Gate.objects.get(pk=asked.pk).decision == "overtaken"
    with pytest.raises(guarding.Refused) as caught:
        stages.decide(gate=asked, is_agreed=True, by=cast.bureau_leader, at=AT)
    assert Code.GATE_ANSWERED in codes(caught)


def test_those_who_may_decide_are_told_and_then_who_asked(cast: Cast, asked: Gate) -> None:
    told = set(Message.objects.filter(key__startswith="projects:gate:asked").values_list("to__username", flat=True))
    assert told == {"vice_mayor", "bureau_leader"} == {person.username for person in people.deciders(asked)}
    stages.decide(gate=asked, is_agreed=True, by=cast.vice_mayor, at=AT)
    assert Message.objects.get(key__startswith="projects:gate:decided").to == cast.park_officer


def test_of_a_confidential_project_only_who_knows_of_it_decides(cast: Cast, ready: Project) -> None:
    confiding.keep_confidential(project=ready, code_name="松涛", by=cast.park_officer, at=AT)
    project = Project.objects.get(pk=ready.pk)
    gate = stages.ask(project=project, to=Stage.SIGNED, by=cast.park_officer, at=AT)
    assert people.deciders(Gate.objects.select_related("project__unit").get(pk=gate.pk)) == ()
    with pytest.raises(guarding.NotAllowed):
        stages.decide(gate=gate, is_agreed=True, by=cast.bureau_leader, at=AT)
    confiding.let_know(project=project, user=cast.bureau_leader, reason="核准", by=cast.park_officer, at=AT)
    assert stages.decide(gate=gate, is_agreed=True, by=cast.bureau_leader, at=AT).decision == "agreed"
