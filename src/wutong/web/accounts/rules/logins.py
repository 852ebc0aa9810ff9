"""Decisions on logging in: passwords, sessions, second factors and tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from wutong.web.accounts.rules.access import Grant, Permission
from wutong.web.accounts.rules.postings import PostingFacts, is_to_administrate
from wutong.web.accounts.rules.refusals import Refusal, those

DEMO_PASSWORD = "wutong-demo-2026"  # noqa: S105 - shown on purpose: its accounts let nobody in outside a demo


class SessionEnd(StrEnum):
    """Why a session (登录会话) ended; the log-in page says it."""

    LOGGED_OUT = "logged_out"
    BY_HIMSELF = "by_himself"
    BY_ADMINISTRATOR = "by_administrator"
    IDLE = "idle"
    TOO_OLD = "too_old"
    TOO_MANY = "too_many"
    PASSWORD = "password"  # noqa: S105
    DEACTIVATED = "deactivated"
    ROLE_LOST = "role_lost"
    SECOND_FACTOR = "second_factor"


def refusals_to_reset_password(held: Iterable[PostingFacts], *, on: dt.date, is_self: bool, is_operator: bool) -> tuple[Refusal, ...]:
    """Why a person may not be given a new one-time password; empty if he may. `is_operator`: a command on the server, not a page.

    Why: whoever gives an administrator's password could log in as him, and one person would hold two of the three roles (三员分立). So a
    posting that begins later counts too.
    """
    return those((Refusal.OWN_ACCOUNT, is_self), (Refusal.RESET_OF_ADMINISTRATOR, not is_operator and is_to_administrate(held, on=on)))


def needs_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether any of a person's roles may be used with a second factor only; the role of a stand-in counts too."""
    return any(grant.role.needs_second_factor for grant in grants)


def session_end(
    *, started_at: dt.datetime, used_at: dt.datetime, at: dt.datetime, idle_minutes: int, longest: dt.timedelta
) -> SessionEnd | None:
    """Why a session is over at a moment; None while it goes on."""
    idle = SessionEnd.IDLE if at - used_at >= dt.timedelta(minutes=idle_minutes) else None
    return SessionEnd.TOO_OLD if at - started_at >= longest else idle


def refusals_to_reset_factor(*, has_factor: bool, is_self: bool, reason: str) -> tuple[Refusal, ...]:
    """Why another person's second factor may not be taken away: there is none, it is one's own, or nobody says why."""
    return those((Refusal.NO_SECOND_FACTOR, not has_factor), (Refusal.OWN_ACCOUNT, is_self), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_make_token(
    wanted: Iterable[Permission], grants: Iterable[Grant], *, on: dt.date, ends_on: dt.date, longest_days: int, held: int, most: int
) -> tuple[Refusal, ...]:
    """Why a person may not be given a token for the API like this: too long, over at once, more than he may himself, or one too many."""
    own = {permission for grant in grants for permission in grant.role.permissions}
    return those(
        (Refusal.TOKEN_ENDS_AT_ONCE, ends_on <= on), (Refusal.TOKEN_TOO_LONG, (ends_on - on).days > longest_days),
        (Refusal.TOKEN_BEYOND_OWNER, not set(wanted) <= own), (Refusal.TOO_MANY_TOKENS, held >= most),
    )  # fmt: skip
