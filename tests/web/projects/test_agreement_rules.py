"""What may be signed, and who may offer how much: without a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from wutong.rulebook import load
from wutong.web.projects.queries import agreements as words
from wutong.web.projects.rules import agreements as rules
from wutong.web.projects.rules.agreements import (
    AgreementFacts,
    AgreementKind,
    AgreementState,
    Authority,
    DecisionFacts,
    MeetingDecision,
    OfferFacts,
    OfferState,
    OpinionFacts,
    OpinionKind,
    Refusal,
    Result,
)

DAY = dt.date(2026, 3, 2)
NEXT = DAY + dt.timedelta(days=1)
GOOD = tuple(OpinionFacts(kind, Result.FAVOURABLE, DAY, 1) for kind in OpinionKind)
AGREED = DecisionFacts(MeetingDecision.AGREED, DAY)
CONTRACT = AgreementFacts(AgreementKind.CONTRACT, AgreementState.UNDER_REVIEW, 1, True, GOOD, (AGREED,))
LIMITS = {Authority.HANDLER: Decimal(10), Authority.HEAD: Decimal(20), Authority.LEADER: Decimal(30)}


def to_sign(facts: AgreementFacts, signed_on: dt.date = DAY, *, is_early: bool = False) -> set[Refusal]:
    return set(rules.refusals_to_sign(facts, signed_on=signed_on, on=DAY, is_early=is_early))


def test_no_contract_is_signed_before_the_project_is_appraised() -> None:
    assert to_sign(CONTRACT, is_early=True) == {Refusal.PROJECT_EARLY}
    intent = AgreementFacts(AgreementKind.INTENT, AgreementState.DRAFTED, 1, True)
    assert to_sign(intent, is_early=True) == set(), "a letter of intent is signed in talks"


def test_a_contract_with_three_opinions_and_a_decision_may_be_signed() -> None:
    assert to_sign(CONTRACT) == set()


@pytest.mark.parametrize("kind", list(OpinionKind))
def test_a_contract_without_one_of_the_opinions_may_not(kind: OpinionKind) -> None:
    others = tuple(one for one in GOOD if one.kind is not kind)
    assert to_sign(replace(CONTRACT, opinions=others)) == {rules.MISSING[kind]}
    against = (*GOOD, OpinionFacts(kind, Result.AGAINST, DAY, 1))
    assert to_sign(replace(CONTRACT, opinions=against)) == {rules.AGAINST[kind]}
    assert to_sign(replace(CONTRACT, opinions=(*against, OpinionFacts(kind, Result.FAVOURABLE, DAY, 1)))) == set()


def test_an_opinion_or_decision_after_the_signing_is_none() -> None:
    late = tuple(replace(one, dated_on=NEXT) for one in GOOD)
    assert to_sign(replace(CONTRACT, opinions=late)) == set(rules.MISSING.values())
    assert to_sign(replace(CONTRACT, decisions=(DecisionFacts(MeetingDecision.AGREED, NEXT),))) == {Refusal.DECISION_MISSING}


def test_an_opinion_with_changes_asks_for_a_later_version() -> None:
    asked = (*GOOD, OpinionFacts(OpinionKind.LEGAL, Result.WITH_CHANGES, DAY, 1))
    assert to_sign(replace(CONTRACT, opinions=asked)) == {Refusal.CHANGES_NOT_MADE}
    assert to_sign(replace(CONTRACT, opinions=asked, version_number=2)) == set()


def test_a_text_that_nobody_asked_to_change_is_looked_at_and_decided_anew() -> None:
    changed = replace(CONTRACT, version_number=2, decisions=(replace(AGREED, version_number=1),))
    assert to_sign(changed) == {*rules.OUTDATED.values(), Refusal.DECISION_OUTDATED}
    assert to_sign(replace(changed, version_number=1)) == set()
    anew = tuple(replace(one, version_number=2) for one in GOOD)
    assert to_sign(replace(changed, opinions=(*GOOD, *anew), decisions=(replace(AGREED, version_number=2),))) == set()
    asked = (*GOOD, OpinionFacts(OpinionKind.LEGAL, Result.WITH_CHANGES, DAY, 1))
    twice = replace(CONTRACT, opinions=asked, version_number=3, decisions=(replace(AGREED, version_number=3),))
    assert to_sign(twice) == set(rules.OUTDATED.values()), "the second change was asked for by nobody"
    assert to_sign(replace(twice, version_number=2)) == set()


@pytest.mark.parametrize("decision", [MeetingDecision.DECLINED, MeetingDecision.PUT_OFF])
def test_the_last_decision_counts(decision: MeetingDecision) -> None:
    last = DecisionFacts(decision, DAY)
    assert to_sign(replace(CONTRACT, decisions=(AGREED, last))) == {Refusal.DECISION_UNFAVOURABLE}
    assert to_sign(replace(CONTRACT, decisions=(last, AGREED))) == set()
    assert to_sign(replace(CONTRACT, decisions=())) == {Refusal.DECISION_MISSING}


def test_what_else_hinders_a_signing() -> None:
    assert to_sign(replace(CONTRACT, has_text=False)) == {Refusal.TEXT_MISSING}
    assert to_sign(replace(CONTRACT, offers_asked=1)) == {Refusal.OFFER_WAITS}
    assert to_sign(CONTRACT, NEXT) == {Refusal.DAY_TO_COME}
    assert to_sign(replace(CONTRACT, state=AgreementState.DRAFTED)) == {Refusal.WRONG_STATE}
    assert to_sign(replace(CONTRACT, state=AgreementState.SIGNED)) == {Refusal.WRONG_STATE}


@pytest.mark.parametrize("kind", [AgreementKind.INTENT, AgreementKind.FRAMEWORK])
def test_a_letter_of_intent_or_framework_needs_its_text_only(kind: AgreementKind) -> None:
    bare = AgreementFacts(kind, AgreementState.DRAFTED, 1, True)
    assert to_sign(bare) == set()
    assert to_sign(replace(bare, has_text=False)) == {Refusal.TEXT_MISSING}


def test_what_is_signed_is_not_changed_and_ends_once_for_a_reason() -> None:
    signed = replace(CONTRACT, state=AgreementState.SIGNED, signed_on=DAY)
    assert rules.refusals_to_change(signed) == (Refusal.STAYS_AS_SIGNED,)
    assert rules.refusals_to_change(CONTRACT) == ()
    assert rules.refusals_to_end(signed, ended_on=DAY, on=DAY, reason="x") == ()
    assert rules.refusals_to_end(signed, ended_on=DAY, on=DAY, reason=" ") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_end(signed, ended_on=NEXT, on=DAY, reason="x") == (Refusal.DAY_TO_COME,)
    before = DAY - dt.timedelta(days=1)
    assert rules.refusals_to_end(signed, ended_on=before, on=DAY, reason="x") == (Refusal.ENDED_BEFORE_SIGNED,)
    ended = replace(signed, state=AgreementState.ENDED)
    assert rules.refusals_to_end(ended, ended_on=DAY, on=DAY, reason="x") == (Refusal.WRONG_STATE,)


@pytest.mark.parametrize(
    ("yuan", "needed"),
    [(9, Authority.HANDLER), (10, Authority.HANDLER), (11, Authority.HEAD), (20, Authority.HEAD), (21, Authority.LEADER),
     (30, Authority.LEADER), (31, Authority.MEETING)],
)  # fmt: skip
def test_the_lowest_authority_that_holds_an_offer(yuan: int, needed: Authority) -> None:
    assert rules.needed(Decimal(yuan), "第三条", LIMITS) is needed
    assert rules.needed(Decimal(yuan), " ", LIMITS) is Authority.MEETING


def test_what_nobody_counted_is_within_no_limit() -> None:
    assert rules.needed(None, "第三条", LIMITS) is Authority.MEETING


def test_limits_stand_in_the_rulebook_and_rise() -> None:
    found = list(rules.limits(load.rulebook(), DAY).values())
    assert found == sorted(set(found)) and len(found) == 3


def to_answer(
    facts: OfferFacts, held: Authority, *, granted: bool = True, person: int = 2, words: str = "", met: bool = False
) -> set[Refusal]:
    meetings = [AGREED] if met else []
    return set(rules.refusals_to_answer(facts, held=held, is_granted=granted, person=person, words=words, meetings=meetings))


def test_whoever_is_asked_answers_and_nobody_below() -> None:
    asked = OfferFacts(OfferState.ASKED, Authority.LEADER, Authority.HEAD, frozenset({1}))
    assert to_answer(asked, Authority.HANDLER) == {Refusal.ABOVE_AUTHORITY}
    assert to_answer(asked, Authority.HEAD) == set()
    assert to_answer(asked, Authority.LEADER) == set()
    assert to_answer(asked, Authority.LEADER, person=1) == {Refusal.SAME_PERSON}
    assert to_answer(asked, Authority.LEADER, granted=False) == {Refusal.REASON_MISSING}
    assert to_answer(replace(asked, state=OfferState.GRANTED), Authority.LEADER) == {Refusal.ANSWERED_ALREADY}


def test_at_the_top_the_meeting_decides_and_a_leader_enters_it() -> None:
    asked = OfferFacts(OfferState.ASKED, Authority.MEETING, Authority.MEETING, frozenset({1}))
    assert to_answer(asked, Authority.LEADER) == {Refusal.DECISION_MISSING}
    assert to_answer(asked, Authority.LEADER, met=True) == set()
    assert to_answer(asked, Authority.HEAD, met=True) == {Refusal.ABOVE_AUTHORITY}
    assert to_answer(asked, Authority.LEADER, granted=False, words="财力不足") == set()
    assert rules.next_up(Authority.LEADER) is Authority.MEETING and rules.next_up(Authority.MEETING) is Authority.MEETING


def test_every_refusal_has_words() -> None:
    assert set(words.WORDS) == set(Refusal)
