"""A job is asked for with its data, taken by one worker, and in its turn."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from cast import Cast
from factories import AT
from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit.models import Entry
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job, JobLine
from wutong.web.lib import hooks


def ask(**more: Any) -> Job:
    return jobs.enqueue(**{"kind": "tests.job", "arguments": {}, "by": None, "at": AT, **more})


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def test_a_job_waits_with_who_asked_and_an_entry_of_the_audit(cast: Cast, kind: Callable[..., Any]) -> None:
    kind(attempts=3)
    job = ask(arguments={"list": 7}, by=cast.bureau_officer, title="重点名单")
    assert (job.state, job.by, job.unit, job.attempts) == ("queued", cast.bureau_officer, cast.units["bureau"], 3)
    assert str(job) == "试算 · 重点名单"
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.action, entry.object_id, entry.changes["arguments"]) == ("jobs.enqueue", str(job.public_id), {"list": 7})


def test_what_was_rolled_back_leaves_no_job(cast: Cast, kind: Callable[..., Any]) -> None:
    kind()
    with pytest.raises(IntegrityError), transaction.atomic():
        ask()
        raise IntegrityError
    assert not Job.objects.exists()


def test_whoever_may_not_do_it_may_not_ask_for_it(cast: Cast, kind: Callable[..., Any]) -> None:
    kind(permission=Permission.FIRMS_TAG)
    with pytest.raises(NotAllowed):
        ask(by=cast.adviser)
    assert ask(by=cast.bureau_officer).state == "queued"


def test_an_unknown_kind_is_refused_at_once(db: None) -> None:
    with pytest.raises(jobs.UnknownKind):
        ask(kind="tests.nothing")


def test_who_waited_longest_is_taken_first_and_nobody_before_his_time(db: None, kind: Callable[..., Any]) -> None:
    kind()
    later = ask(due_at=AT + seconds(60))
    second = ask(at=AT + seconds(1))
    first = ask()
    taken = [jobs.claim(worker="a", by=None, at=AT + seconds(2)) for _ in range(3)]
    assert taken == [first, second, None]
    assert jobs.claim(worker="a", by=None, at=AT + seconds(60)) == later


def test_a_taken_job_has_an_attempt_a_worker_and_a_lease(db: None, kind: Callable[..., Any], settings: Any) -> None:
    kind()
    settings.JOB_LEASE_SECONDS = 90
    ask()
    job = jobs.claim(worker="server:1", by=None, at=AT)
    assert job is not None
    job.refresh_from_db()
    assert (job.state, job.attempt_no, job.worker, job.started_at, job.lease_until) == ("running", 1, "server:1", AT, AT + seconds(90))


def test_the_database_refuses_a_running_job_without_a_lease(db: None, kind: Callable[..., Any]) -> None:
    kind()
    job = ask()
    job.state = "running"
    with pytest.raises(IntegrityError), transaction.atomic():
        job.save()


def test_the_database_refuses_a_changed_line_of_a_log(db: None, kind: Callable[..., Any]) -> None:
    kind()
    ask()
    job = jobs.claim(worker="a", by=None, at=AT)
    assert job is not None
    jobs.add_line(job=job, text="已读 100 行", by=None, at=AT)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        JobLine.objects.update(text="已读 200 行")
    assert JobLine.objects.get().text == "已读 100 行"


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_take_each_job_once(kind: Callable[..., Any]) -> None:
    kind()
    for _ in range(24):
        ask()
    taken: Counter[int] = Counter()
    start = Barrier(4)

    def take() -> None:
        start.wait()
        try:
            misses = 0
            while misses < 3:
                job = jobs.claim(worker="a", by=None, at=AT)
                if job is None:
                    misses += 1
                else:
                    taken[job.pk] += 1
        finally:
            connection.close()

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken.values()) == [1] * 24


def test_what_the_rooms_offer_is_known() -> None:
    assert {"jobs.trial", "jobs.forget_old"} <= set(hooks.job_kinds())
    assert {periodic.kind for periodic in hooks.periodic()} <= set(hooks.job_kinds())
