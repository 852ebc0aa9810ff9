"""Total investment and planned days are kept with their days: what a project said first, and each change with its reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max

from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import DATED, PlanChange, Project


def said(project: Project) -> dict[str, Any]:
    """What a project says now of what is kept with its day."""
    return {name: getattr(project, name) for name in DATED}


@transaction.atomic(savepoint=False)
def begin(*, project: Project, since_on: dt.date, by: Any, at: dt.datetime, is_taken_over: bool = False) -> PlanChange:
    """Keep what a project says first, from the day on which it begins."""
    made = PlanChange.of(project, since_on=since_on, is_first=True, is_taken_over=is_taken_over, by=by, at=at)
    made.save()
    return made


@transaction.atomic(savepoint=False)
def note(*, project: Project, reason: str, by: Any, at: dt.datetime) -> PlanChange:
    """Keep what a locked project says from today on. Why never before the last row: the days of the rows follow each other."""
    last = PlanChange.objects.filter(project=project).aggregate(on=Max("since_on"))["on"]
    made = PlanChange.of(project, since_on=max(last or day_of(at), day_of(at)), reason=reason.strip()[:300], by=by, at=at)
    made.save()
    return made
