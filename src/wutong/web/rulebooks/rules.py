"""Versions of a text that two people must read: which state leads where, and who may take the step."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a version stands: only a draft may be changed, and only an approved one comes into force."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.DRAFT, State.SUBMITTED})
"""States of a version that is being worked on; a text has one such version at most."""


class Step(StrEnum):
    """What is done to a version. REVOKE: an approved one is taken back before its day comes."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


STEPS: dict[Step, tuple[frozenset[State], State]] = {
    Step.EDIT: (frozenset({State.DRAFT}), State.DRAFT),
    Step.SUBMIT: (frozenset({State.DRAFT}), State.SUBMITTED),
    Step.APPROVE: (frozenset({State.SUBMITTED}), State.APPROVED),
    Step.SEND_BACK: (frozenset({State.SUBMITTED}), State.SENT_BACK),
    Step.WITHDRAW: (OPEN, State.WITHDRAWN),
    Step.REVOKE: (frozenset({State.APPROVED}), State.WITHDRAWN),
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
    NO_DAY = "no_day"
    DAY_PASSED = "day_passed"
    IN_FORCE_ALREADY = "in_force_already"
    BUILT_ON_ALREADY = "built_on_already"


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version as the rules see it. `authors`: whoever changed its text or submitted it; `latest_number`: the newest approved one.

    `is_dated`: it comes into force on a day of its own (`begins_on`); other texts do so once they are approved.
    """

    state: State
    text_hash: str
    base_hash: str
    base_number: int
    latest_number: int
    note: str
    authors: frozenset[int]
    has_faults: bool = False
    number: int = 0
    is_dated: bool = False
    begins_on: dt.date | None = None


def text_hash(text: str) -> str:
    """By which a text is known again."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def refusals(facts: VersionFacts, step: Step, *, actor_id: int, reason: str = "", on: dt.date | None = None) -> tuple[Refusal, ...]:
    """Why a step may not be taken on a day; empty if it may.

    Why: whoever wrote or submitted a version does not approve it, so that two people have read every change (四眼原则). And no rule comes
    into force on a day that is past: what was worked out under the old one would be wrong without anybody having done wrong.
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
    if step in (Step.SUBMIT, Step.APPROVE):
        if facts.base_number != facts.latest_number:
            found.append(Refusal.BASE_OUTDATED)
        found.extend(_refusals_of_day(facts, on))
    if step is Step.APPROVE:
        if actor_id in facts.authors:
            found.append(Refusal.OWN_VERSION)
        if facts.has_faults:
            found.append(Refusal.HAS_FAULTS)
    if step is Step.REVOKE:
        found.extend(_refusals_to_revoke(facts, on))
    if step in (Step.SEND_BACK, Step.REVOKE) and not reason.strip():
        found.append(Refusal.NO_REASON)
    return tuple(found)


def _refusals_of_day(facts: VersionFacts, on: dt.date | None) -> tuple[Refusal, ...]:
    if not facts.is_dated:
        return ()
    if facts.begins_on is None:
        return (Refusal.NO_DAY,)
    return (Refusal.DAY_PASSED,) if on is not None and facts.begins_on < on else ()


def _refusals_to_revoke(facts: VersionFacts, on: dt.date | None) -> tuple[Refusal, ...]:
    """What is in force stays in the record of that day; and a later version was made from this one."""
    found: list[Refusal] = []
    if facts.begins_on is None or on is None or facts.begins_on <= on:
        found.append(Refusal.IN_FORCE_ALREADY)
    if facts.number != facts.latest_number:
        found.append(Refusal.BUILT_ON_ALREADY)
    return tuple(found)
