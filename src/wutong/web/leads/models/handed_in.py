"""Information that people hand in (报送): in the giver's own words, beside the lead that it became."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models.leads import LEAD_KINDS, Lead, choices, person
from wutong.web.leads.rules.handed_in import Told
from wutong.web.leads.rules.leads import LeadKind

TOLD = {
    Told.LOGGED: pgettext_lazy("handed in", "logged, waits for triage"),
    Told.TAKEN_UP: pgettext_lazy("handed in", "taken up"),
    Told.CONTACT: pgettext_lazy("handed in", "the bureau is in touch"),
    Told.TALKS: pgettext_lazy("handed in", "in talks"),
    Told.PROJECT: pgettext_lazy("handed in", "became a project"),
    Told.RESTS: pgettext_lazy("handed in", "rests"),
    Told.CLOSED: pgettext_lazy("handed in", "not pursued"),
    Told.WITHDRAWN: pgettext_lazy("handed in", "withdrawn"),
}


class HandInQuerySet(models.QuerySet["HandIn"]):
    """Information handed in; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own: whoever works on the lead reads the lead."""
        return self.filter(giver_id=user.pk) if user.is_authenticated and user.may(Permission.LEADS_HAND_IN) else self.none()


class HandIn(models.Model):
    """A piece of information that somebody handed in (报送信息), as he said it. Grain: one row a piece, with one lead.

    The lead goes its own way; here stands what the giver may read for ever: his own words, and through `told` how far it has come.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.OneToOneField(Lead, models.PROTECT, related_name="handed_in", verbose_name=_("lead"))
    giver = person(_("handed in by"))
    kind = models.CharField(pgettext_lazy("lead", "kind of lead"), max_length=12, choices=choices(LEAD_KINDS), default=LeadKind.PROJECT)
    title = models.CharField(pgettext_lazy("lead", "title"), max_length=120)
    name = models.CharField(_("firm or body that it is about"), max_length=300, blank=True)
    text = models.TextField(pgettext_lazy("handed in", "what is known"), blank=True, max_length=2000)
    amount_10k_yuan = models.DecimalField(_("amount (10,000 yuan)"), max_digits=14, decimal_places=2, null=True, blank=True)
    is_amount_not_provided = models.BooleanField(_("the investor gave no amount"), default=False)
    form_key = models.CharField(max_length=36, blank=True, editable=False)  # of the form: sent twice, it is one piece
    handed_in_at = models.DateTimeField(_("handed in at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = HandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("information handed in")
        verbose_name_plural = pgettext_lazy("plural", "information handed in")
        ordering = ("-handed_in_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("giver", "form_key"), condition=~Q(form_key=""), name="leads_one_hand_in_per_form"),
            models.CheckConstraint(
                condition=Q(is_amount_not_provided=False) | Q(amount_10k_yuan=None), name="leads_hand_in_amount_or_not_provided"
            ),
        )
        indexes = (models.Index(fields=("giver", "handed_in_at"), name="leads_handed_in_by"),)

    def __str__(self) -> str:
        return self.title
