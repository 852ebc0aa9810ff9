"""Yearly goals as JSON: what each unit reached of each measure beside its goals of every set in force."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.assessment.api.runs import FAILURES, named, require, typed
from wutong.web.assessment.queries import goals
from wutong.web.assessment.queries.goals import YearPage
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])


class GoalOut(Schema):
    """A goal of a set. `origin`: above, own; `value` None: the unit is listed and has no goal. Units: as the row says; shares 1 = all;
    `ahead_points`: percentage points ahead of time, below zero behind.
    """

    goal_set: uuid.UUID
    title: str
    origin: str
    goal: uuid.UUID | None
    value: Decimal | None
    done_share: float | None
    time_share: float
    ahead_points: float | None


class GoalRowOut(Schema):
    """What a unit reached of a measure, of a size tier or chain where named. `unit_of_measure`: of `actual` and goals.

    `lacking`: figures that lack; `actual` None: it is not known.
    """

    year: int
    on: dt.date
    unit_id: uuid.UUID
    unit: str
    measure: str
    tier: str
    chain: str
    title: str
    unit_of_measure: str
    actual: Decimal | None
    lacking: int
    goals: list[GoalOut]


@router.get("", response={200: list[GoalRowOut], FAILURES: Problem}, summary="Yearly goals against time", url_name="goals_of_year")
@paginate(Pages)
@typed
def of_year(
    request: HttpRequest, year: int | None = Query(None, ge=1990, le=2999), on: dt.date | None = None, unit: uuid.UUID | None = None,
    curve: bool = False,
) -> Any:  # fmt: skip
    """A row a unit and measure. `year` this year by default, `on` as of which day, `unit` with those below, `curve` time by the months."""
    require(request)
    user, today = request.user, access.today()
    asked = year or (on.year if on else today.year)
    day = on if on is not None and on.year == asked else min(today, goals.last_day(asked))
    page = goals.year_page(user, year=asked, on=day, unit=named(goals.units_seen(user), unit), by_curve=curve)
    return list(_rows(page))


def _rows(page: YearPage) -> Iterator[dict[str, Any]]:
    for row in page.rows:
        for cell in row.cells:
            yield {
                "year": page.year, "on": page.on, "unit_id": row.unit.public_id, "unit": row.unit.name, "measure": cell.line.measure,
                "tier": cell.line.tier, "chain": cell.line.chain, "title": cell.line.title, "unit_of_measure": cell.line.unit,
                "actual": cell.actual, "lacking": cell.lacking, "goals": [_goal(one) for one in cell.goals],
            }  # fmt: skip


def _goal(one: Any) -> dict[str, Any]:
    shares = {"done_share": one.progress.done_share, "time_share": one.progress.time_share, "ahead_points": one.progress.ahead_points}
    return {
        "goal_set": one.goal_set.public_id, "title": one.goal_set.title, "origin": one.goal_set.origin,
        "goal": one.goal.public_id if one.goal else None, "value": one.value,
        **{name: None if share is None else float(share) for name, share in shares.items()},
    }  # fmt: skip
