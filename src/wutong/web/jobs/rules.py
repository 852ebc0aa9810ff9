"""When a job is repeated, when it may be cancelled or asked for again, and what a message's fate is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

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


class Channel(StrEnum):
    """How a message (消息) goes."""

    IN_APP = "in_app"
    EMAIL = "email"
    DINGTALK = "dingtalk"
    WECOM = "wecom"


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


def after(outcome: Outcome, attempts_made: int) -> MessageState:
    """Where a message stands after an attempt.

    Why: only what was surely not taken is tried again; what may have arrived waits for a person, so that nothing is ever sent twice.
    """
    match outcome:
        case Outcome.SENT:
            return MessageState.SENT
        case Outcome.UNSURE:
            return MessageState.UNSURE
        case Outcome.NOT_TAKEN if attempts_made < MOST_ATTEMPTS:
            return MessageState.WAITING
    return MessageState.FAILED


def refusals_to_decide(state: MessageState) -> tuple[Refusal, ...]:
    """Why nobody may decide about a message by hand: it is on its way or has arrived."""
    return () if state in STUCK else (Refusal.NOT_STUCK,)


def refusals_of_address(address: str, *, private_hosts: Iterable[str]) -> tuple[Refusal, ...]:
    """Why an address is none that a robot may post to: unreadable, or plain HTTP to a host that the settings do not list."""
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
    """Whether a robot may post to an address that a host's name stands for at this moment.

    Why: a name may stand for a machine of the office's own network, so that whoever types an address could reach what he should not. Listed
    is a host by its name, or a network such as 10.1.0.0/16.
    """
    found = ip_address(resolved.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_global and not found.is_multicast:
        return True
    return any(_lists(entry, host, found) for entry in private_hosts)


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
