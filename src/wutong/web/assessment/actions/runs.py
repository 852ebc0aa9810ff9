"""Runs: drafted from live data by a background job, frozen, approved by a second person, published."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wutong.rulebook.formulas.faults import RuleError
from wutong.rulebook.formulas.values import Group
from wutong.rulebook.scoring import facts, running
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import rewards
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Run, RunUnit, Scheme
from wutong.web.assessment.queries import gathering, notices, results, touched, versions
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import Refusal, Replaced, RunState, RunStep
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.lib.access import is_chinese

__all__ = ["NotAllowed", "Refused"]
COMPUTE = "assessment.compute"  # the kind of job
_BY_SECOND = frozenset({RunStep.APPROVE, RunStep.SEND_BACK})
_ON_FACTS = frozenset({RunStep.FREEZE, RunStep.APPROVE, RunStep.PUBLISH})


@transaction.atomic
def draft(*, scheme: Scheme, title: str, starts_on: dt.date, on: dt.date, by: Any, at: dt.datetime, supersedes: Run | None = None) -> Run:
    """A new run up to a day, worked out by a job. Raises: NotAllowed; Refused without a rule for the day, or units."""
    locked = Scheme.objects.select_for_update(of=("self",)).select_related("unit").get(pk=scheme.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, locked.unit.target())
    refuse(rules.refusals_of_period(starts_on, on, today=timezone.localdate(at)))
    version = versions.in_force(locked, on) if locked.kind == SchemeKind.SCORING else None
    if locked.kind == SchemeKind.SCORING and (faulty := versions.unreadable(locked, on)) is not None:
        refuse((Refusal.RULE_UNREADABLE,), faulty)
    if version is None:
        raise Refused((Refusal.NO_RULE,))
    if not locked.members.exists():
        refuse((Refusal.NO_MEMBERS,))
    if supersedes is not None:
        replaced = Run.objects.select_for_update(of=("self",)).get(pk=supersedes.pk)
        if replaced.scheme_id != locked.pk or not replaced.is_kept:
            refuse((Refusal.WRONG_STATE,))
        refuse(rules.refusals_to_replace(replaced.replaced(), (starts_on, on)))
    number = (locked.runs.aggregate(newest=Max("number"))["newest"] or 0) + 1
    run = Run.objects.create(
        scheme=locked, version=version, number=number, starts_on=starts_on, on=on, title=title.strip()[:120] or f"{locked.title} {on}",
        state=RunState.WAITING, supersedes=supersedes, drafted_by=by, drafted_at=at,
    )  # fmt: skip
    run.job = jobs.enqueue(kind=COMPUTE, arguments={"run": run.pk}, title=run.title, by=by, at=at, unit=locked.unit)
    run.save(update_fields=["job"])
    audit.record(action="assessment.draft", by=by, at=at, obj=run, changes={"on": on, "version": version.number})
    return run


@transaction.atomic
def again(*, run: Run, by: Any, at: dt.datetime) -> Run:
    """Work a draft out anew from the data as they are now. Raises: NotAllowed, Refused."""
    found = _locked(run, RunStep.COMPUTE, by=by, at=at)
    found.state, found.fault = RunState.WAITING, ""
    found.job = jobs.enqueue(kind=COMPUTE, arguments={"run": found.pk}, title=found.title, by=by, at=at, unit=found.scheme.unit)
    found.save(update_fields=["state", "fault", "job"])
    audit.record(action="assessment.draft_again", by=by, at=at, obj=found, changes={"on": found.on})
    return found


@transaction.atomic
def compute(*, run: Run, by: Any, at: dt.datetime) -> Run:
    """Gather the facts, score, and keep both; facts that cannot be taken are told and leave the run failed."""
    found: Run = Run.objects.select_for_update(of=("self",)).select_related("scheme__unit", "version").get(pk=run.pk)
    if found.state not in rules.RUN_STEPS[RunStep.COMPUTE][0]:
        return found
    try:
        rule = versions.rule_of(found.version)
        gathered = gathering.gathered(found.scheme, rule, starts_on=found.starts_on, on=found.on)
        units = facts.typed(rule, [gathering.given(one.name, one.told(), place) for place, one in enumerate(gathered, 1)])
        seen: dict[str, Group] = {}
        scored = running.kept(rule, running.run(rule, units, on=found.on, seen=seen))
        gathering.lay_behind(gathered, rule, units, on=found.on, seen=seen)
    except (RuleError, facts.FactsError) as error:
        return _failed(found, error.say("zh" if is_chinese() else "en"), by=by, at=at)
    except running.NotInForce as error:
        return _failed(found, str(error), by=by, at=at)
    by_name = {one.name: one for one in gathered}
    found.units.all().delete()
    RunUnit.objects.bulk_create(
        RunUnit(
            run=found,
            unit=by_name[one.unit].unit,
            person=by_name[one.unit].person,
            name=one.unit,
            group=one.group,
            position_no=place,
            total_points=_decimal(results.number(one.total)),
            rank=one.rank,
            grade=one.grade[:60],
            facts=by_name[one.unit].told(),
            evidence=by_name[one.unit].evidence,
            result=results.plain(one),
        )
        for place, one in enumerate(scored.results, 1)
    )
    left_out = gathering.left_out(found.scheme, rule)
    found.state, found.fault, found.rule_hash, found.gathered_at = RunState.DRAFT, _left_out(left_out), found.version.text_hash, at
    found.save(update_fields=["state", "fault", "rule_hash", "gathered_at"])
    found.digest = results.digest(found)
    found.save(update_fields=["digest"])
    audit.record(action="assessment.compute", by=by, at=at, obj=found, changes={"units": len(by_name), "hash": found.digest})
    return found


def _left_out(names: tuple[str, ...]) -> str:
    told = pgettext("between entries", "; ").join(names)
    return (_("Not scored, for the rule has no such group: %(names)s") % {"names": told})[:500] if names else ""


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _failed(run: Run, fault: str, *, by: Any, at: dt.datetime) -> Run:
    run.state, run.fault = RunState.FAILED, fault[:500]
    run.save(update_fields=["state", "fault"])
    audit.record(action="assessment.compute_failed", by=by, at=at, obj=run, changes={"fault": run.fault[:200]})
    return run


def _locked(run: Run, step: RunStep, *, by: Any, at: dt.datetime, reason: str = "") -> Run:
    found: Run = Run.objects.select_for_update(of=("self",)).select_related("scheme__unit", "version").get(pk=run.pk)
    needed = Permission.ASSESSMENT_APPROVE if step in _BY_SECOND else Permission.ASSESSMENT_EDIT
    refusing.require(by, needed, found.scheme.unit.target())
    known = touched.since_gathered(found, until=at) if step in _ON_FACTS else []
    waiting = touched.unrectified(found, until=at) if step in _ON_FACTS else []
    instead = _replaced(found) if step is RunStep.PUBLISH else None
    facts_of_run = replace(
        found.facts(), false_since_gathered=len(known), unrectified=len(waiting), replaces=instead, notice=notices.in_force(found)
    )
    actor = by.pk if by is not None else 0
    refuse(rules.refusals_to_step(facts_of_run, step, actor_id=actor, on=timezone.localdate(at), reason=reason))
    return found


def _replaced(run: Run) -> Replaced | None:
    """The run whose place it takes, locked: of two that are published at once for the same one the second is refused."""
    if run.supersedes_id is None:
        return None
    return Run.objects.select_for_update(of=("self",)).get(pk=run.supersedes_id).replaced(by=run)


@transaction.atomic
def freeze(*, run: Run, by: Any, at: dt.datetime) -> Run:
    """From now on what it rests on does not change, units see their own and may object; the public notice begins.

    Raises: NotAllowed, Refused. Why kept: what was promised is never cut short, whatever the rule or the calendar says later.
    """
    found = _locked(run, RunStep.FREEZE, by=by, at=at)
    found.state, found.frozen_by, found.frozen_at, found.digest = RunState.FROZEN, by, at, results.digest(found)
    found.notice_until = notices.until(timezone.localdate(at))
    found.save(update_fields=["state", "frozen_by", "frozen_at", "digest", "notice_until"])
    found.false_reports.add(*touched.told_of(found))
    audit.record(action="assessment.freeze", by=by, at=at, obj=found, changes={"hash": found.digest, "notice_until": found.notice_until})
    return found


@transaction.atomic
def approve(*, run: Run, by: Any, at: dt.datetime) -> Run:
    """Approve as a second person, once the notice is over and every objection is answered. Raises: NotAllowed, Refused."""
    found = _locked(run, RunStep.APPROVE, by=by, at=at)
    notice = notices.in_force(found)
    found.state, found.approved_by, found.approved_at = RunState.APPROVED, by, at
    found.save(update_fields=["state", "approved_by", "approved_at"])
    told = {"hash": found.digest, "notice_until": notice.until if notice is not None else None}
    audit.record(action="assessment.approve", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def publish(*, run: Run, by: Any, at: dt.datetime) -> Run:
    """Let every unit that is measured see the ranking; claims that rest on the run it replaces end. Raises: NotAllowed, Refused."""
    found = _locked(run, RunStep.PUBLISH, by=by, at=at)
    found.state, found.published_by, found.published_at = RunState.PUBLISHED, by, at
    found.save(update_fields=["state", "published_by", "published_at"])
    if found.supersedes is not None:
        rewards.withdraw_of_run(run=found.supersedes, by=by, at=at)
    audit.record(action="assessment.publish", by=by, at=at, obj=found, changes={"hash": found.digest})
    return found


@transaction.atomic
def withdraw(*, run: Run, step: RunStep, reason: str, by: Any, at: dt.datetime) -> Run:
    """Give a run up, or send it back as the second person; it stays on record. Raises: NotAllowed, Refused."""
    found = _locked(run, step, by=by, at=at, reason=reason)
    found.state, found.withdrawn_reason = RunState.WITHDRAWN, reason.strip()[:300]
    found.save(update_fields=["state", "withdrawn_reason"])
    audit.record(action=f"assessment.{step}", by=by, at=at, obj=found, changes={"reason": found.withdrawn_reason})
    return found
