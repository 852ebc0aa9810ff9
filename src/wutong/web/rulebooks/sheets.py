"""The rules in force as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.lib.spreadsheets import Column
from wutong.web.rulebooks.queries.leaves import FIRST_DAY, LeafRow

IN_FORCE = (
    Column(gettext_lazy("Code of the rule"), 28), Column(gettext_lazy("Rule"), 44), Column(gettext_lazy("Part of the rules"), 22),
    Column(gettext_lazy("Value in force"), 16), Column(gettext_lazy("Unit"), 14), Column(gettext_lazy("As shipped"), 16),
    Column(gettext_lazy("Changed by the office"), 12), Column(gettext_lazy("In force from"), 14), Column(gettext_lazy("Source"), 50),
)  # fmt: skip


def in_force(rows: Iterable[LeafRow]) -> Iterator[tuple[Any, ...]]:
    """One row a rule."""
    for row in rows:
        yield (
            row.name, row.words, row.group, _number(row.value), row.unit, _number(row.shipped), _("yes") if row.is_own else "", _since(row),
            row.source_words,
        )  # fmt: skip


def _since(row: LeafRow) -> Any:
    return row.since if row.is_own or row.since != FIRST_DAY else _("factory value")


def _number(text: str) -> Any:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text
