"""What goes out is handed over once: surely refused is tried again, silence waits for a person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from factories import AT
from wutong.web.audit.models import Entry
from wutong.web.jobs import actions as jobs
from wutong.web.jobs import rules
from wutong.web.jobs.models import Message
from wutong.web.jobs.rules import MessageState, Outcome
from wutong.web.jobs.tasks import courier

Clients = Callable[..., Client]


def taken() -> Message:
    message = jobs.claim_message(by=None, at=AT)
    assert message is not None
    return message


def settle(message: Message, outcome: Outcome, fault: str = "") -> Message:
    jobs.settle(message=message, outcome=outcome, fault=fault, by=None, at=AT)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    ("outcome", "attempts", "state"),
    [
        (Outcome.SENT, 1, MessageState.SENT),
        (Outcome.NOT_TAKEN, 1, MessageState.WAITING),
        (Outcome.NOT_TAKEN, 7, MessageState.WAITING),
        (Outcome.NOT_TAKEN, 8, MessageState.FAILED),
        (Outcome.REFUSED, 1, MessageState.FAILED),
        (Outcome.UNSURE, 1, MessageState.UNSURE),
        (Outcome.UNSURE, 8, MessageState.UNSURE),
    ],
)
def test_only_what_was_surely_not_taken_is_tried_again(outcome: Outcome, attempts: int, state: MessageState) -> None:
    assert rules.after(outcome, attempts) is state


def test_what_is_being_handed_over_is_noted_before_it_is(cast: Cast) -> None:
    message = factories.message(cast.bureau_officer, channel="email")
    assert taken() == message
    message.refresh_from_db()
    assert (message.state, message.attempt_no, message.sending_at) == ("sending", 1, AT)
    assert jobs.claim_message(by=None, at=AT) is None


def test_a_refused_message_waits_for_its_pause(cast: Cast, settings: Any) -> None:
    settings.JOB_PAUSE_SECONDS = 30
    factories.message(cast.bureau_officer, channel="email")
    message = settle(taken(), Outcome.NOT_TAKEN, "451 later")
    assert (message.state, message.fault, message.due_at) == ("waiting", "451 later", AT + dt.timedelta(seconds=30))
    assert jobs.claim_message(by=None, at=AT + dt.timedelta(seconds=29)) is None


@pytest.mark.parametrize(("seconds", "state"), [(119, "sending"), (121, "unsure")])
def test_who_dies_between_call_and_note_leaves_it_unsure(cast: Cast, seconds: int, state: str) -> None:
    message = factories.message(cast.bureau_officer, channel="email")
    taken()
    jobs.give_up_silent(by=None, at=AT + dt.timedelta(seconds=seconds))
    message.refresh_from_db()
    assert message.state == state
    assert jobs.claim_message(by=None, at=AT + dt.timedelta(days=1)) is None, "nobody sends it again by himself"


def test_a_late_answer_changes_nothing_that_was_decided_meanwhile(cast: Cast) -> None:
    factories.message(cast.bureau_officer, channel="email")
    message = taken()
    jobs.give_up_silent(by=None, at=AT + dt.timedelta(hours=1))
    assert settle(message, Outcome.NOT_TAKEN).state == "unsure"


def test_an_error_nobody_foresaw_leaves_it_unsure(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    message = factories.message(cast.bureau_officer, channel="email")
    monkeypatch.setattr(courier.mail, "send", lambda message: 1 / 0)
    assert courier.deliver_next()
    message.refresh_from_db()
    assert (message.state, message.fault) == ("unsure", "ZeroDivisionError: division by zero")


@pytest.mark.django_db(transaction=True)
def test_three_couriers_at_once_hand_each_message_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from cast import assemble

    to = assemble().bureau_officer
    for _ in range(15):
        factories.message(to, channel="email")
    handed: Counter[int] = Counter()

    def send(message: Message) -> tuple[Outcome, str]:
        handed[message.pk] += 1
        return Outcome.SENT, ""

    monkeypatch.setattr(courier.mail, "send", send)
    start = Barrier(3)

    def deliver() -> None:
        start.wait()
        try:
            while courier.deliver_next() or Message.objects.due(dt.datetime.now(dt.UTC)).exists():
                pass
        finally:
            connection.close()

    threads = [Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(handed.values()) == [1] * 15
    assert Message.objects.filter(state="sent").count() == 15


def stuck(cast: Cast, state: str = "unsure") -> Message:
    return factories.message(cast.bureau_officer, channel="email", state=state, attempt_no=3, title="保密事由")  # type: ignore[no-any-return]


def decide(client: Client, verb: str, message: Message, **data: str) -> Message:
    assert client.post(reverse(f"jobs:{verb}", args=[message.public_id]), data)["Location"] == "/jobs/outbox/"
    message.refresh_from_db()
    return message


def test_the_administrator_decides_and_it_is_written_down(cast: Cast, client_of: Clients) -> None:
    client = client_of("system_admin")
    assert decide(client, "resend", stuck(cast)).state == "waiting"
    assert decide(client, "settle", stuck(cast), has_arrived="1").state == "sent"
    assert decide(client, "settle", stuck(cast, "failed")).state == "dropped"
    assert list(Entry.objects.values_list("action", flat=True)[:3]) == ["jobs.drop", "jobs.drop", "jobs.resend"]


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "dropped"])
def test_nothing_is_decided_about_what_is_on_its_way(cast: Cast, client_of: Clients, state: str) -> None:
    message = stuck(cast, state)
    decide(client_of("system_admin"), "resend", message)
    assert message.state == state


def test_the_outbox_tells_how_it_went_and_never_what_it_says(cast: Cast, client_of: Clients) -> None:
    stuck(cast)
    client = client_of("system_admin")
    page = client.get("/jobs/outbox/").content.decode()
    assert "1 条消息待处理" in page
    assert "送达不明" in page
    assert "保密" not in page
    assert b"".join(client.get("/jobs/outbox/export/").streaming_content)  # type: ignore[attr-defined]
    assert client_of("bureau_officer").get("/jobs/outbox/").status_code == 403


def test_after_a_restore_nothing_is_sent_or_done_again_by_itself(cast: Cast) -> None:
    waiting = factories.message(cast.bureau_officer, channel="email")
    told = factories.message(cast.bureau_officer, channel="in_app", state=MessageState.SENT)
    job = jobs.enqueue(kind="audit.seal", arguments={}, by=None, at=AT)
    assert jobs.rest_after_restore(by=None, at=AT) == (1, 1)
    for row in (waiting, told, job):
        row.refresh_from_db()
    assert (waiting.state, told.state, job.state) == (MessageState.UNSURE, MessageState.SENT, "cancelled")
    assert jobs.claim_message(by=None, at=AT) is None
    assert jobs.claim(worker="w", by=None, at=AT) is None
