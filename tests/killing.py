"""Kill workers in the middle of a job, again and again, and count what is lost or doubled.

Used by the suite with a few rounds on its own database, and by `benchmarks/kills.py` with fifty. Django must be set up, and its tables be
made.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

STEPS = 12
STEP_SECONDS = 0.05
WAIT_SECONDS = 90.0
QUICK = {"WUTONG_JOB_LEASE_SECONDS": "2", "WUTONG_JOB_PAUSE_SECONDS": "1", "WUTONG_JOB_GRACE_SECONDS": "3"}


@dataclass
class Tally:
    """What the rounds found. `lost` and `doubled` count steps of jobs: lines of a log that are missing or stand twice."""

    rounds: int = 0
    kills: int = 0
    jobs: int = 0
    done: int = 0
    attempts: int = 0
    lost: int = 0
    doubled: int = 0
    recovery_seconds: list[float] = field(default_factory=list)


class Workers:
    """Worker processes that are killed and replaced."""

    def __init__(self, environment: Mapping[str, str], number: int) -> None:
        self._environment = {**os.environ, **environment, **QUICK}
        self._living = [self._start() for _ in range(number)]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "django", "work_jobs"]
        return subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, pid: int) -> None:
        """`kill -9`, and another one in its place."""
        (victim,) = (process for process in self._living if process.pid == pid)
        victim.kill()
        victim.wait()
        self._living[self._living.index(victim)] = self._start()

    def stop(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for process in self._living:
            process.send_signal(signal.SIGTERM)
        try:
            return [process.wait(30) for process in self._living]
        finally:
            for process in self._living:
                if process.poll() is None:
                    process.kill()
                    process.wait()


@contextmanager
def working(environment: Mapping[str, str], number: int = 2) -> Iterator[Workers]:
    """Workers for the length of a block; none is left afterwards."""
    workers = Workers(environment, number)
    try:
        yield workers
    finally:
        workers.stop()


def rounds(workers: Workers, number: int, *, seed: int = 7) -> Tally:
    """So many jobs, each of which loses its worker at a random step; then what stands in their logs is counted."""
    from django.utils import timezone

    from wutong.web.jobs import actions
    from wutong.web.jobs.models import Job

    chance = random.Random(seed)
    tally = Tally()
    for _ in range(number):
        arguments = {"steps": STEPS, "seconds": STEP_SECONDS}
        job = actions.enqueue(kind="jobs.trial", arguments=arguments, by=None, at=timezone.now())
        at_step = chance.randint(1, STEPS - 1)
        until(lambda job=job, at_step=at_step: _reached(job) >= at_step)
        job.refresh_from_db()
        if job.state == "running":
            killed_at = time.monotonic()
            workers.kill(int(job.worker.rpartition(":")[2]))
            tally.kills += 1
            until(lambda job=job: Job.objects.filter(pk=job.pk, attempt_no__gt=job.attempt_no).exists())
            tally.recovery_seconds.append(round(time.monotonic() - killed_at, 2))
        until(lambda job=job: Job.objects.get(pk=job.pk).has_ended)
        _count(job, tally)
    return tally


def _reached(job: object) -> int:
    from wutong.web.jobs.models import Job

    return int(Job.objects.values_list("reached", flat=True).get(pk=job.pk) or 0)  # type: ignore[attr-defined]


def _count(job: object, tally: Tally) -> None:
    job.refresh_from_db()  # type: ignore[attr-defined]
    texts = list(job.lines.values_list("text", flat=True))  # type: ignore[attr-defined]
    tally.rounds += 1
    tally.jobs += 1
    tally.done += job.state == "done"  # type: ignore[attr-defined]
    tally.attempts += job.attempt_no  # type: ignore[attr-defined]
    tally.lost += STEPS - len(set(texts))
    tally.doubled += len(texts) - len(set(texts))


def until(is_so: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Wait for something that another process does. Raises: TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds} s")
        time.sleep(0.02)
