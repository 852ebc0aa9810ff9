"""Figures that somebody entered by hand (填报数据): what the unit says itself, and what was checked; corrections keep the history."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import NOTHING, Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.schemes import Measured, Scheme, kept_by, person, reach_of_measured
from wutong.web.assessment.rules.runs import Standing, ValueState

VALUE_STATES = {
    ValueState.VALUE: pgettext_lazy("figure", "value"),
    ValueState.MISSING: pgettext_lazy("figure", "missing"),
    ValueState.NOT_APPLICABLE: pgettext_lazy("figure", "not applicable"),
}
STANDINGS = {
    Standing.VERIFIED: pgettext_lazy("figure", "verified"),
    Standing.OWN: pgettext_lazy("figure", "self-assessed"),
}


class FactEntryQuerySet(models.QuerySet["FactEntry"]):
    """Figures entered by hand; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of schemes that a person edits or approves, and of units that a role of his reaches; of persons his own and those he leads."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        return self.filter(kept_by(user, "scheme__") | reach_of_measured(user))

    def standing(self) -> Self:
        """Those that no correction took the place of."""
        return self.filter(corrected_by=None)


class FactEntry(Measured):
    """A figure of a unit or person up to a day (截至某日), as entered. Grain: one row an entry, never changed.

    `value` as somebody wrote it, read by the unit that the rule declares; "" where the figure is missing or does not apply.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="entries", verbose_name=_("assessment scheme"))
    fact = models.CharField(pgettext_lazy("figure", "fact"), max_length=80)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    on = models.DateField(pgettext_lazy("figure", "up to"))
    standing = models.CharField(
        pgettext_lazy("figure", "whose word"), max_length=10, choices=[(one.value, label) for one, label in STANDINGS.items()]
    )
    state = models.CharField(
        pgettext_lazy("figure", "what is said"), max_length=16, choices=[(one.value, label) for one, label in VALUE_STATES.items()]
    )
    value = models.CharField(pgettext_lazy("figure", "value"), max_length=200, blank=True)
    source = models.CharField(pgettext_lazy("figure", "where it comes from"), max_length=300, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=pgettext_lazy("figure", "corrects")
    )
    reason = models.CharField(pgettext_lazy("figure", "why it was corrected"), max_length=300, blank=True)
    by = person(pgettext_lazy("figure", "entered by"), null=True)
    at = models.DateTimeField(pgettext_lazy("figure", "entered at"))

    objects = FactEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure entered by hand")
        verbose_name_plural = _("figures entered by hand")
        ordering = ("-on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state="value") & ~Q(value="") | ~Q(state="value") & Q(value=""), name="assessment_figure_has_its_value"
            ),
            models.CheckConstraint(condition=Q(corrects=None) | ~Q(reason=""), name="assessment_corrected_for_a_reason"),
        )
        indexes = (models.Index(fields=("scheme", "on"), name="assessment_figures"),)

    def __str__(self) -> str:
        return f"{self.fact} · {self.measured} · {self.on}"
