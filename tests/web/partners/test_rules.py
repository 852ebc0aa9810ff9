"""Decisions about partners, people known and things sought, each threshold below, at and above."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from wutong.web.accounts.rules.postings import PostingFacts, refusals_to_post
from wutong.web.accounts.rules.refusals import Refusal as AccountRefusal
from wutong.web.firms.rules import Basis
from wutong.web.partners import rules
from wutong.web.partners.rules import Light, PartnerState, Refusal, SeekingState

ON = dt.date(2026, 11, 26)
FINE = {"today_count": 0, "most_a_day": 10}


@pytest.mark.parametrize(
    ("days", "shown"), [(0, Light.GREEN), (89, Light.GREEN), (90, Light.AMBER), (179, Light.AMBER), (180, Light.RED), (None, Light.RED)]
)
def test_the_light_turns_on_the_day_of_the_rulebook(days: int | None, shown: Light) -> None:
    last = None if days is None else ON - dt.timedelta(days=days)
    assert rules.light(last, on=ON, quiet_days=90, cold_days=180) is shown


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (("商会", ON, ON, ON + dt.timedelta(days=1)), ()),
        (("商会", ON + dt.timedelta(days=1), None, None), (Refusal.SINCE_TO_COME,)),
        (("商会", None, ON, ON), (Refusal.AGREEMENT_ENDS_FIRST,)),
        ((" ", None, None, None), (Refusal.NAME_MISSING,)),
    ],
)
def test_a_partner_has_a_name_and_days_in_order(facts: tuple[str, dt.date, dt.date, dt.date], said: tuple[Refusal, ...]) -> None:
    found = rules.refusals_to_keep_partner(rules.PartnerFacts(*facts), on=ON, is_taken=False, is_unit_open=True, is_of_unit=True)
    assert found == said


def test_a_partner_is_kept_once_by_an_open_unit_and_one_of_its_people() -> None:
    facts = rules.PartnerFacts("商会", None, None, None)
    found = rules.refusals_to_keep_partner(facts, on=ON, is_taken=True, is_unit_open=False, is_of_unit=False)
    assert found == (Refusal.NAME_TAKEN, Refusal.UNIT_CLOSED, Refusal.PERSON_NOT_OF_UNIT)


def test_a_partner_rests_with_a_reason_and_wakes_without_one() -> None:
    assert rules.refusals_to_set_state(PartnerState.ACTIVE, PartnerState.ENDED, reason=" ") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_set_state(PartnerState.ENDED, PartnerState.ACTIVE, reason="") == ()
    assert rules.refusals_to_set_state(PartnerState.ENDED, PartnerState.ENDED, reason="到期") == (Refusal.SAME_STATE,)


@pytest.mark.parametrize("basis", list(Basis))
def test_nobody_is_known_without_his_consent(basis: Basis) -> None:
    found = rules.refusals_to_know(basis, is_home_tie=False, origin_adcode="", is_known=False, is_partner_open=True, is_of_unit=True)
    assert found == (() if basis is Basis.CONSENT else (Refusal.NO_CONSENT,))


def test_a_home_tie_says_where_it_is_from() -> None:
    more = {"is_known": False, "is_partner_open": True, "is_of_unit": True}
    assert rules.refusals_to_know(Basis.CONSENT, is_home_tie=True, origin_adcode="", **more) == (Refusal.ORIGIN_MISSING,)
    assert rules.refusals_to_know(Basis.CONSENT, is_home_tie=True, origin_adcode="990121", **more) == ()


def test_a_contact_was_held_with_somebody_and_came_to_something() -> None:
    fine = {"held_on": ON, "outcome": "谈妥", "next_step": "", "next_on": None, "is_with_somebody": True, "on": ON}
    assert rules.refusals_to_note_contact(**fine) == ()  # type: ignore[arg-type]
    for change, said in (
        ({"held_on": ON + dt.timedelta(days=1)}, Refusal.CONTACT_TO_COME),
        ({"outcome": " "}, Refusal.CONTACT_EMPTY),
        ({"is_with_somebody": False}, Refusal.CONTACT_WITH_NOBODY),
        ({"next_step": "回访"}, Refusal.NEXT_PAST),
        ({"next_step": "回访", "next_on": ON - dt.timedelta(days=1)}, Refusal.NEXT_PAST),
    ):
        assert rules.refusals_to_note_contact(**(fine | change)) == (said,)  # type: ignore[arg-type]
    assert rules.refusals_to_note_contact(**(fine | {"next_step": "回访", "next_on": ON})) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(("amount", "said"), [("0", (Refusal.AMOUNT_NOT_POSITIVE,)), ("0.01", ()), ("-1", (Refusal.AMOUNT_NOT_POSITIVE,))])
def test_an_amount_is_positive(amount: str, said: tuple[Refusal, ...]) -> None:
    facts = rules.SeekingFacts("液压缸", Decimal(amount), ON + dt.timedelta(days=1))
    assert rules.refusals_to_seek(facts, on=ON, **FINE) == said


@pytest.mark.parametrize(("days", "said"), [(0, (Refusal.VALID_PAST,)), (1, ())])
def test_what_is_sought_is_valid_for_a_day_at_least(days: int, said: tuple[Refusal, ...]) -> None:
    facts = rules.SeekingFacts("液压缸", None, ON + dt.timedelta(days=days))
    assert rules.refusals_to_seek(facts, on=ON, **FINE) == said
    assert rules.refusals_to_reopen_seeking(SeekingState.MET, valid_until=facts.valid_until, on=ON) == said


@pytest.mark.parametrize(("count", "said"), [(9, ()), (10, (Refusal.TOO_MANY_TODAY,)), (11, (Refusal.TOO_MANY_TODAY,))])
def test_a_person_of_a_firm_hands_in_so_many_a_day(count: int, said: tuple[Refusal, ...]) -> None:
    facts = rules.SeekingFacts("液压缸", None, ON + dt.timedelta(days=1))
    assert rules.refusals_to_seek(facts, on=ON, today_count=count, most_a_day=10) == said


def test_a_person_of_a_firm_acts_for_that_firm_alone() -> None:
    assert rules.may_act_for_firm(True, own_firm_id=7, firm_id=7)
    assert not rules.may_act_for_firm(True, own_firm_id=7, firm_id=8)
    assert not rules.may_act_for_firm(True, own_firm_id=None, firm_id=8)
    assert not rules.may_act_for_firm(False, own_firm_id=7, firm_id=7)


def test_who_is_outside_the_office_holds_no_role_inside() -> None:
    held, fine = PostingFacts("bureau_officer", 1, ON, None), {"is_self": False, "is_active": True, "is_unit_open": True}
    outside = PostingFacts("local_firm", 1, ON, None)
    assert refusals_to_post([held], outside, **fine) == (AccountRefusal.OUTSIDE_ALONE,)
    assert refusals_to_post([outside], held, **fine) == (AccountRefusal.OUTSIDE_ALONE,)
    assert refusals_to_post([], outside, **fine) == ()
    assert refusals_to_post([], held, lent=[outside], **fine) == (AccountRefusal.OUTSIDE_ALONE,)
