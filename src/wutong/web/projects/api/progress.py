"""Monthly progress as JSON: months, photographs, plan and alarms, read and written by the queries and actions of the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import duties as journal
from wutong.web.journal.queries import files as kept_files
from wutong.web.lib import access, documents
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.actions import guarding, months, progress
from wutong.web.projects.actions.months import Shot
from wutong.web.projects.actions.progress import Said
from wutong.web.projects.api.projects import FAILURES, named, plain, project_of, require, router, typed
from wutong.web.projects.models import ProgressReport, Project
from wutong.web.projects.queries import alarms, reports
from wutong.web.projects.queries import progress as queries
from wutong.web.projects.rules.progress import Told

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class PhotoOut(Schema):
    """A photograph: the public id of its file, its day and place. `day_by`, `place_by`: camera, phone or person."""

    public_id: uuid.UUID
    file: uuid.UUID
    taken_on: dt.date
    day_by: str
    lat: Decimal | None
    lon: Decimal | None
    place: str
    place_by: str
    caption: str


class ReportOut(Schema):
    """The report of a month that stands. Money in yuan: invested to date, produced in the twelve months up to it."""

    public_id: uuid.UUID
    month: str
    invested_yuan: Decimal | None
    output_yuan_a_year: Decimal | None
    visible: str
    problems: str
    next_steps: str
    reason: str
    by: str
    at: dt.datetime
    is_corrected: bool
    photos: list[PhotoOut]


class PointOut(Schema):
    """A month of the curve. Money in yuan to date; `share` of what was planned, 1 is all of it."""

    month: str
    planned_yuan: Decimal | None
    invested_yuan: Decimal | None
    share: Decimal | None


class WarnedOut(Schema):
    """An alarm: signed_not_started, started_but_slow, below_promise or not_reported, and what it says."""

    alarm: str
    words: str


class ProgressOut(Schema):
    """The progress of a project: months that stand (the newest first), planned against actual, alarms of today."""

    reports: list[ReportOut]
    curve: list[PointOut]
    alarms: list[WarnedOut]
    plan_edition_no: int


class ReportIn(Schema):
    """A month, such as 2026-03. Money in yuan. `reason`: why less is invested than before; `corrects`: the report that it corrects."""

    month: str = Field(pattern=MONTH)
    invested_yuan: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=2)
    output_yuan_a_year: Decimal | None = Field(None, ge=0, max_digits=18, decimal_places=2)
    visible: str = Field("", max_length=2000)
    problems: str = Field("", max_length=2000)
    next_steps: str = Field("", max_length=2000)
    reason: str = Field("", max_length=300)
    corrects: uuid.UUID | None = None


class PlannedIn(Schema):
    """What is to be invested by the end of a month, in yuan to date."""

    month: str = Field(pattern=MONTH)
    planned_yuan: Decimal = Field(ge=0, max_digits=18, decimal_places=2)


class PlanIn(Schema):
    """A plan as a whole; another one than the first needs its reason."""

    points: list[PlannedIn] = Field(min_length=1, max_length=120)
    reason: str = Field("", max_length=300)


class PhotoIn(Schema):
    """What is said of a photograph that tells neither day nor place itself. Units: degrees."""

    taken_on: dt.date | None = None
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    place: str = Field("", max_length=120)
    caption: str = Field("", max_length=200)


class AlarmOut(Schema):
    """An alarm of a project; of a confidential one by its code name."""

    project_id: uuid.UUID = Field(alias="project.public_id")
    project: str = Field(alias="project.outside_name")
    alarm: str = Field(alias="warned.alarm")
    days: int | None = Field(alias="warned.days")
    share: Decimal | None = Field(alias="warned.share")
    words: str
    unit: str = Field(alias="project.unit.name")


class MonthOut(Schema):
    """A report of a month in a list. Money in yuan to date."""

    public_id: uuid.UUID = Field(alias="report.public_id")
    project_id: uuid.UUID = Field(alias="project.public_id")
    project: str = Field(alias="project.outside_name")
    unit: str = Field(alias="project.unit.name")
    invested_yuan: Decimal | None = Field(alias="report.invested_yuan")
    planned_yuan: Decimal | None
    photos: int
    is_late: bool
    at: dt.datetime = Field(alias="report.at")


def _month(text: str) -> dt.date:
    """The first day of a month. Raises: HttpError (422) for a year that no calendar has."""
    try:
        return dt.date(int(text[:4]), int(text[5:7]), 1)
    except ValueError as error:
        raise HttpError(422, "no such month") from error


def _attempt(action: Callable[..., Any], /, **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except guarding.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except progress.Refused as refused:
        raise HttpError(409, f"{refused}: {' '.join(queries.refusal_words(refused.refusals))}") from refused
    except journal.Refused as refused:
        raise HttpError(409, f"{refused}: the file could not be kept") from refused


def _told(request: HttpRequest, project: Project) -> dict[str, Any]:
    page = queries.of_project(request.user, project, access.today())
    return {
        "reports": [_report(line) for line in page.reports], "plan_edition_no": page.plan_edition_no,
        "curve": [
            {"month": f"{one.month:%Y-%m}", "planned_yuan": one.planned_yuan, "invested_yuan": one.invested_yuan, "share": one.share}
            for one in page.curve
        ],
        "alarms": [{"alarm": one.alarm, "words": queries.alarm_words(one)} for one in page.warned],
    }  # fmt: skip


def _report(line: queries.ReportLine) -> dict[str, Any]:
    one = line.report
    names = ("public_id", "invested_yuan", "output_yuan_a_year", "visible", "problems", "next_steps", "reason", "at")
    shown = [photo for photo in line.photos if photo.photo.attachment.hidden_at is None]
    return {
        **{name: getattr(one, name) for name in names}, "month": f"{one.month:%Y-%m}", "by": str(one.by or ""),
        "is_corrected": bool(line.earlier), "photos": [_photo(photo) for photo in shown],
    }  # fmt: skip


def _photo(line: queries.PhotoLine) -> dict[str, Any]:
    one, (lat, lon) = line.photo, line.place or (None, None)
    names = ("public_id", "taken_on", "day_by", "place", "place_by", "caption")
    return {**{name: getattr(one, name) for name in names}, "file": one.attachment.public_id, "lat": lat, "lon": lon}


@router.get("/alarms", response={200: list[AlarmOut], FAILURES: Problem}, summary="Alarms of progress")
def progress_alarms(
    request: HttpRequest, alarm: Literal["", "signed_not_started", "started_but_slow", "below_promise", "not_reported"] = "",
    unit: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """What is wrong today with the progress of projects that one may see; `unit`: the host, with the units below it."""
    require(request, Permission.PROJECTS_VIEW)
    found, of = Project.objects.visible_to(request.user), named(Unit.objects.all(), unit)
    lines = alarms.lines(found.filter(unit__path__startswith=of.path) if of else found, access.today())
    return alarms.rows(alarms.of_kind(lines, alarm))


@router.get("/progress", response={200: list[MonthOut], FAILURES: Problem}, summary="Reports of a month")
@paginate(DrawnPages)
@typed
def reports_of_month(request: HttpRequest, month: str = Query(pattern=MONTH), unit: uuid.UUID | None = None) -> Any:
    """The reports of a month that stand, by unit; `unit`: the host, with the units below it."""
    require(request, Permission.PROJECTS_VIEW)
    found, of = ProgressReport.objects.standing().visible_to(request.user).filter(month=_month(month)), named(Unit.objects.all(), unit)
    found = found.filter(project__unit__path__startswith=of.path) if of else found
    on = access.today()
    return found.order_by("project__unit__path", "pk"), lambda keys: reports.shown(keys, on)


@router.get("/{uuid:project_id}/progress", response={200: ProgressOut, FAILURES: Problem}, summary="Progress of a project")
def project_progress(request: HttpRequest, project_id: uuid.UUID) -> Any:
    """Months that were reported with their photographs, planned against actual, alarms."""
    return _told(request, project_of(request, project_id))


@router.post(
    "/{uuid:project_id}/progress", response={200: ProgressOut, 201: ProgressOut, FAILURES: Problem, 409: Problem},
    summary="Report the progress of a month",
)  # fmt: skip
def report_progress(request: HttpRequest, project_id: uuid.UUID, given: ReportIn) -> Any:
    """Report a month, or correct one with its reason; the same sent twice makes one (201 the first time, 200 after)."""
    require(request, Permission.PROJECTS_EDIT)
    found = project_of(request, project_id)
    corrects = named(ProgressReport.objects.filter(project=found), given.corrects)
    said = Said(given.invested_yuan, given.output_yuan_a_year, plain(given.visible), plain(given.next_steps), plain(given.problems))
    month = corrects.month if corrects else _month(given.month)
    made = _attempt(months.hand_in, project=found, month=month, said=said, reason=plain(given.reason), corrects=corrects, by=request.user)
    return Status(201 if made.is_new else 200, _told(request, found))


@router.post(
    "/progress/{uuid:report_id}/photos", response={200: ProgressOut, 201: ProgressOut, FAILURES: Problem, 409: Problem},
    summary="Put a photograph to a month", openapi_extra=FILE,
)  # fmt: skip
def add_photo(request: HttpRequest, report_id: uuid.UUID, about: Query[PhotoIn]) -> Any:
    """Put a photograph (`file`, multipart) to a month. Day and place are read from it; what is given counts where it tells none.

    The same photograph sent twice stands once (201 the first time, 200 after).
    """
    require(request, Permission.PROJECTS_EDIT)
    report = named(ProgressReport.objects.visible_to(request.user).select_related("project"), report_id)
    found, file = project_of(request, report.project.public_id), request.FILES.get("file")
    if file is None:
        raise HttpError(400, "the file is missing: send it as multipart/form-data under the name file")
    shot = _shot(file, about)
    made = _attempt(months.add_photos, report=report, shots=[shot], by=request.user)
    return Status(201 if made else 200, _told(request, found))


def _shot(file: Any, about: PhotoIn) -> Shot:
    form = kept_files.FORMATS.get(kept_files.examine(file).content)
    wrote, today = documents.camera(file, form) if form else documents.Camera(), access.today()
    day = wrote.taken_on if wrote.taken_on and wrote.taken_on <= today else None
    place, caption = plain(about.place), plain(about.caption)
    said = {"taken_on": day or about.taken_on or today, "day_by": Told.CAMERA if day else Told.PERSON, "place": place, "caption": caption}
    if wrote.lat is not None:
        return Shot(file, lat=wrote.lat, lon=wrote.lon, place_by=Told.CAMERA, **said)
    lat, lon = (None if one is None else Decimal(f"{one:.6f}") for one in (about.lat, about.lon))
    return Shot(file, lat=lat, lon=lon, place_by=Told.PHONE if lat is not None else Told.PERSON if place else "", **said)


@router.post("/{uuid:project_id}/plan", response={200: ProgressOut, FAILURES: Problem, 409: Problem}, summary="Set the investment plan")
def set_plan(request: HttpRequest, project_id: uuid.UUID, given: PlanIn) -> Any:
    """Set what is to be invested by the end of each month; the same plan sent twice makes one."""
    require(request, Permission.PROJECTS_EDIT)
    found = project_of(request, project_id)
    points = {_month(one.month): one.planned_yuan for one in given.points}
    there = {point.month: point.planned_yuan for point in queries.plans([found.pk])[found.pk]}
    if points != there:
        _attempt(progress.set_plan, project=found, points=points, reason=plain(given.reason), by=request.user)
    return _told(request, found)
