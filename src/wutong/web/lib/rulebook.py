"""The rules in force for whoever asks: the rulebook shipped, and over it whatever a room lays (`RULES_IN_FORCE`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache

from wutong.rulebook import load
from wutong.rulebook.load import Rulebook
from wutong.web.lib import hooks

Layer = Callable[[Rulebook, dt.date | None], Rulebook]


def in_force(base: Rulebook | None = None, *, asked_on: dt.date | None = None) -> Rulebook:
    """The rules as they stand, over `base` or the rulebook shipped; they answer for any day.

    `asked_on`: what the office decided itself answers as of that day at the earliest. So a question to the registry, whose own day may lie
    years back, is answered by the rules of the day on which it is asked.
    """
    found = base or load.rulebook()
    for lay in _layers():
        found = lay(found, asked_on)
    return found


@cache
def _layers() -> tuple[Layer, ...]:
    return hooks.collect("RULES_IN_FORCE")
