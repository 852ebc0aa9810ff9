"""Every write about rule documents: drafts, values, approval, and the mark by which processes know what is in force."""

from __future__ import annotations

import datetime as dt
import os
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Max

from wutong.rulebook import documents, load
from wutong.rulebook.documents import Fault
from wutong.rulebook.shapes import Leaf, Value
from wutong.web.accounts.actions import refusing as accounts
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.rulebooks import rules
from wutong.web.rulebooks.actions import versions
from wutong.web.rulebooks.actions.versions import Procedure, Refused
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents as found
from wutong.web.rulebooks.queries import in_force
from wutong.web.rulebooks.rules import Refusal, State, Step

NotAllowed = accounts.NotAllowed
NotThere = found.NotThere
__all__ = ["Faulty", "NotAllowed", "NotThere", "Refused"]


class Faulty(Exception):  # noqa: N818 - what somebody wrote, not a fault of the program
    """What was written cannot be kept; `faults` says why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


def procedure(version: RuleVersion) -> Procedure:
    """How a version of its kind is approved."""
    kind = found.kind_of(version.kind)
    return Procedure("rules", Permission(kind.edit), Permission(kind.approve), found.facts, found.message_of, found.address_of)


# --- drafts ---------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(
    *, kind: str, by: User, at: dt.datetime, text: str | None = None, from_number: int | None = None, begins_on: dt.date | None = None,
    note: str = "", file: str = "", sha256: str = "", rows: int = 0,
) -> RuleVersion:  # fmt: skip
    """A new draft of a document: of the text given, else of the version named, else of the newest approved one.

    Raises: NotAllowed; Refused where there is an open version already; NotThere for an unknown kind or version.
    """
    known = found.kind_of(kind)
    accounts.require(by, Permission(known.edit))
    if RuleVersion.objects.open().filter(kind=kind).exists():
        raise Refused((Refusal.OPEN_ALREADY,))
    base = found.latest(kind)
    base_text = base.text if base else ""
    if text is None:
        text = base_text if from_number is None else found.text_of_number(kind, from_number)
    text = versions.lines_ended(text)
    newest = RuleVersion.objects.filter(kind=kind).aggregate(newest=Max("number"))["newest"] or 0
    version = RuleVersion(
        kind=kind, number=newest + 1, base_number=base.number if base else 0, text=text, text_hash=rules.text_hash(text),
        base_hash=rules.text_hash(base_text), note=note[:500], state=State.DRAFT, unit=by.unit, created_by=by, created_at=at,
        begins_on=begins_on,
    )  # fmt: skip
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((Refusal.OPEN_ALREADY,)) from error
    changes = {"base": version.base_number, "from": from_number, "hash": version.text_hash}
    audit.record(action="rules.begin", by=by, at=at, obj=version, changes=changes)
    if file:
        audit.record_import(action="rules.import", by=by, at=at, file=file, sha256=sha256, rows=rows, obj=version)
    return version


@transaction.atomic
def set_day(*, version: RuleVersion, begins_on: dt.date, by: User, at: dt.datetime) -> RuleVersion:
    """The day on which a draft is to come into force. Raises: NotAllowed, Refused."""
    locked: RuleVersion = versions.locked(procedure(version), version, Step.EDIT, by=by, at=at)
    if locked.begins_on == begins_on:
        return locked
    changes = {"begins_on": {"old": locked.begins_on, "new": begins_on}}
    locked.begins_on = begins_on
    locked.save(update_fields=["begins_on"])
    audit.record(action="rules.set_day", by=by, at=at, obj=locked, changes=changes)
    return locked


@transaction.atomic
def rewrite(*, version: RuleVersion, text: str, by: User, at: dt.datetime) -> RuleVersion:
    """The whole text of a draft, as somebody wrote it; it may have faults, which the page shows. Raises: NotAllowed, Refused."""
    locked = versions.locked(procedure(version), version, Step.EDIT, by=by, at=at)
    kept: RuleVersion = versions.write(
        procedure=procedure(version), version=locked, text=versions.lines_ended(text), verb="rewrite", subject="", by=by, at=at
    )
    return kept


@transaction.atomic
def set_value(
    *, version: RuleVersion, leaf: str, value: Value, starts_on: dt.date, title: str, document: str, dated: dt.date, url: str, by: User,
    at: dt.datetime,
) -> RuleVersion:  # fmt: skip
    """A value of a leaf from a day on, with the document that it rests on. Raises: NotAllowed, Refused, Faulty."""
    locked = versions.locked(procedure(version), version, Step.EDIT, by=by, at=at)
    held = dict(_sound(locked))
    known = load.rulebook().leaves.get(leaf) or held.get(leaf)
    if known is None:
        raise Faulty((Fault("", 0, "unknown_leaf", leaf, leaf),))
    values = {**(held[leaf].values if leaf in held else {}), starts_on: value}
    held[leaf] = Leaf.model_validate(
        {
            "description": {"zh": known.description.zh, "en": known.description.en}, "unit": known.unit, "values": values,
            "source": {"title": title, "document": document, "date": dated, "url": url},
        }
    )  # fmt: skip
    return _rewritten(locked, held, "set_value", leaf, by=by, at=at)


@transaction.atomic
def drop_leaf(*, version: RuleVersion, leaf: str, by: User, at: dt.datetime) -> RuleVersion:
    """Take a leaf back to what the version before says of it; a second time, out of the document, so that what is shipped holds.

    Raises: NotAllowed, Refused, Faulty.
    """
    locked = versions.locked(procedure(version), version, Step.EDIT, by=by, at=at)
    held = dict(_sound(locked))
    before = found.leaves_of(locked.kind, found.text_of_number(locked.kind, locked.base_number)).get(leaf)
    now = held.pop(leaf, None)
    if before is not None and now is not None and (now.values, now.source) != (before.values, before.source):
        held[leaf] = before
    return _rewritten(locked, held, "drop_leaf", leaf, by=by, at=at)


def _sound(version: RuleVersion) -> dict[str, Leaf]:
    """The leaves of a draft. Raises: Faulty where its text has to be mended first: writing it anew would lose what cannot be read."""
    kind = found.kind_of(version.kind)
    read = documents.read(version.text, shipped=load.rulebook(), held=found.held(kind))
    if read.faults:
        raise Faulty(read.faults)
    return dict(read.leaves)


def _rewritten(version: RuleVersion, held: dict[str, Leaf], verb: str, leaf: str, *, by: User, at: dt.datetime) -> RuleVersion:
    """Keep the leaves as text. Raises: Faulty where what was set breaks a rule, and then nothing is kept."""
    text = documents.text_of(held)
    read = found.checked(found.kind_of(version.kind), text, base_number=version.base_number, begins_on=version.begins_on)
    mine = tuple(fault for fault in read.faults if fault.field.partition(" › ")[0] == leaf)
    if mine:
        raise Faulty(mine)
    kept: RuleVersion = versions.write(procedure=procedure(version), version=version, text=text, verb=verb, subject=leaf, by=by, at=at)
    return kept


# --- approval -------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def submit(*, version: RuleVersion, note: str, by: User, at: dt.datetime) -> RuleVersion:
    """Hand a draft to a second person. Raises: NotAllowed, Refused."""
    done: RuleVersion = versions.submit(procedure=procedure(version), version=version, note=note, by=by, at=at)
    return done


@transaction.atomic
def decide(*, version: RuleVersion, step: Step, reason: str, by: User, at: dt.datetime) -> RuleVersion:
    """Approve, send back or withdraw; what is approved is known to every process once it is committed. Raises: NotAllowed, Refused."""
    done: RuleVersion = versions.decide(procedure=procedure(version), version=version, step=step, reason=reason, by=by, at=at)
    if step is Step.APPROVE:
        transaction.on_commit(partial(publish, by=None, at=at))
    return done


@transaction.atomic
def revoke(*, version: RuleVersion, reason: str, by: User, at: dt.datetime) -> RuleVersion:
    """Take an approved version back before its day comes; it stays in the history. Raises: NotAllowed, Refused."""
    locked: RuleVersion = versions.locked(procedure(version), version, Step.REVOKE, by=by, at=at, reason=reason)
    locked.state, locked.revoked_by, locked.revoked_at, locked.revoke_reason = State.WITHDRAWN, by, at, reason.strip()[:500]
    locked.save(update_fields=["state", "revoked_by", "revoked_at", "revoke_reason"])
    changes = {"state": {"old": State.APPROVED, "new": State.WITHDRAWN}, "reason": locked.revoke_reason, "hash": locked.text_hash}
    audit.record(action="rules.revoke", by=by, at=at, obj=locked, changes=changes)
    versions.tell_authors(procedure=procedure(locked), version=locked, by=by, at=at)
    transaction.on_commit(partial(publish, by=None, at=at))
    return locked


def publish(*, by: None, at: dt.datetime) -> bool:
    """Write the mark of what is in force, so that every process reads the database anew; whether it had to be written.

    Why: repeated by a periodic job, so that a crash between commit and mark is mended.
    """
    wanted = documents.digest(in_force.approved())
    if wanted == in_force.mark():
        return False
    path = in_force.mark_file()
    if not wanted:
        path.unlink(missing_ok=True)
        return True
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(f"{wanted}\n", "ascii")
    temporary.replace(path)
    return True


# --- files ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def note_export(*, action: str, by: User, at: dt.datetime, filters: dict[str, object], rows: int) -> None:
    """Write down that rules left the house as a file. Raises: NotAllowed."""
    accounts.require(by, Permission.RULES_EXPORT)
    audit.record_export(action=action, by=by, at=at, filters=filters, rows=rows, object_type="rulebooks.RuleVersion")
