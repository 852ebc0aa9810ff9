"""When a job is repeated, cancelled or asked for again, what a message's fate is, and how a subscription of events goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

WAITS_LEAF = "jobs.waits_at_most_minutes"
LONGEST_PAUSE_SECONDS = 3600
KEPT_DAYS = 200  # logs are kept six months at least (design section 6)
KEPT_ROUNDS = 20  # of a chore that the clock asks for and that went well
LONGEST_LOG_LINES = 2000
MOST_ATTEMPTS = 8
MOST_LOSSES = 5
"""So many workers in a row may be lost with a job before that counts as its own fault."""
SILENT_SECONDS = 120  # a message being handed over for longer belongs to a worker that is gone


class JobState(StrEnum):
    """Where a job (后台任务) stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Fault(StrEnum):
    """Why a job failed, as a code that an administrator may read; `Job.fault` says it to whoever asked, in words."""

    NONE = ""
    WORKER_LOST = "worker_lost"
    STOPPED = "stopped"
    UNKNOWN_KIND = "unknown_kind"
    NOT_ALLOWED = "not_allowed"
    ERROR = "error"


class Refusal(StrEnum):
    """Why something about a job or a message is refused; the web puts it into words."""

    HAS_ENDED = "has_ended"
    NOT_ENDED = "not_ended"
    IS_DONE = "is_done"
    KIND_GONE = "kind_gone"
    NOT_STUCK = "not_stuck"
    ADDRESS_NOT_HTTPS = "address_not_https"
    ADDRESS_UNREADABLE = "address_unreadable"
    PERSON_INACTIVE = "person_inactive"
    UNKNOWN_EVENT = "unknown_event"
    NOT_NOW = "not_now"


class Channel(StrEnum):
    """How a message (消息) goes."""

    IN_APP = "in_app"
    EMAIL = "email"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    WEBHOOK = "webhook"


ROBOTS = frozenset({Channel.DINGTALK, Channel.WECOM})


class MessageState(StrEnum):
    """Where a message stands. UNSURE: it was handed over and no answer came, so nobody knows whether it arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    DROPPED = "dropped"


SETTLED = frozenset({MessageState.SENT, MessageState.DROPPED})
STUCK = frozenset({MessageState.FAILED, MessageState.UNSURE})


class Outcome(StrEnum):
    """What became of one attempt to hand a message over."""

    SENT = "sent"
    NOT_TAKEN = "not_taken"  # surely not taken: before anything was handed over, or the other side said so and asks for patience
    REFUSED = "refused"  # surely not taken, and another attempt would fail alike
    UNSURE = "unsure"  # it was handed over, and then silence
    WITHHELD = "withheld"  # it may not be told any more


def after(outcome: Outcome, attempts_made: int) -> MessageState:
    """Where a message stands after an attempt.

    Why: only what was surely not taken is tried again; what may have arrived waits for a person, so that nothing is ever sent twice.
    """
    match outcome:
        case Outcome.SENT:
            return MessageState.SENT
        case Outcome.UNSURE:
            return MessageState.UNSURE
        case Outcome.WITHHELD:
            return MessageState.DROPPED
        case Outcome.NOT_TAKEN if attempts_made < MOST_ATTEMPTS:
            return MessageState.WAITING
    return MessageState.FAILED


def refusals_to_decide(state: MessageState, *, is_known_again: bool = False) -> tuple[Refusal, ...]:
    """Why nobody may decide about a message by hand: it is on its way or has arrived.

    `is_known_again`: the other side drops what it has already, so that it may be sent once more whatever came of it.
    """
    is_open = state in STUCK or (is_known_again and state in SETTLED)
    return () if is_open else (Refusal.NOT_STUCK,)


def refusals_of_address(address: str, *, private_hosts: Iterable[str]) -> tuple[Refusal, ...]:
    """Why an address is none that a robot or a webhook may post to: unreadable, or plain HTTP to a host that the settings do not list."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return (Refusal.ADDRESS_UNREADABLE,)
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or any(sign.isspace() for sign in address):
        return (Refusal.ADDRESS_UNREADABLE,)
    if parts.scheme == "http" and host not in set(private_hosts):
        return (Refusal.ADDRESS_NOT_HTTPS,)
    return ()


def may_reach(host: str, resolved: str, *, private_hosts: Iterable[str]) -> bool:
    """Whether a robot or a webhook may post to an address that a host's name stands for at this moment.

    Why: a name may stand for a machine of the office's own network, so that whoever types an address could reach what he should not. Listed
    is a host by its name, or a network such as 10.1.0.0/16.
    """
    found = _meant(ip_address(resolved.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    if found.is_global and not any(found in network for network in LOCAL):
        return True
    return any(_lists(entry, host, found) for entry in private_hosts)


NAT64 = ip_network("64:ff9b::/96")
LOCAL = (ip_network("fec0::/10"), ip_network("64:ff9b:1::/48"))  # of the own network, though Python calls them global


def _meant(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address at which an IPv6 one arrives: mapped, by 6to4, by NAT64; else itself."""
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or found.sixtofour or (IPv4Address(found.packed[12:]) if found in NAT64 else found)


def _lists(entry: str, host: str, found: IPv4Address | IPv6Address) -> bool:
    if entry.lower() == host.lower():
        return True
    try:
        return found in ip_network(entry, strict=False)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as the rules see it."""

    state: JobState
    attempts_made: int
    attempts_allowed: int
    is_cancel_asked: bool = False
    losses: int = 0  # workers lost with it since its work last moved on


def pause_seconds(attempt: int, *, first_seconds: int) -> int:
    """How long to wait before the next attempt: twice as long after each, an hour at most."""
    return int(min(first_seconds * 2 ** min(max(attempt - 1, 0), 12), LONGEST_PAUSE_SECONDS))


def is_loss_forgiven(job: JobFacts) -> bool:
    """Whether an attempt that ended because its worker was gone does not count against the job, which is of a kind that may be repeated.

    Why: a killed worker is no fault of the job; only one with which worker after worker goes, and which does not move on, may be what kills
    them, and must come to an end.
    """
    return job.attempts_allowed > 1 and job.losses < MOST_LOSSES


def may_repeat(job: JobFacts) -> bool:
    """Whether a job that broke off is begun again by itself."""
    return not job.is_cancel_asked and job.attempts_made < job.attempts_allowed


def refusals_to_cancel(job: JobFacts) -> tuple[Refusal, ...]:
    """Why a job cannot be cancelled: it has ended."""
    return (Refusal.HAS_ENDED,) if job.state in ENDED else ()


def refusals_to_repeat(job: JobFacts, *, is_kind_known: bool) -> tuple[Refusal, ...]:
    """Why a person may not ask for a job again: it goes on, it is done, or the program knows its kind no more."""
    found: list[Refusal] = []
    if job.state == JobState.DONE:
        found.append(Refusal.IS_DONE)
    elif job.state not in ENDED:
        found.append(Refusal.NOT_ENDED)
    if not is_kind_known:
        found.append(Refusal.KIND_GONE)
    return tuple(found)


def slot(now: dt.datetime, *, every_minutes: int | None, at_hour: int | None) -> str | None:
    """The name of the period whose run is due at a local time; None while the day's hour has not come.

    Why: two workers that name a slot alike ask for the same row, and the database keeps one of them.
    """
    if every_minutes:
        minutes = int(now.timestamp()) // 60
        begun = dt.datetime.fromtimestamp(minutes // every_minutes * every_minutes * 60, dt.UTC)
        return f"{begun:%Y-%m-%dT%H:%MZ}"
    if at_hour is None or now.hour < at_hour:
        return None
    return now.date().isoformat()


# --- subscriptions of events ------------------------------------------------------------------------------------------------------------
FAILURES_LEAF = "jobs.webhook_failures_count"
CATCH_UP_LEAF = "jobs.webhook_catch_up_days"
TRIAL = "webhook.trial"  # the one event that is none: somebody tries the receiver
WEBHOOK_SIGN = "wutong_hook_"  # what a secret begins with, so that one left lying in a file is found


class WebhookState(StrEnum):
    """Where a subscription of events (事件推送) stands. ASKED: the person by whose rights it goes has not agreed yet."""

    ASKED = "asked"
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class WebhookStep(StrEnum):
    """What somebody does about a subscription. AGREE and WITHDRAW are the person's, all others the administrator's."""

    AGREE = "agree"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    BRING_BACK = "bring_back"


TRIED = frozenset({WebhookState.ASKED, WebhookState.PAUSED})  # a trial goes out all the same
PERSONAL_STEPS = frozenset({WebhookStep.AGREE, WebhookStep.WITHDRAW})
UNTOLD_STEPS = frozenset({WebhookStep.WITHDRAW, WebhookStep.REMOVE})  # what happens from then to the next consent is never told
STEPS = {
    WebhookStep.AGREE: ({WebhookState.ASKED}, WebhookState.ACTIVE),
    WebhookStep.WITHDRAW: ({WebhookState.ACTIVE, WebhookState.PAUSED}, WebhookState.ASKED),
    WebhookStep.PAUSE: ({WebhookState.ACTIVE}, WebhookState.PAUSED),
    WebhookStep.RESUME: ({WebhookState.PAUSED}, WebhookState.ACTIVE),
    WebhookStep.REMOVE: ({WebhookState.ASKED, WebhookState.ACTIVE, WebhookState.PAUSED}, WebhookState.REMOVED),
    WebhookStep.BRING_BACK: ({WebhookState.REMOVED}, WebhookState.ASKED),
}


def refusals_to_step(state: WebhookState, step: WebhookStep, *, is_as_seen: bool = True) -> tuple[Refusal, ...]:
    """Why a subscription does not go on by a step: it does not stand where that begins, or not as the person saw it who agrees."""
    return () if state in STEPS[step][0] and is_as_seen else (Refusal.NOT_NOW,)


def refusals_of_webhook(events: Iterable[str], *, state: WebhookState, known: Iterable[str], is_open: bool) -> tuple[Refusal, ...]:
    """Why a subscription may not be kept: it is deleted, names no event, or one that nobody is told of, or a closed account."""
    named = set(events)
    found = {
        Refusal.NOT_NOW: state == WebhookState.REMOVED,
        Refusal.UNKNOWN_EVENT: not named or not named <= set(known),
        Refusal.PERSON_INACTIVE: not is_open,
    }
    return tuple(refusal for refusal, holds in found.items() if holds)


def is_to_pause(failures: int, *, most: int) -> bool:
    """Whether so many failures in a row pause a subscription by itself."""
    return failures >= most
