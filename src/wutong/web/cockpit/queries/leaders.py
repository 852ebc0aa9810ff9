"""What leaders look at for ten seconds: projects by stage, the three rates, money against time, what is stuck and who owes it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, Sum

from wutong.web.accounts.models import Unit
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import lifecycles, paper_pages, rate_pages
from wutong.web.projects.rules.rates import Cohort, cohort_from
from wutong.web.projects.rules.stages import Status

ZERO = Decimal(0)
MOST_STUCK = 12
MOST_UNITS = 8
MOST_BROKEN = 8
RATES = ("fulfilment", "start", "funds")


@dataclass(frozen=True, slots=True)
class StageFigure:
    """Projects that are worked on in a stage. Units: yuan; `unknown`: how many of them have no total investment yet."""

    code: str
    name: str
    projects: int
    total_yuan: Decimal
    unknown: int


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """What counts in a month, and in the same days a year before. Units: yuan."""

    since: dt.date
    until: dt.date
    yuan: Decimal
    before_since: dt.date
    before_until: dt.date
    before_yuan: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """Money of the year against time. Units: yuan; `time_share`: how much of the year is over, 1 = all."""

    year: int
    yuan: Decimal
    before_since: dt.date
    before_until: dt.date
    before_yuan: Decimal
    time_share: Decimal
    months: tuple[MonthFigure, ...]
    largest_yuan: Decimal


@dataclass(frozen=True, slots=True)
class Stuck:
    """A sub-node that is late: of which project, who owes it, how many days."""

    project: Project
    key: str
    name: str
    unit: str
    owner: str
    late_days: int


@dataclass(frozen=True, slots=True)
class Owing:
    """How many late sub-nodes a unit owes, and of how many projects."""

    unit: str
    key: str
    nodes: int
    projects: int


@dataclass(frozen=True, slots=True)
class Leaders:
    """The page of leaders."""

    on: dt.date
    cohort: Cohort
    stages: tuple[StageFigure, ...]
    rates: tuple[rate_pages.Shown, ...]
    money: Money
    stuck: tuple[Stuck, ...]
    late_nodes: int
    late_projects: int
    owing: tuple[Owing, ...]
    broken: tuple[paper_pages.Broken, ...]
    broken_promises: int


def leaders(user: Any, *, on: dt.date) -> Leaders:
    """All of it, of projects that a person may see."""
    seen = Project.objects.visible_to(user)
    cohort = cohort_from(str(on.year))
    used = {family: code for family, code in rate_pages.defaults(on).items() if family in RATES}
    there = rate_pages.seen(user, as_of=on, cohort=cohort)
    late = Node.objects.visible_to(user).due().filter(due_on__lt=on).order_by()
    rows = list(late.values_list("project", "unit").annotate(n=Count("pk"), due=Min("due_on")))
    broken, promises = paper_pages.broken(user, on, MOST_BROKEN)
    late_nodes, late_projects = sum(n for _project, _unit, n, _due in rows), len({project for project, _unit, _n, _due in rows})
    return Leaders(
        on, cohort, _stages(seen), there.totals(used), _money(there, on), _stuck(late, rows, on), late_nodes, late_projects, _owing(rows),
        broken, promises,
    )  # fmt: skip


def _owing(late: Iterable[tuple[int, int, int, dt.date]]) -> tuple[Owing, ...]:
    """The units that owe most, of rows of a project, a unit, how many sub-nodes are late and since when."""
    nodes, projects = Counter[int](), Counter[int]()
    for _project, unit, n, _due in late:
        nodes[unit] += n
        projects[unit] += 1
    most = sorted(nodes, key=lambda unit: (-nodes[unit], unit))[:MOST_UNITS]
    named = Unit.objects.in_bulk(most)
    return tuple(Owing(named[unit].name_zh, str(named[unit].public_id), nodes[unit], projects[unit]) for unit in most)


def _stages(seen: Any) -> tuple[StageFigure, ...]:
    found = seen.filter(status=Status.ACTIVE).order_by().values("stage")
    rows = {
        row["stage"]: row for row in found.annotate(n=Count("pk"), sum=Sum("total_yuan"), unknown=Count("pk", filter=Q(total_yuan=None)))
    }
    nothing: Mapping[str, Any] = {"n": 0, "sum": None, "unknown": 0}
    return tuple(
        StageFigure(code, lifecycles.stage_name(code), row["n"], row["sum"] or ZERO, row["unknown"])
        for code in lifecycles.in_force().order
        for row in [rows.get(code, nothing)]
    )


def _money(there: rate_pages.Seen, on: dt.date) -> Money:
    """What counts from the first of the year to today, by month, and in the same days a year before."""
    begin, before = dt.date(on.year, 1, 1), dt.date(on.year - 1, 1, 1)
    same_day = on.replace(year=on.year - 1, day=min(on.day, 28) if on.month == 2 else on.day)
    sums: dict[tuple[int, int], Decimal] = {}
    for day, yuan in there.arrived(since=before, until=on).items():
        if day >= begin or day <= same_day:
            sums[day.year, day.month] = sums.get((day.year, day.month), ZERO) + yuan
    months = tuple(
        MonthFigure(
            *_days(on.year, month), sums.get((on.year, month), ZERO), since, min(until, same_day), sums.get((on.year - 1, month), ZERO)
        )
        for month in range(1, on.month + 1)
        for since, until in [_days(on.year - 1, month)]
    )
    days = (dt.date(on.year + 1, 1, 1) - begin).days
    over = Decimal((on - begin).days + 1) / days
    largest = max((max(one.yuan, one.before_yuan) for one in months), default=ZERO)
    now, then = sum((one.yuan for one in months), ZERO), sum((one.before_yuan for one in months), ZERO)
    return Money(on.year, now, before, same_day, then, over, months, largest)


def _days(year: int, month: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month."""
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def _stuck(late: Any, rows: Iterable[tuple[int, int, int, dt.date]], on: dt.date) -> tuple[Stuck, ...]:
    """Of each project the sub-node that is late longest: one project does not fill the list."""
    longest = list(dict.fromkeys(project for _due, project in sorted((due, project) for project, _unit, _n, due in rows)))
    nodes: dict[int, int] = {}
    there = late.filter(project__in=longest[:MOST_STUCK]).order_by("due_on", "pk")
    for project, node in there.values_list("project", "pk"):
        nodes.setdefault(project, node)
    found = Node.objects.filter(pk__in=nodes.values()).select_related("project", "unit", "owner").order_by("due_on", "pk")
    return tuple(
        Stuck(
            node.project, node.key, lifecycles.node_name(node.key), node.unit.name, str(node.owner) if node.owner else "",
            (on - node.due_on).days,
        )
        for node in found
    )  # fmt: skip
