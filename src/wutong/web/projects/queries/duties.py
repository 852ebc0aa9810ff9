"""Open nodes and gates that wait, as duties of whoever owes them: the project itself says what is due, so nothing is written twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib.owed import Drawn
from wutong.web.projects.models import Gate, Node, of_seen_projects
from wutong.web.projects.queries import lifecycles, people

NODE, GATE = "projects.node", "projects.gate"


# --- nodes ------------------------------------------------------------------------------------------------------------------------------
def _nodes(found: Any) -> Any:
    shown = found.due().filter(due_on__isnull=False)
    return columns.of(shown, source=columns.is_named(NODE), title=columns.is_named(""), due_on="due_on", owner="owner", unit="unit")


def node_rows(user: Any, on: dt.date) -> Any:
    """The open nodes with a day, of projects that a person may see; those of nobody are owed by their unit."""
    return _nodes(Node.objects.visible_to(user))


def all_node_rows(on: dt.date) -> Any:
    """The same, whoever sees the project."""
    return _nodes(Node.objects.all())


def node_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: the person it is given to, else the owner of the project where it is the host's."""
    found = Node.objects.filter(public_id__in=list(keys)).select_related("owner", "project__owner")
    return {node.public_id: _of_node(node) for node in found}


def _of_node(node: Node) -> tuple[User, ...]:
    is_hosts = node.unit_id == node.project.unit_id
    owed = (node.owner, node.project.owner if is_hosts else None)
    return tuple(person for person in owed if person is not None and person.is_active)[:1]


def node_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, by code name where it is confidential, and what is to be done."""
    found = Node.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("project")
    return {
        node.public_id: Drawn(
            node.project.outside_name, f"{reverse('projects:project', args=[node.project.public_id])}#node-{node.key}",
            lifecycles.node_name(node.key), node.project.is_confidential,
        )
        for node in found
    }  # fmt: skip


# --- gates ------------------------------------------------------------------------------------------------------------------------------
def _gates(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("asked_at", hours(APPROVAL_LEAF, on))
    shown = found.filter(decision="")
    return columns.of(
        shown, source=columns.is_named(GATE), title=columns.is_named(""), due_on=due, owner=owner, unit="project__unit"
    )  # fmt: skip


def gate_rows(user: Any, on: dt.date) -> Any:
    """The gates that a person may decide: of projects that he sees, over whose host he decides, asked for by others."""
    his = Gate.objects.filter(of_seen_projects(user), within(user, Permission.PROJECTS_DECIDE, unit="project__unit"))
    return _gates(his.exclude(asked_by=user.pk), on, user.pk)


def all_gate_rows(on: dt.date) -> Any:
    """Every gate that waits, whoever is to decide it."""
    return _gates(Gate.objects.all(), on)


def gate_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide each."""
    found = Gate.objects.filter(public_id__in=list(keys)).select_related("project__unit")
    return {gate.public_id: people.deciders(gate) for gate in found}


def gate_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The project of each, and which stage it is to enter."""
    found = Gate.objects.filter(of_seen_projects(user), public_id__in=list(keys)).select_related("project")
    return {
        gate.public_id: Drawn(
            gate.project.outside_name, reverse("projects:project", args=[gate.project.public_id]),
            _("Decide whether it enters “%(stage)s”") % {"stage": lifecycles.stage_name(gate.to)}, gate.project.is_confidential,
        )
        for gate in found
    }  # fmt: skip
