"""What is due by the clock runs once a slot, however many workers look."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

import factories
from cast import Cast
from factories import AT
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.jobs import queries, rules
from wutong.web.jobs.models import Job, Message
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


def test_messages_go_when_logs_do_but_for_those_that_wait_for_a_decision(cast: Cast) -> None:
    kept = {"written_at": AT, "due_at": AT, "to": cast.adviser, "title": "x"}
    for number, state in enumerate(("sent", "dropped", "unsure", "waiting")):
        Message.objects.create(channel="in_app" if state == "sent" else "email", key=str(number), state=state, **kept)
    jobs.forget_old(by=None, at=AT + dt.timedelta(days=200))
    assert Message.objects.count() == 4
    jobs.forget_old(by=None, at=AT + dt.timedelta(days=201))
    assert sorted(Message.objects.values_list("state", flat=True)) == ["unsure", "waiting"]


def test_whoever_looks_after_the_server_stops_no_chore_of_the_audit(cast: Cast) -> None:
    seal, other = factories.job(None, kind="audit.anchor", state="queued"), factories.job(None, kind="jobs.forget_old", state="queued")
    with pytest.raises(jobs.NotAllowed):
        jobs.cancel(job=seal, by=cast.system_admin, at=AT)
    assert not queries.page(seal, cast.system_admin).may_cancel and queries.page(other, cast.system_admin).may_cancel
    assert jobs.cancel(job=other, by=cast.system_admin, at=AT).state == "cancelled"


def test_events_are_gathered_only_where_a_subscription_has_not_been_told_of_all(cast: Cast) -> None:
    def asked(minutes: int) -> int:
        local = AT + dt.timedelta(minutes=minutes)
        jobs.enqueue_periodic(local=local, by=None, at=local)
        return Job.objects.filter(kind="jobs.gather").count()

    audit.seal(at=AT)
    assert asked(0) == 0, "nobody is told"
    hook = factories.webhook(cast.bureau_leader)
    audit.seal(at=AT)
    while jobs.gather(webhook=hook, by=None, at=AT):
        pass
    assert asked(1) == 0, "all is told"
    factories.target_list(cast.bureau_officer)
    assert (asked(2), asked(2)) == (1, 1)
    audit.seal(at=AT)
    assert asked(3) == 2, "sealed, and not told yet"


def test_a_subject_is_one_line_or_no_mail_server_takes_it(cast: Cast) -> None:
    (told,) = jobs.tell(to=cast.adviser, key="x", words=lambda: ("约见\r\nBcc: a@example.org\n 王总", "一\n二"), by=None, at=AT)
    assert (told.title, told.text) == ("约见 Bcc: a@example.org 王总", "一\n二")


def test_the_doctor_and_the_page_say_that_nobody_works_or_that_too_few_do(
    cast: Cast, client_of: Callable[..., Any], settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    job = factories.job(cast.bureau_officer)
    page, client = f"/jobs/{job.public_id}/", client_of("bureau_officer")

    def codes(minutes: int) -> list[tuple[str, str]]:
        return [(one.code, one.state) for one in queries.findings(job.due_at + dt.timedelta(minutes=minutes))]

    assert (codes(15), codes(16)) == ([("jobs.worker", "warning")], [("jobs.waiting", "fault")])
    assert "尚未见到后台程序" in client.get(page).content.decode()
    mark = tmp_path / "running" / "worker-1"
    mark.parent.mkdir()
    mark.touch()
    os.utime(mark, (job.due_at.timestamp(), job.due_at.timestamp() + 16 * 60))
    assert (codes(15), codes(16), codes(19)) == ([("jobs", "well")], [("jobs.waiting", "warning")], [("jobs.waiting", "fault")])
    assert "没有后台程序" in client.get(page).content.decode()
    mark.touch()
    assert "后台程序正忙" in client.get(page).content.decode()


def test_the_doctor_names_messages_that_wait_for_a_decision(cast: Cast) -> None:
    factories.message(cast.bureau_officer, channel="email", state="failed")
    assert "outbox.stuck" in [one.code for one in queries.findings(AT)]
