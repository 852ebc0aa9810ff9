"""Decisions about introductions (引荐): what may follow what, who may work on one, when the next thing is due, how merit is shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Permission, Target
from wutong.web.leads.rules.lists import holds_contact

ANSWER_LEAF = "introductions.answer_days"
GIVEN_LEAF = "introductions.given_days"
RESULT_LEAF = "introductions.result_days"
OFTEN_LEAF = "introductions.often_from_asks"
WHOLE = 10_000
"""The whole merit in basis points (万分之一)."""


class State(StrEnum):
    """How far an introduction has come: what the last step that stands says."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    GIVEN = "given"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    LEAD = "lead"
    PROJECT = "project"
    NOTHING = "nothing"


TAKEN_BACK = "taken_back"
"""A correcting step that says: what it corrects did not happen."""
OPEN = (State.ASKED, State.AGREED, State.GIVEN)
"""Somebody still owes the next step."""
MET = (State.GIVEN, State.LEAD, State.PROJECT, State.NOTHING)
AGREED_OR_MET = (State.AGREED, *MET)
BY_THE_FIRM = (State.AGREED, State.REFUSED, State.GIVEN)
"""What a local firm of which an introduction is asked may enter itself."""
CAME_TO_SOMETHING = (State.LEAD, State.PROJECT)
FOLLOWS: dict[State, tuple[State, ...]] = {
    State.ASKED: (State.AGREED, State.REFUSED, State.GIVEN, State.FAILED, State.WITHDRAWN),
    State.AGREED: (State.GIVEN, State.FAILED, State.WITHDRAWN),
    State.GIVEN: (State.LEAD, State.PROJECT, State.NOTHING),
    State.LEAD: (State.PROJECT,),
    State.NOTHING: (State.LEAD, State.PROJECT),
    State.PROJECT: (),
    State.REFUSED: (),
    State.FAILED: (),
    State.WITHDRAWN: (),
}
SAYS_WHY = (State.REFUSED, State.FAILED, State.WITHDRAWN, State.NOTHING)
"""Steps that need a word of why, so that nobody asks again in vain."""


class PartyKind(StrEnum):
    """Who is asked: a firm, a person at a firm, a colleague, a unit of ours, somebody outside named by function or organisation."""

    FIRM = "firm"
    PERSON = "person"
    STAFF = "staff"
    UNIT = "unit"
    OUTSIDE = "outside"


class Refusal(StrEnum):
    """Why something about an introduction is refused; the web puts it into words."""

    TARGET_MISSING = "target_missing"
    PARTY_MISSING = "party_missing"
    PARTY_IS_TARGET = "party_is_target"
    CONTACT_IN_NAME = "contact_in_name"
    TEXT_MISSING = "text_missing"
    ASKED_LATER_THAN_NOW = "asked_later_than_now"
    DUE_PAST = "due_past"
    UNIT_CLOSED = "unit_closed"
    PERSON_INACTIVE = "person_inactive"
    PERSON_NOT_OF_UNIT = "person_not_of_unit"
    ASKED_ALREADY = "asked_already"
    DOES_NOT_FOLLOW = "does_not_follow"
    BEFORE_LAST_STEP = "before_last_step"
    LATER_THAN_NOW = "later_than_now"
    REASON_MISSING = "reason_missing"
    LEAD_MISSING = "lead_missing"
    NOT_THE_LAST_STEP = "not_the_last_step"
    FIRST_STEP_STANDS = "first_step_stands"
    NO_CONSENT = "no_consent"
    NOTHING_TO_CREDIT = "nothing_to_credit"
    SHARES_NOT_ONE = "shares_not_one"
    SHARE_NOT_POSITIVE = "share_not_positive"
    PARTY_TWICE = "party_twice"
    NOT_OPEN = "not_open"


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(refusal for refusal, holds in found if holds)


@dataclass(frozen=True, slots=True)
class Facts:
    """An introduction as the rules see it. `insider_ids`: who may work on it though it is confidential, beside its owner."""

    target: Target
    owner_id: int
    state: State
    last_on: dt.date
    is_confidential: bool = False
    insider_ids: frozenset[int] = frozenset()


def may_work(grants: Iterable[Grant], facts: Facts, *, person_id: int) -> bool:
    """Whether a person may change an introduction: by a role that reaches its unit, unless it is confidential; its owner; an insider."""
    held = tuple(grants)
    if not facts.is_confidential and access_rules.allowed(held, Permission.LEADS_EDIT, facts.target, person_id=person_id):
        return True
    return person_id in {facts.owner_id, *facts.insider_ids} and access_rules.allowed(held, Permission.LEADS_EDIT)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of somebody: for whom, of whom, in what words, when, by when an answer is due."""

    has_target: bool
    is_party_named: bool
    is_party_target: bool
    party_name: str
    text: str
    asked_on: dt.date
    due_on: dt.date


def refusals_to_ask(
    ask: Ask, *, on: dt.date, is_unit_open: bool, is_active: bool, is_of_unit: bool, is_asked_already: bool, has_consent: bool
) -> tuple[Refusal, ...]:
    """Why nobody may be asked so: target and party are named and two, it says what for, an answer is due, and nobody is asked twice.

    Why: a person who did not agree to be asked for introductions is not asked, however well he is known.
    """
    return those(
        (Refusal.TARGET_MISSING, not ask.has_target),
        (Refusal.PARTY_MISSING, not ask.is_party_named),
        (Refusal.PARTY_IS_TARGET, ask.is_party_target),
        (Refusal.CONTACT_IN_NAME, holds_contact(ask.party_name)),
        (Refusal.NO_CONSENT, not has_consent),
        (Refusal.TEXT_MISSING, not ask.text.strip()),
        (Refusal.ASKED_LATER_THAN_NOW, ask.asked_on > on),
        (Refusal.DUE_PAST, ask.due_on < ask.asked_on),
        (Refusal.UNIT_CLOSED, not is_unit_open),
        (Refusal.PERSON_INACTIVE, not is_active),
        (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit),
        (Refusal.ASKED_ALREADY, is_asked_already),
    )


def refusals_to_step(facts: Facts, *, to: State, done_on: dt.date, on: dt.date, text: str, has_lead: bool = False) -> tuple[Refusal, ...]:
    """Why a step may not be entered: it follows from where the introduction stands, in time too, and says why where it ends badly."""
    return those(
        (Refusal.DOES_NOT_FOLLOW, to not in FOLLOWS[facts.state]),
        (Refusal.LATER_THAN_NOW, done_on > on),
        (Refusal.BEFORE_LAST_STEP, done_on < facts.last_on),
        (Refusal.REASON_MISSING, to in SAYS_WHY and not text.strip()),
        (Refusal.LEAD_MISSING, to is State.LEAD and not has_lead),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A step that stands: what it says, and when it was done."""

    kind: State
    done_on: dt.date


def refusals_to_correct(
    steps: Sequence[Step], *, at: int, to: State | None, done_on: dt.date, on: dt.date, text: str, has_lead: bool = False
) -> tuple[Refusal, ...]:
    """Why the step at a place may not be corrected, or (None) be taken back: only the last that stands, and never the ask itself.

    Why: what followed from a wrong step was true of it alone; so it is corrected first. An ask that was never made is withdrawn.
    """
    if at != len(steps) - 1:
        return (Refusal.NOT_THE_LAST_STEP,)
    if at == 0:
        return those(
            (Refusal.FIRST_STEP_STANDS, to is not State.ASKED),
            (Refusal.LATER_THAN_NOW, done_on > on),
            (Refusal.TEXT_MISSING, not text.strip()),
        )
    if to is None:
        return those((Refusal.REASON_MISSING, not text.strip()))
    before = steps[at - 1]
    facts = Facts(Target(), 0, before.kind, before.done_on)
    return refusals_to_step(facts, to=to, done_on=done_on, on=on, text=text, has_lead=has_lead)


def due_leaf(state: State) -> str | None:
    """The leaf that says by when the next step after a state is due; None where nothing is."""
    return {State.ASKED: ANSWER_LEAF, State.AGREED: GIVEN_LEAF, State.GIVEN: RESULT_LEAF}.get(state)


def is_often(open_asks: int, *, often_from_asks: int) -> bool:
    """Whether somebody is asked too often: so many asks to him are open already."""
    return open_asks >= often_from_asks


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the merit. `key` names whose it is. Units: basis points of one."""

    key: str
    share_basis_points: int


def refusals_to_credit(state: State, parts: Sequence[Part]) -> tuple[Refusal, ...]:
    """Why merit may not be shared so: there was a meeting, each share is some, nobody stands twice, together they are one."""
    return those(
        (Refusal.NOTHING_TO_CREDIT, state not in MET),
        (Refusal.SHARE_NOT_POSITIVE, any(part.share_basis_points < 1 for part in parts)),
        (Refusal.PARTY_TWICE, len({part.key for part in parts}) != len(parts)),
        (Refusal.SHARES_NOT_ONE, sum(part.share_basis_points for part in parts) != WHOLE),
    )
