"""Agreements (意向书、框架协议、合同) and offers: what may be signed, and who may offer how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wutong.rulebook.load import Rulebook


class AgreementKind(StrEnum):
    """What is agreed: a letter of intent, a framework, a contract. Fulfilment counts contracts only."""

    INTENT = "intent"
    FRAMEWORK = "framework"
    CONTRACT = "contract"


class AgreementState(StrEnum):
    """How far an agreement has come."""

    DRAFTED = "drafted"
    UNDER_REVIEW = "under_review"
    SIGNED = "signed"
    ENDED = "ended"


class OpinionKind(StrEnum):
    """Whose eye is on it (合法性审查、财政承受能力、公平竞争审查)."""

    LEGAL = "legal"
    FISCAL = "fiscal"
    FAIR_COMPETITION = "fair_competition"


class Result(StrEnum):
    """What an opinion says."""

    FAVOURABLE = "favourable"
    WITH_CHANGES = "with_changes"
    AGAINST = "against"


class MeetingDecision(StrEnum):
    """What a decision meeting decided (集体决策)."""

    AGREED = "agreed"
    PUT_OFF = "put_off"
    DECLINED = "declined"


class Authority(StrEnum):
    """By whose authority something is offered, from below: who handles it, who directs the work, who decides, the decision meeting."""

    HANDLER = "handler"
    HEAD = "head"
    LEADER = "leader"
    MEETING = "meeting"


class OfferState(StrEnum):
    """How an offer stands; `asked`: the next one up has to answer."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class OfferStepKind(StrEnum):
    """What was done to an offer; `passed_on`: found good, but above the authority of who answered."""

    ASKED = "asked"
    PASSED_ON = "passed_on"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why something about an agreement or an offer is refused; the web puts it into words."""

    NOT_ACTIVE = "not_active"
    TITLE_MISSING = "title_missing"
    COUNTERPART_MISSING = "counterpart_missing"
    AMOUNT_NEGATIVE = "amount_negative"
    WRONG_STATE = "wrong_state"
    STAYS_AS_SIGNED = "stays_as_signed"
    CHANGE_MISSING = "change_missing"
    FILE_ELSEWHERE = "file_elsewhere"
    FILE_MISSING = "file_missing"
    TEXT_MISSING = "text_missing"
    DAY_TO_COME = "day_to_come"
    REASON_MISSING = "reason_missing"
    OPINION_MISSING_LEGAL = "opinion_missing_legal"
    OPINION_MISSING_FISCAL = "opinion_missing_fiscal"
    OPINION_MISSING_FAIR_COMPETITION = "opinion_missing_fair_competition"
    OPINION_OUTDATED_LEGAL = "opinion_outdated_legal"
    OPINION_OUTDATED_FISCAL = "opinion_outdated_fiscal"
    OPINION_OUTDATED_FAIR_COMPETITION = "opinion_outdated_fair_competition"
    OPINION_AGAINST_LEGAL = "opinion_against_legal"
    OPINION_AGAINST_FISCAL = "opinion_against_fiscal"
    OPINION_AGAINST_FAIR_COMPETITION = "opinion_against_fair_competition"
    CHANGES_NOT_MADE = "changes_not_made"
    DECISION_MISSING = "decision_missing"
    DECISION_OUTDATED = "decision_outdated"
    DECISION_UNFAVOURABLE = "decision_unfavourable"
    OFFER_WAITS = "offer_waits"
    PROJECT_EARLY = "project_early"
    REPLACED_ALREADY = "replaced_already"
    NOT_SIGNED = "not_signed"
    ENDED_BEFORE_SIGNED = "ended_before_signed"
    WHAT_MISSING = "what_missing"
    ANSWERED_ALREADY = "answered_already"
    ABOVE_AUTHORITY = "above_authority"
    SAME_PERSON = "same_person"
    UNIT_CLOSED = "unit_closed"
    ASKED_ALREADY = "asked_already"
    NOT_ASKED = "not_asked"
    OTHER_UNIT = "other_unit"
    DAY_PAST = "day_past"


LIMITS = {
    Authority.HANDLER: "agreements.offer_handler_yuan",
    Authority.HEAD: "agreements.offer_head_yuan",
    Authority.LEADER: "agreements.offer_leader_yuan",
}
"""Up to how much each authority may offer, as leaves of the rulebook; above them all the decision meeting decides."""
LEVELS = tuple(Authority)
CHANGED = frozenset({AgreementState.DRAFTED, AgreementState.UNDER_REVIEW})
"""States in which the text may still change."""


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """An opinion, with the number of the version that it looked at."""

    kind: OpinionKind
    result: Result
    dated_on: dt.date
    version_number: int


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What a decision meeting decided, and when it met. `version_number`: of the text that there was then; None: not asked."""

    decision: MeetingDecision
    met_on: dt.date
    version_number: int | None = None


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """An agreement as the rules see it. Opinions and decisions in the order in which they were entered."""

    kind: AgreementKind
    state: AgreementState
    version_number: int
    has_text: bool
    opinions: tuple[OpinionFacts, ...] = ()
    decisions: tuple[DecisionFacts, ...] = ()
    offers_asked: int = 0
    signed_on: dt.date | None = None
    is_replaced: bool = False

    def opinion(self, kind: OpinionKind) -> OpinionFacts | None:
        """The last opinion of a kind; an earlier one no longer counts."""
        return next((one for one in reversed(self.opinions) if one.kind is kind), None)

    def is_outdated(self, opinion: OpinionFacts) -> bool:
        """Whether the text changed since an opinion looked at it by more than what opinions asked for."""
        asked = {one.version_number for one in self.opinions if one.result is not Result.FAVOURABLE}
        return any(number not in asked for number in range(opinion.version_number, self.version_number))


def those(*found: tuple[Refusal, object]) -> tuple[Refusal, ...]:
    """The refusals that hold, in order."""
    return tuple(code for code, holds in found if holds)


# --- agreements -------------------------------------------------------------------------------------------------------------------------
def refusals_to_draft(
    *, title: str, counterpart: str, amount_yuan: Decimal | None, is_active: bool, is_file_here: bool, replaced: AgreementFacts | None
) -> tuple[Refusal, ...]:
    """Why an agreement may not be drafted. `replaced`: the signed one whose place it is to take, at most once."""
    return those(
        (Refusal.NOT_ACTIVE, not is_active),
        (Refusal.TITLE_MISSING, not title.strip()),
        (Refusal.COUNTERPART_MISSING, not counterpart.strip()),
        (Refusal.AMOUNT_NEGATIVE, amount_yuan is not None and amount_yuan < 0),
        (Refusal.FILE_ELSEWHERE, not is_file_here),
        (Refusal.NOT_SIGNED, replaced is not None and replaced.state is not AgreementState.SIGNED),
        (Refusal.REPLACED_ALREADY, replaced is not None and replaced.is_replaced),
    )


def refusals_to_change(facts: AgreementFacts) -> tuple[Refusal, ...]:
    """Why nothing of an agreement may change: what is signed stays; a new one takes its place, or it ends."""
    return those((Refusal.STAYS_AS_SIGNED, facts.state not in CHANGED))


def refusals_to_add_version(
    facts: AgreementFacts, *, changed: str, has_file: bool, is_file_here: bool, amount_yuan: Decimal | None
) -> tuple[Refusal, ...]:
    """Why a version may not be added: before signing, with its file, and it is said what changed."""
    return (
        *refusals_to_change(facts),
        *those(
            (Refusal.FILE_MISSING, not has_file),
            (Refusal.FILE_ELSEWHERE, has_file and not is_file_here),
            (Refusal.CHANGE_MISSING, not changed.strip()),
            (Refusal.AMOUNT_NEGATIVE, amount_yuan is not None and amount_yuan < 0),
        ),
    )


def refusals_to_review(facts: AgreementFacts) -> tuple[Refusal, ...]:
    """Why an agreement may not go to review: a draft with a text."""
    return those((Refusal.WRONG_STATE, facts.state is not AgreementState.DRAFTED), (Refusal.TEXT_MISSING, not facts.has_text))


def refusals_of_paper(
    facts: AgreementFacts, *, dated_on: dt.date, on: dt.date, has_file: bool, is_file_here: bool, words: str, needs_words: bool
) -> tuple[Refusal, ...]:
    """Why an opinion or a decision may not be entered: under review, with its file, not dated in the future; a "no" says why."""
    return those(
        (Refusal.STAYS_AS_SIGNED, facts.state not in CHANGED),
        (Refusal.WRONG_STATE, facts.state is AgreementState.DRAFTED),
        (Refusal.FILE_MISSING, not has_file),
        (Refusal.FILE_ELSEWHERE, has_file and not is_file_here),
        (Refusal.DAY_TO_COME, dated_on > on),
        (Refusal.REASON_MISSING, needs_words and not words.strip()),
    )


def refusals_to_ask_opinion(
    facts: AgreementFacts, *, is_asked: bool, is_unit_open: bool, due_on: dt.date | None, on: dt.date
) -> tuple[Refusal, ...]:
    """Why no unit may be asked for an opinion: under review with a text, one unit at a time for each kind, by a day to come."""
    return (
        *refusals_to_change(facts),
        *those(
            (Refusal.WRONG_STATE, facts.state is AgreementState.DRAFTED),
            (Refusal.TEXT_MISSING, not facts.has_text),
            (Refusal.ASKED_ALREADY, is_asked),
            (Refusal.UNIT_CLOSED, not is_unit_open),
            (Refusal.DAY_PAST, due_on is not None and due_on < on),
        ),
    )


def refusals_to_take_ask_back(*, is_open: bool, reason: str) -> tuple[Refusal, ...]:
    """Why a question for an opinion may not be taken back: as long as it waits, with a reason."""
    return those((Refusal.NOT_ASKED, not is_open), (Refusal.REASON_MISSING, not reason.strip()))


MISSING = {
    OpinionKind.LEGAL: Refusal.OPINION_MISSING_LEGAL,
    OpinionKind.FISCAL: Refusal.OPINION_MISSING_FISCAL,
    OpinionKind.FAIR_COMPETITION: Refusal.OPINION_MISSING_FAIR_COMPETITION,
}
AGAINST = {
    OpinionKind.LEGAL: Refusal.OPINION_AGAINST_LEGAL,
    OpinionKind.FISCAL: Refusal.OPINION_AGAINST_FISCAL,
    OpinionKind.FAIR_COMPETITION: Refusal.OPINION_AGAINST_FAIR_COMPETITION,
}
OUTDATED = {
    OpinionKind.LEGAL: Refusal.OPINION_OUTDATED_LEGAL,
    OpinionKind.FISCAL: Refusal.OPINION_OUTDATED_FISCAL,
    OpinionKind.FAIR_COMPETITION: Refusal.OPINION_OUTDATED_FAIR_COMPETITION,
}


def refusals_to_sign(facts: AgreementFacts, *, signed_on: dt.date, on: dt.date, is_early: bool) -> tuple[Refusal, ...]:
    """Why an agreement may not be signed: a contract needs three opinions not against, a favourable decision and no offer that waits.

    `is_early`: the project has yet to come to the stage from which it enters the signing, and no contract is signed before. An opinion or
    decision dated after the signing is none. One with changes asks for a later version than it looked at. What changed beyond what opinions
    asked for is looked at anew, and the meeting decides on the text that is signed.
    """
    if facts.state not in CHANGED:
        return (Refusal.WRONG_STATE,)
    common = those((Refusal.TEXT_MISSING, not facts.has_text), (Refusal.DAY_TO_COME, signed_on > on))
    if facts.kind is not AgreementKind.CONTRACT:
        return common
    return (
        *those((Refusal.WRONG_STATE, facts.state is AgreementState.DRAFTED)),
        *common,
        *_refusals_of_opinions(facts, signed_on),
        *_refusals_of_decision(facts, signed_on),
        *those((Refusal.OFFER_WAITS, facts.offers_asked > 0), (Refusal.PROJECT_EARLY, is_early)),
    )


def _refusals_of_opinions(facts: AgreementFacts, signed_on: dt.date) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    for kind in OpinionKind:
        last = facts.opinion(kind)
        if last is None or last.dated_on > signed_on:
            found.append(MISSING[kind])
        elif last.result is Result.AGAINST:
            found.append(AGAINST[kind])
        elif last.result is Result.WITH_CHANGES and facts.version_number <= last.version_number:
            found.append(Refusal.CHANGES_NOT_MADE)
        elif facts.is_outdated(last):
            found.append(OUTDATED[kind])
    return tuple(dict.fromkeys(found))


def _refusals_of_decision(facts: AgreementFacts, signed_on: dt.date) -> tuple[Refusal, ...]:
    last = facts.decisions[-1] if facts.decisions else None
    if last is None or last.met_on > signed_on:
        return (Refusal.DECISION_MISSING,)
    if last.decision is not MeetingDecision.AGREED:
        return (Refusal.DECISION_UNFAVOURABLE,)
    return those((Refusal.DECISION_OUTDATED, last.version_number is not None and last.version_number < facts.version_number))


def refusals_to_end(facts: AgreementFacts, *, ended_on: dt.date, on: dt.date, reason: str) -> tuple[Refusal, ...]:
    """Why an agreement may not end: once, with a reason, on a day that has come and not before it was signed."""
    return those(
        (Refusal.WRONG_STATE, facts.state is AgreementState.ENDED),
        (Refusal.REASON_MISSING, not reason.strip()),
        (Refusal.DAY_TO_COME, ended_on > on),
        (Refusal.ENDED_BEFORE_SIGNED, facts.signed_on is not None and ended_on < facts.signed_on),
    )


# --- offers -----------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer as the rules see it. `needed`: whose authority it takes; `asked_of`: who is to answer; `asked_by`: ids of persons."""

    state: OfferState
    needed: Authority
    asked_of: Authority
    asked_by: frozenset[int] = frozenset()


def limits(rulebook: Rulebook, on: dt.date) -> dict[Authority, Decimal]:
    """Up to how much each authority may offer on a day. Units: yuan."""
    return {level: Decimal(str(rulebook.number(leaf, on))) for level, leaf in LIMITS.items()}


def needed(
    amount_yuan: Decimal | None, clause: str, limits_yuan: Mapping[Authority, Decimal], granted_yuan: Decimal = Decimal(0)
) -> Authority:
    """Whose authority an offer takes: the lowest whose limit holds it; the meeting's for what rests on no clause or has no amount.

    `granted_yuan`: what was granted of the project already, by whomever. Why: what no policy gives, and what nobody counted, is within no
    one's limit; and a limit is no limit where an offer comes in several pieces, or from below one by one.
    """
    if amount_yuan is None or not clause.strip():
        return Authority.MEETING
    whole = amount_yuan + granted_yuan
    return next((level for level in LEVELS if level in limits_yuan and whole <= limits_yuan[level]), Authority.MEETING)


def is_within(held: Authority, asked: Authority) -> bool:
    """Whether an authority reaches as high as another."""
    return LEVELS.index(held) >= LEVELS.index(asked)


def next_up(held: Authority) -> Authority:
    """Who is asked by somebody whose authority does not reach."""
    return LEVELS[min(LEVELS.index(held) + 1, len(LEVELS) - 1)]


def refusals_to_offer(*, what: str, amount_yuan: Decimal | None, is_active: bool, agreement: AgreementFacts | None) -> tuple[Refusal, ...]:
    """Why something may not be offered: said what, not below zero, and not in an agreement that is signed."""
    return those(
        (Refusal.NOT_ACTIVE, not is_active),
        (Refusal.WHAT_MISSING, not what.strip()),
        (Refusal.AMOUNT_NEGATIVE, amount_yuan is not None and amount_yuan < 0),
        (Refusal.STAYS_AS_SIGNED, agreement is not None and agreement.state not in CHANGED),
    )


def refusals_to_answer(
    facts: OfferFacts, *, held: Authority, is_granted: bool, person: int | None, words: str, meetings: Sequence[DecisionFacts]
) -> tuple[Refusal, ...]:
    """Why an offer may not be answered: it waits, whoever is asked answers, not who asked; at the top only by a decision of the meeting.

    `meetings`: decisions about the agreement that the offer belongs to.
    """
    at_top = facts.asked_of is Authority.MEETING
    agreed = bool(meetings) and meetings[-1].decision is MeetingDecision.AGREED
    reach = Authority.LEADER if at_top else facts.asked_of
    return those(
        (Refusal.ANSWERED_ALREADY, facts.state is not OfferState.ASKED),
        (Refusal.ABOVE_AUTHORITY, not is_within(held, reach)),
        (Refusal.SAME_PERSON, person is not None and person in facts.asked_by and not at_top),
        (Refusal.DECISION_MISSING, at_top and is_granted and not agreed),
        (Refusal.REASON_MISSING, not is_granted and not words.strip()),
    )


def refusals_to_withdraw(facts: OfferFacts, *, reason: str) -> tuple[Refusal, ...]:
    """Why an offer may not be taken back: one that waits or was granted, with a reason."""
    return those(
        (Refusal.ANSWERED_ALREADY, facts.state not in {OfferState.ASKED, OfferState.GRANTED}),
        (Refusal.REASON_MISSING, not reason.strip()),
    )
