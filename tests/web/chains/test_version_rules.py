"""Which step a version may take, decided without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from wutong.web.chains import rules
from wutong.web.chains.rules import PlacingState, Refusal, State, Step, VersionFacts

WRITER, SECOND = 1, 2
DRAFT = VersionFacts(State.DRAFT, "new", "old", 3, 3, "why", frozenset({WRITER}))
SUBMITTED = replace(DRAFT, state=State.SUBMITTED)
AT = dt.datetime(2026, 3, 5, 9, 30, tzinfo=dt.UTC)


def refused(facts: VersionFacts, step: Step, *, actor_id: int = SECOND, reason: str = "") -> tuple[Refusal, ...]:
    return rules.refusals(facts, step, actor_id=actor_id, reason=reason)


@pytest.mark.parametrize(
    "facts, step, expected",
    [
        (DRAFT, Step.SUBMIT, ()),
        (replace(DRAFT, text_hash="old"), Step.SUBMIT, (Refusal.NOTHING_CHANGED,)),
        (replace(DRAFT, has_faults=True), Step.SUBMIT, (Refusal.HAS_FAULTS,)),
        (replace(DRAFT, note="  "), Step.SUBMIT, (Refusal.NO_REASON,)),
        (replace(DRAFT, latest_number=4), Step.SUBMIT, (Refusal.BASE_OUTDATED,)),
        (DRAFT, Step.APPROVE, (Refusal.WRONG_STATE,)),
        (SUBMITTED, Step.APPROVE, ()),
        (replace(SUBMITTED, latest_number=4), Step.APPROVE, (Refusal.BASE_OUTDATED,)),
        (replace(SUBMITTED, has_faults=True), Step.APPROVE, (Refusal.HAS_FAULTS,)),
        (SUBMITTED, Step.SUBMIT, (Refusal.WRONG_STATE,)),
        (SUBMITTED, Step.EDIT, (Refusal.WRONG_STATE,)),
        (SUBMITTED, Step.SEND_BACK, (Refusal.NO_REASON,)),
        (SUBMITTED, Step.WITHDRAW, ()),
        (DRAFT, Step.WITHDRAW, ()),
        (replace(DRAFT, state=State.APPROVED), Step.WITHDRAW, (Refusal.WRONG_STATE,)),
        (replace(DRAFT, state=State.SENT_BACK), Step.EDIT, (Refusal.WRONG_STATE,)),
    ],
)
def test_a_step_is_refused_for_what_stands_against_it(facts: VersionFacts, step: Step, expected: tuple[Refusal, ...]) -> None:
    assert refused(facts, step) == expected


def test_whoever_wrote_a_version_does_not_approve_it() -> None:
    assert refused(SUBMITTED, Step.APPROVE, actor_id=WRITER) == (Refusal.OWN_VERSION,)


def test_a_reason_lets_it_be_sent_back() -> None:
    assert refused(SUBMITTED, Step.SEND_BACK, reason="产品未核实") == ()


@pytest.mark.parametrize(
    "state, seconds, expected",
    [
        (PlacingState.RUNNING, 119, PlacingState.RUNNING),
        (PlacingState.RUNNING, 120, PlacingState.RUNNING),
        (PlacingState.RUNNING, 121, PlacingState.STOPPED),
        (PlacingState.WAITING, 121, PlacingState.STOPPED),
        (PlacingState.DONE, 999, PlacingState.DONE),
        (PlacingState.FAILED, 999, PlacingState.FAILED),
    ],
)
def test_a_placing_that_says_nothing_for_two_minutes_was_stopped(state: PlacingState, seconds: int, expected: PlacingState) -> None:
    assert rules.placing_state(state, beat_at=AT, at=AT + dt.timedelta(seconds=seconds), has_job_ended=None) is expected


@pytest.mark.parametrize("has_job_ended", [False, True])
@pytest.mark.parametrize("state", PlacingState)
def test_a_placing_is_stopped_where_its_job_has_ended_without_it(state: PlacingState, has_job_ended: bool) -> None:
    is_busy = state in (PlacingState.WAITING, PlacingState.RUNNING)
    found = rules.placing_state(state, beat_at=AT, at=AT + dt.timedelta(days=9), has_job_ended=has_job_ended)
    assert found is (PlacingState.STOPPED if is_busy and has_job_ended else state)
