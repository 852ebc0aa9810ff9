"""`wutong work`: starts workers for background jobs and starts another one where one dies.

Why a parent without Django: it must outlive whatever kills a worker, memory included, and needs nothing that could.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from threading import Event
from typing import Any

from wutong.cli.session import Add, count

WORKERS = 2
POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
IS_STEADY_SECONDS = 60.0
MORE_THAN_GRACE_SECONDS = 10.0


@dataclass
class Place:
    """One worker's place: the process that fills it, and when another one may be started."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    next_start: float = 0.0
    deaths: int = 0

    def fill(self, now: float, command: list[str], environment: dict[str, str]) -> None:
        """Start a worker if none is there and the pause is over."""
        if self.process is None and now >= self.next_start:
            self.process = subprocess.Popen(command, env=environment, start_new_session=True)
            self.started = now

    def look(self, now: float) -> int | None:
        """The code with which the worker died, None while it lives; the more often it died, the longer the pause."""
        code = self.process.poll() if self.process else None
        if code is not None:
            self.deaths = 1 if now - self.started >= IS_STEADY_SECONDS else self.deaths + 1
            self.next_start = now + min(2.0 ** (self.deaths - 1), LONGEST_PAUSE_SECONDS)
            self.process = None
        return code


def supervise(places: list[Place], *, stopping: Event, until_exit: int | None = None) -> None:
    """Keep every place filled until told to stop, then stop the workers; who does not listen is killed."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "wutong.web.settings")}
    command = [sys.executable, "-m", "django", "work_jobs", "--parent", str(os.getpid())]
    is_child = os.getppid() == until_exit
    while not stopping.is_set() and (until_exit is None or _lives(until_exit, is_child=is_child)):
        now = time.monotonic()
        for place in places:
            code = place.look(now)
            if code is not None:
                print(f"wutong: a worker ended with code {code}; another one starts in {place.next_start - now:.0f} s", file=sys.stderr)
            place.fill(now, command, environment)
        stopping.wait(POLL_SECONDS)
    _stop([place.process for place in places if place.process])


def _lives(pid: int, *, is_child: bool) -> bool:
    """Whether a process is there; who started this one is gone as soon as somebody else stands in its place."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not is_child or os.getppid() == pid


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    grace = float(os.environ.get("WUTONG_JOB_GRACE_SECONDS", "") or 20) + MORE_THAN_GRACE_SECONDS
    until = time.monotonic() + grace
    for process in processes:
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_work(arguments: argparse.Namespace) -> int:
    """Work until told to stop."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    workers = arguments.workers or int(os.environ.get("WUTONG_WORKERS", "") or WORKERS)
    supervise([Place() for _ in range(workers)], stopping=stopping, until_exit=arguments.until_exit)
    return 0


def register(commands: Any, add: Add) -> None:
    """Its options."""
    made = add(commands, "work", run_work, "work on background jobs and send messages, until stopped", has_day=False)
    made.add_argument("--workers", type=count, default=0, metavar="N", help="how many at a time (default: WUTONG_WORKERS, else 2)")
    made.add_argument("--until-exit", type=count, metavar="PID", help="stop when that process is gone")
