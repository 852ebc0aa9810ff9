"""Firms that somebody begins to write about, firms that somebody follows, lists that leave the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from wutong.engine import firms as registry
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Firm, Follow
from wutong.web.firms.queries import briefs
from wutong.web.lib import warehouse

UnknownFirm = registry.UnknownFirm
NotAllowed = refusing.NotAllowed


@transaction.atomic
def take_on(*, firm_id: str, by: User, at: dt.datetime) -> Firm:
    """The row of a firm, made at the first write about it. Raises: NotAllowed, UnknownFirm."""
    refusing.require(by, Permission.FIRMS_VIEW)
    known = Firm.objects.filter(firm_id=firm_id).select_related("merged_into").first()
    if known:
        return known.standing
    build = warehouse.served()
    found = registry.identify(build, firm_id)
    firm, is_new = Firm.objects.get_or_create(
        firm_id=found.firm_id,
        defaults={"uscc": found.uscc, "name": found.name[:300], "build_id": build.info.build_id, "taken_on_at": at},
    )
    if is_new:
        audit.record(action="firms.take_on", by=by, at=at, obj=firm, changes={"firm_id": firm.firm_id, "build": firm.build_id})
    return firm


@transaction.atomic
def take_on_all(*, firm_ids: Iterable[str], by: Any, at: dt.datetime) -> dict[str, Firm]:
    """The rows of many firms by registry id, those missing made at once; one audit entry. Raises: NotAllowed, UnknownFirm."""
    refusing.require(by, Permission.FIRMS_VIEW)
    wanted = list(dict.fromkeys(firm_ids))
    known = _standing(wanted)
    missing = [firm_id for firm_id in wanted if firm_id not in known]
    if not missing:
        return known
    found, build_id = briefs.briefs(missing), warehouse.served().info.build_id
    if gone := [firm_id for firm_id in missing if firm_id not in found]:
        raise UnknownFirm(gone[0])
    new = [Firm(firm_id=key, uscc=found[key].uscc, name=found[key].name[:300], build_id=build_id, taken_on_at=at) for key in missing]
    Firm.objects.bulk_create(new, ignore_conflicts=True)
    changes = {"firm_ids": missing, "build": build_id}
    audit.record(action="firms.take_on", by=by, at=at, object_type="firms.Firm", object_label=found[missing[0]].name, changes=changes)
    return _standing(wanted)


def _standing(firm_ids: Iterable[str]) -> dict[str, Firm]:
    """The rows by registry id; of a firm that turned out to be another, that other's."""
    return {firm.firm_id: firm.standing for firm in Firm.objects.filter(firm_id__in=firm_ids).select_related("merged_into")}


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
    refusing.require(by, Permission.FIRMS_VIEW)
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
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
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
