"""Units on a map, as leaders look at it: how many projects each hosts, what of their money counts this year, how many are stuck."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse

from wutong.web.accounts.models import Unit
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Drawing, Spot
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.projects.models import FundsCounted, Project
from wutong.web.projects.queries import register
from wutong.web.projects.rules.stages import Status

ZERO = Decimal(0)
APART = 0.09
"""How far units of one seat stand from it, as a share of the breadth of all: else one would hide the others."""
LEAST_APART_DEGREES = 0.05


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What a unit hosts. Units: yuan. `stuck`: projects of which an open sub-node is past its day; no `lon`, `lat`: nobody knows where."""

    unit: Unit
    projects: int
    recognised_yuan: Decimal
    stuck: int
    lon: float | None = None
    lat: float | None = None

    @property
    def is_mostly_stuck(self) -> bool:
        """Whether half of its projects or more are stuck: what the eye should find, for some are stuck nearly everywhere."""
        return self.stuck > 0 and 2 * self.stuck >= self.projects

    @property
    def address(self) -> str:
        """Its projects."""
        return f"{reverse('projects:list')}?host={self.unit.public_id}"


@dataclass(frozen=True, slots=True)
class UnitMap:
    """Units with what they host, the most projects first, and the drawing of those whose seat is known."""

    lines: tuple[UnitLine, ...]
    drawing: Drawing | None
    since: dt.date
    on: dt.date
    projects: int
    recognised_yuan: Decimal
    stuck: int


def of_units(user: Any, *, on: dt.date) -> UnitMap:
    """Projects that are worked on by their host, as far as a person sees: four questions, whatever the number of units."""
    since = dt.date(on.year, 1, 1)
    seen = Project.objects.visible_to(user)
    active = seen.filter(status=Status.ACTIVE).order_by()
    counts = _by_unit(active)
    stuck = _by_unit(active.filter(register.CONDITIONS[register.LATE_NODES](user, on)))
    counted = FundsCounted.objects.visible_to(user, is_whole=True).filter(counted_on__gte=since, counted_on__lte=on)
    money = dict(counted.order_by().values_list("project__unit").annotate(sum=Sum("recognised_yuan")))
    units = {one.pk: one for one in Unit.objects.order_by("path")}
    hosts = [units[pk] for pk in {*counts, *money} if pk in units]
    seats = _seats(hosts, {one.path: one for one in units.values()})
    lines = [
        UnitLine(one, counts.get(one.pk, 0), money.get(one.pk) or ZERO, stuck.get(one.pk, 0), *seats.get(one.pk, (None, None)))
        for one in hosts
    ]
    lines.sort(key=lambda line: (-line.projects, -line.recognised_yuan, line.unit.path))
    return UnitMap(
        tuple(lines), drawings.field(list(_spots(lines)), None), since, on, sum(counts.values()),
        sum((line.recognised_yuan for line in lines), ZERO), sum(stuck.values()),
    )  # fmt: skip


def _by_unit(found: Any) -> dict[int, int]:
    return dict(found.values_list("unit").annotate(n=Count("pk")))


def _spots(lines: Iterable[UnitLine]) -> Iterable[Spot]:
    for line in lines:
        if line.projects and line.lon is not None and line.lat is not None:
            yield Spot(line.lon, line.lat, line.unit.name, line.projects, line.address, "is-zone" if line.is_mostly_stuck else "")


def _seats(hosts: Iterable[Unit], by_path: Mapping[str, Unit]) -> dict[int, tuple[float, float]]:
    """Where each unit sits: its own place, else that of the unit above; several of one seat stand round it."""
    known: dict[str, tuple[float, float] | None] = {}
    there: dict[tuple[float, float], list[Unit]] = defaultdict(list)
    for unit in hosts:
        seat = next(filter(None, (_seat(text, known) for text in _places(unit, by_path))), None)
        if seat is not None:
            there[seat].append(unit)
    step = max(APART * _breadth(there), LEAST_APART_DEGREES)
    found: dict[int, tuple[float, float]] = {}
    for (lon, lat), units in there.items():
        found[units[0].pk] = lon, lat
        for at, unit in enumerate(units[1:]):
            angle = 2 * math.pi * at / (len(units) - 1)
            found[unit.pk] = lon + step * math.cos(angle), lat + step * math.sin(angle)
    return found


def _breadth(there: Iterable[tuple[float, float]]) -> float:
    """The wider extent of all seats. Units: degrees."""
    sides = list(zip(*there, strict=True))
    return max((max(side) - min(side) for side in sides), default=0.0)


def _places(unit: Unit, by_path: Mapping[str, Unit]) -> Iterable[str]:
    """The places of a unit and of those above it, the nearest first."""
    path = unit.path
    while path:
        one = by_path.get(path)
        if one is not None:
            yield from filter(None, (one.place_id, one.adcode))
        path = path[: path.rstrip("/").rfind("/") + 1]


def _seat(text: str, known: dict[str, tuple[float, float] | None]) -> tuple[float, float] | None:
    if text not in known:
        try:
            region = firms.places().region(text)
            known[text] = (region.lon, region.lat) if region.lon is not None and region.lat is not None else None
        except (firms.UnknownRegion, WarehouseMissing):
            known[text] = None
    return known[text]
