"""Every change of units, with its audit entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from wutong.web.accounts.actions.refusing import changed, day_of, refuse, require_over
from wutong.web.accounts.models import Posting, StandIn, Unit, UnitChange, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitChangeKind
from wutong.web.audit import actions as audit


def lock_tree() -> None:
    """Let one change of the tree follow another.

    Why: a path repeats what stands above a unit, and row access rests on it. Two moves at once could put each unit under the other,
    and a unit added below one that is being moved would keep the old path.
    """
    list(Unit.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _became(unit: Unit, kind: UnitChangeKind, *, changed_on: dt.date, by: Any, at: dt.datetime, **values: Any) -> UnitChange:
    return UnitChange.objects.create(unit=unit, kind=kind, changed_on=changed_on, by=by, at=at, **values)


def _ground(
    unit: Unit, *, by: Any, at: dt.datetime, reason: str = "", document: str = "", changed_on: dt.date | None = None
) -> dict[str, Any]:
    """Since when (the day of the entry unless another is given), why and by which document something becomes of a unit. Raises: Refused."""
    day = changed_on or day_of(at)
    refuse(unit_rules.refusals_to_date([change.facts() for change in unit.changes.all()], changed_on=day, entered_on=day_of(at)))
    return {"changed_on": day, "reason": reason, "document": document, "by": by, "at": at}


def _told(ground: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"since": ground["changed_on"], "reason": ground["reason"], "document": ground["document"], **more}


@transaction.atomic
def add_unit(
    *,
    kind: str,
    name_zh: str,
    parent: Unit | None,
    by: Any,
    at: dt.datetime,
    name_en: str = "",
    adcode: str = "",
    place_id: str = "",
    split_from: Unit | None = None,
    founded_on: dt.date | None = None,
    is_locked: bool = False,
) -> Unit:
    """Add a unit (单位) under another, or a root. Raises: NotAllowed.

    `is_locked`: whoever calls has locked the tree in this transaction (`lock_tree`), as for a list of units, once and not a unit.
    """
    if not is_locked:
        lock_tree()
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    require_over(by, Permission.UNITS_EDIT, parent)
    unit = Unit.objects.create(kind=kind, name_zh=name_zh, name_en=name_en, parent=parent, adcode=adcode, place_id=place_id, path="")
    unit.path = f"{parent.path if parent else '/'}{unit.pk:06d}/"
    unit.save(update_fields=["path"])
    _became(unit, UnitChangeKind.FOUNDED, changed_on=founded_on or day_of(at), by=by, at=at, other=split_from, new_name_zh=name_zh)
    changes = {"kind": kind, "parent": str(parent or ""), "name_zh": name_zh, "adcode": adcode, "place_id": place_id}
    audit.record(action="accounts.add_unit", by=by, at=at, obj=unit, changes=changes)
    return unit


@transaction.atomic
def change_unit(
    *, unit: Unit, by: Any, at: dt.datetime, parent: Unit | None, reason: str = "", document: str = "", changed_on: dt.date | None = None,
    is_correction: bool = False, **values: Any,
) -> Unit:  # fmt: skip
    """Rename a unit or move it, with everything below it; its history keeps what it was, unless it only corrects a mistake.

    Raises: NotAllowed, Refused.
    """
    lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    require_over(by, Permission.UNITS_EDIT, unit)
    if parent != unit.parent:
        require_over(by, Permission.UNITS_EDIT, parent)
    refuse(unit_rules.refusals_to_move(path=unit.path, parent_path=parent.path if parent else ""))
    old = Unit(name_zh=unit.name_zh, name_en=unit.name_en, parent=unit.parent)
    changes = changed(unit, {**values, "parent": parent})
    if not changes:
        return unit
    if not is_correction and changes.keys() & {"name_zh", "name_en", "parent"}:
        ground = _ground(unit, by=by, at=at, reason=reason, document=document, changed_on=changed_on)
        if changes.keys() & {"name_zh", "name_en"}:
            names = ground | {"old_name_zh": old.name_zh, "old_name_en": old.name_en}
            names |= {"new_name_zh": unit.name_zh, "new_name_en": unit.name_en}
            _became(unit, UnitChangeKind.RENAMED, **names)
        if "parent" in changes:
            _became(unit, UnitChangeKind.MOVED, old_parent=old.parent, new_parent=parent, **ground)
    unit.save()
    _repath(unit, parent)
    told = {**changes, **({"reason": reason} if reason else {}), **({"document": document} if document else {})}
    audit.record(action="accounts.change_unit", by=by, at=at, obj=unit, changes=told)
    return unit


def _repath(unit: Unit, parent: Unit | None) -> None:
    """Write the paths of a unit and of everything below it anew."""
    old_path, new_path = unit.path, f"{parent.path if parent else '/'}{unit.pk:06d}/"
    if new_path != old_path:
        below = Unit.objects.filter(path__startswith=old_path)
        below.update(path=Concat(Value(new_path), Substr(F("path"), len(old_path) + 1)))
        unit.refresh_from_db()


@transaction.atomic
def merge_unit(*, unit: Unit, into: Unit, reason: str, by: Any, at: dt.datetime, **ground: Any) -> Mapping[str, int]:
    """Let a unit go up in another (合并): people, postings, units below and records go there, the closed unit keeps its past.

    Returns how many of what went there. Raises: NotAllowed, Refused.
    """
    lock_tree()
    unit, into = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=into.pk)
    for one in (unit, into):
        require_over(by, Permission.UNITS_EDIT, one)
    refuse(unit_rules.refusals_to_merge(queries.merge_facts(unit, into), reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    held = _move_postings(unit, into, day=said["changed_on"], at=at)
    moved: dict[str, int] = {"accounts.User": unit.people.update(unit=into), "accounts.Posting": held}
    for below in list(unit.children.filter(closed_on=None)):
        Unit.objects.filter(pk=below.pk).update(parent=into)
        _became(below, UnitChangeKind.MOVED, old_parent=unit, new_parent=into, **said)
        _repath(below, into)
        moved["accounts.Unit"] = moved.get("accounts.Unit", 0) + 1
    for owned in queries.moving_with_a_unit():
        moved[owned.model] = queries.movable(owned, unit, into).update(**{owned.field: into})
    unit.closed_on = said["changed_on"]
    unit.save(update_fields=["closed_on"])
    _became(unit, UnitChangeKind.MERGED, other=into, **said)
    told = _told(said, into=str(into), moved={kind: count for kind, count in moved.items() if count})
    audit.record(action="accounts.merge_unit", by=by, at=at, obj=unit, changes=told)
    return moved


def _move_postings(unit: Unit, into: Unit, *, day: dt.date, at: dt.datetime, of: Sequence[User] | None = None) -> int:
    """Let what holds at a unit on a day hold at another from then on; what ended before stays where it was. Returns how many moved."""
    held = Posting.objects.filter(unit=unit).filter(Q(ends_on=None) | Q(ends_on__gt=day))
    postings = list(held if of is None else held.filter(user__in=of))
    for posting in postings:
        goes_on = posting
        if posting.starts_on < day:
            goes_on = Posting.objects.create(
                user_id=posting.user_id, unit=into, role=posting.role, starts_on=day, ends_on=posting.ends_on
            )  # fmt: skip
            Posting.objects.filter(pk=posting.pk).update(ends_on=day)
        else:
            Posting.objects.filter(pk=posting.pk).update(unit=into)
        for lent in posting.stand_ins.filter(ends_on__gt=day):
            if lent.starts_on < day:
                values = {"user_id": lent.user_id, "ends_on": lent.ends_on, "reason": lent.reason}
                StandIn.objects.create(posting=goes_on, starts_on=day, arranged_at=at, **values)
                StandIn.objects.filter(pk=lent.pk).update(ends_on=day)
            else:
                StandIn.objects.filter(pk=lent.pk).update(posting=goes_on)
    return len(postings)


@transaction.atomic
def split_unit(
    *, unit: Unit, name_zh: str, people: Iterable[User], reason: str, by: Any, at: dt.datetime, name_en: str = "", **ground: Any
) -> Unit:
    """Let a part of a unit become a unit of its own beside it (分设), with some of its people and their postings.

    Raises: NotAllowed, Refused.
    """
    lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    require_over(by, Permission.UNITS_EDIT, unit)
    going, is_taken = list(people), Unit.objects.filter(parent=unit.parent, name_zh=name_zh).exists()
    are_all, is_open = all(person.unit_id == unit.pk for person in going), unit.closed_on is None
    refuse(unit_rules.refusals_to_split(is_open=is_open, is_name_taken=is_taken, are_all_of_the_unit=are_all, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    day = said["changed_on"]
    new = add_unit(
        kind=unit.kind, name_zh=name_zh, name_en=name_en, adcode=unit.adcode, parent=unit.parent, split_from=unit, founded_on=day, by=by,
        at=at,
    )  # fmt: skip
    User.objects.get_queryset().filter(pk__in=[person.pk for person in going]).update(unit=new)
    postings = _move_postings(unit, new, day=day, at=at, of=going)
    _became(unit, UnitChangeKind.SPLIT, other=new, **said)
    told = _told(said, new=name_zh, people=len(going), postings=postings)
    audit.record(action="accounts.split_unit", by=by, at=at, obj=unit, changes=told)
    return new


@transaction.atomic
def close_unit(*, unit: Unit, reason: str, by: Any, at: dt.datetime, **ground: Any) -> Unit:
    """Close a unit (撤销) with which nobody and nothing is left; otherwise it is merged into another. Raises: NotAllowed, Refused."""
    lock_tree()
    unit = Unit.objects.get(pk=unit.pk)
    require_over(by, Permission.UNITS_EDIT, unit)
    left = sum(part.count for part in queries.left_at(unit, on=ground.get("changed_on") or day_of(at)))
    refuse(unit_rules.refusals_to_close(is_open=unit.closed_on is None, left=left, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    return _set_closed(unit, said["changed_on"], UnitChangeKind.CLOSED, "accounts.close_unit", said)


@transaction.atomic
def reopen_unit(*, unit: Unit, reason: str, by: Any, at: dt.datetime, **ground: Any) -> Unit:
    """Open a closed unit again (恢复). Raises: NotAllowed, Refused."""
    lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    require_over(by, Permission.UNITS_EDIT, unit)
    is_parent_open = unit.parent is None or unit.parent.closed_on is None
    refuse(unit_rules.refusals_to_reopen(is_open=unit.closed_on is None, is_parent_open=is_parent_open, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    return _set_closed(unit, None, UnitChangeKind.REOPENED, "accounts.reopen_unit", said)


def _set_closed(unit: Unit, closed_on: dt.date | None, kind: UnitChangeKind, action: str, said: Mapping[str, Any]) -> Unit:
    unit.closed_on = closed_on
    unit.save(update_fields=["closed_on"])
    _became(unit, kind, **said)
    audit.record(action=action, by=said["by"], at=said["at"], obj=unit, changes=_told(said))
    return unit
