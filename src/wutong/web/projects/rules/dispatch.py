"""Task forces (专班) and dispatch meetings (调度会): what a meeting is about, what it may do, how its decisions stand at the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.load import Rulebook
from wutong.web.accounts.rules.access import Grant, Permission, Target, allowed
from wutong.web.journal.rules import DutyState

FORCE_LEAF = "dispatch.task_force_from_yuan"
FUNDS_LEAF = "dispatch.funds_behind_below_share"


class Series(StrEnum):
    """How often a meeting is held."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEEDED = "needed"


class MeetingState(StrEnum):
    """Where a meeting stands. SIGNED: its minutes are, and nothing of it changes any more."""

    PLANNED = "planned"
    SIGNED = "signed"
    CALLED_OFF = "called_off"


class Attendance(StrEnum):
    """Whether an invited unit or person was there."""

    PRESENT = "present"
    DEPUTY = "deputy"
    EXCUSED = "excused"
    ABSENT = "absent"


THERE = frozenset({Attendance.PRESENT, Attendance.DEPUTY})


class Why(StrEnum):
    """Why a project stands on the agenda, by the records."""

    NODE = "node"
    DUTY = "duty"
    GATE = "gate"
    ALARM = "alarm"
    FUNDS = "funds"
    OURS = "ours"
    THEIRS = "theirs"


class FollowState(StrEnum):
    """How a decision of an earlier meeting stands."""

    DONE = "done"
    DONE_LATE = "done_late"
    OPEN = "open"
    LATE = "late"
    CALLED_OFF = "called_off"
    NOT_GIVEN = "not_given"


OVER = frozenset({FollowState.DONE, FollowState.DONE_LATE, FollowState.CALLED_OFF})
"""States of a decision that the next meeting but one does not ask for again; the others are carried over."""


class ForceRole(StrEnum):
    """What somebody is in a task force: its leader (组长), a deputy (副组长), a member (成员)."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"


class Refusal(StrEnum):
    """Why something about a meeting or a task force is refused; the web puts it into words."""

    NOT_PLANNED = "not_planned"
    DAY_PAST = "day_past"
    NOT_HELD_YET = "not_held_yet"
    UNIT_CLOSED = "unit_closed"
    PERSON_INACTIVE = "person_inactive"
    PERSON_MAY_NOT_SEE = "person_may_not_see"
    CHAIR_REACHES_NOT = "chair_reaches_not"
    SERIES_WAITS = "series_waits"
    REASON_MISSING = "reason_missing"
    TEXT_MISSING = "text_missing"
    PROJECT_THERE = "project_there"
    PROJECT_UNSEEN = "project_unseen"
    ITEM_DROPPED = "item_dropped"
    ITEM_ON = "item_on"
    ITEM_DECIDED = "item_decided"
    INVITED_ALREADY = "invited_already"
    DUE_BEFORE_MEETING = "due_before_meeting"
    DUE_PAST = "due_past"
    OUT_OF_REACH = "out_of_reach"
    DECISION_GIVEN = "decision_given"
    ITEM_SILENT = "item_silent"
    NOBODY_THERE = "nobody_there"
    FORCE_THERE = "force_there"
    FORCE_ENDED = "force_ended"
    MEMBER_THERE = "member_there"
    MEMBER_GONE = "member_gone"
    LEADER_STAYS = "leader_stays"
    NOT_ACTIVE = "not_active"


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


# --- who may ----------------------------------------------------------------------------------------------------------------------------
def may_prepare(grants: Iterable[Grant], unit: Target, *, is_chair: bool, person_id: int) -> bool:
    """Whether somebody prepares and keeps a meeting of a unit: who works on projects there, and its chair."""
    return is_chair or allowed(grants, Permission.PROJECTS_EDIT, unit, person_id=person_id)


def may_sign(grants: Iterable[Grant], unit: Target, *, is_chair: bool, person_id: int) -> bool:
    """Whether somebody hands decisions out and signs the minutes: the chair, else who decides over the unit."""
    return is_chair or allowed(grants, Permission.PROJECTS_DECIDE, unit, person_id=person_id)


# --- meetings ---------------------------------------------------------------------------------------------------------------------------
def refusals_to_convene(
    *, title: str, held_on: dt.date, on: dt.date, is_unit_open: bool, is_chair_active: bool, is_chair_able: bool, has_waiting: bool
) -> tuple[Refusal, ...]:
    """Why a meeting may not be convened. `has_waiting`: one of the same series and unit waits to be held or signed."""
    return those(
        (Refusal.TEXT_MISSING, not title.strip()),
        (Refusal.DAY_PAST, held_on < on),
        (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.PERSON_INACTIVE, not is_chair_active),
        (Refusal.CHAIR_REACHES_NOT, is_chair_active and not is_chair_able),
        (Refusal.SERIES_WAITS, has_waiting),
    )


def refusals_to_touch(state: MeetingState) -> tuple[Refusal, ...]:
    """Why a meeting may not be changed: it was signed or called off."""
    return those((Refusal.NOT_PLANNED, state is not MeetingState.PLANNED))


def refusals_to_call_off(state: MeetingState, *, reason: str, has_given: bool) -> tuple[Refusal, ...]:
    """Why a meeting may not be called off: with a reason, and not once decisions of it were handed out."""
    return those(
        *((one, True) for one in refusals_to_touch(state)),
        (Refusal.REASON_MISSING, not reason.strip()),
        (Refusal.DECISION_GIVEN, has_given),
    )


def refusals_to_add(state: MeetingState, *, title: str, has_project: bool, is_seen: bool, is_there: bool) -> tuple[Refusal, ...]:
    """Why a matter may not be put on the agenda: a project that the convener sees, once, else a matter with a title."""
    return those(
        *((one, True) for one in refusals_to_touch(state)),
        (Refusal.TEXT_MISSING, not has_project and not title.strip()),
        (Refusal.PROJECT_UNSEEN, has_project and not is_seen),
        (Refusal.PROJECT_THERE, has_project and is_seen and is_there),
    )


def refusals_to_drop(state: MeetingState, *, is_dropped: bool, has_decisions: bool, reason: str) -> tuple[Refusal, ...]:
    """Why an item may not be taken off the agenda: with a reason, and not once something was decided about it."""
    return those(
        *((one, True) for one in refusals_to_touch(state)),
        (Refusal.ITEM_DROPPED, is_dropped),
        (Refusal.ITEM_DECIDED, has_decisions),
        (Refusal.REASON_MISSING, not reason.strip()),
    )


def refusals_to_decide(
    state: MeetingState, *, text: str, due_on: dt.date, held_on: dt.date, on: dt.date, is_dropped: bool, is_active: bool, may_see: bool
) -> tuple[Refusal, ...]:
    """Why a decision may not be entered: something by a day, of somebody who works here and may see the project."""
    return those(
        *((one, True) for one in refusals_to_touch(state)),
        (Refusal.NOT_HELD_YET, held_on > on),
        (Refusal.ITEM_DROPPED, is_dropped),
        (Refusal.TEXT_MISSING, not text.strip()),
        (Refusal.DUE_BEFORE_MEETING, due_on < held_on),
        (Refusal.DUE_PAST, held_on <= due_on < on),
        (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.PERSON_MAY_NOT_SEE, is_active and not may_see),
    )


def refusals_to_sign(state: MeetingState, *, held_on: dt.date, on: dt.date, silent: int, there: int) -> tuple[Refusal, ...]:
    """Why minutes may not be signed. `silent`: items of which neither words nor a decision are kept; `there`: how many came."""
    return those(
        *((one, True) for one in refusals_to_touch(state)),
        (Refusal.NOT_HELD_YET, held_on > on),
        (Refusal.NOBODY_THERE, not there),
        (Refusal.ITEM_SILENT, silent),
    )


def follow(state: DutyState | None, *, due_on: dt.date, ended_on: dt.date | None, on: dt.date) -> FollowState:
    """How a decision stands on a day, by the duty that it became; None: it was never handed out."""
    if state is None:
        return FollowState.NOT_GIVEN
    if state is DutyState.DONE:
        return FollowState.DONE_LATE if ended_on is not None and ended_on > due_on else FollowState.DONE
    if state is DutyState.DROPPED:
        return FollowState.CALLED_OFF
    return FollowState.LATE if on > due_on else FollowState.OPEN


# --- what is stuck ----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Behind:
    """Money behind its time. Units: yuan that arrived, and that should have by now; `share`: the one of the other."""

    arrived_yuan: Decimal
    wanted_yuan: Decimal

    @property
    def share(self) -> Decimal:
        """What arrived of what should have."""
        return self.arrived_yuan / self.wanted_yuan


def money_behind(
    *, promised_yuan: Decimal | None, arrived_yuan: Decimal, since: dt.date | None, until: dt.date | None, on: dt.date, below_share: Decimal
) -> Behind | None:
    """Whether money is behind: the promised sum spread evenly from signing to the planned completion. Nothing is said of what is not known.

    Units: yuan recognised up to the day, a share of one.
    """
    if promised_yuan is None or promised_yuan <= 0 or since is None or until is None or until <= since or on <= since:
        return None
    elapsed = Decimal(min((on - since).days, (until - since).days)) / (until - since).days
    found = Behind(arrived_yuan, promised_yuan * elapsed)
    return found if found.share < below_share else None


# --- task forces ------------------------------------------------------------------------------------------------------------------------
def force_from_yuan(rulebook: Rulebook, on: dt.date) -> Decimal:
    """From which investment on a project needs a task force. Units: yuan."""
    return Decimal(str(rulebook.number(FORCE_LEAF, on)))


def needs_force(total_yuan: Decimal | None, *, from_yuan: Decimal) -> bool:
    """Whether a project needs a task force: its investment reaches the bound; what is not known is not guessed."""
    return total_yuan is not None and total_yuan >= from_yuan


def refusals_to_form(
    *, is_active: bool, is_there: bool, since_on: dt.date, on: dt.date, is_leader_active: bool, may_see: bool
) -> tuple[Refusal, ...]:
    """Why a task force may not be formed: one a project that is worked on, led by somebody who may see it, not from a day to come."""
    return those(
        (Refusal.NOT_ACTIVE, not is_active),
        (Refusal.FORCE_THERE, is_there),
        (Refusal.NOT_HELD_YET, since_on > on),
        (Refusal.PERSON_INACTIVE, not is_leader_active),
        (Refusal.PERSON_MAY_NOT_SEE, is_leader_active and not may_see),
    )


def refusals_to_join(*, is_ended: bool, is_there: bool, is_unit_open: bool, is_active: bool, may_see: bool) -> tuple[Refusal, ...]:
    """Why a unit or person may not join a task force."""
    return those(
        (Refusal.FORCE_ENDED, is_ended),
        (Refusal.MEMBER_THERE, is_there),
        (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.PERSON_MAY_NOT_SEE, is_active and not may_see),
    )


def refusals_to_leave(*, is_ended: bool, is_gone: bool, is_leader: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a member may not leave: with a reason; the leader stays until another leads."""
    return those(
        (Refusal.FORCE_ENDED, is_ended),
        (Refusal.MEMBER_GONE, is_gone),
        (Refusal.LEADER_STAYS, is_leader),
        (Refusal.REASON_MISSING, not reason.strip()),
    )


def refusals_to_dissolve(*, is_ended: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a task force may not be dissolved."""
    return those((Refusal.FORCE_ENDED, is_ended), (Refusal.REASON_MISSING, not reason.strip()))
