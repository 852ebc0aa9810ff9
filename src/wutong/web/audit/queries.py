"""Reads of the chain."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from wutong.web.audit import rules
from wutong.web.audit.models import Entry, EntryQuerySet, Head
from wutong.web.lib import hooks


@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the chain found: how many entries hold, and the first fault, if any."""

    entries: int
    fault: rules.Fault | None

    @property
    def is_whole(self) -> bool:
        """Whether no entry was changed, removed or put in."""
        return self.fault is None


@transaction.atomic
def verify() -> Verification:
    """Walk the whole chain from its first entry, a batch at a time."""
    row = Head.objects.select_for_update().filter(pk=1).first()
    head = rules.Head(row.sequence, row.hash) if row else rules.Head(0, rules.GENESIS)
    links = (entry.facts() for entry in Entry.objects.order_by("sequence", "pk").iterator(chunk_size=2000))
    return Verification(*rules.first_fault(links, head))


def entries(user: Any) -> EntryQuerySet:
    """The entries that a person may read, with who did it."""
    return Entry.objects.visible_to(user).select_related("by")


def actions_seen(user: Any) -> list[tuple[str, str]]:
    """The actions that occur, code and name, for the filter."""
    names = hooks.action_names()
    codes = Entry.objects.visible_to(user).order_by().values_list("action", flat=True).distinct()
    return sorted(((code, str(names.get(code, code))) for code in codes), key=lambda pair: pair[0])


def matching(
    found: EntryQuerySet, *, text: str = "", action: str = "", since: dt.date | None = None, until: dt.date | None = None
) -> EntryQuerySet:
    """Entries by person or object, action and day, both days included."""
    if text:
        found = found.filter(Q(by_label__icontains=text) | Q(object_label__icontains=text) | Q(object_id=text))
    if action:
        found = found.filter(action=action)
    if since:
        found = found.filter(at__date__gte=since)
    if until:
        found = found.filter(at__date__lte=until)
    return found
