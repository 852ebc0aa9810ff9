"""Rounds of ratings for their pages: the list, what may be done, who has answered, what came of it, one's own sheets."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.assessment.models import (
    RATER_CLASSES,
    PaperBallot,
    RatedUnit,
    Rater,
    RatingComment,
    RatingQuestion,
    RatingRound,
    RatingTally,
)
from wutong.web.assessment.queries import members, pages, ratings
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import ratings as rules
from wutong.web.assessment.rules.ratings import RaterClass, RoundState, RoundStep, Scale
from wutong.web.lib import access
from wutong.web.partners.models import FirmAccount

KINDS: Mapping[RaterClass, tuple[UnitKind, ...]] = {
    RaterClass.PARKS: (UnitKind.PARK, UnitKind.ZONE),
    RaterClass.TOWNSHIPS: (UnitKind.TOWNSHIP,),
    RaterClass.DEPARTMENTS: (UnitKind.DEPARTMENT,),
}
"""Class of raters → kinds of units that may be of it."""


# --- the list ---------------------------------------------------------------------------------------------------------------------------
def counted(found: Any) -> Any:
    """Rounds with how many were asked, and how many answered, here and on paper."""
    papers = PaperBallot.objects.filter(round=OuterRef("pk")).order_by().values("round").annotate(n=Count("pk")).values("n")
    asked = Rater.objects.filter(round=OuterRef("pk")).order_by().values("round")
    online = asked.filter(has_answered=True).annotate(n=Count("pk")).values("n")
    return found.annotate(
        asked_count=Coalesce(Subquery(asked.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        online_count=Coalesce(Subquery(online, output_field=IntegerField()), 0),
        paper_count=Coalesce(Subquery(papers, output_field=IntegerField()), 0),
    ).annotate(answered_count=F("online_count") + F("paper_count"))


def rounds(user: Any, *, text: str = "", state: str = "", scheme: str = "") -> Any:
    """The rounds that a person may see, by words of their titles, state and scheme."""
    found = RatingRound.objects.visible_to(user).select_related("scheme__unit")
    if state:
        found = found.filter(state=state)
    if scheme:
        found = found.filter(scheme__public_id=scheme)
    if text:
        found = found.filter(Q(title__icontains=text) | Q(scheme__title__icontains=text) | Q(sheet__icontains=text))
    return counted(found)


def schemes_to_rate(user: Any) -> Any:
    """The schemes for which a person may enter a round."""
    return pages.schemes(user).filter(within(user, Permission.ASSESSMENT_EDIT)).order_by("-pk")


# --- what is offered --------------------------------------------------------------------------------------------------------------------
def may(user: Any, found: RatingRound) -> dict[str, bool]:
    """Which steps of a round a person is offered."""
    keeps = pages.may(user, found.scheme)
    state = RoundState(found.state)

    def opens(step: RoundStep) -> bool:
        return keeps["may_edit"] and state in rules.ROUND_STEPS[step][0]

    return {
        **{f"may_{step}": opens(step) for step in RoundStep if step is not RoundStep.ANSWER}, "may_export": keeps["may_export"],
        "keeps": keeps["keeps"], "may_remind": opens(RoundStep.ANSWER), "is_counted": state in rules.COUNTED,
    }  # fmt: skip


def lacks(found: RatingRound) -> tuple[Any, ...]:
    """What lacks before a round can be opened."""
    return rules.refusals_to_step(
        RoundState(found.state), RoundStep.OPEN, questions=found.questions.count(), units=found.rated_units.count(),
        raters=found.raters.count(),
    )  # fmt: skip


def is_early(found: RatingRound) -> bool:
    """Whether closing a round today needs a reason."""
    waiting = ratings.awaited_count(found)
    return bool(rules.refusals_to_close(last_on=found.last_on, today=access.today(), waiting_count=waiting, reason=""))


def to_rate(found: RatingRound) -> list[One]:
    """The units or persons that a round may rate: those that its scheme measures."""
    return members.measured(found.scheme)


def units_to_ask(user: Any, of: RaterClass) -> Any:
    """The open units of a class that whoever prepares a round reaches."""
    reach = within(user, Permission.ASSESSMENT_EDIT, unit="")
    return Unit.objects.filter(reach, closed_on=None, kind__in=KINDS[of]).order_by("path")


def investors_to_ask(user: Any) -> Any:
    """The log-ins of local firms that units within reach invited. Of them the name of the firm is shown, no person."""
    found = FirmAccount.objects.standing().filter(within(user, Permission.ASSESSMENT_EDIT), user__is_active=True)
    return found.select_related("firm", "unit").order_by("unit__path", "pk")


# --- who has answered -------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ClassAsked:
    """The raters of a class: whether they answered, never what. `papers_count`: ballots on paper that were entered."""

    label: Any
    raters: tuple[Rater, ...]
    answered_count: int
    on_paper_count: int
    papers_count: int

    @property
    def total_count(self) -> int:
        """Answers here and on paper."""
        return self.answered_count + self.papers_count


def asked(user: Any, found: RatingRound) -> tuple[ClassAsked, ...]:
    """Who was asked, by class, of those that a person may see."""
    by_class: dict[str, list[Rater]] = defaultdict(list)
    for one in Rater.objects.visible_to(user).filter(round=found).select_related("unit", "account__firm", "round"):
        by_class[one.rater_class].append(one)
    papers = dict(PaperBallot.objects.visible_to(user).filter(round=found).order_by().values_list("rater_class").annotate(n=Count("pk")))
    return tuple(
        ClassAsked(
            RATER_CLASSES[of], tuple(by_class[of]), sum(1 for one in by_class[of] if one.has_answered),
            sum(1 for one in by_class[of] if one.is_on_paper), papers.get(of, 0),
        )
        for of in RaterClass if by_class[of]
    )  # fmt: skip


def papers(user: Any, found: RatingRound) -> Any:
    """The ballots on paper that were entered, and by whom; what stands on them is nobody's to read."""
    return PaperBallot.objects.visible_to(user).filter(round=found).select_related("entered_by").defer("answers", "comments")


def rated(user: Any, found: RatingRound) -> list[One]:
    """Whom a round rates, of those that a person may see."""
    rows = RatedUnit.objects.visible_to(user).filter(round=found).select_related("unit", "person").order_by("unit__path", "pk")
    return [One(one.unit, one.person) for one in rows]


# --- what came of it --------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cell:
    """What a class said of a unit under a question. Units: points; counts of answers. `mean` None: too few answers."""

    code: str
    question: str
    mean: Decimal | None
    bands: tuple[tuple[str, int], ...]
    answers_count: int
    asked_count: int
    unable_count: int


@dataclass(frozen=True, slots=True)
class ClassResult:
    """What a class said of a unit. `mean` None: too few answers; `comments`: without names, none where too few answered."""

    code: RaterClass
    label: Any
    mean: Decimal | None
    answers_count: int
    asked_count: int
    unable_count: int
    cells: tuple[Cell, ...]
    comments: tuple[str, ...]

    @property
    def is_told(self) -> bool:
        """Whether enough answered."""
        return self.mean is not None


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What a round came to for a unit or person."""

    unit: One
    classes: tuple[ClassResult, ...]

    def of_classes(self, codes: Sequence[RaterClass]) -> list[ClassResult | None]:
        """In the order of the columns; None where nobody of the class was asked."""
        there = {one.code: one for one in self.classes}
        return [there.get(code) for code in codes]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Units × classes of raters."""

    heads: tuple[Any, ...]
    rows: tuple[tuple[One, tuple[tuple[Any, ClassResult | None], ...]], ...]


def table(found: Sequence[UnitResult]) -> ResultTable:
    """The means of all units beside each other, a column a class."""
    codes = [of for of in RaterClass if any(of is one.code for unit in found for one in unit.classes)]
    heads = tuple(RATER_CLASSES[of] for of in codes)
    return ResultTable(heads, tuple((one.unit, tuple(zip(heads, one.of_classes(codes), strict=True))) for one in found))


def shown(mean: Fraction | None) -> Decimal | None:
    """A mean with two digits, half up."""
    if mean is None:
        return None
    return (Decimal(mean.numerator) / Decimal(mean.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def results(user: Any, found: RatingRound) -> tuple[UnitResult, ...]:
    """The results of a round that a person may see, a unit after the other in the order of the tree."""
    rows = RatingTally.objects.visible_to(user).filter(round=found).select_related("question", "unit", "person")
    by_unit: dict[One, dict[str, list[RatingTally]]] = defaultdict(lambda: defaultdict(list))
    for one in rows.order_by("unit__path", "question__position_no", "pk"):
        by_unit[One(one.unit, one.person)][one.rater_class].append(one)
    written: dict[tuple[int, str], list[str]] = defaultdict(list)
    for comment in RatingComment.objects.visible_to(user).filter(round=found):
        written[comment.measured_id, comment.rater_class].append(comment.text)
    return tuple(
        UnitResult(
            unit, tuple(_of_class(found, of, those[of], tuple(written[unit.id, of])) for of in RaterClass if of in those)
        )
        for unit, those in by_unit.items()
    )  # fmt: skip


def _of_class(found: RatingRound, of: RaterClass, rows: Sequence[RatingTally], comments: tuple[str, ...]) -> ClassResult:
    cells = tuple(
        Cell(
            one.question.code, one.question.text, shown(one.mean), _bands(found, one), one.answers_count, one.asked_count, one.unable_count
        )
        for one in rows
    )  # fmt: skip
    return ClassResult(
        of, RATER_CLASSES[of], shown(rules.mean_of(tuple(one.mean for one in rows))), min(one.answers_count for one in rows),
        max(one.asked_count for one in rows), max(one.unable_count for one in rows), cells, comments,
    )  # fmt: skip


def _bands(found: RatingRound, one: RatingTally) -> tuple[tuple[str, int], ...]:
    spread = {int(points): count for points, count in one.spread.items()}
    return tuple(
        (str(low) if low == high else f"{low}–{high}", count) for low, high, count in rules.bands(Scale(found.scale), spread)
    ) if spread else ()  # fmt: skip


# --- one's own sheets -------------------------------------------------------------------------------------------------------------------
def own(user: Any) -> Any:
    """As whom a person is asked, in rounds that were opened; the open ones first, by their last day."""
    found = Rater.objects.asked(user).exclude(round__state__in=[RoundState.DRAFT, RoundState.DROPPED])
    is_open = Q(round__state=RoundState.OPEN)
    return found.select_related("round", "unit", "account__firm").annotate(open_no=Count("pk", filter=is_open)).order_by(
        "-open_no", "round__last_on", "pk"
    )  # fmt: skip


def open_sheets(user: Any, on: dt.date) -> Any:
    """Those that can be filled in on a day."""
    return own(user).filter(round__state=RoundState.OPEN, round__starts_on__lte=on, round__last_on__gte=on, is_on_paper=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rater's sheet. `answers`: (question, key of whom he rates) → points, None: cannot judge; `comments`: key → what was written."""

    rater: Rater
    questions: tuple[RatingQuestion, ...]
    units: tuple[One, ...]
    answers: Mapping[tuple[str, int], int | None]
    comments: Mapping[int, str]
    is_open: bool
    is_handed_in: bool

    @property
    def open_count(self) -> int:
        """How many answers still lack."""
        keys = {one.id for one in self.units}
        return len(self.questions) * len(self.units) - sum(1 for _code, key in self.answers if key in keys)


def sheet(rater: Rater, on: dt.date) -> Sheet:
    """What a rater is asked and has answered so far."""
    round_ = rater.round
    units = ratings.rated_by(rater)
    ballot = ratings.ballot_of(rater) if round_.state == RoundState.OPEN else None
    answers: dict[tuple[str, int], int | None] = {}
    for name, points in (ballot.answers if ballot else {}).items():
        code, _space, unit = name.partition(" ")
        answers[code, int(unit)] = points
    comments = {int(unit): text for unit, text in (ballot.comments if ballot else {}).items()}
    is_open = round_.state == RoundState.OPEN and round_.starts_on <= on <= round_.last_on and not rater.is_on_paper
    return Sheet(rater, tuple(round_.questions.all()), tuple(units), answers, comments, is_open, bool(ballot and ballot.is_handed_in))
