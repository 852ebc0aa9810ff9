"""Hands messages over: notes that it begins, calls, notes what became of it; nothing is handed over twice."""

from __future__ import annotations

import logging

from django.utils import timezone

from wutong.web.jobs import actions
from wutong.web.jobs.models import Message
from wutong.web.jobs.rules import Channel, Outcome
from wutong.web.jobs.tasks import mail, robots, webhooks

log = logging.getLogger("wutong.jobs")


def deliver_next() -> bool:
    """Hand the next message over; False where none is due."""
    if not Message.objects.due(timezone.now()).exists():
        return False
    message = actions.claim_message(by=None, at=timezone.now())
    if message is None:
        return False
    outcome, fault = _hand_over(message)
    if fault:
        log.warning("message %s by %s: %s (%s)", message.public_id, message.channel, outcome, fault)
    actions.settle(message=message, outcome=outcome, fault=fault, by=None, at=timezone.now())
    return True


def _hand_over(message: Message) -> tuple[Outcome, str]:
    try:
        match message.channel:
            case Channel.EMAIL:
                return mail.send(message)
            case Channel.WEBHOOK:
                return webhooks.send(message)
        return robots.send(message)
    except Exception as error:  # nobody knows how far it came
        log.exception("message %s could not be handed over", message.public_id)
        return Outcome.UNSURE, f"{type(error).__name__}: {error}"
