"""What every formula node is: where it stands, what it is measured in, what it gives, and how an official reads it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Protocol

from wutong.rulebook import money
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, state_of


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a node: `kind` says what stands there, `expected` how to write it; `choices` for words.

    Kinds: node, nodes (a list), condition, conditions, number (an amount without unit, such as 80%), amount (with a unit), whole, word,
    name (of records or a field), table (a mapping of words to nodes), rows (a list of mappings, each with the fields of `rows`), dated.
    """

    kind: str
    zh: str
    en: str
    is_needed: bool = True
    choices: tuple[str, ...] = ()
    rows: tuple[tuple[str, Field], ...] = ()


Fields = dict[str, Field]
SHARES = frozenset({"share", "percent", "permille"})
"""Codes of the units in which shares are told."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the figures of a fact, or records, come from (数据来源): a code of a catalogue that this program knows, and its parameters."""

    code: str
    params: tuple[tuple[str, str], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A fact, or a field of a record, as a rule declares it."""

    name: str
    zh: str
    en: str
    kind: str
    unit: money.Unit | None
    line: int
    origin: Origin | None = None


class Checking(Protocol):
    """What a node asks of whoever reads it."""

    def fault(self, line: int, code: str, *, field: str = "", value: object = "", expected: object = "") -> None:
        """Note a fault."""

    def remark(self, line: int, code: str, *, field: str = "", value: object = "", expected: object = "") -> None:
        """Note what is no fault, but may not be meant."""

    def same(self, line: int, *parts: Node | None) -> money.Dimensions:
        """What all of these are measured in; a fault where they differ."""

    def measure(self, line: int, dimensions: money.Dimensions) -> money.Dimensions:
        """What a product or ratio is measured in; a fault where that is no measure."""


class Node(ABC):
    """A part of a formula."""

    CODE: ClassVar[str] = ""
    FIELDS: ClassVar[Fields] = {}
    ZH: ClassVar[str] = ""
    EN: ClassVar[str] = ""

    line: int = 0
    dimensions: money.Dimensions = money.BARE
    share: bool | None = None
    height: int = 1
    """How many formulas stand in one another from here down, also through names."""

    def __init__(self, line: int, given: dict[str, Any]) -> None:
        self.line = line
        for name in self.FIELDS:
            setattr(self, name, given.get(name))

    def field(self, name: str) -> Any:
        """What stands in a field."""
        return getattr(self, name)

    def check(self, reader: Checking) -> None:
        """Judge the parts together, and note what the whole is measured in; a bare number where nothing else is said."""
        self.dimensions = money.BARE

    @abstractmethod
    def value(self, at: Context) -> Anything:
        """What it gives for a unit."""

    @abstractmethod
    def words(self, lang: str = "zh") -> str:
        """How an official reads it."""

    def is_share(self) -> bool:
        """Whether it is a share or a multiple (比率), so that a bare 80 beside it would be 8000 %; found out once."""
        if self.share is None:
            self.share = self.tells_share()
        return self.share

    def tells_share(self) -> bool:
        """The same, by what it is made of."""
        return False

    def parts(self) -> Iterator[tuple[str, Node]]:
        """The nodes that it is made of, with the name of their field."""
        for name in self.FIELDS:
            yield from ((name, node) for node in _nodes(getattr(self, name)))

    def stands_on(self, parts: Iterable[Node]) -> None:
        """Note how high it stands above the lowest of what it is made of."""
        self.height = 1 + max((part.height for part in parts), default=0)

    def all(self) -> Iterator[Node]:
        """Itself and every node below, in the order of the text."""
        yield self
        for _name, part in self.parts():
            yield from part.all()


def _nodes(given: Any) -> Iterator[Node]:
    if isinstance(given, Node):
        yield given
    elif isinstance(given, list | tuple | dict):
        for one in given.values() if isinstance(given, dict) else given:
            yield from _nodes(one)


class Constant(Node):
    """A number written into the rule, in the unit that things are kept in."""

    def __init__(self, line: int, amount: Fraction, unit: money.Unit, text: str) -> None:
        self.line, self.amount, self.unit, self.text, self.dimensions = line, amount, unit, text, unit.dimensions
        self.decimal = _as_decimal(amount)

    def value(self, at: Context) -> Anything:
        """The number."""
        return self.amount

    def words(self, lang: str = "zh") -> str:
        """As it is written."""
        return self.text


def _as_decimal(amount: Fraction) -> Decimal | None:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact if Fraction(exact) == amount else None


LIKELY_PERCENT = 10
"""A bare number beside a share from which on it is a forgotten %; from `LIKELY_TOLD` on it may be one."""
LIKELY_TOLD = 2


def is_bare(node: Constant) -> bool:
    """Whether it was written without a unit."""
    return node.unit.code == "number"


def in_hundredths(amount: Fraction) -> str:
    """A multiple as the percentage that it is."""
    return f"{money.written(amount * 100)}%"


class Word(Node):
    """A word or day written into the rule, to compare a text or a day with."""

    def __init__(self, line: int, word: str | bool | dt.date) -> None:
        self.line, self.word = line, word

    def value(self, at: Context) -> Anything:
        """The word."""
        return self.word

    def words(self, lang: str = "zh") -> str:
        """The word."""
        if isinstance(self.word, bool):
            return {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}[lang, self.word]
        return str(self.word)


class Fact(Node):
    """A fact of the unit, by its name."""

    def __init__(self, line: int, told: Declared) -> None:
        self.line, self.name, self.kind, self.unit, self.zh, self.en = line, told.name, told.kind, told.unit, told.zh, told.en
        self.dimensions = told.unit.dimensions if told.unit else money.BARE

    def tells_share(self) -> bool:
        """Told in hundredths, thousandths or as a share."""
        return self.unit is not None and self.unit.code in SHARES

    def value(self, at: Context) -> Anything:
        """What is known of it; missing where nothing is."""
        found = at.facts.get(self.name)
        return Missing.of(self.name) if found is None else found

    def words(self, lang: str = "zh") -> str:
        """Its title."""
        return self.zh if lang == "zh" else self.en


class RecordField(Node):
    """A field of the record that is looked at."""

    def __init__(self, line: int, told: Declared, index: int) -> None:
        self.line, self.name, self.kind, self.unit, self.zh, self.en = line, told.name, told.kind, told.unit, told.zh, told.en
        self.index, self.dimensions = index, told.unit.dimensions if told.unit else money.BARE

    def tells_share(self) -> bool:
        """Told in hundredths, thousandths or as a share."""
        return self.unit is not None and self.unit.code in SHARES

    def value(self, at: Context) -> Anything:
        """What the record says."""
        return at.row[self.index]

    def words(self, lang: str = "zh") -> str:
        """Its title."""
        return self.zh if lang == "zh" else self.en


class Named(Node):
    """Something computed elsewhere in the rule: an entry of `values`, or the points of an item; computed once a unit."""

    def __init__(self, line: int, name: str, zh: str, en: str) -> None:
        self.line, self.name, self.zh, self.en = line, name, zh, en
        self.meant: Node | None = None

    def tells_share(self) -> bool:
        """As what it stands for."""
        return self.meant is not None and self.meant.is_share()

    def value(self, at: Context) -> Anything:
        """What it came to. It belongs to the unit, so while a record is looked at the record is put aside."""
        assert self.meant is not None
        row, at.row = at.row, ()
        try:
            return remembered(self.meant, at)
        finally:
            at.row = row

    def words(self, lang: str = "zh") -> str:
        """Its title."""
        return f"〔{self.zh}〕" if lang == "zh" else f"[{self.en}]"


def remembered(node: Node, at: Context) -> Anything:
    """What a node gives for a unit, computed once."""
    key = id(node)
    if key not in at.memory:
        at.memory[key] = node.value(at)
    return at.memory[key]


def signature(part: Any) -> str:
    """All that decides of a part of a formula, so that two that are alike are known as the same.

    Why: its words leave out what seldom matters to a reader, such as what a ratio gives where nothing stands below.
    """
    match part:
        case Constant() | Word():
            own: Any = part.amount if isinstance(part, Constant) else part.word
        case Fact() | Named() | RecordField():
            own = part.name
        case Node():
            own = ", ".join(f"{name}={signature(part.field(name))}" for name in part.FIELDS)
        case dict():
            own = ", ".join(f"{key!r}: {signature(one)}" for key, one in part.items())
        case list() | tuple():
            own = ", ".join(map(signature, part))
        case _:
            own = repr(part)
    return f"{type(part).__name__}({own})"


def numbers(nodes: list[Node], at: Context) -> list[Fraction] | Missing | NotApplicable:
    """What all of these give, or what hinders it."""
    values = [node.value(at) for node in nodes]
    hindered = state_of(values)
    if hindered is None:
        return [at.sized(value, node.line) for value, node in zip(values, nodes, strict=True)]
    if type(hindered) is Missing:
        at.group.work.spend(len(hindered.names), nodes[0].line)
    return hindered


def number(node: Node, at: Context) -> Fraction | Missing | NotApplicable:
    """What one gives."""
    value = node.value(at)
    return value if type(value) is Missing or type(value) is NotApplicable else at.sized(value, node.line)
