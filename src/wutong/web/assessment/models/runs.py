"""Runs (考核核算): drafted from live data, frozen with facts, rule and hash, approved by a second person, published; objections (申诉)."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.schemes import Measured, Scheme, SchemeVersion, kept_by, person, reach_of_measured
from wutong.web.assessment.rules.runs import KEPT, Notice, ObjectionState, Replaced, RunFacts, RunState
from wutong.web.jobs.models import Job
from wutong.web.journal.models import Attachment
from wutong.web.rulebooks.rules import State

RUN_STATES = {
    RunState.WAITING: pgettext_lazy("run", "being worked out"),
    RunState.DRAFT: pgettext_lazy("run", "draft"),
    RunState.FAILED: pgettext_lazy("run", "failed"),
    RunState.FROZEN: pgettext_lazy("run", "frozen, open to objections"),
    RunState.APPROVED: pgettext_lazy("run", "approved"),
    RunState.PUBLISHED: pgettext_lazy("run", "published"),
    RunState.WITHDRAWN: pgettext_lazy("run", "withdrawn"),
}
OBJECTION_STATES = {
    ObjectionState.OPEN: pgettext_lazy("objection", "open"),
    ObjectionState.UPHELD: pgettext_lazy("objection", "upheld"),
    ObjectionState.DISMISSED: pgettext_lazy("objection", "dismissed"),
}


def _kept(way: str = "") -> Q:
    return Q(**{f"{way}state__in": sorted(KEPT)})


class RunQuerySet(models.QuerySet["Run"]):
    """Runs; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves all; else those that are frozen or further and measure one that he may see."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user, "scheme__")
        if kept == EVERYTHING:
            return self
        own = RunUnit.objects.filter(reach_of_measured(user)).order_by().values("run")
        return self.filter(kept | _kept() & Q(pk__in=own))


class Run(models.Model):
    """A run of a scheme up to a day. Grain: one row a run. Once it is frozen, the database refuses to change what it rests on, whose
    place it takes, and who approved and published it.

    `fault`: why a failed run could not be worked out; of a draft, who is left out because the rule has not his group.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="runs", verbose_name=_("assessment scheme"))
    version = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="runs", verbose_name=_("version of a scheme"))
    number = models.PositiveIntegerField(pgettext_lazy("run", "number"))
    starts_on = models.DateField(pgettext_lazy("run", "from"))
    on = models.DateField(pgettext_lazy("run", "up to"))
    title = models.CharField(pgettext_lazy("run", "title"), max_length=120)
    state = models.CharField(
        pgettext_lazy("run", "state"), max_length=12, choices=[(one.value, label) for one, label in RUN_STATES.items()]
    )
    fault = models.CharField(pgettext_lazy("run", "fault"), max_length=500, blank=True)
    rule_hash = models.CharField(max_length=64, blank=True)
    digest = models.CharField(pgettext_lazy("run", "hash of facts and results"), max_length=64, blank=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=pgettext_lazy("run", "takes the place of")
    )
    drafted_by = person(pgettext_lazy("run", "drafted by"), null=True)
    drafted_at = models.DateTimeField(pgettext_lazy("run", "drafted at"))
    gathered_at = models.DateTimeField(pgettext_lazy("run", "facts gathered at"), null=True)
    frozen_by = person(pgettext_lazy("run", "frozen by"), null=True)
    frozen_at = models.DateTimeField(pgettext_lazy("run", "frozen at"), null=True)
    notice_until = models.DateField(pgettext_lazy("run", "public notice until"), null=True)
    approved_by = person(pgettext_lazy("run", "approved by"), null=True)
    approved_at = models.DateTimeField(pgettext_lazy("run", "approved at"), null=True)
    published_by = person(pgettext_lazy("run", "published by"), null=True)
    published_at = models.DateTimeField(pgettext_lazy("run", "published at"), null=True)
    withdrawn_reason = models.CharField(pgettext_lazy("run", "why withdrawn"), max_length=300, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment run")
        verbose_name_plural = _("assessment runs")
        ordering = ("-on", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "number"), name="assessment_run_number_once"),
            models.CheckConstraint(condition=Q(on__gte=models.F("starts_on")), name="assessment_run_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("frozen_by")) & ~Q(approved_by=models.F("drafted_by")),
                name="assessment_run_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["frozen", "approved", "published"]) | Q(frozen_at__isnull=False) & ~Q(digest=""),
                name="assessment_kept_run_has_its_hash",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_kept(self) -> bool:
        """Whether what it rests on never changes."""
        return self.state in KEPT

    def replaced(self, *, by: Run | None = None) -> Replaced:
        """It as a run whose place another takes: one question, and one a run that it replaces itself.

        Why it looks further back: what was published before stays beside the new run, where the one between never was.
        """
        others = self.superseded_by.filter(state=RunState.PUBLISHED)
        is_replaced = (others if by is None else others.exclude(pk=by.pk)).exists()
        before: Run = self
        while before.state != RunState.PUBLISHED and before.supersedes is not None:
            before = before.supersedes
        is_between = before.pk != self.pk and before.state == RunState.PUBLISHED
        return Replaced(self.starts_on, self.on, is_replaced, is_between)

    @property
    def notice(self) -> Notice | None:
        """Its public notice as it was given when it was frozen; none where the rule gave no days, or before there was one."""
        if self.frozen_at is None or self.notice_until is None:
            return None
        return Notice(timezone.localtime(self.frozen_at).date(), self.notice_until)

    @property
    def is_known_wrong(self) -> bool:
        """Whether an objection to it was upheld, or a false report touches it: two questions."""
        return self.objections.filter(state=ObjectionState.UPHELD).exists() or self.false_reports.exists()

    def facts(self) -> RunFacts:
        """The run as the rules see it: two questions. Whoever is measured has a hand in it too: he does not approve his own result."""
        measured = self.units.filter(person__isnull=False).values_list("person", flat=True)
        hands = frozenset(key for key in (self.drafted_by_id, self.frozen_by_id, *measured) if key)
        filed = list(self.objections.values_list("state", flat=True))
        is_approved = self.version.state == State.APPROVED
        is_whole = self.state != RunState.DRAFT or not self.fault
        return RunFacts(
            RunState(self.state), hands, is_approved, filed.count(ObjectionState.OPEN), filed.count(ObjectionState.UPHELD),
            notice=self.notice, period=(self.starts_on, self.on), is_whole=is_whole,
        )  # fmt: skip


class RunUnitQuerySet(models.QuerySet["RunUnit"]):
    """Results of units; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """All of schemes that a person edits or approves; of runs that are frozen or further those that he may see."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user, "run__scheme__")
        return self if kept == EVERYTHING else self.filter(kept | _kept("run__") & reach_of_measured(user))


class RunUnit(Measured):
    """What a run found of a unit, or of a person where he stood then. Grain: one row a run and unit or person.

    `facts`: group shares, facts and records as given; `evidence`: fact → the records behind it by kind and public id; `result`: points of
    every indicator with what they rest on.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="units", verbose_name=_("assessment run"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    name = models.CharField(pgettext_lazy("run", "name in the run"), max_length=200)
    group = models.CharField(pgettext_lazy("scheme", "group"), max_length=60)
    position_no = models.PositiveIntegerField(pgettext_lazy("run", "place in the list"))
    total_points = models.DecimalField(pgettext_lazy("run", "total"), max_digits=24, decimal_places=8, null=True)
    rank = models.PositiveIntegerField(pgettext_lazy("run", "rank"), null=True)
    grade = models.CharField(pgettext_lazy("run", "grade"), max_length=60, blank=True)
    facts = models.JSONField(pgettext_lazy("run", "facts"), default=dict)
    evidence = models.JSONField(pgettext_lazy("run", "evidence"), default=dict)
    result = models.JSONField(pgettext_lazy("run", "result"), default=dict)

    objects = RunUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("result of a unit")
        verbose_name_plural = _("results of units")
        ordering = ("run", "position_no")
        constraints = (
            models.UniqueConstraint(fields=("run", "unit"), condition=Q(person=None), name="assessment_unit_once_in_a_run"),
            models.UniqueConstraint(fields=("run", "person"), condition=Q(person__isnull=False), name="assessment_person_once_in_a_run"),
            models.UniqueConstraint(fields=("run", "name"), name="assessment_name_once_a_run"),
        )

    def __str__(self) -> str:
        return f"{self.run} · {self.name}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves, and of units that a role of his reaches; of persons his own and those he leads."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user, "run__scheme__")
        return self if kept == EVERYTHING else self.filter(kept | reach_of_measured(user))


class Objection(Measured):
    """A unit or a person objects to points of a run (申诉). Grain: one row an objection; decided once, with a reason, by somebody else."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="objections", verbose_name=_("assessment run"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    item = models.CharField(pgettext_lazy("objection", "indicator"), max_length=80)
    text = models.CharField(pgettext_lazy("objection", "what is wrong"), max_length=1000)
    evidence = models.CharField(pgettext_lazy("objection", "evidence"), max_length=500, blank=True)
    state = models.CharField(
        pgettext_lazy("objection", "state"), max_length=10, choices=[(one.value, label) for one, label in OBJECTION_STATES.items()]
    )
    filed_by = person(pgettext_lazy("objection", "filed by"))
    filed_at = models.DateTimeField(pgettext_lazy("objection", "filed at"))
    decided_by = person(pgettext_lazy("objection", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("objection", "decided at"), null=True)
    reason = models.CharField(pgettext_lazy("objection", "reason of the decision"), max_length=500, blank=True)
    correction = models.CharField(pgettext_lazy("objection", "what is corrected"), max_length=500, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("-filed_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, reason="")
                | ~Q(state="open") & Q(decided_by__isnull=False) & ~Q(reason="") & ~Q(decided_by=models.F("filed_by")),
                name="assessment_objection_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=("run", "unit", "item"), condition=Q(state="open", person=None), name="assessment_one_open_objection_of_a_unit"
            ),
            models.UniqueConstraint(
                fields=("run", "person", "item"), condition=Q(state="open", person__isnull=False),
                name="assessment_one_open_objection_of_a_person",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.run} · {self.measured} · {self.item}"


class ObjectionFileQuerySet(models.QuerySet["ObjectionFile"]):
    """Files of objections; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those of objections that a person may see."""
        return self.filter(objection__in=Objection.objects.visible_to(user))


class ObjectionFile(models.Model):
    """A file that shows what an objection says (申诉证据). Grain: one row a file and objection, brought while it is open."""

    objection = models.ForeignKey(Objection, models.PROTECT, related_name="proofs", verbose_name=_("objection"))
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("evidence", "file"))

    objects = ObjectionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of an objection")
        verbose_name_plural = _("evidence of objections")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("objection", "attachment"), name="assessment_objection_file_once"),)

    def __str__(self) -> str:
        return f"{self.objection} · {self.attachment}"
