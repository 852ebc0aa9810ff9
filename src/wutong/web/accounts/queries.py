"""Reads of people and units."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils.translation import get_language

from wutong.web.accounts import rules
from wutong.web.accounts.models import Posting, PostingQuerySet, SavedView, Unit, UnitQuerySet, User, UserQuerySet


def units(user: Any) -> UnitQuerySet:
    """The units a person may see, as a tree read from the top, each with its number of active people."""
    return Unit.objects.visible_to(user).annotate(people_count=Count("people", filter=Q(people__is_active=True))).order_by("path")


def people(user: Any, *, on: dt.date) -> UserQuerySet:
    """The people a person may see, with their unit and, as far as he may see them, their postings of that day."""
    now = Posting.objects.visible_to(user).in_force(on).select_related("unit")
    return User.objects.visible_to(user).select_related("unit").prefetch_related(Prefetch("postings", queryset=now, to_attr="postings_now"))


def postings_of(person: User, user: Any) -> PostingQuerySet:
    """A person's postings, newest first, as far as `user` may see them."""
    return Posting.objects.visible_to(user).filter(user=person).select_related("unit")


def matching(
    found: UserQuerySet, user: Any, *, on: dt.date, text: str = "", unit: Unit | None = None, role: str = "", state: str = ""
) -> UserQuerySet:
    """People by name, unit (and those below it), role as far as `user` may see their postings, and whether they are active."""
    if text:
        found = found.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if role:
        found = found.filter(pk__in=Posting.objects.visible_to(user).in_force(on).filter(role=role).values("user"))
    if state:
        found = found.filter(is_active=state == "active")
    return found


def role_choices() -> list[tuple[str, str]]:
    """Role codes with their names in the language of the page."""
    is_english = (get_language() or "").startswith("en")
    return [(role.code, role.en if is_english else role.zh) for role in rules.roles().values()]


def is_last_administrator(person: User, *, on: dt.date) -> bool:
    """Whether an administrator role would be left with nobody active if this person went."""
    held = {posting.role for posting in person.postings.in_force(on) if (role := rules.roles().get(posting.role)) and role.is_administrator}
    others = Posting.objects.in_force(on).filter(role__in=held, user__is_active=True).exclude(user=person)
    return bool(held - set(others.values_list("role", flat=True)))


def is_last_posting_of_administrators(posting: Posting, *, on: dt.date) -> bool:
    """Whether an administrator role would be left with nobody active from that day on if this posting ended then."""
    role = rules.roles().get(posting.role)
    if role is None or not role.is_administrator or not posting.user.is_active:
        return False
    return not Posting.objects.in_force(on).filter(role=posting.role, user__is_active=True).exclude(pk=posting.pk).exists()


def may_reset_password(user: User, *, on: dt.date) -> bool:
    """Whether a page may give this person a new one-time password, by the rule that the action obeys."""
    held = [posting.facts() for posting in Posting.objects.filter(user=user)]
    return not rules.refusals_to_reset_password(held, on=on, is_self=False, is_operator=False)


def saved_views(user: Any, page: str) -> list[SavedView]:
    """The views of one list that a person keeps."""
    return list(SavedView.objects.visible_to(user).filter(page=page))
