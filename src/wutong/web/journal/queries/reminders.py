"""Which duties are to be reminded of, and what the digest of a person says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from wutong.rulebook.calendar import Calendar
from wutong.web.accounts.models import Posting, User
from wutong.web.accounts.rules import access as access_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import rules
from wutong.web.journal.models import Duty, DutyQuerySet, Reminded, Reminding
from wutong.web.journal.queries import duties
from wutong.web.journal.queries.duties import Row, Wanted
from wutong.web.journal.rules import Occasion
from wutong.web.lib.owed import Computed, Drawn

LINES = 8


def _awake(on: dt.date) -> DutyQuerySet:
    return Duty.objects.open().filter(Q(snoozed_until=None) | Q(snoozed_until__lte=on))


def to_warn(local: dt.datetime) -> DutyQuerySet:
    """Open duties that turned yellow and were not reminded of for this due day."""
    on = local.date()
    return _awake(on).filter(due_on__gte=on, due_on__lte=duties.yellow_until(local)).exclude(warned_for=F("due_on")).order_by("pk")


def to_tell_overdue(local: dt.datetime) -> DutyQuerySet:
    """Open duties whose due day is over and of which nobody was told that."""
    return Duty.objects.open().filter(due_on__lt=local.date()).exclude(overdue_told_for=F("due_on")).order_by("pk")


def to_escalate(local: dt.datetime, *, after_days: int, days: Calendar) -> DutyQuerySet:
    """Open duties late for so many working days, of which the leader was not told."""
    late = long_late(local.date(), after_days=after_days, days=days)
    return Duty.objects.open().filter(due_on__lte=late, escalated_at=None).order_by("pk")


def long_late(on: dt.date, *, after_days: int, days: Calendar) -> dt.date:
    """The last due day that is so many working days ago that a leader is told."""
    late = on
    while not rules.is_to_escalate(days.working_days_between(late, on).working_days, after_days=after_days):
        late -= dt.timedelta(days=1)
    return min(late, on - dt.timedelta(days=1))


def to_tell_of(one: Computed, occasion: Occasion, local: dt.datetime, *, late: dt.date) -> Any:
    """Duties of a kind that its room knows by itself, of which nobody was told yet on such an occasion; those of a person together.

    `late`: the last due day of which a leader is told.
    """
    assert one.all_rows is not None  # those of a mere sign at a queue are not reminded of
    on = local.date()
    since, until = {
        Occasion.SOON: (on, duties.yellow_until(local)), Occasion.LATE: (dt.date.min, on - dt.timedelta(days=1)),
        Occasion.LEADER: (dt.date.min, late),
    }[occasion]  # fmt: skip
    told = Reminded.objects.filter(source=one.code, occasion=occasion, key=OuterRef("d_key"), due_on=OuterRef("d_due"))
    found = one.all_rows(on).filter(~Exists(told), d_due__gte=since, d_due__lte=until)
    return found.order_by("d_owner", "d_unit", "d_due", "d_key")


def line(drawn: Drawn, kind: Any, due_on: dt.date) -> str:
    """One line of a message; of a confidential record its code name and nothing else."""
    return " · ".join(part for part in (f"{due_on}", str(kind) if drawn.is_kept else drawn.title, drawn.name) if part)


def settings_of(people: Sequence[int]) -> dict[int, Reminding]:
    """How people want to be reminded, by their key; whoever changed nothing is not among them."""
    return {one.user_id: one for one in Reminding.objects.filter(user__in=people)}


def setting_of(user: Any) -> Reminding:
    """A person's setting, or the defaults."""
    return Reminding.objects.visible_to(user).select_related("robot").first() or Reminding(user=user)


def to_digest(local: dt.datetime) -> tuple[tuple[User, Reminding], ...]:
    """Whose digest is due now."""
    able = [code for code, role in access_rules.roles().items() if Permission.JOURNAL_VIEW in role.permissions]
    posted = Posting.objects.in_force(local.date()).filter(role__in=able).order_by().values("user")
    people = list(User.objects.get_queryset().filter(pk__in=posted, is_active=True).order_by("pk"))
    known = {one.user_id: one for one in Reminding.objects.select_related("robot")}
    found = ((person, known.get(person.pk) or Reminding(user=person)) for person in people)
    return tuple((person, setting) for person, setting in found if setting.is_due(local))


@dataclass(frozen=True, slots=True)
class Digest:
    """What a person owes this morning: how many of which light, and the most pressing."""

    red_duties: int
    yellow_duties: int
    green_duties: int
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """How many in all."""
        return self.red_duties + self.yellow_duties + self.green_duties

    def figures(self) -> str:
        """The figures in words."""
        return _("Overdue: %(red)s. Due soon: %(yellow)s. Later: %(green)s.") % {
            "red": self.red_duties, "yellow": self.yellow_duties, "green": self.green_duties,
        }  # fmt: skip

    def text(self) -> str:
        """Figures and the most pressing lines; of a confidential record its code name and nothing else."""
        lines = [self.figures()]
        for row in self.rows:
            is_kept = row.record is not None and row.record.is_kept
            what = str(row.kind_name) if is_kept else row.title
            lines.append(" · ".join(part for part in (f"{row.due_on}", what, row.record.name if row.record else "") if part))
        return "\n".join(lines)


def digest(user: User, local: dt.datetime) -> Digest:
    """What a person owes, of all rooms."""
    wanted = Wanted()
    found = duties.counts(user, wanted, local)
    first = list(duties.wanted_rows(user, wanted, local).order_by("d_due", "d_key")[:LINES])
    return Digest(found["red"], found["yellow"], found["green"], duties.drawn(user, first, local))
