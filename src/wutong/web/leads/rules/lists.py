"""Decisions about target lists, their rows and knocks: who may, what is refused, which row waits too long."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target

STALE_LEAF = "leads.stale_days"
FIRST_KNOCK_LEAF = "leads.first_knock_days"
LATER_LEAF = "leads.later_days"
# An e-mail address, or seven digits and more that belong together: a telephone number, an identity number, a chat number.
_CONTACT = re.compile(r"@|\d(?:[\s().+\-\u2010-\u2015]*\d){6}")


class Line(StrEnum):
    """Which of the two lines of work a list serves: counted by the yearly assessment (考核口径), or any good project (不限口径)."""

    COUNTED = "counted"
    OPEN = "open"


class ListState(StrEnum):
    """Whether a list is worked on."""

    ACTIVE = "active"
    CLOSED = "closed"


class Origin(StrEnum):
    """Where the firms of a list come from."""

    RANKING = "ranking"
    CLUSTER = "cluster"
    MAKERS = "makers"
    SEARCH = "search"
    FILE = "file"
    HAND = "hand"


class RowState(StrEnum):
    """How far a firm on a list has come."""

    TO_KNOCK = "to_knock"
    IN_CONTACT = "in_contact"
    LATER = "later"
    NO_INTEREST = "no_interest"
    LEAD = "lead"


OPEN_STATES = (RowState.TO_KNOCK, RowState.IN_CONTACT, RowState.LATER)


class How(StrEnum):
    """By what way somebody knocked."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"
    MEETING = "meeting"
    THROUGH = "through"


class Result(StrEnum):
    """What a knock brought."""

    NO_ANSWER = "no_answer"
    CONTACTED = "contacted"
    INTERESTED = "interested"
    LATER = "later"
    NO_INTEREST = "no_interest"


class ChangeKind(StrEnum):
    """What was done to a row, beside knocks."""

    PUT_ON = "put_on"
    ASSIGNED = "assigned"
    PLANNED = "planned"
    SETTLED = "settled"
    REOPENED = "reopened"
    REMOVED = "removed"
    RESTORED = "restored"
    HANDED_OVER = "handed_over"
    TRANSFERRED = "transferred"


class Attention(StrEnum):
    """How a row stands today."""

    DONE = "done"
    CALM = "calm"
    DUE = "due"
    STALE = "stale"
    OVERDUE = "overdue"


class Refusal(StrEnum):
    """Why something about a list is refused; the web puts it into words."""

    LIST_CLOSED = "list_closed"
    NOT_CLOSED = "not_closed"
    REASON_MISSING = "reason_missing"
    KNOCK_OR_REASON_MISSING = "knock_or_reason_missing"
    ROW_REMOVED = "row_removed"
    NOT_REMOVED = "not_removed"
    ROW_DONE = "row_done"
    ROW_OPEN = "row_open"
    NEXT_STEP_MISSING = "next_step_missing"
    NEXT_STEP_PAST = "next_step_past"
    UNTIL_MISSING = "until_missing"
    UNTIL_PAST = "until_past"
    KNOCK_LATER_THAN_NOW = "knock_later_than_now"
    THROUGH_WHOM = "through_whom"
    CONTACT_IN_FUNCTION = "contact_in_function"
    CORRECTED_ALREADY = "corrected_already"
    PERSON_NOT_OF_LIST = "person_not_of_list"
    PERSON_INACTIVE = "person_inactive"
    UNIT_CLOSED = "unit_closed"
    FIRM_THERE = "firm_there"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A target list as the rules see it."""

    target: Target
    owner_id: int
    member_ids: frozenset[int]
    state: ListState

    @property
    def people(self) -> frozenset[int]:
        """Owner and members."""
        return self.member_ids | {self.owner_id}


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A firm on a list as the rules see it. `quiet_since`: day of the last knock, else the day it was put on, else the day put off to."""

    state: RowState
    quiet_since: dt.date
    next_on: dt.date | None
    is_removed: bool = False
    list_state: ListState = ListState.ACTIVE
    is_knocked: bool = False


@dataclass(frozen=True, slots=True)
class KnockFacts:
    """A knock (对接) that somebody wants to enter."""

    how: How
    result: Result
    made_on: dt.date
    through: str = ""
    next_step: str = ""
    next_on: dt.date | None = None
    with_whom: str = ""


def may_work(grants: Iterable[Grant], facts: ListFacts, *, person_id: int) -> bool:
    """Whether a person may change a list, its rows and knocks: by a role that reaches its unit, or as its owner or member."""
    held = tuple(grants)
    if access_rules.allowed(held, Permission.LEADS_EDIT, facts.target, person_id=person_id):
        return True
    return person_id in facts.people and access_rules.allowed(held, Permission.LEADS_EDIT)


def may_assign(grants: Iterable[Grant], facts: ListFacts, *, person_id: int) -> bool:
    """Whether a person may share the rows of a list out: by a role that reaches its unit, or as its owner."""
    held = tuple(grants)
    if access_rules.allowed(held, Permission.LEADS_ASSIGN, facts.target, person_id=person_id):
        return True
    return person_id == facts.owner_id and access_rules.allowed(held, Permission.LEADS_EDIT)


def attention(facts: RowFacts, *, on: dt.date, stale_days: int) -> Attention:
    """How a row stands on a day: overdue before stale before due this week.

    Why: a promised day that passed is worse than a long silence; what was put off rests until its day.
    """
    if facts.is_removed or facts.state not in OPEN_STATES or facts.list_state is ListState.CLOSED:
        return Attention.DONE
    if facts.next_on is not None and facts.next_on < on:
        return Attention.OVERDUE
    if (on - facts.quiet_since).days >= stale_days:
        return Attention.STALE
    return Attention.DUE if facts.next_on is not None and facts.next_on <= week_end(on) else Attention.CALM


def week_end(on: dt.date) -> dt.date:
    """The Sunday of a day's week."""
    return on + dt.timedelta(days=6 - on.weekday())


def state_after(state: RowState, result: Result) -> RowState:
    """The state of a row after a knock. Nobody answered: as before, but what was put off is to be knocked at again."""
    match result:
        case Result.NO_ANSWER:
            return RowState.TO_KNOCK if state is RowState.LATER else state
        case Result.CONTACTED | Result.INTERESTED:
            return RowState.IN_CONTACT
        case Result.LATER:
            return RowState.LATER
        case Result.NO_INTEREST:
            return RowState.NO_INTEREST


@dataclass(frozen=True, slots=True)
class Turn:
    """What turned a row: a knock with its result, or what was entered by hand, an outcome or (`state` None) one taken back.

    `entered_at`: of a correction, when the entry was made that it corrects in the end. `number` tells turns of one kind apart.
    """

    number: int
    at: dt.datetime
    on: dt.date
    entered_at: dt.datetime
    result: Result | None = None
    state: RowState | None = None

    @property
    def order(self) -> tuple[dt.datetime, int]:
        """By when it was, then by when it was entered."""
        return self.at, self.number


def in_order(knocks: Iterable[Turn], by_hand: Iterable[Turn]) -> tuple[Turn, ...]:
    """Knocks by when they were made, and what was entered by hand behind the last knock that whoever entered it knew.

    Why: a knock made on the day of an outcome, but entered after it, comes after it; its correction stands where it stood.
    """
    found = sorted(knocks, key=lambda one: one.order)
    for entered in sorted(by_hand, key=lambda one: one.order):
        moment = (entered.on, entered.entered_at)
        known = [place for place, one in enumerate(found, 1) if one.result is None or (one.on, one.entered_at) <= moment]
        found.insert(max(known, default=0), entered)
    return tuple(found)


def replayed(turns: Iterable[Turn]) -> RowState:
    """The state of a row after all that turned it, in order. An outcome taken back leaves it in contact if somebody was reached before."""
    state, is_reached = RowState.TO_KNOCK, False
    for turn in turns:
        if turn.result is not None:
            state = state_after(state, turn.result)
            is_reached = is_reached or is_contact(turn.result)
        else:
            state = turn.state or (RowState.IN_CONTACT if is_reached else RowState.TO_KNOCK)
    return state


def is_contact(result: Result) -> bool:
    """Whether somebody at the firm was reached."""
    return result is not Result.NO_ANSWER


def path_above(mine: str, other: str) -> str:
    """The path of the nearest unit that stands above two units, each named by its path, or is one of them; "" where there is none."""
    found = "/"
    for one, two in zip(mine.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if one != two or not one:
            break
        found += f"{one}/"
    return "" if found == "/" else found


def holds_contact(text: str) -> bool:
    """Whether a text that is to tell a function holds a telephone number, an e-mail address or an identity number.

    Why: contact data are personal data; they are kept with the firm's people, with their basis and until when, never on a list.
    """
    return _CONTACT.search(unicodedata.normalize("NFKC", text)) is not None


def refusals_to_change(facts: ListFacts) -> tuple[Refusal, ...]:
    """Why a list may not be changed: a closed one is opened again first."""
    return (Refusal.LIST_CLOSED,) if facts.state is ListState.CLOSED else ()


def refusals_to_close(facts: ListFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why a list may not be closed."""
    return (*refusals_to_change(facts), *(() if reason.strip() else (Refusal.REASON_MISSING,)))


def refusals_to_touch(facts: RowFacts) -> tuple[Refusal, ...]:
    """Why nothing may be done to a row at all."""
    found = []
    if facts.list_state is ListState.CLOSED:
        found.append(Refusal.LIST_CLOSED)
    if facts.is_removed:
        found.append(Refusal.ROW_REMOVED)
    return tuple(found)


def refusals_to_knock(facts: RowFacts, knock: KnockFacts, *, on: dt.date, last: RowState | None = None) -> tuple[Refusal, ...]:
    """Why a knock may not be entered; empty if it may. `last`: the state of the row in the end, where later knocks stand.

    Why: a row that stays open has a next step with its day, or nobody would come back to it.
    """
    found = list(refusals_to_touch(facts))
    if facts.state is RowState.LEAD:
        found.append(Refusal.ROW_DONE)
    if knock.made_on > on:
        found.append(Refusal.KNOCK_LATER_THAN_NOW)
    if knock.how is How.THROUGH and not knock.through.strip():
        found.append(Refusal.THROUGH_WHOM)
    if holds_contact(knock.with_whom):
        found.append(Refusal.CONTACT_IN_FUNCTION)
    after = state_after(facts.state, knock.result)
    has_step = knock.next_on is not None and bool(knock.next_step.strip())
    if after is RowState.LATER:
        found += [] if knock.next_on else [Refusal.UNTIL_MISSING]
    elif _needs_step(after, last, has_step=has_step, has_day=bool(facts.next_on or knock.next_on)):
        found.append(Refusal.NEXT_STEP_MISSING)
    if knock.next_on is not None and knock.next_on < knock.made_on:
        found.append(Refusal.NEXT_STEP_PAST)
    return tuple(found)


def _needs_step(after: RowState, last: RowState | None, *, has_step: bool, has_day: bool) -> bool:
    """Whether a next step is missing after a knock: of the row that it leaves open, or of one that stays open in the end without a day."""
    if after in OPEN_STATES and last in (None, *OPEN_STATES):
        return not has_step
    return last in OPEN_STATES and not has_day


def refusals_to_plan(facts: RowFacts, *, next_step: str, next_on: dt.date | None, on: dt.date) -> tuple[Refusal, ...]:
    """Why a next step may not be set."""
    found = list(refusals_to_touch(facts))
    if facts.state not in OPEN_STATES:
        found.append(Refusal.ROW_DONE)
    if next_on is None or not next_step.strip():
        found.append(Refusal.NEXT_STEP_MISSING)
    elif next_on < on:
        found.append(Refusal.NEXT_STEP_PAST)
    return tuple(found)


def refusals_to_settle(facts: RowFacts, *, state: RowState, reason: str, until: dt.date | None, on: dt.date) -> tuple[Refusal, ...]:
    """Why an outcome may not be entered: each says why, but a lead at which somebody knocked; what is put off says until when."""
    found = list(refusals_to_touch(facts))
    if facts.state is RowState.LEAD:
        found.append(Refusal.ROW_DONE)
    if not reason.strip() and state is not RowState.LEAD:
        found.append(Refusal.REASON_MISSING)
    elif not reason.strip() and not facts.is_knocked:
        found.append(Refusal.KNOCK_OR_REASON_MISSING)
    if state is RowState.LATER and until is None:
        found.append(Refusal.UNTIL_MISSING)
    if state is RowState.LATER and until is not None and until <= on:
        found.append(Refusal.UNTIL_PAST)
    return tuple(found)


def refusals_to_reopen(facts: RowFacts) -> tuple[Refusal, ...]:
    """Why an outcome may not be taken back."""
    return (*refusals_to_touch(facts), *((Refusal.ROW_OPEN,) if facts.state in OPEN_STATES else ()))


def refusals_to_restore(facts: RowFacts) -> tuple[Refusal, ...]:
    """Why a row may not be put back."""
    found = [Refusal.LIST_CLOSED] if facts.list_state is ListState.CLOSED else []
    return (*found, *(() if facts.is_removed else (Refusal.NOT_REMOVED,)))


def refusals_to_transfer(facts: RowFacts, to: ListFacts, *, is_there: bool) -> tuple[Refusal, ...]:
    """Why a row may not go to another list. `is_there`: the firm stands there, or did: two rows of it would part its knocks."""
    found = [*refusals_to_touch(facts)]
    if to.state is ListState.CLOSED and Refusal.LIST_CLOSED not in found:
        found.append(Refusal.LIST_CLOSED)
    return (*found, *((Refusal.FIRM_THERE,) if is_there else ()))


def refusals_of_person(*, is_active: bool, is_of_unit: bool) -> tuple[Refusal, ...]:
    """Why a person may not own a list, work on it or take its rows: the people of its unit and of the units below it may."""
    found = []
    if not is_active:
        found.append(Refusal.PERSON_INACTIVE)
    if not is_of_unit:
        found.append(Refusal.PERSON_NOT_OF_LIST)
    return tuple(found)
