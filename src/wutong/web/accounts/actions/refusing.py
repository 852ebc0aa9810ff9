"""What every change asks first: may the person, and do the rules allow it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.queries import logins
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules import refusals as refusal_rules
from wutong.web.accounts.rules.access import Permission


class NotAllowed(Exception):  # noqa: N818 - a refusal, not a fault
    """The person may not do this here; the web answers 403."""


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[refusal_rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def require(by: Any, permission: Permission, target: access_rules.Target | None = None) -> None:
    """Stop unless a role of `by` permits it, over the target if one is given. None as person is the system itself (set-up, the demo)."""
    if by is not None and not by.may(permission, target):
        raise NotAllowed(permission)


def require_over(by: Any, permission: Permission, unit: Unit | None) -> None:
    """Stop unless `by` holds the permission over the unit; above every root stands nothing, which only the scope `all` reaches."""
    require(by, permission, unit.target() if unit else access_rules.Target())


def refuse(refusals: tuple[refusal_rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def changed(row: Any, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the values that differ and tell old and new of each."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = {"old": None if old is None else str(old), "new": None if new is None else str(new)}
            setattr(row, name, new)
    return changes


def day_of(at: dt.datetime) -> dt.date:
    """The day of a moment in the office's time zone."""
    return timezone.localdate(at) if timezone.is_aware(at) else at.date()


def refusals_to_give_email(user: User | None, email: str, *, by: Any, at: dt.datetime) -> tuple[refusal_rules.Refusal, ...]:
    """Why this may not be the e-mail of a person, or of somebody new; empty where it is the one he has."""
    if email == (user.email if user else ""):
        return ()
    held = [posting.facts() for posting in Posting.objects.filter(user=user)] if user else []
    is_self = by is not None and user is not None and by.pk == user.pk
    return people_rules.refusals_to_give_email(
        held, on=day_of(at), is_self=is_self, is_operator=by is None, is_log_in=logins.is_email_log_in(),
        is_taken=logins.is_email_taken(email, but=user),
    )  # fmt: skip


# What the audit holds encrypted, with a key that goes when the person is erased.
PERSONAL = frozenset({"email", "note", "skills"})


def apart(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, as the audit takes it: what anybody may read in it, and what is personal."""
    personal = {name: told for name, told in changes.items() if name in PERSONAL}
    return {name: told for name, told in changes.items() if name not in PERSONAL}, personal
