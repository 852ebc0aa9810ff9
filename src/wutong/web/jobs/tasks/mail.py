"""One e-mail, and whether the server surely has not taken it, has taken it, or may have."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from wutong.web.jobs.models import Message
from wutong.web.jobs.rules import Outcome

PERMANENT = 500  # RFC 5321: 5yz will be refused again, 4yz may be taken later


def send(message: Message) -> tuple[Outcome, str]:
    """Hand the e-mail to the office's mail server."""
    if message.to is None or not message.to.email or not message.to.is_active:
        return Outcome.REFUSED, "the person has no e-mail address or the account is closed"
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return _before(error)
    body = _Body(getattr(connection, "connection", None))
    try:
        connection.send_messages([_drawn(message, connection)])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return _answered(code, text)
    except smtplib.SMTPResponseException as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return (Outcome.UNSURE, f"no answer after the text was sent: {error}") if body.is_begun else _before(error)
    finally:
        _close(connection)
    return Outcome.SENT, ""


class _Body:
    """Knows whether the text of the mail has begun to be sent on a connection."""

    def __init__(self, server: Any) -> None:
        self.is_begun = False
        if server is not None:
            server.data = self._noted(server.data)

    def _noted(self, data: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def noted(text: Any) -> Any:
            self.is_begun = True
            return data(text)

        return noted


def _before(error: Exception) -> tuple[Outcome, str]:
    code = getattr(error, "smtp_code", 0)
    return (Outcome.REFUSED if code >= PERMANENT else Outcome.NOT_TAKEN), f"{type(error).__name__}: {error}"


def _answered(code: int, text: bytes | str) -> tuple[Outcome, str]:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return (Outcome.REFUSED if code >= PERMANENT else Outcome.NOT_TAKEN), f"{code} {said}"


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return  # the mail is taken or refused already; how the talk ends changes nothing


def _drawn(message: Message, connection: Any) -> EmailMessage:
    text = f"{message.text}\n\n{settings.OFFICE_URL}{message.address}" if message.address and settings.OFFICE_URL else message.text
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
    headers = {"Message-ID": f"<{message.public_id}@{domain}>"}  # the same at every attempt, so that the reader's side can tell
    to = [message.to.email] if message.to else []
    return EmailMessage(message.title, text, settings.DEFAULT_FROM_EMAIL, to, headers=headers, connection=connection)
