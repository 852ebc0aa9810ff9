"""Versions of a chain are decided on as every text is that two people must read; here is what is the chains' own: placing."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from wutong.web.rulebooks.rules import OPEN, STEPS, Refusal, State, Step, VersionFacts, refusals, text_hash

__all__ = [
    "OPEN", "STALE_AFTER", "STEPS", "HandRefusal", "PlacingState", "Refusal", "State", "Step", "VersionFacts", "placing_state", "refusals",
    "text_hash",
]  # fmt: skip

STALE_AFTER = dt.timedelta(minutes=2)
"""A placing that says nothing for so long was killed: it writes its progress every few seconds."""


class HandRefusal(StrEnum):
    """Why a statement about a firm is refused; the web puts it into words."""

    SAID_MEANWHILE = "said_meanwhile"


class PlacingState(StrEnum):
    """How far the placing of firms by approved versions is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


def placing_state(state: PlacingState, *, beat_at: dt.datetime, at: dt.datetime, has_job_ended: bool | None) -> PlacingState:
    """The state of a placing as of a moment: one that waits or runs although its job has ended was stopped.

    Without a job (None; those of long ago) one that has said nothing for long was killed.
    """
    is_busy = state in (PlacingState.WAITING, PlacingState.RUNNING)
    is_gone = at - beat_at > STALE_AFTER if has_job_ended is None else has_job_ended
    return PlacingState.STOPPED if is_busy and is_gone else state
