"""Projects by where their site is: how many, what they invest, how many are late; and the places that a filter offers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from wutong.web.firms.queries import standing as firms
from wutong.web.leads.queries import places
from wutong.web.lib.warehouse import WarehouseMissing
from wutong.web.projects.models import Project
from wutong.web.projects.queries import register

UNKNOWN = "-"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """The projects of a place. Units: yuan. `adcode` "-": no site yet; `unknown`: how many have no total investment yet."""

    adcode: str
    name: str
    projects: int
    total_yuan: Decimal
    unknown: int
    late: int
    lon: float | None = None
    lat: float | None = None


def by_place(found: Any, *, on: dt.date) -> tuple[PlaceLine, ...]:
    """Projects by the division of their site, the most first, those without one last: four questions."""
    keys = Project.objects.filter(pk__in=found.order_by().values("pk"))
    late = dict(keys.filter(register.late(on)).order_by().values("site_adcode").annotate(n=Count("pk")).values_list("site_adcode", "n"))
    rows = keys.order_by().values("site_adcode").annotate(
        n=Count("pk"), sum=Sum("total_yuan"), unknown=Count("pk", filter=Q(total_yuan=None))
    )  # fmt: skip
    lines = [_line(row["site_adcode"], row["n"], row["sum"] or ZERO, row["unknown"], late.get(row["site_adcode"], 0)) for row in rows]
    return tuple(sorted(lines, key=lambda line: (line.adcode == UNKNOWN, -line.projects, line.adcode)))


def _line(code: str, n: int, total_yuan: Decimal, unknown: int, late: int) -> PlaceLine:
    if not code:
        return PlaceLine(UNKNOWN, _("no site yet"), n, total_yuan, unknown, late)
    try:
        region = firms.region_of(code)
    except (firms.UnknownRegion, WarehouseMissing):
        return PlaceLine(code, code, n, total_yuan, unknown, late)
    return PlaceLine(code, region.name, n, total_yuan, unknown, late, region.lon, region.lat)


def offered(user: Any, given: str) -> list[tuple[str, str]]:
    """The divisions of the city where a person has a role by code and name, "no site yet", and the place that was asked for."""
    city = next((f"{grant.adcode[:4]}00" for grant in user.grants() if grant.adcode), "")
    try:
        inside = [(one.adcode, one.name) for one in firms.places().children(city)] if city else []
    except WarehouseMissing:
        inside = []
    known = [*inside, (UNKNOWN, _("no site yet"))]
    if given.isdecimal() and len(given) == 6 and given not in dict(known):
        known.insert(0, (given, places.name_of(given)))
    return known
