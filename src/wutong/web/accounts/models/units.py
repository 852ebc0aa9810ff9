"""Units and what became of them; and `within`, the one way in which rows are cut to what a person's roles reach."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import units as unit_rules
from wutong.web.accounts.rules.access import Permission, Scope
from wutong.web.accounts.rules.units import UnitChangeKind, UnitKind

NOTHING = Q(pk__in=[])
EVERYTHING = Q()

UNIT_KINDS = {
    UnitKind.PROVINCE: _("Province"),
    UnitKind.CITY: _("City"),
    UnitKind.COUNTY: _("County"),
    UnitKind.ZONE: _("Development zone"),
    UnitKind.PARK: _("Park"),
    UnitKind.TOWNSHIP: _("Township"),
    UnitKind.DEPARTMENT: _("Department"),
    UnitKind.OFFICE_AWAY: _("Office away"),
    UnitKind.TEAM: _("Promotion team"),
}
UNIT_CHANGES = {
    UnitChangeKind.FOUNDED: pgettext_lazy("unit", "founded"),
    UnitChangeKind.RENAMED: pgettext_lazy("unit", "renamed"),
    UnitChangeKind.MOVED: pgettext_lazy("unit", "moved under another"),
    UnitChangeKind.MERGED: pgettext_lazy("unit", "merged into another"),
    UnitChangeKind.SPLIT: pgettext_lazy("unit", "split"),
    UnitChangeKind.CLOSED: pgettext_lazy("unit", "closed"),
    UnitChangeKind.REOPENED: pgettext_lazy("unit", "reopened"),
}


def within(user: Any, permission: Permission, *, unit: str = "unit", owner: str = "") -> Q:
    """The condition that cuts rows to what the person's roles with `permission` reach.

    `unit` names the row's way to its unit ("" if the row is one), `owner` its way to the person who owns it.
    """
    condition = NOTHING
    for grant in user.grants() if user.is_authenticated else ():
        if permission in grant.role.permissions:
            part = _reach(grant, user, unit=unit, owner=owner)
            if part == EVERYTHING:
                return EVERYTHING
            condition |= part
    return condition


def _reach(grant: access_rules.Grant, user: Any, *, unit: str, owner: str) -> Q:
    way = f"{unit}__" if unit else ""
    match grant.role.scope:
        case Scope.ALL:
            return EVERYTHING
        case Scope.SUBTREE:
            return Q(**{f"{way}path__startswith": grant.unit_path})
        case Scope.UNIT:
            return Q(**{f"{way}id": grant.unit_id})
        case Scope.REGION if grant.adcode:
            return Q(**{f"{way}adcode__startswith": access_rules.region_prefix(grant.adcode)})
        case Scope.OWN if owner:
            return Q(**{owner: grant.for_id or user.pk})
    return NOTHING


def within_units(user: Any, permission: Permission, *, unit: str = "unit", owner: str = "") -> Q:
    """As `within`, with the units as a list of their own: for tables of very many rows, for each of which a join would look up its unit."""
    whole = within(user, permission, unit=unit, owner=owner)
    if whole in (EVERYTHING, NOTHING):
        return whole
    units = within(user, permission, unit="")
    reached = NOTHING if units == NOTHING else Q(**{f"{unit}__in": Unit.objects.filter(units).order_by().values("pk")})
    grants = (grant for grant in user.grants() if owner and permission in grant.role.permissions and grant.role.scope is Scope.OWN)
    for grant in grants:
        reached |= _reach(grant, user, unit=unit, owner=owner)
    return reached


def named(zh: str, en: str) -> str:
    """Of two names the one in the language of the page."""
    return en if en and (get_language() or "").startswith("en") else zh


class UnitQuerySet(models.QuerySet["Unit"]):
    """Units; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Units that the person's roles reach."""
        return self.filter(within(user, Permission.ACCOUNTS_VIEW, unit=""))

    def open(self) -> Self:
        """Units that have not been closed."""
        return self.filter(closed_on=None)


class Unit(models.Model):
    """A unit (单位) of the organisation tree. Grain: one row a unit."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=[(kind.value, label) for kind, label in UNIT_KINDS.items()])
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("above it"))
    path = models.CharField(max_length=255, db_index=True, editable=False)
    adcode = models.CharField(
        _("division code"),
        max_length=6,
        blank=True,
        db_index=True,
        validators=[RegexValidator(r"^\d{6}$", _("A division code has six digits."))],
    )
    place_id = models.CharField(_("place"), max_length=100, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("path",)
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = (
            models.UniqueConstraint(fields=("parent", "name_zh"), name="accounts_unit_name_once_under_parent"),
            models.UniqueConstraint(fields=("name_zh",), condition=Q(parent=None), name="accounts_root_name_once"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return named(self.name_zh, self.name_en)

    @property
    def depth(self) -> int:
        """How many units stand above it."""
        return self.path.count("/") - 2

    def state_on(self, day: dt.date) -> unit_rules.UnitState:
        """Name, place in the tree and whether it was open on a day; reads `changes`, so prefetch them for a list."""
        present = unit_rules.UnitState(self.name_zh, self.name_en, self.parent_id, is_open=self.closed_on is None)
        return unit_rules.state_on(present, [change.facts() for change in self.changes.all()], day)

    def name_on(self, day: dt.date) -> str:
        """The name that it bore on a day, in the language of the page."""
        state = self.state_on(day)
        return named(state.name_zh, state.name_en)

    def target(self) -> access_rules.Target:
        """The unit as something to act on."""
        return access_rules.Target(unit_id=self.pk, unit_path=self.path, adcode=self.adcode)


class UnitChangeQuerySet(models.QuerySet["UnitChange"]):
    """What became of units; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """What became of units that the person's roles reach."""
        return self.filter(within(user, Permission.ACCOUNTS_VIEW))


class UnitChange(models.Model):
    """What became of a unit on a day (机构沿革): renamed, moved, merged, split, closed. Grain: one row a change; never changed itself.

    `other` is the unit that it was merged into, that was split off from it, or, where it was founded, the one that it was split off from.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="changes", verbose_name=_("unit"))
    kind = models.CharField(
        _("what became of it"), max_length=12, choices=[(kind.value, label) for kind, label in UNIT_CHANGES.items()]
    )  # fmt: skip
    changed_on = models.DateField(_("since"))
    old_name_zh = models.CharField(_("former Chinese name"), max_length=100, blank=True)
    old_name_en = models.CharField(_("former English name"), max_length=200, blank=True)
    new_name_zh = models.CharField(_("new Chinese name"), max_length=100, blank=True)
    new_name_en = models.CharField(_("new English name"), max_length=200, blank=True)
    old_parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("formerly below"))
    new_parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("now below"))
    other = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="changes_elsewhere", verbose_name=_("other unit"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    document = models.CharField(_("document"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"))

    objects = UnitChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_on", "-pk")
        verbose_name = _("change of a unit")
        verbose_name_plural = _("changes of units")

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_kind_display()} · {self.changed_on}"

    @property
    def old_name(self) -> str:
        """The former name in the language of the page."""
        return named(self.old_name_zh, self.old_name_en)

    @property
    def new_name(self) -> str:
        """The new name in the language of the page."""
        return named(self.new_name_zh, self.new_name_en)

    def facts(self) -> unit_rules.UnitChangeFacts:
        """The change as the rules see it."""
        return unit_rules.UnitChangeFacts(
            UnitChangeKind(self.kind), self.changed_on, self.pk, self.old_name_zh, self.old_name_en, self.old_parent_id
        )  # fmt: skip
