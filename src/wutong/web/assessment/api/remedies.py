"""Remedies and extracts as JSON: who lies below a line of a published run, asking them, what runs found of one over years."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import refusing
from wutong.web.assessment.actions import remedies as actions
from wutong.web.assessment.api.inspections import FindingOut
from wutong.web.assessment.api.runs import FAILURES, done, named, plain, require
from wutong.web.assessment.models import Run
from wutong.web.assessment.queries import extracts, inspections, remedies
from wutong.web.lib import access
from wutong.web.lib.access import Problem

router = Router(tags=["assessment"])
FIRST_YEAR = 1990
UNDER = Query(None, ge=0)


class BelowOut(Schema):
    """A result below the line for which no remedy is open. `key`: the unit's or person's id, by which a remedy is asked of it."""

    key: uuid.UUID = Field(alias="measured_key")
    name: str
    group: str
    total_points: Decimal | None
    rank: int | None


class RemedyIn(Schema):
    """Of whom what is asked by when; `due_on` as the rulebook says where it is not given."""

    keys: list[uuid.UUID] = Field(max_length=500)
    text: str = Field(max_length=500)
    due_on: dt.date | None = None


class ExtractLineOut(Schema):
    """What a published run found. `of_count`: how many are ranked in the group; objections and remedies as the paper says them."""

    run: uuid.UUID = Field(alias="row.run.public_id")
    scheme: str = Field(alias="row.run.scheme.title")
    on: dt.date = Field(alias="row.run.on")
    group: str
    total_points: Decimal | None
    rank: int | None
    of_count: int
    grade: str = Field(alias="row.grade")
    objections: str
    remedies: str


class ExtractOut(Schema):
    """Of whom, for which years."""

    key: uuid.UUID
    name: str
    since_year: int
    until_year: int
    lines: list[ExtractLineOut]


def _run_of(request: HttpRequest, run_id: uuid.UUID) -> Run:
    require(request, Permission.ASSESSMENT_EDIT)
    found: Run = named(Run.objects.visible_to(request.user).select_related("scheme__unit"), run_id)
    return found


@router.get("/runs/{uuid:run_id}/below", response={200: list[BelowOut], FAILURES: Problem}, summary="Results below a line")
def below(
    request: HttpRequest, run_id: uuid.UUID, last: int | None = Query(None, ge=1), under: Decimal | None = UNDER
) -> Any:  # fmt: skip
    """The last so many of each group, or all with fewer points; by the line of the rulebook where neither is said."""
    run = _run_of(request, run_id)
    if not remedies.may_demand(request.user, run):
        return []
    told = {"last": last, "under": under} if last is not None or under is not None else dict(remedies.line_on(access.today()))
    count = told.get("last")
    return remedies.below(run, last_count=int(count) if count is not None else None, under_points=told.get("under"))


@router.post("/runs/{uuid:run_id}/remedies", response={201: list[FindingOut], FAILURES: Problem, 409: Problem}, summary="Ask for remedies")
def demand(request: HttpRequest, run_id: uuid.UUID, given: RemedyIn) -> Any:
    """Ask each of these for a remedy after publication; they go on as findings do."""
    run = _run_of(request, run_id)
    rows = {one.measured_key: one for one in run.units.select_related("unit", "person")}
    if not set(given.keys) <= set(rows):
        raise Http404
    chosen, due_on = [rows[key] for key in given.keys], given.due_on or remedies.due_on(access.today())
    made = done(actions.demand, run=run, rows=chosen, text=plain(given.text), due_on=due_on, by=request.user)
    return Status(201, inspections.finding_rows([one.pk for one in made]))


@router.get("/extract/{uuid:key}", response={200: ExtractOut, FAILURES: Problem}, summary="Extract of results for appointments")
def extract(
    request: HttpRequest, key: uuid.UUID, since: int | None = Query(None, ge=FIRST_YEAR, le=2999), until: int | None = None
) -> Any:  # fmt: skip
    """What all published runs of these years found of a unit or person, by its id; that it left the house is recorded."""
    require(request, Permission.ASSESSMENT_EDIT)
    require(request, Permission.ASSESSMENT_EXPORT)
    last = until or access.today().year
    years = {"since_year": since or last - 2, "until_year": last}
    if not FIRST_YEAR <= years["since_year"] <= last <= access.today().year:
        raise Http404
    found = extracts.extract(request.user, key, **years)
    if found is None:
        raise Http404
    told = {"filters": {"of": str(key), "form": "json", **years}, "rows": len(found.lines)}
    refusing.note_export(what="assessment.extract", by=request.user, at=timezone.now(), **told)
    return found
