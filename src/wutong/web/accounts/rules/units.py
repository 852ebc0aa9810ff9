"""Decisions on units: what became of them, and what may become of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from wutong.web.accounts.rules.refusals import Refusal, those


class UnitKind(StrEnum):
    """What a unit (单位) is."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
    PARK = "park"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    OFFICE_AWAY = "office_away"
    TEAM = "team"


class UnitChangeKind(StrEnum):
    """What became of a unit (机构沿革)."""

    FOUNDED = "founded"
    RENAMED = "renamed"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit as it is, or was on a day: names, what stands above it, whether it was open, and whether there was such a unit at all."""

    name_zh: str
    name_en: str
    parent_id: int | None
    is_open: bool = True
    is_founded: bool = True


@dataclass(frozen=True, slots=True)
class UnitChangeFacts:
    """What became of a unit, as the rules see it; `number` orders changes of one day."""

    kind: UnitChangeKind
    changed_on: dt.date
    number: int = 0
    old_name_zh: str = ""
    old_name_en: str = ""
    old_parent_id: int | None = None


def state_on(present: UnitState, changes: Iterable[UnitChangeFacts], day: dt.date) -> UnitState:
    """The unit as it was at the end of a day: what was changed later is taken back, the latest change first."""
    state, later = present, [change for change in changes if change.changed_on > day]
    for change in sorted(later, key=lambda change: (change.changed_on, change.number), reverse=True):
        match change.kind:
            case UnitChangeKind.RENAMED:
                state = replace(state, name_zh=change.old_name_zh, name_en=change.old_name_en)
            case UnitChangeKind.MOVED:
                state = replace(state, parent_id=change.old_parent_id)
            case UnitChangeKind.MERGED | UnitChangeKind.CLOSED:
                state = replace(state, is_open=True)
            case UnitChangeKind.REOPENED:
                state = replace(state, is_open=False)
            case UnitChangeKind.FOUNDED:
                state = replace(state, is_founded=False)
    return state


def refusals_to_date(changes: Iterable[UnitChangeFacts], *, changed_on: dt.date, entered_on: dt.date) -> tuple[Refusal, ...]:
    """Why something may not become of a unit on a day: it is still to come, or something became of the unit later.

    Why: row access rests on the tree as it stands, so a change holds from its entry; and a change put before another would be undone by it.
    """
    return those(
        (Refusal.CHANGE_TO_COME, changed_on > entered_on),
        (Refusal.BEFORE_LAST_CHANGE, any(change.changed_on > changed_on for change in changes if change.kind != UnitChangeKind.FOUNDED)),
    )


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """Two units of which one is to go up in the other, and the names of the units below each."""

    path: str
    is_open: bool
    into_path: str
    is_into_open: bool
    names_below: frozenset[str]
    names_below_into: frozenset[str]


def refusals_to_merge(facts: MergeFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why one unit may not go up in another; empty if it may."""
    return those(
        (Refusal.INTO_ITS_OWN, facts.into_path.startswith(facts.path)), (Refusal.UNIT_CLOSED, not facts.is_open),
        (Refusal.OTHER_UNIT_CLOSED, not facts.is_into_open), (Refusal.NAME_TAKEN, facts.names_below & facts.names_below_into),
        (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_close(*, is_open: bool, left: int, reason: str) -> tuple[Refusal, ...]:
    """Why a unit may not be closed: closed already, or people, postings, units or records are `left` without anybody."""
    return those((Refusal.UNIT_CLOSED, not is_open), (Refusal.UNIT_NOT_EMPTY, left), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_reopen(*, is_open: bool, is_parent_open: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a closed unit may not be opened again; empty if it may."""
    return those((Refusal.UNIT_OPEN, is_open), (Refusal.PARENT_CLOSED, not is_parent_open), (Refusal.NO_REASON, not reason.strip()))


def refusals_to_split(*, is_open: bool, is_name_taken: bool, are_all_of_the_unit: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a part of a unit may not become a unit of its own; empty if it may."""
    return those(
        (Refusal.UNIT_CLOSED, not is_open), (Refusal.NAME_TAKEN, is_name_taken),
        (Refusal.NOT_OF_THE_UNIT, not are_all_of_the_unit), (Refusal.NO_REASON, not reason.strip()),
    )  # fmt: skip


def refusals_to_move(*, path: str, parent_path: str) -> tuple[Refusal, ...]:
    """Why a unit may not be put under another: never under itself or one of its own."""
    return (Refusal.UNDER_ITSELF,) if path and parent_path.startswith(path) else ()
