"""Columns of what projects export: the ledger of money in place, and what is recognised by unit and month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.lib.spreadsheets import Column
from wutong.web.projects.models import PROOFS
from wutong.web.projects.queries import books, recognition
from wutong.web.projects.rules.funds import Proof

AT_ONCE = 500
FUNDS = (
    Column(_("Project"), 36),
    Column(pgettext_lazy("project", "Host unit"), 24),
    Column(_("Arrived on"), 12),
    Column(_("Kind of money"), 16),
    Column(_("Amount"), 16, 2),
    Column(_("Currency"), 8),
    Column(_("Whose money"), 16),
    Column(_("Origin of capital"), 12),
    Column(_("Payer"), 28),
    Column(_("Proofs"), 30),
    Column(_("Number of the proof"), 20),
    Column(pgettext_lazy("funds entry", "State"), 16),
    Column(_("Worth (yuan)"), 18, 2),
    Column(_("Recognised (yuan)"), 18, 2),
    Column(_("Counts on"), 12),
    Column(_("Foreign capital used (dollars)"), 18, 2),
    Column(_("Why not recognised"), 40),
    Column(_("Reviewed by"), 14),
    Column(_("Note"), 30),
)
MONTHS = (
    Column(_("Unit"), 28),
    Column(_("Month"), 10),
    Column(_("Entries counted"), 10, 0),
    Column(_("Worth (yuan)"), 20, 2),
    Column(_("Recognised (yuan)"), 20, 2),
    Column(_("Foreign capital used (yuan)"), 20, 2),
    Column(_("Foreign capital used (dollars)"), 20, 2),
)


def funds_rows(found: Any) -> Iterator[tuple[Any, ...]]:
    """One row an entry, reversals too."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for line in books.lines(found.model.objects.filter(pk__in=keys[begin : begin + AT_ONCE]).order_by("arrived_on", "pk")):
            entry, review = line.entry, line.review
            proofs = "、".join(str(PROOFS[Proof(proof)]) for proof in entry.proofs)
            yield (
                entry.project.outside_name, entry.project.unit.name, entry.arrived_on, str(entry.get_kind_display()), entry.amount,
                entry.currency, str(entry.get_money_from_display()), str(entry.get_origin_kind_display()), entry.payer, proofs,
                entry.proof_number, books.state_words(line.state), review.value_yuan if review else None, line.recognised_yuan,
                review.counted_on if review else None, line.foreign_usd, recognition.reason_words(line.reasons),
                str(review.by or "") if review else "", entry.note or entry.reason,
            )  # fmt: skip


def month_rows(user: Any, *, since: dt.date, until: dt.date) -> Iterator[tuple[Any, ...]]:
    """One row a unit and month in which something counts."""
    table = books.by_month(user, since=since, until=until)
    for unit in table.units:
        for month in table.months:
            cell = table.cells.get((unit.pk, month))
            if cell is not None:
                yield (
                    unit.name, f"{month:%Y-%m}", cell.entries, cell.value_yuan, cell.recognised_yuan, cell.foreign_yuan, cell.foreign_usd,
                )  # fmt: skip
