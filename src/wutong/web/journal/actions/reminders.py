"""Reminders, escalation and the daily digest: each told once, through the outbox, to those who may still see what it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from wutong.web.accounts.models import User
from wutong.web.audit import actions as audit
from wutong.web.jobs import actions as jobs
from wutong.web.jobs.rules import Channel
from wutong.web.journal import rules
from wutong.web.journal.actions.duties import tell
from wutong.web.journal.models import Duty, DutyStep, Reminding
from wutong.web.journal.queries import calendar, duties
from wutong.web.journal.queries import reminders as queries
from wutong.web.journal.rules import StepKind

AT_ONCE = 200


def _locked(rows: Any) -> list[Duty]:
    return list(rows.select_for_update(of=("self",)).select_related("owner", "asked_by", "unit")[:AT_ONCE])


@transaction.atomic
def warn(*, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Remind the owners of duties that turned yellow; a batch, returns how many were looked at."""
    found = _locked(queries.to_warn(local))
    wishes = queries.settings_of([duty.owner_id for duty in found])
    for duty in found:
        wish = wishes.get(duty.owner_id) or Reminding()
        if wish.is_before:
            key = f"soon:{duty.due_on}"
            tell(duty, [duty.owner], lambda: _("A duty is due soon"), key=key, by=None, at=at, by_email=wish.is_by_email)
        duty.warned_for = duty.due_on
        duty.save(update_fields=["warned_for"])
    return len(found)


@transaction.atomic
def tell_overdue(*, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Tell owner and asker that a duty is overdue; a batch, returns how many were looked at."""
    found = _locked(queries.to_tell_overdue(local))
    wishes = queries.settings_of([person for duty in found for person in (duty.owner_id, duty.asked_by_id) if person])
    for duty in found:
        for person in (duty.owner, duty.asked_by):
            wish = wishes.get(person.pk) or Reminding() if person else None
            if wish and wish.is_overdue:
                key = f"late:{duty.due_on}"
                tell(duty, [person], lambda: _("A duty is overdue"), key=key, by=None, at=at, by_email=wish.is_by_email)
        duty.overdue_told_for = duty.due_on
        duty.save(update_fields=["overdue_told_for"])
    return len(found)


@transaction.atomic
def escalate(*, local: dt.datetime, by: None, at: dt.datetime) -> int:
    """Tell the leader of the unit what has been late for too many working days; a batch, returns how many."""
    on = local.date()
    after = duties.hours(rules.ESCALATE_LEAF, on)
    found = _locked(queries.to_escalate(local, after_days=after, days=calendar.calendar()))
    for duty in found:
        leaders = [one for one in duties.leaders_of(duty.unit, on) if one.pk != duty.owner_id]
        told = tell(duty, leaders, lambda: _("A duty of the unit is late"), key=f"leader:{duty.due_on}", by=None, at=at)
        duty.escalated_at = at
        duty.save(update_fields=["escalated_at"])
        names = ", ".join(map(str, leaders))
        DutyStep.objects.create(duty=duty, kind=StepKind.ESCALATED, new=names[:120], by=None, at=at)
        audit.record(action="journal.escalate", by=None, at=at, obj=duty, changes={"told": told})
    return len(found)


@transaction.atomic
def send_digest(*, user: User, setting: Reminding, local: dt.datetime, by: None, at: dt.datetime) -> bool:
    """Send a person the digest of the day, once; False where he owes nothing. Nobody is sent anything on a day off."""
    on = local.date()
    kept, _new = Reminding.objects.get_or_create(user=user)
    if kept.digested_on == on:
        return False
    kept.digested_on = on
    kept.save(update_fields=["digested_on"])
    found = queries.digest(user, local)
    if not found.total:
        return False
    channels = (Channel.IN_APP, *((Channel.EMAIL,) if setting.is_by_email else ()))
    key, address = f"journal:digest:{user.pk}:{on}", reverse("journal:list")

    def words() -> tuple[str, str]:
        return _("Duties on %(day)s") % {"day": on}, found.text()

    jobs.tell(to=user, key=key, words=words, address=address, channels=channels, by=None, at=at)
    if setting.robot is not None:
        jobs.post(robot=setting.robot, key=key, words=lambda: (_("Duties of %(who)s") % {"who": user}, found.figures()), by=None, at=at)
    return True


@transaction.atomic
def choose(*, by: User, at: dt.datetime, **values: Any) -> Reminding:
    """Choose how one is reminded oneself."""
    kept, _new = Reminding.objects.select_for_update(of=("self",)).get_or_create(user=by)
    changes = {name: {"old": str(getattr(kept, name)), "new": str(new)} for name, new in values.items() if getattr(kept, name) != new}
    for name, new in values.items():
        setattr(kept, name, new)
    if changes:
        kept.save()
        audit.record(action="journal.choose_reminders", by=by, at=at, obj=kept, changes=changes)
    return kept
