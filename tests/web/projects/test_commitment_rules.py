"""How a promise stands on a day, and what may be done to it: without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from wutong.web.projects.queries import commitments as words
from wutong.web.projects.rules import commitments as rules
from wutong.web.projects.rules.commitments import (
    CommitmentFacts,
    CommitmentKind,
    CommitmentState,
    MarkFacts,
    MarkKind,
    Measure,
    Refusal,
    Said,
    Side,
)

DUE = dt.date(2026, 6, 30)


def day(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def done(days: int, amount: int | None = None) -> MarkFacts:
    return MarkFacts(MarkKind.DONE, day(days), None if amount is None else Decimal(amount), 1)


def stands(facts: CommitmentFacts, days: int) -> CommitmentState:
    return rules.state(facts, on=day(days), soon_days=30)


@pytest.mark.parametrize(
    ("days", "state"),
    [(-31, CommitmentState.OPEN), (-30, CommitmentState.DUE_SOON), (0, CommitmentState.DUE_SOON), (1, CommitmentState.BROKEN)],
)
def test_an_open_promise_by_its_day(days: int, state: CommitmentState) -> None:
    assert stands(CommitmentFacts(None, DUE), days) is state


@pytest.mark.parametrize(("days", "state"), [(-1, CommitmentState.KEPT), (0, CommitmentState.KEPT), (1, CommitmentState.KEPT_LATE)])
def test_a_kept_promise_by_the_day_on_which_it_was_kept(days: int, state: CommitmentState) -> None:
    facts = CommitmentFacts(None, DUE, (done(days),))
    assert stands(facts, 100) is state
    assert stands(facts, days - 1) is not state


def test_a_promise_without_a_day_is_open_until_it_is_kept() -> None:
    assert stands(CommitmentFacts(None, None), 9_000) is CommitmentState.OPEN
    assert stands(CommitmentFacts(None, None, (done(400),)), 400) is CommitmentState.KEPT


def test_part_of_an_amount_keeps_nothing() -> None:
    part = CommitmentFacts(Decimal(100), DUE, (done(-9, 99),))
    assert (stands(part, 1), rules.reached(part, day(1))) == (CommitmentState.BROKEN, Decimal(99))
    whole = CommitmentFacts(Decimal(100), DUE, (done(-9, 99), done(2, 100)))
    assert (stands(whole, 1), stands(whole, 2)) == (CommitmentState.BROKEN, CommitmentState.KEPT_LATE)
    assert rules.reached(CommitmentFacts(Decimal(100), DUE), DUE) is None


def test_a_waiver_counts_from_its_day_unless_it_was_kept_before() -> None:
    waived = MarkFacts(MarkKind.WAIVED, day(5), by=2)
    assert [stands(CommitmentFacts(None, DUE, (waived,)), days) for days in (4, 5)] == [CommitmentState.BROKEN, CommitmentState.WAIVED]
    assert stands(CommitmentFacts(None, DUE, (done(-1), waived)), 9) is CommitmentState.KEPT
    assert stands(CommitmentFacts(None, DUE, is_replaced=True), 9) is CommitmentState.REPLACED


def to_promise(**more: object) -> set[Refusal]:
    given = {
        "text": "通电", "side": Side.OURS, "amount": None, "measure": "", "has_unit": True, "is_unit_open": True, "is_person_of_unit": True,
        "is_agreement_here": True, "is_active": True, **more,
    }  # fmt: skip
    return set(rules.refusals_to_promise(**given))  # type: ignore[arg-type]


def test_what_a_promise_needs() -> None:
    assert to_promise() == set()
    assert to_promise(text=" ") == {Refusal.TEXT_MISSING}
    assert to_promise(amount=Decimal(0), measure="mu") == {Refusal.AMOUNT_NOT_POSITIVE}
    assert to_promise(amount=Decimal(1)) == {Refusal.MEASURE_MISSING}
    assert to_promise(measure="mu") == {Refusal.AMOUNT_MISSING}
    assert to_promise(has_unit=False) == {Refusal.UNIT_MISSING}
    assert to_promise(has_unit=False, side=Side.THEIRS) == set()
    assert to_promise(is_unit_open=False) == {Refusal.UNIT_CLOSED}
    assert to_promise(is_person_of_unit=False) == {Refusal.PERSON_NOT_OF_UNIT}
    assert to_promise(is_agreement_here=False, is_active=False) == {Refusal.AGREEMENT_ELSEWHERE, Refusal.NOT_ACTIVE}


def to_mark(facts: CommitmentFacts, **more: object) -> set[Refusal]:
    given = {"done_on": DUE, "on": DUE, "amount": Decimal(1), "has_proof": True, "is_proof_here": True, **more}
    return set(rules.refusals_to_mark(facts, **given))  # type: ignore[arg-type]


def test_done_needs_a_proof_and_an_open_promise() -> None:
    assert to_mark(CommitmentFacts(Decimal(1), DUE)) == set()
    assert to_mark(CommitmentFacts(Decimal(1), DUE), has_proof=False) == {Refusal.PROOF_MISSING}
    assert to_mark(CommitmentFacts(Decimal(1), DUE), is_proof_here=False) == {Refusal.FILE_ELSEWHERE}
    assert to_mark(CommitmentFacts(Decimal(1), DUE), amount=None) == {Refusal.AMOUNT_MISSING}
    assert to_mark(CommitmentFacts(Decimal(1), DUE), amount=Decimal(-1)) == {Refusal.AMOUNT_NOT_POSITIVE}
    assert to_mark(CommitmentFacts(None, DUE), done_on=day(1)) == {Refusal.DAY_TO_COME}
    assert to_mark(CommitmentFacts(None, DUE, (done(0),))) == {Refusal.OVER_ALREADY}


def test_a_waiver_is_asked_by_one_and_answered_by_another() -> None:
    asked = MarkFacts(MarkKind.WAIVER_ASKED, DUE, by=1)
    waits = CommitmentFacts(None, DUE, (asked,))
    assert rules.refusals_to_ask_waiver(CommitmentFacts(None, DUE), reason="x") == ()
    assert rules.refusals_to_ask_waiver(CommitmentFacts(None, DUE), reason=" ") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_ask_waiver(waits, reason="x") == (Refusal.WAIVER_WAITS,)
    assert rules.refusals_to_answer_waiver(waits, is_granted=True, person=2, words="") == ()
    assert rules.refusals_to_answer_waiver(waits, is_granted=True, person=1, words="") == (Refusal.SAME_PERSON,)
    assert rules.refusals_to_answer_waiver(waits, is_granted=False, person=2, words="") == (Refusal.REASON_MISSING,)
    declined = CommitmentFacts(None, DUE, (asked, MarkFacts(MarkKind.WAIVER_DECLINED, DUE, by=2)))
    assert rules.refusals_to_answer_waiver(declined, is_granted=True, person=2, words="") == (Refusal.NO_WAIVER_ASKED,)
    assert rules.refusals_to_ask_waiver(declined, reason="x") == ()


JOBS = Said(Side.THEIRS, CommitmentKind.JOBS, Decimal(200), Measure.PERSONS, DUE)


@pytest.mark.parametrize(
    ("changed", "is_eased"),
    [({}, False), ({"amount": Decimal(199)}, True), ({"amount": Decimal(201)}, False), ({"amount": None, "measure": ""}, True),
     ({"measure": Measure.MU}, True), ({"due_on": day(1)}, True), ({"due_on": day(-1)}, False), ({"due_on": None}, True),
     ({"kind": CommitmentKind.TAX}, True), ({"side": Side.OURS}, True)],
)  # fmt: skip
def test_what_is_easier_than_what_was_promised(changed: dict[str, Any], is_eased: bool) -> None:
    after = replace(JOBS, **changed)
    assert rules.is_eased(JOBS, after) is is_eased
    refusals = rules.refusals_to_replace(CommitmentFacts(None, DUE), reason="x", before=JOBS, after=after, is_directing=False)
    assert refusals == ((Refusal.EASED_ALONE,) if is_eased else ())
    assert not rules.refusals_to_replace(CommitmentFacts(None, DUE), reason="x", before=JOBS, after=after, is_directing=True)


def test_what_had_no_day_and_was_not_counted_is_only_tightened() -> None:
    bare = Said(Side.OURS, CommitmentKind.SUPPORT)
    assert not rules.is_eased(bare, replace(bare, due_on=DUE, amount=Decimal(1), measure=Measure.KWH))


def test_a_promise_is_replaced_once_and_a_mark_taken_back_once() -> None:
    same = {"before": JOBS, "after": JOBS, "is_directing": False}
    assert rules.refusals_to_replace(CommitmentFacts(None, DUE, is_replaced=True), reason="x", **same) == (Refusal.REPLACED_ALREADY,)
    assert rules.refusals_to_replace(CommitmentFacts(None, DUE), reason="", **same) == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_replace(CommitmentFacts(None, DUE), reason="x", **same) == ()
    assert rules.refusals_to_take_back(is_taken_back=True, is_of_two=False, reason="x") == (Refusal.TAKEN_BACK_ALREADY,)
    assert rules.refusals_to_take_back(is_taken_back=False, is_of_two=True, reason="x") == (Refusal.TAKEN_BACK_ALREADY,)
    assert rules.refusals_to_take_back(is_taken_back=False, is_of_two=False, reason="x") == ()


def test_every_refusal_and_state_has_words() -> None:
    assert set(words.WORDS) == set(Refusal)
    assert all(words.state_words(state) for state in CommitmentState)
