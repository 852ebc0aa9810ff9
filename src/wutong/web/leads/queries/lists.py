"""Target lists as the pages show them: each with how many firms it has, how they stand, and what came of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FloatField, Q
from django.db.models.functions import Cast, NullIf

from wutong.web.accounts.models import EVERYTHING, Unit, within
from wutong.web.accounts.rules import Permission
from wutong.web.leads import rules
from wutong.web.leads.models import ListedFirm, TargetList, TargetListQuerySet
from wutong.web.leads.queries import people
from wutong.web.leads.rules import OPEN_STATES, ListState, RowState


@dataclass(frozen=True, slots=True)
class May:
    """What a person may do with a list."""

    work: bool
    assign: bool


def may(user: Any, found: TargetList) -> May:
    """By the rules that the actions obey."""
    facts, grants = found.facts(), user.grants()
    return May(rules.may_work(grants, facts, person_id=user.pk), rules.may_assign(grants, facts, person_id=user.pk))


def counted(found: TargetListQuerySet, on: dt.date) -> TargetListQuerySet:
    """Lists with their figures: firms, open, overdue, stale, knocked, contacted, leads, and the share that became leads."""
    there = Q(rows__removed_at=None)
    is_open = there & Q(rows__state__in=OPEN_STATES, state=ListState.ACTIVE)
    quiet = on - dt.timedelta(days=people.stale_days(on))
    return found.annotate(
        firms=Count("rows", filter=there),
        open_firms=Count("rows", filter=is_open),
        overdue_firms=Count("rows", filter=is_open & Q(rows__next_on__lt=on)),
        stale_firms=Count("rows", filter=is_open & Q(rows__quiet_since__lte=quiet)),
        knocked_firms=Count("rows", filter=there & Q(rows__knock_count__gt=0)),
        contacted_firms=Count("rows", filter=there & Q(rows__contacted_on__isnull=False)),
        lead_firms=Count("rows", filter=there & Q(rows__state=RowState.LEAD)),
    ).annotate(hit_share=Cast(F("lead_firms"), FloatField()) / NullIf(F("firms"), 0))


def lists(user: Any, *, on: dt.date) -> TargetListQuerySet:
    """The lists that a person may see, with their figures."""
    return counted(TargetList.objects.visible_to(user), on).prefetch_related("unit", "owner")


def matching(
    found: TargetListQuerySet, user: Any, *, on: dt.date, text: str = "", unit: Unit | None = None, line: str = "", state: str = "",
    which: str = "", chain: str = "",
) -> TargetListQuerySet:  # fmt: skip
    """Lists by title, unit (and those below it), line, state, chain; `which`: mine, stale or due this week."""
    if text:
        named = ListedFirm.objects.visible_to(user).on_list().filter(firm__name__icontains=text).values("list")
        found = found.filter(Q(title__icontains=text) | Q(pk__in=named))
    if unit:
        found = found.filter(unit__path__startswith=unit.path)
    if line:
        found = found.filter(line=line)
    if chain:
        found = found.filter(chain=chain)
    found = found.filter(state=state or ListState.ACTIVE) if state != "all" else found
    rows = ListedFirm.objects.visible_to(user)
    if which == "mine":
        worked = TargetList.members.through.objects.filter(user_id=user.pk).values("targetlist_id")
        found = found.filter(Q(owner=user) | Q(pk__in=worked))
    elif which == "stale":
        found = found.filter(pk__in=rows.stale(on, people.stale_days(on)).values("list"))
    elif which == "due":
        found = found.filter(pk__in=rows.due(on).values("list"))
    return found


def workable(user: Any) -> TargetListQuerySet:
    """The active lists that a person may put firms on, newest first; by the database what `rules.may_work` says of each."""
    if not user.may(Permission.LEADS_EDIT):
        return TargetList.objects.none()
    worked = TargetList.members.through.objects.filter(user_id=user.pk).values("targetlist_id")
    by_role = within(user, Permission.LEADS_EDIT)
    found = TargetList.objects.visible_to(user).filter(state=ListState.ACTIVE)
    found = found if by_role == EVERYTHING else found.filter(by_role | Q(owner=user) | Q(pk__in=worked))
    return found.select_related("unit").order_by("-created_at", "-pk")
