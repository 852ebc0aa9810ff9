"""Fields back into a rule's text: only what was changed is rewritten, comments, order and spelling stay.

Why by place and not by writing the whole anew: the text is what is approved, signed by its hash and read by its lines; a field that changes
one word must change one word. The places are those that the reader of the rule knows from the YAML nodes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import texts
from wutong.rulebook.scoring import nodes
from wutong.rulebook.scoring.fields import TOP_ORDER, Card, Slot, Table, cards, root_of
from wutong.rulebook.scoring.nodes import Path

_PLAIN = re.compile(r"(?:[-+.]?\d|[^\W\d])[^\n,\[\]{}:#\"'&*!|>`@\\]*")
_DAY_LIKE = re.compile(r"\d{4}-\d")
Cut = tuple[int, int, str]
"""From where to where of a text is replaced, and by what."""
_BLANKS = re.compile(r"[^\S\u3000\u00a0]+")  # not those that belong to Chinese and to printed text: a title keeps them


class EditError(LookupError):
    """A field that the text has not, or no longer as it was shown: `path` says which; `code`: gone, changed, last, not_shown."""

    def __init__(self, path: str, code: str = "gone") -> None:
        self.path, self.code = path, code
        super().__init__(f"{code}: {path}")


def changed(text: str, values: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """The text with the fields that somebody changed from what was `shown`; an emptied field is taken out.

    `shown` also has, for the key of a card, the code of the indicator that stood there.

    Raises: EditError where a field is gone or says something else by now; texts.TextError.
    """
    wanted = {key: _BLANKS.sub(" ", value).strip() for key, value in values.items()}
    wanted = {key: value for key, value in wanted.items() if shown.get(key, "") not in {value, values[key]}}
    if not wanted:
        return text
    there = {slot.key: (card, slot) for card in cards(text) for slot in card.slots}
    for key in wanted:
        if key not in there:
            raise EditError(key)
        card, slot = there[key]
        if shown.get(card.key, card.code) != card.code:  # another indicator stands there by now
            raise EditError(key, "changed")
        if slot.value not in {wanted[key], shown.get(key, "")}:
            raise EditError(key, "changed")
    return _written(text, [(there[key][1], value) for key, value in wanted.items() if there[key][1].value != value])


def _written(text: str, changes: Sequence[tuple[Slot, str]]) -> str:
    """The text with all changes: those whose places do not meet in one pass from the last place to the first, the others in the next.

    Why passes: reading a rule of 80 indicators takes half a second, and whoever changes forty fields waits for it.
    """
    made, left = text, list(changes)
    while left:
        root, cuts, waiting = _tree(made, left[0][0]), list[Cut](), list[tuple[Slot, str]]()
        for slot, value in left:
            cut = _cut(made, root, slot, value)
            if all(cut[1] < other[0] or other[1] < cut[0] for other in cuts):
                cuts.append(cut)
            else:
                waiting.append((slot, value))
        for cut in sorted(cuts, reverse=True):
            made = _spliced(made, cut)
        left = waiting
    root = _tree(made, changes[0][0]) if changes else None
    for slot, value in changes:
        if nodes.text(nodes.at(root, _place(root, slot))) != value:
            raise EditError(slot.key)
    return made


def _place(root: YamlNode | None, slot: Slot) -> Path:
    """Where a field stands by now: a title that got its second language beside it is its Chinese."""
    return (*slot.path, "zh") if "zh" in nodes.parts(nodes.at(root, slot.path)) else slot.path


def _tree(text: str, slot: Slot) -> YamlNode | None:
    try:
        return texts.tree(text)
    except (YAMLError, texts.TextError) as error:
        raise EditError(slot.key) from error


def _spliced(text: str, cut: Cut) -> str:
    begin, end, told = cut
    return text[:begin] + told + text[end:]


def _cut(text: str, root: YamlNode | None, slot: Slot, value: str) -> Cut:
    """What of the text is put in which place so that a field says something else. Raises: EditError where it has no place."""
    path = _place(root, slot)
    node, parent = nodes.at(root, path), nodes.at(root, path[:-1])
    if isinstance(node, ScalarNode):
        is_taken_out = not value and isinstance(parent, MappingNode)
        return _without(text, parent, str(path[-1])) if is_taken_out else _put(text, node, value)  # type: ignore[arg-type]
    if isinstance(parent, MappingNode):
        return _key_at(text, parent, f"{slot.path[-1]}: {scalar(value)}", slot.before)
    if parent is None and isinstance(above := nodes.at(root, slot.path[:-2]), MappingNode):  # such as the first word about the total
        before = TOP_ORDER[: TOP_ORDER.index(str(slot.path[-2]))] if slot.path[-2] in TOP_ORDER else ()
        return _key_at(text, above, f"{slot.path[-2]}: {{{slot.path[-1]}: {scalar(value)}}}", before)
    if isinstance(parent, ScalarNode):  # a title in one language gets its second
        both = f"{{zh: {scalar(nodes.text(parent))}, {slot.path[-1]}: {scalar(value)}}}"
        return nodes.start(parent), nodes.end(text, parent), both
    raise EditError(slot.key)


def scalar(value: str, style: str | None = None) -> str:
    """A word as YAML writes it, in the quotes that stood there, else plain where that is safe."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    is_odd_day = _DAY_LIKE.match(value) and not _is_day(value)
    is_plain = _PLAIN.fullmatch(value) and not is_odd_day and style != '"'
    return value if is_plain else json.dumps(value, ensure_ascii=False)


def _is_day(value: str) -> bool:
    try:
        return str(dt.date.fromisoformat(value)) == value
    except ValueError:
        return False


def _put(text: str, node: ScalarNode, value: str) -> Cut:
    space = "" if text[nodes.start(node) - 1 : nodes.start(node)] in (" ", "\n", "[", "{", "(", ",", "") else " "
    return nodes.start(node), nodes.end(text, node), space + scalar(value, node.style)


def with_key(text: str, parent: MappingNode, told: str, before: Sequence[str]) -> str:
    """The mapping with one more key as it is written, behind those that stand before it."""
    return _spliced(text, _key_at(text, parent, told, before))


def _key_at(text: str, parent: MappingNode, told: str, before: Sequence[str]) -> Cut:
    if not parent.value:
        return nodes.start(parent), int(parent.end_mark.index), "{" + told + "}"
    known = [pair for pair in parent.value if str(pair[0].value) in before]
    _key, after = known[-1] if known else parent.value[-1]
    end = nodes.end(text, after)
    if parent.flow_style:
        return end, end, f", {told}"
    end = _line_end(text, end)
    return end, end, "\n" + " " * int(parent.value[0][0].start_mark.column) + told


def _without(text: str, parent: MappingNode, name: str) -> Cut:
    place = next(at for at, (key, _value) in enumerate(parent.value) if str(key.value) == name)
    key, value = parent.value[place]
    if len(parent.value) == 1:
        return nodes.start(parent), nodes.end(text, parent), "{}"
    if parent.flow_style:
        return _cut_of(text, [(nodes.start(one), nodes.end(text, last)) for one, last in parent.value], place)
    begin, end = nodes.start(key), _line_end(text, nodes.end(text, value))
    if text[text.rfind("\n", 0, begin) + 1 : begin].strip():  # behind a dash: the next key moves up to it
        return _moved_up(text, begin, end, nodes.start(parent.value[place + 1][0]))
    return text.rfind("\n", 0, begin) + 1, end + 1, ""


def _cut_of(text: str, spans: Sequence[tuple[int, int]], place: int) -> Cut:
    """Without one of several that stand between commas; comments before and behind it stay."""
    begin, end = spans[place]
    if place + 1 < len(spans):
        return _moved_up(text, begin, end, spans[place + 1][0])
    before = text[spans[place - 1][1] : begin]
    return spans[place - 1][1], end, _without_comma(before) if "#" in before else ""


def _moved_up(text: str, begin: int, end: int, following: int) -> Cut:
    """Without what stands from `begin` to `end`: what follows comes into its place, with the comments between."""
    between = text[end:following]
    return begin, following, _without_comma(between).lstrip() if "#" in between else ""


def _without_comma(between: str) -> str:
    return re.sub(r"(#[^\n]*)|,", lambda found: found[1] or "", between)


def _line_end(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found


# --- rows and parts ---------------------------------------------------------------------------------------------------------------------
def _row(text: str, key: str) -> tuple[SequenceNode, int]:
    row = next((row for card in cards(text) for one in card.fields if isinstance(one, Table) for row in one.rows if row.key == key), None)
    node = nodes.at(texts.tree(text), row.path[:-1]) if row is not None else None
    if row is None or not isinstance(node, SequenceNode):
        raise EditError(key)
    return node, int(row.path[-1])


def with_row(text: str, key: str) -> str:
    """The text with a row more, like this one and behind it. Raises: EditError, texts.TextError."""
    node, place = _row(text, key)
    row = node.value[place]
    copied, end = text[nodes.start(row) : nodes.end(text, row)], nodes.end(text, row)
    if node.flow_style:
        return text[:end] + f", {copied}" + text[end:]
    dash = text.rfind("-", 0, nodes.start(row))
    end = _line_end(text, end)
    return text[:end] + "\n" + " " * (dash - text.rfind("\n", 0, dash) - 1) + text[dash : nodes.start(row)] + copied + text[end:]


def without_row(text: str, key: str) -> str:
    """The text without a row; the last one stays. Raises: EditError, texts.TextError."""
    node, place = _row(text, key)
    if len(node.value) == 1:
        raise EditError(key, "last")
    return _without_one(text, node, place)


def _without_one(text: str, node: SequenceNode, place: int) -> str:
    if node.flow_style:
        return _spliced(text, _cut_of(text, [(nodes.start(one), nodes.end(text, one)) for one in node.value], place))
    row = node.value[place]
    begin = text.rfind("\n", 0, text.rfind("-", 0, nodes.start(row))) + 1
    return text[:begin] + text[_line_end(text, nodes.end(text, row)) + 1 :]


def _card(text: str, key: str) -> tuple[Card, SequenceNode, int]:
    """An indicator, veto, list or move of grades with the list in which it stands, and where."""
    card = next((one for one in cards(text) if one.key == key and isinstance(one.path[-1], int)), None)
    node = nodes.at(texts.tree(text), card.path[:-1]) if card is not None else None
    if card is None or not isinstance(node, SequenceNode):
        raise EditError(key)
    return card, node, int(card.path[-1])


def without_part(text: str, key: str) -> str:
    """The text without a fact, indicator, veto, list or move of grades; the last indicator stays. Raises: EditError, texts.TextError."""
    if key.startswith("facts/"):
        return _without_fact(text, key.removeprefix("facts/"), key)
    card, node, place = _card(text, key)
    if len(node.value) > 1:
        made = _without_one(text, node, place)
    elif card.kind == "item":
        raise EditError(key, "last")
    else:
        parent = nodes.at(texts.tree(text), card.path[:-2])
        made = _spliced(text, _without(text, parent, str(card.path[-2]))) if isinstance(parent, MappingNode) else ""

    def expected(data: Any) -> None:
        held = _within(data, card.path[:-2])
        del held[card.path[-2]][place]
        if not held[card.path[-2]]:
            del held[card.path[-2]]

    return _proved(text, made, expected, key)


def _without_fact(text: str, name: str, key: str) -> str:
    facts = nodes.at(root_of(text), ("facts",))
    if not isinstance(facts, MappingNode) or name not in nodes.parts(facts):
        raise EditError(key)
    return _proved(text, _spliced(text, _without(text, facts, name)), lambda data: data["facts"].pop(name), key)


def moved(text: str, key: str, by: int) -> str:
    """The text with an indicator one place up (-1) or down (1), its comments with it. Raises: EditError, texts.TextError."""
    card, node, place = _card(text, key)
    first, second = sorted((place, place + by))
    if first < 0 or second >= len(node.value):
        raise EditError(key)
    (begin, end), (other, last) = (_whole(text, node, at) for at in (first, second))
    made = text[:begin] + text[other:last] + text[end:other] + text[begin:end] + text[last:]

    def expected(data: Any) -> None:
        held = _within(data, card.path[:-1])
        held[first], held[second] = held[second], held[first]

    return _proved(text, made, expected, key)


def _whole(text: str, node: SequenceNode, place: int) -> tuple[int, int]:
    """Where one of a list begins and ends; one in lines with the comments above it and behind it."""
    one = node.value[place]
    if node.flow_style:
        return nodes.start(one), nodes.end(text, one)
    begin = text.rfind("\n", 0, text.rfind("-", 0, nodes.start(one))) + 1
    while begin and text[text.rfind("\n", 0, begin - 1) + 1 : begin].lstrip().startswith("#"):
        begin = text.rfind("\n", 0, begin - 1) + 1
    return begin, _line_end(text, nodes.end(text, one))


def with_part(text: str, where: Path, part: Mapping[str, Any]) -> str:
    """The text with one more in a list, as its last; the list is made where there is none. Raises: EditError, texts.TextError."""
    root, key = root_of(text), "/".join(map(str, where))
    node, parent = nodes.at(root, where), nodes.at(root, where[:-1])
    if isinstance(node, SequenceNode) and not node.value:
        made = text[: nodes.start(node)] + f"[{flow(part)}]" + text[nodes.end(text, node) :]
    elif isinstance(node, SequenceNode) and node.flow_style:
        end = nodes.end(text, node.value[-1])
        made = text[:end] + f", {flow(part)}" + text[end:]
    elif isinstance(node, SequenceNode):
        dash, end = text.rfind("-", 0, nodes.start(node.value[-1])), _line_end(text, nodes.end(text, node.value[-1]))
        made = text[:end] + "\n" + _in_lines(part, dash - text.rfind("\n", 0, dash) - 1) + text[end:]
    elif node is None and isinstance(parent, MappingNode) and parent.value:
        column, name = int(parent.value[0][0].start_mark.column), str(where[-1])
        told = f"{name}: [{flow(part)}]" if parent.flow_style else f"{name}:\n{_in_lines(part, column + 2)}"
        made = with_key(text, parent, told, TOP_ORDER[: TOP_ORDER.index(name)] if name in TOP_ORDER else ())
    else:
        raise EditError(key)
    return _proved(text, made, lambda data: _within(data, where[:-1]).setdefault(where[-1], []).append(_said(part)), key)


def with_fact(text: str, name: str, part: Mapping[str, Any], *, section: str = "facts") -> str:
    """The text with one more fact, or kind of records, declared. Raises: EditError where it is declared already, texts.TextError."""
    root = root_of(text)
    facts, told, key = nodes.at(root, (section,)), f"{scalar(name)}: {flow(part)}", f"{section}/{name}"
    if name in nodes.parts(facts) or not isinstance(root, MappingNode):
        raise EditError(key, "changed")
    if isinstance(facts, MappingNode):
        made = with_key(text, facts, told, ())
    else:
        made = with_key(text, root, f"{section}:\n  {told}", ("rule", "title", "source", "valid", "facts"))
    return _proved(text, made, lambda data: data.setdefault(section, {}).__setitem__(name, _said(part)), key)


def flow(value: Any) -> str:
    """A word, list or mapping on one line, as YAML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(name))}: {flow(one)}" for name, one in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]" if isinstance(value, list | tuple) else scalar(str(value))


def _in_lines(part: Mapping[str, Any], column: int) -> str:
    """One of a list with each of its keys on a line of its own."""
    return " " * column + "- " + f"\n{' ' * (column + 2)}".join(f"{scalar(name)}: {flow(one)}" for name, one in part.items())


def _said(part: Mapping[str, Any]) -> Any:
    return texts.data_of(flow(part))


def _within(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step if isinstance(data, list) else next(key for key in data if str(key) == str(step))]
    return data


def _proved(text: str, made: str, expected: Callable[[Any], None], key: str) -> str:
    """What was made, once it is seen to say what the text said but for the one change."""
    meant = texts.data_of(text)
    try:
        expected(meant)
        is_so = bool(made) and texts.data_of(made) == meant
    except (texts.TextError, LookupError, TypeError, StopIteration) as error:
        raise EditError(key) from error
    if not is_so:
        raise EditError(key)
    return made
