"""Who logged in, who failed and who logged out, written down."""

from __future__ import annotations

import datetime as dt

from wutong.web.accounts.models import User
from wutong.web.audit import actions as audit


def record_login(*, user: User, at: dt.datetime) -> None:
    """Somebody logged in."""
    audit.record(action="accounts.login", by=user, at=at, obj=user)


def record_logout(*, user: User, at: dt.datetime) -> None:
    """Somebody logged out."""
    audit.record(action="accounts.logout", by=user, at=at, obj=user)


def record_failed_sign_on(*, username: str, why: str, at: dt.datetime) -> None:
    """The office's sign-on provider sent somebody who is not let in; `why`: the code of the fault."""
    label, told = username[:150], {"why": why}
    audit.record(action="accounts.sign_on_failed", by=None, at=at, object_type="accounts.User", object_label=label, changes=told)


def record_failed_login(*, username: str, at: dt.datetime) -> None:
    """Somebody tried a wrong password or an unknown name."""
    audit.record(action="accounts.login_failed", by=None, at=at, object_type="accounts.User", object_label=username[:150])
