"""Reads of jobs and messages, shaped for pages."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from wutong.web.accounts.rules import Permission
from wutong.web.jobs import rules
from wutong.web.jobs.models import Job, JobLine, JobQuerySet, Message, MessageQuerySet, Robot, RobotQuerySet
from wutong.web.jobs.rules import JobState
from wutong.web.lib import access, hooks

LINES_SHOWN = 200
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, as a person may see it: `is_open` says whether he also reads what it is about."""

    public_id: uuid.UUID
    kind_name: Any
    title: str
    state: JobState
    state_name: str
    step: str
    pieces_done: int
    pieces_total: int
    pieces_per_second: float | None
    seconds_left: float | None
    fault: str
    fault_name: Any
    address: str
    is_open: bool
    has_ended: bool
    is_cancel_asked: bool
    is_again: bool

    @property
    def share(self) -> float | None:
        """How much of the step is done, 0-1; None where nobody knows."""
        return self.pieces_done / self.pieces_total if self.pieces_total else None


@dataclass(frozen=True, slots=True)
class JobPage:
    """A job with its log, and what the person may do about it."""

    job: Job
    progress: Progress
    lines: tuple[JobLine, ...]
    lines_left_out: int
    may_cancel: bool
    may_repeat: bool


def jobs(user: Any) -> JobQuerySet:
    """The jobs a person may see, with who asked."""
    return Job.objects.visible_to(user).select_related("by", "unit")


def matching(found: JobQuerySet, user: Any, *, whose: str = "", state: str = "", kind: str = "") -> JobQuerySet:
    """Jobs by whose they are, state and kind; one's own unless told otherwise."""
    if whose != "all":
        found = found.filter(by_id=user.pk)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found


def kinds() -> list[tuple[str, str]]:
    """Every kind of job, code and name, for the filter."""
    return sorted(((kind.code, str(kind.label)) for kind in hooks.job_kinds().values()), key=lambda pair: pair[1])


def progress(job: Job, user: Any) -> Progress:
    """How far a job is."""
    is_open = job.is_open_to(user)
    rate, left = _pace(job)
    kind = hooks.job_kinds().get(job.kind)
    address = kind.address(job.arguments, job.result or {}) if kind and kind.address and job.state == JobState.DONE and is_open else ""
    return Progress(
        public_id=job.public_id, kind_name=job.kind_name, title=job.title if is_open else "", state=JobState(job.state),
        state_name=job.get_state_display(), step=job.step if is_open else "", pieces_done=job.pieces_done, pieces_total=job.pieces_total,
        pieces_per_second=rate, seconds_left=left, fault=job.fault if is_open else "", fault_name=job.fault_name, address=address,
        is_open=is_open, has_ended=job.has_ended, is_cancel_asked=job.is_cancel_asked,
        is_again=job.state == JobState.QUEUED and bool(job.fault_code),
    )  # fmt: skip


def _pace(job: Job) -> tuple[float | None, float | None]:
    """Pieces a second in the present step, and seconds left in it, by what was last heard."""
    if job.state != JobState.RUNNING or not (job.step_at and job.heartbeat_at and job.pieces_total and job.pieces_done):
        return None, None
    seconds = (job.heartbeat_at - job.step_at).total_seconds()
    if seconds < 1:
        return None, None
    rate = job.pieces_done / seconds
    return rate, (job.pieces_total - job.pieces_done) / rate


def may_cancel(job: Job, user: Any) -> bool:
    """Whether somebody may cancel a job: his own, or as whoever looks after the server, but no chore of a room that he may not see.

    Why: else the system administrator could keep the audit chain from being sealed and anchored (三员分立).
    """
    if job.by_id == user.pk:
        return True
    kind = hooks.job_kinds().get(job.kind)
    is_anothers_chore = job.by_id is None and kind is not None and kind.permission and not user.may(kind.permission)
    return bool(user.may(Permission.JOBS_EDIT)) and not is_anothers_chore


def is_open_to_token(job: Job, user: Any) -> bool:
    """Whether a request may read a job: one by token only as far as the token gives what the job is about, or jobs at all."""
    kind = hooks.job_kinds().get(job.kind)
    needed = {kind.permission} - {""} if kind else set()
    return user.token is None or any(user.may(one) for one in {Permission.JOBS_VIEW, *needed})


def may_repeat(job: Job, user: Any) -> bool:
    """Whether somebody may have a job begun again that failed or was cancelled: whoever asked; of a chore, who looks after the server."""
    kind = hooks.job_kinds().get(job.kind)
    is_permitted = kind is None or not kind.permission or user.may(kind.permission)
    is_his = (job.by_id == user.pk and is_permitted) if job.by_id else user.may(Permission.JOBS_EDIT)
    return bool(is_his) and not rules.refusals_to_repeat(job.facts(), is_kind_known=kind is not None)


def page(job: Job, user: Any) -> JobPage:
    """A job with the end of its log."""
    lines = JobLine.objects.visible_to(user).filter(job=job)
    shown = tuple(reversed(lines.order_by("-pk")[:LINES_SHOWN]))
    return JobPage(
        job=job, progress=progress(job, user), lines=shown, lines_left_out=lines.count() - len(shown) if len(shown) == LINES_SHOWN else 0,
        may_cancel=may_cancel(job, user) and not job.is_cancel_asked and not rules.refusals_to_cancel(job.facts()),
        may_repeat=may_repeat(job, user),
    )  # fmt: skip


# --- messages ---------------------------------------------------------------------------------------------------------------------------
def messages(user: Any) -> MessageQuerySet:
    """A person's in-app messages."""
    return Message.objects.visible_to(user)


def messages_matching(found: MessageQuerySet, *, text: str = "", state: str = "") -> MessageQuerySet:
    """Messages by words, and whether they are read."""
    if text:
        found = found.filter(Q(title__icontains=text) | Q(text__icontains=text))
    if state:
        found = found.filter(read_at__isnull=state == "unread")
    return found


def unread(user: Any) -> int:
    """How many messages a person has not read, a hundred at most; asked once a page."""
    return int(access.once("jobs.unread", Message.objects.visible_to(user).unread()[:MOST_COUNTED].count))


def outbox(user: Any) -> MessageQuerySet:
    """What goes out by mail and robots, for whoever looks after the server."""
    return Message.objects.in_the_outbox_of(user).select_related("to", "robot")


def outbox_matching(found: MessageQuerySet, *, state: str = "", channel: str = "", since: dt.date | None = None) -> MessageQuerySet:
    """Messages by state, channel and the day they were written."""
    if state:
        found = found.filter(state=state)
    if channel:
        found = found.filter(channel=channel)
    if since:
        found = found.filter(written_at__gte=access.begins(since))
    return found


def robots(user: Any) -> RobotQuerySet:
    """The robots, for whoever looks after the server."""
    return Robot.objects.visible_to(user)


def robots_in_use() -> RobotQuerySet:
    """The robots that a room may post to with `actions.post`; the person who causes the message need not see them."""
    return Robot.objects.active()
