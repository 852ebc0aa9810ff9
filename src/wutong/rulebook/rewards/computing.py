"""What an award comes to for a recipient: amount, bands, exclusions with reasons, what is missing, what blocks its payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.base import Fact, Node, number
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.forms import Progressive
from wutong.rulebook.formulas.records import Records, unmet
from wutong.rulebook.formulas.values import Anything, Context, Group, Missing, NotApplicable, Row, fraction
from wutong.rulebook.rewards.shape import NEEDS_REGISTRATION, Award, Keep, RewardRule, To
from wutong.rulebook.scoring.facts import FactFault, FactsError, Given, Raw, facts_of, records_of
from wutong.rulebook.scoring.shape import Source


class NotInForce(Exception):  # noqa: N818 - what it is, not what went wrong
    """The document does not hold on the day asked for."""


class Out(StrEnum):
    """Why nothing is due (不予奖励的理由)."""

    CONDITION = "condition"
    STAFF = "staff"
    NOT_REGISTERED = "not_registered"
    REGISTERED_LATE = "registered_late"
    LAPSED = "lapsed"
    NO_SHARE = "no_share"
    NOT_STACKED = "not_stacked"


class Blocked(StrEnum):
    """Why what is due may not be paid yet (暂不兑付的理由)."""

    TAX_REVIEW = "tax_review"


@dataclass(frozen=True, slots=True)
class Beside:
    """An award claimed for the same matter that is not given beside this one. Units: yuan; None where data of it lack.

    `is_before`: claimed earlier; `is_granted`: approved, so that it stands whatever this one comes to.
    """

    zh: str
    en: str
    amount_yuan: Fraction | None
    is_before: bool = False
    is_granted: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A recipient and what is known of the matter. None is not known; `is_registered` False: nobody registered him before.

    `review`: document and day of the legality review by name, "" where there is none. `share`: of joint introducers, 1 = all, 0 where
    others fill the whole; None where the shares together are not all. `beside`: awards of other documents that are not given beside it.
    """

    award: str
    recipient: str
    facts: Mapping[str, Raw] = field(default_factory=dict)
    records: Mapping[str, Sequence[Mapping[str, Raw]]] = field(default_factory=dict)
    is_staff: bool | None = None
    is_registered: bool | None = None
    registered_on: dt.date | None = None
    signed_on: dt.date | None = None
    applied_on: dt.date | None = None
    review: str = ""
    place: int = 0
    share: Fraction | None = Fraction(1)
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A reason why nothing is due. `said`: the figure or day that decided; `said_en` where it is said otherwise in English."""

    code: Out
    said: str = ""
    said_en: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """The part of an amount inside one band, at its rate. Units: yuan; `high_yuan` None is open upwards."""

    low_yuan: Fraction
    high_yuan: Fraction | None
    rate_share: Fraction
    part_yuan: Fraction
    gives_yuan: Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation: computed, a raise, the cap, rounding. Units: yuan after the step."""

    code: str
    zh: str
    en: str
    after_yuan: Fraction


@dataclass(frozen=True, slots=True)
class Input:
    """A fact that the computation rests on, as it is said in its unit."""

    name: str
    zh: str
    en: str
    said: str
    unit: str
    is_missing: bool
    unit_en: str = ""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What an award comes to. `amount_yuan` None where something is missing; 0 where it is excluded.

    Units: yuan. `apply_by_on`: the last day to apply, None where there is no term or its day is not known.
    """

    award: str
    recipient: str
    to: To
    amount_yuan: Fraction | None
    missing: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    blocked: tuple[Blocked, ...]
    apply_by_on: dt.date | None
    bands: tuple[Band, ...]
    steps: tuple[Step, ...]
    inputs: tuple[Input, ...]
    formula_zh: str
    formula_en: str
    eligible_by: Source | None = None

    @property
    def is_due(self) -> bool:
        """Whether there is something to give."""
        return bool(self.amount_yuan)


def reckon(rule: RewardRule, cases: Iterable[Case], *, on: dt.date) -> tuple[Reckoning, ...]:
    """Every case as of a day. Raises: NotInForce; FactsError with every fact that cannot be taken; RuleError where a number has no end."""
    if on < rule.begins_on or (rule.ends_on is not None and on >= rule.ends_on):
        raise NotInForce(f"{rule.code}: {rule.begins_on} – {rule.ends_on or '…'}, not {on}")
    faults: list[FactFault] = []
    told = [(case, _typed(rule, case, faults)) for case in cases]
    if faults:
        raise FactsError(faults)
    with limits.told_of(rule.code):
        return tuple(_alone(rule, [(case, _case(rule.awards[case.award], case, facts, on)) for case, facts in told]))


Typed = tuple[Mapping[str, Anything], Mapping[str, tuple[Row, ...]]]


def _typed(rule: RewardRule, case: Case, faults: list[FactFault]) -> Typed:
    if case.award not in rule.awards:
        faults.append(FactFault(case.place, case.recipient, "award", case.award, _awards(rule)))
    given = Given(case.recipient, (), case.facts, case.records, case.place)
    return facts_of(rule, given, faults), records_of(rule, given, faults)


def _awards(rule: RewardRule) -> Expected:
    return Expected.one_of("本办法的奖励", "an award of the document", rule.awards)


def _case(award: Award, case: Case, typed: Typed, on: dt.date) -> Reckoning:
    facts, records = typed
    at = Context(case.recipient, on, facts, records, Group())
    at.group.units.append(at)
    excluded, missing = _excluded(award, case, at)
    steps: list[Step] = []
    amount = _amount(award, case, at, steps)
    names = missing | (amount.names if isinstance(amount, Missing) else frozenset())
    made = Fraction(0) if isinstance(amount, Missing | NotApplicable) else amount
    if not names and made:
        outdone, lacking = _outdone(award, case, at, made)
        excluded, names = (*excluded, *outdone), names | lacking
    if isinstance(amount, NotApplicable) and not excluded:
        excluded = (Excluded(Out.CONDITION, amount.why),)
    due = Fraction(0) if excluded else None if names else made
    is_blocked = award.is_tied_to_tax and not case.review.strip()
    return Reckoning(
        award.code, case.recipient, award.to, due, tuple(sorted(names)), tuple(excluded), (Blocked.TAX_REVIEW,) if is_blocked else (),
        _apply_by(award, case, at), tuple(_bands(award, at)), tuple(steps), tuple(_inputs(award, case, at)),
        award.formula.words("zh"), money.in_english(award.formula.words("en")), award.eligible_by,
    )  # fmt: skip


# --- who may get it ---------------------------------------------------------------------------------------------------------------------
def _excluded(award: Award, case: Case, at: Context) -> tuple[tuple[Excluded, ...], frozenset[str]]:
    """Reasons that stand, and what would have to be known to say whether others do."""
    found: list[Excluded] = []
    names: set[str] = set()
    by_registration = _by_registration(award, case)
    for reasons, lacking in (_by_person(award, case), by_registration, _by_share(case, by_registration), _by_term(award, case, at)):
        found += reasons
        names |= lacking
    if award.when is not None:
        holds = award.when.holds(at)
        if isinstance(holds, Missing):
            names |= holds.names
        elif holds is not True:
            found.append(Excluded(Out.CONDITION, *unmet(award.when, at)))
    return tuple(found), frozenset(names)


Verdict = tuple[list[Excluded], set[str]]


def _by_person(award: Award, case: Case) -> Verdict:
    """Civil servants and staff get nothing for bringing a firm, unless the document cites the rule that lets them; officers are such."""
    if award.eligible_by is not None or award.to is To.UNITS:
        return [], set()
    if award.to is To.OFFICERS:
        return [Excluded(Out.STAFF)], set()
    if case.is_staff is False:
        return [], set()
    return ([Excluded(Out.STAFF)], set()) if case.is_staff else ([], {"is_staff"})


def _by_registration(award: Award, case: Case) -> Verdict:
    """Registered on the lead before the contract was signed, or nothing."""
    if award.to not in NEEDS_REGISTRATION:
        return [], set()
    if case.is_registered is False:
        return [Excluded(Out.NOT_REGISTERED)], set()
    lacking = {name for name, day in (("registered_on", case.registered_on), ("signed_on", case.signed_on)) if day is None}
    if lacking:
        return [], lacking
    assert case.registered_on is not None
    assert case.signed_on is not None
    is_late = case.registered_on >= case.signed_on
    return ([Excluded(Out.REGISTERED_LATE, f"{case.registered_on} ≥ {case.signed_on}")] if is_late else []), set()


def _by_share(case: Case, by_registration: Verdict) -> Verdict:
    """Those who were registered before fill the whole, so that nothing is left for this one."""
    return ([Excluded(Out.NO_SHARE)], set()) if case.share == 0 and not by_registration[0] else ([], set())


def _by_term(award: Award, case: Case, at: Context) -> Verdict:
    if award.term is None:
        return [], set()
    last = _apply_by(award, case, at)
    if last is None:
        return [], {award.term.after or "signed_on"}
    day = case.applied_on or at.on
    return ([Excluded(Out.LAPSED, f"{day} > {last}")] if day > last else []), set()


def _apply_by(award: Award, case: Case, at: Context) -> dt.date | None:
    if award.term is None:
        return None
    event_on = at.facts.get(award.term.after) if award.term.after else case.signed_on
    return award.term.last_day(event_on) if isinstance(event_on, dt.date) else None


# --- how much ---------------------------------------------------------------------------------------------------------------------------
def _amount(award: Award, case: Case, at: Context, steps: list[Step]) -> Fraction | Missing | NotApplicable:
    """Computed, raised, capped, shared, rounded: in this order. Never below nothing."""
    found = number(award.formula, at)
    if not isinstance(found, Fraction):
        return found
    found = max(found, Fraction(0))
    steps.append(Step("computed", award.formula.words("zh"), money.in_english(award.formula.words("en")), found))
    for one in award.raises:
        holds = one.when.holds(at)
        if isinstance(holds, Missing):
            return holds
        if holds is True:
            found *= 1 + one.by_share
            steps.append(Step("raised", one.zh, one.en, found))
    limit = number(award.at_most, at) if award.at_most is not None else found
    if not isinstance(limit, Fraction):
        return limit
    if limit < found:
        assert award.at_most is not None
        found = limit
        steps.append(Step("capped", award.at_most.words("zh"), money.in_english(award.at_most.words("en")), found))
    if case.share is None:
        return Missing.of("shares")
    if case.share not in (0, 1):  # of no share nothing is due, for a reason that is told, and no step
        found *= case.share
        said = f"{money.written(case.share * 100, 4)} %"
        steps.append(Step("shared", said, said, found))
    return _rounded(award, found, steps)


def _rounded(award: Award, found: Fraction, steps: list[Step]) -> Fraction:
    if award.rounding is None:
        return found
    made = money.rounded(found / award.unit.scale, award.rounding.digits, award.rounding.how) * award.unit.scale
    if made != found:
        steps.append(Step("rounded", award.rounding.words("zh"), award.rounding.words("en"), made))
    return made


def _outdone(award: Award, case: Case, at: Context, made: Fraction) -> tuple[tuple[Excluded, ...], frozenset[str]]:
    """Of two awards that are not given beside each other one stands; of equal ones the other, which is there already."""
    found: list[Excluded] = []
    names: frozenset[str] = frozenset()
    for other in award.others:
        value = number(other.amount, at)
        if isinstance(value, Missing):
            names |= value.names
        elif isinstance(value, Fraction) and value >= made:
            found.append(_not_stacked(award, other.zh, other.en, value))
    for one in case.beside:
        if one.is_granted or (award.keep is Keep.FIRST and one.is_before and one.amount_yuan):
            found.append(_not_stacked(award, one.zh, one.en, one.amount_yuan))
        elif one.amount_yuan is None and (award.keep is Keep.HIGHEST or one.is_before):
            names |= {"beside"}
        elif award.keep is Keep.HIGHEST and one.amount_yuan and (one.amount_yuan, one.is_before) > (made, False):
            found.append(_not_stacked(award, one.zh, one.en, one.amount_yuan))
    return tuple(found), names


def _not_stacked(award: Award, zh: str, en: str, yuan: Fraction | None) -> Excluded:
    """Which other award stands, with its amount."""
    if yuan is None:
        return Excluded(Out.NOT_STACKED, zh, en)
    said = f"{zh} {money.written(yuan / award.unit.scale, 6)}{award.unit.zh}"
    return Excluded(Out.NOT_STACKED, said, f"{en} {money.written(yuan, 2)} yuan")


def _alone(rule: RewardRule, told: list[tuple[Case, Reckoning]]) -> Iterator[Reckoning]:
    """Of awards of one recipient that share a word one stands: the highest, of equal ones the first written; or that claimed first."""
    order = list(rule.awards)
    for case, one in told:
        award = rule.awards[one.award]
        rivals = [
            (rival, other) for rival, other in told
            if other is not one and other.recipient == one.recipient and award.one_of and rule.awards[other.award].one_of == award.one_of
        ]  # fmt: skip
        if award.keep is Keep.FIRST:
            rivals = [(rival, other) for rival, other in rivals if _is_before(rival, case)]
        unknown = [other for _rival, other in rivals if other.amount_yuan is None and not other.excluded]
        better = [
            other for _rival, other in rivals
            if one.amount_yuan and other.amount_yuan and (
                award.keep is Keep.FIRST
                or (other.amount_yuan, -order.index(other.award)) > (one.amount_yuan, -order.index(one.award))
            )
        ]  # fmt: skip
        if better:
            outdone_by = rule.awards[better[0].award]
            reason = _not_stacked(award, outdone_by.zh, outdone_by.en, better[0].amount_yuan)
            yield replace(one, amount_yuan=Fraction(0), excluded=(*one.excluded, reason))
        elif unknown and one.amount_yuan:
            names = {name for other in unknown for name in other.missing}
            yield replace(one, amount_yuan=None, missing=tuple(sorted(names | set(one.missing))))
        else:
            yield one


def _is_before(rival: Case, case: Case) -> bool:
    """Whether one was claimed before the other; on one day, as they stand."""
    return (rival.applied_on or dt.date.max, rival.place) < (case.applied_on or dt.date.max, case.place)


# --- what it rests on -------------------------------------------------------------------------------------------------------------------
def _bands(award: Award, at: Context) -> Iterator[Band]:
    """The bands of the progressive rates in the computation, where there are such."""
    for node in award.formula.all():
        if isinstance(node, Progressive):
            amount = number(node.of, at)
            if not isinstance(amount, Fraction):
                continue
            for (low, high), rate in zip(node.bounds, node.rates, strict=True):
                part = max(Fraction(0), (amount if high is None else min(amount, high)) - (low or Fraction(0)))
                yield Band(low or Fraction(0), high, rate, part, part * rate)


def _parts(award: Award) -> Iterator[Node | Condition]:
    parts = (award.formula, award.when, award.at_most, *(one.when for one in award.raises), *(one.amount for one in award.others))
    yield from (one for one in parts if one is not None)


def looked_at(award: Award) -> frozenset[str]:
    """The names of the facts that an award looks at, that of its last day among them; the others of its document do not concern it."""
    named = {node.name for top in _parts(award) for node in top.all() if isinstance(node, Fact)}
    return frozenset(named | ({award.term.after} if award.term and award.term.after else set()))


def _inputs(award: Award, case: Case, at: Context) -> Iterator[Input]:
    for number_of, one in enumerate(case.beside, 1):
        said = "" if one.amount_yuan is None else money.written(one.amount_yuan / award.unit.scale, 6)
        yield Input(f"beside_{number_of}", one.zh, one.en, said, award.unit.zh, one.amount_yuan is None, award.unit.en)
    seen: set[str] = set()
    for top in _parts(award):
        for node in top.all():
            if isinstance(node, Fact) and node.name not in seen:
                seen.add(node.name)
                yield _input(node, at)
            elif isinstance(node, Records) and node.of[0] not in seen:
                name, zh, en = node.of
                seen.add(name)
                rows = at.records.get(name)
                unit = money.UNITS["count"]
                yield Input(name, zh, en, "" if rows is None else str(len(rows)), unit.zh, rows is None, unit.en)


def _input(node: Fact, at: Context) -> Input:
    value, unit, unit_en = node.value(at), node.unit.zh if node.unit else "", node.unit.en if node.unit else ""
    if isinstance(value, Missing | NotApplicable):
        return Input(node.name, node.zh, node.en, getattr(value, "why", ""), unit, isinstance(value, Missing), unit_en)
    if isinstance(value, bool):
        return Input(node.name, node.zh, node.en, "是" if value else "否", "", False)
    if isinstance(value, str | dt.date):
        return Input(node.name, node.zh, node.en, str(value), "", False)
    scale = node.unit.scale if node.unit else Fraction(1)
    return Input(node.name, node.zh, node.en, money.written(fraction(value) / scale), unit, False, unit_en)
