"""Versions of chains that wait for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import TruncDate
from django.urls import reverse

from wutong.web.accounts.models import within
from wutong.web.accounts.rules import Permission
from wutong.web.chains.models import ChainVersion
from wutong.web.chains.rules import State
from wutong.web.firms.queries import standing
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib.access import is_chinese
from wutong.web.lib.hooks import Drawn

SOURCE = "chains.approval"


def rows(user: Any, on: dt.date) -> Any:
    """What a person may decide on: submitted by others, due so many days after that as the rulebook says."""
    waiting = ChainVersion.objects.filter(within(user, Permission.CHAINS_APPROVE), state=State.SUBMITTED).exclude(submitted_by=user.pk)
    days = dt.timedelta(days=hours(APPROVAL_LEAF, on))
    due = TruncDate(ExpressionWrapper(F("submitted_at") + days, output_field=DateTimeField()))
    return columns.of(waiting, source=columns.is_named(SOURCE), title="note", due_on=due, owner=user.pk, unit="unit")


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The chain and version of each."""
    found = ChainVersion.objects.visible_to(user).filter(public_id__in=list(keys))
    return {
        one.public_id: Drawn(f"{_name(one.chain_id)} v{one.number}", reverse("chains:draft", args=[one.public_id]), one.note or str(one))
        for one in found
    }


def _name(chain_id: str) -> str:
    chain = standing.rulebook().chains.get(chain_id)
    return chain_id if chain is None else str(chain.name_zh if is_chinese() else chain.name_en)
