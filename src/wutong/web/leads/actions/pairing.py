"""Pairs of leads that may be one (疑似重复线索): a person says whether they are, and may take that back while nothing came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.leads.actions import claiming, standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Claim, Filing, Lead, LeadPair
from wutong.web.leads.queries import clocks, duplicates
from wutong.web.leads.rules import claims
from wutong.web.leads.rules.claims import STANDING, ClaimState, PairState, Verdict
from wutong.web.leads.rules.leads import LeadState

_OF_LEAD = ("state", "state_reason", "state_since", "merged_into_id")
_OF_CLAIM = ("state", "reason", "another_project", "ended_at", "ended_by_id", "decided_by_id")


@transaction.atomic
def one_lead(*, pair: LeadPair, reason: str, by: Any, at: dt.datetime) -> LeadPair:
    """The two are one: that whose claim was filed first goes on, the other's claim ends. Raises: NotAllowed, Refused."""
    found = _begun(pair, reason, by=by)
    before = _state(found)
    kept = claiming.merge(one=found.lead, two=found.other, reason=reason, by=by, at=at, is_earliest_kept=True)
    _open_if_free(kept, by=by, at=at)
    return _decided(found, PairState.SAME, reason, before, by=by, at=at)


@transaction.atomic
def two_leads(*, pair: LeadPair, reason: str, by: Any, at: dt.datetime) -> LeadPair:
    """The two are not one: they are met by each other no more, and a claim that waited for this alone is in force.

    A lead about the same firm is another project of it by this word. Raises: NotAllowed, Refused.
    """
    found = _begun(pair, reason, by=by)
    before = _state(found)
    found.state = PairState.APART
    decided = _decided(found, PairState.APART, reason, before, by=by, at=at)
    for lead in (found.lead, found.other):
        _open_if_free(lead, another_project=reason, by=by, at=at)
    decided.before = {**before, "now": _now(decided)}
    decided.save(update_fields=["before"])
    return decided


@transaction.atomic
def undo(*, pair: LeadPair, by: Any, at: dt.datetime) -> LeadPair:
    """Take a decision back, while the leads and their claims are as it left them. Raises: NotAllowed, Refused."""
    standing.lock_register()
    found = _locked(pair)
    first, second = standing.lock_both(found.lead, found.other)
    standing.require_both(by, first, second)
    is_changed = found.state != PairState.OPEN and _now(found) != found.before.get("now")
    refuse(claims.refusals_to_undo_pair(PairState(found.state), is_changed=is_changed))
    ended = [lead for lead in (first, second) if lead.state == LeadState.MERGED]
    for label, rows in found.before["was"].items():
        for key, values in rows.items():
            _restore(Lead if label == "lead" else Claim, int(key), values)
    old, found.state, found.reason, found.decided_by, found.decided_at, found.before = found.state, PairState.OPEN, "", None, None, {}
    found.save()
    _tell_going_on(ended, by=by, at=at)
    audit.record(action="leads.undo_pair", by=by, at=at, obj=found, changes={"pair_state": {"old": str(old), "new": str(found.state)}})
    return found


def _tell_going_on(ended: Iterable[Lead], *, by: Any, at: dt.datetime) -> None:
    """Whoever was told that his lead ended in another is told that it goes on."""
    for lead in ended:
        if lead.owner.is_active and lead.owner != by:
            name = lead.outside_name
            jobs.tell(
                to=lead.owner, key=f"leads:unmerged:{lead.public_id}:{at.isoformat()}",
                words=lambda name=name: (_("Your lead goes on: the merging was taken back"), name),  # type: ignore[misc]
                address=reverse("leads:lead", args=[lead.public_id]), by=by, at=at,
            )  # fmt: skip


def _begun(pair: LeadPair, reason: str, *, by: Any) -> LeadPair:
    standing.lock_register()
    found = _locked(pair)
    first, second = standing.lock_both(found.lead, found.other)
    standing.require_both(by, first, second)
    refuse(claims.refusals_to_decide_pair(PairState(found.state), first.facts(), second.facts(), reason=reason))
    return found


def _locked(pair: LeadPair) -> LeadPair:
    found: LeadPair = LeadPair.objects.select_for_update(of=("self",)).select_related("lead__unit", "other__unit").get(pk=pair.pk)
    return found


@transaction.atomic(savepoint=False)
def _decided(found: LeadPair, state: PairState, reason: str, before: dict[str, Any], *, by: Any, at: dt.datetime) -> LeadPair:
    found.state, found.reason, found.decided_by, found.decided_at = state, reason.strip()[:500], by, at
    found.before = {**before, "now": _now(found)}
    found.save()
    both = standing.told(found.lead, reason=found.reason) if not found.other.is_confidential else {}
    audit.record(action="leads.decide_pair", by=by, at=at, obj=found, changes={"pair_state": str(state), **both})
    return found


@transaction.atomic(savepoint=False)
def _open_if_free(lead: Lead, *, by: Any, at: dt.datetime, another_project: str = "") -> None:
    """Let a claim of a ledger be in force that waited for this decision alone. What was filed here is decided as filings are."""
    claim = Claim.objects.select_for_update(of=("self",)).filter(lead=lead, state=ClaimState.WAITING).first()
    if claim is None or Filing.objects.filter(lead=lead, at=claim.filed_at).exists():
        return
    met = [one for one in duplicates.met_by(lead, at=at) if one.verdict is not Verdict.RELATED]
    is_drawn = claims.is_drawn(duplicates.lot(lead), share=clocks.spot_check_share(day_of(at)))  # else what still waits met a secret
    if not met and not is_drawn:
        claim.state, claim.decided_by, claim.another_project = ClaimState.OPEN, by, another_project.strip()[:500]
        claim.save(update_fields=["state", "decided_by", "another_project"])


# --- what was, so that it can be again --------------------------------------------------------------------------------------------------
def _values(record: Model, names: tuple[str, ...]) -> dict[str, Any]:
    encode = DjangoJSONEncoder().default
    return {
        name: value if value is None or isinstance(value, str | int) else encode(value)
        for name in names
        for value in (getattr(record, name),)
    }


def _state(found: LeadPair) -> dict[str, Any]:
    """Both leads and their standing claims as they are."""
    leads = Lead.objects.filter(pk__in=[found.lead_id, found.other_id])
    standing_claims = Claim.objects.filter(lead__in=leads, state__in=STANDING)
    return {
        "was": {
            "lead": {str(lead.pk): _values(lead, _OF_LEAD) for lead in leads},
            "claim": {str(claim.pk): _values(claim, _OF_CLAIM) for claim in standing_claims},
        }
    }  # fmt: skip


def _now(found: LeadPair) -> dict[str, Any]:
    """The same leads, and all their claims, as they are now."""
    leads = Lead.objects.filter(pk__in=[found.lead_id, found.other_id])
    return {
        "lead": {str(lead.pk): _values(lead, _OF_LEAD) for lead in leads},
        "claim": {str(claim.pk): _values(claim, _OF_CLAIM) for claim in Claim.objects.filter(lead__in=leads)},
    }


@transaction.atomic(savepoint=False)
def _restore(model: type[Model], key: int, values: dict[str, Any]) -> None:
    record = model._default_manager.get(pk=key)
    for name, value in values.items():
        field = model._meta.get_field(name.removesuffix("_id")) if name.endswith("_id") else model._meta.get_field(name)
        setattr(record, name, value if name.endswith("_id") or value is None else field.to_python(value))  # type: ignore[union-attr]
    record.save(update_fields=[name.removesuffix("_id") for name in values])
