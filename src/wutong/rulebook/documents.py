"""Rule documents of a bureau (规则文件): leaves in the shape of the rulebook shipped, laid over it leaf by leaf and day by day.

A document is a YAML mapping of full leaf names (`leads.stale_days`) to leaves. Its values hold from their start dates; `null` repeals the
bureau's own value, so that the one shipped holds again. What a version says counts from the day it comes into force until the next does.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ruamel.yaml.nodes import Node

from wutong.rulebook import texts
from wutong.rulebook.load import Rulebook
from wutong.rulebook.shapes import Leaf, OwnLeaf, Source, Value, is_leaf_name

LONGEST_TEXT = 300
FIELDS = ("description", "unit", "source", "values")
SOURCE_FIELDS = ("title", "document", "date", "url")
WHOLE_UNITS = frozenset(
    {"days", "years", "months", "hours", "minutes", "makers", "segments", "matters", "characters", "firms", "patents", "count", "times"}
)
"""Units of what comes in whole numbers."""
SHARES = frozenset({"share"})
"""Units of numbers from 0 to 1."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a document: file, line (0: the whole), which rule it breaks, the field, what stands there and what was expected."""

    file: str
    line: int
    code: str
    field: str = ""
    value: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What documents of a kind may hold: `holds` tells it of a leaf's name; `may_add`: leaves that the rulebook shipped lacks."""

    holds: Callable[[str], bool]
    may_add: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A document that was read: its leaves that are sound, and every fault."""

    leaves: Mapping[str, Leaf]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """An approved version of a document, as the rulebook needs it: of several begun, the one with the highest number is in force."""

    document: str
    number: int
    begins_on: dt.date
    text: str


@dataclass(slots=True)
class _Reading:
    """One reading of a text: what it is compared with, and the faults so far."""

    file: str
    root: Node | None
    shipped: Rulebook
    held: Held
    begins_on: dt.date | None
    before: Mapping[str, Leaf]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Sequence[str | int], code: str, value: object = "", expected: str = "") -> None:
        """Note a fault at a place of the text."""
        where = " › ".join(map(str, path))
        self.faults.append(Fault(self.file, texts.line_of(self.root, path), code, where, _short(value), expected))


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def read(
    text: str, *, shipped: Rulebook, held: Held, file: str = "rules.yaml", begins_on: dt.date | None = None,
    before: Mapping[str, Leaf] | None = None,
) -> Read:  # fmt: skip
    """The leaves of a text, and every fault. `before`: leaves of the version that it is made from, whose values may have begun earlier.

    `begins_on`: the day on which the version is to come into force; no value that is new may begin before it.
    """
    try:
        raw = texts.handed_in(text)
    except texts.TextError as error:
        return Read(MappingProxyType({}), (Fault(file, error.line, error.code, "", error.value),))
    reading = _Reading(file, texts.tree(text) if raw else None, shipped, held, begins_on, before or {})
    if raw is None:
        return Read(MappingProxyType({}))
    if not isinstance(raw, dict):
        return Read(MappingProxyType({}), (Fault(file, 1, "no_mapping", "", _short(raw)),))
    found = {}
    for key, item in raw.items():
        leaf = _leaf(reading, str(key), item)
        if leaf is not None:
            found[str(key)] = leaf
    if not reading.faults:
        _weights(reading, found)
    return Read(MappingProxyType(dict(sorted(found.items()))), tuple(sorted(reading.faults)))


def _leaf(reading: _Reading, name: str, raw: object) -> Leaf | None:
    """One leaf, or None where it has a fault."""
    known = reading.shipped.leaves.get(name)
    file, _dot, stem = name.partition(".")
    if not (is_leaf_name(file) and is_leaf_name(stem)):
        reading.fault((name,), "odd_name", name)
    elif known is None and not reading.held.may_add:
        near = difflib.get_close_matches(name, [leaf for leaf in reading.shipped.leaves if reading.held.holds(leaf)], 3)
        reading.fault((name,), "unknown_leaf", name, ", ".join(near))
    elif not reading.held.holds(name):
        reading.fault((name,), "not_held", name)
    elif not isinstance(raw, dict):
        reading.fault((name,), "no_leaf", raw)
    else:
        return _fields(reading, name, raw, known)
    return None


def _fields(reading: _Reading, name: str, raw: Mapping[str, object], known: Leaf | None) -> Leaf | None:
    """The fields of a leaf, each judged by itself, so that one look shows every fault."""
    count = len(reading.faults)
    for key in raw.keys() - set(FIELDS):
        reading.fault((name, str(key)), "unknown_field", key, ", ".join(FIELDS))
    description = _description(reading, name, raw.get("description"), known)
    unit = _unit(reading, name, raw.get("unit"), known)
    source = _source(reading, name, raw.get("source"))
    values = _values(reading, name, raw.get("values"), known, unit)
    if len(reading.faults) > count or source is None:
        return None
    return Leaf.model_validate({"description": description, "unit": unit, "source": source, "values": values})


def _description(reading: _Reading, name: str, raw: object, known: Leaf | None) -> dict[str, str]:
    """What the leaf is; that of the leaf shipped unless the document says it in its own words."""
    if raw is None and known is not None:
        return {"zh": known.description.zh, "en": known.description.en}
    if not isinstance(raw, dict) or not isinstance(raw.get("zh"), str) or not raw["zh"].strip() or raw.keys() - {"zh", "en"}:
        reading.fault((name, "description"), "no_description", raw)
        return {}
    return {"zh": raw["zh"], "en": str(raw.get("en") or raw["zh"])}


def _unit(reading: _Reading, name: str, raw: object, known: Leaf | None) -> str:
    if known is not None:
        if raw is not None and raw != known.unit:
            reading.fault((name, "unit"), "other_unit", raw, known.unit)
        return known.unit
    if not isinstance(raw, str) or not raw.strip():
        reading.fault((name, "unit"), "no_unit", raw)
        return ""
    return raw


def _source(reading: _Reading, name: str, raw: object) -> dict[str, Any] | None:
    """The document that a value rests on: without title and day nobody could look it up."""
    if not isinstance(raw, dict):
        reading.fault((name, "source"), "no_source", raw)
        return None
    for key in raw.keys() - set(SOURCE_FIELDS):
        reading.fault((name, "source", str(key)), "unknown_field", key, ", ".join(SOURCE_FIELDS))
    title, day = raw.get("title"), raw.get("date")
    if not isinstance(title, str) or not title.strip():
        reading.fault((name, "source", "title"), "no_source_title", title)
    if isinstance(day, dt.datetime) or not isinstance(day, dt.date):
        reading.fault((name, "source", "date"), "no_source_date", day)
    for key in ("title", "document", "url"):
        if len(str(raw.get(key) or "")) > LONGEST_TEXT:
            reading.fault((name, "source", key), "text_too_long", raw[key], str(LONGEST_TEXT))
    url = str(raw.get("url") or "")
    if url and not re.match(r"https?://", url):
        reading.fault((name, "source", "url"), "no_url", url)
    return {key: str(raw[key]) if key != "date" else day for key in SOURCE_FIELDS if raw.get(key)}


def _values(reading: _Reading, name: str, raw: object, known: Leaf | None, unit: str) -> dict[dt.date, Value]:
    """Values by start date, each of the kind that the leaf shipped holds."""
    if not isinstance(raw, dict) or not raw:
        reading.fault((name, "values"), "no_values", raw)
        return {}
    found: dict[dt.date, Value] = {}
    sample = next((value for value in known.values.values() if value is not None), None) if known else None
    for start, value in raw.items():
        path = (name, "values", str(start))
        if isinstance(start, dt.datetime) or not isinstance(start, dt.date):
            reading.fault(path, "no_start_date", start)
            continue
        code, expected = fault_of_value(value, sample, unit)
        if code:
            reading.fault(path, code, value, expected)
            continue
        found[start] = tuple(value) if isinstance(value, list) else value
        was = reading.before.get(name)
        is_new = was is None or start not in was.values or was.values[start] != found[start]
        if is_new and reading.begins_on is not None and start < reading.begins_on:
            reading.fault(path, "begins_before", start, reading.begins_on.isoformat())
    return found


def fault_of_value(value: object, sample: Value, unit: str) -> tuple[str, str]:
    """Which rule a value breaks, and what was expected; ("", "") where it is sound. `sample`: a value of the leaf shipped."""
    if value is None:
        return "", ""
    if isinstance(sample, tuple) or (sample is None and isinstance(value, list)):
        is_list = isinstance(value, list | tuple) and value and all(isinstance(word, str) and word.strip() for word in value)
        return ("", "") if is_list else ("no_words", "")
    if isinstance(sample, str):
        return ("", "") if isinstance(value, str) and value.strip() else ("no_text", "")
    if isinstance(sample, bool):
        return ("", "") if isinstance(value, bool) else ("no_yes_no", "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ("no_number", "") if sample is not None or not isinstance(value, str | bool) else ("", "")
    return _fault_of_number(value, sample, unit)


def _fault_of_number(value: int | float, sample: Value, unit: str) -> tuple[str, str]:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - not a number is unequal to itself
        return "no_number", ""
    if unit in SHARES and not 0 <= value <= 1:
        return "no_share", "0-1"
    if unit in WHOLE_UNITS and isinstance(sample, int) and value != int(value):
        return "not_whole", ""
    if isinstance(sample, int | float) and sample >= 0 > value:
        return "negative", "0"
    if abs(value) >= 10**15:
        return "too_large", ""
    return "", ""


def _weights(reading: _Reading, found: Mapping[str, Leaf]) -> None:
    """The weights of one ranking may not all be nothing: then nothing could be ranked."""
    for prefix in {name[: name.index(".weight_") + 8] for name in found if ".weight_" in name}:
        names = [name for name in reading.shipped.leaves if name.startswith(prefix)]
        days = sorted({day for name in names if name in found for day in found[name].values})
        for day in days:
            known = (found[name].value(day) if name in found else None for name in names)
            total = sum(
                float(value if isinstance(value, int | float) else _as_number(reading.shipped.leaves[name].value(day)))
                for name, value in zip(names, known, strict=True)
            )
            if total <= 0:
                first = next(name for name in names if name in found)
                reading.fault((first, "values"), "no_weight", prefix.rpartition("weight_")[0] + "weight_…", day.isoformat())
                break


def _as_number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


# --- one fixed form -------------------------------------------------------------------------------------------------------------------
def text_of(leaves: Mapping[str, Leaf]) -> str:
    """The text of these leaves in one fixed form, sorted by name; what is as shipped (description, unit) stands there to be read."""
    return "".join(f"{name}:\n{''.join(_lines(leaf))}" for name, leaf in sorted(leaves.items()))


def _lines(leaf: Leaf) -> Iterator[str]:
    yield f"  description: {{zh: {_quoted(leaf.description.zh)}, en: {_quoted(leaf.description.en)}}}\n"
    yield f"  unit: {_quoted(leaf.unit)}\n"
    parts = [f"title: {_quoted(leaf.source.title)}"]
    parts += [f"document: {_quoted(leaf.source.document)}"] if leaf.source.document else []
    parts += [f"date: {leaf.source.date}"] if leaf.source.date else []
    parts += [f"url: {_quoted(leaf.source.url)}"] if leaf.source.url else []
    yield f"  source: {{{', '.join(parts)}}}\n  values:\n"
    for start, value in leaf.values.items():
        yield f"    {start}: {_written(value)}\n"


def plain_lines(item: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a leaf of which only some fields are known, to be read (and judged) by `read`."""
    if "unit" in item:
        yield f"  unit: {_quoted(str(item['unit']))}\n"
    if "source" in item:
        parts = (f"{key}: {value if isinstance(value, dt.date) else _quoted(str(value))}" for key, value in item["source"].items())
        yield f"  source: {{{', '.join(parts)}}}\n"
    yield "  values:\n"
    for start, value in sorted(item["values"].items()):
        yield f"    {start}: {_written(value)}\n"


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- in force -------------------------------------------------------------------------------------------------------------------------
def digest(versions: Iterable[Version]) -> str:
    """By which a set of approved versions is known again; "" where there is none."""
    made = hashlib.sha256()
    rows = sorted((one.document, one.number, one.begins_on.isoformat(), one.text) for one in versions)
    for row in rows:
        made.update(repr(row).encode("utf-8"))
    return made.hexdigest() if rows else ""


def in_force(versions: Iterable[Version], on: dt.date) -> Mapping[str, Version]:
    """Which version of each document is in force on a day."""
    found: dict[str, Version] = {}
    for one in sorted(versions, key=lambda one: one.number):
        if one.begins_on <= on:
            found[one.document] = one
    return found


def over(base: Rulebook, versions: tuple[Version, ...], *, asked_on: dt.date | None = None) -> Rulebook:
    """The rulebook with the documents laid over it; it answers for every day. The hash tells one set of versions from another.

    `asked_on`: what a bureau changed answers as of that day at the earliest. A leaf that no longer fits the rulebook shipped (after an
    upgrade) is left out; `read` with that rulebook says why. Composed once for the same versions.
    """
    if not versions:
        return base
    found = _over(base.hash, _Base(base), versions)
    if asked_on is None:
        return found
    # The day is cut down to the last one on which a value began, so that the hash changes with the rules and not with every day.
    begun = [start for name in found.own for start in found.leaves[name].values if start <= asked_on]
    return _asked(found.hash, _Base(found), max(begun)) if begun else found


class _Base:
    """A rulebook as an argument that a cache may keep: the hash beside it tells which it is."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Base) and self.rulebook.hash == other.rulebook.hash

    def __hash__(self) -> int:
        return hash(self.rulebook.hash)


@lru_cache(maxsize=8)
def _asked(_hash: str, base: _Base, day: dt.date) -> Rulebook:
    made = hashlib.sha256(f"{base.rulebook.hash} {day}".encode()).hexdigest()[:12]
    return replace(base.rulebook, hash=made, asked_on=day)


@lru_cache(maxsize=8)
def _over(_hash: str, base: _Base, versions: tuple[Version, ...]) -> Rulebook:
    known = base.rulebook
    documents: dict[str, list[tuple[Version, Mapping[str, Leaf]]]] = {}
    anything = Held(lambda _name: True, may_add=True)
    for one in sorted(versions, key=lambda one: one.number):
        documents.setdefault(one.document, []).append((one, read(one.text, shipped=known, held=anything).leaves))
    leaves, own = dict(known.leaves), set()
    for _document, line in sorted(documents.items()):
        for name in {name for _version, held in line for name in held}:
            leaves[name] = _laid(leaves.get(name), [(one, held.get(name)) for one, held in line])
            own.add(name)
    made = hashlib.sha256(f"{known.hash} {digest(versions)}".encode()).hexdigest()[:12]
    return replace(known, hash=made, leaves=MappingProxyType(dict(sorted(leaves.items()))), own=frozenset(own))


def _laid(shipped: Leaf | None, line: Sequence[tuple[Version, Leaf | None]]) -> OwnLeaf:
    """One leaf over all days: what each version says of it while it is in force, else what is shipped."""
    days = set(shipped.values) if shipped else set()
    days |= {one.begins_on for one, _leaf in line}
    days |= {start for one, leaf in line if leaf for start in leaf.values if start >= one.begins_on}
    values: dict[dt.date, Value] = {}
    sources: dict[dt.date, Source] = {}
    for day in sorted(days):
        leaf = next((leaf for one, leaf in reversed(line) if one.begins_on <= day), None)
        value = leaf.value(day) if leaf else None
        source = leaf.source if leaf and value is not None else shipped.source if shipped else None
        if value is None:
            value = shipped.value(day) if shipped else None
        last = max(values) if values else None
        if last is None or values[last] != value or sources.get(last) != source:
            values[day] = value
            if source is not None:
                sources[day] = source
    newest = next(leaf for _one, leaf in reversed(line) if leaf)
    told = shipped or newest
    return OwnLeaf.model_validate(
        {
            "description": {"zh": told.description.zh, "en": told.description.en}, "unit": told.unit,
            "source": shipped.source if shipped else newest.source, "values": values, "sources": sources,
        }
    )  # fmt: skip


# --- what differs ---------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions: a value of a leaf from a day on, or where it comes from.

    `kind`: value (another value from the day `on`), returned (what is shipped holds again), source, words (its description).
    """

    kind: str
    leaf: str
    on: dt.date | None
    before: Value
    after: Value
    unit: str
    source: Source


def between(old: Mapping[str, Leaf], new: Mapping[str, Leaf], shipped: Rulebook, *, begins_on: dt.date | None) -> tuple[Change, ...]:
    """What differs between two versions of a document, leaf by leaf and day by day; `begins_on`: when the new one comes into force."""
    found: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        found.extend(_changes(name, old.get(name), new.get(name), shipped.leaves.get(name), begins_on))
    return tuple(found)


def _changes(name: str, old: Leaf | None, new: Leaf | None, shipped: Leaf | None, begins_on: dt.date | None) -> Iterator[Change]:
    told = new or old
    assert told is not None
    days = {*(old.values if old else ()), *(new.values if new else ())}
    first = begins_on or min(days)
    for day in sorted({first, *(day for day in days if day > first)}):
        before, after = _value(old, shipped, day), _value(new, shipped, day)
        if old is not None and old.value(day) is not None and (new is None or new.value(day) is None):
            yield Change("returned", name, day, before, after, told.unit, shipped.source if shipped else told.source)
        elif before != after:
            yield Change("value", name, day, before, after, told.unit, told.source)
    if old and new and old.source != new.source and old.values == new.values:
        yield Change("source", name, None, None, None, told.unit, new.source)
    if old and new and old.description != new.description:
        yield Change("words", name, None, old.description.zh, new.description.zh, told.unit, new.source)


def _value(leaf: Leaf | None, shipped: Leaf | None, on: dt.date) -> Value:
    value = leaf.value(on) if leaf else None
    return value if value is not None else shipped.value(on) if shipped else None
