"""Total investment and planned days as they stood, and why they changed (总投资与计划日期变更)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.projects.models.projects import PLAN, OfProjectQuerySet, Project, person

DATED = ("total_yuan", *PLAN)
"""The fields of a project whose values are kept with their days."""


class PlanChange(models.Model):
    """Total investment and planned days of a project from a day on (总投资与计划日期变更). Grain: one row a change, never changed itself.

    `since_on`: the day on which it was entered, from which a rate reads it; of the first row the day on which the project begins.
    `is_taken_over`: as it stood when a ledger was taken over, or before changes were kept. `reason`: why what was given before changed.

    Why: a rate as of a past day is what was known on that day. The database itself refuses to change a row, and lets it go only with its
    project, as an import that is undone takes it away.
    """

    IS_BY_TRIGGERS: ClassVar[bool] = True  # deleted by them, with the project: it hinders no undoing

    project = models.ForeignKey(Project, models.PROTECT, related_name="plan_changes", verbose_name=_("project"))
    since_on = models.DateField(pgettext_lazy("plan", "holds from"))
    is_first = models.BooleanField(pgettext_lazy("plan", "given first"), default=False)
    is_taken_over = models.BooleanField(pgettext_lazy("plan", "taken over as it stood"), default=False)
    total_yuan = models.DecimalField(_("total investment (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    planned_start_on = models.DateField(_("start planned on"), null=True, blank=True)
    planned_completion_on = models.DateField(_("completion planned on"), null=True, blank=True)
    planned_production_on = models.DateField(_("production planned on"), null=True, blank=True)
    planned_full_on = models.DateField(_("full capacity planned on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of total investment or planned days")
        verbose_name_plural = _("changes of total investment or planned days")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("project",), condition=Q(is_first=True), name="projects_planned_first_once"),
            models.CheckConstraint(condition=Q(is_first=True) | Q(is_taken_over=False), name="projects_plan_taken_over_first"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.since_on}"

    @classmethod
    def of(cls, project: Project, **values: Any) -> PlanChange:
        """A row with what the project says now, not saved."""
        return cls(project=project, **{name: getattr(project, name) for name in DATED}, **values)
