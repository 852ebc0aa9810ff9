"""Target lists, their rows and their results as spreadsheets; the columns of a file that `wutong lists import` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.leads.models import KnockQuerySet, ListedFirmQuerySet, TargetList
from wutong.web.leads.queries import rows as row_queries
from wutong.web.leads.queries.results import Hits
from wutong.web.lib.spreadsheets import Column, in_pieces

LISTS = (
    Column(gettext_lazy("Target list"), 36),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Owner"), 14),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Made from"), 40),
    Column(gettext_lazy("State"), 10),
    Column(gettext_lazy("Firms"), 8, 0),
    Column(gettext_lazy("Worked on (firms)"), 10, 0),
    Column(gettext_lazy("Overdue (firms)"), 10, 0),
    Column(gettext_lazy("Stale (firms)"), 10, 0),
    Column(gettext_lazy("Knocked at (firms)"), 10, 0),
    Column(gettext_lazy("Reached (firms)"), 10, 0),
    Column(gettext_lazy("Leads (firms)"), 10, 0),
    Column(gettext_lazy("Made on"), 12),
)
ROWS = (
    Column(gettext_lazy("Order"), 6, 0),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Place"), 28),
    Column(gettext_lazy("Segment"), 20),
    Column(gettext_lazy("Score (of 100)"), 10, 1),
    Column(gettext_lazy("Target list"), 28),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Unit"), 24),
    Column(gettext_lazy("Assigned to"), 14),
    Column(gettext_lazy("State"), 12),
    Column(gettext_lazy("Reason of the outcome"), 30),
    Column(gettext_lazy("Knocks (times)"), 8, 0),
    Column(gettext_lazy("Last knock"), 12),
    Column(gettext_lazy("Next step"), 30),
    Column(gettext_lazy("By"), 12),
    Column(gettext_lazy("Note"), 30),
)
KNOCKS = (
    Column(gettext_lazy("When"), 18),
    Column(gettext_lazy("Firm"), 36),
    Column(gettext_lazy("Credit code"), 22),
    Column(gettext_lazy("Knocked by"), 14),
    Column(gettext_lazy("How"), 12),
    Column(gettext_lazy("Through whom"), 24),
    Column(gettext_lazy("Result"), 12),
    Column(gettext_lazy("What was said"), 60),
    Column(gettext_lazy("Next step"), 30),
    Column(gettext_lazy("By"), 12),
    Column(gettext_lazy("Target list"), 28),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Unit"), 24),
)
HITS = (
    Column(gettext_lazy("What"), 40),
    Column(gettext_lazy("Line"), 16),
    Column(gettext_lazy("Firms"), 8, 0),
    Column(gettext_lazy("Knocked at (firms)"), 10, 0),
    Column(gettext_lazy("Reached (firms)"), 10, 0),
    Column(gettext_lazy("Leads (firms)"), 10, 0),
    Column(gettext_lazy("Leads (share, %)"), 10, 1),
    Column(gettext_lazy("No interest (firms)"), 10, 0),
    Column(gettext_lazy("Worked on (firms)"), 10, 0),
    Column(gettext_lazy("Left without outcome (firms)"), 10, 0),
    Column(gettext_lazy("Overdue (firms)"), 10, 0),
    Column(gettext_lazy("Stale (firms)"), 10, 0),
    Column(gettext_lazy("Knocks (times)"), 10, 0),
)


def list_rows(found: Iterable[TargetList]) -> Iterator[tuple[Any, ...]]:
    """One row a list."""
    for one in found:
        yield (
            one.title, one.unit.name, str(one.owner), str(one.get_line_display()), row_queries.source_of(one), str(one.get_state_display()),
            one.firms, one.open_firms, one.overdue_firms, one.stale_firms, one.knocked_firms, one.contacted_firms, one.lead_firms,
            timezone.localdate(one.created_at),
        )  # type: ignore[attr-defined]  # fmt: skip


def firm_rows(found: ListedFirmQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a firm on a list."""
    for row in in_pieces(found.select_related("firm", "assignee", "list__unit")):
        yield (
            row.position, row.firm.name, row.firm.uscc, row.place, row_queries.segment_name(row.chain, row.segment) if row.segment else "",
            row.score, row.list.title, str(row.list.get_line_display()), row.list.unit.name, str(row.assignee or ""),
            str(row.get_state_display()), row.reason, row.knock_count, row.last_knocked_on, row_queries.step_words(row.next_step),
            row.next_on, row.note,
        )  # fmt: skip


def knock_rows(found: KnockQuerySet) -> Iterator[tuple[Any, ...]]:
    """One row a knock."""
    for one in in_pieces(found.select_related("row__firm", "row__list__unit", "by").defer("row__found")):
        row = one.row
        yield (
            one.made_at, row.firm.name, row.firm.uscc, str(one.by), str(one.get_how_display()), one.through,
            str(one.get_result_display()), one.said, row_queries.step_words(one.next_step), one.next_on, row.list.title,
            str(row.list.get_line_display()), row.list.unit.name,
        )  # fmt: skip


def hit_rows(found: Iterable[Hits]) -> Iterator[tuple[Any, ...]]:
    """One row a list, source or person."""
    for one in found:
        yield (
            one.label, one.line, one.firms, one.knocked_firms, one.contacted_firms, one.lead_firms, one.lead_share * 100, one.refused_firms,
            one.open_firms, one.left_firms, one.overdue_firms, one.stale_firms, one.knock_times,
        )  # fmt: skip


def note_of(found: TargetList) -> tuple[str, ...]:
    """What a list stands on."""
    stands = _("Build %(build)s, rulebook %(rulebook)s") % {"build": found.build_id, "rulebook": found.rulebook_hash}
    return (row_queries.source_of(found), *((stands,) if found.build_id else ()))
