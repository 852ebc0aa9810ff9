"""A goal drawn by months, and the records behind its actual with where they are found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from wutong.web.assessment.queries.firm_figures import FIGURE
from wutong.web.assessment.queries.goals import GoalPage
from wutong.web.assessment.queries.records import FUNDS, PROJECT, TRIP
from wutong.web.firms.models import YearlyFigure
from wutong.web.lib.money import WAN
from wutong.web.outreach.models import Trip
from wutong.web.projects.models import FundsEntry, Project
from wutong.web.projects.queries import curves
from wutong.web.projects.rules.progress import MonthPoint

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Record:
    """A record that counts. `yuan` None: it has no amount, or nobody knows it."""

    title: str
    address: str
    unit: str
    yuan: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The records behind a figure that a person may see. `hidden`: how many more count; `more`: how many more he may see."""

    rows: tuple[Record, ...]
    total: int
    hidden: int
    more: int


def drawing(page: GoalPage) -> curves.Curve | None:
    """Planned and actual by month; None where there are no months. The drawing shows whatever unit the goal is in."""
    year = page.goal.goal_set.year
    points = [
        MonthPoint(dt.date(year, one.number, 1), one.planned * WAN, None if one.actual is None else one.actual * WAN) for one in page.months
    ]
    is_empty = all(not one.planned and not one.actual for one in page.months)
    return None if is_empty else curves.curve(points)


def records(user: Any, behind: Iterable[tuple[str, str]]) -> Records:
    """What a person may see of the records behind a figure: four questions at most."""
    keys: dict[str, list[str]] = {}
    for kind, key in behind:
        keys.setdefault(kind, []).append(key)
    told = ((_projects, PROJECT), (_funds, FUNDS), (_trips, TRIP), (_figures, FIGURE))
    rows = [one for found, kind in told for one in found(user, keys.get(kind, []))]
    total = sum(len(set(those)) for those in keys.values())
    return Records(tuple(rows[:MOST_SHOWN]), total, total - len(rows), max(len(rows) - MOST_SHOWN, 0))


def _projects(user: Any, keys: list[str]) -> list[Record]:
    if not keys:
        return []
    found = Project.objects.visible_to(user).filter(public_id__in=keys).select_related("unit").order_by("unit__path", "pk")
    return [
        Record(one.outside_name, reverse("projects:project", args=[one.public_id]), one.unit.name, one.total_yuan) for one in found
    ]  # fmt: skip


def _funds(user: Any, keys: list[str]) -> list[Record]:
    if not keys:
        return []
    found = FundsEntry.objects.filter(public_id__in=keys, project__in=Project.objects.visible_to(user).order_by().values("pk"))
    return [
        Record(
            f"{one.project.outside_name} · {one.arrived_on}", reverse("projects:project", args=[one.project.public_id]),
            one.project.unit.name,
        )
        for one in found.select_related("project__unit").order_by("arrived_on", "pk")
    ]  # fmt: skip


def _trips(user: Any, keys: list[str]) -> list[Record]:
    if not keys:
        return []
    found = Trip.objects.visible_to(user).filter(public_id__in=keys).select_related("unit").order_by("first_on", "pk")
    return [Record(f"{one.purpose} · {one.first_on}", reverse("outreach:trip", args=[one.public_id]), one.unit.name) for one in found]


def _figures(user: Any, keys: list[str]) -> list[Record]:
    if not keys:
        return []
    found = YearlyFigure.objects.visible_to(user).filter(public_id__in=keys).select_related("firm__merged_into", "unit")
    return [
        Record(
            f"{one.firm.standing} · {one.year}", reverse("firms:detail", args=[one.firm.standing.firm_id]), one.unit.name,
            one.value if one.measure.endswith("_yuan") else None,
        )
        for one in found.order_by("-value", "pk")
    ]  # fmt: skip
