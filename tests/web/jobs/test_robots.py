"""Robots of DingTalk and WeCom: signed, to a real HTTP server on loopback, never into a private network, their addresses secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client

import factories
from cast import Cast
from factories import AT
from wutong.web.audit.models import Entry
from wutong.web.jobs import actions as jobs
from wutong.web.jobs import rules
from wutong.web.jobs.models import Message, Robot
from wutong.web.jobs.rules import Refusal
from wutong.web.jobs.tasks import courier, robots
from wutong.web.lib import sealing

SECRET = "SEC0123456789"


class Chat(ThreadingHTTPServer):
    """A chat service: keeps what is posted, and answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.posted: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status, self.answer, self.hangs_up = 200, '{"errcode": 0, "errmsg": "ok"}', False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/robot/send?access_token=t0k3n-abcd"


class Door(BaseHTTPRequestHandler):
    """One request."""

    server: Chat

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, dict(self.headers), json.loads(body)))
        if self.server.hangs_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        return


@pytest.fixture
def chat(settings: Any, db: None) -> Iterator[Chat]:
    with Chat() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.ROBOT_PRIVATE_HOSTS, settings.OFFICE_URL = ["127.0.0.1"], "https://zs.example.test"
        yield server
        server.shutdown()


def posted(robot: Robot, text: str = "请核实") -> Message:
    message = jobs.post(robot=robot, key="a", words=lambda: ("事项到期", text), address="/leads/", by=None, at=AT)
    assert message is not None
    assert courier.deliver_next()
    message.refresh_from_db()
    return message


def test_dingtalk_is_posted_to_with_a_signature(chat: Chat) -> None:
    assert posted(factories.robot(chat.address, secret=SECRET)).state == "sent"
    ((path, headers, body),) = chat.posted
    query = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
    expected = hmac.new(SECRET.encode(), f"{query['timestamp']}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert (query["access_token"], query["sign"]) == ("t0k3n-abcd", base64.b64encode(expected).decode())
    assert body == {"msgtype": "text", "text": {"content": "事项到期\n请核实\nhttps://zs.example.test/leads/"}}
    assert headers["Content-Type"].startswith("application/json")


def test_the_signature_is_the_one_of_the_documentation() -> None:
    # HMAC-SHA256 over "1577262236757\nthis is secret", worked out apart with openssl
    assert (
        robots.signature("this is secret", 1577262236757)
        == "&timestamp=1577262236757&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D"
    )


def test_wecom_is_not_signed_and_its_text_is_cut_between_characters(chat: Chat) -> None:
    assert posted(factories.robot(chat.address, channel="wecom", secret=SECRET), "梧桐" * 1000).state == "sent"
    ((path, _, body),) = chat.posted
    content = body["text"]["content"]
    assert "sign" not in path
    assert len(content.encode()) <= 2048
    assert content.endswith("梧…") or content.endswith("桐…")


@pytest.mark.parametrize(
    ("status", "answer", "state"),
    [
        (200, '{"errcode": 310000, "errmsg": "sign not match"}', "failed"),
        (200, '{"errcode": 130101, "errmsg": "send too fast"}', "waiting"),
        (200, '{"errcode": -1, "errmsg": "busy"}', "waiting"),
        (200, "<html>", "unsure"),
        (200, "[]", "unsure"),
        (429, "", "waiting"),
        (503, "", "waiting"),
        (500, "", "unsure"),
        (502, "", "unsure"),
        (404, "", "failed"),
        (302, "", "failed"),
    ],
)
def test_what_the_service_answers_decides(chat: Chat, status: int, answer: str, state: str) -> None:
    chat.status, chat.answer = status, answer
    message = posted(factories.robot(chat.address))
    assert (message.state, bool(message.fault), len(chat.posted)) == (state, True, 1)


def test_wecom_says_in_its_own_code_that_it_is_too_much(chat: Chat) -> None:
    chat.answer = '{"errcode": 45009, "errmsg": "api freq out of limit"}'
    assert posted(factories.robot(chat.address, channel="wecom")).state == "waiting"


def test_silence_after_the_text_is_unsure_and_is_not_sent_again(chat: Chat) -> None:
    chat.hangs_up = True
    message = posted(factories.robot(chat.address))
    assert message.state == "unsure"
    assert not courier.deliver_next()
    assert len(chat.posted) == 1


def test_a_service_that_is_away_is_tried_again(chat: Chat) -> None:
    robot = factories.robot(chat.address)
    chat.shutdown()
    chat.server_close()
    message = posted(robot)
    assert (message.state, message.attempt_no) == ("waiting", 1)


def test_a_private_address_is_not_called_unless_it_is_listed(chat: Chat, settings: Any) -> None:
    robot = factories.robot(chat.address)
    settings.ROBOT_PRIVATE_HOSTS = []
    assert posted(robot).state == "failed"
    assert not chat.posted


def test_a_name_that_stands_for_a_private_machine_later_reaches_nothing(chat: Chat, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROBOT_PRIVATE_HOSTS = []
    port = chat.server_address[1]
    robot = factories.robot(f"https://robots.example.com:{port}/send?access_token=x")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **b: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))])
    message = posted(robot)
    assert message.state == "failed"
    assert "private network" in message.fault
    assert not chat.posted


@pytest.mark.parametrize(
    "resolved",
    ["127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.8"],
)  # fmt: skip
def test_private_networks_are_known(resolved: str) -> None:
    assert not rules.may_reach("robots.example.com", resolved, private_hosts=())


def test_public_addresses_and_listed_ones_may_be_reached() -> None:
    assert rules.may_reach("oapi.dingtalk.com", "203.119.206.1", private_hosts=())
    assert rules.may_reach("chat.office", "10.1.2.3", private_hosts=["Chat.Office"])
    assert rules.may_reach("chat.office", "10.1.2.3", private_hosts=["10.1.0.0/16"])
    assert not rules.may_reach("chat.office", "10.2.2.3", private_hosts=["10.1.0.0/16"])


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("http://oapi.dingtalk.com/robot/send", Refusal.ADDRESS_NOT_HTTPS),
        ("ftp://oapi.dingtalk.com/", Refusal.ADDRESS_UNREADABLE),
        ("oapi.dingtalk.com/robot", Refusal.ADDRESS_UNREADABLE),
        ("https://user@oapi.dingtalk.com/", Refusal.ADDRESS_UNREADABLE),
        ("https://oapi.dingtalk.com/a b", Refusal.ADDRESS_UNREADABLE),
        ("https://host:99999/", Refusal.ADDRESS_UNREADABLE),
        ("https://[::1/", Refusal.ADDRESS_UNREADABLE),
    ],
)
def test_addresses_that_are_none_are_refused(address: str, refusal: Refusal) -> None:
    assert rules.refusals_of_address(address, private_hosts=()) == (refusal,)


# --- pages ----------------------------------------------------------------------------------------------------------------------------
FIELDS = {"name": "招商一群", "channel": "dingtalk", "language": "zh-hans", "is_active": "on"}
ADDRESS = "https://oapi.dingtalk.com/robot/send?access_token=verysecrettoken9876"


@pytest.fixture
def saved(cast: Cast, client_of: Callable[..., Client]) -> Robot:
    response = client_of("system_admin").post("/jobs/robots/new/", {**FIELDS, "address": ADDRESS, "secret": SECRET})
    assert response["Location"] == "/jobs/robots/"
    return Robot.objects.get()


def test_address_and_secret_are_shown_nowhere_and_stored_encrypted(saved: Robot, cast: Cast, client_of: Callable[..., Client]) -> None:
    client = client_of("system_admin")
    edit = f"/jobs/robots/{saved.public_id}/edit/"
    shown = "".join(client.get(address).content.decode() for address in ("/jobs/robots/", edit, "/jobs/outbox/"))
    failed = client.post(edit, {**FIELDS, "name": "", "address": ADDRESS, "secret": SECRET})
    assert failed.status_code == 422
    audited = str(list(Entry.objects.values_list("changes", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("select * from jobs_robot")
        stored = str(cursor.fetchall())
    for place in (shown, failed.content.decode(), audited, stored):
        assert "verysecrettoken" not in place
        assert SECRET not in place
    assert "oapi.dingtalk.com … 9876" in shown
    assert (sealing.unsealed(saved.sealed_address), sealing.unsealed(saved.sealed_secret)) == (ADDRESS, SECRET)


def test_an_empty_field_leaves_address_and_secret_as_they_are(saved: Robot, client_of: Callable[..., Client]) -> None:
    client_of("system_admin").post(f"/jobs/robots/{saved.public_id}/edit/", {**FIELDS, "name": "招商二群", "address": "", "secret": ""})
    changed = Robot.objects.get()
    assert (changed.name, sealing.unsealed(changed.sealed_address), sealing.unsealed(changed.sealed_secret)) == (
        "招商二群",
        ADDRESS,
        SECRET,
    )
    entry = Entry.objects.first()
    assert entry is not None
    assert entry.changes == {"name": {"old": "招商一群", "new": "招商二群"}}


def test_a_wrong_address_is_said_at_its_field(cast: Cast, client_of: Callable[..., Client]) -> None:
    response = client_of("system_admin").post("/jobs/robots/new/", {**FIELDS, "address": "http://10.0.0.1/x", "secret": ""})
    assert response.status_code == 422
    assert "地址须以 https:// 开头" in response.content.decode()


def test_another_key_opens_nothing_and_says_what_to_do(saved: Robot, settings: Any) -> None:
    settings.SECRET_KEY = "another key"
    message = posted(saved)
    assert (message.state, "SECRET_KEY has changed" in message.fault) == ("failed", True)


def test_a_trial_message_goes_through_the_outbox(saved: Robot, client_of: Callable[..., Client]) -> None:
    assert client_of("system_admin").post(f"/jobs/robots/{saved.public_id}/try/")["Location"] == "/jobs/outbox/"
    message = Message.objects.get()
    assert (message.robot, message.state, message.title) == (saved, "waiting", "试发消息")


def test_a_robot_out_of_use_is_told_nothing(saved: Robot) -> None:
    saved.is_active = False
    assert jobs.post(robot=saved, key="a", words=lambda: ("", ""), by=None, at=AT) is None


def test_nobody_else_sees_robots(saved: Robot, client_of: Callable[..., Client]) -> None:
    for name in ("bureau_leader", "security_admin", "audit_admin", "no_role"):
        assert client_of(name).get("/jobs/robots/").status_code == 403
