"""Other systems are told of events: signed, once by the id, by the rights of a person who agreed, and never what they may not know."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

import factories
from cast import Cast
from factories import AT
from wutong.web.audit import actions as audit
from wutong.web.audit.models import Entry
from wutong.web.jobs import actions as jobs
from wutong.web.jobs import queries, rules
from wutong.web.jobs.models import Message, Webhook
from wutong.web.jobs.rules import Outcome, WebhookState, WebhookStep
from wutong.web.jobs.tasks import courier, webhooks
from wutong.web.leads.models import TargetList
from wutong.web.lib import exchange, hooks

Clients = Callable[..., Client]
SECRET = "wutong_hook_test"


class Receiver(ThreadingHTTPServer):
    """Another system of the office: keeps what it is told and answers as set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.status, self.hangs_up = 204, False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/events"


class Door(BaseHTTPRequestHandler):
    """One call."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((dict(self.headers), body))
        if self.server.hangs_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        return


@pytest.fixture
def receiver(settings: Any, db: None) -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.ROBOT_PRIVATE_HOSTS, settings.OFFICE_URL = ["127.0.0.1"], "https://zs.example.test"
        yield server
        server.shutdown()


@pytest.fixture
def row(cast: Cast) -> Any:
    """A firm on a list of 青桐市招商局, at which somebody knocked."""
    (row,) = factories.listed(factories.target_list(cast.bureau_officer, title="锂电清单"))
    factories.knock(row, cast.bureau_officer, said="下月来访")
    return row


def of_outbox(at: dt.datetime) -> list[Any]:
    """What the doctor tells of the outbox; of workers he tells too, and none runs here."""
    return [found for found in queries.findings(at) if found.code.startswith("outbox")]


def gathered(hook: Webhook) -> list[Message]:
    """What waits for a subscription, in order."""
    audit.seal(at=AT)
    while jobs.gather(webhook=hook, by=None, at=AT):
        pass
    return list(Message.objects.filter(webhook=hook).order_by("pk"))


def reread(row: Any) -> Any:
    row.refresh_from_db()
    return row


# --- telling --------------------------------------------------------------------------------------------------------------------------
def test_a_receiver_can_prove_what_it_is_told_and_is_told_no_contents(receiver: Receiver, cast: Cast, row: Any) -> None:
    (message,) = gathered(factories.webhook(cast.bureau_leader, receiver.address))
    assert courier.deliver_next()
    ((headers, body),) = receiver.told
    expected = hmac.new(SECRET.encode(), headers["X-Wutong-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Wutong-Signature"] == f"sha256={expected}"
    entry = Entry.objects.get(action="leads.knock")
    assert json.loads(body) == {
        "id": str(entry.public_id), "event": "leads.knock", "at": "2026-03-05T17:30:00+08:00",
        "object": {"type": "leads.ListedFirm", "id": str(row.public_id)},
        "unit": {"id": str(cast.units["bureau"].public_id), "code": cast.units["bureau"].adcode},
        "page": f"https://zs.example.test/leads/rows/{row.public_id}/",
        "details": f"https://zs.example.test/api/leads/lists/{row.list.public_id}/rows",
    }  # fmt: skip
    assert (headers["X-Wutong-Event"], headers["X-Wutong-Event-Id"]) == ("leads.knock", str(entry.public_id))
    assert (reread(message).state, message.answer_number, message.fault) == ("sent", 204, "")


def test_the_signature_is_the_one_that_openssl_works_out() -> None:
    # printf '1577262236.{}' | openssl dgst -sha256 -hmac 'this is secret'
    assert webhooks.signature("this is secret", "1577262236", b"{}") == "bda72de0bb0f51167d8ae6f73f0d79b395d3a7b1791c6818112f6cd30e922a77"


def test_whoever_gathers_twice_tells_once(receiver: Receiver, cast: Cast, row: Any) -> None:
    hook = factories.webhook(cast.bureau_leader, receiver.address)
    assert len(gathered(hook)) == 1
    Webhook.objects.filter(pk=hook.pk).update(reached_number=0)  # a worker that knew nothing of the first
    assert len(gathered(hook)) == 1
    assert courier.deliver_next()
    assert not courier.deliver_next()
    assert len(receiver.told) == 1


def test_many_entries_are_gathered_piece_by_piece(cast: Cast, row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "GATHERED_AT_ONCE", 2)
    for _ in range(4):
        factories.knock(row, cast.bureau_officer)
    hook = factories.webhook(cast.bureau_leader)
    assert len(gathered(hook)) == 5
    assert reread(hook).reached_number == queries.chain_head()


def test_an_event_that_was_not_asked_for_or_is_too_old_is_not_told(cast: Cast, row: Any) -> None:
    assert not gathered(factories.webhook(cast.bureau_leader, events=["leads.settle"]))
    hook = factories.webhook(cast.bureau_leader)
    jobs.gather(webhook=hook, by=None, at=AT + dt.timedelta(days=7, seconds=1))
    assert not Message.objects.filter(webhook=hook).exists()
    assert reread(hook).reached_number == queries.chain_head()


# --- never told -----------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["other_leader", "park_officer", "no_role", "system_admin", "audit_admin"])
def test_nobody_is_told_of_what_the_person_may_not_see(cast: Cast, row: Any, name: str) -> None:
    assert not gathered(factories.webhook(cast.people[name]))


def test_a_confidential_record_is_not_told_and_one_that_became_so_is_withheld(receiver: Receiver, cast: Cast, row: Any) -> None:
    (message,) = gathered(factories.webhook(cast.bureau_leader, receiver.address))
    TargetList.objects.filter(pk=row.list_id).update(is_confidential=True, code_name="甲")
    assert not gathered(factories.webhook(cast.bureau_leader))
    assert courier.deliver_next()
    assert (reread(message).state, receiver.told) == ("dropped", [])
    assert reread(message.webhook).failures == 0


def test_a_closed_account_is_told_nothing(cast: Cast, row: Any) -> None:
    hook = factories.webhook(cast.bureau_leader)
    type(cast.bureau_leader).objects.get_queryset().filter(pk=cast.bureau_leader.pk).update(is_active=False)
    assert not gathered(hook)
    assert [found.code for found in of_outbox(AT)] == ["outbox.subscriptions"]


def test_every_event_names_an_action_and_a_record_with_row_access() -> None:
    events = exchange.events()
    assert len(events) > 25
    for event in events.values():
        model = apps.get_model(event.model)
        assert event.action in hooks.action_names()
        assert callable(model._default_manager.all().visible_to)  # type: ignore[attr-defined]
        assert model._meta.get_field("public_id")
        assert event.action.split(".")[0] not in {"accounts", "audit", "jobs", "batches", "office"}
        assert not event.action.endswith((".export", "download", "reveal_person"))


# --- failing --------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Outcome.SENT), (204, Outcome.SENT), (299, Outcome.SENT), (300, Outcome.REFUSED), (302, Outcome.REFUSED),
     (400, Outcome.NOT_TAKEN), (401, Outcome.NOT_TAKEN), (410, Outcome.REFUSED), (429, Outcome.NOT_TAKEN), (500, Outcome.NOT_TAKEN),
     (199, Outcome.NOT_TAKEN)],
)  # fmt: skip
def test_what_the_receiver_answers_decides(status: int, outcome: Outcome) -> None:
    assert webhooks.judged(status)[0] is outcome


@pytest.mark.parametrize("hangs_up", [False, True])
def test_a_failure_holds_back_all_that_waits_and_is_tried_again_with_the_same_id(
    receiver: Receiver, cast: Cast, row: Any, settings: Any, hangs_up: bool
) -> None:
    settings.JOB_PAUSE_SECONDS = 30
    factories.knock(row, cast.bureau_officer)
    hook = factories.webhook(cast.bureau_leader, receiver.address)
    first, second = gathered(hook)
    receiver.status, receiver.hangs_up = 503, hangs_up
    assert courier.deliver_next()
    assert not courier.deliver_next(), "the second waits too"
    assert (reread(first).state, first.answer_number, reread(hook).failures) == ("waiting", None if hangs_up else 503, 1)
    assert first.due_at == reread(second).due_at == hook.resting_until
    receiver.status, receiver.hangs_up = 200, False
    Message.objects.update(due_at=AT)
    while courier.deliver_next():
        pass
    ids = [json.loads(body)["id"] for _, body in receiver.told]
    assert (ids[0], len(ids), len(set(ids))) == (ids[1], 3, 2)
    assert (reread(hook).failures, hook.resting_until) == (0, None)


def test_a_redirection_is_not_followed(receiver: Receiver, cast: Cast, row: Any) -> None:
    (message,) = gathered(factories.webhook(cast.bureau_leader, receiver.address))
    receiver.status = 307
    assert courier.deliver_next()
    assert (reread(message).state, message.answer_number, len(receiver.told)) == ("failed", 307, 1)


def test_too_many_failures_in_a_row_pause_it_and_people_are_told(receiver: Receiver, cast: Cast, row: Any) -> None:
    factories.knock(row, cast.bureau_officer)
    hook = factories.webhook(cast.bureau_leader, receiver.address, failures=18, made_by=cast.system_admin)
    first, _ = gathered(hook)
    receiver.status = 500
    for expected in (WebhookState.ACTIVE, WebhookState.PAUSED):
        Message.objects.filter(webhook=hook).update(due_at=AT)
        assert courier.deliver_next()
        assert reread(hook).state == expected
    Message.objects.filter(webhook=hook).update(due_at=AT)
    assert not courier.deliver_next(), "nothing is sent while it is paused"
    told = Message.objects.filter(channel="in_app").values_list("to__username", "title")
    assert sorted(told) == [("bureau_leader", f"已暂停：{hook.name}"), ("system_admin", f"已暂停：{hook.name}")]
    assert [found.code for found in of_outbox(AT)] == ["outbox.subscriptions"]
    receiver.status = 204
    jobs.step_webhook(webhook=hook, step=WebhookStep.RESUME, by=cast.system_admin, at=AT)
    assert courier.deliver_next() and courier.deliver_next()
    assert reread(first).state == "sent"


def test_what_a_dead_worker_left_is_sent_again_by_itself(receiver: Receiver, cast: Cast, row: Any) -> None:
    (message,) = gathered(factories.webhook(cast.bureau_leader, receiver.address))
    assert jobs.claim_message(by=None, at=AT) == message
    jobs.give_up_silent(by=None, at=AT + dt.timedelta(seconds=rules.SILENT_SECONDS + 1))
    assert reread(message).state == "waiting"


def test_after_a_restore_nothing_is_told_again_and_consent_is_asked_anew(receiver: Receiver, cast: Cast, row: Any) -> None:
    hook = factories.webhook(cast.bureau_leader, receiver.address)
    (waiting,) = gathered(hook)
    factories.knock(row, cast.bureau_officer)  # neither sealed nor gathered when the backup was made
    assert jobs.rest_after_restore(by=None, at=AT)[0] == 2
    assert (reread(waiting).state, reread(hook).state, hook.agreed_at) == ("unsure", "asked", None)
    jobs.step_webhook(webhook=hook, step=WebhookStep.AGREE, by=cast.bureau_leader, at=AT)
    assert {message.state for message in gathered(hook)} == {"unsure"}
    assert not courier.deliver_next()
    assert receiver.told == []


# --- where it may not call --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "resolved", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]
)
def test_data_of_cloud_machines_is_out_of_reach_even_if_listed(resolved: str) -> None:
    assert not rules.may_reach("metadata", resolved, private_hosts=["metadata", "0.0.0.0/0", "::/0"])


@pytest.mark.parametrize("resolved", ["10.0.0.1", "100.100.100.200", "64:ff9b::a00:1", "2002:a00:1::1", "fec0::1", "64:ff9b:1::a00:1"])
def test_an_address_that_leads_into_the_own_network_is_one_of_it(resolved: str) -> None:
    assert not rules.may_reach("oa.example.com", resolved, private_hosts=["10.9.0.0/16"])
    assert rules.may_reach("oa.example.com", resolved, private_hosts=["oa.example.com"])
    assert rules.may_reach("oa.example.com", "64:ff9b::808:808", private_hosts=[])  # of the world, by NAT64


def test_a_machine_of_the_own_network_is_called_only_if_it_is_listed(receiver: Receiver, cast: Cast, row: Any, settings: Any) -> None:
    (message,) = gathered(factories.webhook(cast.bureau_leader, receiver.address))
    settings.ROBOT_PRIVATE_HOSTS = []
    assert courier.deliver_next()
    assert (reread(message).state, receiver.told) == ("failed", [])


# --- pages ----------------------------------------------------------------------------------------------------------------------------
ADDRESS = "https://oa.example.com/events?key=verysecretkey"


def form_of(cast: Cast, **more: Any) -> dict[str, Any]:
    person = str(cast.bureau_leader.public_id)
    return {"name": "办公系统", "address": ADDRESS, "person": person, "events": ["leads.knock", "leads.settle"], **more}


@pytest.fixture
def saved(cast: Cast, client_of: Clients) -> tuple[Webhook, str]:
    """A subscription as the system administrator adds it, and its secret."""
    response = client_of("system_admin").post("/jobs/webhooks/new/", form_of(cast))
    assert response.status_code == 201
    page = response.content.decode()
    return Webhook.objects.get(), page[page.index("wutong_hook_") :].split("<")[0]


def test_address_and_secret_are_kept_encrypted_and_shown_nowhere_again(saved: tuple[Webhook, str], cast: Cast, client_of: Clients) -> None:
    hook, secret = saved
    client, own = client_of("system_admin"), f"/jobs/webhooks/{hook.public_id}/"
    addresses = ("/jobs/webhooks/", own, f"{own}edit/", "/api/webhooks")
    shown = "".join(client.get(address).content.decode() for address in addresses)
    with connection.cursor() as cursor:
        cursor.execute("select * from jobs_webhook")
        stored = str(cursor.fetchall())
    audited = str(list(Entry.objects.values_list("changes", flat=True)))
    for place in (shown, stored, audited):
        assert "verysecretkey" not in place
        assert secret not in place
    renewed = client.post(f"{own}secret/")
    assert renewed.status_code == 201 and secret not in renewed.content.decode()


def test_nothing_is_told_before_the_person_has_agreed(saved: tuple[Webhook, str], cast: Cast, row: Any, client_of: Clients) -> None:
    hook, _ = saved
    assert (hook.state, gathered(hook)) == ("asked", [])
    asked = Message.objects.get(channel="in_app", to=cast.bureau_leader)
    assert asked.address == reverse("jobs:webhook-consent", args=[hook.public_id])
    for name in ("system_admin", "bureau_officer", "audit_admin", "no_role"):
        assert client_of(name).post(asked.address).status_code == 404
    client = client_of("bureau_leader")
    assert "登记" in client.get(asked.address).content.decode()
    assert client.post(asked.address)["Location"] == asked.address
    assert reread(hook).state == "active"
    assert gathered(hook) == [], "told is what happens from then on"
    factories.knock(row, cast.bureau_officer)
    assert len(gathered(hook)) == 1
    client.post(asked.address, {"step": "withdraw"})
    factories.knock(row, cast.bureau_officer)
    assert (reread(hook).state, len(gathered(hook))) == ("asked", 1)
    client.post(asked.address)
    assert (reread(hook).state, len(gathered(hook))) == ("active", 1), "not what happened while nobody agreed"


def test_who_agrees_agrees_to_what_the_page_showed(saved: tuple[Webhook, str], cast: Cast, client_of: Clients) -> None:
    hook, _ = saved
    client, page = client_of("bureau_leader"), reverse("jobs:webhook-consent", args=[hook.public_id])
    terms = re.findall(r'name="terms" value="(\w+)"', client.get(page).content.decode())[0]
    form = form_of(cast, address="https://oa.example.com/elsewhere")
    assert client_of("system_admin").post(f"/jobs/webhooks/{hook.public_id}/edit/", form).status_code == 302
    client.post(page, {"terms": terms})
    assert reread(hook).state == "asked", "the address is another one by now"
    client.post(page, {"terms": hook.terms})
    assert reread(hook).state == "active"


def test_what_a_receiver_answers_is_kept_without_signs_that_no_database_takes(cast: Cast) -> None:
    hook = factories.webhook(cast.bureau_leader)
    jobs.try_webhook(webhook=hook, by=cast.system_admin, at=AT)
    message = jobs.claim_message(by=None, at=AT)
    assert message and jobs.settle(message=message, outcome=Outcome.NOT_TAKEN, fault="BadStatusLine \x00\x01", by=None, at=AT)
    assert (reread(message).fault, reread(hook).failures) == ("BadStatusLine \x01", 1)


@pytest.mark.parametrize(
    ("change", "state"),
    [({"name": "新名称"}, "active"), ({"events": ["leads.knock"]}, "asked"), ({"address": "https://new.example.com/"}, "asked")],
)
def test_who_changes_more_than_the_name_asks_anew(
    saved: tuple[Webhook, str], cast: Cast, client_of: Clients, change: dict[str, Any], state: str
) -> None:
    hook, _ = saved
    jobs.step_webhook(webhook=hook, step=WebhookStep.AGREE, by=cast.bureau_leader, at=AT)
    form = form_of(cast, **{"address": "", **change})
    assert client_of("system_admin").post(f"/jobs/webhooks/{hook.public_id}/edit/", form).status_code == 302
    assert reread(hook).state == state


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "http://169.254.169.254/latest"}, "地址须以 https:// 开头"),
        ({"address": "oa.example.com"}, "这不是网址"),
        ({"events": ["accounts.login"]}, "accounts.login"),
        ({"events": []}, "必填"),
        ({"person": "nobody"}, "person"),
    ],
)
def test_a_wrong_input_is_said_and_nothing_is_kept(cast: Cast, client_of: Clients, wrong: dict[str, Any], said: str) -> None:
    response = client_of("system_admin").post("/jobs/webhooks/new/", form_of(cast, **wrong))
    assert (response.status_code, Webhook.objects.count()) == (422, 0)
    assert said in response.content.decode()


def test_it_is_paused_deleted_brought_back_and_every_step_is_written_down(cast: Cast, client_of: Clients) -> None:
    hook = factories.webhook(cast.bureau_leader)
    client, own = client_of("system_admin"), f"/jobs/webhooks/{hook.public_id}/"
    for step, state in (("pause", "paused"), ("pause", "paused"), ("resume", "active"), ("delete", "removed"), ("restore", "asked")):
        assert client.post(f"{own}{step}/")["Location"] == own
        assert reread(hook).state == state
        assert client.get(own).status_code == 200
        assert (hook.name in client.get("/jobs/webhooks/").content.decode()) is (state != "removed")
    entries = Entry.objects.filter(action="jobs.step_webhook").order_by("sequence")
    assert [entry.changes["state"]["new"] for entry in entries] == ["paused", "active", "removed", "asked"]


def test_deliveries_tell_how_it_went_and_not_what_about(cast: Cast, row: Any, client_of: Clients) -> None:
    hook = factories.webhook(cast.bureau_leader)
    (message,) = gathered(hook)
    Message.objects.filter(pk=message.pk).update(state="sent", answer_number=204, sent_at=AT)
    client, own = client_of("system_admin"), f"/jobs/webhooks/{hook.public_id}/"
    page = client.get(own).content.decode()
    api = client.get(f"/api/webhooks/{hook.public_id}/deliveries").json()
    assert "leads.knock" in page and "204" in page
    assert [(one["event"], one["state"], one["answer_number"]) for one in api["items"]] == [("leads.knock", "sent", 204)]
    for secret in (str(row.public_id), "锂电清单", row.firm.name):
        assert secret not in page + str(api) + client.get("/jobs/outbox/").content.decode()
    assert client.post(f"/jobs/deliveries/{message.public_id}/again/")["Location"] == own
    assert (reread(message).state, Entry.objects.first().action) == ("waiting", "jobs.resend")  # type: ignore[union-attr]
    assert client_of("bureau_leader").get(own).status_code == 403


def test_a_trial_needs_no_consent_and_tells_nothing(receiver: Receiver, cast: Cast, client_of: Clients) -> None:
    hook = factories.webhook(cast.bureau_leader, receiver.address, state="asked", agreed_at=None)
    assert client_of("system_admin").post(f"/jobs/webhooks/{hook.public_id}/try/").status_code == 302
    assert courier.deliver_next()
    ((_, body),) = receiver.told
    assert set(json.loads(body)) == {"id", "event", "at"}


def test_the_doctor_tells_what_is_stuck(cast: Cast) -> None:
    hook = factories.webhook(cast.bureau_leader)
    factories.delivery(hook)
    factories.delivery(hook, state="waiting")
    codes = [found.code for found in of_outbox(AT + dt.timedelta(hours=1))]
    assert codes == ["outbox.waiting", "outbox.events"]
    assert [found.code for found in of_outbox(AT)] == ["outbox.events"]
