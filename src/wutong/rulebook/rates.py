"""The three rates as data (三率): `rates.yaml` into frozen definitions; a misspelt event, word or field fails at load with its line."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from wutong.rulebook.load import Problem, Rulebook, RulebookError, rulebook
from wutong.rulebook.shapes import Bilingual, Shape, Source, Text, is_leaf_name

FILE = "rates.yaml"
Family = Literal["fulfilment", "start", "funds", "completion", "production"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Over = Literal["projects", "contract_amount", "total_investment", "target", "all_arrived", "year_before"]
FACTS = (
    "intent", "framework", "contract", "registered", "land", "started", "completed", "production", "full",
    "money", "planned_start", "planned_completion", "planned_production",
)  # fmt: skip
"""Days of a project that an event can be made of. `money`: the first money in place that was recognised."""
NODE = "node:"
"""Before the key of a sub-node: the day on which it was done, as a ground slab (±0.00) that a strict start asks for."""


class Event(Shape):
    """Something that happens to a project on a day: one fact, the first of several, or the last of several that are all needed."""

    code: Text
    zh: Text
    en: Text
    first_of: tuple[Text, ...] = ()
    all_of: tuple[Text, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it is made of."""
        return self.first_of or self.all_of

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Event:
        if bool(self.first_of) == bool(self.all_of):
            raise ValueError("give either first_of or all_of, with the facts that make the event")
        return self


class _Written(Shape):
    """A definition as its file says it: events by their names."""

    rate: Family
    title: Bilingual
    source: Source
    cohort: Text | None = None
    denominator: Text | None = None
    numerator: Text | None = None
    by: Literal["count", "money"] = "count"
    over: Over = "projects"
    counts: Literal["to_date", "in_period"] = "to_date"
    early: Literal["counted", "not_counted", "added"] = "counted"
    of: Literal["all", "key"] = "all"
    lost: Literal["counted", "left_out"] = "counted"
    ended: Literal["counted", "left_out"] = "counted"
    unproved: Literal["counted", "not_counted", "left_out"] = "left_out"
    digits: int = Field(default=1, ge=0, le=6)
    rounding: Literal["half_up", "down"] = "half_up"

    @model_validator(mode="after")
    def _is_whole(self) -> _Written:
        is_money, is_of_period = self.by == "money", self.over in ("target", "all_arrived", "year_before")
        if is_money and self.over == "projects":
            raise ValueError("money is not divided by projects; write over: contract_amount, total_investment, target, …")
        if not is_money and self.over not in ("projects", "target"):
            raise ValueError(f"over: {self.over} divides money; write by: money")
        if is_money and self.numerator:
            raise ValueError("by: money counts what arrived; remove numerator")
        if not is_money and not (self.numerator and self.cohort):
            raise ValueError("by: count names an event as numerator and one as cohort")
        if is_money and is_of_period and (self.cohort or self.denominator or self.counts != "in_period"):
            raise ValueError(f"over: {self.over} looks at all money of a period: write counts: in_period, without cohort and denominator")
        if not is_of_period and not (self.cohort and self.denominator):
            raise ValueError("name an event as cohort and one as denominator")
        if self.early == "added" and (is_money or self.over != "projects"):
            raise ValueError("early: added adds projects to a count of projects; write counted or not_counted")
        return self


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition of a rate (率的口径).

    `cohort`: whose day in the period puts a project in, None for all projects; `denominator`, `numerator`: what it must have reached by the
    day asked for. `early`: what happened before the cohort's day counts, does not, or counts even for a project that is not yet in the
    denominator. `of`: all projects, or those of key industries. `unproved`: a stage taken over without evidence counts, does not count as
    reached, or leaves the project out. `file`: which one says it.
    """

    code: str
    family: Family
    title_zh: str
    title_en: str
    source: Source
    cohort: Event | None
    denominator: Event | None
    numerator: Event | None
    by: Literal["count", "money"] = "count"
    over: Over = "projects"
    counts: Literal["to_date", "in_period"] = "to_date"
    early: Literal["counted", "not_counted", "added"] = "counted"
    lost: Literal["counted", "left_out"] = "counted"
    ended: Literal["counted", "left_out"] = "counted"
    unproved: Literal["counted", "not_counted", "left_out"] = "left_out"
    digits: int = 1
    rounding: Literal["half_up", "down"] = "half_up"
    file: str = FILE
    of: Literal["all", "key"] = "all"

    @property
    def is_own(self) -> bool:
        """Whether a bureau's own file says it, and not the one that ships."""
        return self.file != FILE


@dataclass(frozen=True, slots=True)
class Rates:
    """All events and definitions, with the hash of the text that they came from; `file`: the bureau's own, where there is one."""

    events: Mapping[str, Event]
    definitions: Mapping[str, Definition]
    hash: str
    file: str = FILE

    @property
    def own(self) -> tuple[Definition, ...]:
        """Those that the bureau's own file says."""
        return tuple(found for found in self.definitions.values() if found.is_own)

    def of(self, family: Family) -> tuple[Definition, ...]:
        """The definitions of one rate, in the order of the file."""
        return tuple(found for found in self.definitions.values() if found.family == family)


@cache
def rates() -> Rates:
    """The definitions that ship with Wutong, read once a process. Raises: RulebookError."""
    return rates_from((resources.files("wutong.rulebook") / FILE).read_text("utf-8"))


@cache
def with_file(path: str) -> Rates:
    """The definitions that ship, with those of a bureau's own file, where one is named, over them; read once a process.

    Raises: RulebookError with every fault found, also where the file cannot be read.
    """
    if not path:
        return rates()
    name = Path(path).name
    if name == FILE:
        name = f"{Path(path).parent.name}/{name}"
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise RulebookError([Problem(path, 1, what, "mend the path in WUTONG_RATES, or let the service read the file")]) from error
    except UnicodeDecodeError as error:
        raise RulebookError([Problem(name, 1, f"not UTF-8 at byte {error.start}", "save it as UTF-8")]) from error
    return rates_from(text, file=name, over=rates())


def rates_from(text: str, *, file: str = FILE, over: Rates | None = None) -> Rates:
    """Events and definitions of a YAML text; `over`: those that it adds to, whose events it may name. Raises: RulebookError with every
    fault found.
    """
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulebookError([Problem(file, line, f"not readable as YAML: {error.problem}", "mend the line")]) from error
    reading = _Reading(file, over)
    parts = document if isinstance(document, CommentedMap) else CommentedMap()
    for name in ("events", "definitions"):
        if over is not None and name == "events" and name not in parts:
            parts[name] = CommentedMap()
        elif not isinstance(parts.get(name), CommentedMap) or not parts[name]:
            reading.problems.append(Problem(file, 1, f"there is no mapping `{name}`", f"list them under `{name}:`"))
    for name in parts.keys() - {"events", "definitions"}:
        reading.fault(parts, str(name), "", "unknown part", "the file holds `events:` and `definitions:`")
    if not reading.problems:
        reading.read(parts["events"], parts["definitions"])
    if reading.problems:
        raise RulebookError(reading.problems)
    digest = hashlib.sha256(f"{over.hash if over is not None else ''}{text}".encode()).hexdigest()[:12]
    return Rates(MappingProxyType(reading.events), MappingProxyType(reading.definitions), digest, file)


@dataclass(frozen=True, slots=True)
class InUse:
    """The definition of a rate that is in use. `unknown`: what the region's rule names instead, where no definition bears that code."""

    family: Family
    definition: Definition
    unknown: str = ""


def in_use(book: Rulebook, on: dt.date, known: Rates | None = None) -> tuple[InUse, ...]:
    """The definition of each rate in use on a day; that shipped, with the word that is unknown, where the rule names none that there is."""
    there, found = known or rates(), []
    for family in FAMILIES:
        named = str(book.value(f"rates.{family}", on) or "")
        fitting = there.definitions.get(named)
        if fitting is not None and fitting.family == family:
            found.append(InUse(family, fitting))
        else:
            found.append(InUse(family, rates().definitions[str(rulebook().value(f"rates.{family}", on))], named or "-"))
    return tuple(found)


class _Reading:
    """What was read so far, and every fault on the way."""

    def __init__(self, file: str, over: Rates | None = None) -> None:
        self.file, self.over = file, over
        self.problems: list[Problem] = []
        self.events: dict[str, Event] = dict(over.events) if over is not None else {}
        self.definitions: dict[str, Definition] = dict(over.definitions) if over is not None else {}

    def read(self, events: CommentedMap, definitions: CommentedMap) -> None:
        """Events first, for definitions name them."""
        for code, raw in events.items():
            self._event(events, str(code), raw)
        for code, raw in definitions.items():
            self._definition(definitions, str(code), raw)

    def fault(self, within: CommentedMap, code: str, field: str, what: str, remedy: str) -> None:
        """Note a fault at a field of an entry, or at the entry itself."""
        line, entry = int(within.lc.key(code)[0]) + 1, within[code]
        if isinstance(entry, CommentedMap) and field in entry:
            line = int(entry.lc.key(field)[0]) + 1
        self.problems.append(Problem(self.file, line, f"{code}: {f'{field}: ' if field else ''}{what}", remedy))

    def _wrong(self, within: CommentedMap, code: str, error: ValidationError, remedy: str) -> None:
        for found in error.errors():
            where = ".".join(str(step) for step in found["loc"])
            first = str(found["loc"][0]) if found["loc"] else ""
            text = found["msg"].removeprefix("Value error, ")
            self.fault(within, code, first, f"{where.partition('.')[2]}: {text}" if "." in where else text, remedy)

    def _is_named_well(self, within: CommentedMap, code: str) -> bool:
        if not is_leaf_name(code):
            self.fault(within, code, "", "no name of an event or definition", "use small letters, digits and underscores")
        return is_leaf_name(code)

    def _event(self, within: CommentedMap, code: str, raw: object) -> None:
        if not self._is_named_well(within, code):
            return
        if self.over is not None and code in self.over.events:
            self.fault(within, code, "", "an event of this name ships", "give it another name: what ships would mean something else")
            return
        try:
            event = Event.model_validate({"code": code, **raw} if isinstance(raw, Mapping) else raw)
        except ValidationError as error:
            self._wrong(within, code, error, "an event has zh, en, and first_of or all_of")
            return
        field = "first_of" if event.first_of else "all_of"
        for fact in event.facts:
            if fact not in FACTS and not (fact.startswith(NODE) and len(fact) > len(NODE)):
                self.fault(within, code, field, f"unknown fact '{fact}'", f"use one of {', '.join(FACTS)}, or {NODE}KEY of a sub-node")
        self.events[code] = event

    def _definition(self, within: CommentedMap, code: str, raw: object) -> None:
        if not self._is_named_well(within, code):
            return
        try:
            written = _Written.model_validate(raw)
        except ValidationError as error:
            self._wrong(within, code, error, "correct it; see the head of the file shipped")
            return
        found: dict[str, Event | None] = {}
        for field in ("cohort", "denominator", "numerator"):
            name = getattr(written, field)
            if name is not None and name not in self.events:
                self.fault(within, code, field, f"unknown event '{name}'", f"use one of {', '.join(self.events)}")
            found[field] = self.events.get(name or "")
        shipped = self.over.definitions.get(code) if self.over is not None else None
        if shipped is not None and shipped.family != written.rate:
            remedy = f"write rate: {shipped.family}, or give it another name"
            self.fault(within, code, "rate", f"the definition of this name that ships is one of {shipped.family}", remedy)
        self.definitions[code] = Definition(
            code, written.rate, written.title.zh, written.title.en, written.source, found["cohort"], found["denominator"],
            found["numerator"], written.by, written.over, written.counts, written.early, written.lost, written.ended, written.unproved,
            written.digits, written.rounding, self.file, written.of,
        )  # fmt: skip
