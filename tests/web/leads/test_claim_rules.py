"""First claims by the rules alone: what a filing comes to, shares that are one, protection, who decides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Grant, Target
from wutong.web.leads.rules import claims, leads
from wutong.web.leads.rules.claims import WHOLE, Attention, ClaimState, Decision, Hit, Outcome, Part, Period, Verdict
from wutong.web.leads.rules.leads import LeadState, Refusal, SourceKind, Stage

DAY = dt.date(2026, 3, 5)
OPEN, WAITING = ClaimState.OPEN, ClaimState.WAITING
SAME, SUSPECTED, RELATED = Verdict.SAME, Verdict.SUSPECTED, Verdict.RELATED


def lead(**more: object) -> leads.LeadFacts:
    values = {"target": Target(1, "/1/"), "owner_id": 7, "state": LeadState.OPEN, "stage": Stage.TRIAGED} | more
    return leads.LeadFacts(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hits", "outcome"),
    [
        ([], Outcome.FILED),
        ([Hit(RELATED, False, False, OPEN)], Outcome.FILED),
        ([Hit(SAME, False, False, OPEN)], Outcome.TAKEN),
        ([Hit(SAME, True, False, OPEN)], Outcome.KNOWN),
        ([Hit(SAME, True, True, WAITING)], Outcome.KNOWN),
        ([Hit(SAME, False, True, OPEN)], Outcome.WAITS),
        ([Hit(SUSPECTED, False, False, OPEN)], Outcome.WAITS),
        ([Hit(SUSPECTED, False, True, OPEN)], Outcome.WAITS),
        ([Hit(SAME, False, False, WAITING)], Outcome.WAITS),
        ([Hit(SAME, False, True, OPEN), Hit(SAME, False, False, OPEN)], Outcome.TAKEN),
    ],
)
def test_what_a_filing_comes_to(hits: list[Hit], outcome: Outcome) -> None:
    assert claims.outcome(hits, says_another_project=False, is_drawn=False) is outcome
    said = claims.outcome(hits, says_another_project=True, is_drawn=False)
    assert said is (Outcome.WAITS if any(hit.verdict is not RELATED for hit in hits) else Outcome.FILED)


HITS = st.lists(st.builds(Hit, st.sampled_from(Verdict), st.booleans(), st.booleans(), st.sampled_from([OPEN, WAITING])), max_size=5)


@given(HITS, st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_hidden_confidential_lead_changes_nothing_that_a_mere_likeness_would_not(hits: list[Hit], said: bool, drawn: bool) -> None:
    """To whoever files, a confidential lead of the same firm and an open lead that is merely like it are the same answer."""
    secret, alike = Hit(SAME, False, True, OPEN), Hit(SUSPECTED, False, False, OPEN)
    one, two = (claims.outcome([*hits, hit], says_another_project=said, is_drawn=drawn) for hit in (secret, alike))
    assert one is two and one is not Outcome.FILED


def test_a_lot_is_drawn_below_its_share() -> None:
    assert [claims.is_drawn(lot, share=0.05) for lot in (0, 499, 500, 9999)] == [True, True, False, False]
    assert not claims.is_drawn(0, share=0)


def test_without_a_time_set_by_the_region_a_claim_has_no_end() -> None:
    assert claims.protected_until(DAY, None) is None
    assert claims.protected_until(DAY, 90) == dt.date(2026, 6, 3)
    endless = claims.ClaimFacts(OPEN, DAY, DAY)
    assert claims.attention(endless, on=DAY + dt.timedelta(days=13), progress_days=14, warning_days=7) is Attention.CALM
    assert claims.attention(endless, on=DAY + dt.timedelta(days=14), progress_days=14, warning_days=7) is Attention.STALE


@pytest.mark.parametrize(
    ("days", "attention"),
    [(0, Attention.CALM), (2, Attention.CALM), (3, Attention.ENDS_SOON), (10, Attention.ENDS_SOON), (11, Attention.OVER)],
)
def test_a_claim_warns_before_it_is_over(days: int, attention: Attention) -> None:
    facts = claims.ClaimFacts(OPEN, DAY, DAY, DAY + dt.timedelta(days=10))
    assert claims.attention(facts, on=DAY + dt.timedelta(days=days), progress_days=14, warning_days=7) is attention


PARTS = st.lists(st.tuples(st.integers(1, 5), st.integers(-10, WHOLE + 10)), max_size=4)


@given(PARTS)
@settings(max_examples=200, deadline=None)
def test_shares_pass_only_where_they_are_exactly_one(drawn: list[tuple[int, int]]) -> None:
    parts = [Part(unit, points) for unit, points in drawn]
    is_sound = (
        bool(parts) and len({part.unit_id for part in parts}) == len(parts) and all(part.share_basis_points > 0 for part in parts)
        and sum(part.share_basis_points for part in parts) == WHOLE
    )  # fmt: skip
    assert (claims.refusals_of_parts(parts) == ()) is is_sound


def test_periods_follow_each_other_and_leave_the_past_alone() -> None:
    whole = (Part(1, WHOLE),)
    two = [Period(DAY, whole), Period(DAY + dt.timedelta(days=1), (Part(1, 4000), Part(2, 6000)))]
    assert claims.refusals_of_periods(two, last_from_on=DAY) == ()
    assert claims.refusals_of_periods(two[::-1], last_from_on=DAY) == (Refusal.PERIODS_OUT_OF_ORDER,)
    assert claims.refusals_of_periods(two, last_from_on=DAY + dt.timedelta(days=1)) == (Refusal.SHARES_BEFORE_LAST,)
    assert claims.refusals_of_periods([], last_from_on=None) == (Refusal.SHARES_MISSING,)


def test_filing_is_refused_before_anything_is_compared() -> None:
    assert claims.refusals_to_file(lead(), name="白榆", filings_today=19, most_filings=20) == ()
    assert claims.refusals_to_file(lead(), name="白榆", filings_today=20, most_filings=20) == (Refusal.TOO_MANY_FILINGS,)
    assert claims.refusals_to_file(lead(is_standing=True), name=" ", filings_today=0, most_filings=20) == (
        Refusal.FILED_ALREADY, Refusal.NAME_MISSING,
    )  # fmt: skip
    assert claims.refusals_to_file(lead(state=LeadState.LOST), name="白榆", filings_today=0, most_filings=20) == (Refusal.LEAD_NOT_OPEN,)


def test_a_dispute_is_decided_once_with_reasons_and_never_in_ones_own_cause() -> None:
    def refused(**more: object) -> tuple[Refusal, ...]:
        values = {
            "is_decided": False,
            "is_claim_open": True,
            "is_lead_open": True,
            "is_own": False,
            "reasons": "证明",
            "decision": Decision.MOVED,
            "parts": (),
        }
        return claims.refusals_to_decide(**(values | more))  # type: ignore[arg-type]

    assert refused() == ()
    assert refused(is_decided=True, is_own=True, reasons="") == (Refusal.DISPUTE_DECIDED, Refusal.OWN_CAUSE, Refusal.REASON_MISSING)
    assert refused(is_claim_open=False) == (Refusal.NO_CLAIM,)
    assert refused(is_claim_open=False, decision=Decision.KEPT) == ()
    assert refused(is_lead_open=False) == (Refusal.LEAD_NOT_OPEN,)
    assert refused(decision=Decision.SHARED) == (Refusal.SHARES_MISSING,)


def test_an_amount_is_given_or_not_provided() -> None:
    assert leads.refusals_of_amount(leads.Amount()) == ()
    assert leads.refusals_of_amount(leads.Amount(Decimal(1), is_not_provided=True)) == (Refusal.AMOUNT_AND_NOT_PROVIDED,)
    assert leads.refusals_of_amount(leads.Amount(Decimal(0))) == (Refusal.AMOUNT_NOT_POSITIVE,)
    assert leads.refusals_of_amount(leads.Amount(currency="USD")) == (Refusal.CURRENCY_AND_AMOUNT,)
    assert leads.refusals_of_amount(leads.Amount(currency="USD", amount_foreign_wan=Decimal(5))) == ()


def test_information_is_triaged_before_it_is_answered_and_moved_on() -> None:
    logged = lead(stage=Stage.LOGGED)
    assert leads.refusals_to_answer(logged, source=SourceKind.UNIT, text="已联系") == (Refusal.NOT_TRIAGED,)
    assert leads.refusals_to_answer(lead(), source=SourceKind.OWN, text="已联系") == (Refusal.NOTHING_TO_ANSWER,)
    assert leads.refusals_to_advance(logged, Stage.CONTACT) == (Refusal.NOT_TRIAGED,)
    assert leads.refusals_to_advance(lead(stage=Stage.TALKS), Stage.CONTACT) == (Refusal.STAGE_NOT_LATER,)
    assert leads.refusals_to_triage(lead(), is_taken=False, reason="") == (Refusal.TRIAGED_ALREADY, Refusal.REASON_MISSING)
    assert leads.refusals_to_resume(lead(state=LeadState.MERGED)) == (Refusal.LEAD_ENDED,)


def test_a_release_is_taken_back_soon_by_whoever_released_and_only_while_the_firm_is_free() -> None:
    at = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)

    def refused(**more: object) -> tuple[Refusal, ...]:
        values = {"is_last_released": True, "is_own": True, "released_at": at, "at": at + dt.timedelta(hours=24), "undo_hours": 24}
        return claims.refusals_to_take_back(lead(), **(values | {"is_taken": False} | more))  # type: ignore[arg-type]

    assert refused() == ()
    assert refused(at=at + dt.timedelta(hours=24, seconds=1)) == (Refusal.TOO_LATE_TO_UNDO,)
    assert refused(is_own=False) == (Refusal.TOO_LATE_TO_UNDO,)
    assert refused(is_taken=True) == (Refusal.TOO_LATE_TO_UNDO,)
    assert refused(is_last_released=False) == (Refusal.NO_CLAIM,)


# --- who acts for a side ----------------------------------------------------------------------------------------------------------------
CITY, PARK, COUNTY = (1, "/1/", "990100"), (2, "/1/2/", "990101"), (3, "/1/3/", "990121")


def held(role: str, unit: tuple[int, str, str]) -> tuple[Grant, ...]:
    return (Grant(access_rules.roles()[role], *unit),)


@pytest.mark.parametrize(
    ("role", "unit", "person_id", "may"),
    [
        ("park_officer", PARK, 50, (True, True, False)),
        ("county_officer", COUNTY, 51, (False, False, True)),
        ("bureau_leader", CITY, 52, (False, False, False)),
        ("bureau_leader", CITY, 7, (True, True, False)),
        ("bureau_leader", CITY, 8, (True, True, False)),
        ("audit_admin", PARK, 8, (False, False, False)),
    ],
)
def test_a_side_acts_for_itself_and_whoever_stands_above_both_for_none(
    role: str, unit: tuple[int, str, str], person_id: int, may: tuple[bool, ...]
) -> None:
    """The park has the lead, whose owner is 7; 8 opened the dispute and made the offer. `may`: withdraw either, answer the offer."""
    facts, park, county, grants = lead(target=Target(*PARK)), Target(*PARK), Target(*COUNTY), held(role, unit)
    disputed, offered = claims.DisputeFacts(facts, (park, county), 8), claims.OfferFacts(facts, park, county, 8)
    assert may == (
        claims.may_withdraw_dispute(grants, disputed, person_id=person_id),
        claims.may_withdraw_offer(grants, offered, person_id=person_id, unit_id=unit[0]),
        claims.may_answer_offer(grants, offered, person_id=person_id, unit_id=unit[0]),
    )


@pytest.mark.parametrize(("home", "gives", "takes"), [(PARK, True, False), (COUNTY, False, True), (CITY, False, False)])
def test_a_leader_above_both_acts_for_the_unit_that_is_his_own(home: tuple[int, str, str], gives: bool, takes: bool) -> None:
    offered = claims.OfferFacts(lead(target=Target(*PARK)), Target(*PARK), Target(*COUNTY), 8)
    grants = held("bureau_leader", CITY)
    assert claims.may_withdraw_offer(grants, offered, person_id=52, unit_id=home[0]) is gives
    assert claims.may_answer_offer(grants, offered, person_id=52, unit_id=home[0]) is takes
