"""What every version needs to be decided on, whatever its text is: who wrote it, who may decide."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access


def authors(version: Any) -> frozenset[int]:
    """Whoever began a version, changed its text or submitted it."""
    found = set(version.steps.filter(is_undone=False).values_list("by_id", flat=True)) | {version.created_by_id}
    return frozenset(found | ({version.submitted_by_id} if version.submitted_by_id else set()))


def may_approve(version: Any, permission: Permission) -> list[User]:
    """The people who may decide on a version: those of its unit and the units above it whose role permits it, its authors left out."""
    able = [role.code for role in access_rules.roles().values() if permission in role.permissions]
    parts = version.unit.path.split("/")
    above = ["/".join(parts[:length]) + "/" for length in range(1, len(parts))]
    posted = Posting.objects.in_force(access.today()).filter(role__in=able)
    is_near = Q(pk__in=posted.filter(unit__path__in=above).values("user")) | Q(unit__path__in=above, pk__in=posted.values("user"))
    found = User.objects.get_queryset().filter(is_near, is_active=True).exclude(pk__in=authors(version)).order_by("pk")
    return [person for person in found if person.may(permission, version.unit.target())]


def is_his_to_withdraw(version: Any, user: Any, permission: Permission, *, may_decide: bool) -> bool:
    """Whether a person is offered to give a version up: whoever reads another's version decides on it instead."""
    if not (version.is_open and user.may(permission, version.unit.target())):
        return False
    return not may_decide or user.pk in {version.created_by_id, version.submitted_by_id}
