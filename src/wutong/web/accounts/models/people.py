"""People and their postings, and the views of lists that they keep."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import connection, models
from django.db.models import Q
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models.units import EVERYTHING, Unit, named, within
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules import postings as posting_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access


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


class _Held(NamedTuple):
    """A posting in force, as far as it gives a right."""

    role: str
    unit_id: int
    unit_path: str
    adcode: str
    user_id: int
    display_name: str
    username: str


# Why SQL: every page asks this before anything else, and to write the question took Django ten times as long as a database to answer it.
_HELD = """
SELECT posting.role, posting.unit_id, unit.path, unit.adcode, posting.user_id, person.display_name, person.username
FROM accounts_posting AS posting
JOIN accounts_unit AS unit ON unit.id = posting.unit_id
JOIN accounts_user AS person ON person.id = posting.user_id
WHERE posting.starts_on <= %(day)s AND (posting.ends_on IS NULL OR posting.ends_on > %(day)s)
  AND (posting.user_id = %(person)s OR (person.is_active AND posting.id IN (
    SELECT lent.posting_id FROM accounts_standin AS lent
    WHERE lent.user_id = %(person)s AND lent.starts_on <= %(day)s AND lent.ends_on > %(day)s)))
ORDER BY posting.starts_on DESC, posting.id DESC
"""


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
    one_time_until = models.DateField(_("one-time password until"), null=True, blank=True)
    is_demo = models.BooleanField(_("account of the demo"), default=False)
    created_at = models.DateTimeField(_("created"))

    objects = UserManager()

    token: Any = None  # the API token with which this request comes, if it does
    on_behalf_of = ""  # whom the person stood in for when a stand-in let something pass

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        ordering = ("username",)
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def is_one_time_over(self, *, on: dt.date) -> bool:
        """Whether the password is a one-time one whose last day is past."""
        return self.one_time_until is not None and self.one_time_until < on

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def _postings_in_force(self) -> tuple[_Held, ...]:
        """One's own postings, and those of others for whom one stands in: one question, for every page asks it."""
        with connection.cursor() as cursor:
            cursor.execute(_HELD, {"person": self.pk, "day": access.today().isoformat()})
            return tuple(_Held(*row) for row in cursor.fetchall())

    def grants(self) -> tuple[access_rules.Grant, ...]:
        """What the person's present postings and stand-ins give; nothing for an inactive person or a role that is no more."""
        postings = self._postings_in_force if self.may_log_in else ()
        kept = self.__dict__.get("_granted")
        if kept is not None and kept[0] is postings and kept[1] is self.token:
            found: tuple[access_rules.Grant, ...] = kept[2]
            return found
        known = access_rules.roles()
        grants = tuple(
            access_rules.Grant(known[posting.role], posting.unit_id, posting.unit_path, posting.adcode, *self._for_whom(posting))
            for posting in postings
            if posting.role in known
        )
        found = access_rules.narrowed(grants, frozenset(self.token.permissions)) if self.token else grants
        self.__dict__["_granted"] = (postings, self.token, found)
        return found

    def anybody(self, key: int) -> User:
        """Somebody with this unit and these rights of whom nothing else is known but a key: to ask for anything more asks the database."""
        known = {"id": key, "unit_id": self.unit_id, "is_active": self.is_active, "is_demo": self.is_demo}
        found = User.from_db(self._state.db, list(known), list(known.values()))
        found.token = self.token
        User.unit.field.set_cached_value(found, SimpleLazyObject(lambda: self.unit))  # type: ignore[attr-defined]
        found.__dict__["_postings_in_force"] = self._postings_in_force
        found.__dict__["_granted"] = (self._postings_in_force, self.token, self.grants())
        return found

    @property
    def may_log_in(self) -> bool:
        """Whether the account can be used: it is open, and not one of the demo's outside the demo."""
        return self.is_active and (settings.DEMO or not self.is_demo)

    @property
    def is_outside(self) -> bool:
        """Whether the person is outside the office: of all pages only those open that a room names for outsiders (OUTSIDE of its hooks)."""
        return any(grant.role.is_outside for grant in self.grants())

    def must_set_up_second_factor(self, *, has_factor: bool) -> bool:
        """Whether a role asks for a second factor that is not there; the demo, whose passwords everybody knows, does without."""
        return not has_factor and not settings.DEMO and login_rules.needs_second_factor(self.grants())

    def _for_whom(self, posting: _Held) -> tuple[int | None, str]:
        return (None, "") if posting.user_id == self.pk else (posting.user_id, posting.display_name or posting.username)

    def may(self, permission: str, target: access_rules.Target | None = None) -> bool:
        """Whether a role permits it, over the target if one is given."""
        needed = Permission(permission)
        return self.permits(lambda grants: access_rules.allowed(grants, needed, target, person_id=self.pk))

    def permits(self, check: Callable[[tuple[access_rules.Grant, ...]], bool]) -> bool:
        """Whether the person's grants stand a rule. What only a stand-in lets pass is remembered, and the audit entry tells for whom."""
        grants = self.grants()
        own = tuple(grant for grant in grants if not grant.for_id)
        if check(own):
            return True
        lent = next((grant for grant in grants if grant.for_id and check((*own, grant))), None)
        if lent is not None:
            self.on_behalf_of = lent.for_name
        return lent is not None


def role_named(code: str) -> str:
    """A role in the language of the page; its code if the rulebook knows it no more."""
    role = access_rules.roles().get(code)
    return named(role.zh, role.en) if role else code


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
        return role_named(self.role)

    @property
    def unit_then(self) -> str:
        """The unit by the name that it bore when the posting ended; by its present name while it is open."""
        return self.unit.name_on(self.ends_on - dt.timedelta(days=1)) if self.ends_on else self.unit.name

    def facts(self) -> posting_rules.PostingFacts:
        """The posting as the rules see it."""
        return posting_rules.PostingFacts(self.role, self.unit_id, self.starts_on, self.ends_on)


class StandInQuerySet(models.QuerySet["StandIn"]):
    """Stand-ins; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """Those that one does or is given oneself, and those at units that the person's roles reach."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.ACCOUNTS_VIEW, unit="posting__unit")
        return self if reach == EVERYTHING else self.filter(Q(user=user) | Q(posting__user=user) | reach)

    def in_force(self, day: dt.date) -> Self:
        """Stand-ins that hold on a day; the posting itself must hold too."""
        return self.filter(starts_on__lte=day, ends_on__gt=day)


class StandIn(models.Model):
    """A person does another's work for a period [starts_on, ends_on) (代理、AB岗), with the role of that posting.

    Grain: one row a stand-in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="stand_ins", verbose_name=_("who stands in"))
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="stand_ins", verbose_name=_("posting stood in for"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    reason = models.CharField(_("reason"), max_length=200)
    arranged_at = models.DateTimeField(_("arranged at"))

    objects = StandInQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-pk")
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = (models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="accounts_stand_in_ends_after_start"),)

    def __str__(self) -> str:
        return f"{self.user} → {self.posting}"

    def facts(self) -> posting_rules.PostingFacts:
        """What it gives, as the rules see a posting."""
        return posting_rules.PostingFacts(self.posting.role, self.posting.unit_id, self.starts_on, self.ends_on)


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
