"""Real workers are killed with `kill -9` in the middle of jobs: nothing is lost and nothing done twice.

`benchmarks/kills.py` does it fifty times.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

import killing
from nursery import QUICK, lives, until
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.models import Job

ROUNDS = 5
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings by which a process of its own opens the database of the tests."""
    if connection.vendor == "sqlite":
        (tmp_path / "wutong.sqlite3").symlink_to(connection.settings_dict["NAME"])
        return {"WUTONG_DATA": str(tmp_path)}
    server, _, _ = os.environ["WUTONG_DATABASE_URL"].rpartition("/")
    return {"WUTONG_DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}", "WUTONG_DATA": str(tmp_path)}


def test_jobs_of_killed_workers_are_found_and_finished_once(environment: dict[str, str]) -> None:
    with killing.working(environment) as workers:
        tally = killing.rounds(workers, ROUNDS)
    assert (tally.kills, tally.lost, tally.doubled, tally.broken) == (ROUNDS, 0, 0, [])
    assert tally.done == tally.jobs
    assert tally.attempts == tally.jobs + ROUNDS, "one attempt for each kill, and no other"


@pytest.fixture
def supervisor(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`wutong work --workers 1`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wutong.cli", "work", "--workers", "1"],
        env={**os.environ, **environment, **QUICK}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def running_pid(job: Job) -> int:
    until(lambda: Job.objects.filter(pk=job.pk, state="running", reached__isnull=False).exists(), 60)
    return int(Job.objects.get(pk=job.pk).worker.rpartition(":")[2])


def trial(**arguments: Any) -> Job:
    return jobs.enqueue(kind="jobs.trial", arguments=arguments, by=None, at=timezone.now())


@pytest.mark.once
def test_the_supervisor_replaces_a_killed_worker_and_stops_cleanly(supervisor: subprocess.Popen[bytes]) -> None:
    job = trial(steps=15, seconds=0.1)
    first = running_pid(job)
    os.kill(first, signal.SIGKILL)
    until(lambda: Job.objects.filter(pk=job.pk, state="done").exists(), 60)
    texts = list(job.lines.values_list("text", flat=True))
    assert len(texts) == len(set(texts)) == 15

    long = trial(steps=1000, seconds=0.05)
    second = running_pid(long)
    assert second != first
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(30) == 0
    assert not lives(second)
    long.refresh_from_db()
    assert (long.state, long.fault_code) == ("queued", "stopped"), "given back at once, without waiting for the lease"


@pytest.mark.once
def test_workers_go_when_their_supervisor_is_killed(supervisor: subprocess.Popen[bytes]) -> None:
    pid = running_pid(trial(steps=1000, seconds=0.05))
    supervisor.kill()
    supervisor.wait()
    until(lambda: not lives(pid), 30)
