"""The worker: takes one job after the other, and beside it sees to what is due."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from threading import Event, Thread

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from wutong.web.jobs import actions
from wutong.web.jobs.models import Job
from wutong.web.jobs.tasks import courier, running
from wutong.web.lib import running as processes

log = logging.getLogger("wutong.jobs")
POLL_SECONDS = 1.0
LOOK_ROUND_SECONDS = 2.0


def name_of_worker() -> str:
    """Machine and process, so that an administrator finds it."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def work(*, worker: str, stopping: Event, parent: int | None = None) -> None:
    """Work until `stopping` is set or the process that started this one is gone."""
    rounds = Thread(target=_look_round, args=(stopping, parent), name="rounds", daemon=True)
    rounds.start()
    mail = Thread(target=_deliver, args=(stopping,), name="courier", daemon=True)
    mail.start()
    while not stopping.is_set():
        if not _safely(lambda: take(worker=worker, stopping=stopping)):
            stopping.wait(POLL_SECONDS)
    rounds.join(timeout=15)
    mail.join(timeout=15)
    connection.close()


def take(*, worker: str, stopping: Event) -> bool:
    """Take a job and run it to its end; False where none waits.

    Why: the question before the claim is a read, for on SQLite the claim itself holds up every writer.
    """
    if not Job.objects.waiting(timezone.now()).exists():
        return False
    job = actions.claim(worker=worker, by=None, at=timezone.now())
    if job is None:
        return False
    with running.beating(job, stopping):
        running.run(job, stopping)
    return True


def work_off(job_id: int, *, worker: str, stopping: Event) -> None:
    """Run one job here, unless a worker has it, and come back when it has ended; for a command whose caller waits for it."""
    while not stopping.is_set() and not Job.objects.get(pk=job_id).has_ended:
        job = actions.claim(worker=worker, only=job_id, by=None, at=timezone.now())
        if job is None:
            actions.recover(by=None, at=timezone.now())
            stopping.wait(POLL_SECONDS)
            continue
        with running.beating(job, stopping):
            running.run(job, stopping)


def look_round() -> None:
    """Find jobs whose worker is gone, and ask for what is due by the clock; whoever got through it gives a sign of life."""
    now = timezone.now()
    if Job.objects.lost(now).exists():
        actions.recover(by=None, at=now)
    actions.give_up_silent(by=None, at=now)
    actions.enqueue_periodic(local=timezone.localtime(now), by=None, at=now)
    processes.give_sign(processes.WORKER)


def _look_round(stopping: Event, parent: int | None) -> None:
    while not stopping.is_set():
        if parent is not None and os.getppid() != parent:
            stopping.set()
            break
        _safely(look_round)
        stopping.wait(LOOK_ROUND_SECONDS)
    connection.close()


def _deliver(stopping: Event) -> None:
    while not stopping.is_set():
        if not _safely(courier.deliver_next):
            stopping.wait(LOOK_ROUND_SECONDS)
    connection.close()


def _safely(act: Callable[[], bool | None]) -> bool:
    """Whatever happens, the worker goes on; a database that is away comes back."""
    try:
        close_old_connections()
        return bool(act())
    except DatabaseError:
        log.exception("the database cannot be asked; trying again")
        connection.close()
    except Exception:
        log.exception("a worker's round failed; going on")
    return False
