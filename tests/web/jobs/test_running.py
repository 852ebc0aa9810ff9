"""The ways in which an attempt can end, and what the person who asked reads of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.utils.translation import gettext

import factories
from cast import Cast
from factories import AT
from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import Fault
from wutong.web.jobs.tasks import running, working
from wutong.web.lib.hooks import JobFault, Running

Kind = Callable[..., Any]


def ran(stopping: Event | None = None, **more: Any) -> Job:
    """Ask for a job, run it once, and read its row."""
    job = jobs.enqueue(**{"kind": "tests.job", "arguments": {}, "by": None, "at": AT, **more})
    held = jobs.claim(worker="a", by=None, at=AT)
    assert held is not None
    running.run(held, stopping or Event())
    job.refresh_from_db()
    return job


def test_a_job_that_ends_is_done_with_its_result(db: None, kind: Kind) -> None:
    def count(job: Running) -> dict[str, int]:
        job.step("读取", 3, 8)
        job.line("读到 8 行")
        return {"rows": job.arguments["rows"]}

    kind(count)
    job = ran(arguments={"rows": 8})
    assert (job.state, job.result, job.step, job.pieces_done, job.pieces_total, job.fault) == ("done", {"rows": 8}, "读取", 8, 8, "")
    assert job.ended_at is not None
    assert [line.text for line in job.lines.all()] == ["读到 8 行"]


def test_an_error_is_said_in_words_and_tried_again_where_the_kind_may_be(db: None, kind: Kind) -> None:
    def break_(job: Running) -> None:
        raise ValueError("第 12 行读不懂")

    kind(break_)
    job = ran()
    assert (job.state, job.fault_code, job.fault) == ("failed", Fault.ERROR, "第 12 行读不懂")
    kind(break_, code="tests.again", attempts=2)
    assert ran(kind="tests.again").state == "queued"


def test_a_fault_that_will_stay_is_not_tried_again(db: None, kind: Kind) -> None:
    def refuse(job: Running) -> None:
        raise JobFault("文件里没有名称一列")

    kind(refuse, attempts=5)
    job = ran()
    assert (job.state, job.fault) == ("failed", "文件里没有名称一列")


def test_a_cancelled_job_stops_at_its_next_question(cast: Cast, kind: Kind) -> None:
    def slow(job: Running) -> None:
        jobs.cancel(job=Job.objects.get(pk=job.job_id), by=cast.bureau_officer, at=AT)
        job.step("读取", 1, 100)
        job.stop_if_cancelled()
        raise AssertionError("went on")

    kind(slow, attempts=3)
    job = ran(by=cast.bureau_officer)
    assert (job.state, job.fault_code) == ("cancelled", "")


def test_a_worker_that_must_stop_gives_the_job_back_without_counting_it(db: None, kind: Kind) -> None:
    stopping = Event()

    def slow(job: Running) -> None:
        stopping.set()
        job.step("读取", 1, 100)
        raise AssertionError("went on")

    kind(slow, attempts=2)
    job = ran(stopping)
    assert (job.state, job.attempt_no, job.attempts) == ("queued", 1, 3)


def test_a_job_that_may_not_be_repeated_is_not_given_back_but_failed(db: None, kind: Kind) -> None:
    stopping = Event()
    stopping.set()
    kind(lambda job: job.step("读取"))
    job = ran(stopping)
    assert (job.state, job.fault_code) == ("failed", Fault.STOPPED)


def test_whoever_may_not_do_it_any_more_gets_nothing_done(cast: Cast, kind: Kind) -> None:
    begun: list[int] = []
    kind(lambda job: begun.append(job.job_id), permission=Permission.FIRMS_TAG)
    officer = cast.bureau_officer
    jobs.enqueue(kind="tests.job", arguments={}, by=officer, at=AT)
    officer.postings.update(ends_on=factories.STARTS_ON)
    job = jobs.claim(worker="a", by=None, at=AT)
    assert job is not None
    running.run(job, Event())
    job.refresh_from_db()
    assert (job.state, job.fault_code, begun) == ("failed", Fault.NOT_ALLOWED, [])


def test_a_closed_account_gets_nothing_done(cast: Cast, kind: Kind) -> None:
    kind()
    cast.bureau_officer.is_active = False
    cast.bureau_officer.save()
    assert ran(by=cast.bureau_officer).fault_code == Fault.NOT_ALLOWED


def test_a_kind_that_is_gone_is_said(db: None, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    from wutong.web.lib import hooks

    kind()
    jobs.enqueue(kind="tests.job", arguments={}, by=None, at=AT)
    monkeypatch.setattr(hooks, "job_kinds", dict)
    assert working.take(worker="a", stopping=Event())
    assert Job.objects.get().fault_code == Fault.UNKNOWN_KIND


def test_a_job_speaks_the_language_of_whoever_asked(cast: Cast, kind: Kind) -> None:
    kind(lambda job: {"text": gettext("Log out")})
    officer = cast.bureau_officer
    assert ran(by=officer).result == {"text": "退出登录"}
    officer.language = "en"
    officer.save()
    assert ran(by=officer).result == {"text": "Log out"}


def test_the_end_may_stand_in_the_transaction_of_the_work(db: None, kind: Kind) -> None:
    def whole(job: Running) -> dict[str, int]:
        with job.fenced(result={"rows": 2}):
            job.line("两行")
        return {"rows": 99}

    kind(whole)
    job = ran()
    assert (job.state, job.result) == ("done", {"rows": 2})


def test_a_second_attempt_goes_on_behind_what_was_reached(db: None, kind: Kind) -> None:
    seen: list[Any] = []

    def work(job: Running) -> None:
        seen.append(job.reached)
        with job.fenced(reached=500):
            pass
        if job.attempt == 1:
            raise ValueError("断了")

    kind(work, attempts=2)
    job = ran()
    again = jobs.claim(worker="b", by=None, at=job.due_at)
    assert again is not None
    running.run(again, Event())
    job.refresh_from_db()
    assert (seen, job.state) == ([None, 500], "done")


def test_the_log_has_an_end(db: None, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LONGEST_LOG_LINES", 3)
    kind(lambda job: [job.line(str(number)) for number in range(5)] and None)
    assert ran().lines.count() == 3


def test_without_a_job_a_worker_finds_nothing(db: None) -> None:
    assert not working.take(worker="a", stopping=Event())
