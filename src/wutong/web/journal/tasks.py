"""Background entry points: reminders every quarter of an hour, and the nightly sweep of files."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.journal import rules
from wutong.web.journal.actions import files, owed, reminders
from wutong.web.journal.queries import calendar, duties
from wutong.web.journal.queries import reminders as queries
from wutong.web.lib.hooks import Running
from wutong.web.lib.owed import computed


def remind(job: Running) -> dict[str, Any]:
    """Remind of what is due soon and late, tell leaders, send digests: each once, in batches that are whole or not at all."""
    local = timezone.localtime()
    if local.hour < duties.hours(rules.REMIND_LEAF, local.date()):
        return {}
    told = {"soon": 0, "late": 0, "leaders": 0, "digests": 0}
    for name, act in (("soon", reminders.warn), ("late", reminders.tell_overdue), ("leaders", reminders.escalate)):
        while True:
            with job.fenced():
                count = act(local=local, by=None, at=timezone.now())
            told[name] += count
            if count < reminders.AT_ONCE:
                break
    told["rooms"] = _remind_of_rooms(job, local)
    if calendar.calendar().is_working(local.date()):
        waiting = queries.to_digest(local)
        for number, (person, setting) in enumerate(waiting, 1):
            with job.fenced():
                told["digests"] += reminders.send_digest(user=person, setting=setting, local=local, by=None, at=timezone.now())
            job.step(_("Digests"), number, len(waiting))
    return told


def _remind_of_rooms(job: Running, local: dt.datetime) -> int:
    """Remind of what rooms know by themselves, kind by kind."""
    told = 0
    for one in computed().values():
        for occasion in rules.Occasion if one.all_rows else ():
            while True:
                with job.fenced():
                    count = owed.remind(one=one, occasion=occasion, local=local, by=None, at=timezone.now())
                told += count
                if count < reminders.AT_ONCE:
                    break
    return told


def sweep(job: Running) -> dict[str, Any]:
    """Erase deleted attachments whose time is over, and files that no attachment names."""
    with job.fenced():
        erased = files.erase_old(by=None, at=timezone.now())
    return {"erased": erased, "strays": files.sweep(by=None, at=timezone.now())}
