"""Reminders of what rooms know by themselves: who owes it is told before and after the due day, the leader when it is long late."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.web.accounts.models import Unit, User
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.rules import Channel
from wutong.web.journal import rules
from wutong.web.journal.actions.reminders import AT_ONCE
from wutong.web.journal.models import Reminded, Reminding
from wutong.web.journal.queries import calendar, duties
from wutong.web.journal.queries import reminders as queries
from wutong.web.journal.rules import Occasion
from wutong.web.lib.owed import Computed, Drawn

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def remind(*, one: Computed, occasion: Occasion, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Tell people of the duties of a kind, all that are theirs in one message; a batch, returns how many were looked at.

    Why the rows written beside: a duty is told of once for a due day on an occasion, however often this runs.
    """
    on = local.date()
    late = queries.long_late(on, after_days=duties.hours(rules.ESCALATE_LEAF, on), days=calendar.calendar())
    found = list(queries.to_tell_of(one, occasion, local, late=late)[:AT_ONCE])
    owing = one.people([row["d_key"] for row in found]) if one.people and found else {}
    asked = _leaders(found, owing, on) if occasion is Occasion.LEADER else owing
    count = sum(_tell(one, occasion, person, rows, by=None, at=at) for person, rows in _by_person(found, asked).items())
    told = [Reminded(source=one.code, key=row["d_key"], due_on=row["d_due"], occasion=occasion, at=at) for row in found]
    Reminded.objects.bulk_create(told)
    if found and occasion is Occasion.LEADER:
        audit.record(action="journal.escalate", by=None, at=at, object_label=str(one.label), changes={"told": count, "rows": len(found)})
    return len(found)


def _leaders(found: Rows, owing: Mapping[uuid.UUID, tuple[User, ...]], on: dt.date) -> dict[uuid.UUID, tuple[User, ...]]:
    """Who directs the unit of each, but for those who owe it themselves."""
    units = Unit.objects.in_bulk({row["d_unit"] for row in found})
    leaders = {key: duties.leaders_of(unit, on) for key, unit in units.items()}
    return {
        row["d_key"]: tuple(one for one in leaders.get(row["d_unit"], ()) if one not in owing.get(row["d_key"], ())) for row in found
    }  # fmt: skip


def _by_person(found: Rows, asked: Mapping[uuid.UUID, Iterable[User]]) -> dict[User, list[Mapping[str, Any]]]:
    of: dict[User, list[Mapping[str, Any]]] = defaultdict(list)
    for row in found:
        for person in asked.get(row["d_key"], ()):
            of[person].append(row)
    return of


def _is_wanted(wish: Reminding, occasion: Occasion) -> bool:
    return {Occasion.SOON: wish.is_before, Occasion.LATE: wish.is_overdue, Occasion.LEADER: True}[occasion]


def _tell(one: Computed, occasion: Occasion, person: User, rows: Rows, *, by: None, at: dt.datetime) -> int:
    """Tell a person of what he may still see; 1 if there was something to tell."""
    wish = queries.settings_of([person.pk]).get(person.pk) or Reminding()
    drawn = one.drawn(person, [row["d_key"] for row in rows])
    seen = [(row["d_due"], drawn[row["d_key"]]) for row in rows if row["d_key"] in drawn]
    if not seen or not _is_wanted(wish, occasion) or not person.is_active:
        return 0
    sign = hashlib.sha256("".join(sorted(f"{row['d_key']}{row['d_due']}" for row in rows)).encode()).hexdigest()[:32]
    channels = (Channel.IN_APP, *((Channel.EMAIL,) if wish.is_by_email and occasion is not Occasion.LEADER else ()))
    jobs.tell(
        to=person, key=f"journal:{occasion}:{one.code}:{person.pk}:{sign}", words=partial(_words, one, occasion, seen), by=by, at=at,
        address=_address(one, occasion, seen), channels=channels,
    )  # fmt: skip
    return 1


def _words(one: Computed, occasion: Occasion, seen: Sequence[tuple[dt.date, Drawn]]) -> tuple[str, str]:
    said = {
        Occasion.SOON: _("A duty is due soon"), Occasion.LATE: _("A duty is overdue"), Occasion.LEADER: _("A duty of the unit is late"),
    }[occasion]  # fmt: skip
    what = seen[0][1].name if len(seen) == 1 else _("%(kind)s (%(count)s)") % {"kind": one.label, "count": len(seen)}
    lines = [queries.line(drawn, one.label, due_on) for due_on, drawn in seen[: queries.LINES]]
    return pgettext("message", "%(record)s: %(what)s") % {"record": said, "what": what}, "\n".join(lines)


def _address(one: Computed, occasion: Occasion, seen: Sequence[tuple[dt.date, Drawn]]) -> str:
    if len(seen) == 1:
        return seen[0][1].address
    whose = "all" if occasion is Occasion.LEADER else "mine"
    return f"{reverse('journal:list')}?{urlencode({'whose': whose, 'kind': one.code})}"
