"""Projects to inspect, plans and visits for these tests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

import factories
from cast import Cast
from wutong.web.assessment.actions import inspections as actions
from wutong.web.assessment.actions.inspections import Answer, Scope
from wutong.web.assessment.models import Finding, Inspection, InspectionPlan
from wutong.web.assessment.queries import inspections as queries
from wutong.web.assessment.rules.inspections import PlanKind, Severity
from wutong.web.projects.models import Project

ON = dt.date(2026, 6, 1)


def signed(cast: Cast, number: int, *, owner: str = "park_officer", stage: str = "signed") -> Project:
    """A project of the zone as it stands in the records; how it came to its stage is not what is tested."""
    made = factories.funded_project(getattr(cast, owner), name_zh=f"{factories.brand(number)}项目", at=timezone.now())
    Project.objects.filter(pk=made.pk).update(stage=stage)
    return Project.objects.get(pk=made.pk)


def plan(cast: Cast, *, kind: PlanKind = PlanKind.SURPRISE, wanted_count: int | None = 1, **scope: Any) -> InspectionPlan:
    """A plan of the bureau, by the assessor."""
    return actions.commit(
        unit=cast.units["bureau"], title="一季度突击督查", kind=kind, begins_on=ON, ends_on=ON + dt.timedelta(days=7), scope=Scope(**scope),
        wanted_count=wanted_count, by=cast.assessor, at=timezone.now(),
    )  # fmt: skip


def drawn(cast: Cast, **more: Any) -> Inspection:
    """The first visit of a plan whose list is fixed."""
    made = actions.draw(plan=plan(cast, **more), by=cast.bureau_leader, at=timezone.now())
    return Inspection.objects.select_related("project", "unit", "plan").get(plan=made, position_no=1)


def answers(inspection: Inspection, **given: str | int) -> dict[str, Answer]:
    """Every matter answered: those given with their value, the others with why they were not seen."""
    asked = queries.asked_of(inspection.project)
    return {
        one.code: Answer(Decimal(given[one.code])) if one.code in given else Answer(words="门卫不放行") for one in asked
    }  # fmt: skip


def handed_in(cast: Cast, inspection: Inspection, **given: str | int) -> Inspection:
    """A visit handed in."""
    at = timezone.now()
    day = timezone.localdate(at)
    actions.keep(inspection=inspection, answers=answers(inspection, **given), visited_on=day, by=cast.assessor, at=at)
    return actions.hand_in(inspection=inspection, by=cast.assessor, at=at)


def found(cast: Cast, inspection: Inspection, **more: Any) -> Finding:
    """A finding on a visit handed in."""
    given: dict[str, Any] = {
        "text": "上报已到位，现场查无凭证",
        "severity": Severity.GRAVE,
        "due_on": timezone.localdate() + dt.timedelta(days=10),
    }
    return actions.find(inspection=inspection, by=cast.assessor, at=timezone.now(), **{**given, **more})


def rectified(cast: Cast, finding: Finding) -> Finding:
    """The unit says that the records are corrected, and the assessor verifies it."""
    said = actions.rectify(finding=finding, words="台账已核对更正", by=cast.park_officer, at=timezone.now())
    return actions.decide(finding=said, is_closed=True, words="已核实", by=cast.assessor, at=timezone.now())
