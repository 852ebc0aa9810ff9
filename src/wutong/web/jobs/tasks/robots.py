"""One message to a robot of DingTalk or WeCom, over a connection to an address that was looked at first.

Source: DingTalk, 自定义机器人安全设置 (sign) and 自定义机器人接入; WeCom, 消息推送配置说明 (path 91770), as pages of others quote them
(2026-11-25). The vendors' own pages were not reached, and nothing was sent to their servers: try both before an office relies on them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import time
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings

from wutong.web.jobs import rules
from wutong.web.jobs.models import Message
from wutong.web.jobs.rules import Channel, Outcome
from wutong.web.lib import sealing

TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 20_000
LONGEST_TEXT = {Channel.DINGTALK: 15_000, Channel.WECOM: 2_048}  # bytes of UTF-8
# Codes with which they say: not taken, come later. 410100, 45009 and -1 are general knowledge, to be checked against the vendors' pages.
LATER = {Channel.DINGTALK: {-1, 130101, 410100}, Channel.WECOM: {-1, 45009}}
MANY_REQUESTS, UNAVAILABLE, SERVER_ERROR, CLIENT_ERROR, REDIRECT = 429, 503, 500, 400, 300


class NotReachable(Exception):  # noqa: N818
    """Surely nothing was handed over; `is_final`: another attempt would end alike."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


def send(message: Message) -> tuple[Outcome, str]:
    """Post the message to its robot."""
    robot = message.robot
    if robot is None or not robot.is_active:
        return Outcome.REFUSED, "the robot is not in use"
    channel = Channel(robot.channel)
    try:
        address, secret = sealing.unsealed(robot.sealed_address), sealing.unsealed(robot.sealed_secret)
    except sealing.NoKey:
        return Outcome.REFUSED, "the address cannot be opened because SECRET_KEY has changed; enter address and secret again"
    if channel == Channel.DINGTALK and secret:
        address += signature(secret, int(time.time() * 1000))
    body = json.dumps({"msgtype": "text", "text": {"content": content(message, channel)}}, ensure_ascii=False).encode()
    connection = None
    try:
        connection = connected(address)
    except NotReachable as error:
        return (Outcome.REFUSED if error.is_final else Outcome.NOT_TAKEN), str(error)
    try:
        return _answer(connection, address, body, channel)
    finally:
        connection.close()


def signature(secret: str, milliseconds: int) -> str:
    """What DingTalk wants behind the address: the time, and HMAC-SHA256 over time and secret with the secret as key."""
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest))}"


def content(message: Message, channel: Channel) -> str:
    """Subject, text and link, cut to what the channel takes."""
    parts = [message.title, message.text, f"{settings.OFFICE_URL}{message.address}" if message.address and settings.OFFICE_URL else ""]
    data = "\n".join(part for part in parts if part).encode()
    longest = LONGEST_TEXT[channel]
    return data.decode() if len(data) <= longest else data[: longest - 3].decode("utf-8", "ignore") + "…"


def connected(address: str) -> http.client.HTTPConnection:
    """A connection to the machine that the name stands for now, if a robot may post to it. Raises: NotReachable.

    Why: the name is looked up once, what was looked at is what is called, and redirections are not followed; so a name that stands for a
    harmless machine when it is typed in and for one of the office's own later (DNS rebinding) reaches nothing.
    """
    if refusals := rules.refusals_of_address(address, private_hosts=settings.ROBOT_PRIVATE_HOSTS):
        raise NotReachable(f"the address is refused: {', '.join(refusals)}", is_final=True)
    parts = urlsplit(address)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotReachable(f"the name {host} is not known: {error}") from error
    resolved = [str(entry[4][0]) for entry in found]
    if not all(rules.may_reach(host, one, private_hosts=settings.ROBOT_PRIVATE_HOSTS) for one in resolved):
        raise NotReachable(
            f"{host} stands for an address of a private network ({', '.join(resolved)}); list it in WUTONG_ROBOT_PRIVATE_HOSTS",
            is_final=True,
        )
    return _open(host, resolved[0], port, is_tls=is_tls)


def _open(host: str, resolved: str, port: int, *, is_tls: bool) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        line = socket.create_connection((resolved, port), TIMEOUT_SECONDS)
        connection.sock = ssl.create_default_context().wrap_socket(line, server_hostname=host) if is_tls else line
    except OSError as error:  # TLS errors are such too
        raise NotReachable(f"{host} cannot be reached: {error}") from error
    return connection


def _answer(connection: http.client.HTTPConnection, address: str, body: bytes, channel: Channel) -> tuple[Outcome, str]:
    parts = urlsplit(address)
    try:
        headers = {"Host": parts.netloc, "Content-Type": "application/json; charset=utf-8", "User-Agent": "Wutong"}
        connection.request("POST", f"{parts.path or '/'}?{parts.query}", body, headers)
        response = connection.getresponse()
        said = response.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        return Outcome.UNSURE, f"no answer after the message was sent: {type(error).__name__} {error}"
    return judged(response.status, said, channel)


def judged(status: int, said: bytes, channel: Channel) -> tuple[Outcome, str]:
    """What an answer means: both services answer 200 with `errcode`, 0 for taken."""
    if status in {MANY_REQUESTS, UNAVAILABLE}:
        return Outcome.NOT_TAKEN, f"HTTP {status}"
    if status >= SERVER_ERROR:
        return Outcome.UNSURE, f"HTTP {status}"
    if status >= REDIRECT:
        return Outcome.REFUSED, f"HTTP {status}"
    try:
        answer: Any = json.loads(said)
        code = int(answer["errcode"])
    except (ValueError, TypeError, KeyError):
        return Outcome.UNSURE, "the answer cannot be read"
    if code == 0:
        return Outcome.SENT, ""
    return (Outcome.NOT_TAKEN if code in LATER[channel] else Outcome.REFUSED), f"errcode {code} {answer.get('errmsg', '')}"
