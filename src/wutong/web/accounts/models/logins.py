"""Where people are logged in, and the tokens with which their programs ask the API."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wutong.web.accounts.models.people import User
from wutong.web.accounts.models.units import EVERYTHING, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd

SESSION_ENDS = {
    SessionEnd.LOGGED_OUT: _("logged out"),
    SessionEnd.BY_HIMSELF: _("ended by the person from elsewhere"),
    SessionEnd.BY_ADMINISTRATOR: _("ended by an administrator"),
    SessionEnd.IDLE: _("not used for too long"),
    SessionEnd.TOO_OLD: _("open for too long"),
    SessionEnd.TOO_MANY: _("logged in at too many places"),
    SessionEnd.PASSWORD: _("the password was changed"),
    SessionEnd.DEACTIVATED: _("the account was closed"),
    SessionEnd.ROLE_LOST: _("a posting ended"),
    SessionEnd.SECOND_FACTOR: _("the second factor was changed"),
}


# What a token may be given, in words.
PERMISSIONS = {
    Permission.FIRMS_VIEW: _("See firms"),
    Permission.FIRMS_EXPORT: _("Export firms"),
    Permission.FIRMS_EDIT: _("Change firms"),
    Permission.FIRMS_TAG: _("Tag firms"),
    Permission.CHAINS_VIEW: _("See industry chains"),
    Permission.CHAINS_EXPORT: _("Export industry chains"),
    Permission.CHAINS_EDIT: _("Change industry chains"),
    Permission.CHAINS_APPROVE: _("Approve industry chains"),
    Permission.PARTNERS_VIEW: _("See partners and people known"),
    Permission.PARTNERS_EDIT: _("Change partners and people known"),
    Permission.PARTNERS_EXPORT: _("Export partners and people known"),
    Permission.LEADS_VIEW: _("See target lists"),
    Permission.LEADS_EDIT: _("Change target lists"),
    Permission.LEADS_ASSIGN: _("Assign firms on target lists"),
    Permission.LEADS_EXPORT: _("Export target lists"),
    Permission.LEADS_HAND_IN: _("Hand information in, and see what became of one’s own"),
    Permission.PROJECTS_VIEW: _("See projects"),
    Permission.PROJECTS_EDIT: _("Change projects"),
    Permission.PROJECTS_ASSIGN: _("Direct the work on projects"),
    Permission.PROJECTS_DECIDE: _("Decide gates of projects as the second person"),
    Permission.PROJECTS_EXPORT: _("Export projects"),
    Permission.FUNDS_REVIEW: _("Review money in place and enter exchange rates"),
    Permission.FUNDS_CLOSE: _("Close months of money in place"),
    Permission.OUTREACH_VIEW: _("See trips"),
    Permission.OUTREACH_EDIT: _("Enter and correct trips"),
    Permission.OUTREACH_EXPORT: _("Export trips"),
    Permission.ASSESSMENT_VIEW: _("See assessments"),
    Permission.ASSESSMENT_VIEW_PERSONS: _("See how persons are assessed"),
    Permission.ASSESSMENT_EDIT: _("Write assessment schemes and work runs out"),
    Permission.ASSESSMENT_APPROVE: _("Approve assessment schemes and runs"),
    Permission.ASSESSMENT_ANSWER: _("Enter self-assessed figures and object for one’s unit"),
    Permission.ASSESSMENT_EXPORT: _("Export assessments"),
    Permission.ACCOUNTS_VIEW: _("See units and people"),
    Permission.ACCOUNTS_EXPORT: _("Export people"),
    Permission.OFFICERS_VIEW: _("See promotion officers"),
    Permission.OFFICERS_EDIT: _("Change promotion officers"),
    Permission.UNITS_EDIT: _("Change units"),
    Permission.USERS_EDIT: _("Change people"),
    Permission.POSTINGS_EDIT: _("Change postings"),
    Permission.LOGINS_EDIT: _("Look after log-ins"),
    Permission.PERSONAL_VIEW: _("See which personal data is held"),
    Permission.AUDIT_VIEW: _("Read the audit"),
    Permission.AUDIT_EXPORT: _("Export the audit"),
    Permission.RULES_VIEW: _("See rules"),
    Permission.RULES_EDIT: _("Draft rules"),
    Permission.RULES_APPROVE: _("Approve rules"),
    Permission.RULES_EXPORT: _("Export rules"),
    Permission.JOBS_VIEW: _("See background jobs"),
    Permission.JOBS_EDIT: _("Look after background jobs"),
}


class LoginQuerySet(models.QuerySet[Any]):
    """Sessions and tokens; row access as everywhere."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and those of people whom the security administrator's role reaches."""
        if not user.is_authenticated:
            return self.none()
        reach = within(user, Permission.LOGINS_EDIT, unit="user__unit")
        return self if reach == EVERYTHING else self.filter(models.Q(user_id=user.pk) | reach)


class LoginSessionQuerySet(LoginQuerySet):
    """Sessions; row access as everywhere."""

    def live(self, used_after: dt.datetime) -> Self:
        """Those that nobody ended and that were used lately."""
        return self.filter(ended_at=None, used_at__gt=used_after)


class LoginSession(models.Model):
    """A person logged in at one place (登录会话). Grain: one row a log-in; `key` is that of Django's session, which ends with it.

    Personal data: address and device are kept so that a person can see who uses the account, as long as logs are.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="sessions", verbose_name=_("person"))
    key = models.CharField(max_length=40, db_index=True)
    started_at = models.DateTimeField(_("logged in at"))
    used_at = models.DateTimeField(_("last used"))
    ip = models.CharField(_("address"), max_length=45, blank=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=20, blank=True, choices=[(end.value, text) for end, text in SESSION_ENDS.items()])
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by"))

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        ordering = ("-used_at", "-pk")
        verbose_name = _("log-in session")
        verbose_name_plural = _("log-in sessions")

    def __str__(self) -> str:
        return " · ".join(part for part in (self.device, self.ip) if part)


class ApiTokenQuerySet(LoginQuerySet):
    """Tokens; row access as everywhere."""

    def valid(self, day: dt.date) -> Self:
        """Those that work on a day."""
        return self.filter(revoked_at=None, ends_on__gt=day, user__is_active=True)


class ApiToken(models.Model):
    """With it a program asks the API in a person's name (接口令牌). Grain: one row a token; only its SHA-256 is kept.

    It gives what stands in `permissions` and its owner still has, and changes nothing unless `may_write`.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", verbose_name=_("person"))
    name = models.CharField(pgettext_lazy("token", "name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    begins_with = models.CharField(_("begins with"), max_length=12)
    permissions = models.JSONField(_("permissions"), default=list)
    may_write = models.BooleanField(_("may change records"), default=False)
    made_at = models.DateTimeField(_("made at"))
    ends_on = models.DateField(_("valid until (not included)"))
    used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    used_from = models.CharField(_("address"), max_length=45, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("revoked by"))

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.begins_with}…"  # the audit keeps this: never how its owner calls it

    @staticmethod
    def digest_of(secret: str) -> str:
        """What is kept of a token; it has 256 random bits, so that no slower function is needed."""
        return hashlib.sha256(secret.encode()).hexdigest()
