"""First claims (首报首谈): the register, filings and what they met, claims with their shares, and what was done about a lead."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models.leads import Lead, OfLeadQuerySet, choices, of_seen_leads, person
from wutong.web.leads.rules import claims as rules
from wutong.web.leads.rules.claims import STANDING, WHOLE, ClaimState, Outcome, ShareRole, Verdict

CLAIM_STATES = {
    ClaimState.WAITING: pgettext_lazy("claim", "waits for a decision"),
    ClaimState.OPEN: pgettext_lazy("claim", "in force"),
    ClaimState.RELEASED: pgettext_lazy("claim", "released"),
    ClaimState.ENDED: pgettext_lazy("claim", "ended with the lead"),
    ClaimState.LOST: pgettext_lazy("claim", "lost in a dispute"),
    ClaimState.WITHDRAWN: pgettext_lazy("claim", "withdrawn"),
    ClaimState.DECLINED: pgettext_lazy("claim", "declined"),
}
OUTCOMES = {
    Outcome.FILED: pgettext_lazy("filing", "in force"),
    Outcome.WAITS: pgettext_lazy("filing", "waits for a decision"),
    Outcome.TAKEN: pgettext_lazy("filing", "another unit is first"),
    Outcome.KNOWN: pgettext_lazy("filing", "known here already"),
}
VERDICTS = {
    Verdict.SAME: pgettext_lazy("verdict", "the same firm"),
    Verdict.SUSPECTED: pgettext_lazy("verdict", "perhaps the same firm"),
    Verdict.RELATED: pgettext_lazy("verdict", "of one group"),
}
SHARE_ROLES = {
    ShareRole.FINDER: pgettext_lazy("share", "found the firm"),
    ShareRole.HOST: pgettext_lazy("share", "host"),
    ShareRole.JOINT: pgettext_lazy("share", "worked together"),
}


class RegisterQuerySet(models.QuerySet["Register"]):
    """The register; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Nobody: its number is a figure over all units."""
        return self.none()


class Register(models.Model):
    """The register of filings. Grain: one row, the only one; whoever files locks it, so that filings of all units stand in one order."""

    number = models.PositiveBigIntegerField(_("number of the last filing"), default=0)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("register of filings")
        verbose_name_plural = pgettext_lazy("plural", "register of filings")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="leads_one_register"),)

    def __str__(self) -> str:
        return str(self.number)


class Claim(models.Model):
    """A first claim (首报首谈) on a lead. Grain: one row a claim; of a lead one stands at most, ended ones stay."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="claims", verbose_name=_("lead"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="claims", verbose_name=_("unit"))
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = person(_("filed by"), null=True)
    another_project = models.CharField(_("why it is another project of the firm"), max_length=500, blank=True)
    protected_until = models.DateField(_("protected until"), null=True, blank=True)
    last_progress_on = models.DateField(_("last progress"))
    warned_for = models.DateField(_("warned of this end"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=choices(CLAIM_STATES), default=ClaimState.OPEN)
    reason = models.CharField(_("reason of the state"), max_length=500, blank=True)
    decided_by = person(pgettext_lazy("lead", "decided by"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = person(_("ended by"), null=True)

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("first claim")
        verbose_name_plural = _("first claims")
        ordering = ("-filed_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("lead",), condition=Q(state="open"), name="leads_one_open_claim_per_lead"),
            models.UniqueConstraint(fields=("lead",), condition=Q(state__in=["open", "waiting"]), name="leads_one_standing_claim"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "waiting"], ended_at=None)
                | (~Q(state__in=["open", "waiting"]) & Q(ended_at__isnull=False) & ~Q(reason="")),
                name="leads_ended_claim_says_when_and_why",
            ),
        )
        indexes = (
            models.Index(fields=("state", "protected_until"), name="leads_claim_ends"),
            models.Index(fields=("unit", "state"), name="leads_claim_unit"),
        )

    def __str__(self) -> str:
        return f"{self.lead} · {timezone.localtime(self.filed_at):%Y-%m-%d}"

    def facts(self) -> rules.ClaimFacts:
        """The claim as the rules see it."""
        filed_on = timezone.localtime(self.filed_at).date()
        return rules.ClaimFacts(ClaimState(self.state), filed_on, self.last_progress_on, self.protected_until)

    @property
    def is_standing(self) -> bool:
        """Whether it is in force or waits."""
        return self.state in STANDING


class OfClaimQuerySet(models.QuerySet[Any]):
    """What stands on a claim; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on claims of leads that the person may see."""
        return self.filter(of_seen_leads(user, "claim__lead"))


class ClaimShare(models.Model):
    """What a unit has of a claim in a period (分成). Grain: one row a claim, unit and first day; on any day they sum to one."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="shares", verbose_name=_("first claim"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    role = models.CharField(_("as what"), max_length=10, choices=choices(SHARE_ROLES), default=ShareRole.JOINT)
    share_basis_points = models.PositiveSmallIntegerField(_("share (1/10,000)"))
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until (not included)"), null=True, blank=True)
    given_by = person(_("given by"), null=True)
    given_at = models.DateTimeField(_("given at"))

    objects = OfClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a claim")
        verbose_name_plural = _("shares of claims")
        ordering = ("from_on", "-share_basis_points", "pk")
        constraints = (
            models.UniqueConstraint(fields=("claim", "unit", "from_on"), name="leads_share_once_per_unit_and_day"),
            models.CheckConstraint(condition=Q(share_basis_points__gte=1, share_basis_points__lte=WHOLE), name="leads_share_within_one"),
            models.CheckConstraint(condition=Q(until_on=None) | Q(until_on__gt=models.F("from_on")), name="leads_share_ends_later"),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.share_basis_points / 100:g} %"


class Progress(models.Model):
    """What was done about a lead (进展). Grain: one row an entry, never changed; a correction is a later entry that names it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="progress", verbose_name=_("lead"))
    done_on = models.DateField(_("done on"))
    text = models.TextField(_("what was done"), max_length=2000)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )  # fmt: skip
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))
    form_key = models.CharField(max_length=36, blank=True, editable=False)  # of the form that entered it: sent twice, it is one entry

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("lead", "progress")
        verbose_name_plural = pgettext_lazy("records of leads", "progress")
        ordering = ("-done_on", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("lead", "by", "form_key"), condition=~Q(form_key=""), name="leads_one_entry_per_form"),
        )

    def __str__(self) -> str:
        return f"{self.done_on} {self.lead}"


class Filing(models.Model):
    """A filing (报备) and what it came to. Grain: one row an attempt, refused ones too, never changed; `number`: its place in the register.

    `told`: what the filer was told of other units, as ACROSS_UNITS allows: unit, since when, whom to ask.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveBigIntegerField(_("number in the register"), unique=True)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="filings", verbose_name=_("lead"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    outcome = models.CharField(pgettext_lazy("filing", "came to"), max_length=10, choices=choices(OUTCOMES))
    told = models.JSONField(_("told of others"), default=list, blank=True)
    by = person(_("filed by"), null=True)
    at = models.DateTimeField(_("filed at"))

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("lead", "filing")
        verbose_name_plural = pgettext_lazy("lead", "filings")
        ordering = ("-number",)
        indexes = (models.Index(fields=("by", "at"), name="leads_filing_of_person"),)

    def __str__(self) -> str:
        return f"{self.number} {self.lead}"


class FilingMatchQuerySet(models.QuerySet["FilingMatch"]):
    """What filings met; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Only who may see both leads, and decides over filings: to the filer a match is what he was told, and no more."""
        if not (user.is_authenticated and user.may(Permission.LEADS_ASSIGN)):
            return self.none()
        return self.filter(of_seen_leads(user, "filing__lead"), of_seen_leads(user, "other"))


class FilingMatch(models.Model):
    """Another lead that a filing met. Grain: one row a filing and lead; never changed. `reasons`: codes of why, strongest first."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="matches", verbose_name=pgettext_lazy("lead", "filing"))
    other = models.ForeignKey(Lead, models.PROTECT, related_name="met_by", verbose_name=_("other lead"))
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="met_by", verbose_name=_("first claim"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=choices(VERDICTS))
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    is_told = models.BooleanField(_("the filer was told of it"), default=False)

    objects = FilingMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("match of a filing")
        verbose_name_plural = _("matches of filings")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("filing", "other"), name="leads_match_once"),)

    def __str__(self) -> str:
        return f"{self.filing.number} · {self.other}"
