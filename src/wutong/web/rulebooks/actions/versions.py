"""The steps of a version that two people must read: change, undo, redo, submit, decide. Rooms call these for their own versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.rulebooks import rules
from wutong.web.rulebooks.queries import versions
from wutong.web.rulebooks.rules import Step, VersionFacts

NotAllowed = accounts.NotAllowed


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """A step that the rules forbid; `refusals` says why."""

    def __init__(self, refusals: tuple[StrEnum, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a room's versions are approved. `code` begins the codes of its audited actions.

    `facts` gives a version as the rules see it; `message` and `address` say what people are told of it, and where it stands.
    """

    code: str
    edit: Permission
    approve: Permission
    facts: Callable[[Any], VersionFacts]
    message: Callable[[Any], tuple[str, str]]
    address: Callable[[Any], str]


def locked(procedure: Procedure, version: Any, step: Step, *, by: User, at: dt.datetime, reason: str = "", note: str = "") -> Any:
    """The version, locked for a step that whoever asks may take. Raises: NotAllowed, Refused."""
    found = type(version).objects.select_for_update().get(pk=version.pk)
    needed = procedure.approve if step in (Step.APPROVE, Step.SEND_BACK, Step.REVOKE) else procedure.edit
    accounts.require(by, needed, found.unit.target())
    if step is Step.SUBMIT:
        found.note = note.strip()[:500]
    refusals = rules.refusals(procedure.facts(found), step, actor_id=by.pk, reason=reason, on=timezone.localdate(at))
    if refusals:
        raise Refused(refusals)
    return found


# --- drafts ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def write(*, procedure: Procedure, version: Any, text: str, verb: str, subject: str, by: User, at: dt.datetime) -> Any:
    """Keep a new text of a locked draft as a step; what was undone before it is gone."""
    if text == version.text:
        return version
    steps = version.steps.all()
    if not steps.exists():
        steps.create(version=version, number=0, verb="begin", text=version.text, by=version.created_by, at=version.created_at)
    steps.filter(is_undone=True).delete()
    number = (steps.aggregate(newest=Max("number"))["newest"] or 0) + 1
    steps.create(version=version, number=number, verb=verb, subject=subject[:200], text=text, by=by, at=at)
    _keep(version, text)
    changes = {"verb": verb, "of": subject, "hash": version.text_hash}
    audit.record(action=f"{procedure.code}.change", by=by, at=at, obj=version, changes=changes)
    return version


def _keep(version: Any, text: str) -> None:
    version.text, version.text_hash = text, rules.text_hash(text)
    version.save(update_fields=["text", "text_hash"])


@transaction.atomic
def undo(*, procedure: Procedure, version: Any, by: User, at: dt.datetime) -> Any:
    """Take the last step of a draft back; without one nothing changes. Raises: NotAllowed, Refused."""
    found = locked(procedure, version, Step.EDIT, by=by, at=at)
    last, before = [*found.steps.filter(is_undone=False).order_by("-number")[:2], None, None][:2]
    if last is None or before is None:
        return found
    last.is_undone = True
    last.save(update_fields=["is_undone"])
    _keep(found, before.text)
    audit.record(action=f"{procedure.code}.undo", by=by, at=at, obj=found, changes={"step": last.number, "hash": found.text_hash})
    return found


@transaction.atomic
def redo(*, procedure: Procedure, version: Any, by: User, at: dt.datetime) -> Any:
    """Do again what was last taken back; without it nothing changes. Raises: NotAllowed, Refused."""
    found = locked(procedure, version, Step.EDIT, by=by, at=at)
    following = found.steps.filter(is_undone=True).order_by("number").first()
    if following is None:
        return found
    following.is_undone = False
    following.save(update_fields=["is_undone"])
    _keep(found, following.text)
    audit.record(action=f"{procedure.code}.redo", by=by, at=at, obj=found, changes={"step": following.number, "hash": found.text_hash})
    return found


# --- approval -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def submit(*, procedure: Procedure, version: Any, note: str, by: User, at: dt.datetime) -> Any:
    """Hand a draft to a second person, with the reason for the change. Raises: NotAllowed, Refused."""
    found = locked(procedure, version, Step.SUBMIT, by=by, at=at, note=note)
    found.state, found.submitted_by, found.submitted_at = rules.STEPS[Step.SUBMIT][1], by, at
    found.save(update_fields=["note", "state", "submitted_by", "submitted_at"])
    audit.record(action=f"{procedure.code}.submit", by=by, at=at, obj=found, changes={"note": found.note, "hash": found.text_hash})
    _tell(procedure, found, versions.may_approve(found, procedure.approve), by=by, at=at)
    return found


@transaction.atomic
def decide(*, procedure: Procedure, version: Any, step: Step, reason: str, by: User, at: dt.datetime) -> Any:
    """Approve, send back or withdraw a version, and tell those who wrote it. Raises: NotAllowed, Refused."""
    found = locked(procedure, version, step, by=by, at=at, reason=reason)
    before, found.state = found.state, rules.STEPS[step][1]
    found.decided_by, found.decided_at, found.decision = by, at, reason.strip()[:500]
    found.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    changes = {"state": {"old": before, "new": found.state}, "reason": found.decision, "hash": found.text_hash}
    audit.record(action=f"{procedure.code}.{step}", by=by, at=at, obj=found, changes=changes)
    tell_authors(procedure=procedure, version=found, by=by, at=at)
    return found


def tell_authors(*, procedure: Procedure, version: Any, by: User, at: dt.datetime) -> None:
    """Tell those who began and submitted a version what became of it."""
    people = {one.pk: one for one in (version.created_by, version.submitted_by) if one and one.is_active}
    _tell(procedure, version, people.values(), by=by, at=at)


def _tell(procedure: Procedure, version: Any, people: Iterable[User], *, by: User, at: dt.datetime) -> None:
    """Tell people what became of a version; nobody is told what he did himself."""
    for person in people:
        if person.pk != by.pk:
            key = f"{procedure.code}.{version.state}:{version.public_id}:{person.pk}"
            jobs.tell(to=person, key=key, words=lambda: procedure.message(version), by=by, at=at, address=procedure.address(version))


def lines_ended(text: str) -> str:
    """The text with line ends of one kind, so that what was approved is found again wherever it is kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
