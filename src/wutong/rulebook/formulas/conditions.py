"""Conditions: comparisons, and, or, not. Yes, no, or not to be known for want of a fact."""

from __future__ import annotations

import datetime as dt
import operator
from abc import abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from wutong.rulebook.formulas.base import Checking, Constant, Fact, Field, Fields, Node, RecordField, Word
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, Row, state_of

_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<", "equals": "="}
COMPARED = {
    "at_least": Field("node", "不少于", "at least", is_needed=False), "above": Field("node", "大于", "above", is_needed=False),
    "at_most": Field("node", "不多于", "at most", is_needed=False), "below": Field("node", "小于", "below", is_needed=False),
    "equals": Field("node", "等于", "equals", is_needed=False),
}  # fmt: skip


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt, "equals": operator.eq,
}  # fmt: skip
_UNKNOWN = frozenset({Missing, NotApplicable, Fraction})
"""What a record may hold that a quick comparison does not take: it is looked at one by one."""
RowTest = Callable[[Row], bool]


class UnknownError(Exception):
    """A record lacks what a condition asks for, or holds a number that is no decimal."""


class Condition(Node):
    """Something that holds for a unit or record, does not, or cannot be known."""

    def value(self, at: Context) -> Anything:
        """A condition as a number: 1 where it holds, 0 where not."""
        found = self.holds(at)
        return int(found) if isinstance(found, bool) else found

    @abstractmethod
    def holds(self, at: Context) -> bool | Missing | NotApplicable:
        """Whether it holds."""

    def of_row(self) -> RowTest | None:
        """The same asked of a record alone, quickly; None where more than the record is looked at."""
        return None


class Compared(Condition):
    """One thing against limits, words or days; several limits all hold."""

    CODE, ZH, EN = "of", "比较", "compared"
    FIELDS: ClassVar[Fields] = {
        "of": Field("node", "比较什么", "what"), **COMPARED,
        "one_of": Field("words", "是其中之一", "one of", is_needed=False), "is": Field("word_or_flag", "是不是", "is", is_needed=False),
        "known": Field("flag", "有没有数据", "known", is_needed=False),
    }  # fmt: skip
    of: Node
    one_of: list[str] | None
    known: bool | None

    def check(self, reader: Checking) -> None:
        """The two sides are measured in the same; something is asked at all."""
        self.limits = [(name, node) for name in COMPARED if isinstance(node := getattr(self, name), Node)]
        kind = self.of.kind if isinstance(self.of, Fact | RecordField) else "number"
        self.one_of_words = self.one_of or None
        self.is_word = getattr(self, "is")
        if not self.limits and self.one_of_words is None and self.is_word is None and self.known is None:
            reader.fault(self.line, "not_there", field="of", expected="、".join((*COMPARED, "one_of", "is", "known")))
        self._is_limited = bool(self.limits) or self.one_of_words is not None or self.is_word is not None
        if self.known is False and self._is_limited:  # what is not known is within no limit
            reader.fault(self.line, "not_here", value="known: no", expected="any: [{of: …, known: no}, {of: …, at_least: …}]")
        for _name, node in self.limits:
            if kind == "number":
                reader.same(self.line, self.of, node)
                if isinstance(node, Word):
                    reader.fault(self.line, "wrong_kind", value=node.words(), expected="number")
            elif not isinstance(node, Word | Fact | RecordField) or (isinstance(node, Fact | RecordField) and node.kind != kind):
                reader.fault(self.line, "wrong_kind", value=node.words(), expected=kind)
        if kind == "number" and self.one_of_words is not None:
            reader.fault(self.line, "wrong_kind", value=self.of.words(), expected="text")
        if self.is_word is not None and isinstance(self.is_word, bool) != (kind == "yes_no"):
            reader.fault(self.line, "wrong_kind", value=self.of.words(), expected="yes_no" if isinstance(self.is_word, bool) else "text")

    def holds(self, at: Context) -> bool | Missing | NotApplicable:
        """Whether all that is asked holds."""
        found = self.of.value(at)
        if self.known is not None:
            is_unknown = isinstance(found, Missing) or (isinstance(found, NotApplicable) and not (self.known and self._is_limited))
            if is_unknown is self.known:
                return False
            if not self._is_limited:
                return True
        hindered = state_of((found,))
        if hindered is not None:
            return state_of((found, *(node.value(at) for _name, node in self.limits))) or hindered
        if self.is_word is not None and found != self.is_word:
            return False
        if self.one_of_words is not None and found not in self.one_of_words:
            return False
        return self._within(found, at)

    def of_row(self) -> RowTest | None:
        """A comparison of a field with what is written in the rule: fields hold whole numbers, decimals, words and days."""
        limits = [_written(node) for _name, node in self.limits]
        if not isinstance(self.of, RecordField) or self.known is not None or None in limits:
            return None
        place, asked = self.of.index, [(_OPERATORS[name], limit) for (name, _node), limit in zip(self.limits, limits, strict=True)]
        if self.is_word is not None:
            asked.append((operator.eq, self.is_word))
        if self.one_of_words is not None:
            asked.append((_among, frozenset(self.one_of_words)))
        if len(asked) == 1:
            compare, only = asked[0]
            return _quick(place, compare, only)
        return lambda row: all(compare(_known(row[place]), limit) for compare, limit in asked)

    def _within(self, found: Anything, at: Context) -> bool | Missing | NotApplicable:
        for name, node in self.limits:
            limit = node.value(at)
            if isinstance(limit, Missing | NotApplicable):
                return limit
            is_day = isinstance(found, dt.date | str | bool)
            left, right = (found, limit) if is_day else (at.sized(found, self.line), at.sized(limit, node.line))
            if not _OPERATORS[name](left, right):
                return False
        return True

    def words(self, lang: str = "zh") -> str:
        """a ≥ b."""
        said = [f"{_SIGNS[name]} {node.words(lang)}" for name, node in self.limits]
        if self.one_of_words:
            said.append(("属于 " if lang == "zh" else "one of ") + "、".join(self.one_of_words))
        if self.is_word is not None:
            said.append(("为" if lang == "zh" else "is ") + Word(0, self.is_word).words(lang))
        if self.known is not None:
            said.append({"zh": ("无数据", "有数据"), "en": ("not known", "known")}["zh" if lang == "zh" else "en"][self.known])
        return f"{self.of.words(lang)} {(' 且 ' if lang == 'zh' else ' and ').join(said)}"


def _written(node: Node) -> Any:
    """What a limit is where the rule writes it; None where it is computed, or no decimal."""
    return node.decimal if isinstance(node, Constant) else node.word if isinstance(node, Word) else None


def _quick(place: int, compare: Callable[[Any, Any], bool], limit: Any) -> RowTest:
    """One comparison of a field: a ledger asks it of each of its rows."""

    def test(row: Row) -> bool:
        value = row[place]
        if type(value) in _UNKNOWN:
            raise UnknownError
        return compare(value, limit)

    return test


def _among(found: Any, words: frozenset[str]) -> bool:
    return found in words


def _known(value: Any) -> Any:
    if type(value) in _UNKNOWN:
        raise UnknownError
    return value


class AllOf(Condition):
    """All hold; one that does not decides, even where another cannot be known."""

    CODE, ZH, EN = "all", "全部满足", "all of these"
    FIELDS: ClassVar[Fields] = {"of": Field("conditions", "各条件", "the conditions")}
    of: list[Condition]
    decisive = False

    def holds(self, at: Context) -> bool | Missing | NotApplicable:
        """Whether all hold."""
        unknown: list[Missing | NotApplicable] = []
        for one in self.of:
            found = one.holds(at)
            if found is self.decisive:
                return self.decisive
            if not isinstance(found, bool):
                unknown.append(found)
        state = state_of(unknown)
        return state if state is not None else not self.decisive

    def of_row(self) -> RowTest | None:
        """All asked of the record, or any."""
        tests = [one.of_row() for one in self.of]
        known = [one for one in tests if one is not None]
        if len(known) < len(tests):
            return None
        return (lambda row: any(one(row) for one in known)) if self.decisive else (lambda row: all(one(row) for one in known))

    def words(self, lang: str = "zh") -> str:
        """a and b."""
        return (" 且 " if lang == "zh" else " and ").join(_wrapped(one, lang) for one in self.of)


class AnyOf(AllOf):
    """One at least holds."""

    CODE, ZH, EN = "any", "满足其一", "any of these"
    decisive = True

    def words(self, lang: str = "zh") -> str:
        """a or b."""
        return (" 或 " if lang == "zh" else " or ").join(_wrapped(one, lang) for one in self.of)


class Not(Condition):
    """The contrary."""

    CODE, ZH, EN = "not", "不满足", "not"
    FIELDS: ClassVar[Fields] = {"of": Field("condition", "条件", "the condition")}
    of: Condition

    def holds(self, at: Context) -> bool | Missing | NotApplicable:
        """Whether it does not hold."""
        found = self.of.holds(at)
        return not found if isinstance(found, bool) else found

    def of_row(self) -> RowTest | None:
        """The contrary asked of the record."""
        test = self.of.of_row()
        return (lambda row: not test(row)) if test is not None else None

    def words(self, lang: str = "zh") -> str:
        """not a."""
        return f"{'非' if lang == 'zh' else 'not '}({self.of.words(lang)})"


def _wrapped(one: Condition, lang: str) -> str:
    return f"({one.words(lang)})" if isinstance(one, AllOf) else one.words(lang)


CONDITIONS: tuple[type[Condition], ...] = (AllOf, AnyOf, Not)
