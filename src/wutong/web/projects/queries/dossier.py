"""One project as page and API show it: way and time, what the next stage asks for and who owes it, nodes, people, proofs, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.lifecycle import Lifecycle, Tier
from wutong.web.accounts.models.units import named
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.projects.models import Evidence, Gate, Node, Project, StageChange
from wutong.web.projects.queries import lifecycles, limits, refusals
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import ChangeKind, Code, Light, NodeFacts, NodeState, ProjectFacts, Stage, Status


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the way: done, here or ahead; since when, until when, and how many days the project was in it, pauses left out."""

    stage: Stage
    name: str
    how: str
    since_on: dt.date | None = None
    until_on: dt.date | None = None
    days_there: int | None = None
    is_for_two: bool = False
    is_unproved: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the checklist: what is asked for, whether it is there, who owes it and by when. `sort`: fact, evidence or node."""

    sort: str
    key: str
    name: str
    is_met: bool
    is_not_provided: bool = False
    is_absent: bool = False
    owed_by: str = ""
    due_on: dt.date | None = None
    light: Light = Light.GREY


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A node as the page shows it. `function`: who does such things; `wants`: evidence that lacks before it can be called done."""

    node: Node
    name: str
    function: str
    light: Light
    late_days: int
    is_optional: bool
    wants: tuple[str, ...]
    is_here: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence with its kind and node in words; `is_mended`: it was absent, and one was handed in since."""

    evidence: Evidence
    name: str
    node_name: str
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody's part in a project: as what, who, of which unit."""

    role: str
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the history in words: when it happened, when it was entered, by whom."""

    at: dt.datetime
    on: dt.date
    text: str
    reason: str = ""
    who: str = ""
    second: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verb:
    """What may be done with a project now, or why not, in words."""

    code: str
    why_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is to be told of a project. `unknown_years`: years without a calendar, on which one of the days shown rests."""

    project: Project
    stage_name: str
    next_stage: Stage | None
    next_name: str
    is_next_for_two: bool
    light: Light
    tier: Tier | None
    tier_name: str
    way: tuple[Step, ...]
    days_in_stage: int
    checklist: tuple[Line, ...]
    refused: tuple[str, ...]
    gate: Gate | None
    may_decide: bool
    nodes: tuple[NodeLine, ...]
    people: tuple[Part, ...]
    proofs: tuple[Proof, ...]
    absent: tuple[str, ...]
    absent_facts: tuple[str, ...]
    events: tuple[Event, ...]
    verbs: tuple[Verb, ...]
    phases: tuple[Project, ...]
    lead: Lead | None
    unknown_years: tuple[int, ...]
    facts: ProjectFacts
    limits: tuple[limits.Line, ...] = ()

    @property
    def missing(self) -> tuple[Line, ...]:
        """What the next stage still lacks."""
        return tuple(line for line in self.checklist if not line.is_met)


def whole(found: Any) -> Any:
    """Projects with all that their page names. Why not all joined: PostgreSQL plans one of eleven tables for 40 ms, of eight for 2."""
    near = found.select_related("unit", "finder_unit", "owner__unit", "firm", "lead", "opened_by")
    return near.prefetch_related("landed_firm", "phase_of__lead")


def dossier(project: Project, user: Any, *, on: dt.date) -> Dossier:
    """All of it, as far as the person may see it."""
    life, facts, yellow = lifecycles.in_force(), project.facts(), lifecycles.yellow_days(on)
    changes = list(StageChange.objects.filter(project=project).select_related("by", "second_by").order_by("pk"))
    nodes = list(Node.objects.filter(project=project).select_related("unit", "owner"))
    proofs = list(Evidence.objects.filter(project=project).select_related("by", "attachment", "withdrawn_by"))
    gates = list(Gate.objects.filter(project=project).select_related("asked_by", "decided_by"))
    to = rules.next_stage(facts.stage, life)
    tier = rules.tier(project.total_yuan, life)
    asked = next((gate for gate in gates if not gate.decision), None)
    refused = rules.refusals(facts, to=to, on=on, lifecycle=life) if to else ()
    way = _way(facts, changes, life, on=on)
    running = limits.of_project(project, on)
    light = min(
        rules.lights(facts, on=on, yellow_days=yellow, stage_due_on=project.stage_due_on),
        limits.light_of(line.standing for line in running), key=rules.WORST_FIRST.index,
    )  # fmt: skip
    return Dossier(
        project, lifecycles.stage_name(project.stage), to, lifecycles.stage_name(to) if to else "",
        bool(to) and life.stages[str(to)].two_persons, light, tier, named(tier.zh, tier.en) if tier else "", way,
        next((step.days_there or 0 for step in way if step.how == "here"), 0),
        _checklist(project, facts, nodes, to, life, on=on, yellow_days=yellow) if to else (), refusals.words(refused), asked,
        asked is not None and may_decide(user, project, asked), _nodes(nodes, facts, proofs, life, on=on, yellow_days=yellow),
        _people(project, nodes), _proofs(proofs), tuple(map(lifecycles.evidence_name, sorted(facts.absent))),
        tuple(map(refusals.fact_name, rules.absent_facts(facts, life))), _events(changes, gates),
        verbs_of(user, project, facts, asked, life, on=on), _phases(project, user), _lead(project, user),
        tuple(sorted({*project.unknown_years, *(year for node in nodes if node.state == NodeState.OPEN for year in node.unknown_years)})),
        facts, running,
    )  # fmt: skip


def may_decide(user: Any, project: Project, gate: Gate) -> bool:
    """Whether a person may answer a gate that he sees."""
    return user.pk != gate.asked_by_id and user.may(Permission.PROJECTS_DECIDE, project.target())


# --- way and time -----------------------------------------------------------------------------------------------------------------------
def spent_days(changes: Sequence[StageChange], *, on: dt.date) -> Mapping[str, int]:
    """By stage, how many days a project was in it and worked on, all times together; pauses and the time lost are left out."""
    found: dict[str, int] = {}
    ends = [*(change.occurred_on for change in changes[1:]), on]
    for change, end in zip(changes, ends, strict=True):
        days = max(0, (end - change.occurred_on).days) if change.to_status == Status.ACTIVE else 0
        found[change.to_stage] = found.get(change.to_stage, 0) + days
    return found


def _way(facts: ProjectFacts, changes: Sequence[StageChange], life: Lifecycle, *, on: dt.date) -> tuple[Step, ...]:
    """The stages in order, with when the project came to each last and left it."""
    order = life.order if facts.stage in life.order else (*life.order, facts.stage)
    here, spent = order.index(facts.stage), spent_days(changes, on=on)
    since: dict[str, StageChange] = {}
    for change in changes:
        if change.from_stage != change.to_stage:
            since[change.to_stage] = change
    steps = []
    for number, code in enumerate(order):
        how = "done" if number < here else "here" if number == here else "ahead"
        came = since.get(code) if number <= here else None
        left = next((since[later] for later in order[number + 1 : here + 1] if later in since), None)
        steps.append(
            Step(
                Stage(code), lifecycles.stage_name(code), how, came.occurred_on if came else None,
                left.occurred_on if left and how == "done" else None, spent.get(code) if came else None, life.stages[code].two_persons,
                came is not None and came.kind == ChangeKind.TAKEN_OVER and bool(came.absent),
            )
        )  # fmt: skip
    return tuple(steps)


# --- what is asked for ------------------------------------------------------------------------------------------------------------------
def _checklist(
    project: Project, facts: ProjectFacts, nodes: Sequence[Node], to: Stage, life: Lifecycle, *, on: dt.date, yellow_days: int
) -> tuple[Line, ...]:
    """What the gate asks for, by the rules that the gate obeys."""
    made = {node.key: node for node in nodes}
    sorts = {Code.MISSING_FACT: "fact", Code.MISSING_EVIDENCE: "evidence", Code.OPEN_NODE: "node"}
    lines = []
    for item in rules.checklist(facts, to=to, lifecycle=life):
        sort, key = sorts[item.refusal.code], item.refusal.field or item.refusal.node
        node = made.get(key) if sort == "node" else _proving(key, made, life) if sort == "evidence" else None
        lines.append(
            Line(
                sort, key, _named(sort, key), item.is_met, item.is_not_provided, item.is_absent, _owed_by(node, project),
                node.due_on if node else None,
                rules.light(node.facts(), on=on, yellow_days=yellow_days, is_active=facts.status is Status.ACTIVE) if node else Light.GREY,
            )
        )  # fmt: skip
    return tuple(lines)


def _proving(kind: str, made: Mapping[str, Node], life: Lifecycle) -> Node | None:
    """The open node that brings a kind of evidence along: whoever owes it owes the proof."""
    open_ones = (node for node in made.values() if node.state == NodeState.OPEN and node.key in life.nodes)
    return next((node for node in open_ones if kind in life.nodes[node.key].evidence), None)


def _named(sort: str, key: str) -> str:
    by_sort = {"fact": refusals.fact_name, "evidence": lifecycles.evidence_name, "node": lifecycles.node_name}
    return by_sort[sort](key)


def _owed_by(node: Node | None, project: Project) -> str:
    """Who owes it: the person or unit of the node, else whoever answers for the project."""
    return str(node.owner or node.unit) if node else str(project.owner)


def _nodes(
    nodes: Sequence[Node], facts: ProjectFacts, proofs: Sequence[Evidence], life: Lifecycle, *, on: dt.date, yellow_days: int
) -> tuple[NodeLine, ...]:
    """Nodes in the order of the stages and of the rules."""
    keys, order = list(life.nodes), [*life.order, *Stage]
    lines = []
    for node in sorted(nodes, key=lambda one: (order.index(Stage(one.stage)), keys.index(one.key) if one.key in keys else len(keys))):
        rule, told = life.nodes.get(node.key), node.facts()
        there = {one.kind for one in proofs if one.withdrawn_at is None and not one.is_absent and one.node in {"", node.key}}
        wanted = rule.evidence if rule and node.state == NodeState.OPEN else ()
        light = rules.light(told, on=on, yellow_days=yellow_days, is_active=facts.status is Status.ACTIVE)
        lines.append(
            NodeLine(
                node, lifecycles.node_name(node.key), lifecycles.function_name(node.key), light, _late_days(told, on),
                rule is None or rule.optional, tuple(lifecycles.evidence_name(kind) for kind in wanted if kind not in there),
                node.stage == facts.stage,
            )
        )  # fmt: skip
    return tuple(lines)


def _late_days(node: NodeFacts, on: dt.date) -> int:
    """How many days after its day a node was done, or is open still."""
    if node.due_on is None or node.state in {NodeState.NOT_NEEDED, NodeState.WAITING}:
        return 0
    return max(0, ((node.done_on or on) - node.due_on).days)


# --- who, what was proved, what was done ------------------------------------------------------------------------------------------------
def _people(project: Project, nodes: Sequence[Node]) -> tuple[Part, ...]:
    """Who has a part in it: owner, host, finder, and whom nodes were given to."""
    found = [
        Part(pgettext("project", "Owner"), str(project.owner), str(project.owner.unit)), Part(_("Host unit"), str(project.unit)),
        Part(_("Found by"), str(project.finder_unit)),
    ]  # fmt: skip
    found += [
        Part(lifecycles.node_name(node.key), str(node.owner or ""), str(node.unit))
        for node in nodes
        if node.state == NodeState.OPEN and (node.owner_id or node.unit_id != project.unit_id)
    ]
    return tuple(found)


def _proofs(proofs: Sequence[Evidence]) -> tuple[Proof, ...]:
    """The evidence, the newest first; what was absent and is there now is told as mended."""
    there = {one.kind for one in proofs if one.withdrawn_at is None and not one.is_absent}
    return tuple(
        Proof(
            one, lifecycles.evidence_name(one.kind), lifecycles.node_name(one.node) if one.node else "", one.is_absent and one.kind in there
        )
        for one in proofs
    )


def _events(changes: Sequence[StageChange], gates: Sequence[Gate]) -> tuple[Event, ...]:
    """What was done to stage and status, and what second persons answered, the newest first."""
    found = [
        Event(
            change.at, change.occurred_on, _said(change), change.reason, str(change.by or ""), str(change.second_by or ""),
            tuple(_absent_name(name) for name in change.absent),
        )
        for change in changes
    ]  # fmt: skip
    for gate in gates:
        to = lifecycles.stage_name(gate.to)
        asked = _("Asked for a second person to let it enter “%(stage)s”") % {"stage": to}
        found.append(Event(gate.asked_at, gate.occurred_on, asked, gate.words, str(gate.asked_by or "")))
        if gate.decision and gate.decision != "agreed" and gate.decided_at:
            said = _("“%(stage)s”: %(decision)s") % {"stage": to, "decision": gate.get_decision_display()}
            found.append(Event(gate.decided_at, lifecycles.day_of(gate.decided_at), said, gate.answer, str(gate.decided_by or "")))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _said(change: StageChange) -> str:
    """A change in words."""
    stage = lifecycles.stage_name(change.to_stage)
    if change.kind in {ChangeKind.ADVANCED, ChangeKind.WENT_BACK}:
        told = {"from": lifecycles.stage_name(change.from_stage), "to": stage}
        is_ahead = change.kind == ChangeKind.ADVANCED
        return _("From “%(from)s” to “%(to)s”") % told if is_ahead else _("Back from “%(from)s” to “%(to)s”") % told
    if change.kind in {ChangeKind.OPENED, ChangeKind.TAKEN_OVER}:
        return f"{change.get_kind_display()} · {stage}"
    return f"{change.get_kind_display()} · {change.get_to_status_display()}"


def _absent_name(name: str) -> str:
    """A fact or a kind of evidence that was absent."""
    return lifecycles.evidence_name(name) if name in lifecycles.in_force().evidence else refusals.fact_name(name)


def _phases(project: Project, user: Any) -> tuple[Project, ...]:
    """The other phases, as far as the person may see them."""
    first = project.phase_of_id or project.pk
    seen = Project.objects.visible_to(user).exclude(pk=project.pk)
    return tuple((seen.filter(pk=first) | seen.filter(phase_of=first)).order_by("phase_number"))


def _lead(project: Project, user: Any) -> Lead | None:
    """The lead, where the person may see it."""
    lead = project.root.lead
    return Lead.objects.visible_to(user).filter(pk=lead.pk).first() if lead else None


# --- what may be done -------------------------------------------------------------------------------------------------------------------
def verbs_of(user: Any, project: Project, facts: ProjectFacts, asked: Gate | None, life: Lifecycle, *, on: dt.date) -> tuple[Verb, ...]:
    """The verbs that the person's roles allow, each with what the rules refuse now; by the rules that the actions obey."""
    grants, given, day = user.grants(), "…", facts.changed_on
    found: list[tuple[str, rules.Refusals]] = []
    if rules.may_work(grants, facts, person_id=user.pk):
        to = rules.next_stage(facts.stage, life)
        if to is not None and life.stages[to].two_persons:
            found.append(("ask", rules.refusals_to_ask(facts, to=to, on=on, occurred_on=max(on, day), lifecycle=life)))
        elif to is not None:
            found.append(("advance", rules.refusals(facts, to=to, on=on, lifecycle=life)))
        found.append(("change", ()))
        if facts.stage is not Stage(life.order[0]):
            back = Stage(life.order[0])
            why = rules.refusals_to_go_back(facts, to=back, on=on, occurred_on=day, reason=given, lifecycle=life)
            found.append(("go-back", why))
        found += _aside(facts, on=on)
        found.append(("add-phase", ()))
        if asked is not None:
            found.append(("withdraw-gate", ()))
    if asked is not None and may_decide(user, project, asked):
        found.append(("decide", ()))
    if rules.may_direct(grants, facts, person_id=user.pk):
        found.append(("assign", ()))
    if user.pk == project.owner_id and user.may(Permission.PROJECTS_EDIT):
        found.append(("confidential", ()))
    return tuple(Verb(code, refusals.words(why)) for code, why in found)


def _aside(facts: ProjectFacts, *, on: dt.date) -> list[tuple[str, rules.Refusals]]:
    """Putting aside, losing and taking up again: what fits the status."""
    if facts.status is Status.LOST:
        return [("revive", ())]
    if facts.status is not Status.ACTIVE:
        return [("resume", ()), ("lose", ())]
    return [("pause", rules.refusals_to_pause(facts, on=on, occurred_on=on, reason="…")), ("lose", ())]
