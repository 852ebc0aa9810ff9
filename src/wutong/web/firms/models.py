"""Firms that somebody wrote about, and who follows which. Bulk facts stay in the served build."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import Permission


class FirmQuerySet(models.QuerySet["Firm"]):
    """Firms that were taken on; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may read the registry sees every firm that was taken on: the row holds registry facts only."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class Firm(models.Model):
    """A firm (企业) that somebody wrote about.

    Grain: one row per firm_id of the registry. Name and code are copies from the day it was taken on, so that the row stays readable when
    another build no longer holds the firm.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    firm_id = models.CharField(_("registry id"), max_length=40, unique=True)
    uscc = models.CharField(_("credit code"), max_length=40, null=True, blank=True)
    name = models.CharField(_("name"), max_length=300)
    build_id = models.CharField(_("build it was taken from"), max_length=80)
    taken_on_at = models.DateTimeField(_("taken on at"))

    objects = FirmQuerySet.as_manager()

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class FollowQuerySet(models.QuerySet["Follow"]):
    """Marks of followed firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody sees his own."""
        return self.filter(user_id=user.pk) if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class Follow(models.Model):
    """A person follows a firm (关注企业).

    Grain: one row per person and firm.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows", verbose_name=_("person"))
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="follows", verbose_name=_("firm"))
    followed_at = models.DateTimeField(_("followed at"))

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("followed firm")
        verbose_name_plural = _("followed firms")
        ordering = ("-followed_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("user", "firm"), name="follow_once_per_person_and_firm"),)

    def __str__(self) -> str:
        return str(self.firm)
