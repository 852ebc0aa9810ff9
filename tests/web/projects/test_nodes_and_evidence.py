"""Sub-nodes and evidence: done when proved, opened again, dropped, given away; handed in, withdrawn; days that rest on no calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.accounts.models import User
from wutong.web.audit.models import Entry
from wutong.web.journal.actions import files
from wutong.web.projects.actions import evidence, guarding, nodes, stages
from wutong.web.projects.models import Evidence, Node, Project
from wutong.web.projects.rules.stages import Code, Stage

AT = factories.AT
DAY = AT.date()


def node(project: Project, key: str) -> Node:
    found: Node = Node.objects.get(project=project, key=key)
    return found


def codes(caught: pytest.ExceptionInfo[guarding.Refused]) -> set[Code]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def project(cast: Cast) -> Project:
    found: Project = factories.project(cast.park_officer)
    return found


# --- done ---------------------------------------------------------------------------------------------------------------------------------
def test_a_node_is_done_when_its_evidence_is_there(cast: Cast, project: Project) -> None:
    wanted = node(project, "investor_checked")
    with pytest.raises(guarding.Refused) as caught:
        nodes.finish(node=wanted, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.MISSING_EVIDENCE}
    evidence.hand_in(project=project, node=wanted, kind="credit_report", number="信〔2026〕1号", by=cast.park_officer, at=AT)
    done = nodes.finish(node=wanted, by=cast.park_officer, at=AT, done_on=dt.date(2026, 3, 4), note="无异常")
    assert (done.state, done.done_on, done.by, done.note) == ("done", dt.date(2026, 3, 4), cast.park_officer, "无异常")
    with pytest.raises(guarding.Refused) as caught:
        nodes.finish(node=wanted, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.NODE_NOT_OPEN}


def test_evidence_of_the_project_serves_its_nodes_and_that_of_another_node_does_not(cast: Cast, project: Project) -> None:
    evidence.hand_in(project=project, node=node(project, "site_visited"), kind="credit_report", number="1", by=cast.park_officer, at=AT)
    with pytest.raises(guarding.Refused):
        nodes.finish(node=node(project, "investor_checked"), by=cast.park_officer, at=AT)
    evidence.hand_in(project=project, kind="credit_report", number="2", by=cast.park_officer, at=AT)
    assert nodes.finish(node=node(project, "investor_checked"), by=cast.park_officer, at=AT).state == "done"


def test_what_counts_from_a_node_gets_its_day_when_that_is_done_and_loses_it_again(cast: Cast, project: Project) -> None:
    evidence.hand_in(project=project, kind="proposal", number="1", by=cast.park_officer, at=AT)
    first = node(project, "proposal_received")
    nodes.finish(node=first, by=cast.park_officer, at=AT)
    assert node(project, "industry_fit").due_on == dt.date(2026, 3, 12), "five working days after 2026-03-05"
    assert node(project, "resources_checked").due_on == dt.date(2026, 3, 19)
    nodes.reopen(node=first, reason="材料作废", by=cast.park_officer, at=AT)
    assert node(project, "industry_fit").due_on is None and node(project, "proposal_received").done_on is None
    nodes.not_needed(node=first, reason="以会议纪要代", by=cast.bureau_leader, at=AT)
    assert node(project, "industry_fit").due_on == dt.date(2026, 3, 12), "counts from the day it was dropped"


def test_a_node_that_the_gate_waits_for_is_dropped_by_whoever_directs_alone(cast: Cast, project: Project) -> None:
    with pytest.raises(guarding.NotAllowed):
        nodes.not_needed(node=node(project, "needs_listed"), reason="不涉及", by=cast.park_officer, at=AT)
    assert nodes.not_needed(node=node(project, "site_visited"), reason="线上考察", by=cast.park_officer, at=AT).state == "not_needed"
    with pytest.raises(guarding.Refused) as caught:
        nodes.not_needed(node=node(project, "needs_listed"), reason=" ", by=cast.bureau_leader, at=AT)
    assert codes(caught) == {Code.REASON_MISSING}
    nodes.not_needed(node=node(project, "needs_listed"), reason="不涉及", by=cast.bureau_leader, at=AT)
    assert Entry.objects.filter(action="projects.drop_node", by=cast.bureau_leader).exists()


def test_a_year_that_nobody_entered_is_named_beside_the_day(cast: Cast) -> None:
    late = dt.datetime(2026, 12, 25, 1, tzinfo=dt.UTC)
    project = factories.project(cast.park_officer, at=late)
    found = node(project, "investor_checked")
    assert found.due_on is not None and found.due_on.year == 2027 and found.unknown_years == [2027]
    assert project.unknown_years == [2027]


# --- given away ---------------------------------------------------------------------------------------------------------------------------
def test_the_unit_that_a_node_is_given_to_sees_the_project_and_works_on_the_node_alone(cast: Cast, project: Project) -> None:
    helper = cast.department_officer
    assert not Project.objects.visible_to(helper).exists()
    with pytest.raises(guarding.NotAllowed):
        nodes.assign(node=node(project, "site_visited"), unit=helper.unit, by=cast.other_officer, at=AT)
    given = nodes.assign(node=node(project, "site_visited"), unit=helper.unit, owner=helper, by=cast.park_officer, at=AT)
    helper = User.objects.get(pk=helper.pk)
    assert Project.objects.visible_to(helper).get() == project and Node.objects.visible_to(helper).count() == 7
    assert nodes.finish(node=given, by=helper, at=AT).by == helper
    with pytest.raises(guarding.NotAllowed):
        nodes.finish(node=node(project, "needs_listed"), by=helper, at=AT)
    with pytest.raises(guarding.NotAllowed):
        evidence.hand_in(project=project, kind="demand_list", number="1", by=helper, at=AT)
    proof = factories.proof(project, "progress_photo", node=given, by=helper)
    assert evidence.withdraw(evidence=proof, reason="错件", by=helper, at=AT).withdrawn_by == helper


def test_a_node_is_given_to_somebody_of_the_unit(cast: Cast, project: Project) -> None:
    with pytest.raises(guarding.Refused) as caught:
        nodes.assign(
            node=node(project, "site_visited"), unit=cast.units["county_bureau"], owner=cast.other_officer, by=cast.park_officer, at=AT
        )
    assert codes(caught) == {Code.PERSON_NOT_OF_UNIT}


# --- evidence -----------------------------------------------------------------------------------------------------------------------------
def test_a_file_of_this_project_or_the_number_of_a_paper(cast: Cast, project: Project) -> None:
    mine = factories.attachment(project, cast.park_officer)
    elsewhere = factories.attachment(factories.project(cast.park_officer), cast.park_officer)
    made = evidence.hand_in(project=project, kind="proposal", attachment=mine, title="建议书", by=cast.park_officer, at=AT)
    assert made.attachment == mine
    for more, code in (({}, Code.EVIDENCE_EMPTY), ({"attachment": elsewhere}, Code.FILE_ELSEWHERE)):
        with pytest.raises(guarding.Refused) as caught:
            evidence.hand_in(project=project, kind="proposal", by=cast.park_officer, at=AT, **more)
        assert codes(caught) == {code}
    with pytest.raises(guarding.Refused) as caught:
        evidence.hand_in(project=project, kind="moon", number="1", by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.EVIDENCE_UNKNOWN}


def test_what_was_withdrawn_proves_nothing_and_stays(cast: Cast, project: Project) -> None:
    made = evidence.hand_in(project=project, kind="proposal", number="1", by=cast.park_officer, at=AT)
    assert "proposal" in project.facts().proved
    evidence.withdraw(evidence=made, reason="版本不对", by=cast.park_officer, at=AT)
    assert "proposal" not in project.facts().proved
    assert Evidence.objects.get(pk=made.pk).withdrawn_reason == "版本不对"
    with pytest.raises(guarding.Refused) as caught:
        evidence.withdraw(evidence=made, reason="再撤", by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.EVIDENCE_WITHDRAWN}


def test_the_last_proof_of_a_gate_that_was_passed_stays_until_another_is_there(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    (proof,) = Evidence.objects.filter(project=project, kind="credit_report")
    with pytest.raises(guarding.Refused) as caught:
        evidence.withdraw(evidence=proof, reason="错件", by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.EVIDENCE_NEEDED}
    evidence.hand_in(project=project, kind="credit_report", number="新", by=cast.park_officer, at=AT)
    assert evidence.withdraw(evidence=proof, reason="错件", by=cast.park_officer, at=AT).withdrawn_at == AT


def test_the_database_keeps_nodes_and_evidence_whole(cast: Cast, project: Project) -> None:
    found = node(project, "site_visited")
    for values in ({"state": "done"}, {"done_on": DAY}, {"state": "not_needed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Node.objects.filter(pk=found.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.create(project=project, key="site_visited", stage="talks", unit=project.unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(project=project, kind="proposal", at=AT)


def test_nobody_outside_hands_in_or_finishes(cast: Cast, project: Project) -> None:
    for name in ("vice_mayor", "department_officer", "other_officer", "bureau_officer"):
        with pytest.raises(guarding.NotAllowed):
            evidence.hand_in(project=project, kind="proposal", number="1", by=cast.people[name], at=AT)
        with pytest.raises(guarding.NotAllowed):
            nodes.finish(node=node(project, "site_visited"), by=cast.people[name], at=AT)


def test_a_gate_waits_for_a_node_that_was_never_made(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    factories.deal_with_nodes(project)
    Node.objects.filter(project=project, key="needs_listed").delete()
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=project, to=Stage.APPRAISAL, by=cast.park_officer, at=AT)
    assert [str(one) for one in caught.value.refusals] == ["open_node needs_listed"]


def test_a_proof_whose_file_was_deleted_proves_nothing(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    paper = factories.attachment(project, cast.park_officer)
    evidence.hand_in(project=project, kind="proposal", attachment=paper, by=cast.park_officer, at=AT)
    assert "proposal" in project.facts().proved
    files.hide(attachment=paper, reason="传错", by=cast.park_officer, at=AT)
    assert "proposal" not in project.facts().proved
    files.unhide(attachment=paper, by=cast.park_officer, at=AT)
    assert "proposal" in project.facts().proved
