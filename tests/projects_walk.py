"""People do anything to projects in any order, and what must never be broken is looked at: for the suite, and for a long run."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction

import factories
from wutong.rulebook.lifecycle import FIGURES
from wutong.web.audit.models import Entry
from wutong.web.leads.actions import guarding as leads
from wutong.web.leads.models import Claim, Lead
from wutong.web.projects.actions import describing, evidence, guarding, nodes, opening, stages
from wutong.web.projects.models import DATED, Evidence, Gate, Node, PlanChange, Project, StageChange
from wutong.web.projects.queries import dossier, lifecycles
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import ChangeKind, Kind, Loss, NodeState, Stage, Status

DAY = dt.timedelta(days=1)
PEOPLE = ("park_officer", "bureau_leader", "vice_mayor", "county_officer", "other_leader")
_REFUSED = (guarding.Refused, guarding.NotAllowed, leads.Refused)


class Walk:
    """One sequence: one or two projects, and people who try things. Everything is drawn from the seed."""

    def __init__(self, seed: int, cast: Any, at: dt.datetime) -> None:
        self.dice, self.cast, self.at = random.Random(seed), cast, at
        self.projects: list[Project] = [factories.whole_project(cast.park_officer, at=at)]
        self.done: Counter[str] = Counter()

    def step(self) -> str:
        """Somebody tries something, perhaps in vain; what it was."""
        self.at += self.dice.choice((0, 0, 1, 3, 40)) * DAY
        one = Project.objects.get(pk=self.dice.choice(self.projects).pk)
        is_aside = one.status != Status.ACTIVE and self.dice.random() < 0.5
        name = self.dice.choice(("resume", "revive") if is_aside else list(_DONE))
        by = self.dice.choice((one.owner, one.owner, None, self.cast.people[self.dice.choice(PEOPLE)]))
        try:
            with transaction.atomic():
                made = _DONE[name](self, one, by)
        except _REFUSED:
            name += " (refused)"
        else:
            if isinstance(made, Project) and made not in self.projects:
                self.projects.append(made)
        self.done[name] += 1
        return name

    # What is at hand.

    def day(self) -> dt.date:
        return guarding.day_of(self.at) - self.dice.choice((0, 0, 0, 1, 5, -1)) * DAY

    def node(self, project: Project, *states: NodeState) -> Node | None:
        found = list(Node.objects.filter(project=project, state__in=states or list(NodeState)))
        return self.dice.choice(found) if found else None

    def next(self, project: Project) -> Stage:
        following = rules.next_stage(Stage(project.stage), lifecycles.in_force())
        return following if following is not None and self.dice.random() < 0.8 else self.dice.choice(list(Stage))

    def above(self) -> Any:
        return self.cast.people[self.dice.choice(("bureau_leader", "vice_mayor", "other_leader", "park_officer"))]


def _prepare(walk: Walk, project: Project, by: Any) -> None:
    """Most of what the next gate wants is dealt with."""
    if project.status == Status.ACTIVE:
        factories.deal_with_nodes(project, at=walk.at)


def _go_on(walk: Walk, project: Project, by: Any) -> None:
    """What the next gate wants is dealt with, and its owner goes on: alone, or by asking."""
    _prepare(walk, project, by)
    to = rules.next_stage(Stage(project.stage), lifecycles.in_force()) or Stage.FULL_CAPACITY
    if lifecycles.in_force().stages[to].two_persons:
        stages.ask(project=project, to=to, by=project.owner, at=walk.at)
    else:
        stages.advance(project=project, to=to, by=project.owner, at=walk.at)


def _ask(walk: Walk, project: Project, by: Any) -> None:
    stages.ask(project=project, to=walk.next(project), by=by, at=walk.at, occurred_on=walk.day())


def _decide(walk: Walk, project: Project, by: Any) -> None:
    gate = Gate.objects.filter(project=project).first()
    if gate is not None:
        stages.decide(gate=gate, is_agreed=walk.dice.random() < 0.7, words=walk.dice.choice(("同意", "")), by=walk.above(), at=walk.at)


def _withdraw_gate(walk: Walk, project: Project, by: Any) -> None:
    gate = Gate.objects.filter(project=project).first()
    if gate is not None:
        stages.withdraw(gate=gate, by=by, at=walk.at)


def _finish(walk: Walk, project: Project, by: Any) -> None:
    node = walk.node(project, NodeState.OPEN, NodeState.WAITING, NodeState.DONE)
    if node is not None:
        nodes.finish(node=node, by=by, at=walk.at, done_on=walk.day())


def _of_node(act: Callable[..., Any]) -> Callable[[Walk, Project, Any], None]:
    def work(walk: Walk, project: Project, by: Any) -> None:
        node = walk.node(project)
        if node is not None:
            act(node=node, reason=walk.dice.choice(("核实", "")), by=by, at=walk.at)

    return work


def _hand_in(walk: Walk, project: Project, by: Any) -> None:
    kind = walk.dice.choice([*lifecycles.in_force().evidence, "moon"])
    evidence.hand_in(project=project, kind=kind, number=walk.dice.choice(("1", "")), node=walk.node(project), by=by, at=walk.at)


def _withdraw(walk: Walk, project: Project, by: Any) -> None:
    proofs = list(Evidence.objects.filter(project=project))
    if proofs:
        evidence.withdraw(evidence=walk.dice.choice(proofs), reason="错件", by=by, at=walk.at)


def _change(walk: Walk, project: Project, by: Any) -> None:
    name = walk.dice.choice(FIGURES)
    values: dict[str, Any] = walk.dice.choice(
        ({name: Decimal(walk.dice.randint(-1, 9))}, {name: None}, {"not_provided": [name]}, {"kind": walk.dice.choice(list(Kind))})
    )
    describing.change(project=project, values=values, reason=walk.dice.choice(("重新核定", "")), by=by, at=walk.at)


def replan(walk: Walk, project: Project, by: Any) -> None:
    """Another total, or other planned days, or none."""
    start = guarding.day_of(walk.at) + walk.dice.randint(-200, 200) * DAY
    plan = {"planned_start_on": start, "planned_completion_on": start + 300 * DAY, "planned_production_on": start + 400 * DAY}
    total = {"total_yuan": Decimal(walk.dice.randint(1, 9) * 100_000_000), "not_provided": []}
    values: dict[str, Any] = walk.dice.choice((total, plan, {**total, **plan}, dict.fromkeys(plan), {"planned_start_on": start}))
    describing.change(project=project, values=values, reason=walk.dice.choice(("方案调整", "方案调整", "")), by=by, at=walk.at)


def _open_again(walk: Walk, project: Project, by: Any) -> Project | None:
    lead = project.root.lead
    return opening.open_from(lead=lead, by=by, at=walk.at) if lead is not None else None


def _phase(walk: Walk, project: Project, by: Any) -> Project | None:
    return opening.add_phase(project=project, values={"name_zh": "又一期"}, by=by, at=walk.at) if len(walk.projects) < 3 else None


def _take_over(walk: Walk, project: Project, by: Any) -> Project | None:
    if len(walk.projects) >= 3:
        return None
    taken = opening.Taken(walk.dice.choice(list(Stage)), walk.day(), {Stage.TALKS: walk.day() - 30 * DAY})
    return opening.open_from(lead=factories.lead(walk.cast.park_officer, at=walk.at), taken=taken, by=by, at=walk.at)


def _pause(walk: Walk, project: Project, by: Any) -> None:
    status = walk.dice.choice((Status.PAUSED, Status.DORMANT))
    stages.pause(project=project, status=status, reason=walk.dice.choice(("缓建", "")), by=by, at=walk.at, occurred_on=walk.day())


def _lose(walk: Walk, project: Project, by: Any) -> None:
    where = walk.dice.choice(("白榆市", ""))
    stages.lose(project=project, reason="要素", loss=walk.dice.choice(list(Loss)), went_to=where, by=by, at=walk.at)


def _go_back(walk: Walk, project: Project, by: Any) -> None:
    stages.go_back(project=project, to=walk.dice.choice(list(Stage)), reason="变更", by=by, at=walk.at)


def _assign(walk: Walk, project: Project, by: Any) -> None:
    node, unit = walk.node(project), walk.cast.units[walk.dice.choice(("county_bureau", "zone", "county"))]
    if node is not None:
        nodes.assign(node=node, unit=unit, by=by, at=walk.at)


_DONE: dict[str, Callable[[Walk, Project, Any], Any]] = {
    "go on": _go_on, "go on further": _go_on, "go on and on": _go_on, "go on still": _go_on, "prepare": _prepare,
    "advance": lambda walk, project, by: stages.advance(
        project=project, to=walk.next(project), by=by, at=walk.at, occurred_on=walk.day()) and None,
    "advance further": lambda walk, project, by: stages.advance(project=project, to=walk.next(project), by=by, at=walk.at) and None,
    "ask": _ask, "ask again": _ask,
    "decide": _decide, "decide again": _decide,
    "withdraw gate": _withdraw_gate,
    "go back": _go_back,
    "pause": _pause,
    "resume": lambda walk, project, by: stages.resume(project=project, by=by, at=walk.at) and None,
    "lose": _lose,
    "revive": lambda walk, project, by: stages.revive(project=project, reason="重启", by=by, at=walk.at) and None,
    "finish": _finish,
    "reopen": _of_node(nodes.reopen),
    "drop": _of_node(nodes.not_needed),
    "assign": _assign,
    "hand in": _hand_in,
    "withdraw": _withdraw,
    "change": _change,
    "replan": replan, "replan again": replan,
    "open again": _open_again,
    "phase": _phase,
    "take over": _take_over,
}  # fmt: skip


# --- what must never be broken ----------------------------------------------------------------------------------------------------------
def broken(walk: Walk) -> list[str]:
    """What is wrong now, in words; nothing where all is sound."""
    found = [fault for project in Project.objects.filter(pk__in=[one.pk for one in walk.projects]) for fault in _of_project(project)]
    return [*found, *_leads()]


def _of_project(project: Project) -> list[str]:
    changes = list(StageChange.objects.filter(project=project).order_by("pk").select_related("gate"))
    name = f"project {project.pk}"
    found = [f"{name} {fault}" for fault in (*_chain(project, changes), *_gates(changes), *_nodes(project))]
    if any(getattr(project, figure) is not None for figure in project.not_provided):
        found.append(f"{name} gives a figure that is not provided")
    found += [f"{name} {fault}" for fault in _planned(project)]
    spent = dossier.spent_days(changes, on=changes[-1].occurred_on) if changes else {}
    if any(days < 0 for days in spent.values()):
        found.append(f"{name} spent less than no time somewhere")
    return found


def _chain(project: Project, changes: list[StageChange]) -> list[str]:
    """Each change begins where the last one ended; the last one is where the project stands; days follow each other."""
    if not changes:
        return ["has no beginning"]
    found = [] if changes[0].from_stage == "" else ["does not begin"]
    pairs = list(pairwise(changes))
    found += ["has a gap in its chain" for one, two in pairs if two.from_stage != one.to_stage]
    found += ["goes back in time" for one, two in pairs if two.occurred_on < one.occurred_on]
    last, status = changes[-1], Status(project.status)
    if (last.to_stage, last.to_status) != (project.stage, project.status):
        found.append("stands where its last change does not")
    found += [] if project.stage_since == _since(changes) else ["is in its stage since another day"]
    found += [] if (status is Status.ACTIVE) == (project.status_reason == "") else ["rests without a reason"]
    return found


def _since(changes: list[StageChange]) -> dt.date:
    """When the stage was entered last: the last change that moved it."""
    return next(one.occurred_on for one in reversed(changes) if one.from_stage != one.to_stage)


def _gates(changes: list[StageChange]) -> list[str]:
    """No stage is skipped unseen, and where two persons decide two persons did."""
    life, found = lifecycles.in_force(), []
    for one in changes:
        if one.kind != ChangeKind.ADVANCED:
            continue
        if one.to_stage != life.following(one.from_stage):
            found.append(f"skipped from {one.from_stage} to {one.to_stage}")
        if life.stages[one.to_stage].two_persons:
            gate = one.gate
            if gate is None or gate.decision != "agreed" or gate.to != one.to_stage:
                found.append(f"came to {one.to_stage} without a gate")
            elif gate.asked_by_id is not None and gate.asked_by_id == gate.decided_by_id:
                found.append("was asked for and let pass by one person")
    return found


def _nodes(project: Project) -> list[str]:
    """Nodes ahead of the project are not open, and where two wait for each other the days say so."""
    order = lifecycles.in_force().order
    ahead = order[order.index(project.stage) + 1 :]
    is_open = Node.objects.filter(project=project, state=NodeState.OPEN, stage__in=ahead).exists()
    made = {node.key for node in Node.objects.filter(project=project, stage=project.stage)}
    lacking = [rule.key for rule in lifecycles.in_force().nodes_of(project.stage, project.kind) if rule.key not in made]
    return [*(["has an open node ahead"] if is_open else []), *([f"lacks the nodes {lacking}"] if lacking else [])]


def _planned(project: Project) -> list[str]:
    """Total and planned days are what the last row of their changes says; the days of the rows follow each other."""
    rows = list(PlanChange.objects.filter(project=project).order_by("pk"))
    if not rows:
        return ["keeps nothing of its plan"]
    days = [one.since_on for one in rows]
    found = [] if days == sorted(days) and [one.is_first for one in rows] == [True] + [False] * (len(rows) - 1) else ["mixes its plans up"]
    for one, two in pairwise(rows):
        changed = [name for name in DATED if getattr(one, name) not in {None, getattr(two, name)}]
        found += ["changed its plan without a reason"] if changed and not two.reason else []
    return [*found, *(["forgot a change of its plan"] if any(getattr(rows[-1], name) != getattr(project, name) for name in DATED) else [])]


def _leads() -> list[str]:
    """One project a lead, and a lead that is one says so; of a firm that is lost no claim keeps others away."""
    counted = Counter(Project.objects.exclude(lead=None).values_list("lead", flat=True))
    found = [f"lead {lead} has {count} projects" for lead, count in counted.items() if count > 1]
    odd = Lead.objects.filter(pk__in=counted).exclude(state="project").count() + Lead.objects.filter(state="project", project=None).count()
    lost = Project.objects.filter(status=Status.LOST).exclude(lead=None).values("lead")
    kept = Claim.objects.filter(lead__in=lost, state__in=("open", "waiting")).count()
    return [*found, *(["a lead and its project disagree"] if odd else []), *(["a lost project keeps its firm"] if kept else [])]


def written() -> dict[str, set[Any]]:
    """What was written down and may never change."""
    changes = StageChange.objects.values_list("pk", "project", "kind", "from_stage", "to_stage", "occurred_on", "at", "by", "second_by")
    return {
        "changes": set(changes),
        "plans": set(PlanChange.objects.values_list("pk", "since_on", *DATED, "reason", "by", "at")),
        "decisions": set(Gate.objects.exclude(decision="").values_list("pk", "to", "decision", "asked_by", "decided_by", "decided_at")),
        "withdrawn": set(Evidence.objects.exclude(withdrawn_at=None).values_list("pk", "kind", "number", "withdrawn_by", "withdrawn_at")),
        "entries": set(Entry.objects.values_list("pk", "action", "at", "object_id")),
    }
