"""The entries, their seals, and the keys of what is personal in them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wutong.web.audit import rules
from wutong.web.lib import hooks

FAULT_NAMES = {
    rules.FaultKind.CHANGED: _("entry changed"),
    rules.FaultKind.MISSING: _("entry missing"),
    rules.FaultKind.INSERTED: _("entry inserted"),
    rules.FaultKind.CUT_OFF: _("end cut off"),
    rules.FaultKind.HEAD: _("note of the end changed"),
    rules.FaultKind.RECOMPUTED: _("computed anew without the key"),
    rules.FaultKind.REPLACED: _("not what an anchor tells of"),
    rules.FaultKind.FALSE_ANCHOR: _("anchor changed or not of this office"),
    rules.FaultKind.UNSIGNED: _("entry not written by the system"),
    rules.FaultKind.LATE: _("sealed too late"),
    rules.FaultKind.UNKNOWN_KEY: _("key not at hand"),
    rules.FaultKind.UNKNOWN_ALGORITHM: _("algorithm not at hand"),
}
"""What a verification finds, in few words."""


class AuditQuerySet(models.QuerySet[Any]):
    """What stands beside the entries; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever reads the entries may read how they are sealed."""
        return self if user.is_authenticated and user.may(rules.VIEW) else self.none()


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Audit administrators see all entries, everybody else none."""
        return self if user.is_authenticated and user.may(rules.VIEW) else self.none()

    def unsealed(self) -> Self:
        """Those without a seal, in the order in which they were written."""
        return self.filter(seal=None).order_by("sequence")


class Entry(models.Model):
    """One thing done (审计记录). Append-only: triggers in the database refuse a change. Grain: one row per action.

    `sequence` is given by the database when the entry is written: gaps are actions that were taken back. The place in the chain is the
    number of its seal. `mac` signs every field with a key outside the database; `personal` holds what is personal, encrypted with the key
    of `personal_of`, so that deleting that key erases it and leaves the chain whole.
    """

    sequence = models.BigAutoField(_("number"), primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("time"), db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("acting person"))
    by_label = models.CharField(_("acting person"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=100, db_index=True)
    object_type = models.CharField(_("kind of object"), max_length=100, blank=True)
    object_id = models.CharField(_("object"), max_length=100, blank=True, db_index=True)
    object_label = models.CharField(_("object"), max_length=300, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    personal = models.TextField(_("personal data, encrypted"), blank=True, default="")
    personal_of = models.CharField(_("whose personal data"), max_length=140, blank=True, default="")
    ip = models.CharField(_("address"), max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    algorithm = models.CharField(_("algorithm"), max_length=10, default="")
    key_id = models.CharField(_("key"), max_length=12, default="")
    mac = models.CharField(_("signature"), max_length=64, default="")

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ("-sequence",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.object_label}"

    @property
    def number(self) -> int | None:
        """The place in the chain; None while the entry waits for its seal."""
        seal = getattr(self, "seal", None)
        return seal.number if seal else None

    @property
    def action_name(self) -> str:
        """The action in words; its code where no room names it."""
        return str(hooks.action_names().get(self.action, self.action))

    @property
    def fault_name(self) -> str:
        """What a verification found, in few words; "" where it found nothing, and for every other entry."""
        return str(FAULT_NAMES.get(self.changes.get("fault", ""), ""))

    @property
    def object_kind(self) -> str:
        """What the object is, in words."""
        try:
            return str(apps.get_model(self.object_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return self.object_type

    def facts(self) -> rules.Facts:
        """The entry as it is signed."""
        return rules.Facts(
            public_id=str(self.public_id),
            at=self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            by=str(self.by_id or ""),
            by_label=self.by_label,
            action=self.action,
            object_type=self.object_type,
            object_id=self.object_id,
            object_label=self.object_label,
            changes=self.changes,
            personal=self.personal,
            personal_of=self.personal_of,
            ip=self.ip,
            request_id=self.request_id,
            algorithm=self.algorithm,
            key_id=self.key_id,
        )


class Seal(models.Model):
    """The place of an entry in the chain (封存). Append-only by triggers. Grain: one row per sealed entry, numbered without gaps."""

    number = models.BigIntegerField(_("number in the chain"), primary_key=True)
    entry = models.OneToOneField(Entry, models.DO_NOTHING, related_name="seal", verbose_name=_("audit entry"), db_constraint=False)
    entry_mac = models.CharField(_("signature"), max_length=64)
    previous_hash = models.CharField(_("hash before"), max_length=64)
    algorithm = models.CharField(_("algorithm"), max_length=10)
    key_id = models.CharField(_("key"), max_length=12)
    hash = models.CharField(_("hash"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return str(self.number)


class Waiting(models.Model):
    """An entry that waits for its seal; a trigger on the entries writes it in the same transaction. Grain: one row per waiting entry."""

    entry = models.OneToOneField(Entry, models.DO_NOTHING, primary_key=True, related_name="waiting", db_constraint=False)
    since = models.DateTimeField(_("written at"))

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry that waits for its seal")
        verbose_name_plural = _("entries that wait for their seals")

    def __str__(self) -> str:
        return str(self.entry_id)


class Head(models.Model):
    """Where the chain ends: the row that sealing holds, so that one seals at a time; writers never touch it. Grain: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=rules.GENESIS)

    objects = AuditQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return str(self.number)

    def facts(self) -> rules.Head:
        """As the rules see it."""
        return rules.Head(self.number, self.hash)


class PersonalKey(models.Model):
    """The key with which entries hold personal data of one record (个人信息密钥). Grain: one row per record; emptied, it erases them."""

    of = models.CharField(_("whose personal data"), max_length=140, primary_key=True)
    secret = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(_("made at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of personal data")
        verbose_name_plural = _("keys of personal data")

    def __str__(self) -> str:
        return self.of
