"""Partners entered, changed, laid to rest and taken up again; contacts noted; partners handed over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.partners import rules
from wutong.web.partners.actions.guarding import day_of, refuse, require_work
from wutong.web.partners.models import Acquaintance, Contact, Partner
from wutong.web.partners.queries import people
from wutong.web.partners.rules import ContactHow, PartnerState, Refusal


def locked(partner: Partner) -> Partner:
    return Partner.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=partner.pk)


def _is_tied_elsewhere(partner: Partner) -> bool:
    """Whether the log-in of a partner is that of another active one; the person is locked, so that two units ask one after the other."""
    if partner.account_id is None:
        return False
    User.objects.get_queryset().select_for_update().get(pk=partner.account_id)
    return Partner.objects.filter(account=partner.account_id, state=PartnerState.ACTIVE).exclude(pk=partner.pk).exists()


def _check(partner: Partner, *, on: dt.date, is_tied_anew: bool) -> None:
    there = Partner.objects.filter(unit=partner.unit, kind=partner.kind, name=partner.name).exclude(pk=partner.pk)
    facts = rules.PartnerFacts(partner.name, partner.since_on, partner.agreement_signed_on, partner.agreement_until)
    tied = partner.account
    refuse(
        rules.refusals_to_keep_partner(
            facts, on=on, is_taken=there.exists(), is_unit_open=partner.unit.closed_on is None,
            is_of_unit=people.is_of_unit(partner.owner, partner.unit),
            is_tied_elsewhere=partner.state == PartnerState.ACTIVE and _is_tied_elsewhere(partner),
            is_adviser=tied is None or not is_tied_anew or people.advisers().filter(pk=tied.pk).exists(),
        )
    )  # fmt: skip


@transaction.atomic
def make(
    *, unit: Unit, owner: User, kind: str, name: str, by: Any, at: dt.datetime, firm_id: str = "", **values: Any
) -> Partner:  # fmt: skip
    """Enter a partner (合作伙伴) of a unit; `firm_id`: the firm of the registry that it is. Raises: NotAllowed, UnknownFirm, Refused."""
    refusing.require(by, Permission.PARTNERS_EDIT, unit.target())
    on = day_of(at)
    if firm_id:
        values["firm"] = adoption.take_on(firm_id=firm_id, by=by, at=at)
    made = Partner(unit=unit, owner=owner, kind=kind, name=name.strip()[:200], state_since=on, made_at=at, made_by=by, **values)
    _check(made, on=on, is_tied_anew=True)
    made.save(force_insert=True)
    audit.record(action="partners.make", by=by, at=at, obj=made, changes={"kind": kind, "unit": str(unit), "owner": str(owner)})
    return made


@transaction.atomic
def change(*, partner: Partner, by: Any, at: dt.datetime, firm_id: str | None = None, **values: Any) -> Partner:
    """Change what is known of a partner, or who looks after it; `firm_id` "": it is no firm. Raises: NotAllowed, UnknownFirm, Refused."""
    found = locked(partner)
    require_work(by, found)
    if firm_id is not None:
        values["firm"] = adoption.take_on(firm_id=firm_id, by=by, at=at) if firm_id else None
    changes = refusing.changed(found, values)
    if changes:
        _check(found, on=day_of(at), is_tied_anew="account" in changes)
        found.save()
        audit.record(action="partners.change", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def set_state(*, partner: Partner, state: PartnerState, reason: str, by: Any, at: dt.datetime) -> Partner:
    """Call a partner dormant or ended with a reason, or active again. Raises: NotAllowed, Refused."""
    found = locked(partner)
    require_work(by, found)
    refuse(rules.refusals_to_set_state(PartnerState(found.state), state, reason=reason))
    refuse((Refusal.ACCOUNT_NOT_TIED,) if state is PartnerState.ACTIVE and _is_tied_elsewhere(found) else ())
    changes = {"state": {"old": found.state, "new": str(state)}, "reason": reason.strip()}
    found.state, found.state_since = state, day_of(at)
    found.state_reason = "" if state is PartnerState.ACTIVE else reason.strip()[:300]
    found.save(update_fields=["state", "state_since", "state_reason"])
    audit.record(action="partners.set_state", by=by, at=at, obj=found, changes=changes)
    return found


# --- contacts -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def note_contact(
    *, held_on: dt.date, how: ContactHow, outcome: str, by: User, at: dt.datetime, partner: Partner | None = None,
    acquaintance: Acquaintance | None = None, with_whom: str = "", next_step: str = "", next_on: dt.date | None = None,
    person: User | None = None, key: str = "",
) -> Contact:  # fmt: skip
    """Note when somebody was in touch with a partner or a person known and what came of it (走访联络).

    `key`: of the form; sent twice, it is one contact. Raises: NotAllowed, Refused.
    """
    for row in (partner, acquaintance):
        if row is not None:
            require_work(by, row)
    who = person or by
    User.objects.get_queryset().select_for_update().get(pk=who.pk)  # so that a form that comes twice at one moment finds the first
    known: Contact | None = Contact.objects.filter(by=who, form_key=key).first() if key else None
    if known is not None:
        return known
    refuse(
        rules.refusals_to_note_contact(
            held_on=held_on, outcome=outcome, next_step=next_step, next_on=next_on, on=day_of(at),
            is_with_somebody=partner is not None or acquaintance is not None,
        )
    )  # fmt: skip
    made = Contact.objects.create(
        partner=partner, acquaintance=acquaintance, held_on=held_on, how=how, with_whom=with_whom.strip()[:200],
        outcome=outcome.strip()[:2000], next_step=next_step.strip()[:200], next_on=next_on, by=who, noted_at=at,
        form_key=key,
    )  # fmt: skip
    _follow(made)
    _record("partners.note_contact", made, by=by, at=at)
    return made


@transaction.atomic
def drop_contact(*, contact: Contact, by: User, at: dt.datetime) -> None:
    """Take back a contact that was noted by mistake. Raises: NotAllowed."""
    for row in (contact.partner, contact.acquaintance):
        if row is not None:
            require_work(by, row)
    contact.delete()
    _follow(contact)
    _record("partners.drop_contact", contact, by=by, at=at)


def _follow(contact: Contact) -> None:
    """Bring the day of the last contact in step."""
    for row in (contact.partner, contact.acquaintance):
        if row is not None:
            row.last_contact_on = row.contacts.aggregate(last=Max("held_on"))["last"]
            row.save(update_fields=["last_contact_on"])


def _record(action: str, contact: Contact, *, by: User, at: dt.datetime) -> None:
    """What was said of a partner stands in the entry; of a person only that there was a contact, for the rest goes with him."""
    changes: dict[str, Any] = {"held_on": contact.held_on, "how": contact.how}
    if contact.partner is not None:
        audit.record(action=action, by=by, at=at, obj=contact.partner, changes=changes)
    if contact.acquaintance is not None:
        of: dict[str, Any] = {"object_type": "partners.Acquaintance", "object_id": str(contact.acquaintance.public_id)}
        audit.record(action=action, by=by, at=at, changes=changes, **of)


# --- who leaves, what becomes one -----------------------------------------------------------------------------------------------------
@transaction.atomic
def hand_over_partners(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give a leaver's partners to a colleague. Returns how many moved. Raises: NotAllowed unless `by` may change both people."""
    for one in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, one.unit.target())
    moved = Partner.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="partners.hand_over_partners", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved


@transaction.atomic
def repoint_partners(*, from_firm: Firm, to_firm: Firm, by: Any, at: dt.datetime) -> int:
    """Let a partner that is a firm be the firm which that one became. Raises: NotAllowed."""
    refusing.require(by, Permission.FIRMS_EDIT)
    moved = Partner.objects.filter(firm=from_firm).update(firm=to_firm)
    if moved:
        audit.record(action="partners.repoint", by=by, at=at, obj=to_firm, changes={"from": str(from_firm), "rows": moved})
    return moved
