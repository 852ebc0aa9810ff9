"""A rule as a form beside its text: indicators with their fields, each fault at the field that it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook import texts
from wutong.rulebook.formulas.faults import Fault
from wutong.rulebook.scoring import editing
from wutong.rulebook.scoring.editing import Card, Slot, Table
from wutong.web.assessment.models import Scheme, SchemeVersion
from wutong.web.assessment.queries import versions
from wutong.web.assessment.queries.outlines import Outline, outline
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
}  # fmt: skip
"""Words of the language of rules, as a form says them."""
Said = tuple[int, str, str]
"""A fault: line, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of the form. `key`: by which it comes back; `options`: where it is one of some words; `faults`: what is wrong with it."""

    key: str
    label: str
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
    """A group, an indicator or a named value. `formula`: in words, where the rule can be read; `faults`: those of no field of it."""

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


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The form of a text; no cards where the text cannot be read at all. `is_kept`: the text is the one that is kept."""

    cards: tuple[CardShown, ...]
    names: tuple[str, ...]
    is_kept: bool
    outline: Outline


def of_text(version: SchemeVersion, text: str) -> RuleForm | None:
    """The form of a text of a scheme; None where it is none of points."""
    if version.scheme.kind == SchemeKind.REWARD:
        return None
    scheme: Scheme = version.scheme
    _rule, faults = versions.read_of(scheme, text)
    told = outline(scheme, text)
    formulas = {item.line: item.formula for group in told.groups for item in group.items}
    try:
        found = editing.cards(text)
    except texts.TextError:
        found = ()
    cards = tuple(_card(one, faults, formulas) for one in found)
    return RuleForm(cards, _names(text, found), text == version.text, told)


def _names(text: str, found: Sequence[Card]) -> tuple[str, ...]:
    """What a formula may name: facts and values."""
    if not found:
        return ()
    facts = editing.declared(text)
    return (*facts, *(str(one.path[-1]) for one in found if one.kind == "value"))


def _in_words(words: editing.Words) -> str:
    return words[0] if is_chinese() else words[1]


def _card(card: Card, faults: Sequence[Fault], formulas: Mapping[int, str]) -> CardShown:
    own = [one for one in faults if card.line <= one.line <= card.last_line]
    at: dict[str, list[Said]] = {}
    rest: list[Said] = []
    for fault in own:
        slot = _slot_of(card, fault)
        (at.setdefault(slot.key, []) if slot else rest).append(versions.said(fault))
    fields = tuple(_field(one, at) for one in card.fields if isinstance(one, Slot))
    tables = tuple(_table(one, at) for one in card.fields if isinstance(one, Table))
    shown = json.dumps({one.key: one.value for one in card.slots}, ensure_ascii=False)
    formula = formulas.get(card.line, "") if card.kind == "item" else ""
    return CardShown(
        card.key, card.kind, _in_words(card.title), card.depth, card.line, _in_words(card.form), formula, fields, tables, tuple(rest), shown
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


def _field(slot: Slot, at: Mapping[str, Iterable[Said]]) -> FieldShown:
    is_one_of = slot.choices and (not slot.value or slot.value in slot.choices)
    options = tuple((word, str(CHOICES.get(word, word))) for word in slot.choices) if is_one_of else ()
    return FieldShown(slot.key, _in_words(slot.words), slot.value, options, slot.is_needed, tuple(at.get(slot.key, ())))


def _table(table: Table, at: Mapping[str, Iterable[Said]]) -> TableShown:
    rows = tuple(RowShown(row.key, tuple(tuple(_field(one, at) for one in cell) for cell in row.cells)) for row in table.rows)
    return TableShown(_in_words(table.words), tuple(map(_in_words, table.heads)), rows, len(rows) > 1)


# --- what was filled in -----------------------------------------------------------------------------------------------------------------
def rewritten(text: str, given: Mapping[str, str]) -> str:
    """The text with what somebody filled in, or with a row more or less. Raises: editing.EditError, texts.TextError."""
    try:
        shown = json.loads(given.get("shown", "{}"))
    except ValueError:
        shown = {}
    shown = {str(key): str(value) for key, value in shown.items()} if isinstance(shown, dict) else {}
    values = {name[3:]: value for name, value in given.items() if name.startswith("at:")}
    made = editing.changed(text, values, shown)
    if given.get("add"):
        return editing.with_row(made, given["add"])
    return editing.without_row(made, given["drop"]) if given.get("drop") else made


def edit_words(error: editing.EditError | texts.TextError) -> str:
    """Why a field could not be written into the text."""
    if isinstance(error, texts.TextError):
        return _("The text cannot be read: mend what is named, then the fields come back.")
    if error.code == "last":
        return _("The last row stays: a formula of rows needs one.")
    return _("The text was changed meanwhile, and the field is not as it was shown: look at it again.")
