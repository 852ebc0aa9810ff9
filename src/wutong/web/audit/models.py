"""The chain of entries and its head."""

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


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Audit administrators see all entries, everybody else none."""
        return self if user.is_authenticated and user.may(rules.VIEW) else self.none()


class Entry(models.Model):
    """One thing done (审计记录). Append-only: triggers in the database refuse a change. Grain: one row per action."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.BigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("time"), db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("acting person"))
    by_label = models.CharField(_("acting person"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=100, db_index=True)
    object_type = models.CharField(_("kind of object"), max_length=100, blank=True)
    object_id = models.CharField(_("object"), max_length=100, blank=True, db_index=True)
    object_label = models.CharField(_("object"), max_length=300, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    ip = models.CharField(_("address"), max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ("-sequence",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.object_label}"

    @property
    def action_name(self) -> str:
        """The action in words; its code where no room names it."""
        return str(hooks.action_names().get(self.action, self.action))

    @property
    def object_kind(self) -> str:
        """What the object is, in words."""
        try:
            return str(apps.get_model(self.object_type)._meta.verbose_name)
        except (LookupError, ValueError):
            return self.object_type

    def facts(self) -> rules.Link:
        """The entry as the chain sees it."""
        return rules.Link(
            sequence=self.sequence,
            at=self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            by=str(self.by_id or ""),
            by_label=self.by_label,
            action=self.action,
            object_type=self.object_type,
            object_id=self.object_id,
            object_label=self.object_label,
            changes=self.changes,
            ip=self.ip,
            request_id=self.request_id,
            previous_hash=self.previous_hash,
            hash=self.hash,
        )


class HeadQuerySet(models.QuerySet["Head"]):
    """The head of the chain; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever reads the entries may read where they end."""
        return self if user.is_authenticated and user.may(rules.VIEW) else self.none()


class Head(models.Model):
    """Where the chain ends: the one row that writers lock in turn. Grain: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=rules.GENESIS)

    objects = HeadQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return str(self.sequence)
