"""What a person wants to be told, when and how."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wutong.web.jobs.models import Robot
from wutong.web.journal.rules import Occasion

EARLIEST_HOUR, LATEST_HOUR = 6, 20


class RemindingQuerySet(models.QuerySet["Reminding"]):
    """Settings of reminders; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody's own."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class Reminding(models.Model):
    """How a person is reminded of duties (提醒设置). Grain: one row a person who changed something; others have the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminding", verbose_name=_("person"))
    is_digest = models.BooleanField(_("daily digest on working days"), default=True)
    digest_hour = models.PositiveSmallIntegerField(
        _("digest from"), default=8, choices=[(hour, f"{hour:02d}:00") for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)]
    )
    is_before = models.BooleanField(_("remind before the due day"), default=True)
    is_overdue = models.BooleanField(_("remind when overdue"), default=True)
    is_by_email = models.BooleanField(_("also by e-mail"), default=False)
    robot = models.ForeignKey(
        Robot, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("digest also to this group chat (figures only)")
    )
    digested_on = models.DateField(null=True, blank=True)

    objects = RemindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("setting of reminders")
        verbose_name_plural = _("settings of reminders")

    def __str__(self) -> str:
        return str(self.user)

    def is_due(self, local: dt.datetime) -> bool:
        """Whether the digest of the day is still to be sent."""
        return self.is_digest and local.hour >= self.digest_hour and (self.digested_on is None or self.digested_on < local.date())


class RemindedQuerySet(models.QuerySet["Reminded"]):
    """What people were told of duties that rooms know by themselves; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Nobody: it is the memory of the reminders, shown on no page."""
        return self.none()


class Reminded(models.Model):
    """That a duty which a room knows by itself was told of (提醒记录). Grain: one row a duty, due day and occasion.

    `source` and `key` name the duty as its room does. Why: such a duty has no row of its own that could say it.
    """

    source = models.CharField(max_length=40)
    key = models.UUIDField()
    due_on = models.DateField()
    occasion = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Occasion])
    at = models.DateTimeField()

    objects = RemindedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder told")
        verbose_name_plural = _("reminders told")
        constraints = (models.UniqueConstraint(fields=("source", "key", "due_on", "occasion"), name="journal_reminded_once"),)

    def __str__(self) -> str:
        return f"{self.source} {self.occasion} {self.due_on}"
