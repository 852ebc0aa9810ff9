"""What a scoring rule is once it is read: groups of units or persons, their indicators, vetoes, grades and lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import SHARES, Declared, Node
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.formulas.groupwise import ranks
from wutong.rulebook.formulas.limits import part_of_sum
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, fraction, state_of


@dataclass(frozen=True, slots=True)
class Rounding:
    """To how many digits, and how (form 21)."""

    digits: int
    how: money.Rounding = "half_up"

    def words(self, lang: str = "zh") -> str:
        """As an official says it."""
        zh = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "舍去尾数", "up": "进一"}[self.how]
        en = {"half_up": "rounded half up to", "half_even": "rounded half to even, to", "down": "cut off at", "up": "rounded up to"}[
            self.how
        ]
        return f"{zh}至 {self.digits} 位小数" if lang == "zh" else f"{en} {self.digits} digits"


NOT_COUNTED: Mapping[str, str] = {"zh": "只列不计：{}", "en": "shown, not counted: {}"}
"""What is said of an indicator that is shown beside the others and never added."""


class Item(Node):
    """An indicator (指标), or a section of several; its points are a node, so that other indicators may use them.

    `points`: full points. `not_applicable`: left_out (counts for nothing), full (gets its points), spread (the others count for more).
    `missing`: stop (the total is missing too), zero, group_mean. `is_counted`: False is shown beside the others and never added.
    """

    code: str
    zh: str
    en: str
    points: Fraction | None = None
    formula: Node | None = None
    items: tuple[Item, ...] = ()
    take: str = "sum"
    applies: Condition | None = None
    cap: Node | None = None
    floor: Node | None = None
    rounding: Rounding | None = None
    unit: money.Unit = money.UNITS["points"]
    not_applicable: str = "left_out"
    missing: str = "stop"
    evidence: str = ""
    is_counted: bool = True

    def __init__(self, line: int, code: str) -> None:
        self.line, self.code = line, code

    def value(self, at: Context) -> Anything:
        """The points, rounded as the rule says."""
        return self.rounded(self.raw(at))

    def raw(self, at: Context) -> Anything:
        """The points before rounding, with what the rule says of missing facts; computed once a unit."""
        key = id(self)
        if key not in at.before_rounding:
            found = self._with_gaps(at)
            at.before_rounding[key] = found if isinstance(found, Missing | NotApplicable) else at.sized(found, self.line)
        return at.before_rounding[key]

    def _with_gaps(self, at: Context) -> Anything:
        found = self._computed(at)
        if not isinstance(found, Missing) or self.missing == "stop":
            return found
        return Fraction(0) if self.missing == "zero" else self._mean_of_others(at, found)

    def _computed(self, at: Context) -> Anything:
        if self.applies is not None:
            applies = self.applies.holds(at)
            if not isinstance(applies, bool):
                return applies
            if not applies:
                return NotApplicable(self.applies.words("zh"))
        found = (
            self.formula.value(at)
            if self.formula is not None
            else combined([remembered_item(one, at) for one in self.items if one.is_counted], at, self)
        )
        return self._bounded(found, at)

    def _bounded(self, found: Anything, at: Context) -> Anything:
        limits = [(limit.value(at), pick) for limit, pick in ((self.cap, min), (self.floor, max)) if limit is not None]
        state = state_of((found, *(value for value, _pick in limits)))
        if state is not None:
            return state
        made = at.sized(found, self.line)
        for value, pick in limits:
            made = pick(made, at.sized(value, self.line))
        return made

    def _mean_of_others(self, at: Context, found: Missing) -> Anything:
        """The mean of the points in the group, as published, of those who have some (缺项取组均分)."""
        key = "mean", id(self)
        if key not in at.group.memory:
            values = [self.rounded(self._computed(unit)) for unit in at.group.units]
            known = [at.sized(value, self.line) for value in values if not isinstance(value, Missing | NotApplicable)]
            at.group.memory[key] = at.summed(known, self.line) / len(known) if known else None
        mean = at.group.memory[key]
        return mean if isinstance(mean, Fraction) else found

    def rounded(self, value: Anything) -> Anything:
        """Rounded in the unit of the indicator."""
        if isinstance(value, Missing | NotApplicable) or self.rounding is None:
            return value
        return _rounded(fraction(value), self.rounding, self.unit.scale)

    def tells_share(self) -> bool:
        """Whether its result is told in hundredths."""
        return self.unit.code in SHARES

    def words(self, lang: str = "zh") -> str:
        """Its formula, and first of all that it is not counted."""
        return self.formula_words(lang) if self.is_counted else NOT_COUNTED[lang].format(self.formula_words(lang))

    def formula_words(self, lang: str = "zh") -> str:
        """Its formula, with caps and floors."""
        if self.formula is not None:
            said = self.formula.words(lang)
        else:
            names = {"sum": ("各项之和", "sum"), "highest": ("取最高", "highest"), "lowest": ("取最低", "lowest"), "mean": ("平均", "mean")}
            said = names[self.take][0 if lang == "zh" else 1]
        if self.cap is not None:
            said = f"min({said}, {self.cap.words(lang)})"
        return f"max({said}, {self.floor.words(lang)})" if self.floor is not None else said

    def parts(self) -> Iterator[tuple[str, Node]]:
        """What it is made of."""
        named = {"applies": self.applies, "formula": self.formula, "cap": self.cap, "floor": self.floor}
        yield from ((name, node) for name, node in named.items() if node is not None)
        yield from ((one.code, one) for one in self.items)

    def whole(self) -> Iterator[Item]:
        """Itself and the indicators in it."""
        yield self
        for one in self.items:
            yield from one.whole()


def _rounded(value: Fraction, told: Rounding, scale: Fraction) -> Fraction:
    """Rounded as it is told, at so many digits of a unit."""
    return money.rounded(value, told.digits, told.how) if scale == 1 else money.rounded(value / scale, told.digits, told.how) * scale


def remembered_item(item: Item, at: Context) -> tuple[Item, Anything]:
    """An indicator with what it gives, computed once a unit."""
    key = id(item)
    if key not in at.memory:
        at.memory[key] = item.value(at)
    return item, at.memory[key]


@dataclass(slots=True)
class Adding:
    """Indicators while they are added up, one by one; what some of them come to may be kept and others added to it.

    What an indicator that does not apply is spread over are those that have points: (Σ theirs) × all points ÷ points of the rest. What is
    left out counts for nothing, and what has no points of its own, as a bonus has none, stays as it is.
    """

    line: int
    names: frozenset[str] = frozenset()
    is_known: bool = False
    counted: Fraction = Fraction(0)
    beside: Fraction = Fraction(0)
    rest: Fraction = Fraction(0)
    spread: Fraction = Fraction(0)

    def add(self, item: Item, value: Anything, at: Context) -> None:
        """One more."""
        points = item.points or Fraction(0)
        if isinstance(value, Missing):
            self.names |= value.names
            at.group.work.spend(len(self.names), self.line)
            return
        if isinstance(value, NotApplicable):
            if item.not_applicable == "spread":
                self.spread += points
            if item.not_applicable != "full":
                return
            value = points
        self.is_known, made = True, part_of_sum(at.sized(value, item.line))
        if points:
            self.counted, self.rest = at.sized(self.counted + made, self.line), self.rest + points
        else:
            self.beside = at.sized(self.beside + made, self.line)

    def made(self) -> Fraction | Missing | NotApplicable:
        """What they come to."""
        if self.names:
            return Missing(self.names)
        if not self.is_known:
            return NotApplicable("none applies")
        grown = self.counted * (self.rest + self.spread) / self.rest if self.spread and self.rest else self.counted
        return grown + self.beside


def combined(found: list[tuple[Item, Anything]], at: Context, section: Item | None = None) -> Anything:
    """Several indicators together: their sum, or what the section takes; with what is said of those that do not apply."""
    line = found[0][0].line
    if section is None or section.take == "sum":
        adding = Adding(line)
        for item, value in found:
            adding.add(item, value, at)
        return adding.made()
    lacking = [value.names for _item, value in found if isinstance(value, Missing)]
    if lacking:
        return Missing(frozenset().union(*lacking))
    full = [(item.points or Fraction(0)) if isinstance(value, NotApplicable) else value for item, value in found
            if not isinstance(value, NotApplicable) or item.not_applicable == "full"]  # fmt: skip
    known = [at.sized(value, line) for value in full]
    if not known:
        return NotApplicable("none applies")
    if section.take == "mean":
        return at.summed(known, line) / len(known)
    return max(known) if section.take == "highest" else min(known)


class Total(Node):
    """The total of a group's indicators."""

    def __init__(self, line: int, items: tuple[Item, ...], rounding: Rounding | None, missing: str) -> None:
        self.line, self.items, self.rounding, self.missing = line, items, rounding, missing
        self.unit = items[0].unit if items else money.UNITS["points"]

    def value(self, at: Context) -> Anything:
        """The sum, rounded; missing where an indicator is, unless the rule counts it as nothing."""
        if not self.items:
            return NotApplicable("no total")
        return self.rounded(self.added(self.items, at))

    def added(self, items: Iterable[Item], at: Context, adding: Adding | None = None) -> Adding:
        """These indicators of it added up, to what others come to where that is known."""
        made = replace(adding) if adding is not None else Adding(self.line)
        for one in items:
            value = remembered_item(one, at)[1]
            made.add(one, Fraction(0) if self.missing == "zero" and isinstance(value, Missing) else value, at)
        return made

    def rounded(self, adding: Adding) -> Anything:
        """What they come to as the rule rounds it."""
        made = adding.made()
        if isinstance(made, Missing | NotApplicable) or self.rounding is None:
            return made
        return _rounded(made, self.rounding, self.unit.scale)

    def words(self, lang: str = "zh") -> str:
        """The total."""
        return "总分" if lang == "zh" else "total"


@dataclass(frozen=True, slots=True)
class Veto:
    """一票否决 (form 17): what befalls a unit for which a condition holds: zero, unranked, last, or a grade."""

    zh: str
    en: str
    when: Condition
    effect: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """Grades up or down for a condition."""

    zh: str
    en: str
    when: Condition
    by: int


@dataclass(frozen=True, slots=True)
class Grades:
    """Grades (等次) from the lowest to the highest by bands of the total or rank, moved up or down by conditions."""

    of: Node
    bounds: tuple[tuple[Fraction | None, Fraction | None], ...]
    names: tuple[str, ...]
    order: tuple[str, ...]
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A red or black list (红黑榜): a condition and a rank counted from the best or the worst.

    `best`, `worst`: places, below nothing a share of the units that are ranked.
    """

    zh: str
    en: str
    when: Condition | None
    best: Fraction | None = None
    worst: Fraction | None = None

    def places(self, bound: Fraction, ranked: int) -> Fraction:
        """As far as which place: a share of those that are ranked is no more of them than it says (前 20%)."""
        return bound if bound > 0 else -bound * ranked


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a group is ranked: ties, order, what decides between equals; who is listed without a rank."""

    ties: str = "skip"
    order: str = "high_first"
    then: tuple[Item, ...] = ()
    when: Condition | None = None
    unranked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """A group of units or persons that are measured alike (考核分组)."""

    code: str
    zh: str
    en: str
    subjects: str
    items: tuple[Item, ...]
    total: Total
    ranking: Ranking | None
    rank: RankOf
    vetoes: tuple[Veto, ...] = ()
    grades: Grades | None = None
    lists: tuple[Listing, ...] = ()
    line: int = 0
    size: int = 0
    """How many formulas one unit is worked out by."""

    def all_items(self) -> Iterator[Item]:
        """Every indicator, sections before what is in them."""
        for one in self.items:
            yield from one.whole()


class RankOf(Node):
    """The rank of a unit in its group, known once all totals are."""

    def __init__(self, line: int) -> None:
        self.line = line

    def value(self, at: Context) -> Anything:
        """The rank, or that there is none."""
        found = at.group.memory.get(id(self))
        assert isinstance(found, dict), "ranks are computed before they are asked for"
        rank = found.get(at.unit)
        return NotApplicable("not ranked") if rank is None else Fraction(rank)

    def words(self, lang: str = "zh") -> str:
        """The rank."""
        return "名次" if lang == "zh" else "rank"


@dataclass(frozen=True, slots=True)
class Source:
    """The document that the rule comes from."""

    title: str
    document: str = ""
    date: dt.date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ScoringRule:
    """A whole rule (计分规则), valid in [begins_on, ends_on). `remarks`: no faults, but perhaps not meant."""

    code: str
    zh: str
    en: str
    source: Source
    begins_on: dt.date
    ends_on: dt.date | None
    facts: Mapping[str, Declared]
    records: Mapping[str, DeclaredRecords]
    groups: Mapping[str, RuleGroup]
    hash: str
    file: str = "rule.yaml"
    unused: tuple[str, ...] = field(default=())
    remarks: tuple[Fault, ...] = field(default=())


__all__ = [
    "Adding", "Grades", "Item", "Listing", "RankOf", "Ranking", "Rounding", "RuleGroup", "ScoringRule", "Shift", "Source", "Total", "Veto",
    "combined", "ranks", "remembered_item",
]  # fmt: skip
