"""Rewards: introducers registered before the signing, claims, computed, decided by a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.rewards.shape import To
from wutong.rulebook.scoring import facts as fact_reading
from wutong.rulebook.scoring.facts import FactsError
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Registration, RewardClaim, RewardSheet, Run, Scheme
from wutong.web.assessment.queries import registrations as found_registrations
from wutong.web.assessment.queries import rewards as found_rewards
from wutong.web.assessment.rules import rewards as rules
from wutong.web.assessment.rules.rewards import ClaimState, ClaimStep, RewardRefusal
from wutong.web.audit import actions as audit
from wutong.web.firms.models import Person
from wutong.web.leads.models import Lead
from wutong.web.partners.models import Partner
from wutong.web.partners.rules import PartnerKind
from wutong.web.projects.models import Project

__all__ = ["NotAllowed", "Refused"]


@transaction.atomic
def register(
    *, unit: Unit, by: Any, at: dt.datetime, project: Project | None = None, lead: Lead | None = None, partner: Partner | None = None,
    person: Person | None = None, is_staff: bool | None = None, has_agreed: bool = False, share: Decimal = rules.WHOLE,
) -> Registration:  # fmt: skip
    """Say who brings a project, as of now: nobody types a day. One is the first, or joint ones by shares. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_ANSWER, unit.target())
    abouts, whos = sum(one is not None for one in (project, lead)), sum(one is not None for one in (partner, person))
    refuse(rules.refusals_to_register(abouts=abouts, whos=whos, is_person=person is not None, has_agreed=has_agreed))
    there = found_registrations.registered_before(project, lead, is_adviser=partner is not None and partner.kind == PartnerKind.ADVISER)
    taken = sum((one.share for one in there), Decimal(0))
    refuse(rules.refusals_of_share(share, taken=taken), there[0] if there else None)
    made: Registration = Registration.objects.create(
        unit=unit, project=project, lead=lead, partner=partner, introducer=person, is_staff=is_staff,
        has_agreed=has_agreed and person is not None, share=share, registered_by=by, registered_at=at,
    )  # fmt: skip
    audit.record(action="assessment.reward.register", by=by, at=at, obj=made, changes={"staff": is_staff, "share": share})
    return made


@transaction.atomic
def claim(
    *, scheme: Scheme, award: str, unit: Unit, by: Any, at: dt.datetime, project: Project | None = None, run: Run | None = None,
    officer: Any = None, registration: Registration | None = None,
) -> RewardClaim:  # fmt: skip
    """Claim an award for a project, or for the place in a published run. Raises: NotAllowed; Refused, where it is claimed too."""
    refusing.require(by, Permission.ASSESSMENT_ANSWER, unit.target())
    told = found_rewards.rule_on(scheme, timezone.localdate(at))
    if told is None:
        raise Refused((RewardRefusal.NO_RULE,))
    one = told[1].awards.get(award)
    if one is None:
        raise Refused((RewardRefusal.UNKNOWN_AWARD,))
    if registration is not None:
        _refuse_withdrawn(registration)
    partner = registration.partner if registration else None
    refuse(
        rules.refusals_of_recipient(
            one.to, has_officer=officer is not None, has_registration=registration is not None,
            is_adviser=partner is not None and partner.kind == PartnerKind.ADVISER,
        )
    )  # fmt: skip
    Scheme.objects.select_for_update(of=("self",), no_key=True).get(pk=scheme.pk)  # claims by one document wait for each other,
    if run is not None:  # and for the publication of what takes its place
        run = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
    there = found_rewards.stands(run, told[1], one, unit=unit, officer=officer)
    refuse(rules.refusals_of_matter(is_of_run=one.is_of_run, has_project=project is not None, run=there))
    if project is not None:
        leads = found_registrations.merged_with(project.lead_id)
        if registration is not None and registration.project_id != project.pk and registration.lead_id not in leads:
            refuse((RewardRefusal.OTHER_PROJECT,))
        is_there = officer is None or found_rewards.stands_in(officer, unit, timezone.localdate(at))
        is_of_project = unit.pk in (project.unit_id, project.finder_unit_id)
        refuse(rules.refusals_of_own(one, is_unit_of_project=is_of_project, is_officer_of_unit=is_there))
    key = {To.UNITS: f"unit:{unit.pk}", To.OFFICERS: f"officer:{officer.pk if officer else ''}"}.get(one.to) or _key_of(registration)
    if run is not None and found_rewards.by_other_runs(run, scheme, award, key).exists():
        refuse((RewardRefusal.PERIOD_CLAIMED,))
    if project is not None:
        others = found_rewards.by_other_recipients(scheme, award, project, key)
        refuse(rules.refusals_of_one(one, is_claimed_by_another=others.exists()))
    made = RewardClaim(
        scheme=scheme, award=award, award_title=one.zh[:120], award_title_en=one.en[:200], to=one.to, project=project, run=run, unit=unit,
        officer=officer,
        registration=registration, recipient_key=key, state=ClaimState.CLAIMED, claimed_by=by, claimed_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((RewardRefusal.CLAIMED_ALREADY,)) from error
    audit.record(action="assessment.reward.claim", by=by, at=at, obj=made, changes={"award": award, "for": one.to})
    return made


def _refuse_withdrawn(registration: Registration) -> None:
    """Lock a registration, so that it is not withdrawn while it is claimed by. Raises: Refused."""
    Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    refuse(() if Registration.objects.standing().filter(pk=registration.pk).exists() else (RewardRefusal.REGISTRATION_WITHDRAWN,))


def _key_of(registration: Registration | None) -> str:
    """By which somebody is known again, whoever registered him: without his name."""
    assert registration is not None
    return f"partner:{registration.partner_id}" if registration.partner_id else f"person:{registration.introducer_id}"


def _locked(claim: RewardClaim, step: ClaimStep, *, by: Any, reason: str = "") -> tuple[RewardClaim, RewardSheet | None]:
    found: RewardClaim = (
        RewardClaim.objects.select_for_update(of=("self",)).select_related("scheme__unit", "project", "registration").get(pk=claim.pk)
    )
    is_his = by is not None and found.claimed_by_id == by.pk and step in (ClaimStep.FILL, ClaimStep.WITHDRAW)
    needed = Permission.ASSESSMENT_APPROVE if step in rules.BY_SECOND else Permission.ASSESSMENT_EDIT
    if not is_his:
        refusing.require(by, needed, found.scheme.unit.target())
    sheet = found.sheets.order_by("-number").first()
    refuse(
        rules.refusals_to_step(
            ClaimState(found.state), step, hands=found_rewards.hands(found), actor_id=by.pk if by is not None else 0, reason=reason,
            sheet=sheet.sheet_facts() if sheet else None,
        )
    )  # fmt: skip
    return found, sheet


@transaction.atomic
def fill(*, claim: RewardClaim, values: Mapping[str, tuple[str, str]], by: Any, at: dt.datetime) -> RewardClaim:
    """Enter facts that no record tells, each with its source; an empty value is missing. Raises: NotAllowed, Refused."""
    found, _sheet = _locked(claim, ClaimStep.FILL, by=by)
    known = found_rewards.to_fill(found, timezone.localdate(at))
    entered = {}
    for name, (value, source) in values.items():
        if name not in known:
            refuse((RewardRefusal.UNKNOWN_FACT,))
        if not value.strip():
            continue
        if not source.strip():
            refuse((RewardRefusal.SOURCE_MISSING,))
        try:
            fact_reading.read(known[name], value)
        except ValueError:
            refuse((RewardRefusal.NOT_READABLE,))
        entered[name] = {"value": value.strip()[:200], "source": source.strip()[:300], "by": by.pk if by else None}
    found.entered = entered
    found.save(update_fields=["entered"])
    if by is not None:
        found.filled_by.add(by)  # for ever: who typed a value that another overwrote had a hand in it too
    audit.record(action="assessment.reward.fill", by=by, at=at, obj=found, changes={"facts_entered": len(entered)})
    return found


@transaction.atomic
def compute(*, claim: RewardClaim, by: Any, at: dt.datetime, review: str = "") -> RewardSheet:
    """Compute a claim as of today and keep all it rests on; `review`: the legality review by name. Raises: NotAllowed, Refused."""
    found, last = _locked(claim, ClaimStep.COMPUTE, by=by)
    found.review = review.strip()[:200]
    today = timezone.localdate(at)
    try:
        told = found_rewards.reckoned(found, today)
    except (RuleError, FactsError) as error:
        raise Refused((RewardRefusal.NOT_READABLE,)) from error
    if told is None:
        raise Refused((RewardRefusal.NO_RULE,))
    sheet = RewardSheet(
        claim=found, number=(last.number if last else 0) + 1, version=told.version, on=today, facts=told.facts, evidence=told.evidence,
        result=found_rewards.plain(told.found, told.rule), amount_yuan=found_rewards.fen(told.found.amount_yuan),
        rule_hash=told.version.text_hash, by=by, at=at,
    )  # fmt: skip
    sheet.digest = found_rewards.digest(sheet)
    sheet.save(force_insert=True)
    found.state = ClaimState.COMPUTED
    found.save(update_fields=["review", "state"])
    audit.record(action="assessment.reward.compute", by=by, at=at, obj=found, changes={"amount": sheet.amount_yuan, "hash": sheet.digest})
    return sheet


@transaction.atomic
def decide(*, claim: RewardClaim, step: ClaimStep, reason: str, by: Any, at: dt.datetime) -> RewardClaim:
    """Approve, decline, send back as a second person, or withdraw. Raises: NotAllowed, Refused.

    Why no payment: what is approved stands as to be paid; the treasury pays. Why computed again before it is approved: since the sheet was
    made, another claim may have been approved, or a figure changed.
    """
    if step is ClaimStep.APPROVE:
        _lock_the_same(claim)
    found, sheet = _locked(claim, step, by=by, reason=reason)
    if step is ClaimStep.APPROVE and sheet is not None:
        refuse(found_rewards.refusals_to_grant(found, sheet, timezone.localdate(at)))
    before, found.state = found.state, rules.STEPS[step][1]
    found.decided_by, found.decided_at, found.decision = by, at, reason.strip()[:500]
    found.amount_yuan = sheet.amount_yuan if step is ClaimStep.APPROVE and sheet else None
    found.save(update_fields=["state", "decided_by", "decided_at", "decision", "amount_yuan"])
    changes = {"decision": {"old": before, "new": found.state}, "reason": found.decision, "amount": found.amount_yuan}
    audit.record(action=f"assessment.reward.{step}", by=by, at=at, obj=found, changes=changes)
    return found


def _lock_the_same(claim: RewardClaim) -> None:
    """Lock the run, then all claims for the same in one order: of two that exclude each other the second sees that the first stands."""
    if claim.run_id is not None:
        Run.objects.select_for_update(of=("self",)).get(pk=claim.run_id)
    list(found_rewards.to_lock(claim).select_for_update(of=("self",)).order_by("pk"))


@transaction.atomic
def withdraw_of_run(*, run: Run, by: Any, at: dt.datetime) -> int:
    """Withdraw claims that rest on a run which another took the place of; what was approved stays, and its page tells it. How many."""
    Run.objects.select_for_update(of=("self",)).get(pk=run.pk)  # a claim that is just being made is waited for, and withdrawn too
    found = RewardClaim.objects.select_for_update().filter(run=run, state__in=(ClaimState.CLAIMED, ClaimState.COMPUTED))
    claims = list(found.order_by("pk"))
    for one in claims:
        before, one.state = one.state, ClaimState.WITHDRAWN
        one.decided_by, one.decided_at, one.decision = by, at, str(_("The run on which it rests was replaced: claim by the new one."))
        one.save(update_fields=["state", "decided_by", "decided_at", "decision"])
        changes = {"decision": {"old": before, "new": one.state}, "reason": one.decision}
        audit.record(action="assessment.reward.withdraw", by=by, at=at, obj=one, changes=changes)
    return len(claims)


@transaction.atomic
def note_export(*, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Claims or a sheet left the house as a file. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_EXPORT)
    audit.record(action="assessment.reward.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})
