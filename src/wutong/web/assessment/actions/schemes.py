"""Schemes: made, their rules drafted and approved by a second person, and the units that they measure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Member, Scheme, SchemeVersion
from wutong.web.assessment.queries import members as standing
from wutong.web.assessment.queries import versions as found
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.rewards import SchemeKind
from wutong.web.assessment.rules.runs import Measures, Refusal
from wutong.web.audit import actions as audit
from wutong.web.rulebooks import rules as version_rules
from wutong.web.rulebooks.actions import versions
from wutong.web.rulebooks.actions.versions import Procedure
from wutong.web.rulebooks.actions.versions import Refused as VersionRefused
from wutong.web.rulebooks.rules import State, Step

__all__ = ["NotAllowed", "Refused", "VersionRefused"]
PROCEDURE = Procedure(
    "assessment.rule", Permission.ASSESSMENT_EDIT, Permission.ASSESSMENT_APPROVE, found.facts, found.message_of, found.address_of
)


@transaction.atomic
def make(
    *, code: str, title: str, unit: Unit, by: Any, at: dt.datetime, kind: SchemeKind = SchemeKind.SCORING,
    measures: Measures = Measures.UNITS,
) -> Scheme:  # fmt: skip
    """A new scheme of units or of persons, or a reward document. Raises: NotAllowed; Refused where the code is taken or the title empty."""
    refusing.require(by, Permission.ASSESSMENT_EDIT, unit.target())
    if not title.strip():
        refuse((Refusal.TITLE_MISSING,))
    if unit.closed_on is not None:
        refuse((Refusal.UNIT_CLOSED,))
    scheme = Scheme(code=code, kind=kind, measures=measures, title=title.strip()[:120], unit=unit, created_by=by, created_at=at)
    try:
        with transaction.atomic():
            scheme.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((Refusal.CODE_TAKEN,)) from error
    audit.record(
        action="assessment.make",
        by=by,
        at=at,
        obj=scheme,
        changes={"kind": kind, "measures": measures, "code": code, "title": scheme.title},
    )
    return scheme


@transaction.atomic
def set_members(*, scheme: Scheme, members: Sequence[tuple[Unit | User, str, int]], by: Any, at: dt.datetime) -> Scheme:
    """Which units, or which persons, are measured, in which group, for how many months of twelve. Raises: NotAllowed, Refused."""
    locked = Scheme.objects.select_for_update(of=("self",)).select_related("unit").get(pk=scheme.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, locked.unit.target())
    months: dict[int, int] = {}
    for one, _group, count in members:
        months[one.pk] = months.get(one.pk, 0) + count
    refuse(rules.refusals_of_members(months))
    known = found.groups(locked)
    if any(group not in known for _one, group, _count in members):
        refuse((Refusal.UNKNOWN_GROUP,))
    before = {(one.measured_id, one.group): one.months for one in locked.members.all()}
    after = {(one.pk, group): count for one, group, count in members}
    if before == after:
        return locked
    chosen = _chosen(locked, [one for one, _group, _count in members], timezone.localdate(at))
    locked.members.all().delete()
    Member.objects.bulk_create(
        Member(scheme=locked, unit=chosen[key].unit, person=chosen[key].person, group=group, months=count)
        for (key, group), count in after.items()
    )
    changes = {locked.measures: {"old": len({key for key, _group in before}), "new": len(months)}}
    audit.record(action="assessment.set_members", by=by, at=at, obj=locked, changes=changes)
    return locked


def _chosen(scheme: Scheme, ones: Sequence[Unit | User], on: dt.date) -> dict[int, One]:
    """Key → unit, or person where he stands. Raises: Refused where it is not what the scheme measures, or stands nowhere."""
    wanted = User if scheme.measures == Measures.PERSONS else Unit
    if any(not isinstance(one, wanted) for one in ones):
        refuse((Refusal.MEASURES_OTHERS,))
    if wanted is Unit:
        return {one.pk: One(one) for one in ones if isinstance(one, Unit)}
    people = [one for one in ones if isinstance(one, User)]
    stand = standing.posted([one.pk for one in people], on)
    if any(one.pk not in stand or not one.is_active for one in people):
        refuse((Refusal.NO_POSTING,))
    return {one.pk: One(stand[one.pk], one) for one in people}


# --- rules ------------------------------------------------------------------------------------------------------------------------------
@transaction.atomic
def begin(*, scheme: Scheme, by: Any, at: dt.datetime, text: str | None = None, note: str = "") -> SchemeVersion:
    """A new draft of the rule: of a text, else of the newest approved one, else of the shortest rule there is.

    Raises: NotAllowed; VersionRefused where there is an open version already.
    """
    refusing.require(by, Permission.ASSESSMENT_EDIT, scheme.unit.target())
    base = found.latest(scheme)
    base_text = base.text if base else found.template(scheme, timezone.localdate(at))
    text = versions.lines_ended(base_text if text is None else text)
    newest = scheme.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = SchemeVersion(
        scheme=scheme, number=newest + 1, base_number=base.number if base else 0, text=text, text_hash=version_rules.text_hash(text),
        base_hash=version_rules.text_hash(base_text), note=note[:500], state=State.DRAFT, unit=scheme.unit, created_by=by, created_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError as error:
        raise VersionRefused((version_rules.Refusal.OPEN_ALREADY,)) from error
    audit.record(
        action="assessment.rule.begin", by=by, at=at, obj=version, changes={"base": version.base_number, "hash": version.text_hash}
    )
    return version


@transaction.atomic
def rewrite(*, version: SchemeVersion, text: str, by: Any, at: dt.datetime) -> SchemeVersion:
    """The whole text of a draft; it may have faults, which the page shows. Raises: NotAllowed, VersionRefused."""
    locked = versions.locked(PROCEDURE, version, Step.EDIT, by=by, at=at)
    kept: SchemeVersion = versions.write(
        procedure=PROCEDURE, version=locked, text=versions.lines_ended(text), verb="rewrite", subject="", by=by, at=at
    )
    return kept


def undo(*, version: SchemeVersion, by: Any, at: dt.datetime) -> Any:
    """Take the last step of a draft back. Raises: NotAllowed, VersionRefused."""
    return versions.undo(procedure=PROCEDURE, version=version, by=by, at=at)


def redo(*, version: SchemeVersion, by: Any, at: dt.datetime) -> Any:
    """Do again what was taken back. Raises: NotAllowed, VersionRefused."""
    return versions.redo(procedure=PROCEDURE, version=version, by=by, at=at)


def submit(*, version: SchemeVersion, note: str, by: Any, at: dt.datetime) -> Any:
    """Hand a draft to a second person, with the reason for the change. Raises: NotAllowed, VersionRefused."""
    return versions.submit(procedure=PROCEDURE, version=version, note=note, by=by, at=at)


def decide(*, version: SchemeVersion, step: Step, reason: str, by: Any, at: dt.datetime) -> Any:
    """Approve, send back or withdraw a version. Raises: NotAllowed, VersionRefused."""
    return versions.decide(procedure=PROCEDURE, version=version, step=step, reason=reason, by=by, at=at)
