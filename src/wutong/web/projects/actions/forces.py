"""Task forces (专班): formed for a major project, joined and left, led by another, dissolved. Who left stays on record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.projects.actions import guarding, nodes
from wutong.web.projects.actions.dispatch import refuse
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import ForceMember, Node, Project, TaskForce
from wutong.web.projects.queries import forces
from wutong.web.projects.rules import dispatch as rules
from wutong.web.projects.rules.dispatch import ForceRole, Refusal
from wutong.web.projects.rules.stages import NodeState, Status

NotAllowed = refusing.NotAllowed
FORMED = "task_force_formed"
"""The sub-node that a task force settles."""


def _require(by: Any, project: Project) -> None:
    """Stop unless `by` directs the work on the project or decides over its host. Raises: NotAllowed."""
    if by is not None and not forces.may_direct(by, project):
        raise NotAllowed(Permission.PROJECTS_ASSIGN)


def _locked(force: TaskForce) -> tuple[Project, TaskForce]:
    project = guarding.locked(Project(pk=force.project_id))
    return project, TaskForce.objects.select_for_update(of=("self",)).get(pk=force.pk)


def _tell(action: str, project: Project, *, by: Any, at: dt.datetime, **changes: Any) -> None:
    audit.record(action=f"projects.{action}", by=by, at=at, obj=project, changes=guarding.told(project, **changes))


def _add(force: TaskForce, *, role: ForceRole, unit: Unit, person: User | None, task: str, on: dt.date, by: Any) -> ForceMember:
    made: ForceMember = ForceMember.objects.create(
        force=force, role=role, unit=unit, person=person, task=task.strip()[:300], since_on=on, by=by
    )
    return made


@transaction.atomic
def form(*, project: Project, leader: User, by: Any, at: dt.datetime, since_on: dt.date | None = None, task: str = "") -> TaskForce:
    """Form the task force of a project under a leader; the sub-node that asks for one is done with it. Raises: NotAllowed, Refused."""
    found, on = guarding.locked(project), day_of(at)
    _require(by, found)
    refuse(
        rules.refusals_to_form(
            is_active=found.status == Status.ACTIVE, is_there=TaskForce.objects.standing().filter(project=found).exists(),
            since_on=since_on or on, on=on, is_leader_active=leader.is_active, may_see=forces.may_belong(leader, found),
        )
    )  # fmt: skip
    made: TaskForce = TaskForce.objects.create(project=found, task=task.strip()[:500], since_on=since_on or on, by=by, at=at)
    _add(made, role=ForceRole.LEADER, unit=leader.unit, person=leader, task="", on=made.since_on, by=by)
    _tell("form_force", found, leader=str(leader), by=by, at=at)
    _settle(found, made.since_on, by=by, at=at)
    return made


def _settle(project: Project, on: dt.date, *, by: Any, at: dt.datetime) -> None:
    node = Node.objects.filter(project=project, key=FORMED, state=NodeState.OPEN).first()
    if node is None:
        return
    try:
        with transaction.atomic():
            nodes.finish(node=node, done_on=on, by=by, at=at)
    except (guarding.Refused, guarding.NotAllowed):
        return  # whoever owes the sub-node says when it was done


@transaction.atomic
def join(
    *, force: TaskForce, role: ForceRole, unit: Unit, by: Any, at: dt.datetime, person: User | None = None, task: str = "",
    since_on: dt.date | None = None,
) -> ForceMember:  # fmt: skip
    """Let a unit or a person join, asked to do something; a new leader takes the place of the old one. Raises: NotAllowed, Refused."""
    project, found = _locked(force)
    _require(by, project)
    there = ForceMember.objects.filter(force=found, until_on=None, person=person, **({} if person else {"unit": unit}))
    refuse(
        rules.refusals_to_join(
            is_ended=found.until_on is not None, is_there=there.filter(role=role).exists(),
            is_unit_open=unit.closed_on is None, is_active=person is None or person.is_active,
            may_see=person is None or forces.may_belong(person, project),
        )
    )  # fmt: skip
    on = since_on or day_of(at)
    if role == ForceRole.LEADER:
        refuse(rules.those((Refusal.TEXT_MISSING, person is None)))
        ForceMember.objects.filter(force=found, until_on=None, role=ForceRole.LEADER).update(until_on=on, reason=_("another leads now"))
    there.update(until_on=on, reason=_("another role"))
    made = _add(found, role=role, unit=unit, person=person, task=task, on=on, by=by)
    _tell("join_force", project, unit=unit.name_zh, role=role, by=by, at=at)
    return made


@transaction.atomic
def leave(*, member: ForceMember, reason: str, by: Any, at: dt.datetime) -> ForceMember:
    """Let a member leave; he stays on record. Raises: NotAllowed, Refused."""
    project, force = _locked(member.force)
    _require(by, project)
    found: ForceMember = ForceMember.objects.select_for_update(of=("self",)).select_related("unit").get(pk=member.pk)
    refuse(
        rules.refusals_to_leave(
            is_ended=force.until_on is not None, is_gone=found.until_on is not None, is_leader=found.role == ForceRole.LEADER,
            reason=reason,
        )
    )  # fmt: skip
    found.until_on, found.reason = day_of(at), reason.strip()[:300]
    found.save(update_fields=["until_on", "reason"])
    _tell("leave_force", project, unit=found.unit.name_zh, reason=reason, by=by, at=at)
    return found


@transaction.atomic
def dissolve(*, force: TaskForce, reason: str, by: Any, at: dt.datetime) -> TaskForce:
    """Dissolve a task force; it stays on record with all who were in it. Raises: NotAllowed, Refused."""
    project, found = _locked(force)
    _require(by, project)
    refuse(rules.refusals_to_dissolve(is_ended=found.until_on is not None, reason=reason))
    found.until_on, found.end_reason, found.ended_by = day_of(at), reason.strip()[:300], by
    found.save(update_fields=["until_on", "end_reason", "ended_by"])
    _tell("dissolve_force", project, reason=reason, by=by, at=at)
    return found


@transaction.atomic
def hand_over(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Let a colleague take the places of a leaver in task forces; who left stays on record. Returns how many. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    held = list(ForceMember.objects.standing().filter(person=from_user).select_related("force").order_by("pk"))
    on = day_of(at)
    for one in held:
        ForceMember.objects.filter(pk=one.pk).update(until_on=on, reason=_("handed over"))
        is_there = ForceMember.objects.filter(force=one.force, until_on=None, person=to_user).exists()
        if not is_there or one.role == ForceRole.LEADER:
            ForceMember.objects.filter(force=one.force, until_on=None, person=to_user).update(until_on=on, reason=_("another role"))
            _add(one.force, role=ForceRole(one.role), unit=to_user.unit, person=to_user, task=one.task, on=on, by=by)
    if held:
        audit.record(action="projects.hand_over_forces", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": len(held)})
    return len(held)
