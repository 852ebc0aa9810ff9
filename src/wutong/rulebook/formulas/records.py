"""Formulas over records: which projects count, once each, with what points, at most how many a quarter; ratings by others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from wutong.rulebook import money
from wutong.rulebook.formulas.base import (
    Checking,
    Constant,
    Fact,
    Field,
    Fields,
    Named,
    Node,
    RecordField,
    Word,
    number,
    numbers,
    signature,
)
from wutong.rulebook.formulas.conditions import AllOf, Compared, Condition, UnknownError
from wutong.rulebook.formulas.values import Anything, Context, Missing, NotApplicable, Row, fraction, state_of, total

PERIODS = ("month", "quarter", "year")
QUICK = 8
"""So many rows that are asked of quickly, or only added up, make one step of work."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a record counts, and if not why, in both languages. `gives`: for how much; None where it is no plain number."""

    is_counted: bool
    zh: str = ""
    en: str = ""
    gives: Fraction | None = None


_SAME = Verdict(False, "同样的只计一次，已计另一条", "counted once: another of the same is counted")
_LOWER = Verdict(False, "同样的取得分最高的一条，这一条较低", "of the same only the highest counts")
_NOT_BEST = Verdict(False, "只取得分最高的一条", "only the highest counts")
_FAILS = Verdict(False, "不符合", "does not meet the condition")
_NOT_APPLICABLE = Verdict(False, "不适用", "does not apply")


class Records(Node):
    """What the records of a unit come to (forms 4, 15, 16, 20): chosen by a condition, counted once, valued one by one."""

    CODE, ZH, EN = "records", "逐条计", "record by record"
    FIELDS: ClassVar[Fields] = {
        "of": Field("records", "哪类记录", "which records"),
        "where": Field("condition", "哪些算数（认定条件）", "which of them count", is_needed=False),
        "once_by": Field("fields", "同一项目只算一次：按哪些字段", "counted once by these fields", is_needed=False),
        "first_by": Field("field", "算最早的一次：按哪个日期字段", "the earliest by this day counts", is_needed=False),
        "keep": Field("word", "同样的几条留哪条：first 最早的，highest 得分最高的（就高）", "which of the same is kept",
                      is_needed=False, choices=("first", "highest")),
        "gives": Field("node", "每条得多少；不写则计数", "what each gives; 1 where not said", is_needed=False),
        "take": Field("word", "sum 合计、highest 取最高、mean 平均", "what of them", is_needed=False, choices=("sum", "highest", "mean")),
        "at_most": Field("rows", "每期最多几条（取得分高的）", "at most so many a period, the best of them", is_needed=False, rows=(
            ("count", Field("whole", "几条", "how many")), ("per", Field("word", "每月、每季、每年", "per", choices=PERIODS)),
            ("by", Field("field", "按哪个日期字段", "by which day")),
        )),
        "sampled": Field("rows", "抽查折算：× 核实 ÷ 上报", "sampling discount: × verified ÷ reported", is_needed=False, rows=(
            ("verified", Field("node", "核实数", "verified")), ("reported", Field("node", "上报数", "reported")),
        )),
    }  # fmt: skip
    of: tuple[str, str, str]
    where: Condition | None
    once_by: list[RecordField] | None
    first_by: RecordField | None
    keep: str | None
    gives: Node | None
    take: str | None
    at_most: list[dict[str, Any]] | None
    sampled: list[dict[str, Node]] | None

    def check(self, reader: Checking) -> None:
        """Reported and verified are measured in the same; days are days."""
        self.dimensions = self.gives.dimensions if self.gives else money.BARE
        for one in self.sampled or ():
            reader.same(self.line, one.get("verified"), one.get("reported"))
        for day in (self.first_by, *(limit.get("by") for limit in self.at_most or ())):
            if isinstance(day, RecordField) and day.kind != "date":
                reader.fault(self.line, "wrong_kind", value=day.name, expected="date")
        if self.keep is not None and not self.once_by:
            reader.fault(self.line, "not_there", field="once_by", expected="once_by: […]")
        if self.keep == "highest" and not self.gives:
            reader.fault(self.line, "not_there", field="gives", expected="gives: …")
        self.choice = f"{self.of[0]}|{signature(self.where)}"
        self.steps = sum(1 for _node in self.all())

    def value(self, at: Context) -> Anything:
        """What they come to; missing where it cannot be known whether a record counts, or what it gives."""
        rows = self._chosen(at)
        once = self._once(rows) if isinstance(rows, tuple) else rows
        if not isinstance(once, tuple):
            return self._discounted(once, at)
        rows = once
        if not self.gives and not self.at_most and self.take in (None, "sum"):
            made: Fraction | Missing | NotApplicable = Fraction(len(rows))
        else:
            made = self._valued(rows, at)
        return self._discounted(made, at)

    def _chosen(self, at: Context) -> tuple[Row, ...] | Missing | NotApplicable:
        name = self.of[0]
        rows = at.records.get(name)
        if rows is None:
            return Missing.of(name)
        if self.where is None:
            return rows
        if self.choice not in at.kept:
            at.kept[self.choice] = _meeting(self.where, rows, at, self.of[1], steps=self.steps)
        return at.kept[self.choice]

    def _once(self, rows: tuple[Row, ...]) -> tuple[Row, ...] | Missing:
        """The rows of which the same are told apart, the earliest of each; missing where it cannot be known which are the same.

        Where the highest of the same is kept they are only put in order here: what they give is not known yet.
        """
        if not self.once_by or len(rows) < 2:
            return rows
        lacking = {one.name for one in self.once_by for row in rows if isinstance(row[one.index], Missing)}
        same = self._same(list(enumerate(rows)))
        if self.first_by is not None:
            index = self.first_by.index
            if any(isinstance(row[index], Missing) for found in same.values() if len(found) > 1 for _place, row in found):
                lacking.add(self.first_by.name)
            rows = tuple(sorted(rows, key=lambda row: day if isinstance(day := row[index], dt.date) else dt.date.max))
        if lacking:
            return Missing(frozenset(f"{self.of[0]}.{name}" for name in lacking))
        if self.keep == "highest":
            return rows
        return tuple(found[0][1] for found in self._same(list(enumerate(rows))).values())

    def _same(self, valued: list[tuple[Any, Row]]) -> dict[tuple[Anything, ...], list[tuple[Any, Row]]]:
        """Rows with what belongs to each, by what they are the same by; one to which that does not apply stands for itself."""
        found = dict[tuple[Anything, ...], list[tuple[Any, Row]]]()
        for place, (value, row) in enumerate(valued):
            key = tuple(row[one.index] for one in self.once_by or ())
            alone = any(isinstance(one, NotApplicable) for one in key)
            found.setdefault((*key, place) if alone else key, []).append((value, row))
        return found

    def _valued(self, rows: tuple[Row, ...], at: Context) -> Fraction | Missing | NotApplicable:
        if isinstance(self.gives, RecordField) and not self.at_most and self.keep != "highest" and self.take in (None, "sum"):
            place = self.gives.index
            plain = [row[place] for row in rows]
            at.group.work.spend(len(rows) // QUICK, self.line)
            if state_of(plain) is None:
                return total(plain, at.group.work, self.line)  # type: ignore[arg-type]
        at.group.work.spend(len(rows) * self.steps, self.line)
        before, valued, names = at.row, list[tuple[Any, Row]](), frozenset[str]()
        for row in rows:
            at.row = row
            value = self.gives.value(at) if self.gives else 1
            if isinstance(value, Missing):
                names |= value.names
            elif not isinstance(value, NotApplicable):
                valued.append((at.sized(value, self.line) if type(value) is Fraction else value, row))
        at.row = before
        if names:
            return Missing(names)
        if self.keep == "highest":  # of equals the first, which is the earliest where a day says so
            valued = [max(found, key=lambda one: fraction(one[0])) for found in self._same(valued).values()]
        for limit in self.at_most or ():
            day = limit["by"]
            if any(isinstance(row[day.index], Missing) for _value, row in valued):
                return Missing.of(f"{self.of[0]}.{day.name}")
            valued = _best(valued, limit["count"], limit["per"], limit["by"].index)
        values = [value for value, _row in valued]
        if self.take == "highest":
            return max(map(fraction, values), default=Fraction(0))
        made = total(values, at.group.work, self.line)
        if self.take == "mean":
            return made / len(values) if values else NotApplicable("no records")
        return made

    def judged(self, at: Context, *, has_words: bool = True) -> tuple[Verdict, ...]:
        """Of every record whether it counts, and why not: as `value` goes, step by step, but told row by row."""
        rows, found = at.records.get(self.of[0]) or (), dict[int, Verdict]()
        before, chosen = at.row, at.kept.get(self.choice) if self.where is not None and not has_words else None
        if isinstance(chosen, tuple):  # the points were worked out of these: nothing is asked twice
            at.group.work.spend(len(rows) // QUICK + len(chosen) * self.steps, self.line)
            kept, found = list(chosen), {id(row): _FAILS for row in rows}
        else:
            at.group.work.spend(2 * len(rows) * self.steps, self.line)
            kept = [row for row in rows if self._holds(row, at, found, has_words=has_words)]
        once = self._once(tuple(kept))
        if isinstance(once, Missing):
            found |= {id(row): self._lacking(once.names) for row in kept}
            once = ()
        else:
            left = {id(row) for row in once}
            found |= {id(row): _SAME for row in kept if id(row) not in left}
        self._judge_values(once, at, found)
        at.row = before
        return tuple(found[id(row)] for row in rows)

    def _holds(self, row: Row, at: Context, found: dict[int, Verdict], *, has_words: bool) -> bool:
        at.row = row
        holds = True if self.where is None else self.where.holds(at)
        if isinstance(holds, Missing):
            found[id(row)] = self._lacking(holds.names)
        elif isinstance(holds, NotApplicable):
            found[id(row)] = _NOT_APPLICABLE
        elif not holds:
            assert self.where is not None
            found[id(row)] = _failing(self.where, at) if has_words else _FAILS
        return holds is True

    def _judge_values(self, rows: Sequence[Row], at: Context, found: dict[int, Verdict]) -> None:
        """Of rows that the condition holds for; where what one gives is missing, so is the whole, and none of them counts."""
        valued, lacking = list[tuple[Any, Row]](), frozenset[str]()
        for row in rows:
            at.row = row
            value = self.gives.value(at) if self.gives else 1
            if isinstance(value, Missing):
                found[id(row)], lacking = self._lacking(value.names), lacking | value.names
            elif isinstance(value, NotApplicable):
                found[id(row)] = _NOT_APPLICABLE
            else:
                valued.append((value, row))
        if lacking:
            found |= {id(row): self._lacking(lacking) for _value, row in valued}
            return
        if self.keep == "highest":
            valued = _kept(valued, [max(same, key=lambda one: fraction(one[0])) for same in self._same(valued).values()], _LOWER, found)
        for limit in self.at_most or ():
            if any(isinstance(row[limit["by"].index], Missing) for _value, row in valued):
                found |= {id(row): self._lacking((f"{self.of[0]}.{limit['by'].name}",)) for _value, row in valued}
                return
            best = _best(valued, limit["count"], limit["per"], limit["by"].index)
            valued = _kept(valued, best, Verdict(False, f"超出{_limit(limit, 'zh')}", f"beyond {_limit(limit, 'en')}"), found)
        if self.take == "highest" and valued:
            valued = _kept(valued, [max(valued, key=lambda one: fraction(one[0]))], _NOT_BEST, found)
        for value, row in valued:
            found[id(row)] = Verdict(True, gives=fraction(value) if self.gives and self.gives.dimensions == money.BARE else None)

    def _lacking(self, names: Iterable[str]) -> Verdict:
        """What lacks, by the titles of the fields and facts that are asked for."""
        parts = [one for one in _behind(self.all()) if isinstance(one, RecordField | Fact)]
        titles = {f"{self.of[0]}.{one.name}" if isinstance(one, RecordField) else one.name: (one.zh, one.en) for one in parts}
        of = [titles.get(name, (name, name)) for name in sorted(names)]
        return Verdict(False, f"缺数据：{'、'.join(zh for zh, _en in of)}", f"missing: {', '.join(en for _zh, en in of)}")

    def _discounted(self, made: Fraction | Missing | NotApplicable, at: Context) -> Anything:
        for one in self.sampled or ():
            found = numbers([one["verified"], one["reported"]], at)
            state = state_of((made, found))  # type: ignore[arg-type]
            if state is not None:
                return state
            assert isinstance(found, list) and isinstance(made, Fraction)
            if found[1] == 0:
                return Missing.of(f"{one['reported'].words('zh')}=0")
            made = at.sized(made * found[0] / found[1], self.line)
        return made

    def words(self, lang: str = "zh") -> str:
        """Each … that …: points."""
        title = self.of[1] if lang == "zh" else self.of[2]
        said = [title + (f"[{self.where.words(lang)}]" if self.where else "")]
        if self.once_by:
            names = ("、" if lang == "zh" else ", ").join(one.words(lang) for one in self.once_by)
            kept = ("，取得分最高的一条", ", the highest") if self.keep == "highest" else ("", "")
            said.append(f"同{names}只计一次{kept[0]}" if lang == "zh" else f"once by {names}{kept[1]}")
        if self.gives:
            said.append(("每条得 " if lang == "zh" else "each gives ") + self.gives.words(lang))
        said += [_limit(one, lang) for one in self.at_most or ()]
        if self.take in ("highest", "mean"):
            said.append({"highest": ("取最高", "the highest"), "mean": ("取平均", "the mean")}[self.take][lang != "zh"])
        for one in self.sampled or ():
            said.append(f"× {one['verified'].words(lang)} ÷ {one['reported'].words(lang)}")
        kind = ("计数" if lang == "zh" else "count") if not self.gives else ("逐条" if lang == "zh" else "sum")
        return f"{kind}({('，' if lang == 'zh' else ', ').join(said)})"


def _behind(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes, and what stands behind names."""
    for one in nodes:
        yield one
        if isinstance(one, Named) and one.meant is not None:
            yield from _behind(one.meant.all())


def _kept(valued: list[tuple[Any, Row]], kept: list[tuple[Any, Row]], why: Verdict, found: dict[int, Verdict]) -> list[tuple[Any, Row]]:
    """Those that are kept; of the others it is noted why not."""
    left = {id(row) for _value, row in kept}
    found |= {id(row): why for _value, row in valued if id(row) not in left}
    return kept


def _failing(where: Condition, at: Context) -> Verdict:
    """What of a condition the record looked at does not meet, and what it has instead."""
    zh, en = unmet(where, at)
    return Verdict(False, f"不符合：{zh}", f"does not meet: {en}")


def unmet(where: Condition, at: Context) -> tuple[str, str]:
    """What of a condition is not met, and what stands there instead, in Chinese and in English."""
    parts = list(_unmet(where, at))
    zh = "；".join(f"{one.words('zh')}{_instead(one, at, '（为 {}）', 'zh')}" for one in parts)
    return zh, money.in_english("; ".join(f"{one.words('en')}{_instead(one, at, ' (it is {})', 'en')}" for one in parts))


def _unmet(where: Condition, at: Context) -> Iterator[Condition]:
    if isinstance(where, AllOf) and not where.decisive:
        held = [(one, one.holds(at)) for one in where.of]
        is_failing = any(found is False for _one, found in held)
        for one, found in held:
            if found is False or (not is_failing and isinstance(found, NotApplicable)):
                yield from _unmet(one, at)
    else:
        yield where


def _instead(one: Condition, at: Context, words: str, lang: str) -> str:
    """What a field that is compared says in the record; "" where something else is compared."""
    of = one.of if isinstance(one, Compared) else None
    if not isinstance(of, RecordField | Fact):
        return ""
    value = of.value(at)
    if isinstance(value, Missing):
        return ""
    if isinstance(value, NotApplicable):
        return words.format("不适用" if lang == "zh" else "not applicable")
    if isinstance(value, str | bool | dt.date):
        return words.format(Word(0, value).words(lang))
    scale = of.unit.scale if of.unit is not None else Fraction(1)
    return words.format(f"{money.written(fraction(value) / scale)}{of.unit.zh if of.unit is not None else ''}")


def _limit(one: dict[str, Any], lang: str) -> str:
    period = {"month": ("每月", "a month"), "quarter": ("每季", "a quarter"), "year": ("每年", "a year")}[one["per"]]
    return f"{period[0]}最多 {one['count']} 条" if lang == "zh" else f"at most {one['count']} {period[1]}"


def _meeting(where: Condition, rows: Sequence[Row], at: Context, title: str, *, steps: int) -> tuple[Row, ...] | Missing | NotApplicable:
    """The rows that a condition holds for. One of which it asks for what does not apply is passed over, and noted."""
    quick = where.of_row()
    at.group.work.spend(len(rows) * steps if quick is None else len(rows) * steps // QUICK, where.line)
    if quick is not None:
        try:
            return tuple(row for row in rows if quick(row))
        except UnknownError:
            pass  # which record lacks what is told below
    before, kept, names = at.row, list[Row](), frozenset[str]()
    for place, row in enumerate(rows, 1):
        at.row = row
        found = where.holds(at)
        if found is True:
            kept.append(row)
        elif isinstance(found, Missing):
            names |= found.names
        elif isinstance(found, NotApplicable):
            at.passed.setdefault(title, set()).add(place)
    at.row = before
    return Missing(names) if names else tuple(kept)


def _best(valued: list[tuple[Any, Row]], count: int, per: str, place: int) -> list[tuple[Any, Row]]:
    """The best of each period, in the order in which they stood; a record to which no day applies counts in no period and is left out."""
    periods: dict[tuple[int, int], list[int]] = {}
    for index, (_value, row) in enumerate(valued):
        day = row[place]
        if isinstance(day, dt.date):
            within = {"month": day.month, "quarter": (day.month + 2) // 3, "year": 0}[per]
            periods.setdefault((day.year, within), []).append(index)
    kept = {
        index for indexes in periods.values() for index in sorted(indexes, key=lambda index: (-fraction(valued[index][0]), index))[:count]
    }
    return [one for index, one in enumerate(valued) if index in kept]


class Rating(Node):
    """Rating by others (form 13): the mean, or the means of classes of raters by weight (parks 70 %, townships 30 %)."""

    CODE, ZH, EN = "rating", "评分", "rating by others"
    FIELDS: ClassVar[Fields] = {
        "of": Field("records", "哪类评分记录", "which ratings"), "score": Field("field", "分数字段", "the field of the score"),
        "by": Field("field", "评分人类别字段", "the field of the class of rater", is_needed=False),
        "weights": Field("table", "各类权重", "weight of each class", is_needed=False),
        "empty": Field("word", "某类无人评时：missing 缺数据，spread 权重摊给其余", "where a class rated not", is_needed=False,
                       choices=("missing", "spread")),
    }  # fmt: skip
    of: tuple[str, str, str]
    score: RecordField
    by: RecordField | None
    weights: dict[str, Node] | None
    empty: str | None

    def check(self, reader: Checking) -> None:
        """Weights add up to one; the score is a number."""
        self.dimensions = self.score.dimensions
        if self.score.kind != "number":
            reader.fault(self.line, "wrong_kind", value=self.score.name, expected="number")
        if (self.by is None) != (not self.weights):
            reader.fault(self.line, "not_there", field="rating", expected="by, weights")
        if self.by is not None and self.by.kind != "text":
            reader.fault(self.line, "wrong_kind", value=self.by.name, expected="text")
        weights = list((self.weights or {}).values())
        unwritten = [node for node in weights if not isinstance(node, Constant)]
        for node in unwritten:
            reader.fault(node.line, "wrong_kind", value=node.words(), expected="amount")
        made = sum((node.amount for node in weights if isinstance(node, Constant)), Fraction(0))
        if weights and not unwritten and made != 1:
            reader.fault(self.line, "weights_off", value=money.written(made), expected="1")

    def value(self, at: Context) -> Anything:
        """The mean, or the weighted mean of the means."""
        rows = at.records.get(self.of[0])
        if rows is None:
            return Missing.of(self.of[0])
        at.group.work.spend(len(rows) * (1 + len(self.weights or ())), self.line)
        scores = [(row[self.by.index] if self.by else "", row[self.score.index]) for row in rows]
        scores = [(group, score) for group, score in scores if not isinstance(score, Missing | NotApplicable)]
        unknown = state_of(group for group, _score in scores if isinstance(group, Missing))
        if unknown is not None:
            return unknown
        known = [(group, fraction(score)) for group, score in scores]
        if not self.by or not self.weights:
            return sum((score for _group, score in known), Fraction(0)) / len(known) if known else Missing.of(self.of[0])
        return self._by_class(known, at)

    def _by_class(self, known: list[tuple[Anything, Fraction]], at: Context) -> Anything:
        made, kept = Fraction(0), Fraction(0)
        for group, node in (self.weights or {}).items():
            scores, weight = [score for of, score in known if of == group], number(node, at)
            if not isinstance(weight, Fraction):
                return weight
            if scores:
                made, kept = made + weight * sum(scores, Fraction(0)) / len(scores), kept + weight
            elif self.empty != "spread":
                return Missing.of(f"{self.of[0]}:{group}")
        return made / kept if kept else Missing.of(self.of[0])

    def words(self, lang: str = "zh") -> str:
        """The mean of the ratings."""
        title = self.of[1] if lang == "zh" else self.of[2]
        weights = ("、" if lang == "zh" else ", ").join(f"{group} {node.words(lang)}" for group, node in (self.weights or {}).items())
        colon = "：" if lang == "zh" else ": "
        return f"{'平均' if lang == 'zh' else 'mean'}({title}{colon + weights if weights else ''})"


OVER_RECORDS: tuple[type[Node], ...] = (Records, Rating)
