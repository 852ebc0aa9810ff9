"""Rewards (奖励): who was registered before the signing, claims, and the sheets on which they are computed."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.rulebook.rewards.shape import To
from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.runs import Run
from wutong.web.assessment.models.schemes import Scheme, SchemeVersion, kept_by, person
from wutong.web.assessment.rules.rewards import ClaimState, SheetFacts, WithdrawalState
from wutong.web.assessment.rules.runs import RunState
from wutong.web.firms.models import Person
from wutong.web.leads.models import Lead
from wutong.web.lib.access import is_chinese
from wutong.web.partners.models import Partner
from wutong.web.projects.models import Project

RECIPIENTS = {
    To.UNITS: pgettext_lazy("award to", "unit"),
    To.OFFICERS: pgettext_lazy("award to", "promotion officer"),
    To.INTRODUCERS: pgettext_lazy("award to", "introducer"),
    To.ADVISERS: pgettext_lazy("award to", "adviser"),
}
CLAIM_STATES = {
    ClaimState.CLAIMED: pgettext_lazy("reward claim", "claimed"),
    ClaimState.COMPUTED: pgettext_lazy("reward claim", "computed, waits for approval"),
    ClaimState.APPROVED: pgettext_lazy("reward claim", "approved, to be paid"),
    ClaimState.DECLINED: pgettext_lazy("reward claim", "not granted"),
    ClaimState.WITHDRAWN: pgettext_lazy("reward claim", "withdrawn"),
}

WITHDRAWAL_STATES = {
    WithdrawalState.WAITING: pgettext_lazy("registration", "withdrawal asked for"),
    WithdrawalState.WITHDRAWN: pgettext_lazy("registration", "withdrawn"),
    WithdrawalState.REFUSED: pgettext_lazy("registration", "withdrawal refused"),
}


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Registrations; row access as everywhere."""

    def standing(self) -> Self:
        """Without those that were withdrawn."""
        gone = RegistrationWithdrawal.objects.filter(registration=OuterRef("pk"), state=WithdrawalState.WITHDRAWN)
        return self.filter(~Exists(gone))

    def with_state(self) -> Self:
        """Each with `withdrawal_state`: how the last request to withdraw it stands, None where there was none."""
        last = RegistrationWithdrawal.objects.filter(registration=OuterRef("pk")).order_by("-pk").values("state")
        return self.annotate(withdrawal_state=Subquery(last[:1]))

    def visible_to(self, user: Any) -> Self:
        """One's own, and those of units whose assessment a person edits or approves."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        edits, approves = within(user, Permission.ASSESSMENT_EDIT), within(user, Permission.ASSESSMENT_APPROVE)
        if EVERYTHING in (edits, approves):
            return self
        return self.filter(edits | approves | Q(registered_by=user.pk))


class Registration(models.Model):
    """Who brings a project, said before it is signed (事前登记). Grain: one row a registration, never changed. Units: `share` 1 = all.

    The day is that of `registered_at`: nobody types one. A person stands at firms with purpose, consent and time of keeping. One made by
    mistake stays, with its `RegistrationWithdrawal`, and counts no more.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="registrations", verbose_name=_("project"))
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, related_name="registrations", verbose_name=_("lead"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("registration", "adviser or body")
    )
    introducer = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("registration", "person")
    )
    is_staff = models.BooleanField(_("civil servant or staff of the unit"), null=True)
    share = models.DecimalField(pgettext_lazy("registration", "share"), max_digits=5, decimal_places=4, default=Decimal(1))
    has_agreed = models.BooleanField(_("the person agreed to be registered"), default=False)
    registered_by = person(pgettext_lazy("registration", "registered by"), null=True)
    registered_at = models.DateTimeField(pgettext_lazy("registration", "registered at"))

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration of an introducer")
        verbose_name_plural = _("registrations of introducers")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(project__isnull=False, lead__isnull=True) | Q(project__isnull=True, lead__isnull=False),
                name="assessment_registered_for_one_matter",
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=False, introducer__isnull=True) | Q(partner__isnull=True, introducer__isnull=False),
                name="assessment_registered_is_one",
            ),
            models.CheckConstraint(condition=Q(introducer=None) | Q(has_agreed=True), name="assessment_registered_person_agreed"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="assessment_registered_share"),
        )

    is_who_seen = False
    """Whether the reader may see the introducer or adviser; `queries.rewards.registrations` says so, nothing else does."""

    def __str__(self) -> str:
        # Without the name: what the audit is told can never be erased.
        return f"{self._meta.verbose_name} · {self.about.outside_name}"

    @property
    def who(self) -> str:
        """The name, for those who may see its bearer and while it may be kept."""
        return self.named(is_seen=self.is_who_seen)

    def named(self, *, is_seen: bool) -> str:
        """The name, or why it does not stand here."""
        if self.introducer is not None and self.introducer.erased_at:
            return str(_("a person who was erased"))
        return str(self.partner or self.introducer) if is_seen else str(_("name shown to whoever may see the person or partner"))

    @property
    def percent(self) -> Decimal:
        """The share, 100 = all."""
        return self.share * 100

    @property
    def about(self) -> Any:
        """The project or lead."""
        return self.project or self.lead

    withdrawal_state: str | None = None
    """How the last request to withdraw it stands; `with_state` says so."""

    @property
    def state_words(self) -> str:
        """Whether it counts, in words."""
        last = self.withdrawal_state
        is_told = last is not None and last != WithdrawalState.REFUSED
        return str(WITHDRAWAL_STATES[WithdrawalState(last)]) if is_told else str(pgettext_lazy("registration", "in force"))


class WithdrawalQuerySet(models.QuerySet["RegistrationWithdrawal"]):
    """Requests to withdraw a registration; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the registration."""
        return self.filter(registration__in=Registration.objects.visible_to(user).order_by().values("pk"))


class RegistrationWithdrawal(models.Model):
    """A request to withdraw a registration made by mistake (撤销登记). Grain: one row a request; decided once, by a second person."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="withdrawals", verbose_name=_("registration of an introducer")
    )
    reason = models.CharField(pgettext_lazy("registration", "reason of the withdrawal"), max_length=500)
    state = models.CharField(
        pgettext_lazy("registration", "state"), max_length=10, choices=[(one.value, text) for one, text in WITHDRAWAL_STATES.items()]
    )
    asked_by = person(pgettext_lazy("registration", "withdrawal asked for by"), null=True)
    asked_at = models.DateTimeField(pgettext_lazy("registration", "withdrawal asked for at"))
    decided_by = person(pgettext_lazy("registration", "withdrawal decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("registration", "withdrawal decided at"), null=True)
    decision = models.CharField(pgettext_lazy("registration", "reason of the decision"), max_length=500, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal of a registration")
        verbose_name_plural = _("withdrawals of registrations")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("registration",), condition=Q(state__in=["waiting", "withdrawn"]), name="assessment_registration_withdrawn_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_withdrawal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | ~Q(state="waiting")
                & Q(decided_by__isnull=False, decided_at__isnull=False)
                & (Q(asked_by=None) | ~Q(decided_by=F("asked_by"))),
                name="assessment_withdrawal_by_a_second_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} · {self.registration.about.outside_name}"


class ClaimQuerySet(models.QuerySet["RewardClaim"]):
    """Claims; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Of documents that a person edits or approves; else one's own, those for oneself, and those of a unit one answers for."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user, "scheme__")
        if kept == EVERYTHING:
            return self
        unit = within(user, Permission.ASSESSMENT_ANSWER) & Q(to=To.UNITS)
        return self.filter(kept | unit | Q(claimed_by=user.pk) | Q(officer=user.pk))


class RewardClaim(models.Model):
    """A claim of an award (奖励申报) for a project or a published run. Grain: one row a document, award, matter and recipient. Units: yuan.

    `entered`: facts that no record holds, each with value and source; `filled_by`: everybody who ever entered any. `review`: the legality
    review by name, for an award tied to tax. `amount_yuan`: as approved.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="claims", verbose_name=_("reward document"))
    award = models.CharField(pgettext_lazy("reward claim", "award"), max_length=60)
    award_title = models.CharField(pgettext_lazy("reward claim", "title of the award"), max_length=120)
    award_title_en = models.CharField(pgettext_lazy("reward claim", "English title of the award"), max_length=200, blank=True, default="")
    to = models.CharField(
        pgettext_lazy("reward claim", "for"), max_length=12, choices=[(one.value, text) for one, text in RECIPIENTS.items()]
    )
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="reward_claims", verbose_name=_("project"))
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="reward_claims", verbose_name=_("assessment run"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    officer = person(_("promotion officer"), null=True)
    registration = models.ForeignKey(Registration, models.PROTECT, null=True, related_name="claims", verbose_name=_("registration"))
    recipient_key = models.CharField(max_length=60, editable=False)
    entered = models.JSONField(pgettext_lazy("reward claim", "facts entered"), default=dict)
    filled_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=pgettext_lazy("reward claim", "facts entered by")
    )
    review = models.CharField(pgettext_lazy("reward claim", "legality review"), max_length=200, blank=True)
    state = models.CharField(
        pgettext_lazy("reward claim", "state"), max_length=10, choices=[(one.value, text) for one, text in CLAIM_STATES.items()]
    )
    amount_yuan = models.DecimalField(pgettext_lazy("reward claim", "amount (yuan)"), max_digits=18, decimal_places=2, null=True)
    claimed_by = person(pgettext_lazy("reward claim", "claimed by"), null=True)
    claimed_at = models.DateTimeField(pgettext_lazy("reward claim", "claimed at"))
    decided_by = person(pgettext_lazy("reward claim", "decided by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("reward claim", "decided at"), null=True)
    decision = models.CharField(pgettext_lazy("reward claim", "reason of the decision"), max_length=500, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward claim")
        verbose_name_plural = _("reward claims")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("scheme", "award", "project", "recipient_key"),
                condition=Q(state__in=["claimed", "computed", "approved"]),
                name="assessment_reward_claimed_once",
            ),
            models.UniqueConstraint(
                fields=("scheme", "award", "run", "recipient_key"),
                condition=Q(state__in=["claimed", "computed", "approved"], run__isnull=False),
                name="assessment_reward_claimed_once_a_run",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=False, run=None) | Q(project=None, run__isnull=False), name="assessment_reward_of_one_matter"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(decided_by__isnull=False, amount_yuan__gt=0) & (Q(claimed_by=None) | ~Q(decided_by=F("claimed_by"))),
                name="assessment_reward_approved_by_a_second_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} · {self.about}"

    @property
    def title(self) -> str:
        """The award in the language of the page."""
        return self.award_title if is_chinese() else self.award_title_en or self.award_title

    @property
    def about(self) -> str:
        """The project or the run by name."""
        return str(self.project.outside_name) if self.project else str(self.run)

    @property
    def is_run_replaced(self) -> bool:
        """Whether another run that was published took the place of the one it rests on."""
        return self.run is not None and self.run.superseded_by.filter(state=RunState.PUBLISHED).exists()

    is_who_seen = False
    """Whether the reader may see the introducer or adviser; `queries.rewards.claims` says so, nothing else does."""

    @property
    def recipient(self) -> str:
        """Whom the award is for, by the name that the reader may see."""
        return self.registration.named(is_seen=self.is_who_seen) if self.registration else str(self.officer or self.unit)


class SheetQuerySet(models.QuerySet["RewardSheet"]):
    """Sheets; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their claim."""
        return self.filter(claim__in=RewardClaim.objects.visible_to(user).order_by().values("pk"))


class RewardSheet(models.Model):
    """A claim as it was computed (奖励计算表), with all it rests on. Grain: one row a computation; the database refuses to change it."""

    claim = models.ForeignKey(RewardClaim, models.PROTECT, related_name="sheets", verbose_name=_("reward claim"))
    number = models.PositiveIntegerField(pgettext_lazy("reward sheet", "number"))
    version = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="+", verbose_name=_("version of a scheme"))
    on = models.DateField(pgettext_lazy("reward sheet", "as of"))
    facts = models.JSONField(pgettext_lazy("reward sheet", "facts"))
    evidence = models.JSONField(pgettext_lazy("reward sheet", "records behind them"))
    result = models.JSONField(pgettext_lazy("reward sheet", "result"))
    amount_yuan = models.DecimalField(pgettext_lazy("reward sheet", "amount (yuan)"), max_digits=18, decimal_places=2, null=True)
    rule_hash = models.CharField(max_length=64)
    digest = models.CharField(pgettext_lazy("reward sheet", "hash"), max_length=64)
    by = person(pgettext_lazy("reward sheet", "computed by"), null=True)
    at = models.DateTimeField(pgettext_lazy("reward sheet", "computed at"))

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward sheet")
        verbose_name_plural = _("reward sheets")
        ordering = ("claim", "-number")
        constraints = (models.UniqueConstraint(fields=("claim", "number"), name="assessment_reward_sheet_once"),)

    def __str__(self) -> str:
        return f"{self.claim} · {self.number}"

    def sheet_facts(self) -> SheetFacts:
        """What a decision looks at."""
        return SheetFacts(self.amount_yuan is not None, bool(self.amount_yuan), bool(self.result["blocked"]))
