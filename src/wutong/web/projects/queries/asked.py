"""What progress asks of people: reports asked for, who may ask, and to whom a problem may be put."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission, Target
from wutong.web.journal.models import Duty
from wutong.web.journal.rules import DutyState
from wutong.web.lib import access, rulebook
from wutong.web.projects.models import Node, Project
from wutong.web.projects.rules import progress as rules

MOST_OVER = 50


def working_days(on: dt.date) -> int:
    """So many working days a person has whose report is asked for."""
    return int(rulebook.in_force().number(rules.ASKED_LEAF, on))


def origin_of(month: dt.date) -> str:
    """What names the matter of a duty that asks for a month."""
    return f"projects.progress:{month:%Y-%m}"


def open_duties(project: Project) -> Any:
    """The open duties on a project."""
    return Duty.objects.filter(model=Project._meta.label, record=project.public_id, state=DutyState.OPEN)


def asked_of(keys: Any, month: dt.date) -> dict[Any, Duty]:
    """Public id of a project → the open duty that asks for its report of a month."""
    found = Duty.objects.filter(model=Project._meta.label, record__in=list(keys), state=DutyState.OPEN, origin=origin_of(month))
    return {duty.record: duty for duty in found}


def may_ask(user: Any, project: Project) -> bool:
    """Whether somebody may ask the owner of a project for its report: his roles reach the owner, who is another."""
    if user is None:
        return True
    unit = project.owner.unit.target()
    target = Target(unit.unit_id, unit.unit_path, unit.adcode, project.owner_id)
    return bool(user.pk != project.owner_id and user.may(Permission.JOURNAL_EDIT, target))


def _over_the_region(project: Project) -> list[User]:
    """Who directs projects over the region of its host, such as the head of the bureau: a handful."""
    wide = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_DECIDE in role.permissions]
    posted = Posting.objects.in_force(access.today()).filter(role__in=wide, user__is_active=True).values("user")
    people = User.objects.get_queryset().filter(pk__in=posted).order_by("pk")[:MOST_OVER]
    return [person for person in people if person.may(Permission.PROJECTS_DECIDE, project.target())]


def helpers(project: Project, user: Any) -> Any:
    """To whom a problem of a project may be put: people of units with a sub-node of it, of finder and host, and those above."""
    able = [role.code for role in access_rules.roles().values() if Permission.PROJECTS_VIEW in role.permissions]
    parts = project.unit.path.strip("/").split("/")
    above = ["/" + "/".join(parts[:n]) + "/" for n in range(1, len(parts))]
    given = Node.objects.filter(project=project).order_by().values("unit")
    units = Unit.objects.filter(Q(pk__in=given) | Q(pk__in=[project.unit_id, project.finder_unit_id]) | Q(path__in=above))
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    is_there = Q(pk__in=posted.filter(unit__in=units).values("user")) | Q(unit__in=units, pk__in=posted.values("user"))
    is_there |= Q(pk__in=[person.pk for person in _over_the_region(project)])
    found = User.objects.get_queryset().filter(is_there, is_active=True)
    return found.exclude(pk=getattr(user, "pk", None)).select_related("unit").order_by("unit__path", "display_name")
