"""All leads as this process has read them, for the duplicate check: kept in memory, and read on where another process wrote.

Whatever a lead is compared by is changed under the lock of the register, and leaves a row of `Compared` there. So whoever holds that lock
reads the rows that came since it last looked, and then holds what every process wrote, down to the filing before its own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from threading import RLock
from typing import Any
from uuid import UUID

from wutong.engine.same_leads import Filed, FiledLeads, Numbers
from wutong.rulebook.load import Rulebook
from wutong.web.firms.models import FirmName
from wutong.web.leads.models import Compared, Lead, LeadContact, LeadName
from wutong.web.lib import access, rulebook

REMEMBERED = 5_000
"""Of so many entries read last this process remembers which they were, to notice those that were taken back."""
_AT_ONCE = 5_000
_BETWEEN_PRODUCTS = re.compile(r"[、，,;；/|\s]+")
_FIELDS = ("pk", "name", "uscc", "origin_adcode", "products", "amount_10k_yuan", "firm__firm_id", "registry_id", "registry_name")


class Held:
    """The leads of the database as far as this process has read them. Safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.leads = FiledLeads()
        self._read: list[tuple[int, UUID, int]] = []

    def catch_up(self) -> FiledLeads:
        """Read what was written since, and forget what was taken back; one question where nothing was."""
        with self.lock:
            last = self._read[-1] if self._read else None
            rows = Compared.objects.order_by("pk").values_list("pk", "token", "of_lead_id")
            new = list(rows.filter(pk__gte=last[0]) if last else rows)
            if last is not None and new[:1] == [last]:
                new = new[1:]
                gone: set[int] = set()
            elif last is not None:
                gone = self._taken_back()
                new = list(rows.filter(pk__gt=self._read[-1][0]) if self._read else rows)
            else:
                gone = set()
            self._put(gone | {key for _pk, _token, key in new})
            self._read = [*self._read, *new][-REMEMBERED:]
            return self.leads

    def _taken_back(self) -> set[int]:
        """Leads of entries that are not there any more, for their transaction did not end well: these end the list, for the lock orders it.

        Where none that is remembered stands, everything is read anew.
        """
        there = dict(Compared.objects.filter(pk__gte=self._read[0][0], pk__lte=self._read[-1][0]).values_list("pk", "token"))
        gone: set[int] = set()
        while self._read and there.get(self._read[-1][0]) != self._read[-1][1]:
            gone.add(self._read.pop()[2])
        if not self._read:
            self.leads = FiledLeads()
            return set()
        return gone

    def _put(self, keys: Collection[int]) -> None:
        left = set(keys)
        for filed in facts(keys):
            left.discard(int(filed.key))
            self.leads.put(filed)
        for key in left:
            self.leads.remove(str(key))


held = Held()


def facts(keys: Collection[int]) -> Iterator[Filed]:
    """Leads as the engine compares them, as they stand in the database now; those that say nothing of whom they are about are left out."""
    wanted = sorted(keys)
    for begin in range(0, len(wanted), _AT_ONCE):
        yield from _facts(wanted[begin : begin + _AT_ONCE])


def _facts(keys: list[int]) -> Iterator[Filed]:
    names: dict[int, list[str]] = defaultdict(list)
    contacts: dict[int, list[str]] = defaultdict(list)
    for key, name in LeadName.objects.filter(lead__in=keys).order_by("pk").values_list("lead_id", "name"):
        names[key].append(name)
    for key, digest in LeadContact.objects.filter(lead__in=keys).order_by("pk").values_list("lead_id", "digest"):
        contacts[key].append(digest)
    rows = list(Lead.objects.filter(pk__in=keys).order_by("pk").values_list(*_FIELDS))
    noted = _noted({row[6] or row[7] for row in rows} - {"", None})
    for pk, name, uscc, place, products, amount, firm_id, registry_id, registry_name in rows:
        firm = firm_id or registry_id
        called = tuple(dict.fromkeys(text for text in (name, *names[pk], registry_name, *noted.get(firm, ())) if text))
        words = tuple(word for word in _BETWEEN_PRODUCTS.split(products) if word)
        yield Filed(
            str(pk), called, uscc, place, words, float(amount) if amount is not None else None, tuple(sorted(contacts[pk])), firm or None
        )


def _noted(firm_ids: Collection[str]) -> dict[str, list[str]]:
    """Former and short names that units noted of firms that were taken on; a brand may be that of several firms."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = FirmName.objects.filter(firm__firm_id__in=firm_ids).exclude(kind="brand").order_by("pk") if firm_ids else FirmName.objects.none()
    for firm_id, name in rows.values_list("firm__firm_id", "name"):
        found[firm_id].append(name)
    return found


def numbers() -> Numbers:
    """The weights and thresholds in force today."""
    rules = rulebook.in_force()
    return _numbers(_Kept(rules), access.today())


class _Kept:
    """A rulebook as a cache may keep it: the hash tells which it is."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self.rules.hash == other.rules.hash

    def __hash__(self) -> int:
        return hash(self.rules.hash)


@lru_cache(maxsize=4)
def _numbers(kept: _Kept, day: dt.date) -> Numbers:
    return Numbers.on(kept.rules, day)


def warm() -> None:
    """Read all leads before the first of them is filed."""
    held.catch_up()


def counted() -> dict[str, Any]:
    """How many leads this process compares with, for the command that checks."""
    return {"leads": len(held.catch_up()), "entries": Compared.objects.count()}
