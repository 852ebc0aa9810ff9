"""Assessment as JSON: schemes and runs that one may see, and of a run the units that one may see. The same queries as the pages."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.models import Run, RunUnit
from wutong.web.assessment.queries import pages, run_lists
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])
FAILURES = frozenset({400, 403, 404})


class SchemeOut(Schema):
    """A scheme."""

    public_id: uuid.UUID
    code: str
    title: str
    measures: str
    unit: str = Field(alias="unit.name")


class RunOut(Schema):
    """A run. `digest`: hash of the facts and results; `rule_hash`: of the text of the rule."""

    public_id: uuid.UUID
    scheme: uuid.UUID = Field(alias="scheme.public_id")
    title: str
    number: int
    starts_on: dt.date
    on: dt.date
    state: str
    rule_hash: str
    digest: str


class RunUnitOut(Schema):
    """What a run found of a unit, or of a `person` there; `result`: points of every indicator with formula and inputs, `facts` as given."""

    unit: uuid.UUID = Field(alias="unit.public_id")
    person: uuid.UUID | None = Field(None, alias="person_key")
    name: str
    group: str
    total_points: Decimal | None
    rank: int | None
    grade: str
    facts: dict[str, Any]
    result: dict[str, Any]


class OneRunOut(RunOut):
    """A run with the units that one may see."""

    units: list[RunUnitOut] = Field(alias="shown")


def _typed(view: Any) -> Any:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)
    return view


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.ASSESSMENT_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.ASSESSMENT_VIEW} is needed")


@router.get("/schemes", response={200: list[SchemeOut], FAILURES: Problem}, summary="Assessment schemes", url_name="schemes")
@paginate(Pages)
@_typed
def schemes(request: HttpRequest) -> Any:
    """The schemes that one keeps, and those that measure one's units, the last first."""
    _require(request)
    return pages.schemes(request.user).order_by("-pk")


@router.get("/runs", response={200: list[RunOut], FAILURES: Problem}, summary="Assessment runs", url_name="runs")
@paginate(Pages)
@_typed
def runs(request: HttpRequest, text: str = Query("", max_length=100), state: str = Query("", max_length=12)) -> Any:
    """The runs that one may see, the last day first."""
    _require(request)
    return run_lists.matching(request.user, text=text.replace("\x00", ""), state=state.replace("\x00", "")).order_by("-on", "-pk")


@router.get("/runs/{uuid:run_id}", response={200: OneRunOut, FAILURES: Problem}, summary="One assessment run", url_name="assessment_run")
@_typed
def run(request: HttpRequest, run_id: uuid.UUID) -> Any:
    """A run with the points of the units that one may see."""
    _require(request)
    found = Run.objects.visible_to(request.user).select_related("scheme").filter(public_id=run_id).first()
    if found is None:
        raise Http404
    units = RunUnit.objects.visible_to(request.user).filter(run=found).select_related("unit", "person").order_by("position_no")
    found.shown = list(units)  # type: ignore[attr-defined]
    return found
