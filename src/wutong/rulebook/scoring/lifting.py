"""What would move a unit up one place (怎样再进一位): for each of its facts the least change that does it, all else as it is."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, islice, takewhile

from wutong.rulebook import money
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.base import Fact, Named, Node
from wutong.rulebook.formulas.records import Records
from wutong.rulebook.formulas.values import Anything, Context, Group, Missing, NotApplicable, fraction
from wutong.rulebook.scoring.facts import UnitFacts
from wutong.rulebook.scoring.judging import OF_GROUP
from wutong.rulebook.scoring.running import UnitResult, has_effect, joined_parts, of_unit, ranked, standings, takes_rank
from wutong.rulebook.scoring.shape import Adding, Item, RuleGroup, ScoringRule

FARTHEST = 10
"""How far a fact is tried: ten times what it is, or ten steps from nothing."""
HALVINGS = 40
DIGITS = 3
"""A fact is named to so many digits of its unit, as pages show it, and never less than is needed; counts are whole."""
STEPS = tuple(map(Fraction, ("0.01", "0.03", "0.1", "0.25", "0.5", "0.75", "1", "2", "4", "10")))
"""By what share of itself a fact is tried."""
KEPT_DIGITS = 8
"""To so many digits a run keeps totals and points."""
MOST_TRIES = 2 * len(STEPS) + HALVINGS // 2 + 2
"""Of one fact, some halvings being spared by the digits."""
MOST_ALONE = 20_000
"""Tries of all facts of a unit together, of 160 facts some four thousand."""
MOST_STEPS = 300_000
"""Work that a page may do for facts by which the group is compared: a few tenths of a second. Units: steps."""
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
    """Where a unit stands, who is next above it, and what would bring it past. `untried`: titles of facts that were not tried."""

    unit: str
    total: Fraction | None
    above: str
    above_total: Fraction | None
    lifts: tuple[Lift, ...] = ()
    untried: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Another unit as a run ranks it. `is_last`: vetoed to the end; `then`: what decides between equals, asked of those alone."""

    unit: str
    total: Fraction
    rank: int
    is_last: bool
    then: Callable[[], tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a unit stands in a run that is kept: total and rank, the others that are ranked in its group, its points by code and line."""

    total: Fraction | None
    rank: int | None
    others: tuple[Placed, ...]
    points: Mapping[tuple[str, int], Anything] = field(default_factory=dict)


def lifts(
    rule: ScoringRule, units: Sequence[UnitFacts], unit: str, *, on: dt.date, only: Collection[str] | None = None,
    most_steps: int = limits.MOST_STEPS,
) -> Lifts:  # fmt: skip
    """For each number among the unit's facts the least rise, or fall, that gives it a better rank. Raises: KeyError, RuleError.

    A place shared with the next above is its place too, as the rule ranks equals. `only`: the facts that are tried, as long as the work
    that is allowed lasts; those left are told. Units: steps of work.

    Why one at a time: the question that a unit asks is "how much more of this", and facts that move together are projects, not numbers.
    """
    own = next((one for one in units if one.unit == unit), None)
    if own is None:
        raise KeyError(unit)
    told = rule.groups[own.groups[-1][0]]
    among = _Among(rule, told, units, own, on, most_steps)
    now = among.standings(own.facts)
    mine = now[unit]
    better = {name: one.rank for name, one in now.items() if one.rank is not None and mine.rank is not None and one.rank < mine.rank}
    if not better:
        return Lifts(unit, mine.total, "", None)
    above = max(better, key=lambda name: (better[name], name))
    wanted = [fact for fact in _facts(told) if only is None or fact.name in only]
    return _tried(Lifts(unit, mine.total, above, now[above].total), _Trying(own, mine.rank or 0, among.total), wanted)


def lifts_kept(
    rule: ScoringRule,
    own: UnitFacts,
    stand: Stand,
    *,
    on: dt.date,
    everybody: Callable[[], Sequence[UnitFacts]],
    most_steps: int = MOST_STEPS,
) -> Lifts:
    """The same beside a run that is kept: from the facts of the unit alone, where the others stand being looked up. Raises: RuleError.

    A fact by which the rule compares the group moves the points of the others too. Those are tried among `everybody`, asked for only where
    the board is so small that the work allowed suffices for one; what is not tried is told.
    """
    better = [one for one in stand.others if stand.rank is not None and one.rank < stand.rank]
    if stand.rank is None or not better:
        return Lifts(own.unit, stand.total, "", None)
    above = max(better, key=lambda one: (one.rank, one.unit))
    with limits.told_of(rule.file):
        alone = _Alone(rule, own, stand, on)
        facts = _facts(alone.told)
        found = Lifts(own.unit, stand.total, above.unit, above.total)
        found = _tried(found, _Trying(own, stand.rank, alone.total), [one for one in facts if one.name not in alone.of_group])
    left = [one for one in facts if one.name in alone.of_group and one.name in own.facts]
    if not left:
        return found
    if (len(stand.others) + 1) * alone.told.size * MOST_TRIES > most_steps:
        return replace(found, untried=tuple((one.zh, one.en) for one in left))
    more = lifts(rule, everybody(), own.unit, on=on, only={one.name for one in left}, most_steps=most_steps)
    return replace(found, lifts=_nearest((*found.lifts, *more.lifts)), untried=more.untried)


def _tried(found: Lifts, trying: _Trying, facts: Iterable[Fact]) -> Lifts:
    made, untried = list[Lift](), list[tuple[str, str]]()
    for fact in facts:
        try:
            lift = trying.lift(fact)
        except _WorkDone:
            untried.append((fact.zh, fact.en))
            continue
        if lift is not None:
            made.append(lift)
    return replace(found, lifts=_nearest(made), untried=tuple(untried))


def _nearest(found: Iterable[Lift]) -> tuple[Lift, ...]:
    return tuple(sorted(found, key=lambda one: abs(one.change) / max(abs(one.present), Fraction(1))))


def _facts(told: RuleGroup) -> list[Fact]:
    """The numbers that the indicators of a group rest on, each once; also those behind a name of `values`."""
    found: dict[str, Fact] = {}
    for node in _behind(told.items):
        if isinstance(node, Fact) and node.kind == "number":
            found.setdefault(node.name, node)
    return list(found.values())


def _behind(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes with all that they rest on, each once; also what stands behind names, indicators too."""
    seen: set[int] = set()
    open_ones = deque(nodes)
    while open_ones:
        for node in open_ones.popleft().all():
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                if isinstance(node, Named) and node.meant is not None:
                    open_ones.append(node.meant)


def _reads(node: Node, name: str) -> bool:
    """Whether a node rests on a fact."""
    return any(isinstance(one, Fact) and one.name == name for one in _behind((node,)))


def _compares(node: Node) -> bool:
    """Whether a node looks at the rest of the group."""
    return isinstance(node, OF_GROUP) or (isinstance(node, Item) and node.missing == "group_mean")


def _asks_the_group(rule: ScoringRule, own: UnitFacts) -> bool:
    """Whether the points or vetoes of a unit, or those of the others, or who is ranked, depend on the rest of its groups."""
    groups = [rule.groups[code] for code, _share in own.groups]
    return any(_compares(node) for told in groups for node in _behind((*told.items, *_conditions(told))))


def _conditions(told: RuleGroup) -> list[Node]:
    """What befalls a unit beside its points: vetoes, and whether it is ranked."""
    when = told.ranking.when if told.ranking is not None else None
    return [*(veto.when for veto in told.vetoes), *([when] if when is not None else [])]


class _WorkDone(Exception):  # noqa: N818 - what it is, not what went wrong
    """The work that is allowed is done."""


@dataclass(slots=True)
class _Among:
    """One unit among others that are worked out with it, whatever the rule compares. `left`: how much work is allowed. Units: steps."""

    rule: ScoringRule
    told: RuleGroup
    units: Sequence[UnitFacts]
    own: UnitFacts
    on: dt.date
    left: int
    others: tuple[UnitResult, ...] | None = None

    def standings(self, facts: Mapping[str, Anything]) -> dict[str, UnitResult]:
        """Where all stand with the unit's facts so: with vetoes, ties and what decides between them, and a change of group.

        The others are worked out anew only where the rule compares with the group: a year has hundreds of values to try.
        """
        own = replace(self.own, facts=facts)
        self.left -= self.told.size * (1 if self.others is not None else len(self.units))
        if self.left < 0:
            raise _WorkDone
        if self.others is not None:
            (mine,) = standings(self.rule, [own], on=self.on, group=self.told.code).values()
            return {one.unit: one for one in ranked(self.told, [*self.others, mine])}
        units = [own if one.unit == own.unit else one for one in self.units]
        found = standings(self.rule, units, on=self.on, group=self.told.code)
        if not _asks_the_group(self.rule, self.own):
            self.others = tuple(one for one in found.values() if one.unit != own.unit)
        return found

    def total(self, name: str, facts: Mapping[str, Anything]) -> tuple[int | None, Fraction | None]:
        """Rank and total of the unit with its facts so."""
        mine = self.standings(facts)[self.own.unit]
        return mine.rank, mine.total


class _Alone:
    """One unit beside others that stand where a run has them; only what reads the fact that is tried is worked out anew."""

    def __init__(self, rule: ScoringRule, own: UnitFacts, stand: Stand, on: dt.date) -> None:
        self.rule, self.own, self.on = rule, own, on
        self.told = rule.groups[own.groups[-1][0]]
        self.shares = [(rule.groups[code], share) for code, share in own.groups]
        self.ladder = _Rungs(self.told, stand.others)
        self.bases: list[Context] = []
        self.read: list[dict[int, frozenset[str]]] = []
        of_group: set[str] = set()
        for told, _share in self.shares:
            group = Group()
            base = Context(own.unit, on, own.facts, own.records, group)
            group.units.append(base)
            read: dict[int, frozenset[str]] = {}
            for item in told.all_items():
                nodes = list(_behind((item,)))
                read[id(item)] = frozenset(node.name for node in nodes if isinstance(node, Fact))
                if any(_compares(node) for node in nodes):
                    of_group |= read[id(item)]
                    base.memory[id(item)] = stand.points.get((item.code, item.line), Missing.of(item.code))
            if any(_compares(node) for node in _behind(_conditions(told))):
                of_group |= {fact.name for fact in _facts(self.told)}
            told.total.value(base)
            self.bases.append(base)
            self.read.append(read)
        self.of_group = frozenset(of_group)
        self.left = MOST_ALONE
        self.kept: dict[str, list[tuple[Context, Adding, list[Item]]]] = {}

    def total(self, name: str, facts: Mapping[str, Anything]) -> tuple[int | None, Fraction | None]:
        """Rank and total of the unit with its facts so; `name`: the one that is another."""
        self.left -= 1
        if self.left < 0:
            raise _WorkDone
        parts = []
        for (told, share), (base, adding, items) in zip(self.shares, self._beside(name), strict=True):
            at = Context(base.unit, self.on, facts, base.records, Group(work=base.group.work))
            at.memory, at.before_rounding, at.kept = dict(base.memory), dict(base.before_rounding), dict(base.kept)
            at.group.units.append(at)
            parts.append(of_unit(told, at, told.total.rounded(told.total.added(items, at, adding)), share, has_items=False))
        mine = joined_parts(parts, [self.own], self.rule)
        return self.ladder.rank(mine), mine.total

    def _beside(self, name: str) -> list[tuple[Context, Adding, list[Item]]]:
        """By group what does not read a fact, worked out once: what is remembered, the sum; and the indicators that do read it."""
        if name not in self.kept:
            self.kept = {name: [self._split(name, place) for place in range(len(self.shares))]}
        return self.kept[name]

    def _split(self, name: str, place: int) -> tuple[Context, Adding, list[Item]]:
        told, base, read = self.shares[place][0], self.bases[place], self.read[place]
        moved = [one for one in told.items if name in read[id(one)]]
        behind = list(_behind((*moved, *_conditions(told))))
        items = [node for node in (*moved, *behind) if isinstance(node, Item)]
        values = [node.meant for node in behind if isinstance(node, Named) and node.meant is not None]
        stale = {id(told.total), *(id(node) for node in (*items, *values) if _reads(node, name))}
        records = {node.choice for node in behind if isinstance(node, Records) and node.where is not None and _reads(node.where, name)}
        at = Context(base.unit, self.on, base.facts, base.records, base.group)
        at.memory = {key: value for key, value in base.memory.items() if key not in stale}
        at.before_rounding = {key: value for key, value in base.before_rounding.items() if key not in stale}
        at.kept = {key: value for key, value in base.kept.items() if key not in records}
        left = (one for one in told.total.items if name not in read[id(one)])
        return at, told.total.added(left, base), [one for one in moved if one.is_counted]


class _Rungs:
    """The others by their totals, so that where one would stand among them is looked up."""

    def __init__(self, told: RuleGroup, others: Iterable[Placed]) -> None:
        ranking = told.ranking
        self.sign = -1 if ranking is None or ranking.order == "high_first" else 1
        self.is_dense, self.has_then = ranking is not None and ranking.ties == "dense", ranking is not None and bool(ranking.then)
        rungs = sorted(((self.sign * one.total, one) for one in others), key=_first)
        self.first, self.last = ([rung for rung in rungs if rung[1].is_last == is_last] for is_last in (False, True))

    def rank(self, own: UnitResult) -> int | None:
        """The rank that a result would have; None where it is not ranked."""
        if own.total is None or not takes_rank(own):
            return None
        key = (self.sign * money.rounded(own.total, KEPT_DIGITS), *(-money.rounded(points, KEPT_DIGITS) for points in own.then))
        if has_effect(own, "last"):
            return 1 + self._places(self.first) + self._places(self.last, key)
        return 1 + self._places(self.first, key)

    def _places(self, rungs: list[tuple[Fraction, Placed]], key: tuple[Fraction, ...] | None = None) -> int:
        """How many places are taken by those that stand before; by all of them where nothing is said."""
        place = len(rungs) if key is None else bisect_left(rungs, key[0], key=_first)
        better = []
        if key is not None and self.has_then:
            equal = takewhile(lambda rung: rung[0] == key[0], islice(rungs, place, None))
            better = [rung for rung in equal if (rung[0], *_then(rung)) < key]
        if not self.is_dense:
            return place + len(better)
        before = [*rungs[:place], *better]
        if not self.has_then:
            return len({total for total, _one in before})
        equals = [list(same) for _total, same in groupby(before, key=_first)]
        return sum(len({_then(rung) for rung in same}) if len(same) > 1 else 1 for same in equals)


def _first(rung: tuple[Fraction, Placed]) -> Fraction:
    return rung[0]


def _then(rung: tuple[Fraction, Placed]) -> tuple[Fraction, ...]:
    return tuple(-money.rounded(points, KEPT_DIGITS) for points in rung[1].then())


@dataclass(slots=True)
class _Trying:
    """Facts of a unit tried one by one. `rank`: where it stands; `total`: rank and total with its facts so, of which one is moved."""

    own: UnitFacts
    rank: int
    total: Callable[[str, Mapping[str, Anything]], tuple[int | None, Fraction | None]]

    def lift(self, fact: Fact) -> Lift | None:
        """The least change of a fact found that brings the unit up; None where none within reach does. Raises: _WorkDone."""
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
        rank, total = self.total(fact.name, {**self.own.facts, fact.name: _as_fact(exact)})
        return total if rank is not None and rank < self.rank else None


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
