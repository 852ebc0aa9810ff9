"""Formulas that look at the whole group: 功效系数, ranks, the group's mean and extremes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Checking, Field, Fields, Node, remembered
from wutong.rulebook.formulas.forms import check_bands
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, fraction, state_of


def of_group(node: Node, at: Context) -> list[tuple[str, Fraction]]:
    """What a node gives for each unit of the group that has a number, in the order of the units; computed once."""
    key = "values", id(node)  # the node may itself be one of these, and keep what it takes of the group under its own
    found = at.group.memory.get(key)
    if found is None:
        values = [(unit.unit, remembered(node, unit)) for unit in at.group.units]
        found = [(name, at.sized(value, node.line)) for name, value in values if not isinstance(value, Missing | NotApplicable)]
        at.group.memory[key] = found
    return found  # type: ignore[return-value]


class MinMax(Node):
    """功效系数 (form 6): (x − lowest) ÷ (highest − lowest) × span + base, inside the group; a stated policy where all are alike."""

    CODE, ZH, EN = "min_max", "功效系数", "min-max within the group"
    FIELDS: ClassVar[Fields] = {
        "of": Field("node", "取什么", "of what"), "base": Field("node", "最低得（如 60）", "for the lowest, such as 60"),
        "span": Field("node", "再加（如 40）", "added up to the highest, such as 40"),
        "if_equal": Field("node", "全组相同时得多少（原文常未规定，须写明）", "where all are alike", choices=("missing", "not_applicable")),
        "low_is_good": Field("flag", "数值越小越好", "whether less is better", is_needed=False),
    }  # fmt: skip
    of: Node
    base: Node
    span: Node
    if_equal: Node | str
    low_is_good: bool | None

    def check(self, reader: Checking) -> None:
        """Base and span are measured in the same."""
        equal = self.if_equal if isinstance(self.if_equal, Node) else None
        self.dimensions = reader.same(self.line, self.base, self.span, equal)

    def value(self, at: Context) -> Anything:
        """The points of the unit among those that have a number."""
        own, base, span = remembered(self.of, at), self.base.value(at), self.span.value(at)
        state = state_of((own, base, span))
        if state is not None:
            return state
        low, high = self._extremes(at)
        if low == high:
            if isinstance(self.if_equal, Node):
                return self.if_equal.value(at)
            return NotApplicable("all are alike") if self.if_equal == "not_applicable" else Missing.of(f"{self.of.words('zh')} max=min")
        part = (at.sized(own, self.line) - low) / (high - low)
        return (1 - part if self.low_is_good else part) * at.sized(span, self.line) + at.sized(base, self.line)

    def _extremes(self, at: Context) -> tuple[Fraction, Fraction]:
        """The lowest and the highest of the group; computed once."""
        key = id(self)
        if key not in at.group.memory:
            values = [value for _unit, value in of_group(self.of, at)]
            at.group.memory[key] = min(values), max(values)
        return at.group.memory[key]  # type: ignore[return-value]

    def words(self, lang: str = "zh") -> str:
        """(x − min) ÷ (max − min) × 40 + 60."""
        said = self.of.words(lang)
        part = f"(max − {said})" if self.low_is_good else f"({said} − min)"
        return f"{part} ÷ (max − min) × {self.span.words(lang)} + {self.base.words(lang)}"


class Ranked(Node):
    """The rank within the group, or what it gives (form 7): ties dense (8, 8, 8, 9) or skipping (8, 8, 8, 11)."""

    CODE, ZH, EN = "rank", "名次", "rank within the group"
    FIELDS: ClassVar[Fields] = {
        "of": Field("node", "按什么排", "by what"),
        "order": Field("word", "high_first 大者在前", "which comes first", choices=("high_first", "low_first")),
        "ties": Field("word", "并列后：dense 不跳号，skip 跳号", "after ties", choices=("dense", "skip")),
        "gives": Field("bands", "名次得分；不写则得名次本身", "what the ranks give; the rank itself where not said", is_needed=False, rows=(
            ("from", Field("node", "名次从", "from rank")), ("to", Field("node", "到（不含）", "to (out)", is_needed=False)),
            ("gives", Field("node", "得", "gives")),
        )),
        "else": Field("node", "其余名次", "other ranks", is_needed=False),
    }  # fmt: skip
    of: Node
    order: str
    ties: str
    gives: list[dict[str, Node]] | None

    def check(self, reader: Checking) -> None:
        """Ranks follow each other."""
        self.otherwise: Node | None = getattr(self, "else")
        given = [one.get("gives") for one in self.gives or ()]
        self.dimensions = reader.same(self.line, *given, self.otherwise) if self.gives else money.BARE
        is_open = self.otherwise is not None
        edges = [{name: one[name] for name in ("from", "to") if one.get(name)} for one in self.gives or ()]
        self.bounds = check_bands(edges, self.line, reader, is_open_outside=True)  # whom no row names gets `else`, or nothing is said
        if self.gives and not is_open and self.bounds[-1][1] is not None:
            reader.fault(self.line, "not_there", field=self.CODE, expected="else")

    def value(self, at: Context) -> Anything:
        """The rank, or what it gives."""
        own = remembered(self.of, at)
        if isinstance(own, Missing | NotApplicable):
            return own
        rank = self._ranks(at)[fraction(own)]
        if not self.gives:
            return Fraction(rank)
        for (low, high), one in zip(self.bounds, self.gives, strict=True):
            if (low is None or rank >= low) and (high is None or rank < high):
                return one["gives"].value(at)
        return self.otherwise.value(at) if self.otherwise else Missing.of(f"rank {rank}")

    def _ranks(self, at: Context) -> Mapping[Fraction, int]:
        key = id(self)
        if key not in at.group.memory:
            values = [value for _unit, value in of_group(self.of, at)]
            at.group.memory[key] = ranks(values, is_high_first=self.order == "high_first", is_dense=self.ties == "dense")
        return at.group.memory[key]  # type: ignore[return-value]

    def words(self, lang: str = "zh") -> str:
        """The rank by …."""
        how = [
            {"high_first": ("大者在前", "high first"), "low_first": ("小者在前", "low first")}[self.order][lang != "zh"],
            {"skip": ("并列跳号", "ties skip"), "dense": ("并列不跳号", "ties dense")}[self.ties][lang != "zh"],
        ]
        said = f"{'名次' if lang == 'zh' else 'rank'}({', '.join([self.of.words(lang), *how])})"
        rows = [f"[{one['from'].words(lang)}, {one['to'].words(lang) if one.get('to') else '…'}) → {one['gives'].words(lang)}"
                for one in self.gives or ()]  # fmt: skip
        if self.otherwise is not None:
            rows.append(f"{'其余' if lang == 'zh' else 'else'} → {self.otherwise.words(lang)}")
        return f"{said}: {'; '.join(rows)}" if rows else said


def ranks(values: list[Fraction], *, is_high_first: bool = True, is_dense: bool = False) -> Mapping[Fraction, int]:
    """The rank of each value that occurs; equal values share one, and after them the count goes on densely or skips."""
    found: dict[Fraction, int] = {}
    for place, value in enumerate(sorted(values, reverse=is_high_first), 1):
        if value not in found:
            found[value] = len(found) + 1 if is_dense else place
    return found


class OfGroup(Node):
    """Something of the whole group: mean, highest, lowest, sum, or how many there are."""

    CODE, ZH, EN = "group", "全组", "of the whole group"
    FIELDS: ClassVar[Fields] = {
        "of": Field("node", "取什么", "of what"),
        "take": Field("word", "mean 平均、highest 最高、lowest 最低、sum 合计、count 个数", "what of it",
                      choices=("mean", "highest", "lowest", "sum", "count")),
    }  # fmt: skip
    of: Node
    take: str

    def check(self, reader: Checking) -> None:
        """Measured as what it is of; a count is bare."""
        self.dimensions = money.BARE if self.take == "count" else self.of.dimensions

    def tells_share(self) -> bool:
        """As what it is of; a count is none."""
        return self.take != "count" and self.of.is_share()

    def value(self, at: Context) -> Anything:
        """Over the units that have a number; missing where none has; computed once."""
        key = id(self)
        if key not in at.group.memory:
            at.group.memory[key] = self._taken(at)
        return at.group.memory[key]  # type: ignore[return-value]

    def _taken(self, at: Context) -> Anything:
        values = [value for _unit, value in of_group(self.of, at)]
        if self.take == "count":
            return Fraction(len(values))
        if not values:
            return Missing.of(self.of.words("zh"))
        match self.take:
            case "highest":
                return max(values)
            case "lowest":
                return min(values)
            case "sum":
                return at.summed(values, self.line)
            case _:
                return at.summed(values, self.line) / len(values)

    def words(self, lang: str = "zh") -> str:
        """The group's mean of …."""
        name = {"mean": ("全组平均", "group mean"), "highest": ("全组最高", "group highest"), "lowest": ("全组最低", "group lowest"),
                "sum": ("全组合计", "group sum"), "count": ("全组个数", "group count")}[self.take]  # fmt: skip
        return f"{name[0 if lang == 'zh' else 1]}({self.of.words(lang)})"


GROUPWISE: tuple[type[Node], ...] = (MinMax, Ranked, OfGroup)
