"""The firms of a search, and the rows of a list, as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.firms.queries import search, standing, tags
from wutong.web.lib.spreadsheets import Column

WAN = 10_000

COLUMNS = (
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Capital (10,000 yuan)"), 16, 2),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Distance (km)"), 12, 0),
    Column(gettext_lazy("Registered on"), 14),
    Column(gettext_lazy("Phrase"), 20),
    Column(gettext_lazy("Evidence"), 60),
)


def rows(found: search.FirmsFound) -> Iterator[tuple[Any, ...]]:
    """One row a firm, in the order of the search."""
    for row in found.rows:
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (row.name, row.uscc, capital_wan, row.place, row.distance_km, row.registered_on, row.phrase, row.clause)


def notes(found: search.FirmsFound) -> tuple[str, ...]:
    """What was asked, what is left out, and what the figures stand on."""
    build_id, rulebook_hash = standing.versions()
    lines = [found.sentence]
    if found.total > len(found.rows):
        lines.append(_("The first %(shown)s of %(total)s") % {"shown": f"{len(found.rows):,}", "total": f"{found.total:,}"})
    lines.append(_("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash})
    return tuple(lines)


LIST_COLUMNS = (
    Column(gettext_lazy("Place on the list"), 10, 0),
    Column(gettext_lazy("As the list writes it"), 36),
    Column(gettext_lazy("Outcome"), 12),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Recognised by"), 18),
    Column(gettext_lazy("Confidence (%)"), 12, 1),
)


def list_rows(tagged: Any, doubts: Any) -> Iterator[tuple[Any, ...]]:
    """Every row of a list: the firms that bear the tag, then the rows that wait or were not found."""
    for tag in tagged:
        yield (
            tag.rank,
            tag.given,
            _("tagged"),
            tag.firm.name,
            tag.firm.uscc,
            str(tags.WAYS.get(tag.by, tag.by)),
            tag.confidence_share * 100,
        )
    words = {"open": _("waiting"), "none": _("none is meant"), "absent": _("not found")}
    for doubt in doubts:
        if doubt.outcome in words:
            yield (doubt.rank, doubt.text, words[doubt.outcome], None, doubt.uscc or None, None, doubt.best_share * 100)
