"""Comments: written, changed for some minutes, withdrawn; people who are named are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.journal import rules
from wutong.web.journal.actions.duties import NotAllowed, refuse
from wutong.web.journal.models import Comment
from wutong.web.journal.queries import comments as queries
from wutong.web.journal.queries import duties as duty_queries
from wutong.web.journal.queries import records
from wutong.web.journal.queries.comments import Unknown
from wutong.web.journal.queries.records import Place
from wutong.web.journal.rules import Refusal

SHOWN_SIGNS = 80


@dataclass(frozen=True, slots=True)
class Written:
    """A comment; who was told now, who is named and may not see the record, and what is nobody's name."""

    comment: Comment
    told: tuple[User, ...] = ()
    not_told: tuple[User, ...] = ()
    unknown: tuple[Unknown, ...] = ()


@transaction.atomic
def write(*, record: Any, text: str, by: User, at: dt.datetime) -> Written:
    """Say something about a record; whoever is named with @ and may see it is told. Raises: NotAllowed, Refused, NoRecord."""
    accounts.require(by, Permission.JOURNAL_EDIT)
    place = records.place_of(record)
    if not records.is_seen_by(by, record):
        raise NotAllowed(Permission.JOURNAL_EDIT)
    refuse(() if text.strip() else (Refusal.TEXT_MISSING,))
    made = Comment.objects.create(model=place.label, record=record.public_id, text=text.strip()[:4000], unit=by.unit, by=by, at=at)
    written = _name(made, place, by=by, at=at)
    changes = {"record": f"{place.label} {record.public_id}", "told": len(written.told)}
    audit.record(action="journal.comment", by=by, at=at, obj=made, changes=changes)
    return written


@transaction.atomic
def edit(*, comment: Comment, text: str, by: User, at: dt.datetime) -> Written:
    """Change one's own comment within some minutes. Raises: NotAllowed, Refused, NoRecord."""
    found = _own(comment, by)
    minutes = duty_queries.hours(rules.EDIT_LEAF, timezone.localdate(at))
    is_withdrawn = found.withdrawn_at is not None
    refuse(rules.refusals_to_edit(written_at=found.at, at=at, edit_minutes=minutes, is_withdrawn=is_withdrawn, text=text))
    found.text, found.edited_at = text.strip()[:4000], at
    found.save(update_fields=["text", "edited_at"])
    record = records.record_of(found, by)
    written = _name(found, records.place_of(record), by=by, at=at) if record is not None else Written(found)
    audit.record(action="journal.edit_comment", by=by, at=at, obj=found)
    return written


@transaction.atomic
def withdraw(*, comment: Comment, by: User, at: dt.datetime) -> Comment:
    """Take a comment back: that there was one stays, what it said is erased. Raises: NotAllowed, Refused.

    Why not one's own only: who left cannot, so whoever shares out the work of the unit does it for him.
    """
    found = Comment.objects.select_for_update(of=("self",)).select_related("by", "unit").get(pk=comment.pk)
    if not queries.may_withdraw(found, by):
        raise NotAllowed(Permission.JOURNAL_EDIT)
    refuse((Refusal.WITHDRAWN,) if found.withdrawn_at else ())
    found.text, found.withdrawn_at = "", at
    found.save(update_fields=["text", "withdrawn_at"])
    audit.record(action="journal.withdraw_comment", by=by, at=at, obj=found)
    return found


def _own(comment: Comment, by: User) -> Comment:
    accounts.require(by, Permission.JOURNAL_EDIT)
    found = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if found.by_id != by.pk:
        raise NotAllowed(Permission.JOURNAL_EDIT)
    return found


def _name(comment: Comment, place: Place, *, by: User, at: dt.datetime) -> Written:
    """Note and tell who is named in a comment and may see the record."""
    found = queries.mentioned(comment.text)
    named = [person for person in found.people if person.pk != by.pk]
    told = [one for one in named if one.may(Permission.JOURNAL_VIEW) and records.is_seen_by(one, place.record)]
    before = set(comment.mentions.values_list("pk", flat=True))
    comment.mentions.set(told)
    _tell(comment, place, told, by=by, at=at)
    new = tuple(one for one in told if one.pk not in before)
    unknown = queries.meant(found.unknown, by) if found.unknown else ()
    return Written(comment, new, tuple(one for one in named if one not in told), unknown)


def _tell(comment: Comment, place: Place, people: Iterable[User], *, by: User, at: dt.datetime) -> None:
    for person in people:
        said = "" if place.is_kept else comment.text[:SHOWN_SIGNS]

        def words(said: str = said) -> tuple[str, str]:
            return _("%(who)s names you in a comment on %(record)s") % {"who": by, "record": place.name}, said

        key = f"journal:named:{comment.public_id}:{person.pk}"
        jobs.tell(to=person, key=key, words=words, address=f"{place.address}#journal", by=by, at=at)
