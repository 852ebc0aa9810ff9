"""Where to go, and the firms of a cluster, as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.chains.queries import sources
from wutong.web.chains.sheets.notes import WAN
from wutong.web.chains.sheets.supply import FIRM_COLUMNS, firm_rows
from wutong.web.lib.spreadsheets import Column

__all__ = ["FIRM_COLUMNS", "cluster_rows", "columns", "rows"]


def columns() -> tuple[Column, ...]:
    """Place and figures; then two columns a factor: its input and its points."""
    factors = [
        column
        for label in sources.factor_labels().values()
        for column in (Column(label, 14, 2), Column(_("%(factor)s: points") % {"factor": label}, 10, 1))
    ]
    return (
        Column(_("Rank"), 6, 0),
        Column(_("Place"), 30),
        Column(_("Kind"), 12),
        Column(_("On the coast"), 8),
        Column(_("Score (of 100)"), 10, 1),
        Column(_("Makers (groups)"), 12, 0),
        Column(_("Known capital (10,000 yuan)"), 16, 2),
        Column(_("Firms of the registry there"), 14, 0),
        *factors,
        Column(_("Largest makers"), 80),
    )


def rows(found: sources.Sources) -> Iterator[tuple[Any, ...]]:
    """One row a place, best first; an unknown input says so and has no points."""
    words = sources.kind_words()
    for row in found.rows:
        shown = [sources.shown(reason) for reason in row.reasons]
        cells = [cell for reason in shown for cell in (_("unknown") if reason.value is None else reason.value, reason.points)]
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (
            row.rank, row.full_name, words[row.kind.value], _("yes") if row.is_coastal else _("no"), row.score, row.makers, capital_wan,
            row.firms_of_registry, *cells, "；".join(firm.name for firm in row.best),
        )  # fmt: skip


def cluster_rows(found: sources.ClusterPage) -> Iterator[tuple[Any, ...]]:
    """One row a company group."""
    return firm_rows(row.firm for row in found.rows)
