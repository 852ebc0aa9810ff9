"""All goals of a set that are still empty, proposed at once: every measure, from the whole down to townships and departments."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from wutong.web.accounts.models import Unit
from wutong.web.assessment.models import GoalSet
from wutong.web.assessment.queries import actuals, goal_words, goals
from wutong.web.assessment.queries.actuals import Actual
from wutong.web.assessment.queries.goal_words import Line
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import Split

AT_ONCE = (Split.EQUAL, Split.LAST_YEAR)
"""The ways that need no shares typed unit by unit."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A goal proposed for a field that is empty. Units: `value` as shown, `percent` of what was left of the goal above."""

    value: Decimal
    above: Unit
    percent: Decimal
    has_extra: bool


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What is proposed for the empty fields of a set, by the name of the field; `stuck`: goals that there is nothing to split by."""

    split: Split
    fields: Mapping[str, Filled]
    stuck: tuple[tuple[Unit, Line], ...]


def whole(goal_set: GoalSet, split: Split) -> Breakdown:
    """Goals for all empty fields of a set; those that stand are kept. Writes nothing."""
    units = goals.units_of(goal_set)
    by_key, there = {one.pk: one for one in units}, list(goal_set.goals.all())
    stand, lines = goals.values_on(there), goal_words.lines(there)
    below: dict[int, list[int]] = defaultdict(list)
    for unit in units:
        if (over := goal_words.above(unit, units)) is not None:
            below[over.pk].append(unit.pk)
    reached = _last_year(goal_set, units, lines) if split is Split.LAST_YEAR else {}
    fields: dict[str, Filled] = {}
    stuck: list[tuple[Unit, Line]] = []
    for line in lines:
        known = {one.unit_id: stand[one.pk].value for one in there if one.line == line.of and one.pk in stand}
        weights = {one.pk: reached.get((one.pk, *line.of), Actual()).amount if reached else Fraction(split is Split.EQUAL) for one in units}
        found, without = rules.broken_down(known, below, weights, first=goal_set.unit_id, step=line.told.step)
        shared: dict[int, Fraction] = defaultdict(Fraction)
        for share in found.values():
            shared[share.above] += share.part.weight
        for key, share in found.items():
            percent = Decimal(round(share.part.weight / shared[share.above] * 1000)) / 10
            filled = Filled(line.told.typed(share.part.value), by_key[share.above], percent, share.part.has_extra)
            fields[goals.field_name(by_key[key], line)] = filled
        stuck += [(by_key[key], line) for key in without]
    return Breakdown(split, fields, tuple(stuck))


def _last_year(goal_set: GoalSet, units: list[Unit], lines: list[Line]) -> Mapping[tuple[int, str, str, str], Actual]:
    year = goal_set.year - 1
    return actuals.actuals(units, [one.of for one in lines], year=year, on=dt.date(year, 12, 31))
