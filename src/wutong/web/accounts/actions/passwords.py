"""One-time passwords for people on a list, as a bureau arrives: each by the rules of a single one, given out once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password
from django.db import transaction

from wutong.web.accounts.actions import people
from wutong.web.accounts.actions.refusing import Refused, require
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal

QUICK_ROUNDS = 20_000


@dataclass(frozen=True, slots=True)
class Given:
    """The passwords, this once; and who was refused one, with why."""

    passwords: tuple[tuple[User, str], ...]
    refused: tuple[tuple[User, tuple[Refusal, ...]], ...]


@transaction.atomic
def give(*, users: Iterable[User], by: Any, at: dt.datetime, on: dt.date) -> Given:
    """Give each of these people a one-time password, to be changed at the first log-in; an audit entry each. Raises: NotAllowed."""
    require(by, Permission.USERS_EDIT)
    given, refused = [], []
    for user in users:
        try:
            with transaction.atomic():
                given.append((user, people.reset_password(user=user, by=by, at=at, on=on, stored=quickly_stored)))
        except Refused as why:
            refused.append((user, why.refusals))
    return Given(tuple(given), tuple(refused))


def quickly_stored(password: str) -> str:
    """A one-time password as it is kept, in milliseconds where the usual way takes a third of a second.

    Why that is enough: many rounds slow down who tries likely passwords, and sixteen random signs (93 bits) are never tried out; the
    password that the person chooses at the first log-in is stored the usual way.
    """
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return str(hasher.encode(password, hasher.salt(), iterations=QUICK_ROUNDS))
    return make_password(password)
