"""Reads of how people log in: sessions, second factors, tokens, lock-outs, and whom a sign-on provider names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.models import ApiToken, LoginSession, Posting, User
from wutong.web.accounts.models.logins import PERMISSIONS, LoginSessionQuerySet
from wutong.web.accounts.rules import access as access_rules
from wutong.web.lib import access, rulebook
from wutong.web.lib.health import Finding, State

RECOVERY_CODES = settings.MFA_RECOVERY_CODE_COUNT


@dataclass(frozen=True, slots=True)
class SessionBounds:
    """How long sessions last and how many there may be, by the rulebook of the day and the settings."""

    idle: dt.timedelta
    longest: dt.timedelta
    kept: dt.timedelta
    at_most: int

    @property
    def idle_minutes(self) -> int:
        """Without a click for so long, a session ends."""
        return int(self.idle.total_seconds() // 60)

    @property
    def longest_hours(self) -> int:
        """After so long a session ends, used or not."""
        return int(self.longest.total_seconds() // 3600)


class NoSuchPerson(StrEnum):
    """Why what a sign-on provider says names nobody here."""

    NO_CLAIM = "no_claim"
    NOT_VERIFIED = "not_verified"
    UNKNOWN = "unknown"
    SEVERAL = "several"


def person_of_claims(said: Mapping[str, Any]) -> User | NoSuchPerson:
    """The person whom a proved ID token names, by the claim that the office declared: an e-mail by address, others by user name.

    Why: an address that the provider has not verified is what somebody typed there; and two people may have noted one address here.
    """
    claim = settings.OIDC_CLAIM
    value = said.get(claim)
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        return NoSuchPerson.NO_CLAIM
    if claim == "email" and said.get("email_verified") is not True:
        return NoSuchPerson.NOT_VERIFIED
    text = str(value).strip()
    wanted = {"email__iexact": text} if claim == "email" else {"username": text.lower()}
    found = list(User.objects.get_queryset().filter(**wanted).select_related("unit")[:2])
    return found[0] if len(found) == 1 else NoSuchPerson.SEVERAL if found else NoSuchPerson.UNKNOWN


def is_email_log_in() -> bool:
    """Whether the sign-on provider names people by their e-mail, so that it is no longer theirs to choose."""
    return bool(settings.OIDC_ISSUER) and settings.OIDC_CLAIM == "email"


def is_email_taken(email: str, *, but: User | None = None) -> bool:
    """Whether another person has this address, open account or not."""
    found = User.objects.get_queryset().filter(email__iexact=email).exclude(pk=but.pk if but else None)
    return bool(email) and found.exists()


def closed_accounts() -> set[str]:
    """The user names of closed accounts; none where there is no database yet."""
    try:
        return set(User.objects.get_queryset().filter(is_active=False).values_list("username", flat=True))
    except DatabaseError:
        return set()


def opened_again(closed: Collection[str]) -> list[str]:
    """Who of those whose account was closed has an open one now, by an old backup."""
    found = User.objects.get_queryset().filter(username__in=closed, is_active=True)
    return [f"{person} ({person.username})" for person in found]


def session_bounds(at: dt.datetime) -> SessionBounds:
    """The bounds in force."""
    book, day = rulebook.in_force(), timezone.localdate(at)
    return SessionBounds(
        dt.timedelta(minutes=int(book.number("accounts.session_idle_minutes", day))),
        dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
        dt.timedelta(days=int(book.number("accounts.session_kept_days", day))),
        int(book.number("accounts.sessions_at_most_count", day)),
    )


def sessions_of(person: User, user: Any, *, at: dt.datetime) -> LoginSessionQuerySet:
    """Where a person is logged in now, as far as `user` may see it."""
    bounds = session_bounds(at)
    found: LoginSessionQuerySet = LoginSession.objects.visible_to(user).filter(user=person, started_at__gt=at - bounds.longest)
    return found.live(at - bounds.idle)


def past_sessions_of(person: User, user: Any, *, at: dt.datetime) -> LoginSessionQuerySet:
    """Where a person had been logged in, newest first, as far as `user` may see it."""
    live = sessions_of(person, user, at=at).values("pk")
    return LoginSession.objects.visible_to(user).filter(user=person).exclude(pk__in=live).select_related("ended_by").order_by("-started_at")


def why_ended(key: str) -> str:
    """Why the session behind a cookie ended; empty where nobody ended it."""
    return LoginSession.objects.filter(key=key).exclude(ended_at=None).values_list("end_reason", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class FactorState:
    """A person's second factor: since when, when it was last used, how many recovery codes are left, until when it is locked."""

    since_at: dt.datetime
    used_at: dt.datetime | None
    codes_left: int
    wrong_count: int


def factor_of(person: User) -> FactorState | None:
    """The second factor of a person; None where there is none."""
    held = {one.type: one for one in Authenticator.objects.filter(user_id=person.pk)}
    factor = held.get(Authenticator.Type.TOTP)
    if factor is None:
        return None
    spare = held.get(Authenticator.Type.RECOVERY_CODES)
    left = RECOVERY_CODES - int(spare.data.get("used_mask", 0)).bit_count() if spare else 0
    return FactorState(factor.created_at, factor.last_used_at, left, len(factor.data.get("wrong", ())))


def tokens_of(person: User, user: Any) -> list[ApiToken]:
    """A person's tokens, those that work first, as far as `user` may see them."""
    found = ApiToken.objects.visible_to(user).filter(user=person).select_related("revoked_by", "user")
    for token in found:
        token.words = [str(PERMISSIONS.get(one, one)) for one in token.permissions]  # type: ignore[attr-defined]
    return sorted(found, key=lambda token: token.revoked_at is not None)


@dataclass(frozen=True, slots=True)
class Lockout:
    """Wrong passwords or codes of one name, from one address where that is known; the number of the attempt or the person to unlock."""

    kind: str
    username: str
    person: User | None
    ip: str
    count: int
    last: dt.datetime
    until: dt.datetime
    is_locked: bool
    attempt: int | None


def lockouts(user: Any, *, at: dt.datetime) -> list[Lockout]:
    """Names with wrong passwords, codes or tokens that still count, as far as `user` may see the person; unknown names too."""
    wait, most = dt.timedelta(hours=settings.AXES_COOLOFF_TIME), settings.AXES_FAILURE_LIMIT
    groups: dict[tuple[str, str], list[AccessAttempt]] = {}
    for attempt in AccessAttempt.objects.filter(attempt_time__gt=at - wait).order_by("attempt_time"):
        groups.setdefault((attempt.username or "", attempt.ip_address or ""), []).append(attempt)
    codes = {}
    for factor in Authenticator.objects.filter(type=Authenticator.Type.TOTP, data__has_key="wrong").select_related("user"):
        if times := [one for one in factor.data["wrong"] if one > (at - wait).timestamp()]:
            codes[factor.user_id] = [dt.datetime.fromtimestamp(one, dt.UTC) for one in times]
    people = User.objects.get_queryset().filter(Q(username__in={name for name, _ip in groups}) | Q(pk__in=codes)).select_related("unit")
    by_name, by_key = {person.username: person for person in people}, {person.pk: person for person in people}
    found = []
    for (name, ip), attempts in groups.items():
        count, last = sum(one.failures_since_start for one in attempts), attempts[-1].attempt_time
        kind = "token" if name == access.TOKEN_LOGIN else "password"
        found.append(Lockout(kind, name, by_name.get(name), ip, count, last, last + wait, count >= most, attempts[-1].pk))
    for key, times in codes.items():
        whose = by_key[key]
        found.append(Lockout("code", whose.username, whose, "", len(times), times[-1], times[0] + wait, len(times) >= most, None))
    return found


@dataclass(frozen=True, slots=True)
class DemoLogIn:
    """An account of the demo, as its log-in page names it. Grain: one a person."""

    username: str
    role: str
    unit: str


def demo_logins(at: dt.datetime) -> tuple[DemoLogIn, ...]:
    """The accounts with which anybody may look round the demo, in the order in which it made them; none outside a demo."""
    if not settings.DEMO:
        return ()
    held = Posting.objects.in_force(timezone.localdate(at)).filter(user__is_demo=True, user__is_active=True)
    by_person = {posting.user_id: posting for posting in held.select_related("user", "unit").order_by("-user_id", "-pk")}
    return tuple(DemoLogIn(one.user.username, one.role_name, one.unit.name) for _, one in sorted(by_person.items()))


def findings(at: dt.datetime) -> Iterator[Finding]:
    """What `wutong doctor` tells of accounts: those of the demo outside it, and who lacks the second factor that a role asks for."""
    people = User.objects.get_queryset()
    demo = [] if settings.DEMO else list(people.filter(is_demo=True, is_active=True).values_list("username", flat=True))
    if demo:
        text = _("%(count)s accounts of the demo are open: %(names)s. They let nobody in, but their postings stand.")
        text %= {"count": len(demo), "names": ", ".join(demo[:10])}
        yield Finding("accounts.demo", State.FAULT, text, _("Close them on the page “People”, or set the office up in a new database."))
    shared = people.exclude(email="").annotate(name=Lower("email")).values("name").annotate(count=Count("pk")).filter(count__gt=1)
    if is_email_log_in() and (count := shared.count()):
        text = _("%(count)s e-mail addresses stand in several accounts, and nobody who has one of them gets in by sign-on.")
        yield Finding(
            "accounts.email", State.FAULT, text % {"count": count}, _("Correct them on the page “People” or by a list of people.")
        )  # fmt: skip
    needing = [role.code for role in access_rules.roles().values() if role.needs_second_factor]
    holders = Posting.objects.in_force(timezone.localdate(at)).filter(role__in=needing, user__is_active=True).values("user")
    has = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user")
    lacking = 0 if settings.DEMO else people.filter(pk__in=holders).exclude(pk__in=has).count()
    if lacking:
        text = _("%(count)s people need a second factor by their role and have not set one up.") % {"count": lacking}
        yield Finding("accounts.factor", State.WARNING, text, _("Let them log in and set it up; nothing else opens to them before."))
