"""What would move a unit up one place (怎样再进一位): for each of its facts the least change that does it, all else as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Fact, Named, Node
from wutong.rulebook.formulas.values import Anything, Context, Group, Missing, NotApplicable, fraction
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.shape import RuleGroup, ScoringRule

FARTHEST = 10
"""How far a fact is tried: ten times what it is, or ten steps from nothing."""
HALVINGS = 24
SAME = Fraction(1, 1000)
"""A fact is found to a thousandth of what it was tried over; counts are whole."""


@dataclass(frozen=True, slots=True)
class Lift:
    """A fact whose change would bring a unit past the next. Units: the fact's own; `total`: points with the change."""

    name: str
    zh: str
    en: str
    unit: str
    present: Fraction
    needed: Fraction
    total: Fraction

    @property
    def change(self) -> Fraction:
        """How much more, or less."""
        return self.needed - self.present


@dataclass(frozen=True, slots=True)
class Lifts:
    """Where a unit stands, who is next above it, and what would bring it past."""

    unit: str
    total: Fraction | None
    above: str
    above_total: Fraction | None
    lifts: tuple[Lift, ...] = ()


def lifts(rule: ScoringRule, units: Sequence[UnitFacts], unit: str, *, on: dt.date) -> Lifts:
    """For each number among the unit's facts the least rise, or fall, that brings it past the next above. Raises: KeyError.

    Why one at a time: the question that a unit asks is "how much more of this", and facts that move together are projects, not numbers.
    """
    own = next((one for one in units if one.unit == unit), None)
    if own is None:
        raise KeyError(unit)
    told = rule.groups[own.groups[-1][0]]
    members = [one for one in units if one.groups[-1][0] == told.code]
    totals = _totals(told, members, on)
    mine = totals.get(unit)
    sign = 1 if told.ranking is None or told.ranking.order == "high_first" else -1
    better = {name: value for name, value in totals.items() if mine is not None and (value - mine) * sign > 0}
    if mine is None or not better:
        return Lifts(unit, mine, "", None)
    above = min(better, key=lambda name: (better[name] * sign, name))
    tried = _Trying(told, members, own, on, above, sign)
    found = [lift for fact in _facts(told) if (lift := tried.lift(fact)) is not None]
    found.sort(key=lambda one: abs(one.change) / max(abs(one.present), Fraction(1)))
    scale = told.total.unit.scale
    return Lifts(unit, mine / scale, above, better[above] / scale, tuple(replace(one, total=one.total / scale) for one in found))


def _facts(told: RuleGroup) -> list[Fact]:
    """The numbers that the indicators of a group rest on, each once; also those behind a name of `values`."""
    found: dict[str, Fact] = {}
    looked_at: set[int] = set()
    open_ones: list[Node] = list(told.items)
    while open_ones:
        for node in open_ones.pop(0).all():
            if isinstance(node, Fact) and node.kind == "number":
                found.setdefault(node.name, node)
            elif isinstance(node, Named) and node.meant is not None and id(node.meant) not in looked_at:
                looked_at.add(id(node.meant))
                open_ones.append(node.meant)
    return list(found.values())


def _totals(
    told: RuleGroup, members: Sequence[UnitFacts], on: dt.date, own: Mapping[str, Mapping[str, Anything]] | None = None
) -> dict[str, Fraction]:
    group = Group()
    for one in members:
        group.units.append(Context(one.unit, on, (own or {}).get(one.unit, one.facts), one.records, group))
    values = {at.unit: told.total.value(at) for at in group.units}
    return {name: fraction(value) for name, value in values.items() if not isinstance(value, Missing | NotApplicable)}


@dataclass(slots=True)
class _Trying:
    """One unit among others, its facts tried one by one."""

    told: RuleGroup
    members: Sequence[UnitFacts]
    own: UnitFacts
    on: dt.date
    above: str
    sign: int

    def lift(self, fact: Fact) -> Lift | None:
        """The least change of a fact that brings the unit past the next; None where none within reach does."""
        now = self.own.facts.get(fact.name)
        if now is None or isinstance(now, Missing | NotApplicable):
            return None
        scale = fact.unit.scale if fact.unit else Fraction(1)
        start = fraction(now) / scale
        for end in _ends(start):
            if self._is_past(fact, end, scale) is not None:
                needed = self._least(fact, (start, end), scale)
                total = self._is_past(fact, needed, scale)
                assert total is not None
                return Lift(fact.name, fact.zh, fact.en, fact.unit.zh if fact.unit else "", start, needed, total)
        return None

    def _least(self, fact: Fact, ends: tuple[Fraction, Fraction], scale: Fraction) -> Fraction:
        """Between a value that does not do and one that does, halving: whole steps for counts, else to a thousandth."""
        short, enough = ends
        is_whole = (
            fact.unit is not None and not fact.unit.dimensions and short.denominator == 1 and fact.unit.code not in ("share", "percent")
        )
        for _each in range(HALVINGS):
            middle = (short + enough) / 2
            middle = money.rounded(middle, 0, "down") if is_whole else money.rounded(middle, 3)
            if middle in (short, enough) or abs(enough - short) <= SAME:
                break
            if self._is_past(fact, middle, scale) is not None:
                enough = middle
            else:
                short = middle
        return enough

    def _is_past(self, fact: Fact, value: Fraction, scale: Fraction) -> Fraction | None:
        """The unit's total with the fact at a value, where it is past the next above; else None."""
        kept = value * scale
        exact: Anything = kept.numerator if kept.denominator == 1 else kept
        facts = {**self.own.facts, fact.name: _as_fact(exact)}
        totals = _totals(self.told, self.members, self.on, {self.own.unit: facts})
        mine, other = totals.get(self.own.unit), totals.get(self.above)
        return mine if mine is not None and other is not None and (mine - other) * self.sign > 0 else None


def _ends(start: Fraction) -> Iterator[Fraction]:
    """How far a fact is tried: more of it, none of it, a tenth of it (a target of nothing is none)."""
    reach = max(abs(start), Fraction(1)) * FARTHEST
    yield start + reach
    if start > 0:
        yield Fraction(0)
        yield start / FARTHEST
    elif start < 0:
        yield start - reach


def _as_fact(value: Anything) -> Anything:
    if isinstance(value, Fraction):
        decimal = Decimal(value.numerator) / Decimal(value.denominator)
        return decimal if Fraction(decimal) == value else value
    return value
