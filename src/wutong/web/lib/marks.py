"""What rooms above know of the firms of a list, told beside their names: declared in MARKS of their hooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wutong.web.lib import hooks


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a room above knows of a firm: what it is, the record that says so with its page, how that stands, and more of it."""

    label: str
    name: str = ""
    address: str = ""
    state: str = ""
    told: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """All of it but the label, as a cell of a sheet holds it."""
        return " · ".join(filter(None, (self.name, self.state, *self.told)))


Marks = Mapping[str, tuple[Mark, ...]]
"""Id of a firm in the registry → what is known of it; firms of which nothing is known are left out."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What a room tells of firms wherever others list them, to people who hold `permission`.

    `of` (user, firm ids, at) answers for all firms of a page at once; `of_sheet` (user, firm ids) does so for a spreadsheet, whose column
    is `header`, without what may only be told page by page; `note` says in the sheet what that is. `every`
    (user, is_own) gives the ids of all firms on records of his own unit, or on any that he may see, so that pages can leave them out.
    """

    permission: str
    of: Callable[[Any, Sequence[str], dt.datetime], Marks]
    of_sheet: Callable[[Any, Sequence[str]], Marks]
    header: Any  # lazy text
    note: Any  # lazy text
    every: Callable[[Any, bool], frozenset[str]] | None = None


def markings(user: Any) -> tuple[Marking, ...]:
    """Those that speak to this person."""
    return tuple(one for one in hooks.collect("MARKS") if user.may(one.permission))


def tells_of_firms(user: Any) -> bool:
    """Whether a page can leave out for this person what rooms above tell of."""
    return any(one.every is not None for one in markings(user))


def firms_marked(user: Any, *, is_own: bool) -> frozenset[str]:
    """The ids of all firms that rooms above tell this person of; `is_own`: by records of his own unit alone."""
    return frozenset().union(*(one.every(user, is_own) for one in markings(user) if one.every is not None))


def marks_of(user: Any, firm_ids: Sequence[str], at: dt.datetime) -> Marks:
    """What the rooms above know of the firms of a page."""
    found: dict[str, tuple[Mark, ...]] = {}
    wanted = tuple(dict.fromkeys(firm_ids))
    for one in markings(user) if wanted else ():
        for firm_id, known in one.of(user, wanted, at).items():
            found[firm_id] = found.get(firm_id, ()) + known
    return found


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """The marks of a spreadsheet: a column a room, the cells of each firm, and what is not told there."""

    headers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    known: tuple[Marks, ...] = ()

    def cells(self, firm_id: str) -> tuple[str | None, ...]:
        """The cells of a firm, one a column; empty where nothing is known."""
        return tuple("\n".join(mark.line for mark in marks.get(firm_id, ())) or None for marks in self.known)


def sheet_marks(user: Any, firm_ids: Sequence[str]) -> SheetMarks:
    """What the rooms above know of the firms of a spreadsheet."""
    shown = markings(user)
    return SheetMarks(
        tuple(str(one.header) for one in shown), tuple(str(one.note) for one in shown), tuple(one.of_sheet(user, firm_ids) for one in shown)
    )  # fmt: skip


# --- figures of records below -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Counting:
    """A figure that a room above gives of records of a room below (returning projects of a person), to who holds `permission`.

    `on`: the model's label; `count` (user, public ids) → figure by public id, of what the user may see; `address` (public id) → the page of
    the records behind it.
    """

    on: str
    label: Any  # lazy text
    permission: str
    count: Callable[[Any, Sequence[Any]], Mapping[Any, int]]
    address: Callable[[Any], str]


def countings(user: Any) -> tuple[Counting, ...]:
    """Those that speak to this person: COUNTINGS of the rooms' hooks."""
    return tuple(one for one in hooks.collect("COUNTINGS") if user.may(one.permission))
