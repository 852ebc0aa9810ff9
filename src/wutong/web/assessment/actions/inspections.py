"""Inspections: a seed committed, the list fixed by it, visits kept as drafts and handed in, findings found, rectified and verified."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.rulebook import inspections as rulebook
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Finding, Inspection, InspectionAnswer, InspectionPlan
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.queries import touched
from wutong.web.assessment.rules import inspections as rules
from wutong.web.assessment.rules.inspections import FindingState, PlanKind, PlanState, Refusal, Severity, VisitState
from wutong.web.audit import actions as audit
from wutong.web.journal.actions import duties, files
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files as kept_files
from wutong.web.journal.queries.duties import leaders_of
from wutong.web.journal.queries.records import is_seen_by
from wutong.web.journal.rules import DutyKind, DutyState

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which projects a plan is about. Units: `least_yuan`, total investment at least."""

    unit: Unit | None = None
    stages: tuple[str, ...] = ()
    least_yuan: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of a matter: a value as the matter counts, or why it could not be seen."""

    verified_value: Decimal | None = None
    words: str = ""


# --- plans ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def commit(
    *, unit: Unit, title: str, kind: PlanKind, begins_on: dt.date, ends_on: dt.date, scope: Scope, by: Any, at: dt.datetime,
    wanted_count: int | None = None,
) -> InspectionPlan:  # fmt: skip
    """Plan an inspection and commit its seed: from now on nobody chooses which projects it draws. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, unit.target())
    seed = secrets.token_hex(32)
    made = InspectionPlan(
        unit=unit, title=title.strip()[:120], kind=kind, begins_on=begins_on, ends_on=ends_on, scope_unit=scope.unit,
        scope_stages=list(scope.stages), least_yuan=scope.least_yuan, wanted_count=wanted_count, seed=seed,
        seed_hash=rulebook.committed(seed), committed_by=by, committed_at=at,
    )  # fmt: skip
    Unit.objects.select_for_update().get(pk=unit.pk)  # no two of the same at one moment
    is_one_open = bool(queries.like(made, PlanState.COMMITTED, PlanState.DRAWN))
    _refuse(
        rules.refusals_to_commit(
            kind, title=title, begins_on=begins_on, ends_on=ends_on, wanted_count=wanted_count, is_one_open=is_one_open
        )
    )  # fmt: skip
    made.save(force_insert=True)
    audit.record(action="assessment.plan.commit", by=by, at=at, obj=made, changes={"kind": kind, "seed_hash": made.seed_hash})
    return made


def _locked_plan(plan: InspectionPlan) -> InspectionPlan:
    found: InspectionPlan = InspectionPlan.objects.select_for_update(of=("self",)).select_related("unit", "scope_unit").get(pk=plan.pk)
    return found


@transaction.atomic
def draw(*, plan: InspectionPlan, by: Any, at: dt.datetime) -> InspectionPlan:
    """Fix the list: the projects of the scope as they stand now, drawn by the seed that was committed. Raises: NotAllowed, Refused."""
    found = _locked_plan(plan)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.unit.target())
    pool, is_planner = queries.pool_of(found), by is not None and by.pk == found.committed_by_id
    _refuse(rules.refusals_to_draw(PlanState(found.state), pool_count=len(pool), kind=PlanKind(found.kind), is_planner=is_planner))
    projects = {str(one.public_id): one for one in pool}
    keys = sorted(projects)
    chosen = queries.drawn_of(found, keys)
    found.pool, found.pool_hash, found.list_hash = keys, rulebook.hash_of(keys), rulebook.hash_of(chosen)
    found.state, found.drawn_by, found.drawn_at = PlanState.DRAWN, by, at
    found.save(update_fields=["pool", "pool_hash", "list_hash", "state", "drawn_by", "drawn_at"])
    Inspection.objects.bulk_create(
        Inspection(plan=found, project=projects[key], unit=projects[key].unit, position_no=number) for number, key in enumerate(chosen, 1)
    )
    told = {"projects": len(chosen), "pool": len(keys), "pool_hash": found.pool_hash, "list_hash": found.list_hash}
    audit.record(action="assessment.plan.draw", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def drop(*, plan: InspectionPlan, reason: str, by: Any, at: dt.datetime) -> InspectionPlan:
    """Give a plan up whose list is not fixed; it stays on record. Raises: NotAllowed, Refused."""
    found = _locked_plan(plan)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.unit.target())
    _refuse(rules.refusals_to_drop(PlanState(found.state), reason=reason))
    found.state, found.dropped_reason, found.closed_by, found.closed_at = PlanState.DROPPED, reason.strip()[:300], by, at
    found.save(update_fields=["state", "dropped_reason", "closed_by", "closed_at"])
    audit.record(action="assessment.plan.drop", by=by, at=at, obj=found, changes={"reason": found.dropped_reason})
    return found


@transaction.atomic
def close(*, plan: InspectionPlan, by: Any, at: dt.datetime) -> InspectionPlan:
    """Close a plan whose list was visited; what was left out another person accepts so. Raises: NotAllowed, Refused."""
    found = _locked_plan(plan)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.unit.target())
    waiting = Inspection.objects.filter(plan=found, state=VisitState.WAITING).count()
    has_left_out = by is not None and Inspection.objects.filter(plan=found, state=VisitState.NOT_DONE, handed_in_by=by).exists()
    _refuse(rules.refusals_to_close(PlanState(found.state), waiting_count=waiting, has_left_out=has_left_out))
    found.state, found.closed_by, found.closed_at = PlanState.CLOSED, by, at
    found.save(update_fields=["state", "closed_by", "closed_at"])
    audit.record(action="assessment.plan.close", by=by, at=at, obj=found, changes={"state": found.state})
    return found


# --- visits -----------------------------------------------------------------------------------------------------------------------------
def _locked(inspection: Inspection) -> Inspection:
    found: Inspection = (
        Inspection.objects.select_for_update(of=("self",)).select_related("plan__unit", "project", "unit").get(pk=inspection.pk)
    )
    return found


@transaction.atomic
def keep(
    *, inspection: Inspection, answers: Mapping[str, Answer], by: Any, at: dt.datetime, visited_on: dt.date | None = None,
    summary: str = "", photos: Sequence[tuple[IO[bytes], str]] = (),
) -> Inspection:  # fmt: skip
    """Keep what was noted on the site, whole or half; sent again it stands once. Raises: NotAllowed, Refused; what `attach` raises."""
    found = _locked(inspection)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.plan.unit.target())
    lines = {line.check.code: line for line in queries.matters(found)}
    values = [one.verified_value for one in answers.values()]
    _refuse(
        rules.refusals_to_answer(
            VisitState(found.state), are_known=set(answers) <= set(lines), visited_on=visited_on, on=timezone.localdate(at),
            are_positive=all(value is None or value >= 0 for value in values),
        )
    )  # fmt: skip
    for code, one in answers.items():
        told = {"verified_value": one.verified_value, "words": one.words.strip()[:300], "reported_value": lines[code].reported_value}
        InspectionAnswer.objects.update_or_create(inspection=found, matter=code, defaults=told)
    found.visited_on, found.summary, found.kept_by, found.kept_at = visited_on, summary.strip()[:2000], by, at
    found.save(update_fields=["visited_on", "summary", "kept_by", "kept_at"])
    for file, name in photos:
        _attach(found, file, name, by=by, at=at)
    audit.record(action="assessment.visit.keep", by=by, at=at, obj=found, changes={"matters": len(answers), "photos": len(photos)})
    return found


def _attach(inspection: Inspection, file: IO[bytes], name: str, *, by: Any, at: dt.datetime) -> None:
    """Hang a photograph on the visit; one that hangs there already, sent again on a weak network, hangs once."""
    sha256 = kept_files.examine(file).sha256
    there = Attachment.objects.filter(model=Inspection._meta.label, record=inspection.public_id, sha256=sha256, hidden_at=None)
    if not there.exists():
        files.attach(record=inspection, file=file, name=name, by=by, at=at)


@transaction.atomic
def hand_in(*, inspection: Inspection, by: Any, at: dt.datetime) -> Inspection:
    """Hand a visit in: from now on the unit sees it, and what it says stays. Raises: NotAllowed, Refused."""
    found = _locked(inspection)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.plan.unit.target())
    lines = queries.matters(found)
    unanswered = sum(not one.is_answered for one in lines)
    _refuse(rules.refusals_to_hand_in(VisitState(found.state), unanswered_count=unanswered, visited_on=found.visited_on))
    for line in lines:
        InspectionAnswer.objects.filter(inspection=found, matter=line.check.code).update(reported_value=line.reported_value)
    found.state, found.handed_in_by, found.handed_in_at = VisitState.HANDED_IN, by, at
    found.save(update_fields=["state", "handed_in_by", "handed_in_at"])
    audit.record(action="assessment.visit.hand_in", by=by, at=at, obj=found, changes={"visited_on": found.visited_on})
    return found


@transaction.atomic
def leave_out(*, inspection: Inspection, reason: str, by: Any, at: dt.datetime) -> Inspection:
    """Say why a project of the list was not visited. Raises: NotAllowed, Refused."""
    found = _locked(inspection)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.plan.unit.target())
    _refuse(rules.refusals_to_leave_out(VisitState(found.state), reason=reason))
    found.state, found.reason, found.handed_in_by, found.handed_in_at = VisitState.NOT_DONE, reason.strip()[:300], by, at
    found.save(update_fields=["state", "reason", "handed_in_by", "handed_in_at"])
    audit.record(action="assessment.visit.leave_out", by=by, at=at, obj=found, changes={"reason": found.reason})
    return found


# --- findings ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def find(
    *, inspection: Inspection, text: str, severity: Severity, due_on: dt.date, by: Any, at: dt.datetime, matter: str = "",
    is_false: bool = False,
) -> Finding:  # fmt: skip
    """Record what was found: a duty for whoever answers for the project, and after a false report another to review the records.

    Raises: NotAllowed, Refused.
    """
    found = _locked(inspection)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.plan.unit.target())
    answer = InspectionAnswer.objects.filter(inspection=found, matter=matter).first() if matter else None
    has_figures = answer is not None and answer.reported_value is not None and answer.verified_value is not None
    _refuse(
        rules.refusals_to_find(
            VisitState(found.state), text=text, is_false=is_false, has_figures=has_figures, due_on=due_on, on=timezone.localdate(at),
            is_matter_known=not matter or answer is not None,
        )
    )  # fmt: skip
    made: Finding = Finding.objects.create(
        inspection=found, unit=found.unit, matter=matter, severity=severity, is_false_report=is_false, text=text.strip()[:500],
        due_on=due_on, reported_value=answer.reported_value if answer else None,
        verified_value=answer.verified_value if answer else None, by=by, at=at,
    )  # fmt: skip
    people = (found.project.owner, *leaders_of(found.unit, timezone.localdate(at)))
    owner = owes(people, found)
    made.duty = give_duty(finding=made, owner=owner, title=_("Rectify what an inspection found"), text=made.text, by=by, at=at)
    if is_false:
        told = _("Look at the money in place, monthly reports and stage again that rest on it, and correct what is wrong.")
        title = _("Review the records after a false report")
        made.review_duty = give_duty(finding=made, owner=owner, title=title, text=told, by=by, at=at)
    made.save(update_fields=["duty", "review_duty"])
    made.touched_runs.set(touched.resting_on(made))
    changes = {"severity": severity, "false_report": is_false, "due_on": due_on, "matter": matter}
    audit.record(action="assessment.find", by=by, at=at, obj=made, changes=changes)
    return made


def owes(people: Iterable[Any], record: Any) -> Any:
    """Who is given the duty: the first who can bear it and may see what it is about. Raises: Refused where nobody can be."""
    for person in people:
        if person.is_active and person.may(Permission.JOURNAL_EDIT) and is_seen_by(person, record):
            return person
    raise Refused((Refusal.NOT_ABLE,))


@transaction.atomic
def give_duty(*, finding: Finding, owner: Any, title: str, text: str, by: Any, at: dt.datetime) -> Any:
    """The system asks, in the name of whoever found it: an inspector need not answer for the people of the unit."""
    return duties.create(
        owner=owner, title=title, text=text, by=None, asked_for=by, at=at, record=finding.holder, unit=finding.unit,
        due_on=finding.due_on, kind=DutyKind.SUPERVISION, origin=f"finding:{finding.public_id}",
    )  # fmt: skip


def _locked_finding(finding: Finding) -> Finding:
    found: Finding = (
        Finding.objects.select_for_update(of=("self",))
        .select_related(
            "inspection__plan__unit",
            "inspection__project",
            "unit",
            "duty",
            "review_duty",
            "result__run__scheme__unit",
            "result__person",
        )
        .get(pk=finding.pk)
    )
    return found


def _require_answering(by: Any, finding: Finding) -> None:
    if by is not None and not queries.may_answer(by, finding):
        raise NotAllowed(Permission.ASSESSMENT_ANSWER)


@transaction.atomic
def reply(*, finding: Finding, words: str, by: Any, at: dt.datetime) -> Finding:
    """The unit states its view of a finding. Raises: NotAllowed, Refused."""
    found = _locked_finding(finding)
    _require_answering(by, found)
    _refuse(rules.refusals_to_reply(FindingState(found.state), words=words))
    old = found.reply
    found.reply, found.replied_by, found.replied_at = words.strip()[:500], by, at
    found.save(update_fields=["reply", "replied_by", "replied_at"])
    audit.record(action="assessment.reply", by=by, at=at, obj=found, changes={"reply": {"old": old, "new": found.reply}})
    return found


@transaction.atomic
def rectify(
    *, finding: Finding, words: str, by: Any, at: dt.datetime, evidence: tuple[IO[bytes], str] | None = None
) -> Finding:  # fmt: skip
    """Say how a finding was rectified, with evidence; another verifies it. Raises: NotAllowed, Refused; what `files.attach` raises."""
    found = _locked_finding(finding)
    _require_answering(by, found)
    _refuse(rules.refusals_to_rectify(FindingState(found.state), words=words))
    if evidence is not None:
        file, name = evidence
        files.attach(record=found.holder, file=file, name=name, by=by, at=at, note=words)
    found.state, found.rectified, found.rectified_by, found.rectified_at = FindingState.RECTIFIED, words.strip()[:500], by, at
    found.save(update_fields=["state", "rectified", "rectified_by", "rectified_at"])
    audit.record(action="assessment.rectify", by=by, at=at, obj=found, changes={"rectified": found.rectified})
    return found


@transaction.atomic
def decide(*, finding: Finding, is_closed: bool, words: str, by: Any, at: dt.datetime) -> Finding:
    """Verify that a finding was rectified and close it, or send it back; never whoever called it rectified. Raises: NotAllowed, Refused."""
    found = _locked_finding(finding)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.asking_unit.target())
    is_rectifier = by is not None and by == found.rectified_by
    is_whose = queries.is_whose(by, found)
    _refuse(rules.refusals_to_decide(FindingState(found.state), is_rectifier=is_rectifier, is_whose=is_whose, words=words))
    found.state, found.closing = FindingState.CLOSED if is_closed else FindingState.OPEN, words.strip()[:500]
    found.closed_by, found.closed_at = (by, at) if is_closed else (None, None)
    found.save(update_fields=["state", "closing", "closed_by", "closed_at"])
    if not is_closed:  # what was gathered meanwhile rests on it as well
        found.touched_runs.add(*touched.resting_on(found, until=at))
    action = "assessment.close_finding" if is_closed else "assessment.return_finding"
    audit.record(action=action, by=by, at=at, obj=found, changes={"words": found.closing})
    for duty in (found.duty, found.review_duty):
        if is_closed and duty is not None and duty.state == DutyState.OPEN:
            duties.finish(duty=duty, result=found.closing, by=None, at=at)
    return found


@transaction.atomic
def withdraw(*, finding: Finding, reason: str, by: Any, at: dt.datetime) -> Finding:
    """Withdraw a finding made in error, as another than who made it: it counts no more, its duties end. Raises: NotAllowed, Refused."""
    found = _locked_finding(finding)
    refusing.require(by, Permission.ASSESSMENT_APPROVE, found.asking_unit.target())
    is_finder, is_whose = by is None or by == found.by, queries.is_whose(by, found)
    _refuse(rules.refusals_to_withdraw(FindingState(found.state), is_finder=is_finder, is_whose=is_whose, reason=reason))
    found.state, found.withdrawn_by, found.withdrawn_at = FindingState.WITHDRAWN, by, at
    found.withdrawn_reason = reason.strip()[:300]
    found.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    found.touched_runs.set(touched.counted_in(found))  # what rests on its project is right after all; what counted it is not
    audit.record(action="assessment.withdraw_finding", by=by, at=at, obj=found, changes={"reason": found.withdrawn_reason})
    for duty in (found.duty, found.review_duty):
        if duty is not None and duty.state == DutyState.OPEN:
            duties.finish(duty=duty, result=_("Withdrawn: %(reason)s") % {"reason": found.withdrawn_reason}, by=None, at=at)
    return found


@transaction.atomic
def note_export(*, by: Any, at: dt.datetime, filters: Mapping[str, Any], rows: int) -> None:
    """Findings left the house as a spreadsheet. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_EXPORT)
    audit.record(action="assessment.findings.export", by=by, at=at, changes={"filter": dict(filters), "rows": rows})
