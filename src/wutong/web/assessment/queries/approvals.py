"""Versions of schemes and frozen runs that wait for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import SchemeStep, SchemeVersion
from wutong.web.lib.owed import Drawn
from wutong.web.rulebooks.queries import approvals, versions
from wutong.web.rulebooks.rules import State

SOURCE = "assessment.approval"


def rows(user: Any, on: dt.date) -> Any:
    """What a person may decide on: written by others."""
    waiting = SchemeVersion.objects.filter(within(user, Permission.ASSESSMENT_APPROVE), state=State.SUBMITTED)
    return approvals.shaped(approvals.of_others(waiting, SchemeStep.objects.all(), user), SOURCE, on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Everything that waits, whoever is to decide on it."""
    return approvals.shaped(SchemeVersion.objects.filter(state=State.SUBMITTED), SOURCE, on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide on each."""
    found = SchemeVersion.objects.filter(public_id__in=list(keys)).select_related("unit")
    return {one.public_id: tuple(versions.may_approve(one, Permission.ASSESSMENT_APPROVE)) for one in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The scheme and version of each."""
    found = SchemeVersion.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("scheme")
    return {one.public_id: Drawn(str(one), reverse("assessment:version", args=[one.public_id]), one.note or str(one)) for one in found}
