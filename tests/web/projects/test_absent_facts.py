"""Facts that a ledger did not bring are listed until somebody tells them, and the next gate asks for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.test import Client

import factories
from cast import Cast
from wutong.rulebook import lifecycle
from wutong.rulebook.lifecycle import FIGURES, OF_PAPERS
from wutong.web.accounts.rules.access import Target
from wutong.web.projects.actions import describing, guarding, opening, stages
from wutong.web.projects.models import Project
from wutong.web.projects.models.projects import PLAN
from wutong.web.projects.queries import absences, dossier, register
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Code, Kind, ProjectFacts, Stage, Status

AT = factories.AT
DAY = AT.date()
LIFE = lifecycle.lifecycle()
BARE = ProjectFacts(Target(1, "/1/"), 7, Kind.INDUSTRY, Stage.STARTED, Status.ACTIVE, DAY, is_taken_over=True)


def taken(owner: Any, stage: Stage = Stage.STARTED, **values: Any) -> Project:
    """A project that a ledger brought along at a stage."""
    how = opening.Taken(stage, dt.date(2025, 6, 1))
    said = {"name_zh": f"旧项目{Project.objects.count()}", **values}
    return opening.open_from(lead=factories.lead(owner), taken=how, values=said, by=None, at=AT)


# --- by the rule ------------------------------------------------------------------------------------------------------------------------
def test_what_the_gates_behind_it_ask_for_is_absent_until_it_is_told() -> None:
    absent = rules.absent_facts(BARE, LIFE)
    assert {"project_code", "site", "landed", "investor", "total_yuan", "jobs", "planned_start_on"} <= set(absent)
    assert "signed_contract" not in absent, "what papers say stands among the evidence that is absent"
    told = replace(BARE, given=frozenset(absent) - {"jobs"}, not_provided=frozenset({"jobs"}))
    assert rules.absent_facts(told, LIFE) == ()


def test_nothing_is_absent_of_gates_ahead_or_of_a_project_that_passed_them_here() -> None:
    assert rules.absent_facts(replace(BARE, stage=Stage.TALKS), LIFE) == ()
    assert "project_code" not in rules.absent_facts(replace(BARE, stage=Stage.SIGNED), LIFE)
    assert rules.absent_facts(replace(BARE, is_taken_over=False), LIFE) == ()


def test_the_next_gate_asks_for_it_and_the_checklist_says_that_it_was_absent() -> None:
    asked = {one.field for one in rules.missing(BARE, to=Stage.COMPLETED, lifecycle=LIFE) if one.code is Code.MISSING_FACT}
    assert asked == set(rules.absent_facts(BARE, LIFE))
    items = {one.refusal.field: one for one in rules.checklist(BARE, to=Stage.COMPLETED, lifecycle=LIFE)}
    assert items["project_code"].is_absent and not items["project_code"].is_met
    here = {one.field for one in rules.missing(replace(BARE, is_taken_over=False), to=Stage.COMPLETED, lifecycle=LIFE)}
    assert "project_code" not in here


def test_what_a_gate_ahead_asks_to_be_said_is_asked_to_be_given_where_one_behind_does() -> None:
    facts = replace(BARE, stage=Stage.APPRAISAL, not_provided=frozenset({"jobs"}))
    assert {"total_yuan", "investor"} <= {one.field for one in rules.missing(facts, to=Stage.SIGNED, lifecycle=LIFE)}
    refused = rules.missing(BARE, to=Stage.COMPLETED, lifecycle=LIFE)
    assert len(refused) == len(set(refused)), "each once"


# --- of the database --------------------------------------------------------------------------------------------------------------------
def test_the_next_gate_lets_it_pass_once_all_is_told(cast: Cast) -> None:
    project = taken(cast.park_officer, Stage.COMPLETED)
    factories.deal_with_nodes(project)
    with pytest.raises(guarding.Refused) as caught:
        stages.advance(project=project, to=Stage.PRODUCTION, by=cast.park_officer, at=AT)
    assert {one.code for one in caught.value.refusals} == {Code.MISSING_FACT}
    describing.change(project=project, values=factories.all_said(), by=cast.park_officer, at=AT)
    assert stages.advance(project=project, to=Stage.PRODUCTION, by=cast.park_officer, at=AT).stage == Stage.PRODUCTION


def _some(dice: Random) -> dict[str, Any]:
    """Some of what can be said of a project."""
    said = {name: value for name, value in factories.all_said().items() if dice.random() < 0.5}
    if "origin_kind" not in said:
        said.pop("origin_adcode", None)
    said["not_provided"] = [name for name in FIGURES if name not in said and dice.random() < 0.4]
    return said


def test_lists_ask_the_database_what_the_rule_says_of_one(cast: Cast) -> None:
    dice = Random(20261127)
    for stage in Stage:
        for kind in (Kind.INDUSTRY, Kind.FARMING, Kind.SERVICES):
            facts = {key: text for key, text in factories.facts_of_kind(kind).items() if dice.random() < 0.5}
            taken(cast.park_officer, stage, **{**_some(dice), "kind": kind, "kind_facts": facts})
    factories.whole_project(cast.park_officer)
    factories.project(cast.park_officer)
    said = {one.pk: set(rules.absent_facts(one.facts(), LIFE)) for one in Project.objects.all()}
    for name, lacks in register.absent_facts().items():
        assert set(Project.objects.filter(lacks).values_list("pk", flat=True)) == {pk for pk, names in said.items() if name in names}, name
    assert set().union(*said.values()) > {"project_code", "site", "jobs", "of_kind.base_mu"}
    assert OF_PAPERS.isdisjoint(register.absent_facts())


@pytest.mark.parametrize("name", [*FIGURES, *PLAN, "investor", "landed", "origin", "site", "segment", "project_code"])
def test_what_has_no_value_is_found_as_it_is_told(cast: Cast, name: str) -> None:
    for values in ({}, factories.all_said()):
        factories.project(cast.park_officer, **values)
    found = set(Project.objects.filter(Project.lacks(name)).values_list("pk", flat=True))
    assert found == {one.pk for one in Project.objects.all() if name not in one.given()}


def test_facts_are_listed_by_unit_and_project_until_they_are_told(cast: Cast, client: Client) -> None:
    project = taken(cast.park_officer)
    factories.log_in(client, cast.park_officer)
    page = client.get("/projects/absent/")
    (unit,), (row,) = page.context["units"], page.context["list"].rows
    facts = [lack.name for lack in row.lacks if lack.is_fact]
    assert (unit.facts, unit.proofs + unit.facts) == (len(facts), len(row.lacks))
    assert "项目代码" in facts and f"/projects/{project.public_id}/change/" in page.content.decode()
    of_it = client.get(f"/projects/{project.public_id}/").content.decode()
    assert "接管时缺少的事实" in of_it and "项目代码" in of_it
    describing.change(project=project, values=factories.all_said(), by=None, at=AT)
    (row,) = client.get("/projects/absent/").context["list"].rows
    assert not any(lack.is_fact for lack in row.lacks)
    assert "接管时缺少的事实" not in client.get(f"/projects/{project.public_id}/").content.decode()


def test_a_project_that_lacks_facts_alone_is_listed_too(cast: Cast) -> None:
    project = taken(cast.park_officer, Stage.FULL_CAPACITY, total_yuan=Decimal(1))
    for kind in project.facts().absent:
        factories.proof(project, kind)
    (unit,) = absences.by_unit(Project.objects.all())
    (row,) = absences.shown([one.pk for one in absences.found(Project.objects.all())], cast.park_officer)
    assert (unit.proofs, unit.facts, len(row.lacks)) == (0, len(row.lacks), absences.found(Project.objects.all()).get().lacks)
    assert dossier.dossier(project, cast.park_officer, on=DAY).absent_facts == tuple(lack.name for lack in row.lacks)
