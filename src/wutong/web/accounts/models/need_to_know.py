"""Confidential records: a code name for the outside, and a list of who needs to know.

A room makes its model confidential by `class Thing(Confidential)` and by cutting its rows with `known_to` inside `visible_to`. Who is
named on the list of a record stands in `NeedToKnow`, by the label of the model and the public id of the record, so that this room knows
nothing of the rooms above.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models.people import User
from wutong.web.accounts.models.units import EVERYTHING


class NeedToKnowQuerySet(models.QuerySet["NeedToKnow"]):
    """Who needs to know of what; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody sees where he himself is named; the list of a record is shown by the room that the record belongs to."""
        return self.in_force().filter(user=user) if user.is_authenticated else self.none()

    def in_force(self) -> Self:
        """Entries that were not taken back."""
        return self.filter(ended_at=None)

    def of(self, record: Any) -> Self:
        """Who is named for a record."""
        return self.in_force().filter(model=record._meta.label, record=record.public_id)


class NeedToKnow(models.Model):
    """A person needs to know of a confidential record (知悉范围). Grain: one row a record, person and time; taken back, it stays."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    model = models.CharField(_("kind of record"), max_length=60)
    record = models.UUIDField(_("record"))
    user = models.ForeignKey(User, models.PROTECT, related_name="needs_to_know", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=200)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("named by"))
    named_at = models.DateTimeField(_("named at"))
    ended_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = NeedToKnowQuerySet.as_manager()

    class Meta:
        ordering = ("-named_at", "-pk")
        verbose_name = _("entry of a need-to-know list")
        verbose_name_plural = _("need-to-know lists")
        constraints = (
            models.UniqueConstraint(fields=("model", "record", "user"), condition=Q(ended_at=None), name="accounts_need_to_know_once"),
        )
        indexes = (models.Index(fields=("user", "model"), name="accounts_need_to_know_of"),)

    def __str__(self) -> str:
        return f"{self.model} · {self.user}"


class Confidential(models.Model):
    """What a record is that only those who need to know may open (保密事项): outside it goes by its code name, or does not appear.

    `INSIDERS` names the fields of the people who know it by themselves. `OPEN_NAME` is the field that the code name stands for.
    """

    INSIDERS: ClassVar[tuple[str, ...]] = ("owner",)
    OPEN_NAME: ClassVar[str] = "title"

    is_confidential = models.BooleanField(_("confidential"), default=False)
    code_name = models.CharField(_("code name"), max_length=60, blank=True)

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(condition=Q(is_confidential=False) | ~Q(code_name=""), name="%(app_label)s_%(class)s_code_name"),
        )

    @property
    def outside_name(self) -> str:
        """What the record is called where people read who need not know: audit, notices, sums."""
        return self.code_name if self.is_confidential else str(getattr(self, self.OPEN_NAME))

    @classmethod
    def known_to(cls, user: Any, by_role: Q, way: str = "") -> Q:
        """The condition for records that a person may know of: open ones that a role reaches, his own, and those for which he is named.

        `by_role` is what his roles reach, `way` leads from a row to its record. A role does not help with a confidential record, nor does
        standing in for somebody: the need to know is a person's own.
        """
        is_open = Q(**{f"{way}is_confidential": False})
        known = is_open if by_role == EVERYTHING else by_role & is_open
        named = NeedToKnow.objects.in_force().filter(model=cls._meta.label, user_id=user.pk).values("record")
        known |= Q(**{f"{way}is_confidential": True, f"{way}public_id__in": named})
        for name in cls.INSIDERS:
            field = cls._meta.get_field(name)
            if isinstance(field, models.ManyToManyField):
                rows = field.remote_field.through._default_manager.filter(**{field.m2m_reverse_field_name(): user.pk})
                known |= Q(**{f"{way}pk__in": rows.values(field.m2m_field_name())})
            else:
                known |= Q(**{f"{way}{name}": user.pk})
        return known
