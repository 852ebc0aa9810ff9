"""Target lists, the firms on them, knocks at these firms, and what else was done to a row."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models import EVERYTHING, NOTHING, Confidential, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import OPEN_STATES, ChangeKind, How, Line, ListState, Origin, Result, RowState
from wutong.web.lib import asking

LINES = {Line.COUNTED: _("counted by the assessment"), Line.OPEN: _("any good project")}
LIST_STATES = {ListState.ACTIVE: pgettext_lazy("target list", "active"), ListState.CLOSED: pgettext_lazy("target list", "closed")}
ORIGINS = {
    Origin.RANKING: _("ranking"),
    Origin.CLUSTER: _("cluster at its source"),
    Origin.MAKERS: _("makers of a segment"),
    Origin.SEARCH: _("search of the registry"),
    Origin.FILE: _("file"),
    Origin.HAND: _("by hand"),
}
ROW_STATES = {
    RowState.TO_KNOCK: _("to knock"),
    RowState.IN_CONTACT: _("in contact"),
    RowState.LATER: pgettext_lazy("row state", "later"),
    RowState.NO_INTEREST: _("no interest"),
    RowState.LEAD: _("became a lead"),
}
HOWS = {
    How.CALL: _("call"),
    How.VISIT: pgettext_lazy("knock", "visit"),
    How.MESSAGE: pgettext_lazy("knock", "message"),
    How.MEETING: pgettext_lazy("knock", "meeting"),
    How.THROUGH: _("through somebody"),
}
RESULTS = {
    Result.NO_ANSWER: _("not reached"),
    Result.CONTACTED: _("reached"),
    Result.INTERESTED: _("interested"),
    Result.LATER: _("put us off"),
    Result.NO_INTEREST: _("not interested"),
}
CHANGES = {
    ChangeKind.PUT_ON: _("put on the list"),
    ChangeKind.ASSIGNED: _("assigned"),
    ChangeKind.PLANNED: _("next step changed"),
    ChangeKind.SETTLED: _("outcome entered"),
    ChangeKind.REOPENED: _("outcome taken back"),
    ChangeKind.REMOVED: _("taken off the list"),
    ChangeKind.RESTORED: _("put back"),
    ChangeKind.HANDED_OVER: _("handed over"),
    ChangeKind.TRANSFERRED: _("moved from another list"),
}


COUNTED_BY = ("removed_at", "state", "next_on", "quiet_since", "knock_count", "contacted_on", "put_on_at")


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [(code.value, label) for code, label in words.items()]


def reach(user: Any) -> Q:
    """What lists a person may see: those that a role reaches if they are open, and those that he owns, works on or must know of."""
    if not (user.is_authenticated and user.may(Permission.LEADS_VIEW)):
        return NOTHING
    return TargetList.known_to(user, within(user, Permission.LEADS_VIEW, owner="owner"))


def of_seen(user: Any, way: str) -> Q:
    """What stands on lists that a person may see; `way` leads to the list. Why: the lists are judged once, not once a row."""
    seen = reach(user)
    if seen in (NOTHING, EVERYTHING):
        return seen
    lists = asking.judged("leads.lists", user, lambda one: TargetList.objects.visible_to(one).order_by().values("pk"))
    return Q(**{f"{way}__in": lists})


class TargetListQuerySet(models.QuerySet["TargetList"]):
    """Target lists; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Lists of the units that a role reaches, and those one owns or works on."""
        return self.filter(reach(user))


class TargetList(Confidential):
    """A target list (目标企业清单): firms that a unit means to win. Grain: one row a list."""

    INSIDERS = ("owner", "members")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="target_lists", verbose_name=_("unit"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="target_lists", verbose_name=_("owner"))
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="worked_lists", blank=True, verbose_name=_("members"))
    line = models.CharField(_("line"), max_length=10, choices=_choices(LINES), default=Line.COUNTED)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    origin = models.CharField(_("made from"), max_length=10, choices=_choices(ORIGINS), default=Origin.HAND)
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    board = models.CharField(_("board"), max_length=40, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    radius_km = models.PositiveIntegerField(_("radius (km)"), null=True, blank=True)
    place = models.CharField(_("source place"), max_length=100, blank=True)
    found_at = models.CharField(_("page it was made from"), max_length=500, blank=True)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    build_id = models.CharField(_("build"), max_length=80, blank=True)
    rulebook_hash = models.CharField(_("rulebook"), max_length=80, blank=True)
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    file_hash = models.CharField(_("hash of the file"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=_choices(LIST_STATES), default=ListState.ACTIVE)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closing_reason = models.CharField(_("why closed"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("made at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )  # fmt: skip

    objects = TargetListQuerySet.as_manager()

    class Meta:
        verbose_name = _("target list")
        verbose_name_plural = _("target lists")
        ordering = ("-created_at", "-pk")
        constraints = (
            *Confidential.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state=ListState.ACTIVE, closed_on=None) | Q(state=ListState.CLOSED, closed_on__isnull=False),
                name="leads_closed_list_has_its_day",
            ),
        )

    def __str__(self) -> str:
        return self.outside_name

    def is_closed_to(self, person: Any) -> bool:
        """Whether the list is confidential and the person none of its people: a leaver's place there is for its owner to fill."""
        return self.is_confidential and person.pk not in self.facts().people

    def facts(self) -> rules.ListFacts:
        """The list as the rules see it."""
        members = frozenset(person.pk for person in self.members.all())
        return rules.ListFacts(self.unit.target(), self.owner_id, members, ListState(self.state))


class ListedFirmQuerySet(models.QuerySet["ListedFirm"]):
    """Firms on lists; row access as everywhere, and how they stand on a day."""

    def visible_to(self, user: Any) -> Self:
        """The rows of lists that the person may see."""
        return self.filter(of_seen(user, "list"))

    def on_list(self) -> Self:
        """What was not taken off."""
        return self.filter(removed_at=None)

    def open(self) -> Self:
        """What is still worked on, on lists that are."""
        return self.filter(removed_at=None, state__in=OPEN_STATES, list__state=ListState.ACTIVE)

    def overdue(self, on: dt.date) -> Self:
        """Whose next step should have been done."""
        return self.open().filter(next_on__lt=on)

    def stale(self, on: dt.date, stale_days: int) -> Self:
        """At which nobody knocked for too long."""
        return self.open().filter(quiet_since__lte=on - dt.timedelta(days=stale_days))

    def due(self, on: dt.date) -> Self:
        """Whose next step falls into this week or is overdue."""
        return self.open().filter(next_on__lte=rules.week_end(on))

    def risen(self, on: dt.date, stale_days: int) -> Self:
        """With `turn`, by which what waits too long comes first and what is done last; on closed lists all is done."""
        closed = TargetList.objects.filter(state=ListState.CLOSED).order_by().values("pk")
        is_stale = Q(quiet_since__lte=on - dt.timedelta(days=stale_days))
        return self.annotate(
            turn=Case(
                When(~Q(state__in=OPEN_STATES) | Q(list__in=closed), then=Value(3)),
                When(next_on__lt=on, then=Value(0)),
                When(is_stale, then=Value(1)),
                default=Value(2),
                output_field=models.SmallIntegerField(),
            )
        )


class ListedFirm(models.Model):
    """A firm on a target list (清单企业). Grain: one row a list and firm; what was taken off stays, so that it can be put back.

    Chain, segment, board, rank, score and `found` (reasons, evidence, build, rulebook) are as they were when it was put on.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    list = models.ForeignKey(TargetList, models.CASCADE, related_name="rows", verbose_name=_("target list"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="listed", verbose_name=_("firm"))
    position = models.PositiveIntegerField(_("order on the list"))
    chain = models.CharField(_("chain"), max_length=60, blank=True)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    board = models.CharField(_("board"), max_length=40, blank=True)
    rank = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    found = models.JSONField(_("as found"), default=dict, blank=True)
    adcode = models.CharField(_("division code"), max_length=6, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assigned_firms", verbose_name=_("assigned to")
    )
    state = models.CharField(_("state"), max_length=12, choices=_choices(ROW_STATES), default=RowState.TO_KNOCK)
    reason = models.CharField(_("reason of the outcome"), max_length=300, blank=True)
    settled_on = models.DateField(_("outcome entered on"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("next step on"), null=True, blank=True)
    quiet_since = models.DateField(_("quiet since"))
    last_knocked_on = models.DateField(_("last knock"), null=True, blank=True)
    contacted_on = models.DateField(_("first reached on"), null=True, blank=True)
    knock_count = models.PositiveIntegerField(_("knocks"), default=0)
    put_on_at = models.DateTimeField(_("put on at"))
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)

    objects = ListedFirmQuerySet.as_manager()

    class Meta:
        verbose_name = _("firm on a list")
        verbose_name_plural = _("firms on lists")
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("list", "firm"), name="leads_firm_once_on_a_list"),
            models.CheckConstraint(
                condition=~Q(state__in=[state.value for state in OPEN_STATES]) | Q(next_on__isnull=False),
                name="leads_open_row_has_a_next_step",
            ),
        )
        indexes = (
            models.Index(fields=("list", "position"), name="leads_row_position"),
            models.Index(fields=("list", "removed_at", "city"), name="leads_row_places"),
            # What tables sort and count by, of a list and of a person: without these SQLite reads the reasons of every row (4.5 KB each).
            models.Index(fields=("assignee", "list", *COUNTED_BY), name="leads_row_load"),
            models.Index(fields=("list", "chain", "segment", "board", "assignee", "position", *COUNTED_BY), name="leads_row_figures"),
        )

    def __str__(self) -> str:
        return f"{self.list.code_name} · {self.position}" if self.list.is_confidential else f"{self.firm.name} · {self.list.title}"

    def facts(self) -> rules.RowFacts:
        """The row as the rules see it."""
        return rules.RowFacts(
            RowState(self.state), self.quiet_since, self.next_on, self.removed_at is not None, ListState(self.list.state),
            is_knocked=self.knock_count > 0,
        )  # fmt: skip


class KnockQuerySet(models.QuerySet["Knock"]):
    """Knocks; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """The knocks at rows that the person may see."""
        return self.filter(of_seen(user, "row__list"))

    def standing(self) -> Self:
        """What no later entry corrects."""
        return self.filter(correction=None)


class Knock(models.Model):
    """A knock (对接): somebody called on a firm. Grain: one row an entry; a correction is a later entry that names the one it corrects.

    Personal data: `with_whom` is the function of whoever was spoken to (总经理, 投资部经理), kept to prepare the next visit; no name.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    row = models.ForeignKey(ListedFirm, models.CASCADE, related_name="knocks", verbose_name=_("firm on a list"))
    how = models.CharField(_("how"), max_length=10, choices=_choices(HOWS))
    through = models.CharField(_("through whom"), max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="knocks", verbose_name=_("knocked by"))
    made_at = models.DateTimeField(_("knocked at"))
    with_whom = models.CharField(_("spoken to (function)"), max_length=60, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=_choices(RESULTS))
    said = models.TextField(_("what was said"), blank=True, max_length=2000)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("next step on"), null=True, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )  # fmt: skip
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    recorded_at = models.DateTimeField(_("entered at"))

    objects = KnockQuerySet.as_manager()

    class Meta:
        verbose_name = _("knock")
        verbose_name_plural = pgettext_lazy("records", "knocks")
        ordering = ("-made_at", "-pk")
        indexes = (models.Index(fields=("made_at", "row", "by", "how", "result"), name="leads_knock_day"),)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.row}"


class RowChangeQuerySet(models.QuerySet["RowChange"]):
    """What was done to rows; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What was done to rows that the person may see."""
        return self.filter(of_seen(user, "row__list"))


class RowChange(models.Model):
    """Something done to a row beside knocks: put on, assigned, planned, settled, taken off. Grain: one row a change; never changed."""

    row = models.ForeignKey(ListedFirm, models.CASCADE, related_name="changes", verbose_name=_("firm on a list"))
    kind = models.CharField(_("what was done"), max_length=12, choices=_choices(CHANGES))
    old = models.CharField(_("before"), max_length=200, blank=True)
    new = models.CharField(_("after"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = RowChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a row")
        verbose_name_plural = _("changes of rows")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("kind",), condition=models.Q(kind="transferred"), name="leads_change_moved"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
