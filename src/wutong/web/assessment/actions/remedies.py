"""Remedies: after a run is published, whoever lies below a line is given a duty; answered, verified and closed as findings are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions.inspections import Refused as NobodyAble
from wutong.web.assessment.actions.inspections import give_duty, owes
from wutong.web.assessment.actions.refusing import NotAllowed, Refused, refuse
from wutong.web.assessment.models import Finding, Run, RunUnit
from wutong.web.assessment.queries import remedies as queries
from wutong.web.assessment.rules import remedies as rules
from wutong.web.assessment.rules.inspections import ENDED, Severity
from wutong.web.assessment.rules.runs import RunState
from wutong.web.audit import actions as audit

__all__ = ["NobodyAble", "NotAllowed", "Refused"]


@transaction.atomic
def demand(*, run: Run, rows: Sequence[RunUnit], text: str, due_on: dt.date, by: Any, at: dt.datetime) -> list[Finding]:
    """Ask each of these results for a remedy by a day. Raises: NotAllowed, Refused; NobodyAble where nobody can be given the duty."""
    found: Run = Run.objects.select_for_update(of=("self",)).select_related("scheme__unit").get(pk=run.pk)
    refusing.require(by, Permission.ASSESSMENT_EDIT, found.scheme.unit.target())
    keys = [one.pk for one in rows]
    chosen = list(found.units.filter(pk__in=keys).select_related("unit", "person").order_by("position_no"))
    is_free = not Finding.objects.filter(result__in=keys).exclude(state__in=ENDED).exists()
    refuse(
        rules.refusals_to_demand(
            RunState(found.state), is_replaced=queries.is_replaced(found), text=text, due_on=due_on, on=timezone.localdate(at),
            chosen_count=len(chosen), are_of_run=len(chosen) == len(set(keys)), are_free=is_free,
        )
    )  # fmt: skip
    return [_asked(row, text.strip()[:500], due_on, by=by, at=at) for row in chosen]


def _asked(row: RunUnit, text: str, due_on: dt.date, *, by: Any, at: dt.datetime) -> Finding:
    made = Finding.objects.create(result=row, unit=row.unit, severity=Severity.SERIOUS, text=text, due_on=due_on, by=by, at=at)
    owner = owes(queries.bearers(row, timezone.localdate(at)), made)
    made.duty = give_duty(finding=made, owner=owner, title=_("Remedy after an assessment"), text=text, by=by, at=at)
    made.save(update_fields=["duty"])
    audit.record(action="assessment.demand", by=by, at=at, obj=made, changes={"unit": row.name, "due_on": due_on, "words": text})
    return made
