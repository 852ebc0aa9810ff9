"""How a project begins: from a lead, as a phase, from a ledger; confidential as its lead; who may."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.web.accounts.models import NeedToKnow, User
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import claiming, informing
from wutong.web.leads.actions import guarding as lead_guarding
from wutong.web.leads.models import Claim, Lead
from wutong.web.leads.rules.claims import Part, Period, ShareRole
from wutong.web.leads.rules.leads import Amount, LeadState
from wutong.web.projects.actions import guarding, opening
from wutong.web.projects.actions.opening import Taken
from wutong.web.projects.models import Evidence, Node, Project, StageChange
from wutong.web.projects.rules.stages import Code, Stage

AT = factories.AT
DAY = AT.date()


def codes(caught: pytest.ExceptionInfo[guarding.Refused]) -> set[Code]:
    return {refusal.code for refusal in caught.value.refusals}


def test_what_the_lead_says_is_not_typed_twice(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    about = informing.About(chain="advanced-equipment", segment="cylinders")
    informing.describe(lead=lead, title="液压缸项目", amount=Amount(Decimal(30_000)), about=about, by=None, at=AT)
    project = opening.open_from(lead=lead, by=cast.park_officer, at=AT)
    assert (project.name_zh, project.chain, project.segment) == ("液压缸项目", "advanced-equipment", "cylinders")
    assert project.total_yuan == Decimal(300_000_000) and project.investor_name == lead.name


def test_an_amount_that_the_investor_does_not_give_stays_not_provided(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    informing.describe(lead=lead, title=lead.title, amount=Amount(is_not_provided=True), about=informing.About(), by=None, at=AT)
    project = opening.open_from(lead=lead, by=cast.park_officer, at=AT)
    assert project.total_yuan is None and project.not_provided == ["total_yuan"]


@pytest.mark.parametrize("name", ["vice_mayor", "department_officer", "other_officer", "adviser", "audit_admin"])
def test_who_does_not_work_on_the_lead_begins_nothing(cast: Cast, name: str) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    with pytest.raises((guarding.NotAllowed, lead_guarding.NotAllowed)):
        opening.open_from(lead=lead, by=cast.people[name], at=AT)
    assert not Project.objects.exists() and Lead.objects.get(pk=lead.pk).state == "open"


def test_the_host_is_another_unit_only_where_it_shares_the_claim(cast: Cast) -> None:
    lead, host = factories.lead_in_talks(cast.park_officer), cast.county_officer
    with pytest.raises(guarding.NotAllowed):
        opening.open_from(lead=lead, unit=host.unit, owner=host, by=cast.park_officer, at=AT)
    parts = (Part(cast.park_officer.unit_id, 4_000, ShareRole.FINDER), Part(host.unit_id, 6_000, ShareRole.HOST))
    claiming.share(lead=lead, periods=[Period(DAY, parts)], reason="落地临溪", by=None, at=AT)
    project = opening.open_from(lead=lead, unit=host.unit, owner=host, by=cast.park_officer, at=AT)
    assert project.unit == host.unit and project.finder_unit == cast.park_officer.unit
    assert {share.unit for share in Claim.objects.get(lead=lead).shares.all()} == {host.unit, cast.park_officer.unit}


def test_the_owner_is_somebody_who_may_work_on_projects_of_the_host(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    with pytest.raises(guarding.Refused) as caught:
        opening.open_from(lead=lead, owner=cast.county_officer, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.PERSON_NOT_OF_UNIT}


def test_a_project_does_not_begin_tomorrow(cast: Cast) -> None:
    with pytest.raises(guarding.Refused) as caught:
        opening.open_from(lead=factories.lead_in_talks(cast.park_officer), occurred_on=DAY + dt.timedelta(days=1), by=None, at=AT)
    assert codes(caught) == {Code.DAY_TO_COME}


def test_a_fact_that_no_project_has_is_a_fault(cast: Cast) -> None:
    with pytest.raises(ValueError, match="stage"):
        opening.open_from(lead=factories.lead_in_talks(cast.park_officer), values={"stage": "signed"}, by=None, at=AT)


# --- the lead afterwards ----------------------------------------------------------------------------------------------------------------
def test_a_lead_that_became_a_project_is_worked_on_there(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    lead = project.lead
    for act in (
        lambda: claiming.release(lead=lead, reason="不做", by=cast.park_officer, at=AT),
        lambda: claiming.progress(lead=lead, text="电话", done_on=DAY, by=cast.park_officer, at=AT),
        lambda: informing.put_away(lead=lead, state=LeadState.LOST, reason="x", by=None, at=AT),
        lambda: informing.resume(lead=lead, by=cast.park_officer, at=AT),
    ):
        with pytest.raises(lead_guarding.Refused):
            act()
    assert Claim.objects.get(lead=lead).state == "open"


def test_a_claim_of_a_project_is_never_released_by_the_clock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from wutong.web.leads.queries import clocks

    monkeypatch.setattr(clocks, "protection_days", lambda on: 30)
    lead, other = factories.lead_in_talks(cast.park_officer), factories.lead_in_talks(cast.county_officer)
    opening.open_from(lead=lead, by=cast.park_officer, at=AT)
    late = DAY + dt.timedelta(days=400)
    for act in (claiming.protect, claiming.warn, claiming.release_stale):
        act(on=late, by=None, at=AT + dt.timedelta(days=400))
    assert Claim.objects.get(lead=lead).state == "open" and Claim.objects.get(lead=lead).protected_until is None
    assert Claim.objects.get(lead=other).state == "released"


# --- phases -------------------------------------------------------------------------------------------------------------------------------
def test_a_phase_is_a_project_of_its_own_under_the_first(cast: Cast) -> None:
    first = factories.whole_project(cast.park_officer)
    second = opening.add_phase(project=first, values={"name_zh": "隔膜二期"}, by=cast.park_officer, at=AT)
    third = opening.add_phase(project=first, values={"name_zh": "隔膜三期"}, by=cast.park_officer, at=AT)
    assert (second.phase_number, third.phase_number) == (2, 3) and second.lead is None and second.root == first
    assert second.investor_name == first.investor_name and second.total_yuan is None and second.project_code == ""
    assert second.stage == Stage.TALKS and Node.objects.filter(project=second).exists()
    with pytest.raises(guarding.Refused) as caught:
        opening.add_phase(project=second, values={"name_zh": "四期"}, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.PHASE_OF_PHASE}
    with pytest.raises(guarding.Refused) as caught:
        opening.add_phase(project=first, values={}, by=cast.park_officer, at=AT)
    assert codes(caught) == {Code.NAME_MISSING}


def test_the_database_wants_a_lead_or_a_first_phase_and_one_number_a_phase(cast: Cast) -> None:
    first = factories.project(cast.park_officer)
    second = opening.add_phase(project=first, values={"name_zh": "二期"}, by=None, at=AT)
    for values in ({"lead": None}, {"phase_of": second}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=first.pk).update(**values)
    third = opening.add_phase(project=first, values={"name_zh": "三期"}, by=None, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=third.pk).update(phase_number=2)


# --- confidential -------------------------------------------------------------------------------------------------------------------------
def test_a_confidential_lead_makes_a_confidential_project_for_the_same_people(cast: Cast) -> None:
    owner = cast.park_officer
    lead = factories.lead_in_talks(owner)
    informing.keep_lead_confidential(lead=lead, code_name="松涛", by=owner, at=AT)
    lead.refresh_from_db()
    informing.let_know_lead(lead=lead, user=cast.bureau_leader, reason="分管", by=owner, at=AT)
    project = opening.open_from(lead=lead, by=owner, at=AT)
    assert project.is_confidential and str(project) == "松涛"
    assert [named.user for named in NeedToKnow.objects.of(project)] == [cast.bureau_leader]
    sees = [name for name in cast.people if Project.objects.visible_to(User.objects.get(pk=cast.people[name].pk)).exists()]
    assert set(sees) == {"park_officer", "bureau_leader"}
    told = Entry.objects.get(action="projects.open")
    assert told.object_label == "松涛" and lead.title not in str(told.changes) and lead.name not in str(told.changes)
    phase = opening.add_phase(project=project, values={"name_zh": "二期"}, by=owner, at=AT)
    assert phase.is_confidential and [named.user for named in NeedToKnow.objects.of(phase)] == [cast.bureau_leader]


# --- taken over ---------------------------------------------------------------------------------------------------------------------------
TAKEN = Taken(Stage.STARTED, dt.date(2025, 6, 1), {Stage.SIGNED: dt.date(2024, 3, 1), Stage.REGISTERED: dt.date(2024, 5, 1)})


def test_a_ledger_brings_a_project_at_any_stage_and_says_what_nobody_proved(cast: Cast) -> None:
    lead = factories.lead(cast.park_officer)
    values = {"name_zh": "旧项目", "total_yuan": Decimal(200_000_000)}
    project = opening.open_from(lead=lead, taken=TAKEN, values=values, by=None, at=AT)
    assert project.is_taken_over and project.stage == Stage.STARTED and project.stage_since == dt.date(2025, 6, 1)
    changes = list(StageChange.objects.filter(project=project))
    assert [(one.kind, one.from_stage, one.to_stage, one.occurred_on) for one in changes] == [
        ("taken_over", "", "signed", dt.date(2024, 3, 1)), ("taken_over", "signed", "registered", dt.date(2024, 5, 1)),
        ("taken_over", "registered", "started", dt.date(2025, 6, 1)),
    ]  # fmt: skip
    assert "contract" in changes[0].absent and "origin" in changes[0].absent and "total_yuan" not in changes[0].absent
    assert {node.stage for node in Node.objects.filter(project=project)} == {"started"}
    facts = project.facts()
    assert {"contract", "construction_permit", "site_contract"} <= facts.absent and not facts.proved
    factories.proof(project, "contract", by=cast.park_officer)
    assert "contract" not in project.facts().absent and "contract" in project.facts().proved
    assert Evidence.objects.filter(project=project, kind="contract", is_absent=True).count() == 1, "what was absent stays written"


@pytest.mark.parametrize(
    "taken",
    [
        Taken(Stage.SIGNED, DAY + dt.timedelta(days=1)),
        Taken(Stage.SIGNED, DAY, {Stage.TALKS: DAY + dt.timedelta(days=1)}),
        Taken(Stage.SIGNED, DAY, {Stage.STARTED: DAY}),
        Taken(Stage.STARTED, DAY, {Stage.SIGNED: dt.date(2024, 3, 1), Stage.TALKS: dt.date(2024, 4, 1)}),
    ],
)
def test_a_ledger_whose_days_contradict_each_other_is_refused(cast: Cast, taken: Taken) -> None:
    with pytest.raises(guarding.Refused) as caught:
        opening.open_from(lead=factories.lead(cast.park_officer), taken=taken, by=None, at=AT)
    assert codes(caught) <= {Code.DAY_TO_COME, Code.DAY_BEFORE_LAST} and not Project.objects.exists()
