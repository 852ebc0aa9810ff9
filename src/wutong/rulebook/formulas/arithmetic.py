"""Plain computing: sums, differences, products, ratios, caps, floors, roundings, weighted mixes, the share of the year gone by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, ClassVar

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Checking, Fact, Field, Fields, Named, Node, RecordField, number, numbers
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.limits import MOST_DIGITS
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, state_of

_PARTS = Field("nodes", "各部分", "the parts")
_OF = Field("node", "取什么", "of what")


def joined(nodes: list[Node], sign: str, lang: str) -> str:
    """Nodes with a sign between them, in brackets where they are more than one."""
    return f" {sign} ".join(bracketed(node, lang) for node in nodes)


_LONG = frozenset(
    {
        "sum", "difference", "ratio", "product", "weighted", "dated", "if", "steps", "bands", "slope", "lookup", "quota", "tally",
        "min_max", "of", "all", "any",
    }
)  # fmt: skip
"""Formulas whose words need brackets within a larger one."""


def bracketed(node: Node, lang: str) -> str:
    """A part as it stands in a larger one."""
    said = node.words(lang)
    return f"({said})" if node.CODE in _LONG else said


def added(values: Iterable[Fraction]) -> Fraction:
    """The sum of fractions."""
    return sum(values, Fraction(0))


class Several(Node):
    """Several parts that are measured in the same."""

    FIELDS: ClassVar[Fields] = {"of": _PARTS}
    of: list[Node]

    def check(self, reader: Checking) -> None:
        """All are measured in the same."""
        self.dimensions = reader.same(self.line, *self.of)

    def tells_share(self) -> bool:
        """As its parts are."""
        return any(one.is_share() for one in self.of)


class Sum(Several):
    """All parts together (form 4)."""

    CODE, ZH, EN = "sum", "合计", "all together"

    def value(self, at: Context) -> Anything:
        """The sum."""
        found = numbers(self.of, at)
        return at.summed(found, self.line) if isinstance(found, list) else found

    def words(self, lang: str = "zh") -> str:
        """a + b."""
        return joined(self.of, "+", lang)


class Difference(Several):
    """The first less all others."""

    CODE, ZH, EN = "difference", "相减", "the first less the others"

    def value(self, at: Context) -> Anything:
        """The difference."""
        found = numbers(self.of, at)
        return found[0] - at.summed(found[1:], self.line) if isinstance(found, list) else found

    def words(self, lang: str = "zh") -> str:
        """a − b."""
        return joined(self.of, "−", lang)


class Product(Node):
    """All parts multiplied."""

    CODE, ZH, EN = "product", "相乘", "multiplied"
    FIELDS: ClassVar[Fields] = {"of": _PARTS}
    of: list[Node]

    def check(self, reader: Checking) -> None:
        """Measures multiply."""
        self.dimensions = reader.measure(self.line, money.product(*(node.dimensions for node in self.of)))

    def value(self, at: Context) -> Anything:
        """The product."""
        found = numbers(self.of, at)
        if not isinstance(found, list):
            return found
        made = Fraction(1)
        for one in found:
            made = at.sized(made * one, self.line)
        return made

    def words(self, lang: str = "zh") -> str:
        """a × b."""
        return joined(self.of, "×", lang)


class Ratio(Node):
    """One part of another, with a stated policy where the other is nothing (forms 1, 12)."""

    CODE, ZH, EN = "ratio", "比率", "a share of something"
    FIELDS: ClassVar[Fields] = {
        "of": Field("node", "分子", "numerator"), "to": Field("node", "分母", "denominator"),
        "if_zero": Field("node", "分母为 0 时：missing、not_applicable 或一个数", "where the denominator is 0", is_needed=False,
                         choices=("missing", "not_applicable")),
    }  # fmt: skip
    of: Node
    to: Node
    if_zero: Node | str | None

    def check(self, reader: Checking) -> None:
        """Measures divide."""
        self.dimensions = reader.measure(self.line, money.ratio(self.of.dimensions, self.to.dimensions))
        if isinstance(self.if_zero, Node):
            reader.same(self.line, self, self.if_zero)

    def tells_share(self) -> bool:
        """One part of another that is counted in the same; projects a firm are none."""
        if self.of.dimensions or self.to.dimensions:
            return self.of.dimensions == self.to.dimensions
        counted = set(_counted_in((self.of, self.to)))
        return len(counted) == 1 and "number" not in counted

    def value(self, at: Context) -> Anything:
        """The quotient. Zero below: what the rule says, and missing where it says nothing."""
        found = numbers([self.of, self.to], at)
        if not isinstance(found, list):
            return found
        if found[1] == 0:
            return self._of_nothing(at)
        return found[0] / found[1]

    def _of_nothing(self, at: Context) -> Anything:
        if isinstance(self.if_zero, Node):
            return self.if_zero.value(at)
        if self.if_zero == "not_applicable":
            return NotApplicable("denominator is zero")
        return Missing.of(f"{self.to.words('zh')}=0")

    def words(self, lang: str = "zh") -> str:
        """a ÷ b."""
        return f"{bracketed(self.of, lang)} ÷ {bracketed(self.to, lang)}"


def _counted_in(nodes: Iterable[Node]) -> Iterator[str]:
    """The units of measure of the facts that parts are made of, also behind names; of records, that they are counted."""
    left, seen = list(nodes), set[int]()
    while left:
        for one in left.pop().all():
            if isinstance(one, Fact | RecordField):
                yield one.unit.code if one.unit is not None else "number"
            elif isinstance(one, Named) and one.meant is not None and id(one.meant) not in seen:
                seen.add(id(one.meant))
                left.append(one.meant)
            elif one.CODE in ("records", "rating"):
                yield "count"


class Cap(Node):
    """No more than a limit (封顶)."""

    CODE, ZH, EN = "cap", "封顶", "no more than"
    FIELDS: ClassVar[Fields] = {"of": _OF, "at": Field("node", "上限", "limit")}
    of: Node
    at: Node
    sign = "min"

    def check(self, reader: Checking) -> None:
        """Both are measured in the same."""
        self.dimensions = reader.same(self.line, self.of, self.at)

    def tells_share(self) -> bool:
        """As what is bounded."""
        return self.of.is_share()

    def value(self, at: Context) -> Anything:
        """The one of the two that the limit leaves."""
        found = numbers([self.of, self.at], at)
        return self._pick(found) if isinstance(found, list) else found

    def _pick(self, found: list[Fraction]) -> Fraction:
        return min(found)

    def words(self, lang: str = "zh") -> str:
        """min(a, limit)."""
        return f"{self.sign}({self.of.words(lang)}, {self.at.words(lang)})"


class Floor(Cap):
    """No less than a limit (保底)."""

    CODE, ZH, EN = "floor", "保底", "no less than"
    FIELDS: ClassVar[Fields] = {"of": _OF, "at": Field("node", "下限", "limit")}
    sign = "max"

    def _pick(self, found: list[Fraction]) -> Fraction:
        return max(found)


class Highest(Several):
    """The highest of several; what does not apply is passed over (form 16, awards that are not stacked)."""

    CODE, ZH, EN = "highest", "取最高", "the highest"

    def value(self, at: Context) -> Anything:
        """The highest; what is missing could be higher, so then it is missing."""
        found = [number(node, at) for node in self.of]
        lacking = [value for value in found if isinstance(value, Missing)]
        if lacking:
            return Missing(frozenset().union(*(value.names for value in lacking)))
        known = [value for value in found if isinstance(value, Fraction)]
        return self._pick(known, at) if known else NotApplicable("none applies")

    def _pick(self, known: list[Fraction], at: Context) -> Fraction:
        return max(known)

    def words(self, lang: str = "zh") -> str:
        """max(a, b)."""
        return f"max({', '.join(node.words(lang) for node in self.of)})"


class Lowest(Highest):
    """The lowest of several; what does not apply is passed over."""

    CODE, ZH, EN = "lowest", "取最低", "the lowest"

    def _pick(self, known: list[Fraction], at: Context) -> Fraction:
        return min(known)

    def words(self, lang: str = "zh") -> str:
        """min(a, b)."""
        return f"min({', '.join(node.words(lang) for node in self.of)})"


class Mean(Highest):
    """The mean of several; what does not apply is passed over."""

    CODE, ZH, EN = "mean", "平均", "the mean"

    def _pick(self, known: list[Fraction], at: Context) -> Fraction:
        return at.summed(known, self.line) / len(known)

    def words(self, lang: str = "zh") -> str:
        """The mean of a, b."""
        return f"{'平均' if lang == 'zh' else 'mean'}({', '.join(node.words(lang) for node in self.of)})"


class Rounded(Node):
    """Rounded on the way (form 21): the order of rounding changes results, so it is said where it happens."""

    CODE, ZH, EN = "round", "取舍", "rounded"
    FIELDS: ClassVar[Fields] = {
        "of": _OF, "digits": Field("whole", "小数位数", "digits"),
        "how": Field("word", "取舍办法", "how", is_needed=False, choices=money.ROUNDINGS),
        "in": Field("unit", "按什么单位取小数位，如 percent、万元", "in which unit digits are counted, such as percent", is_needed=False),
    }  # fmt: skip
    of: Node
    digits: int
    how: money.Rounding | None

    def check(self, reader: Checking) -> None:
        """It stays what it is; digits are counted in the unit named."""
        if abs(self.digits) > MOST_DIGITS:
            reader.fault(self.line, "wrong_shape", field="digits", value=self.digits, expected="0、2、4")
        self.dimensions = self.of.dimensions
        self.unit: money.Unit | None = getattr(self, "in")
        if self.unit is not None and self.unit.dimensions != self.dimensions:
            meant = Expected(money.said(self.dimensions), money.said(self.dimensions, "en"))
            reader.fault(self.line, "wrong_unit", value=Expected(self.unit.zh, self.unit.en), expected=meant)

    def tells_share(self) -> bool:
        """As what is rounded."""
        return self.of.is_share()

    def value(self, at: Context) -> Anything:
        """The rounded number."""
        found = number(self.of, at)
        if not isinstance(found, Fraction):
            return found
        scale = self.unit.scale if self.unit else Fraction(1)
        return money.rounded(found / scale, self.digits, self.how or "half_up") * scale

    def words(self, lang: str = "zh") -> str:
        """What is rounded, how, to how many digits of which unit."""
        said, unit = self.of.words(lang), self.unit
        if lang == "zh":
            how = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "舍去尾数", "up": "进一"}[self.how or "half_up"]
            return f"{how}({said}, {self.digits} 位{f'，按{unit.zh}' if unit else ''})"
        return f"round {self.how or 'half_up'}({said}, {self.digits} digits{f' of {unit.en}' if unit else ''})"


class Weighted(Node):
    """A mix of several parts by weight (forms 2, 13); the weights add up to what the rule says, by default to 1."""

    CODE, ZH, EN = "weighted", "加权", "a weighted mix"
    FIELDS: ClassVar[Fields] = {
        "of": Field("rows", "各部分及权重", "the parts with their weights", rows=(
            ("part", Field("node", "取什么", "of what")), ("weight", Field("number", "权重", "weight")),
        )),
        "sum": Field("number", "权重合计，缺省为 1", "what the weights add up to; 1 where it is not said", is_needed=False),
        "not_applicable": Field(
            "word", "有一部分不适用时：spread 权重摊给其余，nothing 整体不适用，zero 按 0 计", "where a part does not apply",
            is_needed=False, choices=("spread", "nothing", "zero"),
        ),
    }  # fmt: skip
    of: list[dict[str, Any]]
    sum: Fraction | None
    not_applicable: str | None

    def check(self, reader: Checking) -> None:
        """The weights add up, and the parts are measured in the same."""
        self.nodes: list[Node] = [one["part"] for one in self.of]
        self.weights: list[Fraction] = [one["weight"] for one in self.of]
        self.dimensions = reader.same(self.line, *self.nodes)
        meant, made = self.sum if self.sum is not None else Fraction(1), added(self.weights)
        if made != meant:
            reader.fault(self.line, "weights_off", value=money.written(made), expected=money.written(meant))

    def tells_share(self) -> bool:
        """As its parts are."""
        return any(one.is_share() for one in self.nodes)

    def value(self, at: Context) -> Anything:
        """The mix."""
        found = [number(node, at) for node in self.nodes]
        is_whole = self.not_applicable in (None, "nothing")
        state = state_of(value for value in found if is_whole or not isinstance(value, NotApplicable))
        if state is not None:
            return state
        known = [(value, weight) for value, weight in zip(found, self.weights, strict=True) if isinstance(value, Fraction)]
        kept = added(weight for _value, weight in known)
        if not kept:
            return NotApplicable("none applies")
        made = at.summed((value * weight for value, weight in known), self.line)
        return made * added(self.weights) / kept if self.not_applicable == "spread" else made

    def words(self, lang: str = "zh") -> str:
        """a × 0.5 + b × 0.5."""
        pairs = zip(self.nodes, self.weights, strict=True)
        return " + ".join(f"{bracketed(node, lang)} × {money.written(weight)}" for node, weight in pairs)


class Elapsed(Node):
    """The share of the year gone by at the day asked for (时间进度): months ended or begun of twelve, or days of the year (form 19)."""

    CODE, ZH, EN = "elapsed", "时间进度", "the share of the year gone by"
    FIELDS: ClassVar[Fields] = {"by": Field("word", "按月还是按天", "by month or by day", choices=("month", "day"))}
    by: str

    def tells_share(self) -> bool:
        """It is one."""
        return True

    def value(self, at: Context) -> Anything:
        """October gives 10/12, whichever its day; 31 October by days gives 304/365."""
        if self.by == "month":
            return Fraction(at.on.month, 12)
        first, last = dt.date(at.on.year, 1, 1), dt.date(at.on.year, 12, 31)
        return Fraction((at.on - first).days + 1, (last - first).days + 1)

    def words(self, lang: str = "zh") -> str:
        """The share of the year."""
        return {"zh": "时间进度", "en": "share of the year gone by"}["zh" if lang == "zh" else "en"]


class DaysBetween(Node):
    """The days from one day to another (apply-by, late starts): the next day gives 1, an earlier one is negative."""

    CODE, ZH, EN = "days", "相隔天数", "days between two dates"
    FIELDS: ClassVar[Fields] = {
        "from": Field("day", "从哪天", "from which day"),
        "to": Field("day", "到哪天；不写是计分那天", "to which day; the day of the run where not said", is_needed=False),
    }
    to: Node | None

    def check(self, reader: Checking) -> None:
        """It counts days."""
        self.begin: Node = getattr(self, "from")
        self.dimensions = money.UNITS["days"].dimensions

    def value(self, at: Context) -> Anything:
        """to − from."""
        begin, end = self.begin.value(at), self.to.value(at) if self.to else at.on
        state = state_of((begin, end))
        if state is not None:
            return state
        assert isinstance(begin, dt.date) and isinstance(end, dt.date)
        return Fraction((end - begin).days)

    def words(self, lang: str = "zh") -> str:
        """From … to …."""
        end = self.to.words(lang) if self.to else ("计分日" if lang == "zh" else "the day of the run")
        form = "从 {} 到 {} 的天数" if lang == "zh" else "days from {} to {}"
        return form.format(self.begin.words(lang), end)


class Dated(Node):
    """What holds from which day on (form 22): the last that began by the day asked for; before the first, it does not apply."""

    CODE, ZH, EN = "dated", "按日期取", "by date"
    FIELDS: ClassVar[Fields] = {"from": Field("dated", "开始日期：取什么", "start day: what holds")}

    def check(self, reader: Checking) -> None:
        """All are measured in the same."""
        self.by_day: dict[dt.date, Node] = dict(sorted((getattr(self, "from") or {}).items()))
        self.dimensions = reader.same(self.line, *self.by_day.values())

    def tells_share(self) -> bool:
        """As what holds."""
        return any(one.is_share() for one in self.by_day.values())

    def value(self, at: Context) -> Anything:
        """What holds on the day."""
        begun = [day for day in self.by_day if day <= at.on]
        return self.by_day[begun[-1]].value(at) if begun else NotApplicable("not yet in force")

    def words(self, lang: str = "zh") -> str:
        """From which day what holds."""
        since = "自 {} 起 {}" if lang == "zh" else "from {}: {}"
        return ("；" if lang == "zh" else "; ").join(since.format(day, node.words(lang)) for day, node in self.by_day.items())


ARITHMETIC: tuple[type[Node], ...] = (
    Sum, Difference, Product, Ratio, Cap, Floor, Highest, Lowest, Mean, Rounded, Weighted, Elapsed, DaysBetween, Dated,
)  # fmt: skip
