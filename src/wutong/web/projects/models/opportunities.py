"""The opportunity library (招商项目库): packaged projects, their versions, to whom they were shown, collections made of them."""

from __future__ import annotations

import hashlib
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.jobs.models import Job
from wutong.web.leads.models import Lead
from wutong.web.projects.models.projects import KINDS, MODES, Project, choices, person
from wutong.web.projects.rules import opportunities as rules
from wutong.web.projects.rules.opportunities import Origin, Release, Response, Retirement, State, VersionState
from wutong.web.projects.rules.stages import Kind, Mode

OPPORTUNITY_STATES = {
    State.DRAFT: pgettext_lazy("opportunity", "draft"),
    State.RELEASED: pgettext_lazy("opportunity", "released"),
    State.RETIRED: pgettext_lazy("opportunity", "retired"),
}
VERSION_STATES = {
    VersionState.DRAFT: pgettext_lazy("opportunity", "draft"),
    VersionState.IN_REVIEW: pgettext_lazy("opportunity", "in review"),
    VersionState.RELEASED: pgettext_lazy("opportunity", "released"),
}
RELEASES = {
    Release.INTERNAL: pgettext_lazy("opportunity", "for the office"),
    Release.PUBLIC: pgettext_lazy("opportunity", "also for the public"),
}
RETIREMENTS = {
    Retirement.LANDED: pgettext_lazy("opportunity", "landed as a project"),
    Retirement.OUT_OF_DATE: pgettext_lazy("opportunity", "out of date"),
    Retirement.WITHDRAWN: pgettext_lazy("opportunity", "withdrawn"),
}
ORIGINS = {
    Origin.GAP: pgettext_lazy("opportunity", "gap of a chain"),
    Origin.HAND: pgettext_lazy("opportunity", "by hand"),
    Origin.FILE: pgettext_lazy("opportunity", "from a file"),
}
RESPONSES = {
    Response.NONE: pgettext_lazy("opportunity", "no answer yet"),
    Response.INTERESTED: pgettext_lazy("opportunity", "interested"),
    Response.VISIT: pgettext_lazy("opportunity", "comes to look"),
    Response.DECLINED: pgettext_lazy("opportunity", "declined"),
}
OPEN_STATES = [VersionState.DRAFT.value, VersionState.IN_REVIEW.value]
SHARED = ("title_zh", "title_en", "kind", "mode", "chain", "segment", "site_zh", "total_yuan", "valid_until")
"""What a packaged project repeats of the version that counts, so that lists read one table."""


def reach_of_opportunities(user: Any, way: str = "") -> Q:
    """Packaged projects of the units that a role reaches, and one's own, whatever state they are in; `way` leads to them."""
    if not (user.is_authenticated and user.may(Permission.PROJECTS_VIEW)):
        return NOTHING
    return within(user, Permission.PROJECTS_VIEW, unit=f"{way}unit", owner=f"{way}owner") | Q(**{f"{way}owner": user.pk})


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    """Packaged projects; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those within reach in any state, and of all others what is released: a library is there to be offered by everybody."""
        reach = reach_of_opportunities(user)
        if reach in (NOTHING, EVERYTHING):
            return self.filter(reach)
        return self.filter(reach | Q(state=State.RELEASED))

    def within_reach(self, user: Any) -> Self:
        """Those of which the person sees drafts and promotion too."""
        return self.filter(reach_of_opportunities(user))


class Opportunity(models.Model):
    """A packaged project (招商项目). Grain: one row an opportunity. Units: yuan.

    It repeats of the version that counts (`current_number`: the last released, before the first release the draft) what lists show.
    `touched_on`: the last day on which it was released or shown to somebody; from it age is counted.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="opportunities", verbose_name=pgettext_lazy("opportunity", "unit"))
    owner = person(pgettext_lazy("opportunity", "contact person"), related_name="opportunities")
    state = models.CharField(pgettext_lazy("opportunity", "state"), max_length=10, choices=choices(OPPORTUNITY_STATES), default=State.DRAFT)
    release = models.CharField(pgettext_lazy("opportunity", "released for"), max_length=10, choices=choices(RELEASES), blank=True)
    released_on = models.DateField(pgettext_lazy("opportunity", "released on"), null=True, blank=True)
    public_on = models.DateField(pgettext_lazy("opportunity", "public since"), null=True, blank=True)
    origin = models.CharField(pgettext_lazy("opportunity", "made from"), max_length=6, choices=choices(ORIGINS), default=Origin.HAND)
    touched_on = models.DateField(pgettext_lazy("opportunity", "last updated or shown on"))
    retirement = models.CharField(pgettext_lazy("opportunity", "why retired"), max_length=12, choices=choices(RETIREMENTS), blank=True)
    retired_on = models.DateField(pgettext_lazy("opportunity", "retired on"), null=True, blank=True)
    retired_words = models.CharField(pgettext_lazy("opportunity", "reason of retirement"), max_length=300, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=pgettext_lazy("opportunity", "landed as")
    )  # fmt: skip
    current_number = models.PositiveIntegerField(pgettext_lazy("opportunity", "version that counts"), default=1)
    title_zh = models.CharField(_("Chinese title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    kind = models.CharField(_("kind of project"), max_length=16, choices=choices(KINDS), default=Kind.INDUSTRY)
    mode = models.CharField(_("mode of investment"), max_length=16, choices=choices(MODES), default=Mode.DIRECT)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    site_zh = models.CharField(_("site"), max_length=300, blank=True)
    total_yuan = models.DecimalField(_("total investment (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    valid_until = models.DateField(pgettext_lazy("opportunity", "valid until (not included)"), null=True, blank=True)
    at = models.DateTimeField(pgettext_lazy("opportunity", "made at"))
    by = person(pgettext_lazy("opportunity", "made by"), null=True)

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("packaged project")
        verbose_name_plural = _("packaged projects")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(segment="") | ~Q(chain=""), name="projects_opportunity_segment_of_a_chain"),
            models.CheckConstraint(
                condition=Q(state=State.RETIRED.value) & ~Q(retirement="") & Q(retired_on__isnull=False)
                | ~Q(state=State.RETIRED.value) & Q(retirement="", retired_on=None, retired_words="", project=None),
                name="projects_opportunity_retired_says_why",
            ),
            models.CheckConstraint(
                condition=Q(retirement=Retirement.LANDED.value, project__isnull=False)
                | ~Q(retirement=Retirement.LANDED.value) & Q(project=None),
                name="projects_opportunity_landed_names_its_project",
            ),
            models.CheckConstraint(
                condition=Q(state=State.RELEASED.value) & ~Q(release="") & Q(released_on__isnull=False)
                | ~Q(state=State.RELEASED.value) & Q(release=""),
                name="projects_opportunity_released_for_somebody",
            ),
            models.CheckConstraint(
                condition=Q(release=Release.PUBLIC.value, public_on__isnull=False)
                | ~Q(release=Release.PUBLIC.value) & Q(public_on=None),
                name="projects_opportunity_public_since_a_day",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=("state", "kind"), name="projects_opportunity_shelf"),
            models.Index(fields=("unit", "state"), name="projects_opportunity_unit"),
            models.Index(fields=("state", "touched_on"), name="projects_opportunity_age"),
            models.Index(fields=("chain", "segment"), name="projects_opportunity_chain"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its title in the reader's language, where there is one."""
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en or self.title_zh

    def facts(self) -> rules.Facts:
        """As the rules see it: one question."""
        opened = OpportunityVersion.objects.filter(opportunity=self, state__in=OPEN_STATES).first()
        return rules.Facts(
            State(self.state), Release(self.release), VersionState(opened.state) if opened else None,
            frozenset(opened.wrote) if opened else frozenset(),
        )  # fmt: skip


class OfOpportunityQuerySet(models.QuerySet[Any]):
    """What stands on a packaged project; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on those within reach, and what one entered oneself: of what is merely released, the rest is nobody else's."""
        return self.filter(reach_of_opportunities(user, "opportunity__") | Q(by=user.pk)) if user.is_authenticated else self.none()


class OpportunityVersionQuerySet(OfOpportunityQuerySet):
    """Versions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """All versions of those within reach; of others the one that is released now."""
        reach = reach_of_opportunities(user, "opportunity__")
        if reach in (NOTHING, EVERYTHING):
            return self.filter(reach)
        counts = Q(opportunity__state=State.RELEASED, state=VersionState.RELEASED, number=models.F("opportunity__current_number"))
        return self.filter(reach | counts)


class OpportunityVersion(models.Model):
    """A version of a packaged project. Grain: one row a version; released, the database keeps it as it is.

    `figures`: name → [value as text, source]; `not_provided`: names of figures that nobody gives; `kind_facts`: what its kind says of
    itself (`rulebook/opportunities.yaml`); `why`: what the registry said of the gap, with build, rules and day; `wrote`: who wrote at it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="versions", verbose_name=_("packaged project"))
    number = models.PositiveIntegerField(pgettext_lazy("opportunity", "version"))
    state = models.CharField(
        pgettext_lazy("opportunity", "state of the version"), max_length=10, choices=choices(VERSION_STATES), default=VersionState.DRAFT
    )
    title_zh = models.CharField(_("Chinese title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    kind = models.CharField(_("kind of project"), max_length=16, choices=choices(KINDS), default=Kind.INDUSTRY)
    mode = models.CharField(_("mode of investment"), max_length=16, choices=choices(MODES), default=Mode.DIRECT)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    what_zh = models.TextField(_("what it is"), max_length=2000, blank=True)
    what_en = models.TextField(_("what it is (English)"), max_length=4000, blank=True)
    market_zh = models.TextField(_("market"), max_length=2000, blank=True)
    market_en = models.TextField(_("market (English)"), max_length=4000, blank=True)
    site_zh = models.CharField(_("site"), max_length=300, blank=True)
    site_en = models.CharField(_("site (English)"), max_length=500, blank=True)
    partner_zh = models.TextField(_("partner sought"), max_length=1000, blank=True)
    partner_en = models.TextField(_("partner sought (English)"), max_length=2000, blank=True)
    policies_zh = models.TextField(_("policies"), max_length=2000, blank=True)
    policies_en = models.TextField(_("policies (English)"), max_length=4000, blank=True)
    contact = models.CharField(pgettext_lazy("opportunity", "office telephone"), max_length=60, blank=True)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    not_provided = models.JSONField(_("not provided"), default=list, blank=True)
    kind_facts = models.JSONField(_("facts of its kind"), default=dict, blank=True)
    why = models.JSONField(_("what the registry says"), default=dict, blank=True)
    valid_until = models.DateField(pgettext_lazy("opportunity", "valid until (not included)"), null=True, blank=True)
    wrote = models.JSONField(default=list, blank=True, editable=False)
    at = models.DateTimeField(pgettext_lazy("opportunity", "begun at"))
    by = person(pgettext_lazy("opportunity", "begun by"), null=True)
    submitted_at = models.DateTimeField(pgettext_lazy("opportunity", "handed to review at"), null=True, blank=True)
    submitted_by = person(pgettext_lazy("opportunity", "handed to review by"), null=True)
    decided_at = models.DateTimeField(pgettext_lazy("opportunity", "reviewed at"), null=True, blank=True)
    decided_by = person(pgettext_lazy("opportunity", "reviewed by"), null=True)
    decision = models.CharField(pgettext_lazy("opportunity", "words of the review"), max_length=500, blank=True)

    objects = OpportunityVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a packaged project")
        verbose_name_plural = _("versions of packaged projects")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("opportunity", "number"), name="projects_opportunity_version_once"),
            models.UniqueConstraint(
                fields=("opportunity",), condition=Q(state__in=OPEN_STATES), name="projects_opportunity_one_open_version"
            ),
            models.CheckConstraint(condition=Q(segment="") | ~Q(chain=""), name="projects_version_segment_of_a_chain"),
            models.CheckConstraint(
                condition=~Q(state=VersionState.RELEASED.value) | Q(decided_at__isnull=False), name="projects_version_released_was_reviewed"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(submitted_by=None) | ~Q(decided_by=models.F("submitted_by")),
                name="projects_version_reviewed_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title_zh} · {self.number}"

    @property
    def name(self) -> str:
        """Its title in the reader's language, where there is one."""
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en or self.title_zh

    def value_of(self, name: str) -> Decimal | None:
        """A figure; None where it is not given. Units: as its name says."""
        given = self.figures.get(name)
        return Decimal(given[0]) if given else None

    @property
    def stamp(self) -> str:
        """What tells whether somebody else wrote since a page was drawn."""
        said = "\x1f".join(str(getattr(self, name)) for name in rules.SAID)
        return f"{self.number}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    def said(self) -> rules.Said:
        """What it says, as the rules ask."""
        return rules.Said(
            self.title_zh, self.title_en, self.what_zh, self.what_en, self.partner_zh, self.chain, self.segment,
            {name: str(source) for name, (_value, source) in self.figures.items()}, frozenset(self.not_provided),
            any(Decimal(value) < 0 for value, _source in self.figures.values()), self.valid_until,
        )  # fmt: skip


class OpportunityPromotion(models.Model):
    """That a packaged project was shown to somebody (推介记录). Grain: one row an occasion; it names a lead, a firm or an event.

    `is_lead_made`: the lead came of it. Only the answer, which comes later, may change.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="promotions", verbose_name=_("packaged project"))
    version_number = models.PositiveIntegerField(pgettext_lazy("opportunity", "version shown"))
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="promotions", verbose_name=_("lead"))
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="promotions", verbose_name=_("firm"))
    event = models.CharField(pgettext_lazy("opportunity", "event or occasion"), max_length=200, blank=True)
    is_lead_made = models.BooleanField(pgettext_lazy("opportunity", "the lead came of it"), default=False)
    shown_on = models.DateField(pgettext_lazy("opportunity", "shown on"))
    response = models.CharField(pgettext_lazy("opportunity", "answer"), max_length=12, choices=choices(RESPONSES), default=Response.NONE)
    words = models.CharField(_("note"), max_length=500, blank=True)
    at = models.DateTimeField(_("entered at"))
    by = person(pgettext_lazy("opportunity", "shown by"), null=True)

    objects = OfOpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("showing of a packaged project")
        verbose_name_plural = _("showings of packaged projects")
        ordering = ("-shown_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(lead__isnull=False, firm=None, event="")
                | Q(lead=None, firm__isnull=False, event="")
                | Q(lead=None, firm=None) & ~Q(event=""),
                name="projects_promotion_names_one",
            ),
            models.CheckConstraint(condition=Q(is_lead_made=False) | Q(lead__isnull=False), name="projects_promotion_made_a_lead"),
            models.UniqueConstraint(fields=("lead",), condition=Q(is_lead_made=True), name="projects_lead_of_one_opportunity"),
        )

    def __str__(self) -> str:
        return f"{self.opportunity} · {self.shown_on}"

    @property
    def to_whom(self) -> str:
        """Whom it was shown to, in words."""
        return str(self.lead) if self.lead else self.firm.name if self.firm else self.event


class CollectionQuerySet(models.QuerySet["OpportunityCollection"]):
    """Collections; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and nobody else's."""
        return self.filter(by_id=user.pk) if user.is_authenticated else self.none()


class OpportunityCollection(models.Model):
    """Several packaged projects as one file (项目册), made in the background. Grain: one row a file asked for.

    `keys`: public ids of the packaged projects, in their order; the file is its owner's alone, until `kept_until`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(pgettext_lazy("collection", "title"), max_length=120)
    keys = models.JSONField(pgettext_lazy("collection", "packaged projects"), default=list)
    form = models.CharField(pgettext_lazy("collection", "format"), max_length=4)
    language = models.CharField(pgettext_lazy("collection", "language"), max_length=10)
    count = models.PositiveIntegerField(pgettext_lazy("collection", "packaged projects held"), null=True)
    asked_at = models.DateTimeField(pgettext_lazy("collection", "asked for at"))
    ready_at = models.DateTimeField(pgettext_lazy("collection", "ready at"), null=True)
    kept_until = models.DateField(pgettext_lazy("collection", "kept until"), null=True)
    by = person(pgettext_lazy("collection", "asked by"))
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("collection", "collection of packaged projects")
        verbose_name_plural = pgettext_lazy("collection", "collections of packaged projects")
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> Path:
        """Where the file lies, outside the web root."""
        return Path(settings.BATCHES) / "collections" / f"{self.file.hex}.{self.form}"
