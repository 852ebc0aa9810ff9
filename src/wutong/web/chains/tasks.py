"""Background entry points of chains: placing firms by the approved versions, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from wutong.engine import build
from wutong.engine.publishing import AlreadyBuildingError
from wutong.engine.warehouse import chain_texts
from wutong.rulebook import load
from wutong.web.chains import actions
from wutong.web.chains.models import Placing
from wutong.web.chains.queries import versions
from wutong.web.chains.rules import PlacingState

BEAT_SECONDS = 5.0
TELL_SECONDS = 2.0
WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 3600.0


def start_placing(placing_id: int) -> None:
    """Place in another process, so that the answer to the person who approved does not wait for it."""
    process = subprocess.Popen(
        command(placing_id), env=environment(), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    Thread(target=_supervise, args=(process, placing_id), name="placing", daemon=True).start()


def command(placing_id: int) -> list[str]:
    """What the process runs. It is told which database to write to, and ends at once where its own is another one."""
    return [sys.executable, "-m", "django", "place_chains", str(placing_id), "--database", database()]


def environment() -> dict[str, str]:
    """Folders and settings of the server, whole, wherever the process is started from."""
    settings_module = os.environ.get("DJANGO_SETTINGS_MODULE", "wutong.web.settings")
    folders = {"WUTONG_DATA": str(settings.DATA), "WUTONG_WAREHOUSE": str(settings.WAREHOUSE)}
    return os.environ | folders | {"DJANGO_SETTINGS_MODULE": settings_module}


def database() -> str:
    """The database that this process writes to, by kind, host and name; without user and password, for other people may read it."""
    known = connection.settings_dict
    return f"{connection.vendor}:{known['HOST']}:{known['PORT']}/{known['NAME']}"


def _supervise(process: subprocess.Popen[bytes], placing_id: int) -> None:
    """Wait for the end, and say so where the process could not: it was killed, or never came to life."""
    code = process.wait()
    try:
        note_end(placing_id, code)
    finally:
        connection.close()


def note_end(placing_id: int, code: int) -> None:
    """A placing whose process is gone has failed, unless it said itself how it went."""
    placing = Placing.objects.filter(pk=placing_id, state__in=[PlacingState.WAITING, PlacingState.RUNNING]).first()
    if placing is not None:
        fault = f"the process ended with code {code} before firms were placed"
        actions.note_failed(placing=placing, fault=fault, by=placing.by, at=timezone.now())


@contextmanager
def beating(placing_id: int) -> Iterator[None]:
    """Say every few seconds that the placing lives, however long a step of the build is silent."""
    over = Event()

    def beat() -> None:
        try:
            while not over.wait(BEAT_SECONDS):
                with suppress(DatabaseError):  # the next beat comes soon
                    actions.note_alive(placing_id=placing_id, by=None, at=timezone.now())
        finally:
            connection.close()

    thread = Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def place(placing_id: int, *, wait: Callable[[float], None] = time.sleep) -> str:
    """Build by the approved versions and say how it went, in the row; returns the build id, "" where it failed.

    Why: while another build writes to the warehouse this one waits; whatever fails leaves the old build serving and is said. What is
    approved while it waits or builds comes into force too, by the same placing: firms are placed until all that is approved serves.
    """
    placing = Placing.objects.get(pk=placing_id)
    waited = 0.0
    while True:
        texts = versions.texts_approved()
        try:
            report = build.run(
                [], out=settings.WAREHOUSE, rulebook=load.rulebook(), only=build.PLACING, chains=texts, progress=_progress(placing)
            )
        except AlreadyBuildingError as error:
            if waited >= LONGEST_WAIT_SECONDS:
                actions.note_failed(placing=placing, fault=str(error), by=placing.by, at=timezone.now())
                return ""
            actions.note_waiting(placing=placing, by=placing.by, at=timezone.now())
            wait(WAIT_SECONDS)
            waited += WAIT_SECONDS
        except Exception as error:  # whatever it is, the page must say it, and the old build serves on
            actions.note_failed(placing=placing, fault=str(error) or type(error).__name__, by=placing.by, at=timezone.now())
            return ""
        else:
            served = chain_texts(report.folder)  # what the build itself says that it was made by
            if actions.note_placed(placing=placing, texts=served, build_id=report.build_id, by=placing.by, at=timezone.now()):
                return report.build_id
            if served != texts:
                fault = f"build {report.build_id} holds other texts than those that were approved"
                actions.note_failed(placing=placing, fault=fault, by=placing.by, at=timezone.now())
                return ""
            waited = 0.0


def _progress(placing: Placing) -> Callable[[str, int, int], None]:
    """Write how far it is, every two seconds at most and at the beginning of every step."""
    last_step, last_at = "", 0.0

    def tell(step: str, done: int, total: int) -> None:
        nonlocal last_step, last_at
        now = time.monotonic()
        if step != last_step or now - last_at >= TELL_SECONDS:
            last_step, last_at = step, now
            actions.note_progress(placing=placing, step=step, done=done, total=total, by=placing.by, at=timezone.now())

    return tell
