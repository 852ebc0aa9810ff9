"""Duties as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.journal.models.duties import LIGHTS
from wutong.web.journal.queries.duties import Row
from wutong.web.lib.spreadsheets import Column

DUTIES = (
    Column(pgettext_lazy("duty", "What is to be done"), 44),
    Column(_("Record"), 36),
    Column(pgettext_lazy("duty", "Due on"), 12),
    Column(_("Light"), 16),
    Column(_("State"), 10),
    Column(pgettext_lazy("duty", "Owed by"), 14),
    Column(_("Unit"), 24),
    Column(pgettext_lazy("duty", "Kind"), 16),
    Column(pgettext_lazy("duty", "Asked by"), 14),
    Column(pgettext_lazy("duty", "Ended on"), 12),
    Column(pgettext_lazy("duty", "Result"), 40),
)


def rows(found: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """A row a duty; what a room knows by itself has no asker and no result."""
    for row in found:
        duty = row.duty
        yield (
            row.title, row.record.name if row.record else "", row.due_on, str(LIGHTS.get(row.light, "")),
            duty.get_state_display() if duty else pgettext_lazy("duty", "open"), row.owner, row.unit, str(row.kind_name),
            str(duty.asked_by or "") if duty else "", duty.ended_on if duty else None, duty.result if duty else "",
        )  # fmt: skip
