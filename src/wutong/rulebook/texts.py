"""YAML text to plain data, and what of a text that people hand in is refused before anything is made of it.

Why: an alias makes gigabytes of three hundred bytes, a list that holds itself has no end, and deep nesting ends the process inside the C
parser. So a text that somebody uploads or writes in the editor is walked event by event, and the walk ends at the first such thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.resolver import VersionedResolver

LARGEST_BYTES = 500_000
DEEPEST = 12
"""Lists and mappings in one another; a chain needs four."""
LONGEST_NUMBER = 60
MOST_VALUES = 20_000
"""Keys and values; the largest chain shipped has some 2,500."""

_PURE = find_spec("_ruamel_yaml") is None  # the C parser is ruamel.yaml.clib; without it the same answers, twenty times slower
_BROKEN = "mend the indentation, bracket, quote or double key"
_WRITE_OUT = "write the value out where it is needed"
_QUOTE = "write it in quotes, as a text"
_LIKE_A_NUMBER = re.compile(r"[-+.]?[0-9][0-9A-Za-z_.:+-]*")
_STARTS = ("SequenceStartEvent", "MappingStartEvent")
_ENDS = ("SequenceEndEvent", "MappingEndEvent")


class TextError(Exception):
    """The text cannot be read: the line from 1, what is wrong there, and what to do; `code` and `value` say the same to a program.

    `opened`: the line where the bracket or quote begins that the parser was in; `character`: at which it stopped; `limit`: what may be had.
    `lines`: the text, where the parser could not read it.
    """

    def __init__(self, line: int, what: str, remedy: str, *, code: str = "no_yaml", value: str = "", limit: int = 0) -> None:
        self.line, self.what, self.remedy, self.code, self.value, self.limit = line, what, remedy, code, value, limit
        self.opened, self.character = line, ""
        self.lines: tuple[str, ...] = ()
        super().__init__(f"{line}: {what} → {remedy}")


class _OneVersion(VersionedResolver):
    """The rules by which a word is a number, a date or a text, looked up once a file.

    Why: ruamel looks them up anew for every word, which took half of the loading time.
    """

    @cached_property
    def versioned_resolver(self) -> Any:
        """As ruamel has it."""
        return super().versioned_resolver


def data_of(text: str) -> Any:
    """What the text says. Raises: TextError."""
    try:
        return _loader().load(text)
    except YAMLError as error:
        raise _told(error, text) from error
    except (ValueError, OverflowError) as error:  # 2026-13-45, or a number of five thousand digits
        line, value = _bad_value(text)
        raise TextError(line, f"no number and no date: {error}", _QUOTE, code="odd_value", value=value) from error


def handed_in(text: str, *, largest_bytes: int = LARGEST_BYTES, most_values: int = MOST_VALUES, deepest: int = DEEPEST) -> Any:
    """What a text says that somebody handed in. Raises: TextError, also where it is too large or holds an anchor, an alias or a tag."""
    _walk(text, largest_bytes, most_values, deepest)
    return data_of(text)


def tree(text: str) -> Node | None:
    """The text as nodes that know their lines; only of a text that could be read."""
    return YAML(typ="safe", pure=_PURE).compose(text)  # type: ignore[no-any-return]


def line_of(root: Node | None, path: Sequence[str | int]) -> int:
    """The line, from 1, of the deepest part of a path of keys and indexes that is there."""
    line = 1
    for step in path:
        if isinstance(root, MappingNode):
            found = next(((key, value) for key, value in root.value if str(key.value) == str(step)), None)
        elif isinstance(root, SequenceNode) and isinstance(step, int) and step < len(root.value):
            found = (root.value[step], root.value[step])
        else:
            found = None
        if found is None:
            break
        line, root = int(found[0].start_mark.line) + 1, found[1]
    return line


def _loader() -> Any:
    yaml = YAML(typ="safe", pure=_PURE)
    yaml.Resolver = _OneVersion
    return yaml


def _told(error: YAMLError, text: str) -> TextError:
    if isinstance(error, MarkedYAMLError):
        problem, mark, context = str(error.problem), error.problem_mark, error.context_mark
        made = TextError(mark.line + 1 if mark else 1, f"no valid YAML: {problem}", _BROKEN, value=problem)
        made.opened = context.line + 1 if context else made.line
        made.character = _character(text, mark.line, mark.column) if mark else ""
        made.lines = tuple(text.splitlines())
        return made
    problem = str(error).splitlines()[0]
    return TextError(1, f"no valid YAML: {problem}", "remove the character", value=problem)


def _character(text: str, line: int, column: int) -> str:
    """The character at a place of the text."""
    lines = text.splitlines()
    return lines[line][column : column + 1] if line < len(lines) else ""


def _events(text: str) -> Iterator[tuple[str, Any]]:
    """What the parser meets, one by one: nothing is built, and whoever stops asking stops the parser."""
    for event in YAML(typ="safe", pure=_PURE).parse(text):
        yield type(event).__name__, event


def _walk(text: str, largest_bytes: int, most_values: int, deepest: int) -> None:
    """Refuse what no chain needs and what could be used to stop the server. Raises: TextError."""
    half = next((at for at, character in enumerate(text) if "\ud800" <= character <= "\udfff"), None)
    if half is not None:
        raise TextError(text.count("\n", 0, half) + 1, "no valid YAML: half a character", "remove the character", code="half_character")
    if len(text.encode("utf-8")) > largest_bytes:
        raise TextError(1, f"the text is longer than {largest_bytes:,} bytes", "give one chain only", code="too_long", limit=largest_bytes)
    values = 0
    open_ones: list[_Open] = []
    try:
        for kind, event in _events(text):
            line = event.start_mark.line + 1
            _refuse_means(kind, event, line)
            if kind in _ENDS:
                open_ones.pop()
            if kind not in _STARTS and kind != "ScalarEvent":
                continue
            values += 1
            if open_ones and open_ones[-1].is_key_next() and kind in _STARTS:
                raise TextError(line, "a list or a mapping stands where a key belongs", "write the key as a word", code="odd_key")
            if kind in _STARTS:
                open_ones.append(_Open(is_mapping=kind == "MappingStartEvent"))
            if len(open_ones) > deepest:
                raise TextError(
                    line, f"lists and mappings stand more than {deepest} deep in one another", "close the brackets", code="too_deep"
                )
            if values > most_values:
                told = f"the text has more than {most_values:,} values"
                raise TextError(line, told, "give one chain only", code="too_many", limit=most_values)
    except YAMLError as error:
        raise _told(error, text) from error


class _Open:
    """A list or mapping that the walk is in."""

    def __init__(self, *, is_mapping: bool) -> None:
        self.is_mapping, self.met = is_mapping, 0

    def is_key_next(self) -> bool:
        """Whether what comes now is a key; asked once for each thing that comes."""
        self.met += 1
        return self.is_mapping and self.met % 2 == 1


def _refuse_means(kind: str, event: Any, line: int) -> None:
    """Anchors, aliases, tags, and numbers too long to be one."""
    anchor = getattr(event, "anchor", None)
    if anchor and kind == "AliasEvent":
        raise TextError(line, f"an alias (*{anchor[:40]})", _WRITE_OUT, code="anchor", value=f"*{anchor[:40]}")
    if anchor:
        raise TextError(line, f"an anchor (&{anchor[:40]})", _WRITE_OUT, code="anchor", value=f"&{anchor[:40]}")
    if getattr(event, "tag", None):
        raise TextError(
            line, f"a tag ({str(event.tag)[:60]})", "remove it, and write the value in quotes", code="tag", value=str(event.tag)
        )
    if kind == "ScalarEvent" and not event.style and len(event.value) > LONGEST_NUMBER and _LIKE_A_NUMBER.fullmatch(event.value):
        raise TextError(line, f"no number and no date: {event.value[:20]}…", _QUOTE, code="odd_value", value=event.value[:20])


def _bad_value(text: str) -> tuple[int, str]:
    """Line and beginning of the first word that looks like a number or a date and is none."""
    for kind, event in _events(text):
        if kind == "ScalarEvent" and event.value[:1] in "0123456789+-." and not event.style:
            try:
                _loader().load(event.value)
            except (ValueError, OverflowError):
                return int(event.start_mark.line) + 1, event.value[:20]
            except YAMLError:
                continue
    return 1, ""
