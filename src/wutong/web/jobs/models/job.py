"""Background jobs and their logs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import rules
from wutong.web.jobs.rules import Fault, JobState
from wutong.web.lib import hooks

STATES = {
    JobState.QUEUED: pgettext_lazy("job", "waiting"),
    JobState.RUNNING: pgettext_lazy("job", "running"),
    JobState.DONE: pgettext_lazy("job", "done"),
    JobState.FAILED: pgettext_lazy("job", "failed"),
    JobState.CANCELLED: pgettext_lazy("job", "cancelled"),
}
FAULTS = {
    Fault.WORKER_LOST: _("The worker stopped in the middle and the job could not be repeated by itself."),
    Fault.STOPPED: _("The server was stopped in the middle and the job could not be repeated by itself."),
    Fault.UNKNOWN_KIND: _("This version of the program knows no such job."),
    Fault.NOT_ALLOWED: _("Whoever asked may not do this any more."),
    Fault.ERROR: _("An error stopped the job."),
}


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own; whoever looks after the server sees that the others exist, without their contents (`Job.is_open_to`)."""
        if not user.is_authenticated:
            return self.none()
        return self if user.may(Permission.JOBS_VIEW) else self.filter(by_id=user.pk)

    def waiting(self, at: dt.datetime) -> Self:
        """Those that a worker may begin now."""
        return self.filter(state=JobState.QUEUED, due_at__lte=at)

    def lost(self, at: dt.datetime) -> Self:
        """Those whose worker has not been heard of for the length of a lease."""
        return self.filter(state=JobState.RUNNING, lease_until__lt=at)

    def held(self, *, pk: int, attempt_no: int) -> Self:
        """The job, as long as that attempt is the one that counts."""
        return self.filter(pk=pk, attempt_no=attempt_no, state=JobState.RUNNING)


class Job(models.Model):
    """A background job (后台任务). Grain: one row a thing asked for, however often it is begun.

    The row is the queue. `attempt_no` is the fence: it grows by one each time a worker takes the job, and a worker writes only where
    its own number still stands. `reached` is how far finished work goes, written in one transaction with that work. `losses`: so many
    workers were lost with it since `reached` last moved.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(pgettext_lazy("job", "kind"), max_length=100)
    title = models.CharField(_("about"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    arguments = models.JSONField(_("arguments"), default=dict)
    state = models.CharField(_("state"), max_length=10, default=JobState.QUEUED, choices=[(s.value, label) for s, label in STATES.items()])
    attempt_no = models.PositiveSmallIntegerField(_("attempts made"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts allowed"), default=1)
    losses = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(_("asked for at"))
    due_at = models.DateTimeField(_("not before"))
    started_at = models.DateTimeField(pgettext_lazy("job", "begun at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    step = models.CharField(_("step"), max_length=200, blank=True)
    step_at = models.DateTimeField(null=True)
    pieces_done = models.PositiveBigIntegerField(default=0)
    pieces_total = models.PositiveBigIntegerField(default=0)
    reached = models.JSONField(null=True)
    result = models.JSONField(pgettext_lazy("job", "result"), null=True)
    fault_code = models.CharField(max_length=20, blank=True)
    fault = models.TextField(pgettext_lazy("job", "fault"), blank=True)
    is_cancel_asked = models.BooleanField(default=False)
    slot = models.CharField(max_length=150, null=True, unique=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-queued_at", "-pk")
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        constraints = (
            models.CheckConstraint(condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_runs_under_a_lease"),
            models.CheckConstraint(condition=Q(state__in=["queued", "running"]) | Q(ended_at__isnull=False), name="job_ended_at_some_time"),
        )
        indexes = (
            models.Index(fields=("due_at", "id"), condition=Q(state="queued"), name="job_waiting"),
            models.Index(fields=("lease_until",), condition=Q(state="running"), name="job_leases"),
            models.Index(fields=("by", "-queued_at"), name="job_by_person"),
            models.Index(fields=("-queued_at",), name="job_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind_name} · {self.title}" if self.title else str(self.kind_name)

    @property
    def kind_name(self) -> Any:
        """The kind in words; its code where no room names it."""
        kind = hooks.job_kinds().get(self.kind)
        return kind.label if kind else self.kind

    @property
    def fault_name(self) -> Any:
        """Why it failed, without anything that the job was about."""
        return FAULTS.get(Fault(self.fault_code), "") if self.fault_code in set(Fault) else self.fault_code

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it by itself."""
        return self.state in rules.ENDED

    def is_open_to(self, user: Any) -> bool:
        """Whether a person who sees the job also reads what it is about: his own, and what the system does by itself."""
        return self.by_id is None or bool(self.by_id == user.pk)

    def facts(self) -> rules.JobFacts:
        """The job as the rules see it."""
        return rules.JobFacts(JobState(self.state), self.attempt_no, self.attempts, self.is_cancel_asked, self.losses)


class JobLineQuerySet(models.QuerySet["JobLine"]):
    """Lines of logs; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """The logs of one's own jobs; whoever looks after the server also those of the system's own."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(job__by_id=user.pk)
        return self.filter(mine | Q(job__by=None)) if user.may(Permission.JOBS_VIEW) else self.filter(mine)


class JobLine(models.Model):
    """A line of a job's log. Append-only: the database refuses a change. Grain: one row a line."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="lines")
    attempt_no = models.PositiveSmallIntegerField()
    at = models.DateTimeField(_("time"))
    text = models.CharField(_("text"), max_length=500)

    objects = JobLineQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("line of the log")
        verbose_name_plural = _("lines of the log")

    def __str__(self) -> str:
        return self.text
