"""Roles in words: what each permission lets a person do, and how far a role reaches."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.models.logins import PERMISSIONS
from wutong.web.accounts.models.people import role_named
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission, Scope

# Every permission in words; those that a token can be given stand in `logins.PERMISSIONS`.
PERMITTED: dict[Permission, Any] = {
    **PERMISSIONS,
    Permission.PARTNERS_OWN_FIRM: _("See and change what the own firm seeks (people outside the office)"),
    Permission.FIRMS_MERGE: _("Merge firms that are one"),
    Permission.FIRMS_MERGE_CHECK: _("Check mergers of firms"),
    Permission.JOURNAL_VIEW: _("See duties, comments and attachments"),
    Permission.JOURNAL_EDIT: _("Write duties, comments and attachments"),
    Permission.JOURNAL_ASSIGN: _("Give duties to others"),
    Permission.JOURNAL_EXPORT: _("Export duties"),
    Permission.CALENDAR_EDIT: _("Enter working days and holidays"),
    Permission.BATCHES_VIEW: _("See the imports of the office"),
    Permission.REGISTRY_EDIT: _("Build the registry of firms and put builds into service"),
}
SCOPES = {
    Scope.OWN: _("what the person owns"),
    Scope.UNIT: _("the unit of the posting"),
    Scope.SUBTREE: _("the unit of the posting and those below it"),
    Scope.REGION: _("everything in the region of the posting’s unit"),
    Scope.ALL: _("everything"),
}
_named = lazy(role_named, str)
ROLE_NAMES = {code: _named(code) for code in access_rules.roles()}
