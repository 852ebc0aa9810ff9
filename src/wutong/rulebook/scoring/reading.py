"""A scoring rule out of its YAML text: every fault with its line and what to do."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import money, texts
from wutong.rulebook.formulas import limits
from wutong.rulebook.formulas.base import Declared, Named, Node, Origin
from wutong.rulebook.formulas.conditions import Condition
from wutong.rulebook.formulas.faults import Expected, RuleError
from wutong.rulebook.formulas.forms import check_bands
from wutong.rulebook.formulas.reading import KINDS, NOTHING, DeclaredRecords, Reader, day_of, line_of, measured, shape_of, text_of
from wutong.rulebook.formulas.syntax import told_of
from wutong.rulebook.scoring.points import remark_points
from wutong.rulebook.scoring.shape import (
    Grades,
    Item,
    Listing,
    Ranking,
    RankOf,
    Rounding,
    RuleGroup,
    ScoringRule,
    Shift,
    Source,
    Total,
    Veto,
)

LARGEST_BYTES, MOST_VALUES, DEEPEST = 2_000_000, 100_000, 60
_ORIGIN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_NAME = re.compile(r"[a-z_\u4e00-\u9fff][a-z0-9_\u4e00-\u9fff]*")
_TOP = ("rule", "title", "source", "valid", "facts", "records", "values", "groups")
_GROUP = ("title", "of", "values", "items", "full_points", "total", "rank", "vetoes", "grades", "lists")
_ITEM = (
    "id", "title", "points", "unit", "formula", "items", "take", "applies", "not_applicable", "missing", "cap", "floor", "round",
    "evidence", "counted",
)  # fmt: skip


def rule_from(text: str, *, file: str = "rule.yaml") -> ScoringRule:
    """The rule that a text writes. Raises: RuleError with every fault found."""
    try:
        texts.handed_in(text, largest_bytes=LARGEST_BYTES, most_values=MOST_VALUES, deepest=DEEPEST)
    except texts.TextError as error:
        raise RuleError([told_of(error, file)]) from error
    root = texts.tree(text)
    reading = Reading(file, root if isinstance(root, MappingNode) else None)
    with limits.told_of(file):
        rule = reading.rule(hashlib.sha256(text.encode()).hexdigest()[:12])
    if rule is None or reading.reader.faults:
        raise RuleError(reading.reader.faults)
    return rule


class Reading:
    """One reading of a text."""

    def __init__(self, file: str, root: MappingNode | None) -> None:
        self.root = root
        self.reader = Reader(file, {}, {})
        self.pending: list[tuple[Named, str]] = []

    # --- parts --------------------------------------------------------------------------------------------------------------------------
    def parts(self, raw: YamlNode | None, name: str, known: tuple[str, ...] | None) -> dict[str, YamlNode]:
        """The parts of a mapping; faults for unknown and double ones."""
        if not isinstance(raw, MappingNode):
            line = line_of(raw) if raw is not None else 1
            self.reader.fault(line, "wrong_shape", field=name, value=shape_of(raw) if raw is not None else NOTHING, expected="{…: …}")
            return {}
        found: dict[str, YamlNode] = {}
        lines: dict[str, int] = {}
        for key, value in raw.value:
            word = str(key.value)
            if word in found:
                self.reader.fault(line_of(key), "twice", value=word, expected=lines[word])
            elif known is not None and word not in known:
                free = [one for one in known if all(one != str(other.value) for other, _value in raw.value)]
                name_meant, made = self.reader.unknown_field(key, value, free, known)
                if name_meant:
                    found.setdefault(name_meant, made)
            else:
                found[word], lines[word] = value, line_of(key)
        return found

    def listed(self, raw: YamlNode | None, name: str) -> list[YamlNode]:
        """The entries of a list."""
        if raw is None:
            return []
        if not isinstance(raw, SequenceNode):
            self.reader.fault(line_of(raw), "wrong_shape", field=name, value=shape_of(raw), expected="- …")
            return []
        return list(raw.value)

    def titled(self, raw: YamlNode | None, line: int, fallback: str) -> tuple[str, str]:
        """A title: one text, or {zh, en}."""
        if raw is None:
            return fallback, fallback
        if isinstance(raw, ScalarNode) and str(raw.value).strip():
            said = self.reader.short(str(raw.value).strip(), line)
            return said, said
        parts = self.parts(raw, "title", ("zh", "en"))
        zh, en = (self.reader.short(text_of(parts.get(name)), line) for name in ("zh", "en"))
        if not zh:
            self.reader.fault(line, "not_there", field="title.zh", expected=Expected("title: 名称", "title: its name"))
        return zh or fallback, en or zh or fallback

    def chosen(self, parts: Mapping[str, YamlNode], name: str, choices: tuple[str, ...], fallback: str) -> str:
        """One of some words."""
        if name not in parts:
            return fallback
        word = text_of(parts[name])
        if word not in choices:
            self.reader.fault(line_of(parts[name]), "no_choice", field=name, value=word, expected="、".join(choices))
            return fallback
        return word

    def number(self, raw: YamlNode | None, name: str) -> Fraction | None:
        """A bare number."""
        if raw is None:
            return None
        found = money.quantity(text_of(raw))
        if found is None or found[1].dimensions:
            self.reader.fault(line_of(raw), "wrong_shape", field=name, value=shape_of(raw), expected="30、0.5、80%")
            return None
        return found[0]

    def _day(self, parts: Mapping[str, YamlNode], name: str, line: int) -> dt.date | None:
        """The day in a part; a fault where there is none, or what stands there is none."""
        short = name.rpartition(".")[2]
        found = day_of(parts[short]) if short in parts else None
        if found is None and short in parts:
            self.reader.fault(line_of(parts[short]), "odd_date", field=name, value=shape_of(parts[short]))
        elif found is None:
            self.reader.fault(line, "no_date", field=name)
        return found

    # --- the whole ----------------------------------------------------------------------------------------------------------------------
    def rule(self, digest: str) -> ScoringRule | None:
        """The rule; None where its outline already fails."""
        top = self.parts(self.root, "rule", _TOP)
        for name, expected in (("rule", "rule: county_2026"), ("source", "source: {title: …, date: 2026-01-01}"),
                               ("valid", "valid: {from: 2026-01-01, to: 2027-01-01}"), ("groups", "groups: {…}")):  # fmt: skip
            if name not in top:
                self.reader.fault(1, "not_there", field=name, expected=expected)
        code = self.named(top.get("rule"))
        zh, en = self.titled(top.get("title"), 1, code)
        source, (begins_on, ends_on) = self._source(top.get("source")), self._valid(top.get("valid"))
        self.reader.facts = {one.name: one for one in self._declared(top.get("facts"), "facts")}
        self.reader.records = {one.name: one for one in self._records(top.get("records"))}
        shared = self._values(top.get("values"))
        told = self.parts(top.get("groups"), "groups", None) if "groups" in top else {}
        if "groups" in top and isinstance(top["groups"], MappingNode) and not told:
            self.reader.fault(line_of(top["groups"]), "not_there", field="groups", expected="counties: {items: [{id: …, formula: …}]}")
        groups = {key: self._group(key, value, shared) for key, value in told.items()}
        if self.reader.faults or source is None or begins_on is None:
            return None
        unused = tuple(name for name in (*self.reader.facts, *self.reader.records) if name not in self.reader.used)
        remarks = tuple(sorted(self.reader.remarks))
        made = {key: group for key, group in groups.items() if group is not None}
        facts, records = MappingProxyType(dict(self.reader.facts)), MappingProxyType(dict(self.reader.records))
        return ScoringRule(
            code, zh, en, source, begins_on, ends_on, facts, records, MappingProxyType(made), digest, self.reader.file, unused, remarks
        )

    def named(self, raw: YamlNode | None) -> str:
        """A name, such as of the rule or an indicator."""
        word = text_of(raw)
        if raw is not None and not _NAME.fullmatch(word):
            self.reader.fault(line_of(raw), "odd_name", value=word or shape_of(raw))
        return self.reader.short(word, line_of(raw) if raw is not None else 1)

    def _source(self, raw: YamlNode | None) -> Source | None:
        if raw is None:
            return None
        parts = self.parts(raw, "source", ("title", "document", "date", "url"))
        title = text_of(parts.get("title"))
        if not title:
            expected = Expected("title: 文件名称", "title: name of the document")
            self.reader.fault(line_of(raw), "not_there", field="source.title", expected=expected)
        day = self._day(parts, "source.date", line_of(raw))
        return Source(title, text_of(parts.get("document")), day, text_of(parts.get("url")))

    def _valid(self, raw: YamlNode | None) -> tuple[dt.date | None, dt.date | None]:
        if raw is None:
            return None, None
        parts = self.parts(raw, "valid", ("from", "to"))
        begin = self._day(parts, "valid.from", line_of(raw))
        end = self._day(parts, "valid.to", line_of(raw)) if "to" in parts else None
        if begin and end and end <= begin:
            self.reader.fault(line_of(parts["to"]), "wrong_period", value=f"{begin} – {end}")
        return begin, end

    # --- facts --------------------------------------------------------------------------------------------------------------------------
    def _declared(self, raw: YamlNode | None, name: str) -> list[Declared]:
        found = []
        for key, value in self.parts(raw, name, None).items() if raw is not None else ():
            line = line_of(value)
            if not _NAME.fullmatch(key):
                self.reader.fault(line, "odd_name", value=key)
            of_rule = ("from",) if name == "facts" else ()
            parts = self.parts(value, f"{name}.{key}", ("zh", "en", "unit", "kind", *of_rule))
            kind, unit = self.chosen(parts, "kind", KINDS, "number"), None
            if kind == "number":
                if "unit" in parts:
                    unit = self.reader.unit(parts["unit"])
                else:
                    self.reader.fault(line, "not_there", field=f"{name}.{key}.unit", expected="unit: 万元、个、percent …")
            zh, en = (self.reader.short(text_of(parts.get(lang)) or key, line) for lang in ("zh", "en"))
            found.append(Declared(key, zh, en, kind, unit, line, self._origin(parts.get("from"))))
        return found

    def _origin(self, raw: YamlNode | None) -> Origin | None:
        """Where a fact comes from: a code alone, or `fact` with its parameters; absent, it is entered by hand."""
        if raw is None:
            return None
        parts = {"fact": raw} if isinstance(raw, ScalarNode) else self.parts(raw, "from", None)
        code = text_of(parts.get("fact"))
        if not _ORIGIN.fullmatch(code):
            self.reader.fault(line_of(raw), "wrong_shape", field="from", value=code or shape_of(raw), expected="projects.started")
            return None
        return Origin(code, tuple((key, text_of(value)) for key, value in parts.items() if key != "fact"), line_of(raw))

    def _records(self, raw: YamlNode | None) -> Iterator[DeclaredRecords]:
        for key, value in self.parts(raw, "records", None).items() if raw is not None else ():
            parts = self.parts(value, f"records.{key}", ("zh", "en", "fields", "from"))
            fields = self._declared(parts.get("fields"), f"records.{key}.fields") if "fields" in parts else []
            if not fields:
                self.reader.fault(line_of(value), "not_there", field=f"records.{key}.fields", expected="fields: {…}")
            zh, en = (self.reader.short(text_of(parts.get(lang)) or key, line_of(value)) for lang in ("zh", "en"))
            yield DeclaredRecords(key, zh, en, tuple(fields), line_of(value), self._origin(parts.get("from")))

    # --- values and items that refer to each other ---------------------------------------------------------------------------------------
    def _values(self, raw: YamlNode | None) -> dict[str, YamlNode]:
        return self.parts(raw, "values", None) if raw is not None else {}

    def _group(self, code: str, raw: YamlNode, shared: Mapping[str, YamlNode]) -> RuleGroup | None:
        parts = self.parts(raw, f"groups.{code}", _GROUP)
        if not parts:
            if isinstance(raw, MappingNode) and not raw.value:
                self.reader.fault(line_of(raw), "not_there", field=f"groups.{code}.items", expected="items: [{id: …, formula: …}]")
            return None
        faulty = len(self.reader.faults)
        scope = _Scope(self, {**shared, **self._values(parts.get("values"))}, self._raw_items(parts.get("items")))
        items = tuple(item for one in self.listed(parts.get("items"), "items") if (item := scope.item(one)) is not None)
        if not isinstance(parts.get("items"), SequenceNode) or not parts["items"].value:
            self.reader.fault(line_of(raw), "not_there", field=f"groups.{code}.items", expected="items: [{id: …, formula: …}]")
        is_without = text_of(parts.get("total")) in ("none", "不合计")
        total_parts = self.parts(parts["total"], "total", ("round", "how", "missing")) if "total" in parts and not is_without else {}
        total = Total(
            line_of(parts.get("total", raw)),
            () if is_without else tuple(one for one in items if one.is_counted),
            self.rounding(total_parts),
            self.chosen(total_parts, "missing", ("stop", "zero"), "stop"),
        )
        self._measured_alike(total)
        total.stands_on(items)
        self.have_points_to_spread(total.items)
        scope.read_all()
        if len(self.reader.faults) == faulty:  # a faulty indicator lacks from the sum, which would say what is not so
            self._points_add_up(parts, items)
        rank = RankOf(line_of(raw))
        scope.after(total, rank)
        ranking = self._ranking(parts.get("rank"), scope)
        zh, en = self.titled(parts.get("title"), line_of(raw), code)
        before = self.reader.read
        vetoes, grades = tuple(self._vetoes(parts.get("vetoes"), scope)), self._grades(parts.get("grades"), scope)
        lists = tuple(self._lists(parts.get("lists"), scope))
        return RuleGroup(
            code, zh, en, self.chosen(parts, "of", ("units", "persons"), "units"), items, total, ranking, rank, vetoes, grades, lists,
            line_of(raw), scope.size() + self.reader.read - before + len(lists),
        )  # fmt: skip

    def _raw_items(self, raw: YamlNode | None) -> dict[str, YamlNode]:
        """Every indicator by its id, however deep, so that one may name another before it is read."""
        found: dict[str, YamlNode] = {}
        for one in raw.value if isinstance(raw, SequenceNode) else ():
            if isinstance(one, MappingNode):
                there = {str(key.value): value for key, value in one.value}
                if "id" in there:
                    word = text_of(there["id"])
                    if word in found:
                        self.reader.fault(line_of(there["id"]), "twice", value=word, expected=line_of(found[word]))
                    found[word] = one
                inner = self._raw_items(there.get("items"))
                for word in inner.keys() & found.keys():
                    self.reader.fault(line_of(inner[word]), "twice", value=word, expected=line_of(found[word]))
                found |= inner
        return found

    def rounding(self, parts: Mapping[str, YamlNode]) -> Rounding | None:
        """round and how."""
        if "round" not in parts:
            return None
        digits = self.number(parts["round"], "round")
        how = self.chosen(parts, "how", money.ROUNDINGS, "half_up")
        if digits is None or digits.denominator != 1 or not -9 <= digits <= 9:
            self.reader.fault(line_of(parts["round"]), "wrong_shape", field="round", value=shape_of(parts["round"]), expected="2")
            return None
        return Rounding(int(digits), next(one for one in money.ROUNDINGS if one == how))

    def _measured_alike(self, total: Total) -> None:
        """Indicators that are added up are measured in the same; those of several measures have no total (`total: none`)."""
        for item in total.items:
            if item.unit.scale != total.unit.scale or item.unit.dimensions != total.unit.dimensions:
                zh, en = total.unit.zh or "数", total.unit.en or "a bare number"
                expected = Expected(f"{zh}，或 total: none", f"{en}, or total: none")
                self.reader.fault(item.line, "wrong_unit", value=_with_unit(item), expected=expected)

    def _points_add_up(self, parts: Mapping[str, YamlNode], items: tuple[Item, ...]) -> None:
        meant = self.number(parts.get("full_points"), "full_points")
        made = sum((item.points or Fraction(0) for item in items if item.is_counted), Fraction(0))
        if meant is not None and made != meant:
            self.reader.fault(line_of(parts["full_points"]), "points_off", value=money.written(made), expected=money.written(meant))

    def have_points_to_spread(self, items: Sequence[Item]) -> None:
        """Where the points of one may be spread over the others, each says what it is worth; a bonus or a deduction says 0."""
        if all(one.not_applicable != "spread" for one in items):
            return
        for one in items:
            if one.points is None:
                expected = Expected(
                    "points: 10（加分、扣分项写 points: 0，不参与摊分）",
                    "points: 10 (0 for a bonus or deduction, to which nothing is added)",
                )
                self.reader.fault(one.line, "not_there", field="points", expected=expected)

    def _ranking(self, raw: YamlNode | None, scope: _Scope) -> Ranking | None:
        if raw is None:
            return Ranking()
        if text_of(raw) in ("none", "不排名"):
            return None
        parts = self.parts(raw, "rank", ("ties", "order", "then", "when", "unranked"))
        then = [scope.item_named(one) for one in self.listed(parts.get("then"), "then")]
        when = self.reader.condition(parts["when"]) if "when" in parts else None
        if when is not None and any(isinstance(one, Named) and isinstance(one.meant, RankOf) for one in when.all()):
            self.reader.fault(line_of(parts["when"]), "circular", value=Expected("名次 → rank.when → 名次", "rank → rank.when → rank"))
        names = frozenset(text_of(one) for one in self.listed(parts.get("unranked"), "unranked"))
        return Ranking(
            self.chosen(parts, "ties", ("skip", "dense"), "skip"), self.chosen(parts, "order", ("high_first", "low_first"), "high_first"),
            tuple(one for one in then if one is not None), when, names,
        )  # fmt: skip

    def _vetoes(self, raw: YamlNode | None, scope: _Scope) -> Iterator[Veto]:
        for one in self.listed(raw, "vetoes"):
            parts = self.parts(one, "vetoes", ("title", "when", "effect", "grade"))
            when = self._needed(parts, "when", line_of(one))
            zh, en = self.titled(parts.get("title"), line_of(one), "一票否决")
            effect = self.chosen(parts, "effect", ("zero", "unranked", "last", "grade"), "zero")
            if effect == "grade" and not text_of(parts.get("grade")):
                self.reader.fault(line_of(one), "not_there", field="grade", expected="grade: 较差")
            if when is not None:
                yield Veto(zh, en, when, effect, text_of(parts.get("grade")))

    def _needed(self, parts: Mapping[str, YamlNode], name: str, line: int) -> Condition | None:
        if name not in parts:
            self.reader.fault(line, "not_there", field=name, expected=f"{name}: {{of: …, at_least: …}}")
            return None
        return self.reader.condition(parts[name])

    def _grades(self, raw: YamlNode | None, scope: _Scope) -> Grades | None:
        if raw is None:
            return None
        parts = self.parts(raw, "grades", ("by", "bands", "shifts"))
        by = self.reader.number_node(parts["by"]) if "by" in parts else scope.total_named(line_of(raw))
        bands: list[dict[str, Node]] = []
        names: list[str] = []
        for one in self.listed(parts.get("bands"), "bands"):
            told = self.parts(one, "bands", ("from", "to", "grade"))
            names.append(text_of(told.get("grade")))
            if not names[-1]:
                self.reader.fault(line_of(one), "not_there", field="grade", expected="grade: 优秀")
            found = {name: self.reader.node(told[name]) for name in ("from", "to") if name in told}
            bands.append({name: node for name, node in found.items() if node is not None})
        if isinstance(raw, MappingNode) and not bands:
            self.reader.fault(line_of(raw), "not_there", field="grades.bands", expected="bands: [{to: 80, grade: …}, {from: 80, grade: …}]")
            return None
        bounds = check_bands(bands, line_of(raw), self.reader, is_open_outside=False)
        shifts = []
        for one in self.listed(parts.get("shifts"), "shifts"):
            told = self.parts(one, "shifts", ("title", "when", "by"))
            when, steps = self._needed(told, "when", line_of(one)), self.number(told.get("by"), "by")
            zh, en = self.titled(told.get("title"), line_of(one), "等次调整")
            if "by" not in told or (steps is not None and steps.denominator != 1):
                self.reader.fault(line_of(one), "not_there", field="by", expected="by: 1 / -1")
            elif when is not None and steps is not None:
                shifts.append(Shift(zh, en, when, int(steps)))
        return Grades(by, tuple(bounds), tuple(names), tuple(dict.fromkeys(names)), tuple(shifts)) if by is not None else None

    def _lists(self, raw: YamlNode | None, scope: _Scope) -> Iterator[Listing]:
        for one in self.listed(raw, "lists"):
            parts = self.parts(one, "lists", ("title", "when", "best", "worst"))
            zh, en = self.titled(parts.get("title"), line_of(one), "名单")
            when = self.reader.condition(parts["when"]) if "when" in parts else None
            yield Listing(zh, en, when, self._place(parts.get("best"), "best"), self._place(parts.get("worst"), "worst"))

    def _place(self, raw: YamlNode | None, name: str) -> Fraction | None:
        """A rank from the best or the worst: 1, 2, 3 …; or a share of those that are ranked: 20%."""
        found = self.number(raw, name)
        if raw is None or found is None:
            return None
        is_share = text_of(raw).endswith("%") and 0 < found <= 1
        if not is_share and (found.denominator != 1 or found < 1 or "%" in text_of(raw)):
            self.reader.fault(line_of(raw), "wrong_shape", field=name, value=text_of(raw), expected="1、2、3、20%")
            return None
        return found if not is_share else -found


class _Scope:
    """What the formulas of one group may name: values and indicators, read when they are first named; a circle is a fault."""

    def __init__(self, reading: Reading, values: Mapping[str, YamlNode], items: Mapping[str, YamlNode]) -> None:
        self.reading, self.reader = reading, reading.reader
        self.raw_values, self.raw_items = values, items
        self.reader.count(len(values) + len(items), 1)
        self.made: dict[str, Node | None] = {}
        self.opened: list[str] = []
        known: dict[str, Callable[[int], Named | None]] = {}
        for name in values:
            known[name] = lambda line, name=name: self._value(line, name)  # type: ignore[misc]
        for name in items:
            known[f"item.{name}"] = lambda line, name=name: self._item_ref(line, name)  # type: ignore[misc]
        self.reader.named = known

    def _value(self, line: int, name: str) -> Named | None:
        raw = self.raw_values[name]
        return self._reference(line, name, name, name, lambda: self._read_alone(raw))

    def read_all(self) -> None:
        """Read what no indicator named too, so that its faults are told."""
        for name, raw in self.raw_values.items():
            self._value(line_of(raw), name)

    def _read_alone(self, raw: YamlNode) -> Node | None:
        """Read what belongs to the unit, wherever it was named: also within a formula over records."""
        within, self.reader.within = self.reader.within, None
        try:
            return self.reader.number_node(raw)
        finally:
            self.reader.within = within

    def _item_ref(self, line: int, name: str) -> Named | None:
        raw = self.raw_items[name]
        parts = {str(key.value): value for key, value in raw.value} if isinstance(raw, MappingNode) else {}
        zh, en = self.reading.titled(parts.get("title"), line, name)
        return self._reference(line, f"item.{name}", zh, en, lambda: self._item_alone(raw))

    def _item_alone(self, raw: YamlNode) -> Node | None:
        within, self.reader.within = self.reader.within, None
        try:
            return self.item(raw)
        finally:
            self.reader.within = within

    def _reference(self, line: int, key: str, zh: str, en: str, read: Callable[[], Node | None]) -> Named | None:
        if key in self.opened:
            self.reader.fault(line, "circular", value=" → ".join((*self.opened[self.opened.index(key) :], key)))
            return None
        if key not in self.made:
            self.opened.append(key)
            made = read()
            self.opened.pop()
            self.made.setdefault(key, made)
        meant = self.made[key]
        if meant is None:
            return None
        found = Named(line, key, zh, en)
        found.meant, found.dimensions = meant, meant.dimensions
        found.stands_on((meant,))
        self.reader.not_too_high(found)
        return found

    def size(self) -> int:
        """How many formulas values and indicators are made of, each once."""
        seen: dict[int, Node] = {}
        for made in self.made.values():
            if made is not None and id(made) not in seen:
                seen |= {id(one): one for one in made.all()}
        return len(seen)

    def item_named(self, raw: YamlNode) -> Item | None:
        """An indicator by its id."""
        found = self.made.get(f"item.{text_of(raw)}")
        if not isinstance(found, Item):
            if text_of(raw) in self.raw_items:  # it is there, with a fault of its own
                return None
            self.reader.fault(line_of(raw), "unknown_item", value=text_of(raw), expected="、".join(self.raw_items))
            return None
        return found

    def total_named(self, line: int) -> Named | None:
        """The total, as something that a condition may name."""
        return self.reader.named["total"](line)

    def after(self, total: Total, rank: RankOf) -> None:
        """From here on total and rank may be named: vetoes, grades and lists look at them, indicators may not."""
        for name, node, zh in (("total", total, "总分"), ("rank", rank, "名次")):

            def made(line: int, *, node: Node = node, name: str = name, zh: str = zh) -> Named:
                found = Named(line, name, zh, name)
                found.meant = node
                found.stands_on((node,))
                return found

            self.reader.named[name] = made

    def item(self, raw: YamlNode) -> Item | None:
        """One indicator, read once."""
        parts = self.reading.parts(raw, "items", _ITEM)
        line = line_of(raw)
        code = self.reading.named(parts.get("id"))
        if not code:
            self.reader.fault(line, "not_there", field="id", expected="id: funds")
            return None
        key = f"item.{code}"
        found = self.made.get(key)
        if isinstance(found, Item):
            return found
        is_named = key in self.opened
        if not is_named:
            self.opened.append(key)
        try:
            made = self._item(Item(line, code), parts) if self.reader.below(raw) else None
        finally:
            self.reader.depth -= 1
        if not is_named:
            self.opened.pop()
        self.made[key] = made
        return made

    def _item(self, item: Item, parts: Mapping[str, YamlNode]) -> Item | None:
        count = len(self.reader.faults)
        item.zh, item.en = self.reading.titled(parts.get("title"), item.line, item.code)
        item.points = self.reading.number(parts.get("points"), "points")
        item.evidence = text_of(parts.get("evidence"))
        item.is_counted = self.reading.chosen(parts, "counted", ("yes", "no"), "yes") == "yes"
        item.take = self.reading.chosen(parts, "take", ("sum", "highest", "lowest", "mean"), "sum")
        item.not_applicable = self.reading.chosen(parts, "not_applicable", ("left_out", "full", "spread"), "left_out")
        item.missing = self.reading.chosen(parts, "missing", ("stop", "zero", "group_mean"), "stop")
        self._unit(item, parts)
        if "round" in parts:
            raw = parts["round"]
            given = {"round": raw} if isinstance(raw, ScalarNode) else self.reading.parts(raw, "round", ("digits", "how"))
            item.rounding = self.reading.rounding({"round": given["digits"], **given} if "digits" in given else given)
        if item.not_applicable != "left_out" and item.points is None:
            self.reader.fault(item.line, "not_there", field="points", expected="points: 10")
        if ("formula" in parts) == ("items" in parts):
            expected = Expected("formula（或 items）", "formula (or items)")
            self.reader.fault(item.line, "not_there", field=f"items.{item.code}", expected=expected)
            return None
        item.applies = self.reader.condition(parts["applies"]) if "applies" in parts else None
        item.formula = self.reader.number_node(parts["formula"]) if "formula" in parts else None
        item.items = tuple(one for raw in self.reading.listed(parts.get("items"), "items") if (one := self.item(raw)) is not None)
        for name in ("cap", "floor"):
            if name in parts:
                setattr(item, name, self.reader.number_node(parts[name]))
        self._judge(item)
        if "items" in parts and len(self.reader.faults) == count and not any(one.is_counted for one in item.items):
            expected = Expected("至少一项计入的指标（不写 counted: no）", "an indicator that is counted (without counted: no)")
            self.reader.fault(item.line, "not_there", field=f"items.{item.code}.items", expected=expected)
        if item.take == "sum":
            self.reading.have_points_to_spread([one for one in item.items if one.is_counted])
        item.stands_on(part for _name, part in item.parts())
        self.reader.not_too_high(item)
        if len(self.reader.faults) == count:
            remark_points(item, self.reader)
        return item if len(self.reader.faults) == count else None

    def _unit(self, item: Item, parts: Mapping[str, YamlNode]) -> None:
        if "unit" in parts:
            item.unit = self.reader.unit(parts["unit"]) or item.unit

    def _judge(self, item: Item) -> None:
        """The formula gives what the indicator is measured in; so do caps and floors, and the indicators in it that are counted."""
        item.dimensions = item.unit.dimensions
        for node in (item.formula, item.cap, item.floor, *(one for one in item.items if one.is_counted)):
            is_nothing = node is None or (node.words() == "0" and not node.dimensions)
            if not is_nothing and node is not None and node.dimensions != item.dimensions:
                made, meant = measured(node.dimensions), measured(item.dimensions)
                zh, en = item.unit.zh or "数", item.unit.en or "a number"
                said = Expected(f"{item.zh} = {made.zh}", f"{item.en} = {made.en}")
                self.reader.fault(node.line, "wrong_unit", value=said, expected=Expected(f"{zh}（{meant.zh}）", f"{en} ({meant.en})"))


def _with_unit(item: Item) -> Expected:
    return Expected(f"{item.zh}（{item.unit.zh or '数'}）", f"{item.en} ({item.unit.en or 'a bare number'})")
