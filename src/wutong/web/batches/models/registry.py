"""Registry files that were uploaded, and the builds that were made of them."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.batches.rules import KEPT_DAYS, RegistryState
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import ENDED

STATES = {
    RegistryState.UPLOADED: pgettext_lazy("registry", "uploaded"),
    RegistryState.BUILDING: pgettext_lazy("registry", "being built"),
    RegistryState.BUILT: pgettext_lazy("registry", "built"),
    RegistryState.FAILED: pgettext_lazy("registry", "failed"),
}
STOPPED = pgettext_lazy("registry", "build broke off")


class RegistryFileQuerySet(models.QuerySet["RegistryFile"]):
    """Registry files; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """For whoever looks after the registry."""
        return self if user.is_authenticated and user.may(Permission.REGISTRY_EDIT) else self.none()

    def stopped(self) -> Self:
        """Those whose build neither ended nor is being made."""
        return self.filter(state=RegistryState.BUILDING).filter(models.Q(job=None) | models.Q(job__state__in=[one.value for one in ENDED]))


class RegistryFile(models.Model):
    """A registry file (工商登记数据文件) that was uploaded. Grain: one row a file.

    `columns`: column of the build → header of the file; `report`: what the build says of its rows and steps.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    folder = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    state = models.CharField(
        _("state"), max_length=8, default=RegistryState.UPLOADED, choices=[(s.value, label) for s, label in STATES.items()]
    )  # fmt: skip
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    build_id = models.CharField(_("build"), max_length=80, blank=True)
    fault = models.TextField(_("why it failed"), blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    built_at = models.DateTimeField(_("built at"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = RegistryFileQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        verbose_name = _("registry file")
        verbose_name_plural = _("registry files")

    def __str__(self) -> str:
        return self.file_name

    @property
    def path(self) -> Path:
        """The folder with the file."""
        return Path(settings.BATCHES) / "registry" / self.folder.hex

    @property
    def kept_until(self) -> dt.date:
        """The last day on which the file is kept; its builds stay."""
        return timezone.localtime(self.built_at or self.uploaded_at).date() + dt.timedelta(days=KEPT_DAYS)

    @property
    def is_there(self) -> bool:
        """Whether the file is still kept."""
        return (self.path / self.file_name).is_file()

    @property
    def is_running(self) -> bool:
        """Whether a job is at it."""
        return self.job is not None and not self.job.has_ended

    @property
    def has_stopped(self) -> bool:
        """Whether its build neither ended nor is being made."""
        return self.state == RegistryState.BUILDING and not self.is_running

    @property
    def state_name(self) -> Any:
        """Where it stands, in words; of a build that broke off, that it did."""
        return STOPPED if self.has_stopped else self.get_state_display()  # type: ignore[attr-defined]
