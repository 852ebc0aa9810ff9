"""What a formula gives: an exact number, or that it is missing, or that it does not apply; the three are different things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context as Precision
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction

from wutong.rulebook.formulas.limits import Work, sized, summed


@dataclass(frozen=True, slots=True)
class Missing:
    """A number that cannot be known: the names of the facts that lack (缺数据)."""

    names: frozenset[str]

    @staticmethod
    def of(*names: str) -> Missing:
        """Missing for want of these facts."""
        return Missing(frozenset(names))


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A number that this unit is not measured by (不适用), and why."""

    why: str = ""


Number = int | Decimal | Fraction
"""Facts are whole numbers and decimals, which compare quickly; what is computed is a fraction, so that nothing is rounded early."""
Value = Number | Missing | NotApplicable
Text = str | bool | dt.date
Anything = Number | Missing | NotApplicable | str | bool | dt.date
EXACT = Precision(prec=200, traps=[Inexact])
Row = tuple[Anything, ...]
"""One record of a unit, in the order of the declared fields."""


def state_of(values: Iterable[Anything]) -> Missing | NotApplicable | None:
    """What hinders a computation with all of these; None where nothing does.

    What does not apply goes before what is missing: whatever that may turn out to be, the computation will not apply.
    """
    lacking: list[Missing] = []
    for value in values:
        if type(value) is NotApplicable:
            return value
        if type(value) is Missing:
            lacking.append(value)
    if len(lacking) < 2:
        return lacking[0] if lacking else None
    return Missing(frozenset().union(*(one.names for one in lacking)))


def fraction(value: Anything) -> Fraction:
    """The number as an exact fraction. Raises: TypeError where it is no number: whoever reads a rule lets no text stand for a number."""
    kind = type(value)
    if kind is Fraction:
        return value  # type: ignore[return-value]
    if kind is not int and kind is not Decimal:
        raise TypeError(f"{value!r} is no number")
    return Fraction(value)  # type: ignore[arg-type]


def total(values: Sequence[Number], work: Work, line: int) -> Fraction:
    """The exact sum of many. Decimals are added as such in a context that lets no digit go, for that is quick. Raises: RuleError."""
    if Fraction not in set(map(type, values)):
        with localcontext(EXACT):
            try:
                return Fraction(sum(values))
            except Inexact:  # more digits than the context holds
                pass
    return summed(map(fraction, values), work, line)


@dataclass(slots=True)
class Group:
    """The units that are measured together, what was computed of them once (extremes, ranks, means), and how much work is left."""

    units: list[Context] = field(default_factory=list)
    memory: dict[Hashable, object] = field(default_factory=dict)
    work: Work = field(default_factory=Work)


@dataclass(slots=True)
class Context:
    """One unit on a day as a formula sees it.

    `facts`: by name, in the unit that things are kept in; `records`: rows by name; `row`: the record looked at, while one is. What was
    computed of the unit stands in `memory` by node, so that nothing is computed twice. `passed`: by title of records the places of
    those of which a condition asks for what does not apply, so that they are passed over.
    """

    unit: str
    on: dt.date
    facts: Mapping[str, Anything]
    records: Mapping[str, tuple[Row, ...]]
    group: Group
    row: Row = ()
    memory: dict[int, Anything] = field(default_factory=dict)
    before_rounding: dict[int, Anything] = field(default_factory=dict)
    kept: dict[str, tuple[Row, ...] | Missing | NotApplicable] = field(default_factory=dict)
    said: dict[tuple[type, str], object] = field(default_factory=dict)
    passed: dict[str, set[int]] = field(default_factory=dict)

    def sized(self, value: Anything, line: int) -> Fraction:
        """A number that a formula gave, exactly, and no longer than any rule needs. Raises: RuleError."""
        return sized(fraction(value), self.group.work, line)

    def summed(self, values: Iterable[Fraction], line: int) -> Fraction:
        """The sum of numbers that formulas gave, likewise. Raises: RuleError."""
        return summed(values, self.group.work, line)
