"""The remedial process (末位整改): which results of a published run lie below a line, and why no remedy may be asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.web.assessment.rules.runs import RunState


@dataclass(frozen=True, slots=True)
class Placed:
    """A result as the line is drawn through it. `total_points` None: missing, so that nothing can be said of its place."""

    key: int
    group: str
    total_points: Decimal | None


class Refusal(StrEnum):
    """Why something is refused; the web puts it into words."""

    NOT_PUBLISHED = "remedy_not_published"
    REPLACED = "remedy_replaced"
    TEXT_MISSING = "remedy_text_missing"
    DUE_BEFORE_TODAY = "remedy_due_before_today"
    NOBODY_CHOSEN = "remedy_nobody_chosen"
    OTHER_RUN = "remedy_other_run"
    ASKED_ALREADY = "remedy_asked_already"


def laggards(rows: Iterable[Placed], *, last_count: int | None = None, under_points: Decimal | None = None) -> frozenset[int]:
    """Those below a line: the last so many of each group, equal totals together, or all with fewer points than the line says.

    Why: a total that is missing is no low one, so nobody is asked for a remedy because figures lack; and where all of a group are equal
    nobody is its last.
    """
    known: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
    for row in rows:
        if row.total_points is not None:
            known[row.group].append((row.total_points, row.key))
    found: set[int] = set()
    for group in known.values():
        lowest = sorted(group)
        if last_count is not None and last_count > 0:
            worst = lowest[min(last_count, len(lowest)) - 1][0]
            last = {key for total, key in lowest if total <= worst}
            found |= last if len(last) < len(lowest) or last_count >= len(lowest) else set()
        if under_points is not None:
            found |= {key for total, key in lowest if total < under_points}
    return frozenset(found)


def refusals_to_demand(
    state: RunState, *, is_replaced: bool, text: str, due_on: dt.date, on: dt.date, chosen_count: int, are_of_run: bool,
    are_free: bool,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why no remedy may be asked for: only after publication, of results of the run that stands, each once at a time."""
    found = (
        (state is not RunState.PUBLISHED, Refusal.NOT_PUBLISHED), (is_replaced, Refusal.REPLACED), (not text.strip(), Refusal.TEXT_MISSING),
        (due_on < on, Refusal.DUE_BEFORE_TODAY), (chosen_count == 0, Refusal.NOBODY_CHOSEN), (not are_of_run, Refusal.OTHER_RUN),
        (not are_free, Refusal.ASKED_ALREADY),
    )  # fmt: skip
    return tuple(refusal for holds, refusal in found if holds)
