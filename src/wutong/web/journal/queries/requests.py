"""Requests for another due day that wait, as duties of whoever decides on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models import DeadlineRequest, Duty
from wutong.web.journal.queries import columns, duties, records
from wutong.web.journal.rules import APPROVAL_LEAF, RequestState
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn

SOURCE = "journal.more_time"


def rows(user: Any, on: dt.date) -> Any:
    """What a person is to decide: of duties that he asked for, and, where nobody else did, of those whose work he directs."""
    nobody_else = Q(duty__asked_by=None) | Q(duty__asked_by=F("asked_by")) | Q(duty__asked_by__is_active=False)
    his = Q(duty__asked_by=user.pk) | (nobody_else & within(user, Permission.JOURNAL_ASSIGN, unit="duty__unit"))
    waiting = DeadlineRequest.objects.visible_to(user).filter(his, state=RequestState.WAITING)
    return _shaped(waiting.exclude(asked_by=user.pk).exclude(duty__owner=user.pk), on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Everything that waits, whoever is to decide on it."""
    return _shaped(DeadlineRequest.objects.filter(state=RequestState.WAITING), on)


def _shaped(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("asked_at", duties.hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(SOURCE), title="duty__title", due_on=due, owner=owner, unit="duty__unit")


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who is to decide on each: whoever asked for the duty, else who directs the work of the unit."""
    found = DeadlineRequest.objects.filter(public_id__in=list(keys)).select_related("duty__asked_by", "duty__unit")
    return {one.public_id: deciders(one.duty, one.asked_by_id, access.today()) for one in found}


def deciders(duty: Duty, asked_by: int, on: dt.date) -> tuple[User, ...]:
    """Who decides on a request of a person for another due day."""
    asker = duty.asked_by
    if asker is not None and asker.is_active and asker.pk != asked_by:
        return (asker,)
    return tuple(one for one in duties.leaders_of(duty.unit, on) if one.pk != asked_by)


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The duty of each, and what is asked; of one on a confidential record the code name."""
    found = list(DeadlineRequest.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("duty", "asked_by"))
    named = records.named(user, [(one.duty.model, one.duty.record) for one in found])
    return {one.public_id: _drawn(one, named.get((one.duty.model, one.duty.record)) if one.duty.record else None) for one in found}


def _drawn(request: DeadlineRequest, record: records.Named | None) -> Drawn:
    said = _("%(who)s asks for %(new)s instead of %(old)s") % {
        "who": request.asked_by, "new": request.wanted_on, "old": request.old_on,
    }  # fmt: skip
    is_kept = record is not None and record.is_kept
    name = record.name if record is not None and is_kept else request.duty.title
    return Drawn(name, reverse("journal:duty", args=[request.duty.public_id]), said, is_kept)
