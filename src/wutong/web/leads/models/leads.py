"""Leads (线索): what a unit knows of a project, capital, technology or talent; its names and the digests of its contacts."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Confidential, Unit, within_units
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.leads.models.lists import ListedFirm
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import STANDING, ClaimState, TransferState
from wutong.web.leads.rules.leads import LeadKind, LeadState, NameKind, SourceKind, Stage
from wutong.web.lib import access, asking
from wutong.web.partners.models import Partner

LEAD_KINDS = {
    LeadKind.PROJECT: pgettext_lazy("lead", "project"),
    LeadKind.CAPITAL: pgettext_lazy("lead", "capital"),
    LeadKind.TECHNOLOGY: pgettext_lazy("lead", "technology"),
    LeadKind.TALENT: pgettext_lazy("lead", "talent"),
}
LEAD_STATES = {
    LeadState.OPEN: pgettext_lazy("lead", "open"),
    LeadState.DORMANT: pgettext_lazy("lead", "dormant"),
    LeadState.LOST: pgettext_lazy("lead", "lost"),
    LeadState.PROJECT: pgettext_lazy("lead", "became a project"),
    LeadState.MERGED: pgettext_lazy("lead", "is one with another"),
    LeadState.WITHDRAWN: pgettext_lazy("lead", "withdrawn by who handed it in"),
}
STAGES = {
    Stage.LOGGED: pgettext_lazy("lead", "logged"),
    Stage.TRIAGED: pgettext_lazy("lead", "triaged"),
    Stage.CONTACT: pgettext_lazy("lead", "in touch"),
    Stage.TALKS: pgettext_lazy("lead", "in talks"),
}
SOURCE_KINDS = {
    SourceKind.OWN: pgettext_lazy("source of a lead", "own work"),
    SourceKind.UNIT: pgettext_lazy("source of a lead", "another unit"),
    SourceKind.PERSON: pgettext_lazy("source of a lead", "a person of the office"),
    SourceKind.PARTNER: pgettext_lazy("source of a lead", "somebody outside"),
    SourceKind.ROW: pgettext_lazy("source of a lead", "a target list"),
}
LEAD_NAME_KINDS = {
    NameKind.FORMER: pgettext_lazy("lead", "former name"),
    NameKind.SHORT: pgettext_lazy("lead", "short name"),
    NameKind.FOREIGN: pgettext_lazy("lead", "foreign name"),
}
TO_TRIAGE = Q(stage=Stage.LOGGED.value, state=LeadState.OPEN.value)
UNANSWERED = (LeadState.MERGED.value, LeadState.WITHDRAWN.value)
"""States in which nobody waits for an answer."""
TO_ANSWER = Q(answer_due_on__isnull=False) & ~Q(state__in=UNANSWERED) & (
    ~Q(stage=Stage.LOGGED.value) | Q(state=LeadState.LOST.value)
)  # fmt: skip


def new_stamp() -> int:
    """A number by chance: two lists of leads whose stamps have one sum and count bear the same names."""
    return secrets.randbits(31)


def choices(words: Any) -> list[tuple[str, Any]]:
    """Codes and their words, as a field takes them."""
    return [(code.value, label) for code, label in words.items()]


def person(label: Any, *, null: bool = False, related_name: str = "+") -> Any:
    """A key to a person: what he did stays, so he is never deleted while it names him."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=null, blank=null, related_name=related_name, verbose_name=label)


def not_over() -> Q:
    """Shares that a unit has or is to have: of what it had once it is told no more."""
    return Q(until_on=None) | Q(until_on__gt=access.today())


def reach_of_leads(user: Any) -> Q:
    """What leads a person may see: open ones that a role reaches, whose claim his units share or that are offered to them; his own."""
    if not (user.is_authenticated and user.may(Permission.LEADS_VIEW)):
        return NOTHING
    by_role = within_units(user, Permission.LEADS_VIEW, owner="owner")
    if by_role != EVERYTHING:
        shares = apps.get_model("leads.ClaimShare")._default_manager.filter(
            within_units(user, Permission.LEADS_VIEW), not_over(), claim__state=ClaimState.OPEN
        )
        offers = apps.get_model("leads.Transfer")._default_manager.filter(
            within_units(user, Permission.LEADS_VIEW, unit="to_unit"), state=TransferState.ASKED
        )
        by_role |= Q(pk__in=shares.order_by().values("claim__lead")) | Q(pk__in=offers.order_by().values("claim__lead"))
    return Lead.known_to(user, by_role)


def of_seen_leads(user: Any, way: str) -> Q:
    """What stands on leads that a person may see; `way` leads to the lead."""
    seen = reach_of_leads(user)
    if seen in (NOTHING, EVERYTHING):
        return seen
    leads = asking.judged("leads.leads", user, lambda one: Lead.objects.visible_to(one).order_by().values("pk"))
    return Q(**{f"{way}__in": leads})


def of_few_leads(user: Any, way: str) -> Q:
    """The same, asked row by row: for rows that are few where leads are many, such as disputes."""
    seen = reach_of_leads(user)
    return seen if seen in (NOTHING, EVERYTHING) else Q(Exists(Lead.objects.filter(seen, pk=OuterRef(f"{way}_id")).order_by()))


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Leads of the units that a role reaches, those one's units share or are offered, one's own, and those one must know of."""
        return self.filter(reach_of_leads(user))

    def standing(self) -> Self:
        """Leads that hold a claim, in force or waiting for a decision."""
        return self.filter(pk__in=apps.get_model("leads.Claim")._default_manager.filter(state__in=STANDING).order_by().values("lead"))


class Lead(Confidential):
    """A lead (线索). Grain: one row a piece of information that a unit logged. While a claim stands, so does what it was filed as.

    `registry_…`: the firm of the registry that its name or code was recognised as, beyond doubt, and the head of that firm's group; only
    the duplicate check reads them, `firm` is what a person said.
    `triage_due_on`, `answer_due_on`: by when, reckoned when it was logged; None once that is done or asks for nothing. No other day is
    ever reckoned: whoever gave a lead of a ledger that was past its triage may have been answered long ago, so nothing is asked there.
    `clock_on`: that of the two for which it waits, kept by the database itself; None where it waits for neither: what has one waits.
    `last_progress_on`: the latest day of an entry or filing; None before the first.
    `naming_no`: another one whenever that changes by which the lead is found, its names, credit code or code name.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(pgettext_lazy("lead", "title"), max_length=120)
    kind = models.CharField(pgettext_lazy("lead", "kind of lead"), max_length=12, choices=choices(LEAD_KINDS), default=LeadKind.PROJECT)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="leads", verbose_name=_("unit"))
    owner = person(pgettext_lazy("lead", "owner"), related_name="leads")
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("firm"))
    name = models.CharField(_("name of the firm as filed"), max_length=300, blank=True)
    name_key = models.CharField(max_length=300, blank=True, db_index=True, editable=False)
    uscc = models.CharField(_("credit code"), max_length=40, blank=True, db_index=True)
    registry_id = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    registry_name = models.CharField(max_length=300, blank=True, editable=False)
    registry_group = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    products = models.CharField(_("products"), max_length=300, blank=True)
    origin_adcode = models.CharField(_("where the firm is (division code)"), max_length=6, blank=True)
    wanted_adcode = models.CharField(_("region of interest (division code)"), max_length=6, blank=True)
    amount_10k_yuan = models.DecimalField(_("amount (10,000 yuan)"), max_digits=14, decimal_places=2, null=True, blank=True)
    is_amount_not_provided = models.BooleanField(_("the investor gave no amount"), default=False)
    currency = models.CharField(_("foreign currency"), max_length=3, blank=True)
    amount_foreign_wan = models.DecimalField(_("amount (10,000 of the currency)"), max_digits=14, decimal_places=2, null=True, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    source_kind = models.CharField(_("who gave it"), max_length=10, choices=choices(SOURCE_KINDS), default=SourceKind.OWN)
    source_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit that gave it")
    )  # fmt: skip
    source_person = person(_("person who gave it"), null=True, related_name="given_leads")
    source_text = models.CharField(_("who outside gave it (function or organisation)"), max_length=200, blank=True)
    source_partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="given_leads", verbose_name=_("partner that gave it")
    )
    from_row = models.ForeignKey(
        ListedFirm, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("row of a target list")
    )  # fmt: skip
    received_on = models.DateField(_("received on"))
    logged_at = models.DateTimeField(_("logged at"))
    logged_by = person(_("logged by"), null=True)
    form_key = models.CharField(max_length=36, blank=True, editable=False)  # of the form that logged it: sent twice, it is one lead
    has_experts = models.BooleanField(_("experts are asked"), default=False)
    triaged_at = models.DateTimeField(_("triaged at"), null=True, blank=True)
    triaged_by = person(_("triaged by"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = person(_("answered by"), null=True)
    answer = models.TextField(_("answer to who gave it"), blank=True, max_length=1000)
    stage = models.CharField(_("stage"), max_length=10, choices=choices(STAGES), default=Stage.LOGGED)
    stage_since = models.DateField(_("in this stage since"))
    state = models.CharField(_("state"), max_length=10, choices=choices(LEAD_STATES), default=LeadState.OPEN)
    state_reason = models.CharField(_("reason of the state"), max_length=300, blank=True)
    state_since = models.DateField(_("in this state since"))
    triage_due_on = models.DateField(_("to be triaged by"), null=True, blank=True)
    answer_due_on = models.DateField(_("to be answered by"), null=True, blank=True)
    clock_on = models.GeneratedField(
        expression=Case(When(TO_TRIAGE, then=F("triage_due_on")), When(TO_ANSWER, then=F("answer_due_on"))),
        output_field=models.DateField(_("to be triaged or answered by"), null=True, blank=True), db_persist=True,
    )  # fmt: skip
    last_progress_on = models.DateField(_("last progress"), null=True, blank=True)
    naming_no = models.PositiveIntegerField(default=new_stamp, editable=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("goes on as"))

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ("-logged_at", "-pk")
        constraints = (
            *Confidential.Meta.constraints,
            models.CheckConstraint(
                condition=Q(is_amount_not_provided=False) | Q(amount_10k_yuan=None, amount_foreign_wan=None),
                name="leads_amount_given_or_not_provided",
            ),
            models.CheckConstraint(
                condition=Q(currency="", amount_foreign_wan=None) | (~Q(currency="") & Q(amount_foreign_wan__isnull=False)),
                name="leads_foreign_amount_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(state=LeadState.MERGED.value, merged_into__isnull=False)
                | (~Q(state=LeadState.MERGED.value) & Q(merged_into=None)),
                name="leads_merged_lead_goes_on_as_another",
            ),
            models.UniqueConstraint(fields=("logged_by", "form_key"), condition=~Q(form_key=""), name="leads_one_lead_per_form"),
            models.CheckConstraint(condition=~TO_TRIAGE | Q(triage_due_on__isnull=False), name="leads_logged_lead_has_a_day_of_triage"),
            models.CheckConstraint(
                condition=~Q(state__in=[LeadState.DORMANT.value, LeadState.LOST.value]) | ~Q(state_reason=""),
                name="leads_put_away_lead_has_a_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=("state", "stage", "last_progress_on", "id", "unit", "owner", "is_confidential", "public_id"),
                name="leads_lead_board",
            ),  # all by which it is decided who may see a lead stands in it, so that counting reads no row
            models.Index(fields=("logged_at",), name="leads_lead_of_time"),
            models.Index(fields=("owner", "state"), name="leads_lead_owner"),
            models.Index(fields=("state", "logged_at"), name="leads_lead_logged"),
            models.Index(fields=("state", "last_progress_on"), name="leads_lead_quiet"),
            models.Index(fields=("clock_on", "logged_at"), name="leads_lead_clock", condition=Q(clock_on__isnull=False)),
            models.Index(fields=("naming_no",), name="leads_lead_names"),
        )

    def __str__(self) -> str:
        return self.outside_name

    def is_closed_to(self, someone: Any) -> bool:
        """Whether the lead is confidential and the person not its owner: a leaver's place there is for its owner to fill."""
        return self.is_confidential and someone.pk != self.owner_id

    @property
    def standing_claim(self) -> Any:
        """The claim that is open or waits; None where there is none."""
        return next((claim for claim in self.claims.all() if claim.state in STANDING), None)  # type: ignore[attr-defined]

    def facts(self) -> rules.LeadFacts:
        """The lead as the rules see it."""
        claim = self.standing_claim
        shares = claim.shares.filter(not_over()).select_related("unit") if claim is not None and claim.state == ClaimState.OPEN else ()
        partners = {share.unit_id: share.unit.target() for share in shares}
        return rules.LeadFacts(
            self.unit.target(), self.owner_id, LeadState(self.state), Stage(self.stage), is_standing=claim is not None,
            is_answered=self.answered_at is not None, is_confidential=self.is_confidential, partners=tuple(partners.values()),
        )  # fmt: skip


class OfLeadQuerySet(models.QuerySet[Any]):
    """What stands on a lead; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on leads that the person may see."""
        return self.filter(of_seen_leads(user, "lead"))


class LeadName(models.Model):
    """A further name that a lead is known by (曾用名、简称、外文名). Grain: one row a lead, kind and name."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="names", verbose_name=_("lead"))
    kind = models.CharField(_("kind of name"), max_length=10, choices=choices(LEAD_NAME_KINDS))
    name = models.CharField(_("name"), max_length=300)
    name_key = models.CharField(max_length=300, db_index=True, editable=False)

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("further name of a lead")
        verbose_name_plural = _("further names of leads")
        ordering = ("kind", "name")
        constraints = (models.UniqueConstraint(fields=("lead", "kind", "name"), name="leads_name_once_per_kind"),)

    def __str__(self) -> str:
        return self.name


class LeadContact(models.Model):
    """The keyed digest of a telephone number or e-mail address by which a lead is compared. Grain: one row a lead and contact.

    Personal data: no clear contact stands here; that is kept with the firm's people, with its basis and until when.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="contacts", verbose_name=_("lead"))
    digest = models.CharField(_("digest of a contact"), max_length=64, db_index=True)
    kept_until = models.DateField(_("kept until"))

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("digest of a contact")
        verbose_name_plural = _("digests of contacts")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("lead", "digest"), name="leads_contact_once"),)

    def __str__(self) -> str:
        return self.digest[:8]
