"""A worker that is gone or was silent too long: its job is found, and it writes nothing any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from cast import Cast
from factories import AT
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job, JobLine
from wutong.web.jobs.rules import MOST_LOSSES, Fault


@pytest.fixture(autouse=True)
def _times(settings: Any) -> None:
    settings.JOB_LEASE_SECONDS, settings.JOB_PAUSE_SECONDS = 60, 30


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def begun(at: dt.datetime = AT, **more: Any) -> Job:
    jobs.enqueue(**{"kind": "tests.job", "arguments": {}, "by": None, "at": at, **more})
    job = jobs.claim(worker="a", by=None, at=at)
    assert job is not None
    return job


@pytest.mark.parametrize(("after", "found"), [(59, 0), (60, 0), (61, 1)])
def test_a_job_is_lost_once_its_lease_is_over(db: None, kind: Callable[..., Any], after: int, found: int) -> None:
    kind()
    begun()
    assert jobs.recover(by=None, at=AT + seconds(after)) == found


def test_a_lost_job_that_may_be_repeated_waits_for_its_pause(db: None, kind: Callable[..., Any]) -> None:
    kind(attempts=3)
    job = begun()
    later = AT + seconds(61)
    jobs.recover(by=None, at=later)
    job.refresh_from_db()
    assert (job.state, job.due_at, job.fault_code) == ("queued", later + seconds(30), Fault.WORKER_LOST)
    again = jobs.claim(worker="b", by=None, at=later + seconds(30))
    assert again == job
    assert again.attempt_no == 2


def test_a_lost_job_that_may_not_be_repeated_has_failed_and_says_why(db: None, kind: Callable[..., Any]) -> None:
    kind(attempts=1)
    job = begun()
    jobs.recover(by=None, at=AT + seconds(61))
    job.refresh_from_db()
    assert (job.state, job.ended_at, job.fault_code) == ("failed", AT + seconds(61), Fault.WORKER_LOST)
    assert "The worker stopped in the middle" in str(job.fault_name) or "中途" in str(job.fault_name)


def lost_again(job: Job, at: dt.datetime, times: int) -> dt.datetime:
    """So many workers of a job are killed, one after another; the next one has it, unless it has ended."""
    for _ in range(times):
        at += seconds(61)
        jobs.recover(by=None, at=at)
        at += seconds(3600)
        jobs.claim(worker="b", by=None, at=at)
    job.refresh_from_db()
    return at


def test_a_killed_worker_does_not_count_against_the_job(db: None, kind: Callable[..., Any]) -> None:
    kind(attempts=2)
    job = begun()
    lost_again(job, AT, MOST_LOSSES)
    assert (job.state, job.attempt_no) == ("running", 1 + MOST_LOSSES)
    jobs.fail(job=job, code=Fault.ERROR, fault="", by=None, at=AT)  # what does count: it has two attempts, and this is the first
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_job_with_which_worker_after_worker_goes_ends(db: None, kind: Callable[..., Any]) -> None:
    kind(attempts=2)
    job = begun()
    lost_again(job, AT, MOST_LOSSES + 2)
    assert (job.state, job.attempt_no, job.fault_code) == ("failed", MOST_LOSSES + 2, Fault.WORKER_LOST)


def test_losses_are_counted_anew_once_the_work_moves_on(db: None, kind: Callable[..., Any]) -> None:
    kind(attempts=2)
    job, at = begun(), AT
    for piece in range(3):
        at = lost_again(job, at, MOST_LOSSES)
        jobs.reach(job=job, reached=piece, result=None, by=None, at=at)
    job.refresh_from_db()
    assert (job.state, job.attempt_no, job.losses) == ("running", 1 + 3 * MOST_LOSSES, 0)


def test_a_lost_job_that_somebody_cancelled_stays_cancelled(cast: Cast, kind: Callable[..., Any]) -> None:
    kind(attempts=3)
    job = begun(by=cast.bureau_officer)
    jobs.cancel(job=job, by=cast.bureau_officer, at=AT)
    jobs.recover(by=None, at=AT + seconds(61))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_sign_of_life_makes_the_lease_longer(db: None, kind: Callable[..., Any]) -> None:
    kind()
    job = begun()
    jobs.beat(job=job, step="读取", done=5, total=10, by=None, at=AT + seconds(50))
    assert jobs.recover(by=None, at=AT + seconds(100)) == 0
    job.refresh_from_db()
    assert (job.step, job.pieces_done, job.pieces_total, job.heartbeat_at) == ("读取", 5, 10, AT + seconds(50))


def taken_over(kind: Callable[..., Any]) -> tuple[Job, Job]:
    kind(attempts=3)
    first = begun()
    jobs.recover(by=None, at=AT + seconds(61))
    second = jobs.claim(worker="b", by=None, at=AT + seconds(100))
    assert second is not None
    return first, second


WRITES: dict[str, Callable[[Job], Any]] = {
    "beat": lambda job: jobs.beat(job=job, step="读取", by=None, at=AT),
    "line": lambda job: jobs.add_line(job=job, text="多余", by=None, at=AT),
    "hold": lambda job: jobs.hold(job=job, by=None, at=AT),
    "reach": lambda job: jobs.reach(job=job, reached=9, result=None, by=None, at=AT),
    "finish": lambda job: jobs.finish(job=job, result={"rows": 1}, by=None, at=AT),
    "fail": lambda job: jobs.fail(job=job, code=Fault.ERROR, fault="错", by=None, at=AT),
    "cancelled": lambda job: jobs.note_cancelled(job=job, by=None, at=AT),
    "release": lambda job: jobs.release(job=job, by=None, at=AT),
}


@pytest.mark.parametrize("write", WRITES)
def test_who_lost_the_job_writes_nothing_and_who_has_it_does(db: None, kind: Callable[..., Any], write: str) -> None:
    first, second = taken_over(kind)
    before = Job.objects.filter(pk=first.pk).values().get()
    with pytest.raises(jobs.LeaseLost):
        WRITES[write](first)
    assert Job.objects.filter(pk=first.pk).values().get() == before
    assert not JobLine.objects.exists()
    WRITES[write](second)


def test_work_of_a_lost_attempt_is_rolled_back_whole(cast: Cast, kind: Callable[..., Any]) -> None:
    from threading import Event

    from wutong.web.jobs.tasks.running import Handle

    first, second = taken_over(kind)

    def write(job: Job) -> None:
        with Handle(job, Event()).fenced(reached=1):
            cast.no_role.display_name = f"第{job.attempt_no}次"
            cast.no_role.save()

    with pytest.raises(jobs.LeaseLost):
        write(first)
    write(second)
    cast.no_role.refresh_from_db()
    first.refresh_from_db()
    assert (cast.no_role.display_name, first.reached) == ("第2次", 1)
