"""Money in place (到位资金): what is recognised and why not, foreign currency, foreign capital used, and what the ledger refuses."""

from __future__ import annotations

import calendar as months
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
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
FILES_LEAF = "funds.proofs_with_file"
NUMBERS_LEAF = "funds.proofs_with_number"
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


class Doubt(StrEnum):
    """What of a project speaks against its money; `funds.money_…` of the rulebook says of each: refused, warned or allowed."""

    IN_TALKS = "in_talks"
    PAUSED = "paused"
    LOST = "lost"
    BEYOND_TOTAL = "beyond_total"


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
    NUMBERS_MISSING = "numbers_missing"
    PROOF_UNKNOWN = "proof_unknown"
    ORIGIN_MISSING = "origin_missing"
    COUNTED_ALREADY = "counted_already"
    FILE_ELSEWHERE = "file_elsewhere"
    FILE_MISSING = "file_missing"
    DOUBLE_UNEXPLAINED = "double_unexplained"
    DOUBT_UNANSWERED = "doubt_unanswered"
    PROJECT_AGAINST = "project_against"
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
class ProjectNow:
    """How the project stands whose money it is. Units: yuan. `paused_on`, `lost_on`: since when; None: it is not.

    `total_yuan`: its total investment, None where nobody knows it; `counted_yuan`: worth of what was accepted of it before.
    """

    is_signed: bool = True
    paused_on: dt.date | None = None
    lost_on: dt.date | None = None
    total_yuan: Decimal | None = None
    counted_yuan: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Doubted:
    """What speaks against money, whether it is refused for it or only warned of, and where that comes from."""

    code: Doubt
    is_refused: bool
    source: str


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


def missing_files(money: Money, shown: Collection[Proof], rulebook: Rulebook) -> tuple[Proof, ...]:
    """Papers that no file shows, on the complete way to prove it that lacks fewest; () where no way is complete, or none asks for one."""
    asked = _proofs_of(FILES_LEAF, money, rulebook)
    whole = [way for way in ways_to_prove(money.kind, rulebook, money.arrived_on) if all(proof in money.proofs for proof in way)]
    gaps = [tuple(Proof(proof) for proof in way if proof in asked and proof not in shown) for way in whole]
    return min(gaps, key=len, default=())


def _proofs_of(leaf: str, money: Money, rulebook: Rulebook) -> tuple[str, ...]:
    value = rulebook.value(leaf, money.arrived_on)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


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


# --- what of the project speaks against it ----------------------------------------------------------------------------------------------
def doubts(money: Money, value_yuan: Decimal | None, project: ProjectNow, rulebook: Rulebook) -> tuple[Doubted, ...]:
    """What of its project speaks against money, by the rules of the day on which it arrived. Units: yuan.

    Why by days: money that arrived before a project was put aside or lost did arrive, however late it is entered.
    """
    cases = (
        (Doubt.IN_TALKS, not project.is_signed),
        (Doubt.PAUSED, project.paused_on is not None and money.arrived_on >= project.paused_on),
        (Doubt.LOST, project.lost_on is not None and money.arrived_on >= project.lost_on),
        (Doubt.BEYOND_TOTAL, _is_beyond(value_yuan, project)),
    )
    found = []
    for code, holds in cases:
        leaf = f"funds.money_{code}"
        how = rulebook.value(leaf, money.arrived_on) if holds else None
        if how in ("refused", "warned"):
            found.append(Doubted(code, how == "refused", rulebook.source(leaf, money.arrived_on).title))
    return tuple(found)


def _is_beyond(value_yuan: Decimal | None, project: ProjectNow) -> bool:
    return value_yuan is not None and project.total_yuan is not None and project.counted_yuan + value_yuan > project.total_yuan


# --- the ledger -------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry of the ledger as the rules see it. `entered_by`, `handed_in_by`: ids of persons; None: the operator of the server.

    `attached_by`: whoever hung files on it later.
    """

    state: State
    arrived_on: dt.date
    entered_by: int | None = None
    handed_in_by: int | None = None
    attached_by: frozenset[int | None] = frozenset()

    @property
    def own(self) -> frozenset[int | None]:
        """Whoever had a hand in it, and so does not decide about it."""
        return frozenset({self.entered_by, self.handed_in_by, *self.attached_by})


@dataclass(frozen=True, slots=True)
class Numbers:
    """The papers of an entry by their numbers. `of`: kind → number; `held`: those by which it is known again; `lacking`: without one."""

    of: Mapping[Proof, str]
    held: tuple[str, ...]
    lacking: tuple[Proof, ...]

    @property
    def first(self) -> str:
        """The number under which the entry is listed."""
        return self.held[0] if self.held else ""


def numbers_of(money: Money, number: str, numbers: Mapping[Proof, str], rulebook: Rulebook) -> Numbers:
    """The number of each paper. `number`: of the first that bears one, where it is not among `numbers`.

    Where no paper bears a number by which it is known again, the one that was given is that number.
    """
    told = {proof: numbers[proof].strip() for proof in Proof if proof in money.proofs and numbers.get(proof, "").strip()}
    bearing = [proof for proof in Proof if proof in money.proofs and proof in _proofs_of(NUMBERS_LEAF, money, rulebook)]
    first = next(iter(bearing or [proof for proof in Proof if proof in money.proofs]), None)
    if first is not None and number.strip():
        told.setdefault(first, number.strip())
    held = [told[proof] for proof in bearing if proof in told] or [*told.values()][:1] or [text for text in (number.strip(),) if text]
    return Numbers(told, tuple(dict.fromkeys(held)), tuple(proof for proof in bearing if proof not in told))


def proof_key(number: str, amount: Decimal, currency: str, arrived_on: dt.date) -> str:
    """By which a proof is known again, whatever its number's spaces, width and case: number, amount, currency, day. "" without a number.

    Why: the same sum by the same paper on the same day is the same money, whichever project or unit enters it.
    """
    plain = _plain(number)
    return hashlib.sha256(f"{plain}|{_cents(amount)}|{currency}|{arrived_on}".encode()).hexdigest() if plain else ""


def number_key(number: str) -> str:
    """By which a suspected double is found: the number of a paper, whatever its kind, sum and day. "" without a number.

    Why: a sum is rounded, a day mistyped, a receipt split; whether it is one payment or two only a person can say.
    """
    plain = _plain(number)
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


def paper_key(number: str, amount: Decimal, currency: str) -> str:
    """By which a suspected double was found before `number_key`: with its sum. Why it stays: migration 0014 calls it."""
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
    is_file_here: bool = True, lacking: Sequence[Proof] = (), against: Sequence[Doubted] = (),
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why money may not be entered. The same proof twice is refused, unless `another` says why it is other money.

    `is_file_here`: whether the file of its proof, where there is one, hangs on the project and was not deleted. `lacking`: papers without
    their number; `against`: what of the project speaks against it.
    """
    return _those(
        (Refusal.AMOUNT_NOT_POSITIVE, money.amount <= 0),
        (Refusal.DAY_TO_COME, money.arrived_on > on),
        (Refusal.CURRENCY_UNKNOWN, money.currency not in currencies),
        (Refusal.NUMBER_MISSING, not number.strip()),
        (Refusal.NUMBERS_MISSING, bool(number.strip()) and bool(lacking)),
        (Refusal.COUNTED_ALREADY, is_counted_elsewhere and not another.strip()),
        (Refusal.ORIGIN_MISSING, not has_origin),
        (Refusal.FILE_ELSEWHERE, not is_file_here),
        (Refusal.PROJECT_AGAINST, any(one.is_refused for one in against)),
    )


def refusals_to_attach(facts: EntryFacts, *, is_file_here: bool, is_of_proofs: bool) -> tuple[Refusal, ...]:
    """Why a file may not be hung on an entry: as long as nobody decided; `is_of_proofs`: it shows papers that the entry names."""
    return _those(
        (Refusal.WRONG_STATE, facts.state not in (State.ENTERED, State.HANDED_IN)),
        (Refusal.FILE_ELSEWHERE, not is_file_here),
        (Refusal.PROOF_UNKNOWN, not is_of_proofs),
    )


def refusals_to_hand_in(facts: EntryFacts) -> tuple[Refusal, ...]:
    """Why an entry may not be handed in for review."""
    return _those((Refusal.WRONG_STATE, facts.state is not State.ENTERED))


def refusals_to_review(
    facts: EntryFacts, *, is_accepted: bool, missing: tuple[str, ...], person: int | None, words: str, doubles: int = 0, apart: str = "",
    unfiled: Sequence[Proof] = (), against: Sequence[Doubted] = (),
) -> tuple[Refusal, ...]:  # fmt: skip
    """Why an entry may not be decided: by another person than who entered it or handed it in; accepted only if nothing lacks.

    `doubles`: how many other entries bear one of its numbers; `against`: what of the project speaks against it. To either, `apart` says
    why it counts all the same. `unfiled`: papers that no file shows.
    """
    return _those(
        (Refusal.WRONG_STATE, facts.state is not State.HANDED_IN),
        (Refusal.SAME_PERSON, person is not None and person in facts.own),
        (Refusal.FACT_MISSING, is_accepted and bool(missing)),
        (Refusal.FILE_MISSING, is_accepted and bool(unfiled)),
        (Refusal.PROJECT_AGAINST, is_accepted and any(one.is_refused for one in against)),
        (Refusal.REASON_MISSING, not is_accepted and not words.strip()),
        (Refusal.DOUBLE_UNEXPLAINED, is_accepted and doubles > 0 and not apart.strip()),
        (Refusal.DOUBT_UNANSWERED, is_accepted and any(not one.is_refused for one in against) and not apart.strip()),
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
    is_own = person is not None and person in facts.own
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
