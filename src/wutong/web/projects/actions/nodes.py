"""Sub-nodes (子节点): done, opened again, said not to be needed, given to a unit or person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.models import Unit, User
from wutong.web.audit import actions as audit
from wutong.web.projects.actions import entering, guarding
from wutong.web.projects.actions.guarding import day_of, refuse
from wutong.web.projects.models import Evidence, Node, UndoneNode
from wutong.web.projects.queries import lifecycles, people
from wutong.web.projects.rules import nodes as rules
from wutong.web.projects.rules.stages import NodeState


@transaction.atomic
def finish(*, node: Node, by: Any, at: dt.datetime, done_on: dt.date | None = None, note: str = "") -> Node:
    """Call a node done on a day, its evidence handed in. Raises: NotAllowed, Refused."""
    project, found = guarding.locked_node(node)
    guarding.require_node(by, project, found)
    life, on = lifecycles.in_force(), day_of(at)
    day = done_on or on
    there = Evidence.objects.standing().filter(project=project, node__in=("", found.key), is_absent=False)
    proved = frozenset(there.values_list("kind", flat=True))
    rule = life.nodes.get(found.key)
    refuse(rules.refusals_to_finish(project.facts(), found.facts(), proved=proved, done_on=day, on=on, rule=rule))
    _settle(found, NodeState.DONE, day, note, by=by, at=at)
    entering.reckon_after(node=found, lifecycle=life, by=by, at=at)
    audit.record(action="projects.finish_node", by=by, at=at, obj=project, changes={"node": found.key, "done_on": day})
    return found


@transaction.atomic
def reopen(*, node: Node, reason: str, by: Any, at: dt.datetime) -> Node:
    """Work on a node again that was done or not needed; until when it was done is kept. Raises: NotAllowed, Refused."""
    project, found = guarding.locked_node(node)
    guarding.require_node(by, project, found)
    refuse(rules.refusals_to_reopen(project.facts(), found.facts(), reason=reason))
    if found.done_on is not None and found.done_on < day_of(at):
        UndoneNode.objects.create(project=project, key=found.key, on=found.done_on, until=day_of(at))
    _settle(found, NodeState.OPEN, None, reason, by=by, at=at)
    entering.reckon_after(node=found, lifecycle=lifecycles.in_force(), by=by, at=at)
    changes = {"node": found.key, **guarding.told(project, reason=reason)}
    audit.record(action="projects.reopen_node", by=by, at=at, obj=project, changes=changes)
    return found


@transaction.atomic
def not_needed(*, node: Node, reason: str, by: Any, at: dt.datetime) -> Node:
    """Say that a node is not needed; of one that the gate waits for only whoever directs the work. Raises: NotAllowed, Refused."""
    project, found = guarding.locked_node(node)
    guarding.require_node(by, project, found)
    life = lifecycles.in_force()
    rule = life.nodes.get(found.key)
    if rule is not None and not rule.optional:
        guarding.require_direct(by, project)
    refuse(rules.refusals_to_drop(project.facts(), found.facts(), reason=reason))
    _settle(found, NodeState.NOT_NEEDED, None, reason, by=by, at=at)
    entering.reckon_after(node=found, lifecycle=life, by=by, at=at)
    changes = {"node": found.key, **guarding.told(project, reason=reason)}
    audit.record(action="projects.drop_node", by=by, at=at, obj=project, changes=changes)
    return found


@transaction.atomic
def assign(*, node: Node, unit: Unit, by: Any, at: dt.datetime, owner: User | None = None) -> Node:
    """Give a node to the unit, and perhaps the person, that is to do it: both see the project from then on. Raises: NotAllowed, Refused."""
    project, found = guarding.locked_node(node)
    guarding.require_work(by, project)
    is_of_unit = owner is None or people.is_of_unit(owner, unit)
    refuse(
        rules.refusals_to_assign(
            project.facts(), found.facts(), is_unit_open=unit.closed_on is None, is_active=owner is None or owner.is_active,
            is_of_unit=is_of_unit,
        )
    )  # fmt: skip
    old_unit, old_owner = str(found.unit), str(found.owner or "")
    found.unit, found.owner = unit, owner
    found.save(update_fields=["unit", "owner"])
    changes = {"unit": {"old": old_unit, "new": str(unit)}, "owner": {"old": old_owner, "new": str(owner or "")}}
    audit.record(action="projects.assign_node", by=by, at=at, obj=project, changes={"node": found.key, **changes})
    return found


def _settle(found: Node, state: NodeState, day: dt.date | None, note: str, *, by: Any, at: dt.datetime) -> None:
    found.state, found.done_on, found.note, found.by, found.at = state, day, note.strip()[:500], by, at
    found.save(update_fields=["state", "done_on", "note", "by", "at"])
