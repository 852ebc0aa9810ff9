"""Yearly goals (目标任务): sets from above and our own, broken down to units and months; changes keep what stood before."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.goals import Measure, measures
from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.schemes import kept_by, person
from wutong.web.assessment.rules.goals import ChangeState, Curve, Origin, SetFacts, SetState

GOAL_ORIGINS = {
    Origin.ABOVE: pgettext_lazy("goal set", "set from above"),
    Origin.OWN: pgettext_lazy("goal set", "our own"),
}
GOAL_SET_STATES = {
    SetState.DRAFT: pgettext_lazy("goal set", "draft"),
    SetState.SUBMITTED: pgettext_lazy("goal set", "waits for approval"),
    SetState.IN_FORCE: pgettext_lazy("goal set", "in force"),
    SetState.DROPPED: pgettext_lazy("goal set", "dropped"),
    SetState.REPEALED: pgettext_lazy("goal set", "repealed"),
}
STOOD = (SetState.IN_FORCE, SetState.REPEALED)
"""States in which those whose goals they are read them."""
GOAL_CURVES = {
    Curve.EQUAL: pgettext_lazy("goal curve", "equal months"),
    Curve.SEASONAL: pgettext_lazy("goal curve", "as last year came"),
    Curve.HAND: pgettext_lazy("goal curve", "by hand"),
}
GOAL_CHANGE_STATES = {
    ChangeState.WAITING: pgettext_lazy("goal change", "waits for approval"),
    ChangeState.APPROVED: pgettext_lazy("goal change", "approved"),
    ChangeState.DECLINED: pgettext_lazy("goal change", "declined"),
    ChangeState.WITHDRAWN: pgettext_lazy("goal change", "withdrawn"),
}


def _choices(labels: Any) -> list[tuple[str, Any]]:
    return [(one.value, label) for one, label in labels.items()]


def _seen(user: Any, way: str) -> Q:
    """Rows of units: all of sets that a person writes or approves, else of sets in force those of units that a role of his reaches."""
    if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
        return NOTHING
    goal_set = f"{way}goal_set__"
    kept = kept_by(user, goal_set)
    if kept == EVERYTHING:
        return EVERYTHING
    return kept | Q(**{f"{goal_set}state__in": STOOD}) & within(user, Permission.ASSESSMENT_VIEW, unit=f"{way}unit")


class GoalSetQuerySet(models.QuerySet["GoalSet"]):
    """Sets of goals; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those that a person writes or approves; of those in force also what lists a unit that a role of his reaches."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user)
        if kept == EVERYTHING:
            return self
        mine = GoalUnit.objects.filter(within(user, Permission.ASSESSMENT_VIEW)).order_by().values("goal_set")
        return self.filter(kept | Q(state__in=STOOD, pk__in=mine))


class GoalSet(models.Model):
    """The goals of a year (年度目标任务), from above or our own. Grain: one row a year, unit and document."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(pgettext_lazy("goal set", "title"), max_length=120)
    year = models.PositiveSmallIntegerField(pgettext_lazy("goal set", "year"))
    origin = models.CharField(pgettext_lazy("goal set", "whose goals"), max_length=10, choices=_choices(GOAL_ORIGINS))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="goal_sets", verbose_name=pgettext_lazy("goal set", "for"))
    document_number = models.CharField(pgettext_lazy("goal set", "document number"), max_length=100, blank=True)
    document_on = models.DateField(pgettext_lazy("goal set", "date of the document"), null=True, blank=True)
    must_add_up = models.BooleanField(pgettext_lazy("goal set", "goals below must reach those above"), default=False)
    state = models.CharField(pgettext_lazy("goal set", "state"), max_length=10, choices=_choices(GOAL_SET_STATES))
    created_by = person(pgettext_lazy("goal set", "written by"), null=True)
    created_at = models.DateTimeField(pgettext_lazy("goal set", "written at"))
    submitted_by = person(pgettext_lazy("goal set", "submitted by"), null=True)
    submitted_at = models.DateTimeField(pgettext_lazy("goal set", "submitted at"), null=True)
    decided_by = person(pgettext_lazy("goal set", "approved by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("goal set", "approved at"), null=True)
    reason = models.CharField(pgettext_lazy("goal set", "why sent back, dropped or repealed"), max_length=300, blank=True)
    wrote = models.JSONField(pgettext_lazy("goal set", "who wrote the goals"), default=list)

    objects = GoalSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("set of goals")
        verbose_name_plural = _("sets of goals")
        ordering = ("-year", "origin", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2999), name="assessment_goal_year"),
            models.CheckConstraint(
                condition=~Q(state="in_force")
                | Q(submitted_by__isnull=False, decided_by__isnull=False)
                & ~Q(decided_by=F("submitted_by"))
                & ~Q(decided_by=F("created_by")),
                name="assessment_goals_approved_by_a_second",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def facts(self, *, goals: int, short: int = 0) -> SetFacts:
        """The set as the rules see it. `short`: how many sums of units below fall short."""
        hands = frozenset(key for key in (self.created_by_id, self.submitted_by_id, *self.wrote) if key)
        return SetFacts(SetState(self.state), hands, goals, self.must_add_up, short)


class OfUnitQuerySet(models.QuerySet[Any]):
    """Units and goals of sets; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the set, cut to the units that a role reaches where a person neither writes nor approves it."""
        return self.filter(_seen(user, ""))


class GoalUnit(models.Model):
    """A unit listed in a set, with goals or without. Grain: one row a set and unit."""

    goal_set = models.ForeignKey(GoalSet, models.CASCADE, related_name="units", verbose_name=_("set of goals"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit of a set of goals")
        verbose_name_plural = _("units of sets of goals")
        ordering = ("unit__path",)
        constraints = (models.UniqueConstraint(fields=("goal_set", "unit"), name="assessment_goal_unit_once"),)

    def __str__(self) -> str:
        return f"{self.goal_set} · {self.unit}"


class Goal(models.Model):
    """A goal of a unit (目标): what for, of which size tier and chain. Grain: one row a set, unit and these; values are `GoalValue`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    goal_set = models.ForeignKey(GoalSet, models.CASCADE, related_name="goals", verbose_name=_("set of goals"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    measure = models.CharField(pgettext_lazy("goal", "measure"), max_length=40)
    tier = models.CharField(pgettext_lazy("goal", "size tier"), max_length=40, blank=True)
    chain = models.CharField(pgettext_lazy("goal", "chain"), max_length=60, blank=True, default="")
    curve = models.CharField(pgettext_lazy("goal", "months"), max_length=10, choices=_choices(GOAL_CURVES), default=Curve.EQUAL.value)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ("goal_set", "unit__path", "pk")
        constraints = (models.UniqueConstraint(fields=("goal_set", "unit", "measure", "tier", "chain"), name="assessment_goal_once"),)

    def __str__(self) -> str:
        return f"{self.goal_set} · {self.unit}"

    @property
    def line(self) -> tuple[str, str, str]:
        """Measure, tier and chain."""
        return self.measure, self.tier, self.chain

    @property
    def told(self) -> Measure:
        """What it is for, as the rulebook tells it."""
        return measures()[self.measure]


class OfGoalQuerySet(models.QuerySet[Any]):
    """Values and changes of goals; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the goal."""
        return self.filter(_seen(user, "goal__"))


class GoalValue(models.Model):
    """What a goal is from a day on. Grain: one row a goal and day; an earlier one stays readable.

    Units: `value` in the unit in which the measure is kept (projects, yuan, US dollars, days). `reached`: twelve figures as text, what
    shall be reached by the end of each month. Database triggers refuse to change or delete those of sets in force.
    """

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="values", verbose_name=_("goal"))
    valid_from = models.DateField(pgettext_lazy("goal", "valid from"))
    value = models.DecimalField(pgettext_lazy("goal", "yearly goal"), max_digits=20, decimal_places=4)
    reached = models.JSONField(pgettext_lazy("goal", "by month"), default=list)

    objects = OfGoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("value of a goal")
        verbose_name_plural = _("values of goals")
        ordering = ("goal", "valid_from")
        constraints = (
            models.UniqueConstraint(fields=("goal", "valid_from"), name="assessment_goal_value_once_a_day"),
            models.CheckConstraint(condition=Q(value__gte=0), name="assessment_goal_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.goal} · {self.valid_from}"

    @property
    def months(self) -> Sequence[Decimal]:
        """What shall be reached by the end of each month."""
        return tuple(Decimal(text) for text in self.reached)


class GoalChange(models.Model):
    """A request to change a goal in force (目标调整申请). Grain: one row a request; decided once, by a second person.

    `is_correction`: it mends an error, and may be valid from a day before it was asked for.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="changes", verbose_name=_("goal"))
    value = models.DecimalField(pgettext_lazy("goal change", "new yearly goal"), max_digits=20, decimal_places=4)
    valid_from = models.DateField(pgettext_lazy("goal change", "valid from"))
    reason = models.CharField(pgettext_lazy("goal change", "reason"), max_length=500)
    document = models.CharField(pgettext_lazy("goal change", "document"), max_length=200)
    is_correction = models.BooleanField(pgettext_lazy("goal change", "corrects an error"), default=False)
    state = models.CharField(pgettext_lazy("goal change", "state"), max_length=10, choices=_choices(GOAL_CHANGE_STATES))
    asked_by = person(pgettext_lazy("goal change", "asked by"), null=True)
    asked_at = models.DateTimeField(pgettext_lazy("goal change", "asked at"))
    decided_by = person(pgettext_lazy("goal change", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("goal change", "decided at"), null=True)
    decision = models.CharField(pgettext_lazy("goal change", "reason of the decision"), max_length=300, blank=True)

    objects = OfGoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a goal")
        verbose_name_plural = _("changes of goals")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("goal",), condition=Q(state="waiting"), name="assessment_one_goal_change_waits"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "declined"]) | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
                name="assessment_goal_change_by_a_second",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(document=""), name="assessment_goal_change_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.goal} · {self.valid_from}"
