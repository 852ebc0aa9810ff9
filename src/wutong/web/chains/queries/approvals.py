"""Versions of chains that wait for a second person, as duties of everybody who may decide on them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.models import ChainVersion, DraftStep
from wutong.web.chains.rules import State
from wutong.web.firms.queries import standing
from wutong.web.lib.access import is_chinese
from wutong.web.lib.owed import Drawn
from wutong.web.rulebooks.queries import approvals, versions

SOURCE = "chains.approval"


def rows(user: Any, on: dt.date) -> Any:
    """What a person may decide on: written by others, due so many days after it was submitted as the rulebook says."""
    waiting = ChainVersion.objects.filter(within(user, Permission.CHAINS_APPROVE), state=State.SUBMITTED)
    return approvals.shaped(approvals.of_others(waiting, DraftStep.objects.all(), user), SOURCE, on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Everything that waits, whoever is to decide on it."""
    return approvals.shaped(ChainVersion.objects.filter(state=State.SUBMITTED), SOURCE, on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide on each."""
    found = ChainVersion.objects.filter(public_id__in=list(keys)).select_related("unit")
    return {one.public_id: tuple(versions.may_approve(one, Permission.CHAINS_APPROVE)) for one in found}


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
