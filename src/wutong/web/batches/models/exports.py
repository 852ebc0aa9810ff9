"""Exports that are made in the background."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.batches.rules import ExportState, Format
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import ENDED
from wutong.web.lib import exchange

STATES = {
    ExportState.WAITING: pgettext_lazy("export", "being prepared"),
    ExportState.READY: pgettext_lazy("export", "ready"),
    ExportState.GONE: pgettext_lazy("export", "deleted"),
}
STOPPED = pgettext_lazy("export", "preparing broke off")
FORMATS = {Format.XLSX: _("Excel (XLSX)"), Format.CSV: _("text (CSV)")}


def reach_of(user: Any) -> list[tuple[str, int]]:
    """The roles of a person, each with the unit where he holds it."""
    return sorted({(grant.role.code, grant.unit_id) for grant in user.grants()})


class ExportBatchQuerySet(models.QuerySet["ExportBatch"]):
    """Exports; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and nobody else's: the file holds what that person may see."""
        return self.filter(by_id=user.pk) if user.is_authenticated else self.none()

    def stopped(self) -> Self:
        """Those that are not ready, and no job is at them any more."""
        return self.filter(state=ExportState.WAITING).filter(models.Q(job=None) | models.Q(job__state__in=[one.value for one in ENDED]))


class ExportBatch(models.Model):
    """An export (批量导出) in the background. Grain: one row a file that somebody asked for.

    The file lies outside the web root under the name `file`, which is random, until `kept_until`. `reach`: the roles and
    units by which its rows were read; whoever has lost one of them does not get the file any more.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(pgettext_lazy("export", "kind"), max_length=60)
    title = models.CharField(pgettext_lazy("export", "title"), max_length=200)
    query = models.TextField(_("filter"), blank=True)
    format = models.CharField(_("format"), max_length=4, choices=[(f.value, label) for f, label in FORMATS.items()])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    state = models.CharField(
        _("state"), max_length=8, default=ExportState.WAITING, choices=[(s.value, label) for s, label in STATES.items()]
    )
    row_count = models.PositiveIntegerField(_("rows"), null=True)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True)
    asked_at = models.DateTimeField(_("asked for at"))
    ready_at = models.DateTimeField(_("ready at"), null=True)
    reach = models.JSONField(default=list)
    kept_until = models.DateField(_("kept until"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = ExportBatchQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        verbose_name = pgettext_lazy("batch", "export")
        verbose_name_plural = pgettext_lazy("batch", "exports")
        indexes = (models.Index(fields=("by", "-asked_at"), name="batches_export_newest"),)

    def __str__(self) -> str:
        return self.title

    @property
    def state_name(self) -> Any:
        """Where it stands, in words; of one that no job is at any more, that it broke off."""
        has_stopped = self.state == ExportState.WAITING and (self.job is None or self.job.has_ended)
        return STOPPED if has_stopped else self.get_state_display()  # type: ignore[attr-defined]

    @property
    def exporting(self) -> exchange.Exporting | None:
        """What the room says of this kind; None where no installed room knows it."""
        return exchange.exportings().get(self.kind)

    def is_still_for(self, user: Any) -> bool:
        """Whether the person still holds every role by which the rows were read."""
        return {tuple(one) for one in self.reach} <= set(reach_of(user))

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(settings.BATCHES) / "exports" / f"{self.file.hex}.{self.format}"
