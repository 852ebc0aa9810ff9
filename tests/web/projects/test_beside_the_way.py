"""Back, put aside, lost and revived: with reasons, in the history, and with what becomes of nodes and of the first claim."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import filing
from wutong.web.leads.actions import guarding as lead_guarding
from wutong.web.leads.models import Claim
from wutong.web.projects.actions import guarding, nodes, stages
from wutong.web.projects.models import Node, Project, StageChange
from wutong.web.projects.rules.stages import Code, Loss, Stage, Status

AT = factories.AT
DAY = AT.date()


def later(days: int) -> dt.datetime:
    return AT + dt.timedelta(days=days)


def test_going_back_keeps_what_was_done_and_lets_later_nodes_wait(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    done = Node.objects.get(project=project, key="appraisal_material")
    nodes.finish(node=done, by=cast.park_officer, at=AT)
    stages.go_back(project=project, to=Stage.TALKS, reason="投资方换地", by=cast.park_officer, at=AT)
    project = Project.objects.get(pk=project.pk)
    states = dict(Node.objects.filter(project=project, stage="appraisal").values_list("key", "state"))
    assert project.stage == Stage.TALKS and states.pop("appraisal_material") == "done" and set(states.values()) == {"waiting"}
    assert Node.objects.filter(project=project, stage="talks", state="done").exists()
    last = StageChange.objects.filter(project=project).last()
    assert last is not None and (last.kind, last.from_stage, last.to_stage, last.reason) == (
        "went_back",
        "appraisal",
        "talks",
        "投资方换地",
    )
    with pytest.raises(guarding.Refused) as caught:
        nodes.finish(node=Node.objects.get(project=project, key="policy_opinion"), by=None, at=AT)
    assert {one.code for one in caught.value.refusals} >= {Code.NODE_WAITS}
    stages.advance(project=project, to=Stage.APPRAISAL, by=cast.park_officer, at=later(7))
    again = Node.objects.get(project=project, key="appraisal_meeting")
    assert again.state == "open" and again.due_on is not None, "counts from what was done before"
    assert Node.objects.filter(project=project, stage="appraisal").count() == len(states) + 1


def test_a_paused_project_rests_and_goes_on_where_it_stood(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    stages.pause(project=project, reason="等待政策", by=cast.park_officer, at=AT)
    project = Project.objects.get(pk=project.pk)
    assert (project.status, project.status_reason, project.stage) == ("paused", "等待政策", Stage.TALKS)
    with pytest.raises(guarding.Refused):
        nodes.finish(node=Node.objects.filter(project=project).earliest("pk"), by=None, at=AT)
    stages.resume(project=project, by=cast.park_officer, at=later(30))
    project = Project.objects.get(pk=project.pk)
    assert project.status == "active" and project.status_reason == "" and project.status_since == DAY + dt.timedelta(days=30)
    assert [one.to_status for one in StageChange.objects.filter(project=project)] == ["active", "paused", "active"]


def days_owed(project: Project) -> list[dt.date]:
    found = Project.objects.get(pk=project.pk)
    nodes = Node.objects.filter(project=project, state="open", due_on__isnull=False).order_by("pk").values_list("due_on", flat=True)
    return [*nodes, *([found.stage_due_on] if found.stage_due_on else [])]


def test_nobody_is_late_by_the_days_that_a_project_rested(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    owed = days_owed(project)
    assert owed
    stages.pause(project=project, reason="等待政策", by=cast.park_officer, at=AT)
    stages.lose(project=project, reason="地价", loss=Loss.GIVEN_UP, by=cast.park_officer, at=later(20))
    assert days_owed(project) == owed
    stages.revive(project=project, reason="重新洽谈", by=cast.park_officer, at=later(60))
    assert days_owed(project) == [day + dt.timedelta(days=60) for day in owed], "put aside, then lost: all of it"
    assert Entry.objects.filter(action="projects.revive").latest("pk").changes["rested_days"] == 60
    stages.pause(project=project, reason="缓建", by=cast.park_officer, at=later(70))
    stages.resume(project=project, by=cast.park_officer, at=later(75))
    assert days_owed(project) == [day + dt.timedelta(days=65) for day in owed]


def test_a_dormant_project_and_what_is_no_pause(cast: Cast) -> None:
    project = stages.pause(project=factories.project(cast.park_officer), status=Status.DORMANT, reason="暂无进展", by=None, at=AT)
    assert project.status == "dormant"
    with pytest.raises(ValueError, match="lost"):
        stages.pause(project=project, status=Status.LOST, reason="x", by=None, at=AT)


def test_a_lost_project_frees_the_firm(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    lead = project.lead
    stages.lose(project=project, reason="地价", loss=Loss.ELSEWHERE, went_to="白榆市", by=cast.park_officer, at=AT)
    project = Project.objects.get(pk=project.pk)
    claim = Claim.objects.get(lead=lead)
    assert (project.status, project.loss, project.went_to) == ("lost", "elsewhere", "白榆市")
    assert (claim.state, claim.reason) == ("ended", "地价")
    other = factories.lead(cast.county_officer, name=lead.name)
    assert filing.file(lead=other, by=None, at=AT).outcome in {"filed", "waits"}


def test_a_revived_project_waits_for_its_claim_whoever_has_the_firm_by_now(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    stages.lose(project=project, reason="要素不足", loss=Loss.GIVEN_UP, by=cast.park_officer, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        stages.resume(project=project, by=cast.park_officer, at=AT)
    assert Code.IS_LOST in {one.code for one in caught.value.refusals}
    stages.revive(project=project, reason="重新洽谈", by=cast.park_officer, at=later(60))
    project = Project.objects.get(pk=project.pk)
    claim = Claim.objects.get(lead=project.lead)
    assert (project.status, project.loss, claim.state) == ("active", "", "waiting")
    admitted = filing.admit(claim=claim, reason="无其他单位", by=cast.bureau_leader, at=later(61))
    assert admitted.state == "open" and admitted.protected_until is None, "as long as the project goes on"


def test_a_firm_that_somebody_else_has_by_now_is_not_given_twice(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    lead = project.lead
    stages.lose(project=project, reason="要素不足", loss=Loss.GIVEN_UP, by=cast.park_officer, at=AT)
    other = factories.lead(cast.county_officer, name=lead.name)
    theirs = filing.file(lead=other, by=None, at=later(10))
    if theirs.claim is not None and theirs.claim.state == "waiting":
        filing.admit(claim=theirs.claim, reason="核实", by=cast.bureau_leader, at=later(11))
    stages.revive(project=project, reason="重新洽谈", by=cast.park_officer, at=later(60))
    assert Claim.objects.filter(lead__in=(lead, other), state="open").count() == 1
    with pytest.raises(lead_guarding.Refused, match="firm_claimed"):
        filing.admit(claim=Claim.objects.get(lead=lead), reason="核实", by=cast.bureau_leader, at=later(61))


def test_days_follow_each_other(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    stages.pause(project=project, reason="缓建", by=None, at=later(20), occurred_on=DAY + dt.timedelta(days=10))
    for day in (DAY + dt.timedelta(days=9), DAY + dt.timedelta(days=31)):
        with pytest.raises(guarding.Refused):
            stages.resume(project=project, by=None, at=later(30), occurred_on=day)
    stages.resume(project=project, by=None, at=later(30), occurred_on=DAY + dt.timedelta(days=10))


@pytest.mark.parametrize("name", ["vice_mayor", "department_officer", "other_officer", "bureau_officer", "adviser"])
def test_who_does_not_work_on_it_changes_nothing(cast: Cast, name: str) -> None:
    project = factories.whole_project(cast.park_officer)
    factories.deal_with_nodes(project)
    by = cast.people[name]
    for act in (
        lambda: stages.advance(project=project, to=Stage.APPRAISAL, by=by, at=AT),
        lambda: stages.pause(project=project, reason="x", by=by, at=AT),
        lambda: stages.lose(project=project, reason="x", loss=Loss.OTHER, by=by, at=AT),
    ):
        with pytest.raises(guarding.NotAllowed):
            act()
    assert StageChange.objects.filter(project=project).count() == 1


def test_the_database_wants_a_reason_and_what_became_of_it(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    for values in ({"status": "paused"}, {"status": "lost", "status_reason": "x"}, {"loss": "elsewhere"}, {"went_to": "白榆市"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=project.pk).update(**values)
