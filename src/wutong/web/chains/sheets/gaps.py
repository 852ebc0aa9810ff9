"""The gaps of a chain as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.chains.queries import maps
from wutong.web.chains.sheets.notes import capital_cell, name_of, verdict_word
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.spreadsheets import Column


def gap_columns(standing: firms.Standing) -> tuple[Column, ...]:
    """The columns of the table under the map."""
    return (
        Column(_("Segment"), 22),
        Column(_("Layer"), 14),
        Column(_("Verdict"), 10),
        Column(_("Local makers (firms)"), 12, 0),
        Column(_("Local capital (10,000 yuan)"), 16, 2),
        Column(_("Location quotient"), 12, 2),
        Column(_("Expected (firms)"), 12, 2),
        Column(_("Within %(km)s km, outside the region (firms)") % {"km": standing.radius_km}, 14, 0),
        Column(_("Nation-wide (firms)"), 12, 0),
        Column(_("Upstream present"), 10),
        Column(_("Downstream present"), 10),
        Column(_("Why"), 70),
    )


def gap_rows(drawn: maps.ChainMap) -> Iterator[tuple[Any, ...]]:
    """One row a segment, in the order of the chain."""
    for column in drawn.columns:
        for tile in column.tiles:
            gap = tile.gap
            yield (
                name_of(tile.segment), name_of(column.layer), verdict_word(str(gap.verdict)), gap.local_makers,
                capital_cell(gap), gap.location_quotient, gap.expected_makers,
                gap.supply_within_radius, gap.national_makers, f"{len(gap.upstream_present)}/{tile.upstream_total}",
                f"{len(gap.downstream_present)}/{tile.downstream_total}",
                maps.sentence_of(gap.rule),
            )  # fmt: skip
