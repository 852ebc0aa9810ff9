"""Suspected doubles of money in place (疑似重复): others in force with a paper of the same number, whatever sum and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from wutong.web.lib.money import currency_name
from wutong.web.projects.models import FundsEntry, FundsProof


def of(entries: Sequence[FundsEntry]) -> dict[int, tuple[FundsEntry, ...]]:
    """Key of an entry → the others in force that bear one of its numbers, of the whole office: one question, however many."""
    keys = {entry.pk for entry in entries}
    papers = FundsProof.objects.filter(entry__in=keys).exclude(paper="").values("paper")
    held = list(FundsProof.objects.filter(paper__in=papers).select_related("entry__project__unit").order_by("entry", "pk"))
    by_paper: dict[str, dict[int, FundsEntry]] = defaultdict(dict)
    for proof in held:
        by_paper[proof.paper][proof.entry_id] = proof.entry
    found: dict[int, dict[int, FundsEntry]] = defaultdict(dict)
    for proof in held:
        if proof.entry_id in keys:
            found[proof.entry_id] |= {key: other for key, other in by_paper[proof.paper].items() if key != proof.entry_id}
    return {key: tuple(others[one] for one in sorted(others)) for key, others in found.items() if others}


def told(doubles: Sequence[FundsEntry], user: Any) -> tuple[str, ...]:
    """What a person is told of suspected doubles: project, sum and day of those he may see; of others only that they are there."""
    return told_of({0: tuple(doubles)}, user).get(0, ())


def told_of(doubles: Mapping[int, Sequence[FundsEntry]], user: Any) -> dict[int, tuple[str, ...]]:
    """The same by key: one question."""
    keys = {one.pk for others in doubles.values() for one in others}
    if not keys:
        return {}
    seen = set(FundsEntry.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True)) if user is not None else keys
    return {key: tuple(_said(one, is_seen=one.pk in seen) for one in others) for key, others in doubles.items()}


def _said(entry: FundsEntry, *, is_seen: bool) -> str:
    if not is_seen:
        return _("an entry that you may not see")
    named = {
        "project": entry.project.outside_name, "day": entry.arrived_on.isoformat(), "unit": entry.project.unit.name,
        "amount": f"{entry.amount:,.2f}", "currency": currency_name(entry.currency), "kind": entry.get_kind_display(),
    }  # fmt: skip
    return _("%(project)s (%(unit)s), %(kind)s %(amount)s %(currency)s, arrived on %(day)s") % named
