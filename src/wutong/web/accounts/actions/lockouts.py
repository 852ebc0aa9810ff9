"""Who is locked out after too many wrong passwords or codes is let in again, with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.db import transaction

from wutong.web.accounts.actions.refusing import refuse, require
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit import actions as audit


@transaction.atomic
def unlock(*, username: str, ip: str, reason: str, by: Any, at: dt.datetime) -> int:
    """Forget the wrong passwords of a name from an address, and the wrong codes of that person; returns how many attempts went.

    Raises: NotAllowed, Refused without a reason or where it is oneself.
    """
    person = User.objects.get_queryset().filter(username=username).select_related("unit").first()
    require(by, Permission.LOGINS_EDIT, person.unit.target() if person else None)
    refuse(((Refusal.NO_REASON,) if not reason.strip() else ()) + ((Refusal.OWN_ACCOUNT,) if person == by else ()))
    gone: int = AccessAttempt.objects.filter(username=username, **({"ip_address": ip} if ip else {})).delete()[0]
    factor = Authenticator.objects.select_for_update().filter(user=person, type=Authenticator.Type.TOTP).first() if person else None
    if factor is not None and not ip:
        gone += len(factor.data.pop("wrong", ()))
        factor.save(update_fields=["data"])
    if gone:
        told = {"reason": reason, "address": ip, "attempts": gone}
        label = str(person or username)[:150]
        audit.record(action="accounts.unlock", by=by, at=at, obj=person, object_type="accounts.User", object_label=label, changes=told)
    return gone
