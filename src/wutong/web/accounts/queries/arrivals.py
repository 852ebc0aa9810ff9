"""Reads for a bureau that arrives by a list: postings that wait for a decision, and people who have no password yet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q

from wutong.web.accounts.models import Posting, ProposedPosting, Unit, User, UserQuerySet
from wutong.web.accounts.models.proposals import ProposedPostingQuerySet
from wutong.web.accounts.models.units import within
from wutong.web.accounts.queries import office
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission


def proposals(user: Any) -> ProposedPostingQuerySet:
    """The proposed postings that wait for a decision, as far as a person may see them."""
    return ProposedPosting.objects.visible_to(user).waiting().select_related("user__unit", "unit", "proposed_by")


def proposals_of(person: User, user: Any) -> ProposedPostingQuerySet:
    """Those of one person."""
    return proposals(user).filter(user=person)


def proposals_matching(
    found: ProposedPostingQuerySet, *, text: str = "", unit: Unit | None = None, role: str = ""
) -> ProposedPostingQuerySet:
    """Proposed postings by person, unit (and those below it) and role."""
    if text:
        found = found.filter(Q(user__username__icontains=text) | Q(user__display_name__icontains=text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    return found.filter(role=role) if role else found


def without_password(user: Any, *, on: dt.date) -> UserQuerySet:
    """People with an open account to whom a person may give a one-time password: neither himself nor one who is to administrate."""
    administrating = Posting.objects.filter(role__in=access_rules.administrators()).filter(Q(ends_on=None) | Q(ends_on__gt=on))
    found = office.people(user, on=on).filter(within(user, Permission.USERS_EDIT), is_active=True)
    return found.exclude(pk=user.pk).exclude(pk__in=administrating.values("user"))


def arriving(found: UserQuerySet, *, text: str = "", unit: Unit | None = None, state: str = "") -> UserQuerySet:
    """Of those the ones who match; unless told otherwise the ones who never had a password."""
    if text:
        found = found.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if state == "never":
        return found.filter(last_login=None)
    return found if state == "all" else found.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
