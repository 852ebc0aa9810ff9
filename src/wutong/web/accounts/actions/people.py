"""Every change of people's accounts, with its audit entry."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from wutong.web.accounts.actions import postings, sessions, tokens
from wutong.web.accounts.actions.refusing import Refused, apart, changed, day_of, refusals_to_give_email, refuse, require_over
from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules import refusals as refusal_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.audit import actions as audit
from wutong.web.lib import hooks, rulebook

ONE_TIME_LEAF = "accounts.one_time_password_days"
# Without signs that look alike in print: 0 O, 1 l I.
_SIGNS = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


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
    """Add a person (人员); returns the one-time password too, to be changed at the first log-in. Raises: NotAllowed, Refused.

    User names are kept in small letters, so that two people are never told apart by a capital. A `password` is given by
    the demo only: then it need not be changed.
    """
    require_over(by, Permission.USERS_EDIT, unit)
    refuse(refusals_to_give_email(None, email, by=by, at=at))
    one_time = password or one_time_password()
    user = User(
        username=username.lower(),
        display_name=display_name,
        unit=unit,
        email=email,
        language=language,
        created_at=at,
        must_change_password=not password,
        one_time_until=None if password else one_time_until(at),
        is_demo=bool(password) and settings.DEMO,
    )
    user.set_password(one_time)
    user.save(force_insert=True)
    changes = {"username": username, "unit": str(unit)}
    personal = {"email": email} if email else None
    audit.record(action="accounts.create_user", by=by, at=at, obj=user, changes=changes, personal=personal, personal_of=user)
    return user, one_time


@transaction.atomic
def change_user(
    *, user: User, by: Any, at: dt.datetime, changed_on: dt.date | None = None, reason: str = "", document: str = "", **values: Any
) -> User:
    """Change a person's name, unit or e-mail; since when, why and by which document stand in the history where they are given.

    Raises: NotAllowed, Refused for the e-mail of administrators and one that is taken.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.USERS_EDIT, user.unit)
    if "unit" in values:
        require_over(by, Permission.USERS_EDIT, values["unit"])
    refuse(refusals_to_give_email(user, values.get("email", user.email), by=by, at=at))
    if changes := changed(user, values):
        user.save()
        plain, personal = apart(changes)
        ground = {"since": changed_on, "reason": reason, "document": document}
        told = {**plain, **{name: said for name, said in ground.items() if said}}
        audit.record(action="accounts.change_user", by=by, at=at, obj=user, changes=told, personal=personal, personal_of=user)
    return user


@transaction.atomic
def reset_password(
    *, user: User, by: Any, at: dt.datetime, on: dt.date, stored: Callable[[str], str] = make_password
) -> str:  # fmt: skip
    """Give a person a new one-time password. Raises: NotAllowed, Refused for one's own account and those of administrators.

    `stored`: how it is kept.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.USERS_EDIT, user.unit)
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    is_self = by is not None and by.pk == user.pk
    refuse(login_rules.refusals_to_reset_password(held, on=on, is_self=is_self, is_operator=by is None))
    one_time = one_time_password()
    user.password, user.must_change_password, user.one_time_until = stored(one_time), True, one_time_until(at)
    user.save(update_fields=["password", "must_change_password", "one_time_until"])
    audit.record(action="accounts.reset_password", by=by, at=at, obj=user)
    sessions.end_all(user=user, why=SessionEnd.PASSWORD, by=by, at=at)
    tokens.revoke_all(user=user, by=by, at=at)
    return one_time


@transaction.atomic
def deactivate(*, user: User, by: Any, at: dt.datetime, on: dt.date, successors: Mapping[str, User] | None = None) -> User:
    """Close a person's account and hand over what he holds (`successors`: key of a holding → who takes it over); what he did stays.

    All or nothing. Raises: NotAllowed, Refused, also where anything would be left with nobody.
    """
    if Posting.objects.filter(user=user, role__in=access_rules.administrators()).exists():
        postings.lock_administrators()
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.USERS_EDIT, user.unit)
    chosen, handed = successors or {}, {}
    owed = [holding for holding in queries.held_by(user) if holding.hand_over]
    is_left = any(holding.key not in chosen for holding in owed)
    is_last, is_self = queries.is_last_administrator(user, on=on), by is not None and by.pk == user.pk
    is_unlisted = queries.is_named_unlisted(user)
    refuse(people_rules.refusals_to_deactivate(is_self=is_self, is_last_administrator=is_last, is_left=is_left, is_unlisted=is_unlisted))
    for holding in owed:
        to = User.objects.select_related("unit").get(pk=chosen[holding.key].pk)
        needed = Permission(holding.permission) if holding.permission else None
        refuse(people_rules.refusals_to_succeed(to.grants(), permission=needed, is_leaver=to.pk == user.pk, is_active=to.is_active))
        holding.hand_over(from_user=user, to_user=to, by=by, at=at)  # type: ignore[misc]
        handed[holding.key] = {"kinds": holding.kinds, "count": holding.count, "to": str(to)}
    if any(holding.hand_over for holding in queries.held_by(user)):
        raise Refused((refusal_rules.Refusal.NOT_HANDED_OVER,))
    return _set_active(user, by=by, at=at, is_active=False, **({"handed_over": handed} if handed else {}))


@transaction.atomic
def reactivate(*, user: User, by: Any, at: dt.datetime) -> User:
    """Open a closed account again. Raises: NotAllowed."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.USERS_EDIT, user.unit)
    return _set_active(user, by=by, at=at, is_active=True)


def _set_active(user: User, *, by: Any, at: dt.datetime, is_active: bool, **told: Any) -> User:
    if changes := changed(user, {"is_active": is_active}):
        user.save(update_fields=["is_active"])
        action = "accounts.reactivate" if is_active else "accounts.deactivate"
        audit.record(action=action, by=by, at=at, obj=user, changes=changes | told)
        if not is_active:
            sessions.end_all(user=user, why=SessionEnd.DEACTIVATED, by=by, at=at)
            tokens.revoke_all(user=user, by=by, at=at)
    return user


@transaction.atomic
def erase_user(*, user: User, reason: str, by: Any, at: dt.datetime) -> None:
    """Erase what is personal of somebody who left (删除个人信息); the name stays with what he did. Raises: NotAllowed, Refused."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.USERS_EDIT, user.unit)
    refuse(people_rules.refusals_to_erase(is_active=user.is_active, is_self=by is not None and by.pk == user.pk, reason=reason))
    erased = {declared.kind: count for declared in hooks.collect("PERSONAL") if (count := _erase(declared, user))}
    Authenticator.objects.filter(user=user).delete()
    AccessAttempt.objects.filter(username=user.username).delete()
    audit.record(action="accounts.erase_user", by=by, at=at, obj=user, changes={"reason": reason, "erased": erased})
    audit.forget(record_=user, by=by, at=at)


def _erase(declared: hooks.Personal, user: User) -> int:
    """Do to a person's rows of a kind what its room declares; returns of how many."""
    match declared.erasure:
        case "deleted":
            return int(declared.of(user).delete()[1].get(declared.model, 0))
        case "emptied":
            rows = declared.of(user)
            return int(rows.update(**{name: None if rows.model._meta.get_field(name).null else "" for name in declared.fields}))
    return 0


def one_time_until(at: dt.datetime) -> dt.date:
    """The last day on which a one-time password given now lets its person in."""
    on = day_of(at)
    return on + dt.timedelta(days=int(rulebook.in_force().number(ONE_TIME_LEAF, on)))


def one_time_password() -> str:
    """Sixteen signs, easy to read out."""
    return "".join(secrets.choice(_SIGNS) for _ in range(16))
