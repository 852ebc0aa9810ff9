"""Two regions side by side as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.chains.queries.comparison import ComparisonPage
from wutong.web.chains.sheets.notes import capital_cell, name_of, notes, verdict_word
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.spreadsheets import Column


def columns(page: ComparisonPage) -> tuple[Column, ...]:
    """Four columns a region."""
    sides = [
        column
        for region in (page.a, page.b)
        if region is not None
        for column in (
            Column(_("%(region)s: verdict") % {"region": region.name}, 12),
            Column(_("%(region)s: makers (groups)") % {"region": region.name}, 14, 0),
            Column(_("%(region)s: location quotient") % {"region": region.name}, 14, 2),
            Column(_("%(region)s: known capital (10,000 yuan)") % {"region": region.name}, 18, 2),
        )
    ]
    return (Column(_("Segment"), 22), Column(_("Layer"), 14), *sides, Column(_("Difference in makers"), 12, 0))


def notes_of(page: ComparisonPage, standing: firms.Standing) -> tuple[str, ...]:
    """What the figures stand on: each of the two regions with what the registry holds of it, each line once."""
    if page.found is None or page.b is None:
        return ()
    sides = ((page.found.registry_a, page.a), (page.found.registry_b, page.b))
    return tuple(dict.fromkeys(line for registry, region in sides for line in notes(standing, registry, region=region)))


def rows(page: ComparisonPage) -> Iterator[tuple[Any, ...]]:
    """One row a segment, differences first."""
    for row in page.rows:
        sides = [
            cell
            for gap in (row.pair.a, row.pair.b)
            for cell in (
                verdict_word(gap.verdict.value), gap.local_makers, gap.location_quotient, capital_cell(gap),
            )
        ]  # fmt: skip
        yield (name_of(row.segment), name_of(row.layer), *sides, row.pair.makers_ahead)
