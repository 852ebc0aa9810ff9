"""The public notice (公示期) of a frozen run: how long it is, and in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from wutong.web.assessment.models import Run
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import Notice, RunState
from wutong.web.journal.queries import calendar
from wutong.web.journal.queries.duties import hours

DAYS_LEAF = "assessment.notice_working_days"


def until(frozen_on: dt.date) -> dt.date | None:
    """The last day of the notice of a run that is frozen on a day, by the rule of that day and the calendar of the office."""
    return rules.notice_until(frozen_on, hours(DAYS_LEAF, frozen_on), calendar.calendar())


def in_force(run: Run) -> Notice | None:
    """The notice of a run as it holds: the day kept at the freezing or, until the run is approved, the later one counted now.

    Why: in December the days off of the next year may not be entered yet. Nothing waits for them, and whoever is measured still gets the
    working days that were promised.
    """
    kept = run.notice
    if kept is None or run.state != RunState.FROZEN:
        return kept
    return replace(kept, until=max(kept.until, until(kept.starts_on) or kept.until))


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as a page says it. `unknown`: that days off of a year are not entered yet; empty where all are known. `kept_until`: its
    last day at the freezing, where it moved since.
    """

    notice: Notice
    working_days: int
    is_over: bool
    unknown: str
    kept_until: dt.date | None


def shown(run: Run, on: dt.date) -> Shown | None:
    """The notice of a run on a day; None where none is given."""
    notice = in_force(run)
    if notice is None:
        return None
    counted = calendar.calendar().working_days_between(notice.starts_on, notice.until)
    kept = run.notice_until if run.notice_until != notice.until else None
    return Shown(notice, counted.working_days, notice.is_over(on), calendar.unknown_words(counted.unknown_years), kept)
