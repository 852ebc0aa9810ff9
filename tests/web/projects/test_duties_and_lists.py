"""What is owed of projects stands in everybody's list; the dossier and the register say how each project stands, in few questions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import factories
from cast import Cast
from wutong.web.accounts.actions import units
from wutong.web.accounts.models import User
from wutong.web.lib import access
from wutong.web.lib.hooks import collect
from wutong.web.projects.actions import confiding, describing, nodes, opening, stages
from wutong.web.projects.models import Gate, Node, Project, StageChange
from wutong.web.projects.queries import dossier, duties, people, register
from wutong.web.projects.rules.stages import Light, Loss, Stage

AT = factories.AT
DAY = AT.date()


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def owed(person: User, rows: Any) -> set[Any]:
    return {row["d_key"] for row in rows(fresh(person), DAY)}


# --- duties -------------------------------------------------------------------------------------------------------------------------------
def test_open_nodes_with_a_day_are_duties_of_whoever_sees_the_project(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    dated = set(Node.objects.filter(project=project, due_on__isnull=False).values_list("public_id", flat=True))
    assert len(dated) == 5 == len(owed(cast.park_officer, duties.node_rows)) and owed(cast.park_officer, duties.node_rows) == dated
    assert owed(cast.other_officer, duties.node_rows) == set()
    assert {row["d_key"] for row in duties.all_node_rows(DAY)} == dated
    stages.pause(project=project, reason="缓建", by=None, at=AT)
    assert owed(cast.park_officer, duties.node_rows) == set(), "nobody owes anything of a paused project"


def test_who_owes_a_node_and_how_it_is_shown(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    one = Node.objects.get(project=project, key="site_visited")
    assert duties.node_people([one.public_id]) == {one.public_id: (cast.park_officer,)}, "the host's are the owner's"
    nodes.assign(node=one, unit=cast.units["county_bureau"], by=cast.park_officer, at=AT)
    assert duties.node_people([one.public_id]) == {one.public_id: ()}, "another unit's, until somebody there has it"
    nodes.assign(node=one, unit=cast.units["county_bureau"], owner=cast.department_officer, by=cast.park_officer, at=AT)
    assert duties.node_people([one.public_id]) == {one.public_id: (cast.department_officer,)}
    drawn = duties.node_drawn(fresh(cast.park_officer), [one.public_id])[one.public_id]
    assert (drawn.name, drawn.title) == (project.name_zh, "客商实地考察")
    assert drawn.address == f"/projects/{project.public_id}/#node-site_visited"
    assert duties.node_drawn(fresh(cast.other_officer), [one.public_id]) == {}
    confiding.keep_confidential(project=project, code_name="松涛", by=cast.park_officer, at=AT)
    kept = duties.node_drawn(fresh(cast.park_officer), [one.public_id])[one.public_id]
    assert kept.name == "松涛" and kept.is_kept


def test_a_gate_that_waits_is_a_duty_of_those_who_may_decide_it(cast: Cast) -> None:
    project = factories.bring_on(factories.whole_project(cast.park_officer), Stage.APPRAISAL)
    factories.deal_with_nodes(project)
    gate = stages.ask(project=project, to=Stage.SIGNED, by=cast.bureau_leader, at=AT)
    assert owed(cast.vice_mayor, duties.gate_rows) == {gate.public_id}
    for name in ("bureau_leader", "park_officer", "other_leader"):
        assert owed(cast.people[name], duties.gate_rows) == set()
    assert duties.gate_people([gate.public_id]) == {gate.public_id: (cast.vice_mayor,)}
    assert "签约" in duties.gate_drawn(fresh(cast.vice_mayor), [gate.public_id])[gate.public_id].title
    stages.decide(gate=Gate.objects.get(pk=gate.pk), is_agreed=True, by=cast.vice_mayor, at=AT)
    assert owed(cast.vice_mayor, duties.gate_rows) == set()


def test_how_much_people_carry(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    Node.objects.filter(project=project, key="site_visited").update(owner=cast.park_officer)
    values = (fresh(cast.bureau_leader), [cast.park_officer, cast.county_officer], DAY)
    assert people.open_counts(*values) == {cast.park_officer.pk: 1} == people.node_counts(*values)
    assert people.open_counts(fresh(cast.other_leader), [cast.park_officer], DAY) == {}
    assert {str(one.label) for one in collect("WORKLOAD")} >= {"projects", "项目"} or len(collect("WORKLOAD")) >= 5


def test_projects_and_nodes_of_a_merged_unit_go_along(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    units.merge_unit(unit=cast.units["zone"], into=cast.units["county"], reason="机构改革", by=None, at=AT)
    project.refresh_from_db()
    assert project.unit == project.finder_unit == cast.units["county"]
    assert set(Node.objects.values_list("unit", flat=True)) == {cast.units["county"].pk}


# --- one project --------------------------------------------------------------------------------------------------------------------------
def told(project: Project, person: User, on: dt.date = DAY) -> dossier.Dossier:
    found = dossier.whole(Project.objects.visible_to(fresh(person))).get(pk=project.pk)
    return dossier.dossier(found, fresh(person), on=on)


def test_the_dossier_says_what_the_next_stage_lacks_and_who_owes_it(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    nodes.assign(
        node=Node.objects.get(project=project, key="investor_checked"), unit=cast.units["county_bureau"], owner=cast.department_officer,
        by=cast.park_officer, at=AT,
    )  # fmt: skip
    page = told(project, cast.park_officer, DAY + dt.timedelta(days=30))
    lacking = {(line.sort, line.key): line for line in page.missing}
    assert page.next_stage is Stage.APPRAISAL and not page.is_next_for_two and page.light is Light.RED
    assert lacking["node", "investor_checked"].owed_by == str(cast.department_officer)
    assert lacking["node", "investor_checked"].light is Light.RED and lacking["node", "investor_checked"].due_on == dt.date(2026, 3, 19)
    assert lacking["evidence", "credit_report"].owed_by == str(cast.department_officer), "whoever owes the node owes its proof"
    assert lacking["fact", "total_yuan"].owed_by == str(cast.park_officer)
    assert ("node", "intent_signed") not in lacking
    assert len(page.refused) == len(page.missing)
    assert page.days_in_stage == 30 and [step.how for step in page.way][:2] == ["here", "ahead"]
    late = {line.node.key: line.late_days for line in page.nodes if line.late_days}
    assert late["investor_checked"] == 16
    assert {part.name for part in page.people} >= {str(cast.park_officer), str(cast.department_officer)}


def test_not_provided_counts_as_said_and_is_told_as_such(cast: Cast) -> None:
    project = factories.project(cast.park_officer, not_provided=["jobs"])
    (line,) = [one for one in told(project, cast.park_officer).checklist if one.key == "jobs"]
    assert line.is_met and line.is_not_provided


def test_time_in_a_stage_leaves_pauses_out_and_adds_up_what_was_there_twice(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    for days, act in (
        (10, lambda at: stages.pause(project=project, reason="缓建", by=None, at=at)),
        (40, lambda at: stages.resume(project=project, by=None, at=at)),
        (45, lambda at: stages.lose(project=project, reason="要素", loss=Loss.OTHER, by=None, at=at)),
        (60, lambda at: stages.revive(project=project, reason="重启", by=None, at=at)),
    ):
        act(AT + dt.timedelta(days=days))
    changes = list(StageChange.objects.filter(project=project).order_by("pk"))
    assert dossier.spent_days(changes, on=DAY + dt.timedelta(days=63)) == {"talks": 10 + 5 + 3}


def test_way_and_history_in_words(cast: Cast) -> None:
    project = factories.bring_on(
        factories.whole_project(cast.park_officer), Stage.SIGNED, by=cast.park_officer, second=cast.bureau_leader
    )  # fmt: skip
    stages.go_back(project=project, to=Stage.TALKS, reason="重谈地价", by=cast.park_officer, at=AT + dt.timedelta(days=5))
    page = told(project, cast.park_officer, DAY + dt.timedelta(days=5))
    texts = [(event.text, event.who, event.second, event.reason) for event in page.events]
    assert ("由“签约”退回“在谈”", str(cast.park_officer), "", "重谈地价") in texts
    assert ("由“评审”推进到“签约”", str(cast.park_officer), str(cast.bureau_leader), "") in texts
    assert page.way[0].since_on == DAY + dt.timedelta(days=5) and page.way[2].how == "ahead" and page.way[2].is_for_two


def test_what_may_be_done_is_said_with_why_not(cast: Cast) -> None:
    project = factories.project(cast.park_officer)
    verbs = {verb.code: verb.why_not for verb in told(project, cast.park_officer).verbs}
    assert verbs["advance"] and verbs["pause"] == verbs["lose"] == verbs["change"] == () and "assign" not in verbs
    assert {verb.code for verb in told(project, cast.vice_mayor).verbs} == set()
    assert "assign" in {verb.code for verb in told(project, cast.bureau_leader).verbs}
    factories.deal_with_nodes(project)
    stages.lose(project=project, reason="x", loss=Loss.OTHER, by=None, at=AT)
    assert {verb.code for verb in told(project, cast.park_officer).verbs} >= {"revive"}


def test_a_project_taken_over_lists_what_is_absent_until_it_is_there(cast: Cast) -> None:
    taken = opening.Taken(Stage.SIGNED, dt.date(2025, 6, 3))
    project = opening.open_from(lead=factories.lead(cast.park_officer), taken=taken, values={"name_zh": "旧项目"}, by=None, at=AT)
    page = told(project, cast.park_officer)
    assert "正式投资合同" in page.absent and page.way[2].is_unproved and page.way[0].since_on is None
    rows = register.matching(Project.objects.visible_to(fresh(cast.park_officer)), cast.park_officer, on=DAY, which="absent")
    assert list(rows) == [project]
    for kind in project.facts().absent:
        factories.proof(project, kind, by=cast.park_officer)
    assert told(project, cast.park_officer).absent == () and all(proof.is_mended for proof in _absent(told(project, cast.park_officer)))
    assert "项目代码" not in told(project, cast.park_officer).absent_facts and list(rows.all()) == [project], "facts lack still"
    describing.change(project=project, values=factories.all_said(), by=None, at=AT)
    assert told(Project.objects.get(), cast.park_officer).absent_facts == () and not rows.all().exists()


def _absent(page: dossier.Dossier) -> list[dossier.Proof]:
    return [proof for proof in page.proofs if proof.evidence.is_absent]


# --- many ---------------------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def several(cast: Cast) -> dict[str, Project]:
    return {
        "plain": factories.project(cast.park_officer, total_yuan=Decimal(100_000_000), site_adcode="990111"),
        "large": factories.project(
            cast.park_officer, total_yuan=Decimal(2_500_000_000), kind="tourism", is_chain_project=True, chain="culture-tourism"
        ),
        "county": factories.project(cast.county_officer, origin_kind="foreign", origin_country="DE"),
        "lost": stages.lose(
            project=factories.project(cast.park_officer), reason="地价", loss=Loss.ELSEWHERE, went_to="白榆市", by=None, at=AT
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"plain", "large", "county"}),
        ({"status": "all"}, {"plain", "large", "county", "lost"}),
        ({"status": "lost"}, {"lost"}),
        ({"tier": "from_100m"}, {"plain"}),
        ({"tier": "from_2bn"}, {"large"}),
        ({"tier": "-"}, {"county"}),
        ({"tier": "nothing"}, set()),
        ({"kind": "tourism"}, {"large"}),
        ({"origin": "foreign"}, {"county"}),
        ({"place": "990111"}, {"plain"}),
        ({"is_chain_project": True}, {"large"}),
        ({"total_from_yuan": Decimal(100_000_001)}, {"large"}),
        ({"stage": "signed"}, set()),
        ({"since_from": DAY, "since_to": DAY}, {"plain", "large", "county"}),
        ({"since_from": DAY + dt.timedelta(days=1)}, set()),
        ({"which": "no_figure"}, {"county"}),
        ({"which": "asked"}, set()),
        ({"which": "taken_over"}, set()),
        ({"which": "phases"}, set()),
    ],
)
def test_projects_are_found_by_what_is_asked(cast: Cast, several: dict[str, Project], asked: dict[str, Any], expected: set[str]) -> None:
    leader = fresh(cast.bureau_leader)
    found = register.matching(Project.objects.visible_to(leader), leader, on=DAY, **asked)
    names = {project.pk: name for name, project in several.items()}
    assert {names[project.pk] for project in found} == expected


def test_by_words_unit_owner_and_what_is_late(cast: Cast, several: dict[str, Project]) -> None:
    leader = fresh(cast.bureau_leader)

    def found(on: dt.date = DAY, **asked: Any) -> set[int]:
        return {project.pk for project in register.matching(Project.objects.visible_to(leader), leader, on=on, **asked)}

    plain, county = several["plain"], several["county"]
    assert found(text=plain.name_zh) == {plain.pk}
    assert plain.lead is not None and found(text=plain.lead.name) == {plain.pk}
    assert found(unit=cast.units["county"]) == {county.pk} == found(owner=cast.county_officer)
    assert found(which="late") == set() and plain.pk in found(DAY + dt.timedelta(days=40), which="late")
    assert found(dt.date(2026, 3, 18), which="soon") >= {plain.pk}
    confiding.keep_confidential(project=county, code_name="松涛", by=cast.county_officer, at=AT)
    confiding.let_know(project=Project.objects.get(pk=county.pk), user=cast.bureau_leader, reason="分管", by=cast.county_officer, at=AT)
    assert found(text=county.name_zh) == set() and found(text="松涛") == {county.pk}


def test_a_list_asks_as_many_questions_for_many_as_for_one(cast: Cast, several: dict[str, Project]) -> None:
    leader = fresh(cast.bureau_leader)
    seen = Project.objects.visible_to(leader).order_by("pk")

    def asked(found: Any) -> int:
        with (
            CaptureQueriesContext(
                connection,
            ) as asked_for,
            access.reading(),
        ):
            register.shown(found, leader, on=DAY)
        return len(asked_for)

    asked(seen)
    assert asked(seen[:1]) == asked(seen) <= 6
    rows = register.shown(seen, leader, on=DAY + dt.timedelta(days=40))
    by_name = {row.project.pk: row for row in rows}
    assert by_name[several["plain"].pk].late_nodes == 4 and by_name[several["plain"].pk].is_late
    assert by_name[several["plain"].pk].tier_name and by_name[several["lost"].pk].light is Light.GREY


def test_the_board_counts_every_stage_and_shows_its_first(cast: Cast, several: dict[str, Project]) -> None:
    leader = fresh(cast.bureau_leader)
    found = register.matching(Project.objects.visible_to(leader), leader, on=DAY)
    columns = {code: (count, [row.project.pk for row in rows]) for code, count, rows in register.board(found, leader, on=DAY)}
    assert list(columns) == list(Stage) and columns["talks"][0] == 3 and len(columns["talks"][1]) == 3 and columns["signed"] == (0, [])
    assert list(register.in_order(found).order_by("stage_no", "pk")) == sorted(found, key=lambda one: one.pk)
