"""Every change of the roster of promotion officers, with its audit entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import transaction

from wutong.rulebook import skills as skillbook
from wutong.web.accounts.actions.refusing import apart, changed, day_of, refuse, require_over
from wutong.web.accounts.models import OfficerSkill, PromotionOfficer, Training, User
from wutong.web.accounts.rules import people as people_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit


@transaction.atomic
def list_officer(
    *, user: User, since_on: dt.date, skills: Collection[str], by: Any, at: dt.datetime, ended_on: dt.date | None = None, note: str = ""
) -> PromotionOfficer:
    """Put a person on the roster of promotion officers (招商专员), or change what stands there. Raises: NotAllowed, Refused."""
    user = User.objects.select_for_update(of=("self",)).select_related("unit").get(pk=user.pk)
    require_over(by, Permission.OFFICERS_EDIT, user.unit)
    are_known = skillbook.skills().keys() >= set(skills)
    refusals = people_rules.refusals_to_list_officer(
        is_active=user.is_active, are_skills_known=are_known, since_on=since_on, ended_on=ended_on
    )  # fmt: skip
    refuse(refusals)
    officer = PromotionOfficer.objects.filter(user=user).first() or PromotionOfficer(user=user)
    changes: dict[str, Any] = changed(officer, {"since_on": since_on, "ended_on": ended_on, "note": note})
    officer.save()
    old = set(officer.skills.values_list("code", flat=True))
    if old != set(skills):
        officer.skills.exclude(code__in=skills).delete()
        OfficerSkill.objects.bulk_create(OfficerSkill(officer=officer, code=code) for code in sorted(set(skills) - old))
        changes["skills"] = {"old": sorted(old), "new": sorted(skills)}
    if changes:
        plain, personal = apart(changes)
        audit.record(
            action="accounts.list_officer", by=by, at=at, obj=officer, changes=plain, personal=personal, personal_of=user
        )  # fmt: skip
    return officer


@transaction.atomic
def note_training(*, officer: PromotionOfficer, title: str, held_on: dt.date, length_days: Decimal, by: Any, at: dt.datetime,
                  provider: str = "") -> Training:  # fmt: skip
    """Note a training that an officer attended. Raises: NotAllowed, Refused."""
    require_over(by, Permission.OFFICERS_EDIT, officer.user.unit)
    is_noted = officer.trainings.filter(held_on=held_on, title=title).exists()
    refuse(people_rules.refusals_to_note_training(held_on=held_on, on=day_of(at), is_noted=is_noted))
    values = {"title": title, "provider": provider, "held_on": held_on, "length_days": length_days}
    training = Training.objects.create(officer=officer, noted_by=by, **values)
    _record("accounts.note_training", training, values, by=by, at=at)
    return training


@transaction.atomic
def drop_training(*, training: Training, by: Any, at: dt.datetime) -> None:
    """Take a training back that was noted by mistake. Raises: NotAllowed."""
    require_over(by, Permission.OFFICERS_EDIT, training.officer.user.unit)
    _record("accounts.drop_training", training, {"title": training.title, "held_on": training.held_on}, by=by, at=at)
    training.delete()


def _record(action: str, training: Training, told: dict[str, Any], *, by: Any, at: dt.datetime) -> None:
    """An entry about a training: whose it is in clear, what it was erased with him. Why on the officer: a training taken back is gone."""
    whose = training.officer.user
    audit.record(action=action, by=by, at=at, obj=training.officer, object_label=str(whose), personal=told, personal_of=whose)
