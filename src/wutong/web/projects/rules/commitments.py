"""Commitments (合同承诺) of both sides: how each stands on a day, and what may be done to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

SOON_LEAF = "commitments.soon_days"


class Side(StrEnum):
    """Who promised."""

    OURS = "ours"
    THEIRS = "theirs"


class CommitmentKind(StrEnum):
    """What was promised (承诺事项)."""

    INVESTMENT = "investment"
    OUTPUT = "output"
    TAX = "tax"
    JOBS = "jobs"
    LAND = "land"
    SUPPORT = "support"
    DATE = "date"
    OTHER = "other"


class Measure(StrEnum):
    """In what the amount of a promise is counted."""

    YUAN = "yuan"
    YUAN_A_YEAR = "yuan_a_year"
    PERSONS = "persons"
    MU = "mu"
    SQM = "sqm"
    KWH = "kwh"


class CommitmentState(StrEnum):
    """How a promise stands on a day."""

    OPEN = "open"
    DUE_SOON = "due_soon"
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    BROKEN = "broken"
    WAIVED = "waived"
    REPLACED = "replaced"


class MarkKind(StrEnum):
    """What was entered about a promise; `taken_back`: another mark was wrong."""

    DONE = "done"
    WAIVER_ASKED = "waiver_asked"
    WAIVED = "waived"
    WAIVER_DECLINED = "waiver_declined"
    TAKEN_BACK = "taken_back"


class Refusal(StrEnum):
    """Why something about a promise is refused; the web puts it into words."""

    NOT_ACTIVE = "not_active"
    TEXT_MISSING = "text_missing"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    MEASURE_MISSING = "measure_missing"
    AMOUNT_MISSING = "amount_missing"
    UNIT_MISSING = "unit_missing"
    UNIT_CLOSED = "unit_closed"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    AGREEMENT_ELSEWHERE = "agreement_elsewhere"
    REPLACED_ALREADY = "replaced_already"
    REASON_MISSING = "reason_missing"
    EASED_ALONE = "eased_alone"
    PROOF_MISSING = "proof_missing"
    FILE_ELSEWHERE = "file_elsewhere"
    DAY_TO_COME = "day_to_come"
    OVER_ALREADY = "over_already"
    WAIVER_WAITS = "waiver_waits"
    NO_WAIVER_ASKED = "no_waiver_asked"
    SAME_PERSON = "same_person"
    TAKEN_BACK_ALREADY = "taken_back_already"


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """A mark that was not taken back. `amount`: reached by then, in the measure of the promise; None where it is not counted."""

    kind: MarkKind
    on: dt.date
    amount: Decimal | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class CommitmentFacts:
    """A promise as the rules see it; marks in the order in which they were entered."""

    amount: Decimal | None
    due_on: dt.date | None
    marks: tuple[MarkFacts, ...] = ()
    is_replaced: bool = False

    @property
    def kept_on(self) -> dt.date | None:
        """The first day on which all of it was done; None as long as some lacks."""
        return min((mark.on for mark in self.marks if mark.kind is MarkKind.DONE and is_whole(self.amount, mark.amount)), default=None)

    @property
    def waiver(self) -> MarkFacts | None:
        """The waiver that was asked for and waits; None where none does."""
        last = next((mark for mark in reversed(self.marks) if mark.kind is not MarkKind.DONE), None)
        return last if last is not None and last.kind is MarkKind.WAIVER_ASKED else None

    @property
    def waived_on(self) -> dt.date | None:
        """The day from which nobody asks for it any more."""
        return min((mark.on for mark in self.marks if mark.kind is MarkKind.WAIVED), default=None)


def is_whole(promised: Decimal | None, reached: Decimal | None) -> bool:
    """Whether all of a promise was done: what is not counted is done as a whole."""
    return promised is None or (reached is not None and reached >= promised)


def state(facts: CommitmentFacts, *, on: dt.date, soon_days: int) -> CommitmentState:
    """How a promise stands on a day: kept on its day is in time; without a day it is open until it is kept.

    A promise that was kept before somebody waived it is kept.
    """
    kept, waived = facts.kept_on, facts.waived_on
    if facts.is_replaced:
        return CommitmentState.REPLACED
    if kept is not None and kept <= on and (waived is None or kept <= waived):
        return CommitmentState.KEPT if facts.due_on is None or kept <= facts.due_on else CommitmentState.KEPT_LATE
    if waived is not None and waived <= on:
        return CommitmentState.WAIVED
    if facts.due_on is None:
        return CommitmentState.OPEN
    if facts.due_on < on:
        return CommitmentState.BROKEN
    return CommitmentState.DUE_SOON if (facts.due_on - on).days <= soon_days else CommitmentState.OPEN


def reached(facts: CommitmentFacts, on: dt.date) -> Decimal | None:
    """How much was done by a day, by the mark of the latest day that counts it; None: nothing was entered."""
    found = [mark for mark in facts.marks if mark.kind is MarkKind.DONE and mark.on <= on and mark.amount is not None]
    return max(enumerate(found), key=lambda one: (one[1].on, one[0]))[1].amount if found else None


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


def refusals_to_promise(
    *, text: str, side: Side, amount: Decimal | None, measure: str, has_unit: bool, is_unit_open: bool, is_person_of_unit: bool,
    is_agreement_here: bool, is_active: bool,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why a promise may not be entered: in words, an amount with its measure, ours with the unit that answers for it."""
    return those(
        (Refusal.NOT_ACTIVE, not is_active),
        (Refusal.TEXT_MISSING, not text.strip()),
        (Refusal.AMOUNT_NOT_POSITIVE, amount is not None and amount <= 0),
        (Refusal.MEASURE_MISSING, amount is not None and not measure),
        (Refusal.AMOUNT_MISSING, amount is None and bool(measure)),
        (Refusal.UNIT_MISSING, side is Side.OURS and not has_unit),
        (Refusal.UNIT_CLOSED, has_unit and not is_unit_open),
        (Refusal.PERSON_NOT_OF_UNIT, not is_person_of_unit),
        (Refusal.AGREEMENT_ELSEWHERE, not is_agreement_here),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What a promise says that can be weighed: whose, of what, how much in which measure, by when."""

    side: Side
    kind: CommitmentKind
    amount: Decimal | None = None
    measure: str = ""
    due_on: dt.date | None = None


def refusals_to_replace(facts: CommitmentFacts, *, reason: str, before: Said, after: Said, is_directing: bool) -> tuple[Refusal, ...]:
    """Why another promise may not take its place: once, with a reason; an easier one only by whoever directs the work."""
    return those(
        (Refusal.REPLACED_ALREADY, facts.is_replaced),
        (Refusal.REASON_MISSING, not reason.strip()),
        (Refusal.EASED_ALONE, is_eased(before, after) and not is_directing),
    )


def is_eased(before: Said, after: Said) -> bool:
    """Whether a promise asks less than the one whose place it takes: a later day or none, a smaller amount or none, or another thing.

    Why: else one person undoes a breach, or sees to it the day before that there is none, for whose waiver it takes two. Words are not
    weighed: the old ones stay to be read beside them.
    """
    is_other = (before.side, before.kind) != (after.side, after.kind)
    is_later = before.due_on is not None and (after.due_on is None or after.due_on > before.due_on)
    is_smaller = before.amount is not None and (after.amount is None or after.measure != before.measure or after.amount < before.amount)
    return is_other or is_later or is_smaller


def _is_over(facts: CommitmentFacts) -> bool:
    return facts.is_replaced or facts.kept_on is not None or facts.waived_on is not None


def refusals_to_mark(
    facts: CommitmentFacts, *, done_on: dt.date, on: dt.date, amount: Decimal | None, has_proof: bool, is_proof_here: bool
) -> tuple[Refusal, ...]:
    """Why it may not be entered that a promise was done, or how much of it: with a proof, not in the future, as long as it is open."""
    return those(
        (Refusal.OVER_ALREADY, _is_over(facts)),
        (Refusal.DAY_TO_COME, done_on > on),
        (Refusal.AMOUNT_MISSING, facts.amount is not None and amount is None),
        (Refusal.AMOUNT_NOT_POSITIVE, amount is not None and amount < 0),
        (Refusal.PROOF_MISSING, not has_proof),
        (Refusal.FILE_ELSEWHERE, has_proof and not is_proof_here),
    )


def refusals_to_ask_waiver(facts: CommitmentFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why nobody may be asked to waive it."""
    return those(
        (Refusal.OVER_ALREADY, _is_over(facts)),
        (Refusal.WAIVER_WAITS, facts.waiver is not None),
        (Refusal.REASON_MISSING, not reason.strip()),
    )


def refusals_to_answer_waiver(facts: CommitmentFacts, *, is_granted: bool, person: int | None, words: str) -> tuple[Refusal, ...]:
    """Why a waiver may not be answered: one waits, another person answers, and a "no" says why."""
    asked = facts.waiver
    return those(
        (Refusal.OVER_ALREADY, _is_over(facts)),
        (Refusal.NO_WAIVER_ASKED, asked is None),
        (Refusal.SAME_PERSON, asked is not None and person is not None and person == asked.by),
        (Refusal.REASON_MISSING, not is_granted and not words.strip()),
    )


def refusals_to_take_back(*, is_taken_back: bool, is_of_two: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a mark may not be taken back: once, with a reason; `is_of_two`: what two persons decided is no mark of one."""
    return those((Refusal.TAKEN_BACK_ALREADY, is_taken_back or is_of_two), (Refusal.REASON_MISSING, not reason.strip()))
