"""Decisions about information that is handed in (报送): what is refused, until when it is withdrawn, and what its giver is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wutong.web.leads.rules.leads import Amount, LeadFacts, LeadState, Refusal, Stage, refusals_of_amount, those
from wutong.web.leads.rules.lists import holds_contact


class Told(StrEnum):
    """How far information has come, as whoever handed it in is told: no more of the lead than this."""

    LOGGED = "logged"
    TAKEN_UP = "taken_up"
    CONTACT = "contact"
    TALKS = "talks"
    PROJECT = "project"
    RESTS = "rests"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


SAYS_WHY = (Told.RESTS, Told.CLOSED)
"""Of these the reason is told too."""
OF_STATE = {
    LeadState.PROJECT: Told.PROJECT,
    LeadState.DORMANT: Told.RESTS,
    LeadState.LOST: Told.CLOSED,
}
OF_STAGE = {Stage.LOGGED: Told.LOGGED, Stage.TRIAGED: Told.TAKEN_UP, Stage.CONTACT: Told.CONTACT, Stage.TALKS: Told.TALKS}


def told(state: LeadState, stage: Stage, *, is_confidential: bool) -> Told:
    """What the giver is told. Why: of a confidential lead, or one that is one with another, he learns no more than that it is taken up."""
    if state is LeadState.WITHDRAWN:
        return Told.WITHDRAWN
    if is_confidential or state is LeadState.MERGED:
        return Told.LOGGED if stage is Stage.LOGGED and state is LeadState.OPEN else Told.TAKEN_UP
    return OF_STATE.get(state) or OF_STAGE[stage]


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody hands in: in a few words, which firm or body, what is known, how much."""

    title: str
    name: str
    text: str
    amount: Amount


def refusals_to_hand_in(given: Given, *, has_intake: bool, today: int, most_a_day: int) -> tuple[Refusal, ...]:
    """Why information may not be handed in: it has a title, no contact data of people, somebody takes it in, and a day has its limit."""
    return (
        *those(
            (Refusal.TITLE_MISSING, not given.title.strip()),
            (Refusal.CONTACT_GIVEN, any(holds_contact(text) for text in (given.title, given.name, given.text))),
            (Refusal.NOBODY_TAKES_IN, not has_intake),
            (Refusal.TOO_MANY_HANDED_IN, today >= most_a_day),
        ),
        *refusals_of_amount(given.amount),
    )


def refusals_to_withdraw(facts: LeadFacts) -> tuple[Refusal, ...]:
    """Why information may not be withdrawn by who handed it in: the office has begun to work on it."""
    is_untouched = facts.state is LeadState.OPEN and facts.stage is Stage.LOGGED and not facts.is_standing
    return those((Refusal.TAKEN_IN_ALREADY, not is_untouched))
