"""Inspections as JSON: plans with their fixed lists, findings with how they were rectified."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.assessment.api.runs import FAILURES, named, require, typed
from wutong.web.assessment.models import InspectionPlan
from wutong.web.assessment.queries import inspections as queries
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages

router = Router(tags=["assessment"])


class PlanOut(Schema):
    """An inspection plan. `kind`: regular, surprise; `seed_hash`: committed before the list was fixed."""

    public_id: uuid.UUID = Field(alias="plan.public_id")
    title: str = Field(alias="plan.title")
    kind: str = Field(alias="plan.kind")
    state: str = Field(alias="plan.state")
    unit: str = Field(alias="plan.unit.name")
    begins_on: dt.date = Field(alias="plan.begins_on")
    ends_on: dt.date = Field(alias="plan.ends_on")
    seed_hash: str = Field(alias="plan.seed_hash")
    projects_count: int
    visited_count: int
    findings_count: int
    false_count: int


class VisitOut(Schema):
    """A project on the list of a plan. `state`: waiting, handed_in, left_out."""

    public_id: uuid.UUID
    position_no: int
    project: uuid.UUID = Field(alias="project.public_id")
    project_name: str = Field(alias="project.outside_name")
    unit: str = Field(alias="unit.name")
    state: str
    visited_on: dt.date | None
    summary: str
    found_count: int
    false_count: int


class OnePlanOut(Schema):
    """A plan with its list. Seed and hashes are told once the list is fixed; `is_sound`: seed and projects give exactly this list."""

    plan: PlanOut
    seed: str
    pool_hash: str
    list_hash: str
    is_sound: bool | None
    visits: list[VisitOut]


class FindingOut(Schema):
    """A finding, or the remedy that a low result asks for. `matter`: what was looked at; figures as it counts (yuan, persons);
    `about`: the project inspected, or who is measured with the run; `state`: open, rectified, closed.
    """

    public_id: uuid.UUID
    is_remedy: bool
    inspection: uuid.UUID | None
    project: uuid.UUID | None
    about: str
    unit: str = Field(alias="unit.name")
    matter: str
    severity: str
    is_false_report: bool
    text: str
    reported_value: Decimal | None
    verified_value: Decimal | None
    due_on: dt.date
    state: str
    reply: str
    rectified: str
    closing: str
    at: dt.datetime

    @staticmethod
    def resolve_inspection(row: Any) -> uuid.UUID | None:
        """The visit, where it is the finding of one."""
        return row.inspection.public_id if row.inspection else None

    @staticmethod
    def resolve_project(row: Any) -> uuid.UUID | None:
        """The project inspected, where there is one."""
        return row.inspection.project.public_id if row.inspection else None


@router.get("", response={200: list[PlanOut], FAILURES: Problem}, summary="Inspection plans one may see", url_name="inspection_plans")
@paginate(DrawnPages)
@typed
def plans(request: HttpRequest) -> Any:
    """The plans of those who inspect, the last first; whoever is inspected reads the findings."""
    require(request)
    return InspectionPlan.objects.visible_to(request.user).order_by("-begins_on", "-pk"), queries.plan_rows


@router.get(
    "/findings", response={200: list[FindingOut], FAILURES: Problem}, summary="Findings one may see", url_name="inspection_findings"
)
@paginate(DrawnPages)
@typed
def findings(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, state: Literal["", "open", "rectified", "closed", "withdrawn"] = "",
    severity: Literal["", "minor", "serious", "grave"] = "",
    unit: uuid.UUID | None = None, is_false: bool | None = None, is_late: bool = False,
) -> Any:  # fmt: skip
    """Findings, the last first; `unit` with those below, `is_false` false reports alone or none, `is_late` open after their day."""
    require(request)
    user = request.user
    below = named(Unit.objects.filter(queries.seen_units(user)), unit)
    late_on = access.today() if is_late else None
    found = queries.findings_of(user, state=state, severity=severity, unit=below, is_false=is_false, late_on=late_on)
    return found.order_by("-at", "-pk"), queries.finding_rows


@router.get("/{uuid:plan_id}", response={200: OnePlanOut, FAILURES: Problem}, summary="One inspection plan", url_name="inspection_plan")
def one_plan(request: HttpRequest, plan_id: uuid.UUID) -> Any:
    """A plan with the list that was fixed, and whether seed and projects still give it."""
    require(request)
    found = named(InspectionPlan.objects.visible_to(request.user).select_related("unit"), plan_id)
    is_fixed = bool(found.list_hash)
    told = {"seed": found.seed, "pool_hash": found.pool_hash, "list_hash": found.list_hash} if is_fixed else {}
    return {
        "plan": queries.plan_rows([found.pk])[0], "seed": "", "pool_hash": "", "list_hash": "", **told,
        "is_sound": queries.verified(found).is_sound if is_fixed else None, "visits": queries.visit_rows(found, request.user),
    }  # fmt: skip
