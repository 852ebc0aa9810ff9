"""Who may work on the projects of a unit, and who decides as the second person; how much each person carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from wutong.web.accounts.models import Posting, Unit, User, UserQuerySet
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.projects.models import Gate, Node, Project
from wutong.web.projects.rules.stages import NodeState, Status

MOST_DECIDERS = 20


def of_unit(unit: Unit) -> UserQuerySet:
    """The people who may work on projects of a unit: those of it and of the units below it whose role permits it."""
    able = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_EDIT in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    here = posted.filter(unit__path__startswith=unit.path).values("user")
    is_here = Q(pk__in=here) | Q(unit__path__startswith=unit.path, pk__in=posted.values("user"))
    return User.objects.get_queryset().filter(is_here, is_active=True).order_by("unit__path", "display_name")


def is_of_unit(person: User, unit: Unit) -> bool:
    """Whether somebody may work on projects of a unit."""
    return of_unit(unit).filter(pk=person.pk).exists()


def deciders(gate: Gate) -> tuple[User, ...]:
    """Who may answer a gate: whoever decides over the host unit, knows of the project and did not ask."""
    able = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_DECIDE in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able, user__is_active=True).values("user")
    found = User.objects.get_queryset().filter(pk__in=posted).exclude(pk=gate.asked_by_id).order_by("pk")
    return tuple(
        person
        for person in found
        if person.may(Permission.PROJECTS_DECIDE, gate.project.target())
        and Project.objects.visible_to(person).filter(pk=gate.project_id).exists()
    )[:MOST_DECIDERS]


def open_counts(user: Any, people: Sequence[User], on: dt.date) -> dict[int, int]:
    """How many projects each of these people answers for, of those that the asker may see."""
    found = Project.objects.visible_to(user).filter(owner__in=[person.pk for person in people], status=Status.ACTIVE).order_by()
    return dict(found.values("owner").annotate(count=Count("pk")).values_list("owner", "count"))


def node_counts(user: Any, people: Sequence[User], on: dt.date) -> dict[int, int]:
    """How many nodes of projects each of these people owes, of those that the asker may see."""
    found = Node.objects.visible_to(user).filter(owner__in=[one.pk for one in people], state=NodeState.OPEN)
    found = found.filter(project__status=Status.ACTIVE).order_by()
    return dict(found.values("owner").annotate(count=Count("pk")).values_list("owner", "count"))
