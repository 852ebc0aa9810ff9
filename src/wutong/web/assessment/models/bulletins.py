"""Bulletins (考核通报) of runs: their text with every edit, number and signature, files; and the templates by which they are written."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models.runs import Run, RunUnit
from wutong.web.assessment.models.schemes import kept_by, person, reach_of_measured
from wutong.web.assessment.rules.bulletins import BulletinState, Standing
from wutong.web.assessment.rules.runs import Measures, RunState
from wutong.web.jobs.models import Job

BULLETIN_STATES = {
    BulletinState.DRAFT: pgettext_lazy("bulletin", "draft"),
    BulletinState.SIGNED: pgettext_lazy("bulletin", "signed"),
    BulletinState.ARCHIVED: pgettext_lazy("bulletin", "archived"),
    BulletinState.DROPPED: pgettext_lazy("bulletin", "dropped"),
}
WITHDRAWN = ("withdrawn", pgettext_lazy("bulletin", "withdrawn"))
"""What a signed or filed bulletin is besides, once it is withdrawn."""
OUT = (BulletinState.SIGNED, BulletinState.ARCHIVED)
"""States in which those who are measured read it."""
FORMS = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel"}


class BulletinTemplateQuerySet(models.QuerySet["BulletinTemplate"]):
    """Versions of templates; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those of units for which a person edits or approves assessments."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        return self.filter(kept_by(user))


class BulletinTemplate(models.Model):
    """A version of the template of a unit's bulletins (通报模板). Grain: one row a version; none is ever changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    number = models.PositiveIntegerField(pgettext_lazy("bulletin", "version of the template"))
    text = models.TextField(pgettext_lazy("bulletin", "template"))
    text_hash = models.CharField(max_length=64)
    note = models.CharField(_("reason for the change"), max_length=200, blank=True)
    by = person(_("by"))
    at = models.DateTimeField(_("at"))

    objects = BulletinTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template of bulletins")
        verbose_name_plural = _("templates of bulletins")
        ordering = ("unit", "-number")
        constraints = (models.UniqueConstraint(fields=("unit", "number"), name="assessment_template_number_once"),)

    def __str__(self) -> str:
        return f"{self.unit} · {self.number}"


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Bulletins; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """All of schemes that a person edits or approves; signed ones of published runs that measure a unit which he may see.

        Why none of persons to those measured: it names every group, and each is told of his own only.
        """
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        kept = kept_by(user, "run__scheme__")
        if kept == EVERYTHING:
            return self
        own = RunUnit.objects.filter(reach_of_measured(user)).order_by().values("run")
        return self.filter(kept | Q(state__in=OUT, run__state=RunState.PUBLISHED, run__scheme__measures=Measures.UNITS, run__in=own))

    def standing_out(self) -> Self:
        """Those that are signed and were not withdrawn."""
        return self.filter(state__in=OUT, withdrawn_at=None)


class Bulletin(models.Model):
    """A bulletin of a run (考核通报). Grain: one row a bulletin. Once it is signed, the database refuses to change what it says.

    `facts`: all that it may say in figures, as they were when it was drafted; `generated`: the text that the template made of them.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="bulletins", verbose_name=_("assessment run"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("issued by"))
    template = models.ForeignKey(
        BulletinTemplate, models.PROTECT, null=True, related_name="+", verbose_name=pgettext_lazy("bulletin", "template")
    )
    title = models.CharField(pgettext_lazy("bulletin", "title"), max_length=200)
    state = models.CharField(
        pgettext_lazy("bulletin", "state"), max_length=10, choices=[(one.value, label) for one, label in BULLETIN_STATES.items()]
    )
    facts = models.JSONField(pgettext_lazy("bulletin", "facts"))
    generated = models.TextField(pgettext_lazy("bulletin", "text as it was made"))
    text = models.TextField(pgettext_lazy("bulletin", "text"))
    year = models.PositiveSmallIntegerField(pgettext_lazy("bulletin", "year"), null=True)
    number = models.PositiveIntegerField(pgettext_lazy("bulletin", "number"), null=True)
    digest = models.CharField(pgettext_lazy("bulletin", "hash of text and facts"), max_length=64, blank=True)
    drafted_by = person(pgettext_lazy("bulletin", "drafted by"))
    drafted_at = models.DateTimeField(pgettext_lazy("bulletin", "drafted at"))
    signed_by = person(pgettext_lazy("bulletin", "signed by"), null=True)
    signed_at = models.DateTimeField(pgettext_lazy("bulletin", "signed at"), null=True)
    sign_note = models.CharField(pgettext_lazy("bulletin", "why figures differ"), max_length=500, blank=True)
    archived_by = person(pgettext_lazy("bulletin", "archived by"), null=True)
    archived_at = models.DateTimeField(pgettext_lazy("bulletin", "archived at"), null=True)
    withdrawn_by = person(pgettext_lazy("bulletin", "withdrawn by"), null=True)
    withdrawn_at = models.DateTimeField(pgettext_lazy("bulletin", "withdrawn at"), null=True)
    dropped_reason = models.CharField(pgettext_lazy("bulletin", "why dropped or withdrawn"), max_length=300, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("background job"))

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment bulletin")
        verbose_name_plural = _("assessment bulletins")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("unit", "year", "number"), name="assessment_bulletin_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"], signed_by=None, number=None)
                | Q(state__in=["signed", "archived"], signed_by__isnull=False, number__isnull=False, year__isnull=False)
                & ~Q(digest="")
                & ~Q(signed_by=models.F("drafted_by")),
                name="assessment_bulletin_signed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="archived", archived_by__isnull=False) | ~Q(state="archived") & Q(archived_by=None),
                name="assessment_bulletin_archived_by",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_out(self) -> bool:
        """Whether it is signed, so that it does not change."""
        return self.state in OUT

    def standing(self) -> Standing:
        """The bulletin as the rules see it: six questions."""
        hands = {self.drafted_by_id, *self.edits.order_by().values_list("by", flat=True)}
        run = self.run
        made = set(self.files.filter(of_digest=self.digest).values_list("form", flat=True)) if self.digest else set()
        return Standing(
            BulletinState(self.state), frozenset(hands), run.state in (RunState.APPROVED, RunState.PUBLISHED),
            run.superseded_by.filter(state=RunState.PUBLISHED).exists(), {"docx", "xlsx"} <= made, self.withdrawn_at is not None,
            Bulletin.objects.filter(run=run).standing_out().exclude(pk=self.pk).exists(), run.is_known_wrong,
        )  # fmt: skip


class BulletinEditQuerySet(models.QuerySet["BulletinEdit"]):
    """Edits of bulletins; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those of bulletins of schemes that a person edits or approves."""
        if not (user.is_authenticated and user.may(Permission.ASSESSMENT_VIEW)):
            return self.filter(NOTHING)
        return self.filter(kept_by(user, "bulletin__run__scheme__"))


class BulletinEdit(models.Model):
    """The text of a bulletin as somebody left it (修改稿). Grain: one row an edit; none is ever changed."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="edits", verbose_name=_("assessment bulletin"))
    number = models.PositiveIntegerField(pgettext_lazy("bulletin", "edit"))
    text = models.TextField(pgettext_lazy("bulletin", "text"))
    by = person(_("by"))
    at = models.DateTimeField(_("at"))

    objects = BulletinEditQuerySet.as_manager()

    class Meta:
        verbose_name = _("edit of a bulletin")
        verbose_name_plural = _("edits of bulletins")
        ordering = ("bulletin", "number")
        constraints = (models.UniqueConstraint(fields=("bulletin", "number"), name="assessment_bulletin_edit_once"),)

    def __str__(self) -> str:
        return f"{self.bulletin} · {self.number}"


class BulletinFileQuerySet(models.QuerySet["BulletinFile"]):
    """Files of bulletins; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """As their bulletin."""
        return self.filter(bulletin__in=Bulletin.objects.visible_to(user).order_by().values("pk"))


class BulletinFile(models.Model):
    """A file of a bulletin, made by a job. Grain: one row a bulletin and form. Of an archived bulletin none changes or goes.

    `of_digest`: the text and facts of which it was made.
    """

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="files", verbose_name=_("assessment bulletin"))
    form = models.CharField(pgettext_lazy("bulletin", "form"), max_length=4, choices=list(FORMS.items()))
    content = models.BinaryField(pgettext_lazy("bulletin", "file"))
    sha256 = models.CharField(max_length=64)
    of_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(pgettext_lazy("bulletin", "made at"))

    objects = BulletinFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a bulletin")
        verbose_name_plural = _("files of bulletins")
        ordering = ("bulletin", "form")
        constraints = (models.UniqueConstraint(fields=("bulletin", "form"), name="assessment_bulletin_form_once"),)

    def __str__(self) -> str:
        return f"{self.bulletin} · {self.form}"

    @property
    def form_name(self) -> str:
        """The form in words."""
        return FORMS[self.form]

    @property
    def size_kb(self) -> int:
        """How large it is. Units: kilobytes, rounded up."""
        return -(-len(self.content) // 1024)
