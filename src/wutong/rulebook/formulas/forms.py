"""The forms in which governments write their rules: completion, quotas, tallies, deductions, gates, steps, bands, slopes, look-ups."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from wutong.rulebook import money
from wutong.rulebook.formulas.arithmetic import Product, bracketed
from wutong.rulebook.formulas.base import LIKELY_PERCENT, Checking, Constant, Field, Fields, Node, in_hundredths, is_bare, number, numbers
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.implied import Asked
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, state_of

_MOST_COMPARED = 100
"""Steps that are held against each other; nobody writes more."""
_BASE = Field("node", "基数", "base")
_OF = Field("node", "取什么", "of what")
_ELSE = Field("node", "其余情况", "otherwise", is_needed=False)


def said(node: Node | None, lang: str) -> str:
    """A part in words; nothing where there is none."""
    return node.words(lang) if node is not None else ""


class Completion(Node):
    """How much of the target was reached, times the points, up to a cap that is stated (form 1)."""

    CODE, ZH, EN = "completion", "完成率", "completion"
    FIELDS: ClassVar[Fields] = {
        "actual": Field("node", "实绩", "actual"), "target": Field("node", "目标", "target"),
        "points": Field("node", "满分值；不写则得完成率", "points; the rate itself where not said", is_needed=False),
        "cap": Field("number_or_none", "完成率封顶，如 120%；不封顶写 none", "cap of the rate, such as 120%, or none"),
        "if_zero": Field("node", "目标为 0 时", "where the target is 0", is_needed=False, choices=("missing", "not_applicable")),
    }  # fmt: skip
    actual: Node
    target: Node
    points: Node | None
    cap: Fraction | str
    if_zero: Node | str | None

    def check(self, reader: Checking) -> None:
        """Actual and target are measured in the same."""
        reader.same(self.line, self.actual, self.target)
        self.dimensions = self.points.dimensions if self.points else money.BARE
        if isinstance(self.if_zero, Node):
            reader.same(self.line, self, self.if_zero)

    def tells_share(self) -> bool:
        """The rate itself, where it gives no points."""
        return self.points is None

    def value(self, at: Context) -> Anything:
        """min(actual ÷ target, cap) × points. No target: missing, or what the rule says."""
        found = numbers([self.actual, self.target, *([self.points] if self.points else [])], at)
        if not isinstance(found, list):
            return found
        if found[1] == 0:
            if isinstance(self.if_zero, Node):
                return self.if_zero.value(at)
            return NotApplicable("target is zero") if self.if_zero == "not_applicable" else Missing.of(f"{self.target.words('zh')}=0")
        rate = found[0] / found[1]
        rate = min(rate, self.cap) if isinstance(self.cap, Fraction) else rate
        return rate * found[2] if self.points else rate

    def words(self, lang: str = "zh") -> str:
        """min(a ÷ t, 120%) × 30."""
        rate = f"{bracketed(self.actual, lang)} ÷ {bracketed(self.target, lang)}"
        if isinstance(self.cap, Fraction):
            rate = f"min({rate}, {money.written(self.cap * 100)}%)"
        elif self.points:
            rate = f"({rate})"
        return f"{rate} × {self.points.words(lang)}" if self.points else rate


class Quota(Node):
    """So many in each size tier, less so much for each that lacks; more in one tier makes up for no other (form 3)."""

    CODE, ZH, EN = "quota", "分档指标", "quota by tier"
    FIELDS: ClassVar[Fields] = {
        "base": _BASE,
        "tiers": Field("rows", "各档", "the tiers", rows=(
            ("count", Field("node", "个数", "count")), ("target", Field("node", "下限个数", "target")),
            ("each", Field("node", "每少一个扣", "deducted for each that lacks")),
        )),
        "floor": Field("node", "扣到多少为止，缺省为 0", "no less than; 0 where not said", is_needed=False),
    }  # fmt: skip
    base: Node
    tiers: list[dict[str, Node]]
    floor: Node | None

    def check(self, reader: Checking) -> None:
        """Counts go with targets; what is deducted is measured like the base."""
        for tier in self.tiers:
            reader.same(self.line, tier.get("count"), tier.get("target"))
        self.dimensions = reader.same(self.line, self.base, *(tier.get("each") for tier in self.tiers), self.floor)

    def value(self, at: Context) -> Anything:
        """base − Σ each × max(0, target − count)."""
        nodes = [self.base, *(tier[name] for tier in self.tiers for name in ("count", "target", "each"))]
        found = numbers([*nodes, *([self.floor] if self.floor else [])], at)
        if not isinstance(found, list):
            return found
        least = found.pop() if self.floor else Fraction(0)
        left = found[0]
        for place in range(1, len(found), 3):
            count, target, each = found[place : place + 3]
            left = at.sized(left - each * max(Fraction(0), target - count), self.line)
        return max(left, least)

    def words(self, lang: str = "zh") -> str:
        """base, less so much for each that lacks."""
        parts = (f"{tier['count'].words(lang)}/{tier['target'].words(lang)} (−{tier['each'].words(lang)})" for tier in self.tiers)
        least = self.floor.words(lang) if self.floor else "0"
        form = "{} 逐档缺一扣分: {}；扣到 {} 为止" if lang == "zh" else "{} less for each that lacks: {}; no less than {}"
        return form.format(self.base.words(lang), "; ".join(parts), least)


class Tally(Node):
    """So many points for each of several counts, each and all of them up to a cap (form 4)."""

    CODE, ZH, EN = "tally", "计数得分", "points by count"
    FIELDS: ClassVar[Fields] = {
        "of": Field("rows", "各项计数", "the counts", rows=(
            ("count", Field("node", "个数", "count")), ("each", Field("node", "每个得", "points each")),
            ("at_most", Field("node", "该项封顶", "cap of this count", is_needed=False)),
        )),
        "at_most": Field("node", "合计封顶", "cap of all", is_needed=False),
    }  # fmt: skip
    of: list[dict[str, Node]]
    at_most: Node | None

    def check(self, reader: Checking) -> None:
        """The points are measured in the same, and so are the caps."""
        self.dimensions = reader.same(self.line, *self._sized(reader), *(one.get("at_most") for one in self.of), self.at_most)

    def _sized(self, reader: Checking) -> list[Node]:
        """Each count times its points, to see what that is measured in."""
        made: list[Node] = [Product(one["count"].line, {"of": [one["count"], one["each"]]}) for one in self.of]
        for node in made:
            node.check(reader)
        return made

    def value(self, at: Context) -> Anything:
        """Σ min(count × each, cap), up to the cap of all."""
        made = Fraction(0)
        hindered: list[Anything] = []
        for one in self.of:
            found = numbers([node for node in (one["count"], one["each"], one.get("at_most")) if node is not None], at)
            if isinstance(found, list):
                points = found[0] * found[1]
                made = at.sized(made + (min(points, found[2]) if len(found) == 3 else points), self.line)
            else:
                hindered.append(found)
        limit = number(self.at_most, at) if self.at_most else made
        state = state_of([*hindered, limit])
        if state is not None:
            return state
        assert isinstance(limit, Fraction)
        return min(made, limit)

    def words(self, lang: str = "zh") -> str:
        """count × each + …, up to."""
        parts = []
        for one in self.of:
            points = f"{one['count'].words(lang)} × {one['each'].words(lang)}"
            parts.append(f"min({points}, {one['at_most'].words(lang)})" if one.get("at_most") else points)
        made = " + ".join(parts)
        return f"min({made}, {self.at_most.words(lang)})" if self.at_most else made


class Deductions(Tally):
    """A base, less so much for each event, down to a floor (form 5)."""

    CODE, ZH, EN = "deductions", "扣分", "base less deductions"
    FIELDS: ClassVar[Fields] = {
        "base": _BASE, **Tally.FIELDS,
        "floor": Field("node", "扣到多少为止，缺省为 0", "no less than; 0 where not said", is_needed=False),
    }  # fmt: skip
    base: Node
    floor: Node | None

    def check(self, reader: Checking) -> None:
        """All is measured in the same."""
        super().check(reader)
        self.dimensions = reader.same(self.line, self.base, *self._sized(reader), self.floor)

    def value(self, at: Context) -> Anything:
        """max(base − Σ, floor)."""
        taken, base = super().value(at), number(self.base, at)
        least = number(self.floor, at) if self.floor else Fraction(0)
        state = state_of((base, taken, least))
        if state is not None:
            return state
        assert isinstance(base, Fraction) and isinstance(taken, Fraction) and isinstance(least, Fraction)
        return max(base - taken, least)

    def words(self, lang: str = "zh") -> str:
        """max(base − (…), floor)."""
        return f"max({self.base.words(lang)} − ({super().words(lang)}), {self.floor.words(lang) if self.floor else 0})"


class If(Node):
    """One thing where a condition holds, another where not; below the gate nothing (form 8)."""

    CODE, ZH, EN = "if", "条件", "if"
    FIELDS: ClassVar[Fields] = {
        "when": Field("condition", "条件", "when"),
        "then": Field("node", "满足时", "then"),
        "else": Field("node", "否则", "else"),
    }
    when: Condition
    then: Node

    def check(self, reader: Checking) -> None:
        """Both are measured in the same."""
        self.otherwise: Node = getattr(self, "else")
        self.dimensions = reader.same(self.line, self.then, self.otherwise)

    def tells_share(self) -> bool:
        """As what it leads to."""
        return self.then.is_share() or self.otherwise.is_share()

    def value(self, at: Context) -> Anything:
        """What the condition leads to; missing where it cannot be known."""
        found = self.when.holds(at)
        return found if not isinstance(found, bool) else (self.then if found else self.otherwise).value(at)

    def words(self, lang: str = "zh") -> str:
        """If …, then …, else …."""
        form = "若 {} 则 {}，否则 {}" if lang == "zh" else "if {} then {}, else {}"
        return form.format(self.when.words(lang), self.then.words(lang), self.otherwise.words(lang))


class Steps(Node):
    """The first of several steps whose conditions hold (form 9)."""

    CODE, ZH, EN = "steps", "分级得分", "steps"
    FIELDS: ClassVar[Fields] = {
        "of": Field("rows", "从高到低各级", "the steps, the first that holds counts", rows=(
            ("when", Field("condition", "条件", "when")), ("gives", Field("node", "得", "gives")),
        )),
        "else": Field("node", "都不满足时", "where none holds"),
    }  # fmt: skip
    of: list[dict[str, Node]]

    def check(self, reader: Checking) -> None:
        """All steps are measured in the same."""
        self.otherwise: Node = getattr(self, "else")
        self.dimensions = reader.same(self.line, *(one.get("gives") for one in self.of), self.otherwise)
        self._reached([one["when"] for one in self.of[:_MOST_COMPARED]], reader)

    @staticmethod
    def _reached(conditions: list[Node], reader: Checking) -> None:
        """A fault for each step whose condition holds only where one before it does."""
        asked = [Asked.of(one) for one in conditions]
        for place, (one, when) in enumerate(zip(asked, conditions, strict=True)):
            before = next((number for number, other in enumerate(asked[:place], 1) if one.implies(other)), None)
            if before is not None:
                said = Expected(when.words(), when.words("en"))
                reader.fault(when.line, "step_behind", value=said, field=str(place + 1), expected=before)

    def value(self, at: Context) -> Anything:
        """What the first step that holds gives; missing where one before it cannot be known."""
        for one in self.of:
            when = one["when"]
            assert isinstance(when, Condition)
            found = when.holds(at)
            if not isinstance(found, bool):
                return found
            if found:
                return one["gives"].value(at)
        return self.otherwise.value(at)

    def words(self, lang: str = "zh") -> str:
        """When … → …."""
        parts = [f"{one['when'].words(lang)} → {one['gives'].words(lang)}" for one in self.of]
        return ("；" if lang == "zh" else "; ").join([*parts, f"{'其余' if lang == 'zh' else 'else'} → {self.otherwise.words(lang)}"])


class Bands(Node):
    """What the band gives that a number lies in; lower bound in, upper bound out (forms 7, 11, 15)."""

    CODE, ZH, EN = "bands", "分段", "bands"
    FIELDS: ClassVar[Fields] = {
        "of": _OF,
        "bands": Field("rows", "从小到大各段", "the bands, from low to high", rows=(
            ("from", Field("node", "下限（含）", "from (in)", is_needed=False)),
            ("to", Field("node", "上限（不含）", "to (out)", is_needed=False)),
            ("gives", Field("node", "得", "gives")),
        )),
        "outside": Field("node", "不在任何一段时", "outside all bands", is_needed=False, choices=("missing", "not_applicable")),
    }  # fmt: skip
    of: Node
    bands: list[dict[str, Node]]
    outside: Node | str | None

    def check(self, reader: Checking) -> None:
        """Bands follow each other without overlap and gap, measured like what lies in them; beyond the ends `outside` says what holds."""
        reader.same(self.line, self.of, *(one.get(name) for one in self.bands for name in ("from", "to")))
        gives = [one.get("gives") for one in self.bands]
        self.dimensions = reader.same(self.line, *gives, self.outside if isinstance(self.outside, Node) else None)
        is_told = self.outside in ("missing", "not_applicable")  # a number there would be given in a gap too, without a word
        self.bounds = check_bands(self.bands, self.line, reader, is_open_outside=self.outside is not None, may_have_gaps=is_told)

    def value(self, at: Context) -> Anything:
        """What the band gives."""
        found = number(self.of, at)
        if not isinstance(found, Fraction):
            return found
        for (low, high), one in zip(self.bounds, self.bands, strict=True):
            if (low is None or found >= low) and (high is None or found < high):
                return one["gives"].value(at)
        if isinstance(self.outside, Node):
            return self.outside.value(at)
        return NotApplicable("outside all bands") if self.outside == "not_applicable" else Missing.of(self.of.words("zh"))

    def words(self, lang: str = "zh") -> str:
        """From, to under: gives."""
        parts = [f"{_between(one.get('from'), one.get('to'), lang)} → {one['gives'].words(lang)}" for one in self.bands]
        if isinstance(self.outside, Node):
            parts.append(f"{'其余' if lang == 'zh' else 'else'} → {self.outside.words(lang)}")
        return f"{self.of.words(lang)}: {'; '.join(parts)}"


def _between(low: Node | None, high: Node | None, lang: str) -> str:
    """A band in words: its lower bound is in, its upper out."""
    if low is not None and high is not None:
        return f"{low.words(lang)} {'至不满' if lang == 'zh' else 'to under'} {high.words(lang)}"
    if high is not None:
        return f"{'不满' if lang == 'zh' else 'under'} {high.words(lang)}"
    if low is not None:
        return f"{low.words(lang)} {'以上' if lang == 'zh' else 'or more'}"
    return "任意" if lang == "zh" else "any"


Bounds = list[tuple[Fraction | None, Fraction | None]]


def check_bands(bands: list[dict[str, Node]], line: int, reader: Checking, *, is_open_outside: bool, may_have_gaps: bool = False) -> Bounds:
    """The bounds of bands as numbers; faults for overlaps, empty bands, gaps between them, and open ends that nothing is said of."""
    found: list[tuple[Fraction | None, Fraction | None, int]] = []
    for one in bands:
        low, high = one.get("from"), one.get("to")
        for node in (low, high):
            if node is not None and not isinstance(node, Constant):
                reader.fault(node.line, "wrong_kind", value=node.words(), expected="amount")
        where = next((node.line for node in (low, high, one.get("gives")) if node is not None), line)
        found.append((low.amount if isinstance(low, Constant) else None, high.amount if isinstance(high, Constant) else None, where))
    ends = [(one.get("from"), one.get("to")) for one in bands]
    for (bottom, top, where), (low, high) in zip(found, ends, strict=True):
        if bottom is not None and top is not None and bottom >= top:
            reader.fault(where, "band_empty", value=f"{_edge(low)}–{_edge(high)}")
    for ((_bottom, end, _here), (_low, high)), ((begin, _top, where), (low, _high)) in pairwise(zip(found, ends, strict=True)):
        if end is None or begin is None or end > begin:
            reader.fault(where, "bands_overlap", value=f"to: {_edge(high)}, from: {_edge(low)}")
        elif end < begin and not may_have_gaps:
            reader.fault(where, "bands_hole", value=f"{_edge(high)}–{_edge(low)}")
    if found and not is_open_outside:
        if found[0][0] is not None:
            reader.fault(found[0][2], "bands_gap", value=f"< {_edge(ends[0][0])}")
        if found[-1][1] is not None:
            reader.fault(found[-1][2], "bands_gap", value=f"≥ {_edge(ends[-1][1])}")
    return [(low, high) for low, high, _where in found]


def _edge(node: Node | None) -> str:
    """A bound as it is written."""
    return node.text if isinstance(node, Constant) else "…"


class Progressive(Node):
    """Each part of an amount at the rate of its own band (累进), as an introducer's reward; a single rate with a cap is one band."""

    CODE, ZH, EN = "progressive", "累进", "progressive rates"
    FIELDS: ClassVar[Fields] = {
        "of": _OF,
        "bands": Field("rows", "从小到大各段", "the bands, from low to high", rows=(
            ("from", Field("node", "下限", "from", is_needed=False)), ("to", Field("node", "上限", "to", is_needed=False)),
            ("rate", Field("number", "比例，如 3‰", "rate, such as 3‰")),
        )),
        "at_most": Field("node", "封顶", "cap", is_needed=False),
    }  # fmt: skip
    of: Node
    bands: list[dict[str, Any]]
    at_most: Node | None

    def check(self, reader: Checking) -> None:
        """Bands follow each other."""
        edges = [one.get(name) for one in self.bands for name in ("from", "to")]
        self.dimensions = reader.same(self.line, self.of, *edges, self.at_most)
        self.bounds = check_bands(self.bands, self.line, reader, is_open_outside=True)
        self.rates: list[Fraction] = [one["rate"] for one in self.bands]

    def value(self, at: Context) -> Anything:
        """Σ rate × the part of the amount inside the band."""
        found, limit = number(self.of, at), number(self.at_most, at) if self.at_most else None
        state = state_of([found] if limit is None else [found, limit])
        if state is not None:
            return state
        assert isinstance(found, Fraction)
        made = Fraction(0)
        for (low, high), rate in zip(self.bounds, self.rates, strict=True):
            top = found if high is None else min(found, high)
            made = at.sized(made + rate * max(Fraction(0), top - (low or Fraction(0))), self.line)
        return min(made, limit) if isinstance(limit, Fraction) else made

    def words(self, lang: str = "zh") -> str:
        """from–to at a rate."""
        edges = ((said(one.get("from"), lang) or "0", said(one.get("to"), lang) or "…") for one in self.bands)
        parts = (f"{low}–{high} × {money.written(rate * 1000)}‰" for (low, high), rate in zip(edges, self.rates, strict=True))
        made = f"{self.of.words(lang)} {'分段累进' if lang == 'zh' else 'by parts'} ({'; '.join(parts)})"
        return f"min({made}, {self.at_most.words(lang)})" if self.at_most else made


class Slope(Node):
    """A base, more for each step above a line and less for each below, with caps of their own; whole steps or in proportion (form 10)."""

    CODE, ZH, EN = "slope", "超欠加减分", "more above, less below"
    _RUNS = (
        ("to", Field("node", "到此为止；最后一段不写", "as far as; not said in the last", is_needed=False)),
        ("per", Field("node", "每多（少）多少", "for each")), ("points", Field("node", "加（减）多少", "points")),
    )  # fmt: skip
    FIELDS: ClassVar[Fields] = {
        "of": _OF, "line": Field("node", "基准线", "the line"), "base": _BASE,
        "above": Field("rows", "高于基准线各段，由近及远", "the runs above, from the line upwards", is_needed=False, rows=_RUNS),
        "below": Field("rows", "低于基准线各段，由近及远", "the runs below, from the line downwards", is_needed=False, rows=_RUNS),
        "count": Field("word", "whole 只计整数步，linear 按比例", "whole steps only, or linear", choices=("whole", "linear")),
        "most_above": Field("node", "最多加", "at most more", is_needed=False),
        "most_below": Field("node", "最多减", "at most less", is_needed=False),
    }  # fmt: skip
    of: Node
    base: Node
    above: list[dict[str, Node]] | None
    below: list[dict[str, Node]] | None
    count: str
    most_above: Node | None
    most_below: Node | None

    def __init__(self, line: int, given: dict[str, object]) -> None:
        super().__init__(line, given)
        self.pivot: Node = given["line"]  # type: ignore[assignment]
        self.line = line

    def field(self, name: str) -> Any:
        """What stands in a field; `line` of the text is another thing."""
        return self.pivot if name == "line" else super().field(name)

    def parts(self):  # type: ignore[no-untyped-def]
        """As of every node; the line is kept under another name."""
        yield "line", self.pivot
        yield from super().parts()

    def check(self, reader: Checking) -> None:
        """Steps are measured like what goes up and down, points like the base; runs follow each other away from the line."""
        runs = [*(self.above or ()), *(self.below or ())]
        if not runs:
            reader.fault(self.line, "not_there", field="slope", expected="above、below")
        reader.same(self.line, self.of, self.pivot, *(run.get(name) for run in runs for name in ("to", "per")))
        self.dimensions = reader.same(self.line, self.base, self.most_above, self.most_below, *(run.get("points") for run in runs))
        for side in (self.above or [], self.below or []):
            for place, run in enumerate(side):
                if (run.get("to") is None) != (place == len(side) - 1):
                    reader.fault(self.line, "bands_overlap" if run.get("to") is None else "bands_gap", value=run["per"].words())
                per = run.get("per")
                if isinstance(per, Constant) and per.amount <= 0:
                    reader.fault(per.line, "wrong_shape", field="per", value=per.text, expected="> 0")
                elif isinstance(per, Constant) and 1 <= per.amount < LIKELY_PERCENT and is_bare(per) and self.of.is_share():
                    reader.fault(per.line, "no_share", field="per", value=per.text, expected=in_hundredths(per.amount))
            self._goes_away(side, reader)

    def _goes_away(self, side: list[dict[str, Node]], reader: Checking) -> None:
        """Each run ends farther from the line than the one before."""
        sign, edge = (1 if side is self.above else -1), self.pivot
        for run in side:
            end = run.get("to")
            if isinstance(end, Constant) and isinstance(edge, Constant) and sign * (end.amount - edge.amount) <= 0:
                reader.fault(end.line, "wrong_shape", field="to", value=end.text, expected=f"{'>' if sign > 0 else '<'} {edge.text}")
            edge = end or edge

    def value(self, at: Context) -> Anything:
        """The base with what is added or taken."""
        found = numbers([self.of, self.pivot, self.base], at)
        if not isinstance(found, list):
            return found
        value, line, base = found
        is_above = value >= line
        moved = self._moved(self.above if is_above else self.below, line, value, at)
        most = self.most_above if is_above else self.most_below
        limit = number(most, at) if most else moved
        state = state_of((moved, limit))
        if state is not None:
            return state
        assert isinstance(moved, Fraction) and isinstance(limit, Fraction)
        moved = min(moved, limit)
        return base + moved if is_above else base - moved

    def _moved(
        self, runs: list[dict[str, Node]] | None, line: Fraction, value: Fraction, at: Context
    ) -> Fraction | Missing | NotApplicable:
        made, begin = Fraction(0), line
        for run in runs or ():
            found = numbers([run["per"], run["points"], *([run["to"]] if run.get("to") else [])], at)
            if not isinstance(found, list):
                return found
            if found[0] <= 0:
                return Missing.of(f"{run['per'].words('zh')}≤0")
            end = found[2] if len(found) == 3 else value
            inside = min(abs(value - begin), abs(end - begin))
            steps = inside / found[0]
            counted = steps if self.count == "linear" else Fraction(steps.numerator // steps.denominator)
            made = at.sized(made + counted * found[1], self.line)
            if abs(value - begin) <= abs(end - begin):
                break
            begin = end
        return made

    def words(self, lang: str = "zh") -> str:
        """base ± so much for each."""
        is_zh = lang == "zh"

        def runs(side: list[dict[str, Node]], signs: tuple[str, str], most: Node | None) -> str:
            form, until, at_most = ("每{sign} {per} {points}", "（到 {} 止）", "最多 {}") if is_zh else (
                "{points} for each {per} {sign}", " (as far as {})", "{} at most")  # fmt: skip
            said = [
                form.format(sign=signs[0], per=run["per"].words(lang), points=signs[1] + run["points"].words(lang))
                + (until.format(run["to"].words(lang)) if run.get("to") else "")
                for run in side
            ]
            return ("，" if is_zh else ", ").join([*said, *([at_most.format(most.words(lang))] if most else [])])

        sides = [
            runs(self.above or [], ("高", "加 ") if is_zh else ("above", "+"), self.most_above) if self.above else "",
            runs(self.below or [], ("低", "减 ") if is_zh else ("below", "−"), self.most_below) if self.below else "",
            ("只计整份" if is_zh else "whole steps only") if self.count == "whole" else "",
        ]
        form = "{}；{} 以 {} 为准：{}" if is_zh else "{}; {} against {}: {}"
        told = ("；" if is_zh else "; ").join(one for one in sides if one)
        return form.format(self.base.words(lang), self.of.words(lang), self.pivot.words(lang), told)


class Lookup(Node):
    """What a table says of a word (form 11): a slope or target by the level of the unit."""

    CODE, ZH, EN = "lookup", "查表", "looked up"
    FIELDS: ClassVar[Fields] = {
        "by": Field("text", "按哪个文字数据项", "by which text"), "table": Field("table", "取值：得", "word: what it gives"),
        "else": Field("node", "表中没有时", "not in the table", is_needed=False, choices=("missing", "not_applicable")),
    }  # fmt: skip
    by: Node
    table: dict[str, Node]

    def check(self, reader: Checking) -> None:
        """All that the table gives is measured in the same."""
        self.otherwise: Node | str | None = getattr(self, "else")
        other = self.otherwise if isinstance(self.otherwise, Node) else None
        self.dimensions = reader.same(self.line, *self.table.values(), other)

    def value(self, at: Context) -> Anything:
        """What the table says."""
        word = self.by.value(at)
        if isinstance(word, Missing | NotApplicable):
            return word
        found = self.table.get(word) if isinstance(word, str) else None
        if found is not None:
            return found.value(at)
        if isinstance(self.otherwise, Node):
            return self.otherwise.value(at)
        return NotApplicable(str(word)) if self.otherwise == "not_applicable" else Missing.of(f"{self.by.words('zh')}={word}")

    def words(self, lang: str = "zh") -> str:
        """By the word: …."""
        rows = [f"{word} → {node.words(lang)}" for word, node in self.table.items()]
        if isinstance(self.otherwise, Node):
            rows.append(f"{'其他' if lang == 'zh' else 'else'} → {self.otherwise.words(lang)}")
        return f"{'按' if lang == 'zh' else 'by '}{self.by.words(lang)}: {'; '.join(rows)}"


FORMS: tuple[type[Node], ...] = (Completion, Quota, Tally, Deductions, If, Steps, Bands, Progressive, Slope, Lookup)
