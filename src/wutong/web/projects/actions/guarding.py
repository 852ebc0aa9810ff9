"""What every change of a project asks first: who may, what is locked in which order; and what the audit is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Confidential
from wutong.web.accounts.rules.access import Permission
from wutong.web.projects.models import Node, Project
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Refusal

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code with what it is about, which the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(map(str, refusals)))
        self.refusals = refusals


def refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def day_of(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


def locked(project: Project) -> Project:
    """A project, locked before anything that stands on it. Locks go register of claims, project, lead, node."""
    related = ("unit", "finder_unit", "owner", "firm", "landed_firm", "lead", "phase_of__lead")
    return Project.objects.select_for_update(of=("self",)).select_related(*related).get(pk=project.pk)


def locked_node(node: Node) -> tuple[Project, Node]:
    """A node with its project, the project locked first."""
    project = locked(Project(pk=node.project_id))
    found: Node = Node.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=node.pk)
    return project, found


def may_know(person: Any, project: Project) -> bool:
    """Whether a person may see the project; the system itself may."""
    return person is None or Project.objects.visible_to(person).filter(pk=project.pk).exists()


def require_work(by: Any, project: Project) -> None:
    """Stop unless `by` may work on the project; None is the system itself. Raises: NotAllowed."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, project.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.PROJECTS_EDIT)


def directs(by: Any, project: Project) -> bool:
    """Whether `by` directs the work on the project; the system itself does."""
    return by is None or bool(by.permits(lambda grants: rules.may_direct(grants, project.facts(), person_id=by.pk)))


def require_direct(by: Any, project: Project) -> None:
    """Stop unless `by` directs the work on the project. Raises: NotAllowed."""
    if not directs(by, project):
        raise NotAllowed(Permission.PROJECTS_ASSIGN)


def require_decide(by: Any, project: Project) -> None:
    """Stop unless `by` decides over the host unit and knows of the project. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_DECIDE, project.target())
    if not may_know(by, project):
        raise NotAllowed(Permission.PROJECTS_DECIDE)


def require_node(by: Any, project: Project, node: Node) -> None:
    """Stop unless `by` may work on the node. Raises: NotAllowed."""
    facts, unit, owner = project.facts(), node.unit.target(), node.owner_id
    if by is not None and not by.permits(lambda grants: rules.may_work_node(grants, facts, unit, owner, person_id=by.pk)):
        raise NotAllowed(Permission.PROJECTS_EDIT)
    if not may_know(by, project):
        raise NotAllowed(Permission.PROJECTS_VIEW)


def require_owner(by: Any, project: Project) -> None:
    """Stop unless `by` is the owner: who knows of a confidential project, he alone decides. Raises: NotAllowed."""
    if by is not None and by.pk != project.owner_id:
        raise NotAllowed(Permission.PROJECTS_EDIT)


def told(record: Confidential, **changes: Any) -> dict[str, Any]:
    """What the audit is told of a project, and of a confidential one not (保密)."""
    return {} if record.is_confidential else changes
