"""Versions of chains, the steps of a draft, placings, and what somebody says of one firm on one segment."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import within
from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import rules
from wutong.web.chains.rules import PlacingState, State
from wutong.web.firms.models import Firm
from wutong.web.jobs.models import Job
from wutong.web.rulebooks.models import Step, Version

PLACING_STATES = {
    PlacingState.WAITING: pgettext_lazy("placing", "waiting"),
    PlacingState.RUNNING: pgettext_lazy("placing", "running"),
    PlacingState.DONE: pgettext_lazy("placing", "done"),
    PlacingState.FAILED: pgettext_lazy("placing", "failed"),
}


VERBS = {
    "begin": pgettext_lazy("step of a draft", "begun"),
    "rewrite": pgettext_lazy("step of a draft", "text rewritten"),
    "describe": pgettext_lazy("step of a draft", "chain described"),
    "add_layer": pgettext_lazy("step of a draft", "layer added"),
    "rename_layer": pgettext_lazy("step of a draft", "layer renamed"),
    "move_layer": pgettext_lazy("step of a draft", "layer moved"),
    "remove_layer": pgettext_lazy("step of a draft", "layer removed"),
    "add_segment": pgettext_lazy("step of a draft", "segment added"),
    "change_segment": pgettext_lazy("step of a draft", "segment changed"),
    "move_segment": pgettext_lazy("step of a draft", "segment moved"),
    "remove_segment": pgettext_lazy("step of a draft", "segment removed"),
    "add_product": pgettext_lazy("step of a draft", "product added"),
    "remove_product": pgettext_lazy("step of a draft", "product removed"),
    "add_term": pgettext_lazy("step of a draft", "word added"),
    "change_term": pgettext_lazy("step of a draft", "words changed"),
    "add_link": pgettext_lazy("step of a draft", "link added"),
    "remove_link": pgettext_lazy("step of a draft", "link removed"),
}


def _person(label: Any, **more: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label, **more)


class ChainVersionQuerySet(models.QuerySet["ChainVersion"]):
    """Versions; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees chains sees what was approved; the rest is for those whose roles to edit or approve reach its unit."""
        if not user.is_authenticated or not user.may(Permission.CHAINS_VIEW):
            return self.none()
        return self.filter(Q(state=State.APPROVED) | within(user, Permission.CHAINS_EDIT) | within(user, Permission.CHAINS_APPROVE))

    def open(self) -> Self:
        """Drafts and what waits for approval."""
        return self.filter(state__in=rules.OPEN)


class ChainVersion(Version):
    """A version (版本) of a chain that somebody of the bureau wrote. Version 0 is the file shipped and has no row.

    Grain: one row a version. A database trigger refuses to change the text of one that is no draft.
    """

    chain_id = models.SlugField(_("chain"), max_length=60)
    build_id = models.CharField(_("in force since build"), max_length=80, blank=True)

    objects = ChainVersionQuerySet.as_manager()

    class Meta:
        ordering = ("chain_id", "-number")
        verbose_name = _("chain version")
        verbose_name_plural = _("chain versions")
        constraints = (
            models.UniqueConstraint(fields=("chain_id", "number"), name="chains_version_number_once"),
            models.UniqueConstraint(fields=("chain_id",), condition=Q(state__in=["draft", "submitted"]), name="chains_one_open_version"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(submitted_by=None) | ~Q(state="approved") | ~Q(decided_by=models.F("submitted_by")),
                name="chains_approved_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(number__gt=models.F("base_number")), name="chains_version_after_its_base"),
        )

    def __str__(self) -> str:
        return f"{self.chain_id} v{self.number}"


class DraftStepQuerySet(models.QuerySet["DraftStep"]):
    """Steps of drafts; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their version."""
        return self.filter(version__in=ChainVersion.objects.visible_to(user))


class DraftStep(Step):
    """One change of a draft, with the text as it was after it; undo and redo walk along these. Grain: one row a change."""

    version = models.ForeignKey(ChainVersion, models.CASCADE, related_name="steps", verbose_name=_("version"))

    objects = DraftStepQuerySet.as_manager()

    class Meta:
        ordering = ("version", "number")
        verbose_name = _("step of a draft")
        verbose_name_plural = _("steps of drafts")
        constraints = (models.UniqueConstraint(fields=("version", "number"), name="chains_step_number_once"),)

    def __str__(self) -> str:
        return f"{self.version} {self.number}"

    @property
    def verb_words(self) -> str:
        """The change in words."""
        return str(VERBS.get(self.verb, self.verb))


class PlacingQuerySet(models.QuerySet["Placing"]):
    """Placings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees chains sees how far the build is that pages will show."""
        return self if user.is_authenticated and user.may(Permission.CHAINS_VIEW) else self.none()


class Placing(models.Model):
    """A run of `build --only placing` by approved versions (重新归位). Grain: one row a run."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=[(state.value, label) for state, label in PLACING_STATES.items()])
    by = _person(_("by"), null=True)
    asked_at = models.DateTimeField(_("asked at"))
    beat_at = models.DateTimeField(_("last heard of"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    step = models.CharField(_("step"), max_length=40, blank=True)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), default=0)
    build_id = models.CharField(_("build"), max_length=80, blank=True)
    fault = models.TextField(_("fault"), blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = PlacingQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("placing")
        verbose_name_plural = _("placings")

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.state}"

    def state_at(self, at: dt.datetime) -> PlacingState:
        """The state as of a moment."""
        has_job_ended = self.job.has_ended if self.job else None
        return rules.placing_state(PlacingState(self.state), beat_at=self.beat_at, at=at, has_job_ended=has_job_ended)


class HandPlacementQuerySet(models.QuerySet["HandPlacement"]):
    """What people say of firms on segments; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees chains: what was checked by one is a fact for all."""
        return self if user.is_authenticated and user.may(Permission.CHAINS_VIEW) else self.none()

    def in_force(self) -> Self:
        """What nobody took back."""
        return self.filter(undone_at=None)


class HandPlacement(models.Model):
    """Somebody checked that a firm makes, or does not make, what a segment is about (人工核实). Grain: one row a statement."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="hand_placements", verbose_name=_("firm"))
    chain_id = models.SlugField(_("chain"), max_length=60)
    segment_id = models.SlugField(_("segment"), max_length=60)
    is_maker = models.BooleanField(_("makes it"))
    reason = models.CharField(_("how it is known"), max_length=500)
    by = _person(_("by"))
    at = models.DateTimeField(_("at"))
    undone_by = _person(_("taken back by"), null=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True)

    objects = HandPlacementQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("checked by hand")
        verbose_name_plural = _("checked by hand")
        constraints = (
            models.UniqueConstraint(
                fields=("firm", "chain_id", "segment_id"), condition=Q(undone_at=None), name="chains_one_statement_per_firm_and_segment"
            ),
        )

    def __str__(self) -> str:
        return f"{self.firm} · {self.chain_id}/{self.segment_id}"
