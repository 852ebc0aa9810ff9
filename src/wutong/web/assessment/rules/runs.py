"""Assessment: how a run goes on its way, who may object and who decides; nothing that was frozen changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wutong.rulebook.calendar import Calendar

MOST_MONTHS = 12


class Measures(StrEnum):
    """What a scheme measures: units, or persons (领导、招商干部). Never both: they are not ranked together."""

    UNITS = "units"
    PERSONS = "persons"


class RunState(StrEnum):
    """Where a run (核算) stands: only a draft may be worked out anew, and only an approved one is published."""

    WAITING = "waiting"
    DRAFT = "draft"
    FAILED = "failed"
    FROZEN = "frozen"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class RunStep(StrEnum):
    """What is done to a run."""

    COMPUTE = "compute"
    FREEZE = "freeze"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


RUN_STEPS: Mapping[RunStep, tuple[frozenset[RunState], RunState]] = {
    RunStep.COMPUTE: (frozenset({RunState.WAITING, RunState.DRAFT, RunState.FAILED}), RunState.WAITING),
    RunStep.FREEZE: (frozenset({RunState.DRAFT}), RunState.FROZEN),
    RunStep.APPROVE: (frozenset({RunState.FROZEN}), RunState.APPROVED),
    RunStep.SEND_BACK: (frozenset({RunState.FROZEN, RunState.APPROVED}), RunState.WITHDRAWN),
    RunStep.PUBLISH: (frozenset({RunState.APPROVED}), RunState.PUBLISHED),
    RunStep.WITHDRAW: (frozenset({RunState.WAITING, RunState.DRAFT, RunState.FAILED, RunState.FROZEN}), RunState.WITHDRAWN),
}
KEPT = frozenset({RunState.FROZEN, RunState.APPROVED, RunState.PUBLISHED})
"""States in which facts and results never change, and units see their own."""


class ValueState(StrEnum):
    """What somebody said of a fact: a value, that it is missing, or that it does not apply. Zero is a value."""

    VALUE = "value"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


class Standing(StrEnum):
    """Whose word a figure is: the unit's own (自评), or checked by whoever assesses (核实)."""

    VERIFIED = "verified"
    OWN = "own"


class ObjectionState(StrEnum):
    """How an objection (申诉) stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Refusal(StrEnum):
    """Why something is refused; the web puts it into words."""

    WRONG_STATE = "wrong_state"
    REASON_MISSING = "reason_missing"
    CORRECTION_MISSING = "correction_missing"
    SAME_PERSON = "same_person"
    NOT_APPROVED_RULE = "not_approved_rule"
    NO_RULE = "no_rule"
    RULE_UNREADABLE = "rule_unreadable"
    NO_MEMBERS = "no_members"
    FACTS_OLDER = "facts_older"
    UNRECTIFIED = "unrectified"
    UNVERIFIED = "unverified"
    LEFT_OUT = "left_out"
    RUN_TO_COME = "run_to_come"
    OTHER_PERIOD = "other_period"
    NOT_REPLACEABLE = "not_replaceable"
    REPLACED_BY_ANOTHER = "replaced_by_another"
    KNOWN_FALSE = "known_false"
    NOTICE_RUNS = "notice_runs"
    OPEN_OBJECTIONS = "open_objections"
    UPHELD_OBJECTIONS = "upheld_objections"
    CODE_TAKEN = "code_taken"
    TITLE_MISSING = "title_missing"
    UNKNOWN_GROUP = "unknown_group"
    MONTHS_NOT_TWELVE = "months_not_twelve"
    UNIT_CLOSED = "unit_closed"
    MEASURES_OTHERS = "measures_others"
    NO_POSTING = "no_posting"
    UNKNOWN_FACT = "unknown_fact"
    COMPUTED_FACT = "computed_fact"
    NOT_READABLE = "not_readable"
    SOURCE_MISSING = "source_missing"
    NOT_A_MEMBER = "not_a_member"
    DAY_TO_COME = "day_to_come"
    OUTSIDE_PERIOD = "outside_period"
    REPLACED_ALREADY = "replaced_already"
    UNKNOWN_ITEM = "unknown_item"
    DECIDED_ALREADY = "decided_already"


@dataclass(frozen=True, slots=True)
class Notice:
    """The public notice (公示期) of a frozen run: from the day on which it was frozen up to and with a last day."""

    starts_on: dt.date
    until: dt.date

    @property
    def approvable_on(self) -> dt.date:
        """The first day on which the run may be approved."""
        return self.until + dt.timedelta(days=1)

    def is_over(self, on: dt.date) -> bool:
        """Whether all its days have passed."""
        return on > self.until


@dataclass(frozen=True, slots=True)
class Replaced:
    """A run whose place another is to take. `is_replaced`: another published run took it already; `is_between`: it takes the place of
    a third itself and was never published, so that the third would stand beside the new one.
    """

    starts_on: dt.date
    on: dt.date
    is_replaced: bool = False
    is_between: bool = False


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run as the rules see it. `hands`: whoever drafted or froze it, or is measured by it; `notice`: None where none is given.

    `false_since_gathered`: false reports on what it rests on, found since its facts were gathered. `unrectified`: those found
    before then too that nobody verified as rectified. `period`: its first and last day. `is_whole`: nobody was left out because
    the rule has not his group. `replaces`: the run whose place it takes.
    """

    state: RunState
    hands: frozenset[int]
    is_rule_approved: bool = True
    open_objections: int = 0
    upheld_objections: int = 0
    false_since_gathered: int = 0
    unrectified: int = 0
    notice: Notice | None = None
    period: tuple[dt.date, dt.date] | None = None
    is_whole: bool = True
    replaces: Replaced | None = None


def notice_until(frozen_on: dt.date, working_days: int, calendar: Calendar) -> dt.date | None:
    """The last day of the public notice, so many working days after the day of freezing, which does not count; None for no days."""
    return calendar.add_working_days(frozen_on, working_days).date if working_days else None


def refusals_of_period(starts_on: dt.date, on: dt.date, *, today: dt.date) -> tuple[Refusal, ...]:
    """Why no run is worked out of these days.

    Why: as of a day to come what is not due yet would count as late, and the goals would be those of the end of the year.
    """
    if starts_on > on:
        return (Refusal.OUTSIDE_PERIOD,)
    return (Refusal.RUN_TO_COME,) if on > today else ()


def refusals_to_replace(replaced: Replaced, period: tuple[dt.date, dt.date]) -> tuple[Refusal, ...]:
    """Why a run of this period may not take the place of another.

    Why the same period: extracts, rewards and the first page take the newer for the older, and a run of January is not the run of a year.
    The last day may move within its month, where facts came late.
    """
    starts_on, on = period
    is_same = (replaced.starts_on, replaced.on.year, replaced.on.month) == (starts_on, on.year, on.month)
    found = [] if is_same else [Refusal.OTHER_PERIOD]
    found += [Refusal.REPLACED_BY_ANOTHER] if replaced.is_replaced else []
    return (*found, *([Refusal.NOT_REPLACEABLE] if replaced.is_between else []))


def refusals_to_step(facts: RunFacts, step: RunStep, *, actor_id: int, on: dt.date, reason: str = "") -> tuple[Refusal, ...]:
    """Why a step of a run may not be taken; empty if it may.

    Why: facts that are known to be false are not frozen but corrected and gathered anew, and no run on them is approved or published;
    whoever worked a run out does not approve it, and none is approved before whoever is measured had the days of the notice to object, or
    over an objection that nobody answered. One to which an objection was upheld is known to be wrong: the run that takes its place is
    approved and published, never this one.
    """
    if facts.state not in RUN_STEPS[step][0]:
        return (Refusal.WRONG_STATE,)
    found: list[Refusal] = []
    if step is RunStep.FREEZE:
        found += _to_freeze(facts, on)
    if step is RunStep.APPROVE:
        found += _to_approve(facts, actor_id, on)
    if step in (RunStep.APPROVE, RunStep.PUBLISH):
        found += _to_let_pass(facts)
    if step is RunStep.PUBLISH and facts.replaces is not None and facts.period is not None:
        found += refusals_to_replace(facts.replaces, facts.period)
    if step in (RunStep.SEND_BACK, RunStep.WITHDRAW) and not reason.strip():
        found.append(Refusal.REASON_MISSING)
    return tuple(found)


def _to_freeze(facts: RunFacts, on: dt.date) -> Iterator[Refusal]:
    if not facts.is_rule_approved:
        yield Refusal.NOT_APPROVED_RULE
    if facts.false_since_gathered:
        yield Refusal.FACTS_OLDER
    elif facts.unrectified:
        yield Refusal.UNRECTIFIED
    if not facts.is_whole:
        yield Refusal.LEFT_OUT
    if facts.period is not None and facts.period[1] > on:
        yield Refusal.RUN_TO_COME


def _to_approve(facts: RunFacts, actor_id: int, on: dt.date) -> Iterator[Refusal]:
    if actor_id in facts.hands:
        yield Refusal.SAME_PERSON
    if facts.notice is not None and not facts.notice.is_over(on):
        yield Refusal.NOTICE_RUNS
    if facts.open_objections:
        yield Refusal.OPEN_OBJECTIONS


def _to_let_pass(facts: RunFacts) -> Iterator[Refusal]:
    """Why it is neither approved nor published: it is known to be wrong."""
    if facts.upheld_objections:
        yield Refusal.UPHELD_OBJECTIONS
    if facts.false_since_gathered:
        yield Refusal.KNOWN_FALSE
    elif facts.unrectified:
        yield Refusal.UNVERIFIED


def refusals_to_object(state: RunState, *, text: str, is_item: bool) -> tuple[Refusal, ...]:
    """Why nobody may object: the run is not open to it, nothing is said, or no such indicator.

    Why: units object while a run is frozen, and once it is published; a draft may still change. The notice promises the least of days: an
    objection that comes later, while nobody approved the run yet, is answered as well.
    """
    if state not in (RunState.FROZEN, RunState.PUBLISHED):
        return (Refusal.WRONG_STATE,)
    found = [] if text.strip() else [Refusal.REASON_MISSING]
    return (*found, *([] if is_item else [Refusal.UNKNOWN_ITEM]))


def refusals_to_decide(state: ObjectionState, *, filed_by: Collection[int | None], actor_id: int, reason: str) -> tuple[Refusal, ...]:
    """Why an objection may not be decided: it is already, by whoever filed it or is measured, or without a reason."""
    if state is not ObjectionState.OPEN:
        return (Refusal.DECIDED_ALREADY,)
    found = [Refusal.SAME_PERSON] if actor_id in filed_by else []
    return (*found, *([] if reason.strip() else [Refusal.REASON_MISSING]))


def refusals_of_members(months: Mapping[int, int]) -> tuple[Refusal, ...]:
    """Why units may not be in groups so: the months of each (key of the unit → months in all) are those of a year. Units: months."""
    return (Refusal.MONTHS_NOT_TWELVE,) if any(count != MOST_MONTHS for count in months.values()) else ()


def refusals_to_enter(*, state: ValueState, source: str, on: dt.date, today: dt.date, is_member: bool) -> tuple[Refusal, ...]:
    """Why a figure may not be entered; a value says where it comes from."""
    found: list[Refusal] = []
    if not is_member:
        found.append(Refusal.NOT_A_MEMBER)
    if on > today:
        found.append(Refusal.DAY_TO_COME)
    if state is ValueState.VALUE and not source.strip():
        found.append(Refusal.SOURCE_MISSING)
    return tuple(found)


def digest(told: Any) -> str:
    """By which facts and results are known again: SHA-256 of their JSON, keys in order."""
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
