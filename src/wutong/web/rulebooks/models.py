"""Versions of any text that two people must read, their steps, and what a bureau writes so: rule documents and their trials."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs.models import Job
from wutong.web.rulebooks import rules
from wutong.web.rulebooks.rules import State

STATES = {
    State.DRAFT: pgettext_lazy("version", "draft"),
    State.SUBMITTED: pgettext_lazy("version", "submitted"),
    State.APPROVED: pgettext_lazy("version", "approved"),
    State.SENT_BACK: pgettext_lazy("version", "sent back"),
    State.WITHDRAWN: pgettext_lazy("version", "withdrawn"),
}
VERBS = {
    "begin": pgettext_lazy("step of a rule document", "begun"),
    "rewrite": pgettext_lazy("step of a rule document", "text rewritten"),
    "set_value": pgettext_lazy("step of a rule document", "value set"),
    "drop_leaf": pgettext_lazy("step of a rule document", "back to the value before"),
}


def _person(label: Any, **more: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **more)


class Version(models.Model):
    """What every version (版本) of a text has that a second person must approve; rooms make their own of it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(_("version"))
    base_number = models.PositiveIntegerField(_("made from version"))
    text = models.TextField(_("YAML text"))
    text_hash = models.CharField(max_length=64)
    base_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(_("reason for the change"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=[(state.value, label) for state, label in STATES.items()])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    created_by = _person(_("begun by"))
    created_at = models.DateTimeField(_("begun at"))
    submitted_by = _person(_("submitted by"), null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    decided_by = _person(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether it is being worked on."""
        return self.state in rules.OPEN

    @property
    def is_draft(self) -> bool:
        """Whether its text may be changed."""
        return self.state == State.DRAFT


class Step(models.Model):
    """One change of a draft, with the text as it was after it; undo and redo walk along these. Rooms add which version it is of."""

    number = models.PositiveIntegerField(_("step"))
    verb = models.CharField(_("change"), max_length=40)
    subject = models.CharField(_("of what"), max_length=200, blank=True)
    text = models.TextField(_("YAML text"))
    is_undone = models.BooleanField(_("undone"), default=False)
    by = _person(_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    """Versions of rule documents; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees rules sees what was ever approved; the rest is for those whose roles to edit or approve reach its unit."""
        if not user.is_authenticated or not user.may(Permission.RULES_VIEW):
            return self.none()
        was_approved = Q(state=State.APPROVED) | Q(revoked_at__isnull=False)
        return self.filter(was_approved | within(user, Permission.RULES_EDIT) | within(user, Permission.RULES_APPROVE))

    def open(self) -> Self:
        """Drafts and what waits for approval."""
        return self.filter(state__in=rules.OPEN)

    def approved(self) -> Self:
        """What is in force, was, or will be."""
        return self.filter(state=State.APPROVED)


class RuleVersion(Version):
    """A version of a rule document (规则文件版本). Version 0 is the rulebook shipped and has no row.

    Grain: one row a version. Database triggers refuse to change the text or the day of one that is no draft, and to delete one that was
    approved. One that was revoked was approved, and taken back before its day came.
    """

    kind = models.CharField(_("kind of rule document"), max_length=40)
    begins_on = models.DateField(_("in force from"), null=True, blank=True)
    revoked_by = _person(_("taken back by"), null=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True)
    revoke_reason = models.CharField(_("why it was taken back"), max_length=500, blank=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "-number")
        verbose_name = _("version of a rule document")
        verbose_name_plural = _("versions of rule documents")
        constraints = (
            models.UniqueConstraint(fields=("kind", "number"), name="rulebooks_version_number_once"),
            models.UniqueConstraint(fields=("kind",), condition=Q(state__in=["draft", "submitted"]), name="rulebooks_one_open_version"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (
                    Q(submitted_by__isnull=False)
                    & Q(decided_by__isnull=False)
                    & ~Q(decided_by=models.F("submitted_by"))
                    & ~Q(decided_by=models.F("created_by"))
                    & Q(begins_on__isnull=False)
                ),
                name="rulebooks_approved_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(number__gt=models.F("base_number")), name="rulebooks_version_after_its_base"),
        )

    def __str__(self) -> str:
        return f"{self.kind} v{self.number}"

    @property
    def state_words(self) -> str:
        """Its state in words."""
        return str(_("taken back before its day")) if self.revoked_at else str(self.get_state_display())


class RuleStepQuerySet(models.QuerySet["RuleStep"]):
    """Steps of drafts; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their version."""
        return self.filter(version__in=RuleVersion.objects.visible_to(user))


class RuleStep(Step):
    """One change of a draft of a rule document. Grain: one row a change."""

    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="steps", verbose_name=_("version"))

    objects = RuleStepQuerySet.as_manager()

    class Meta:
        ordering = ("version", "number")
        verbose_name = _("step of a rule document")
        verbose_name_plural = _("steps of rule documents")
        constraints = (models.UniqueConstraint(fields=("version", "number"), name="rulebooks_step_number_once"),)

    def __str__(self) -> str:
        return f"{self.version} · {self.number}"

    @property
    def verb_words(self) -> str:
        """The change in words."""
        return str(VERBS.get(self.verb, self.verb))


class TrialQuerySet(models.QuerySet["Trial"]):
    """Trials; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, of versions that one sees: a trial tells of all that whoever asked may see, and another may see less."""
        return self.filter(version__in=RuleVersion.objects.visible_to(user), by_id=user.pk)


class Trial(models.Model):
    """What a version would change on the data of a day (试算), worked out over what whoever asked may see. Grain: one row a trial.

    Shape of `result`: `{"parts": [{"title", "columns", "rows", "notes"}]}`, texts in the language of whoever asked.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="trials", verbose_name=_("version"))
    of = models.CharField(_("what is tried"), max_length=40)
    choice = models.CharField(_("chosen"), max_length=100, blank=True)
    text_hash = models.CharField(max_length=64)
    begins_on = models.DateField(_("in force from"))
    by = _person(_("by"))
    at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(_("done at"), null=True)
    result = models.JSONField(_("result"), null=True)
    fault = models.CharField(_("fault"), max_length=500, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("trial of a rule document")
        verbose_name_plural = _("trials of rule documents")

    def __str__(self) -> str:
        return f"{self.version} · {self.of}"
