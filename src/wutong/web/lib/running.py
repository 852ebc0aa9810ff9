"""Which processes of the service run, so that nothing is brought back under their hands.

Why locks on files: the system lets go of them when a process ends in whatever way, so that a crash leaves no false alarm, and they tell the
same on both databases. PostgreSQL tells of those on other machines too.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

LOOKS = 5  # a connection that was just closed is still told of for a moment
PAUSE_SECONDS = 0.2
WORKER = "worker"
SILENT = dt.timedelta(minutes=2)  # a worker that works gives a sign every few seconds
DOOR = ".restore"
log = logging.getLogger("wutong.running")
_held: dict[str, IO[str]] = {}


def hold(kind: str) -> None:
    """Say until this process ends that it runs; waits while a backup is brought back."""
    name = f"{kind}-{os.getpid()}"
    if name in _held:
        return
    try:
        folder = _folder()
        with (folder / DOOR).open("a") as door:
            fcntl.flock(door, fcntl.LOCK_SH)
            _held[name] = (folder / name).open("w")
            fcntl.flock(_held[name], fcntl.LOCK_EX)
    except OSError as error:  # the doctor tells of a folder that cannot be written to
        log.warning("cannot say that this process runs: %s", error)


def note(kind: str, text: str) -> None:
    """Let the doctor read in this process's mark what it is at; empty: nothing out of the ordinary. Nothing where it holds none."""
    mark = _held.get(f"{kind}-{os.getpid()}")
    if mark is None:
        return
    try:
        mark.seek(0)
        mark.truncate()
        mark.write(text)
        mark.flush()
    except OSError as error:
        log.warning("cannot say what this process is at: %s", error)


def give_sign(kind: str) -> None:
    """Say that this process is not only there but gets along: the time of its mark. Nothing where it holds none."""
    if (mark := _held.get(f"{kind}-{os.getpid()}")) is not None:
        with suppress(OSError):  # a folder swept by hand, a full disk: the doctor tells of it
            os.utime(mark.name)


def last_sign(kind: str) -> dt.datetime | None:
    """When a process of a kind last gave a sign of life, on any machine that shares the data folder; None where none is known of.

    Why marks of processes that are gone count: that is how long ago one was seen.
    """
    found = []
    for path in (Path(settings.DATA) / "running").glob(f"{kind}-*"):
        with suppress(OSError):
            found.append(path.stat().st_mtime)
    return dt.datetime.fromtimestamp(max(found), dt.UTC) if found else None


def noted() -> tuple[tuple[str, str], ...]:
    """Processes of the service that run here, each with what it notes of itself.

    Why nothing is swept away: one that has opened its mark and does not hold it yet would hold a file that is gone.
    """
    return tuple(_here(is_sweeping=False))


@contextmanager
def alone() -> Iterator[tuple[str, ...]]:
    """Whoever runs, in words; nobody new begins before the block ends."""
    with (_folder() / DOOR).open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield (*(name for name, _ in _here(is_sweeping=True)), *_connected())


def _folder() -> Path:
    folder = Path(settings.DATA) / "running"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _here(*, is_sweeping: bool) -> Iterator[tuple[str, str]]:
    """Processes that hold their mark, and what stands in it; a mark that nobody holds may be swept away."""
    for path in sorted(_folder().glob("*-*")):
        with suppress(FileNotFoundError), path.open("r+") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                kind, _, pid = path.name.partition("-")
                yield f"{kind} (process {pid})", mark.read().strip()
            else:
                if is_sweeping:
                    path.unlink()


def _connected() -> Iterator[str]:
    """Whoever else is connected to the database, from whatever machine."""
    if connection.vendor != "postgresql":
        return
    found: list[tuple[str, str, int]] = []
    for _look in range(LOOKS):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(nullif(application_name, ''), 'unnamed'), coalesce(host(client_addr), 'local'), count(*)"
                " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' GROUP BY 1, 2 ORDER BY 1, 2"
            )
            found = cursor.fetchall()
        if not found:
            return
        time.sleep(PAUSE_SECONDS)
    for name, address, count in found:
        yield f"{count} connections to the database from {address} ({name})"
