"""Background entry points of chains: placing firms by the approved versions."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from wutong.engine import build
from wutong.engine.publishing import AlreadyBuildingError
from wutong.engine.warehouse import chain_texts
from wutong.rulebook import load
from wutong.web.chains import actions
from wutong.web.chains.models import Placing
from wutong.web.chains.queries import versions
from wutong.web.lib.hooks import JobFault, Running

TELL_SECONDS = 2.0
WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 3600.0


def place_firms(job: Running) -> dict[str, str]:
    """The background job of a placing. Repeated where its worker is killed: what is built twice serves the same."""
    placing_id = job.arguments["placing"]
    build_id = place(placing_id, job=job)
    if not build_id:
        raise JobFault(Placing.objects.get(pk=placing_id).fault)
    return {"build": build_id}


def place(placing_id: int, *, job: Running | None = None, wait: Callable[[float], None] = time.sleep) -> str:
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
                [], out=settings.WAREHOUSE, rulebook=load.rulebook(), only=build.PLACING, chains=texts, progress=_progress(placing, job)
            )
        except AlreadyBuildingError as error:
            if waited >= LONGEST_WAIT_SECONDS:
                actions.note_failed(placing=placing, fault=str(error), by=placing.by, at=timezone.now())
                return ""
            actions.note_waiting(placing=placing, by=placing.by, at=timezone.now())
            if job:
                job.stop_if_cancelled()
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


def _progress(placing: Placing, job: Running | None) -> Callable[[str, int, int], None]:
    """Write how far it is, every two seconds at most and at the beginning of every step."""
    last_step, last_at = "", 0.0

    def tell(step: str, done: int, total: int) -> None:
        nonlocal last_step, last_at
        if job:
            job.step(step, done, total)
            job.stop_if_cancelled()
        now = time.monotonic()
        if step != last_step or now - last_at >= TELL_SECONDS:
            last_step, last_at = step, now
            actions.note_progress(placing=placing, step=step, done=done, total=total, by=placing.by, at=timezone.now())

    return tell
