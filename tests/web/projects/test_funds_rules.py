"""What is recognised of money in place, by the rulebook; foreign currency; foreign capital used; what the ledger refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wutong.rulebook import load
from wutong.rulebook.calendar import Calendar
from wutong.rulebook.load import Leaf, Rulebook
from wutong.web.accounts.rules.access import Grant, Target, roles
from wutong.web.projects.rules import funds
from wutong.web.projects.rules.funds import (
    DayRate,
    EntryFacts,
    Exclusion,
    FundedProject,
    FundsKind,
    Money,
    MoneyFrom,
    Proof,
    Refusal,
    State,
)

D = dt.date
FRIDAY, SATURDAY, MONDAY = D(2024, 6, 14), D(2024, 6, 15), D(2024, 6, 17)
RULES = load.rulebook()
PLAIN = FundedProject()
RECEIPT = Money(FundsKind.TRANSFER, Decimal(5_000_000), FRIDAY, proofs=frozenset({Proof.BANK_RECEIPT}))
DOLLARS = replace(RECEIPT, amount=Decimal(100), currency="USD")
RATES = (DayRate("USD", FRIDAY, Decimal("7.1151"), "公告"), DayRate("USD", D(2024, 6, 28), Decimal("7.1268"), "公告"))


def _leaf(name: str, value: object) -> Leaf:
    shipped = RULES.leaf(name)
    return Leaf.model_validate(
        {"description": shipped.description, "unit": shipped.unit, "source": shipped.source, "values": {D(1949, 10, 1): value}}
    )


def changed(**leaves: object) -> Rulebook:
    """The rulebook shipped where leaves of funds have another value."""
    made = {f"funds.{name}": _leaf(f"funds.{name}", value) for name, value in leaves.items()}
    return replace(RULES, leaves=MappingProxyType({**RULES.leaves, **made}))


def test_money_with_its_proof_is_recognised_whole() -> None:
    assert funds.recognise(RECEIPT, PLAIN, RULES) == funds.Recognised(Decimal("5000000.00"), Decimal("5000000.00"))


CASES = [
    (Exclusion.LAND_PRICE, replace(RECEIPT, kind=FundsKind.LAND, proofs=frozenset({Proof.LAND_RECEIPT})), PLAIN),
    (Exclusion.REAL_ESTATE, RECEIPT, FundedProject(is_real_estate=True)),
    (Exclusion.FISCAL_MONEY, replace(RECEIPT, money_from=MoneyFrom.FISCAL), PLAIN),
    (Exclusion.PPP, replace(RECEIPT, money_from=MoneyFrom.PPP), PLAIN),
    (Exclusion.INSIDE_MOVE, RECEIPT, FundedProject(is_inside_move=True)),
    (Exclusion.SECOND_PHASE, RECEIPT, FundedProject(is_second_phase=True)),
    (Exclusion.NO_LOCAL_TAX, RECEIPT, FundedProject(pays_local_tax=False)),
    (Exclusion.EXTRACTION, RECEIPT, FundedProject(is_extraction=True)),
    (Exclusion.MONOPOLY_OUTLET, RECEIPT, FundedProject(is_monopoly_outlet=True)),
]


def test_every_exclusion_has_its_case() -> None:
    assert [code for code, _, _ in CASES] == list(Exclusion)


@pytest.mark.parametrize(("code", "money", "project"), CASES)
def test_an_exclusion_leaves_all_of_it_out_with_its_source_and_a_region_may_switch_it_off(
    code: Exclusion, money: Money, project: FundedProject
) -> None:
    found = funds.recognise(money, project, RULES)
    assert (found.yuan, found.value_yuan) == (0, 5_000_000)
    assert found.reasons == (funds.Reason(code, "Wutong default"),)
    assert funds.recognise(money, project, changed(**{code: False})).yuan == 5_000_000
    assert funds.recognise(money, project, changed(**{code: None})).yuan == 5_000_000  # repealed


@pytest.mark.parametrize(
    "name", ["is_real_estate", "is_inside_move", "is_second_phase", "pays_local_tax", "is_extraction", "is_monopoly_outlet"]
)
def test_what_nobody_knows_of_the_project_is_missing_and_not_guessed(name: str) -> None:
    unknown = replace(PLAIN, **{name: None})
    found = funds.recognise(RECEIPT, unknown, RULES)
    assert (found.yuan, len(found.missing)) == (None, 1)
    code = found.missing[0]
    assert funds.recognise(RECEIPT, unknown, changed(**{f"exclude_{code}": False})).yuan == 5_000_000


def test_every_reason_is_told_and_what_is_excluded_anyway_needs_no_more() -> None:
    money = replace(RECEIPT, kind=FundsKind.LAND, money_from=MoneyFrom.FISCAL, proofs=frozenset())
    found = funds.recognise(money, FundedProject(is_real_estate=None), RULES)
    assert (found.yuan, [reason.code for reason in found.reasons]) == (0, [Exclusion.LAND_PRICE, Exclusion.FISCAL_MONEY])


@pytest.mark.parametrize(
    ("kind", "proofs", "missing"),
    [
        (FundsKind.CAPITAL, {Proof.CAPITAL_REPORT}, ()),
        (FundsKind.CAPITAL, {Proof.BANK_RECEIPT}, ()),
        (FundsKind.CAPITAL, {Proof.INVOICE}, ("capital_report",)),
        (FundsKind.EQUIPMENT, {Proof.INVOICE, Proof.EQUIPMENT_LIST}, ()),
        (FundsKind.EQUIPMENT, {Proof.INVOICE}, ("equipment_list",)),
        (FundsKind.EQUIPMENT, {Proof.CUSTOMS_DECLARATION}, ("equipment_list",)),
        (FundsKind.CONSTRUCTION, {Proof.SETTLEMENT}, ()),
        (FundsKind.CONSTRUCTION, {Proof.INVOICE}, ("bank_receipt",)),
        (FundsKind.INTANGIBLE, {Proof.CAPITAL_REPORT}, ("appraisal_report",)),
        (FundsKind.INTANGIBLE, {Proof.APPRAISAL_REPORT}, ()),
        (FundsKind.SHAREHOLDER_LOAN, {Proof.BANK_RECEIPT}, ("loan_contract",)),
        (FundsKind.REINVESTED, {Proof.PROFIT_RESOLUTION}, ("capital_report",)),
    ],
)
def test_each_kind_asks_for_its_proof(kind: FundsKind, proofs: set[Proof], missing: tuple[str, ...]) -> None:
    found = funds.recognise(replace(RECEIPT, kind=kind, proofs=frozenset(proofs)), PLAIN, RULES)
    assert (found.missing, found.yuan) == (missing, None if missing else 5_000_000)


def test_every_kind_has_a_way_to_be_proved_and_every_proof_is_known() -> None:
    for kind in FundsKind:
        ways = funds.ways_to_prove(kind, RULES, FRIDAY)
        assert ways
        assert {proof for way in ways for proof in way} <= set(Proof)


# --- currency
def test_foreign_currency_takes_the_rate_of_the_day() -> None:
    found = funds.recognise(DOLLARS, PLAIN, RULES, rates=RATES)
    assert (found.yuan, found.rate) == (Decimal("711.51"), RATES[0])


def test_a_region_may_take_the_rate_of_the_month_end() -> None:
    # 29 and 30 June 2024 are a weekend: the rate of Friday the 28th stands for the end of the month.
    assert funds.recognise(DOLLARS, PLAIN, changed(rate_day="month_end"), rates=RATES).yuan == Decimal("712.68")


def test_on_a_weekend_the_last_working_day_stands_in_and_on_a_working_day_nothing_does() -> None:
    weekend = funds.recognise(replace(DOLLARS, arrived_on=SATURDAY), PLAIN, RULES, rates=RATES)
    monday = funds.recognise(replace(DOLLARS, arrived_on=MONDAY), PLAIN, RULES, rates=RATES)
    assert (weekend.yuan, monday.yuan, monday.value_yuan, monday.missing) == (Decimal("711.51"), None, None, ("rate:USD",))


def test_another_currency_is_no_help() -> None:
    assert funds.rate_for("EUR", FRIDAY, RATES, how="day", calendar=Calendar()) is None


def test_cents_are_rounded_half_up() -> None:
    rate = (DayRate("USD", FRIDAY, Decimal("7.11505"), "x"),)
    assert funds.recognise(replace(DOLLARS, amount=Decimal(1000)), PLAIN, RULES, rates=rate).yuan == Decimal("7115.05")
    assert funds.recognise(replace(DOLLARS, amount=Decimal(100)), PLAIN, RULES, rates=rate).yuan == Decimal("711.51")


# --- foreign capital used
FOREIGN = replace(DOLLARS, kind=FundsKind.CAPITAL, is_foreign=True)


def test_foreign_capital_used_is_told_in_dollars_and_yuan_by_its_own_kinds() -> None:
    found = funds.foreign_used(FOREIGN, RULES, rates=RATES)
    assert (found.usd, found.yuan, found.is_counted) == (100, Decimal("711.51"), True)
    assert funds.foreign_used(replace(FOREIGN, kind=FundsKind.TRANSFER), RULES, rates=RATES).is_counted is False
    assert funds.foreign_used(replace(FOREIGN, is_foreign=False), RULES, rates=RATES).usd == 0


def test_yuan_are_told_in_dollars_by_the_rate_of_the_day_and_without_one_it_is_missing() -> None:
    yuan = replace(FOREIGN, currency="CNY", amount=Decimal("711.51"))
    assert funds.foreign_used(yuan, RULES, rates=RATES).usd == Decimal("100.00")
    assert funds.foreign_used(yuan, RULES).missing == ("rate:USD",)


def test_dollars_without_a_rate_or_a_proof_are_missing() -> None:
    found = funds.foreign_used(replace(FOREIGN, proofs=frozenset()), RULES)
    assert (found.usd, found.yuan, found.missing) == (None, None, ("rate:USD", "capital_report"))


# --- the ledger
ENTERED = EntryFacts(State.ENTERED, FRIDAY, entered_by=1)
HANDED = replace(ENTERED, state=State.HANDED_IN, handed_in_by=2)
SURE: tuple[str, ...] = ()
UNSURE = ("bank_receipt",)


def enter(**more: object) -> tuple[Refusal, ...]:
    given: dict[str, object] = {
        "number": "R-1", "on": FRIDAY, "is_counted_elsewhere": False, "another": "", "has_origin": True,
        "currencies": frozenset({"CNY", "USD"}),
    }  # fmt: skip
    money = more.pop("money", RECEIPT)
    return funds.refusals_to_enter(money, **{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, ()),
        ({"money": replace(RECEIPT, amount=Decimal(0))}, (Refusal.AMOUNT_NOT_POSITIVE,)),
        ({"money": replace(RECEIPT, arrived_on=SATURDAY)}, (Refusal.DAY_TO_COME,)),
        ({"money": replace(RECEIPT, currency="USB")}, (Refusal.CURRENCY_UNKNOWN,)),
        ({"number": " "}, (Refusal.NUMBER_MISSING,)),
        ({"is_counted_elsewhere": True}, (Refusal.COUNTED_ALREADY,)),
        ({"is_counted_elsewhere": True, "another": " "}, (Refusal.COUNTED_ALREADY,)),
        ({"is_counted_elsewhere": True, "another": "同日两笔"}, ()),
        ({"has_origin": False}, (Refusal.ORIGIN_MISSING,)),
    ],
)
def test_money_that_may_not_be_entered(more: dict[str, object], refused: tuple[Refusal, ...]) -> None:
    assert enter(**more) == refused


@pytest.mark.parametrize(
    ("facts", "missing", "is_accepted", "person", "words", "refused"),
    [
        (HANDED, SURE, True, 3, "", ()),
        (HANDED, SURE, True, 1, "", (Refusal.SAME_PERSON,)),
        (HANDED, SURE, True, 2, "", (Refusal.SAME_PERSON,)),
        (HANDED, UNSURE, True, 3, "", (Refusal.FACT_MISSING,)),
        (HANDED, UNSURE, False, 3, "缺凭证", ()),
        (HANDED, SURE, False, 3, " ", (Refusal.REASON_MISSING,)),
        (ENTERED, SURE, True, 3, "", (Refusal.WRONG_STATE,)),
        (replace(HANDED, state=State.ACCEPTED), SURE, True, 3, "", (Refusal.WRONG_STATE,)),
    ],
)
def test_an_entry_is_decided_once_by_another_person(
    facts: EntryFacts, missing: tuple[str, ...], *, is_accepted: bool, person: int, words: str, refused: tuple[Refusal, ...]
) -> None:
    assert funds.refusals_to_review(facts, is_accepted=is_accepted, missing=missing, person=person, words=words) == refused


@pytest.mark.parametrize(
    ("state", "person", "reason", "refused"),
    [
        (State.ACCEPTED, 3, "重复", ()),
        (State.ACCEPTED, 1, "重复", (Refusal.SAME_PERSON,)),
        (State.ENTERED, 1, "重复", ()),
        (State.ACCEPTED, 3, "", (Refusal.REASON_MISSING,)),
        (State.REVERSED, 3, "重复", (Refusal.REVERSED_ALREADY,)),
        (State.REVERSAL, 3, "重复", (Refusal.REVERSED_ALREADY,)),
        (State.REJECTED, 3, "重复", (Refusal.WRONG_STATE,)),
    ],
)
def test_an_entry_is_reversed_once_with_a_reason(state: State, person: int, reason: str, refused: tuple[Refusal, ...]) -> None:
    assert funds.refusals_to_reverse(replace(ENTERED, state=state), person=person, reason=reason) == refused


def test_handing_in_is_done_once() -> None:
    assert (funds.refusals_to_hand_in(ENTERED), funds.refusals_to_hand_in(HANDED)) == ((), (Refusal.WRONG_STATE,))


JUNE, JULY = D(2024, 6, 1), D(2024, 7, 1)


@pytest.mark.parametrize(
    ("month", "open_from", "on", "waiting", "refused"),
    [
        (JUNE, None, D(2024, 6, 30), 0, (Refusal.MONTH_NOT_OVER,)),
        (JUNE, None, D(2024, 7, 1), 0, ()),
        (JUNE, JUNE, D(2024, 7, 2), 0, ()),
        (JUNE, JULY, D(2024, 7, 2), 0, (Refusal.MONTH_CLOSED,)),
        (JUNE, None, D(2024, 7, 2), 1, (Refusal.WAITING_ENTRIES,)),
        (D(2023, 12, 1), None, D(2024, 1, 1), 0, ()),
    ],
)
def test_a_month_is_closed_once_when_it_is_over_and_nothing_waits(
    month: dt.date, open_from: dt.date | None, on: dt.date, waiting: int, refused: tuple[Refusal, ...]
) -> None:
    assert funds.refusals_to_close(month, open_from=open_from, on=on, waiting_entries=waiting) == refused


def test_a_closed_month_stays_closed() -> None:
    assert funds.refusals_to_reopen(JUNE, open_from=JULY) == (Refusal.STAYS_CLOSED,)
    assert funds.refusals_to_reopen(JULY, open_from=JULY) == ()


@pytest.mark.parametrize(
    ("arrived", "open_from", "counts"), [(FRIDAY, None, FRIDAY), (FRIDAY, JUNE, FRIDAY), (D(2024, 6, 30), JULY, JULY), (JULY, JULY, JULY)]
)
def test_money_of_a_closed_month_counts_from_the_first_open_day(arrived: dt.date, open_from: dt.date | None, counts: dt.date) -> None:
    assert funds.counted_on(arrived, open_from) == counts


def test_one_proof_is_known_again_however_its_number_is_typed() -> None:
    one = funds.proof_key("No.ab-12", Decimal("5"), "CNY", FRIDAY)
    assert funds.proof_key(" ｎｏ．ＡＢ-１２ ", Decimal("5.00"), "CNY", FRIDAY) == one
    others = [
        ("No.ab-13", "5", "CNY", FRIDAY),
        ("No.ab-12", "6", "CNY", FRIDAY),
        ("No.ab-12", "5", "USD", FRIDAY),
        ("No.ab-12", "5", "CNY", MONDAY),
    ]
    assert all(funds.proof_key(number, Decimal(amount), currency, day) != one for number, amount, currency, day in others)
    assert funds.proof_key("  ", Decimal(5), "CNY", FRIDAY) == ""


@pytest.mark.parametrize(
    ("rate", "is_used", "refused"),
    [
        (RATES[0], False, ()),
        (replace(RATES[0], yuan=Decimal(0)), False, (Refusal.RATE_NOT_POSITIVE,)),
        (replace(RATES[0], on=SATURDAY), False, (Refusal.DAY_TO_COME,)),
        (replace(RATES[0], source=" "), False, (Refusal.SOURCE_MISSING,)),
        (RATES[0], True, (Refusal.RATE_USED,)),
        (replace(RATES[0], currency="CNY"), False, (Refusal.CURRENCY_UNKNOWN,)),
    ],
)
def test_a_rate_is_entered_with_its_source_and_stays(rate: DayRate, is_used: bool, refused: tuple[Refusal, ...]) -> None:
    assert funds.refusals_to_enter_rate(rate, on=FRIDAY, is_used=is_used) == refused


@given(
    st.sampled_from(FundsKind), st.sampled_from(MoneyFrom), st.frozensets(st.sampled_from(Proof)), st.booleans() | st.none(),
    st.decimals("0.01", "999999999999.99", places=2),
)  # fmt: skip
def test_all_nothing_or_unknown_and_never_without_a_word(
    kind: FundsKind, money_from: MoneyFrom, proofs: frozenset[Proof], pays_local_tax: bool | None, amount: Decimal
) -> None:
    found = funds.recognise(Money(kind, amount, FRIDAY, "CNY", money_from, proofs), FundedProject(pays_local_tax=pays_local_tax), RULES)
    if found.yuan is None:
        assert found.missing
    elif found.yuan == 0:
        assert found.reasons
    else:
        assert (found.yuan, found.reasons, found.missing) == (amount, (), ())


# --- who decides ------------------------------------------------------------------------------------------------------------------------
def _grant(role: str, unit_id: int, path: str) -> Grant:
    return Grant(roles()[role], unit_id, path, "410700")


def test_nobody_of_the_host_unit_decides_over_its_money_but_the_bureau() -> None:
    park, county = Target(9, "/1/4/9/", "410721"), Target(4, "/1/4/", "410721")
    other, officer = Target(5, "/1/5/", "410722"), _grant("county_officer", 4, "/1/4/")
    assert [funds.may_review([officer], to, person_id=7) for to in (park, county, other)] == [True, False, False]
    leader = _grant("bureau_leader", 2, "/1/2/")
    bureau = Target(2, "/1/2/", "410700")
    assert [funds.may_review([leader], to, person_id=7) for to in (park, county, other, bureau)] == [True] * 4
    assert not funds.may_review([_grant("park_officer", 9, "/1/4/9/")], park, person_id=7)
    assert funds.may_review([officer, _grant("county_officer", 1, "/1/")], county, person_id=7)
