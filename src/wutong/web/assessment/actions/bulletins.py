"""Bulletins: drafted from a run in one step, edited, signed by a second person with the next number of the year, filed for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Bulletin, BulletinEdit, BulletinFile, BulletinTemplate, Run
from wutong.web.assessment.queries import bulletins as queries
from wutong.web.assessment.rules import bulletins as rules
from wutong.web.assessment.rules.bulletins import BulletinRefusal, BulletinState
from wutong.web.assessment.rules.runs import Measures, RunState
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.lib import wording

__all__ = ["NotAllowed", "Refused"]
MAKE = "assessment.bulletin"  # the kind of job


@transaction.atomic
def draft(*, run: Run, by: Any, at: dt.datetime) -> Bulletin:
    """A bulletin of an approved run by the template of its unit; a job makes its files. A draft of that run that is there is that one.

    Raises: NotAllowed, Refused, WordingFault where the template cannot be filled in, Unreadable where the rule of the run cannot be read.
    """
    found: Run = Run.objects.select_for_update(of=("self",)).select_related("scheme__unit", "version").get(pk=run.pk)
    unit = found.scheme.unit
    refusing.require(by, Permission.ASSESSMENT_EDIT, unit.target())
    there: Bulletin | None = Bulletin.objects.filter(run=found, state=BulletinState.DRAFT).first()
    if there is not None:
        return there
    is_approved = found.state in (RunState.APPROVED, RunState.PUBLISHED)
    is_replaced = found.superseded_by.filter(state=RunState.PUBLISHED).exists()
    is_of_persons = found.scheme.measures == Measures.PERSONS
    refuse(
        rules.refusals_to_draft(
            is_run_approved=is_approved, is_run_replaced=is_replaced, is_of_persons=is_of_persons,
            is_another_out=Bulletin.objects.filter(run=found).standing_out().exists(), is_run_wrong=found.is_known_wrong,
        )
    )  # fmt: skip
    facts, template = queries.facts_of(found, by=by), queries.template_of(unit)
    text = queries.written(template, facts).strip() + "\n"
    refuse(rules.refusals_of_text(text))
    made: Bulletin = Bulletin.objects.create(
        run=found, unit=unit, template=template, title=_title(text), state=BulletinState.DRAFT, facts=rules.kept(facts), generated=text,
        text=text, drafted_by=by, drafted_at=at,
    )  # fmt: skip
    _sealed(made, by=by, at=at)
    audit.record(action="assessment.bulletin.draft", by=by, at=at, obj=made, changes={"run": found.title, "hash": made.digest})
    return made


def _title(text: str) -> str:
    return rules.read(text).head["标题"].replace("\n", "")[:200]


def _sealed(bulletin: Bulletin, *, by: Any, at: dt.datetime) -> None:
    """Its hash anew, and a job that makes its files of it."""
    bulletin.digest = queries.digest_of(bulletin)
    bulletin.job = jobs.enqueue(kind=MAKE, arguments={"bulletin": bulletin.pk}, title=bulletin.title, by=by, at=at, unit=bulletin.unit)
    bulletin.save()


def _locked(bulletin: Bulletin, needed: Permission, by: Any) -> Bulletin:
    found: Bulletin = Bulletin.objects.select_for_update(of=("self",)).select_related("run__scheme__unit", "unit").get(pk=bulletin.pk)
    refusing.require(by, needed, found.run.scheme.unit.target())
    return found


@transaction.atomic
def edit(*, bulletin: Bulletin, text: str, by: Any, at: dt.datetime) -> Bulletin:
    """Put another text in the place of the present one; the one before stays on record. Raises: NotAllowed, Refused."""
    found = _locked(bulletin, Permission.ASSESSMENT_EDIT, by)
    plain = text.replace("\r\n", "\n").strip() + "\n"
    refuse(rules.refusals_to_edit(found.standing(), plain))
    if plain.strip() == found.text.strip():
        return found
    number = (found.edits.aggregate(newest=Max("number"))["newest"] or 0) + 1
    BulletinEdit.objects.create(bulletin=found, number=number, text=plain, by=by, at=at)
    found.text, found.title = plain, _title(plain)
    _sealed(found, by=by, at=at)
    marks = rules.unlike(found.text, found.generated, rules.restored(found.facts))
    audit.record(
        action="assessment.bulletin.edit", by=by, at=at, obj=found, changes={"edit": number, "unlike": len(marks), "hash": found.digest}
    )
    return found


@transaction.atomic
def sign(*, bulletin: Bulletin, reason: str = "", by: Any, at: dt.datetime) -> Bulletin:
    """Sign as a second person (签发): the next number of its unit's year, and no change any more. Raises: NotAllowed, Refused."""
    found = _locked(bulletin, Permission.ASSESSMENT_APPROVE, by)
    marks = rules.unlike(found.text, found.generated, rules.restored(found.facts))
    refuse(rules.refusals_to_sign(found.standing(), actor_id=by.pk, text=found.text, marks=len(marks), reason=reason))
    Unit.objects.select_for_update().get(pk=found.unit_id)  # one number at a time
    year = timezone.localdate(at).year
    newest = Bulletin.objects.filter(unit=found.unit, year=year).aggregate(newest=Max("number"))["newest"] or 0
    found.year, found.number, found.state = year, newest + 1, BulletinState.SIGNED
    found.signed_by, found.signed_at, found.sign_note = by, at, reason.strip()[:500] if marks else ""
    _sealed(found, by=by, at=at)
    told = {"year": year, "number": found.number, "unlike": len(marks), "reason": found.sign_note, "hash": found.digest}
    audit.record(action="assessment.bulletin.sign", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def drop(*, bulletin: Bulletin, reason: str, by: Any, at: dt.datetime) -> Bulletin:
    """Give a draft up, with a reason; it stays on record. Raises: NotAllowed, Refused."""
    found = _locked(bulletin, Permission.ASSESSMENT_EDIT, by)
    refuse(rules.refusals_to_drop(found.standing(), reason))
    found.state, found.dropped_reason = BulletinState.DROPPED, reason.strip()[:300]
    found.save(update_fields=["state", "dropped_reason"])
    audit.record(action="assessment.bulletin.drop", by=by, at=at, obj=found, changes={"reason": found.dropped_reason})
    return found


@transaction.atomic
def withdraw(*, bulletin: Bulletin, reason: str, by: Any, at: dt.datetime) -> Bulletin:
    """Withdraw a signed bulletin, with a reason that its readers see; its number is not given again. Raises: NotAllowed, Refused."""
    found = _locked(bulletin, Permission.ASSESSMENT_APPROVE, by)
    refuse(rules.refusals_to_withdraw(found.standing(), reason))
    found.withdrawn_by, found.withdrawn_at, found.dropped_reason = by, at, reason.strip()[:300]
    found.save(update_fields=["withdrawn_by", "withdrawn_at", "dropped_reason"])
    told = {"reason": found.dropped_reason, "year": found.year, "number": found.number}
    audit.record(action="assessment.bulletin.withdraw", by=by, at=at, obj=found, changes=told)
    return found


@transaction.atomic
def archive(*, bulletin: Bulletin, by: Any, at: dt.datetime) -> Bulletin:
    """File a signed bulletin: from now on its files do not change either. Raises: NotAllowed, Refused."""
    found = _locked(bulletin, Permission.ASSESSMENT_EDIT, by)
    refuse(rules.refusals_to_archive(found.standing()))
    found.state, found.archived_by, found.archived_at = BulletinState.ARCHIVED, by, at
    found.save(update_fields=["state", "archived_by", "archived_at"])
    hashes = {one.form: one.sha256 for one in found.files.defer("content")}
    audit.record(action="assessment.bulletin.archive", by=by, at=at, obj=found, changes={"hash": found.digest, "files": hashes})
    return found


@transaction.atomic
def keep_files(*, bulletin: Bulletin, of_digest: str, made: Mapping[str, bytes], by: Any, at: dt.datetime) -> bool:
    """Keep the files that a job made; nothing where the text is another by now, or the bulletin is filed."""
    found: Bulletin = Bulletin.objects.select_for_update(of=("self",)).get(pk=bulletin.pk)
    if found.digest != of_digest or found.state == BulletinState.ARCHIVED:
        return False
    BulletinFile.objects.filter(bulletin=found).delete()
    for form, content in made.items():
        sha256 = hashlib.sha256(content).hexdigest()
        BulletinFile.objects.create(bulletin=found, form=form, content=content, sha256=sha256, of_digest=of_digest, made_at=at)
    audit.record(action="assessment.bulletin.make", by=by, at=at, obj=found, changes={"hash": of_digest, "forms": sorted(made)})
    return True


@transaction.atomic
def save_template(*, unit: Unit, text: str, note: str = "", by: Any, at: dt.datetime) -> BulletinTemplate:
    """Keep another version of a unit's template; those before stay. Raises: NotAllowed, Refused."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, unit.target())
    locked = Unit.objects.select_for_update().get(pk=unit.pk)
    plain = text.replace("\r\n", "\n").strip() + "\n"
    last = queries.template_of(locked)
    if plain == (last.text if last else queries.shipped().strip() + "\n"):
        refuse((BulletinRefusal.NOTHING_CHANGED,))
    if wording.fault(plain) is not None:
        refuse((BulletinRefusal.TEMPLATE_FAULTY,))
    made: BulletinTemplate = BulletinTemplate.objects.create(
        unit=locked, number=(last.number if last else 0) + 1, text=plain, text_hash=hashlib.sha256(plain.encode()).hexdigest(),
        note=note.strip()[:200], by=by, at=at,
    )  # fmt: skip
    audit.record(
        action="assessment.bulletin.save_template", by=by, at=at, obj=made, changes={"version": made.number, "unit": locked.name_zh}
    )
    return made


@transaction.atomic
def note_download(*, file: BulletinFile, by: Any, at: dt.datetime) -> None:
    """A file of a bulletin leaves the house. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_VIEW)
    rows = sum(len(group.rows) for group in rules.restored(file.bulletin.facts).groups)
    audit.record_export(action="assessment.bulletin.export", by=by, at=at, filters={"form": file.form}, rows=rows, obj=file.bulletin)
