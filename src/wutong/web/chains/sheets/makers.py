"""The makers of a segment as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.chains.queries import makers
from wutong.web.chains.sheets.notes import WAN, evidence_cell
from wutong.web.lib.marks import SheetMarks, sheet_marks
from wutong.web.lib.spreadsheets import Column

ASKED_AT_ONCE = 2000
MAKER_COLUMNS = (
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Capital (10,000 yuan)"), 16, 2),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Distance (km)"), 12, 0),
    Column(gettext_lazy("Registered on"), 14),
    Column(gettext_lazy("Branch"), 8),
    Column(gettext_lazy("Phrase"), 20),
    Column(gettext_lazy("Evidence"), 60),
)


def maker_columns(known: SheetMarks) -> tuple[Column, ...]:
    """The columns, with what rooms above know of a firm before the evidence."""
    return (*MAKER_COLUMNS[:-2], *(Column(header, 40) for header in known.headers), *MAKER_COLUMNS[-2:])


def maker_rows(rows: Iterable[makers.Maker], known: SheetMarks) -> Iterator[tuple[Any, ...]]:
    """One row a firm, the largest known capital first."""
    for row in rows:
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (
            row.name,
            row.uscc,
            capital_wan,
            row.place,
            row.distance_km,
            row.registered_on,
            _("yes") if row.is_branch else _("no"),
            *known.cells(row.firm_id),
            row.phrase,
            evidence_cell(row),
        )


def every_row(user: Any, rows: Iterable[makers.Maker]) -> Iterator[tuple[Any, ...]]:
    """The rows of a list however long, with what rooms above know of its firms, asked for some firms at a time."""
    walk = iter(rows)
    while piece := list(islice(walk, ASKED_AT_ONCE)):
        yield from maker_rows(piece, sheet_marks(user, [row.firm_id for row in piece]))
