"""The one door through which a lead gets a first claim (首报首谈): filed, compared with all units' leads, decided where it waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.engine import codes
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.jobs import actions as jobs
from wutong.web.journal.actions import duties
from wutong.web.leads.actions import informing, standing, telling, working
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Claim, Filing, FilingMatch, Lead, LeadContact, LeadName, new_stamp
from wutong.web.leads.queries import clocks, comparing, duplicates, filed, people, registered
from wutong.web.leads.queries.duplicates import Met
from wutong.web.leads.queries.filed import Filed
from wutong.web.leads.queries.registered import Registered
from wutong.web.leads.rules import claims, lists
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import ClaimState, Outcome, Verdict
from wutong.web.leads.rules.leads import NameKind


@dataclass(frozen=True, slots=True)
class Identity:
    """As what a lead is filed: all by which it is compared. `contacts`: telephone numbers or e-mail addresses, kept as digests only.

    None leaves those that are known as they are. `firm_id`: a firm of the registry, whose row is made where there is none.
    """

    name: str
    uscc: str = ""
    firm: Firm | None = None
    names: tuple[tuple[NameKind, str], ...] = ()
    contacts: tuple[str, ...] | None = ()
    origin_adcode: str = ""
    firm_id: str = ""


# --- what it is filed as ----------------------------------------------------------------------------------------------------------------
def identify(*, lead: Lead, identity: Identity, by: Any, at: dt.datetime) -> Lead:
    """Say which firm a lead is about, before it is filed: what was filed stands still while the claim does.

    Why the registry is asked before the transaction: looking names up there takes time, and nobody shall wait for it.
    Raises: NotAllowed, Refused, UnknownFirm.
    """
    return _identify(lead=lead, identity=identity, known=recognised(identity), by=by, at=at)


def recognised(identity: Identity) -> Registered:
    """The firm of the registry that an identity surely means; asked before the transaction, for it takes time."""
    firm = identity.firm.standing if identity.firm is not None else None
    called = (identity.name, *(name for _kind, name in identity.names))
    firm_id = identity.firm_id or (firm.firm_id if firm else "")
    return registered.recognised(called=called, uscc=identity.uscc, firm_id=firm_id)


@transaction.atomic
def _identify(*, lead: Lead, identity: Identity, known: Registered, by: Any, at: dt.datetime) -> Lead:
    standing.lock_register()
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_identify(found.facts()))
    return state_identity(found=found, identity=identity, known=known, by=by, at=at)


@transaction.atomic(savepoint=False)
def state_identity(*, found: Lead, identity: Identity, known: Registered, by: Any, at: dt.datetime) -> Lead:
    """Write which firm a lead is about; the register and the lead are locked, and whoever calls has asked who may."""
    firm = adoption.take_on(firm_id=identity.firm_id, by=by, at=at) if identity.firm_id else identity.firm
    firm = firm.standing if firm is not None else None
    name = identity.name.strip() or (firm.name if firm else "")
    found.firm, found.name, found.name_key = firm, name[:300], duplicates.name_key(name)
    found.uscc = codes.normalise(identity.uscc.strip() or (firm.uscc if firm and firm.uscc else ""))[:40]
    found.origin_adcode = identity.origin_adcode
    found.registry_id, found.registry_name, found.registry_group = known.registry_id, known.registry_name, known.registry_group
    found.naming_no = new_stamp()
    found.save(
        update_fields=[
            "firm", "name", "name_key", "uscc", "origin_adcode", "registry_id", "registry_name", "registry_group", "naming_no",
        ]
    )  # fmt: skip
    LeadName.objects.filter(lead=found).delete()
    further = {(kind, other.strip()[:300]) for kind, other in identity.names if other.strip()}
    LeadName.objects.bulk_create(
        LeadName(lead=found, kind=kind, name=other, name_key=duplicates.name_key(other)) for kind, other in sorted(further)
    )
    digests = _keep_contacts(found, identity.contacts, at)
    standing.compare_anew(lead=found, by=by, at=at)
    changes = standing.told(found, name=found.name, uscc=found.uscc, names=len(further), contacts=digests)
    audit.record(action="leads.identify", by=by, at=at, obj=found, changes=changes)
    return found


@transaction.atomic(savepoint=False)
def _keep_contacts(found: Lead, contacts: tuple[str, ...] | None, at: dt.datetime) -> int:
    """The digests of the contacts that are given in place of those that were; how many there are now."""
    if contacts is None:
        return LeadContact.objects.filter(lead=found).count()
    LeadContact.objects.filter(lead=found).delete()
    until = kept_until(day_of(at))
    digests = sorted({duplicates.contact_digest(contact) for contact in contacts} - {""})
    LeadContact.objects.bulk_create(LeadContact(lead=found, digest=digest, kept_until=until) for digest in digests)
    return len(digests)


def kept_until(on: dt.date) -> dt.date:
    years = clocks.number("personal.retention_years", on)
    return on.replace(year=on.year + years, day=min(on.day, 28))


# --- information that comes in ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class HandedIn:
    """A lead that was made of a form, and the filing where it was filed at once. `is_new`: the form had not come before."""

    lead: Lead
    filing: Filing | None
    is_new: bool = True


def hand_in(*, key: str, by: Any, at: dt.datetime, **values: Any) -> HandedIn:
    """Log information, say which firm it is about, and file it where that is wanted: all of it or nothing.

    `key`: of the form or request. Whoever sends it again, because the network broke off, gets the lead that it made the first time.
    Raises: NotAllowed, Refused, UnknownFirm.
    """
    comparing.held.catch_up()
    for is_last in (False, True):
        known = Lead.objects.filter(logged_by=by, form_key=key).first() if key else None
        if known is not None:
            return HandedIn(known, known.filings.first(), is_new=False)
        try:
            return _hand_in(key=key, known=_known(values), by=by, at=at, **values)
        except IntegrityError:  # the same form came twice at once
            if is_last or not key:
                raise
    raise AssertionError("either it is known or it was made")


def _known(values: Mapping[str, Any]) -> Registered:
    identity = values.get("identity")
    return recognised(identity) if identity is not None else Registered()


@transaction.atomic
def _hand_in(
    *, key: str, identity: Identity | None, known: Registered, is_filed: bool, another_project: str = "", by: Any, at: dt.datetime,
    **logged: Any,
) -> HandedIn:  # fmt: skip
    if is_filed or identity is not None:
        standing.lock_register()  # before anything else that others may wait for
    made = informing.log(key=key, by=by, at=at, **logged)
    if identity is not None and (identity.name.strip() or identity.firm_id or identity.uscc.strip()):
        made = _identify(lead=made, identity=identity, known=known, by=by, at=at)
    if made.from_row is not None:
        working.call_lead(row=made.from_row, by=by, at=at)
    return HandedIn(made, file(lead=made, another_project=another_project, by=by, at=at).filing if is_filed else None)


# --- filing -----------------------------------------------------------------------------------------------------------------------------
def file(*, lead: Lead, by: Any, at: dt.datetime, another_project: str = "") -> Filed:
    """File a lead: a first claim if nobody else has the firm, else an answer that says no more than `ACROSS_UNITS` allows.

    Every filing of every unit goes through here, one at a time (the register is locked), so of two in the same second exactly one is first.
    What is refused because of others is an outcome and no exception, for it is written down too. `another_project`: why it is another
    project of a firm that others may have. Raises: NotAllowed, Refused.

    Why it reads on before the transaction: what others wrote is read without the lock, so that under it next to nothing is left to read.
    """
    comparing.held.catch_up()
    return _file(lead=lead, by=by, at=at, another_project=another_project)


@transaction.atomic
def _file(*, lead: Lead, by: Any, at: dt.datetime, another_project: str) -> Filed:
    register = standing.lock_register()
    found = standing.locked(lead)
    standing.require_work(by, found)
    on = day_of(at)
    today, most = standing.filings_on(by, at), clocks.number(claims.FILINGS_LEAF, on)
    is_shared = not another_project.strip() and bool(filed.shared([found.pk]))
    refuse(claims.refusals_to_file(found.facts(), name=found.name, filings_today=today, most_filings=most, is_shared=is_shared))
    met, is_again = duplicates.met_by(found, at=at), duplicates.is_filed_again(found, by)
    seen = set(Lead.objects.visible_to(by).filter(pk__in=[one.lead.pk for one in met]).values_list("pk", flat=True)) if by else set()
    hits = [claims.Hit(one.verdict, one.lead.pk in seen, one.lead.is_confidential, ClaimState(one.claim.state)) for one in met]
    is_drawn = claims.is_drawn(duplicates.lot(found), share=clocks.spot_check_share(on))
    outcome = claims.outcome(hits, says_another_project=bool(another_project.strip()), is_drawn=is_drawn, is_again=is_again)
    register.number += 1
    register.save(update_fields=["number"])
    filing = Filing.objects.create(number=register.number, lead=found, unit=found.unit, outcome=outcome, by=by, at=at)
    FilingMatch.objects.bulk_create(
        FilingMatch(filing=filing, other=one.lead, claim=one.claim, verdict=one.verdict, reasons=list(one.reasons)) for one in met
    )
    claim = None
    if outcome in {Outcome.FILED, Outcome.WAITS}:
        state = ClaimState.OPEN if outcome is Outcome.FILED else ClaimState.WAITING
        claim = standing.begin(lead=found, filed_at=at, state=state, another_project=another_project, by=by, at=at)
    audit.record(action="leads.file", by=by, at=at, obj=found, changes={"number": filing.number, "outcome": outcome})
    told = telling.first_claims(filing=filing, by=by, at=at)
    if told:
        filing.told = [{**asdict(one), "since_on": one.since_on.isoformat()} for one in told]
        Filing.objects.filter(pk=filing.pk).update(told=filing.told)
    if outcome is Outcome.WAITS:
        _ask_for_a_decision(filing, met, by=by, at=at)
    if outcome is Outcome.FILED:
        _tell_the_related(filing, met, by=by, at=at)
    known = tuple(one.lead for one in met if one.lead.pk in seen and one.verdict is Verdict.SAME)
    return Filed(filing, outcome, claim, told, known)


def _ask_for_a_decision(filing: Filing, met: Sequence[Met], *, by: Any, at: dt.datetime) -> None:
    """A duty for who stands above all the units, in the same words whatever was met; owners of confidential leads are asked to speak up."""
    path = filing.unit.path.rstrip("/").rpartition("/")[0] + "/"
    for one in met:
        if not one.lead.is_confidential:
            path = lists.path_above(path, one.claim.unit.path) or path
    number = filing.number
    above = people.coordinating(path) or people.coordinating(filing.unit.path)
    owners = [person for person in above if person != by and person.may(Permission.JOURNAL_VIEW)]
    for person in owners[:1]:
        duties.create(
            owner=person, title=_("Decide on filing no. %(number)s of %(unit)s") % {"number": number, "unit": filing.unit},
            working_days=clocks.number(claims.DECIDED_LEAF, day_of(at)), origin=standing.origin_of(filing),
            record=filing.lead if standing.may_know(person, filing.lead) else None, by=None, at=at,
        )  # fmt: skip
    for one in met:
        if one.lead.is_confidential and not standing.may_know(by, one.lead):
            _tell_owner(one, filing, lambda: _("A filing meets your confidential lead: settle it with the coordinator"), by=by, at=at)


def _tell_the_related(filing: Filing, met: Iterable[Met], *, by: Any, at: dt.datetime) -> None:
    """Owners of firms of the same group are told which unit filed one of them; of a confidential filing nothing."""
    if filing.lead.is_confidential:
        return
    for one in met:
        if one.verdict is Verdict.RELATED and not one.lead.is_confidential and one.lead.unit_id != filing.unit_id:
            _tell_owner(one, filing, lambda: _("Another unit filed a firm of the same group"), by=by, at=at)


def _tell_owner(one: Met, filing: Filing, said: Any, *, by: Any, at: dt.datetime) -> None:
    if one.lead.owner.is_active:
        jobs.tell(
            to=one.lead.owner, key=f"leads:filing:{filing.number}:{one.lead.pk}",
            words=lambda: (said(), one.lead.outside_name if filing.lead.is_confidential else f"{one.lead.outside_name} · {filing.unit}"),
            address=reverse("leads:lead", args=[one.lead.public_id]), by=by, at=at,
        )  # fmt: skip


def _settle_duty(claim: Claim, result: str, *, by: Any, at: dt.datetime) -> None:
    """What a filing asked for is done; and who filed is told."""
    standing.settle_duty(claim=claim, result=result, by=None, at=at)
    if claim.filed_by is not None and claim.filed_by != by and claim.filed_by.is_active:
        said = str(claim.lead)
        jobs.tell(
            to=claim.filed_by, key=f"leads:decided:{claim.public_id}:{claim.state}",
            words=lambda: (_("Your filing was decided: %(lead)s") % {"lead": said}, f"{claim.get_state_display()} · {result}"),
            address=reverse("leads:lead", args=[claim.lead.public_id]), by=by, at=at,
        )  # fmt: skip


# --- what waits -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def explain(*, claim: Claim, another_project: str, by: Any, at: dt.datetime) -> Claim:
    """Say why a filing that waits is another project of a firm that others may have. Raises: NotAllowed, Refused."""
    found = standing.locked_claim(claim)
    standing.require_work(by, found.lead)
    refuse(claims.refusals_to_decide_filing(found.facts(), reason=another_project, is_own=False))
    found.another_project = another_project.strip()[:500]
    found.save(update_fields=["another_project"])
    changes = standing.told(found.lead, another_project=found.another_project)
    audit.record(action="leads.explain_filing", by=by, at=at, obj=found.lead, changes=changes)
    return found


@transaction.atomic
def withdraw(*, claim: Claim, reason: str, by: Any, at: dt.datetime) -> Claim:
    """Withdraw a filing that waits; filing again is a new one. Raises: NotAllowed, Refused."""
    standing.locked(claim.lead)
    found = standing.locked_claim(claim)
    standing.require_work(by, found.lead)
    refuse(claims.refusals_to_decide_filing(found.facts(), reason=reason, is_own=False))
    standing.end(claim=found, state=ClaimState.WITHDRAWN, reason=reason, by=by, at=at)
    audit.record(action="leads.withdraw_filing", by=by, at=at, obj=found.lead, changes=standing.told(found.lead, reason=reason))
    _settle_duty(found, reason, by=by, at=at)
    return found


@transaction.atomic
def admit(*, claim: Claim, reason: str, by: Any, at: dt.datetime) -> Claim:
    """Let a filing that waits be in force: by who stands above all units that it meets, compared anew. Raises: NotAllowed, Refused."""
    standing.lock_register()
    found, met = _to_decide(claim, by=by, at=at)
    near = [one for one in met if one.verdict is not Verdict.RELATED]
    hidden = any(one.claim.state not in claims.STANDING or not standing.may_know(by, one.lead) for one in near)
    refuse(
        claims.refusals_to_decide_filing(
            found.facts(), reason=reason, is_own=_is_own(by, found), is_hidden_met=hidden, is_claimed=duplicates.is_claimed(met),
            says_another_project=bool(found.another_project),
        )
    )  # fmt: skip
    found.decided_by = by
    standing.open_waiting(claim=found, by=by, at=at)
    audit.record(action="leads.admit_filing", by=by, at=at, obj=found.lead, changes=standing.told(found.lead, reason=reason))
    _settle_duty(found, reason, by=by, at=at)
    return found


@transaction.atomic
def decline(*, claim: Claim, reason: str, by: Any, at: dt.datetime) -> Claim:
    """Decline a filing that waits, with the reason that its unit is told. Raises: NotAllowed, Refused."""
    standing.lock_register()
    found, _met = _to_decide(claim, by=by, at=at)
    refuse(claims.refusals_to_decide_filing(found.facts(), reason=reason, is_own=_is_own(by, found)))
    found.decided_by = by
    found.save(update_fields=["decided_by"])
    standing.end(claim=found, state=ClaimState.DECLINED, reason=reason, by=by, at=at)
    audit.record(action="leads.decline_filing", by=by, at=at, obj=found.lead, changes=standing.told(found.lead, reason=reason))
    _settle_duty(found, reason, by=by, at=at)
    return found


def _to_decide(claim: Claim, *, by: Any, at: dt.datetime) -> tuple[Claim, tuple[Met, ...]]:
    """A claim, locked with its lead, and what it meets now; who may not stand above all of its open company may not decide."""
    standing.locked(claim.lead)
    found = standing.locked_claim(claim)
    met = duplicates.met_by(found.lead, at=at)
    standing.require_direct(by, [found.unit, *(one.claim.unit for one in met if not one.lead.is_confidential)])
    return found, met


def _is_own(by: User | None, claim: Claim) -> bool:
    return by is not None and by.pk in {claim.filed_by_id, claim.lead.owner_id}
