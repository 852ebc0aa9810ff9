"""What of firms waits for a person, as duties: mergers for a second look, and the queue of doubtful rows of lists as one line."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wutong.web.accounts.models import User
from wutong.web.firms.models import Merger, TagDoubt
from wutong.web.firms.queries import mergers
from wutong.web.firms.rules import MergerState
from wutong.web.journal.queries import columns
from wutong.web.journal.queries.duties import hours
from wutong.web.journal.rules import APPROVAL_LEAF
from wutong.web.lib import money
from wutong.web.lib.owed import Drawn

MERGER = "firms.merger"
REVIEW = "firms.review"


# --- mergers ----------------------------------------------------------------------------------------------------------------------------
def merger_rows(user: Any, on: dt.date) -> Any:
    """Mergers that others ask for, of everybody who may look at them; due so many days after that as the rulebook says."""
    waiting = Merger.objects.visible_to(user).filter(state=MergerState.WAITING).exclude(asked_by=user.pk)
    return _mergers(waiting, on, user.pk)


def all_mergers(on: dt.date) -> Any:
    """Every merger that waits, whoever is to look at it."""
    return _mergers(Merger.objects.filter(state=MergerState.WAITING), on)


def _mergers(found: Any, on: dt.date, owner: int = 0) -> Any:
    due = columns.days_after("asked_at", hours(APPROVAL_LEAF, on))
    return columns.of(found, source=columns.is_named(MERGER), title="reason", due_on=due, owner=owner, unit="asked_by__unit")


def merger_people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who is to look at each."""
    found = Merger.objects.filter(public_id__in=list(keys)).select_related("asked_by__unit")
    return {one.public_id: tuple(mergers.may_check(one)) for one in found}


def mergers_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The two firms of each."""
    found = Merger.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("kept", "gone")
    return {one.public_id: Drawn(str(one), mergers.address_of(one), one.reason) for one in found}


# --- doubtful rows of lists -------------------------------------------------------------------------------------------------------------
def review_rows(user: Any, on: dt.date) -> Any:
    """One line while rows wait, of everybody who may decide on them; due so many days after the list of the oldest was taken in."""
    oldest = TagDoubt.objects.visible_to(user).waiting().order_by("pk").values("pk")[:1]
    due = columns.days_after("edition__imported_at", hours(APPROVAL_LEAF, on))
    return columns.of(
        TagDoubt.objects.filter(pk__in=oldest), source=columns.is_named(REVIEW), title=columns.is_named(str(_("Review queue"))), due_on=due,
        owner=user.pk, unit=user.unit_id,
    )  # fmt: skip


def review_drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """How many rows wait, and where."""
    count = TagDoubt.objects.visible_to(user).waiting().count()
    said = ngettext("%(n)s row of a list to decide", "%(n)s rows of lists to decide", count) % {"n": money.number(count)}
    return {key: Drawn(str(_("Review queue")), reverse("firms:review"), said) for key in keys}
