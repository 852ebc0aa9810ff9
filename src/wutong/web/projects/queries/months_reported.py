"""Which monthly reports a filter asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from wutong.web.projects.models import ProgressPhoto, ProgressReport
from wutong.web.projects.queries import reports


class Asked(Protocol):
    """What a filter gives."""

    def chosen(self) -> dt.date:
        """The month."""

    def given(self, name: str) -> Any:
        """What else was asked for; "" where nothing was."""


def found(user: Any, asked: Asked) -> Any:
    """The standing reports of a month that a person may see; where one project is asked for, of all its months."""
    standing, month = ProgressReport.objects.standing().visible_to(user), asked.chosen()
    project = asked.given("project")
    there = standing.filter(project__public_id=project) if project else standing.filter(month=month)
    if unit := asked.given("unit"):
        there = there.filter(project__unit__path__startswith=unit.path)
    if text := asked.given("text"):
        there = there.filter(_says(text))
    return _which(there, asked.given("which"), month)


def _says(text: str) -> Q:
    """Words of a report or the name of its project; a confidential project is found by its code name alone."""
    said = Q()
    for name in ("visible", "problems", "next_steps", "project__name_zh"):
        said |= Q(**{f"{name}__icontains": text})
    return said & Q(project__is_confidential=False) | Q(project__is_confidential=True, project__code_name__icontains=text)


def _which(there: Any, which: str, month: dt.date) -> Any:
    if which == "problems":
        return there.exclude(problems="")
    if which == "photos":
        shown = ProgressPhoto.objects.filter(report__project=OuterRef("project"), report__month=OuterRef("month"))
        return there.filter(Exists(shown))
    if which == "late":
        last = reports.due_day(month, month) + dt.timedelta(days=1)
        over = timezone.make_aware(dt.datetime.combine(last, dt.time.min))
        here = over - dt.timedelta(days=reports.within_days(month) + 1)
        return there.filter(at__gte=over, project__opened_at__lt=here)
    return there.filter(corrects__isnull=False) if which == "corrected" else there
