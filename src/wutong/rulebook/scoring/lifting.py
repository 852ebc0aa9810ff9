"""What would move a unit up one place (怎样再进一位): for each of its facts the least change that does it, all else as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Fact, Named, Node
from wutong.rulebook.formulas.values import Anything, Missing, NotApplicable, fraction
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.judging import OF_GROUP, below
from wutong.rulebook.scoring.running import UnitResult, ranked, standings
from wutong.rulebook.scoring.shape import Item, RuleGroup, ScoringRule

FARTHEST = 10
"""How far a fact is tried: ten times what it is, or ten steps from nothing."""
HALVINGS = 40
DIGITS = 3
"""A fact is named to so many digits of its unit, as pages show it, and never less than is needed; counts are whole."""
STEPS = tuple(map(Fraction, ("0.01", "0.03", "0.1", "0.25", "0.5", "0.75", "1", "2", "4", "10")))
"""By what share of itself a fact is tried."""
WHOLE = frozenset({"count", "projects", "firms", "persons", "times", "number"})


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
    """For each number among the unit's facts the least rise, or fall, that gives it a better rank. Raises: KeyError.

    A place shared with the next above is its place too, as the rule ranks equals.

    Why one at a time: the question that a unit asks is "how much more of this", and facts that move together are projects, not numbers.
    """
    own = next((one for one in units if one.unit == unit), None)
    if own is None:
        raise KeyError(unit)
    told = rule.groups[own.groups[-1][0]]
    tried = _Trying(rule, told, units, own, on)
    now = tried.standings(own)
    mine = now[unit]
    better = {name: one.rank for name, one in now.items() if one.rank is not None and mine.rank is not None and one.rank < mine.rank}
    if not better:
        return Lifts(unit, mine.total, "", None)
    above = max(better, key=lambda name: (better[name], name))
    tried.rank = mine.rank or 0
    found = [lift for fact in _facts(told) if (lift := tried.lift(fact)) is not None]
    found.sort(key=lambda one: abs(one.change) / max(abs(one.present), Fraction(1)))
    return Lifts(unit, mine.total, above, now[above].total, tuple(found))


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


def _asks_the_group(rule: ScoringRule, own: UnitFacts) -> bool:
    """Whether the points or vetoes of a unit, or those of the others, or who is ranked, depend on the rest of its groups."""
    groups = [rule.groups[code] for code, _share in own.groups]
    parts = [part for told in groups for part in (*told.items, *(veto.when for veto in told.vetoes))]
    parts += [told.ranking.when for told in groups if told.ranking is not None and told.ranking.when is not None]
    nodes = [node for part in parts for node in below(part.all())]
    return any(isinstance(node, OF_GROUP) or (isinstance(node, Item) and node.missing == "group_mean") for node in nodes)


@dataclass(slots=True)
class _Trying:
    """One unit among others, its facts tried one by one. `rank`: where it stands."""

    rule: ScoringRule
    told: RuleGroup
    units: Sequence[UnitFacts]
    own: UnitFacts
    on: dt.date
    rank: int = 0
    others: tuple[UnitResult, ...] | None = None

    def standings(self, own: UnitFacts) -> dict[str, UnitResult]:
        """Where all stand with the unit's facts so: with vetoes, ties and what decides between them, and a change of group.

        The others are worked out anew only where the rule compares with the group: a year has hundreds of values to try.
        """
        if self.others is not None:
            (mine,) = standings(self.rule, [own], on=self.on, group=self.told.code).values()
            return {one.unit: one for one in ranked(self.told, [*self.others, mine])}
        units = [own if one.unit == own.unit else one for one in self.units]
        found = standings(self.rule, units, on=self.on, group=self.told.code)
        if not _asks_the_group(self.rule, self.own):
            self.others = tuple(one for one in found.values() if one.unit != own.unit)
        return found

    def lift(self, fact: Fact) -> Lift | None:
        """The least change of a fact found that brings the unit up; None where none within reach does."""
        now = self.own.facts.get(fact.name)
        if now is None or isinstance(now, Missing | NotApplicable):
            return None
        scale = fact.unit.scale if fact.unit else Fraction(1)
        start = fraction(now) / scale
        is_whole = fact.unit is not None and fact.unit.code in WHOLE and start.denominator == 1
        short = {True: start, False: start}
        for value in _ladder(start, is_whole=is_whole):
            if self._total(fact, value, scale) is not None:
                needed = self._least(fact, (short[value > start], value), scale, is_whole=is_whole)
                total = self._total(fact, needed, scale)
                assert total is not None
                return Lift(fact.name, fact.zh, fact.en, fact.unit.zh if fact.unit else "", start, needed, total)
            short[value > start] = value
        return None

    def _least(self, fact: Fact, ends: tuple[Fraction, Fraction], scale: Fraction, *, is_whole: bool) -> Fraction:
        """Between a value that does not do and one that does, halving: whole steps for counts, else to three digits."""
        short, enough = ends
        for _each in range(HALVINGS):
            middle = money.rounded((short + enough) / 2, 0 if is_whole else DIGITS, "down")
            if middle in (short, enough):
                break
            if self._total(fact, middle, scale) is not None:
                enough = middle
            else:
                short = middle
        return enough

    def _total(self, fact: Fact, value: Fraction, scale: Fraction) -> Fraction | None:
        """The unit's total with the fact at a value, where it stands higher than now; else None."""
        kept = value * scale
        exact: Anything = kept.numerator if kept.denominator == 1 else kept
        mine = self.standings(replace(self.own, facts={**self.own.facts, fact.name: _as_fact(exact)}))[self.own.unit]
        return mine.total if mine.rank is not None and mine.rank < self.rank else None


def _ladder(start: Fraction, *, is_whole: bool) -> Iterator[Fraction]:
    """The values tried, those near the present one first: more and less by turns, up to ten times of it and down to nothing.

    Why: a form may give more only between two limits, and a fact may count for a unit in one indicator and against it in another.
    """
    size = max(abs(start), Fraction(1))
    seen: set[Fraction] = {start}
    for share in STEPS:
        for value in (start + size * share, start - size * share):
            tried = money.rounded(value, 0 if is_whole else DIGITS, "up" if value > start else "down")
            if tried in seen or (start >= 0 > tried):
                continue
            seen.add(tried)
            yield tried
    if start > 0:
        yield money.rounded(start / FARTHEST, 0 if is_whole else DIGITS, "down")


def _as_fact(value: Anything) -> Anything:
    if isinstance(value, Fraction):
        decimal = Decimal(value.numerator) / Decimal(value.denominator)
        return decimal if Fraction(decimal) == value else value
    return value
