"""Inspections (督查): how a plan, a visit and a finding go on, who may do what to them, and when two persons are needed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class PlanKind(StrEnum):
    """How its projects are chosen: all that the scope holds, or some drawn at random and told nobody before (突击督查)."""

    REGULAR = "regular"
    SURPRISE = "surprise"


class PlanState(StrEnum):
    """Where a plan (督查方案) stands: its scope and seed are fixed before its list is."""

    COMMITTED = "committed"
    DRAWN = "drawn"
    CLOSED = "closed"
    DROPPED = "dropped"


class VisitState(StrEnum):
    """Where the inspection of a project stands."""

    WAITING = "waiting"
    HANDED_IN = "handed_in"
    NOT_DONE = "not_done"


class Severity(StrEnum):
    """How grave a finding is."""

    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class FindingState(StrEnum):
    """Where a finding (督查发现的问题) stands."""

    OPEN = "open"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


ENDED = (FindingState.CLOSED, FindingState.WITHDRAWN)
"""States in which nothing is owed any more."""


class Refusal(StrEnum):
    """Why something is refused; the web puts it into words."""

    WRONG_STATE = "inspection_wrong_state"
    TITLE_MISSING = "inspection_title_missing"
    TEXT_MISSING = "inspection_text_missing"
    REASON_MISSING = "inspection_reason_missing"
    PERIOD = "inspection_period"
    COUNT_MISSING = "inspection_count_missing"
    NOTHING_IN_SCOPE = "inspection_nothing_in_scope"
    DAY_TO_COME = "inspection_day_to_come"
    NOT_ALL_ANSWERED = "inspection_not_all_answered"
    UNKNOWN_MATTER = "inspection_unknown_matter"
    BELOW_ZERO = "inspection_below_zero"
    FALSE_NEEDS_FIGURES = "inspection_false_needs_figures"
    DUE_BEFORE_TODAY = "inspection_due_before_today"
    SAME_PERSON = "inspection_same_person"
    FOUND_HIMSELF = "inspection_found_himself"
    WHOSE_IT_IS = "inspection_whose_it_is"
    VISITS_WAIT = "inspection_visits_wait"
    NOT_ABLE = "inspection_not_able"
    LEFT_OUT_HIMSELF = "inspection_left_out_himself"
    PLAN_OPEN = "inspection_plan_open"
    COMMITTED_HIMSELF = "inspection_committed_himself"


def _all(*pairs: tuple[bool, Refusal]) -> tuple[Refusal, ...]:
    return tuple(refusal for holds, refusal in pairs if holds)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a plan is about and when. `path`: of the unit whose projects it takes with those below it; "": of all units."""

    begins_on: dt.date
    ends_on: dt.date
    path: str = ""
    stages: frozenset[str] = frozenset()

    def overlaps(self, other: Reach) -> bool:
        """Whether a project may lie in both; the least investment parts nothing, as one above both lies in both."""
        is_one_below = self.path.startswith(other.path) or other.path.startswith(self.path)
        are_stages_shared = not self.stages or not other.stages or bool(self.stages & other.stages)
        return self.begins_on <= other.ends_on and other.begins_on <= self.ends_on and is_one_below and are_stages_shared


def refusals_to_commit(
    kind: PlanKind, *, title: str, begins_on: dt.date, ends_on: dt.date, wanted_count: int | None, is_one_open: bool = False
) -> tuple[Refusal, ...]:
    """What hinders a plan: a surprise one says how many are drawn, and none of the same is open.

    Why (`is_one_open`): whoever may plan and draw the same again and again takes the list that suits him.
    """
    return _all(
        (not title.strip(), Refusal.TITLE_MISSING), (ends_on < begins_on, Refusal.PERIOD),
        (kind is PlanKind.SURPRISE and not wanted_count, Refusal.COUNT_MISSING),
        (kind is PlanKind.SURPRISE and is_one_open, Refusal.PLAN_OPEN),
    )  # fmt: skip


def refusals_to_draw(state: PlanState, *, pool_count: int, kind: PlanKind, is_planner: bool) -> tuple[Refusal, ...]:
    """A list is fixed once, of projects that are there; of a surprise plan by another than who planned it."""
    return _all(
        (state is not PlanState.COMMITTED, Refusal.WRONG_STATE), (pool_count == 0, Refusal.NOTHING_IN_SCOPE),
        (kind is PlanKind.SURPRISE and is_planner, Refusal.COMMITTED_HIMSELF),
    )  # fmt: skip


def refusals_to_drop(state: PlanState, *, reason: str) -> tuple[Refusal, ...]:
    """A plan is given up before its list is fixed, and says why; afterwards what was drawn is visited."""
    return _all((state is not PlanState.COMMITTED, Refusal.WRONG_STATE), (not reason.strip(), Refusal.REASON_MISSING))


def refusals_to_close(state: PlanState, *, waiting_count: int, has_left_out: bool = False) -> tuple[Refusal, ...]:
    """A plan is closed when each of its projects was visited, or it is said why not.

    Why a second person (`has_left_out`: he said so himself of one): whoever leaves drawn projects out does not accept his own reasons.
    """
    return _all(
        (state is not PlanState.DRAWN, Refusal.WRONG_STATE), (waiting_count > 0, Refusal.VISITS_WAIT),
        (has_left_out, Refusal.LEFT_OUT_HIMSELF),
    )  # fmt: skip


def refusals_to_answer(
    state: VisitState, *, are_known: bool, are_positive: bool, visited_on: dt.date | None, on: dt.date
) -> tuple[Refusal, ...]:
    """What is noted on the site; a draft may lack anything."""
    return _all(
        (state is not VisitState.WAITING, Refusal.WRONG_STATE), (not are_known, Refusal.UNKNOWN_MATTER),
        (not are_positive, Refusal.BELOW_ZERO), (visited_on is not None and visited_on > on, Refusal.DAY_TO_COME),
    )  # fmt: skip


def refusals_to_hand_in(state: VisitState, *, unanswered_count: int, visited_on: dt.date | None) -> tuple[Refusal, ...]:
    """Every matter is answered, be it with why it could not be seen, and the day of the visit is said."""
    lacks = unanswered_count > 0 or visited_on is None
    return _all((state is not VisitState.WAITING, Refusal.WRONG_STATE), (lacks, Refusal.NOT_ALL_ANSWERED))


def refusals_to_leave_out(state: VisitState, *, reason: str) -> tuple[Refusal, ...]:
    """A visit that could not be made says why."""
    return _all((state is not VisitState.WAITING, Refusal.WRONG_STATE), (not reason.strip(), Refusal.REASON_MISSING))


def refusals_to_find(
    state: VisitState, *, text: str, is_false: bool, has_figures: bool, due_on: dt.date, on: dt.date, is_matter_known: bool
) -> tuple[Refusal, ...]:  # fmt: skip
    """A finding stands on a visit that was handed in; a false report names the matter, with what was reported and what is there."""
    return _all(
        (state is not VisitState.HANDED_IN, Refusal.WRONG_STATE), (not text.strip(), Refusal.TEXT_MISSING),
        (due_on < on, Refusal.DUE_BEFORE_TODAY), (not is_matter_known, Refusal.UNKNOWN_MATTER),
        (is_false and not has_figures, Refusal.FALSE_NEEDS_FIGURES),
    )  # fmt: skip


def refusals_to_reply(state: FindingState, *, words: str) -> tuple[Refusal, ...]:
    """The unit states its view while the finding is not closed."""
    return _all((state in ENDED, Refusal.WRONG_STATE), (not words.strip(), Refusal.TEXT_MISSING))


def refusals_to_rectify(state: FindingState, *, words: str) -> tuple[Refusal, ...]:
    """What was mended is said in words."""
    return _all((state is not FindingState.OPEN, Refusal.WRONG_STATE), (not words.strip(), Refusal.TEXT_MISSING))


def refusals_to_decide(state: FindingState, *, is_rectifier: bool, is_whose: bool = False, words: str) -> tuple[Refusal, ...]:
    """Whoever called it mended does not verify it, nor whoever it is about (`is_whose`: owns the project or the duty, or is measured)."""
    return _all(
        (state is not FindingState.RECTIFIED, Refusal.WRONG_STATE), (is_rectifier, Refusal.SAME_PERSON),
        (is_whose and not is_rectifier, Refusal.WHOSE_IT_IS), (not words.strip(), Refusal.REASON_MISSING),
    )  # fmt: skip


def refusals_to_withdraw(state: FindingState, *, is_finder: bool, is_whose: bool, reason: str) -> tuple[Refusal, ...]:
    """A finding made in error is withdrawn by another than who found it and than whom it is about, even after it was closed."""
    return _all(
        (state is FindingState.WITHDRAWN, Refusal.WRONG_STATE), (is_finder, Refusal.FOUND_HIMSELF),
        (is_whose and not is_finder, Refusal.WHOSE_IT_IS), (not reason.strip(), Refusal.REASON_MISSING),
    )  # fmt: skip
