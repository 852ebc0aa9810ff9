"""Assessment as JSON: schemes, runs with the units that one may see, objections to them. The same queries and actions as the pages."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import inspections, objections, refusing
from wutong.web.assessment.models import ObjectionFile, Registration, Run, RunUnit
from wutong.web.assessment.queries import comparisons, listed, notices, objection_duties, pages, refusals, registrations, run_lists
from wutong.web.assessment.queries import inspections as of_inspections
from wutong.web.assessment.rules.runs import ObjectionState
from wutong.web.journal.actions import files as file_actions
from wutong.web.journal.queries import files as kept_files
from wutong.web.journal.queries import refusals as of_files
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])
FAILURES = frozenset({400, 403, 404})
TYPE = "application/octet-stream"  # whatever a file holds, no browser runs it
FILE = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
GIVEN: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FILE}}}}
HANDED_OUT: dict[str, Any] = {
    "responses": {200: {"description": "The file", "content": {TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
}


class SchemeOut(Schema):
    """A scheme."""

    public_id: uuid.UUID
    code: str
    title: str
    measures: str
    unit: str = Field(alias="unit.name")


class RunOut(Schema):
    """A run. `gathered_at`: when its facts were taken; `digest`: hash of the facts and results; `rule_hash`: of the text of the rule.

    `notice_until`: the last day of the public notice; `approvable_on`: from when it may be approved; null where no notice is given.
    """

    public_id: uuid.UUID
    scheme: uuid.UUID = Field(alias="scheme.public_id")
    title: str
    number: int
    starts_on: dt.date
    on: dt.date
    state: str
    gathered_at: dt.datetime | None
    frozen_at: dt.datetime | None
    notice_until: dt.date | None
    approvable_on: dt.date | None
    rule_hash: str
    digest: str

    @staticmethod
    def resolve_notice_until(row: Any) -> dt.date | None:
        """While it is frozen by the calendar as it is now."""
        found = notices.in_force(row)
        return None if found is None else found.until

    @staticmethod
    def resolve_approvable_on(row: Any) -> dt.date | None:
        """The day after."""
        found = notices.in_force(row)
        return None if found is None else found.approvable_on


class RunUnitOut(Schema):
    """What a run found of a unit, or of a `person` there; `result`: points of every indicator with formula and inputs, `facts` as given.

    An indicator with `is_counted` false is shown beside the others and not added; without the key it is counted.
    `hidden_records`: of records how many are left out, because one may not open their projects.
    """

    unit: uuid.UUID = Field(alias="unit.public_id")
    person: uuid.UUID | None = Field(None, alias="person_key")
    name: str
    group: str
    total_points: Decimal | None
    rank: int | None
    grade: str
    facts: dict[str, Any] = Field(alias="seen_facts")
    hidden_records: dict[str, int]
    result: dict[str, Any]


class OneRunOut(RunOut):
    """A run with the units that one may see."""

    units: list[RunUnitOut] = Field(alias="shown")


class ProofOut(Schema):
    """A file that shows what an objection says."""

    public_id: uuid.UUID = Field(alias="attachment.public_id")
    name: str = Field(alias="attachment.name")
    size_bytes: int = Field(alias="attachment.size_bytes")
    sha256: str = Field(alias="attachment.sha256")
    at: dt.datetime = Field(alias="attachment.at")


class ObjectionOut(Schema):
    """An objection to points of a run. `item`: the indicator; `files`: its evidence; `due_on`: by when it is to be decided;
    `state`: open, upheld, dismissed; `correction`: what is corrected.
    """

    public_id: uuid.UUID
    run: uuid.UUID = Field(alias="run.public_id")
    run_title: str = Field(alias="run.title")
    unit: str = Field(alias="unit.name")
    item: str
    text: str
    evidence: str
    files: list[ProofOut]
    due_on: dt.date
    state: str
    filed_by: str
    filed_at: dt.datetime
    decided_by: str
    decided_at: dt.datetime | None
    reason: str
    correction: str

    @staticmethod
    def resolve_files(row: Any) -> list[Any]:
        """Those that nobody deleted."""
        return run_lists.shown_proofs(row)

    @staticmethod
    def resolve_due_on(row: Any) -> dt.date:
        """By the rulebook of today."""
        return objection_duties.due_on(row)

    @staticmethod
    def resolve_filed_by(row: Any) -> str:
        """Who filed it."""
        return str(row.filed_by)

    @staticmethod
    def resolve_decided_by(row: Any) -> str:
        """Who decided it; "" while it is open."""
        return str(row.decided_by or "")


class ObjectionIn(Schema):
    """An objection: the indicator, what is wrong, the evidence by name; its files are sent afterwards, each by itself."""

    item: str = Field(max_length=80)
    text: str = Field(max_length=1000)
    evidence: str = Field("", max_length=500)


class DecisionIn(Schema):
    """How an objection is decided; what is upheld says what is corrected."""

    state: Literal["upheld", "dismissed"]
    reason: str = Field(max_length=500)
    correction: str = Field("", max_length=500)


def typed(view: Any) -> Any:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)
    return view


def require(request: HttpRequest, permission: Permission = Permission.ASSESSMENT_VIEW) -> None:
    """Raises: PermissionDenied."""
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


def named(found: Any, public_id: uuid.UUID | None) -> Any:
    """The record of an id among those that a person may see; None where none is named. Raises: Http404."""
    one = found.filter(public_id=public_id).first() if public_id is not None else None
    if one is None and public_id is not None:
        raise Http404
    return one


def plain(text: str) -> str:
    """What was sent, without what no database takes."""
    return text.replace("\x00", "").strip()


def done(action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except refusing.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except refusing.Refused as refused:
        first = [registrations.first_there(values["by"], refused.about)] if isinstance(refused.about, Registration) else []
        raise HttpError(409, f"refused: {refused}. {' '.join(first or refusals.in_words(refused.refusals))}") from refused
    except inspections.Refused as refused:
        raise HttpError(409, f"refused: {refused}. {' '.join(of_inspections.in_words(refused.refusals))}") from refused
    except file_actions.Refused as refused:
        raise HttpError(409, f"refused: {refused}. {' '.join(of_files.words(refused.refusals, refused.uses))}") from refused


@router.get("/schemes", response={200: list[SchemeOut], FAILURES: Problem}, summary="Assessment schemes", url_name="schemes")
@paginate(Pages)
@typed
def schemes(request: HttpRequest) -> Any:
    """The schemes that one keeps, and those that measure one's units, the last first."""
    require(request)
    return pages.schemes(request.user).order_by("-pk")


@router.get("/runs", response={200: list[RunOut], FAILURES: Problem}, summary="Assessment runs", url_name="runs")
@paginate(Pages)
@typed
def runs(request: HttpRequest, text: str = Query("", max_length=100), state: str = Query("", max_length=12)) -> Any:
    """The runs that one may see, the last day first."""
    require(request)
    return run_lists.matching(request.user, text=text.replace("\x00", ""), state=state.replace("\x00", "")).order_by("-on", "-pk")


@router.get("/runs/{uuid:run_id}", response={200: OneRunOut, FAILURES: Problem}, summary="One assessment run", url_name="assessment_run")
@typed
def run(request: HttpRequest, run_id: uuid.UUID) -> Any:
    """A run with the points of the units that one may see."""
    require(request)
    found = Run.objects.visible_to(request.user).select_related("scheme").filter(public_id=run_id).first()
    if found is None:
        raise Http404
    units = RunUnit.objects.visible_to(request.user).filter(run=found).select_related("unit", "person").order_by("position_no")
    found.shown = list(units)  # type: ignore[attr-defined]
    listed.seen(request.user, found.shown)  # type: ignore[attr-defined]
    return found


class MovedItemOut(Schema):
    """An indicator that gives something else, by how many points, and why in words."""

    title: str
    moved: str
    why: list[str]


class MovedUnitOut(Schema):
    """A unit in both. Totals and changes in points, as text; a total that is missing says so."""

    unit: str
    total_before: str
    total_after: str
    moved: str
    rank_before: int | None
    rank_after: int | None
    items: list[MovedItemOut]


class ComparedOut(Schema):
    """What moved. `trial`: what is to be said of a rule that is only tried, which is kept nowhere; empty between two runs."""

    with_words: str
    same: int
    trial: list[str]
    moved: list[MovedUnitOut]


@router.get(
    "/runs/{uuid:run_id}/compare",
    response={200: ComparedOut, FAILURES: Problem, 409: Problem},
    summary="Compare a run, or try another rule",
    url_name="compare_run",
)
@typed
def compare_run(request: HttpRequest, run_id: uuid.UUID, run: uuid.UUID | None = None, version: uuid.UUID | None = None) -> Any:
    """A run against another (`run`), or another rule tried on its facts whenever it holds (`version`), for those who keep it."""
    require(request)
    found = Run.objects.visible_to(request.user).select_related("scheme__unit", "version").filter(public_id=run_id).first()
    if found is None:
        raise Http404
    if not pages.keeps(request.user, found.scheme):
        raise PermissionDenied("no role of yours reaches it")
    try:
        return comparisons.compared(request.user, found, run_id=run, version_id=version)
    except comparisons.NotComparable as error:
        raise HttpError(409, str(error)) from error


@router.get("/objections", response={200: list[ObjectionOut], FAILURES: Problem}, summary="Objections one may see", url_name="objections")
@paginate(Pages)
@typed
def list_objections(request: HttpRequest, state: Literal["", "open", "upheld", "dismissed"] = "", run: uuid.UUID | None = None) -> Any:
    """Objections, the last filed first; `run`: those to one run."""
    require(request)
    found = run_lists.objections(request.user, run=named(Run.objects.visible_to(request.user), run))
    return (found.filter(state=state) if state else found).order_by("-filed_at", "-pk")


@router.post(
    "/runs/{uuid:run_id}/units/{uuid:unit_id}/objections",
    response={201: ObjectionOut, FAILURES: Problem, 409: Problem},
    summary="Object to points",
)
def file_objection(request: HttpRequest, run_id: uuid.UUID, unit_id: uuid.UUID, given: ObjectionIn) -> Any:
    """Object to the points of an indicator of one's own unit, or of oneself by the id of the person; the same waits once."""
    require(request)
    of_one = Q(unit__public_id=unit_id, person=None) | Q(person__public_id=unit_id)
    row = RunUnit.objects.visible_to(request.user).filter(of_one, run__public_id=run_id).first()
    if row is None:
        raise Http404
    values = {name: plain(value) for name, value in given.dict().items()}
    made = done(objections.file, row=row, by=request.user, **values)
    return Status(201, run_lists.objections(request.user).get(pk=made.pk))


@router.post(
    "/objections/{uuid:objection_id}/files", response={200: ObjectionOut, FAILURES: Problem, 409: Problem}, summary="Bring evidence",
    openapi_extra=GIVEN,
)  # fmt: skip
def bring_evidence(request: HttpRequest, objection_id: uuid.UUID) -> Any:
    """A file that shows what one's own objection says (`file`, multipart), while it is open."""
    require(request)
    found, file = named(run_lists.objections(request.user), objection_id), request.FILES.get("file")
    if file is None:
        raise HttpError(400, "file is missing: send it as multipart/form-data")
    done(objections.bring, objection=found, proofs=[(file, file.name)], by=request.user)
    return found


@router.get("/objections/files/{uuid:file_id}", response={FAILURES: Problem}, summary="A file of an objection", openapi_extra=HANDED_OUT)
def objection_file(request: HttpRequest, file_id: uuid.UUID) -> Any:
    """A file of an objection as it was given."""
    require(request)
    there = ObjectionFile.objects.visible_to(request.user).filter(attachment__public_id=file_id, attachment__hidden_at=None)
    found = there.select_related("attachment").first()
    if found is None or not kept_files.path_of(found.attachment.stored).is_file():
        raise Http404
    file_actions.note_download(attachment=found.attachment, by=request.user, at=timezone.now())
    content = kept_files.path_of(found.attachment.stored).open("rb")
    return FileResponse(content, as_attachment=True, filename=found.attachment.name, content_type=TYPE)


@router.post(
    "/objections/{uuid:objection_id}/decide", response={200: ObjectionOut, FAILURES: Problem, 409: Problem}, summary="Decide an objection"
)
def decide_objection(request: HttpRequest, objection_id: uuid.UUID, given: DecisionIn) -> Any:
    """Uphold or dismiss it, with a reason; whoever filed it does not."""
    require(request, Permission.ASSESSMENT_EDIT)
    found = named(run_lists.objections(request.user), objection_id)
    values = {"state": ObjectionState(given.state), "reason": plain(given.reason), "correction": plain(given.correction)}
    done(objections.decide, objection=found, by=request.user, **values)
    return run_lists.objections(request.user).get(pk=found.pk)
