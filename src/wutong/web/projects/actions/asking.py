"""Duties that progress makes: a report asked for (催报), closed by the report itself; a problem put to somebody to settle (要求协调)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User
from wutong.web.audit import actions as audit
from wutong.web.journal.actions import duties
from wutong.web.journal.models import Duty
from wutong.web.journal.rules import DutyKind, DutyState
from wutong.web.projects.actions import guarding
from wutong.web.projects.models import ProgressReport, Project
from wutong.web.projects.queries import asked
from wutong.web.projects.rules import progress as rules


@transaction.atomic
def ask(*, project: Project, month: dt.date, by: Any, at: dt.datetime, words: str = "", due_on: dt.date | None = None) -> Duty:
    """Ask the owner for the report of a month; asked once, it is not asked again. The report closes it.

    Raises: NotAllowed, journal's Refused.
    """
    found, month = guarding.locked(project), rules.month_of(month)
    if not asked.may_ask(by, found):
        raise guarding.NotAllowed
    there: Duty | None = asked.open_duties(found).filter(origin=asked.origin_of(month)).first()
    if there is not None:
        return there
    title = _("Report the progress of %(month)s") % {"month": f"{month:%Y-%m}"}
    given: dict[str, Any] = {"due_on": due_on} if due_on else {"working_days": asked.working_days(guarding.day_of(at))}
    made = duties.create(
        owner=found.owner, title=title, text=words, record=found, unit=found.unit, kind=DutyKind.SUPERVISION, origin=asked.origin_of(month),
        by=by, at=at, **given,
    )  # fmt: skip
    audit.record(
        action="projects.ask_progress", by=by, at=at, obj=found, changes=guarding.told(found, progress_month=f"{month:%Y-%m}")
    )  # fmt: skip
    return made


@transaction.atomic
def close(*, project: Project, month: dt.date, at: dt.datetime) -> None:
    """Close what was asked for a month: it is reported."""
    result = _("Reported.")
    for duty in Duty.objects.filter(
        model=Project._meta.label, record=project.public_id, state=DutyState.OPEN, origin=asked.origin_of(month)
    ):  # fmt: skip
        duties.finish(duty=duty, result=result, by=None, at=at)


@transaction.atomic
def coordinate(*, report: ProgressReport, owner: User, title: str, text: str, due_on: dt.date, by: Any, at: dt.datetime) -> Duty:
    """Put a problem of a report to somebody who may see the project, by a day; whoever puts it answers for the duty.

    Why not only to people whom his roles reach: a park asks departments that stand beside it.
    Raises: NotAllowed, journal's Refused.
    """
    found = guarding.locked(Project(pk=report.project_id))
    guarding.require_work(by, found)
    if not asked.helpers(found, by).filter(pk=owner.pk).exists():
        raise guarding.NotAllowed
    there = Duty.objects.filter(
        model=Project._meta.label, record=found.public_id, state=DutyState.OPEN, owner=owner, asked_by=by, title=title.strip()[:200]
    ).first()
    if there is not None:
        return there
    made = duties.create(owner=owner, title=title, text=text, record=found, due_on=due_on, kind=DutyKind.TASK, by=None, asked_for=by, at=at)
    audit.record(
        action="projects.ask_coordination", by=by, at=at, obj=found,
        changes=guarding.told(found, progress_month=f"{report.month:%Y-%m}", asked_of=str(owner)),
    )  # fmt: skip
    return made
