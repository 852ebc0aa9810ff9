"""Everything noted on a record, in one order of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import rules
from wutong.web.journal.models import Attachment, Comment, Duty
from wutong.web.journal.queries import comments, duties, files
from wutong.web.journal.queries.records import Place
from wutong.web.journal.rules import Light

MOST_OF_A_KIND = 200
SHOWN_FIRST = 30


@dataclass(frozen=True, slots=True)
class Event:
    """A comment, an attachment or a duty of the timeline, and what the person may do to it."""

    at: dt.datetime
    comment: Comment | None = None
    attachment: Attachment | None = None
    duty: Duty | None = None
    light: Light | None = None
    may_edit: bool = False
    may_withdraw: bool = False
    may_hide: bool = False
    may_unhide: bool = False
    older: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is noted on a record, newest first; `left_out`: how many events are not drawn at once."""

    place: Place
    events: tuple[Event, ...]
    left_out: int
    may_write: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing is noted yet."""
        return not self.events


def timeline(user: Any, place: Place, *, at: dt.datetime, is_whole: bool = False) -> Timeline:
    """What a person may see of what is noted on a record."""
    may_write = user.may(Permission.JOURNAL_EDIT)
    if place.record is None:
        return Timeline(place, (), 0, may_write)
    of_record = {"model": place.label, "record": place.record.public_id}
    events = [*_comments(user, of_record, at), *_files(user, of_record), *_duties(user, of_record)]
    events.sort(key=lambda event: event.at, reverse=True)
    shown = events if is_whole else events[:SHOWN_FIRST]
    return Timeline(place, tuple(shown), len(events) - len(shown), may_write)


def _comments(user: Any, of_record: dict[str, Any], at: dt.datetime) -> list[Event]:
    minutes = duties.hours(rules.EDIT_LEAF, timezone.localdate(at))
    found = Comment.objects.visible_to(user).filter(**of_record).select_related("by", "unit")[:MOST_OF_A_KIND]
    events = []
    for one in found:
        is_own = one.by_id == user.pk and one.withdrawn_at is None and user.may(Permission.JOURNAL_EDIT)
        is_fresh = at - one.at <= dt.timedelta(minutes=minutes)
        is_to_withdraw = one.withdrawn_at is None and comments.may_withdraw(one, user)
        events.append(Event(one.at, comment=one, may_edit=is_own and is_fresh, may_withdraw=is_to_withdraw))
    return events


def _files(user: Any, of_record: dict[str, Any]) -> list[Event]:
    """The newest version of each name, older ones with it; a deleted one only for whoever may bring it back."""
    found = Attachment.objects.visible_to(user).stored().filter(**of_record).select_related("by", "unit", "hidden_by")
    by_name: dict[str, list[Attachment]] = {}
    events = []
    for one in found.order_by("-version_no")[:MOST_OF_A_KIND]:
        is_his = user.may(Permission.JOURNAL_EDIT) and (
            one.by_id == user.pk or user.may(Permission.JOURNAL_ASSIGN, one.unit.target())
        )  # fmt: skip
        if one.hidden_at is None:
            by_name.setdefault(one.name, []).append(one)
        elif is_his and not files.is_left_out(one):
            events.append(Event(one.at, attachment=one, may_unhide=True))
    for newest, *older in by_name.values():
        is_his = user.may(Permission.JOURNAL_EDIT) and (
            newest.by_id == user.pk or user.may(Permission.JOURNAL_ASSIGN, newest.unit.target())
        )  # fmt: skip
        events.append(Event(newest.at, attachment=newest, may_hide=is_his, older=tuple(older)))
    return events


def _duties(user: Any, of_record: dict[str, Any]) -> list[Event]:
    local = duties.now()
    yellow = duties.hours(rules.YELLOW_LEAF, local.date())
    found = duties.of_record(user, of_record["model"], of_record["record"])
    return [Event(one.asked_at, duty=one, light=rules.light(one.facts(), local, yellow_hours=yellow)) for one in found]
