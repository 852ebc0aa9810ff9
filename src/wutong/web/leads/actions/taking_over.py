"""Who leaves hands lists and rows over to a colleague."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import guarding
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.rules.lists import ChangeKind


def _require_people(by: Any, *persons: User) -> None:
    for person in persons:
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())


@transaction.atomic
def hand_over_lists(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's lists to a colleague, who also takes the leaver's place as a member elsewhere. Returns how many lists moved.

    Confidential ones go to whoever is named for them or heads the unit.

    Raises: NotAllowed unless `by` may change both people.
    """
    _require_people(by, from_user, to_user)
    guarding.lock_lists(Q(owner=from_user) | Q(members=from_user))
    secret = list(TargetList.objects.filter(owner=from_user, is_confidential=True).select_related("unit").order_by("pk"))
    moved = TargetList.objects.filter(owner=from_user, is_confidential=False).update(owner=to_user)
    for found in secret:
        _hand_over_secret(found, from_user, to_user, by=by, at=at)
    worked = list(TargetList.objects.filter(members=from_user))
    for found in worked:
        found.members.remove(from_user)
        if not found.is_closed_to(to_user):
            found.members.add(to_user)
    if moved or worked:
        changes = {"from": str(from_user), "lists": moved, "memberships": len(worked)}
        audit.record(action="leads.hand_over_lists", by=by, at=at, obj=to_user, changes=changes)
    return moved + len(secret)


def _hand_over_secret(found: TargetList, from_user: User, to_user: User, *, by: Any, at: dt.datetime) -> None:
    is_named = TargetList.objects.visible_to(to_user).filter(pk=found.pk).exists()
    found.owner, how = people.heir(found.unit, from_user, to_user, is_named=is_named)
    found.save(update_fields=["owner"])
    changes = {"from": str(from_user), "to": str(found.owner), "as": how}
    audit.record(action="leads.hand_over_lists", by=by, at=at, obj=found, changes=changes)
    if found.owner.is_active and found.owner != by:
        name = found.code_name
        jobs.tell(
            to=found.owner, key=f"leads:handed_over:{found.public_id}:{at.isoformat()}",
            words=lambda: (_("A confidential record of a leaver is yours now: decide who is to be named for it"), name),
            address=reverse("leads:detail", args=[found.public_id]), by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def hand_over_rows(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give the firms that a leaver was to knock at to a colleague, who becomes a member of their lists. Returns how many rows moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    _require_people(by, from_user, to_user)
    guarding.lock_lists(Q(rows__assignee=from_user))
    rows = list(ListedFirm.objects.select_for_update(of=("self",)).select_related("list").filter(assignee=from_user).order_by("pk"))
    closed = {found.pk for found in {row.list for row in rows} if found.is_closed_to(to_user)}
    for row in rows:
        taker = None if row.list_id in closed else to_user
        guarding.note(row=row, kind=ChangeKind.HANDED_OVER, by=by, at=at, old=str(from_user), new=str(taker or ""))
    moved = ListedFirm.objects.filter(pk__in=[row.pk for row in rows])
    moved.filter(list__in=closed).update(assignee=None)
    moved.exclude(list__in=closed).update(assignee=to_user)
    for found in {row.list for row in rows}:
        if found.owner_id != to_user.pk and found.pk not in closed:
            found.members.add(to_user)
    if rows:
        audit.record(action="leads.hand_over_rows", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": len(rows)})
    return len(rows)
