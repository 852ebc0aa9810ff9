"""Next steps with firms, as duties of whoever the firm is assigned to: the row itself says what is due, so nothing is written twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from wutong.web.accounts.models import User
from wutong.web.journal.queries import columns
from wutong.web.leads.models import ListedFirm
from wutong.web.leads.queries.rows import step_words
from wutong.web.lib.owed import Drawn

SOURCE = "leads.next_step"


def rows(user: Any, on: dt.date) -> Any:
    """The next steps of what is worked on, of lists that a person may see; those of nobody are owed by the unit."""
    return _shaped(ListedFirm.objects.visible_to(user).open())


def all_rows(on: dt.date) -> Any:
    """The next steps of what is worked on, whoever sees the list."""
    return _shaped(ListedFirm.objects.open())


def _shaped(found: Any) -> Any:
    source = columns.is_named(SOURCE)
    return columns.of(found, source=source, title="next_step", due_on="next_on", owner="assignee", unit="list__unit")


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: whoever the firm is assigned to, else, or once that account is closed, whoever answers for the list."""
    found = ListedFirm.objects.filter(public_id__in=list(keys)).select_related("assignee", "list__owner")
    return {row.public_id: tuple(one for one in (row.assignee, row.list.owner) if one and one.is_active)[:1] for row in found}


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The firm and list of each; of a confidential list its code name."""
    found = ListedFirm.objects.visible_to(user).filter(public_id__in=list(keys)).select_related("firm", "list")
    return {
        row.public_id: Drawn(str(row), reverse("leads:row", args=[row.public_id]), step_words(row.next_step), row.list.is_confidential)
        for row in found
    }
