"""Units, people and their postings; and `within`, the one way in which rows are cut to what a person's roles reach."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts import rules
from wutong.web.accounts.rules import Permission, Scope, UnitKind
from wutong.web.lib import access

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


def _reach(grant: rules.Grant, user: Any, *, unit: str, owner: str) -> Q:
    way = f"{unit}__" if unit else ""
    match grant.role.scope:
        case Scope.ALL:
            return EVERYTHING
        case Scope.SUBTREE:
            return Q(**{f"{way}path__startswith": grant.unit_path})
        case Scope.UNIT:
            return Q(**{f"{way}id": grant.unit_id})
        case Scope.REGION if grant.adcode:
            return Q(**{f"{way}adcode__startswith": rules.region_prefix(grant.adcode)})
        case Scope.OWN if owner:
            return Q(**{owner: user})
    return NOTHING


def _named(zh: str, en: str) -> str:
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
        return _named(self.name_zh, self.name_en)

    @property
    def depth(self) -> int:
        """How many units stand above it."""
        return self.path.count("/") - 2

    def target(self) -> rules.Target:
        """The unit as something to act on."""
        return rules.Target(unit_id=self.pk, unit_path=self.path, adcode=self.adcode)


class UserQuerySet(models.QuerySet["User"]):
    """People; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Oneself, and people whose own unit or present posting the person's roles reach."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.ACCOUNTS_VIEW)
        if reach == EVERYTHING:
            return self
        posted = Posting.objects.in_force(access.today()).filter(reach).values("user")
        return self.filter(Q(pk=user.pk) | within(user, Permission.ACCOUNTS_VIEW) | Q(pk__in=posted))


class UserManager(BaseUserManager["User"]):
    """Finds people; they are made by `actions.create_user` only."""

    def get_queryset(self) -> UserQuerySet:
        """People as a queryset with row access."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any) -> UserQuerySet:
        """See `UserQuerySet.visible_to`."""
        return self.get_queryset().visible_to(user)


class User(AbstractBaseUser):
    """A person (人员) who may log in. Grain: one row a person; never deleted, only made inactive."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken.")},
    )
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="people", verbose_name=_("unit"))
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans", choices=[("zh-hans", "简体中文"), ("en", "English")])
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    created_at = models.DateTimeField(_("created"))

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        ordering = ("username",)
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def _postings_in_force(self) -> tuple[Posting, ...]:
        return tuple(self.postings.in_force(access.today()).select_related("unit"))

    def grants(self) -> tuple[rules.Grant, ...]:
        """What the person's present postings give; nothing for an inactive person or a role that is no more."""
        known = rules.roles()
        return tuple(
            rules.Grant(known[posting.role], posting.unit_id, posting.unit.path, posting.unit.adcode)
            for posting in (self._postings_in_force if self.is_active else ())
            if posting.role in known
        )

    def may(self, permission: str, target: rules.Target | None = None) -> bool:
        """Whether a role permits it, over the target if one is given."""
        return rules.allowed(self.grants(), Permission(permission), target, person_id=self.pk)


class PostingQuerySet(models.QuerySet["Posting"]):
    """Postings; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own postings and those at units that the person's roles reach."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.ACCOUNTS_VIEW)
        return self if reach == EVERYTHING else self.filter(Q(user=user) | reach)

    def in_force(self, day: dt.date) -> Self:
        """Postings that hold on a day."""
        return self.filter(Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day)))


class Posting(models.Model):
    """A posting (任职): a person, at a unit, in a role, for a period [starts_on, ends_on). Grain: one row a posting."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=50)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-pk")
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="accounts_posting_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.unit} · {self.role_name}"

    @property
    def role_name(self) -> str:
        """The role's name in the language of the page; its code if the rulebook knows it no more."""
        role = rules.roles().get(self.role)
        return _named(role.zh, role.en) if role else self.role

    def facts(self) -> rules.PostingFacts:
        """The posting as the rules see it."""
        return rules.PostingFacts(self.role, self.unit_id, self.starts_on, self.ends_on)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Everybody sees his own."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class SavedView(models.Model):
    """A list as somebody filtered and sorted it, kept under a name (常用视图).

    Grain: one row per person, page and name. `page` is the path of the list, `query` its query string.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("person"))
    page = models.CharField(max_length=300)
    name = models.CharField(pgettext_lazy("saved view", "name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    saved_at = models.DateTimeField(_("saved at"))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = (models.UniqueConstraint(fields=("user", "page", "name"), name="saved_view_once_per_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"{self.page}?{self.query}" if self.query else self.page
