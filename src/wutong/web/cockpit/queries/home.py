"""Home: what one owes today, and one's own projects by what is due first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wutong.web.journal.queries import duties
from wutong.web.projects.queries import register

MOST = 12


@dataclass(frozen=True, slots=True)
class Home:
    """The page. `lights`: how many of one's duties show which light."""

    duties: Sequence[Any]
    lights: dict[str, int]
    projects: Sequence[Any]
    own_projects: int


def home(user: Any, *, on: dt.date) -> Home:
    """What a person owes, the oldest first, and his projects."""
    local, wanted = duties.now(), duties.Wanted()
    rows = duties.first(user, wanted, local, MOST)
    own = register.all_of_person(user, user)
    shown = register.shown(own[:MOST], user, on=on)
    return Home(duties.drawn(user, rows, local), duties.counts(user, wanted, local), shown, own.count())
