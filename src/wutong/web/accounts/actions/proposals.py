"""Postings that a list of people proposes: read from its rows, kept, confirmed or declined by the security administrator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import postings
from wutong.web.accounts.actions.refusing import Refused, require, require_over
from wutong.web.accounts.models import Posting, ProposedPosting, Unit, User
from wutong.web.accounts.models.people import role_named
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal
from wutong.web.audit import actions as audit
from wutong.web.lib import access, hooks
from wutong.web.lib.exchange import Made, SheetRow

ROLE, UNIT, DAY = "posting_role", "posting_unit", "posting_from"
FIELDS = frozenset({ROLE, UNIT, DAY})
Faults = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A posting as a row of a list proposes it; without a day it begins on the day of the import."""

    unit: Unit
    role: str
    starts_on: dt.date | None

    @property
    def words(self) -> str:
        """Role, unit and day, for the preview of the import."""
        return " · ".join(str(part) for part in (role_named(self.role), self.unit, self.starts_on or "") if part)


class Proposals:
    """What the rows of a list propose, beside what is held and proposed already, asked in bulk."""

    def __init__(self, known: Iterable[User], units: Mapping[str, list[Unit]]) -> None:
        people, today = list(known), access.today()
        held = Posting.objects.filter(user__in=people).filter(Q(ends_on=None) | Q(ends_on__gt=today))
        proposed = ProposedPosting.objects.waiting().filter(user__in=people)
        keys = ("user_id", "unit_id", "role")
        self.there = {*held.values_list(*keys), *proposed.values_list(*keys)} if people else set()
        self.units = units

    def of(self, row: SheetRow, own: Unit | None, person: User | None) -> tuple[Proposal | None, Faults]:
        """The posting that a row proposes, None where it proposes none or it is there already; or what is wrong with it."""
        role, name = row.text(ROLE), row.text(UNIT)
        if not role:
            wrong = ((ROLE, _("a role, for the unit or the day of a posting is given")),)
            return None, wrong if FIELDS & row.values.keys() else ()
        fitting = self.units.get(name, []) if name else [own] if own else []
        if len(fitting) != 1:
            expected = _("a unit of yours by its full name") if not fitting else _("a name that only one unit bears")
            return None, ((UNIT, expected),)
        if person is not None and (person.pk, fitting[0].pk, role) in self.there:
            return None, ()
        day = row.text(DAY)
        return Proposal(fitting[0], role, dt.date.fromisoformat(day) if day else None), ()


@transaction.atomic
def propose(*, wanted: Sequence[tuple[int, User, Proposal]], file: str, sha256: str, on: dt.date, by: Any, at: dt.datetime) -> list[Made]:
    """Keep what the rows of a list propose, and tell the security administrators once; gives nobody any right. Raises: NotAllowed."""
    require(by, Permission.USERS_EDIT)
    made = [
        ProposedPosting(user=person, unit=one.unit, role=one.role, starts_on=one.starts_on or on, proposed_by=by, proposed_at=at)
        for _row, person, one in wanted
    ]
    ProposedPosting.objects.bulk_create(made)
    roles = [role.code for role in access_rules.roles().values() if Permission.POSTINGS_EDIT in role.permissions]
    deciding = Posting.objects.in_force(on).filter(role__in=roles, user__is_active=True)
    for person in User.objects.get_queryset().filter(pk__in=deciding.values("user")) if made else ():
        told = {"key": f"accounts.proposals:{sha256}:{person.pk}", "words": lambda: _told(file), "address": reverse("accounts:proposals")}
        hooks.tell(to=person, by=by, at=at, **told)
    return [Made(row, one) for (row, _person, _one), one in zip(wanted, made, strict=True)]


def _told(file: str) -> tuple[str, str]:
    text = _("A list of people (%(file)s) proposes postings. They give no right until they are confirmed.")
    return _("Proposed postings wait"), text % {"file": file}


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of proposals that somebody wanted to confirm: how many hold now, and those that the rules refuse, with why."""

    count: int
    refused: tuple[tuple[ProposedPosting, tuple[Refusal, ...]], ...]


@transaction.atomic
def confirm(*, proposals: Iterable[ProposedPosting], by: Any, at: dt.datetime) -> Decided:
    """Give the postings that were proposed, each by the rules of a single one; what they refuse goes on waiting. Raises: NotAllowed.

    Why nobody confirms what he proposed himself: he may have been the system administrator when he did (三员分立).
    """
    require(by, Permission.POSTINGS_EDIT)
    count, refused = 0, list[tuple[ProposedPosting, tuple[Refusal, ...]]]()
    for one in _held(proposals):
        if by is not None and one.proposed_by_id == by.pk:
            refused.append((one, (Refusal.OWN_PROPOSAL,)))
            continue
        try:
            with transaction.atomic():
                postings.post(
                    user=one.user, unit=one.unit, role=one.role, starts_on=one.starts_on, by=by, at=at, proposed_by=one.proposed_by
                )  # fmt: skip
        except Refused as why:
            refused.append((one, why.refusals))
            continue
        _decide(one, by=by, at=at, is_confirmed=True)
        count += 1
    return Decided(count, tuple(refused))


@transaction.atomic
def decline(*, proposals: Iterable[ProposedPosting], by: Any, at: dt.datetime) -> int:
    """Say that postings will not be given; returns how many. Raises: NotAllowed."""
    require(by, Permission.POSTINGS_EDIT)
    found = _held(proposals)
    for one in found:
        require_over(by, Permission.POSTINGS_EDIT, one.unit)
        _decide(one, by=by, at=at, is_confirmed=False)
        changes = {"person": str(one.user), "unit": str(one.unit), "role": one.role, "starts_on": one.starts_on}
        audit.record(action="accounts.decline_posting", by=by, at=at, obj=one, changes=changes)
    return len(found)


def _held(proposals: Iterable[ProposedPosting]) -> list[ProposedPosting]:
    """Those about which nobody has decided meanwhile, locked."""
    waiting = ProposedPosting.objects.select_for_update(of=("self",)).select_related("user", "unit", "proposed_by").waiting()
    return list(waiting.filter(pk__in=[one.pk for one in proposals]).order_by("pk"))


def _decide(one: ProposedPosting, *, by: Any, at: dt.datetime, is_confirmed: bool) -> None:
    one.decided_by, one.decided_at, one.is_confirmed = by, at, is_confirmed
    one.save(update_fields=["decided_by", "decided_at", "is_confirmed"])
