"""Promotion officers: what they know and what they were trained in. Where they are posted stands in their postings."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wutong.rulebook import skills as skillbook
from wutong.web.accounts.models.people import Posting, User
from wutong.web.accounts.models.units import EVERYTHING, named, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access


def _reach(user: Any, way: str) -> Q:
    """Officers whose unit or present posting the person's roles reach. `way` leads from a row to its officer."""
    condition = within(user, Permission.OFFICERS_VIEW, unit=f"{way}user__unit", owner=f"{way}user")
    if condition == EVERYTHING:
        return EVERYTHING
    posted = Posting.objects.in_force(access.today()).filter(within(user, Permission.OFFICERS_VIEW))
    return condition | Q(**{f"{way}user__in": posted.values("user")})


class PromotionOfficerQuerySet(models.QuerySet["PromotionOfficer"]):
    """Promotion officers; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Officers of units that the person's roles reach."""
        return self.filter(_reach(user, "")) if user.is_authenticated else self.none()

    def serving(self) -> Self:
        """Who is on the roster and has an open account."""
        return self.filter(ended_on=None, user__is_active=True)

    def former(self) -> Self:
        """Who left the roster or the office."""
        return self.exclude(ended_on=None, user__is_active=True)


class PromotionOfficer(models.Model):
    """A promotion officer (招商专员): a person on the roster, with skills. Grain: one row a person.

    Personal data: `note` is kept for the distribution of work and goes when the person is erased.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, related_name="officer", verbose_name=_("person"))
    since_on = models.DateField(_("promotion officer since"))
    ended_on = models.DateField(_("on the roster until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = PromotionOfficerQuerySet.as_manager()

    class Meta:
        ordering = ("user__username",)
        verbose_name = _("promotion officer")
        verbose_name_plural = _("promotion officers")
        constraints = (
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=models.F("since_on")), name="accounts_officer_ends_after"),
        )

    def __str__(self) -> str:
        return str(self.user)


class OfficerSkillQuerySet(models.QuerySet["OfficerSkill"]):
    """Skills; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Skills of officers whom one may see."""
        return self.filter(_reach(user, "officer__")) if user.is_authenticated else self.none()


class OfficerSkill(models.Model):
    """What an officer knows (专长), as the rulebook lists it. Grain: one row an officer and skill."""

    officer = models.ForeignKey(PromotionOfficer, models.CASCADE, related_name="skills", verbose_name=_("promotion officer"))
    code = models.CharField(_("skill"), max_length=80)

    objects = OfficerSkillQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = (models.UniqueConstraint(fields=("officer", "code"), name="accounts_skill_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name in the language of the page; its code if the rulebook knows it no more."""
        skill = skillbook.skills().get(self.code)
        return named(skill.zh, skill.en) if skill else self.code


class TrainingQuerySet(models.QuerySet["Training"]):
    """Trainings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Trainings of officers whom one may see."""
        return self.filter(_reach(user, "officer__")) if user.is_authenticated else self.none()


class Training(models.Model):
    """A training that an officer attended (培训). Grain: one row an officer, day and title."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    officer = models.ForeignKey(PromotionOfficer, models.CASCADE, related_name="trainings", verbose_name=_("promotion officer"))
    title = models.CharField(_("training"), max_length=120)
    provider = models.CharField(_("held by"), max_length=120, blank=True)
    held_on = models.DateField(_("held on"))
    length_days = models.DecimalField(_("length (days)"), max_digits=4, decimal_places=1)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))

    objects = TrainingQuerySet.as_manager()

    class Meta:
        ordering = ("-held_on", "-pk")
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        constraints = (
            models.UniqueConstraint(fields=("officer", "held_on", "title"), name="accounts_training_once"),
            models.CheckConstraint(condition=Q(length_days__gt=0), name="accounts_training_has_a_length"),
        )

    def __str__(self) -> str:
        return f"{self.title} · {self.officer}"
