"""Target lists as the pages show them: each with how many firms it has, how they stand, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FloatField, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Cast, Coalesce, NullIf

from wutong.web.accounts.models import EVERYTHING, Unit, within
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.models import Firm
from wutong.web.leads.models import ListedFirm, TargetList, TargetListQuerySet
from wutong.web.leads.queries import people
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import OPEN_STATES, ListState, RowState


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


IS_WORKED_ON = ("open_firms", "overdue_firms", "stale_firms")
IS_LEFT = ("left_firms",)  # firms without an outcome on lists that are closed


def not_of(state: str) -> tuple[str, ...]:
    """The figures that a list of a state does not have: while it is worked on nothing is left, once it is closed nothing is worked on."""
    return IS_WORKED_ON if state == ListState.CLOSED else IS_LEFT


def row_counts(on: dt.date) -> dict[str, Any]:
    """What is counted of rows that stand on lists. Of closed lists nothing is worked on, of others nothing is left:
    who calls leaves out `not_of` the list.

    Why: to ask each row for the state of its list costs more than all the rest.
    """
    is_open = Q(state__in=OPEN_STATES)
    quiet = on - dt.timedelta(days=people.stale_days(on))
    return {
        "firms": Count("pk"),
        "knocked_firms": Count("pk", filter=Q(knock_count__gt=0)),
        "contacted_firms": Count("pk", filter=Q(contacted_on__isnull=False)),
        "lead_firms": Count("pk", filter=Q(state=RowState.LEAD)),
        "refused_firms": Count("pk", filter=Q(state=RowState.NO_INTEREST)),
        "open_firms": Count("pk", filter=is_open),
        "left_firms": Count("pk", filter=is_open),
        "overdue_firms": Count("pk", filter=Q(next_on__lt=on) & is_open),
        "stale_firms": Count("pk", filter=Q(quiet_since__lte=quiet) & is_open),
        "knock_times": Sum("knock_count", default=0),
    }


def sortable(found: TargetListQuerySet, sort: str, *, on: dt.date) -> TargetListQuerySet:
    """Lists with the one figure by which a page sorts them; the figures of a page come after it is cut (`with_figures`)."""
    name = {"open": "open_firms", "stale": "stale_firms", "overdue": "overdue_firms", "hits": "lead_firms"}.get(sort.removeprefix("-"))
    found = found.select_related("unit", "owner")
    if name is None:
        return found
    rows = ListedFirm.objects.on_list().filter(list=OuterRef("pk")).order_by().values("list")

    def figure(which: str) -> Coalesce:
        return Coalesce(Subquery(rows.annotate(figure=row_counts(on)[which]).values("figure")), 0)

    if name != "lead_firms":
        return found.annotate(**{name: Case(When(state=ListState.ACTIVE, then=figure(name)), default=0)})
    return found.annotate(hit_share=Cast(figure("lead_firms"), FloatField()) / NullIf(figure("firms"), 0))


def with_figures(found: Sequence[TargetList], *, on: dt.date) -> None:
    """Give the lists of a page their figures: one question for all of them."""
    rows = ListedFirm.objects.on_list().filter(list__in=[one.pk for one in found]).order_by()
    counted = {row["list"]: row for row in rows.values("list").annotate(**row_counts(on))}
    for one in found:
        for name in row_counts(on):
            is_none = name in not_of(one.state)
            setattr(one, name, 0 if is_none else counted.get(one.pk, {}).get(name, 0))


def matching(
    found: TargetListQuerySet, user: Any, *, on: dt.date, text: str = "", unit: Unit | None = None, line: str = "", state: str = "",
    which: str = "", chain: str = "",
) -> TargetListQuerySet:  # fmt: skip
    """Lists by title, unit (and those below it), line, state, chain; `which`: mine, stale or due this week."""
    if text:
        # The names are read once, not once a row; and the rows need no judging, for `found` holds only lists that the person may see.
        firms = Firm.objects.filter(name__icontains=text).order_by().values("pk")
        named = ListedFirm.objects.on_list().filter(firm__in=firms).order_by().values("list")
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
