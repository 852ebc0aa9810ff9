"""What every change of a lead asks first: who may, what is locked in which order; how claims begin and end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from wutong.web.accounts.models import Confidential, Unit, User
from wutong.web.accounts.rules.access import Grant, Permission
from wutong.web.journal.actions import duties
from wutong.web.journal.models import Duty
from wutong.web.leads.actions.guarding import NotAllowed, day_of, refuse
from wutong.web.leads.models import Claim, ClaimShare, Compared, Filing, Lead, Register
from wutong.web.leads.queries import clocks
from wutong.web.leads.rules import claims
from wutong.web.leads.rules import leads as rules
from wutong.web.leads.rules.claims import STANDING, WHOLE, ClaimState, Part, Period, ShareRole


def lock_register() -> Register:
    """Lock the one row that orders filings over all units; before any lead: two units with one firm must not pass each other."""
    _found_register()
    return Register.objects.select_for_update().get(pk=1)


def _found_register() -> None:
    """The one row, made by whoever files first; in the transaction of what asks for it."""
    Register.objects.get_or_create(pk=1)


@transaction.atomic(savepoint=False)
def compare_anew(*, lead: Lead, by: Any, at: dt.datetime) -> None:
    """What a lead is compared by is new: every process reads it before it compares again. The register must be locked."""
    Compared.objects.create(of_lead_id=lead.pk)


def locked(lead: Lead) -> Lead:
    mine = Lead.objects.select_for_update(of=("self",)).select_related("unit", "owner", "firm").prefetch_related("claims")
    found: Lead = mine.get(pk=lead.pk)
    return found


def lock_both(one: Lead, two: Lead) -> tuple[Lead, Lead]:
    """Two leads in the order of their keys, so that nobody waits in a circle."""
    found = {pk: locked(Lead(pk=pk)) for pk in sorted({one.pk, two.pk})}
    return found[one.pk], found[two.pk]


def locked_claim(claim: Claim) -> Claim:
    found: Claim = Claim.objects.select_for_update(of=("self",)).select_related("lead__unit", "unit").get(pk=claim.pk)
    return found


def open_claim(lead: Lead) -> Claim | None:
    return Claim.objects.select_for_update(of=("self",)).filter(lead=lead, state=ClaimState.OPEN).select_related("unit").first()


def require_work(by: Any, lead: Lead) -> None:
    """Stop unless `by` may work on the lead; None is the system itself. Raises: NotAllowed."""
    if by is not None and not by.permits(lambda grants: rules.may_work(grants, lead.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_EDIT)


def require_party(by: Any, check: Callable[[tuple[Grant, ...]], bool]) -> None:
    """Stop unless a rule lets `by` act for one side of a dispute or an offer; None is the system itself. Raises: NotAllowed."""
    if by is not None and not by.permits(check):
        raise NotAllowed(Permission.LEADS_EDIT)


def require_progress(by: Any, lead: Lead) -> None:
    if by is not None and not by.permits(lambda grants: rules.may_progress(grants, lead.facts(), person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_EDIT)


def require_direct(by: Any, units: Iterable[Unit]) -> None:
    """Stop unless `by` stands above all of these units. Raises: NotAllowed."""
    targets = tuple(unit.target() for unit in units)
    if by is not None and not by.permits(lambda grants: rules.may_direct(grants, targets, person_id=by.pk)):
        raise NotAllowed(Permission.LEADS_ASSIGN)


def require_both(by: Any, first: Lead, second: Lead) -> None:
    """Stop unless `by` may say what two leads are to each other: who works on both, of one unit, or stands above both units and knows both.

    Of a confidential one only its owner may. Raises: NotAllowed.
    """
    if first.unit_id != second.unit_id or first.is_confidential or second.is_confidential:
        for lead in (first, second):
            if lead.is_confidential:
                require_owner(by, lead)
        require_direct(by, [first.unit, second.unit])
    else:
        require_work(by, first)
    if by is not None and not all(may_know(by, lead) for lead in (first, second)):
        raise NotAllowed(Permission.LEADS_VIEW)


def require_owner(by: Any, lead: Lead) -> None:
    if by is not None and by.pk != lead.owner_id:
        raise NotAllowed(Permission.LEADS_EDIT)


def told(record: Confidential, **changes: Any) -> dict[str, Any]:
    """What the audit is told of a lead, and of a confidential one not (保密)."""
    return {} if record.is_confidential else changes


def may_know(person: User | None, lead: Lead) -> bool:
    """Whether a person may see the lead; the system itself may."""
    return person is None or Lead.objects.visible_to(person).filter(pk=lead.pk).exists()


@transaction.atomic(savepoint=False)
def begin(*, lead: Lead, filed_at: dt.datetime, state: ClaimState, another_project: str = "", by: Any, at: dt.datetime) -> Claim:
    """A claim of the lead's unit, whole its own from the day on. The register must be locked."""
    on = day_of(at)
    days = clocks.protection_days(on) if state is ClaimState.OPEN else None
    claim = Claim.objects.create(
        lead=lead, unit=lead.unit, filed_at=filed_at, filed_by=by, another_project=another_project.strip()[:500], state=state,
        protected_until=claims.protected_until(on, days), last_progress_on=on,
    )  # fmt: skip
    if state is ClaimState.OPEN:
        note_progress(lead=lead, on=on, by=by, at=at)
    share(claim=claim, periods=[Period(on, (Part(lead.unit_id, WHOLE, ShareRole.FINDER),))], by=by, at=at)
    return claim


@transaction.atomic(savepoint=False)
def open_waiting(*, claim: Claim, by: Any, at: dt.datetime) -> None:
    """Let a claim that waited, or was released by mistake, be in force: protected from today on, and as long as its project goes on."""
    on = day_of(at)
    days = None if claim.lead.state == rules.LeadState.PROJECT else clocks.protection_days(on)
    claim.state, claim.reason, claim.ended_at, claim.ended_by, claim.warned_for = ClaimState.OPEN, "", None, None, None
    claim.last_progress_on, claim.protected_until = on, claims.protected_until(on, days)
    claim.save()
    note_progress(lead=claim.lead, on=on, by=by, at=at)


@transaction.atomic(savepoint=False)
def note_progress(*, lead: Lead, on: dt.date | None, by: Any, at: dt.datetime) -> None:
    """Keep beside the lead when somebody last did something, so that lists need not ask each row."""
    lead.last_progress_on = on
    Lead.objects.filter(pk=lead.pk).update(last_progress_on=on)


@transaction.atomic(savepoint=False)
def end(*, claim: Claim, state: ClaimState, reason: str, by: Any, at: dt.datetime) -> None:
    """A claim stands no more; where it waited for a decision nobody owes that any more."""
    did_wait = claim.state == ClaimState.WAITING
    claim.state, claim.reason, claim.ended_at, claim.ended_by = state, reason.strip()[:500], at, by
    claim.save(update_fields=["state", "reason", "ended_at", "ended_by"])
    if did_wait:
        settle_duty(claim=claim, result=reason.strip() or str(claim.get_state_display()), by=None, at=at)


@transaction.atomic(savepoint=False)
def settle_duty(*, claim: Claim, result: str, by: None, at: dt.datetime) -> None:
    """What the filing of a claim asked for is done."""
    filing = Filing.objects.filter(lead=claim.lead, at=claim.filed_at).first()
    if filing is not None:
        for duty in Duty.objects.filter(origin=origin_of(filing), state="open"):
            duties.finish(duty=duty, result=result, by=by, at=at)


def origin_of(filing: Filing) -> str:
    """By what a duty to decide on a filing is known."""
    return f"leads.filing:{filing.number}"


@transaction.atomic(savepoint=False)
def end_standing(*, lead: Lead, reason: str, by: Any, at: dt.datetime) -> Claim | None:
    """End the claim of a lead that ends, if one stands."""
    claim = Claim.objects.select_for_update(of=("self",)).filter(lead=lead, state__in=STANDING).first()
    if claim is not None:
        end(claim=claim, state=ClaimState.ENDED if claim.state == ClaimState.OPEN else ClaimState.WITHDRAWN, reason=reason, by=by, at=at)
    return claim


@transaction.atomic(savepoint=False)
def share(*, claim: Claim, periods: Sequence[Period], by: Any, at: dt.datetime) -> None:
    """Shares by period from the first period's day on, which may not lie before the period that holds now. Raises: Refused."""
    held = ClaimShare.objects.filter(claim=claim)
    now = held.filter(from_on__lte=day_of(at)).order_by("-from_on").values_list("from_on", flat=True).first()
    refuse(claims.refusals_of_periods(periods, last_from_on=now))
    begins = periods[0].from_on
    held.filter(from_on__gte=begins).delete()
    held.filter(Q(until_on=None) | Q(until_on__gt=begins), from_on__lt=begins).update(until_on=begins)
    ends = [*(period.from_on for period in periods[1:]), None]
    ClaimShare.objects.bulk_create(
        ClaimShare(
            claim=claim, unit_id=part.unit_id, role=part.role, share_basis_points=part.share_basis_points, from_on=period.from_on,
            until_on=until, given_by=by, given_at=at,
        )
        for period, until in zip(periods, ends, strict=True)
        for part in period.parts
    )  # fmt: skip


def filings_on(person: Any, at: dt.datetime) -> int:
    """How many filings a person made on the day of a moment."""
    return 0 if person is None else Filing.objects.filter(by=person, at__date=day_of(at)).count()
