"""Who leaves hands projects and nodes over; firms that became one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm
from wutong.web.jobs import actions as jobs
from wutong.web.leads.queries import people
from wutong.web.projects.actions import guarding
from wutong.web.projects.models import Node, Project


def _require_people(by: Any, *persons: User) -> None:
    for person in persons:
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())


@transaction.atomic
def hand_over_projects(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's projects to a colleague, confidential ones to whoever is named for them or heads the unit. Returns how many moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    _require_people(by, from_user, to_user)
    held = list(Project.objects.select_for_update(of=("self",)).filter(owner=from_user).select_related("unit").order_by("pk"))
    moved = Project.objects.filter(pk__in=[one.pk for one in held if not one.is_confidential]).update(owner=to_user)
    for one in held:
        if one.is_confidential:
            _hand_over_secret(one, from_user, to_user, by=by, at=at)
    if moved:
        audit.record(action="projects.hand_over", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return len(held)


def _hand_over_secret(found: Project, from_user: User, to_user: User, *, by: Any, at: dt.datetime) -> None:
    found.owner, how = people.heir(found.unit, from_user, to_user, is_named=guarding.may_know(to_user, found))
    found.save(update_fields=["owner"])
    changes = {"from": str(from_user), "to": str(found.owner), "as": how}
    audit.record(action="projects.hand_over", by=by, at=at, obj=found, changes=changes)
    if found.owner.is_active and found.owner != by:
        name = found.code_name
        jobs.tell(
            to=found.owner, key=f"projects:handed_over:{found.public_id}:{at.isoformat()}",
            words=lambda: (_("A confidential record of a leaver is yours now: decide who is to be named for it"), name),
            address=reverse("projects:project", args=[found.public_id]), by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def hand_over_nodes(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give what a leaver owes of projects to a colleague. Returns how many moved. Raises: NotAllowed unless `by` may change both people."""
    _require_people(by, from_user, to_user)
    moved = Node.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="projects.hand_over_nodes", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved


@transaction.atomic
def repoint_investors(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the projects of a firm be those of another with which it became one. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = Project.objects.filter(firm=from_firm).update(firm=to_firm)
    return _told("projects.repoint_investors", from_firm, to_firm, moved, by=by, at=at)


@transaction.atomic
def repoint_landed(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the project company be another with which it became one. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = Project.objects.filter(landed_firm=from_firm).update(landed_firm=to_firm)
    return _told("projects.repoint_landed", from_firm, to_firm, moved, by=by, at=at)


def _told(action: str, from_firm: Firm, to_firm: Firm, moved: int, *, by: Any, at: dt.datetime) -> int:
    if moved:
        audit.record(action=action, by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved
