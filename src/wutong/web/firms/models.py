"""Firms that somebody wrote about: who follows which, what the office knows of them, which lists they stand on. Bulk facts: the build."""

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
from wutong.web.firms import rules
from wutong.web.firms.rules import Basis, MergerState, NameKind, Purpose, RelationKind

NAME_KINDS = {
    NameKind.FORMER: _("former name"),
    NameKind.SHORT: _("short name"),
    NameKind.BRAND: _("brand"),
    NameKind.FOREIGN: _("foreign name"),
}
RELATION_KINDS = {
    RelationKind.SUPPLIES: _("supplies"),
    RelationKind.SHAREHOLDER_OF: _("holds shares of"),
    RelationKind.CONTROLS: _("controls"),
    RelationKind.INVESTED_WITH: _("invested together with"),
    RelationKind.PARTNER_OF: _("partner of"),
    RelationKind.COMPETES_WITH: _("competes with"),
}
PURPOSES = {
    Purpose.PROMOTION: _("investment promotion"),
    Purpose.SERVICE: _("service of an investor"),
    Purpose.INTRODUCTION: _("introductions"),
}
BASES = {
    Basis.CONSENT: _("the person agreed"),
    Basis.PUBLIC: _("the person made it public"),
    Basis.DUTY: _("a statutory duty requires it"),
}


MERGER_STATES = {
    MergerState.WAITING: pgettext_lazy("merger", "waits for a second look"),
    MergerState.DONE: pgettext_lazy("merger", "done"),
    MergerState.SENT_BACK: pgettext_lazy("merger", "sent back"),
    MergerState.UNDONE: pgettext_lazy("merger", "undone"),
    MergerState.APART: pgettext_lazy("merger", "different firms"),
}


class FirmQuerySet(models.QuerySet["Firm"]):
    """Firms that were taken on; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may read the registry sees every firm that was taken on: the row holds registry facts only."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class Firm(models.Model):
    """A firm (企业) that somebody wrote about.

    Grain: one row per firm_id of the registry. Name and code are copies from the day it was taken on, so that the row stays readable when
    another build no longer holds the firm.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    firm_id = models.CharField(_("registry id"), max_length=40, unique=True)
    uscc = models.CharField(_("credit code"), max_length=40, null=True, blank=True)
    name = models.CharField(_("name"), max_length=300)
    build_id = models.CharField(_("build it was taken from"), max_length=80)
    taken_on_at = models.DateTimeField(_("taken on at"))
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", verbose_name=_("is one with"))

    objects = FirmQuerySet.as_manager()

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> Firm:
        """The firm as which it stands: itself, or the one that it turned out to be."""
        return self.merged_into.standing if self.merged_into else self


class FollowQuerySet(models.QuerySet["Follow"]):
    """Marks of followed firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody sees his own."""
        return self.filter(user_id=user.pk) if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class Follow(models.Model):
    """A person follows a firm (关注企业).

    Grain: one row per person and firm.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows", verbose_name=_("person"))
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="follows", verbose_name=_("firm"))
    followed_at = models.DateTimeField(_("followed at"))

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("followed firm")
        verbose_name_plural = _("followed firms")
        ordering = ("-followed_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("user", "firm"), name="follow_once_per_person_and_firm"),)

    def __str__(self) -> str:
        return str(self.firm)


# --- what the office itself knows of a firm -------------------------------------------------------------------------------------------
class OfficeQuerySet(models.QuerySet[Any]):
    """What units noted of firms and tell each other; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may read the registry."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class FirmName(models.Model):
    """A further name of a firm (曾用名、简称).

    Grain: one row per firm, kind and name.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="names", verbose_name=_("firm"))
    kind = models.CharField(_("kind of name"), max_length=20, choices=[(kind.value, label) for kind, label in NAME_KINDS.items()])
    name = models.CharField(_("name"), max_length=300)
    until_on = models.DateField(_("in use until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by unit"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))
    noted_at = models.DateTimeField(_("noted at"))

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("further name")
        verbose_name_plural = _("further names")
        ordering = ("kind", "-until_on", "name")
        constraints = (models.UniqueConstraint(fields=("firm", "kind", "name"), name="firm_name_once_per_kind"),)

    def __str__(self) -> str:
        return self.name


class Relation(models.Model):
    """One firm and another, and how they belong together (企业关系).

    Grain: one row per pair, kind and unit that noted it. Read from `firm` to `other`: firm supplies other, firm holds shares of other …
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="relations", verbose_name=_("firm"))
    other = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="relations_in", verbose_name=_("other firm"))
    kind = models.CharField(_("relation"), max_length=20, choices=[(kind.value, label) for kind, label in RELATION_KINDS.items()])
    known_on = models.DateField(_("known since"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by unit"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))
    noted_at = models.DateTimeField(_("noted at"))

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ("kind", "-known_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=("firm", "other", "kind", "unit"), name="relation_once_per_unit"),
            models.CheckConstraint(condition=~models.Q(firm=models.F("other")), name="relation_to_another_firm"),
        )

    def __str__(self) -> str:
        return f"{self.firm} · {self.get_kind_display()} · {self.other}"


class YearlyFigureQuerySet(models.QuerySet["YearlyFigure"]):
    """Yearly figures; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may read the registry; what the rulebook calls confidential, only within reach of the unit that noted it."""
        if not (user.is_authenticated and user.may(Permission.FIRMS_VIEW)):
            return self.none()
        return self.filter(Q(measure__in=rules.open_measures()) | within(user, Permission.FIRMS_VIEW, owner="noted_by"))


class YearlyFigure(models.Model):
    """A figure of a firm for a year (年度数据), in the unit that its measure ends in.

    Grain: one row per firm, year, measure and source. A correction leaves the old value in the audit entry.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="figures", verbose_name=_("firm"))
    year = models.PositiveSmallIntegerField(_("year"))
    measure = models.CharField(_("measure"), max_length=40)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6)
    is_estimated = models.BooleanField(_("estimated"), default=False)
    source = models.CharField(_("source"), max_length=300)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by unit"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))
    noted_at = models.DateTimeField(_("noted at"))

    objects = YearlyFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly figure")
        verbose_name_plural = _("yearly figures")
        ordering = ("-year", "measure", "-noted_at")
        constraints = (models.UniqueConstraint(fields=("firm", "year", "measure", "source"), name="figure_once_per_source"),)
        indexes = (models.Index(fields=("measure", "year"), name="figure_by_measure"),)

    def __str__(self) -> str:
        return f"{self.firm} · {self.year} · {self.measure}"


# --- people ---------------------------------------------------------------------------------------------------------------------------
class PersonQuerySet(models.QuerySet["Person"]):
    """People at firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """People whom a unit within reach noted; who was erased is gone for everybody."""
        return self.filter(within(user, Permission.FIRMS_EDIT, owner="noted_by"), erased_at=None)


class Person(models.Model):
    """A person at firms whom a unit keeps in touch with (企业联系人).

    Grain: one row per person and unit. Personal data: PERSONAL names the fields; `purpose`, `basis` and `consent_source` say what they are
    kept for and why they may be, `retain_until` the first day on which they may not.
    """

    PERSONAL = ("name", "phone", "email", "note")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    purpose = models.CharField(_("kept for"), max_length=20, choices=[(code.value, label) for code, label in PURPOSES.items()])
    basis = models.CharField(_("may be kept because"), max_length=20, choices=[(code.value, label) for code, label in BASES.items()])
    consent_source = models.CharField(_("where that is on record"), max_length=300)
    consented_on = models.DateField(_("on record since"))
    retain_until = models.DateField(_("kept until (not included)"))
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by unit"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by"))
    noted_at = models.DateTimeField(_("noted at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person at a firm")
        verbose_name_plural = _("people at firms")
        ordering = ("name", "pk")
        constraints = (models.CheckConstraint(condition=Q(retain_until__gt=models.F("consented_on")), name="person_kept_after_consent"),)

    def __str__(self) -> str:
        return self.name

    def facts(self) -> rules.Consent:
        """Why and until when it may be kept, as the rules see it."""
        return rules.Consent(self.consent_source, self.consented_on, self.retain_until)


class PositionQuerySet(models.QuerySet["Position"]):
    """Who is what at a firm; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Positions of people whom one may see."""
        return self.filter(person__in=Person.objects.visible_to(user))


class Position(models.Model):
    """What a person is at a firm (职务), for a period [starts_on, ends_on).

    Grain: one row per person, firm and title.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="positions", verbose_name=_("person"))
    firm = models.ForeignKey(Firm, on_delete=models.CASCADE, related_name="positions", verbose_name=_("firm"))
    title = models.CharField(_("position"), max_length=100)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ("ends_on", "title", "pk")
        constraints = (models.UniqueConstraint(fields=("person", "firm", "title"), name="position_once_per_title"),)

    def __str__(self) -> str:
        return f"{self.person} · {self.title}"


class FirmListQuerySet(models.QuerySet["FirmList"]):
    """Published lists that were imported; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """The lists are public: whoever may read the registry sees them."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()

    def in_force(self) -> Self:
        """Those that were not taken back."""
        return self.filter(revoked_at__isnull=True)


class FirmList(models.Model):
    """An edition of a published list of firms (名单), such as the private top 500 of a year; its firms bear the tag.

    Grain: one row per imported file. Editions of one tag and name follow each other: a firm that the next edition leaves out loses the tag
    on its day. `ends_on` is that day, or the day up to which the list says it is valid. `changes` counts what was done to it since.
    """

    COUNTERS = ("changes",)

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    tag = models.CharField(_("tag"), max_length=60)
    name = models.CharField(_("name of the list"), max_length=200)
    as_of = models.DateField(_("day of the list"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    url = models.URLField(_("address of the source"), max_length=500, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(_("hash of the file"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    build_id = models.CharField(_("build it was matched with"), max_length=80)
    imported_at = models.DateTimeField(_("imported at"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("imported by")
    )
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by")
    )
    changes = models.PositiveIntegerField(_("number of changes"), default=1)

    objects = FirmListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of firms")
        verbose_name_plural = _("lists of firms")
        ordering = ("-as_of", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("tag", "file_sha256"), condition=models.Q(revoked_at__isnull=True), name="list_file_once_per_tag"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.as_of}"


class FirmTagQuerySet(models.QuerySet["FirmTag"]):
    """Tags of firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """The lists are public: whoever may read the registry sees who stands on them."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()

    def standing(self) -> Self:
        """Those of lists that were not taken back."""
        return self.filter(edition__revoked_at__isnull=True)

    def on(self, day: dt.date) -> Self:
        """Those in force on a day."""
        return self.standing().filter(models.Q(edition__ends_on__isnull=True) | models.Q(edition__ends_on__gt=day), edition__as_of__lte=day)


class FirmTag(models.Model):
    """A firm stands on a list and so bears its tag (标签), in the period [as_of, ends_on) of the list.

    Grain: one row per list and firm. `by`: how it was recognised (code, name, region_left_out, likeness, or person).
    """

    edition = models.ForeignKey(FirmList, on_delete=models.CASCADE, related_name="tags", verbose_name=_("list"))
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="tags", verbose_name=_("firm"))
    rank = models.PositiveIntegerField(_("place on the list"), null=True, blank=True)
    row = models.PositiveIntegerField(_("row of the file"))
    given = models.CharField(_("as the list writes it"), max_length=300)
    by = models.CharField(_("recognised by"), max_length=20)
    confidence_share = models.FloatField(_("confidence (0-1)"))

    objects = FirmTagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("rank", "row", "pk")
        constraints = (models.UniqueConstraint(fields=("edition", "firm"), name="tag_once_per_list_and_firm"),)

    def __str__(self) -> str:
        return f"{self.firm} · {self.edition}"


class TagDoubtQuerySet(models.QuerySet["TagDoubt"]):
    """Rows of lists that a person decides; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may tag firms."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_TAG) else self.none()

    def waiting(self) -> Self:
        """Those that nobody decided yet, of lists that were not taken back."""
        return self.filter(outcome=TagDoubt.OPEN, edition__revoked_at__isnull=True)


class TagDoubt(models.Model):
    """A row of a list of which it is not sure which firm it means (待核对).

    Grain: one row per row of a list that was not decided by itself. `candidates`: firm_id, name, place, confidence and how, best first.
    Outcomes: open; firm (a person chose one); none (a person found that none is meant); absent (nothing in the registry comes near).
    """

    OPEN, FIRM, NONE, ABSENT = "open", "firm", "none", "absent"

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    edition = models.ForeignKey(FirmList, on_delete=models.CASCADE, related_name="doubts", verbose_name=_("list"))
    row = models.PositiveIntegerField(_("row of the file"))
    text = models.CharField(_("as the list writes it"), max_length=300)
    uscc = models.CharField(_("credit code"), max_length=40, blank=True)
    rank = models.PositiveIntegerField(_("place on the list"), null=True, blank=True)
    candidates = models.JSONField(_("candidates"), default=list)
    best_share = models.FloatField(_("confidence of the first candidate (0-1)"), default=0.0)
    outcome = models.CharField(_("outcome"), max_length=10, default=OPEN, db_index=True)
    tag = models.OneToOneField(FirmTag, on_delete=models.SET_NULL, null=True, related_name="doubt", verbose_name=_("tag given"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = TagDoubtQuerySet.as_manager()

    class Meta:
        verbose_name = _("doubtful row")
        verbose_name_plural = _("doubtful rows")
        ordering = ("-best_share", "pk")
        constraints = (models.UniqueConstraint(fields=("edition", "row"), name="doubt_once_per_row"),)

    def __str__(self) -> str:
        return self.text


class MergerQuerySet(models.QuerySet["Merger"]):
    """Mergers of firms; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Whoever may read the registry: that two names mean one firm is a fact for all."""
        return self if user.is_authenticated and user.may(Permission.FIRMS_VIEW) else self.none()


class Merger(models.Model):
    """Two firms that are one (企业合并), or that a person found to be different. Grain: one row a request.

    `undo` holds what the rows that it changed were before and are after, by model and key, until it is undone; it is shown to nobody.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="mergers_kept", verbose_name=_("firm kept"))
    gone = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="mergers_gone", verbose_name=_("firm merged into it"))
    state = models.CharField(_("state"), max_length=12, choices=[(state.value, label) for state, label in MERGER_STATES.items()])
    reason = models.CharField(_("how it is known"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision = models.CharField(_("reason of the decision"), max_length=300, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undo = models.JSONField(default=dict, blank=True)
    moved = models.JSONField(_("rows taken over"), default=dict, blank=True)

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = _("merger of firms")
        verbose_name_plural = _("mergers of firms")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=~Q(kept=models.F("gone")), name="merger_of_two_firms"),
            models.UniqueConstraint(fields=("gone",), condition=Q(state__in=["waiting", "done"]), name="merger_once_a_firm"),
        )

    def __str__(self) -> str:
        return f"{self.gone} → {self.kept}"
