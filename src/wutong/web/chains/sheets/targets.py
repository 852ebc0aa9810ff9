"""Target firms with every reason as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.chains.queries import targets
from wutong.web.chains.queries.catalogues import Mark
from wutong.web.chains.sheets.notes import WAN, name_of
from wutong.web.lib.marks import SheetMarks
from wutong.web.lib.spreadsheets import Column


def target_columns(found: targets.TargetList, known: SheetMarks) -> tuple[Column, ...]:
    """Firm, score and place, what rooms above know of the firm; then two columns a factor: its input and its points."""
    factors = [
        column
        for label, unit in found.factors
        for column in (Column(f"{label} ({unit})" if unit else label, 16), Column(_("%(factor)s: points") % {"factor": label}, 10, 1))
    ]
    return (
        Column(_("Rank"), 6, 0),
        Column(_("Firm"), 36),
        Column(_("Credit code"), 22),
        Column(_("Score (of 100)"), 10, 1),
        Column(_("Segment"), 20),
        Column(_("Place"), 28),
        Column(_("Distance (km)"), 12, 0),
        Column(_("Capital (10,000 yuan)"), 16, 2),
        Column(_("Registered on"), 14),
        Column(_("What the catalogues say of its product"), 50),
        *(Column(header, 40) for header in known.headers),
        *factors,
        Column(_("Evidence"), 60),
    )


def target_rows(found: targets.TargetList, known: SheetMarks, said: Mapping[tuple[str, str], Sequence[Mark]]) -> Iterator[tuple[Any, ...]]:
    """One row a firm and segment, best first; an unknown input says so and has no points. `said`: by catalogues, of segment and product."""
    for row in found.rows:
        shown = [reason for reason in row.reasons if reason.factor != "unknown"]
        cells = [cell for reason in shown for cell in (_("unknown") if reason.value is None else reason.value, reason.points)]
        marks = "\n".join(mark.line for mark in said.get(row.made, ())) or None
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (
            row.rank, row.name, row.uscc, row.score, name_of(row.segment), row.place, row.distance_km, capital_wan,
            row.registered_on, marks, *known.cells(row.firm_id), *cells, row.clause,
        )  # fmt: skip
