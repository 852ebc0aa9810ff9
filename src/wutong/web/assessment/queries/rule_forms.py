"""A rule as a form beside its text: indicators with their fields, each fault at the field that it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from wutong.rulebook import texts
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.scoring import editing
from wutong.rulebook.scoring import fields as parts
from wutong.rulebook.scoring.fields import Card, Slot, Table
from wutong.web.assessment.models import Scheme, SchemeVersion
from wutong.web.assessment.queries import versions
from wutong.web.assessment.queries.outlines import Outline, outline
from wutong.web.assessment.queries.source_words import PARAMS_TOLD, SOURCES_TOLD
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.lib.access import is_chinese

CHOICES: Mapping[str, Any] = {
    "missing": pgettext_lazy("word of a rule", "missing"), "not_applicable": pgettext_lazy("word of a rule", "not applicable"),
    "left_out": pgettext_lazy("word of a rule", "left out"), "full": pgettext_lazy("word of a rule", "full points"),
    "spread": pgettext_lazy("word of a rule", "the others count for more"),
    "stop": pgettext_lazy("word of a rule", "the total is missing too"),
    "zero": pgettext_lazy("word of a rule", "zero"), "group_mean": pgettext_lazy("word of a rule", "mean of the group"),
    "sum": pgettext_lazy("word of a rule", "sum"), "highest": pgettext_lazy("word of a rule", "highest"),
    "lowest": pgettext_lazy("word of a rule", "lowest"), "mean": pgettext_lazy("word of a rule", "mean"),
    "whole": pgettext_lazy("word of a rule", "whole steps only"), "linear": pgettext_lazy("word of a rule", "in proportion"),
    "yes": pgettext_lazy("word of a rule", "yes"), "no": pgettext_lazy("word of a rule", "no"),
    "month": pgettext_lazy("word of a rule", "by month"), "day": pgettext_lazy("word of a rule", "by day"),
    "quarter": pgettext_lazy("word of a rule", "by quarter"), "year": pgettext_lazy("word of a rule", "by year"),
    "high_first": pgettext_lazy("word of a rule", "the highest first"), "low_first": pgettext_lazy("word of a rule", "the lowest first"),
    "skip": pgettext_lazy("word of a rule", "1, 1, 3"), "dense": pgettext_lazy("word of a rule", "1, 1, 2"),
    "first": pgettext_lazy("word of a rule", "the earliest"), "nothing": pgettext_lazy("word of a rule", "nothing"),
    "count": pgettext_lazy("word of a rule", "how many"), "unranked": pgettext_lazy("word of a rule", "listed without a rank"),
    "last": pgettext_lazy("word of a rule", "ranked last"), "grade": pgettext_lazy("word of a rule", "set to a grade"),
    "number": pgettext_lazy("word of a rule", "number"), "text": pgettext_lazy("word of a rule", "text"),
    "date": pgettext_lazy("word of a rule", "date"), "yes_no": pgettext_lazy("word of a rule", "yes or no"),
    "half_up": pgettext_lazy("word of a rule", "half up"), "half_even": pgettext_lazy("word of a rule", "half to even"),
    "down": pgettext_lazy("word of a rule", "cut off"), "up": pgettext_lazy("word of a rule", "up"),
    "none": pgettext_lazy("word of a rule", "no cap"),
}  # fmt: skip
"""Words of the language of rules, as a form says them."""
KINDS: Mapping[str, Any] = {
    "rule": pgettext_lazy("part of a rule", "the rule"), "value": pgettext_lazy("rule", "named value"),
    "group": pgettext_lazy("assessment", "Group"), "veto": pgettext_lazy("part of a rule", "veto"),
    "shift": pgettext_lazy("part of a rule", "move of grades"), "list": pgettext_lazy("part of a rule", "list"),
}  # fmt: skip
"""Parts of a rule that are no indicators."""
_BY_NAME = frozenset({"node", "text", "day"})
"""Kinds of fields that name facts: they show titles, and the text keeps codes."""
Said = tuple[int, str, str]
"""A fault: line, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of the form. `key`: by which it comes back; `options`: where it is one of some words; `faults`: what is wrong with it.

    `hint`: how it is written; `offered`: the list of what may stand there: facts and values, units, sources.
    """

    key: str
    label: str
    hint: str
    offered: str
    value: str
    options: tuple[tuple[str, str], ...]
    is_needed: bool
    faults: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of bands, steps or tiers."""

    key: str
    cells: tuple[tuple[FieldShown, ...], ...]


@dataclass(frozen=True, slots=True)
class TableShown:
    """Bands, steps or tiers."""

    label: str
    heads: tuple[str, ...]
    rows: tuple[RowShown, ...]
    may_drop: bool


@dataclass(frozen=True, slots=True)
class CardShown:
    """A part of a rule. `kind_words`: what it is, where it is no indicator; `formula`: in words, where the rule can be read.

    `faults`: those of no field of it; `count`: how many in all; `may_rise`, `may_sink`, `may_go`: what may be done with the whole.
    """

    key: str
    kind: str
    title: str
    depth: int
    line: int
    form: str
    formula: str
    fields: tuple[FieldShown, ...]
    tables: tuple[TableShown, ...]
    faults: tuple[Said, ...]
    shown: str
    kind_words: str
    points: str
    count: int
    may_rise: bool
    may_sink: bool
    may_go: bool


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The form of a text; no cards where the text cannot be read at all. `is_kept`: the text is the one that is kept."""

    cards: tuple[CardShown, ...]
    facts: tuple[CardShown, ...]
    names: tuple[tuple[str, str], ...]
    is_kept: bool
    outline: Outline


def of_text(version: SchemeVersion, text: str) -> RuleForm | None:
    """The form of a text of a scheme; None where it is none of points."""
    if version.scheme.kind == SchemeKind.REWARD:
        return None
    scheme: Scheme = version.scheme
    rule, faults = versions.read_of(scheme, text)
    told = outline(scheme, text)
    formulas = {item.line: item.formula for group in told.groups for item in group.items}
    try:
        found, facts = parts.cards(text), parts.declared(text)
    except texts.TextError:
        found, facts = (), {}
    names = {code: _in_words(words) for code, words in facts.items()}
    siblings = {one.path for one in found}
    shown = [_card(one, faults, formulas, names, siblings) for one in found]
    unused = {f"facts/{name}" for name in rule.unused} if rule else set()
    cards = tuple(one for one in shown if one.kind != "fact")
    declared = tuple(replace(one, may_go=one.key in unused) for one in shown if one.kind == "fact")
    offered = (*((name, "") for name in names.values()), *((one.title, "") for one in cards if one.kind == "value"))
    return RuleForm(cards, declared, offered, text == version.text, told)


def _in_words(words: parts.Words) -> str:
    return words[0] if is_chinese() else words[1]


def _card(
    card: Card, faults: Iterable[Fault], formulas: Mapping[int, str], names: Mapping[str, str], siblings: set[parts.Path]
) -> CardShown:
    lines = {slot.line for slot in card.slots}
    own = [one for one in faults if card.line <= one.line <= card.last_line or (card.kind != "item" and one.line in lines)]
    at: dict[str, list[Said]] = {}
    rest: list[Said] = []
    for fault in own:
        slot = _slot_of(card, fault)
        (at.setdefault(slot.key, []) if slot else rest).append(versions.said(fault))
    fields = tuple(_field(one, at, names) for one in card.fields if isinstance(one, Slot))
    tables = tuple(_table(one, at, names) for one in card.fields if isinstance(one, Table))
    shown = json.dumps({card.key: card.code, **{one.key: one.value for one in card.slots}}, ensure_ascii=False)
    formula = formulas.get(card.line, "") if card.kind == "item" else ""
    if card.kind == "fact":
        told = [_told(one) for one in card.slots if one.path[-1] == "unit" or one.kind in ("source", "param")]
        formula = " · ".join(one for one in told if one)
    points = next((one.value for one in card.slots if one.path[-1] in ("points", "full_points")), "")
    is_one_of, *way = isinstance(card.path[-1], int), *card.path[:-1]
    place = card.path[-1] if isinstance(card.path[-1], int) else 0
    before, after = ((*way, place + step) in siblings for step in (-1, 1))
    return CardShown(
        card.key, card.kind, _in_words(card.title), card.depth, card.line, _in_words(card.form), formula, fields, tables, tuple(rest),
        shown, str(KINDS.get(card.kind, "")), points, len(own), is_one_of and before, is_one_of and after,
        is_one_of and (card.kind != "item" or before or after),
    )  # fmt: skip


def _slot_of(card: Card, fault: Fault) -> Slot | None:
    """The field that a fault is about: the one of its name, else the one that says what is wrong, else the only one of its line."""
    name = fault.field.rpartition(".")[2]
    slots = [one for one in card.slots if one.line == fault.line]
    for fits in (
        [one for one in slots if name and str(one.path[-1]) == name],
        [one for one in slots if one.value and one.value == fault.value],
        [one for one in slots if one.value] if fault.line != card.line else [],
    ):
        if len(fits) == 1:
            return fits[0]
    return None


def _field(slot: Slot, at: Mapping[str, Iterable[Said]], names: Mapping[str, str]) -> FieldShown:
    is_one_of = slot.choices and (not slot.value or slot.value in slot.choices)
    options = tuple((word, str(CHOICES.get(word, word))) for word in slot.choices) if is_one_of else ()
    words = str(PARAMS_TOLD.get(slot.words[1], slot.words[1])) if slot.kind == "param" else _in_words(slot.words)
    label, _mark, hint = next((words.partition(mark) for mark in ("；", "，如", "; ", ", such as ") if mark in words), (words, "", ""))
    value = slot.value if options else _as_shown(slot, names)
    is_unit = slot.path[-1] == "unit"
    offered = "rule-names" if slot.kind in _BY_NAME else "rule-sources" if slot.kind == "source" else "rule-units" if is_unit else ""
    return FieldShown(slot.key, label, hint, offered, value, options, slot.is_needed, tuple(at.get(slot.key, ())))


def _told(slot: Slot) -> str:
    """Where a fact comes from, in words."""
    if slot.kind == "source":
        return str(SOURCES_TOLD.get(slot.value, slot.value)) if slot.value else pgettext("source of a fact", "entered by hand")
    return slot.value


def _as_shown(slot: Slot, names: Mapping[str, str]) -> str:
    """A fact by its title, no cap in words; else as it stands in the text."""
    if slot.kind == "number_or_none" and slot.value == "none":
        return str(CHOICES["none"])
    return names.get(slot.value, slot.value) if slot.kind in _BY_NAME else slot.value


def _as_written(slot: Slot, value: str, names: Mapping[str, str]) -> str:
    """What somebody filled in, as the text says it: a fact by its code."""
    told = value.strip()
    if slot.kind == "number_or_none" and told == CHOICES["none"]:
        return "none"
    if slot.kind not in _BY_NAME or told in names:
        return value
    if names.get(slot.value) == told:
        return slot.value
    codes = [code for code, title in names.items() if title == told]
    return codes[0] if len(codes) == 1 else value


def _table(table: Table, at: Mapping[str, Iterable[Said]], names: Mapping[str, str]) -> TableShown:
    rows = tuple(RowShown(row.key, tuple(tuple(_field(one, at, names) for one in cell) for cell in row.cells)) for row in table.rows)
    return TableShown(_in_words(table.words), tuple(map(_in_words, table.heads)), rows, len(rows) > 1)


# --- what was filled in -----------------------------------------------------------------------------------------------------------------
def rewritten(text: str, given: Mapping[str, str], told: Iterable[str]) -> str:
    """The text with what somebody filled in, or with a row more or less. `told`: what the cards showed.

    Raises: editing.EditError, texts.TextError.
    """
    shown: dict[str, str] = {}
    for one in told:
        shown |= _shown(one)
    values = {name[3:]: value for name, value in given.items() if name.startswith("at:")}
    unseen = next((key for key in values if key not in shown), None)
    if unseen is not None:  # whoever does not say what he saw has not seen what he would overwrite
        raise editing.EditError(unseen, "not_shown")
    if values:
        names = {code: _in_words(words) for code, words in parts.declared(text).items()}
        slots = {slot.key: slot for card in parts.cards(text) for slot in card.slots}
        values = {key: _as_written(slots[key], value, names) if key in slots else value for key, value in values.items()}
    made = editing.changed(text, values, shown)
    if given.get("add"):
        return editing.with_row(made, given["add"])
    return editing.without_row(made, given["drop"]) if given.get("drop") else made


def _shown(told: str) -> dict[str, str]:
    try:
        found = json.loads(told)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def arranged(text: str, given: Mapping[str, str]) -> str:
    """The text with a part taken out or one place up or down. Raises: editing.EditError, texts.TextError."""
    if given.get("out"):
        return editing.without_part(text, given["out"])
    if given.get("rise"):
        return editing.moved(text, given["rise"], -1)
    return editing.moved(text, given["sink"], 1) if given.get("sink") else text


def edit_words(error: editing.EditError | texts.TextError) -> str:
    """Why a field could not be written into the text."""
    if isinstance(error, texts.TextError):
        return _("The text cannot be read: mend what is named, then the fields come back.")
    if error.code == "last":
        return _("The last row stays: a formula of rows needs one.") if "formula" in error.path else _("The last one stays.")
    if error.code == "not_shown":
        return _("The page did not send what its fields showed. Open the page anew, and change the field again.")
    return _("The text was changed meanwhile, and the field is not as it was shown: look at it again.")
