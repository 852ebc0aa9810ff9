"""What every answer carries: the day it speaks for, the registry behind it, and the reasons of each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from wutong.engine.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class RegistryHere:
    """What the registry holds, in the region asked about and in all, as of the day asked for.

    Why: the registry is thin in places and years; an answer without these figures would look surer than it is.
    """

    first_year: int | None
    last_year: int | None
    firms_here: int
    firms: int
    undated_here: int = 0


Param = float | int | str | bool | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Grain: one factor of one row, in codes. `points` None: the input is unknown, so the factor gives and takes nothing.

    `params` hold what words about it need: names, a phrase, a radius. Units: points are parts of the row's score; the points of all its
    reasons add up to the score, to the digit.
    """

    factor: str
    input: float | int | str | None
    unit: str
    points: float | None
    source: str
    weight_share: float = 0.0
    leaf: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)


def as_of_day(warehouse: Warehouse, as_of: dt.date | None) -> dt.date:
    """The day an answer speaks for: the one asked for, else the last registration date of the build."""
    if as_of is not None:
        return as_of
    last = warehouse.info.last_registered_on
    return last if last is not None else dt.date.max


SENTENCE_ENDS = "\u3002;\uff1b\n"
LONGEST_CLAUSE = 120


def clause(scope: str | None, start: int | None, end: int | None) -> str:
    """The clause of `scope` that holds the span, cut to what a line can show."""
    if not scope or start is None or end is None:
        return ""
    left = max((scope.rfind(mark, 0, start) for mark in SENTENCE_ENDS), default=-1) + 1
    stops = [at for at in (scope.find(mark, end) for mark in SENTENCE_ENDS) if at >= 0]
    right = min(stops, default=len(scope))
    if right - left > LONGEST_CLAUSE:
        left = max(left, start - LONGEST_CLAUSE // 2)
        right = min(right, max(end, left + LONGEST_CLAUSE))
    return scope[left:right].strip()


def plain(value: Any) -> Any:
    """Frozen dataclasses, dates and enums as what JSON can hold; key order is that of the fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
