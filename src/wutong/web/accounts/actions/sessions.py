"""Where people are logged in: a session begins, is used and ends, each with its audit entry where somebody did it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction

from wutong.web.accounts.actions.refusing import NotAllowed, require
from wutong.web.accounts.models import LoginSession, User
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.audit import actions as audit
from wutong.web.lib import access


@transaction.atomic
def begin(*, user: User, key: str, device: str, by: Any, at: dt.datetime) -> LoginSession:
    """A person logs in. Where he is logged in at too many places already, the one that was opened first ends.

    What ended longer ago than such rows are kept goes.
    """
    User.objects.get_queryset().select_for_update().get(pk=user.pk)
    bounds = queries.session_bounds(at)
    there = LoginSession.objects.filter(user=user)
    there.filter(ended_at__lt=at - bounds.kept).delete()
    _end(list(there.filter(ended_at=None, used_at__lte=at - bounds.idle)), SessionEnd.IDLE, by=None, at=at)
    live = list(there.filter(ended_at=None).order_by("started_at", "pk"))
    if over := live[: max(len(live) + 1 - bounds.at_most, 0)]:
        _end(over, SessionEnd.TOO_MANY, by=None, at=at)
        audit.record(action="accounts.end_sessions", by=user, at=at, obj=user, changes={"why": SessionEnd.TOO_MANY, "sessions": len(over)})
    return LoginSession.objects.create(user=user, key=key, started_at=at, used_at=at, ip=access.origin().ip, device=device[:80])


@transaction.atomic
def use(*, pk: int, key: str, by: Any, at: dt.datetime) -> bool:
    """Note that a session is used, at most once a minute; false where it was ended meanwhile."""
    return bool(LoginSession.objects.filter(pk=pk, ended_at=None).update(used_at=at, key=key))


@transaction.atomic
def lapse(*, pk: int, why: SessionEnd, by: Any, at: dt.datetime) -> None:
    """A session ends by itself: logged out, idle or too old."""
    _end(list(LoginSession.objects.filter(pk=pk, ended_at=None)), why, by=None, at=at)


@transaction.atomic
def end(*, session: LoginSession, by: Any, at: dt.datetime) -> None:
    """End a session from elsewhere: one's own, or as security administrator another person's. Raises: NotAllowed."""
    is_own = by.pk == session.user_id
    if not is_own:
        require(by, Permission.LOGINS_EDIT, session.user.unit.target())
    why = SessionEnd.BY_HIMSELF if is_own else SessionEnd.BY_ADMINISTRATOR
    if _end(list(LoginSession.objects.filter(pk=session.pk, ended_at=None).select_for_update()), why, by=by, at=at):
        audit.record(action="accounts.end_sessions", by=by, at=at, obj=session.user, changes={"why": why, "sessions": 1})


@transaction.atomic
def end_all(*, user: User, why: SessionEnd, by: Any, at: dt.datetime, but: int | None = None) -> int:
    """End every session of a person, or all `but` the one given; returns how many. Raises: NotAllowed."""
    if why == SessionEnd.BY_ADMINISTRATOR:
        require(by, Permission.LOGINS_EDIT, user.unit.target())
    if why == SessionEnd.BY_HIMSELF and by.pk != user.pk:
        raise NotAllowed(Permission.LOGINS_EDIT)
    count = _end(list(LoginSession.objects.filter(user=user, ended_at=None).exclude(pk=but or 0)), why, by=by, at=at)
    if count:
        audit.record(action="accounts.end_sessions", by=by, at=at, obj=user, changes={"why": why, "sessions": count})
    return count


@transaction.atomic
def end_everybodys(*, by: None, at: dt.datetime) -> int:
    """After a restore: sessions that were ended since the backup would be open again, so everybody logs in anew. Returns how many."""
    Session.objects.all().delete()
    return LoginSession.objects.filter(ended_at=None).update(ended_at=at, end_reason=SessionEnd.BY_ADMINISTRATOR)


def _end(sessions: list[LoginSession], why: SessionEnd, *, by: Any, at: dt.datetime) -> int:
    LoginSession.objects.filter(pk__in=[one.pk for one in sessions]).update(ended_at=at, end_reason=why, ended_by=by)
    Session.objects.filter(pk__in=[one.key for one in sessions]).delete()
    return len(sessions)
