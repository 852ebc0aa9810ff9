"""Commitments (合同承诺) of both sides and the marks by which they stand: only added to."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.journal.models import Attachment
from wutong.web.projects.models.agreements import Agreement
from wutong.web.projects.models.projects import Evidence, OfProjectQuerySet, Project, choices, of_seen_projects, person
from wutong.web.projects.rules.commitments import CommitmentFacts, CommitmentKind, MarkFacts, MarkKind, Measure, Said, Side
from wutong.web.projects.rules.stages import Status

SIDES = {Side.OURS: pgettext_lazy("commitment", "ours"), Side.THEIRS: pgettext_lazy("commitment", "the investor's")}
COMMITMENT_KINDS = {
    CommitmentKind.INVESTMENT: pgettext_lazy("commitment", "investment"),
    CommitmentKind.OUTPUT: pgettext_lazy("commitment", "output"),
    CommitmentKind.TAX: pgettext_lazy("commitment", "tax"),
    CommitmentKind.JOBS: pgettext_lazy("commitment", "jobs"),
    CommitmentKind.LAND: pgettext_lazy("commitment", "land"),
    CommitmentKind.SUPPORT: pgettext_lazy("commitment", "support"),
    CommitmentKind.DATE: pgettext_lazy("commitment", "a day to keep"),
    CommitmentKind.OTHER: pgettext_lazy("commitment", "other"),
}
MEASURES = {
    Measure.YUAN: pgettext_lazy("measure", "yuan"),
    Measure.YUAN_A_YEAR: pgettext_lazy("measure", "yuan a year"),
    Measure.PERSONS: pgettext_lazy("measure", "persons"),
    Measure.MU: pgettext_lazy("measure", "mu"),
    Measure.SQM: pgettext_lazy("measure", "m²"),
    Measure.KWH: pgettext_lazy("measure", "kWh"),
}
MARKS = {
    MarkKind.DONE: pgettext_lazy("commitment", "done"),
    MarkKind.WAIVER_ASKED: pgettext_lazy("commitment", "waiver asked for"),
    MarkKind.WAIVED: pgettext_lazy("commitment", "waived"),
    MarkKind.WAIVER_DECLINED: pgettext_lazy("commitment", "waiver declined"),
    MarkKind.TAKEN_BACK: pgettext_lazy("commitment", "mark taken back"),
}


class CommitmentQuerySet(OfProjectQuerySet):
    """Commitments; row access as everywhere."""

    def standing(self) -> Self:
        """Those whose place no other took. Why not by a join: PostgreSQL expects one row of it, and then looks up thousands one by one."""
        return self.filter(~Exists(self.model._default_manager.filter(replaces=OuterRef("pk"))))

    def open(self) -> Self:
        """Those neither kept nor waived, of projects that are worked on."""
        over = (
            CommitmentMark.objects.counting()
            .filter(commitment=OuterRef("pk"))
            .filter(Q(kind=MarkKind.DONE.value, is_whole=True) | Q(kind=MarkKind.WAIVED.value))
        )
        return self.standing().filter(~Exists(over), project__status=Status.ACTIVE)


class Commitment(models.Model):
    """What one side promised the other (合同承诺). Grain: one row a promise, never changed: another takes its place (`replaces`).

    `amount` is counted in its `measure`. `unit` and `owner`: who answers for it on our side. `reason`: why it took the other's place.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="commitments", verbose_name=_("project"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=pgettext_lazy("project", "agreement")
    )  # fmt: skip
    side = models.CharField(_("who promised"), max_length=8, choices=choices(SIDES))
    kind = models.CharField(_("kind of promise"), max_length=12, choices=choices(COMMITMENT_KINDS))
    text = models.CharField(_("what was promised"), max_length=500)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2, null=True, blank=True)
    measure = models.CharField(pgettext_lazy("commitment", "measure"), max_length=12, choices=choices(MEASURES), blank=True)
    due_on = models.DateField(_("to be kept by"), null=True, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="project_commitments", verbose_name=_("unit")
    )  # fmt: skip
    owner = person(pgettext_lazy("commitment", "person"), null=True, related_name="project_commitments")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by",
        verbose_name=pgettext_lazy("commitment", "takes the place of"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=None, measure="") | Q(amount__gt=0) & ~Q(measure=""), name="projects_commitment_amount_has_a_measure"
            ),
            models.CheckConstraint(condition=~Q(side=Side.OURS.value) | Q(unit__isnull=False), name="projects_our_commitment_has_a_unit"),
            models.CheckConstraint(condition=Q(replaces=None) | ~Q(reason=""), name="projects_commitment_replaced_for_a_reason"),
        )
        indexes = (
            models.Index(fields=("project", "side"), name="projects_commitment_project"),
            models.Index(fields=("side", "due_on"), name="projects_commitment_due"),
            models.Index(fields=("unit", "due_on"), name="projects_commitment_unit"),
        )

    def __str__(self) -> str:
        return f"{self.project} · {self.get_kind_display()}"

    def facts(self) -> CommitmentFacts:
        """The promise as the rules see it; marks that were taken back, or whose proof was, are gone."""
        marks = sorted(self.marks.all(), key=lambda one: one.pk)
        gone = {one.takes_back_id for one in marks}
        return CommitmentFacts(
            self.amount, self.due_on,
            tuple(one.facts() for one in marks if one.kind != MarkKind.TAKEN_BACK and one.pk not in gone and not one.is_unproved),
            getattr(self, "replaced_by", None) is not None,
        )  # fmt: skip

    def said(self) -> Said:
        """What it says, as the rules weigh it."""
        return Said(Side(self.side), CommitmentKind(self.kind), self.amount, self.measure, self.due_on)


class OfCommitmentQuerySet(models.QuerySet[Any]):
    """What stands on commitments; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on commitments of projects that the person may see."""
        return self.filter(of_seen_projects(user, "commitment__project"))

    def counting(self) -> Self:
        """Those that nobody took back, and whose proof nobody withdrew or deleted."""
        taken_back = CommitmentMark._default_manager.filter(takes_back=OuterRef("pk"))
        found = self.filter(~Exists(taken_back)).exclude(kind=MarkKind.TAKEN_BACK)
        return found.filter(Q(evidence=None) | Q(evidence__withdrawn_at=None), Q(attachment=None) | Q(attachment__hidden_at=None))


class CommitmentMark(models.Model):
    """What was entered about a promise: how much was done by when, with its proof, or a waiver. Grain: one row a mark, never changed.

    `amount`: reached by that day, in the measure of the promise; `is_whole`: with it all was done. `asked_by`: of a
    waiver that `by` answered.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="marks", verbose_name=_("commitment"))
    kind = models.CharField(pgettext_lazy("commitment", "mark"), max_length=16, choices=choices(MARKS))
    on = models.DateField(pgettext_lazy("commitment", "day"))
    amount = models.DecimalField(_("amount reached"), max_digits=18, decimal_places=2, null=True, blank=True)
    is_whole = models.BooleanField(pgettext_lazy("commitment", "all of it"), default=False)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("evidence", "file")
    )  # fmt: skip
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("evidence"))
    words = models.CharField(_("note"), max_length=500, blank=True)
    takes_back = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="taken_back_by", verbose_name=_("takes back")
    )  # fmt: skip
    by = person(_("entered by"), null=True)
    asked_by = person(pgettext_lazy("gate", "asked by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfCommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark of a commitment")
        verbose_name_plural = _("marks of commitments")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(kind=MarkKind.DONE.value) | Q(attachment__isnull=False) | Q(evidence__isnull=False),
                name="projects_commitment_done_is_proved",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[MarkKind.DONE.value, MarkKind.WAIVED.value]) | ~Q(words=""),
                name="projects_commitment_mark_says_why",
            ),
            models.CheckConstraint(
                condition=Q(kind=MarkKind.TAKEN_BACK.value, takes_back__isnull=False)
                | ~Q(kind=MarkKind.TAKEN_BACK.value) & Q(takes_back=None),
                name="projects_commitment_takes_back_a_mark",
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None) | Q(by=None) | ~Q(by=models.F("asked_by")), name="projects_commitment_waived_by_two"
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("commitment", "kind"), name="projects_commitment_marks"),)

    def __str__(self) -> str:
        return f"{self.commitment} · {self.get_kind_display()}"

    @property
    def is_unproved(self) -> bool:
        """Whether the proof on which it rests was withdrawn, or its file deleted: then it does not count."""
        is_withdrawn = self.evidence is not None and self.evidence.withdrawn_at is not None
        return is_withdrawn or (self.attachment is not None and self.attachment.hidden_at is not None)

    def facts(self) -> MarkFacts:
        """The mark as the rules see it."""
        return MarkFacts(MarkKind(self.kind), self.on, self.amount, self.by_id)
