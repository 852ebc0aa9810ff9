"""A version as a workbook with one row a value, which may be handed in again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wutong.rulebook.shapes import Leaf
from wutong.web.lib.spreadsheets import Column
from wutong.web.rulebooks.queries import leaves

# The headers by which a workbook is read again: the same in both languages.
COLUMNS = (
    Column("规则代码", 28), Column("规则名称", 44), Column("取值", 16), Column("计量单位代码", 16), Column("计量单位", 14),
    Column("起始日期", 14), Column("依据文件", 40), Column("文号", 20), Column("成文日期", 14), Column("网址", 30),
)  # fmt: skip


def rows(held: Mapping[str, Leaf]) -> Iterator[tuple[Any, ...]]:
    """One row a value of a leaf."""
    for name, leaf in held.items():
        for start, value in leaf.values.items():
            shown = leaves.typed(value)
            yield (
                name, leaf.description_zh, value if isinstance(value, int | float) and not isinstance(value, bool) else shown, leaf.unit,
                leaves.unit_words(leaf.unit), start.isoformat(), leaf.source.title, leaf.source.document,
                leaf.source.date.isoformat() if leaf.source.date else "", leaf.source.url,
            )  # fmt: skip
