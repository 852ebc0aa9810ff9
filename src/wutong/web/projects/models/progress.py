"""Progress (形象进度、投资进度): monthly reports, their photographs, and the plan they are compared with; only added to."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.journal.models import Attachment
from wutong.web.projects.models.projects import OfProjectQuerySet, Project, choices, of_seen_projects, person
from wutong.web.projects.rules.progress import Told

TOLD_BY = {
    Told.CAMERA: pgettext_lazy("photograph", "the camera"),
    Told.PHONE: pgettext_lazy("photograph", "the phone's position"),
    Told.PERSON: pgettext_lazy("photograph", "whoever reported"),
}
"""Who tells the day or the place of a photograph."""


class ProgressReportQuerySet(OfProjectQuerySet):
    """Reports; row access as everywhere."""

    def standing(self) -> Self:
        """Those that no later one corrects."""
        return self.filter(corrected_by=None)


class ProgressReport(models.Model):
    """The progress of a project up to the end of a month (月度进度). Grain: one row a month and project, and one each time it is corrected.

    Units: yuan. `invested_yuan`: invested to date; `output_yuan_a_year`: produced in the twelve months up to it. None: not known.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="progress", verbose_name=_("project"))
    month = models.DateField(_("month"))
    invested_yuan = models.DecimalField(_("invested to date (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    output_yuan_a_year = models.DecimalField(
        _("produced in twelve months (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True
    )  # fmt: skip
    visible = models.TextField(_("visible progress"), max_length=2000, blank=True)
    next_steps = models.TextField(_("next steps"), max_length=2000, blank=True)
    problems = models.TextField(_("problems"), max_length=2000, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=pgettext_lazy("progress", "corrects")
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ("month", "pk")
        constraints = (
            models.UniqueConstraint(fields=("project", "month"), condition=Q(corrects=None), name="projects_progress_month_once"),
            models.CheckConstraint(condition=Q(corrects=None) | ~Q(reason=""), name="projects_progress_corrected_for_a_reason"),
            models.CheckConstraint(condition=Q(invested_yuan=None) | Q(invested_yuan__gte=0), name="projects_progress_invested"),
        )
        indexes = (
            models.Index(fields=("month",), name="projects_progress_month"),
            models.Index(fields=("project", "month"), name="projects_progress_of_project"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.month:%Y-%m}"


class OfReportQuerySet(models.QuerySet[Any]):
    """What stands on reports; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on reports of projects that the person may see."""
        return self.filter(of_seen_projects(user, "report__project"))


class ProgressPhoto(models.Model):
    """A photograph of the site (形象进度照片). Grain: one row a photograph. `lat`, `lon`: where it was taken, never released.

    `place`: the place in words. `day_by`, `place_by`: who tells the day and the place; "" where it was not kept or no place is known.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="photos", verbose_name=_("progress report"))
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("evidence", "file"))
    taken_on = models.DateField(_("taken on"))
    lat = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True, blank=True)
    lon = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    place = models.CharField(pgettext_lazy("photograph", "place"), max_length=120, blank=True)
    day_by = models.CharField(_("who tells the day"), max_length=8, choices=choices(TOLD_BY), blank=True)
    place_by = models.CharField(_("who tells the place"), max_length=8, choices=choices(TOLD_BY), blank=True)
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("photograph of progress")
        verbose_name_plural = _("photographs of progress")
        ordering = ("taken_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(lat=None, lon=None) | Q(lat__isnull=False, lon__isnull=False), name="projects_photo_place_is_whole"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report} · {self.taken_on}"


class PlanPoint(models.Model):
    """What is planned to be invested by the end of a month (投资计划). Grain: one row a month each time a plan is set; the last set counts.

    Units: yuan to date. `edition_no`: which plan of the project it belongs to; a plan is set as a whole.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="plan_points", verbose_name=_("project"))
    edition_no = models.PositiveIntegerField(pgettext_lazy("plan", "edition"))
    month = models.DateField(_("month"))
    planned_yuan = models.DecimalField(_("planned to date (yuan)"), max_digits=18, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("point of the investment plan")
        verbose_name_plural = _("points of investment plans")
        ordering = ("edition_no", "month")
        constraints = (
            models.UniqueConstraint(fields=("project", "edition_no", "month"), name="projects_plan_month_once"),
            models.CheckConstraint(condition=Q(planned_yuan__gte=0), name="projects_plan_point"),
            models.CheckConstraint(condition=Q(edition_no=1) | ~Q(reason=""), name="projects_plan_changed_for_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.month:%Y-%m}"
