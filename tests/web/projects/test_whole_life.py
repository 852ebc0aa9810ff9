"""A project from talks to full capacity: every gate wants what the lifecycle says, history is complete, one project a lead."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.audit.models import Entry
from wutong.web.leads.models import Claim, Lead
from wutong.web.projects.actions import guarding, opening, stages
from wutong.web.projects.models import Gate, Node, Project, StageChange
from wutong.web.projects.rules.stages import Code, Stage


def codes(caught: pytest.ExceptionInfo[guarding.Refused]) -> set[Code]:
    return {refusal.code for refusal in caught.value.refusals}


def test_from_talks_to_full_capacity_through_every_gate(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    project = factories.bring_on(project, Stage.FULL_CAPACITY, by=cast.park_officer, second=cast.bureau_leader)
    changes = list(StageChange.objects.filter(project=project).order_by("pk"))
    assert [change.to_stage for change in changes] == list(Stage)
    assert [change.from_stage for change in changes] == ["", *list(Stage)[:-1]]
    two = {change.to_stage for change in changes if change.second_by_id}
    assert two == {Stage.SIGNED, Stage.LAND_GRANTED}
    assert all(change.by == cast.park_officer for change in changes[1:])
    assert Gate.objects.filter(project=project, decision="agreed").count() == 2
    assert not Node.objects.filter(project=project, state="open").exclude(stage=Stage.FULL_CAPACITY).exists()


def test_the_lead_becomes_a_project_and_keeps_its_claim_and_shares(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    before = Claim.objects.get(lead=lead)
    project = opening.open_from(lead=lead, by=cast.park_officer, at=factories.AT)
    lead.refresh_from_db()
    claim = Claim.objects.get(lead=lead)
    assert lead.state == "project" and project.lead == lead and project.name_zh == lead.title
    assert claim.pk == before.pk and claim.state == "open" and claim.protected_until is None
    assert [share.unit for share in claim.shares.all()] == [cast.park_officer.unit]
    assert project.unit == project.finder_unit == cast.park_officer.unit and project.owner == cast.park_officer
    assert Entry.objects.filter(action="projects.open", object_id=str(project.public_id)).exists()
    assert Entry.objects.filter(action="leads.become_project", object_id=str(lead.public_id)).exists()


@pytest.mark.parametrize(("stage", "is_filed", "code"), [("contact", True, Code.LEAD_NOT_IN_TALKS), ("talks", False, Code.LEAD_NO_CLAIM)])
def test_a_project_begins_with_talks_and_a_claim(cast: Cast, stage: str, is_filed: bool, code: Code) -> None:
    lead = factories.lead_in_talks(cast.park_officer, is_filed=is_filed)
    Lead.objects.filter(pk=lead.pk).update(stage=stage)
    with pytest.raises(guarding.Refused) as caught:
        opening.open_from(lead=lead, by=cast.park_officer, at=factories.AT)
    assert codes(caught) == {code} and not Project.objects.exists()


def test_a_lead_has_one_project_by_the_rules_and_by_the_database(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    with pytest.raises(guarding.Refused) as caught:
        opening.open_from(lead=project.lead, by=None, at=factories.AT)
    assert codes(caught) == {Code.PROJECT_THERE}
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(
            name_zh="另一个", lead=project.lead, unit=project.unit, finder_unit=project.unit, owner=project.owner, opened_at=factories.AT,
            stage_since=factories.AT.date(), status_since=factories.AT.date(),
        )  # fmt: skip


def test_a_gate_names_what_is_missing_and_lets_nothing_pass(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=project, to=Stage.APPRAISAL, by=cast.park_officer, at=factories.AT)
    found = {(one.code, one.field or one.node) for one in caught.value.refusals}
    assert (Code.MISSING_FACT, "total_yuan") in found and (Code.MISSING_EVIDENCE, "proposal") in found
    assert (Code.OPEN_NODE, "investor_checked") in found
    assert (Code.OPEN_NODE, "intent_signed") not in found, "optional"
    assert StageChange.objects.filter(project=project).count() == 1


def test_a_stage_cannot_be_skipped(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer)
    factories.deal_with_nodes(project)
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=project, to=Stage.STARTED, by=cast.park_officer, at=factories.AT)
    assert Code.WRONG_STAGE in codes(caught)


def test_the_nodes_of_a_stage_are_made_when_it_is_entered_with_their_days(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    nodes = {node.key: node for node in Node.objects.filter(project=project)}
    assert set(nodes) == {
        "investor_checked", "site_visited", "needs_listed", "proposal_received", "industry_fit", "resources_checked", "intent_signed",
    }  # fmt: skip
    assert nodes["investor_checked"].due_on == dt.date(2026, 3, 19), "ten working days after 2026-03-05"
    assert nodes["industry_fit"].due_on is None, "counts from the proposal"
    assert project.stage_due_on is not None and project.unknown_years == []
