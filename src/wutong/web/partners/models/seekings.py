"""What local firms seek, and who logs in for them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.partners import rules
from wutong.web.partners.models.partners import choices, keeper
from wutong.web.partners.rules import SeekingKind, SeekingState

SEEKING_KINDS = {
    SeekingKind.PARTNER: pgettext_lazy("seeking", "a partner (joint venture)"),
    SeekingKind.CAPITAL: pgettext_lazy("seeking", "capital (more shares, strategic investor)"),
    SeekingKind.BUYER: pgettext_lazy("seeking", "a buyer"),
    SeekingKind.SUPPLIER: pgettext_lazy("seeking", "a supplier"),
    SeekingKind.EQUIPMENT: pgettext_lazy("seeking", "equipment"),
    SeekingKind.TECHNOLOGY: pgettext_lazy("seeking", "technology"),
}
SEEKING_STATES = {
    SeekingState.OPEN: pgettext_lazy("seeking", "open"),
    SeekingState.MET: pgettext_lazy("seeking", "found"),
    SeekingState.WITHDRAWN: pgettext_lazy("seeking", "withdrawn"),
}


class FirmAccountQuerySet(models.QuerySet["FirmAccount"]):
    """Log-ins of local firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those that units within reach invited, and one's own."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.PARTNERS_VIEW)
        return self.filter(reach | Q(user_id=user.pk)) if user.may(Permission.PARTNERS_OWN_FIRM) else self.filter(reach)

    def standing(self) -> Self:
        """Those that were not ended."""
        return self.filter(ended_at=None)


class FirmAccount(models.Model):
    """A log-in bound to one local firm (企业账号). Grain: one row a person of a firm; `consent_source`: where he agreed to it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="firm_account", verbose_name=_("person of the firm")
    )  # fmt: skip
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="accounts", verbose_name=_("firm"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit that invited"))
    consent_source = models.CharField(_("where the person agreed"), max_length=300)
    invited_at = models.DateTimeField(_("invited at"))
    invited_by = keeper(_("invited by"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = keeper(_("ended by"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    objects = FirmAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("log-in of a firm")
        verbose_name_plural = _("log-ins of firms")
        ordering = ("-invited_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user} · {self.firm}"


class SeekingQuerySet(models.QuerySet["Seeking"]):
    """What firms seek; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of the units that a role reaches, those one looks after; a person of a firm sees his firm's and no other."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.PARTNERS_VIEW, owner="owner")
        if not user.may(Permission.PARTNERS_OWN_FIRM):
            return self.filter(reach)
        own = FirmAccount.objects.standing().filter(user_id=user.pk).values("firm_id")
        return self.filter(reach | Q(firm__in=own))

    def open_on(self, day: dt.date) -> Self:
        """Those that are still sought on a day."""
        return self.filter(state=SeekingState.OPEN, valid_until__gt=day)


class Seeking(models.Model):
    """What a local firm seeks (企业需求), and who looks after it. Grain: one row a thing sought; `valid_until` is not included.

    `chain` and `segment`: what it means in the thesaurus, where it fits; `product`: in words. The firm's own words stand in `what`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="seekings", verbose_name=_("firm"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    owner = keeper(_("looked after by"))
    kind = models.CharField(pgettext_lazy("seeking", "seeks"), max_length=12, choices=choices(SEEKING_KINDS))
    what = models.CharField(_("what it seeks"), max_length=200)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    product = models.CharField(_("product"), max_length=60, blank=True)
    amount_10k_yuan = models.DecimalField(
        pgettext_lazy("seeking", "amount (10,000 yuan)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    terms = models.TextField(_("terms"), blank=True, max_length=2000)
    valid_until = models.DateField(_("valid until (not included)"))
    state = models.CharField(_("state"), max_length=10, choices=choices(SEEKING_STATES), default=SeekingState.OPEN)
    state_reason = models.CharField(_("reason of the state"), max_length=300, blank=True)
    state_since = models.DateField(_("in this state since"))
    is_by_firm = models.BooleanField(_("handed in by the firm"), default=False)
    answer = models.TextField(_("answer of the bureau"), blank=True, max_length=1000)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = keeper(_("answered by"), null=True)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = keeper(_("entered by"), null=True)
    form_key = models.CharField(max_length=36, blank=True, editable=False)  # of the form: sent twice, it is one

    objects = SeekingQuerySet.as_manager()

    class Meta:
        verbose_name = _("thing sought")
        verbose_name_plural = _("things sought")
        ordering = ("-entered_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=SeekingState.OPEN.value) | ~Q(state_reason=""), name="partners_ended_seeking_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(segment="") | ~Q(chain=""), name="partners_segment_of_a_chain"),
            models.UniqueConstraint(fields=("entered_by", "form_key"), condition=~Q(form_key=""), name="partners_one_seeking_per_form"),
        )
        indexes = (
            models.Index(fields=("unit", "state", "kind"), name="partners_seekings_of_unit"),
            models.Index(fields=("entered_by", "entered_at"), name="partners_seekings_by"),
        )

    def __str__(self) -> str:
        return self.what

    def facts(self) -> rules.Kept:
        """Where it belongs and who looks after it."""
        return rules.Kept(self.unit.target(), self.owner_id)
