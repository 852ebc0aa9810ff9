"""Trips and days away as spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wutong.web.lib.spreadsheets import Column
from wutong.web.outreach.queries import trips
from wutong.web.outreach.queries.ranking import Ranking

AT_ONCE = 500
TRIPS = (
    Column(pgettext_lazy("trip", "Purpose"), 36),
    Column(gettext_lazy("Working days away (days a person)"), 12, 1),
    Column(gettext_lazy("People"), 28),
    Column(gettext_lazy("Where"), 24),
    Column(pgettext_lazy("trip", "First day"), 12),
    Column(pgettext_lazy("trip", "left at noon"), 8),
    Column(pgettext_lazy("trip", "Last day"), 12),
    Column(pgettext_lazy("trip", "back at noon"), 8),
    Column(gettext_lazy("All days (days a person)"), 12, 1),
    Column(pgettext_lazy("trip", "Unit"), 24),
    Column(gettext_lazy("Firms and leads visited"), 40),
    Column(pgettext_lazy("trip", "Result"), 40),
    Column(gettext_lazy("Withdrawn because"), 24),
)
RANKING = (
    Column(gettext_lazy("Unit or person"), 28),
    Column(gettext_lazy("Working days away (person-days)"), 14, 1),
    Column(pgettext_lazy("column", "Trips"), 8, 0),
    Column(gettext_lazy("People (number)"), 8, 0),
    Column(gettext_lazy("Person-times"), 8, 0),
    Column(gettext_lazy("All days (person-days)"), 12, 1),
    Column(gettext_lazy("Share of the working days (percent)"), 12, 1),
    Column(pgettext_lazy("trip", "From"), 12),
    Column(pgettext_lazy("trip", "Up to and with"), 12),
)


def trip_rows(found: Any, user: Any) -> Iterator[tuple[Any, ...]]:
    """One row a trip."""
    keys = list(found.values_list("pk", flat=True))
    for begin in range(0, len(keys), AT_ONCE):
        for row in trips.rows(keys[begin : begin + AT_ONCE], user):
            one = row.trip
            yield (
                one.purpose, row.away.working_days, row.people_words, row.place_words, one.first_on, _yes(one.is_from_noon), one.last_on,
                _yes(one.is_until_noon), row.away.all_days, one.unit.name, row.visit_words, one.result, one.withdraw_reason,
            )  # fmt: skip


def _yes(is_so: bool) -> str:
    return str(_("yes")) if is_so else ""


def ranking_rows(page: Ranking) -> Iterator[tuple[Any, ...]]:
    """Units, those without any, then people."""
    period = (page.since, page.until)
    for line in page.units:
        yield line.unit.name, line.working_days, line.trips, line.people, line.person_times, line.all_days, None, *period
    for unit in page.without:
        yield unit.name, 0, 0, 0, 0, 0, None, *period
    for one in page.people:
        name = pgettext("person and unit", "%(person)s (%(unit)s)") % {"person": one.person, "unit": one.person.unit.name}
        yield name, one.working_days, one.trips, None, one.trips, one.all_days, one.share * 100, *period
