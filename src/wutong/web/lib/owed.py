"""What people owe and a room knows by itself: declared in DUTIES of its hooks, listed and reminded of by `journal`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from wutong.web.lib import hooks


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a duty that a room knows by itself is shown; `is_kept`: its record is confidential, so messages say its code name and no more."""

    name: str
    address: str
    title: str = ""
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """Duties that a room knows by itself, such as the next step of a row: they stand in everybody's list without being written twice.

    `rows` (user, on) gives a queryset of what the person may see, as `journal.queries.columns.of` shapes it; `drawn` (user, keys) tells by
    key how a row is shown, of those that the person may see. `all_rows` (on) gives the rows of everybody and `people` (keys) who owes
    each, for reminders and for the leader; None where nobody is reminded, for the row is no more than a sign at a queue.
    """

    code: str
    label: Any  # lazy text
    permission: str
    rows: Callable[[Any, Any], Any]
    drawn: Callable[[Any, Any], Mapping[Any, Drawn]]
    all_rows: Callable[[Any], Any] | None = None
    people: Callable[[Iterable[Any]], Mapping[Any, tuple[Any, ...]]] | None = None


@cache
def computed() -> dict[str, Computed]:
    """Duties that rooms know by themselves, by code."""
    return {one.code: one for one in hooks.collect("DUTIES")}
