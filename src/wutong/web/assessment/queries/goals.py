"""Goals as pages show them: a year by units and measures, one set with its sums, one goal by months, proposals with their arithmetic."""

from __future__ import annotations

import calendar as months_of
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import F

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Goal, GoalChange, GoalSet, GoalUnit, GoalValue
from wutong.web.assessment.queries import actuals, goal_words
from wutong.web.assessment.queries.actuals import Actual, Key
from wutong.web.assessment.queries.goal_words import Line
from wutong.web.assessment.rules import goals as rules
from wutong.web.assessment.rules.goals import ChangeState, Part, Progress, SetState, Split, Sum


# --- values -----------------------------------------------------------------------------------------------------------------------------
def values_on(goals: Iterable[Goal], on: dt.date | None = None) -> dict[int, GoalValue]:
    """Key of a goal → what stands on a day, the latest where none is given; before the first value that first one."""
    found: dict[int, GoalValue] = {}
    for one in GoalValue.objects.filter(goal__in=[goal.pk for goal in goals]).order_by("valid_from"):
        if one.goal_id not in found or on is None or one.valid_from <= on:
            found[one.goal_id] = one
    return found


def units_of(goal_set: GoalSet) -> list[Unit]:
    """The units listed in a set, in the order of the tree."""
    return list(Unit.objects.filter(pk__in=goal_set.units.values("unit")).order_by("path"))


def sums(goal_set: GoalSet, changed: Mapping[int, Decimal] | None = None) -> dict[tuple[int, Key], Sum]:
    """(unit; measure, tier and chain) → its goal beside those of the nearest units below. `changed`: goals as they would be."""
    goals, units = list(goal_set.goals.all()), units_of(goal_set)
    stand = values_on(goals)
    known = {
        (one.unit_id, one.line): (changed or {}).get(one.pk, stand[one.pk].value) for one in goals if one.pk in stand
    }  # fmt: skip
    below: dict[int, list[int]] = defaultdict(list)
    for unit in units:
        if (over := goal_words.above(unit, units)) is not None:
            below[over.pk].append(unit.pk)
    found = {}
    for (unit_id, line), value in known.items():
        those = [known[child, line] for child in below[unit_id] if (child, line) in known]
        if below[unit_id]:
            found[unit_id, line] = Sum(value, sum(those, Decimal(0)) if those else None)
    return found


def short(goal_set: GoalSet, changed: Mapping[int, Decimal] | None = None) -> int:
    """How many goals the units below do not reach."""
    return sum(1 for one in sums(goal_set, changed).values() if one.short)


# --- a year -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class CellGoal:
    """A goal of a set in a cell. `value` None: the unit is listed and has no goal. Units: value as shown; percent, points: 100 = all."""

    goal_set: GoalSet
    goal: Goal | None
    value: Decimal | None
    progress: Progress

    @property
    def percent(self) -> Decimal | None:
        """Of the goal, 100 = all."""
        return None if self.progress.done_share is None else _decimal(self.progress.done_share * 100)

    @property
    def bar(self) -> int:
        """How long the bar is, 0 to 100."""
        return int(min(max(self.progress.done_share or 0, 0), 1) * 100)

    @property
    def time_mark(self) -> int:
        """Where on the bar time stands, 0 to 100."""
        return int(self.progress.time_share * 100)

    @property
    def ahead(self) -> Decimal | None:
        """Percentage points ahead of time; below zero behind."""
        return None if self.progress.ahead_points is None else _decimal(self.progress.ahead_points)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a unit reached of a measure, beside its goals of every set. Units: `actual` as shown, None where it is not known."""

    line: Line
    actual: Decimal | None
    lacking: int
    goals: tuple[CellGoal, ...]

    @property
    def opens(self) -> Goal | None:
        """The goal whose page lists the records behind."""
        return next((one.goal for one in self.goals if one.goal is not None), None)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its cells. `depth`: how many listed units stand above it."""

    unit: Unit
    depth: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class YearPage:
    """The goals of a year as of a day: sets side by side, units × measures."""

    year: int
    on: dt.date
    sets: tuple[GoalSet, ...]
    lines: tuple[Line, ...]
    rows: tuple[UnitRow, ...]
    time_share: Fraction

    @property
    def time_percent(self) -> Decimal:
        """How much of the year has gone by, 100 = all."""
        return _decimal(self.time_share * 100)


def _decimal(number: Fraction, digits: int = 4) -> Decimal:
    return Decimal(round(number * 10**digits)) / 10**digits


def years(user: Any) -> list[int]:
    """The years of which a person may see goals, the last first."""
    return sorted(set(GoalSet.objects.visible_to(user).order_by().values_list("year", flat=True)), reverse=True)


def year_page(user: Any, *, year: int, on: dt.date, unit: Unit | None = None, by_curve: bool = False, is_whole: bool = False) -> YearPage:
    """The sets in force of a year, with the units that a person may see: a unit its own, whoever writes or approves a set all of it.

    `is_whole`: of every set the unit alone whose goals it holds.
    """
    sets = list(GoalSet.objects.visible_to(user).filter(year=year, state=SetState.IN_FORCE).select_related("unit"))
    listed = GoalUnit.objects.visible_to(user).filter(goal_set__in=sets).select_related("unit")
    goals = list(Goal.objects.visible_to(user).filter(goal_set__in=sets).select_related("unit"))
    if unit is not None:
        listed = listed.filter(unit__path__startswith=unit.path)
        goals = [one for one in goals if one.unit.path.startswith(unit.path)]
    if is_whole:
        listed = listed.filter(unit=F("goal_set__unit"))
        goals = [one for one in goals if one.unit_id in {each.unit_id for each in sets if each.pk == one.goal_set_id}]
    in_sets: dict[int, set[int]] = defaultdict(set)
    units: dict[int, Unit] = {}
    for one in listed:
        in_sets[one.unit_id].add(one.goal_set_id)
        units[one.unit_id] = one.unit
    shown = sorted(units.values(), key=lambda one: one.path)
    lines, stand = goal_words.lines(goals), values_on(goals, on)
    reached = actuals.actuals(shown, [one.of for one in lines], year=year, on=on)
    table = _Table(sets, in_sets, {(one.goal_set_id, one.unit_id, one.line): one for one in goals}, stand, reached, on, by_curve=by_curve)
    depths = {one.pk: sum(1 for other in shown if other.pk != one.pk and one.path.startswith(other.path)) for one in shown}
    rows = tuple(UnitRow(one, depths[one.pk], tuple(table.cell(one, line) for line in lines)) for one in shown)
    return YearPage(year, on, tuple(sets), tuple(lines), rows, rules.elapsed_share(year, on))


@dataclass(frozen=True, slots=True)
class _Table:
    """What the cells of a year are put together from."""

    sets: Sequence[GoalSet]
    in_sets: Mapping[int, set[int]]
    goals: Mapping[tuple[int, int, Key], Goal]
    stand: Mapping[int, GoalValue]
    reached: Mapping[tuple[int, str, str, str], Actual]
    on: dt.date
    by_curve: bool

    def cell(self, unit: Unit, line: Line) -> Cell:
        """One unit and measure."""
        actual = self.reached.get((unit.pk, *line.of), Actual())
        found = []
        for one in self.sets:
            if one.pk in self.in_sets[unit.pk]:
                goal = self.goals.get((one.pk, unit.pk, line.of))
                value = self.stand.get(goal.pk) if goal else None
                found.append(_cell_goal(one, goal, value, actual=actual, line=line, on=self.on, by_curve=self.by_curve))
        return Cell(line, _known(actual, line), len(actual.lacking), tuple(found))


def _shown(kept: Fraction, line: Line) -> Decimal:
    return _decimal(kept / line.told.shown.scale, 8)


def _known(actual: Actual, line: Line) -> Decimal | None:
    return None if actual.why else _shown(actual.amount, line)


def _cell_goal(
    goal_set: GoalSet, goal: Goal | None, value: GoalValue | None, *, actual: Actual, line: Line, on: dt.date, by_curve: bool
) -> CellGoal:
    is_curved = by_curve and value is not None
    share = rules.elapsed_share(goal_set.year, on, value.months if is_curved and value else None)
    told = rules.progress(None if actual.why else actual.amount, value.value if value else None, share)
    return CellGoal(goal_set, goal if value else None, line.shown(value.value) if value else None, told)


# --- one set ----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SetCell:
    """A goal of a set as written. Units: as shown. `total`: it beside the goals of the units below."""

    line: Line
    goal: Goal | None
    value: Decimal | None
    below: Decimal | None
    short: Decimal
    over: Decimal
    waits: bool

    def field(self, unit: Unit) -> str:
        """The name of its field in the editor."""
        return field_name(unit, self.line)


@dataclass(frozen=True, slots=True)
class SetRow:
    """A unit of a set with its goals. `name_of_field` pairs each cell with the name of its field."""

    unit: Unit
    depth: int
    cells: tuple[SetCell, ...]

    @property
    def fields(self) -> tuple[tuple[SetCell, str], ...]:
        """Each cell with the name of its field."""
        return tuple((cell, cell.field(self.unit)) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SetPage:
    """A set: units × measures as written, what falls short, what waits."""

    lines: tuple[Line, ...]
    rows: tuple[SetRow, ...]
    short: int
    changes: tuple[GoalChange, ...]


def field_name(unit: Unit, line: Line) -> str:
    """The name of a field of the editor."""
    return f"{unit.public_id}:{line.key}"


def set_page(user: Any, goal_set: GoalSet) -> SetPage:
    """One set as a person may see it."""
    goals = list(Goal.objects.visible_to(user).filter(goal_set=goal_set).select_related("unit"))
    listed = GoalUnit.objects.visible_to(user).filter(goal_set=goal_set).select_related("unit")
    units = [one.unit for one in listed.order_by("unit__path")]
    lines, stand, known = goal_words.lines(goals), values_on(goals), {(one.unit_id, one.line): one for one in goals}
    added = sums(goal_set)
    waiting = {one.goal_id for one in GoalChange.objects.filter(goal__in=goals, state=ChangeState.WAITING)}
    rows = []
    for unit in units:
        depth = sum(1 for other in units if other.pk != unit.pk and unit.path.startswith(other.path))
        cells = []
        for line in lines:
            goal = known.get((unit.pk, line.of))
            value = stand.get(goal.pk) if goal else None
            one = added.get((unit.pk, line.of), Sum(Decimal(0), None))
            cells.append(
                SetCell(
                    line, goal, line.shown(value.value) if value else None, line.shown(one.below), line.told.typed(one.short),
                    line.told.typed(one.over), bool(goal and goal.pk in waiting),
                )
            )  # fmt: skip
        rows.append(SetRow(unit, depth, tuple(cells)))
    is_short = sum(1 for row in rows for cell in row.cells if cell.short)
    changes = GoalChange.objects.visible_to(user).filter(goal__goal_set=goal_set)
    return SetPage(tuple(lines), tuple(rows), is_short, tuple(changes.select_related("goal__unit", "asked_by", "decided_by")[:50]))


def may(user: Any, goal_set: GoalSet) -> dict[str, bool]:
    """What a person may do with a set as it stands."""
    target, state = goal_set.unit.target(), SetState(goal_set.state)
    is_writer, is_approver = user.may(Permission.ASSESSMENT_EDIT, target), user.may(Permission.ASSESSMENT_APPROVE, target)
    hands = goal_set.facts(goals=1).hands
    return {
        "may_edit": is_writer and state is SetState.DRAFT,
        "may_decide": is_approver and state is SetState.SUBMITTED and user.pk not in hands,
        "may_send_back": is_approver and state is SetState.SUBMITTED,
        "may_repeal": is_approver and state is SetState.IN_FORCE and user.pk not in hands,
        "may_drop": is_writer and state in (SetState.DRAFT, SetState.SUBMITTED),
        "may_export": user.may(Permission.ASSESSMENT_EXPORT),
    }


def may_ask(user: Any, goal: Goal) -> bool:
    """Whether a person may ask for a change: whoever writes the set, and the unit itself."""
    if goal.goal_set.state != SetState.IN_FORCE:
        return False
    own = user.may(Permission.ASSESSMENT_ANSWER, goal.unit.target())
    return own or user.may(Permission.ASSESSMENT_EDIT, goal.goal_set.unit.target())


def may_decide_changes(user: Any, goal: Goal) -> bool:
    """Whether a person decides about changes of a goal; not about his own."""
    return bool(user.may(Permission.ASSESSMENT_APPROVE, goal.goal_set.unit.target()))


def units_seen(user: Any) -> Any:
    """The units whose goals a person may see."""
    listed = GoalUnit.objects.visible_to(user).filter(goal_set__state=SetState.IN_FORCE).order_by().values("unit")
    return Unit.objects.filter(pk__in=listed).order_by("path")


def last_day(year: int) -> dt.date:
    """The last day of a year."""
    return dt.date(year, 12, 31)


def units_to_set(user: Any) -> Any:
    """The open units for which a person may write goals."""
    return Unit.objects.open().filter(within(user, Permission.ASSESSMENT_EDIT, unit="")).order_by("path")


def units_below(goal_set: GoalSet) -> Any:
    """The units that a set may list: the one whose goals these are, and what stands below it."""
    return Unit.objects.open().filter(path__startswith=goal_set.unit.path).order_by("path")


# --- proposals --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed for a unit, with its arithmetic. Units: as shown; `present`: its goal as it stands."""

    unit: Unit
    part: Part
    weight: Decimal
    exact: Decimal
    value: Decimal
    present: Decimal | None
    field: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A goal split over the units below. `is_possible` False: there is nothing to go by."""

    line: Line
    unit: Unit
    total: Decimal
    split: Split
    rows: tuple[Proposed, ...]
    is_possible: bool


def below(goal_set: GoalSet, unit: Unit) -> list[Unit]:
    """The listed units right below one."""
    units = units_of(goal_set)
    return [one for one in units if (over := goal_words.above(one, units)) is not None and over.pk == unit.pk]


def children_of(form: Any, goal_set: GoalSet) -> list[tuple[Unit, str]]:
    """The units right below the one that a form names, else below that of the set; each with the share that was given."""
    named = getattr(form, "cleaned_data", {}).get("unit") or goal_set.unit
    return [(one, str(form.data.get(f"share-{one.public_id}", ""))[:20]) for one in below(goal_set, named)]


def propose(goal_set: GoalSet, unit: Unit, line: Line, split: Split, shares: Mapping[int, Decimal]) -> Proposal | None:
    """How a goal would be split over the units below; None where the unit has no such goal or nothing stands below it. Writes nothing."""
    goals = {one.unit_id: one for one in goal_set.goals.filter(measure=line.measure, tier=line.tier, chain=line.chain)}
    stand, children = values_on(goals.values()), below(goal_set, unit)
    if unit.pk not in goals or goals[unit.pk].pk not in stand or not children:
        return None
    total = stand[goals[unit.pk].pk].value
    weights = _weights(goal_set, children, line, split, shares)
    is_possible = any(weights) and all(one >= 0 for one in weights)
    parts = rules.parts(total, weights, step=line.told.step) if is_possible else ()
    rows = []
    for child, part in zip(children, parts, strict=False):
        goal = goals.get(child.pk)
        present = line.shown(stand[goal.pk].value) if goal and goal.pk in stand else None
        weight = _shown(part.weight, line) if split is Split.LAST_YEAR else _decimal(part.weight)
        rows.append(
            Proposed(child, part, weight, _shown(part.exact, line), line.told.typed(part.value), present, field_name(child, line))
        )  # fmt: skip
    return Proposal(line, unit, line.told.typed(total), split, tuple(rows), is_possible)


def _weights(goal_set: GoalSet, children: Sequence[Unit], line: Line, split: Split, shares: Mapping[int, Decimal]) -> list[Fraction]:
    if split is Split.EQUAL:
        return [Fraction(1)] * len(children)
    if split is Split.SHARES:
        return [Fraction(shares.get(one.pk, Decimal(0))) for one in children]
    year = goal_set.year - 1
    reached = actuals.actuals(children, [line.of], year=year, on=dt.date(year, 12, 31))
    return [reached.get((one.pk, *line.of), Actual()).amount for one in children]


def last_year(goal: Goal) -> list[Fraction]:
    """What came in each month of the year before: the weights of a curve as last year came."""
    year = goal.goal_set.year - 1
    reached = [one or Fraction(0) for one in actuals.by_month(goal.unit, [goal.line], year=year, on=dt.date(year, 12, 31))[goal.line]]
    return [max(now - before, Fraction(0)) for now, before in zip(reached, [Fraction(0), *reached], strict=False)]


# --- one goal ---------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Month:
    """A month of a goal. Units: as shown, to date. `actual` None: it has not begun, or nothing is known."""

    number: int
    planned: Decimal
    actual: Decimal | None
    ahead: Decimal | None


@dataclass(frozen=True, slots=True)
class GoalPage:
    """A goal as of a day: by months, what stood before, who wants it changed, what lies behind its actual."""

    goal: Goal
    line: Line
    on: dt.date
    cell: CellGoal
    curved: CellGoal
    actual: Decimal | None
    months: tuple[Month, ...]
    values: tuple[tuple[GoalValue, Decimal], ...]
    changes: tuple[tuple[GoalChange, Decimal], ...]
    behind: tuple[tuple[str, str], ...]
    lacking: tuple[tuple[str, str], ...]


def _planned(values: Sequence[GoalValue], year: int, at: int, on: dt.date) -> Decimal:
    """What was planned by the end of a month, as the goal stood then: a change does not make earlier months late. `at`: 0 is January."""
    ends_on = dt.date(year, at + 1, months_of.monthrange(year, at + 1)[1])
    stood = [one for one in values if one.valid_from <= min(ends_on, on)]
    return (stood or values[:1])[-1].months[at]


def goal_page(user: Any, goal: Goal, on: dt.date) -> GoalPage:
    """One goal by months, planned against actual."""
    line, value = goal_words.line(*goal.line), values_on([goal], on).get(goal.pk)
    actual = actuals.actuals([goal.unit], [goal.line], year=goal.goal_set.year, on=on).get((goal.unit_id, *goal.line), Actual())
    reached = actuals.by_month(goal.unit, [goal.line], year=goal.goal_set.year, on=on)[goal.line]
    stood = list(goal.values.order_by("valid_from"))
    months = []
    for at in range(rules.MONTHS if value else 0):
        planned = _planned(stood, goal.goal_set.year, at, on)
        done = reached[at]
        gap = None if done is None else _shown(done - Fraction(planned), line)
        months.append(Month(at + 1, line.told.typed(planned), None if done is None else _shown(done, line), gap))
    changes = GoalChange.objects.visible_to(user).filter(goal=goal).select_related("asked_by", "decided_by")
    cells = [_cell_goal(goal.goal_set, goal, value, actual=actual, line=line, on=on, by_curve=curved) for curved in (False, True)]
    return GoalPage(
        goal, line, on, cells[0], cells[1], _known(actual, line), tuple(months),
        tuple((one, line.told.typed(one.value)) for one in stood),
        tuple((one, line.told.typed(one.value)) for one in changes), actual.behind, actual.lacking,
    )  # fmt: skip
