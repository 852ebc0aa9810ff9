"""Supply round a site as a spreadsheet, and the firms behind its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wutong.web.chains.queries.supply import MakerRow, SupplyPage
from wutong.web.chains.sheets.notes import WAN, evidence_cell, name_of
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.spreadsheets import Column

FIRM_COLUMNS = (
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Capital (10,000 yuan)"), 16, 2),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Distance (km)"), 12, 0),
    Column(gettext_lazy("Registered on"), 14),
    Column(gettext_lazy("Phrase"), 20),
    Column(gettext_lazy("Evidence"), 60),
)


def presence_word(code: str) -> str:
    """Whether anybody is inside, in words."""
    return {"present": _("present"), "missing": _("missing"), "unknown": pgettext("verdict", "unknown")}[code]


def columns() -> tuple[Column, ...]:
    """One row a segment."""
    return (
        Column(_("Segment"), 22),
        Column(_("Layer"), 14),
        Column(_("Presence"), 10),
        Column(_("Makers inside (groups)"), 12, 0),
        Column(_("Makers inside (firms)"), 12, 0),
        Column(_("Nation-wide (groups)"), 12, 0),
        Column(_("Expected (makers)"), 12, 2),
        Column(_("Supplying segments present"), 12),
        Column(_("Buyers inside (groups)"), 12, 0),
        Column(_("Nearest maker outside"), 36),
        Column(_("Distance (km)"), 12, 0),
        Column(_("Largest makers inside"), 80),
    )


def rows(page: SupplyPage) -> Iterator[tuple[Any, ...]]:
    """One row a segment, in the order of the chain."""
    for row in page.rows:
        found = row.supply
        best = "；".join(f"{firm.name} ({firm.distance_km:,.0f} km)" if firm.distance_km is not None else firm.name for firm in found.best)
        yield (
            name_of(row.segment), name_of(row.layer), presence_word(found.presence.value), found.makers, found.firms, found.national_makers,
            found.expected_makers, f"{len(found.suppliers_present)}/{row.suppliers_total}", found.buyers,
            found.nearest.name if found.nearest else None, found.nearest.distance_km if found.nearest else None, best,
        )  # fmt: skip


def notes_of(page: SupplyPage) -> tuple[str, ...]:
    """What the figures stand on: the circle, its coverage, the registry inside it, build and rulebook."""
    found, (build_id, rulebook_hash) = page.found, firms.versions()
    registry = found.registry
    return (
        _("Circle: %(km)s km round %(site)s (%(id)s), straight line; as of %(day)s")
        % {"km": f"{found.radius_km:g}", "site": page.site.name, "id": page.site.id, "day": found.as_of},
        _("Segments of the chain with makers inside: %(part)s/%(all)s") % {"part": found.segments_present, "all": found.segments},
        _("Registry inside %(first)s-%(last)s: %(here)s firms, %(all)s in all, the place of %(unknown)s unknown.")
        % {"first": registry.first_year or "—", "last": registry.last_year or "—", "here": registry.firms_here, "all": registry.firms,
           "unknown": found.unplaced_firms},
        _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash},
    )  # fmt: skip


def firm_rows(found: Iterable[MakerRow]) -> Iterator[tuple[Any, ...]]:
    """One row a firm, the largest known capital first."""
    for firm in found:
        capital_wan = None if firm.capital_yuan is None else firm.capital_yuan / WAN
        yield (firm.name, firm.uscc, capital_wan, firm.place, firm.distance_km, firm.registered_on, firm.phrase, evidence_cell(firm))
