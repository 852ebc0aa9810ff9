"""How total investment and planned days of a project changed, with who and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import pgettext

from wutong.web.projects.models import DATED, PlanChange, Project
from wutong.web.projects.queries import refusals
from wutong.web.projects.queries.figures import PLANNED


@dataclass(frozen=True, slots=True)
class Value:
    """A value before and after; None: not given. `is_yuan`: shown in 10,000 yuan."""

    name: str
    label: str
    was: Decimal | dt.date | None
    now: Decimal | dt.date | None

    @property
    def is_yuan(self) -> bool:
        """Whether it is money."""
        return self.name == "total_yuan"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A change of total investment or planned days: from which day on it holds, who entered it, why. `mark`: what the first row is."""

    since_on: dt.date
    values: tuple[Value, ...]
    reason: str
    who: str
    mark: str
    is_first: bool


def changes(project: Project) -> list[PlanLine]:
    """How total and planned days of a project changed, the newest first; nothing where they never did. One question."""
    rows = list(PlanChange.objects.filter(project=project).select_related("by").order_by("pk"))
    lines = [_line(one, before) for before, one in zip([None, *rows], rows, strict=False)]
    return lines[::-1] if len(lines) > 1 else []


def _line(one: PlanChange, before: PlanChange | None) -> PlanLine:
    found = [(name, getattr(before, name, None), getattr(one, name)) for name in DATED]
    values = tuple(Value(name, _label(name), was, now) for name, was, now in found if was != now)
    taken, first = pgettext("plan", "taken over as it stood"), pgettext("plan", "given first")
    mark = taken if one.is_taken_over else first if one.is_first else ""
    return PlanLine(one.since_on, values, one.reason, str(one.by or ""), mark, one.is_first)


def _label(name: str) -> Any:
    return str(PLANNED[name] if name in PLANNED else refusals.FIGURE_LABELS[name])
