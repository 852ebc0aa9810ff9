"""Duties, what was done to them, and requests for another due day."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import rules
from wutong.web.journal.models.records import OnRecord, on_seen
from wutong.web.journal.rules import DutyKind, DutyState, Light, RequestState, StepKind
from wutong.web.lib import asking

DUTY_STATES = {
    DutyState.OPEN: pgettext_lazy("duty", "open"),
    DutyState.DONE: pgettext_lazy("duty", "done"),
    DutyState.DROPPED: pgettext_lazy("duty", "dropped"),
}
DUTY_KINDS = {
    DutyKind.TASK: _("task"),
    DutyKind.INSTRUCTION: _("leader's instruction"),
    DutyKind.MEETING: _("decision of a meeting"),
    DutyKind.SUPERVISION: _("supervision"),
    DutyKind.REPLY: pgettext_lazy("duty", "reply"),
}
STEPS = {
    StepKind.ASKED: pgettext_lazy("duty", "asked for"),
    StepKind.GIVEN: pgettext_lazy("duty", "given to another person"),
    StepKind.SNOOZED: pgettext_lazy("duty", "put aside for now"),
    StepKind.MORE_TIME_ASKED: _("another due day asked for"),
    StepKind.MORE_TIME_GRANTED: _("another due day granted"),
    StepKind.MORE_TIME_REFUSED: _("another due day refused"),
    StepKind.MORE_TIME_WITHDRAWN: _("request for another due day withdrawn"),
    StepKind.DONE: pgettext_lazy("duty", "called done"),
    StepKind.DROPPED: pgettext_lazy("duty", "called off"),
    StepKind.REOPENED: pgettext_lazy("duty", "opened again"),
    StepKind.ESCALATED: _("the unit's leader was told"),
    StepKind.HANDED_OVER: pgettext_lazy("duty", "handed over"),
}
LIGHTS = {Light.RED: _("red: overdue"), Light.YELLOW: _("yellow: due soon"), Light.GREEN: _("green: in time")}
REQUEST_STATES = {
    RequestState.WAITING: pgettext_lazy("request", "waits for a decision"),
    RequestState.GRANTED: pgettext_lazy("request", "granted"),
    RequestState.REFUSED: pgettext_lazy("request", "refused"),
    RequestState.WITHDRAWN: pgettext_lazy("request", "withdrawn"),
}


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(code.value, label) for code, label in words.items()]


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What one owes or asked for and what a role's reach covers; never what stands on a record that the person may not see."""
        if not (user.is_authenticated and user.may(Permission.JOURNAL_VIEW)):
            return self.none()
        concerns = within(user, Permission.JOURNAL_VIEW, owner="owner") | Q(owner_id=user.pk) | Q(asked_by_id=user.pk)
        return self.filter(concerns, on_seen(user))

    def open(self) -> Self:
        """What is still to be done."""
        return self.filter(state=DutyState.OPEN)


class Duty(OnRecord):
    """Somebody owes something by a day (待办、督办事项). Grain: one row a duty.

    `origin` names the matter that made it and that closes it by being decided, or is "" where a person asked by hand. `warned_for`
    and `overdue_told_for` are the due days for which a reminder went out.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(pgettext_lazy("duty", "kind"), max_length=20, choices=_choices(DUTY_KINDS), default=DutyKind.TASK)
    title = models.CharField(pgettext_lazy("duty", "what is to be done"), max_length=200)
    text = models.TextField(_("more about it"), blank=True, max_length=2000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="duties", verbose_name=pgettext_lazy("duty", "owed by")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name=_("unit"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="asked_duties", verbose_name=pgettext_lazy("duty", "asked by")
    )
    asked_at = models.DateTimeField(pgettext_lazy("duty", "asked at"))
    origin = models.CharField(max_length=60, blank=True)
    due_on = models.DateField(pgettext_lazy("duty", "due on"))
    first_due_on = models.DateField(_("due on at first"))
    unknown_years = models.CharField(max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=_choices(DUTY_STATES), default=DutyState.OPEN)
    result = models.TextField(pgettext_lazy("duty", "result"), blank=True, max_length=2000)
    ended_at = models.DateTimeField(pgettext_lazy("duty", "ended at"), null=True, blank=True)
    ended_on = models.DateField(pgettext_lazy("duty", "ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("duty", "ended by")
    )
    snoozed_until = models.DateField(_("put aside until"), null=True, blank=True)
    warned_for = models.DateField(null=True, blank=True)
    overdue_told_for = models.DateField(null=True, blank=True)
    escalated_at = models.DateTimeField(_("leader told at"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=DutyState.OPEN, ended_at=None, ended_on=None)
                | (~Q(state=DutyState.OPEN) & Q(ended_at__isnull=False, ended_on__isnull=False)),
                name="journal_ended_duty_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(model="", record=None) | (~Q(model="") & Q(record__isnull=False)), name="journal_duty_record"
            ),
        )
        indexes = (
            models.Index(fields=("owner", "state", "due_on"), name="journal_duty_of_owner"),
            models.Index(fields=("unit", "state", "due_on"), name="journal_duty_of_unit"),
            models.Index(fields=("asked_by", "state", "due_on"), name="journal_duty_asked"),
            models.Index(fields=("due_on",), condition=Q(state="open"), name="journal_duty_due"),
            models.Index(fields=("model", "record"), name="journal_duty_of_record"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.owner} · {self.due_on}"  # the audit keeps this: never what is to be done

    def facts(self) -> rules.DutyFacts:
        """The duty as the rules see it."""
        return rules.DutyFacts(DutyState(self.state), self.due_on, self.ended_on, bool(self.origin))

    @property
    def is_snoozed_on(self) -> dt.date | None:
        """Until when it is put aside; None where it is not."""
        return self.snoozed_until if self.state == DutyState.OPEN else None


class OfDutyQuerySet(models.QuerySet[Any]):
    """What belongs to a duty; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As its duty."""
        seen = asking.judged("journal.duties", user, lambda one: Duty.objects.visible_to(one).order_by().values("pk"), is_apart=False)
        return self.filter(duty__in=seen)


class DutyStep(models.Model):
    """Something done to a duty. Grain: one row a step; never changed."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="steps", verbose_name=_("duty"))
    kind = models.CharField(_("what was done"), max_length=20, choices=_choices(STEPS))
    old = models.CharField(_("before"), max_length=120, blank=True)
    new = models.CharField(_("after"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = OfDutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a duty")
        verbose_name_plural = _("steps of duties")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.duty}"


class DeadlineRequest(models.Model):
    """Somebody asks for another due day (延期申请). Grain: one row a request; one waits at a time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    duty = models.ForeignKey(Duty, models.CASCADE, related_name="requests", verbose_name=_("duty"))
    old_on = models.DateField(_("due on before"))
    wanted_on = models.DateField(_("wanted due day"))
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("duty", "asked by"))
    asked_at = models.DateTimeField(pgettext_lazy("duty", "asked at"))
    state = models.CharField(_("state"), max_length=10, choices=_choices(REQUEST_STATES), default=RequestState.WAITING)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = OfDutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for another due day")
        verbose_name_plural = _("requests for another due day")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("duty",), condition=Q(state="waiting"), name="journal_one_request_waits"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.duty} → {self.wanted_on}"
