"""Projects as the pages of lists show them: in the order asked for, on a board, by month in a calendar."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from wutong.web.projects.models import PLAN, Node, Project
from wutong.web.projects.queries import lifecycles, refusals, register
from wutong.web.projects.queries.register import Row
from wutong.web.projects.rules import stages as rules
from wutong.web.projects.rules.stages import Light, NodeState, Status

LIGHTS = {
    Light.GREEN: pgettext_lazy("light of a project", "on time"),
    Light.AMBER: pgettext_lazy("light of a project", "due soon or caught up late"),
    Light.RED: pgettext_lazy("light of a project", "late"),
}
MOST_OF_A_DAY = 12
day_of = lifecycles.day_of
figure_word = refusals.fact_name


def light_word(light: Light) -> str:
    """A light in words; nothing where nothing is due."""
    return str(LIGHTS.get(light, ""))


def in_their_order(keys: Iterable[int], user: Any, *, on: dt.date) -> Sequence[Row]:
    """Projects of these keys, in the order of the keys, each as it stands."""
    wanted = list(keys)
    there = {row.project.pk: row for row in register.shown(Project.objects.filter(pk__in=wanted), user, on=on)}
    return [there[key] for key in wanted if key in there]


def ordered(found: Any, sort: str) -> Any:
    """With the columns that a sort asks for and no table keeps; nothing is reckoned for another sort."""
    return register.in_order(found) if sort.removeprefix("-") in {"stage", "due"} else found


# --- by month ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mark:
    """Something of a project on a day: a sub-node that is due, a stage that is to be left, a step that is planned."""

    project: Project
    name: str
    what: str
    light: Light
    sort: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, or of the weeks round the month. `left_out`: how many marks more it has."""

    day: dt.date
    is_in: bool
    marks: tuple[Mark, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks; the months before and after."""

    first: dt.date
    before: dt.date
    after: dt.date
    weeks: tuple[tuple[Day, ...], ...]
    count: int


def first_of(text: str, on: dt.date) -> dt.date:
    """The first day of the month that a text such as 2026-03 names; of this month where it names none."""
    year, _dash, month = text.partition("-")
    is_month = len(year) == 4 and year.isascii() and year.isdigit() and month.isascii() and month.isdigit() and len(month) <= 2
    if is_month and 1 <= int(month) <= 12 and 1949 <= int(year) <= 2999:
        return dt.date(int(year), int(month), 1)
    return on.replace(day=1)


def month(found: Any, first: dt.date, *, on: dt.date) -> Month:
    """What is due and planned in a month, of these projects: four questions."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    begin, end = weeks[0][0], weeks[-1][-1]
    by_day, counted = _marks(found, begin, end, on=on)
    days = tuple(
        tuple(
            Day(day, day.month == first.month, tuple(by_day.get(day, ())[:MOST_OF_A_DAY]), max(0, counted[day] - MOST_OF_A_DAY))
            for day in week
        )
        for week in weeks
    )
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    count = sum(n for day, n in counted.items() if first <= day <= last)
    return Month(first, (first - dt.timedelta(days=1)).replace(day=1), last + dt.timedelta(days=1), days, count)


def _marks(found: Any, begin: dt.date, end: dt.date, *, on: dt.date) -> tuple[dict[dt.date, list[Mark]], Counter[dt.date]]:
    """The first marks of each day, and how many it has: of thousands of sub-nodes only those that are shown are read whole."""
    yellow = lifecycles.yellow_days(on)
    by_day: dict[dt.date, list[Mark]] = {}
    counted: Counter[dt.date] = Counter()

    def put(day: dt.date, one: Project, what: str, light: Light, sort: str) -> None:
        counted[day] += 1
        if counted[day] <= MOST_OF_A_DAY:
            by_day.setdefault(day, []).append(Mark(one, one.outside_name, what, light, sort))

    between = Q()
    for name in ("stage_due_on", *PLAN):
        between |= Q(**{f"{name}__gte": begin, f"{name}__lte": end})
    for one in found.filter(between).order_by("pk"):
        if one.stage_due_on and begin <= one.stage_due_on <= end and one.status == Status.ACTIVE:
            put(one.stage_due_on, one, lifecycles.stage_name(one.stage), rules.until(one.stage_due_on, on=on, yellow_days=yellow), "stage")
        for name in PLAN:
            if (day := getattr(one, name)) and begin <= day <= end:
                put(day, one, figure_word(name), Light.GREY, "plan")
    open_nodes = Node.objects.filter(state=NodeState.OPEN, due_on__gte=begin, due_on__lte=end, project__status=Status.ACTIVE)
    there = open_nodes.filter(project__in=found.order_by().values("pk")).order_by("due_on", "pk").values_list("due_on", "pk")
    keys, left = list[int](), {day: MOST_OF_A_DAY - counted[day] for day in counted}
    for day, key in there:
        if left.setdefault(day, MOST_OF_A_DAY) > 0:
            keys.append(key)
            left[day] -= 1
        else:
            counted[day] += 1
    for node in Node.objects.filter(pk__in=keys).select_related("project").order_by("due_on", "pk"):
        put(node.due_on, node.project, lifecycles.node_name(node.key), rules.until(node.due_on, on=on, yellow_days=yellow), "node")
    return by_day, counted
