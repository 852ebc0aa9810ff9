"""Goals as facts of a rule: what is to be reached in the year and by a day, and what was, as the page of the goal tells it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from wutong.rulebook.formulas.base import Origin
from wutong.web.accounts.models import Unit
from wutong.web.assessment.models import Goal, GoalSet, GoalUnit, GoalValue
from wutong.web.assessment.queries import actuals, goals
from wutong.web.assessment.queries.actuals import Key
from wutong.web.assessment.queries.records import Found
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import SetState

FAMILY = "goal."
ACTUAL = "goal.actual"
GOAL = "assessment.Goal"
NO_GOAL, NOT_LISTED, SEVERAL = "no_goal", "not_listed", "several_goals"
NOTHING = Fraction(0)


def key_of(origin: Origin) -> Key:
    """Measure, size tier and chain of which a fact speaks."""
    params = dict(origin.params)
    return params["measure"], params.get("tier", ""), params.get("of_chain", "")


class GoalBooks:
    """The goals in force for the year of a day, with what was reached of them. Not kept longer than a run needs."""

    def __init__(self, units: Sequence[Unit], origins: Iterable[Origin], *, on: dt.date) -> None:
        self.units, self.on = units, on
        self.wanted = [key_of(one) for one in origins if one.code == ACTUAL]

    @cached_property
    def sets(self) -> list[GoalSet]:
        """The sets in force of the year."""
        return list(GoalSet.objects.filter(year=self.on.year, state=SetState.IN_FORCE).select_related("unit"))

    @cached_property
    def listed(self) -> frozenset[tuple[int, int]]:
        """Set and unit."""
        return frozenset(GoalUnit.objects.filter(goal_set__in=self.sets).order_by().values_list("goal_set", "unit"))

    @cached_property
    def goals(self) -> Mapping[tuple[int, Key], list[Goal]]:
        """Unit; measure, tier and chain → the goals of all sets."""
        found: dict[tuple[int, Key], list[Goal]] = defaultdict(list)
        for one in Goal.objects.filter(goal_set__in=self.sets, unit__in=self.units).order_by("pk"):
            found[one.unit_id, one.line].append(one)
        return found

    @cached_property
    def values(self) -> Mapping[int, GoalValue]:
        """Goal → what stands on the day, changes included."""
        return goals.values_on((goal for those in self.goals.values() for goal in those), self.on)

    @cached_property
    def reached(self) -> Mapping[tuple[int, str, str, str], actuals.Actual]:
        """What every unit and those below it reached of all measures that are asked for."""
        return actuals.actuals(self.units, self.wanted, year=self.on.year, on=self.on)

    def fact(self, origin: Origin) -> Mapping[int, Found]:
        """A fact of every unit. A goal that is not set is missing; a unit that no set lists is not measured by it: neither is zero."""
        key = key_of(origin)
        if origin.code == ACTUAL:
            there = {unit.pk: self.reached.get((unit.pk, *key)) for unit in self.units}
            return {pk: Found(one.amount, one.behind, one.lacking, one.why) for pk, one in there.items() if one is not None}
        of_months = origin.code.endswith("month_target")
        whose = dict(origin.params)["set"]
        return {unit.pk: self._target(unit, key, whose, of_months=of_months) for unit in self.units}

    def _target(self, unit: Unit, key: Key, whose: str, *, of_months: bool) -> Found:
        over = {one.pk for one in self.sets if one.origin == whose and unit.path.startswith(one.unit.path)}
        if over and not any((one, unit.pk) in self.listed for one in over):
            return Found(NOTHING, why=NOT_LISTED)
        those = [one for one in self.goals.get((unit.pk, key), ()) if one.goal_set_id in over and one.pk in self.values]
        if len(those) > 1:  # what a unit broke down to those below it holds itself as the whole; what it owes is set by those above
            own = {one.pk for one in self.sets if one.unit_id == unit.pk}
            those = [one for one in those if one.goal_set_id not in own] or those
        behind = tuple((GOAL, str(one.public_id)) for one in those)
        if len(those) != 1:
            return Found(NOTHING, behind, why=SEVERAL if those else NO_GOAL)
        value = self.values[those[0].pk]
        share = rules.elapsed_share(self.on.year, self.on, value.months) if of_months else Fraction(1)
        return Found(Fraction(value.value) * share, behind)
