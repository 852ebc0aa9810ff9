"""Inspections (督查): plans whose list a seed fixes that was committed before, visits with what was reported and verified, findings."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.runs import RunUnit
from wutong.web.assessment.rules.inspections import FindingState, PlanKind, PlanState, Reach, Severity, VisitState
from wutong.web.journal.models import Duty
from wutong.web.lib import asking
from wutong.web.projects.models import Project

PLAN_KINDS = {
    PlanKind.REGULAR: pgettext_lazy("inspection", "regular"),
    PlanKind.SURPRISE: pgettext_lazy("inspection", "surprise, drawn at random"),
}
PLAN_STATES = {
    PlanState.COMMITTED: pgettext_lazy("inspection plan", "seed committed, list not fixed"),
    PlanState.DRAWN: pgettext_lazy("inspection plan", "list fixed"),
    PlanState.CLOSED: pgettext_lazy("inspection plan", "closed"),
    PlanState.DROPPED: pgettext_lazy("inspection plan", "given up"),
}
VISIT_STATES = {
    VisitState.WAITING: pgettext_lazy("inspection", "not visited yet"),
    VisitState.HANDED_IN: pgettext_lazy("inspection", "visited"),
    VisitState.NOT_DONE: pgettext_lazy("inspection", "not visited, with a reason"),
}
SEVERITIES = {
    Severity.MINOR: pgettext_lazy("finding", "minor"),
    Severity.SERIOUS: pgettext_lazy("finding", "serious"),
    Severity.GRAVE: pgettext_lazy("finding", "grave"),
}
FINDING_STATES = {
    FindingState.OPEN: pgettext_lazy("finding", "to be rectified"),
    FindingState.RECTIFIED: pgettext_lazy("finding", "rectified, to be verified"),
    FindingState.CLOSED: pgettext_lazy("finding", "closed"),
    FindingState.WITHDRAWN: pgettext_lazy("finding", "withdrawn"),
}


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(code.value, label) for code, label in words.items()]


def _person(label: Any, **more: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **more)


def inspected_by(user: Any, way: str = "") -> Q:
    """What units inspect over which a person's role to inspect, or to approve, reaches. `way` leads from a row to its plan."""
    unit = f"{way}unit"
    edits, approves = within(user, Permission.ASSESSMENT_EDIT, unit=unit), within(user, Permission.ASSESSMENT_APPROVE, unit=unit)
    return EVERYTHING if EVERYTHING in (edits, approves) else edits | approves


class InspectionPlanQuerySet(models.QuerySet["InspectionPlan"]):
    """Plans; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Only those who inspect or approve it: whoever is to be inspected does not learn of it before."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        return self.filter(inspected_by(user))


class InspectionPlan(models.Model):
    """A plan of inspection (督查方案). Grain: one row a plan.

    `seed_hash` stands from the beginning, `seed` is told when the list is fixed; `pool`: every project of the scope at that moment, sorted;
    triggers of the database refuse to change any of it afterwards. Units: `least_yuan`, the smallest total investment in the scope.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="inspection_plans", verbose_name=pgettext_lazy("inspection", "inspecting unit")
    )
    title = models.CharField(pgettext_lazy("inspection", "title"), max_length=120)
    kind = models.CharField(pgettext_lazy("inspection", "kind"), max_length=10, choices=_choices(PLAN_KINDS))
    begins_on = models.DateField(pgettext_lazy("inspection", "first day"))
    ends_on = models.DateField(pgettext_lazy("inspection", "last day"))
    scope_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("inspection", "of this unit and those below"),
    )
    scope_stages = models.JSONField(pgettext_lazy("inspection", "stages"), default=list, blank=True)
    least_yuan = models.DecimalField(
        pgettext_lazy("inspection", "invested in all at least (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    wanted_count = models.PositiveIntegerField(pgettext_lazy("inspection", "projects to draw"), null=True, blank=True)
    state = models.CharField(
        pgettext_lazy("inspection", "state"), max_length=10, choices=_choices(PLAN_STATES), default=PlanState.COMMITTED
    )
    seed = models.CharField(pgettext_lazy("inspection", "seed"), max_length=64, editable=False)
    seed_hash = models.CharField(pgettext_lazy("inspection", "hash of the seed"), max_length=64)
    pool = models.JSONField(pgettext_lazy("inspection", "projects drawn from"), default=list, blank=True)
    pool_hash = models.CharField(pgettext_lazy("inspection", "hash of the projects drawn from"), max_length=64, blank=True)
    list_hash = models.CharField(pgettext_lazy("inspection", "hash of the list"), max_length=64, blank=True)
    committed_by = _person(pgettext_lazy("inspection", "planned by"))
    committed_at = models.DateTimeField(pgettext_lazy("inspection", "planned at"))
    drawn_by = _person(pgettext_lazy("inspection", "list fixed by"), null=True, blank=True)
    drawn_at = models.DateTimeField(pgettext_lazy("inspection", "list fixed at"), null=True, blank=True)
    closed_by = _person(pgettext_lazy("inspection", "closed by"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("inspection", "closed at"), null=True, blank=True)
    dropped_reason = models.CharField(pgettext_lazy("inspection", "why given up"), max_length=300, blank=True, default="")

    objects = InspectionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection plan")
        verbose_name_plural = _("inspection plans")
        ordering = ("-begins_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="assessment_plan_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(kind="regular") | Q(wanted_count__gt=0), name="assessment_surprise_says_how_many"),
            models.CheckConstraint(
                condition=Q(state__in=["committed", "dropped"], list_hash="", drawn_at=None)
                | ~Q(state__in=["committed", "dropped"]) & ~Q(list_hash="") & Q(drawn_at__isnull=False),
                name="assessment_plan_drawn_has_its_hash",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def reach(self) -> Reach:
        """What it is about and when, as the rules see it."""
        path = self.scope_unit.path if self.scope_unit is not None else ""
        return Reach(self.begins_on, self.ends_on, path, frozenset(self.scope_stages))


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Inspections; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those who inspect see all; others what was handed in, of units that a role reaches and of their own projects."""
        return self.filter(reach_of_inspections(user))


def reach_of_inspections(user: Any) -> Q:
    """What inspections a person may see. A project that is confidential stays among those who may know of it."""
    if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
        return NOTHING
    inspects = inspected_by(user, "plan__")
    projects = Project.objects.visible_to(user).order_by().values("pk")
    told = ~Q(state=VisitState.WAITING.value) & (within(user, Permission.ASSESSMENT_VIEW) | Q(project__owner=user.pk))
    return (inspects | told) & (Q(project__is_confidential=False) | Q(project__in=projects))


def _of_seen(user: Any, way: str = "inspection") -> Q:
    seen = reach_of_inspections(user)
    if seen == NOTHING:
        return seen
    found = asking.judged("assessment.inspections", user, lambda one: Inspection.objects.visible_to(one).order_by().values("pk"))
    return Q(**{f"{way}__in": found})


class Inspection(models.Model):
    """The inspection of a project (项目督查). Grain: one row a plan and project. `unit`: the host when the list was fixed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="inspections", verbose_name=_("inspection plan"))
    project = models.ForeignKey(Project, models.PROTECT, related_name="inspections", verbose_name=_("project"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="inspections", verbose_name=pgettext_lazy("inspection", "inspected unit"))
    position_no = models.PositiveIntegerField(pgettext_lazy("inspection", "place in the list"))
    state = models.CharField(
        pgettext_lazy("inspection", "state"), max_length=10, choices=_choices(VISIT_STATES), default=VisitState.WAITING
    )
    visited_on = models.DateField(pgettext_lazy("inspection", "visited on"), null=True, blank=True)
    summary = models.TextField(pgettext_lazy("inspection", "what was seen"), max_length=2000, blank=True)
    reason = models.CharField(pgettext_lazy("inspection", "why not visited"), max_length=300, blank=True)
    kept_by = _person(pgettext_lazy("inspection", "kept by"), null=True, blank=True)
    kept_at = models.DateTimeField(pgettext_lazy("inspection", "kept at"), null=True, blank=True)
    handed_in_by = _person(pgettext_lazy("inspection", "handed in by"), null=True, blank=True)
    handed_in_at = models.DateTimeField(pgettext_lazy("inspection", "handed in at"), null=True, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        ordering = ("plan", "position_no")
        constraints = (
            models.UniqueConstraint(fields=("plan", "project"), name="assessment_inspected_once_a_plan"),
            models.CheckConstraint(
                condition=~Q(state="handed_in") | Q(visited_on__isnull=False, handed_in_at__isnull=False),
                name="assessment_visit_has_its_day",
            ),
            models.CheckConstraint(condition=~Q(state="not_done") | ~Q(reason=""), name="assessment_visit_left_out_for_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.plan} · {self.project}"


class OfInspectionQuerySet(models.QuerySet[Any]):
    """What stands on inspections; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the inspection."""
        return self.filter(_of_seen(user))


class InspectionAnswer(models.Model):
    """What was reported and what was found of a matter (上报数与核实数). Grain: one row an inspection and matter.

    Units: yuan, persons, or 1 and 0 for yes and no, as the matter counts. `reported_value`: as the records stood when it was kept last;
    None: nothing was reported. `verified_value` None with `words`: it could not be seen, and why.
    """

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="answers", verbose_name=_("inspection"))
    matter = models.CharField(pgettext_lazy("inspection", "matter"), max_length=40)
    reported_value = models.DecimalField(pgettext_lazy("inspection", "reported"), max_digits=18, decimal_places=2, null=True, blank=True)
    verified_value = models.DecimalField(pgettext_lazy("inspection", "verified"), max_digits=18, decimal_places=2, null=True, blank=True)
    words = models.CharField(pgettext_lazy("inspection", "remark"), max_length=300, blank=True)

    objects = OfInspectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter of an inspection")
        verbose_name_plural = _("matters of inspections")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("inspection", "matter"), name="assessment_matter_once"),
            models.CheckConstraint(condition=Q(verified_value=None) | Q(verified_value__gte=0), name="assessment_verified_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.inspection} · {self.matter}"


class FindingQuerySet(OfInspectionQuerySet):
    """Findings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the inspection, or as the result of the run that it stands on."""
        results = RunUnit.objects.visible_to(user).order_by().values("pk")
        return self.filter(_of_seen(user) | Q(result__in=results))

    def false_reports(self) -> Self:
        """Those that found something reported falsely, and were not withdrawn."""
        return self.filter(is_false_report=True).exclude(state=FindingState.WITHDRAWN)


class Finding(models.Model):
    """A finding of an inspection (督查问题), or the remedy that a low result of a run asks for (末位整改).

    Grain: one row a finding; closed by somebody else than who called it rectified. `unit`: which answers for it.

    `reported_value`, `verified_value`: as the matter counts, as they stood when it was found. `touched_runs`: the runs frozen before whose
    points rest on a record that a false report is about; of one that was withdrawn the frozen runs that counted it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(
        Inspection, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("inspection")
    )  # fmt: skip
    result = models.ForeignKey(
        RunUnit, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("result of a unit")
    )  # fmt: skip
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    matter = models.CharField(pgettext_lazy("inspection", "matter"), max_length=40, blank=True)
    severity = models.CharField(pgettext_lazy("finding", "severity"), max_length=10, choices=_choices(SEVERITIES))
    is_false_report = models.BooleanField(_("false report"), default=False)
    text = models.CharField(pgettext_lazy("finding", "what was found"), max_length=500)
    reported_value = models.DecimalField(pgettext_lazy("inspection", "reported"), max_digits=18, decimal_places=2, null=True, blank=True)
    verified_value = models.DecimalField(pgettext_lazy("inspection", "verified"), max_digits=18, decimal_places=2, null=True, blank=True)
    due_on = models.DateField(pgettext_lazy("finding", "to be rectified by"))
    state = models.CharField(pgettext_lazy("finding", "state"), max_length=10, choices=_choices(FINDING_STATES), default=FindingState.OPEN)
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("duty"))
    review_duty = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=pgettext_lazy("finding", "duty to review the records")
    )
    reply = models.CharField(pgettext_lazy("finding", "view of the unit"), max_length=500, blank=True)
    replied_by = _person(pgettext_lazy("finding", "view stated by"), null=True, blank=True)
    replied_at = models.DateTimeField(pgettext_lazy("finding", "view stated at"), null=True, blank=True)
    rectified = models.CharField(pgettext_lazy("finding", "how it was rectified"), max_length=500, blank=True)
    rectified_by = _person(pgettext_lazy("finding", "rectified by"), null=True, blank=True)
    rectified_at = models.DateTimeField(pgettext_lazy("finding", "rectified at"), null=True, blank=True)
    closing = models.CharField(pgettext_lazy("finding", "what was verified"), max_length=500, blank=True)
    closed_by = _person(pgettext_lazy("finding", "closed by"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("finding", "closed at"), null=True, blank=True)
    withdrawn_by = _person(pgettext_lazy("finding", "withdrawn by"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(pgettext_lazy("finding", "withdrawn at"), null=True, blank=True)
    withdrawn_reason = models.CharField(pgettext_lazy("finding", "why withdrawn"), max_length=300, blank=True, default="")
    touched_runs = models.ManyToManyField(
        "assessment.Run", related_name="false_reports", blank=True, verbose_name=pgettext_lazy("finding", "runs that rest on it")
    )
    by = _person(pgettext_lazy("finding", "found by"))
    at = models.DateTimeField(pgettext_lazy("finding", "found at"))

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding of an inspection")
        verbose_name_plural = _("findings of inspections")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_by__isnull=False, rectified_by__isnull=False) & ~Q(closed_by=F("rectified_by")),
                name="assessment_finding_closed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(is_false_report=False) | ~Q(matter="") & Q(reported_value__isnull=False, verified_value__isnull=False),
                name="assessment_false_report_has_its_figures",
            ),
            models.CheckConstraint(
                condition=Q(inspection__isnull=False, result=None) | Q(inspection=None, result__isnull=False, is_false_report=False),
                name="assessment_finding_of_a_visit_or_a_result",
            ),
            models.UniqueConstraint(
                fields=("result",), condition=~Q(state__in=["closed", "withdrawn"]), name="assessment_one_open_remedy_of_a_result"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_by__isnull=False) & ~Q(withdrawn_by=F("by")) & ~Q(withdrawn_reason=""),
                name="assessment_finding_withdrawn_by_another",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("state", "due_on"), name="assessment_finding_due"),)

    def __str__(self) -> str:
        return f"{self.inspection or self.result} · {self.text[:40]}"

    @property
    def is_remedy(self) -> bool:
        """Whether a low result of a run asks for it."""
        return self.result_id is not None

    @property
    def asking_unit(self) -> Unit:
        """The unit whose people found it and verify it."""
        unit: Unit = self.result.run.scheme.unit if self.result is not None else self.inspection.plan.unit
        return unit

    @property
    def about(self) -> str:
        """The project inspected, or the run with who is measured."""
        return f"{self.result.name} · {self.result.run.title}" if self.result is not None else str(self.inspection.project.outside_name)

    @property
    def holder(self) -> Any:
        """The record on which duties and evidence hang."""
        return self if self.inspection is None else self.inspection
