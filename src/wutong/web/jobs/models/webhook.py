"""Subscriptions of events: which other system is told of what, by whose rights."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs.rules import WebhookState
from wutong.web.lib import exchange

WEBHOOK_STATES = {
    WebhookState.ASKED: pgettext_lazy("subscription", "waits for consent"),
    WebhookState.ACTIVE: pgettext_lazy("subscription", "active"),
    WebhookState.PAUSED: pgettext_lazy("subscription", "paused"),
    WebhookState.REMOVED: pgettext_lazy("subscription", "deleted"),
}


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Subscriptions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever looks after the server sees all; everybody else those that go by his own rights."""
        if not user.is_authenticated:
            return self.none()
        return self if user.may(Permission.JOBS_VIEW) else self.filter(person_id=user.pk)

    def active(self) -> Self:
        """Those that are told of events."""
        return self.filter(state=WebhookState.ACTIVE)


class Webhook(models.Model):
    """A subscription of events (事件推送): another system that is told when something happened here. Grain: one row a subscription.

    It is told only of records that `person` may see, who has agreed. `sealed_address` and `sealed_secret` are encrypted with a key derived
    from SECRET_KEY. `reached_number`: the number in the audit chain up to which it was told; `failures`: so many attempts failed in a
    row, and nothing is tried before `resting_until`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(pgettext_lazy("subscription", "name"), max_length=60, unique=True)
    host = models.CharField(_("host"), max_length=255)
    sealed_address = models.TextField()
    sealed_secret = models.TextField()
    events = models.JSONField(_("events"), default=list)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by whose rights"))
    state = models.CharField(
        _("state"), max_length=10, default=WebhookState.ASKED, choices=[(state.value, label) for state, label in WEBHOOK_STATES.items()]
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    agreed_at = models.DateTimeField(_("agreed at"), null=True)
    reached_number = models.BigIntegerField(null=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    resting_until = models.DateTimeField(null=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("event subscription")
        verbose_name_plural = _("event subscriptions")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="active") | Q(agreed_at__isnull=False, reached_number__isnull=False), name="webhook_active_by_consent"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> str:
        """A sign of what a person agrees to: whether address or events are still those that he saw."""
        return hashlib.sha256("\n".join((self.sealed_address, *self.events)).encode()).hexdigest()

    @property
    def event_names(self) -> tuple[tuple[str, Any], ...]:
        """The events by code, each in words."""
        known = exchange.events()
        return tuple((code, known[code].name) for code in self.events if code in known)
