"""What other numbers of the rulebook would change about target lists: which rows would be stale, when firms are asked again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from wutong.rulebook import load
from wutong.rulebook.load import Rulebook
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.rules.lists import ListState
from wutong.web.lib import access
from wutong.web.lib.hooks import TriedPart

MOST_LISTS = 20


def tried(
    before: Callable[[Rulebook], Rulebook], after: Callable[[Rulebook], Rulebook], user: Any, on: dt.date, choice: str
) -> tuple[TriedPart, ...]:
    """Rows that are stale today under the old and the new rules, in all and list by list, on lists that the person may see."""
    base = load.rulebook()
    old, new = before(base), after(base)
    today = access.today()
    days = [int(book.number(rules.STALE_LEAF, on)) for book in (old, new)]
    lists = TargetList.objects.visible_to(user).filter(state=ListState.ACTIVE)
    rows = ListedFirm.objects.on_list().filter(list__in=lists.order_by().values("pk"))
    open_rows = rows.open().count()
    stale = [rows.stale(today, count).count() for count in days]
    figures = [(_("Days without a knock after which a row is stale"), days[0], days[1])]
    figures += [(_("Rows worked on"), open_rows, open_rows), (_("of them stale today"), *stale)]
    for leaf, label in ((rules.FIRST_KNOCK_LEAF, _("Days to the first knock")), (rules.LATER_LEAF, _("Days until a firm is asked again"))):
        figures.append((label, int(old.number(leaf, on)), int(new.number(leaf, on))))
    whole = TriedPart(
        _("Target lists"), (_("Figure"), _("By the rules as they are"), _("By the draft")),
        tuple((label, f"{was:,}", f"{now:,}") for label, was, now in figures),
        (_("Counted today over the active lists that whoever asked may see."),),
    )  # fmt: skip
    return (whole, *_by_list(lists, today, days)) if days[0] != days[1] else (whole,)


def _by_list(lists: Any, today: dt.date, days: list[int]) -> tuple[TriedPart, ...]:
    """The lists on which the number of stale rows would change most."""
    found = []
    for known in lists.order_by("pk"):
        rows = ListedFirm.objects.on_list().filter(list=known)
        was, now = (rows.stale(today, count).count() for count in days)
        if was != now:
            found.append((known, was, now))
    found.sort(key=lambda one: (-abs(one[2] - one[1]), one[0].pk))
    rows_of_lists = tuple((str(known), f"{was:,}", f"{now:,}") for known, was, now in found[:MOST_LISTS])
    title = _("Lists with more or fewer stale rows")
    return (TriedPart(title, (_("Target list"), _("stale before"), _("stale after")), rows_of_lists),) if found else ()
