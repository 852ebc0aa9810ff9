"""The working calendar of the office: published years, and those that were entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wutong.rulebook.calendar import KNOWN_YEARS, Calendar
from wutong.web.journal.models import CalendarYear
from wutong.web.lib import access


def calendar() -> Calendar:
    """The calendar by which days are reckoned; read once a request."""
    found: Calendar = access.once("journal.calendar", lambda: Calendar({one.year: one.facts() for one in CalendarYear.objects.all()}))
    return found


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year as the page lists it: entered, published, or unknown."""

    year: int
    entered: CalendarYear | None
    is_published: bool

    @property
    def is_known(self) -> bool:
        """Whether its days off are known."""
        return self.entered is not None or self.is_published


def years(user: Any, *, this_year: int) -> tuple[YearLine, ...]:
    """The last two years and the next two, and every year that was entered."""
    entered = {one.year: one for one in CalendarYear.objects.visible_to(user).select_related("noted_by")}
    wanted = set(range(this_year - 1, this_year + 3)) | set(entered)
    return tuple(YearLine(year, entered.get(year), year in KNOWN_YEARS) for year in sorted(wanted, reverse=True))


def unknown_words(unknown_years: Iterable[int]) -> str:
    """That a day was reckoned without a notice, in words; empty where every year is known."""
    named = _(", ").join(str(year) for year in unknown_years)
    return _("The days off of %(years)s are not entered yet; Monday to Friday count.") % {"years": named} if named else ""
