"""Versions that wait for a second person, as duties of everybody who may decide on them: those of rule documents, and for rooms above."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from wutong.web.accounts.models import User, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import hooks
from wutong.web.lib.owed import Drawn
from wutong.web.rulebooks.models import RuleStep, RuleVersion
from wutong.web.rulebooks.queries import documents, versions
from wutong.web.rulebooks.rules import State

SOURCE = "rules.approval"


# --- for any kind of version ------------------------------------------------------------------------------------------------------------
def of_others(found: Any, steps: Any, user: Any) -> Any:
    """Those of some versions that a person had no hand in: nobody decides on what he wrote himself."""
    own = steps.filter(by_id=user.pk, is_undone=False).order_by().values("version")
    return found.exclude(submitted_by=user.pk).exclude(created_by=user.pk).exclude(pk__in=own)


def shaped(found: Any, source: str, on: dt.date, owner: int = 0) -> Any:
    """Versions that wait, in the one shape of duties."""
    due = columns.days_after("submitted_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(source), title="note", due_on=due, owner=owner, unit="unit")


# --- rule documents ---------------------------------------------------------------------------------------------------------------------
def rows(user: Any, on: dt.date) -> Any:
    """What a person may decide on: submitted by others, due so many days after that as the rulebook says."""
    his = Q(pk__in=[])
    for kind in hooks.rule_kinds().values():
        his |= Q(kind=kind.code) & within(user, Permission(kind.approve))
    waiting = RuleVersion.objects.filter(his, state=State.SUBMITTED)
    return shaped(of_others(waiting, RuleStep.objects.all(), user), SOURCE, on, user.pk)


def all_rows(on: dt.date) -> Any:
    """Everything that waits, whoever is to decide on it."""
    return shaped(RuleVersion.objects.filter(state=State.SUBMITTED), SOURCE, on)


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who may decide on each."""
    found = RuleVersion.objects.filter(public_id__in=list(keys), kind__in=hooks.rule_kinds()).select_related("unit")
    return {one.public_id: tuple(versions.may_approve(one, Permission(documents.kind_of(one.kind).approve))) for one in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The document and version of each."""
    found = RuleVersion.objects.visible_to(user).filter(public_id__in=list(keys), kind__in=hooks.rule_kinds())
    return {one.public_id: Drawn(documents.name_of(one), documents.address_of(one), one.note) for one in found}
