"""Formulas out of the nodes of a YAML text: each part where it may stand, each fault with its line and what to do."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from wutong.rulebook import money
from wutong.rulebook.formulas import slips
from wutong.rulebook.formulas.arithmetic import ARITHMETIC
from wutong.rulebook.formulas.base import (
    LIKELY_PERCENT,
    LIKELY_TOLD,
    Constant,
    Declared,
    Fact,
    Field,
    Named,
    Node,
    Origin,
    RecordField,
    Word,
    in_hundredths,
    is_bare,
)
from wutong.rulebook.formulas.conditions import CONDITIONS, Compared, Condition
from wutong.rulebook.formulas.faults import Expected, Fault, RuleError
from wutong.rulebook.formulas.forms import FORMS
from wutong.rulebook.formulas.groupwise import GROUPWISE
from wutong.rulebook.formulas.limits import LONGEST_CHAIN, LONGEST_NAME, MOST_POWER, MOST_READ
from wutong.rulebook.formulas.records import OVER_RECORDS

FORMULAS: Mapping[str, type[Node]] = {one.CODE: one for one in (*ARITHMETIC, *FORMS, *GROUPWISE, *OVER_RECORDS)}
"""Every formula there is, by its name: a closed set."""
_CONDITIONS: Mapping[str, type[Condition]] = {one.CODE: one for one in CONDITIONS}
_LIST_SHORT = frozenset({"sum", "difference", "product", "highest", "lowest", "mean", "all", "any"})
"""Formulas whose list may stand right behind their name."""
KINDS = ("number", "text", "date", "yes_no")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DEEPEST = 40
_OF_NUMBERS = frozenset({"wrong_shape", "unknown_name", "unknown_unit"})
"""Faults of what should have been a number."""
AGAINST_SHARE = Expected("同比率比", "beside a ratio")
_IN_HUNDREDTHS = (money.UNITS["percent"], money.UNITS["permille"])
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*")
_MOST_NEAR = 2_000
"""Names that a misspelt one is compared with, and faults of which that is told: in a large text it would take hours."""
_SUM = re.compile(r"\S\s*[-+*/×÷−＋]\s*\S|[=<>≥≤]")
"""What looks like a sum (算式) that somebody wrote as in a spreadsheet."""


@dataclass(frozen=True, slots=True)
class DeclaredRecords:
    """A kind of record with its fields in their order."""

    name: str
    zh: str
    en: str
    fields: tuple[Declared, ...]
    line: int
    origin: Origin | None = None


@dataclass(slots=True)
class Reader:
    """What is known while a rule is read, and the faults so far."""

    file: str
    facts: Mapping[str, Declared]
    records: Mapping[str, DeclaredRecords]
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    named: dict[str, Callable[[int], Named | None]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    within: DeclaredRecords | None = None
    depth: int = 0
    read: int = 0
    titled: Mapping[str, Declared] | None = None
    titles: Mapping[str, Declared] = field(default_factory=dict)

    # --- what nodes ask -----------------------------------------------------------------------------------------------------------------
    def fault(self, line: int, code: str, *, field: object = "", value: object = "", expected: object = "") -> None:
        """Note a fault; a number in full-width signs or in characters is told as such, whatever was expected there."""
        if code in _OF_NUMBERS and isinstance(value, str):
            plain = slips.full_width(value)
            if plain:
                code, expected = "full_width_number", plain
            elif slips.in_characters(value):
                code, expected = "number_in_characters", ""
        self.faults.append(self._told(line, code, field, value, expected))

    def remark(self, line: int, code: str, *, field: object = "", value: object = "", expected: object = "") -> None:
        """Note what is no fault, but may not be meant."""
        told = self._told(line, code, field, value, expected)
        if told not in self.remarks:
            self.remarks.append(told)

    def _told(self, line: int, code: str, field: object, value: object, expected: object) -> Fault:
        (name, name_en), (value_zh, value_en), (expected_zh, expected_en) = _both(field), _both(value), _both(expected)
        return Fault(self.file, line, code, name, _short(value_zh), expected_zh, _short(value_en), expected_en, name_en)

    def same(self, line: int, *parts: Node | None) -> money.Dimensions:
        """What all of these are measured in; a fault where they differ. A bare 0 goes with everything."""
        told = [one for one in parts if one is not None and not (isinstance(one, Constant) and one.amount == 0 and not one.dimensions)]
        if not told:
            return money.BARE
        first = told[0]
        for other in told[1:]:
            if other.dimensions != first.dimensions:
                self.fault(other.line or line, "wrong_unit", value=_said_of(other), expected=measured(first.dimensions))
        if any(isinstance(one, Fact | RecordField) and one.unit in _IN_HUNDREDTHS for one in told):
            for other in told:  # 80 beside a share told in % would be 8000 %
                if isinstance(other, Constant) and other.unit == money.UNITS["number"]:
                    self.fault(other.line or line, "no_percent", value=other.text)
        elif any(one.is_share() for one in told):
            for other in told:
                if isinstance(other, Constant) and is_bare(other) and abs(other.amount) >= LIKELY_TOLD:
                    self._beside_share(other, line)
        return first.dimensions

    def _beside_share(self, number: Constant, line: int) -> None:
        """A bare number beside a ratio is a multiple: 80 is 8000 %, which nobody means; 5 may be 5 % or five times."""
        tell, code = (self.fault, "no_share") if abs(number.amount) >= LIKELY_PERCENT else (self.remark, "share_or_multiple")
        tell(number.line or line, code, field=AGAINST_SHARE, value=number.text, expected=in_hundredths(number.amount))

    def measure(self, line: int, dimensions: money.Dimensions) -> money.Dimensions:
        """What a product or ratio is measured in; a fault where that is no measure."""
        odd = [f"{name}^{power}" for name, power in dimensions if abs(power) > MOST_POWER]
        if odd:
            self.fault(line, "odd_measure", value="·".join(odd))
        return money.BARE if odd else dimensions

    def count(self, more: int, line: int) -> None:
        """Count what is read. Raises: RuleError where a text asks for more than any rule has."""
        self.read += more
        if self.read > MOST_READ:
            raise RuleError([*self.faults, Fault(self.file, line, "too_much_read", expected=f"{MOST_READ:,}")])

    def below(self, raw: YamlNode) -> bool:
        """Go one level down; False, with its fault, where that is too deep. Whoever asked comes up again by `depth`."""
        self.depth += 1
        self.count(1, line_of(raw))
        if self.depth > DEEPEST:
            self.fault(line_of(raw), "too_deep")
            return False
        return True

    def _high(self, made: Node) -> None:
        """Note how high a formula stands; a fault where that is higher than a run can climb."""
        made.stands_on(part for _name, part in made.parts())
        self.not_too_high(made)

    def not_too_high(self, made: Node) -> None:
        """A fault where formulas stand on one another higher than a run can climb."""
        if made.height > LONGEST_CHAIN:
            self.fault(made.line, "long_chain", expected=LONGEST_CHAIN)

    def _near(self, word: str, known: Iterable[str], count: int) -> list[str]:
        """The names that a misspelt one may mean."""
        if len(self.faults) > _MOST_NEAR // 20:
            return []
        return difflib.get_close_matches(word[:LONGEST_NAME], list(islice(known, _MOST_NEAR)), count)

    def short(self, text: str, line: int) -> str:
        """A title or name; a fault where it is longer than any, as it is told wherever it is used."""
        if len(text) > LONGEST_NAME:
            self.fault(line, "long_name", value=text, expected=LONGEST_NAME)
            return text[:LONGEST_NAME]
        return text

    # --- one node -----------------------------------------------------------------------------------------------------------------------
    def node(self, raw: YamlNode) -> Node | None:
        """A formula: a number, a name, or one of the formulas."""
        try:
            if not self.below(raw):
                return None
            if isinstance(raw, ScalarNode):
                return self._scalar(raw)
            if isinstance(raw, MappingNode) and len(raw.value) == 1 and str(raw.value[0][0].value) in FORMULAS:
                return self._formula(FORMULAS[str(raw.value[0][0].value)], raw.value[0][0], raw.value[0][1])
            if _looks_like_condition(raw):
                return self.condition(raw)
            self._no_formula(raw)
            return None
        finally:
            self.depth -= 1

    def _no_formula(self, raw: YamlNode) -> None:
        key = str(raw.value[0][0].value) if isinstance(raw, MappingNode) and raw.value else ""
        near = self._near(key, FORMULAS, 3) or list(FORMULAS)
        self.fault(line_of(raw), "unknown_formula", value=key or shape_of(raw), expected="、".join(near))

    def _scalar(self, raw: ScalarNode) -> Node | None:
        text, line = str(raw.value).strip(), line_of(raw)
        amount = money.quantity(text)
        if amount is not None:
            return Constant(line, amount[0], amount[1], text)
        if self.within is not None:
            found = next((one for one in enumerate(self.within.fields) if text in (one[1].name, one[1].zh)), None)
            if found is not None:
                index, told = found
                return RecordField(line, told, index)
        if text in self.named:
            return self.named[text](line)
        fact = self.facts.get(text) or self._by_title().get(text)
        if fact is not None:
            self.used.add(fact.name)
            return Fact(line, fact)
        self._no_name(text, line)
        return None

    def _by_title(self) -> Mapping[str, Declared]:
        """The facts by their titles, the first of each."""
        if self.titled is not self.facts:
            self.titled, self.titles = self.facts, {one.zh: one for one in reversed(list(self.facts.values()))}
        return self.titles

    def _no_name(self, text: str, line: int) -> None:
        """What a word is that is neither a number nor declared."""
        if _NUMBER.match(text) and len(text) > money.LONGEST:
            self.fault(line, "long_number", value=text, expected=money.LONGEST)
            return
        if money.quantity(re.sub(r"[^\d.]+$", "", text) or "x") is not None:
            self.fault(line, "unknown_unit", value=text, expected="、".join(unit.zh for unit in money.UNITS.values() if unit.zh))
            return
        if _SUM.search(text):
            self.fault(line, "no_sum", value=text)
            return
        fields = [one.name for one in self.within.fields] if self.within else []
        titles = [one.zh for one in (*self.within.fields, *self.facts.values())] if self.within else [one.zh for one in self.facts.values()]
        near = self._near(text, chain(fields, self.named, self.facts, titles), 3) or list(islice(chain(self.named, self.facts, fields), 8))
        self.fault(line, "unknown_name", value=text, expected="、".join(near))

    def _formula(self, kind: type[Node], key: YamlNode, body: YamlNode) -> Node | None:
        line, count = line_of(key), len(self.faults)
        if kind.CODE in _LIST_SHORT and isinstance(body, SequenceNode):
            body = MappingNode(body.tag, [(ScalarNode("tag:yaml.org,2002:str", "of", key.start_mark), body)], body.start_mark)
        if not isinstance(body, MappingNode):
            self.fault(line, "wrong_shape", field=kind.CODE, value=shape_of(body), expected=fields_said(kind.FIELDS))
            return None
        outer = self.within
        if kind in GROUPWISE:  # it is computed for the other units too, which have no such record
            self.within = None
        try:
            given = self._fields(kind.CODE, line, kind.FIELDS, body)
        finally:
            self.within = outer
        is_whole = all(name in given for name, told in kind.FIELDS.items() if told.is_needed)  # a part may have been faulty elsewhere
        if len(self.faults) > count or not is_whole:
            return None
        made = kind(line, given)
        made.check(self)
        self._high(made)
        return made

    def unknown_field(self, key: YamlNode, value: YamlNode, free: Iterable[str], known: Iterable[str]) -> tuple[str, YamlNode]:
        """A fault for a field that is none; which of the free ones is meant, "" where none is, with what stands in it."""
        word = str(key.value)
        name, behind = slips.meant(word, free)
        if behind:
            self.fault(line_of(key), "full_width_field", field=name, value=behind)
            return name, ScalarNode("tag:yaml.org,2002:str", behind, key.start_mark)
        if name:
            self.fault(line_of(key), "near_field", field=name, value=word, expected="、".join(known))
        else:
            self.fault(line_of(key), "unknown_field", value=word, expected="、".join(known))
        return name, value

    def _fields(self, name: str, line: int, fields: Mapping[str, Field], body: MappingNode) -> dict[str, Any]:
        there = {str(key.value): (key, value) for key, value in body.value}
        for key in [one for one in there if one not in fields]:
            name_meant, made = self.unknown_field(there[key][0], there[key][1], [one for one in fields if one not in there], fields)
            if name_meant:
                there[name_meant] = there[key][0], made
        given: dict[str, Any] = {}
        for key, told in fields.items():  # the records come first, so that what follows knows their fields
            if key not in there:
                if told.is_needed:
                    self.fault(line, "not_there", field=f"{name}.{key}", expected=Expected(f"{key}（{told.zh}）", f"{key} ({told.en})"))
                continue
            found = self._field(key, told, there[key][1])
            if found is not None:
                given[key] = found
        return given

    # --- one field ----------------------------------------------------------------------------------------------------------------------
    def _field(self, name: str, told: Field, raw: YamlNode) -> Any:
        kinds: dict[str, Callable[[str, Field, YamlNode], Any]] = {
            "node": self._node_or_choice, "nodes": self._nodes, "condition": lambda _name, _told, raw: self.condition(raw),
            "conditions": self._conditions, "rows": self._rows, "bands": self._rows, "table": self._table, "dated": self._dated,
            "records": lambda _name, _told, raw: self._records(raw), "field": self._record_fields, "fields": self._record_fields,
            "text": lambda _name, _told, raw: self._text(raw), "words": self._words, "word": self._word, "flag": self._flag,
            "word_or_flag": self._flag, "day": self._day, "unit": lambda _name, _told, raw: self.unit(raw),
        }  # fmt: skip
        return kinds.get(told.kind, self._plain_number)(name, told, raw)

    def _node_or_choice(self, _name: str, told: Field, raw: YamlNode) -> Node | str | None:
        is_choice = isinstance(raw, ScalarNode) and str(raw.value) in told.choices
        return str(raw.value) if is_choice else self.number_node(raw)

    def _nodes(self, name: str, _told: Field, raw: YamlNode) -> list[Node | None] | None:
        found = [self.number_node(one) for one in self._list(name, raw)]
        return found if None not in found and found else None

    def _conditions(self, name: str, _told: Field, raw: YamlNode) -> list[Condition | None] | None:
        found = [self.condition(one) for one in self._list(name, raw)]
        return found if None not in found and found else None

    def number_node(self, raw: YamlNode) -> Node | None:
        """A formula that gives a number."""
        found = self.node(raw)
        if isinstance(found, Fact | RecordField) and found.kind != "number":
            self.fault(line_of(raw), "wrong_kind", value=found.name, expected="number")
            return None
        return found

    def _text(self, raw: YamlNode) -> Node | None:
        found = self.node(raw)
        if found is not None and not (isinstance(found, Fact | RecordField) and found.kind == "text"):
            self.fault(line_of(raw), "wrong_kind", value=found.words(), expected="text")
            return None
        return found

    def _day(self, _name: str, _told: Field, raw: YamlNode) -> Node | None:
        day = day_of(raw)
        found = Word(line_of(raw), day) if day is not None else self.node(raw)
        if found is not None and day is None and not (isinstance(found, Fact | RecordField) and found.kind == "date"):
            self.fault(line_of(raw), "wrong_kind", value=found.words(), expected="date")
            return None
        return found

    def _list(self, name: str, raw: YamlNode) -> list[YamlNode]:
        if not isinstance(raw, SequenceNode) or not raw.value:
            self.fault(line_of(raw), "wrong_shape", field=name, value=shape_of(raw), expected="[…, …]")
            return []
        return list(raw.value)

    def _rows(self, name: str, told: Field, raw: YamlNode) -> list[dict[str, Any]] | None:
        fields, found = dict(told.rows), []
        items = [raw] if isinstance(raw, MappingNode) and name == "sampled" else self._list(name, raw)
        for one in items:
            if not isinstance(one, MappingNode):
                self.fault(line_of(one), "wrong_shape", field=name, value=shape_of(one), expected=fields_said(fields))
                continue
            found.append(self._fields(name, line_of(one), fields, one))
        return found or None

    def _table(self, name: str, _told: Field, raw: YamlNode) -> dict[str, Node] | None:
        if not isinstance(raw, MappingNode) or not raw.value:
            self.fault(line_of(raw), "wrong_shape", field=name, value=shape_of(raw), expected="{…: …}")
            return None
        found = {str(key.value): self.number_node(value) for key, value in raw.value}
        return {key: node for key, node in found.items() if node is not None} if None not in found.values() else None

    def _dated(self, name: str, _told: Field, raw: YamlNode) -> dict[dt.date, Node] | None:
        if not isinstance(raw, MappingNode) or not raw.value:
            self.fault(line_of(raw), "wrong_shape", field=name, value=shape_of(raw), expected="{2026-01-01: …}")
            return None
        found: dict[dt.date, Node] = {}
        for key, value in raw.value:
            day, node = day_of(key), self.number_node(value)
            if day is None:
                self.fault(line_of(key), "odd_date", field=name, value=str(key.value))
            elif node is not None:
                found[day] = node
        return found or None

    def _records(self, raw: YamlNode) -> tuple[str, str, str] | None:
        name = str(raw.value).strip() if isinstance(raw, ScalarNode) else ""
        told = self.records.get(name) or next((one for one in self.records.values() if one.zh == name), None)
        if told is None:
            near = self._near(name, self.records, 3) or list(self.records)[:12] or ["-"]
            self.fault(line_of(raw), "unknown_records", value=name or shape_of(raw), expected="、".join(near))
            return None
        self.within = told
        self.used.add(told.name)
        return told.name, told.zh, told.en

    def _record_fields(self, _name: str, told: Field, raw: YamlNode) -> Any:
        items = list(raw.value) if isinstance(raw, SequenceNode) else [raw]
        found = [self.node(one) for one in items]
        for one, item in zip(found, items, strict=True):
            if one is not None and not isinstance(one, RecordField):
                self.fault(line_of(item), "wrong_kind", value=one.words(), expected="field of the record")
        if any(not isinstance(one, RecordField) for one in found):
            return None
        return found if told.kind == "fields" else found[0]

    def _words(self, name: str, _told: Field, raw: YamlNode) -> list[str] | None:
        return [str(one.value) for one in self._list(name, raw)] or None

    def _word(self, name: str, told: Field, raw: YamlNode) -> str | None:
        word = text_of(raw)
        if word in told.choices:
            return word
        self.fault(line_of(raw), "no_choice", field=name, value=word or shape_of(raw), expected="、".join(told.choices))
        return None

    def _flag(self, name: str, told: Field, raw: YamlNode) -> bool | str | None:
        word = text_of(raw)
        flag = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}.get(word.lower())
        if flag is None and told.kind == "word_or_flag" and word:
            return word
        if flag is None:
            self.fault(line_of(raw), "wrong_shape", field=name, value=word or shape_of(raw), expected="true / false")
        return flag

    def unit(self, raw: YamlNode) -> money.Unit | None:
        """A unit of measure."""
        found = money.unit(text_of(raw))
        if found is None:
            known = "、".join(one.zh for one in money.UNITS.values() if one.zh)
            self.fault(line_of(raw), "unknown_unit", value=text_of(raw), expected=known)
        return found

    def _plain_number(self, name: str, told: Field, raw: YamlNode) -> Fraction | int | str | None:
        """A number without a measure: a share, a whole number, or none where a cap may be none."""
        word = text_of(raw)
        amount = money.quantity(word)
        if told.kind == "number_or_none" and word in ("none", "不封顶"):
            return "none"
        if amount is None or amount[1].dimensions or (told.kind == "whole" and amount[0].denominator != 1):
            expected = WHOLE if told.kind == "whole" else Expected(f"{told.zh}，如 0.5、80%", f"{told.en}, such as 0.5, 80%")
            self.fault(line_of(raw), "wrong_shape", field=name, value=word or shape_of(raw), expected=expected)
            return None
        if amount[1].code == "number" and name in ("cap", "rate"):  # a share: `cap: 120` would be 12000 %, `rate: 3` three times the money
            self._share_told(name, word, amount[0], line_of(raw))
        return int(amount[0]) if told.kind == "whole" else amount[0]

    def _share_told(self, name: str, word: str, amount: Fraction, line: int) -> None:
        if amount >= (1 if name == "rate" else LIKELY_PERCENT):
            self.fault(line, "no_share", field=name, value=word, expected=in_hundredths(amount))
        elif amount >= LIKELY_TOLD:
            self.remark(line, "share_or_multiple", field=name, value=word, expected=in_hundredths(amount))

    # --- conditions ---------------------------------------------------------------------------------------------------------------------
    def condition(self, raw: YamlNode) -> Condition | None:
        """A condition: all, any, not, or a comparison `{of: …, at_least: …}`."""
        try:
            return self._condition(raw) if self.below(raw) else None
        finally:
            self.depth -= 1

    def _condition(self, raw: YamlNode) -> Condition | None:
        if not isinstance(raw, MappingNode) or not raw.value:
            self.fault(line_of(raw), "wrong_shape", field="when", value=shape_of(raw), expected="{of: …, at_least: …}")
            return None
        key, body = raw.value[0]
        name = str(key.value)
        if len(raw.value) == 1 and name in _CONDITIONS:
            if name == "not" and not (isinstance(body, MappingNode) and [str(one.value) for one, _value in body.value] == ["of"]):
                of = ScalarNode("tag:yaml.org,2002:str", "of", key.start_mark)
                body = MappingNode(body.tag, [(of, body)], body.start_mark)
            found = self._formula(_CONDITIONS[name], key, body)
            return found if isinstance(found, Condition) else None
        return self._compared(raw)

    def _compared(self, raw: MappingNode) -> Condition | None:
        line, count = line_of(raw), len(self.faults)
        there = {str(key.value): value for key, value in raw.value}
        for key, _value in raw.value:
            if str(key.value) not in Compared.FIELDS:
                self.fault(line_of(key), "unknown_field", value=key.value, expected="、".join(Compared.FIELDS))
        if "of" not in there:
            self.fault(line, "not_there", field="of", expected=Expected("of（比较什么）", "of (what is compared)"))
            return None
        subject = self.node(there["of"])
        if subject is None:
            return None
        given: dict[str, Any] = {"of": subject}
        kind = subject.kind if isinstance(subject, Fact | RecordField) else "number"
        for name, told in Compared.FIELDS.items():
            if name == "of" or name not in there:
                continue
            is_limit = told.kind == "node"
            found = self._limit(name, there[name], kind) if is_limit else self._field(name, told, there[name])
            if found is not None:
                given[name] = found
        if len(self.faults) > count:
            return None
        made = Compared(line, given)
        made.check(self)
        self._high(made)
        return made

    def _limit(self, name: str, raw: YamlNode, kind: str) -> Node | None:
        """What something is compared with: a number, a day, or a word, as the kind of what is compared asks for."""
        if kind == "number":
            return self.number_node(raw)
        text = str(raw.value).strip() if isinstance(raw, ScalarNode) else ""
        if kind == "date":
            day = day_of(raw)
            if day is not None:
                return Word(line_of(raw), day)
            return self.node(raw)
        if kind == "text" and name == "equals" and text:
            return Word(line_of(raw), text)
        self.fault(line_of(raw), "not_here", value=name, expected="one_of、is")
        return None


def _looks_like_condition(raw: YamlNode) -> bool:
    if not isinstance(raw, MappingNode) or not raw.value:
        return False
    keys = {str(key.value) for key, _value in raw.value}
    return bool(len(keys) == 1 and keys & _CONDITIONS.keys()) or ("of" in keys and bool(keys & (Compared.FIELDS.keys() - {"of"})))


def text_of(raw: YamlNode | None) -> str:
    """The text of a scalar; "" where there is none."""
    return str(raw.value).strip() if isinstance(raw, ScalarNode) else ""


def line_of(raw: YamlNode) -> int:
    """The line of a node, from 1."""
    return int(raw.start_mark.line) + 1


def day_of(raw: YamlNode) -> dt.date | None:
    """The day that a scalar writes; None where it writes none."""
    text = str(raw.value).strip() if isinstance(raw, ScalarNode) else ""
    if not _DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


NOTHING, WHOLE = Expected("空", "nothing"), Expected("整数", "a whole number")


def shape_of(raw: YamlNode) -> str | Expected:
    """What stands there, for a message."""
    if isinstance(raw, ScalarNode):
        return str(raw.value) or NOTHING
    is_list = isinstance(raw, SequenceNode)
    return Expected("列表", "a list") if is_list else "{" + ", ".join(str(key.value) for key, _value in raw.value) + "}"


def fields_said(fields: Mapping[str, Field]) -> Expected:
    """The fields of a formula, for a message."""
    zh, en = (
        sign.join(name if told.is_needed else f"{name}{may_be}" for name, told in fields.items())
        for sign, may_be in (("、", "（可不写）"), (", ", " (may be left out)"))
    )
    return Expected(zh, en)


def measured(dimensions: money.Dimensions) -> Expected:
    """What something is measured in, for a message."""
    return Expected(money.said(dimensions), money.said(dimensions, "en"))


def _said_of(node: Node) -> Expected:
    told = measured(node.dimensions)
    return Expected(f"{node.words()}（{told.zh}）", f"{node.words('en')} ({told.en})")


def _both(value: object) -> tuple[str, str]:
    """In Chinese and in English; what is the same in both is only once."""
    return (value.zh, value.en) if isinstance(value, Expected) else (str(value), "")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 90 else text[:89] + "…"
