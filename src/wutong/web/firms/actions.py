"""Writes about firms: take one on, follow it, stop following it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from wutong.engine import firms as registry
from wutong.web.accounts import actions as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm, Follow
from wutong.web.lib import warehouse

UnknownFirm = registry.UnknownFirm
NotAllowed = accounts.NotAllowed


@transaction.atomic
def take_on(*, firm_id: str, by: User, at: dt.datetime) -> Firm:
    """The row of a firm, made at the first write about it. Raises: NotAllowed, UnknownFirm."""
    accounts.require(by, Permission.FIRMS_VIEW)
    known = Firm.objects.filter(firm_id=firm_id).first()
    if known:
        return known
    build = warehouse.served()
    profile = registry.get(build, firm_id)
    firm, is_new = Firm.objects.get_or_create(
        firm_id=profile.firm_id,
        defaults={"uscc": profile.uscc, "name": profile.name[:300], "build_id": build.info.build_id, "taken_on_at": at},
    )
    if is_new:
        audit.record(action="firms.take_on", by=by, at=at, obj=firm, changes={"firm_id": firm.firm_id, "build": firm.build_id})
    return firm


@transaction.atomic
def follow(*, firm_id: str, by: User, at: dt.datetime) -> Follow:
    """Put a firm on one's list of followed firms; a repeat changes nothing. Raises: NotAllowed, UnknownFirm."""
    firm = take_on(firm_id=firm_id, by=by, at=at)
    mark, is_new = Follow.objects.get_or_create(user=by, firm=firm, defaults={"followed_at": at})
    if is_new:
        audit.record(action="firms.follow", by=by, at=at, obj=firm)
    return mark


@transaction.atomic
def unfollow(*, firm_id: str, by: User, at: dt.datetime) -> bool:
    """Take a firm off one's list; False where it was not on it. `follow` undoes it. Raises: NotAllowed."""
    accounts.require(by, Permission.FIRMS_VIEW)
    mark = Follow.objects.select_related("firm").filter(user=by, firm__firm_id=firm_id).first()
    if mark is None:
        return False
    firm = mark.firm
    mark.delete()
    audit.record(action="firms.unfollow", by=by, at=at, obj=firm)
    return True


@transaction.atomic
def hand_over_follows(*, from_user: User, to_user: User, by: User, at: dt.datetime) -> int:
    """Give a leaver's followed firms to a colleague; what the colleague follows already is dropped. Returns how many moved.

    Raises: NotAllowed unless `by` may change both people.
    """
    for person in (from_user, to_user):
        accounts.require(by, Permission.USERS_EDIT, person.unit.target())
    known = Follow.objects.filter(user=to_user).values("firm_id")
    moving = Follow.objects.filter(user=from_user).exclude(firm_id__in=known)
    moved = moving.update(user=to_user)
    dropped, _ = Follow.objects.filter(user=from_user).delete()
    if moved or dropped:
        changes = {"from": str(from_user), "moved": moved, "dropped": dropped}
        audit.record(action="firms.hand_over_follows", by=by, at=at, obj=to_user, changes=changes)
    return moved


def note_export(*, what: str, by: User, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Record that a list left the house as a spreadsheet: by which filter and how many rows."""
    audit.record(action=f"{what}.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})
