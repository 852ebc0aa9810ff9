"""What is said of a project: old and new in the audit, not provided or given, what a gate rested on stays; another kind, another owner."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import factories
from cast import Cast
from wutong.rulebook.lifecycle import FIGURES
from wutong.web.audit.models import Entry
from wutong.web.lib import access
from wutong.web.projects.actions import confiding, describing, evidence, guarding, opening, stages, taking_over
from wutong.web.projects.actions.opening import Taken
from wutong.web.projects.forms.describing import ChangeForm
from wutong.web.projects.models import Evidence, Node, Project
from wutong.web.projects.queries import refusals
from wutong.web.projects.rules.stages import Code, Kind, Stage

AT = factories.AT


def change(project: Project, by: Any = None, **values: Any) -> Project:
    return describing.change(project=project, values=values, reason="核定", by=by, at=AT)


def refused(project: Project, **values: Any) -> set[str]:
    with pytest.raises(guarding.Refused) as caught:
        change(project, **values)
    return {str(one) for one in caught.value.refusals}


def test_the_audit_keeps_old_and_new_of_what_changed_and_nothing_else(cast: Cast) -> None:
    project = factories.project(cast.park_officer, total_yuan=Decimal(300_000_000))
    since = Entry.objects.count()
    change(project, cast.park_officer, total_yuan=Decimal(260_000_000), name_zh=project.name_zh, jobs=120)
    (entry,) = list(Entry.objects.order_by("pk"))[since:]
    assert entry.action == "projects.change" and set(entry.changes) == {"total_yuan", "jobs", "reason"}
    assert entry.changes["total_yuan"] == {"old": "300000000.00", "new": "260000000"} or entry.changes["total_yuan"]["new"] == "260000000"
    change(Project.objects.get(pk=project.pk), cast.park_officer, jobs=120)
    assert Entry.objects.count() == since + 1, "nothing changed, nothing is told"


def test_of_a_confidential_project_the_audit_is_told_no_value(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    confiding.keep_confidential(project=project, code_name="松涛", by=cast.park_officer, at=AT)
    change(Project.objects.get(pk=project.pk), cast.park_officer, name_zh="隔膜基地")
    entry = Entry.objects.filter(action="projects.change").latest("pk")
    assert entry.changes == {} and entry.object_label == "松涛"


def test_a_figure_is_given_or_not_provided(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    change(project, not_provided=["tax_yuan_a_year", "jobs"])
    assert Project.objects.get(pk=project.pk).not_provided == ["tax_yuan_a_year", "jobs"]
    assert refused(project, jobs=3, not_provided=["jobs"]) == {"figure_and_not_provided jobs"}
    assert refused(project, not_provided=["weather"]) == {"figure_and_not_provided weather"}
    change(project, jobs=3)
    assert Project.objects.get(pk=project.pk).not_provided == ["tax_yuan_a_year"], "what is given is no longer not provided"


@pytest.mark.parametrize("name", FIGURES)
def test_the_database_itself_refuses_both(cast: Cast, name: str) -> None:
    project = factories.project(cast.park_officer)
    Project.objects.filter(pk=project.pk).update(**{name: 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(not_provided=[name])
    Project.objects.filter(pk=project.pk).update(**{name: None}, not_provided=[name])
    Project.objects.filter(pk=project.pk).update(not_provided=[one for one in FIGURES if one != name], **{name: 1}, **_nothing(name))


def _nothing(but: str) -> dict[str, None]:
    return {one: None for one in FIGURES if one != but}


def test_a_code_is_one_projects(cast: Cast) -> None:
    one, two = factories.project(cast.park_officer), factories.project(cast.park_officer)
    change(one, project_code=" 2601-990111-04-01-123456 ")
    assert refused(two, project_code="2601-990111-04-01-123456") == {"code_taken"}
    assert refused(two, project_code="2601") == {"code_odd"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=two.pk).update(project_code="2601-990111-04-01-123456")
    assert Project.objects.filter(project_code="").exists(), "many have none"


def test_what_a_gate_rested_on_can_be_replaced_but_not_emptied(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    change(project, total_yuan=Decimal(1), jobs=None, not_provided=["jobs"])
    assert refused(project, total_yuan=None) == {"fact_needed total_yuan"}
    assert refused(project, not_provided=[]) == {"fact_needed jobs"}
    change(project, site_text="")
    assert Project.objects.get(pk=project.pk).site_text == "", "no gate passed rests on it yet"


def test_each_kind_says_of_itself_what_its_gate_asks_for(cast: Cast) -> None:
    project = factories.project(cast.park_officer, **factories.all_said(kind=Kind.HEALTH, kind_facts={"service": "康复"}))
    factories.deal_with_nodes(project)
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=project, to=Stage.APPRAISAL, by=cast.park_officer, at=AT)
    assert {str(one) for one in caught.value.refusals} == {"missing_fact of_kind.beds"}
    assert [refusals.word(one) for one in caught.value.refusals] == ["缺少：床位（张）。"]
    change(project, cast.park_officer, kind_facts={"service": "康复", "beds": " 300 "})
    stages.advance(project=Project.objects.get(pk=project.pk), to=Stage.APPRAISAL, by=cast.park_officer, at=AT)
    told = Entry.objects.filter(action="projects.change").latest("pk").changes["kind_facts"]
    assert told == {"old": "service 康复", "new": "service 康复 · beds 300"}
    assert refused(project, kind_facts={"service": "康复"}) == {"fact_needed of_kind.beds"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"beds": "0"}, set()),
        ({"beds": ""}, set()),
        ({"beds": "-1"}, {"no_figure of_kind.beds"}),
        ({"beds": "三百"}, {"no_figure of_kind.beds"}),
        ({"beds": "NaN"}, {"no_figure of_kind.beds"}),
        ({"produce": "燕麦"}, {"fact_of_other_kind of_kind.produce"}),
    ],
)
def test_a_fact_is_one_of_its_kind_and_a_figure_where_one_is_meant(cast: Cast, said: dict[str, str], expected: set[str]) -> None:
    project = factories.project(cast.park_officer, kind=Kind.HEALTH)
    if expected:
        assert refused(project, kind_facts=said) == expected
    else:
        change(project, kind_facts=said)


def test_another_kind_brings_its_own_facts_and_leaves_those_before(cast: Cast) -> None:
    project = factories.whole_project(cast.park_officer, kind=Kind.HEALTH)
    change(project, kind=Kind.TOURISM)
    assert Project.objects.get(pk=project.pk).kind_facts == {}
    passed = factories.bring_on(factories.whole_project(cast.park_officer, kind=Kind.HEALTH), Stage.APPRAISAL)
    assert refused(passed, kind=Kind.TOURISM) == {"missing_fact of_kind.resource", "missing_fact of_kind.visitors_a_year"}
    change(passed, kind=Kind.TOURISM, kind_facts={"resource": "草原", "visitors_a_year": "30000"})


def test_another_kind_has_other_nodes(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    change(project, kind=Kind.SERVICES, kind_facts=factories.facts_of_kind("services"))
    states = dict(Node.objects.filter(project=project, stage="appraisal").values_list("key", "state"))
    assert {key for key, state in states.items() if state == "not_needed"} == {"environment_opinion", "safety_opinion", "energy_opinion"}
    other = factories.bring_on(factories.whole_project(cast.park_officer, kind=Kind.SERVICES), Stage.APPRAISAL)
    assert not Node.objects.filter(project=other, key="safety_opinion").exists()
    change(other, kind=Kind.INDUSTRY)
    assert Node.objects.get(project=other, key="safety_opinion").state == "open"


@pytest.mark.parametrize("name", ["vice_mayor", "department_officer", "bureau_officer", "other_leader"])
def test_who_does_not_work_on_it_changes_nothing(cast: Cast, name: str) -> None:
    with pytest.raises(guarding.NotAllowed):
        change(factories.project(cast.park_officer), cast.people[name], jobs=3)


def test_a_country_is_written_in_capitals_and_its_plan_in_order(cast: Cast) -> None:
    project = change(factories.project(cast.park_officer), origin_kind="foreign", origin_country="de")
    assert project.origin_country == "DE"
    assert refused(project, planned_start_on=dt.date(2026, 9, 1), planned_full_on=dt.date(2026, 8, 1)) == {"plan_out_of_order"}


# --- who answers for it -------------------------------------------------------------------------------------------------------------------
def test_whoever_directs_gives_it_to_another_person_and_unit_with_its_open_nodes(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    with pytest.raises(guarding.NotAllowed):
        describing.assign(project=project, owner=cast.county_officer, unit=cast.county_officer.unit, by=cast.park_officer, at=AT)
    with pytest.raises(guarding.Refused) as caught:
        describing.assign(project=project, owner=cast.county_officer, by=cast.bureau_leader, at=AT)
    assert {one.code for one in caught.value.refusals} == {Code.PERSON_NOT_OF_UNIT}
    describing.assign(project=project, owner=cast.county_officer, unit=cast.county_officer.unit, by=cast.bureau_leader, at=AT)
    project = Project.objects.get(pk=project.pk)
    assert project.unit == cast.county_officer.unit and project.finder_unit == cast.park_officer.unit
    assert set(Node.objects.filter(project=project).values_list("unit", flat=True)) == {cast.county_officer.unit_id}


def test_a_leaver_hands_projects_and_nodes_over(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    Node.objects.filter(project=project, key="site_visited").update(owner=cast.park_officer)
    with pytest.raises(guarding.NotAllowed):
        taking_over.hand_over_projects(from_user=cast.park_officer, to_user=cast.county_officer, by=cast.bureau_leader, at=AT)
    values = {"from_user": cast.park_officer, "to_user": cast.county_officer, "by": cast.system_admin, "at": AT}
    assert taking_over.hand_over_projects(**values) == 1 == taking_over.hand_over_nodes(**values)
    assert Project.objects.get().owner == cast.county_officer
    assert Node.objects.get(key="site_visited").owner == cast.county_officer


@pytest.mark.parametrize("is_named", [False, True])
def test_a_leavers_secret_project_goes_to_a_successor_who_is_named_else_to_the_head(cast: Cast, is_named: bool) -> None:
    project = factories.project(cast.bureau_officer)
    successor = factories.person("successor", at_unit=cast.units["bureau"])
    factories.posting(successor, "bureau_officer")
    confiding.keep_confidential(project=project, code_name="松涛", by=cast.bureau_officer, at=AT)
    project.refresh_from_db()
    if is_named:
        confiding.let_know(project=project, user=successor, reason="参与谈判", by=cast.bureau_officer, at=AT)
    with access.on_day(AT.date()):
        moved = taking_over.hand_over_projects(from_user=cast.bureau_officer, to_user=successor, by=cast.system_admin, at=AT)
        project.refresh_from_db()
        assert (moved, project.owner) == (1, successor if is_named else cast.bureau_leader)
        assert guarding.may_know(successor, project) is is_named


def test_firms_that_became_one_are_one_in_projects_too(cast: Cast) -> None:
    one, two = factories.firm(), factories.firm()
    project = factories.project(cast.park_officer, firm=one, landed_firm=one)
    values = {"from_firm": one, "to_firm": two, "by": cast.bureau_leader, "at": AT}
    assert taking_over.repoint_investors(**values) == 1 == taking_over.repoint_landed(**values)
    project.refresh_from_db()
    assert project.firm == two == project.landed_firm
    assert taking_over.repoint_investors(**values) == 0


def test_nobody_drops_nodes_by_changing_the_kind_there_and_back(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    safety = Node.objects.filter(project=project, key="safety_opinion")
    change(project, cast.park_officer, kind=Kind.SERVICES, kind_facts=factories.facts_of_kind("services"))
    assert safety.get().state == "not_needed"
    change(Project.objects.get(pk=project.pk), cast.park_officer, kind=Kind.INDUSTRY)
    assert (safety.get().state, safety.get().note) == ("open", "")


def test_gates_that_were_passed_as_one_kind_are_asked_again_for_another(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer, kind=Kind.SERVICES), Stage.STARTED)
    assert refused(project, kind=Kind.INDUSTRY) == {"missing_evidence construction_permit"}
    assert Project.objects.get(pk=project.pk).kind == Kind.SERVICES
    evidence.hand_in(project=project, kind="construction_permit", number="建字 1 号", by=None, at=AT)
    change(Project.objects.get(pk=project.pk), kind=Kind.INDUSTRY)
    waiting = set(Node.objects.filter(project=project, state="open").values_list("key", flat=True))
    assert {"safety_opinion", "planning_permitted", "topped_out"} <= waiting and "land_listed" not in waiting


def test_what_lacks_of_another_kind_is_listed_where_it_was_taken_over(cast: Cast) -> None:
    lead = factories.lead_in_talks(cast.park_officer)
    taken = Taken(Stage.STARTED, AT.date(), {})
    project = opening.open_from(lead=lead, taken=taken, values=factories.all_said(kind=Kind.SERVICES), by=None, at=AT)
    absent = Evidence.objects.filter(project=project, is_absent=True, kind="construction_permit")
    assert not absent.exists()
    change(project, kind=Kind.INDUSTRY)
    assert absent.count() == 1


# --- the form ---------------------------------------------------------------------------------------------------------------------------
def sent(project: Project, by: Any, **typed: Any) -> ChangeForm:
    """The form of a project as a browser sends it back, with what was typed."""
    shown = ChangeForm(project=project, user=by, on=AT.date())
    data = {field.name: field.value() for field in shown if field.value() not in {None, False}}
    return ChangeForm({**data, **typed}, project=project, user=by, on=AT.date())


def test_a_figure_that_nobody_touched_stays_to_the_yuan_and_asks_for_no_reason(cast: Cast) -> None:
    project = factories.project(cast.park_officer, total_yuan=Decimal(12_345_678), land_mu=Decimal("50.50"), jobs=30)
    form = sent(project, cast.park_officer, site_text="青桐路 8 号")
    assert form.is_valid(), form.errors
    describing.change(project=project, by=cast.park_officer, at=AT, **form.values())
    now = Project.objects.get(pk=project.pk)
    assert (now.total_yuan, now.land_mu, now.jobs, now.site_text) == (12_345_678, Decimal("50.50"), 30, "青桐路 8 号")
    assert set(Entry.objects.latest("pk").changes) == {"site_text"}
    form = sent(now, cast.park_officer, total_yuan="1234.58")
    assert form.is_valid() and form.values()["values"]["total_yuan"] == 12_345_800
