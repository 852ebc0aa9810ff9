"""When a job is repeated, when it may be cancelled or asked for again, and what a message's fate is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

LONGEST_PAUSE_SECONDS = 3600
KEPT_DAYS = 200  # logs are kept six months at least (design section 6)
LONGEST_LOG_LINES = 2000


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


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as the rules see it."""

    state: JobState
    attempts_made: int
    attempts_allowed: int
    is_cancel_asked: bool = False


def pause_seconds(attempt: int, *, first_seconds: int) -> int:
    """How long to wait before the next attempt: twice as long after each, an hour at most."""
    return int(min(first_seconds * 2 ** min(max(attempt - 1, 0), 12), LONGEST_PAUSE_SECONDS))


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
