"""Goals (目标任务): broken down to units and months without a remainder lost; progress against time; who may change what."""

from __future__ import annotations

import calendar as months_of
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

MONTHS = 12
MOST_VALUE = Decimal("1e15")


class Origin(StrEnum):
    """Whose goals a set holds: set from above (上级下达), or by ourselves (自定目标)."""

    ABOVE = "above"
    OWN = "own"


class SetState(StrEnum):
    """Where a set of goals stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_FORCE = "in_force"
    DROPPED = "dropped"
    REPEALED = "repealed"


class SetStep(StrEnum):
    """What is done to a set of goals."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    DROP = "drop"
    REPEAL = "repeal"


SET_STEPS: Mapping[SetStep, tuple[frozenset[SetState], SetState]] = {
    SetStep.EDIT: (frozenset({SetState.DRAFT}), SetState.DRAFT),
    SetStep.SUBMIT: (frozenset({SetState.DRAFT}), SetState.SUBMITTED),
    SetStep.APPROVE: (frozenset({SetState.SUBMITTED}), SetState.IN_FORCE),
    SetStep.SEND_BACK: (frozenset({SetState.SUBMITTED}), SetState.DRAFT),
    SetStep.DROP: (frozenset({SetState.DRAFT, SetState.SUBMITTED}), SetState.DROPPED),
    SetStep.REPEAL: (frozenset({SetState.IN_FORCE}), SetState.REPEALED),
}


class Curve(StrEnum):
    """How a year is spread over its months: in equal parts, as last year's actual came, or by hand."""

    EQUAL = "equal"
    SEASONAL = "seasonal"
    HAND = "hand"


class Split(StrEnum):
    """How a goal is proposed for the units below: in equal parts, by last year's actual, by shares given."""

    EQUAL = "equal"
    LAST_YEAR = "last_year"
    SHARES = "shares"


class ChangeState(StrEnum):
    """How a request to change a goal stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why something about goals is refused; the web puts it into words."""

    WRONG_STATE = "goal_wrong_state"
    TITLE_MISSING = "goal_title_missing"
    DOCUMENT_MISSING = "goal_document_missing"
    NO_UNITS = "goal_no_units"
    OUTSIDE_UNIT = "goal_outside_unit"
    UNIT_CLOSED = "goal_unit_closed"
    NO_GOALS = "goal_no_goals"
    SAME_PERSON = "goal_same_person"
    REASON_MISSING = "goal_reason_missing"
    DOES_NOT_ADD_UP = "goal_does_not_add_up"
    NOT_A_VALUE = "goal_not_a_value"
    NOT_TWELVE = "goal_not_twelve"
    MONTHS_FALL = "goal_months_fall"
    MONTHS_NOT_YEAR = "goal_months_not_year"
    NOTHING_TO_GO_BY = "goal_nothing_to_go_by"
    NO_TIER = "goal_no_tier"
    NO_CHAIN = "goal_no_chain"
    OUTSIDE_YEAR = "goal_outside_year"
    NOTHING_CHANGED = "goal_nothing_changed"
    WAITING_ALREADY = "goal_waiting_already"
    DECIDED_ALREADY = "goal_decided_already"
    BEFORE_LAST = "goal_before_last"
    REACHES_BACK = "goal_reaches_back"
    BEFORE_RUN = "goal_before_run"
    UNITS_WITH_GOALS = "goal_units_with_goals"


# --- breaking down ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Part:
    """What falls to one of several by its weight, and how. `exact`: before rounding; `extra`: whether it got one step of the remainder."""

    weight: Fraction
    exact: Fraction
    value: Decimal
    has_extra: bool


def parts(total: Decimal, weights: Sequence[Decimal | Fraction | int], *, step: Decimal) -> tuple[Part, ...]:
    """A total by weights in whole steps, none lost: each gets what lies below its exact part, the largest remainders one step more.

    Why: rounding each for itself loses or invents projects. Ties go by order. What is no whole step stays with the largest part.
    Raises: ValueError where weights are negative or all zero.
    """
    known = [Fraction(one) for one in weights]
    if any(one < 0 for one in known) or not sum(known):
        raise ValueError("weights must not be negative, and not all zero")
    whole, all_of = Fraction(total), sum(known, Fraction(0))
    exact = [whole * one / all_of for one in known]
    steps = [one // Fraction(step) for one in exact]
    left = whole // Fraction(step) - sum(steps)
    order = sorted(range(len(known)), key=lambda at: (-(exact[at] / Fraction(step) - steps[at]), at))
    extra = set(order[: int(left)])
    values = [(steps[at] + (at in extra)) * step for at in range(len(known))]
    rest = total - sum(values, Decimal(0))
    if rest:
        largest = max(range(len(known)), key=lambda at: known[at])
        values[largest] += rest
    return tuple(Part(known[at], exact[at], values[at], at in extra) for at in range(len(known)))


@dataclass(frozen=True, slots=True)
class Share:
    """What is proposed for a unit of what is left of the goal above it. `above`: the key of that unit."""

    above: int
    part: Part


def broken_down(
    goals: Mapping[int, Decimal], below: Mapping[int, Sequence[int]], weights: Mapping[int, Fraction], *, first: int, step: Decimal
) -> tuple[dict[int, Share], tuple[int, ...]]:
    """Goals for all units that have none, from the first unit down to the last; and the units whose goal there is nothing to split by.

    What units have already stays, and the others share what is left of the goal above by their weights; so that each sum is reached, and
    a part of nothing is no goal. `goals`, `weights`: by key of the unit; `below`: those right below each.
    """
    known, found, stuck, waiting = dict(goals), dict[int, Share](), list[int](), [first]
    while waiting:
        unit = waiting.pop(0)
        waiting += below.get(unit, ())
        free = [one for one in below.get(unit, ()) if one not in known]
        left = known.get(unit, Decimal(0)) - sum((known[one] for one in below.get(unit, ()) if one in known), Decimal(0))
        if not free or left <= 0:
            continue
        by = [max(weights.get(one, Fraction(0)), Fraction(0)) for one in free]
        if not any(by):
            stuck.append(unit)
            continue
        for one, part in zip(free, parts(left, by, step=step), strict=True):
            if part.value:
                known[one], found[one] = part.value, Share(unit, part)
    return found, tuple(stuck)


def spread(total: Decimal, weights: Sequence[Decimal | Fraction | int] | None, *, step: Decimal) -> tuple[Decimal, ...]:
    """A year over its months, as what shall be reached by the end of each: in equal parts, or as the weights of the months say.

    Raises: ValueError where the weights are no twelve, negative or all zero.
    """
    if weights is not None and len(weights) != MONTHS:
        raise ValueError("a year has twelve months")
    if weights is None:
        # Not `parts`: it would put all the remainder into the first months, where equal shares of 7 projects come one by one.
        steps, whole = total // step, total
        return (*(step * Decimal(int(steps * month / MONTHS)) for month in range(1, MONTHS)), whole)
    reached, found = Decimal(0), []
    for one in parts(total, weights, step=step):
        reached += one.value
        found.append(reached)
    return tuple(found)


def refusals_of_months(reached: Sequence[Decimal], total: Decimal) -> tuple[Refusal, ...]:
    """Why figures of months are no curve of a year: twelve, never falling, the last one the year."""
    if len(reached) != MONTHS:
        return (Refusal.NOT_TWELVE,)
    found = []
    if reached[0] < 0 or any(one > other for one, other in pairwise(reached)):
        found.append(Refusal.MONTHS_FALL)
    if reached[-1] != total:
        found.append(Refusal.MONTHS_NOT_YEAR)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Sum:
    """A goal beside those of the units below. `below` None: none of them has one, so there is nothing to add up."""

    above: Decimal
    below: Decimal | None

    @property
    def short(self) -> Decimal:
        """What the units below lack to the goal above; zero where they reach or exceed it, or where nothing was broken down."""
        return Decimal(0) if self.below is None else max(self.above - self.below, Decimal(0))

    @property
    def over(self) -> Decimal:
        """By how much the units below exceed the goal above."""
        return Decimal(0) if self.below is None else max(self.below - self.above, Decimal(0))


# --- progress ---------------------------------------------------------------------------------------------------------------------------
def elapsed_share(year: int, on: dt.date, months: Sequence[Decimal] | None = None) -> Fraction:
    """How much of a year should be done by the end of a day: of its months, or of a curve; within a month by its days. Units: share.

    At the end of June that is 6/12, or what the curve plans for June. Before the year 0, after it 1.
    """
    if on.year != year:
        return Fraction(int(on.year > year))
    of_month = Fraction(on.day, months_of.monthrange(year, on.month)[1])
    if months is None or not months[-1]:
        return (on.month - 1 + of_month) / MONTHS
    before = Fraction(months[on.month - 2]) if on.month > 1 else Fraction(0)
    return (before + (Fraction(months[on.month - 1]) - before) * of_month) / Fraction(months[-1])


@dataclass(frozen=True, slots=True)
class Progress:
    """How a goal stands. Units: shares 1 = all; `ahead_points` in percentage points (百分点), below zero behind time.

    `done_share` None: there is no goal, or it is zero; or the actual is not known. Never 0 for "no goal".
    """

    done_share: Fraction | None
    time_share: Fraction
    ahead_points: Fraction | None


def progress(actual: Fraction | Decimal | None, goal: Decimal | None, time_share: Fraction) -> Progress:
    """Actual ÷ goal, and by how many percentage points that is ahead of time."""
    if actual is None or not goal:
        return Progress(None, time_share, None)
    done = Fraction(actual) / Fraction(goal)
    return Progress(done, time_share, (done - time_share) * 100)


# --- who may --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SetFacts:
    """A set of goals as the rules see it. `hands`: whoever made or submitted it; `short`: how many sums fall short."""

    state: SetState
    hands: frozenset[int]
    goals: int
    must_add_up: bool
    short: int = 0


def refusals_to_step(facts: SetFacts, step: SetStep, *, actor_id: int, reason: str = "") -> tuple[Refusal, ...]:
    """Why a step may not be taken; empty if it may. Whoever wrote the goals neither approves nor repeals them."""
    if facts.state not in SET_STEPS[step][0]:
        return (Refusal.WRONG_STATE,)
    found = []
    if step in (SetStep.SUBMIT, SetStep.APPROVE):
        if not facts.goals:
            found.append(Refusal.NO_GOALS)
        if facts.must_add_up and facts.short:
            found.append(Refusal.DOES_NOT_ADD_UP)
    if step in (SetStep.APPROVE, SetStep.REPEAL) and actor_id in facts.hands:
        found.append(Refusal.SAME_PERSON)
    if step in (SetStep.SEND_BACK, SetStep.DROP, SetStep.REPEAL) and not reason.strip():
        found.append(Refusal.REASON_MISSING)
    return tuple(found)


def refusals_of_value(value: Decimal, *, step: Decimal) -> tuple[Refusal, ...]:
    """Why a figure is no goal: below zero, beyond all measure, or finer than it is counted."""
    is_fine = value.is_finite() and 0 <= value <= MOST_VALUE and not value % step
    return () if is_fine else (Refusal.NOT_A_VALUE,)


def refusals_to_ask(
    state: SetState, *, old: Decimal | None, new: Decimal, step: Decimal, year: int, valid_from: dt.date, last_from: dt.date | None,
    reason: str, document: str, is_waiting: bool, asked_on: dt.date, is_correction: bool = False, run_on: dt.date | None = None,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a change may not be asked for: only of goals in force, within the year, after the last change, with reason and document.

    Why not backwards: nobody lowers in December what was to be reached in March. What corrects an error may, but not behind a run that
    counted by the goal (`run_on`: the day of the last one that is frozen or further).
    """
    if state is not SetState.IN_FORCE:
        return (Refusal.WRONG_STATE,)
    if is_waiting:
        return (Refusal.WAITING_ALREADY,)
    found = list(refusals_of_value(new, step=step))
    if old == new:
        found.append(Refusal.NOTHING_CHANGED)
    if valid_from.year != year:
        found.append(Refusal.OUTSIDE_YEAR)
    elif last_from is not None and valid_from <= last_from:
        found.append(Refusal.BEFORE_LAST)
    elif run_on is not None and valid_from < run_on:
        found.append(Refusal.BEFORE_RUN)
    elif valid_from < asked_on and not is_correction:
        found.append(Refusal.REACHES_BACK)
    if not reason.strip():
        found.append(Refusal.REASON_MISSING)
    if not document.strip():
        found.append(Refusal.DOCUMENT_MISSING)
    return tuple(found)


def refusals_to_decide(
    state: ChangeState, *, asked_by: int | None, actor_id: int, is_approved: bool, reason: str, short: Decimal = Decimal(0),
    must_add_up: bool = False,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a request may not be decided: it is already, by whoever asked, declined without a reason, or what must add up would not."""
    if state is not ChangeState.WAITING:
        return (Refusal.DECIDED_ALREADY,)
    found = []
    if asked_by == actor_id:
        found.append(Refusal.SAME_PERSON)
    if not is_approved and not reason.strip():
        found.append(Refusal.REASON_MISSING)
    if is_approved and must_add_up and short:
        found.append(Refusal.DOES_NOT_ADD_UP)
    return tuple(found)
