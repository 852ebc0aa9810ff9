"""Reads of the chain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from wutong.web.audit import rules
from wutong.web.audit.models import Entry, EntryQuerySet, Head
from wutong.web.lib import hooks

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the chain found: how many entries hold, and the first fault, if any."""

    entries: int
    fault: rules.Fault | None

    @property
    def is_whole(self) -> bool:
        """Whether no entry was changed, removed or put in."""
        return self.fault is None


def verify() -> Verification:
    """Walk the whole chain from its first entry, a batch at a time.

    Why: every action waits for the head of the chain. So the walk goes without a lock to where the chain ended when it began; only for
    the few entries written meanwhile is the head held, that their end and the head agree.
    """
    walk = _Walk()
    head = _head(Head.objects.all())
    count, fault = rules.first_fault(walk.until(head.sequence), head)
    if fault:
        return Verification(count, fault)
    with transaction.atomic():
        head = _head(Head.objects.select_for_update())
        more, fault = rules.first_fault(walk.on(head.sequence), head, before=walk.last)
    return Verification(count + more, fault)


def _head(heads: QuerySet[Head]) -> rules.Head:
    row = heads.filter(pk=1).first()
    return rules.Head(row.sequence, row.hash) if row else rules.Head(0, rules.GENESIS)


class _Walk:
    """Reads the chain in order and remembers where it is; each batch is a short read of its own."""

    def __init__(self) -> None:
        self.last: rules.Link | None = None

    def until(self, sequence: int) -> Iterator[rules.Link]:
        """The entries up to a number."""
        while batch := self._behind(Entry.objects.filter(sequence__lte=sequence))[:BATCH]:
            yield from self._through(batch)

    def on(self, sequence: int) -> Iterator[rules.Link]:
        """What follows, up to one entry more than there may be."""
        left = sequence - (self.last.sequence if self.last else 0)
        yield from self._through(self._behind(Entry.objects.all())[: max(left, 0) + 1])

    def _behind(self, found: EntryQuerySet) -> EntryQuerySet:
        return (found.filter(sequence__gt=self.last.sequence) if self.last else found).order_by("sequence", "pk")

    def _through(self, batch: EntryQuerySet) -> Iterator[rules.Link]:
        for entry in batch:
            self.last = entry.facts()
            yield self.last


def entries(user: Any) -> EntryQuerySet:
    """The entries that a person may read, with who did it."""
    return Entry.objects.visible_to(user).select_related("by")


def actions_known() -> list[tuple[str, str]]:
    """Every audited action, code and name, for the filter.

    Why: to ask which of them occur, the database would read every entry there is each time the list is opened.
    """
    return sorted((code, str(name)) for code, name in hooks.action_names().items())


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
