"""Everything that changes a job: asked for, begun, told of, ended. What a worker does needs no permission: nobody asks for it by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from wutong.web.accounts.actions import NotAllowed
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import rules
from wutong.web.jobs.models import Job, JobLine
from wutong.web.jobs.rules import Fault, JobState
from wutong.web.lib import hooks

ENDS = ["state", "ended_at", "lease_until", "worker", "step", "fault_code", "fault", "result", "is_cancel_asked", "pieces_done", "due_at"]


class UnknownKind(LookupError):  # noqa: N818
    """No installed room has such a kind of job."""


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[rules.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


class LeaseLost(Exception):  # noqa: N818
    """Another worker has the job, or it was ended; whatever this one did not commit must go."""


def _refuse(refusals: tuple[rules.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


# --- asking ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def enqueue(
    *,
    kind: str,
    arguments: Mapping[str, Any],
    by: Any,
    at: dt.datetime,
    title: str = "",
    unit: Unit | None = None,
    due_at: dt.datetime | None = None,
) -> Job:
    """Ask for a job; `by` None is the system itself. Raises: UnknownKind, NotAllowed.

    Why: the row is the queue, so that a worker sees the job when the caller's transaction is committed, with all that it is about, and
    never where that was rolled back.
    """
    known = _kind(kind)
    if by is not None and known.permission and not by.may(known.permission):
        raise NotAllowed(known.permission)
    job = Job.objects.create(
        kind=kind, title=title[:200], by=by, unit=unit or (by.unit if by is not None else None), arguments=dict(arguments),
        attempts=known.attempts, queued_at=at, due_at=due_at or at,
    )  # fmt: skip
    if by is not None:
        audit.record(action="jobs.enqueue", by=by, at=at, obj=job, changes={"kind": kind, "arguments": dict(arguments)})
    return job


def _kind(code: str) -> hooks.JobKind:
    try:
        return hooks.job_kinds()[code]
    except KeyError:
        raise UnknownKind(code) from None


@transaction.atomic
def enqueue_periodic(*, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Ask for whatever is due by the clock of the office (`local`), once a slot however many workers look; returns how many."""
    asked = 0
    for periodic in hooks.periodic():
        slot = rules.slot(local, every_minutes=periodic.every_minutes, at_hour=periodic.at_hour)
        if slot is None or Job.objects.filter(slot=f"{periodic.kind}@{slot}").exists():
            continue
        known = _kind(periodic.kind)
        try:
            with transaction.atomic():
                values = {"kind": periodic.kind, "attempts": known.attempts, "queued_at": at, "due_at": at}
                Job.objects.create(slot=f"{periodic.kind}@{slot}", **values)
        except IntegrityError:
            continue  # another worker was quicker
        asked += 1
    return asked


@transaction.atomic
def cancel(*, job: Job, by: Any, at: dt.datetime) -> Job:
    """Cancel a job that waits, or ask a running one to stop at its next step. Raises: NotAllowed, Refused."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.by_id != by.pk and not by.may(Permission.JOBS_EDIT):
        raise NotAllowed(Permission.JOBS_EDIT)
    _refuse(rules.refusals_to_cancel(job.facts()))
    job.is_cancel_asked = True
    if job.state == JobState.QUEUED:
        job.state, job.ended_at = JobState.CANCELLED, at
    job.save(update_fields=["state", "ended_at", "is_cancel_asked"])
    audit.record(action="jobs.cancel", by=by, at=at, obj=job, changes={"kind": job.kind, "state": job.state})
    return job


@transaction.atomic
def repeat(*, job: Job, by: Any, at: dt.datetime) -> Job:
    """Put a failed or cancelled job back into the queue; it goes on behind what was reached. Raises: NotAllowed, Refused.

    Why: only whoever asked knows whether it is still wanted; what the system does by itself belongs to whoever looks after the server.
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    is_own = job.by_id == by.pk if job.by_id else by.may(Permission.JOBS_EDIT)
    kind = hooks.job_kinds().get(job.kind)
    if not is_own or (kind and job.by_id and kind.permission and not by.may(kind.permission)):
        raise NotAllowed(Permission.JOBS_EDIT)
    _refuse(rules.refusals_to_repeat(job.facts(), is_kind_known=kind is not None))
    job.state, job.due_at, job.ended_at = JobState.QUEUED, at, None
    job.attempts = job.attempt_no + (kind.attempts if kind else 1)
    job.fault_code, job.fault, job.is_cancel_asked, job.step = Fault.NONE, "", False, ""
    job.save(update_fields=["state", "due_at", "ended_at", "attempts", "fault_code", "fault", "is_cancel_asked", "step"])
    audit.record(action="jobs.repeat", by=by, at=at, obj=job, changes={"kind": job.kind, "attempt": job.attempt_no + 1})
    return job


# --- what a worker does ---------------------------------------------------------------------------------------------------------------
def _lease(at: dt.datetime) -> dt.datetime:
    return at + dt.timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _locked(**condition: Any) -> Any:
    """Rows to write, passing over those that another worker is writing; SQLite has one writer at a time anyway."""
    rows = Job.objects.filter(**condition)
    return rows.select_for_update(skip_locked=True) if connection.features.has_select_for_update_skip_locked else rows


@transaction.atomic
def claim(*, worker: str, by: None, at: dt.datetime) -> Job | None:
    """Take the job that has waited longest; nobody else has it from then on. Grain: one attempt."""
    job: Job | None = _locked(state=JobState.QUEUED, due_at__lte=at).order_by("due_at", "pk").first()
    if job is None:
        return None
    job.state, job.attempt_no, job.worker = JobState.RUNNING, job.attempt_no + 1, worker
    job.started_at, job.heartbeat_at, job.lease_until = job.started_at or at, at, _lease(at)
    job.save(update_fields=["state", "attempt_no", "worker", "started_at", "heartbeat_at", "lease_until"])
    return job


@transaction.atomic
def recover(*, by: None, at: dt.datetime) -> int:
    """Look after jobs whose worker is gone: begun again after a pause if their kind may be, else failed. Returns how many."""
    lost = list(_locked(state=JobState.RUNNING, lease_until__lt=at).order_by("pk")[:100])
    for job in lost:
        _break_off(job, Fault.WORKER_LOST, "", at=at)
    return len(lost)


def _break_off(job: Job, code: Fault, fault: str, *, at: dt.datetime, pause: bool = True) -> None:
    """End an attempt that did not come to its end: cancelled, queued again or failed."""
    facts = job.facts()
    job.fault_code, job.fault, job.lease_until = code, fault, None
    if facts.is_cancel_asked:
        job.state, job.ended_at = JobState.CANCELLED, at
    elif rules.may_repeat(facts):
        job.state = JobState.QUEUED
        seconds = rules.pause_seconds(job.attempt_no, first_seconds=settings.JOB_PAUSE_SECONDS) if pause else 0
        job.due_at = at + dt.timedelta(seconds=seconds)
    else:
        job.state, job.ended_at = JobState.FAILED, at
    job.save(update_fields=ENDS)


def _held(job: Job) -> Job:
    """The row, locked, if the attempt still counts. Raises: LeaseLost."""
    held = Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).select_for_update().first()
    if held is None:
        raise LeaseLost(job.public_id)
    return held


@transaction.atomic
def beat(*, job: Job, by: None, at: dt.datetime, step: str | None = None, done: int = 0, total: int = 0) -> bool:
    """Say that the job lives, and how far it is; returns whether somebody wants it cancelled. Raises: LeaseLost."""
    values: dict[str, Any] = {"heartbeat_at": at, "lease_until": _lease(at)}
    if step is not None:
        values |= {"step": step[:200], "pieces_done": done, "pieces_total": total}
    if not Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).update(**values):
        raise LeaseLost(job.public_id)
    return Job.objects.filter(pk=job.pk, is_cancel_asked=True).exists()


@transaction.atomic
def add_line(*, job: Job, text: str, by: None, at: dt.datetime) -> None:
    """Write a line into the job's log. Raises: LeaseLost."""
    if not Job.objects.held(pk=job.pk, attempt_no=job.attempt_no).exists():
        raise LeaseLost(job.public_id)
    JobLine.objects.create(job_id=job.pk, attempt_no=job.attempt_no, at=at, text=text[:500])


@transaction.atomic
def hold(*, job: Job, by: None, at: dt.datetime) -> None:
    """Lock the job's row until the transaction ends, so that nobody takes it over meanwhile. Raises: LeaseLost."""
    held = _held(job)
    held.heartbeat_at = at
    held.save(update_fields=["heartbeat_at"])


@transaction.atomic
def reach(*, job: Job, reached: Any, result: Mapping[str, Any] | None, by: None, at: dt.datetime) -> None:
    """Write how far finished work goes, or with `result` that it is all done, in the transaction of that work. Raises: LeaseLost."""
    held = _held(job)
    held.heartbeat_at, held.lease_until = at, _lease(at)
    if reached is not None:
        held.reached = job.reached = reached
    held.save(update_fields=["heartbeat_at", "lease_until", "reached"])
    if result is not None:
        finish(job=job, result=result, by=None, at=at)


@transaction.atomic
def finish(*, job: Job, result: Mapping[str, Any] | None, by: None, at: dt.datetime) -> None:
    """The job is done. Raises: LeaseLost."""
    held = _held(job)
    held.state, held.ended_at, held.lease_until = JobState.DONE, at, None
    held.result, held.fault_code, held.fault, held.pieces_done = dict(result or {}), Fault.NONE, "", held.pieces_total
    held.save(update_fields=ENDS)


@transaction.atomic
def note_cancelled(*, job: Job, by: None, at: dt.datetime) -> None:
    """The job stopped because somebody asked for it. Raises: LeaseLost."""
    held = _held(job)
    held.state, held.ended_at, held.lease_until = JobState.CANCELLED, at, None
    held.save(update_fields=ENDS)


@transaction.atomic
def fail(*, job: Job, code: Fault, fault: str, by: None, at: dt.datetime, is_final: bool = False) -> None:
    """The attempt failed: again after a pause where its kind may be repeated, unless the fault will stay. Raises: LeaseLost."""
    held = _held(job)
    if is_final:
        held.attempts = held.attempt_no
        held.save(update_fields=["attempts"])
    _break_off(held, code, fault, at=at)


@transaction.atomic
def release(*, job: Job, by: None, at: dt.datetime) -> None:
    """Give a job back because the worker has to stop; the broken-off attempt does not count against it. Raises: LeaseLost."""
    held = _held(job)
    if held.attempts > 1:
        held.attempts += 1
        held.save(update_fields=["attempts"])
    _break_off(held, Fault.STOPPED, "", at=at, pause=False)


# --- keeping ----------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def forget_old(*, by: None, at: dt.datetime) -> int:
    """Delete jobs that ended longer ago than logs are kept, with their logs; returns how many."""
    before = at - dt.timedelta(days=rules.KEPT_DAYS)
    old = Job.objects.filter(state__in=[state.value for state in rules.ENDED], ended_at__lt=before)
    count = old.count()
    old.delete()
    return count
