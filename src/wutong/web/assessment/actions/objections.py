"""Objections: filed by a unit about its own points with its evidence, decided by somebody else with a reason that the unit is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import IO, Any

from django.db import IntegrityError, transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Objection, ObjectionFile, Run, RunUnit
from wutong.web.assessment.queries import objection_duties
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import ObjectionState, Refusal, RunState
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.journal.actions import files as hung

__all__ = ["NotAllowed", "Refused"]
File = tuple[IO[bytes], str]  # a file and its name


@transaction.atomic
def file(
    *, row: RunUnit, item: str, text: str, evidence: str, by: Any, at: dt.datetime, proofs: Sequence[File] = ()
) -> Objection:  # fmt: skip
    """Object to the points of an indicator of one's own unit, or of oneself, with files that show it.

    Raises: NotAllowed, Refused; what `journal.actions.files.attach` raises.
    """
    run = Run.objects.select_for_update(of=("self",)).get(pk=row.run_id)  # nobody approves it meanwhile
    found = RunUnit.objects.select_related("unit", "person").get(pk=row.pk)
    if by is not None and not One(found.unit, found.person).may_be_answered(by):
        raise NotAllowed(Permission.ASSESSMENT_ANSWER)
    is_item = any(one["id"] == item for one in found.result["items"])
    refuse(rules.refusals_to_object(RunState(run.state), text=text, is_item=is_item))
    objection = Objection(
        run=run, unit=found.unit, person=found.person, item=item, text=text.strip()[:1000], evidence=evidence.strip()[:500],
        state=ObjectionState.OPEN, filed_by=by, filed_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            objection.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((Refusal.REPLACED_ALREADY,)) from error
    title = next(one["title"] for one in found.result["items"] if one["id"] == item)
    audit.record(action="assessment.object", by=by, at=at, obj=objection, changes={"item": title})
    _hang(objection, proofs, by=by, at=at)
    return objection


@transaction.atomic
def bring(*, objection: Objection, proofs: Sequence[File], by: Any, at: dt.datetime) -> Objection:
    """Bring more evidence while it is open; from the decision on what it rested on stays as it is. Raises: as `file`."""
    found: Objection = Objection.objects.select_for_update(of=("self",)).select_related("unit", "person").get(pk=objection.pk)
    if by is not None and not One(found.unit, found.person).may_be_answered(by):
        raise NotAllowed(Permission.ASSESSMENT_ANSWER)
    refuse(() if found.state == ObjectionState.OPEN else (Refusal.DECIDED_ALREADY,))
    _hang(found, proofs, by=by, at=at)
    return found


def _hang(objection: Objection, proofs: Sequence[File], *, by: Any, at: dt.datetime) -> None:
    for one, name in proofs:
        made = hung.attach(record=objection, file=one, name=name, by=by, at=at).attachment
        ObjectionFile.objects.create(objection=objection, attachment=made)


@transaction.atomic
def decide(*, objection: Objection, state: ObjectionState, reason: str, correction: str, by: Any, at: dt.datetime) -> Objection:
    """Uphold or dismiss an objection with a reason; what is upheld says what is corrected. Raises: NotAllowed, Refused.

    Why: the run itself stays as it was; a new one that takes its place is drafted from the corrected figures.
    """
    found: Objection = Objection.objects.select_for_update(of=("self",)).select_related("run__scheme__unit").get(pk=objection.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.run.scheme.unit.target())
    actor = by.pk if by is not None else 0
    hands = {found.filed_by_id, found.person_id}  # nobody decides on his own points, whoever filed it
    refuse(rules.refusals_to_decide(ObjectionState(found.state), filed_by=hands, actor_id=actor, reason=reason))
    if state is ObjectionState.UPHELD and not correction.strip():
        refuse((Refusal.CORRECTION_MISSING,))
    found.state, found.decided_by, found.decided_at = state, by, at
    found.reason, found.correction = reason.strip()[:500], correction.strip()[:500] if state is ObjectionState.UPHELD else ""
    found.save(update_fields=["state", "decided_by", "decided_at", "reason", "correction"])
    audit.record(action="assessment.decide_objection", by=by, at=at, obj=found, changes={"state": state, "reason": found.reason})
    _tell(found, by=by, at=at)
    return found


def _tell(objection: Objection, *, by: Any, at: dt.datetime) -> None:
    """Whoever filed it, and who else answers for the unit or is the person, learns what became of it and why."""
    address = objection_duties.address_of(objection)
    for person in objection_duties.concerned(objection):
        if person != by:
            key = f"assessment.decide_objection:{objection.public_id}:{person.pk}"
            jobs.tell(to=person, key=key, words=lambda: objection_duties.decided_words(objection), by=by, at=at, address=address)
