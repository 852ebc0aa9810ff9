"""A bureau's ledger taken over: its leads, the claims in force in the order of their filing days, and pairs that a person decides about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.engine import codes
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.firms.actions import adoption
from wutong.web.firms.models import Firm
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of
from wutong.web.leads.models import Claim, ClaimShare, Compared, Lead, LeadPair, Progress
from wutong.web.leads.queries import clocks, comparing, duplicates, ledger, registered
from wutong.web.leads.queries.duplicates import Likeness
from wutong.web.leads.queries.ledger import LedgerRow
from wutong.web.leads.rules import claims
from wutong.web.leads.rules.claims import WHOLE, ClaimState, ShareRole, Verdict
from wutong.web.leads.rules.leads import LeadState, SourceKind, Stage
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written

MOST_PAIRS = 10
"""Of a lead so many that it may be one with are kept, the surest."""


@transaction.atomic
def take_over(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Take a piece of a ledger over. The register is held for this piece. Raises: NotAllowed.

    A claim that meets nothing is in force as of its filing day; one that meets another waits, and both are shown as a pair. What meets a
    lead that nobody may tell of waits likewise, and so does what the lot draws, so that waiting tells no more than it does when filing.
    No filing is written: nothing was filed here, and the register stays without gaps.
    """
    refusing.require(by, Permission.LEADS_ASSIGN)
    good, bad = ledger.read(rows, by)
    known = [_recognised(row) for row in good]
    firms = taken_on(codes_of={row.row: row.text("uscc") for row in ledger.new_rows(good) if row.text("uscc")}, by=by, at=at)
    comparing.held.catch_up()
    standing.lock_register()
    fresh = {row.row for row in ledger.new_rows(good)}
    pairs = [(row, found) for row, found in zip(good, known, strict=True) if row.row in fresh]
    leads = Lead.objects.bulk_create(_lead(row, found, firms.get(row.row), by=by, at=at) for row, found in pairs)
    Compared.objects.bulk_create(Compared(of_lead_id=lead.pk) for lead in leads)
    of_lead = {lead.pk: row for (row, _found), lead in zip(pairs, leads, strict=True)}
    alike = duplicates.alike_of(leads)
    made = [
        *_claims(leads, of_lead, alike, by=by, at=at),
        *_progress(leads, of_lead, by=by, at=at),
        *(Made(of_lead[pair.lead_id].row, pair) for pair in pairs_of(leads=leads, alike=alike, file=batch.file, by=by, at=at)),
    ]  # fmt: skip
    wrong = tuple((row, field, told) for row, faults in bad.items() for field, told in faults)
    return Written(
        (*(Made(of_lead[lead.pk].row, lead) for lead in leads), *made), wrong, {"file": batch.file, "on": day_of(at).isoformat()}
    )


def _recognised(row: LedgerRow) -> registered.Registered:
    return registered.recognised(called=(row.text("name"),), uscc=row.text("uscc"))


@transaction.atomic(savepoint=False)
def taken_on(*, codes_of: Mapping[int, str], by: Any, at: dt.datetime) -> dict[int, Firm]:
    """By row, the firm of the registry that its credit code names, as when a person chooses it; what a name says is not chosen."""
    ids = {row: registered.recognised(called=(), uscc=uscc).registry_id for row, uscc in codes_of.items()}
    wanted = [firm_id for firm_id in ids.values() if firm_id]
    if not wanted or (by is not None and not by.may(Permission.FIRMS_VIEW)):
        return {}
    firms = adoption.take_on_all(firm_ids=wanted, by=by, at=at)
    return {row: firms[firm_id] for row, firm_id in ids.items() if firm_id in firms}


def _lead(row: LedgerRow, known: registered.Registered, firm: Firm | None, *, by: Any, at: dt.datetime) -> Lead:
    on, state, stage = day_of(at), row.state, row.stage
    amount, foreign = row.values.get("amount"), row.values.get("foreign")
    received = row.received_on or row.claim_on or on
    is_new = stage is Stage.LOGGED
    days = [day for day in (row.claim_on, _done_on(row, at) if row.text("progress") else None) if day is not None]
    name = row.text("name") or (firm.name if firm else "")
    said = row.text("note")[:300] or row.text("progress")[:300] or _("as the ledger says")
    return Lead(
        title=row.text("title")[:120], kind=row.kind, unit=row.unit, owner=row.owner, firm=firm, name=name[:300],
        name_key=duplicates.name_key(name), uscc=codes.normalise(row.text("uscc"))[:40], registry_id=known.registry_id,
        registry_name=known.registry_name, registry_group=known.registry_group, chain=row.text("chain"), products=row.text("products"),
        amount_10k_yuan=amount, currency=row.text("currency"), amount_foreign_wan=foreign, note=row.text("note"),
        source_kind=row.source_kind, source_unit=row.source_unit, source_text=row.source_text,
        received_on=received, logged_at=at, logged_by=by, stage=stage, stage_since=received, state=state, state_since=on,
        state_reason="" if state is LeadState.OPEN else said, triaged_at=None if is_new else at,
        triaged_by=None if is_new else by, triage_due_on=clocks.triage_due(on).date if is_new else None,
        answer_due_on=clocks.answer_due(on).date if is_new and row.source_kind is not SourceKind.OWN else None,
        last_progress_on=max(days, default=None),
    )  # fmt: skip


def _claims(
    leads: Sequence[Lead], of_lead: Mapping[int, LedgerRow], alike: Mapping[int, Sequence[Likeness]], *, by: Any, at: dt.datetime
) -> Iterable[Made]:
    """Claims of these leads, that of the earliest filing day first: whoever is met by no claim that stands is in force."""
    near = {one.key for found in alike.values() for one in found}
    goes_on = duplicates.going_on(near)
    held = duplicates.standing_of(near, goes_on, at=at)
    new: list[Claim] = []
    claimed = sorted((day, lead.pk, lead) for lead in leads if (day := of_lead[lead.pk].claim_on) is not None)
    for day, pk, lead in claimed:
        met = [one for one in alike.get(pk, ()) if one.verdict is not Verdict.RELATED and one.key in held]
        is_drawn = claims.is_drawn(duplicates.lot(lead), share=clocks.spot_check_share(day_of(at)))
        state = ClaimState.WAITING if met or is_drawn else ClaimState.OPEN
        new.append(_claim(lead, of_lead[pk], day, state, by=by))
        held.add(pk)
        _tell_owners(lead, {goes_on.get(one.key, one.key) for one in met if one.key not in of_lead}, by=by, at=at)
    made = Claim.objects.bulk_create(new)
    shares = ClaimShare.objects.bulk_create(
        ClaimShare(claim=claim, unit_id=claim.unit_id, role=ShareRole.FINDER, share_basis_points=WHOLE, from_on=day_of(claim.filed_at),
                   given_by=by, given_at=at)
        for claim in made
    )  # fmt: skip
    return [*(Made(of_lead[claim.lead_id].row, claim) for claim in made),
            *(Made(of_lead[share.claim.lead_id].row, share) for share in shares)]  # fmt: skip


def _claim(lead: Lead, row: LedgerRow, day: dt.date, state: ClaimState, *, by: Any) -> Claim:
    last = max(day, row.values.get("progress_on") or day)
    until = row.values.get("protected_until") or claims.protected_until(last, clocks.protection_days(last))
    filed_at = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    return Claim(
        lead=lead, unit=row.unit, filed_at=filed_at, filed_by=None, state=state, protected_until=until, last_progress_on=last
    )  # fmt: skip


def _progress(leads: Sequence[Lead], of_lead: Mapping[int, LedgerRow], *, by: Any, at: dt.datetime) -> Iterable[Made]:
    made = Progress.objects.bulk_create(
        Progress(lead=lead, done_on=_done_on(row, at), text=row.text("progress"), by=by, at=at)
        for lead in leads
        if (row := of_lead[lead.pk]).text("progress")
    )
    return [Made(of_lead[one.lead_id].row, one) for one in made]


def _done_on(row: LedgerRow, at: dt.datetime) -> dt.date:
    return row.values.get("progress_on") or row.received_on or day_of(at)


@transaction.atomic(savepoint=False)
def pairs_of(
    *, leads: Sequence[Lead], alike: Mapping[int, Sequence[Likeness]], file: str, by: Any, at: dt.datetime
) -> list[LeadPair]:  # fmt: skip
    """What may be one, each pair once: the later lead first."""
    new = []
    for lead in leads:
        near = [one for one in alike.get(lead.pk, ()) if one.verdict is not Verdict.RELATED and one.key < lead.pk]
        new += [
            LeadPair(lead=lead, other_id=one.key, verdict=one.verdict, reasons=list(one.codes), firm_share=round(one.firm_share, 4),
                     found_in=file[:200], found_at=at)
            for one in near[:MOST_PAIRS]
        ]  # fmt: skip
    return LeadPair.objects.bulk_create(new)


def _tell_owners(lead: Lead, keys: Iterable[int], *, by: Any, at: dt.datetime) -> None:
    """Owners of confidential leads that a claim of the ledger meets are told, by their code name, as when somebody files."""
    for other in Lead.objects.filter(pk__in=list(keys), is_confidential=True).select_related("owner"):
        if other.owner.is_active and not standing.may_know(by, other):
            name, unit = other.outside_name, str(lead.unit)
            jobs.tell(
                to=other.owner, key=f"leads:ledger:{lead.public_id}:{other.pk}",
                words=lambda name=name, unit=unit: (  # type: ignore[misc]
                    _("A lead of a ledger meets your confidential lead: settle it with the coordinator"), f"{name} · {unit}",
                ), address=reverse("leads:lead", args=[other.public_id]), by=by, at=at,
            )  # fmt: skip
