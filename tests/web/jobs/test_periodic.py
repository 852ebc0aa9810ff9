"""What is due by the clock runs once a slot, however many workers look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from factories import AT
from wutong.web.jobs import actions as jobs
from wutong.web.jobs import rules
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import Fault
from wutong.web.lib import hooks
from wutong.web.lib.hooks import Periodic

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def due(kind: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    kind()
    kind(code="tests.daily", attempts=3)
    monkeypatch.setattr(hooks, "periodic", lambda: (Periodic("tests.job", every_minutes=5), Periodic("tests.daily", at_hour=3)))


def look(hour: int, minute: int) -> int:
    return jobs.enqueue_periodic(local=dt.datetime(2026, 3, 5, hour, minute, tzinfo=SHANGHAI), by=None, at=AT)


def test_a_slot_is_asked_for_once(db: None, due: None) -> None:
    assert [look(2, 58), look(2, 59), look(3, 0), look(3, 1), look(3, 5)] == [1, 0, 2, 0, 1]
    assert Job.objects.filter(kind="tests.daily", attempts=3, by=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_three_workers_that_look_at_once_ask_once(due: None) -> None:
    start = Barrier(3)

    def ask() -> None:
        start.wait()
        try:
            look(4, 0)
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["tests.daily", "tests.job"]


def test_of_a_chore_the_latest_rounds_are_kept_and_whatever_failed(db: None, due: None) -> None:
    for hour in range(3):
        for minute in range(0, 60, 5):
            look(hour, minute)
            while (job := jobs.claim(worker="a", by=None, at=AT + dt.timedelta(days=1))) is not None:
                if (hour, minute) == (0, 5):
                    jobs.fail(job=job, code=Fault.ERROR, fault="x", by=None, at=AT, is_final=True)
                else:
                    jobs.finish(job=job, result=None, by=None, at=AT)
    mine = Job.objects.filter(kind="tests.job")
    assert mine.filter(state="done").count() == rules.KEPT_ROUNDS + 1  # the last one was asked for before it was done
    assert mine.filter(state="failed").count() == 1
    assert look(2, 56) == 0  # its round is still known, so it is not asked for twice


def test_old_jobs_go_with_their_logs_and_young_ones_stay(db: None, kind: Callable[..., Any]) -> None:
    kind()
    for days in (0, 10):
        jobs.enqueue(kind="tests.job", arguments={}, by=None, at=AT)
        job = jobs.claim(worker="a", by=None, at=AT)
        assert job is not None
        jobs.add_line(job=job, text="行", by=None, at=AT)
        jobs.finish(job=job, result=None, by=None, at=AT + dt.timedelta(days=days))
    jobs.enqueue(kind="tests.job", arguments={}, by=None, at=AT)
    assert jobs.forget_old(by=None, at=AT + dt.timedelta(days=201)) == 1
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "queued"]
