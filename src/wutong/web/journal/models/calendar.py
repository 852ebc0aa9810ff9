"""Years of the working calendar that an office entered."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wutong.rulebook.calendar import Year
from wutong.web.accounts.rules.access import Permission


class CalendarYearQuerySet(models.QuerySet["CalendarYear"]):
    """Years of the calendar; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever keeps the calendar or has duties reckoned by it."""
        may = user.is_authenticated and (user.may(Permission.CALENDAR_EDIT) or user.may(Permission.JOURNAL_VIEW))
        return self if may else self.none()


class CalendarYear(models.Model):
    """Days off and make-up days of a year, as a notice names them (放假安排). Grain: one row a year.

    `days_off` and `work_days` are ISO days with commas between.
    """

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    days_off = models.TextField(_("days off"), blank=True)
    work_days = models.TextField(_("make-up working days"), blank=True)
    document = models.CharField(_("document"), max_length=200)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))
    noted_at = models.DateTimeField(_("entered at"))

    objects = CalendarYearQuerySet.as_manager()

    class Meta:
        verbose_name = _("year of the calendar")
        verbose_name_plural = _("years of the calendar")
        ordering = ("-year",)

    def __str__(self) -> str:
        return str(self.year)

    def facts(self) -> Year:
        """The year as the calendar sees it."""
        return Year(_days(self.days_off), _days(self.work_days))


def _days(text: str) -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(part) for part in text.split(",") if part)
