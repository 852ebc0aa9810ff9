"""The names of all leads as this process has read them, for the one search: kept in memory, and read on where somebody changed one.

Whatever a lead is found by (title, firm, further names, credit code; a code name in their place) leaves another `naming_no` on it. The
stamps are numbers by chance: so long as their count and sum are what they were, so are the names. Where they are not, those pieces of a
thousand leads are read anew of which count or sum changed. What of it a person may see is asked of `visible_to` at every search.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Aggregate, Count, F, IntegerField, Sum, TextField
from django.db.models.functions import Cast

from wutong.engine.name_search import Names
from wutong.web.leads.models import Lead, LeadName, LeadQuerySet

PIECE = 1024
Stamp = tuple[int, int]


class Together(Aggregate):
    """All values of a column as one text with commas: so a hundred thousand keys are read in a few milliseconds."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """As PostgreSQL calls it."""
        return self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')", **more)


def keys_of(found: LeadQuerySet) -> npt.NDArray[np.int64]:
    """The keys of leads, in no order."""
    told = found.order_by().aggregate(told=Together("pk"))["told"]
    return np.fromstring(told, dtype=np.int64, sep=",") if told else np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class _Piece:
    stamp: Stamp
    names: Names


class Held:
    """The names of the database as far as this process has read them. Safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._stamp: Stamp | None = None
        self._pieces: dict[int, _Piece] = {}
        self._names = Names.over(())
        self._keys = np.zeros(0, np.int64)

    def names(self) -> tuple[Names, npt.NDArray[np.int64]]:
        """All of them, the newest leads first, and the keys of the records; one question where nothing changed."""
        with self.lock:
            told = Lead.objects.order_by().aggregate(n=Count("pk"), stamps=Sum("naming_no", default=0))
            stamp = (told["n"], told["stamps"])
            if stamp != self._stamp:
                self._read_on()
                self._stamp = stamp
            return self._names, self._keys

    def _read_on(self) -> None:
        """Read the pieces that changed. Why the stamps are read first: what changes between is read anew the next time, never missed."""
        number = Cast(F("pk") / PIECE, IntegerField())
        cut = Lead.objects.order_by().annotate(piece=number).values("piece").annotate(n=Count("pk"), stamps=Sum("naming_no"))
        now = {piece: (n, stamps) for piece, n, stamps in cut.values_list("piece", "n", "stamps")}
        self._pieces = {piece: held for piece, held in self._pieces.items() if now.get(piece) == held.stamp}
        for piece in now.keys() - self._pieces.keys():
            self._pieces[piece] = _Piece(now[piece], _names(piece * PIECE, (piece + 1) * PIECE))
        self._names = Names.joined([self._pieces[piece].names for piece in sorted(self._pieces, reverse=True)])
        self._keys = np.array(self._names.keys, dtype=np.int64)


def _names(begin: int, end: int) -> Names:
    """Of leads whose keys lie in [begin, end), the newest first; a confidential one bears its code name alone."""
    further: dict[int, list[str]] = defaultdict(list)
    rows = LeadName.objects.filter(lead__gte=begin, lead__lt=end, lead__is_confidential=False).order_by("lead", "kind", "name")
    for lead, name in rows.values_list("lead", "name"):
        further[lead].append(name)
    leads = Lead.objects.filter(pk__gte=begin, pk__lt=end).order_by("-pk")
    columns = leads.values_list("pk", "is_confidential", "code_name", "title", "name", "uscc")
    return Names.over([
        (pk, (code_name,) if is_kept else (title, name, uscc, *further.get(pk, ())))
        for pk, is_kept, code_name, title, name, uscc in columns
    ])  # fmt: skip


held = Held()


def seen(found: LeadQuerySet) -> tuple[Names, npt.NDArray[np.bool_]]:
    """The names of all leads, and of each record whether it is among `found`."""
    names, keys = held.names()
    return names, np.isin(keys, keys_of(found))


def warm() -> None:
    """Read all names before the first search."""
    held.names()
