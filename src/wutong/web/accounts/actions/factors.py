"""The second factor (双因素登录): a code of the hour from a phone, and recovery codes; set up, used, taken away."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import sessions, tokens
from wutong.web.accounts.actions.refusing import Refused, refuse, require
from wutong.web.accounts.models import User
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit import actions as audit
from wutong.web.lib import hooks

STEP_SECONDS = 30
DRIFT_STEPS = 1  # how many steps a phone's clock may be off


# --- what the database holds is of no use without the key of the server ----------------------------------------------------------------
def _cipher() -> Fernet:
    key = hashlib.sha256(f"wutong second factor {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def encrypt(text: str) -> str:
    """A secret as it is stored."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """A stored secret; unreadable once WUTONG_SECRET_KEY is another."""
    return _cipher().decrypt(text.encode()).decode()


# --- setting up ------------------------------------------------------------------------------------------------------------------------
def _matching_step(secret: str, code: str, *, at: dt.datetime, after: int) -> int | None:
    """The step whose code this is, later than `after`: a code is taken once."""
    now = int(at.timestamp()) // STEP_SECONDS
    typed = "".join(code.split())
    steps = [step for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1) if step > after]
    return next((step for step in steps if constant_time_compare(format_hotp_value(hotp_value(secret, step)), typed)), None)


@transaction.atomic
def set_up(*, user: User, secret: str, code: str, session: int | None, at: dt.datetime) -> list[str]:
    """Take a phone into use that shows the right code; returns the recovery codes, shown only now. Other sessions end. Raises: Refused."""
    User.objects.get_queryset().select_for_update().get(pk=user.pk)
    if queries.factor_of(user):
        raise Refused((Refusal.SECOND_FACTOR_THERE,))
    step = _matching_step(secret, code, at=at, after=0)
    if step is None:
        raise Refused((Refusal.WRONG_CODE,))
    made = TOTP.activate(user, secret).instance
    made.data["step"] = step
    made.save(update_fields=["data"])
    audit.record(action="accounts.set_up_factor", by=user, at=at, obj=user)
    sessions.end_all(user=user, why=SessionEnd.SECOND_FACTOR, by=user, at=at, but=session)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return codes


@transaction.atomic
def renew_codes(*, user: User, at: dt.datetime) -> list[str]:
    """New recovery codes; those before are of no use any more. Raises: Refused."""
    User.objects.get_queryset().select_for_update().get(pk=user.pk)
    if not queries.factor_of(user):
        raise Refused((Refusal.NO_SECOND_FACTOR,))
    audit.record(action="accounts.renew_codes", by=user, at=at, obj=user)
    return _new_codes(user)


# --- using ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def check(*, user: User, code: str, at: dt.datetime) -> Refusal | None:
    """Take a code of the phone or a recovery code; says why not, and counts wrong ones so that nobody tries them all.

    Why no exception: it would take back the count. After as many wrong codes as passwords, none is taken for as long.
    """
    held = {one.type: one for one in Authenticator.objects.select_for_update().filter(user=user)}
    factor = held.get(Authenticator.Type.TOTP)
    if factor is None:
        return Refusal.NO_SECOND_FACTOR
    begins = (at - dt.timedelta(hours=settings.AXES_COOLOFF_TIME)).timestamp()
    wrong = [moment for moment in factor.data.get("wrong", ()) if moment > begins]
    if len(wrong) >= settings.AXES_FAILURE_LIMIT:
        return Refusal.TOO_MANY_CODES
    step = _matching_step(decrypt(factor.data["secret"]), code, at=at, after=factor.data.get("step", 0))
    spare = held.get(Authenticator.Type.RECOVERY_CODES)
    is_spare = step is None and spare is not None and spare.wrap().validate_code(code)
    if step is None and not is_spare:
        factor.data["wrong"] = [*wrong, at.timestamp()]
        factor.save(update_fields=["data"])
        audit.record(action="accounts.wrong_code", by=None, at=at, obj=user)
        return Refusal.WRONG_CODE
    factor.data |= {"wrong": []} if step is None else {"wrong": [], "step": step}
    factor.last_used_at = at
    factor.save(update_fields=["data", "last_used_at"])
    if is_spare:
        audit.record(action="accounts.use_recovery_code", by=user, at=at, obj=user)
    return None


# --- taking away ------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def remove(*, user: User, at: dt.datetime) -> None:
    """Do without the second factor again. Raises: Refused, also where a role asks for it."""
    if not queries.factor_of(user):
        raise Refused((Refusal.NO_SECOND_FACTOR,))
    if user.must_set_up_second_factor(has_factor=False):
        raise Refused((Refusal.SECOND_FACTOR_NEEDED,))
    Authenticator.objects.filter(user=user).delete()
    audit.record(action="accounts.remove_factor", by=user, at=at, obj=user)


@transaction.atomic
def reset(*, user: User, reason: str, by: Any, at: dt.datetime) -> None:
    """Take a lost second factor away from somebody else, who is told and logged out everywhere. Raises: NotAllowed, Refused.

    `by` None: the operator of the server, by a command.
    """
    user = User.objects.get_queryset().select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require(by, Permission.LOGINS_EDIT, user.unit.target())
    is_self = by is not None and by.pk == user.pk
    refuse(login_rules.refusals_to_reset_factor(has_factor=queries.factor_of(user) is not None, is_self=is_self, reason=reason))
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user=user, why=SessionEnd.SECOND_FACTOR, by=by, at=at)
    tokens.revoke_all(user=user, by=by, at=at)
    audit.record(action="accounts.reset_factor", by=by, at=at, obj=user, changes={"reason": reason})
    who = str(by or "")
    hooks.tell(to=user, key=f"accounts.reset_factor:{user.public_id}:{at.isoformat()}", words=lambda: _told(who, reason), by=by, at=at)


def _told(who: str, reason: str) -> tuple[str, str]:
    text = _("%(who)s reset the second factor of this account: %(reason)s. Whoever did not ask for this tells the security administrator.")
    return _("The second factor was reset"), text % {"who": who or _("The operator of the server"), "reason": reason}
