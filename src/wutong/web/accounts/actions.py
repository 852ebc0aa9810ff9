"""Every change of units, people and postings, with its audit entry."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from wutong.rulebook import load
from wutong.rulebook import skills as skillbook
from wutong.web.accounts import queries, rules
from wutong.web.accounts.models import (
    NOTHING,
    Confidential,
    NeedToKnow,
    OfficerSkill,
    Posting,
    PromotionOfficer,
    SavedView,
    StandIn,
    Training,
    Unit,
    UnitChange,
    User,
)  # fmt: skip
from wutong.web.accounts.rules import Permission, UnitChangeKind
from wutong.web.audit import actions as audit

# Without signs that look alike in print: 0 O, 1 l I.
_SIGNS = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


class NotAllowed(Exception):  # noqa: N818 - a refusal, not a fault
    """The person may not do this here; the web answers 403."""


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def require(by: Any, permission: Permission, target: rules.Target | None = None) -> None:
    """Stop unless a role of `by` permits it, over the target if one is given. None as person is the system itself (set-up, the demo)."""
    if by is not None and not by.may(permission, target):
        raise NotAllowed(permission)


def _require(by: Any, permission: Permission, unit: Unit | None) -> None:
    """Stop unless `by` holds the permission over the unit; above every root stands nothing, which only the scope `all` reaches."""
    require(by, permission, unit.target() if unit else rules.Target())


def _refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _changed(row: Any, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the values that differ and tell old and new of each."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = {"old": None if old is None else str(old), "new": None if new is None else str(new)}
            setattr(row, name, new)
    return changes


# --- units ----------------------------------------------------------------------------------------------------------------------------
def _lock_tree() -> None:
    """Let one change of the tree follow another.

    Why: a path repeats what stands above a unit, and row access rests on it. Two moves at once could put each unit under the other,
    and a unit added below one that is being moved would keep the old path.
    """
    list(Unit.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at) if timezone.is_aware(at) else at.date()


def _became(unit: Unit, kind: UnitChangeKind, *, changed_on: dt.date, by: Any, at: dt.datetime, **values: Any) -> UnitChange:
    return UnitChange.objects.create(unit=unit, kind=kind, changed_on=changed_on, by=by, at=at, **values)


def _ground(
    unit: Unit, *, by: Any, at: dt.datetime, reason: str = "", document: str = "", changed_on: dt.date | None = None
) -> dict[str, Any]:
    """Since when (the day of the entry unless another is given), why and by which document something becomes of a unit. Raises: Refused."""
    day = changed_on or _day(at)
    _refuse(rules.refusals_to_date([change.facts() for change in unit.changes.all()], changed_on=day, entered_on=_day(at)))
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
) -> Unit:
    """Add a unit (单位) under another, or a root. Raises: NotAllowed."""
    _lock_tree()
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    _require(by, Permission.UNITS_EDIT, parent)
    unit = Unit.objects.create(kind=kind, name_zh=name_zh, name_en=name_en, parent=parent, adcode=adcode, place_id=place_id, path="")
    unit.path = f"{parent.path if parent else '/'}{unit.pk:06d}/"
    unit.save(update_fields=["path"])
    _became(unit, UnitChangeKind.FOUNDED, changed_on=founded_on or _day(at), by=by, at=at, other=split_from, new_name_zh=name_zh)
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
    _lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    _require(by, Permission.UNITS_EDIT, unit)
    if parent != unit.parent:
        _require(by, Permission.UNITS_EDIT, parent)
    _refuse(rules.refusals_to_move(path=unit.path, parent_path=parent.path if parent else ""))
    old = Unit(name_zh=unit.name_zh, name_en=unit.name_en, parent=unit.parent)
    changes = _changed(unit, {**values, "parent": parent})
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
    _lock_tree()
    unit, into = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=into.pk)
    for one in (unit, into):
        _require(by, Permission.UNITS_EDIT, one)
    _refuse(rules.refusals_to_merge(queries.merge_facts(unit, into), reason=reason))
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
    _lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    _require(by, Permission.UNITS_EDIT, unit)
    going, is_taken = list(people), Unit.objects.filter(parent=unit.parent, name_zh=name_zh).exists()
    are_all, is_open = all(person.unit_id == unit.pk for person in going), unit.closed_on is None
    _refuse(rules.refusals_to_split(is_open=is_open, is_name_taken=is_taken, are_all_of_the_unit=are_all, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    day, values = said["changed_on"], {"kind": unit.kind, "adcode": unit.adcode}
    new = add_unit(name_zh=name_zh, name_en=name_en, parent=unit.parent, by=by, at=at, split_from=unit, founded_on=day, **values)
    User.objects.get_queryset().filter(pk__in=[person.pk for person in going]).update(unit=new)
    postings = _move_postings(unit, new, day=day, at=at, of=going)
    _became(unit, UnitChangeKind.SPLIT, other=new, **said)
    told = _told(said, new=name_zh, people=len(going), postings=postings)
    audit.record(action="accounts.split_unit", by=by, at=at, obj=unit, changes=told)
    return new


@transaction.atomic
def close_unit(*, unit: Unit, reason: str, by: Any, at: dt.datetime, **ground: Any) -> Unit:
    """Close a unit (撤销) with which nobody and nothing is left; otherwise it is merged into another. Raises: NotAllowed, Refused."""
    _lock_tree()
    unit = Unit.objects.get(pk=unit.pk)
    _require(by, Permission.UNITS_EDIT, unit)
    left = sum(part.count for part in queries.left_at(unit, on=ground.get("changed_on") or _day(at)))
    _refuse(rules.refusals_to_close(is_open=unit.closed_on is None, left=left, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    return _set_closed(unit, said["changed_on"], UnitChangeKind.CLOSED, "accounts.close_unit", said)


@transaction.atomic
def reopen_unit(*, unit: Unit, reason: str, by: Any, at: dt.datetime, **ground: Any) -> Unit:
    """Open a closed unit again (恢复). Raises: NotAllowed, Refused."""
    _lock_tree()
    unit = Unit.objects.select_related("parent").get(pk=unit.pk)
    _require(by, Permission.UNITS_EDIT, unit)
    is_parent_open = unit.parent is None or unit.parent.closed_on is None
    _refuse(rules.refusals_to_reopen(is_open=unit.closed_on is None, is_parent_open=is_parent_open, reason=reason))
    said = _ground(unit, by=by, at=at, reason=reason, **ground)
    return _set_closed(unit, None, UnitChangeKind.REOPENED, "accounts.reopen_unit", said)


def _set_closed(unit: Unit, closed_on: dt.date | None, kind: UnitChangeKind, action: str, said: Mapping[str, Any]) -> Unit:
    unit.closed_on = closed_on
    unit.save(update_fields=["closed_on"])
    _became(unit, kind, **said)
    audit.record(action=action, by=said["by"], at=said["at"], obj=unit, changes=_told(said))
    return unit


# --- people ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    unit: Unit,
    by: Any,
    at: dt.datetime,
    email: str = "",
    language: str = "zh-hans",
    password: str = "",
) -> tuple[User, str]:
    """Add a person (人员); returns the one-time password too, to be handed over and changed at the first log-in. Raises: NotAllowed.

    User names are kept in small letters, so that two people are never told apart by a capital. A `password` is given by
    the demo only: then it need not be changed.
    """
    _require(by, Permission.USERS_EDIT, unit)
    one_time = password or one_time_password()
    user = User(
        username=username.lower(),
        display_name=display_name,
        unit=unit,
        email=email,
        language=language,
        created_at=at,
        must_change_password=not password,
    )
    user.set_password(one_time)
    user.save(force_insert=True)
    audit.record(action="accounts.create_user", by=by, at=at, obj=user, changes={"username": username, "unit": str(unit)})
    return user, one_time


@transaction.atomic
def change_user(*, user: User, by: Any, at: dt.datetime, **values: Any) -> User:
    """Change a person's name, unit or e-mail. Raises: NotAllowed."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    if "unit" in values:
        _require(by, Permission.USERS_EDIT, values["unit"])
    if changes := _changed(user, values):
        user.save()
        audit.record(action="accounts.change_user", by=by, at=at, obj=user, changes=changes)
    return user


@transaction.atomic
def change_own_profile(*, by: User, at: dt.datetime, **values: Any) -> User:
    """Change one's own name, e-mail or language."""
    user = User.objects.select_for_update().get(pk=by.pk)
    if changes := _changed(user, values):
        user.save()
        audit.record(action="accounts.change_own_profile", by=by, at=at, obj=user, changes=changes)
    return user


@transaction.atomic
def reset_password(*, user: User, by: Any, at: dt.datetime, on: dt.date) -> str:
    """Give a person a new one-time password. Raises: NotAllowed, Refused for one's own account and those of administrators."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    is_self = by is not None and by.pk == user.pk
    _refuse(rules.refusals_to_reset_password(held, on=on, is_self=is_self, is_operator=by is None))
    one_time = one_time_password()
    user.set_password(one_time)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    audit.record(action="accounts.reset_password", by=by, at=at, obj=user)
    return one_time


@transaction.atomic
def set_own_password(*, user: User, password: str, at: dt.datetime) -> None:
    """Change one's own password; a one-time password is thereby used up."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    audit.record(action="accounts.set_own_password", by=user, at=at, obj=user)


@transaction.atomic
def deactivate(*, user: User, by: Any, at: dt.datetime, on: dt.date, successors: Mapping[str, User] | None = None) -> User:
    """Close a person's account and hand over what he holds (`successors`: key of a holding → who takes it over); what he did stays.

    All or nothing. Raises: NotAllowed, Refused, also where anything would be left with nobody.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    chosen, handed = successors or {}, {}
    owed = [holding for holding in queries.held_by(user) if holding.hand_over]
    is_left = any(holding.key not in chosen for holding in owed)
    is_last, is_self = queries.is_last_administrator(user, on=on), by is not None and by.pk == user.pk
    is_unlisted = queries.is_named_unlisted(user)
    _refuse(rules.refusals_to_deactivate(is_self=is_self, is_last_administrator=is_last, is_left=is_left, is_unlisted=is_unlisted))
    for holding in owed:
        to = User.objects.select_related("unit").get(pk=chosen[holding.key].pk)
        needed = Permission(holding.permission) if holding.permission else None
        _refuse(rules.refusals_to_succeed(to.grants(), permission=needed, is_leaver=to.pk == user.pk, is_active=to.is_active))
        holding.hand_over(from_user=user, to_user=to, by=by, at=at)  # type: ignore[misc]
        handed[holding.key] = {"kinds": holding.kinds, "count": holding.count, "to": str(to)}
    if any(holding.hand_over for holding in queries.held_by(user)):
        raise Refused((rules.Refusal.NOT_HANDED_OVER,))
    return _set_active(user, by=by, at=at, is_active=False, **({"handed_over": handed} if handed else {}))


@transaction.atomic
def reactivate(*, user: User, by: Any, at: dt.datetime) -> User:
    """Open a closed account again. Raises: NotAllowed."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    return _set_active(user, by=by, at=at, is_active=True)


def _set_active(user: User, *, by: Any, at: dt.datetime, is_active: bool, **told: Any) -> User:
    if changes := _changed(user, {"is_active": is_active}):
        user.save(update_fields=["is_active"])
        action = "accounts.reactivate" if is_active else "accounts.deactivate"
        audit.record(action=action, by=by, at=at, obj=user, changes=changes | told)
    return user


# --- postings -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def post(*, user: User, unit: Unit, role: str, starts_on: dt.date, by: Any, at: dt.datetime, ends_on: dt.date | None = None) -> Posting:
    """Give a person a posting (任职). Raises: NotAllowed, Refused."""
    _require(by, Permission.POSTINGS_EDIT, unit)
    user = User.objects.select_for_update().get(pk=user.pk)
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    new = rules.PostingFacts(role, unit.pk, starts_on, ends_on)
    is_self = by is not None and by.pk == user.pk
    lent = [one.facts() for one in StandIn.objects.filter(user=user).select_related("posting")]
    is_open = unit.closed_on is None
    _refuse(rules.refusals_to_post(held, new, is_self=is_self, is_active=user.is_active, is_unit_open=is_open, lent=lent))
    posting = Posting.objects.create(user=user, unit=unit, role=role, starts_on=starts_on, ends_on=ends_on)
    changes = {"person": str(user), "unit": str(unit), "role": role, "starts_on": starts_on, "ends_on": ends_on}
    audit.record(action="accounts.post", by=by, at=at, obj=posting, changes=changes)
    return posting


@transaction.atomic
def end_posting(*, posting: Posting, ends_on: dt.date, by: Any, at: dt.datetime) -> Posting:
    """End a posting on a day, the first on which it no longer holds. Raises: NotAllowed, Refused."""
    posting = Posting.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=posting.pk)
    _require(by, Permission.POSTINGS_EDIT, posting.unit)
    is_self = by is not None and by.pk == posting.user.pk
    is_last = queries.is_last_posting_of_administrators(posting, on=ends_on)
    _refuse(rules.refusals_to_end(posting.facts(), ends_on=ends_on, is_self=is_self, is_last_administrator=is_last))
    changes = _changed(posting, {"ends_on": ends_on})
    posting.save(update_fields=["ends_on"])
    audit.record(action="accounts.end_posting", by=by, at=at, obj=posting, changes=changes)
    return posting


@transaction.atomic
def stand_in(*, user: User, posting: Posting, starts_on: dt.date, ends_on: dt.date, reason: str, by: Any, at: dt.datetime) -> StandIn:
    """Let a person do another's work for a period (代理、AB岗), with the role of that posting. Raises: NotAllowed, Refused."""
    posting = Posting.objects.select_for_update(of=("self",)).select_related("unit", "user").get(pk=posting.pk)
    _require(by, Permission.POSTINGS_EDIT, posting.unit)
    user = User.objects.select_for_update().get(pk=user.pk)
    facts = rules.StandInFacts(
        posting.facts(), starts_on, ends_on, user.pk == posting.user_id, user.is_active and posting.user.is_active,
        posting.unit.closed_on is None, tuple(one.facts() for one in posting.stand_ins.all()),
    )  # fmt: skip
    held = [one.facts() for one in Posting.objects.filter(user=user)]
    longest = int(load.rulebook().number(rules.STAND_IN_LEAF, _day(at)))
    is_own = by is not None and by.pk in {user.pk, posting.user_id}
    _refuse(rules.refusals_to_stand_in(facts, held=held, is_own=is_own, longest_days=longest, reason=reason))
    made = StandIn.objects.create(user=user, posting=posting, starts_on=starts_on, ends_on=ends_on, reason=reason, arranged_at=at)
    changes = {"who": str(user), "for": str(posting), "starts_on": starts_on, "ends_on": ends_on, "reason": reason}
    audit.record(action="accounts.stand_in", by=by, at=at, obj=made, changes=changes)
    return made


@transaction.atomic
def end_stand_in(*, stand_in: StandIn, ends_on: dt.date, by: Any, at: dt.datetime) -> StandIn:
    """End a stand-in earlier: on a day, the first on which it no longer holds. Raises: NotAllowed, Refused."""
    found = StandIn.objects.select_for_update(of=("self",)).select_related("posting__unit", "user").get(pk=stand_in.pk)
    _require(by, Permission.POSTINGS_EDIT, found.posting.unit)
    is_own = by is not None and by.pk in {found.user_id, found.posting.user_id}
    _refuse(rules.refusals_to_end_stand_in(starts_on=found.starts_on, had_ends_on=found.ends_on, ends_on=ends_on, is_own=is_own))
    changes = _changed(found, {"ends_on": ends_on})
    found.save(update_fields=["ends_on"])
    audit.record(action="accounts.end_stand_in", by=by, at=at, obj=found, changes=changes)
    return found


# --- promotion officers ---------------------------------------------------------------------------------------------------------------
@transaction.atomic
def list_officer(
    *, user: User, since_on: dt.date, skills: Collection[str], by: Any, at: dt.datetime, ended_on: dt.date | None = None, note: str = ""
) -> PromotionOfficer:
    """Put a person on the roster of promotion officers (招商专员), or change what stands there. Raises: NotAllowed, Refused."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.OFFICERS_EDIT, user.unit)
    are_known = skillbook.skills().keys() >= set(skills)
    refusals = rules.refusals_to_list_officer(
        is_active=user.is_active, are_skills_known=are_known, since_on=since_on, ended_on=ended_on
    )  # fmt: skip
    _refuse(refusals)
    officer = PromotionOfficer.objects.filter(user=user).first() or PromotionOfficer(user=user)
    changes: dict[str, Any] = _changed(officer, {"since_on": since_on, "ended_on": ended_on, "note": note})
    officer.save()
    old = set(officer.skills.values_list("code", flat=True))
    if old != set(skills):
        officer.skills.exclude(code__in=skills).delete()
        OfficerSkill.objects.bulk_create(OfficerSkill(officer=officer, code=code) for code in sorted(set(skills) - old))
        changes["skills"] = {"old": sorted(old), "new": sorted(skills)}
    if changes:
        audit.record(action="accounts.list_officer", by=by, at=at, obj=officer, changes=changes)
    return officer


@transaction.atomic
def note_training(*, officer: PromotionOfficer, title: str, held_on: dt.date, length_days: Decimal, by: Any, at: dt.datetime,
                  provider: str = "") -> Training:  # fmt: skip
    """Note a training that an officer attended. Raises: NotAllowed, Refused."""
    _require(by, Permission.OFFICERS_EDIT, officer.user.unit)
    is_noted = officer.trainings.filter(held_on=held_on, title=title).exists()
    _refuse(rules.refusals_to_note_training(held_on=held_on, on=_day(at), is_noted=is_noted))
    values = {"title": title, "provider": provider, "held_on": held_on, "length_days": length_days}
    training = Training.objects.create(officer=officer, noted_by=by, **values)
    audit.record(action="accounts.note_training", by=by, at=at, obj=training, changes=values)
    return training


@transaction.atomic
def drop_training(*, training: Training, by: Any, at: dt.datetime) -> None:
    """Take a training back that was noted by mistake. Raises: NotAllowed."""
    _require(by, Permission.OFFICERS_EDIT, training.officer.user.unit)
    audit.record(action="accounts.drop_training", by=by, at=at, obj=training, changes={"held_on": training.held_on})
    training.delete()


# --- need to know, and what is personal -----------------------------------------------------------------------------------------------
@transaction.atomic
def let_know(*, record: Confidential, user: User, reason: str, by: Any, at: dt.datetime) -> NeedToKnow:
    """Name a person on the need-to-know list of a confidential record (知悉范围). The room of the record asks who may. Raises: Refused."""
    knows = type(record)._default_manager.filter(pk=record.pk).filter(record.known_to(user, NOTHING)).exists()
    refusals = rules.refusals_to_let_know(
        is_confidential=record.is_confidential, is_active=user.is_active, knows=record.is_confidential and knows, reason=reason
    )  # fmt: skip
    _refuse(refusals)
    values = {"model": record._meta.label, "record": record.public_id, "user": user, "reason": reason}  # type: ignore[attr-defined]
    made = NeedToKnow.objects.create(**values, named_by=by, named_at=at)
    audit.record(action="accounts.let_know", by=by, at=at, obj=record, changes={"person": str(user), "reason": reason})
    return made


@transaction.atomic
def let_forget(*, record: Confidential, named: NeedToKnow, by: Any, at: dt.datetime) -> None:
    """Take a person off the need-to-know list of a record."""
    NeedToKnow.objects.of(record).filter(pk=named.pk).update(ended_at=at)
    audit.record(action="accounts.let_forget", by=by, at=at, obj=record, changes={"person": str(named.user)})


@transaction.atomic
def erase_user(*, user: User, reason: str, by: Any, at: dt.datetime) -> None:
    """Erase what is personal of somebody who left (删除个人信息); the name stays with what he did. Raises: NotAllowed, Refused."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    _refuse(rules.refusals_to_erase(is_active=user.is_active, is_self=by is not None and by.pk == user.pk, reason=reason))
    User.objects.filter(pk=user.pk).update(email="", last_login=None)
    user.saved_views.all().delete()
    Training.objects.filter(officer__user=user).delete()
    OfficerSkill.objects.filter(officer__user=user).delete()
    PromotionOfficer.objects.filter(user=user).update(note="")
    audit.record(action="accounts.erase_user", by=by, at=at, obj=user, changes={"reason": reason})


# --- saved views ----------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def save_view(*, page: str, name: str, query: str, by: User, at: dt.datetime) -> SavedView:
    """Keep a list as it is filtered and sorted now (常用视图); the same name on the same page is replaced."""
    view, _ = SavedView.objects.update_or_create(user=by, page=page, name=name, defaults={"query": query, "saved_at": at})
    audit.record(action="accounts.save_view", by=by, at=at, obj=view, changes={"page": page, "query": query})
    return view


@transaction.atomic
def drop_view(*, view: SavedView, by: User, at: dt.datetime) -> None:
    """Drop one's own saved view. Raises: NotAllowed."""
    if view.user_id != by.pk:
        raise NotAllowed("accounts.drop_view")
    audit.record(action="accounts.drop_view", by=by, at=at, obj=view, changes={"page": view.page, "query": view.query})
    view.delete()


# --- log-in ---------------------------------------------------------------------------------------------------------------------------
def record_login(*, user: User, at: dt.datetime) -> None:
    """Somebody logged in."""
    audit.record(action="accounts.login", by=user, at=at, obj=user)


def record_logout(*, user: User, at: dt.datetime) -> None:
    """Somebody logged out."""
    audit.record(action="accounts.logout", by=user, at=at, obj=user)


def record_failed_login(*, username: str, at: dt.datetime) -> None:
    """Somebody tried a wrong password or an unknown name."""
    audit.record(action="accounts.login_failed", by=None, at=at, object_type="accounts.User", object_label=username[:150])


def one_time_password() -> str:
    """Sixteen signs, easy to read out."""
    return "".join(secrets.choice(_SIGNS) for _ in range(16))
