"""Events to other systems: gathered from the audit by the clock; each handed over signed, over a connection looked at first."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from wutong.web.audit import actions as audit
from wutong.web.jobs import actions, queries
from wutong.web.jobs.models import Message, Webhook
from wutong.web.jobs.rules import Outcome
from wutong.web.jobs.tasks import robots
from wutong.web.lib import sealing
from wutong.web.lib.hooks import Running

LONGEST_CALL_SECONDS = 20.0
TAKEN, REDIRECT, CLIENT_ERROR, GONE = 200, 300, 400, 410


def gather(job: Running) -> dict[str, Any]:
    """Write down what each subscription is to be told of; the audit is sealed first, for events are read along its seals."""
    now, rounds = timezone.now(), 0
    if Webhook.objects.active().exists():
        audit.seal(at=now)
    for webhook in Webhook.objects.active():
        while actions.gather(webhook=webhook, by=None, at=now):
            job.stop_if_cancelled()
            rounds += 1
    return {"rounds": rounds}


def send(message: Message) -> tuple[Outcome, str]:
    """Hand an event over, if the subscription may still be told; `message.answer_number` is what was answered.

    Why a time-out is not taken, where robots are unsure: the receiver knows an event by its id and drops what it has already.
    """
    message.answer_number, webhook = None, message.webhook
    if webhook is None or not queries.may_be_told(message):
        return Outcome.WITHHELD, "it may not be told any more"
    try:
        address, secret = sealing.unsealed(webhook.sealed_address), sealing.unsealed(webhook.sealed_secret)
    except sealing.NoKey:
        return Outcome.REFUSED, "the address cannot be opened because SECRET_KEY has changed; enter the address again and renew the secret"
    try:
        connection = robots.connected(address)
    except robots.NotReachable as error:
        return (Outcome.REFUSED if error.is_final else Outcome.NOT_TAKEN), str(error)
    try:
        with _cut_off(connection):
            message.answer_number = _answered(connection, address, message, secret)
    except (OSError, http.client.HTTPException) as error:
        return Outcome.NOT_TAKEN, f"no answer: {type(error).__name__} {error}"
    finally:
        connection.close()
    return judged(message.answer_number)


def judged(status: int) -> tuple[Outcome, str]:
    """What an answer means: 2xx is taken; a redirection is not followed and 410 says that nobody listens any more; all else comes again."""
    if TAKEN <= status < REDIRECT:
        return Outcome.SENT, ""
    if REDIRECT <= status < CLIENT_ERROR or status == GONE:
        return Outcome.REFUSED, f"HTTP {status}"
    return Outcome.NOT_TAKEN, f"HTTP {status}"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over time stamp, a full stop and body, with the secret of the subscription as key, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _answered(connection: http.client.HTTPConnection, address: str, message: Message, secret: str) -> int:
    """The code of the answer; its body is nobody's business and is not read."""
    parts, body, timestamp = urlsplit(address), message.text.encode(), str(int(time.time()))
    headers = {
        "Host": parts.netloc, "Content-Type": "application/json", "User-Agent": "Wutong", "Connection": "close",
        "X-Wutong-Event": message.title, "X-Wutong-Event-Id": str(json.loads(message.text)["id"]), "X-Wutong-Timestamp": timestamp,
        "X-Wutong-Signature": f"sha256={signature(secret, timestamp, body)}",
    }  # fmt: skip
    connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
    return connection.getresponse().status


@contextmanager
def _cut_off(connection: http.client.HTTPConnection) -> Iterator[None]:
    """End the call after so long altogether. Why: a receiver that answers a byte every few seconds would hold all that waits behind it."""
    line = connection.sock

    def cut() -> None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(LONGEST_CALL_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
