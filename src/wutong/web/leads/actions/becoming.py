"""A lead becomes a project (转为项目): its claim and shares stay while the project goes on, and end with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from wutong.web.audit import actions as audit
from wutong.web.leads.actions import standing
from wutong.web.leads.actions.guarding import day_of, refuse
from wutong.web.leads.models import Claim, Lead
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import ClaimState
from wutong.web.leads.rules.leads import LeadState, Stage


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
