"""Leads about firms of the people and partners that the room below knows: what came of home ties (客商回归) and of partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from wutong.web.firms.models import Position
from wutong.web.leads.models import Lead, LeadQuerySet
from wutong.web.partners.models import Acquaintance, Partner

Firms = dict[UUID, set[int]]


def _firms_of_people(user: Any, keys: Iterable[UUID]) -> Firms:
    """The firms that each person leads or works for; of people whom the user may see."""
    seen = Acquaintance.objects.visible_to(user).filter(public_id__in=list(keys)).order_by()
    held = Position.objects.filter(person__in=seen.values("person")).order_by()
    found: Firms = defaultdict(set)
    for key, firm in held.values_list("person__acquaintance__public_id", "firm_id"):
        found[key].add(firm)
    return found


def _firms_of_partners(user: Any, keys: Iterable[UUID]) -> Firms:
    """The firm that a partner is, and those of its people."""
    seen = Partner.objects.visible_to(user).filter(public_id__in=list(keys)).order_by()
    found: Firms = defaultdict(set)
    for key, firm in seen.exclude(firm=None).values_list("public_id", "firm_id"):
        found[key].add(int(firm or 0))
    known = Acquaintance.objects.visible_to(user).filter(partner__in=seen.values("pk")).order_by()
    held = Position.objects.filter(person__in=known.values("person")).order_by()
    for key, firm in held.values_list("person__acquaintance__partner__public_id", "firm_id"):
        found[key].add(firm)
    return found


def _counted(user: Any, firms: Firms) -> Mapping[UUID, int]:
    wanted = set().union(*firms.values()) if firms else set()
    leads = Lead.objects.visible_to(user).filter(firm__in=wanted).order_by()
    by_firm: dict[int | None, int] = dict(leads.values("firm").annotate(count=Count("pk")).values_list("firm", "count")) if wanted else {}
    return {key: sum(by_firm.get(firm, 0) for firm in held) for key, held in firms.items()}


def of_people(user: Any, keys: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many leads that the user may see are about firms of each person."""
    return _counted(user, _firms_of_people(user, keys))


def of_partners(user: Any, keys: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many leads that the user may see each partner gave, or are about its own firm or firms of its people; each lead once."""
    firms = _firms_of_partners(user, keys)
    partners = Partner.objects.visible_to(user).filter(public_id__in=list(keys)).order_by()
    wanted: set[int] = set().union(*firms.values()) if firms else set()
    is_theirs = Q(source_partner__in=partners.values("pk")) | Q(firm__in=wanted)
    seen = Lead.objects.visible_to(user).filter(is_theirs).order_by().values_list("pk", "firm", "source_partner__public_id")
    found: dict[UUID, set[int]] = {key: set() for key in keys}
    of_firm: dict[int, list[UUID]] = defaultdict(list)
    for key, held in firms.items():
        for firm in held:
            of_firm[firm].append(key)
    for pk, about, gave in seen:
        for key in (*of_firm.get(about or 0, ()), gave):
            if key in found:
                found[key].add(pk)
    return {key: len(there) for key, there in found.items() if there}


def leads_of(user: Any, row: Acquaintance | Partner) -> LeadQuerySet:
    """The leads behind a figure, the newest first."""
    is_person = isinstance(row, Acquaintance)
    firms = _firms_of_people(user, [row.public_id]) if is_person else _firms_of_partners(user, [row.public_id])
    is_theirs = Q(firm__in=firms.get(row.public_id, set()))
    if not is_person:
        is_theirs |= Q(source_partner=row.pk)
    found = Lead.objects.visible_to(user).filter(is_theirs)
    return found.select_related("unit", "owner", "firm").order_by("-logged_at", "-pk")
