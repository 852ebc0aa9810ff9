"""Schemes (考核办法), the versions of their rules, and which units or persons are measured in which group."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.units import UnitKind
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import Measures
from wutong.web.rulebooks import rules
from wutong.web.rulebooks.models import Step, Version
from wutong.web.rulebooks.rules import State

SCHEME_KINDS = {
    SchemeKind.SCORING: pgettext_lazy("scheme", "assessment scheme"),
    SchemeKind.REWARD: pgettext_lazy("scheme", "reward document"),
}
MEASURES = {
    Measures.UNITS: pgettext_lazy("scheme measures", "units"),
    Measures.PERSONS: pgettext_lazy("scheme measures", "persons"),
}
VERBS = {
    "begin": pgettext_lazy("step of a scheme", "begun"),
    "rewrite": pgettext_lazy("step of a scheme", "text rewritten"),
}


def person(label: Any, **more: Any) -> Any:
    """A person who did something, who is never deleted."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **more)


def kept_by(user: Any, way: str = "") -> Q:
    """Schemes that a person edits or approves. `way` leads from a row to its scheme."""
    unit = f"{way}unit"
    edits, approves = within(user, Permission.ASSESSMENT_EDIT, unit=unit), within(user, Permission.ASSESSMENT_APPROVE, unit=unit)
    return EVERYTHING if EVERYTHING in (edits, approves) else edits | approves


def reach_of_measured(user: Any) -> Q:
    """Of rows about what is measured those that a person may see: of units that a role reaches; of persons himself, and whom he leads.

    Why two permissions: whoever works at a unit sees how it stands, and not how each of his colleagues does.
    """
    of_units = within(user, Permission.ASSESSMENT_VIEW)
    of_persons = within(user, Permission.ASSESSMENT_VIEW_PERSONS)
    return Q(person=None) & of_units | Q(person=user.pk) | Q(person__isnull=False) & of_persons


def reach_of_schemes(user: Any) -> Q:
    """What schemes a person may see: those that he edits or approves, and those that measure a unit which a role of his reaches."""
    if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
        return NOTHING
    kept = kept_by(user)
    if kept == EVERYTHING:
        return EVERYTHING
    measured = Member.objects.filter(reach_of_measured(user)).order_by().values("scheme")
    above = _above(user)
    holds = Q(unit__in=above) | Q(unit__kind=UnitKind.DEPARTMENT, unit__parent__in=above)
    return kept | Q(pk__in=measured) | holds & Q(kind=SchemeKind.REWARD)


def _above(user: Any) -> Any:
    """The person's unit and those above it: their reward documents hold for it, and those of their departments."""
    own = Unit.objects.filter(pk=user.unit_id, path__startswith=OuterRef("path"))
    return Unit.objects.filter(Exists(own)).order_by().values("pk")


class SchemeQuerySet(models.QuerySet["Scheme"]):
    """Schemes; row access as everywhere."""

    def of_kind(self, kind: SchemeKind) -> Self:
        """Assessment schemes alone, or reward documents alone."""
        return self.filter(kind=kind)

    def visible_to(self, user: Any) -> Self:
        """Those that a person edits or approves, and those by which his units are measured."""
        return self.filter(reach_of_schemes(user))


class Scheme(models.Model):
    """A scheme by which units or persons are assessed (考核办法), or a reward document (奖励办法).

    Grain: one row a scheme; its rules are versions.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(pgettext_lazy("scheme", "code"), max_length=60, unique=True)
    kind = models.CharField(
        pgettext_lazy("scheme", "kind"), max_length=10, default=SchemeKind.SCORING,
        choices=[(one.value, text) for one, text in SCHEME_KINDS.items()]
    )  # fmt: skip
    measures = models.CharField(
        pgettext_lazy("scheme", "measures"), max_length=10, default=Measures.UNITS,
        choices=[(one.value, text) for one, text in MEASURES.items()]
    )  # fmt: skip
    title = models.CharField(pgettext_lazy("scheme", "title"), max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="schemes", verbose_name=_("issued by"))
    created_by = person(pgettext_lazy("scheme", "entered by"), null=True)
    created_at = models.DateTimeField(pgettext_lazy("scheme", "entered at"))

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment scheme")
        verbose_name_plural = _("assessment schemes")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class MemberQuerySet(models.QuerySet["Member"]):
    """Members of schemes; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their scheme: which units are measured together is no secret among them; of persons each sees himself and whom he leads."""
        found = self.filter(scheme__in=Scheme.objects.visible_to(user).order_by().values("pk"))
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return found
        kept = kept_by(user, "scheme__")
        return found if kept == EVERYTHING else found.filter(Q(person=None) | kept | reach_of_measured(user))


class Measured(models.Model):
    """What is said of a unit, or of a person at a unit (`person`, else None)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person measured")
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def measured(self) -> Any:
        """The person, else the unit."""
        return self.person if self.person_id else self.unit

    @property
    def measured_id(self) -> int:
        """By which one of a scheme is told from another: a scheme measures units or persons, never both."""
        key: int = self.person_id or self.unit_id
        return key

    @property
    def measured_key(self) -> uuid.UUID:
        """As addresses name it."""
        key: uuid.UUID = self.measured.public_id
        return key

    @property
    def measured_name(self) -> str:
        """In the language of the page; of a person with where he stands."""
        return f"{self.person} · {self.unit.name}" if self.person_id else self.unit.name

    @property
    def person_key(self) -> uuid.UUID | None:
        """The public id of the person; None of a unit."""
        key: uuid.UUID | None = self.person.public_id if self.person is not None else None
        return key


class Member(Measured):
    """A unit, or a person at a unit, is measured in a group of the rule (考核分组).

    Grain: one row a scheme, unit or person, and group. Units: `months`, of twelve.
    """

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="members", verbose_name=_("assessment scheme"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    group = models.CharField(pgettext_lazy("scheme", "group"), max_length=60)
    months = models.PositiveSmallIntegerField(_("months in the group"), default=12)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit of a scheme")
        verbose_name_plural = _("units of schemes")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("scheme", "unit", "group"), condition=Q(person=None), name="assessment_unit_in_a_group_once"),
            models.UniqueConstraint(
                fields=("scheme", "person", "group"), condition=Q(person__isnull=False), name="assessment_person_in_a_group_once"
            ),
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=12), name="assessment_member_months"),
        )

    def __str__(self) -> str:
        return f"{self.scheme} · {self.measured}"


class SchemeVersionQuerySet(models.QuerySet["SchemeVersion"]):
    """Versions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What was approved, of schemes that one sees; the rest is for those who edit or approve it."""
        seen = Scheme.objects.visible_to(user).order_by().values("pk")
        return self.filter(scheme__in=seen).filter(Q(state=State.APPROVED) | kept_by(user, "scheme__"))

    def open(self) -> Self:
        """Drafts and what waits for approval."""
        return self.filter(state__in=rules.OPEN)

    def approved(self) -> Self:
        """What was approved."""
        return self.filter(state=State.APPROVED)


class SchemeVersion(Version):
    """A version of the rule of a scheme (考核规则版本). Grain: one row a version.

    Database triggers refuse to change the text of one that is no draft, and to delete one that was approved.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions", verbose_name=_("assessment scheme"))

    objects = SchemeVersionQuerySet.as_manager()

    class Meta:
        ordering = ("scheme_id", "-number")
        verbose_name = _("version of a scheme")
        verbose_name_plural = _("versions of schemes")
        constraints = (
            models.UniqueConstraint(fields=("scheme", "number"), name="assessment_version_number_once"),
            models.UniqueConstraint(fields=("scheme",), condition=Q(state__in=["draft", "submitted"]), name="assessment_one_open_version"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(submitted_by__isnull=False, decided_by__isnull=False)
                & ~Q(decided_by=models.F("submitted_by"))
                & ~Q(decided_by=models.F("created_by")),
                name="assessment_approved_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(number__gt=models.F("base_number")), name="assessment_version_after_its_base"),
        )

    def __str__(self) -> str:
        return f"{self.scheme} v{self.number}"


class SchemeStepQuerySet(models.QuerySet["SchemeStep"]):
    """Steps of drafts; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their version."""
        return self.filter(version__in=SchemeVersion.objects.visible_to(user))


class SchemeStep(Step):
    """One change of a draft of a scheme's rule. Grain: one row a change."""

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="steps", verbose_name=_("version of a scheme"))

    objects = SchemeStepQuerySet.as_manager()

    class Meta:
        ordering = ("version", "number")
        verbose_name = _("step of a scheme")
        verbose_name_plural = _("steps of schemes")
        constraints = (models.UniqueConstraint(fields=("version", "number"), name="assessment_step_number_once"),)

    def __str__(self) -> str:
        return f"{self.version} · {self.number}"

    @property
    def verb_words(self) -> str:
        """The change in words."""
        return str(VERBS.get(self.verb, self.verb))
