"""Information on its way to a lead: logged, triaged, answered; taken on, put away, taken up again, kept confidential."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import knowing, refusing
from wutong.web.accounts.models import NeedToKnow, Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import HandIn, Lead, LeadContact, ListedFirm, new_stamp
from wutong.web.leads.queries import clocks, people
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.leads import Amount, LeadKind, LeadState, Refusal, SourceKind, Stage
from wutong.web.partners.models import Partner


@dataclass(frozen=True, slots=True)
class Given:
    """Who gave a piece of information. `text`: function or organisation of somebody outside, no personal name without consent.

    `partner`: the body on record that gave it, whatever kind of source that is.
    """

    kind: SourceKind = SourceKind.OWN
    unit: Unit | None = None
    person: User | None = None
    text: str = ""
    row: ListedFirm | None = None
    partner: Partner | None = None

    @property
    def is_named(self) -> bool:
        """Whether it says whom it names."""
        named = {
            SourceKind.UNIT: self.unit,
            SourceKind.PERSON: self.person,
            SourceKind.PARTNER: self.words,
            SourceKind.ROW: self.row,
        }
        return bool(named.get(self.kind))

    @property
    def words(self) -> str:
        """Who outside it was: as written, else the partner's name."""
        return self.text.strip() or (self.partner.name if self.partner is not None else "")


@dataclass(frozen=True, slots=True)
class About:
    """What a lead is about, beside which firm: chain and products, the region wanted, a note."""

    chain: str = ""
    segment: str = ""
    products: str = ""
    wanted_adcode: str = ""
    note: str = ""


@transaction.atomic
def log(
    *, title: str, unit: Unit, owner: User, by: Any, at: dt.datetime, kind: LeadKind = LeadKind.PROJECT, given: Given | None = None,
    amount: Amount | None = None, about: About | None = None, received_on: dt.date | None = None, key: str = "",
) -> Lead:  # fmt: skip
    """Log a piece of information (信息登记) that a unit took in; `filing.identify` says the firm, `filing.file` claims it.

    `key`: of the form or request it comes from; no second lead of it is kept. Raises: NotAllowed, Refused.
    """
    refusing.require(by, Permission.LEADS_EDIT, unit.target())
    given, amount, about = given or Given(), amount or Amount(), about or About()
    refuse(
        rules.refusals_to_log(
            title=title, amount=amount, source=given.kind, is_source_named=given.is_named, is_unit_open=unit.closed_on is None,
            is_active=owner.is_active, is_of_unit=people.is_of_unit(owner, unit),
        )
    )  # fmt: skip
    made = begin(
        title=title, unit=unit, owner=owner, kind=kind, given=given, amount=amount, about=about, received_on=received_on, key=key, by=by,
        at=at,
    )  # fmt: skip
    audit.record(action="leads.log_lead", by=by, at=at, obj=made, changes={"title": made.title, "unit": str(unit), "owner": str(owner)})
    return made


@transaction.atomic(savepoint=False)
def begin(
    *, title: str, unit: Unit, owner: User, kind: LeadKind, given: Given, amount: Amount, about: About, by: Any, at: dt.datetime,
    received_on: dt.date | None = None, key: str = "",
) -> Lead:  # fmt: skip
    """The row of new information with its clock; whoever calls has asked who may, and tells the audit."""
    on = day_of(at)
    return Lead.objects.create(
        title=title.strip()[:120], kind=kind, unit=unit, owner=owner, received_on=received_on or on, logged_at=at, logged_by=by,
        source_kind=given.kind, source_unit=given.unit, source_person=given.person,
        source_text=(given.words if given.kind is SourceKind.PARTNER else given.text.strip())[:200],
        source_partner=given.partner, from_row=given.row, form_key=key,
        stage_since=on, state_since=on, triage_due_on=clocks.triage_due(on).date,
        answer_due_on=clocks.answer_due(on).date if given.kind is not SourceKind.OWN else None, **_amounts(amount), **asdict(about),
    )  # fmt: skip


def _amounts(amount: Amount) -> dict[str, Any]:
    return {
        "amount_10k_yuan": amount.amount_10k_yuan, "is_amount_not_provided": amount.is_not_provided, "currency": amount.currency,
        "amount_foreign_wan": amount.amount_foreign_wan,
    }  # fmt: skip


@transaction.atomic
def describe(*, lead: Lead, title: str, amount: Amount, about: About, by: Any, at: dt.datetime, **source: Partner | None) -> Lead:
    """Change what a lead says beside its identity; product and amount are compared too. Raises: NotAllowed, Refused.

    `source`: `source_partner`, the partner whose credit it is; left out, it stays.
    """
    standing.lock_register()
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_touch(found.facts()))
    refuse((Refusal.TITLE_MISSING,) if not title.strip() else rules.refusals_of_amount(amount))
    changes = refusing.changed(found, {"title": title.strip()[:120], **_amounts(amount), **asdict(about), **source})
    if changes:
        found.naming_no = new_stamp()
        found.save()
        standing.compare_anew(lead=found, by=by, at=at)
        audit.record(action="leads.describe_lead", by=by, at=at, obj=found, changes=standing.told(found, **changes))
    return found


@transaction.atomic
def triage(*, lead: Lead, is_taken: bool, by: Any, at: dt.datetime, reason: str = "") -> Lead:
    """Decide whether information is taken up (研判); what is not becomes lost, with its reason. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_triage(found.facts(), is_taken=is_taken, reason=reason))
    found.triaged_at, found.triaged_by, found.stage, found.stage_since = at, by, Stage.TRIAGED, day_of(at)
    found.triage_due_on = None
    if not is_taken:
        _put(found, LeadState.LOST, reason, by=by, at=at)
    found.save()
    changes = {"stage": found.stage, "state": found.state, **standing.told(found, reason=reason)}
    audit.record(action="leads.triage_lead", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic
def answer(*, lead: Lead, text: str, by: Any, at: dt.datetime) -> Lead:
    """Answer whoever gave the information (反馈): a person of the office is told by the bell. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_answer(found.facts(), source=SourceKind(found.source_kind), text=text))
    found.answer, found.answered_at, found.answered_by, found.answer_due_on = text.strip()[:1000], at, by, None
    found.save(update_fields=["answer", "answered_at", "answered_by", "answer_due_on"])
    audit.record(action="leads.answer_source", by=by, at=at, obj=found)
    if found.source_person is not None and found.source_person.is_active:
        handed = HandIn.objects.filter(lead=found, giver=found.source_person).first()
        said, title = found.answer, handed.title if handed is not None else found.outside_name
        jobs.tell(
            to=found.source_person, key=f"leads:answer:{found.public_id}",
            words=lambda: (_("What became of your information: %(lead)s") % {"lead": title}, said),
            address=_page_of_giver(found, is_handed_in=handed is not None), by=by, at=at,
        )  # fmt: skip
    return found


def _page_of_giver(lead: Lead, *, is_handed_in: bool) -> str:
    """Where whoever gave the information reads on: what he handed in himself, else the lead where he may see it, else nowhere."""
    if is_handed_in:
        return reverse("leads:handed-in")
    may_see = Lead.objects.visible_to(lead.source_person).filter(pk=lead.pk).exists()
    return reverse("leads:lead", args=[lead.public_id]) if may_see else ""


@transaction.atomic
def advance(*, lead: Lead, stage: Stage, by: Any, at: dt.datetime) -> Lead:
    """Take a lead to a later stage before it is a project. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_advance(found.facts(), stage))
    old, found.stage, found.stage_since = found.stage, stage, day_of(at)
    found.save(update_fields=["stage", "stage_since"])
    audit.record(action="leads.advance_lead", by=by, at=at, obj=found, changes={"stage": {"old": old, "new": str(stage)}})
    return found


@transaction.atomic
def put_away(*, lead: Lead, state: LeadState, reason: str, by: Any, at: dt.datetime) -> Lead:
    """Call a lead dormant or lost; its claim ends, so that nobody is kept from a firm by a lead that rests. Raises: NotAllowed, Refused."""
    if state not in {LeadState.DORMANT, LeadState.LOST}:
        raise ValueError(state)
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_put_away(found.facts(), reason=reason))
    old = found.state
    _put(found, state, reason, by=by, at=at)
    found.save()
    changes = {"state": {"old": old, "new": str(state)}, **standing.told(found, reason=reason)}
    audit.record(action="leads.put_lead_away", by=by, at=at, obj=found, changes=changes)
    return found


def _put(found: Lead, state: LeadState, reason: str, *, by: Any, at: dt.datetime) -> None:
    standing.end_standing(lead=found, reason=reason, by=by, at=at)
    found.state, found.state_reason, found.state_since = state, reason.strip()[:300], day_of(at)


@transaction.atomic
def resume(*, lead: Lead, by: Any, at: dt.datetime) -> Lead:
    """Work on a dormant or lost lead again; a claim on it has to be filed anew. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_resume(found.facts()))
    old, found.state, found.state_reason, found.state_since = found.state, LeadState.OPEN, "", day_of(at)
    found.save(update_fields=["state", "state_reason", "state_since"])
    audit.record(action="leads.resume_lead", by=by, at=at, obj=found, changes={"state": {"old": old, "new": found.state}})
    return found


@transaction.atomic
def assign(*, lead: Lead, to: User, by: Any, at: dt.datetime) -> Lead:
    """Give a lead to another person of its unit: its owner may, and who directs the unit's work. Raises: NotAllowed, Refused."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    if by is not None and by.pk != found.owner_id:
        standing.require_direct(by, [found.unit])
    refuse(rules.refusals_to_touch(found.facts()))
    _require_of_unit(to, found.unit)
    if found.owner_id != to.pk:
        old, found.owner = found.owner, to
        found.save(update_fields=["owner"])
        audit.record(action="leads.assign_lead", by=by, at=at, obj=found, changes={"owner": {"old": str(old), "new": str(to)}})
    return found


def _require_of_unit(person: User, unit: Unit) -> None:
    is_of_unit = people.is_of_unit(person, unit)
    refuse(rules.those((Refusal.PERSON_INACTIVE, not person.is_active), (Refusal.PERSON_NOT_OF_UNIT, not is_of_unit)))


# --- confidential -----------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def keep_lead_confidential(*, lead: Lead, code_name: str, by: User, at: dt.datetime) -> Lead:
    """Let only those open a lead who need to know (保密), under a code name; an empty one opens it again. Raises: NotAllowed."""
    found = standing.locked(lead)
    standing.require_work(by, found)
    standing.require_owner(by, found)
    found.is_confidential, found.code_name = bool(code_name.strip()), code_name.strip()[:60]
    found.naming_no = new_stamp()
    found.save(update_fields=["is_confidential", "code_name", "naming_no"])
    audit.record(action="leads.keep_lead_confidential", by=by, at=at, obj=found, changes={"is_confidential": found.is_confidential})
    return found


def let_know_lead(*, lead: Lead, user: User, reason: str, by: User, at: dt.datetime) -> NeedToKnow:
    """Let somebody know of a confidential lead, such as the coordinator who is to decide: its owner may. Raises: NotAllowed, Refused."""
    standing.require_owner(by, lead)
    return knowing.let_know(record=lead, user=user, reason=reason, by=by, at=at)


def let_forget_lead(*, lead: Lead, named: NeedToKnow, by: User, at: dt.datetime) -> None:
    """Take somebody off the list of those who know. Raises: NotAllowed."""
    standing.require_owner(by, lead)
    knowing.let_forget(record=lead, named=named, by=by, at=at)


@transaction.atomic
def drop_old_contacts(*, on: dt.date, by: None, at: dt.datetime) -> int:
    """Delete the digests of contacts whose time is over; returns how many."""
    count, _models = LeadContact.objects.filter(kept_until__lt=on).delete()
    if count:
        audit.record(action="leads.drop_contacts", by=by, at=at, object_type="leads.LeadContact", changes={"contacts": count})
    return count
