"""Figures entered by hand: by the unit itself, or checked by whoever assesses; a correction takes the place of what stood, for a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from wutong.rulebook.scoring import facts
from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import FactEntry, Scheme
from wutong.web.assessment.queries import members, versions
from wutong.web.assessment.queries.members import One
from wutong.web.assessment.rules import runs as rules
from wutong.web.assessment.rules.runs import Refusal, Standing, ValueState
from wutong.web.audit import actions as audit

__all__ = ["NotAllowed", "Refused", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a fact. `value` as it is written, in the unit declared or with its own."""

    state: ValueState
    value: str = ""
    source: str = ""


def _refusals(scheme: Scheme, fact: str, standing: Standing, said: Said) -> tuple[Refusal, ...]:
    version = versions.newest(scheme)
    rule = versions.read(version.text)[0] if version else None
    told = rule.facts.get(fact) if rule else None
    if told is None:
        return (Refusal.UNKNOWN_FACT,)
    if told.origin is not None and standing is Standing.VERIFIED:
        return (Refusal.COMPUTED_FACT,)
    if said.state is not ValueState.VALUE:
        return ()
    try:
        value = facts.read(told, said.value)
    except ValueError:
        return (Refusal.NOT_READABLE,)
    return (Refusal.NOT_READABLE,) if value is None or said.value.strip().lower() in facts.NOT_APPLICABLE else ()


def _of(one: One) -> dict[str, Unit]:
    """A person's figures are found wherever he stood when they were entered."""
    return {} if one.person is not None else {"unit": one.unit}


@transaction.atomic
def enter(
    *, scheme: Scheme, fact: str, unit: Unit, on: dt.date, standing: Standing, said: Said, by: Any, at: dt.datetime, reason: str = "",
    person: User | None = None,
) -> FactEntry:  # fmt: skip
    """Enter a figure up to a day; where one stands for that fact, unit and day, it is corrected, for a reason. Raises: NotAllowed, Refused.

    `person`: of whom it is, who stands at the unit; None where it is of the unit itself.
    Why two permissions: a unit enters what it says of itself, whoever assesses what he checked; neither does the other's.
    """
    locked = Scheme.objects.select_for_update(of=("self",)).select_related("unit").get(pk=scheme.pk)
    one = One(unit, person)
    if standing is Standing.OWN and by is not None:
        if not one.may_be_answered(by):
            raise NotAllowed(Permission.ASSESSMENT_ANSWER)
    elif standing is not Standing.OWN:
        refusing.require(by, Permission.ASSESSMENT_EDIT, locked.unit.target())
    today, is_member = timezone.localdate(at), members.is_measured(locked, one)
    refuse(
        (
            *rules.refusals_to_enter(state=said.state, source=said.source, on=on, today=today, is_member=is_member),
            *_refusals(locked, fact, standing, said),
        )
    )
    there = FactEntry.objects.standing().filter(scheme=locked, fact=fact, on=on, standing=standing, person=person, **_of(one)).first()
    if there is not None and not reason.strip():
        refuse((Refusal.REASON_MISSING,))
    entry = FactEntry(
        scheme=locked, fact=fact, unit=unit, person=person, on=on, standing=standing, state=said.state,
        value=said.value.strip()[:200] if said.state is ValueState.VALUE else "", source=said.source.strip()[:300], corrects=there,
        reason=reason.strip()[:300] if there else "", by=by, at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        raise Refused((Refusal.REPLACED_ALREADY,)) from error
    changes = {"fact": fact, "on": on, "standing": standing, "value": entry.value or said.state, "reason": entry.reason}
    if there is not None:
        changes["value"] = {"old": there.value or there.state, "new": entry.value or said.state}
    audit.record(action="assessment.enter" if there is None else "assessment.correct", by=by, at=at, obj=entry, changes=changes)
    return entry
