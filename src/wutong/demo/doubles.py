"""Two firms of the demo that may be one: an old record of the registry, and the firm that it says it became under another name.

A county took the one on, the bureau the other, so that the page of suspected duplicates has something to decide. Nothing of it is in the
registry; everything goes through the actions of `firms` and is dated relative to today.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from wutong.engine import names
from wutong.engine.warehouse import Warehouse

HOME = "9102"
OFFICER = "officer1"
SOURCE = "走访登记：企业称更名后换发营业执照（演示）"
SHORT_SOURCE = "县区走访（演示）"
# An old record bears no code of today; what became of it is a firm in the same county, of the same trade where there is one, registered
# next after it.
_PAIR = """
    select old.firm_id as old_id, old.name as old_name, old.adcode as county, new.firm_id as new_id, new.name as new_name
    from firms old join firms new on new.adcode = old.adcode and right(new.name, 6) = right(old.name, 6) and new.name <> old.name
    where left(old.adcode, 4) = $home and old.uscc_status in ('short', 'missing') and new.uscc_status = 'valid'
      and not old.is_branch and not new.is_branch and not contains(old.name, '贸') and new.registered_on > old.registered_on
    order by right(new.name, 10) = right(old.name, 10) desc, right(new.name, 8) = right(old.name, 8) desc,
        new.registered_on - old.registered_on, old.firm_id, new.firm_id limit 1
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """The old record and the firm that may be the same; `county`: adcode of both."""

    old_id: str
    old_name: str
    new_id: str
    new_name: str
    county: str


def pair(warehouse: Warehouse) -> Pair | None:
    """The pair of the demo, the same in every build of one day; None where the registry holds none."""
    found = warehouse.ask(_PAIR, {"home": HOME}, step="demo_doubles").to_pylist()
    return Pair(**found[0]) if found else None


def tell(*, at: dt.datetime) -> None:
    """The county follows the old record; the bureau notes of the other that it bore that name before."""
    from django.db import transaction  # noqa: PLC0415 - Django is loaded only where the demo serves pages

    from wutong.web.accounts.models import User  # noqa: PLC0415
    from wutong.web.firms.actions import adoption, remarks  # noqa: PLC0415
    from wutong.web.lib import warehouse  # noqa: PLC0415

    found = pair(warehouse.served())
    if found is None:
        return
    people = User.objects.get_queryset()
    county, officer = people.get(username=f"county-{found.county}"), people.get(username=OFFICER)
    with transaction.atomic():
        when = at - dt.timedelta(days=70)
        adoption.follow(firm_id=found.old_id, by=county, at=when)
        if short := names.core(found.old_name):
            remarks.note_name(firm_id=found.old_id, kind="short", name=short, source=SHORT_SOURCE, by=county, at=when)
        remarks.note_name(
            firm_id=found.new_id, kind="former", name=found.old_name, source=SOURCE, by=officer, at=at - dt.timedelta(days=6)
        )  # fmt: skip
