"""Introductions (引荐): who was asked to bring us to a firm, what came of it step by step, and whose merit it was."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm, Person
from wutong.web.leads.models.leads import Lead, choices, of_seen_leads, person
from wutong.web.leads.models.lists import TargetList, of_seen
from wutong.web.leads.rules import introductions as rules
from wutong.web.leads.rules.introductions import OPEN, TAKEN_BACK, WHOLE, PartyKind, State
from wutong.web.partners.models import FirmAccount

INTRODUCTION_STATES = {
    State.ASKED: pgettext_lazy("introduction", "asked"),
    State.AGREED: pgettext_lazy("introduction", "agreed"),
    State.REFUSED: pgettext_lazy("introduction", "refused"),
    State.GIVEN: pgettext_lazy("introduction", "brought together"),
    State.FAILED: pgettext_lazy("introduction", "did not come about"),
    State.WITHDRAWN: pgettext_lazy("introduction", "withdrawn"),
    State.LEAD: pgettext_lazy("introduction", "became a lead"),
    State.PROJECT: pgettext_lazy("introduction", "became a project"),
    State.NOTHING: pgettext_lazy("introduction", "came to nothing"),
}
STEP_KINDS = {**INTRODUCTION_STATES, TAKEN_BACK: pgettext_lazy("introduction", "entry taken back")}
PARTY_KINDS = {
    PartyKind.FIRM: pgettext_lazy("introducer", "a firm"),
    PartyKind.PERSON: pgettext_lazy("introducer", "a person at a firm"),
    PartyKind.STAFF: pgettext_lazy("introducer", "a colleague"),
    PartyKind.UNIT: pgettext_lazy("introducer", "a unit of ours"),
    PartyKind.OUTSIDE: pgettext_lazy("introducer", "somebody outside"),
}


def reach_of_introductions(user: Any, way: str = "") -> Q:
    """What introductions a person may see: as the lead or list that they are for; those for a firm alone, by unit, and one's own."""
    if user.is_authenticated and user.may(Permission.PARTNERS_OWN_FIRM):
        return _asked_of_own_firm(user, way)
    if not (user.is_authenticated and user.may(Permission.LEADS_VIEW)):
        return NOTHING
    parts = []
    for name, seen in (("lead", of_seen_leads(user, f"{way}lead")), ("target_list", of_seen(user, f"{way}target_list"))):
        is_none = Q(**{f"{way}{name}": None})
        parts.append(is_none if seen == NOTHING else (Q() if seen == EVERYTHING else is_none | seen))
    own = within(user, Permission.LEADS_VIEW, unit=f"{way}unit", owner=f"{way}owner")
    for_firm = Q(**{f"{way}lead": None, f"{way}target_list": None})
    by_unit = Q() if own == EVERYTHING else (~for_firm if own == NOTHING else ~for_firm | own)
    return parts[0] & parts[1] & by_unit


def _asked_of_own_firm(user: Any, way: str) -> Q:
    """Those that are asked of the firm of a log-in; nothing of what is confidential (保密), nor what was withdrawn."""
    firms = FirmAccount.objects.standing().filter(user_id=user.pk).order_by().values("firm")
    is_asked = Q(**{f"{way}party_kind": PartyKind.FIRM, f"{way}party_firm__in": firms}) & ~Q(**{f"{way}state": State.WITHDRAWN})
    for name in ("lead", "target_list"):
        is_asked &= Q(**{f"{way}{name}": None}) | Q(**{f"{way}{name}__is_confidential": False})
    return is_asked


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    """Introductions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As the lead, list or unit that they belong to; a local firm sees what is asked of it."""
        return self.filter(reach_of_introductions(user))

    def open(self) -> Self:
        """Those whose next step somebody owes."""
        return self.filter(state__in=OPEN)


class Party(models.Model):
    """Who introduces: exactly one of firm, person, colleague, unit or a name, as `party_kind` says.

    Personal data: a person at a firm is named by key, so that erasing him erases him here; `party_name` tells a function or organisation.
    """

    party_kind = models.CharField(_("kind of introducer"), max_length=10, choices=choices(PARTY_KINDS))
    party_firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("introducing firm"))
    party_person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("introducing person")
    )  # fmt: skip
    party_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("introducing colleague")
    )
    party_unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("introducing unit"))
    party_name = models.CharField(_("introducer outside (function or organisation)"), max_length=100, blank=True)

    class Meta:
        abstract = True

    @property
    def party_key(self) -> str:
        """Whose merit it is, as one text: rows of one introducer have one key."""
        found = {
            PartyKind.FIRM: self.party_firm_id, PartyKind.PERSON: self.party_person_id, PartyKind.STAFF: self.party_user_id,
            PartyKind.UNIT: self.party_unit_id,
        }.get(PartyKind(self.party_kind), self.party_name)  # type: ignore[attr-defined]  # fmt: skip
        return f"{self.party_kind}:{found}"


class Introduction(Party):
    """An introduction (引荐): somebody was asked to bring us to a firm. Grain: one row an ask.

    For a lead or a row of a list it is seen by whoever sees that; else by unit. `path`: the steps as they were when it was asked for, each
    with the keys of both ends and of the records it rests on, so that whoever may not see a record does not learn of it here.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="introductions", verbose_name=pgettext_lazy("introduction", "target firm")
    )
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="introductions", verbose_name=_("lead"))
    target_list = models.ForeignKey(
        TargetList, models.PROTECT, null=True, blank=True, related_name="introductions", verbose_name=_("target list")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="introductions", verbose_name=_("unit"))
    owner = person(pgettext_lazy("introduction", "in charge"), related_name="introductions")
    text = models.TextField(_("what was asked for"), max_length=1000)
    state = models.CharField(_("state"), max_length=12, choices=choices(INTRODUCTION_STATES), default=State.ASKED)
    asked_on = models.DateField(_("asked on"))
    last_on = models.DateField(_("last step on"))
    due_on = models.DateField(_("next step due on"), null=True, blank=True)
    result_lead = models.ForeignKey(
        Lead, models.PROTECT, null=True, blank=True, related_name="introduced_by", verbose_name=_("lead that came of it")
    )
    path = models.JSONField(_("path"), default=dict, blank=True)
    warmth_share = models.FloatField(_("warmth of the path (0-1)"), null=True, blank=True)
    made_at = models.DateTimeField(_("entered at"))
    made_by = person(_("entered by"), null=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = pgettext_lazy("records", "introductions")
        ordering = ("-asked_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(firm__isnull=False) | Q(lead__isnull=False), name="leads_introduction_has_a_target"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in OPEN], due_on__isnull=False)
                | (~Q(state__in=[state.value for state in OPEN]) & Q(due_on=None)),
                name="leads_open_introduction_is_due",
            ),
        )
        indexes = (
            models.Index(fields=("owner", "state", "due_on"), name="leads_introduction_owner"),
            models.Index(fields=("unit", "state", "due_on"), name="leads_introduction_unit"),
        )

    def __str__(self) -> str:
        return self.target_name

    @property
    def target_name(self) -> str:
        """The firm that we want to meet; of a confidential lead or list its code name alone."""
        if self.lead is not None:
            return self.lead.outside_name if self.lead.is_confidential or self.firm is None else self.firm.name
        if self.target_list is not None and self.target_list.is_confidential:
            return self.target_list.code_name
        return self.firm.name if self.firm is not None else ""

    @property
    def is_confidential(self) -> bool:
        """Whether what it is for is confidential."""
        return bool(self.lead and self.lead.is_confidential) or bool(self.target_list and self.target_list.is_confidential)

    def facts(self) -> rules.Facts:
        """The introduction as the rules see it."""
        insiders: set[int] = set()
        if self.lead is not None:
            insiders.add(self.lead.owner_id)
        if self.target_list is not None:
            insiders |= self.target_list.facts().people
        return rules.Facts(
            self.unit.target(), self.owner_id, State(self.state), self.last_on, self.is_confidential, frozenset(insiders)
        )  # fmt: skip


class OfIntroductionQuerySet(models.QuerySet[Any]):
    """What stands on introductions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What stands on introductions that the person may see."""
        return self.filter(introduction__in=Introduction.objects.visible_to(user).order_by().values("pk"))


class IntroductionStep(models.Model):
    """A step of an introduction. Grain: one row an entry, never changed; a correction is a later entry that names the one it corrects."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    introduction = models.ForeignKey(Introduction, models.CASCADE, related_name="steps", verbose_name=_("introduction"))
    kind = models.CharField(
        pgettext_lazy("introduction", "step"), max_length=12, choices=[(str(kind), label) for kind, label in STEP_KINDS.items()]
    )
    done_on = models.DateField(_("done on"))
    text = models.TextField(pgettext_lazy("introduction", "what was said"), max_length=1000, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )  # fmt: skip
    by = person(_("entered by"), null=True)
    at = models.DateTimeField(_("entered at"))

    objects = OfIntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an introduction")
        verbose_name_plural = _("steps of introductions")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.done_on} {self.introduction}"


class Merit(Party):
    """Whose merit a result is (引荐功劳). Grain: one row an introduction and introducer; the shares of one introduction sum to one."""

    introduction = models.ForeignKey(Introduction, models.CASCADE, related_name="merits", verbose_name=_("introduction"))
    share_basis_points = models.PositiveSmallIntegerField(_("share (1/10,000)"))
    given_by = person(_("given by"), null=True)
    given_at = models.DateTimeField(_("given at"))

    objects = OfIntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("merit of an introduction")
        verbose_name_plural = _("merits of introductions")
        ordering = ("-share_basis_points", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(share_basis_points__gte=1, share_basis_points__lte=WHOLE), name="leads_merit_within_one"),
        )

    def __str__(self) -> str:
        return f"{self.introduction} {self.share_basis_points / 100:g} %"
