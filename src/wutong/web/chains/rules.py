"""Versions of a chain: which state leads where, and who may take the step."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum

STALE_AFTER = dt.timedelta(minutes=2)
"""A placing that says nothing for so long was killed: it writes its progress every few seconds."""


class State(StrEnum):
    """Where a version stands: only a draft may be changed, and only an approved one comes into force."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.DRAFT, State.SUBMITTED})
"""States of a version that is being worked on; a chain has one such version at most."""


class Step(StrEnum):
    """What is done to a version."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


STEPS: dict[Step, tuple[frozenset[State], State]] = {
    Step.EDIT: (frozenset({State.DRAFT}), State.DRAFT),
    Step.SUBMIT: (frozenset({State.DRAFT}), State.SUBMITTED),
    Step.APPROVE: (frozenset({State.SUBMITTED}), State.APPROVED),
    Step.SEND_BACK: (frozenset({State.SUBMITTED}), State.SENT_BACK),
    Step.WITHDRAW: (OPEN, State.WITHDRAWN),
}


class Refusal(StrEnum):
    """Why a step is refused; the web puts it into words."""

    WRONG_STATE = "wrong_state"
    NOTHING_CHANGED = "nothing_changed"
    HAS_FAULTS = "has_faults"
    NO_REASON = "no_reason"
    OWN_VERSION = "own_version"
    BASE_OUTDATED = "base_outdated"
    OPEN_ALREADY = "open_already"
    SAID_MEANWHILE = "said_meanwhile"


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version as the rules see it. `authors`: whoever changed its text or submitted it; `latest_number`: the newest approved one."""

    state: State
    text_hash: str
    base_hash: str
    base_number: int
    latest_number: int
    note: str
    authors: frozenset[int]
    has_faults: bool = False


def text_hash(text: str) -> str:
    """By which a text is known again."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def refusals(facts: VersionFacts, step: Step, *, actor_id: int, reason: str = "") -> tuple[Refusal, ...]:
    """Why a step may not be taken; empty if it may.

    Why: whoever wrote or submitted a version does not approve it, so that two people have read every change (四眼原则).
    """
    if facts.state not in STEPS[step][0]:
        return (Refusal.WRONG_STATE,)
    found: list[Refusal] = []
    if step is Step.SUBMIT:
        if facts.text_hash == facts.base_hash:
            found.append(Refusal.NOTHING_CHANGED)
        if facts.has_faults:
            found.append(Refusal.HAS_FAULTS)
        if not facts.note.strip():
            found.append(Refusal.NO_REASON)
    if step in (Step.SUBMIT, Step.APPROVE) and facts.base_number != facts.latest_number:
        found.append(Refusal.BASE_OUTDATED)
    if step is Step.APPROVE:
        if actor_id in facts.authors:
            found.append(Refusal.OWN_VERSION)
        if facts.has_faults:
            found.append(Refusal.HAS_FAULTS)
    if step is Step.SEND_BACK and not reason.strip():
        found.append(Refusal.NO_REASON)
    return tuple(found)


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
