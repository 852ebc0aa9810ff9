"""The public notice (公示期) of a frozen run: how long it is, and in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from wutong.web.assessment.models import Run
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import Notice
from wutong.web.journal.queries import calendar
from wutong.web.journal.queries.duties import hours

DAYS_LEAF = "assessment.notice_working_days"


def until(frozen_on: dt.date) -> dt.date | None:
    """The last day of the notice of a run that is frozen on a day, by the rule of that day and the calendar of the office."""
    return rules.notice_until(frozen_on, hours(DAYS_LEAF, frozen_on), calendar.calendar())


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as a page says it. `unknown`: that days off of a year are not entered yet; empty where all are known."""

    notice: Notice
    working_days: int
    is_over: bool
    unknown: str


def shown(run: Run, on: dt.date) -> Shown | None:
    """The notice of a run on a day; None where none is given."""
    notice = run.notice
    if notice is None:
        return None
    counted = calendar.calendar().working_days_between(notice.starts_on, notice.until)
    return Shown(notice, counted.working_days, notice.is_over(on), calendar.unknown_words(counted.unknown_years))
