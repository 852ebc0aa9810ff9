"""E-mail through a real SMTP server on loopback: taken, refused, and the silences that leave it unsure."""

from __future__ import annotations

import socket
import socketserver
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.header import decode_header, make_header
from threading import Thread
from typing import Any

import pytest

from cast import Cast
from factories import AT
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Message
from wutong.web.jobs.tasks import courier


class Server(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it takes; `answers` overrides what it says to a command ("" hangs up)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []
        self.bodies = 0


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Server

    def say(self, command: str, usual: str) -> bool:
        answer = self.server.answers.get(command, usual)
        if answer:
            self.wfile.write(answer.encode() + b"\r\n")
        return bool(answer)

    def handle(self) -> None:
        if not self.say("HELLO", "220 ready"):
            return
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper()
            if command == "DATA":
                if not self.say("DATA", "354 go on"):
                    return
                if self.server.answers.get("DATA", "354").startswith("354"):
                    self.read_body()
                    if not self.say("BODY", "250 taken"):
                        return
                    if self.server.answers.get("BODY", "250").startswith("250"):
                        self.server.taken.append(self.body)
            elif not self.say(command, "221 bye" if command == "QUIT" else "250 fine") or command == "QUIT":
                return

    def read_body(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.body = b"".join(lines)
        self.server.bodies += 1


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with Server() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.DEFAULT_FROM_EMAIL, settings.OFFICE_URL, settings.EMAIL_TIMEOUT = (
            "梧桐 <wutong@example.test>",
            "https://zs.example.test",
            5,
        )
        yield server
        server.shutdown()


@pytest.fixture
def message(cast: Cast, server: Server) -> Message:
    """A mail that waits."""
    cast.bureau_officer.email = "officer@example.test"
    cast.bureau_officer.save()
    words = ("名单已导入", "共 8 行\n.一点开头的一行")
    both = jobs.tell(to=cast.bureau_officer, key="a", words=lambda: words, address="/leads/", channels=("email",), by=None, at=AT)  # type: ignore[arg-type]
    return both[0]


def delivered(message: Message) -> Message:
    assert courier.deliver_next()
    message.refresh_from_db()
    return message


def test_a_mail_arrives_whole_and_once(server: Server, message: Message) -> None:
    assert delivered(message).state == "sent"
    (taken,) = server.taken
    mail = message_from_bytes(taken)
    assert str(make_header(decode_header(mail["Subject"]))) == "名单已导入"
    assert (mail["To"], mail["Message-ID"]) == ("officer@example.test", f"<{message.public_id}@example.test>")
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert text.replace("\r\n", "\n").strip() == "共 8 行\n.一点开头的一行\n\nhttps://zs.example.test/leads/"
    assert not courier.deliver_next()


@pytest.mark.parametrize(
    ("command", "answer", "state"),
    [
        ("RCPT", "550 nobody here", "failed"),
        ("RCPT", "451 come later", "waiting"),
        ("MAIL", "552 not from you", "failed"),
        ("HELLO", "421 busy", "waiting"),
        ("HELLO", "", "waiting"),
        ("MAIL", "", "waiting"),
        ("DATA", "451 come later", "waiting"),
        ("BODY", "554 rejected", "failed"),
        ("BODY", "452 no room", "waiting"),
        ("BODY", "", "unsure"),
    ],
)
def test_what_the_server_says_decides(server: Server, message: Message, command: str, answer: str, state: str) -> None:
    server.answers[command] = answer
    assert delivered(message).state == state
    assert message.fault
    server.answers.clear()
    assert not server.taken


def test_silence_after_the_text_is_unsure_and_is_not_sent_again(server: Server, message: Message, settings: Any) -> None:
    server.answers["BODY"] = ""
    delivered(message)
    assert (message.state, server.bodies) == ("unsure", 1)
    assert not courier.deliver_next()
    assert server.bodies == 1


def test_a_server_that_is_away_is_tried_again(server: Server, message: Message, settings: Any) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
        assert delivered(message).state == "waiting"


def test_a_person_without_an_address_gets_no_mail(server: Server, message: Message, cast: Cast) -> None:
    cast.bureau_officer.email = ""
    cast.bureau_officer.save()
    assert delivered(message).state == "failed"
