"""What the rulebook says about leads and claims on a day, and by when something is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils import timezone

from wutong.rulebook.calendar import Due
from wutong.web.journal.queries import calendar
from wutong.web.leads.models import Lead
from wutong.web.leads.rules import claims, leads
from wutong.web.lib import rulebook


def day_of(at: dt.datetime) -> dt.date:
    """The day of a moment in the office's time zone."""
    return timezone.localdate(at)


def number(leaf: str, on: dt.date) -> int:
    """The value of a leaf that is always set."""
    return int(rulebook.in_force().number(leaf, on))


def protection_days(on: dt.date) -> int | None:
    """For how many days a claim is protected after its last progress; None where the region has not set it."""
    value = rulebook.in_force().value(claims.PROTECTION_LEAF, on)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def spot_check_share(on: dt.date) -> float:
    """What share of filings is drawn for a look."""
    return rulebook.in_force().number(claims.SPOT_CHECK_LEAF, on)


def triage_due(logged_on: dt.date, *, has_experts: bool = False) -> Due:
    """By when information is to be triaged."""
    leaf = leads.TRIAGED_WITH_EXPERTS_LEAF if has_experts else leads.TRIAGED_LEAF
    return calendar.calendar().add_working_days(logged_on, number(leaf, logged_on))


def answer_due(logged_on: dt.date) -> Due:
    """By when whoever gave information is to be answered."""
    return calendar.calendar().add_working_days(logged_on, number(leads.ANSWERED_LEAF, logged_on))


@dataclass(frozen=True, slots=True)
class Clock:
    """By when a lead is to be logged, triaged and answered; None where that is done or asks for nothing."""

    logged: Due
    triaged: Due | None
    answered: Due | None


def clock(lead: Lead, *, received_on: dt.date, logged_on: dt.date) -> Clock:
    """The days of one lead, in working days of the office's calendar; a day that was told when it was logged stands."""
    return Clock(
        calendar.calendar().add_working_days(received_on, number(leads.LOGGED_LEAF, received_on)),
        _told(lead.triage_due_on, triage_due(logged_on, has_experts=lead.has_experts)),
        _told(lead.answer_due_on, answer_due(logged_on)),
    )


def _told(day: dt.date | None, due: Due) -> Due | None:
    return None if day is None else replace(due, date=day)
