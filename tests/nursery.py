"""A process that has Django loaded and forks workers and servers: each is there in milliseconds, and can be killed like any other.

Why: loading Django takes seconds, and who kills a process fifty times would wait for little else. What is forked runs the same code as
`wutong work` and gunicorn start; that those start, replace and stop their processes is shown by tests of their own.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path

WAIT_SECONDS = 90.0
QUICK = {"WUTONG_JOB_LEASE_SECONDS": "2", "WUTONG_JOB_PAUSE_SECONDS": "1", "WUTONG_JOB_GRACE_SECONDS": "3"}
LOOK_SECONDS = 0.1
"""How often a forked worker asks for work and for lost jobs; a real one asks every second or two, which makes a round only longer."""


def until(is_so: Callable[[], object], seconds: float = WAIT_SECONDS, pause: float = 0.02) -> None:
    """Wait for something that another process does. Raises: TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so after {seconds} s")
        time.sleep(pause)


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or while it was read
        return False


class Nursery:
    """Where workers and servers come from; when it ends, they end."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        settings = {"DJANGO_SETTINGS_MODULE": "wutong.web.settings", **os.environ, **environment, **QUICK, "WUTONG_PLAIN_HTTP": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, what: str) -> int:
        """Have a process forked: `work`, or `serve PORT`; its id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """No more processes from here; workers that are left stop by themselves."""
        self._process.communicate(timeout=30)


class Server:
    """The pages, served by gunicorn in a process group of its own."""

    def __init__(self, nursery: Nursery) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._pid = nursery.ask(f"serve {self.port}")
        until(self._answers)

    def _answers(self) -> bool:
        asking = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asking.request("GET", "/health/live")
            return asking.getresponse().status == 200
        except OSError:
            return False
        finally:
            asking.close()

    def kill(self) -> None:
        """`kill -9` to all its processes."""
        if lives(self._pid):
            os.killpg(self._pid, signal.SIGKILL)
        until(lambda: not lives(self._pid))


# --- inside the nursery -----------------------------------------------------------------------------------------------------------------
def _work(parent: int) -> None:
    from threading import Event

    from wutong.web.jobs.tasks import working

    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    working.POLL_SECONDS = working.LOOK_ROUND_SECONDS = LOOK_SECONDS
    working.work(worker=working.name_of_worker(), stopping=stopping, parent=parent)


def _serve(port: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Pages(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gthread", "threads": 4}.items():
                self.cfg.set(name, value)

        def load(self) -> object:
            from wutong.web.wsgi import application

            return application

    Pages().run()


def main() -> None:
    """Load Django, then fork a process for each line that is asked for."""
    import django

    django.setup()
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    parent = os.getpid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    for line in sys.stdin:
        what, _, port = line.strip().partition(" ")
        pid = os.fork()
        if pid:
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)
        try:
            _work(parent) if what == "work" else _serve(port)
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
