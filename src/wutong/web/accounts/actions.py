"""Every change of units, people and postings, with its audit entry."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from wutong.web.accounts import queries, rules
from wutong.web.accounts.models import Posting, SavedView, Unit, User
from wutong.web.accounts.rules import Permission
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


@transaction.atomic
def add_unit(
    *, kind: str, name_zh: str, parent: Unit | None, by: Any, at: dt.datetime, name_en: str = "", adcode: str = "", place_id: str = ""
) -> Unit:
    """Add a unit (单位) under another, or a root. Raises: NotAllowed."""
    _lock_tree()
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    _require(by, Permission.UNITS_EDIT, parent)
    unit = Unit.objects.create(kind=kind, name_zh=name_zh, name_en=name_en, parent=parent, adcode=adcode, place_id=place_id, path="")
    unit.path = f"{parent.path if parent else '/'}{unit.pk:06d}/"
    unit.save(update_fields=["path"])
    changes = {"kind": kind, "parent": str(parent or ""), "name_zh": name_zh, "adcode": adcode, "place_id": place_id}
    audit.record(action="accounts.add_unit", by=by, at=at, obj=unit, changes=changes)
    return unit


@transaction.atomic
def change_unit(*, unit: Unit, by: Any, at: dt.datetime, parent: Unit | None, **values: Any) -> Unit:
    """Rename a unit or move it, with everything below it. Raises: NotAllowed, Refused."""
    _lock_tree()
    unit = Unit.objects.get(pk=unit.pk)
    parent = Unit.objects.get(pk=parent.pk) if parent else None
    _require(by, Permission.UNITS_EDIT, unit)
    if parent != unit.parent:
        _require(by, Permission.UNITS_EDIT, parent)
    _refuse(rules.refusals_to_move(path=unit.path, parent_path=parent.path if parent else ""))
    old_path, new_path = unit.path, f"{parent.path if parent else '/'}{unit.pk:06d}/"
    changes = _changed(unit, {**values, "parent": parent})
    if not changes:
        return unit
    unit.save()
    if new_path != old_path:
        below = Unit.objects.filter(path__startswith=old_path)
        below.update(path=Concat(Value(new_path), Substr(F("path"), len(old_path) + 1)))
        unit.refresh_from_db()
    audit.record(action="accounts.change_unit", by=by, at=at, obj=unit, changes=changes)
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
def deactivate(*, user: User, by: Any, at: dt.datetime, on: dt.date) -> User:
    """Close a person's account; what he did stays. Raises: NotAllowed, Refused."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    is_last = queries.is_last_administrator(user, on=on)
    _refuse(rules.refusals_to_deactivate(is_self=by is not None and by.pk == user.pk, is_last_administrator=is_last))
    return _set_active(user, by=by, at=at, is_active=False)


@transaction.atomic
def reactivate(*, user: User, by: Any, at: dt.datetime) -> User:
    """Open a closed account again. Raises: NotAllowed."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    _require(by, Permission.USERS_EDIT, user.unit)
    return _set_active(user, by=by, at=at, is_active=True)


def _set_active(user: User, *, by: Any, at: dt.datetime, is_active: bool) -> User:
    if changes := _changed(user, {"is_active": is_active}):
        user.save(update_fields=["is_active"])
        audit.record(action="accounts.reactivate" if is_active else "accounts.deactivate", by=by, at=at, obj=user, changes=changes)
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
    _refuse(rules.refusals_to_post(held, new, is_self=is_self, is_active=user.is_active, is_unit_open=unit.closed_on is None))
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
