"""People at firms: noted with purpose and end, revealed, erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.rulebook import load
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.actions import adoption, merging, remarks
from wutong.web.firms.models import Person, Position
from wutong.web.lib import hooks


def _record_person(action: str, person: Person, *, by: Any, at: dt.datetime, **told: Any) -> None:
    """An entry that names the row and not the person; what is `personal` stands in it encrypted, until the person is erased."""
    of: dict[str, Any] = {"object_type": "firms.Person", "object_id": str(person.public_id), "personal_of": person}
    audit.record(action=action, by=by, at=at, **of, **told)


@transaction.atomic
def note_person(*, firm_id: str, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Note a person (企业联系人) at a firm, or with an empty `firm_id` at none, with why and until when that may be kept.

    Why: what is personal stands in the audit entry encrypted only, so that erasing the row erases the person.
    Raises: NotAllowed, UnknownFirm, Refused.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    person = Person(**values, unit=by.unit, noted_by=by, noted_at=at)
    remarks.refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at) if firm_id else None
    person.save()
    filled = [name for name in Person.PERSONAL if getattr(person, name)]
    personal: dict[str, Any] = {name: {"old": None, "new": getattr(person, name)} for name in filled}
    if firm is not None:
        Position.objects.create(person=person, firm=firm, title=title)
        personal["title"] = {"old": None, "new": title}
    told = {"firm": firm.name, "fields": filled} if firm else {"fields": filled}
    _record_person("firms.note_person", person, by=by, at=at, changes=told, personal=personal)
    return person


@transaction.atomic
def note_position(
    *, person: Person, firm_id: str, title: str, source: str, by: User, at: dt.datetime, starts_on: dt.date | None = None
) -> Position:  # fmt: skip
    """Note that a person leads a firm or works for it (职务), with where that stands; a repeat corrects source and day.

    Raises: NotAllowed, UnknownFirm, Refused.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    remarks.require_own(person, by)
    remarks.refuse(() if source.strip() else (rules.Refusal.NO_SOURCE,))
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
    values = {"source": source.strip()[:300], "starts_on": starts_on}
    row, _ = Position.objects.update_or_create(person=person, firm=firm, title=title.strip()[:100], defaults=values)
    personal = {"title": {"old": None, "new": row.title}}
    _record_person("firms.note_position", person, by=by, at=at, changes={"firm": firm.name, "source": row.source}, personal=personal)
    return row


@transaction.atomic
def drop_position(*, position: Position, by: User, at: dt.datetime) -> None:
    """Take back that a person works for a firm. Raises: NotAllowed."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=position.person_id)
    remarks.require_own(person, by)
    firm = position.firm.name
    position.delete()
    _record_person("firms.drop_position", person, by=by, at=at, changes={"firm": firm})


@transaction.atomic
def change_person(*, person: Person, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Correct a person's data, or keep it for longer. Raises: NotAllowed, Refused."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    remarks.require_own(person, by)
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    personal = {name: {"old": str(getattr(person, name)), "new": str(values[name])} for name in changed}
    for name in changed:
        setattr(person, name, values[name])
    remarks.refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    was_title = _retitle(person, title)
    if was_title:
        personal["title"] = {"old": was_title, "new": title}
    if personal:
        _record_person("firms.change_person", person, by=by, at=at, changes={"fields": list(personal)}, personal=personal)
    return person


def _retitle(person: Person, title: str) -> str:
    """Give the position that a form shows another title; where the person bears that title at the firm already, the two become one.

    Returns the title it had, empty where it keeps it.
    """
    position = person.positions.first()
    if position is None or position.title == title:
        return ""
    was = position.title
    if person.positions.filter(firm=position.firm, title=title).exists():
        position.delete()
    else:
        person.positions.filter(pk=position.pk).update(title=title)
    return was


@transaction.atomic
def erase_person(*, person: Person, reason: str, by: Any, at: dt.datetime) -> None:
    """Erase a person for good (删除个人信息): every personal field is emptied, only that there was a row remains. Raises: NotAllowed.

    What rooms above keep of the person goes first (ERASED of their hooks). `by` None is the system, once the time of keeping is over.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    if by is not None:
        remarks.require_own(person, by)
    for forget in hooks.collect("ERASED"):
        forget(person=person, by=by, at=at)
    for name in Person.PERSONAL:
        reason = reason.replace(getattr(person, name), "***") if getattr(person, name) else reason
        setattr(person, name, "")
    person.consent_source, person.erased_at = "", at
    person.save()
    merging.forget(person=person, by=by, at=at)
    person.positions.all().delete()
    audit.forget(record_=person, by=by, at=at)
    _record_person("firms.erase_person", person, by=by, at=at, changes={"reason": reason})


@transaction.atomic
def reveal_person(*, person: Person, by: User, at: dt.datetime) -> Person:
    """Show a person's telephone and e-mail in full; that is a sensitive view and leaves an entry. Raises: NotAllowed."""
    remarks.require_own(person, by)
    _record_person("firms.reveal_person", person, by=by, at=at)
    return person
