"""The rules of introductions: what may follow what, what is refused, how merit sums."""

from __future__ import annotations

import datetime as dt

import pytest

from wutong.web.accounts.rules.access import Target
from wutong.web.leads.rules import introductions as rules
from wutong.web.leads.rules.introductions import FOLLOWS, OPEN, Ask, Facts, Part, Refusal, State, Step

DAY = dt.date(2026, 3, 5)
LATER = DAY + dt.timedelta(days=1)


def asked(**more: object) -> tuple[Refusal, ...]:
    given = {
        "has_target": True, "is_party_named": True, "is_party_target": False, "party_name": "异地商会", "text": "请引荐", "asked_on": DAY,
        "due_on": DAY,
    } | more  # fmt: skip
    return rules.refusals_to_ask(
        Ask(**given),  # type: ignore[arg-type]
        on=DAY, is_unit_open=True, is_active=True, is_of_unit=True, is_asked_already=False, has_consent=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ()),
        ({"has_target": False}, (Refusal.TARGET_MISSING,)),
        ({"is_party_named": False}, (Refusal.PARTY_MISSING,)),
        ({"is_party_target": True}, (Refusal.PARTY_IS_TARGET,)),
        ({"party_name": "商会 13900001234"}, (Refusal.CONTACT_IN_NAME,)),
        ({"text": " "}, (Refusal.TEXT_MISSING,)),
        ({"asked_on": LATER, "due_on": LATER}, (Refusal.ASKED_LATER_THAN_NOW,)),
        ({"due_on": DAY - dt.timedelta(days=1)}, (Refusal.DUE_PAST,)),
    ],
)
def test_what_an_ask_needs(more: dict[str, object], expected: tuple[Refusal, ...]) -> None:
    assert asked(**more) == expected


@pytest.mark.parametrize("name", ["is_unit_open", "is_active", "is_of_unit", "has_consent", "is_asked_already"])
def test_whom_an_ask_needs(name: str) -> None:
    facts = {"is_unit_open": True, "is_active": True, "is_of_unit": True, "has_consent": True, "is_asked_already": False}
    ask = Ask(True, True, False, "", "请引荐", DAY, DAY)
    assert len(rules.refusals_to_ask(ask, on=DAY, **{**facts, name: not facts[name]})) == 1


@pytest.mark.parametrize("state", list(State))
def test_only_what_follows_may_be_entered(state: State) -> None:
    facts = Facts(Target(), 1, state, DAY)
    free = [to for to in State if not rules.refusals_to_step(facts, to=to, done_on=DAY, on=DAY, text="说明", has_lead=True)]
    assert tuple(free) == tuple(to for to in State if to in FOLLOWS[state])
    assert bool(rules.due_leaf(state)) == (state in OPEN)


def test_a_step_stands_in_time_says_why_and_names_its_lead() -> None:
    facts = Facts(Target(), 1, State.ASKED, DAY)
    given = {"on": DAY, "text": "说明"}
    assert rules.refusals_to_step(facts, to=State.AGREED, done_on=LATER, **given) == (Refusal.LATER_THAN_NOW,)
    assert rules.refusals_to_step(facts, to=State.AGREED, done_on=DAY - dt.timedelta(days=1), **given) == (Refusal.BEFORE_LAST_STEP,)
    assert rules.refusals_to_step(facts, to=State.REFUSED, done_on=DAY, on=DAY, text="") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_step(facts, to=State.AGREED, done_on=DAY, on=DAY, text="") == ()
    met = Facts(Target(), 1, State.GIVEN, DAY)
    assert rules.refusals_to_step(met, to=State.LEAD, done_on=DAY, on=DAY, text="") == (Refusal.LEAD_MISSING,)


def test_only_the_last_step_is_corrected_and_the_ask_is_not_taken_back() -> None:
    steps = [Step(State.ASKED, DAY), Step(State.AGREED, DAY)]
    given = {"done_on": DAY, "on": DAY, "text": "记错了"}
    assert rules.refusals_to_correct(steps, at=0, to=State.ASKED, **given) == (Refusal.NOT_THE_LAST_STEP,)
    assert rules.refusals_to_correct(steps, at=1, to=State.REFUSED, **given) == ()
    assert rules.refusals_to_correct(steps, at=1, to=None, **given) == ()
    assert rules.refusals_to_correct(steps, at=1, to=None, done_on=DAY, on=DAY, text="") == (Refusal.REASON_MISSING,)
    assert rules.refusals_to_correct(steps, at=1, to=State.LEAD, **given) == (Refusal.DOES_NOT_FOLLOW, Refusal.LEAD_MISSING)
    assert rules.refusals_to_correct(steps[:1], at=0, to=None, **given) == (Refusal.FIRST_STEP_STANDS,)
    assert rules.refusals_to_correct(steps[:1], at=0, to=State.ASKED, **given) == ()


@pytest.mark.parametrize(("open_asks", "expected"), [(2, False), (3, True), (4, True)])
def test_from_three_open_asks_on_it_is_too_often(open_asks: int, expected: bool) -> None:
    assert rules.is_often(open_asks, often_from_asks=3) is expected


@pytest.mark.parametrize(
    ("state", "parts", "expected"),
    [
        (State.GIVEN, [("a", 6000), ("b", 4000)], ()),
        (State.AGREED, [("a", 10_000)], (Refusal.NOTHING_TO_CREDIT,)),
        (State.LEAD, [("a", 6000), ("b", 3999)], (Refusal.SHARES_NOT_ONE,)),
        (State.LEAD, [("a", 10_000), ("b", 0)], (Refusal.SHARE_NOT_POSITIVE,)),
        (State.LEAD, [("a", 5000), ("a", 5000)], (Refusal.PARTY_TWICE,)),
    ],
)
def test_merit_sums_to_one(state: State, parts: list[tuple[str, int]], expected: tuple[Refusal, ...]) -> None:
    assert rules.refusals_to_credit(state, [Part(*part) for part in parts]) == expected
