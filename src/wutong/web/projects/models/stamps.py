"""By which number it is known whether the rates of a project have to be reckoned anew."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from wutong.web.projects.models.projects import OfProjectQuerySet, Project


class RatedStamp(models.Model):
    """A number by chance, another one whenever something of a project changes that a rate looks at. Grain: one row a project.

    Triggers of the database write it, and nobody else.
    """

    IS_BY_TRIGGERS: ClassVar[bool] = True

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="rated_stamp", db_constraint=False, verbose_name=_("project")
    )  # fmt: skip
    number = models.PositiveIntegerField()

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("stamp of the rates")
        verbose_name_plural = _("stamps of the rates")

    def __str__(self) -> str:
        return f"{self.project} · {self.number}"
