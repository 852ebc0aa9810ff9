"""People at firms whose time of keeping is over or soon will be, as duties of whoever noted them: renew the basis, or erase."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import User
from wutong.web.firms.models import Person
from wutong.web.journal.queries import columns, duties
from wutong.web.lib import access
from wutong.web.lib.owed import Drawn

SOURCE = "firms.retention"
AHEAD_LEAF = "personal.renew_ahead_days"
_LAST_DAY = dt.timedelta(days=1)  # `retain_until` is the first day on which nothing may be kept


def rows(user: Any, on: dt.date) -> Any:
    """The people whom a person may see and whose last day is past or so near as the rulebook says; each is due on its last day."""
    return _shaped(Person.objects.visible_to(user), on)


def all_rows(on: dt.date) -> Any:
    """Those of every unit."""
    return _shaped(Person.objects.filter(erased_at=None), on)


def _shaped(found: Any, on: dt.date) -> Any:
    ends = on + dt.timedelta(days=duties.hours(AHEAD_LEAF, on)) + _LAST_DAY
    due = ExpressionWrapper(F("retain_until") - _LAST_DAY, output_field=DateTimeField())
    near = found.filter(retain_until__lte=ends)
    return columns.of(near, source=columns.is_named(SOURCE), title=columns.is_named(_title()), due_on=due, owner="noted_by", unit="unit")


def _title() -> str:
    return _("renew or erase a contact at a firm")


def people(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who owes each: whoever noted it, else who directs the work of the unit."""
    found = Person.objects.filter(public_id__in=list(keys)).select_related("noted_by", "unit")
    return {
        one.public_id: (one.noted_by,) if one.noted_by.is_active else duties.leaders_of(one.unit, access.today()) for one in found
    }  # fmt: skip


def drawn(user: Any, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Drawn]:
    """The firm of each and a way to the person's page.

    Why no name of the person: messages and spreadsheets keep what they say, and who is erased must stand in none of them.
    """
    found = Person.objects.visible_to(user).filter(public_id__in=list(keys)).prefetch_related("positions__firm")
    return {one.public_id: Drawn(_firms(one), reverse("firms:person", args=[one.public_id]), _title()) for one in found}


def _firms(person: Person) -> str:
    comma = pgettext("between the words of a list", ", ")
    names = dict.fromkeys(position.firm.name for position in person.positions.all())
    return comma.join(names) or str(Person._meta.verbose_name)
