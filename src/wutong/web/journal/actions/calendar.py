"""Years of the working calendar, entered by the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal import rules
from wutong.web.journal.actions.duties import refuse
from wutong.web.journal.models import CalendarYear


@transaction.atomic
def enter_year(
    *, year: int, days_off: Iterable[dt.date], work_days: Iterable[dt.date], document: str, by: Any, at: dt.datetime
) -> CalendarYear:
    """Enter the days off and make-up days of a year, as the notice names them; they go before what is published with the program.

    Due days that were reckoned before stay as they are. Raises: NotAllowed, Refused.
    """
    accounts.require(by, Permission.CALENDAR_EDIT)
    off, worked = sorted(set(days_off)), sorted(set(work_days))
    refuse(rules.refusals_of_year(year, off, worked, document))
    values = {"days_off": ",".join(map(str, off)), "work_days": ",".join(map(str, worked)), "document": document.strip()[:200]}
    old = CalendarYear.objects.select_for_update().filter(year=year).first()
    changes = {name: {"old": getattr(old, name, ""), "new": new} for name, new in values.items() if getattr(old, name, "") != new}
    if old is not None and not changes:
        return old
    made, _ = CalendarYear.objects.update_or_create(year=year, defaults={**values, "noted_by": by, "noted_at": at})
    audit.record(action="journal.enter_year", by=by, at=at, obj=made, changes=changes)
    return made


@transaction.atomic
def drop_year(*, year: CalendarYear, by: Any, at: dt.datetime) -> None:
    """Take an entered year back: the published notice holds again, or the year is unknown. Raises: NotAllowed."""
    accounts.require(by, Permission.CALENDAR_EDIT)
    changes = {"days_off": year.days_off, "work_days": year.work_days, "document": year.document}
    audit.record(action="journal.drop_year", by=by, at=at, obj=year, changes=changes)
    year.delete()
