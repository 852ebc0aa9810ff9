"""Postings that a list of people proposes; they give nothing until a security administrator confirms them."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models.people import User, role_named
from wutong.web.accounts.models.units import EVERYTHING, Unit, within
from wutong.web.accounts.rules.access import Permission


class ProposedPostingQuerySet(models.QuerySet["ProposedPosting"]):
    """Proposed postings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and those at units that the person's roles reach."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.ACCOUNTS_VIEW)
        return self if reach == EVERYTHING else self.filter(Q(user=user) | reach)

    def waiting(self) -> Self:
        """Those about which nobody decided yet."""
        return self.filter(decided_at=None)


class ProposedPosting(models.Model):
    """A posting that a list of people proposes (拟任职). Grain: one row a proposal; decided, it stays.

    Why: the system administrator takes people in and gives no rights; the security administrator gives them (三员分立).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="proposals", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=50)
    starts_on = models.DateField(_("from"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed or declined by")
    )
    decided_at = models.DateTimeField(_("confirmed or declined at"), null=True)
    is_confirmed = models.BooleanField(_("confirmed"), default=False)

    objects = ProposedPostingQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "pk")
        verbose_name = _("proposed posting")
        verbose_name_plural = _("proposed postings")
        constraints = (
            models.UniqueConstraint(fields=("user", "unit", "role"), condition=Q(decided_at=None), name="accounts_proposal_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.unit} · {self.role_name}"

    @property
    def role_name(self) -> str:
        """The role's name in the language of the page."""
        return role_named(self.role)
