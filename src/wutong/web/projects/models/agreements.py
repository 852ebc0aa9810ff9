"""Agreements (意向书、框架协议、合同) with their versions, opinions and decisions, and what was offered by whose authority."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.models import Attachment
from wutong.web.projects.models.projects import OfProjectQuerySet, Project, choices, of_seen_projects, person
from wutong.web.projects.rules.agreements import (
    AgreementFacts,
    AgreementKind,
    AgreementState,
    Authority,
    DecisionFacts,
    MeetingDecision,
    OfferFacts,
    OfferState,
    OfferStepKind,
    OpinionFacts,
    OpinionKind,
    Result,
)

AGREEMENT_KINDS = {
    AgreementKind.INTENT: pgettext_lazy("agreement", "letter of intent"),
    AgreementKind.FRAMEWORK: pgettext_lazy("agreement", "framework agreement"),
    AgreementKind.CONTRACT: pgettext_lazy("agreement", "contract"),
}
AGREEMENT_STATES = {
    AgreementState.DRAFTED: pgettext_lazy("agreement", "drafted"),
    AgreementState.UNDER_REVIEW: pgettext_lazy("agreement", "under review"),
    AgreementState.SIGNED: pgettext_lazy("agreement", "signed"),
    AgreementState.ENDED: pgettext_lazy("agreement", "ended"),
}
OPINION_KINDS = {
    OpinionKind.LEGAL: pgettext_lazy("opinion", "legality"),
    OpinionKind.FISCAL: pgettext_lazy("opinion", "fiscal capacity"),
    OpinionKind.FAIR_COMPETITION: pgettext_lazy("opinion", "fair competition"),
}
RESULTS = {
    Result.FAVOURABLE: pgettext_lazy("opinion", "favourable"),
    Result.WITH_CHANGES: pgettext_lazy("opinion", "favourable with changes"),
    Result.AGAINST: pgettext_lazy("opinion", "against"),
}
MEETING_DECISIONS = {
    MeetingDecision.AGREED: pgettext_lazy("decision meeting", "agreed"),
    MeetingDecision.PUT_OFF: pgettext_lazy("decision meeting", "put off"),
    MeetingDecision.DECLINED: pgettext_lazy("decision meeting", "declined"),
}
AUTHORITIES = {
    Authority.HANDLER: pgettext_lazy("authority", "handler"),
    Authority.HEAD: pgettext_lazy("authority", "head of the unit"),
    Authority.LEADER: pgettext_lazy("authority", "leader of the bureau"),
    Authority.MEETING: pgettext_lazy("authority", "decision meeting"),
}
OFFER_STATES = {
    OfferState.ASKED: pgettext_lazy("offer", "waits for an answer"),
    OfferState.GRANTED: pgettext_lazy("offer", "may be offered"),
    OfferState.DECLINED: pgettext_lazy("offer", "declined"),
    OfferState.WITHDRAWN: pgettext_lazy("offer", "taken back"),
}
OFFER_STEPS = {
    OfferStepKind.ASKED: pgettext_lazy("offer", "asked"),
    OfferStepKind.PASSED_ON: pgettext_lazy("offer", "found good and passed on"),
    OfferStepKind.GRANTED: pgettext_lazy("offer", "granted"),
    OfferStepKind.DECLINED: pgettext_lazy("offer", "declined"),
    OfferStepKind.WITHDRAWN: pgettext_lazy("offer", "taken back"),
}
SIGNED_ONCE = [AgreementState.SIGNED.value, AgreementState.ENDED.value]


def _file(label: Any) -> Any:
    return models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label)


class AgreementQuerySet(OfProjectQuerySet):
    """Agreements; row access as everywhere."""

    def with_papers(self) -> Self:
        """With all that the rules ask of each: four questions, however many."""
        return self.select_related("replaced_by").prefetch_related(
            "versions__attachment",
            "versions__by",
            "opinions__attachment",
            "opinions__by",
            "opinions__unit",
            "opinions__version",
            "decisions",
            "offers",
        )

    def kept(self) -> Self:
        """Those whose papers are kept: signed, or signed and followed by another that is."""
        return self.filter(Q(state=AgreementState.SIGNED) | Q(signed_on__isnull=False, replaced_by__state=AgreementState.SIGNED))


class Agreement(models.Model):
    """A letter of intent, framework or contract of a project (意向书、框架协议、合同). Grain: one row an agreement. Units: yuan.

    Signed, nothing of it changes: another takes its place (`replaces`), or it ends with a reason. `counterpart`: the other side.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="agreements", verbose_name=_("project"))
    kind = models.CharField(_("kind of agreement"), max_length=10, choices=choices(AGREEMENT_KINDS))
    title = models.CharField(_("title of the agreement"), max_length=200)
    counterpart = models.CharField(_("counterpart"), max_length=300)
    amount_yuan = models.DecimalField(_("investment agreed (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    state = models.CharField(
        pgettext_lazy("agreement", "state"), max_length=12, choices=choices(AGREEMENT_STATES), default=AgreementState.DRAFTED
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    ended_on = models.DateField(pgettext_lazy("agreement", "ended on"), null=True, blank=True)
    ended_reason = models.CharField(pgettext_lazy("agreement", "why it ended"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=pgettext_lazy("agreement", "takes the place of"),
    )
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("project", "agreement")
        verbose_name_plural = _("agreements")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["drafted", "under_review"], signed_on=None)
                | Q(state=AgreementState.SIGNED.value, signed_on__isnull=False)
                | Q(state=AgreementState.ENDED.value),
                name="projects_agreement_signed_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=AgreementState.ENDED.value, ended_on__isnull=False) & ~Q(ended_reason="")
                | ~Q(state=AgreementState.ENDED.value) & Q(ended_on=None, ended_reason=""),
                name="projects_agreement_ended_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(amount_yuan=None) | Q(amount_yuan__gte=0), name="projects_agreement_amount"),
        )
        indexes = (models.Index(fields=("project", "kind", "signed_on"), name="projects_agreement_signed"),)

    def __str__(self) -> str:
        return f"{self.project} · {self.get_kind_display()}"

    def version(self) -> AgreementVersion | None:
        """The last version; None before any."""
        return max(self.versions.all(), key=lambda one: one.number, default=None)

    def facts(self) -> AgreementFacts:
        """The agreement as the rules see it."""
        last = self.version()
        return AgreementFacts(
            AgreementKind(self.kind), AgreementState(self.state), last.number if last else 0,
            last is not None and last.attachment is not None and last.attachment.hidden_at is None,
            tuple(one.facts() for one in sorted(self.opinions.all(), key=lambda one: one.pk)),
            tuple(
                replace(one.facts(), version_number=self._number_at(one.at)) for one in sorted(self.decisions.all(), key=lambda one: one.pk)
            ),
            sum(one.state == OfferState.ASKED for one in self.offers.all()), self.signed_on,
            self._is_replaced(),
        )  # fmt: skip

    def _number_at(self, at: dt.datetime) -> int:
        """The number of the last version that there was at a moment."""
        return max((one.number for one in self.versions.all() if one.at <= at), default=0)

    def _is_replaced(self) -> bool:
        """Whether another takes its place: one that was ended as a draft took none."""
        other = getattr(self, "replaced_by", None)
        return other is not None and not (other.state == AgreementState.ENDED and other.signed_on is None)


class OfAgreementQuerySet(models.QuerySet[Any]):
    """What stands on agreements; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on agreements of projects that the person may see."""
        return self.filter(of_seen_projects(user, "agreement__project"))


class AgreementVersion(models.Model):
    """A version of the text (协议文本). Grain: one row a version, never changed. `changed`: what is different from the one before."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions", verbose_name=pgettext_lazy("project", "agreement"))
    number = models.PositiveSmallIntegerField(pgettext_lazy("agreement", "version"))
    attachment = _file(pgettext_lazy("agreement", "text"))
    changed = models.CharField(pgettext_lazy("agreement", "what changed"), max_length=500, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an agreement")
        verbose_name_plural = _("versions of agreements")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("agreement", "number"), name="projects_agreement_version_once"),)

    def __str__(self) -> str:
        return f"{self.agreement} · {self.number}"


class Opinion(models.Model):
    """An opinion on an agreement (合法性审查、财政承受能力、公平竞争审查意见). Grain: one row an opinion; the last of its kind counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="opinions", verbose_name=pgettext_lazy("project", "agreement"))
    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="opinions", verbose_name=_("version of an agreement"))
    kind = models.CharField(_("kind of opinion"), max_length=20, choices=choices(OPINION_KINDS))
    result = models.CharField(pgettext_lazy("opinion", "result"), max_length=14, choices=choices(RESULTS))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("opinion", "opinion of"))
    dated_on = models.DateField(_("dated"))
    attachment = _file(pgettext_lazy("evidence", "file"))
    words = models.CharField(pgettext_lazy("opinion", "in words"), max_length=1000, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("opinion on an agreement")
        verbose_name_plural = _("opinions on agreements")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(result=Result.FAVOURABLE.value) | ~Q(words=""), name="projects_opinion_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.agreement} · {self.get_kind_display()}"

    def facts(self) -> OpinionFacts:
        """The opinion as the rules see it."""
        return OpinionFacts(OpinionKind(self.kind), Result(self.result), self.dated_on, self.version.number)


class OpinionAskQuerySet(models.QuerySet[Any]):
    """Questions for an opinion; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those of projects that the person may see, and those that his unit was asked, whatever else of the project he may see."""
        asked = NOTHING
        if user.is_authenticated and user.may(Permission.PROJECTS_VIEW):
            asked = within(user, Permission.PROJECTS_EDIT) & Q(agreement__project__is_confidential=False)
        return self.filter(of_seen_projects(user, "agreement__project") | asked)

    def waiting(self) -> Self:
        """Those that nobody answered or took back, about agreements that may still change."""
        return self.filter(opinion=None, withdrawn_at=None, agreement__state=AgreementState.UNDER_REVIEW)


class OpinionAsk(models.Model):
    """A unit asked for its opinion on an agreement (征询意见). Grain: one row a question; one of each kind waits at most.

    Whoever works for the unit sees the agreement and its text, and nothing else of the project.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="asks", verbose_name=pgettext_lazy("project", "agreement"))
    kind = models.CharField(_("kind of opinion"), max_length=20, choices=choices(OPINION_KINDS))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("opinion", "unit asked"))
    due_on = models.DateField(pgettext_lazy("opinion", "wanted by"))
    words = models.CharField(_("note"), max_length=500, blank=True)
    opinion = models.OneToOneField(
        Opinion, models.PROTECT, null=True, blank=True, related_name="ask", verbose_name=_("opinion on an agreement")
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(pgettext_lazy("opinion", "taken back at"), null=True, blank=True)
    withdrawn_reason = models.CharField(pgettext_lazy("opinion", "why it was taken back"), max_length=300, blank=True)
    by = person(pgettext_lazy("gate", "asked by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OpinionAskQuerySet.as_manager()

    class Meta:
        verbose_name = _("question for an opinion")
        verbose_name_plural = _("questions for opinions")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "kind"), condition=Q(opinion=None, withdrawn_at=None), name="projects_opinion_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(opinion=None) & ~Q(withdrawn_reason=""), name="projects_opinion_ask_taken_back"
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("unit", "due_on"), name="projects_opinion_ask_unit"),)

    def __str__(self) -> str:
        return f"{self.agreement.project.outside_name} · {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.opinion_id is None and self.withdrawn_at is None


class AgreementDecision(models.Model):
    """What a decision meeting decided about an agreement (集体决策会议). Grain: one row a meeting and agreement; the last one counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="decisions", verbose_name=pgettext_lazy("project", "agreement"))
    met_on = models.DateField(_("day of the meeting"))
    meeting = models.CharField(_("meeting"), max_length=200)
    decision = models.CharField(pgettext_lazy("decision meeting", "decision"), max_length=10, choices=choices(MEETING_DECISIONS))
    words = models.CharField(pgettext_lazy("decision meeting", "in words"), max_length=1000, blank=True)
    minutes = _file(_("minutes"))
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about an agreement")
        verbose_name_plural = _("decisions about agreements")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(decision=MeetingDecision.AGREED.value) | ~Q(words=""), name="projects_decision_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.agreement} · {self.met_on}"

    def facts(self) -> DecisionFacts:
        """The decision as the rules see it."""
        return DecisionFacts(MeetingDecision(self.decision), self.met_on)


class Offer(models.Model):
    """What is offered to the investor (优惠条件). Grain: one row an offer. Units: yuan; None: not counted in money.

    `clause`: the clause of policy that it rests on. `needed`: whose authority it takes by the limits of its day; `level`: who is asked, or
    by whose authority it was granted or declined.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="offers", verbose_name=_("project"))
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=pgettext_lazy("project", "agreement")
    )  # fmt: skip
    what = models.CharField(_("what is offered"), max_length=300)
    amount_yuan = models.DecimalField(_("amount offered (yuan)"), max_digits=18, decimal_places=2, null=True, blank=True)
    clause = models.CharField(_("clause it rests on"), max_length=300, blank=True)
    needed = models.CharField(_("authority needed"), max_length=10, choices=choices(AUTHORITIES))
    level = models.CharField(_("authority"), max_length=10, choices=choices(AUTHORITIES))
    state = models.CharField(pgettext_lazy("offer", "state"), max_length=10, choices=choices(OFFER_STATES))
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=Q(amount_yuan=None) | Q(amount_yuan__gte=0), name="projects_offer_amount"),)
        indexes = (models.Index(fields=("state", "level"), name="projects_offer_state"),)

    def __str__(self) -> str:
        return f"{self.project} · {self.get_state_display()}"

    def facts(self) -> OfferFacts:
        """The offer as the rules see it."""
        asked = {one.by_id for one in self.steps.all() if one.kind in {OfferStepKind.ASKED, OfferStepKind.PASSED_ON} and one.by_id}
        return OfferFacts(OfferState(self.state), Authority(self.needed), Authority(self.level), frozenset(asked))


class OfOfferQuerySet(models.QuerySet[Any]):
    """What stands on offers; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on offers of projects that the person may see."""
        return self.filter(of_seen_projects(user, "offer__project"))


class OfferStep(models.Model):
    """What was done to an offer, by whom and by which authority. Grain: one row a step, never changed."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="steps", verbose_name=_("offer"))
    kind = models.CharField(pgettext_lazy("offer", "step"), max_length=10, choices=choices(OFFER_STEPS))
    level = models.CharField(_("authority"), max_length=10, choices=choices(AUTHORITIES))
    decision = models.ForeignKey(
        AgreementDecision, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decision about an agreement")
    )  # fmt: skip
    words = models.CharField(_("note"), max_length=500, blank=True)
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an offer")
        verbose_name_plural = _("steps of offers")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(kind__in=[OfferStepKind.DECLINED.value, OfferStepKind.WITHDRAWN.value]) | ~Q(words=""),
                name="projects_offer_no_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.offer} · {self.get_kind_display()}"
