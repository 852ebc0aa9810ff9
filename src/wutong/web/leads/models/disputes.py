"""Disputes about first claims, and leads that one unit offers to another."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models.claims import Claim
from wutong.web.leads.models.leads import Lead, choices, of_few_leads, person
from wutong.web.leads.rules.claims import Decision, DisputeFacts, Leader, OfferFacts, TransferState

DECISIONS = {
    Decision.KEPT: pgettext_lazy("dispute", "the claim stays"),
    Decision.MOVED: pgettext_lazy("dispute", "the claim goes to whoever disputed it"),
    Decision.SHARED: pgettext_lazy("dispute", "both share it"),
}
TRANSFER_STATES = {
    TransferState.ASKED: pgettext_lazy("transfer", "waits for an answer"),
    TransferState.ACCEPTED: pgettext_lazy("transfer", "accepted"),
    TransferState.REFUSED: pgettext_lazy("transfer", "refused"),
    TransferState.WITHDRAWN: pgettext_lazy("transfer", "withdrawn"),
}
LEADERS = {Leader.FINDER: pgettext_lazy("transfer", "the unit that found it"), Leader.HOST: pgettext_lazy("transfer", "the host")}


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Both sides: who may see the lead that disputes, or the lead whose claim is disputed."""
        return self.filter(of_few_leads(user, "lead") | of_few_leads(user, "claim__lead"))


class Dispute(models.Model):
    """A dispute about a first claim (争议). Grain: one row a dispute; once decided it is never changed.

    `lead` is the disputing unit's own lead: whoever disputes sees that and not the lead whose claim it is about. Files hang on the dispute.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="disputes", verbose_name=_("disputed claim"))
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="disputes", verbose_name=_("lead of whoever disputes it"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit that disputes it"))
    text = models.TextField(pgettext_lazy("dispute", "evidence"), max_length=2000)
    has_certificate = models.BooleanField(_("the investor certified who came first"), default=False)
    opened_by = person(_("opened by"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    decision = models.CharField(_("decision"), max_length=10, choices=choices(DECISIONS), blank=True)
    reasons = models.TextField(_("reasons of the decision"), max_length=2000, blank=True)
    decided_by = person(pgettext_lazy("lead", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("lead", "decided at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)  # none of those before it was kept

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("lead", "dispute")
        verbose_name_plural = pgettext_lazy("lead", "disputes")
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("claim", "lead"), condition=Q(decided_at=None, withdrawn_at=None), name="leads_one_open_dispute"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & ~Q(reasons="") & Q(decided_at__isnull=False)),
                name="leads_decision_has_reasons",
            ),
            models.CheckConstraint(condition=Q(decided_at=None) | Q(withdrawn_at=None), name="leads_decided_dispute_stays"),
        )

    def __str__(self) -> str:
        return f"{self.lead} · {self.unit}"

    def facts(self) -> DisputeFacts:
        """The dispute as the rules see it."""
        return DisputeFacts(self.lead.facts(), (self.unit.target(), self.claim.unit.target()), self.opened_by_id)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.decided_at is None and self.withdrawn_at is None


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Transfers; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Who may see the lead, and the unit that it is offered to."""
        if not (user.is_authenticated and user.may(Permission.LEADS_VIEW)):
            return self.none()
        offered = within(user, Permission.LEADS_VIEW, unit="to_unit")
        seen = of_few_leads(user, "claim__lead")
        return self if EVERYTHING in (offered, seen) else self.filter(offered | seen)


class Transfer(models.Model):
    """A lead that one unit offers to another (流转). Grain: one row an offer.

    Shape of `periods`: first day and the finder's share in basis points; the rest is the host's.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="transfers", verbose_name=_("first claim"))
    from_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("found by"))
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("transfer", "host"))
    leads_before = models.CharField(_("who leads before signing"), max_length=10, choices=choices(LEADERS), default=Leader.FINDER)
    leads_after = models.CharField(_("who leads after signing"), max_length=10, choices=choices(LEADERS), default=Leader.HOST)
    periods = models.JSONField(_("shares by period"), default=list)
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = person(_("offered by"), null=True)
    asked_at = models.DateTimeField(_("offered at"))
    state = models.CharField(_("state"), max_length=10, choices=choices(TRANSFER_STATES), default=TransferState.ASKED)
    answer = models.CharField(pgettext_lazy("transfer", "answer"), max_length=500, blank=True)
    answered_by = person(_("answered by"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("lead", "transfer")
        verbose_name_plural = pgettext_lazy("lead", "transfers")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("claim",), condition=Q(state="asked"), name="leads_one_offer_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
                name="leads_answered_offer_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_unit} → {self.to_unit}"  # no word of the lead: whoever refused it reads this for ever

    def facts(self) -> OfferFacts:
        """The offer as the rules see it."""
        return OfferFacts(self.claim.lead.facts(), self.from_unit.target(), self.to_unit.target(), self.asked_by_id)
