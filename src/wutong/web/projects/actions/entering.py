"""What a stage brings with it when a project enters it: its nodes with their days, and the row of the change. For the other actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.rulebook.calendar import Due
from wutong.rulebook.lifecycle import Lifecycle
from wutong.web.projects.models import Gate, Node, Project, StageChange
from wutong.web.projects.queries import lifecycles
from wutong.web.projects.rules.stages import ChangeKind, Decision, NodeState, Stage, Status

SETTLED = (NodeState.DONE, NodeState.NOT_NEEDED)


def note_due(record: Project | Node, found: Due | None) -> None:
    """A day that was reckoned, with the years on the way of which nobody knows the days off: said, not guessed."""
    day, years = (found.date, list(found.unknown_years)) if found else (None, [])
    if isinstance(record, Project):
        record.stage_due_on, record.unknown_years = day, years
    else:
        record.due_on, record.unknown_years = day, years


@transaction.atomic(savepoint=False)
def move(
    *, project: Project, kind: ChangeKind, to: Stage, occurred_on: dt.date, lifecycle: Lifecycle, reason: str = "",
    gate: Gate | None = None, second_by: Any = None, by: Any, at: dt.datetime,
) -> StageChange:  # fmt: skip
    """Let a locked project be in a stage since a day, with its nodes. What a gate waits for is overtaken unless it is this one."""
    made = note(
        project=project, kind=kind, to=to, status=Status(project.status), occurred_on=occurred_on, reason=reason, gate=gate,
        second_by=second_by, by=by, at=at,
    )  # fmt: skip
    project.stage, project.stage_since = to, occurred_on
    note_due(project, lifecycles.due(lifecycle.stages[to].days, occurred_on))
    project.save(update_fields=["stage", "stage_since", "stage_due_on", "unknown_years"])
    send_back(project=project, lifecycle=lifecycle, by=by, at=at)
    make_nodes(project=project, lifecycle=lifecycle, by=by, at=at)
    return made


@transaction.atomic(savepoint=False)
def note(
    *, project: Project, kind: ChangeKind, to: Stage, status: Status, occurred_on: dt.date, reason: str = "", gate: Gate | None = None,
    second_by: Any = None, absent: tuple[str, ...] = (), is_first: bool = False, by: Any, at: dt.datetime,
) -> StageChange:  # fmt: skip
    """The row of a change, from where the project stands now; a gate that was asked for and is not this one is overtaken."""
    waiting = Gate.objects.filter(project=project, decision="")
    waiting.exclude(pk=gate.pk if gate else None).update(decision=Decision.OVERTAKEN, decided_at=at, answer="")
    return StageChange.objects.create(
        project=project, kind=kind, from_stage="" if is_first else project.stage, to_stage=to, to_status=status, occurred_on=occurred_on,
        reason=reason.strip()[:500], gate=gate, second_by=second_by, absent=list(absent), by=by, at=at,
    )  # fmt: skip


@transaction.atomic(savepoint=False)
def make_nodes(*, project: Project, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> int:
    """Make the nodes of the stage that a project is in, for its kind; those that waited are open again. Returns how many are new."""
    there = {node.key: node for node in Node.objects.filter(project=project)}
    done = done_days(list(there.values()))
    made = []
    for rule in lifecycle.nodes_of(project.stage, project.kind):
        node = there.get(rule.key)
        found = lifecycles.due_of(rule, since=project.stage_since, done=done)
        if node is None:
            node = Node(project=project, key=rule.key, stage=rule.stage, unit=project.unit)
            note_due(node, found)
            made.append(node)
        elif node.state == NodeState.WAITING:
            node.state = NodeState.OPEN
            note_due(node, found)
            node.save(update_fields=["state", "due_on", "unknown_years"])
    Node.objects.bulk_create(made)
    return len(made)


@transaction.atomic(savepoint=False)
def send_back(*, project: Project, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> int:
    """Open nodes of later stages wait until the project comes there again."""
    order = lifecycle.order
    later = order[order.index(project.stage) + 1 :] if project.stage in order else ()
    ahead = Node.objects.filter(project=project, state=NodeState.OPEN, stage__in=later)
    return ahead.update(state=NodeState.WAITING, due_on=None, unknown_years=[])


@transaction.atomic(savepoint=False)
def give_back(*, project: Project, since: dt.date, until: dt.date, by: Any, at: dt.datetime) -> int:
    """Let what a locked project owes be due later by the days that it rested, which nobody was late in. Returns how many days."""
    rested = until - since
    if project.stage_due_on:
        project.stage_due_on += rested
        project.save(update_fields=["stage_due_on"])
    owed = list(Node.objects.filter(project=project, state=NodeState.OPEN, due_on__isnull=False))
    for node in owed:
        if node.due_on:
            node.due_on += rested
    Node.objects.bulk_update(owed, ["due_on"])
    return rested.days


def done_days(nodes: list[Node]) -> dict[str, dt.date]:
    """By key, the day from which a node that waits for it counts: when it was done, or said not to be needed."""
    found = {node.key: node.done_on for node in nodes if node.state == NodeState.DONE and node.done_on}
    dropped = {node.key: lifecycles.day_of(node.at) for node in nodes if node.state == NodeState.NOT_NEEDED and node.at}
    return {**dropped, **found}


@transaction.atomic(savepoint=False)
def reckon_after(*, node: Node, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """Nodes that count from another get their day when that is settled, and lose it when that is opened again."""
    waiting = [rule.key for rule in lifecycle.nodes.values() if rule.after == node.key]
    done = done_days([node])
    for other in Node.objects.filter(project=node.project_id, key__in=waiting, state=NodeState.OPEN).select_related("project"):
        note_due(other, lifecycles.due_of(lifecycle.nodes[other.key], since=other.project.stage_since, done=done))
        other.save(update_fields=["due_on", "unknown_years"])
