"""People known: entered with their consent, changed, let go; erased when the consent is withdrawn or the time of keeping is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import contacts
from wutong.web.firms.models import Person
from wutong.web.firms.rules import Basis
from wutong.web.partners import rules
from wutong.web.partners.actions.guarding import day_of, refuse, require_work
from wutong.web.partners.models import Acquaintance, Partner
from wutong.web.partners.queries import people
from wutong.web.partners.rules import PartnerState

AT_ONCE = 200
OF_PERSON = ("name", "phone", "email", "note", "purpose", "basis", "consent_source", "consented_on", "retain_until")


def locked(known: Acquaintance) -> Acquaintance:
    mine = Acquaintance.objects.select_for_update(of=("self",)).select_related("person__unit", "owner", "partner")
    return mine.get(pk=known.pk)


def _record(action: str, known: Acquaintance, *, by: Any, at: dt.datetime, **told: Any) -> None:
    """An entry that names the row and not the person; what is `personal` stands in it encrypted, by the key that goes with the person."""
    of: dict[str, Any] = {"object_type": "partners.Acquaintance", "object_id": str(known.public_id), "personal_of": known.person}
    audit.record(action=action, by=by, at=at, **of, **told)


def _check(known: Acquaintance, *, is_known: bool = False) -> None:
    partner, person = known.partner, known.person
    refuse(
        rules.refusals_to_know(
            Basis(person.basis), is_home_tie=known.is_home_tie, origin_adcode=known.origin_adcode, is_known=is_known,
            is_partner_open=partner is None or partner.state != PartnerState.ENDED,
            is_of_unit=people.is_of_unit(known.owner, person.unit),
        )
    )  # fmt: skip


@transaction.atomic
def know(
    *, owner: User, by: User, at: dt.datetime, person: Person | None = None, firm_id: str = "", title: str = "", is_home_tie: bool = False,
    origin_adcode: str = "", present_adcode: str = "", occupation: str = "", partner: Partner | None = None, partner_role: str = "",
    **values: Any,
) -> Acquaintance:  # fmt: skip
    """Enter a person known (人脉), who agreed: somebody new (`values`: name, contact data, purpose, consent), or a `person` noted already.

    Raises: NotAllowed, UnknownFirm, Refused, RefusedByFirms.
    """
    refusing.require(by, Permission.PARTNERS_EDIT, (person.unit if person else by.unit).target())
    if person is None:
        person = contacts.note_person(firm_id=firm_id, title=title, by=by, at=at, on=day_of(at), **values)
    made = Acquaintance(
        person=person, owner=owner, is_home_tie=is_home_tie, origin_adcode=origin_adcode, present_adcode=present_adcode,
        occupation=occupation.strip()[:120], partner=partner, partner_role=partner_role.strip()[:100], made_at=at,
    )  # fmt: skip
    _check(made, is_known=Acquaintance.objects.filter(person=person).exists())
    made.save(force_insert=True)
    personal = {name: {"old": None, "new": getattr(made, name)} for name in Acquaintance.PERSONAL if getattr(made, name)}
    told = {"owner": str(owner), "is_home_tie": is_home_tie, **({"partner": partner.name} if partner else {})}
    _record("partners.know", made, by=by, at=at, changes=told, personal=personal)
    return made


@transaction.atomic
def change(*, known: Acquaintance, by: User, at: dt.datetime, **values: Any) -> Acquaintance:
    """Change what is known of a person, or renew the consent; what stands with the person at firms is changed there.

    Raises: NotAllowed, Refused, RefusedByFirms.
    """
    found = locked(known)
    require_work(by, found)
    of_person = {name: values.pop(name) for name in OF_PERSON if name in values}
    if of_person:
        position = found.person.positions.first()
        title = position.title if position else ""
        found.person = contacts.change_person(person=found.person, title=title, by=by, at=at, on=day_of(at), **of_person)
    changes = refusing.changed(found, values)
    _check(found)
    if changes:
        found.save()
        personal = {name: told for name, told in changes.items() if name in Acquaintance.PERSONAL}
        plain = {name: told for name, told in changes.items() if name not in personal}
        _record("partners.change_known", found, by=by, at=at, changes=plain, personal=personal)
    return found


@transaction.atomic
def withdraw_consent(*, known: Acquaintance, reason: str, by: User, at: dt.datetime) -> None:
    """The person takes the consent back (撤回同意): gone from every page and erased for good, at once. Raises: NotAllowed, Refused."""
    found = locked(known)
    require_work(by, found)
    refuse((rules.Refusal.REASON_MISSING,) if not reason.strip() else ())
    _record("partners.withdraw_consent", found, by=by, at=at)
    contacts.erase_person(person=found.person, reason=reason, by=by, at=at)


@transaction.atomic(savepoint=False)
def forget(*, person: Person, by: Any, at: dt.datetime) -> None:
    """What this room keeps of a person goes when the person at firms is erased: the row, and the contacts with him."""
    for known in Acquaintance.objects.select_for_update().filter(person=person):
        public_id = str(known.public_id)
        known.delete()
        audit.record(action="partners.forget", by=by, at=at, object_type="partners.Acquaintance", object_id=public_id)


@transaction.atomic
def erase_due(*, on: dt.date, by: None, at: dt.datetime) -> int:
    """Erase people known whose time of keeping is over and whom nobody renewed; a piece at a time. Returns how many.

    Of whom the consent is the reason no more, that he is known is deleted, and nothing else.
    """
    for known in Acquaintance.objects.exclude(person__basis=Basis.CONSENT).select_related("person").order_by("pk")[:AT_ONCE]:
        forget(person=known.person, by=by, at=at)  # at firms the person is kept for another reason by now
    due = Acquaintance.objects.filter(person__retain_until__lte=on, person__erased_at=None).order_by("pk")
    found = list(due.select_related("person")[:AT_ONCE])
    for known in found:
        contacts.erase_person(person=known.person, reason="retention", by=by, at=at)
    return len(found)


@transaction.atomic
def hand_over_known(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Let a colleague keep in touch with the people whom a leaver knew. Returns how many moved. Raises: NotAllowed."""
    for one in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, one.unit.target())
    moved = Acquaintance.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="partners.hand_over_known", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved
