"""A rule's text as fields that people fill in: head, facts, groups, indicators, vetoes and lists, each field with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import texts
from wutong.rulebook.formulas.base import Field
from wutong.rulebook.formulas.conditions import CONDITIONS, Compared
from wutong.rulebook.formulas.reading import FORMULAS
from wutong.rulebook.scoring import nodes
from wutong.rulebook.scoring.nodes import Path
from wutong.rulebook.scoring.reading import DEEPEST, LARGEST_BYTES, MOST_VALUES

Words = tuple[str, str]
"""In Chinese and in English."""
_ONE = ("node", "number", "number_or_none", "amount", "whole", "word", "flag", "word_or_flag", "text", "unit", "records", "field", "day")
_CONDITIONS = {one.CODE: one for one in CONDITIONS}
_TITLE, _TITLE_EN = ("名称", "title"), ("英文名称", "English title")
_ITEM: Mapping[str, Words] = {
    "points": ("满分", "full points"), "cap": ("封顶", "cap"), "floor": ("保底", "floor"), "round": ("保留小数位", "digits kept"),
    "evidence": ("佐证材料", "evidence"),
}  # fmt: skip
_ITEM_WORDS: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "take": (("下级指标取", "of several takes"), ("sum", "highest", "lowest", "mean")),
    "not_applicable": (("不适用时", "where it does not apply"), ("left_out", "full", "spread")),
    "missing": (("缺数据时", "where figures are missing"), ("stop", "zero", "group_mean")),
    "counted": (("计入总分；不计的只列出", "counted in the total; else only shown"), ("yes", "no")),
}
_ITEM_ORDER = (
    "id", "title", "points", "unit", "round", "evidence", "take", "not_applicable", "missing", "counted", "applies", "cap", "floor",
)  # fmt: skip
TOP_ORDER = ("title", "of", "values", "items", "full_points", "total", "rank", "vetoes", "grades", "lists")
_FACT: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "zh": (_TITLE, ()), "en": (_TITLE_EN, ()), "unit": (("单位", "unit"), ()),
    "kind": (("种类", "kind"), ("number", "text", "date", "yes_no")),
}  # fmt: skip
_FROM = ("由何处算出；空着即由人填报", "computed from; by hand where empty")
_VETO: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "effect": (("后果", "effect"), ("zero", "unranked", "last", "grade")), "grade": (("定为等次", "grade that it sets"), ()),
}  # fmt: skip
_LISTED: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "best": (("名次在前几", "rank from the best"), ()), "worst": (("名次在后几", "rank from the end"), ()),
}  # fmt: skip
_SHIFT: Mapping[str, tuple[Words, tuple[str, ...]]] = {"by": (("升几等；降写负数", "grades up; down is negative"), ())}
_RANK: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "ties": (("并列以后", "after ties"), ("skip", "dense")), "order": (("名次次序", "order of ranks"), ("high_first", "low_first")),
}  # fmt: skip
_TOTAL: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "round": (("总分保留小数位", "digits of the total"), ()),
    "missing": (("缺数据的项，总分", "total where figures are missing"), ("stop", "zero")),
}  # fmt: skip
_HEAD: Mapping[tuple[str, str], Words] = {
    ("source", "title"): ("依据文件", "document"), ("source", "document"): ("文号", "its number"),
    ("source", "date"): ("文件日期", "its date"),
    ("valid", "from"): ("自何日有效", "valid from"), ("valid", "to"): ("至何日（不含）", "valid to (out)"),
}  # fmt: skip
_GRADE = (
    ("from", Field("node", "下限（含）", "from (in)", is_needed=False)), ("to", Field("node", "上限（不含）", "to (out)", is_needed=False)),
    ("grade", Field("word", "等次", "grade")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A field: where it stands, what stands there ("" where nothing does), how it is called.

    `before`: keys that stand before a new one; `kind`: of a part of a formula what may stand there, as `Field` has it.
    """

    path: Path
    value: str
    words: Words
    line: int
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    before: tuple[str, ...] = ()
    kind: str = ""

    @property
    def key(self) -> str:
        """The path as one word."""
        return "/".join(map(str, self.path))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: for each column its fields."""

    path: Path
    cells: tuple[tuple[Slot, ...], ...]

    @property
    def key(self) -> str:
        """The path as one word."""
        return "/".join(map(str, self.path))


@dataclass(frozen=True, slots=True)
class Table:
    """Bands, steps, tiers, runs: rows of the same fields."""

    path: Path
    words: Words
    heads: tuple[Words, ...]
    rows: tuple[Row, ...]

    @property
    def slots(self) -> Iterator[Slot]:
        """All fields in it."""
        return (slot for row in self.rows for cell in row.cells for slot in cell)


@dataclass(frozen=True, slots=True)
class Card:
    """A part of a rule with its fields, from its first line to its last.

    `kind`: rule, fact, value, group, item, veto, shift, list; `code`: by which an indicator is known though others come before it.
    """

    kind: str
    path: Path
    title: Words
    depth: int
    line: int
    last_line: int
    fields: tuple[Slot | Table, ...]
    form: Words = ("", "")
    code: str = ""

    @property
    def key(self) -> str:
        """The path as one word."""
        return "/".join(map(str, self.path))

    @property
    def slots(self) -> Iterator[Slot]:
        """All fields in it, those of tables too."""
        for one in self.fields:
            if isinstance(one, Slot):
                yield one
            else:
                yield from one.slots


def cards(text: str) -> tuple[Card, ...]:
    """What of a text can be filled in, in its order; of one that is no rule, what there is. Raises: texts.TextError."""
    root = root_of(text)
    values = [_value(("values", name), node) for name, node in nodes.parts(nodes.at(root, ("values",))).items()]
    found = [card for code, node in nodes.parts(nodes.at(root, ("groups",))).items() for card in _group(("groups", code), node)]
    return (*_head(root), *values, *found)


def declared(text: str) -> Mapping[str, Words]:
    """The facts that a text declares, with their titles. Raises: texts.TextError."""
    told = {name: nodes.parts(node) for name, node in nodes.parts(nodes.at(root_of(text), ("facts",))).items()}
    return {name: (nodes.text(parts.get("zh")) or name, nodes.text(parts.get("en")) or name) for name, parts in told.items()}


def root_of(text: str) -> YamlNode | None:
    """The nodes of a text. Raises: texts.TextError."""
    texts.handed_in(text, largest_bytes=LARGEST_BYTES, most_values=MOST_VALUES, deepest=DEEPEST)
    return texts.tree(text)


def _value(path: Path, node: YamlNode) -> Card:
    fields = tuple(_formula(node, path, ("", ""), True))
    return Card("value", path, (str(path[-1]),) * 2, 0, nodes.line(node), nodes.last(node), fields, _form(node))


def _head(root: YamlNode | None) -> Iterator[Card]:
    """What a rule is called, rests on and when it holds; the facts that it declares."""
    if not isinstance(root, MappingNode):
        return
    parts = nodes.parts(root)
    fields = [*_title((), parts, 1)]
    for (part, name), words in _HEAD.items():
        inner = parts.get(part)
        if isinstance(inner, MappingNode):
            fields.append(replace(_plain((part,), nodes.parts(inner), name, words, inner), is_needed=name in ("title", "date", "from")))
    if fields:
        yield Card("rule", ("rule",), _titled(parts, nodes.text(parts.get("rule"))), 0, 1, 1, tuple(fields))
    for name, node in _facts_of(parts.get("facts")):
        yield _fact(("facts", name), node)


def _facts_of(node: YamlNode | None) -> Iterator[tuple[str, MappingNode]]:
    yield from ((name, one) for name, one in nodes.parts(node).items() if isinstance(one, MappingNode))


def _fact(path: Path, node: MappingNode) -> Card:
    """A fact: its title, unit and where it comes from, with what is said of that."""
    parts = nodes.parts(node)
    fields = list(_named(path, parts, _FACT, node))
    told = parts.get("from")
    if isinstance(told, MappingNode):
        here = (*path, "from")
        inner = {name: one for name, one in nodes.parts(told).items() if _is_plain(one)}
        for name, one in inner.items():
            is_source = name == "fact"
            words, kind = (_FROM, "source") if is_source else ((name, name), "param")
            fields.append(Slot((*here, name), nodes.text(one), words, nodes.line(one), is_needed=is_source, kind=kind))
    elif _is_plain(told):
        fields.append(replace(_plain(path, parts, "from", _FROM, node), before=tuple(_FACT), kind="source"))
    zh, en = nodes.text(parts.get("zh")) or str(path[-1]), nodes.text(parts.get("en"))
    return Card("fact", path, (zh, en or zh), 0, nodes.line(node), nodes.last(node), tuple(fields), code=str(path[-1]))


def _named(path: Path, parts: Mapping[str, YamlNode], told: Mapping[str, tuple[Words, tuple[str, ...]]], node: YamlNode) -> Iterator[Slot]:
    """The fields of a mapping that are one line each, those that it has not too."""
    names = tuple(told)
    for place, (name, (words, choices)) in enumerate(told.items()):
        if _is_plain(parts.get(name)):
            yield replace(_plain(path, parts, name, words, node), choices=choices, before=names[:place] or ("title",))


def _group(path: Path, node: YamlNode) -> Iterator[Card]:
    parts = nodes.parts(node)
    bands, items, then = nodes.at(node, ("grades", "bands")), nodes.at(node, ("items",)), nodes.at(node, ("rank", "then"))
    full = replace(_plain(path, parts, "full_points", ("满分合计", "full points"), node), before=("title", "of"))
    fields: list[Slot | Table] = [*_title(path, parts, nodes.line(node)), full]
    for name, told in (("total", _TOTAL), ("rank", _RANK)):
        inner = parts.get(name)
        if inner is None or isinstance(inner, MappingNode):
            fields += _named((*path, name), nodes.parts(inner), told, inner or node)
    when = nodes.at(node, ("rank", "when"))
    if when is not None:
        fields += _formula(when, (*path, "rank", "when"), ("排名条件", "ranked where"), False)
    if isinstance(then, SequenceNode) and then.value:
        fields.append(_listed((*path, "rank", "then"), ("总分相同，再看", "between equals"), then))
    if isinstance(bands, SequenceNode):
        fields.append(_table((*path, "grades", "bands"), ("等次", "grades"), _GRADE, bands))
    last = nodes.line(items) if items is not None else nodes.last(node)
    yield Card("group", path, _titled(parts, str(path[-1])), 0, nodes.line(node), last, tuple(fields))
    yield from _items((*path, "items"), items, 0)
    for kind, way, told in (("veto", ("vetoes",), _VETO), ("shift", ("grades", "shifts"), _SHIFT), ("list", ("lists",), _LISTED)):
        yield from _conditional(kind, (*path, *way), nodes.at(node, way), told)


def _conditional(kind: str, path: Path, node: YamlNode | None, told: Mapping[str, tuple[Words, tuple[str, ...]]]) -> Iterator[Card]:
    """Vetoes, moves of grades, lists: a title, a condition and what follows from it."""
    for place, one in enumerate(node.value if isinstance(node, SequenceNode) else ()):
        if not isinstance(one, MappingNode):
            continue
        parts, there = nodes.parts(one), (*path, place)
        fields: list[Slot | Table] = list(_title(there, parts, nodes.line(one)))
        if "when" in parts:
            fields += _formula(parts["when"], (*there, "when"), ("条件", "where"), False)
        fields += _named(there, parts, told, one)
        yield Card(kind, there, _titled(parts, ""), 0, nodes.line(one), nodes.last(one), tuple(fields), code=_titled(parts, "")[0])


def _listed(path: Path, words: Words, node: SequenceNode) -> Table:
    """A list of words, a row each."""
    places = [(place, one) for place, one in enumerate(node.value) if _is_plain(one)]
    rows = [Row((*path, place), ((Slot((*path, place), nodes.text(one), words, nodes.line(one)),),)) for place, one in places]
    return Table(path, words, (words,), tuple(rows))


def _items(path: Path, node: YamlNode | None, depth: int) -> Iterator[Card]:
    for place, one in enumerate(node.value if isinstance(node, SequenceNode) else ()):
        parts, there = nodes.parts(one), (*path, place)
        if not isinstance(one, MappingNode):
            continue
        inner = parts.get("items")
        fields: list[Slot | Table] = list(_title(there, parts, nodes.line(one)))
        fields += [_plain(there, parts, name, words, one) for name, words in _ITEM.items() if _is_plain(parts.get(name))]
        fields += [
            replace(_plain(there, parts, name, words, one), choices=choices)
            for name, (words, choices) in _ITEM_WORDS.items()
            if name in parts or name == "counted" or (name == "take" and inner is not None)
        ]
        formula = parts.get("formula")
        if formula is not None:
            fields += _formula(formula, (*there, "formula"), ("", ""), True)
        if "applies" in parts:
            fields += _formula(parts["applies"], (*there, "applies"), ("适用条件", "applies where"), False)
        fields += [
            slot
            for name in ("cap", "floor")
            if name in parts and not _is_plain(parts[name])
            for slot in _formula(parts[name], (*there, name), _ITEM[name], False)
        ]
        last = nodes.line(inner) if inner is not None else nodes.last(one)
        code = nodes.text(parts.get("id"))
        yield Card("item", there, _titled(parts, code), depth, nodes.line(one), last, tuple(fields), _form(formula), code)
        yield from _items((*there, "items"), inner, depth + 1)


def _is_plain(node: YamlNode | None) -> bool:
    """Whether a field can show it: nothing, or one line."""
    return node is None or (isinstance(node, ScalarNode) and node.style not in nodes.IN_LINES and "\n" not in str(node.value))


def _plain(path: Path, parts: Mapping[str, YamlNode], name: str, words: Words, node: YamlNode) -> Slot:
    there = parts.get(name)
    before = _ITEM_ORDER[: _ITEM_ORDER.index(name)] if name in _ITEM_ORDER else ("title",)
    return Slot((*path, name), nodes.text(there), words, nodes.line(there if there is not None else node), before=before)


def _title(path: Path, parts: Mapping[str, YamlNode], line: int) -> Iterator[Slot]:
    told = parts.get("title")
    here = (*path, "title")
    if isinstance(told, MappingNode):
        inner = nodes.parts(told)
        zh, en = inner.get("zh"), inner.get("en")
        yield Slot((*here, "zh"), nodes.text(zh), _TITLE, nodes.line(zh if zh is not None else told), is_needed=True)
        yield Slot((*here, "en"), nodes.text(en), _TITLE_EN, nodes.line(en if en is not None else told), before=("zh",))
    elif _is_plain(told):
        yield Slot(here, nodes.text(told), _TITLE, nodes.line(told) if told is not None else line, is_needed=True, before=("id",))
        if told is not None:
            yield Slot((*here, "en"), "", _TITLE_EN, nodes.line(told))


def _titled(parts: Mapping[str, YamlNode], fallback: str) -> Words:
    told = parts.get("title")
    zh = nodes.text(nodes.parts(told).get("zh")) if isinstance(told, MappingNode) else nodes.text(told)
    en = nodes.text(nodes.parts(told).get("en")) if isinstance(told, MappingNode) else ""
    return zh or fallback, en or zh or fallback


def _form(node: YamlNode | None) -> Words:
    """How the formula of a node is called."""
    kind = FORMULAS.get(next(iter(nodes.parts(node)), "")) if isinstance(node, MappingNode) and len(node.value) == 1 else None
    return (kind.ZH, kind.EN) if kind is not None else ("", "")


# --- formulas ---------------------------------------------------------------------------------------------------------------------------
def _formula(node: YamlNode, path: Path, trail: Words, is_outer: bool) -> Iterator[Slot | Table]:
    """The fields of a formula or condition; of the outermost also those that may be added."""
    if isinstance(node, ScalarNode):
        if _is_plain(node):
            yield Slot(path, nodes.text(node), _or(trail, ("取值", "value")), nodes.line(node), kind="node")
        return
    parts = nodes.parts(node)
    code = next(iter(parts), "")
    kind = FORMULAS.get(code) or _CONDITIONS.get(code)
    if len(parts) == 1 and kind is not None:
        body, here = parts[code], (*path, code)
        told = trail if is_outer else _joined(trail, (kind.ZH, kind.EN))
        if isinstance(body, MappingNode) and not (code == "not" and "of" not in nodes.parts(body)):
            yield from _fields(kind.FIELDS, body, here, told, is_outer)
        else:
            yield from _field(kind.FIELDS.get("of", Field("node", "", "")), body, here, told)
    elif isinstance(node, MappingNode) and "of" in parts:
        yield from _fields(Compared.FIELDS, node, path, trail, False)


def _fields(fields: Mapping[str, Field], body: MappingNode, path: Path, trail: Words, is_outer: bool) -> Iterator[Slot | Table]:
    parts, names = nodes.parts(body), tuple(fields)
    for place, (name, told) in enumerate(fields.items()):
        words = _joined(trail, (told.zh, told.en))
        if name in parts:
            yield from _field(told, parts[name], (*path, name), words, names[:place])
        elif told.kind in _ONE and (is_outer or told.is_needed) and fields is not Compared.FIELDS:
            yield Slot((*path, name), "", words, nodes.line(body), told.choices, told.is_needed, names[:place], told.kind)


def _field(told: Field, node: YamlNode, path: Path, words: Words, before: tuple[str, ...] = ()) -> Iterator[Slot | Table]:
    if isinstance(node, ScalarNode):
        if _is_plain(node):
            choices = ("yes", "no") if told.kind == "flag" else told.choices
            yield Slot(path, nodes.text(node), words, nodes.line(node), choices, told.is_needed, before, told.kind)
    elif isinstance(node, SequenceNode) and told.rows:
        yield _table(path, words, told.rows, node)
    elif isinstance(node, SequenceNode):
        for place, one in enumerate(node.value):
            yield from _formula(one, (*path, place), _joined(words, (f"第 {place + 1} 项", f"part {place + 1}")), False)
    elif told.kind in ("table", "dated"):
        for name, one in nodes.parts(node).items():
            yield from _formula(one, (*path, name), _joined(words, (name, name)), False)
    else:
        yield from _formula(node, path, words, False)


def _table(path: Path, words: Words, told: Sequence[tuple[str, Field]], node: SequenceNode) -> Table:
    names = tuple(name for name, _field_told in told)
    rows = []
    for place, one in enumerate(node.value):
        parts, here = nodes.parts(one), (*path, place)
        cells = []
        for at, (name, field) in enumerate(told):
            there = parts.get(name)
            empty = Slot((*here, name), "", (field.zh, field.en), nodes.line(one), field.choices, field.is_needed, names[:at], field.kind)
            found = [empty] if there is None else list(_field(field, there, (*here, name), (field.zh, field.en), names[:at]))
            cells.append(tuple(slot for slot in found if isinstance(slot, Slot)))
        rows.append(Row(here, tuple(cells)))
    return Table(path, words, tuple((field.zh, field.en) for _name, field in told), tuple(rows))


def _joined(first: Words, second: Words) -> Words:
    return second if not first[0] else first if not second[0] else (f"{first[0]} · {second[0]}", f"{first[1]} · {second[1]}")


def _or(first: Words, second: Words) -> Words:
    return first if first[0] else second
