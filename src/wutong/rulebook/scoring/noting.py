"""What of the records of a unit is told beside its points: rows passed over because something does not apply, rows of other years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from wutong.rulebook.formulas.base import RecordField
from wutong.rulebook.formulas.records import Records
from wutong.rulebook.formulas.values import Context
from wutong.rulebook.scoring.judging import below
from wutong.rulebook.scoring.shape import RuleGroup

Period = tuple[dt.date, dt.date | None]
"""When a rule holds: from, to under."""
MOST_TOLD = 10


def flags(told: RuleGroup, at: Context, period: Period | None) -> Iterator[str]:
    """`rows_passed:title:places` and `rows_outside:title:places`."""
    for title, places in at.passed.items():
        yield f"rows_passed:{title}:{_places(places)}"
    if period is None or not (period[0] <= at.on and (period[1] is None or at.on < period[1])):  # a trial on other years
        return
    outside: dict[str, set[int]] = {}
    for node in _by_period(told, at):
        if found := set(_outside(node, at, period)):
            outside.setdefault(node.of[1], set()).update(found)
    for title, places in outside.items():
        yield f"rows_outside:{title}:{_places(places)}"


def _places(places: Iterable[int]) -> str:
    known = sorted(places)
    more = len(known) - MOST_TOLD
    return ",".join(map(str, known[:MOST_TOLD])) + (f",+{more}" if more > 0 else "")


def _by_period(told: RuleGroup, at: Context) -> list[Records]:
    """The formulas of a group that count so many records a period and do not ask for the day themselves; found once."""
    key = ("by period", id(told))
    found = at.group.memory.get(key)
    if not isinstance(found, list):
        nodes = (node for node in below(one for item in told.items for one in item.all()) if isinstance(node, Records) and node.at_most)
        found = at.group.memory[key] = [node for node in nodes if not _asks_for_day(node)]
    return found


def _asks_for_day(node: Records) -> bool:
    days = {limit["by"].index for limit in node.at_most or ()}
    return node.where is not None and any(isinstance(one, RecordField) and one.index in days for one in node.where.all())


def _outside(node: Records, at: Context, period: Period) -> Iterator[int]:
    """Places of records that count and are of a year before the rule, or of a day after it.

    Why: a rule that was issued in March measures the whole year, so days of the year in which it begins are none of another.
    """
    begins_on, ends_on = period
    indexes = {limit["by"].index for limit in node.at_most or ()}

    def is_outside(day: object) -> bool:
        return isinstance(day, dt.date) and (day.year < begins_on.year or (ends_on is not None and day >= ends_on))

    rows = at.records.get(node.of[0]) or ()
    if any(is_outside(row[index]) for row in rows for index in indexes):
        verdicts = node.judged(at, has_words=False)
        for place, (row, verdict) in enumerate(zip(rows, verdicts, strict=True), 1):
            if verdict.is_counted and any(is_outside(row[index]) for index in indexes):
                yield place
