"""What every change of a list asks first: may the person, do the rules allow it; and what it leaves in the history of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption
from wutong.web.leads.models import ListedFirm, RowChange, TargetList
from wutong.web.leads.queries import people
from wutong.web.leads.rules import leads
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import ChangeKind, Refusal

NotAllowed = refusing.NotAllowed
UnknownFirm = adoption.UnknownFirm
AUDITED_FIRMS = 200


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal | leads.Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def refuse(refusals: tuple[Refusal, ...] | tuple[leads.Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def locked(found: TargetList) -> TargetList:
    return TargetList.objects.select_for_update(of=("self",)).select_related("unit").get(pk=found.pk)


def lock_lists(those: Q) -> None:
    """Lock lists in order, before any row of theirs: who holds a row must not wait for a list whose holder waits for that row."""
    found = TargetList.objects.filter(those).order_by().values("pk")
    list(TargetList.objects.select_for_update(of=("self",)).filter(pk__in=found).order_by("pk").values_list("pk", flat=True))


def locked_row(row: ListedFirm) -> ListedFirm:
    return ListedFirm.objects.select_for_update(of=("self",)).select_related("list__unit", "firm", "assignee").get(pk=row.pk)


def require_work(by: Any, found: TargetList) -> None:
    """Stop unless `by` may work on the list; None is the system itself (set-up, the demo, a command)."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, found.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_EDIT)


def require_assign(by: Any, found: TargetList) -> None:
    if by is not None and not by.permits(lambda grants: rules.may_assign(grants, found.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_ASSIGN)


def check_people(persons: Iterable[User], unit: Unit) -> None:
    for person in persons:
        refuse(rules.refusals_of_person(is_active=person.is_active, is_of_unit=people.is_of_unit(person, unit)))


def day_of(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


@transaction.atomic(savepoint=False)
def note(*, row: ListedFirm, kind: ChangeKind, by: Any, at: dt.datetime, old: str = "", new: str = "", note: str = "") -> None:
    """What was done to a row, for its history."""
    RowChange.objects.create(row=row, kind=kind, old=old[:200], new=new[:200], note=note[:500], by=by, at=at)


def unless_kept(found: TargetList, **told: Any) -> dict[str, Any]:
    """What the audit is told of a list, and not of a confidential one (保密): its code name is of no use where firms stand beside it."""
    return {} if found.is_confidential else told


def require_its_owner(by: Any, found: TargetList) -> None:
    """Who is let into a confidential list, its owner alone decides. Raises: NotAllowed."""
    if by is not None and found.is_confidential and by.pk != found.owner_id:
        raise NotAllowed(Permission.LEADS_EDIT)
