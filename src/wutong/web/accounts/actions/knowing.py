"""Who is named on the need-to-know list of a confidential record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions.refusing import refuse
from wutong.web.accounts.models import NOTHING, Confidential, NeedToKnow, User
from wutong.web.accounts.rules import people as people_rules
from wutong.web.audit import actions as audit


@transaction.atomic
def let_know(*, record: Confidential, user: User, reason: str, by: Any, at: dt.datetime) -> NeedToKnow:
    """Name a person on the need-to-know list of a confidential record (知悉范围). The room of the record asks who may. Raises: Refused."""
    knows = type(record)._default_manager.filter(pk=record.pk).filter(record.known_to(user, NOTHING)).exists()
    refusals = people_rules.refusals_to_let_know(
        is_confidential=record.is_confidential, is_active=user.is_active, knows=record.is_confidential and knows, reason=reason
    )  # fmt: skip
    refuse(refusals)
    values = {"model": record._meta.label, "record": record.public_id, "user": user, "reason": reason}  # type: ignore[attr-defined]
    made = NeedToKnow.objects.create(**values, named_by=by, named_at=at)
    audit.record(action="accounts.let_know", by=by, at=at, obj=record, changes={"person": str(user), "reason": reason})
    return made


@transaction.atomic
def let_forget(*, record: Confidential, named: NeedToKnow, by: Any, at: dt.datetime) -> None:
    """Take a person off the need-to-know list of a record."""
    NeedToKnow.objects.of(record).filter(pk=named.pk).update(ended_at=at)
    audit.record(action="accounts.let_forget", by=by, at=at, obj=record, changes={"person": str(named.user)})
