"""The outbox: messages to people, group chats and other systems, and the robots of group chats."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs.models.webhook import Webhook
from wutong.web.jobs.rules import ROBOTS, STUCK, TRIAL, TRIED, Channel, MessageState, WebhookState

CHANNELS = {
    Channel.IN_APP: _("In-app message"),
    Channel.EMAIL: pgettext_lazy("message", "E-mail"),
    Channel.DINGTALK: _("DingTalk robot"),
    Channel.WECOM: _("WeCom robot"),
    Channel.WEBHOOK: _("Event subscription"),
}
MESSAGE_STATES = {
    MessageState.WAITING: pgettext_lazy("message", "waiting"),
    MessageState.SENDING: pgettext_lazy("message", "being sent"),
    MessageState.SENT: pgettext_lazy("message", "sent"),
    MessageState.FAILED: pgettext_lazy("message", "not sent"),
    MessageState.UNSURE: pgettext_lazy("message", "may have arrived"),
    MessageState.DROPPED: pgettext_lazy("message", "dropped"),
}


class RobotQuerySet(models.QuerySet["Robot"]):
    """Robots; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever looks after the server."""
        return self if user.is_authenticated and user.may(Permission.JOBS_VIEW) else self.none()

    def active(self) -> Self:
        """Those that are in use."""
        return self.filter(is_active=True)


class Robot(models.Model):
    """A robot of a group chat (群机器人) in DingTalk or WeCom. Grain: one row a robot.

    `sealed_address` and `sealed_secret` are encrypted with a key derived from SECRET_KEY and never shown again; `host` and `ending` tell
    robots apart. The address itself is a secret: who has it can post.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(pgettext_lazy("robot", "name"), max_length=60, unique=True)
    channel = models.CharField(_("kind of robot"), max_length=10, choices=[(c.value, CHANNELS[c]) for c in sorted(ROBOTS)])
    host = models.CharField(_("host"), max_length=255)
    ending = models.CharField(max_length=4, blank=True)
    sealed_address = models.TextField()
    sealed_secret = models.TextField(blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")])
    is_active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(_("changed"))

    objects = RobotQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("robot")
        verbose_name_plural = _("robots")

    def __str__(self) -> str:
        return self.name

    @property
    def has_secret(self) -> bool:
        """Whether it signs what it sends."""
        return bool(self.sealed_secret)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody reads his own."""
        return self.filter(to_id=user.pk, channel=Channel.IN_APP) if user.is_authenticated else self.none()

    def in_the_outbox_of(self, user: Any) -> Self:
        """What goes out by mail and robots, for whoever looks after the server: he sees that and how, never what it says."""
        return self.exclude(channel=Channel.IN_APP) if user.is_authenticated and user.may(Permission.JOBS_VIEW) else self.none()

    def unread(self) -> Self:
        """In-app messages that nobody has opened."""
        return self.filter(channel=Channel.IN_APP, read_at=None)

    def due(self, at: dt.datetime) -> Self:
        """Those that a worker may hand over now; a subscription that is not active is sent trials only."""
        is_open = Q(webhook__state=WebhookState.ACTIVE) | Q(webhook__state__in=TRIED, title=TRIAL)
        return self.filter(Q(webhook=None) | is_open, state=MessageState.WAITING, due_at__lte=at)

    def stuck(self) -> Self:
        """Those that wait for a person to decide."""
        return self.filter(state__in=[state.value for state in STUCK])


class Message(models.Model):
    """A message (消息) to a person, a group chat or another system. Grain: one row a message and channel.

    `key` stands once: what was told already is not told again. An in-app message is there when its row is; it is never "sent". One to
    another system has the code of the event as its title, and as text the JSON that is sent; `answer_number` is what was answered last.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=[(c.value, label) for c, label in CHANNELS.items()])
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=pgettext_lazy("message", "to")
    )
    robot = models.ForeignKey(Robot, models.PROTECT, null=True, related_name="+", verbose_name=_("robot"))
    webhook = models.ForeignKey(Webhook, models.PROTECT, null=True, related_name="messages", verbose_name=_("event subscription"))
    title = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    address = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(
        _("state"), max_length=10, default=MessageState.WAITING, choices=[(s.value, label) for s, label in MESSAGE_STATES.items()]
    )
    attempt_no = models.PositiveSmallIntegerField(_("attempts made"), default=0)
    written_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField(_("not before"))
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    read_at = models.DateTimeField(_("read at"), null=True)
    fault = models.CharField(pgettext_lazy("job", "fault"), max_length=500, blank=True)
    answer_number = models.PositiveSmallIntegerField(pgettext_lazy("delivery", "answer"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-written_at", "-pk")
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = (
            models.CheckConstraint(
                condition=Q(to__isnull=False, robot=None, webhook=None)
                | Q(to=None, robot__isnull=False, webhook=None)
                | Q(to=None, robot=None, webhook__isnull=False),
                name="message_to_one",
            ),
        )
        indexes = (
            models.Index(fields=("to", "-written_at"), condition=Q(channel="in_app"), name="message_inbox"),
            models.Index(fields=("to",), condition=Q(channel="in_app", read_at=None), name="message_unread"),
            models.Index(fields=("due_at", "id"), condition=Q(state="waiting"), name="message_due"),
            models.Index(fields=("webhook", "-written_at"), condition=Q(webhook__isnull=False), name="message_of_webhook"),
            models.Index(fields=("sending_at",), condition=Q(state="sending"), name="message_sending"),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.robot or self.webhook or self.to}"  # the audit keeps this: never what it says
