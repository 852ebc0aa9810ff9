"""Goals of a draft taken in from its sheet: as if they were written in the page; undone, what stood before stands again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import goals
from wutong.web.assessment.models import Goal, GoalSet, GoalValue
from wutong.web.assessment.queries import goal_files
from wutong.web.assessment.rules.goals import Curve
from wutong.web.audit import actions as audit
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Write the goals of a piece of a sheet into the draft said beside it. Raises: NotAllowed, Refused."""
    goal_set = batch.given["set"]
    refusing.require(by, Permission.ASSESSMENT_EDIT, goal_set.unit.target())
    judged = list(zip(rows, goal_files.goal_rows(rows, batch.given, by), strict=True))
    left = tuple((row.row, name, expected) for row, one in judged for name, expected in one.verdict.found)
    written = [(row, one) for row, one in judged if one.verdict.kind in {"new", "changed"}]
    before = _stand(goal_set)
    with audit.told_by_batch():
        goals.set_values(goal_set=goal_set, values={one.key: one.value for _row, one in written}, by=by, at=at)
        there = {(one.unit_id, *one.line): one for one in goal_set.goals.select_related("goal_set__unit", "unit")}
        for _row, one in written:
            if one.months:
                goals.set_months(goal=there[one.key], curve=Curve.HAND, reached=one.months, by=by, at=at)
    after = _stand(goal_set)
    made = [each for row, one in written for each in _made(row.row, before.get(one.key), after[one.key])]
    return Written(tuple(made), left, {"set": str(goal_set.public_id)})


def _stand(goal_set: GoalSet) -> Mapping[goals.GoalKey, tuple[Goal, GoalValue]]:
    """Every goal of a draft with its one value."""
    values = GoalValue.objects.filter(goal__goal_set=goal_set).select_related("goal")
    return {(one.goal.unit_id, *one.goal.line): (one.goal, one) for one in values}


def _made(row: int, before: tuple[Goal, GoalValue] | None, after: tuple[Goal, GoalValue]) -> list[Made]:
    goal, value = after
    if before is None:
        return [Made(row, goal), Made(row, value)]
    found = []
    if before[0].curve != goal.curve:
        found.append(Made(row, goal, {"curve": before[0].curve}))
    if (before[1].value, before[1].reached) != (value.value, value.reached):
        found.append(Made(row, value, {"value": str(before[1].value), "reached": before[1].reached}))
    return found


@transaction.atomic
def note_export(*, goal_set: GoalSet, by: Any, at: dt.datetime, rows: int) -> None:
    """The sheet of a set leaves as a file. Raises: NotAllowed."""
    refusing.require(by, Permission.ASSESSMENT_EXPORT)
    audit.record_export(
        action="assessment.goal_set.export", by=by, at=at, filters={"set": str(goal_set.public_id)}, rows=rows, obj=goal_set
    )
