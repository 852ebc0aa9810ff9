"""Imports, and the records that each of them made or changed."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.batches import rules
from wutong.web.batches.rules import BatchState
from wutong.web.jobs.models import Job
from wutong.web.jobs.rules import ENDED
from wutong.web.lib import exchange

STATES = {
    BatchState.CHECKING: pgettext_lazy("import", "being checked"),
    BatchState.UNREADABLE: pgettext_lazy("import", "cannot be read"),
    BatchState.CHECKED: pgettext_lazy("import", "checked, not yet written"),
    BatchState.WRITING: pgettext_lazy("import", "being written"),
    BatchState.DONE: pgettext_lazy("import", "written"),
    BatchState.CLOSED: pgettext_lazy("import", "written, no longer to be undone"),
    BatchState.UNDOING: pgettext_lazy("import", "being undone"),
    BatchState.UNDONE: pgettext_lazy("import", "undone"),
    BatchState.TAKING_BACK: pgettext_lazy("import", "being taken back"),
    BatchState.PARTLY_UNDONE: pgettext_lazy("import", "partly undone"),
    BatchState.ENDED_IN_PART: pgettext_lazy("import", "written in part, no longer to be undone"),
    BatchState.DROPPED: pgettext_lazy("import", "thrown away"),
}
STOPPED = {
    BatchState.CHECKING: pgettext_lazy("import", "check broke off"),
    BatchState.WRITING: pgettext_lazy("import", "writing broke off"),
    BatchState.UNDOING: pgettext_lazy("import", "undoing broke off"),
    BatchState.TAKING_BACK: pgettext_lazy("import", "taking back broke off"),
}
"""What is said of an import in a state that only a running job should be seen in, where none runs."""
TAKEN_BACK = pgettext_lazy("import", "none written, to be checked again")


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """Imports; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and those of the units that a role reaches; what stands in the files is another question (`is_open_to`)."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(models.Q(by_id=user.pk) | within(user, Permission.BATCHES_VIEW))

    def stopped(self) -> Self:
        """Those of which something may be half done, and no job is at it: broken off, or undone in part."""
        is_half = models.Q(state__in=[*(state.value for state in rules.BROKEN_OFF), BatchState.PARTLY_UNDONE.value])
        is_check = models.Q(state=BatchState.CHECKING, job__isnull=False)
        at_it = Job.objects.exclude(state__in=[state.value for state in ENDED])
        return self.filter(is_half | is_check).filter(models.Q(job=None) | ~models.Q(job__in=at_it))


class ImportBatch(models.Model):
    """An import (批量导入). Grain: one row a file that somebody uploaded for one kind of records.

    The file and what its check found lie in a folder of a random name outside the web root. `given`: what the form beside the file says;
    `columns`: field → position of its column; `counts`: what the check found, and under `written` how many rows made and changed how many
    records of which kind; `notes`: what the writing room keeps from piece to piece; `standing`: what stood on the records when somebody
    wanted to undo them. `checked_by`: who had the file checked last, by whose rights its rows are judged and written. `check_name`: the
    name of what the last finished check kept; `checking_name`: of the one that is wanted now, so that no other one counts. `noted`: what
    the last entry about a broken-off job said. `mended`: line of the file → the rows that a person gave in its place, none to leave it out.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    folder = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(pgettext_lazy("import", "kind"), max_length=60)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("imported by"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"))
    state = models.CharField(
        _("state"), max_length=16, default=BatchState.CHECKING, choices=[(s.value, label) for s, label in STATES.items()]
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )  # fmt: skip
    check_name = models.CharField(max_length=32, blank=True)
    checking_name = models.CharField(max_length=32, blank=True)
    given = models.JSONField(default=dict)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    mended = models.JSONField(default=dict)
    fault = models.TextField(_("why it cannot be read"), blank=True)
    is_whole = models.BooleanField(_("all rows or none"), default=True)
    made_count = models.PositiveIntegerField(_("records made"), default=0)
    changed_count = models.PositiveIntegerField(_("records changed"), default=0)
    undone_count = models.PositiveIntegerField(_("records undone"), default=0)
    noted = models.CharField(max_length=60, blank=True)
    left_out = models.JSONField(default=list)
    notes = models.JSONField(default=dict)
    standing = models.JSONField(default=list)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))
    uploaded_at = models.DateTimeField(_("uploaded at"))
    written_at = models.DateTimeField(_("written at"), null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        verbose_name = pgettext_lazy("batch", "import")
        verbose_name_plural = pgettext_lazy("batch", "imports")
        indexes = (models.Index(fields=("by", "kind", "-uploaded_at"), name="batches_import_newest"),)

    def __str__(self) -> str:
        return f"{self.kind_name} · {self.file_name}"

    @property
    def importing(self) -> exchange.Importing | None:
        """What the room says of this kind; None where no installed room knows it."""
        return exchange.importings().get(self.kind)

    @property
    def kind_name(self) -> Any:
        """The kind in words."""
        return self.importing.label if self.importing else self.kind

    @property
    def actor(self) -> Any:
        """By whose rights its rows are judged and written."""
        return self.checked_by or self.by

    def is_of(self, user: Any) -> bool:
        """Whether a person had it checked himself: he sees what was found, and may start."""
        return bool(user.pk == (self.checked_by_id or self.by_id))

    @property
    def path(self) -> Path:
        """The folder with the file and what its check found."""
        return Path(settings.BATCHES) / "imports" / self.folder.hex

    @property
    def is_running(self) -> bool:
        """Whether a job is at it."""
        return self.job is not None and not self.job.has_ended

    @property
    def has_stopped(self) -> bool:
        """Whether it is in a state that only a running job should be seen in, and none runs. A check at once needs no job."""
        is_begun = self.state in rules.BROKEN_OFF or (self.state == BatchState.CHECKING and self.job is not None)
        return is_begun and not self.is_running

    @property
    def state_name(self) -> Any:
        """Where it stands, in words; of what broke off, that it did."""
        if self.has_stopped and self.state == BatchState.CHECKING and self.left_out:  # by a writing of all rows or none
            return TAKEN_BACK
        return STOPPED[BatchState(self.state)] if self.has_stopped else self.get_state_display()  # type: ignore[attr-defined]

    def is_open_to(self, user: Any) -> bool:
        """Whether a person who sees the import may also read its rows and undo it: whoever made it, or may do the same for its unit."""
        if self.by_id == user.pk:
            return True
        return self.importing is not None and bool(user.may(self.importing.permission, self.unit.target()))

    def facts(self) -> rules.BatchFacts:
        """The import as the rules see it."""
        counts = self.counts
        to_write = counts.get("new", 0) + counts.get("changed", 0)
        written = self.made_count + self.changed_count - self.undone_count
        return rules.BatchFacts(
            BatchState(self.state), counts.get("bad", 0), to_write, written, self.is_running, is_kind_known=self.importing is not None
        )


class ImportedRecordQuerySet(models.QuerySet["ImportedRecord"]):
    """Records of imports; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """The records of imports that the person may see."""
        return self.filter(batch__in=ImportBatch.objects.visible_to(user).order_by().values("pk"))


class ImportedRecord(models.Model):
    """A record that an import made or changed. Grain: one row a record; gone once it is undone, or can be no more.

    `was`: what the changed fields held before, None for a record that was made; `digest`: of all its fields as the import left it, by
    which a later change is seen.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="records")
    row = models.PositiveIntegerField(_("row"))
    label = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    was = models.JSONField(_("what stood there before"), null=True)
    digest = models.CharField(max_length=16)

    objects = ImportedRecordQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("record of an import")
        verbose_name_plural = _("records of an import")
        indexes = (models.Index(fields=("batch", "label", "record_id"), name="batches_record_key"),)

    def __str__(self) -> str:
        return f"{self.label} {self.record_id}"
