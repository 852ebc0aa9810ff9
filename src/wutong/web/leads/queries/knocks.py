"""Knocks over all lists as a table: who called on whom, when, by what way, and what it brought; what a later entry corrects is left out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wutong.web.accounts.models import Unit, User
from wutong.web.leads.models import Knock, KnockQuerySet, ListedFirm, TargetList
from wutong.web.leads.queries import results, rows
from wutong.web.lib import access

CUTS = {
    **results.CUTS, "segment": gettext_lazy("Segment"), "assignee": gettext_lazy("Assigned to"), "on_list": gettext_lazy("Firms"),
}  # fmt: skip
WHOLE = ("row__firm", "row__list__unit", "by")


def knocks(user: Any) -> KnockQuerySet:
    """Every knock that a person may see and that no later entry corrects; those at firms taken off a list too."""
    return Knock.objects.visible_to(user).standing()


def matching(
    found: KnockQuerySet, *, text: str = "", made_from: dt.date | None = None, made_to: dt.date | None = None, person: User | None = None,
    unit: Unit | None = None, line: str = "", how: str = "", result: str = "", target_list: TargetList | None = None,
) -> KnockQuerySet:  # fmt: skip
    """Knocks by firm, days (both included), who knocked, unit of the list (and those below it), line, way, result and list."""
    lists = Q(**({"unit__path__startswith": unit.path} if unit else {}), **({"line": line} if line else {}))
    if target_list:
        lists &= Q(pk=target_list.pk)
    if lists:
        found = found.filter(row__list__in=TargetList.objects.filter(lists).order_by().values("pk"))
    if text:
        found = found.filter(Q(row__firm__name__icontains=text) | Q(row__firm__uscc__istartswith=text))
    if made_from:
        found = found.filter(made_at__gte=access.begins(made_from))
    if made_to and made_to < dt.date.max:
        found = found.filter(made_at__lt=access.begins(made_to + dt.timedelta(days=1)))
    asked = {name: value for name, value in (("by", person), ("how", how), ("result", result)) if value}
    return found.filter(**asked)


def cut(found: KnockQuerySet, params: Mapping[str, Any]) -> KnockQuerySet:
    """Knocks at the rows that a figure of a result counts."""
    if not CUTS.keys() & set(params):
        return found
    there = ListedFirm.objects.on_list() if params.get("on_list") else ListedFirm.objects.all()
    holder = params.get("assignee", "")
    if results.is_uuid(holder):
        there = there.filter(assignee__public_id=holder)
    return found.filter(row__in=results.cut(there, params).order_by().values("pk"))


def cut_words(name: str, value: str, user: Any) -> str:
    """What a figure of a result cuts knocks to, in words."""
    match name:
        case "on_list":
            return _("on the list today")
        case "assignee" if results.is_uuid(value):
            return str(
                User.objects.get_queryset().filter(public_id=value, assigned_firms__in=ListedFirm.objects.visible_to(user)).first() or ""
            )
        case "assignee":
            return _("nobody yet")
        case "segment":
            chain, _slash, segment = value.rpartition("/")
            return _("no segment") if value == "-" else rows.segment_name(chain, segment)
    return results.cut_words(name, value, user)


def shown(pks: Sequence[int]) -> list[Knock]:
    """The knocks of a page whose keys were sorted and cut before, each with the pages of its row and list."""
    known = Knock.objects.get_queryset().select_related(*WHOLE).defer("row__found").in_bulk(pks)
    pages = [reverse(name, args=[rows.NOBODY]) for name in ("leads:row", "leads:detail")]
    for one in known.values():
        keys: tuple[uuid.UUID, uuid.UUID] = (one.row.public_id, one.row.list.public_id)
        row_page, list_page = (page.replace(str(rows.NOBODY), str(key)) for page, key in zip(pages, keys, strict=True))
        one.address, one.list_address = row_page, list_page  # type: ignore[attr-defined]
    return [known[pk] for pk in pks if pk in known]
