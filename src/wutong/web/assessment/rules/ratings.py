"""Ratings by others (测评): how a round goes on its way, what an answer may be, and when a class of raters has a mean.

Why so strict about counts: whoever knows all answers but one knows the last one too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class RoundState(StrEnum):
    """Where a round of ratings (测评轮次) stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    DROPPED = "dropped"


class RoundStep(StrEnum):
    """What is done to a round."""

    EDIT = "edit"
    OPEN = "open"
    ANSWER = "answer"
    CLOSE = "close"
    PUBLISH = "publish"
    DROP = "drop"


ROUND_STEPS: Mapping[RoundStep, tuple[frozenset[RoundState], RoundState]] = {
    RoundStep.EDIT: (frozenset({RoundState.DRAFT}), RoundState.DRAFT),
    RoundStep.OPEN: (frozenset({RoundState.DRAFT}), RoundState.OPEN),
    RoundStep.ANSWER: (frozenset({RoundState.OPEN}), RoundState.OPEN),
    RoundStep.CLOSE: (frozenset({RoundState.OPEN}), RoundState.CLOSED),
    RoundStep.PUBLISH: (frozenset({RoundState.CLOSED}), RoundState.PUBLISHED),
    RoundStep.DROP: (frozenset({RoundState.DRAFT}), RoundState.DROPPED),
}
COUNTED = frozenset({RoundState.CLOSED, RoundState.PUBLISHED})
"""States in which the means stand and never change."""


class RaterClass(StrEnum):
    """Who rates: parks (园区), townships (乡镇), departments (部门), investors (投资者)."""

    PARKS = "parks"
    TOWNSHIPS = "townships"
    DEPARTMENTS = "departments"
    INVESTORS = "investors"


class Scale(StrEnum):
    """Between what points are given: 0 to 100, or 1 to 5."""

    HUNDRED = "hundred"
    FIVE = "five"


BANDS: Mapping[Scale, tuple[tuple[int, int], ...]] = {
    Scale.HUNDRED: ((90, 100), (80, 89), (70, 79), (60, 69), (0, 59)),
    Scale.FIVE: tuple((points, points) for points in range(5, 0, -1)),
}
"""Scale → from what points to what points answers are counted together where their spread is drawn, the best first."""
POINTS: Mapping[Scale, tuple[int, int]] = {Scale.HUNDRED: (0, 100), Scale.FIVE: (1, 5)}
"""Scale → the least and the most points."""


class Refusal(StrEnum):
    """Why something about ratings is refused; the web puts it into words."""

    WRONG_STATE = "rating_wrong_state"
    TITLE_MISSING = "rating_title_missing"
    ENDS_BEFORE_IT_BEGINS = "rating_ends_before_it_begins"
    NO_QUESTIONS = "rating_no_questions"
    NO_UNITS = "rating_no_units"
    NO_RATERS = "rating_no_raters"
    NOT_A_MEMBER = "rating_not_a_member"
    TWICE = "rating_twice"
    INVESTORS_HAVE_ACCOUNTS = "rating_investors_have_accounts"
    SHEET_OPEN_ALREADY = "rating_sheet_open_already"
    NOT_TODAY = "rating_not_today"
    NOT_ASKED = "rating_not_asked"
    NOT_ON_THE_SCALE = "rating_not_on_the_scale"
    INCOMPLETE = "rating_incomplete"
    LEAST_TOO_LOW = "rating_least_too_low"
    ON_PAPER = "rating_on_paper"
    ANSWERED_ALREADY = "rating_answered_already"
    MORE_THAN_ON_PAPER = "rating_more_than_on_paper"
    EMPTY = "rating_empty"
    NUMBER_TWICE = "rating_number_twice"
    CLOSED_EARLY = "rating_closed_early"


Answers = Mapping[tuple[str, int], int | None]
"""(question, key of the rated unit) → points; None: cannot judge."""


def refusals_to_step(
    state: RoundState, step: RoundStep, *, questions: int = 1, units: int = 1, raters: int = 1
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a step of a round may not be taken; empty if it may."""
    if state not in ROUND_STEPS[step][0]:
        return (Refusal.WRONG_STATE,)
    if step is not RoundStep.OPEN:
        return ()
    lacking = ((questions, Refusal.NO_QUESTIONS), (units, Refusal.NO_UNITS), (raters, Refusal.NO_RATERS))
    return tuple(refusal for count, refusal in lacking if not count)


def refusals_to_close(*, last_on: dt.date, today: dt.date, waiting_count: int, reason: str) -> tuple[Refusal, ...]:
    """Why a round may not be closed: before its last day is over, while somebody may still answer, without a reason.

    Why: raters were told a day, of which every hour counts; who closes before it is over decides whose answers count.
    """
    return (Refusal.CLOSED_EARLY,) if today <= last_on and waiting_count and not reason.strip() else ()


def refusals_to_answer(
    answers: Answers, *, scale: Scale, asked: frozenset[tuple[str, int]], starts_on: dt.date, last_on: dt.date, today: dt.date,
    is_handed_in: bool,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why answers are refused: outside the days, not asked, off the scale, or handed in while something is left open.

    Why a draft may be incomplete and what is handed in may not: an empty row is no judgement, "cannot judge" is one.
    """
    least, most = POINTS[scale]
    found = []
    if not starts_on <= today <= last_on:
        found.append(Refusal.NOT_TODAY)
    if not asked >= answers.keys():
        found.append(Refusal.NOT_ASKED)
    if any(points is not None and not least <= points <= most for points in answers.values()):
        found.append(Refusal.NOT_ON_THE_SCALE)
    if is_handed_in and not answers.keys() >= asked:
        found.append(Refusal.INCOMPLETE)
    return tuple(found)


def refusals_to_paper(
    answers: Answers, *, scale: Scale, asked: frozenset[tuple[str, int]], others_count: int, on_paper_count: int
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a ballot on paper is refused: nothing on it, not asked, off the scale, or one more than raters of its class answer on paper.

    Why a paper may be incomplete: nobody can ask whoever filled it in; what is left open counts as no answer.
    """
    least, most = POINTS[scale]
    found = []
    if not answers:
        found.append(Refusal.EMPTY)
    if not asked >= answers.keys():
        found.append(Refusal.NOT_ASKED)
    if any(points is not None and not least <= points <= most for points in answers.values()):
        found.append(Refusal.NOT_ON_THE_SCALE)
    if others_count >= on_paper_count:
        found.append(Refusal.MORE_THAN_ON_PAPER)
    return tuple(found)


def bands(scale: Scale, spread: Mapping[int, int]) -> tuple[tuple[int, int, int], ...]:
    """How many answers lie in each band: from, to, count; the best band first."""
    return tuple((low, high, sum(count for points, count in spread.items() if low <= points <= high)) for low, high in BANDS[scale])


@dataclass(frozen=True, slots=True)
class Tally:
    """What came together of a class, unit and question. `points_sum` None, `spread` empty: too few answers, so nothing is told of them.

    Units: counts of raters; `answers_count` without those who cannot judge; `spread`: points → how many gave them.
    """

    answers_count: int
    unable_count: int
    points_sum: int | None
    spread: Mapping[int, int]

    @property
    def mean(self) -> Fraction | None:
        """The mean, exact; None where it is missing."""
        return None if self.points_sum is None else Fraction(self.points_sum, self.answers_count)


def tally(online: Mapping[int | None, int], paper: Mapping[int | None, int], *, least_count: int, is_anonymous: bool) -> Tally:
    """Count answers given here and on paper; below the least number nothing of them is kept.

    Why online answers of an anonymous round count for themselves too: whoever counted the paper would know one that was added to it.
    """
    given = sum(count for points, count in online.items() if points is not None)
    spread: dict[int, int] = {}
    for points, count in (*online.items(), *paper.items()):
        if points is not None and count:
            spread[points] = spread.get(points, 0) + count
    answers, unable = sum(spread.values()), online.get(None, 0) + paper.get(None, 0)
    is_enough = answers >= max(least_count, 1) and not (is_anonymous and 0 < given < least_count)
    if not is_enough:
        return Tally(answers, unable, None, {})
    return Tally(answers, unable, sum(points * count for points, count in spread.items()), dict(sorted(spread.items())))


def mean_of(means: tuple[Fraction | None, ...]) -> Fraction | None:
    """Of several questions the mean of their means; missing where one is, as it could be worked out otherwise."""
    known = [one for one in means if one is not None]
    return sum(known, Fraction(0)) / len(known) if known and len(known) == len(means) else None
