"""A rule's text as fields that people fill in, and back: only what was changed is rewritten, comments, order and spelling stay.

Why by place and not by writing the whole anew: the text is what is approved, signed by its hash and read by its lines; a field that changes
one word must change one word. The places are those that the reader of the rule knows from the YAML nodes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import texts
from wutong.rulebook.formulas.base import Field
from wutong.rulebook.formulas.conditions import CONDITIONS, Compared
from wutong.rulebook.formulas.reading import FORMULAS
from wutong.rulebook.scoring.reading import DEEPEST, LARGEST_BYTES, MOST_VALUES

Path = tuple[str | int, ...]
Words = tuple[str, str]
"""In Chinese and in English."""
_PLAIN = re.compile(r"(?:[-+.]?\d|[^\W\d])[^\n,\[\]{}:#\"'&*!|>`@\\]*")
_DAY_LIKE = re.compile(r"\d{4}-\d")
_IN_LINES = ("|", ">")
_BLANKS = re.compile(r"[^\S\u3000\u00a0]+")  # not those that belong to Chinese and to printed text: a title keeps them
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
}
_ITEM_ORDER = ("id", "title", "points", "unit", "round", "evidence", "take", "not_applicable", "missing", "applies", "cap", "floor")
_GRADE = (
    ("from", Field("node", "下限（含）", "from (in)", is_needed=False)), ("to", Field("node", "上限（不含）", "to (out)", is_needed=False)),
    ("grade", Field("word", "等次", "grade")),
)  # fmt: skip


class EditError(LookupError):
    """A field that the text has not, or no longer as it was shown: `path` says which; `code`: gone, changed, last."""

    def __init__(self, path: str, code: str = "gone") -> None:
        self.path, self.code = path, code
        super().__init__(f"{code}: {path}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A field: where it stands, what stands there ("" where nothing does), how it is called. `before`: keys that stand before a new one."""

    path: Path
    value: str
    words: Words
    line: int
    choices: tuple[str, ...] = ()
    is_needed: bool = False
    before: tuple[str, ...] = ()

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
    """A group, an indicator or a named value with its fields, from its first line to its last. `kind`: group, item, value."""

    kind: str
    path: Path
    title: Words
    depth: int
    line: int
    last_line: int
    fields: tuple[Slot | Table, ...]
    form: Words = ("", "")

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


# --- the text as fields -----------------------------------------------------------------------------------------------------------------
def cards(text: str) -> tuple[Card, ...]:
    """What of a text can be filled in, in its order; of one that is no rule, what there is. Raises: texts.TextError."""
    root = _root(text)
    values = [_value(("values", name), node) for name, node in _parts(_at(root, ("values",))).items()]
    found = [card for code, node in _parts(_at(root, ("groups",))).items() for card in _group(("groups", code), node)]
    return (*values, *found)


def declared(text: str) -> tuple[str, ...]:
    """The names of the facts that a text declares. Raises: texts.TextError."""
    return tuple(_parts(_at(_root(text), ("facts",))))


def _root(text: str) -> YamlNode | None:
    texts.handed_in(text, largest_bytes=LARGEST_BYTES, most_values=MOST_VALUES, deepest=DEEPEST)
    return texts.tree(text)


def _value(path: Path, node: YamlNode) -> Card:
    return Card("value", path, (str(path[-1]),) * 2, 0, _line(node), _last(node), tuple(_formula(node, path, ("", ""), True)), _form(node))


def _group(path: Path, node: YamlNode) -> Iterator[Card]:
    parts = _parts(node)
    bands = _at(node, ("grades", "bands"))
    fields: list[Slot | Table] = [*_title(path, parts, _line(node)), _plain(path, parts, "full_points", ("满分合计", "full points"), node)]
    if isinstance(bands, SequenceNode):
        fields.append(_table((*path, "grades", "bands"), ("等次", "grades"), _GRADE, bands))
    items = _at(node, ("items",))
    last = _line(items) if items is not None else _last(node)
    yield Card("group", path, _titled(parts, str(path[-1])), 0, _line(node), last, tuple(fields))
    yield from _items((*path, "items"), items, 0)


def _items(path: Path, node: YamlNode | None, depth: int) -> Iterator[Card]:
    for place, one in enumerate(node.value if isinstance(node, SequenceNode) else ()):
        parts, there = _parts(one), (*path, place)
        if not isinstance(one, MappingNode):
            continue
        inner = parts.get("items")
        fields: list[Slot | Table] = list(_title(there, parts, _line(one)))
        fields += [_plain(there, parts, name, words, one) for name, words in _ITEM.items() if _is_plain(parts.get(name))]
        fields += [
            replace(_plain(there, parts, name, words, one), choices=choices)
            for name, (words, choices) in _ITEM_WORDS.items()
            if name in parts or (name == "take" and inner is not None)
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
        last = _line(inner) if inner is not None else _last(one)
        code = parts.get("id")
        yield Card(
            "item", there, _titled(parts, str(code.value) if isinstance(code, ScalarNode) else ""), depth, _line(one), last, tuple(fields),
            _form(formula),
        )  # fmt: skip
        yield from _items((*there, "items"), inner, depth + 1)


def _is_plain(node: YamlNode | None) -> bool:
    """Whether a field can show it: nothing, or one line."""
    return node is None or (isinstance(node, ScalarNode) and node.style not in _IN_LINES and "\n" not in str(node.value))


def _plain(path: Path, parts: Mapping[str, YamlNode], name: str, words: Words, node: YamlNode) -> Slot:
    there = parts.get(name)
    before = _ITEM_ORDER[: _ITEM_ORDER.index(name)] if name in _ITEM_ORDER else ("title",)
    return Slot((*path, name), _text(there), words, _line(there if there is not None else node), before=before)


def _title(path: Path, parts: Mapping[str, YamlNode], line: int) -> Iterator[Slot]:
    told = parts.get("title")
    here = (*path, "title")
    if isinstance(told, MappingNode):
        inner = _parts(told)
        zh, en = inner.get("zh"), inner.get("en")
        yield Slot((*here, "zh"), _text(zh), _TITLE, _line(zh if zh is not None else told), is_needed=True)
        yield Slot((*here, "en"), _text(en), _TITLE_EN, _line(en if en is not None else told), before=("zh",))
    elif _is_plain(told):
        yield Slot(here, _text(told), _TITLE, _line(told) if told is not None else line, is_needed=True, before=("id",))
        if told is not None:
            yield Slot((*here, "en"), "", _TITLE_EN, _line(told))


def _titled(parts: Mapping[str, YamlNode], fallback: str) -> Words:
    told = parts.get("title")
    zh = _text(_parts(told).get("zh")) if isinstance(told, MappingNode) else _text(told)
    en = _text(_parts(told).get("en")) if isinstance(told, MappingNode) else ""
    return zh or fallback, en or zh or fallback


def _form(node: YamlNode | None) -> Words:
    """How the formula of a node is called."""
    kind = FORMULAS.get(next(iter(_parts(node)), "")) if isinstance(node, MappingNode) and len(node.value) == 1 else None
    return (kind.ZH, kind.EN) if kind is not None else ("", "")


# --- formulas ---------------------------------------------------------------------------------------------------------------------------
def _formula(node: YamlNode, path: Path, trail: Words, is_outer: bool) -> Iterator[Slot | Table]:
    """The fields of a formula or condition; of the outermost also those that may be added."""
    if isinstance(node, ScalarNode):
        if _is_plain(node):
            yield Slot(path, _text(node), _or(trail, ("取值", "value")), _line(node))
        return
    parts = _parts(node)
    code = next(iter(parts), "")
    kind = FORMULAS.get(code) or _CONDITIONS.get(code)
    if len(parts) == 1 and kind is not None:
        body, here = parts[code], (*path, code)
        told = trail if is_outer else _joined(trail, (kind.ZH, kind.EN))
        if isinstance(body, MappingNode) and not (code == "not" and "of" not in _parts(body)):
            yield from _fields(kind.FIELDS, body, here, told, is_outer)
        else:
            yield from _field(kind.FIELDS.get("of", Field("node", "", "")), body, here, told)
    elif isinstance(node, MappingNode) and "of" in parts:
        yield from _fields(Compared.FIELDS, node, path, trail, False)


def _fields(fields: Mapping[str, Field], body: MappingNode, path: Path, trail: Words, is_outer: bool) -> Iterator[Slot | Table]:
    parts, names = _parts(body), tuple(fields)
    for place, (name, told) in enumerate(fields.items()):
        words = _joined(trail, (told.zh, told.en))
        if name in parts:
            yield from _field(told, parts[name], (*path, name), words, names[:place])
        elif told.kind in _ONE and (is_outer or told.is_needed) and fields is not Compared.FIELDS:
            yield Slot((*path, name), "", words, _line(body), told.choices, told.is_needed, names[:place])


def _field(told: Field, node: YamlNode, path: Path, words: Words, before: tuple[str, ...] = ()) -> Iterator[Slot | Table]:
    if isinstance(node, ScalarNode):
        if _is_plain(node):
            choices = ("yes", "no") if told.kind == "flag" else told.choices
            yield Slot(path, _text(node), words, _line(node), choices, told.is_needed, before)
    elif isinstance(node, SequenceNode) and told.rows:
        yield _table(path, words, told.rows, node)
    elif isinstance(node, SequenceNode):
        for place, one in enumerate(node.value):
            yield from _formula(one, (*path, place), _joined(words, (f"第 {place + 1} 项", f"part {place + 1}")), False)
    elif told.kind in ("table", "dated"):
        for name, one in _parts(node).items():
            yield from _formula(one, (*path, name), _joined(words, (name, name)), False)
    else:
        yield from _formula(node, path, words, False)


def _table(path: Path, words: Words, told: Sequence[tuple[str, Field]], node: SequenceNode) -> Table:
    names = tuple(name for name, _field_told in told)
    rows = []
    for place, one in enumerate(node.value):
        parts, here = _parts(one), (*path, place)
        cells = []
        for at, (name, field) in enumerate(told):
            there = parts.get(name)
            empty = Slot((*here, name), "", (field.zh, field.en), _line(one), is_needed=field.is_needed, before=names[:at])
            found = [empty] if there is None else list(_field(field, there, (*here, name), (field.zh, field.en), names[:at]))
            cells.append(tuple(slot for slot in found if isinstance(slot, Slot)))
        rows.append(Row(here, tuple(cells)))
    return Table(path, words, tuple((field.zh, field.en) for _name, field in told), tuple(rows))


def _joined(first: Words, second: Words) -> Words:
    return second if not first[0] else first if not second[0] else (f"{first[0]} · {second[0]}", f"{first[1]} · {second[1]}")


def _or(first: Words, second: Words) -> Words:
    return first if first[0] else second


# --- the nodes --------------------------------------------------------------------------------------------------------------------------
def _parts(node: YamlNode | None) -> dict[str, YamlNode]:
    return {str(key.value): value for key, value in node.value} if isinstance(node, MappingNode) else {}


def _at(node: YamlNode | None, path: Path) -> YamlNode | None:
    for step in path:
        if isinstance(node, MappingNode):
            node = _parts(node).get(str(step))
        elif isinstance(node, SequenceNode) and str(step).isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
        else:
            return None
    return node


def _text(node: YamlNode | None) -> str:
    return str(node.value).strip() if isinstance(node, ScalarNode) else ""


def _line(node: YamlNode) -> int:
    return int(node.start_mark.line) + 1


def _start(node: YamlNode) -> int:
    return int(node.start_mark.index)


def _tail(node: YamlNode) -> YamlNode:
    """The node with which it ends: of a list or mapping in lines the last value, for its own mark stands behind what follows."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return node


def _end(text: str, node: YamlNode) -> int:
    """Behind its last character: the mark of a word in lines (| and >) stands on the line that follows, so step back to its own."""
    last = _tail(node)
    end = int(last.end_mark.index)
    if not isinstance(last, ScalarNode) or last.style not in _IN_LINES:
        return end
    written = text[_start(last) : end].rstrip(" ")
    keeps_breaks = "+" in written.partition("\n")[0].partition("#")[0]
    return _start(last) + len(written.removesuffix("\n") if keeps_breaks else written.rstrip())


def _last(node: YamlNode) -> int:
    mark = _tail(node).end_mark
    return int(mark.line) + (1 if mark.column else 0)


# --- back to the text -------------------------------------------------------------------------------------------------------------------
def changed(text: str, values: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """The text with the fields that somebody changed from what was `shown`; an emptied field is taken out.

    Raises: EditError where a field is gone or says something else by now; texts.TextError.
    """
    for key, value in values.items():
        wanted = _BLANKS.sub(" ", value).strip()
        if shown.get(key, "") in {value, wanted}:
            continue
        slot = next((one for card in cards(text) for one in card.slots if one.key == key), None)
        if slot is None:
            raise EditError(key)
        if slot.value == wanted:
            continue
        if slot.value != shown.get(key, ""):
            raise EditError(key, "changed")
        text = _written(text, slot, wanted)
    return text


def _written(text: str, slot: Slot, value: str) -> str:
    root = _root(text)
    node, parent = _at(root, slot.path), _at(root, slot.path[:-1])
    made = ""
    if isinstance(node, ScalarNode):
        is_taken_out = not value and isinstance(parent, MappingNode)
        made = _without(text, parent, str(slot.path[-1])) if is_taken_out else _put(text, node, value)  # type: ignore[arg-type]
    elif isinstance(parent, MappingNode):
        made = _with(text, parent, str(slot.path[-1]), value, slot.before)
    elif isinstance(parent, ScalarNode):  # a title in one language gets its second
        both = f"{{zh: {_scalar(_text(parent))}, {slot.path[-1]}: {_scalar(value)}}}"
        made = text[: _start(parent)] + both + text[_end(text, parent) :]
    try:
        is_written = bool(made) and _text(_at(texts.tree(made), slot.path)) == value
    except YAMLError as error:
        raise EditError(slot.key) from error
    if not is_written:
        raise EditError(slot.key)
    return made


def _scalar(value: str, style: str | None = None) -> str:
    """A word as YAML writes it, in the quotes that stood there, else plain where that is safe."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    is_plain = _PLAIN.fullmatch(value) and not _DAY_LIKE.match(value) and style != '"'
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _put(text: str, node: ScalarNode, value: str) -> str:
    space = "" if text[_start(node) - 1 : _start(node)] in (" ", "\n", "[", "{", "(", ",", "") else " "
    return text[: _start(node)] + space + _scalar(value, node.style) + text[_end(text, node) :]


def _with(text: str, parent: MappingNode, name: str, value: str, before: Sequence[str]) -> str:
    """The mapping with one more key, behind those that stand before it."""
    told = f"{name}: {_scalar(value)}"
    if not parent.value:
        return text[: _start(parent)] + "{" + told + "}" + text[int(parent.end_mark.index) :]
    known = [pair for pair in parent.value if str(pair[0].value) in before]
    _key, after = known[-1] if known else parent.value[-1]
    if parent.flow_style:
        return text[: _end(text, after)] + f", {told}" + text[_end(text, after) :]
    end = _line_end(text, _end(text, after))
    return text[:end] + "\n" + " " * int(parent.value[0][0].start_mark.column) + told + text[end:]


def _without(text: str, parent: MappingNode, name: str) -> str:
    place = next(at for at, (key, _value) in enumerate(parent.value) if str(key.value) == name)
    key, value = parent.value[place]
    if len(parent.value) == 1:
        return text[: _start(parent)] + "{}" + text[_end(text, parent) :]
    if parent.flow_style:
        return _cut_of(text, [(_start(one), _end(text, last)) for one, last in parent.value], place)
    begin, end = _start(key), _line_end(text, _end(text, value))
    if text[text.rfind("\n", 0, begin) + 1 : begin].strip():  # behind a dash: the next key moves up to it
        return _moved_up(text, begin, end, _start(parent.value[place + 1][0]))
    return text[: text.rfind("\n", 0, begin) + 1] + text[end + 1 :]


def _cut_of(text: str, spans: Sequence[tuple[int, int]], place: int) -> str:
    """Without one of several that stand between commas; comments before and behind it stay."""
    begin, end = spans[place]
    if place + 1 < len(spans):
        return _moved_up(text, begin, end, spans[place + 1][0])
    before = text[spans[place - 1][1] : begin]
    return text[: spans[place - 1][1]] + (_without_comma(before) if "#" in before else "") + text[end:]


def _moved_up(text: str, begin: int, end: int, following: int) -> str:
    """Without what stands from `begin` to `end`: what follows comes into its place, with the comments between."""
    between = text[end:following]
    return text[:begin] + (_without_comma(between).lstrip() if "#" in between else "") + text[following:]


def _without_comma(between: str) -> str:
    return re.sub(r"(#[^\n]*)|,", lambda found: found[1] or "", between)


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found


# --- rows -------------------------------------------------------------------------------------------------------------------------------
def _row(text: str, key: str) -> tuple[SequenceNode, int]:
    row = next((row for card in cards(text) for one in card.fields if isinstance(one, Table) for row in one.rows if row.key == key), None)
    node = _at(texts.tree(text), row.path[:-1]) if row is not None else None
    if row is None or not isinstance(node, SequenceNode):
        raise EditError(key)
    return node, int(row.path[-1])


def with_row(text: str, key: str) -> str:
    """The text with a row more, like this one and behind it. Raises: EditError, texts.TextError."""
    node, place = _row(text, key)
    row = node.value[place]
    copied, end = text[_start(row) : _end(text, row)], _end(text, row)
    if node.flow_style:
        return text[:end] + f", {copied}" + text[end:]
    dash = text.rfind("-", 0, _start(row))
    end = _line_end(text, end)
    return text[:end] + "\n" + " " * (dash - text.rfind("\n", 0, dash) - 1) + text[dash : _start(row)] + copied + text[end:]


def without_row(text: str, key: str) -> str:
    """The text without a row; the last one stays. Raises: EditError, texts.TextError."""
    node, place = _row(text, key)
    if len(node.value) == 1:
        raise EditError(key, "last")
    if node.flow_style:
        return _cut_of(text, [(_start(one), _end(text, one)) for one in node.value], place)
    row = node.value[place]
    begin = text.rfind("\n", 0, text.rfind("-", 0, _start(row))) + 1
    return text[:begin] + text[_line_end(text, _end(text, row)) + 1 :]
