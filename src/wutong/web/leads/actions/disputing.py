"""Disputes about who was first (争议): opened with evidence, withdrawn, decided for good by who stands above both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.journal.actions import duties
from wutong.web.journal.models import Duty
from wutong.web.journal.queries import records
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Dispute, Lead
from wutong.web.leads.queries import clocks, filed, people
from wutong.web.leads.rules import claims, lists
from wutong.web.leads.rules.claims import ClaimState, Decision, Part, Period
from wutong.web.leads.rules.leads import LeadState, Refusal


@transaction.atomic
def dispute(*, lead: Lead, text: str, has_certificate: bool, by: Any, at: dt.datetime) -> Dispute:
    """Dispute the claim that one was told of when filing this lead. `has_certificate`: the investor says in writing who came first.

    Files of evidence hang on the dispute. Raises: NotAllowed, Refused.
    """
    found = standing.locked(lead)
    standing.require_work(by, found)
    claim = filed.told_of(found)
    is_one_open = Dispute.objects.filter(lead=found, decided_at=None, withdrawn_at=None).exists()
    is_ruled = filed.is_ruled(found, claim)
    refuse(claims.refusals_to_dispute(found.facts(), text=text, is_told=claim is not None, is_one_open=is_one_open, is_ruled=is_ruled))
    assert claim is not None  # the rules refuse it
    made = Dispute.objects.create(
        claim=claim, lead=found, unit=found.unit, text=text.strip()[:2000], has_certificate=has_certificate, opened_by=by, opened_at=at
    )
    audit.record(action="leads.open_dispute", by=by, at=at, obj=made, changes={"has_certificate": has_certificate})
    _ask_for_a_decision(made, by=by, at=at)
    _tell(made, claim.lead, lambda: _("Your first claim is disputed"), "opened", by=by, at=at)
    return made


def _ask_for_a_decision(made: Dispute, *, by: Any, at: dt.datetime) -> None:
    above = people.coordinating(lists.path_above(made.unit.path, made.claim.unit.path))
    for person in [one for one in above if one != by and one.may(Permission.JOURNAL_VIEW)][:1]:
        duties.create(
            owner=person, title=_("Decide on a dispute of %(unit)s about a first claim of %(other)s")
            % {"unit": made.unit, "other": made.claim.unit},
            working_days=clocks.number(claims.DECIDED_LEAF, day_of(at)), origin=_origin(made),
            record=made if records.is_seen_by(person, made) else None, by=None, at=at,
        )  # fmt: skip


def _origin(made: Dispute) -> str:
    return f"leads.dispute:{made.pk}"


def _tell(made: Dispute, lead: Lead, said: Any, key: str, *, by: Any, at: dt.datetime) -> None:
    if lead.owner.is_active and lead.owner != by:
        name = lead.outside_name

        def words() -> tuple[str, str]:
            return said(), " · ".join(part for part in (name, str(made.get_decision_display())) if part)

        jobs.tell(
            to=lead.owner, key=f"leads:dispute:{key}:{made.public_id}:{lead.pk}", words=words,
            address=reverse("leads:dispute", args=[made.public_id]), by=by, at=at,
        )  # fmt: skip


def _finish_duty(made: Dispute, result: str, *, at: dt.datetime) -> None:
    for duty in Duty.objects.filter(origin=_origin(made), state="open"):
        duties.finish(duty=duty, result=result, by=None, at=at)


@transaction.atomic
def withdraw_dispute(*, dispute: Dispute, reason: str, by: Any, at: dt.datetime) -> Dispute:
    """Withdraw a dispute that is not decided; it stays written down. Raises: NotAllowed, Refused."""
    found = _locked(dispute)
    facts = found.facts()
    standing.require_party(by, lambda grants: claims.may_withdraw_dispute(grants, facts, person_id=by.pk))
    refuse(() if found.is_open else (Refusal.DISPUTE_DECIDED,))
    refuse(() if reason.strip() else (Refusal.REASON_MISSING,))
    found.withdrawn_at, found.withdrawn_reason = at, reason.strip()[:500]
    found.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    audit.record(action="leads.withdraw_dispute", by=by, at=at, obj=found, changes=standing.told(found.lead, reason=reason))
    _finish_duty(found, _("withdrawn") if found.lead.is_confidential else reason, at=at)
    return found


@transaction.atomic
def decide(*, dispute: Dispute, decision: Decision, reasons: str, by: Any, at: dt.datetime, parts: Sequence[Part] = ()) -> Dispute:
    """Decide a dispute, for good: the claim stays, goes to who disputed it, or both share it. Only who stands above both units may.

    Raises: NotAllowed, Refused.
    """
    standing.lock_register()
    standing.lock_both(dispute.lead, dispute.claim.lead)
    found = _locked(dispute)
    claim = standing.locked_claim(found.claim)
    standing.require_direct(by, [found.unit, claim.unit])
    is_own = by is not None and by.pk in {found.opened_by_id, found.lead.owner_id, claim.lead.owner_id, claim.filed_by_id}
    refuse(
        claims.refusals_to_decide(
            is_decided=not found.is_open, is_claim_open=claim.state == ClaimState.OPEN, is_lead_open=found.lead.state == LeadState.OPEN,
            is_own=is_own, reasons=reasons, decision=decision, parts=parts,
        )
    )  # fmt: skip
    found.decision, found.reasons, found.decided_by, found.decided_at = decision, reasons.strip()[:2000], by, at
    found.save(update_fields=["decision", "reasons", "decided_by", "decided_at"])
    if decision is Decision.MOVED:
        standing.end(claim=claim, state=ClaimState.LOST, reason=reasons, by=by, at=at)
        standing.end_standing(lead=found.lead, reason=reasons, by=by, at=at)
        moved = standing.begin(lead=found.lead, filed_at=at, state=ClaimState.OPEN, by=found.opened_by, at=at)
        moved.decided_by = by
        moved.save(update_fields=["decided_by"])
    if decision is Decision.SHARED:
        standing.share(claim=claim, periods=[Period(day_of(at), tuple(parts))], by=by, at=at)
    audit.record(action="leads.decide_dispute", by=by, at=at, obj=found, changes={"decision": decision})
    _finish_duty(found, reasons, at=at)
    for lead in (found.lead, claim.lead):
        _tell(found, lead, lambda: _("A dispute about a first claim was decided"), "decided", by=by, at=at)
    return found


def _locked(dispute: Dispute) -> Dispute:
    related = ("lead__unit", "lead__owner", "unit", "claim__unit", "claim__lead__owner", "opened_by")
    return Dispute.objects.select_for_update(of=("self",)).select_related(*related).get(pk=dispute.pk)
