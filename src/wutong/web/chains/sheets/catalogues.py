"""The entries of a catalogue as a spreadsheet, in columns that `wutong catalogues import` reads again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.rulebook.shapes import Edition
from wutong.web.chains.queries.catalogues import EditionRow, EntryRow
from wutong.web.lib.spreadsheets import Column

# Chinese whatever the language of the page: the loader finds its columns by these words.
COLUMNS = (
    Column("序号", 10), Column("条目", 70), Column("产品", 40), Column("环节", 40), Column("条件", 40), Column("待确认（置信度）", 40),
    Column("涉及环节", 50),
)  # fmt: skip


def rows(found: Iterable[EntryRow]) -> Iterator[tuple[Any, ...]]:
    """One row an entry."""
    for row in found:
        waiting = "、".join(f"{product.zh} {share:.0%}" for product, share in row.waiting)
        touched = "、".join(f"{chain.name_zh}·{segment.name_zh}" for chain, segment in row.segments)
        products = "、".join(product.zh for product in row.products)
        yield (row.entry.number, row.entry.text_zh, products, "、".join(row.entry.segments), row.entry.conditions_zh, waiting, touched)


EDITIONS = (
    Column(gettext_lazy("Edition"), 44),
    Column(gettext_lazy("In force here"), 14),
    Column(gettext_lazy("Kind"), 16),
    Column(gettext_lazy("Level"), 12),
    Column(gettext_lazy("Place"), 20),
    Column(gettext_lazy("In force from"), 14),
    Column(gettext_lazy("In force until"), 14),
    Column(gettext_lazy("Entries"), 10, 0),
    Column(gettext_lazy("Matched (entries)"), 12, 0),
    Column(gettext_lazy("To be confirmed (entries)"), 14, 0),
    Column(gettext_lazy("Matching nothing (entries)"), 14, 0),
    Column(gettext_lazy("Fictional sample"), 12),
)


def edition_rows(found: Iterable[EditionRow]) -> Iterator[tuple[Any, ...]]:
    """One row an edition."""
    for row in found:
        edition = row.edition
        yield (
            edition.title_zh, _("in force") if row.is_in_force else _("not here or not on this day"), row.kind, row.level, row.place,
            edition.in_force_from, edition.in_force_until, row.entries, row.matched_entries, row.waiting_entries, row.unmatched_entries,
            _("yes") if edition.fictional else _("no"),
        )  # fmt: skip


def notes_of(row: EditionRow) -> tuple[str, ...]:
    """What the edition is, and that it is fictional where it is."""
    edition = row.edition
    until = edition.in_force_until or _("until the next edition")
    return (
        *([_("A fictional sample: it quotes no real catalogue.")] if edition.fictional else ()),
        f"{edition.title_zh} · {edition.source.document} · {row.kind} · {row.level} {row.place}",
        _("In force from %(start)s, %(end)s") % {"start": edition.in_force_from, "end": until},
    )


def address_of(edition: Edition, which: str, number: str) -> str:
    """The line of an entry on the page of its edition."""
    query = "?" + urlencode({"which": which}) if which else ""
    return reverse("chains:catalogue", args=[edition.id]) + query + f"#entry-{number}"
