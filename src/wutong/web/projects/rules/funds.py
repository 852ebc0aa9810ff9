"""Money in place (到位资金): what is recognised and why not, foreign currency, foreign capital used, and what the ledger refuses."""

from __future__ import annotations

import calendar as months
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from wutong.rulebook.calendar import Calendar
from wutong.rulebook.load import Rulebook
from wutong.web.accounts.rules.access import Grant, Permission, Scope, Target, reaches

YUAN, DOLLAR = "CNY", "USD"
CENT = Decimal("0.01")
RATE_DAY_LEAF = "funds.rate_day"
FOREIGN_KINDS_LEAF = "funds.foreign_kinds"
MOST_DAYS_BACK = 31


class FundsKind(StrEnum):
    """What kind of money or contribution it is (资金种类)."""

    CAPITAL = "capital"
    CAPITAL_INCREASE = "capital_increase"
    TRANSFER = "transfer"
    EQUIPMENT = "equipment"
    CONSTRUCTION = "construction"
    LAND = "land"
    INTANGIBLE = "intangible"
    SHAREHOLDER_LOAN = "shareholder_loan"
    REINVESTED = "reinvested"


class MoneyFrom(StrEnum):
    """Whose money it is: the investor's own, borrowed, the treasury's, that of a public-private partnership."""

    INVESTOR = "investor"
    LOAN = "loan"
    FISCAL = "fiscal"
    PPP = "ppp"


class Proof(StrEnum):
    """What proves that it arrived (到位凭证)."""

    CAPITAL_REPORT = "capital_report"
    BANK_RECEIPT = "bank_receipt"
    INVOICE = "invoice"
    EQUIPMENT_LIST = "equipment_list"
    CUSTOMS_DECLARATION = "customs_declaration"
    SETTLEMENT = "settlement"
    LAND_RECEIPT = "land_receipt"
    APPRAISAL_REPORT = "appraisal_report"
    LOAN_CONTRACT = "loan_contract"
    PROFIT_RESOLUTION = "profit_resolution"


class Exclusion(StrEnum):
    """Why money is not recognised; each is a leaf of the rulebook that a region may switch off."""

    LAND_PRICE = "exclude_land_price"
    REAL_ESTATE = "exclude_real_estate"
    FISCAL_MONEY = "exclude_fiscal_money"
    PPP = "exclude_ppp"
    INSIDE_MOVE = "exclude_inside_moves"
    SECOND_PHASE = "exclude_second_phase"
    NO_LOCAL_TAX = "exclude_no_local_tax"
    EXTRACTION = "exclude_extraction"
    MONOPOLY_OUTLET = "exclude_monopoly_outlets"


class State(StrEnum):
    """How an entry of the ledger stands. What was accepted counts; what was reversed does so with its reversal, together nought."""

    ENTERED = "entered"
    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVERSED = "reversed"
    REVERSAL = "reversal"


class Refusal(StrEnum):
    """Why something is not done in the ledger; the web puts it into words."""

    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    DAY_TO_COME = "day_to_come"
    CURRENCY_UNKNOWN = "currency_unknown"
    NUMBER_MISSING = "number_missing"
    ORIGIN_MISSING = "origin_missing"
    COUNTED_ALREADY = "counted_already"
    FILE_ELSEWHERE = "file_elsewhere"
    DOUBLE_UNEXPLAINED = "double_unexplained"
    REASON_MISSING = "reason_missing"
    WRONG_STATE = "wrong_state"
    SAME_PERSON = "same_person"
    FACT_MISSING = "fact_missing"
    RULES_CHANGED = "rules_changed"
    REVERSED_ALREADY = "reversed_already"
    MONTH_NOT_OVER = "month_not_over"
    MONTH_CLOSED = "month_closed"
    STAYS_CLOSED = "stays_closed"
    WAITING_ENTRIES = "waiting_entries"
    RATE_NOT_POSITIVE = "rate_not_positive"
    SOURCE_MISSING = "source_missing"
    RATE_USED = "rate_used"


@dataclass(frozen=True, slots=True)
class Money:
    """Money that arrived. Units: `amount` in units of `currency`."""

    kind: FundsKind
    amount: Decimal
    arrived_on: dt.date
    currency: str = YUAN
    money_from: MoneyFrom = MoneyFrom.INVESTOR
    proofs: frozenset[Proof] = frozenset()
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class FundedProject:
    """What recognition asks of the project; None is "not known"."""

    is_real_estate: bool | None = False
    is_inside_move: bool | None = False
    is_second_phase: bool | None = False
    pays_local_tax: bool | None = True
    is_extraction: bool | None = False
    is_monopoly_outlet: bool | None = False


@dataclass(frozen=True, slots=True)
class DayRate:
    """The official rate of a currency on a day, as somebody entered it with its source. Units: yuan per unit of the currency."""

    currency: str
    on: dt.date
    yuan: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing is recognised: the exclusion and where it comes from."""

    code: Exclusion
    source: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is recognised of money, and why. Units: yuan, to the cent. `yuan` None: `missing` says what lacks.

    `value_yuan`: what the money is worth before any exclusion; `rate`: by which a foreign currency was converted.
    """

    yuan: Decimal | None
    value_yuan: Decimal | None
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    rate: DayRate | None = None


@dataclass(frozen=True, slots=True)
class ForeignUsed:
    """What counts as foreign capital used (实际利用外资), by its own definition. Units: dollars and yuan, to the cent.

    Both None: `missing` says what lacks; both 0: `is_counted` is false, it is no foreign capital or of a kind that does not count.
    """

    usd: Decimal | None
    yuan: Decimal | None
    is_counted: bool
    missing: tuple[str, ...] = ()


# --- currency ---------------------------------------------------------------------------------------------------------------------------
def rate_for(currency: str, on: dt.date, rates: Iterable[DayRate], *, how: str, calendar: Calendar) -> DayRate | None:
    """The official rate that converts money of a day; None where nobody entered it: it is never guessed.

    `how`: "day", or "month_end". On a day on which nobody works none is published: that of the last working day before stands for it.
    """
    wanted = on if how == "day" else on.replace(day=months.monthrange(on.year, on.month)[1])
    known = {rate.on: rate for rate in rates if rate.currency == currency}
    for back in range(MOST_DAYS_BACK):
        day = wanted - dt.timedelta(days=back)
        if day in known:
            return known[day]
        if calendar.is_working(day):
            return None
    return None


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _converted(
    money: Money, rates: Sequence[DayRate], how: str, calendar: Calendar
) -> tuple[Decimal | None, DayRate | None, tuple[str, ...]]:
    """Worth in yuan, the rate used, and what is missing."""
    if money.currency == YUAN:
        return _cents(money.amount), None, ()
    rate = rate_for(money.currency, money.arrived_on, rates, how=how, calendar=calendar)
    if rate is None:
        return None, None, (f"rate:{money.currency}",)
    return _cents(money.amount * rate.yuan), rate, ()


# --- recognition ------------------------------------------------------------------------------------------------------------------------
def recognise(
    money: Money, project: FundedProject, rulebook: Rulebook, *, rates: Sequence[DayRate] = (), calendar: Calendar | None = None
) -> Recognised:
    """What the rules of the day on which money arrived recognise of it: all of it, nothing with every reason, or unknown.

    Raises: NoValueError where the rulebook lacks a leaf.
    """
    on = money.arrived_on
    days = calendar or Calendar()
    value, rate, missing = _converted(money, rates, str(rulebook.value(RATE_DAY_LEAF, on)), days)
    reasons = []
    for code, applies in _cases(money, project):
        if rulebook.value(f"funds.{code}", on) is not True:
            continue
        if applies is None:
            missing += (code.removeprefix("exclude_"),)
        elif applies:
            reasons.append(Reason(code, rulebook.source(f"funds.{code}", on).title))
    if reasons:
        return Recognised(Decimal(0), value, tuple(reasons), rate=rate)
    missing += missing_proofs(money, rulebook)
    return Recognised(None if missing else value, value, (), missing, rate)


def _cases(money: Money, project: FundedProject) -> tuple[tuple[Exclusion, bool | None], ...]:
    """Each exclusion and whether it applies; None where nobody knows."""
    return (
        (Exclusion.LAND_PRICE, money.kind is FundsKind.LAND),
        (Exclusion.REAL_ESTATE, project.is_real_estate),
        (Exclusion.FISCAL_MONEY, money.money_from is MoneyFrom.FISCAL),
        (Exclusion.PPP, money.money_from is MoneyFrom.PPP),
        (Exclusion.INSIDE_MOVE, project.is_inside_move),
        (Exclusion.SECOND_PHASE, project.is_second_phase),
        (Exclusion.NO_LOCAL_TAX, None if project.pays_local_tax is None else not project.pays_local_tax),
        (Exclusion.EXTRACTION, project.is_extraction),
        (Exclusion.MONOPOLY_OUTLET, project.is_monopoly_outlet),
    )


def ways_to_prove(kind: FundsKind, rulebook: Rulebook, on: dt.date) -> tuple[tuple[str, ...], ...]:
    """The ways to prove a kind of money, each with all proofs that it needs; () where the rulebook asks for none."""
    value = rulebook.value(f"funds.proof_{kind}", on)
    return tuple(tuple(way.split("+")) for way in value if isinstance(way, str)) if isinstance(value, tuple) else ()


def missing_proofs(money: Money, rulebook: Rulebook) -> tuple[str, ...]:
    """Proofs that lack on the way that lacks fewest, the first of equal ones; () where one way is complete."""
    ways = ways_to_prove(money.kind, rulebook, money.arrived_on)
    gaps = [tuple(proof for proof in way if proof not in money.proofs) for way in ways]
    return min(gaps, key=len, default=())


def foreign_used(money: Money, rulebook: Rulebook, *, rates: Sequence[DayRate] = (), calendar: Calendar | None = None) -> ForeignUsed:
    """What counts as foreign capital used, in dollars and in yuan: its own kinds of money, whatever the exclusions say."""
    kinds = rulebook.value(FOREIGN_KINDS_LEAF, money.arrived_on)
    if not money.is_foreign or not isinstance(kinds, tuple) or money.kind not in kinds:
        return ForeignUsed(Decimal(0), Decimal(0), is_counted=False)
    days, how = calendar or Calendar(), str(rulebook.value(RATE_DAY_LEAF, money.arrived_on))
    yuan, _rate, missing = _converted(money, rates, how, days)
    missing += missing_proofs(money, rulebook)
    usd = _cents(money.amount) if money.currency == DOLLAR else None
    if usd is None:
        dollar = rate_for(DOLLAR, money.arrived_on, rates, how=how, calendar=days)
        missing += () if dollar is not None else (f"rate:{DOLLAR}",)
        usd = _cents(yuan / dollar.yuan) if dollar is not None and yuan is not None else None
    if missing:
        return ForeignUsed(None, None, is_counted=True, missing=tuple(dict.fromkeys(missing)))
    return ForeignUsed(usd, yuan, is_counted=True)


# --- the ledger -------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry of the ledger as the rules see it. `entered_by`, `handed_in_by`: ids of persons; None: the operator of the server."""

    state: State
    arrived_on: dt.date
    entered_by: int | None = None
    handed_in_by: int | None = None


def proof_key(number: str, amount: Decimal, currency: str, arrived_on: dt.date) -> str:
    """By which a proof is known again, whatever its number's spaces, width and case: number, amount, currency, day. "" without a number.

    Why: the same sum by the same paper on the same day is the same money, whichever project or unit enters it.
    """
    plain = _plain(number)
    return hashlib.sha256(f"{plain}|{_cents(amount)}|{currency}|{arrived_on}".encode()).hexdigest() if plain else ""


def paper_key(number: str, amount: Decimal, currency: str) -> str:
    """By which a suspected double is found: number, amount and currency of a proof, whatever the day. "" without a number.

    Why: a day is mistyped, or read from another line of the same receipt; whether it is one payment or two only a person can say.
    """
    plain = _plain(number)
    return hashlib.sha256(f"{plain}|{_cents(amount)}|{currency}".encode()).hexdigest() if plain else ""


def _plain(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def counted_on(arrived_on: dt.date, open_from: dt.date | None) -> dt.date:
    """The day on which money counts: its own, or the first open one where its month is closed. `open_from`: first day not closed."""
    return arrived_on if open_from is None or arrived_on >= open_from else open_from


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after that of a day."""
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _those(*found: tuple[Refusal, bool]) -> tuple[Refusal, ...]:
    return tuple(code for code, holds in found if holds)


def refusals_to_enter(
    money: Money, *, number: str, on: dt.date, is_counted_elsewhere: bool, another: str, has_origin: bool, currencies: frozenset[str],
    is_file_here: bool = True,
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why money may not be entered. The same proof twice is refused, unless `another` says why it is other money.

    `is_file_here`: whether the file of its proof, where there is one, hangs on the project and was not deleted.
    """
    return _those(
        (Refusal.AMOUNT_NOT_POSITIVE, money.amount <= 0),
        (Refusal.DAY_TO_COME, money.arrived_on > on),
        (Refusal.CURRENCY_UNKNOWN, money.currency not in currencies),
        (Refusal.NUMBER_MISSING, not number.strip()),
        (Refusal.COUNTED_ALREADY, is_counted_elsewhere and not another.strip()),
        (Refusal.ORIGIN_MISSING, not has_origin),
        (Refusal.FILE_ELSEWHERE, not is_file_here),
    )


def refusals_to_hand_in(facts: EntryFacts) -> tuple[Refusal, ...]:
    """Why an entry may not be handed in for review."""
    return _those((Refusal.WRONG_STATE, facts.state is not State.ENTERED))


def refusals_to_review(
    facts: EntryFacts, *, is_accepted: bool, missing: tuple[str, ...], person: int | None, words: str, doubles: int = 0, apart: str = ""
) -> tuple[Refusal, ...]:
    """Why an entry may not be decided: by another person than who entered or handed it in; accepted only if nothing lacks.

    `doubles`: how many other entries bear the same number and sum; then `apart` says why it is another payment than those.
    """
    return _those(
        (Refusal.WRONG_STATE, facts.state is not State.HANDED_IN),
        (Refusal.SAME_PERSON, person is not None and person in (facts.entered_by, facts.handed_in_by)),
        (Refusal.FACT_MISSING, is_accepted and bool(missing)),
        (Refusal.REASON_MISSING, not is_accepted and not words.strip()),
        (Refusal.DOUBLE_UNEXPLAINED, is_accepted and doubles > 0 and not apart.strip()),
    )


def may_review(grants: Iterable[Grant], target: Target, *, person_id: int) -> bool:
    """Whether a person decides over the money of a host unit: by a role of the bureau, which reaches its region, or of a unit above it.

    Why: a unit is measured by its money, so nobody of that unit decides what of it counts.
    """
    return any(
        Permission.FUNDS_REVIEW in grant.role.permissions
        and reaches(grant, target, person_id=person_id)
        and (grant.role.scope in {Scope.REGION, Scope.ALL} or grant.unit_id != target.unit_id)
        for grant in grants
    )


def refusals_to_reverse(facts: EntryFacts, *, person: int | None, reason: str) -> tuple[Refusal, ...]:
    """Why an entry may not be reversed: once, with a reason; one that counts only by another person than who entered it."""
    is_done = facts.state in (State.REVERSED, State.REVERSAL)
    is_own = person is not None and person in (facts.entered_by, facts.handed_in_by)
    return _those(
        (Refusal.REVERSED_ALREADY, is_done),
        (Refusal.WRONG_STATE, facts.state is State.REJECTED),
        (Refusal.SAME_PERSON, facts.state is State.ACCEPTED and is_own),
        (Refusal.REASON_MISSING, not reason.strip()),
    )


def refusals_to_close(month: dt.date, *, open_from: dt.date | None, on: dt.date, waiting_entries: int) -> tuple[Refusal, ...]:
    """Why a month may not be closed: it is over, not closed, and nothing that arrived in it or before waits for review."""
    return _those(
        (Refusal.MONTH_NOT_OVER, next_month(month) > on),
        (Refusal.MONTH_CLOSED, open_from is not None and month < open_from),
        (Refusal.WAITING_ENTRIES, waiting_entries > 0),
    )


def refusals_to_reopen(month: dt.date, *, open_from: dt.date | None) -> tuple[Refusal, ...]:
    """Why a closed month is not opened again: never; what was wrong is reversed in an open one. One that is open needs no opening."""
    return _those((Refusal.STAYS_CLOSED, open_from is not None and month < open_from))


def refusals_to_enter_rate(rate: DayRate, *, on: dt.date, is_used: bool) -> tuple[Refusal, ...]:
    """Why a rate may not be entered: it has a source, a day that has come, and none that converted something is changed."""
    return _those(
        (Refusal.RATE_NOT_POSITIVE, rate.yuan <= 0),
        (Refusal.DAY_TO_COME, rate.on > on),
        (Refusal.SOURCE_MISSING, not rate.source.strip()),
        (Refusal.RATE_USED, is_used),
        (Refusal.CURRENCY_UNKNOWN, rate.currency == YUAN or len(rate.currency) != 3),
    )
