"""Registrations whose withdrawal waits for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import RegistrationWithdrawal
from wutong.web.assessment.queries import goal_duties, registrations
from wutong.web.assessment.rules.rewards import WithdrawalState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib.owed import Drawn

SOURCE = "assessment.registration_withdrawal"


def _waiting() -> Any:
    return RegistrationWithdrawal.objects.filter(state=WithdrawalState.WAITING)


def _shaped(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("asked_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(SOURCE), title="reason", due_on=due, owner=owner, unit="registration__unit")


def rows(user: Any, on: dt.date) -> Any:
    """The requests that a person may decide. Whoever registered another for the same is not told here, but on the page, that he may not."""
    found = _waiting().filter(within(user, Permission.ASSESSMENT_APPROVE, unit="registration__unit"))
    return _shaped(found.exclude(asked_by=user.pk).exclude(registration__registered_by=user.pk), on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Every request that waits."""
    return _shaped(_waiting(), on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide each."""
    found = RegistrationWithdrawal.objects.filter(public_id__in=list(keys)).select_related(
        "registration__unit", "registration__project", "registration__partner"
    )
    return {one.public_id: goal_duties.able(one.registration.unit, registrations.hands(one)) for one in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The registration of each."""
    found = (
        RegistrationWithdrawal.objects.visible_to(user)
        .filter(public_id__in=list(keys))
        .select_related("registration__project__lead", "registration__lead")
    )
    return {
        one.public_id: Drawn(
            one.registration.about.outside_name, reverse("assessment:registration", args=[one.registration.public_id]),
            _("Decide whether the registration is withdrawn"),
        )
        for one in found
    }  # fmt: skip
