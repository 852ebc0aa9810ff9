"""Plain facts of units (数据) as a rule declares them: numbers, words, days; what is missing stays so."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Protocol

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Declared
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.formulas.values import Anything, Missing, NotApplicable, Row
from wutong.rulebook.scoring.shape import ScoringRule

NOT_APPLICABLE = frozenset({"不适用", "n/a", "na", "not applicable", "—", "——", "--"})
MISSING = frozenset({"缺失", "缺报", "缺数据", "missing"})
"""As an empty cell: nobody has handed it in. A text of the rule's own cannot be one of these words."""
UNCLEAR = frozenset({"-", "/", "\\", "－", "无", "暂无", "null", "none"})
"""Signs that some write for zero, some for nothing and some for what does not apply."""
TOTALS = re.compile(r"(?:全[市县区省州盟]|全部|各[市县区]|各单位)?(?:合计|总计|小计|平均|平均值|均值|总和)")
SHARES_OF_ONE = frozenset({"percent", "permille"})
YES = {"是": True, "yes": True, "true": True, "1": True, "有": True, "否": False, "no": False, "false": False, "0": False, "无": False}
Raw = str | int | float | bool | Decimal | dt.date | None
Reads = Callable[[Raw], Anything | None]
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
"""A number as most are written, short enough to be moved by powers of ten without a fraction."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody hands in about a unit. `groups`: code of a group with its share of the time.

    `place`: the row in which it stands, for messages, 0 where it has none; `places`: the sheet of some records and the row of each.
    """

    unit: str
    groups: tuple[tuple[str, Fraction], ...]
    facts: Mapping[str, Raw] = field(default_factory=dict)
    records: Mapping[str, Sequence[Mapping[str, Raw]]] = field(default_factory=dict)
    place: int = 0
    places: Mapping[str, tuple[str, Sequence[int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The facts of a unit, typed."""

    unit: str
    groups: tuple[tuple[str, Fraction], ...]
    facts: Mapping[str, Anything]
    records: Mapping[str, tuple[Row, ...]]


DAY = Expected("日期，如 2026-03-31", "a day such as 2026-03-31")
NUMBER = Expected("数，如 12.5", "a number, such as 12.5")
SHORT = Expected(f"不超过 {money.LONGEST} 位的数", f"a number of {money.LONGEST} digits at most")
YES_NO = Expected("是或者否", "yes or no (是、否)")
SHARES = Expected("各组所占时间，合计为 1", "shares of the year that add up to 1")
NO_TOTAL = Expected("一个单位；合计、平均不是单位，请删去这一行", "a unit; a total or mean is none: delete the row")
EMPTY = Expected("；没有数据就空着，不适用写“不适用”", "; leave it empty where there is none, write n/a where it does not apply")


_LARGEST_BITS = 200


class UnreadableError(ValueError):
    """A value that is not what a fact is declared as."""

    def __init__(self, expected: Expected) -> None:
        super().__init__(expected.en)
        self.expected = expected


@dataclass(frozen=True, slots=True, order=True)
class FactFault:
    """A fact that cannot be taken: row, unit, field, value, and what was expected."""

    place: int
    unit: str
    field: str
    value: str
    expected: Expected

    def say(self, lang: str = "zh") -> str:
        """The whole, on one line."""
        if lang == "zh":
            return f"{f'第 {self.place} 行 ' if self.place else ''}{self.unit}，{self.field}：“{self.value}” → 应为{self.expected.zh}"
        return f"{f'{self.place}: ' if self.place else ''}{self.unit}, {self.field}: {self.value!r}; expected {self.expected.en}"


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
        super().__init__(self.say("en"))

    def say(self, lang: str = "zh") -> str:
        """Every fault on a line of its own."""
        return "\n".join(one.say(lang) for one in self.faults)


def typed(rule: ScoringRule, given: Iterable[Given]) -> tuple[UnitFacts, ...]:
    """All facts, typed as the rule declares them. Raises: FactsError with every fault."""
    faults: list[FactFault] = []
    found, seen = [], dict[str, int]()
    for one in given:
        name = "".join(one.unit.split())  # 甲 县 is 甲县
        if TOTALS.fullmatch(name):
            faults.append(FactFault(one.place, one.unit, "unit", one.unit, NO_TOTAL))
        if name in seen:
            faults.append(FactFault(one.place, one.unit, "unit", one.unit, _once(seen[name])))
        seen.setdefault(name, one.place)
        for code, _share in one.groups:
            if code not in rule.groups:
                expected = Expected.one_of("规则的一个分组", "a group of the rule", rule.groups)
                faults.append(FactFault(one.place, one.unit, "group", code, expected))
        if sum(share for _code, share in one.groups) != 1:
            shares = " + ".join(str(share) for _code, share in one.groups)
            faults.append(FactFault(one.place, one.unit, "groups", shares, SHARES))
        found.append(UnitFacts(one.unit, one.groups, facts_of(rule, one, faults), records_of(rule, one, faults)))
    if faults:
        raise FactsError(faults)
    return tuple(found)


def _once(row: int) -> Expected:
    if not row:
        return Expected("每个单位只写一次", "each unit once")
    return Expected(f"每个单位只写一次，第 {row} 行已有", f"each unit once; row {row} names it too")


def facts_of(rule: Declares, given: Given, faults: list[FactFault]) -> dict[str, Anything]:
    """The facts of a unit, typed as declared; what cannot be taken goes into `faults`."""
    titles = {one.zh: name for name, one in rule.facts.items()}
    found: dict[str, Anything] = {}
    typed_as: dict[str, str] = {}
    for name, raw in given.facts.items():
        told = rule.facts.get(name) or rule.facts.get(titles.get(name, ""))
        if told is None:
            near = difflib.get_close_matches(name, [*rule.facts, *titles], 3) or list(rule.facts)[:12]
            expected = Expected.one_of("规则声明的数据项", "a fact that the rule declares", near)
            faults.append(FactFault(given.place, given.unit, name, _shown(raw), expected))
            continue
        if told.name in typed_as:
            other = typed_as[told.name]
            expected = Expected(f"每项数据只写一次，“{other}”已是这一项", f"each fact once; {other!r} is the same")
            faults.append(FactFault(given.place, given.unit, name, _shown(raw), expected))
            continue
        typed_as[told.name] = name
        try:
            value = read(told, raw)
        except UnreadableError as error:
            faults.append(FactFault(given.place, given.unit, name, _shown(raw), error.expected))
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
            expected = Expected.one_of("规则声明的记录", "records that the rule declares", rule.records)
            faults.append(FactFault(given.place, given.unit, name, f"{len(rows)} rows", expected))
            continue
        found[told.name] = _rows(told, name, rows, given, faults)
    return found


def _shown(raw: Raw) -> str:
    """A value as it stands in a message."""
    text = "…" if isinstance(raw, int) and raw.bit_length() > _LARGEST_BITS else str(raw)
    return text if len(text) <= 90 else f"{text[:89]}…"


def _rows(told: DeclaredRecords, named: str, rows: Sequence[Mapping[str, Raw]], given: Given, faults: list[FactFault]) -> tuple[Row, ...]:
    """Rows in the order of the declared fields; what cannot be taken goes into `faults`."""
    known = frozenset({one.name for one in told.fields} | {one.zh for one in told.fields})
    columns = [(one.name, one.zh, reader(one), Missing.of(f"{told.name}.{one.name}")) for one in told.fields]
    found: list[Row] = []
    for number, row in enumerate(rows, 1):
        if not known.issuperset(row):
            expected = Expected.one_of(f"{told.zh}的字段", f"a field of {told.name}", (one.name for one in told.fields))
            place, at = _where(given, told, named, number)
            faults += [FactFault(place, given.unit, f"{at}.{name}", _shown(row[name]), expected) for name in row if name not in known]
        made: list[Anything] = []
        for name, title, reads, missing in columns:
            raw = row[name] if name in row else row.get(title)
            try:
                value = reads(raw)
            except UnreadableError as error:
                place, at = _where(given, told, named, number)
                faults.append(FactFault(place, given.unit, f"{at}.{name if name in row else title}", _shown(raw), error.expected))
                value = None
            made.append(missing if value is None else value)
        found.append(tuple(made))
    return tuple(found)


def _where(given: Given, told: DeclaredRecords, named: str, number: int) -> tuple[int, str]:
    """(row, sheet) of a record of a file that has them, else its number among the records of the unit."""
    sheet, rows = given.places.get(told.name, ("", ()))
    return (rows[number - 1], sheet) if rows else (given.place, f"{named}[{number}]")


def reader(told: Declared) -> Reads:
    """What reads the values of a fact or field, the usual ones quickly.

    Why: a ledger has hundreds of thousands of plain numbers and days; going through fractions and patterns took most of the time.
    """
    if told.kind == "date":
        return lambda raw: raw if type(raw) is dt.date else read(told, raw)
    places = _power_of_ten(told.unit.scale) if told.kind == "number" and told.unit is not None else None
    if places is None:
        return lambda raw: read(told, raw)

    def number(raw: Raw) -> Anything | None:
        kind = type(raw)
        text = (
            raw
            if kind is str
            else str(raw)
            if isinstance(raw, int) and kind is int and raw.bit_length() < 64
            else str(raw)
            if kind is Decimal
            else ""
        )
        return moved(text, places) if _PLAIN.fullmatch(text) else read(told, raw)  # type: ignore[arg-type]

    return number


def moved(text: str, places: int) -> int | Decimal:
    """A plainly written number times so many powers of ten, exactly: whole where it comes to a whole number."""
    before, _point, behind = text.partition(".")
    places -= len(behind)
    digits = int(before + behind)
    if places >= 0:
        return digits * int(10**places)
    whole, rest = divmod(digits, 10**-places)
    return whole if not rest else Decimal(f"{digits}E{places}")


def _power_of_ten(scale: Fraction) -> int | None:
    """Which power of ten it is; None where it is none."""
    above, below = len(str(scale.numerator)) - 1, len(str(scale.denominator)) - 1
    return above - below if scale == Fraction(10) ** (above - below) else None


def read(told: Declared, raw: Raw) -> Anything | None:
    """One value as it is declared; None where there is none. Raises: UnreadableError, a ValueError, with what was expected."""
    text = raw.strip() if isinstance(raw, str) else raw
    if text is None or text == "":
        return None
    if isinstance(text, str) and text.lower() in NOT_APPLICABLE:
        return NotApplicable(text)
    if isinstance(text, str) and text.lower() in MISSING:
        return None
    try:
        return _typed(told, text)
    except UnreadableError as error:
        if isinstance(text, str) and text.lower() in UNCLEAR:
            raise UnreadableError(Expected(error.expected.zh + EMPTY.zh, error.expected.en + EMPTY.en)) from error
        raise


def _typed(told: Declared, text: str | int | float | Decimal | dt.date) -> Anything:
    match told.kind:
        case "number":
            return _number(told, text)
        case "date":
            return _day(text)
        case "yes_no":
            found = text if isinstance(text, bool) else YES.get(str(text).lower())
            if found is None:
                raise UnreadableError(YES_NO)
            return found
        case _:
            return str(text)


def _number(told: Declared, raw: Raw) -> Anything:
    """A number in the unit declared, or one with its own unit behind it (1.2亿, 80%)."""
    assert told.unit is not None
    unit = told.unit
    in_en = unit.zh if unit.en == unit.zh else f"{unit.zh} ({unit.en})"
    expected = Expected(f"以{unit.zh}计的数，如 12.5", f"a number in {in_en}, such as 12.5") if unit.zh else NUMBER
    if isinstance(raw, bool | dt.date):
        raise UnreadableError(expected)
    if isinstance(raw, str):
        found = money.quantity(raw.replace("\uff0c", ","))
        if found is None:
            raise UnreadableError(SHORT if len(raw) > money.LONGEST else expected)
        amount, written = found
        if written.code == "number":
            return _scaled(amount, unit)
        is_share = written.code in SHARES_OF_ONE and unit.code not in SHARES_OF_ONE | {"share", "number"}
        if written.dimensions != unit.dimensions or is_share:
            raise UnreadableError(expected)
        return _kept(amount)
    if isinstance(raw, int) and raw.bit_length() > _LARGEST_BITS:
        raise UnreadableError(SHORT)
    try:
        number = Decimal(str(raw))
    except InvalidOperation as error:
        raise UnreadableError(expected) from error
    if not number.is_finite():
        raise UnreadableError(expected)
    if max(abs(number.adjusted()), len(number.as_tuple().digits)) > money.LONGEST:
        raise UnreadableError(SHORT)
    return _scaled(Fraction(number), unit)


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
    except (ValueError, TypeError, OverflowError) as error:
        raise UnreadableError(DAY) from error
