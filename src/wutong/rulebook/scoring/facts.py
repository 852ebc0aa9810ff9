"""Plain facts of units (数据) as a rule declares them: numbers, words, days; what is missing stays so."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Protocol

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.formulas.values import Anything, Missing, NotApplicable, Row
from wutong.rulebook.scoring.shape import ScoringRule

NOT_APPLICABLE = frozenset({"不适用", "n/a", "na", "not applicable", "—", "--"})
YES = {"是": True, "yes": True, "true": True, "1": True, "有": True, "否": False, "no": False, "false": False, "0": False, "无": False}
Raw = str | int | float | bool | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody hands in about a unit. `place`: where it stands, for messages; `groups`: code of a group with its share of the time."""

    unit: str
    groups: tuple[tuple[str, Fraction], ...]
    facts: Mapping[str, Raw] = field(default_factory=dict)
    records: Mapping[str, Sequence[Mapping[str, Raw]]] = field(default_factory=dict)
    place: int = 0


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The facts of a unit, typed."""

    unit: str
    groups: tuple[tuple[str, Fraction], ...]
    facts: Mapping[str, Anything]
    records: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True, order=True)
class FactFault:
    """A fact that cannot be taken: row, unit, field, value, and what was expected."""

    place: int
    unit: str
    field: str
    value: str
    expected: str


class Declares(Protocol):
    """A rule that declares facts and records."""

    @property
    def facts(self) -> Mapping[str, Declared]:
        """By name."""

    @property
    def records(self) -> Mapping[str, DeclaredRecords]:
        """By name."""


class FactsError(Exception):
    """Facts that cannot be used, with every fault."""

    def __init__(self, faults: Iterable[FactFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{one.place}: {one.unit}, {one.field}: {one.value!r}; expected {one.expected}" for one in self.faults))


def typed(rule: ScoringRule, given: Iterable[Given]) -> tuple[UnitFacts, ...]:
    """All facts, typed as the rule declares them. Raises: FactsError with every fault."""
    faults: list[FactFault] = []
    found, seen = [], dict[str, int]()
    for one in given:
        if one.unit in seen:
            faults.append(FactFault(one.place, one.unit, "unit", one.unit, f"each unit once; row {seen[one.unit]} names it too"))
        seen.setdefault(one.unit, one.place)
        for code, _share in one.groups:
            if code not in rule.groups:
                faults.append(FactFault(one.place, one.unit, "group", code, ", ".join(rule.groups)))
        if sum(share for _code, share in one.groups) != 1:
            shares = " + ".join(str(share) for _code, share in one.groups)
            faults.append(FactFault(one.place, one.unit, "groups", shares, "shares of the year that add up to 1"))
        found.append(UnitFacts(one.unit, one.groups, facts_of(rule, one, faults), records_of(rule, one, faults)))
    if faults:
        raise FactsError(faults)
    return tuple(found)


def facts_of(rule: Declares, given: Given, faults: list[FactFault]) -> dict[str, Anything]:
    """The facts of a unit, typed as declared; what cannot be taken goes into `faults`."""
    titles = {one.zh: name for name, one in rule.facts.items()}
    found: dict[str, Anything] = {}
    for name, raw in given.facts.items():
        told = rule.facts.get(name) or rule.facts.get(titles.get(name, ""))
        if told is None:
            near = ", ".join(difflib.get_close_matches(name, rule.facts, 3)) or ", ".join(list(rule.facts)[:12])
            faults.append(FactFault(given.place, given.unit, name, str(raw), f"a fact that the rule declares: {near}"))
            continue
        try:
            value = read(told, raw)
        except ValueError as error:
            faults.append(FactFault(given.place, given.unit, told.name, str(raw), str(error)))
        else:
            found |= {told.name: value} if value is not None else {}
    return found


def records_of(rule: Declares, given: Given, faults: list[FactFault]) -> dict[str, tuple[Row, ...]]:
    """The records of a unit, typed as declared; what cannot be taken goes into `faults`."""
    titles = {one.zh: name for name, one in rule.records.items()}
    found: dict[str, tuple[Row, ...]] = {}
    for name, rows in given.records.items():
        told = rule.records.get(name) or rule.records.get(titles.get(name, ""))
        if told is None:
            expected = f"records that the rule declares: {', '.join(rule.records) or '-'}"
            faults.append(FactFault(given.place, given.unit, name, f"{len(rows)} rows", expected))
            continue
        found[told.name] = tuple(_row(told, row, given, number, faults) for number, row in enumerate(rows, 1))
    return found


def _row(told: DeclaredRecords, row: Mapping[str, Raw], given: Given, number: int, faults: list[FactFault]) -> Row:
    known = {one.name for one in told.fields} | {one.zh for one in told.fields}
    for name in row.keys() - known:
        expected = f"a field of {told.name}: {', '.join(one.name for one in told.fields)}"
        faults.append(FactFault(given.place, given.unit, f"{told.name}[{number}].{name}", str(row[name]), expected))
    made: list[Anything] = []
    for one in told.fields:
        raw = row.get(one.name, row.get(one.zh))
        try:
            value = read(one, raw)
        except ValueError as error:
            faults.append(FactFault(given.place, given.unit, f"{told.name}[{number}].{one.name}", str(raw), str(error)))
            value = None
        made.append(Missing.of(one.name) if value is None else value)
    return tuple(made)


def read(told: Declared, raw: Raw) -> Anything | None:
    """One value as it is declared; None where there is none. Raises: ValueError with what was expected."""
    text = raw.strip() if isinstance(raw, str) else raw
    if text is None or text == "":
        return None
    if isinstance(text, str) and text.lower() in NOT_APPLICABLE:
        return NotApplicable(text)
    match told.kind:
        case "number":
            return _number(told, text)
        case "date":
            return _day(text)
        case "yes_no":
            found = text if isinstance(text, bool) else YES.get(str(text).lower())
            if found is None:
                raise ValueError("yes or no (是、否)")
            return found
        case _:
            return str(text)


def _number(told: Declared, raw: Raw) -> Anything:
    """A number in the unit declared, or one with its own unit behind it (1.2亿, 80%)."""
    assert told.unit is not None
    expected = f"a number in {told.unit.zh or told.unit.code or 'digits'}, such as 12.5"
    if isinstance(raw, bool | dt.date):
        raise ValueError(expected)  # noqa: TRY004 - a fault of the file, told with its place
    if isinstance(raw, str):
        found = money.quantity(raw.replace("\uff0c", ","))
        if found is None:
            raise ValueError(expected)
        amount, unit = found
        if unit.code == "number":
            return _scaled(amount, told.unit)
        if unit.dimensions != told.unit.dimensions:
            raise ValueError(expected)
        return _kept(amount)
    try:
        number = Decimal(str(raw))
    except InvalidOperation as error:
        raise ValueError(expected) from error
    if not number.is_finite():
        raise ValueError(expected)
    return _scaled(Fraction(number), told.unit)


def _scaled(amount: Fraction, unit: money.Unit) -> Anything:
    return _kept(amount * unit.scale)


def _kept(amount: Fraction) -> Anything:
    """A whole number or a decimal where it is one, for these compare quickly."""
    if amount.denominator == 1:
        return amount.numerator
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact if Fraction(exact) == amount else amount


def _day(raw: Raw) -> dt.date:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = str(raw).strip().replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        return dt.date(*(int(part) for part in text.split("-")))
    except (ValueError, TypeError) as error:
        raise ValueError("a day such as 2026-03-31") from error
