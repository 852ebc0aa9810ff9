"""A lead becomes a project (转为项目): its claim and shares stay while the project goes on, and end with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.web.accounts.models import Unit, User
from wutong.web.audit import actions as audit
from wutong.web.leads.actions import filing, ledger, standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Claim, Compared, Lead, LeadContact
from wutong.web.leads.queries import comparing, duplicates, registered
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import ClaimState
from wutong.web.leads.rules.leads import LeadState, SourceKind, Stage
from wutong.web.lib.exchange import Made


@transaction.atomic
def become_project(*, lead: Lead, by: Any, at: dt.datetime) -> Lead:
    """An open lead goes on as a project; its claim has no end of its own from then on. Raises: NotAllowed, Refused.

    Whether it may, beside being worked on, the room of projects asks.
    """
    found = standing.locked(lead)
    standing.require_work(by, found)
    refuse(rules.refusals_to_touch(found.facts()))
    old, on = found.state, day_of(at)
    if found.stage != Stage.TALKS:
        found.stage, found.stage_since = Stage.TALKS, on
    found.state, found.state_since, found.state_reason = LeadState.PROJECT, on, ""
    found.triage_due_on = None
    found.save(update_fields=["stage", "stage_since", "state", "state_since", "state_reason", "triage_due_on"])
    Claim.objects.filter(lead=found, state=ClaimState.OPEN).update(protected_until=None, warned_for=None)
    audit.record(action="leads.become_project", by=by, at=at, obj=found, changes={"state": {"old": old, "new": str(found.state)}})
    return found


@transaction.atomic
def lose_project(*, lead: Lead, reason: str, by: Any, at: dt.datetime) -> Claim | None:
    """The project of a lead is lost: its claim ends, so that nobody is kept from the firm. The room of projects asks who may."""
    found = standing.locked(lead)
    ended = standing.end_standing(lead=found, reason=reason, by=by, at=at)
    if ended is not None:
        audit.record(action="leads.end_claim", by=by, at=at, obj=found, changes=standing.told(found, reason=reason))
    return ended


@transaction.atomic
def revive_project(*, lead: Lead, by: Any, at: dt.datetime) -> Claim | None:
    """The project of a lead is taken up again: its last claim waits for a decision, as if it were filed anew.

    Why it always waits: whether another unit has the firm by now is told to whoever decides, and to nobody else. The register must be
    locked before the project is. The room of projects asks who may.
    """
    found = standing.locked(lead)
    last: Claim | None = Claim.objects.select_for_update(of=("self",)).filter(lead=found).order_by("-filed_at", "-pk").first()
    if found.standing_claim is not None or last is None or last.state != ClaimState.ENDED:
        return None
    last.state, last.reason, last.ended_at, last.ended_by, last.decided_by = ClaimState.WAITING, "", None, None, None
    last.save(update_fields=["state", "reason", "ended_at", "ended_by", "decided_by"])
    audit.record(action="leads.reclaim", by=by, at=at, obj=found)
    return last


@dataclass(frozen=True, slots=True)
class AsFiled:
    """What a ledger of projects says of the lead of one: by which double leads are noticed. `row`: of the ledger.

    Units: `amount_10k_yuan` in 10,000 yuan. `contacts`: telephone numbers, of which digests only are kept.
    """

    row: int
    title: str
    unit: Unit
    owner: User
    name: str
    uscc: str
    amount_10k_yuan: Decimal | None
    received_on: dt.date
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FiledLeads:
    """Leads in the order in which they were asked for, and every record that was made, in the order of their making."""

    leads: tuple[Lead, ...]
    made: tuple[Made, ...]


@transaction.atomic
def take_over_as_projects(*, filed: Sequence[AsFiled], file: str, by: Any, at: dt.datetime) -> FiledLeads:
    """Leads of projects that a ledger brings along: past triage and talks, without a claim; what may be one waits as a pair.

    The room of projects asks who may. The register is held until the transaction ends.
    """
    firms = ledger.taken_on(codes_of={one.row: one.uscc for one in filed if one.uscc}, by=by, at=at)
    comparing.held.catch_up()
    standing.lock_register()
    leads = Lead.objects.bulk_create(_as_project(one, firms.get(one.row), by=by, at=at) for one in filed)
    Compared.objects.bulk_create(Compared(of_lead_id=lead.pk) for lead in leads)
    line = {lead.pk: one.row for one, lead in zip(filed, leads, strict=True)}
    until = filing.kept_until(day_of(at))
    contacts = LeadContact.objects.bulk_create(
        LeadContact(lead=lead, digest=digest, kept_until=until)
        for one, lead in zip(filed, leads, strict=True)
        for digest in sorted({duplicates.contact_digest(contact) for contact in one.contacts} - {""})
    )
    pairs = ledger.pairs_of(leads=leads, alike=duplicates.alike_of(leads), file=file, by=by, at=at)
    made = [Made(line[lead.pk], lead) for lead in leads]
    made += [Made(line[one.lead_id], one) for one in contacts]
    made += [Made(line[one.lead_id], one) for one in pairs]
    return FiledLeads(tuple(leads), tuple(made))


def _as_project(one: AsFiled, firm: Any, *, by: Any, at: dt.datetime) -> Lead:
    name, known = one.name or (firm.name if firm else ""), registered.recognised(called=(one.name,), uscc=one.uscc)
    return Lead(
        title=one.title[:120], unit=one.unit, owner=one.owner, firm=firm, name=name[:300], name_key=duplicates.name_key(name),
        uscc=one.uscc[:40], registry_id=known.registry_id, registry_name=known.registry_name, registry_group=known.registry_group,
        amount_10k_yuan=one.amount_10k_yuan, source_kind=SourceKind.OWN, received_on=one.received_on, logged_at=at, logged_by=by,
        stage=Stage.TALKS, stage_since=one.received_on, state=LeadState.PROJECT, state_since=day_of(at), triaged_at=at, triaged_by=by,
    )  # fmt: skip
