"""What a gate refuses, with each code; back, aside and lost; lights and checklist: without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook import lifecycle
from wutong.web.accounts.rules.access import Target
from wutong.web.projects.models import LOSSES, PROJECT_STAGES
from wutong.web.projects.queries import refusals as words
from wutong.web.projects.rules import nodes, opening
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.opening import Description
from wutong.web.projects.rules.stages import (
    Code,
    Kind,
    Light,
    Loss,
    NodeFacts,
    NodeState,
    Origin,
    ProjectFacts,
    Refusal,
    Stage,
    Status,
)

LIFE = lifecycle.lifecycle_from(
    """
source: {title: Wutong default}
functions: {host: {zh: 落地单位, en: Host}}
evidence: {minutes: {zh: 纪要, en: Minutes}, contract: {zh: 合同, en: Contract}}
stages:
  talks: {zh: 在谈, en: Talks, next: appraisal}
  appraisal: {zh: 评审, en: Appraisal, next: signed}
  signed: {zh: 签约, en: Signed, next: started, two_persons: true}
  registered: {zh: 注册, en: Registered}
  land_granted: {zh: 供地, en: Land}
  started: {zh: 开工, en: Started, next: completed}
  completed: {zh: 竣工, en: Completed}
  production: {zh: 投产, en: Production}
  full_capacity: {zh: 达产, en: Full}
nodes:
  visit: {stage: talks, zh: 考察, en: Visit, unit: host, days: 5}
  dinner: {stage: talks, zh: 宴请, en: Dinner, unit: host, optional: true}
  meeting: {stage: appraisal, zh: 评审会, en: Meeting, unit: host, evidence: [minutes]}
  boring: {stage: appraisal, zh: 勘察, en: Boring, unit: host, kinds: [industry]}
required:
  appraisal: {all: {facts: [investor], said: [jobs]}, industry: {said: [land_mu]}}
  signed: {all: {facts: [total_yuan], evidence: [contract]}}
tiers: {all_of_them: {zh: 全部, en: all, from_yuan: 0}}
"""
)
SHIPPED = lifecycle.lifecycle()
ON = dt.date(2026, 3, 10)
VISIT = NodeFacts("visit", Stage.TALKS, NodeState.DONE, done_on=ON)


def facts(**more: object) -> ProjectFacts:
    """A project in talks that lacks nothing."""
    values: dict[str, object] = {
        "target": Target(1, "/1/"), "owner_id": 7, "kind": Kind.INDUSTRY, "stage": Stage.TALKS, "status": Status.ACTIVE,
        "changed_on": dt.date(2026, 3, 1), "given": frozenset({"investor", "jobs", "land_mu", "total_yuan"}), "nodes": (VISIT,),
        "proved": frozenset({"contract"}), **more,
    }  # fmt: skip
    return ProjectFacts(**values)  # type: ignore[arg-type]


def refused(project: ProjectFacts, to: Stage = Stage.APPRAISAL, **more: object) -> set[str]:
    return {str(one) for one in rules.refusals(project, to=to, on=ON, lifecycle=LIFE, **more)}  # type: ignore[arg-type]


# --- the gate -----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("project", "expected"),
    [
        (facts(), set()),
        (facts(given=frozenset({"jobs", "land_mu"})), {"missing_fact investor"}),
        (facts(given=frozenset({"investor", "land_mu"})), {"missing_fact jobs"}),
        (facts(given=frozenset({"investor", "land_mu"}), not_provided=frozenset({"jobs"})), set()),
        (facts(given=frozenset({"jobs", "land_mu"}), not_provided=frozenset({"investor"})), {"missing_fact investor"}),
        (facts(given=frozenset({"investor", "jobs"}), kind=Kind.SERVICES), set()),
        (facts(nodes=()), {"open_node visit"}),
        (facts(nodes=(replace(VISIT, state=NodeState.OPEN, done_on=None),)), {"open_node visit"}),
        (facts(nodes=(replace(VISIT, state=NodeState.NOT_NEEDED, done_on=None),)), set()),
        (facts(nodes=(VISIT, NodeFacts("dinner", Stage.TALKS, NodeState.OPEN))), set()),
        (facts(status=Status.PAUSED), {"not_active"}),
        (facts(status=Status.DORMANT), {"not_active"}),
        (facts(status=Status.LOST), {"not_active"}),
    ],
)
def test_a_gate_refuses_what_lacks_and_nothing_else(project: ProjectFacts, expected: set[str]) -> None:
    assert refused(project) == expected


@pytest.mark.parametrize("to", [Stage.TALKS, Stage.SIGNED, Stage.REGISTERED, Stage.FULL_CAPACITY])
def test_only_the_named_successor_can_be_entered(to: Stage) -> None:
    assert f"wrong_stage {to}" in refused(facts(), to)


def test_two_persons_decide_where_the_lifecycle_says_so() -> None:
    project = facts(stage=Stage.APPRAISAL, nodes=(VISIT, *_appraised()))
    assert refused(project, Stage.SIGNED) == {"needs_second_person signed"}
    assert refused(project, Stage.SIGNED, is_second=True) == set()
    assert refused(replace(project, proved=frozenset()), Stage.SIGNED, is_second=True) == {"missing_evidence contract"}


def _appraised() -> tuple[NodeFacts, ...]:
    return tuple(NodeFacts(key, Stage.APPRAISAL, NodeState.DONE, done_on=ON) for key in ("meeting", "boring"))


def test_a_node_for_another_kind_is_not_waited_for() -> None:
    project = facts(stage=Stage.APPRAISAL, kind=Kind.SERVICES, nodes=(VISIT, _appraised()[0]))
    assert refused(project, Stage.SIGNED, is_second=True) == set()
    assert refused(replace(project, kind=Kind.INDUSTRY), Stage.SIGNED, is_second=True) == {"open_node boring"}


def test_an_earlier_node_that_was_opened_again_is_waited_for_and_an_optional_one_is_not() -> None:
    again = (replace(VISIT, state=NodeState.OPEN, done_on=None), NodeFacts("dinner", Stage.TALKS, NodeState.OPEN))
    project = facts(stage=Stage.APPRAISAL, nodes=(*again, *_appraised()))
    assert refused(project, Stage.SIGNED, is_second=True) == {"open_node visit"}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 2, 28), {"day_before_last"}), (dt.date(2026, 3, 1), set()), (ON, set()), (dt.date(2026, 3, 11), {"day_to_come"}),
    ],
)  # fmt: skip
def test_a_change_happened_after_the_last_one_and_not_in_the_future(day: dt.date, expected: set[str]) -> None:
    assert refused(facts(), occurred_on=day) == expected


def test_the_last_stage_has_no_next_one() -> None:
    assert rules.next_stage(Stage.COMPLETED, LIFE) is None and rules.next_stage(Stage.SIGNED, LIFE) is Stage.STARTED


# --- two persons --------------------------------------------------------------------------------------------------------------------------
def asked(project: ProjectFacts, to: Stage) -> set[Code]:
    return {one.code for one in rules.refusals_to_ask(project, to=to, on=ON, occurred_on=ON, lifecycle=LIFE)}


def test_who_asks_has_all_there_and_nobody_asks_twice() -> None:
    project = facts(stage=Stage.APPRAISAL, nodes=(VISIT, *_appraised()))
    assert asked(project, Stage.SIGNED) == set()
    assert asked(replace(project, proved=frozenset()), Stage.SIGNED) == {Code.MISSING_EVIDENCE}
    assert asked(replace(project, asked_to=Stage.SIGNED), Stage.SIGNED) == {Code.GATE_ASKED}
    assert asked(facts(), Stage.APPRAISAL) == {Code.ONE_PERSON_DECIDES}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()), ({"is_own": True}, {Code.SAME_PERSON}), ({"is_answered": True}, {Code.GATE_ANSWERED}),
        ({"is_agreed": False}, {Code.REASON_MISSING}), ({"is_agreed": False, "words": "材料不实"}, set()),
    ],
)  # fmt: skip
def test_who_decides_is_another_once_and_says_why_not(more: dict[str, object], expected: set[Code]) -> None:
    project = facts(stage=Stage.APPRAISAL, nodes=(VISIT, *_appraised()))
    values = {"is_answered": False, "is_own": False, "is_agreed": True, "words": "", **more}
    found = rules.refusals_to_decide(project, to=Stage.SIGNED, on=ON, occurred_on=ON, lifecycle=LIFE, **values)  # type: ignore[arg-type]
    assert {one.code for one in found} == expected


def test_agreeing_asks_for_everything_again_and_declining_does_not() -> None:
    project = facts(stage=Stage.APPRAISAL, nodes=(VISIT, *_appraised()), proved=frozenset())
    values = {"is_answered": False, "is_own": False, "words": "不同意", "to": Stage.SIGNED, "on": ON, "occurred_on": ON, "lifecycle": LIFE}
    assert {one.code for one in rules.refusals_to_decide(project, is_agreed=True, **values)} == {Code.MISSING_EVIDENCE}  # type: ignore[arg-type]
    assert rules.refusals_to_decide(project, is_agreed=False, **values) == ()  # type: ignore[arg-type]


# --- back, beside the way -----------------------------------------------------------------------------------------------------------------
def test_a_project_goes_back_to_an_earlier_stage_with_a_reason() -> None:
    project = facts(stage=Stage.STARTED)

    def back(to: Stage, *, reason: str = "投资方变更", project: ProjectFacts = project) -> set[Code]:
        return {one.code for one in rules.refusals_to_go_back(project, to=to, on=ON, occurred_on=ON, reason=reason, lifecycle=LIFE)}

    assert back(Stage.SIGNED) == back(Stage.TALKS) == set()
    assert back(Stage.STARTED) == back(Stage.COMPLETED) == back(Stage.REGISTERED) == {Code.WRONG_STAGE}
    assert back(Stage.SIGNED, reason=" ") == {Code.REASON_MISSING}
    assert back(Stage.SIGNED, project=replace(project, status=Status.PAUSED)) == {Code.NOT_ACTIVE}
    assert back(Stage.SIGNED, project=replace(project, stage=Stage.REGISTERED)) == set(), "from a stage that the way leaves out"


@pytest.mark.parametrize(
    ("status", "pause", "resume", "lose", "revive"),
    [
        (Status.ACTIVE, set(), {Code.IS_ACTIVE}, set(), {Code.NOT_LOST}),
        (Status.PAUSED, {Code.NOT_ACTIVE}, set(), set(), {Code.NOT_LOST}),
        (Status.DORMANT, {Code.NOT_ACTIVE}, set(), set(), {Code.NOT_LOST}),
        (Status.LOST, {Code.NOT_ACTIVE}, {Code.IS_LOST}, {Code.IS_LOST}, set()),
    ],
)
def test_what_each_status_lets_be_done(status: Status, pause: set[Code], resume: set[Code], lose: set[Code], revive: set[Code]) -> None:
    project, when = facts(status=status), {"on": ON, "occurred_on": ON}
    found = (
        rules.refusals_to_pause(project, reason="缓建", **when), rules.refusals_to_resume(project, **when),
        rules.refusals_to_lose(project, reason="要素不足", loss=Loss.GIVEN_UP, went_to="", **when),
        rules.refusals_to_revive(project, reason="重启", **when),
    )  # fmt: skip
    assert tuple({one.code for one in each} for each in found) == (pause, resume, lose, revive)


def test_a_project_that_went_elsewhere_says_where_and_all_say_why() -> None:
    when = {"on": ON, "occurred_on": ON}
    lost = rules.refusals_to_lose(facts(), reason="", loss=Loss.ELSEWHERE, went_to=" ", **when)
    assert {one.code for one in lost} == {Code.REASON_MISSING, Code.WHERE_TO_MISSING}
    assert rules.refusals_to_lose(facts(), reason="地价", loss=Loss.ELSEWHERE, went_to="白榆市", **when) == ()
    assert [one.code for one in rules.refusals_to_pause(facts(), reason="", **when)] == [Code.REASON_MISSING]
    assert [one.code for one in rules.refusals_to_revive(facts(status=Status.LOST), reason="", **when)] == [Code.REASON_MISSING]


# --- opening and describing ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()), ({"name": " "}, {Code.NAME_MISSING}), ({"is_there": True}, {Code.PROJECT_THERE}),
        ({"is_in_talks": False}, {Code.LEAD_NOT_IN_TALKS}), ({"has_claim": False}, {Code.LEAD_NO_CLAIM}),
        ({"is_in_talks": False, "has_claim": False, "is_taken_over": True}, set()),
        ({"is_open": False, "is_taken_over": True}, {Code.LEAD_NOT_IN_TALKS}), ({"is_unit_open": False}, {Code.UNIT_CLOSED}),
        ({"is_active": False}, {Code.PERSON_INACTIVE}), ({"is_of_unit": False}, {Code.PERSON_NOT_OF_UNIT}),
    ],
)  # fmt: skip
def test_from_which_lead_a_project_begins(more: dict[str, object], expected: set[Code]) -> None:
    values = {
        "name": "隔膜项目", "is_in_talks": True, "has_claim": True, "is_open": True, "is_there": False, "is_taken_over": False,
        "is_unit_open": True, "is_active": True, "is_of_unit": True, **more,
    }  # fmt: skip
    assert {one.code for one in opening.refusals_to_open(**values)} == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()),
        ({"name_zh": ""}, {"name_missing"}),
        ({"figures": {"jobs": 3}, "not_provided": ["jobs"]}, {"figure_and_not_provided jobs"}),
        ({"not_provided": ["weather"]}, {"figure_and_not_provided weather"}),
        ({"not_provided": ["jobs"]}, set()),
        ({"figures": {"land_mu": Decimal("-0.01")}}, {"figure_negative land_mu"}),
        ({"figures": {"land_mu": Decimal(0)}}, set()),
        ({"project_code": "2601-990121-04-01-123456"}, set()),
        ({"project_code": "2601-990121-04-01-12345"}, {"code_odd"}),
        ({"project_code": "2601990121040112345678901"}, {"code_odd"}),
        ({"project_code": "26O1-990121-04-01-123456"}, {"code_odd"}),
        ({"origin": Origin.FOREIGN, "origin_country": "DE"}, set()),
        ({"origin": Origin.FOREIGN}, {"origin_half"}),
        ({"origin": Origin.FOREIGN, "origin_country": "DE", "origin_adcode": "990200"}, {"origin_half"}),
        ({"origin": Origin.PRIVATE, "origin_adcode": "990200"}, set()),
        ({"origin": Origin.STATE, "origin_country": "DE"}, {"origin_half"}),
        ({"origin_adcode": "990200"}, {"origin_half"}),
        ({"plan": (dt.date(2026, 5, 1), None, dt.date(2026, 4, 30), None)}, {"plan_out_of_order"}),
        ({"plan": (dt.date(2026, 5, 1), None, dt.date(2026, 5, 1), None)}, set()),
        ({"is_chain_project": True}, {"chain_unnamed"}),
        ({"is_chain_project": True, "chain": "automobile"}, set()),
    ],
)
def test_how_a_project_may_be_described(more: dict[str, object], expected: set[str]) -> None:
    said = Description(**{"name_zh": "隔膜项目", **more})  # type: ignore[arg-type]
    assert {str(one) for one in opening.refusals_to_describe(said, is_code_taken=False)} == expected


def test_a_code_belongs_to_one_project() -> None:
    found = opening.refusals_to_describe(Description("隔膜项目", project_code="2601-990121-04-01-123456"), is_code_taken=True)
    assert [one.code for one in found] == [Code.CODE_TAKEN]


def test_what_a_gate_rested_on_may_not_vanish_but_what_lacked_all_along_may_stay_absent() -> None:
    before = facts(stage=Stage.SIGNED, given=frozenset({"investor", "total_yuan", "jobs"}), not_provided=frozenset({"land_mu"}))

    def vanished(given: set[str], not_provided: set[str], project: ProjectFacts = before) -> set[str]:
        found = opening.refusals_of_vanishing(project, given=given, not_provided=not_provided, lifecycle=LIFE)
        return {one.field for one in found}

    assert vanished({"investor", "total_yuan", "jobs"}, {"land_mu"}) == set()
    assert vanished({"investor", "jobs"}, {"land_mu"}) == {"total_yuan"}
    assert vanished({"investor", "jobs"}, {"land_mu", "total_yuan"}) == {"total_yuan"}, "the gate wanted it given"
    assert vanished({"investor", "total_yuan", "land_mu"}, {"jobs"}) == set()
    assert vanished({"investor", "total_yuan", "jobs"}, set()) == {"land_mu"}
    assert vanished({"jobs"}, set(), replace(before, given=frozenset({"jobs"}), not_provided=frozenset())) == set()
    assert vanished(set(), set(), replace(before, stage=Stage.TALKS)) == set(), "no gate was passed"


# --- nodes and evidence -------------------------------------------------------------------------------------------------------------------
MEETING = NodeFacts("meeting", Stage.APPRAISAL, NodeState.OPEN)


def test_a_node_is_done_once_when_it_is_proved_and_not_tomorrow() -> None:
    def done(node: NodeFacts = MEETING, *, proved: set[str] | None = None, day: dt.date = ON, status: Status = Status.ACTIVE) -> set[str]:
        found = nodes.refusals_to_finish(
            facts(status=status), node, proved={"minutes"} if proved is None else proved, done_on=day, on=ON, rule=LIFE.nodes["meeting"]
        )
        return {str(one) for one in found}

    assert done() == set()
    assert done(proved=set()) == {"missing_evidence minutes meeting"}
    assert done(day=ON + dt.timedelta(days=1)) == {"day_to_come"}
    assert done(replace(MEETING, state=NodeState.DONE)) == {"node_not_open"}
    assert done(replace(MEETING, state=NodeState.WAITING)) == {"node_waits"}
    assert done(status=Status.PAUSED) == {"not_active"}


def test_a_node_is_dropped_or_opened_again_for_a_reason() -> None:
    assert nodes.refusals_to_drop(facts(), MEETING, reason="不涉及") == ()
    assert [one.code for one in nodes.refusals_to_drop(facts(), MEETING, reason=" ")] == [Code.REASON_MISSING]
    assert [one.code for one in nodes.refusals_to_drop(facts(), replace(MEETING, state=NodeState.DONE), reason="x")] == [Code.NODE_NOT_OPEN]
    assert nodes.refusals_to_reopen(facts(), replace(MEETING, state=NodeState.NOT_NEEDED), reason="补办") == ()
    assert [one.code for one in nodes.refusals_to_reopen(facts(), MEETING, reason="补办")] == [Code.NODE_OPEN]
    assert [one.code for one in nodes.refusals_to_reopen(facts(), replace(MEETING, state=NodeState.DONE), reason="")] == [
        Code.REASON_MISSING
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()), ({"has_file": False}, {Code.EVIDENCE_EMPTY}), ({"has_file": False, "number": "文〔2026〕1号"}, set()),
        ({"kind": "moon"}, {Code.EVIDENCE_UNKNOWN}), ({"has_node": False}, {Code.EVIDENCE_UNKNOWN}),
        ({"is_file_here": False}, {Code.FILE_ELSEWHERE}), ({"dated_on": ON}, set()),
        ({"dated_on": ON + dt.timedelta(days=1)}, {Code.DAY_TO_COME}),
    ],
)  # fmt: skip
def test_what_can_be_handed_in(more: dict[str, object], expected: set[Code]) -> None:
    values = {"kind": "minutes", "has_file": True, "number": "", "dated_on": None, "is_file_here": True, "has_node": True, **more}
    assert {one.code for one in nodes.refusals_to_hand_in(on=ON, lifecycle=LIFE, **values)} == expected  # type: ignore[arg-type]


def test_the_last_proof_that_something_rests_on_is_not_withdrawn() -> None:
    def gone(project: ProjectFacts, kind: str, *, is_last: bool = True, is_withdrawn: bool = False, reason: str = "错件") -> set[Code]:
        found = nodes.refusals_to_withdraw(
            project, kind=kind, is_withdrawn=is_withdrawn, is_last=is_last, reason=reason, lifecycle=LIFE
        )  # fmt: skip
        return {one.code for one in found}

    signed = facts(stage=Stage.SIGNED)
    assert gone(signed, "contract") == {Code.EVIDENCE_NEEDED}
    assert gone(signed, "contract", is_last=False) == set()
    assert gone(facts(stage=Stage.APPRAISAL), "contract") == set()
    assert gone(facts(nodes=(replace(MEETING, state=NodeState.DONE),)), "minutes") == {Code.EVIDENCE_NEEDED}
    assert gone(facts(), "minutes") == set()
    assert gone(facts(), "minutes", reason="") == {Code.REASON_MISSING}
    assert gone(signed, "contract", is_withdrawn=True) == {Code.EVIDENCE_WITHDRAWN}


# --- lights, checklist, words -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("due", "light"),
    [
        (None, Light.GREY), (dt.date(2026, 3, 9), Light.RED), (dt.date(2026, 3, 10), Light.AMBER), (dt.date(2026, 3, 13), Light.AMBER),
        (dt.date(2026, 3, 14), Light.GREEN),
    ],
)  # fmt: skip
def test_how_an_open_node_stands(due: dt.date | None, light: Light) -> None:
    assert rules.light(replace(MEETING, due_on=due), on=ON, yellow_days=3) is light


def test_what_was_late_and_is_caught_up_stays_amber() -> None:
    done = replace(MEETING, state=NodeState.DONE, due_on=ON)
    assert rules.light(replace(done, done_on=ON), on=ON, yellow_days=3) is Light.GREEN
    assert rules.light(replace(done, done_on=ON + dt.timedelta(days=1)), on=ON, yellow_days=3) is Light.AMBER
    assert rules.light(replace(done, due_on=None, done_on=ON), on=ON, yellow_days=3) is Light.GREEN
    assert rules.light(replace(MEETING, state=NodeState.WAITING), on=ON, yellow_days=3) is Light.GREY
    assert rules.light(replace(MEETING, due_on=dt.date(2026, 1, 1)), on=ON, yellow_days=3, is_active=False) is Light.GREY


def test_a_project_stands_as_the_worst_of_it() -> None:
    late, near = (replace(MEETING, due_on=ON + dt.timedelta(days=days)) for days in (-1, 1))
    assert rules.lights(facts(), on=ON, yellow_days=3, stage_due_on=None) is Light.GREY
    assert rules.lights(facts(), on=ON, yellow_days=3, stage_due_on=dt.date(2026, 6, 1)) is Light.GREEN
    assert rules.lights(facts(nodes=(near,)), on=ON, yellow_days=3, stage_due_on=dt.date(2026, 6, 1)) is Light.AMBER
    assert rules.lights(facts(nodes=(near, late)), on=ON, yellow_days=3, stage_due_on=dt.date(2026, 6, 1)) is Light.RED
    assert rules.lights(facts(), on=ON, yellow_days=3, stage_due_on=dt.date(2026, 3, 9)) is Light.RED
    assert rules.lights(facts(status=Status.PAUSED, nodes=(late,)), on=ON, yellow_days=3, stage_due_on=None) is Light.GREY


def test_the_checklist_lacks_exactly_what_the_gate_refuses() -> None:
    project = facts(given=frozenset({"investor"}), not_provided=frozenset({"jobs"}), nodes=())
    items = rules.checklist(project, to=Stage.APPRAISAL, lifecycle=LIFE)
    assert {item.refusal for item in items if not item.is_met} == set(rules.missing(project, to=Stage.APPRAISAL, lifecycle=LIFE))
    assert {str(item.refusal) for item in items if item.is_met} == {"missing_fact investor", "missing_fact jobs"}
    assert [str(item.refusal) for item in items if item.is_not_provided] == ["missing_fact jobs"]


ANY = {
    "kind": st.sampled_from(list(Kind)), "stage": st.sampled_from(list(Stage)), "status": st.sampled_from(list(Status)),
    "given": st.frozensets(st.sampled_from((*lifecycle.FIGURES, *lifecycle.FACTS))),
    "not_provided": st.frozensets(st.sampled_from(lifecycle.FIGURES)),
    "proved": st.frozensets(st.sampled_from(list(SHIPPED.evidence))),
    "done": st.frozensets(st.sampled_from(list(SHIPPED.nodes))),
    "to": st.sampled_from(list(Stage)),
    "is_second": st.booleans(),
}  # fmt: skip


@given(st.fixed_dictionaries(ANY))
def test_a_gate_lets_pass_only_what_is_whole_and_says_the_same_as_the_checklist(drawn: dict[str, Any]) -> None:
    """Said another way than the rule says it: what passed has all that the table asks for, and two persons where they decide."""
    done, to, is_second = drawn.pop("done"), drawn.pop("to"), drawn.pop("is_second")
    there = tuple(NodeFacts(key, Stage(SHIPPED.nodes[key].stage), NodeState.DONE, done_on=ON) for key in sorted(done))
    project = facts(nodes=there, **drawn)
    found = rules.refusals(project, to=to, on=ON, lifecycle=SHIPPED, is_second=is_second)
    needed = SHIPPED.required_for(to, project.kind)
    is_whole = (
        project.status is Status.ACTIVE
        and SHIPPED.stages[project.stage].next == to
        and set(needed.facts) <= project.given
        and set(needed.said) <= project.given | project.not_provided
        and set(needed.evidence) <= project.proved
        and all(node.key in done for node in SHIPPED.nodes_of(project.stage, project.kind) if not node.optional)
        and (is_second or not SHIPPED.stages[to].two_persons)
    )
    assert (found == ()) == is_whole
    lacks = {item.refusal for item in rules.checklist(project, to=to, lifecycle=SHIPPED) if not item.is_met}
    assert lacks == set(rules.missing(project, to=to, lifecycle=SHIPPED)) <= set(found)


def test_evidence_that_was_absent_at_the_take_over_is_told_as_such() -> None:
    project = facts(stage=Stage.APPRAISAL, proved=frozenset(), absent=frozenset({"contract"}), nodes=_appraised())
    (item,) = [one for one in rules.checklist(project, to=Stage.SIGNED, lifecycle=LIFE) if one.refusal.field == "contract"]
    assert item.is_absent and not item.is_met


def test_codes_and_kinds_are_those_of_the_lifecycle() -> None:
    assert tuple(Stage) == lifecycle.STAGES == tuple(PROJECT_STAGES)
    assert tuple(Kind) == lifecycle.KINDS and set(LOSSES) == set(Loss)


def test_every_fact_that_a_gate_may_ask_for_is_one_of_the_project() -> None:
    assert all(words.fact_name(name) for name in (*lifecycle.FIGURES, *lifecycle.FACTS))


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_has_words(code: Code) -> None:
    said = words.word(Refusal(code, field=_field(code), node="investor_checked"))
    assert said and "%(" not in said


def _field(code: Code) -> str:
    if code is Code.MISSING_EVIDENCE:
        return "contract"
    return "jobs" if "%(fact)s" in str(words.WORDS[code]) else "signed"
