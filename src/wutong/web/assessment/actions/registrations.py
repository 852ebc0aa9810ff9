"""Registrations of introducers made by mistake: a withdrawal asked for with a reason, decided by a second person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Registration, RegistrationWithdrawal
from wutong.web.assessment.queries import registrations as found
from wutong.web.assessment.rules import rewards as rules
from wutong.web.assessment.rules.rewards import RewardRefusal, WithdrawalState
from wutong.web.audit import actions as audit
from wutong.web.projects.models import Project

__all__ = ["NotAllowed", "Refused"]


@transaction.atomic
def ask_withdrawal(*, registration: Registration, reason: str, by: Any, at: dt.datetime) -> RegistrationWithdrawal:
    """Ask that a registration made by mistake be withdrawn; till it is decided, it counts. Raises: NotAllowed, Refused."""
    one = _locked(registration)
    if by is not None and not found.may_ask(by, one):
        raise NotAllowed(Permission.ASSESSMENT_EDIT)
    last = one.withdrawals.values_list("state", flat=True).first()
    state = WithdrawalState(last) if last else None
    refuse(rules.refusals_to_ask_withdrawal(found.facts(one), last=state, on=timezone.localdate(at), reason=reason))
    made = RegistrationWithdrawal(
        registration=one, reason=reason.strip()[:500], state=WithdrawalState.WAITING, asked_by=by, asked_at=at
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((RewardRefusal.WITHDRAWAL_WAITS,)) from error
    audit.record(action="assessment.registration.ask_withdrawal", by=by, at=at, obj=one, changes={"reason": made.reason})
    return made


@transaction.atomic
def decide_withdrawal(
    *, withdrawal: RegistrationWithdrawal, is_granted: bool, reason: str = "", by: Any, at: dt.datetime
) -> RegistrationWithdrawal:
    """Withdraw a registration, or refuse that with a reason, as a second person. Raises: NotAllowed, Refused.

    Why the projects are locked: that nobody signs the contract meanwhile.
    """
    one = _locked(withdrawal.registration)
    list(Project.objects.select_for_update(of=("self",)).filter(found.projects_of(one)).order_by("pk"))
    asked: RegistrationWithdrawal = RegistrationWithdrawal.objects.select_for_update(of=("self",)).get(pk=withdrawal.pk)
    refusing.require(by, Permission.ASSESSMENT_APPROVE, one.unit.target())
    refuse(
        rules.refusals_to_decide_withdrawal(
            found.facts(one), state=WithdrawalState(asked.state), hands=found.hands(asked), actor_id=by.pk if by is not None else 0,
            is_granted=is_granted, on=timezone.localdate(at), reason=reason,
        )
    )  # fmt: skip
    asked.state = WithdrawalState.WITHDRAWN if is_granted else WithdrawalState.REFUSED
    asked.decided_by, asked.decided_at, asked.decision = by, at, reason.strip()[:500]
    asked.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    verb, changes = ("withdraw" if is_granted else "refuse_withdrawal"), {"reason": asked.decision or asked.reason}
    audit.record(action=f"assessment.registration.{verb}", by=by, at=at, obj=one, changes=changes)
    return asked


def _locked(registration: Registration) -> Registration:
    """Why the registration before its project: a claim locks them in this order, too."""
    one: Registration = (
        Registration.objects.select_for_update(of=("self",)).select_related("unit", "project", "partner").get(pk=registration.pk)
    )
    return one
