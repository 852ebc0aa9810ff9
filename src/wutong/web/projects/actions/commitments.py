"""Commitments of both sides: promised, replaced, done with a proof, waived by two persons; nothing is overwritten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal.models import Attachment
from wutong.web.projects.actions import guarding, papers
from wutong.web.projects.actions.guarding import day_of
from wutong.web.projects.models import Agreement, Commitment, CommitmentMark, Evidence, Project
from wutong.web.projects.queries import people
from wutong.web.projects.rules import commitments as rules
from wutong.web.projects.rules import stages
from wutong.web.projects.rules.commitments import CommitmentKind, MarkKind, Measure, Refusal, Side
from wutong.web.projects.rules.stages import Status

NotAllowed = refusing.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why; the web puts it into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised. `amount` in its measure; `unit`, `owner`: who answers for it on our side."""

    side: Side
    kind: CommitmentKind
    text: str
    amount: Decimal | None = None
    measure: Measure | None = None
    due_on: dt.date | None = None
    unit: Unit | None = None
    owner: User | None = None
    agreement: Agreement | None = None


def _refuse(refusals: tuple[Refusal, ...]) -> None:
    if refusals:
        raise Refused(refusals)


def _locked(commitment: Commitment) -> tuple[Project, Commitment]:
    """A promise with its project, the project locked first."""
    project = guarding.locked(Project(pk=commitment.project_id))
    found = (
        Commitment.objects.select_related("unit", "owner", "replaced_by")
        .prefetch_related("marks__evidence", "marks__attachment")
        .get(pk=commitment.pk)
    )
    found.project = project
    return project, found


def _require_answering(by: Any, project: Project, found: Commitment) -> None:
    """Stop unless `by` works on the project or for the unit that answers for our promise. Raises: NotAllowed."""
    if found.unit is None:
        guarding.require_work(by, project)
        return
    facts, unit, owner = project.facts(), found.unit.target(), found.owner_id
    if by is not None and not by.permits(lambda grants: stages.may_work_node(grants, facts, unit, owner, person_id=by.pk)):
        raise NotAllowed(Permission.PROJECTS_EDIT)
    if not guarding.may_know(by, project):
        raise NotAllowed(Permission.PROJECTS_VIEW)


def _refusals(project: Project, said: Promise) -> tuple[Refusal, ...]:
    unit, owner = said.unit, said.owner
    return rules.refusals_to_promise(
        text=said.text, side=said.side, amount=said.amount, measure=said.measure or "", has_unit=unit is not None,
        is_unit_open=unit is not None and unit.closed_on is None,
        is_person_of_unit=owner is None or (unit is not None and people.is_of_unit(owner, unit)),
        is_agreement_here=said.agreement is None or said.agreement.project_id == project.pk, is_active=project.status == Status.ACTIVE,
    )  # fmt: skip


def _make(project: Project, said: Promise, *, by: Any, at: dt.datetime, replaces: Commitment | None = None, reason: str = "") -> Commitment:
    made: Commitment = Commitment.objects.create(
        project=project, agreement=said.agreement, side=said.side, kind=said.kind, text=said.text.strip()[:500], amount=said.amount,
        measure=said.measure or "", due_on=said.due_on, unit=said.unit, owner=said.owner, replaces=replaces, reason=reason.strip()[:300],
        by=by, at=at,
    )  # fmt: skip
    return made


def _tell(action: str, project: Project, found: Commitment, *, by: Any, at: dt.datetime, **changes: Any) -> None:
    told = guarding.told(project, promise=found.text, side=found.side, **changes)
    audit.record(action=f"projects.{action}", by=by, at=at, obj=project, changes=told)


@transaction.atomic
def promise(*, project: Project, said: Promise, by: Any, at: dt.datetime) -> Commitment:
    """Enter what one side promised. Raises: NotAllowed, Refused."""
    found = guarding.locked(project)
    guarding.require_work(by, found)
    _refuse(_refusals(found, said))
    made = _make(found, said, by=by, at=at)
    _tell("promise", found, made, promise_amount=said.amount, due_on=said.due_on, by=by, at=at)
    return made


@transaction.atomic
def replace(*, commitment: Commitment, said: Promise, reason: str, by: Any, at: dt.datetime) -> Commitment:
    """Put another promise in the place of one; the old one stays to be read, with its marks. Raises: NotAllowed, Refused.

    One is eased by whoever directs the work only, broken or not yet.
    """
    project, found = _locked(commitment)
    guarding.require_work(by, project)
    after = rules.Said(said.side, said.kind, said.amount, said.measure or "", said.due_on)
    refusals = rules.refusals_to_replace(
        found.facts(), reason=reason, before=found.said(), after=after, is_directing=guarding.directs(by, project)
    )
    _refuse((*refusals, *_refusals(project, said)))
    made = _make(project, said, replaces=found, reason=reason, by=by, at=at)
    _tell("replace_promise", project, made, promise_amount=said.amount, due_on=said.due_on, reason=reason, by=by, at=at)
    return made


@transaction.atomic
def mark_done(
    *, commitment: Commitment, done_on: dt.date, by: Any, at: dt.datetime, amount: Decimal | None = None,
    attachment: Attachment | None = None, evidence: Evidence | None = None, words: str = "",
) -> CommitmentMark:  # fmt: skip
    """Enter that a promise was done, or how much of it by a day, with its proof. Raises: NotAllowed, Refused."""
    project, found = _locked(commitment)
    _require_answering(by, project, found)
    is_here = papers.is_file_here(attachment, project)
    if evidence is not None:
        is_here = is_here and Evidence.objects.standing().filter(pk=evidence.pk, project=project, is_absent=False).exists()
    _refuse(
        rules.refusals_to_mark(
            found.facts(), done_on=done_on, on=day_of(at), amount=amount, has_proof=attachment is not None or evidence is not None,
            is_proof_here=is_here,
        )
    )  # fmt: skip
    made: CommitmentMark = CommitmentMark.objects.create(
        commitment=found, kind=MarkKind.DONE, on=done_on, amount=amount, is_whole=rules.is_whole(found.amount, amount),
        attachment=attachment, evidence=evidence, words=words.strip()[:500], by=by, at=at,
    )  # fmt: skip
    _tell("mark_promise", project, found, promise_amount=amount, done_on=done_on, by=by, at=at)
    return made


@transaction.atomic
def take_mark_back(*, mark: CommitmentMark, reason: str, by: Any, at: dt.datetime) -> CommitmentMark:
    """Take a mark back that was wrong; both stay to be read. Raises: NotAllowed, Refused."""
    project, found = _locked(mark.commitment)
    guarding.require_work(by, project)
    is_gone = CommitmentMark.objects.filter(takes_back=mark.pk).exists()
    _refuse(rules.refusals_to_take_back(is_taken_back=is_gone, is_of_two=mark.kind != MarkKind.DONE, reason=reason))
    made: CommitmentMark = CommitmentMark.objects.create(
        commitment=found, kind=MarkKind.TAKEN_BACK, on=day_of(at), takes_back=mark, words=reason.strip()[:500], by=by, at=at
    )
    _tell("take_mark_back", project, found, reason=reason, by=by, at=at)
    return made


@transaction.atomic
def ask_waiver(*, commitment: Commitment, reason: str, by: Any, at: dt.datetime) -> CommitmentMark:
    """Ask that a promise be waived; another person decides. Raises: NotAllowed, Refused."""
    project, found = _locked(commitment)
    guarding.require_work(by, project)
    _refuse(rules.refusals_to_ask_waiver(found.facts(), reason=reason))
    made: CommitmentMark = CommitmentMark.objects.create(
        commitment=found, kind=MarkKind.WAIVER_ASKED, on=day_of(at), words=reason.strip()[:500], by=by, at=at
    )
    _tell("ask_waiver", project, found, reason=reason, by=by, at=at)
    return made


@transaction.atomic
def answer_waiver(*, commitment: Commitment, is_granted: bool, by: Any, at: dt.datetime, words: str = "") -> CommitmentMark:
    """Waive a promise as the second person, or decline to. Raises: NotAllowed, Refused."""
    project, found = _locked(commitment)
    guarding.require_decide(by, project)
    facts = found.facts()
    _refuse(rules.refusals_to_answer_waiver(facts, is_granted=is_granted, person=by.pk if by is not None else None, words=words))
    asked = facts.waiver
    made: CommitmentMark = CommitmentMark.objects.create(
        commitment=found, kind=MarkKind.WAIVED if is_granted else MarkKind.WAIVER_DECLINED, on=day_of(at), words=words.strip()[:500], by=by,
        asked_by_id=asked.by if asked else None, at=at,
    )  # fmt: skip
    _tell("waive_promise" if is_granted else "decline_waiver", project, found, words=words, by=by, at=at)
    return made


@transaction.atomic
def hand_over(*, from_user: User, to_user: User, by: Any, at: dt.datetime) -> int:
    """Give the promises that a leaver answers for to a colleague. Returns how many moved. Raises: NotAllowed."""
    for person in (from_user, to_user):
        refusing.require(by, Permission.USERS_EDIT, person.unit.target())
    moved = Commitment.objects.filter(owner=from_user).update(owner=to_user)
    if moved:
        audit.record(action="projects.hand_over_promises", by=by, at=at, obj=to_user, changes={"from": str(from_user), "rows": moved})
    return moved
