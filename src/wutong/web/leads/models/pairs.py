"""What the duplicate check keeps: an entry each time that a lead is to be compared anew, and pairs of leads that a person decides about."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models.claims import VERDICTS
from wutong.web.leads.models.leads import Lead, choices, of_seen_leads, person
from wutong.web.leads.rules.claims import PairState

PAIR_STATES = {
    PairState.OPEN: pgettext_lazy("pair of leads", "to be decided"),
    PairState.SAME: pgettext_lazy("pair of leads", "one lead"),
    PairState.APART: pgettext_lazy("pair of leads", "two leads"),
}


class ComparedQuerySet(models.QuerySet["Compared"]):
    """Entries of the comparison; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Nobody: they stand over all units."""
        return self.none()


class Compared(models.Model):
    """An entry that says: a lead is compared by something new. Grain: one row a change, written under the lock of the register.

    Shape: `of_lead_id` is the key of a lead, which may be gone. `token`: tells an entry from one of the same number that was taken back.
    """

    token = models.UUIDField(default=uuid.uuid4, editable=False)
    of_lead_id = models.PositiveBigIntegerField(_("lead"))

    objects = ComparedQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the comparison")
        verbose_name_plural = _("entries of the comparison")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.of_lead_id}"


class LeadPairQuerySet(models.QuerySet["LeadPair"]):
    """Pairs of leads; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Only who may see both leads."""
        if not (user.is_authenticated and user.may(Permission.LEADS_VIEW)):
            return self.none()
        return self.filter(of_seen_leads(user, "lead"), of_seen_leads(user, "other"))


class LeadPair(models.Model):
    """Two leads that may be one, until a person says (疑似重复线索). Grain: one row a pair; `lead` came in later than `other`.

    `reasons`: codes of why, strongest first; `before`: what the leads and their claims were before a decision, so that it can be undone.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="pairs", verbose_name=_("lead"))
    other = models.ForeignKey(Lead, models.PROTECT, related_name="other_pairs", verbose_name=_("other lead"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=choices(VERDICTS))
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    firm_share = models.FloatField(pgettext_lazy("pair of leads", "how sure (0 to 1)"), default=0.0)
    found_in = models.CharField(_("file"), max_length=200, blank=True)
    found_at = models.DateTimeField(_("found at"))
    state = models.CharField(_("state"), max_length=10, choices=choices(PAIR_STATES), default=PairState.OPEN)
    reason = models.CharField(pgettext_lazy("pair of leads", "reason"), max_length=500, blank=True)
    before = models.JSONField(default=dict, blank=True, editable=False)
    decided_by = person(pgettext_lazy("lead", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("lead", "decided at"), null=True, blank=True)

    objects = LeadPairQuerySet.as_manager()

    class Meta:
        verbose_name = _("pair of leads")
        verbose_name_plural = _("pairs of leads")
        ordering = ("-firm_share", "pk")
        constraints = (
            models.UniqueConstraint(fields=("lead", "other"), name="leads_pair_once"),
            models.CheckConstraint(condition=~Q(lead=models.F("other")), name="leads_pair_of_two"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(reason="")),
                name="leads_decided_pair_says_when_and_why",
            ),
        )
        indexes = (models.Index(fields=("state", "-firm_share"), name="leads_pair_open"),)

    def __str__(self) -> str:
        return f"{self.lead} · {self.other}"
