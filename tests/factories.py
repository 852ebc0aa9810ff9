"""Plain functions that make rows, with believable defaults. They go through the rooms' actions, as everything does."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from wutong.web.accounts import actions
from wutong.web.accounts.models import Posting, Unit, User

AT = dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC)
STARTS_ON = dt.date(2024, 1, 1)
PASSWORD = "correct horse 梧桐"
_numbers = count(1)


def unit(name_zh: str = "", *, kind: str = "department", parent: Unit | None = None, adcode: str = "", **more: Any) -> Unit:
    """A unit, made by the system itself."""
    return actions.add_unit(kind=kind, name_zh=name_zh or f"单位{next(_numbers)}", parent=parent, adcode=adcode, by=None, at=AT, **more)


def person(username: str = "", *, at_unit: Unit, display_name: str = "", password: str = PASSWORD, **more: Any) -> User:
    """Somebody who may log in with PASSWORD and holds no role."""
    username = username or f"person{next(_numbers)}"
    user, _ = actions.create_user(
        username=username, display_name=display_name or username, unit=at_unit, password=password, by=None, at=AT, **more
    )
    return user


def posting(user: User, role: str, *, unit: Unit | None = None, starts_on: dt.date = STARTS_ON, ends_on: dt.date | None = None) -> Posting:
    """A posting, at the person's own unit unless told otherwise."""
    return actions.post(user=user, unit=unit or user.unit, role=role, starts_on=starts_on, ends_on=ends_on, by=None, at=AT)
