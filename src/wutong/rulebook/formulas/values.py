"""What a formula gives: an exact number, or that it is missing, or that it does not apply; the three are different things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context as Precision
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction


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
    found: Missing | None = None
    for value in values:
        if type(value) is NotApplicable:
            return value
        if type(value) is Missing:
            found = Missing(found.names | value.names) if found is not None else value
    return found


def fraction(value: Anything) -> Fraction:
    """The number as an exact fraction. Raises: TypeError where it is no number: whoever reads a rule lets no text stand for a number."""
    kind = type(value)
    if kind is Fraction:
        return value  # type: ignore[return-value]
    if kind is not int and kind is not Decimal:
        raise TypeError(f"{value!r} is no number")
    return Fraction(value)  # type: ignore[arg-type]


def total(values: Sequence[Number]) -> Fraction:
    """The exact sum of many. Decimals are added as such in a context that lets no digit go, for that is quick."""
    with localcontext(EXACT):
        try:
            return Fraction(sum(values))
        except TypeError:  # fractions among decimals
            return sum(map(fraction, values), Fraction(0))


@dataclass(slots=True)
class Group:
    """The units that are measured together, and what was computed of them once: extremes, ranks, means."""

    units: list[Context] = field(default_factory=list)
    memory: dict[int, object] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """One unit on a day as a formula sees it.

    `facts`: by name, in the unit that things are kept in; `records`: rows by name; `row`: the record looked at, while one is. What was
    computed of the unit stands in `memory` by node, so that nothing is computed twice.
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
