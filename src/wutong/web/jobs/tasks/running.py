"""One attempt of a job: the handle that the running function gets, and what becomes of the ways in which it can end."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation

from wutong.web.jobs import actions
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import LONGEST_LOG_LINES, Fault
from wutong.web.lib import hooks

log = logging.getLogger("wutong.jobs")
TELL_SECONDS = 1.0


class Cancelled(BaseException):
    """Somebody wants the job to stop."""


class Stopped(BaseException):
    """The worker has to stop; the job is given back."""


class Handle:
    """What a running function knows of its job and tells of it; `lib.hooks.Running` is its shape."""

    def __init__(self, job: Job, stopping: Event) -> None:
        self._job = job
        self._stopping = stopping
        self._told: tuple[str, float] = ("", 0.0)
        self._asked_at = 0.0
        self._is_cancelled = False
        self._lines = job.lines.count()

    @property
    def job_id(self) -> int:
        """The job's key."""
        return self._job.pk

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What was asked for: ids."""
        return self._job.arguments

    @property
    def by(self) -> Any:
        """Who asked; None where the system did."""
        return self._job.by

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        return self._job.attempt_no

    @property
    def reached(self) -> Any:
        """How far an earlier attempt got, as `fenced(reached=…)` left it; None at the beginning."""
        return self._job.reached

    def step(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say how far it is; every second at most within a step. Raises: Stopped, LeaseLost."""
        if self._stopping.is_set():
            raise Stopped
        now = time.monotonic()
        if name != self._told[0] or done == total or now - self._told[1] >= TELL_SECONDS:
            self._told, self._asked_at = (name, now), now
            self._is_cancelled = actions.beat(job=self._job, step=name, done=done, total=total, by=None, at=timezone.now())

    def line(self, text: str) -> None:
        """Write a line into the log; past 2,000 lines nothing more is written."""
        self._lines += 1
        if self._lines <= LONGEST_LOG_LINES:
            actions.add_line(job=self._job, text=text, by=None, at=timezone.now())

    def is_cancelled(self) -> bool:
        """Whether somebody wants it to stop; asks the database every second at most. Raises: Stopped, LeaseLost."""
        if self._stopping.is_set():
            raise Stopped
        if not self._is_cancelled and time.monotonic() - self._asked_at >= TELL_SECONDS:
            self._asked_at = time.monotonic()
            self._is_cancelled = actions.beat(job=self._job, by=None, at=timezone.now())
        return self._is_cancelled

    def stop_if_cancelled(self) -> None:
        """End here if somebody wants it. Raises: Cancelled, Stopped, LeaseLost."""
        if self.is_cancelled():
            raise Cancelled

    @contextmanager
    def fenced(self, *, reached: Any = None, result: Mapping[str, Any] | None = None) -> Iterator[None]:
        """A transaction that is committed only where the attempt still counts, together with what it reached. Raises: LeaseLost.

        Why: a worker that was silent too long may wake and write what another has written meanwhile. Here the job's row is locked first,
        and `reached` (or the end, with `result`) stands if and only if the work stands: killed at any moment, nothing is lost or doubled.
        """
        with transaction.atomic():
            actions.hold(job=self._job, by=None, at=timezone.now())
            yield
            actions.reach(job=self._job, reached=reached, result=result, by=None, at=timezone.now())


@contextmanager
def beating(job: Job, stopping: Event) -> Iterator[None]:
    """Say that the job lives while a step is silent; where the grace of a stop is over, give the job back and leave at once."""
    over = Event()

    def beat() -> None:
        stopped_at = 0.0
        try:
            while not over.wait(min(settings.JOB_LEASE_SECONDS / 4, 1.0 if stopping.is_set() else 15.0)):
                if stopping.is_set():
                    stopped_at = stopped_at or time.monotonic()
                if stopped_at and time.monotonic() - stopped_at > settings.JOB_GRACE_SECONDS:
                    with suppress(DatabaseError, actions.LeaseLost):
                        actions.release(job=job, by=None, at=timezone.now())
                    os._exit(0)  # the function does not listen; what it had not committed goes with the process
                with suppress(DatabaseError, actions.LeaseLost):  # the next beat comes soon; who lost the job learns it at his next step
                    actions.beat(job=job, by=None, at=timezone.now())
        finally:
            connection.close()

    thread = Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run(job: Job, stopping: Event) -> None:
    """Run one attempt to whichever end; the row says how it went."""
    try:
        _run(job, stopping)
    except actions.LeaseLost:
        log.warning("job %s: attempt %s counts no more; what it did not commit is gone", job.public_id, job.attempt_no)


def _run(job: Job, stopping: Event) -> None:
    kind = hooks.job_kinds().get(job.kind)
    if kind is None:
        actions.fail(job=job, code=Fault.UNKNOWN_KIND, fault="", is_final=True, by=None, at=timezone.now())
        return
    if job.by is not None and not (job.by.is_active and (not kind.permission or job.by.may(kind.permission))):
        actions.fail(job=job, code=Fault.NOT_ALLOWED, fault="", is_final=True, by=None, at=timezone.now())
        return
    with translation.override(job.by.language if job.by else settings.LANGUAGE_CODE):
        try:
            result = kind.run(Handle(job, stopping))
        except Cancelled:
            actions.note_cancelled(job=job, by=None, at=timezone.now())
        except Stopped:
            actions.release(job=job, by=None, at=timezone.now())
        except actions.LeaseLost:
            raise
        except hooks.JobFault as fault:
            actions.fail(job=job, code=Fault.ERROR, fault=str(fault), is_final=fault.is_final, by=None, at=timezone.now())
        except Exception as error:  # whatever it is, the page must say it
            log.exception("job %s (%s) failed", job.public_id, job.kind)
            actions.fail(job=job, code=Fault.ERROR, fault=str(error) or type(error).__name__, by=None, at=timezone.now())
        else:
            if not _is_finished(job):
                actions.finish(job=job, result=result, by=None, at=timezone.now())


def _is_finished(job: Job) -> bool:
    """Whether the function ended its job itself, with `fenced(result=…)`."""
    return Job.objects.filter(pk=job.pk, attempt_no=job.attempt_no, state="done").exists()
