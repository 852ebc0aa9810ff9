"""Log-ins of local firms: invited by an officer with a one-time password, bound to one firm, ended at any time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import people as accounts
from wutong.web.accounts.actions import postings, refusing
from wutong.web.accounts.models import Posting, Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.partners.actions.guarding import NotAllowed, day_of, refuse
from wutong.web.partners.models import FirmAccount
from wutong.web.partners.rules import Refusal

ROLE = "local_firm"


def locked(account: FirmAccount) -> FirmAccount:
    return FirmAccount.objects.select_for_update(of=("self",)).select_related("user__unit", "firm", "unit").get(pk=account.pk)


def _require(by: Any, unit: Unit) -> None:
    """Stop unless `by` may enter what firms of the unit seek: whoever looks after them invites them. Raises: NotAllowed."""
    refusing.require(by, Permission.PARTNERS_EDIT, unit.target())
    if by is not None and by.is_outside:
        raise NotAllowed(Permission.PARTNERS_EDIT)


@transaction.atomic
def invite(
    *, firm_id: str, unit: Unit, username: str, display_name: str, consent_source: str, by: Any, at: dt.datetime, email: str = "",
    password: str = "",
) -> tuple[FirmAccount, str]:  # fmt: skip
    """Give a person of a local firm a log-in (企业账号) bound to that firm, and return the one-time password.

    Why the system makes account and posting: the officer may give this role and no other, and the entries name him as who asked.
    Raises: NotAllowed, UnknownFirm, Refused.
    """
    _require(by, unit)
    refuse(tuple(code for code, missing in (
        (Refusal.NAME_MISSING, not display_name.strip()), (Refusal.NO_CONSENT, not consent_source.strip()),
        (Refusal.UNIT_CLOSED, unit.closed_on is not None),
        (Refusal.USERNAME_TAKEN, User.objects.get_queryset().filter(username=username.lower()).exists()),
    ) if missing))  # fmt: skip
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
    user, one_time = accounts.create_user(
        username=username, display_name=display_name.strip(), unit=unit, email=email, password=password, by=None, at=at
    )
    postings.post(user=user, unit=unit, role=ROLE, starts_on=day_of(at), by=None, at=at, proposed_by=by)
    made = FirmAccount.objects.create(
        user=user, firm=firm, unit=unit, consent_source=consent_source.strip()[:300], invited_at=at, invited_by=by
    )  # fmt: skip
    audit.record(action="partners.invite", by=by, at=at, obj=made, changes={"firm": firm.name, "username": user.username})
    return made, one_time


@transaction.atomic
def renew_password(*, account: FirmAccount, by: User, at: dt.datetime) -> str:
    """Give a person of a firm a new one-time password; sessions end. Raises: NotAllowed, Refused."""
    found = locked(account)
    _require(by, found.unit)
    refuse((Refusal.ACCOUNT_ENDED,) if found.ended_at else ())
    one_time = accounts.reset_password(user=found.user, by=None, at=at, on=day_of(at))
    audit.record(action="partners.renew_password", by=by, at=at, obj=found)
    return one_time


@transaction.atomic
def end(*, account: FirmAccount, reason: str, by: User, at: dt.datetime) -> FirmAccount:
    """End the log-in of a firm: role, sessions and account, at once. Raises: NotAllowed, Refused."""
    found = locked(account)
    _require(by, found.unit)
    missing = Refusal.REASON_MISSING if not reason.strip() else None
    refuse(tuple(one for one in (Refusal.ACCOUNT_ENDED if found.ended_at else None, missing) if one))
    on = day_of(at)
    for posting in Posting.objects.in_force(on).filter(user=found.user, role=ROLE):
        postings.end_posting(posting=posting, ends_on=on, by=None, at=at)
    accounts.deactivate(user=found.user, by=None, at=at, on=on)
    found.ended_at, found.ended_by, found.end_reason = at, by, reason.strip()[:300]
    found.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record(action="partners.end_account", by=by, at=at, obj=found, changes={"reason": found.end_reason})
    return found


@transaction.atomic
def reopen(*, account: FirmAccount, by: User, at: dt.datetime) -> str:
    """Open an ended log-in again, with a new one-time password, which is returned. Raises: NotAllowed, Refused."""
    found = locked(account)
    _require(by, found.unit)
    refuse((Refusal.ACCOUNT_OPEN,) if found.ended_at is None else ())
    accounts.reactivate(user=found.user, by=None, at=at)
    postings.post(user=found.user, unit=found.unit, role=ROLE, starts_on=day_of(at), by=None, at=at, proposed_by=by)
    one_time = accounts.reset_password(user=found.user, by=None, at=at, on=day_of(at))
    found.ended_at, found.ended_by, found.end_reason = None, None, ""
    found.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record(action="partners.reopen_account", by=by, at=at, obj=found)
    return one_time


@transaction.atomic
def repoint_accounts(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let the log-ins of a firm be log-ins of the firm that it became. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = FirmAccount.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(action="partners.repoint", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved
