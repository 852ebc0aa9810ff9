"""Pauses, repeats, slots and refusals, decided without a database."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from wutong.web.jobs import rules
from wutong.web.jobs.rules import JobFacts, JobState, Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 30), (1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (5000, 3600)])
def test_the_pause_doubles_up_to_an_hour(attempt: int, seconds: int) -> None:
    assert rules.pause_seconds(attempt, first_seconds=30) == seconds


@pytest.mark.parametrize(("attempt", "is_repeated"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_job_is_repeated_as_often_as_its_kind_allows(attempt: int, is_repeated: bool) -> None:
    assert rules.may_repeat(JobFacts(JobState.RUNNING, attempt, 3)) is is_repeated


@pytest.mark.parametrize(("allowed", "losses", "is_forgiven"), [(1, 0, False), (2, 0, True), (3, 4, True), (3, 5, False), (3, 6, False)])
def test_a_lost_worker_is_forgiven_five_times_where_a_job_may_be_repeated(allowed: int, losses: int, is_forgiven: bool) -> None:
    assert rules.is_loss_forgiven(JobFacts(JobState.RUNNING, 1, allowed, losses=losses)) is is_forgiven


def test_a_job_that_somebody_cancels_is_not_repeated() -> None:
    assert not rules.may_repeat(JobFacts(JobState.RUNNING, 1, 3, is_cancel_asked=True))


@pytest.mark.parametrize("state", JobState)
def test_only_what_goes_on_can_be_cancelled(state: JobState) -> None:
    is_over = state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    assert rules.refusals_to_cancel(JobFacts(state, 1, 1)) == ((Refusal.HAS_ENDED,) if is_over else ())


@pytest.mark.parametrize(
    ("state", "refusals"),
    [
        (JobState.QUEUED, (Refusal.NOT_ENDED,)),
        (JobState.RUNNING, (Refusal.NOT_ENDED,)),
        (JobState.DONE, (Refusal.IS_DONE,)),
        (JobState.FAILED, ()),
        (JobState.CANCELLED, ()),
    ],
)
def test_only_what_failed_or_was_cancelled_can_be_tried_again(state: JobState, refusals: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_repeat(JobFacts(state, 1, 1), is_kind_known=True) == refusals


def test_a_kind_that_is_gone_cannot_be_tried_again() -> None:
    assert rules.refusals_to_repeat(JobFacts(JobState.FAILED, 1, 1), is_kind_known=False) == (Refusal.KIND_GONE,)


@pytest.mark.parametrize(("hour", "slot"), [(2, None), (3, "2026-03-05"), (23, "2026-03-05")])
def test_a_day_is_due_from_its_hour_on(hour: int, slot: str | None) -> None:
    now = dt.datetime(2026, 3, 5, hour, 0, tzinfo=SHANGHAI)
    assert rules.slot(now, every_minutes=None, at_hour=3) == slot


def test_minutes_make_slots_that_do_not_depend_on_who_looks_when() -> None:
    at = [dt.datetime(2026, 3, 5, 9, minute, second, tzinfo=SHANGHAI) for minute, second in ((30, 0), (34, 59), (35, 0))]
    assert [rules.slot(now, every_minutes=5, at_hour=None) for now in at] == ["2026-03-05T01:30Z", "2026-03-05T01:30Z", "2026-03-05T01:35Z"]
