"""Rules as spreadsheets: the rules in force, and a version as the workbook that may be handed in again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.rulebook.shapes import Leaf
from wutong.web.lib.spreadsheets import Column
from wutong.web.rulebooks.queries import leaves
from wutong.web.rulebooks.queries.leaves import LeafRow

IN_FORCE = (
    Column(gettext_lazy("Code of the rule"), 28), Column(gettext_lazy("Rule"), 44), Column(gettext_lazy("Part of the rules"), 22),
    Column(gettext_lazy("Value in force"), 16), Column(gettext_lazy("Unit"), 14), Column(gettext_lazy("As shipped"), 16),
    Column(gettext_lazy("Changed by the office"), 12), Column(gettext_lazy("In force from"), 14), Column(gettext_lazy("Source"), 50),
)  # fmt: skip
# The headers by which a workbook is read again: the same in both languages.
VERSION = (
    Column("规则代码", 28), Column("规则名称", 44), Column("取值", 16), Column("计量单位代码", 16), Column("计量单位", 14),
    Column("起始日期", 14), Column("依据文件", 40), Column("文号", 20), Column("成文日期", 14), Column("网址", 30),
)  # fmt: skip


def in_force(rows: Iterable[LeafRow]) -> Iterator[tuple[Any, ...]]:
    """One row a rule."""
    for row in rows:
        yield (
            row.name, row.words, row.group, _number(row.value), row.unit, _number(row.shipped), _("yes") if row.is_own else "", row.since,
            row.source_words,
        )  # fmt: skip


def _number(text: str) -> Any:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text


def version(held: Mapping[str, Leaf]) -> Iterator[tuple[Any, ...]]:
    """One row a value of a leaf."""
    for name, leaf in held.items():
        for start, value in leaf.values.items():
            shown = leaves.typed(value)
            yield (
                name, leaf.description_zh, value if isinstance(value, int | float) and not isinstance(value, bool) else shown, leaf.unit,
                leaves.unit_words(leaf.unit), start.isoformat(), leaf.source.title, leaf.source.document,
                leaf.source.date.isoformat() if leaf.source.date else "", leaf.source.url,
            )  # fmt: skip
