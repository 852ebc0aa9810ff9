"""People at firms: noted with purpose and end, revealed, erased."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.rulebook import load
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms import rules
from wutong.web.firms.actions import adoption, merging, remarks
from wutong.web.firms.models import Person, Position


def _record_person(action: str, person: Person, *, by: User, at: dt.datetime, **told: Any) -> None:
    """An entry that names the row and not the person; what is `personal` stands in it encrypted, until the person is erased."""
    of: dict[str, Any] = {"object_type": "firms.Person", "object_id": str(person.public_id), "personal_of": person}
    audit.record(action=action, by=by, at=at, **of, **told)


@transaction.atomic
def note_person(*, firm_id: str, title: str, by: User, at: dt.datetime, on: dt.date, **values: Any) -> Person:
    """Note a person at a firm (企业联系人), with why and until when that may be kept. Raises: NotAllowed, UnknownFirm, Refused.

    Why: what is personal stands in the audit entry encrypted only, so that erasing the row erases the person.
    """
    refusing.require(by, Permission.FIRMS_EDIT)
    firm = adoption.take_on(firm_id=firm_id, by=by, at=at)
    person = Person(**values, unit=by.unit, noted_by=by, noted_at=at)
    remarks.refuse(rules.refusals_to_keep(person.facts(), on=on, rulebook=load.rulebook()))
    person.save()
    Position.objects.create(person=person, firm=firm, title=title)
    filled = [name for name in Person.PERSONAL if getattr(person, name)]
    personal = {name: {"old": None, "new": getattr(person, name)} for name in filled} | {"title": {"old": None, "new": title}}
    _record_person("firms.note_person", person, by=by, at=at, changes={"firm": firm.name, "fields": filled}, personal=personal)
    return person


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
def erase_person(*, person: Person, reason: str, by: User, at: dt.datetime) -> None:
    """Erase a person for good (删除个人信息): every personal field is emptied, only that there was a row remains. Raises: NotAllowed."""
    person = Person.objects.select_for_update(of=("self",)).select_related("unit").get(pk=person.pk)
    remarks.require_own(person, by)
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
