"""A contract is signed, never typed: the gate of the signing asks for it, a photograph is a file, and rates count what was signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.rulebook import lifecycle
from wutong.web.projects.actions import agreements, evidence, guarding, stages
from wutong.web.projects.models import Evidence, Node, Project, StageChange
from wutong.web.projects.queries import rated
from wutong.web.projects.rules import nodes
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.agreements import AgreementKind, MeetingDecision, OpinionKind, Result
from wutong.web.projects.rules.agreements import Refusal as AgreementRefusal
from wutong.web.projects.rules.stages import Code, Stage

AT = factories.AT
DAY = AT.date()
SHIPPED = lifecycle.lifecycle()


def asked(project: Project, by: Any) -> set[str]:
    """What the gate of the signing refuses, as codes with what they are about."""
    with pytest.raises(guarding.Refused) as caught:
        stages.ask(project=project, to=Stage.SIGNED, by=by, at=AT)
    return set(map(str, caught.value.refusals))


def with_papers_only(owner: Any) -> Project:
    """A project that has every proof and sub-node of the signing as files, and no contract that was signed here."""
    project: Project = factories.appraised_project(owner)
    for kind in SHIPPED.required_for(Stage.SIGNED, project.kind).evidence:
        factories.proof(project, kind)
    Node.objects.filter(project=project, state="open").update(state="not_needed", note="不涉及")
    return project


# --- the gate ---------------------------------------------------------------------------------------------------------------------------
def test_proofs_that_were_handed_in_are_no_contract(cast: Cast) -> None:
    project = with_papers_only(cast.park_officer)
    assert asked(project, cast.park_officer) == {"missing_fact signed_contract"}
    factories.signed_contract(project)
    assert stages.ask(project=project, to=Stage.SIGNED, by=cast.park_officer, at=AT).to == Stage.SIGNED


@pytest.mark.parametrize("kind", [AgreementKind.INTENT, AgreementKind.FRAMEWORK])
def test_a_letter_of_intent_or_framework_is_no_contract(cast: Cast, kind: AgreementKind) -> None:
    project = with_papers_only(cast.park_officer)
    paper = factories.attachment(project, cast.park_officer)
    made = agreements.draft(project=project, kind=kind, title="框架协议", counterpart="甲方", attachment=paper, by=None, at=AT)
    agreements.sign(agreement=made, signed_on=DAY, by=None, at=AT)
    assert asked(project, cast.park_officer) == {"missing_fact signed_contract"}


def test_a_contract_that_ended_before_the_gate_is_none(cast: Cast) -> None:
    project = with_papers_only(cast.park_officer)
    made = factories.signed_contract(project)
    agreements.end(agreement=made, ended_on=DAY, reason="投资方撤回", by=None, at=AT)
    assert "missing_fact signed_contract" in asked(project, cast.park_officer)


def test_one_that_ended_after_the_gate_hinders_no_change_of_the_project(cast: Cast) -> None:
    from wutong.web.projects.actions import describing

    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.SIGNED)
    agreements.end(agreement=project.agreements.get(), ended_on=DAY, reason="另签", by=None, at=AT)
    changed = describing.change(project=project, values={"note": "另签合同"}, by=cast.park_officer, at=AT)
    assert (changed.note, changed.stage) == ("另签合同", Stage.SIGNED)


def test_what_is_against_a_contract_cannot_be_passed_by_with_typed_numbers(cast: Cast) -> None:
    project = factories.appraised_project(cast.park_officer)
    paper = factories.attachment(project, cast.park_officer)
    made = agreements.draft(
        project=project, kind=AgreementKind.CONTRACT, title="投资合同", counterpart="甲方", attachment=paper, by=None, at=AT
    )
    agreements.hand_to_review(agreement=made, by=None, at=AT)
    agreements.opine(
        agreement=made, kind=OpinionKind.LEGAL, result=Result.AGAINST, unit=project.unit, dated_on=DAY, attachment=paper,
        words="违反公平竞争", by=None, at=AT,
    )  # fmt: skip
    for kind in ("contract", "legal_opinion", "appraisal_minutes"):
        with pytest.raises(guarding.Refused) as caught:
            evidence.hand_in(project=project, kind=kind, number="文〔2026〕1号", by=cast.park_officer, at=AT)
        assert [(one.code, one.field) for one in caught.value.refusals] == [(Code.FILE_NEEDED, kind)]
    agreements.decide(agreement=made, met_on=DAY, meeting="专题会", decision=MeetingDecision.AGREED, minutes=paper, by=None, at=AT)
    with pytest.raises(agreements.Refused):
        agreements.sign(agreement=made, signed_on=DAY, by=None, at=AT)
    assert "missing_fact signed_contract" in asked(project, cast.park_officer)


# --- the stage --------------------------------------------------------------------------------------------------------------------------
def test_no_contract_is_signed_while_the_project_is_in_talks(cast: Cast, client: Client) -> None:
    project = factories.whole_project(cast.park_officer)
    with pytest.raises(agreements.Refused) as caught:
        factories.signed_contract(project)
    assert caught.value.refusals == (AgreementRefusal.PROJECT_EARLY,)
    made = project.agreements.get()
    factories.log_in(client, cast.park_officer)
    for address in (f"/projects/agreements/{made.public_id}/", f"/projects/agreements/{made.public_id}/sign/"):
        assert "先通过评审关口" in client.get(address).content.decode()


def test_where_talks_lead_to_the_signing_a_contract_is_signed_in_talks() -> None:
    assert [rules.is_early(stage, Stage.SIGNED, SHIPPED) for stage in Stage] == [True, *[False] * 8]
    own = "stages: {talks: {next: signed}}"
    direct = lifecycle.lifecycle_from(lifecycle.shipped_text(), own=own)
    assert not any(rules.is_early(stage, Stage.SIGNED, direct) for stage in Stage)


# --- what is a file ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [kind for kind, one in SHIPPED.evidence.items() if one.file])
def test_what_no_register_keeps_is_handed_in_as_a_file(kind: str) -> None:
    values: dict[str, Any] = {"kind": kind, "number": "1", "dated_on": None, "on": DAY, "is_file_here": True, "has_node": True}
    assert [one.code for one in nodes.refusals_to_hand_in(has_file=False, lifecycle=SHIPPED, **values)] == [Code.FILE_NEEDED]
    assert nodes.refusals_to_hand_in(has_file=True, lifecycle=SHIPPED, **values) == ()


def test_photographs_and_the_papers_of_a_contract_are_files_a_licence_is_not() -> None:
    files = {kind for kind, one in SHIPPED.evidence.items() if one.file}
    assert files >= {"start_photo", "progress_photo", "contract", "legal_opinion", "appraisal_minutes"}
    assert not files & {"business_license", "construction_permit", "filing_certificate"}


def test_the_form_says_what_needs_a_file_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    project = factories.project(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    address = f"/projects/{project.public_id}/hand-in/"
    assert "主体工程动工照片" in client.get(address).content.decode()
    page = client.post(address, {"kind": "start_photo", "number": "照〔2026〕1号"})
    assert page.status_code == 422
    assert "须附文件" in page.content.decode() and "照〔2026〕1号" in page.content.decode()
    assert not Evidence.objects.exists()


# --- what rates count -------------------------------------------------------------------------------------------------------------------
def test_fulfilment_counts_contracts_only(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    change = {"project": project, "to_status": "active", "occurred_on": DAY, "at": AT}
    StageChange.objects.create(kind="advanced", from_stage="talks", to_stage="signed", **change)
    Project.objects.filter(pk=project.pk).update(stage="signed")
    (one,) = rated.rated(Project.objects.all())
    assert one.contract_on is None and "contract_on" not in rated.days([project.pk])[project.pk]
    signed = factories.signed_contract(project)
    (one,) = rated.rated(Project.objects.all())
    assert one.contract_on == signed.signed_on == rated.days([project.pk])[project.pk]["contract_on"]


def test_of_a_ledger_the_day_counts_and_is_flagged(cast: Cast) -> None:
    from wutong.web.projects.actions import opening

    taken = opening.Taken(Stage.STARTED, DAY, {Stage.SIGNED: dt.date(2024, 3, 1)})
    opening.open_from(lead=factories.lead(cast.park_officer), taken=taken, values={"name_zh": "旧项目"}, by=None, at=AT)
    (one,) = rated.rated(Project.objects.all())
    assert one.contract_on == dt.date(2024, 3, 1) and "signed" in one.unproved
