"""Gaps, makers and target firms as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.chains.queries import makers, maps, targets
from wutong.web.firms.queries import standing as firms
from wutong.web.lib.access import is_chinese
from wutong.web.lib.spreadsheets import Column

WAN = 10_000

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


def name_of(thing: Any) -> str:
    """The name of a chain or segment in the language of the page."""
    return str(thing.name_zh if is_chinese() else thing.name_en)


def verdict_word(code: str) -> str:
    """A verdict in words."""
    return str(firms.VERDICTS.get(code, firms.VERDICTS["unknown"]))


def notes(standing: firms.Standing, registry: Any, *, shown: int = 0, total: int = 0) -> tuple[str, ...]:
    """What is left out, and what the figures stand on: region, day, the registry's years and size, build and rulebook."""
    build_id, rulebook_hash = firms.versions()
    values = {"shown": f"{shown:,}", "total": f"{total:,}"}
    return (
        *([_("The first %(shown)s of %(total)s") % values] if shown < total else ()),
        _("Region: %(name)s (%(id)s); radius %(km)s km; as of %(day)s")
        % {"name": standing.region.full_name, "id": standing.region.id, "km": standing.radius_km, "day": standing.as_of or "—"},
        _("Registry %(first)s–%(last)s: %(here)s firms here, %(all)s in all. What it does not hold, it cannot show.")
        % {"first": registry.first_year or "—", "last": registry.last_year or "—", "here": registry.firms_here, "all": registry.firms},
        _("Build %(build)s, rulebook %(rulebook)s") % {"build": build_id, "rulebook": rulebook_hash},
    )


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
                None if gap.capital_yuan is None else gap.capital_yuan / WAN, gap.location_quotient, gap.expected_makers,
                gap.supply_within_radius, gap.national_makers, f"{len(gap.upstream_present)}/{tile.upstream_total}",
                f"{len(gap.downstream_present)}/{tile.downstream_total}",
                maps.sentence_of(gap.rule),
            )  # fmt: skip


def maker_rows(rows: Iterable[makers.Maker]) -> Iterator[tuple[Any, ...]]:
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
            row.phrase,
            row.clause,
        )


def target_columns(found: targets.TargetList) -> tuple[Column, ...]:
    """Firm, score and place; then two columns a factor: its input and its points."""
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
        *factors,
        Column(_("Evidence"), 60),
    )


def target_rows(found: targets.TargetList) -> Iterator[tuple[Any, ...]]:
    """One row a firm and segment, best first; an unknown input says so and has no points."""
    for row in found.rows:
        shown = [reason for reason in row.reasons if reason.factor != "unknown"]
        cells = [cell for reason in shown for cell in (_("unknown") if reason.value is None else reason.value, reason.points)]
        capital_wan = None if row.capital_yuan is None else row.capital_yuan / WAN
        yield (
            row.rank, row.name, row.uscc, row.score, name_of(row.segment), row.place, row.distance_km, capital_wan,
            row.registered_on, *cells, row.clause,
        )  # fmt: skip
