"""Dispatch as JSON: meetings with agenda and decisions, decisions and how they stand, task forces. What the pages show, to read."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.api.projects import FAILURES, named, plain, require, typed
from wutong.web.projects.models import DispatchDecision, DispatchMeeting, TaskForce
from wutong.web.projects.queries import forces as forces_of
from wutong.web.projects.queries import meetings as meetings_of

router = Router(tags=["projects"])


class MeetingOut(Schema):
    """A dispatch meeting. `items`, `decisions`, `done`, `late`: how many of them one may see. `series`: weekly, monthly, needed."""

    public_id: uuid.UUID = Field(alias="meeting.public_id")
    title: str = Field(alias="meeting.title")
    series: str = Field(alias="meeting.series")
    state: str = Field(alias="meeting.state")
    held_on: dt.date = Field(alias="meeting.held_on")
    place: str = Field(alias="meeting.place")
    unit: str = Field(alias="meeting.unit.name")
    year: int | None = Field(alias="meeting.year")
    number_no: int | None = Field(alias="meeting.number_no")
    items: int
    decisions: int
    done: int
    late: int


class DecisionOut(Schema):
    """A decision: who does what by when. `state`: done, done_late, open, late, called_off, not_given; `duty`: what it became."""

    public_id: uuid.UUID = Field(alias="decision.public_id")
    text: str = Field(alias="decision.text")
    unit: str = Field(alias="decision.unit.name")
    owner: str
    due_on: dt.date
    state: str
    about: str = Field(alias="decision.item.shown_name")
    meeting: uuid.UUID = Field(alias="decision.item.meeting.public_id")
    duty: uuid.UUID | None

    @staticmethod
    def resolve_owner(row: Any) -> str:
        """Who carries it out."""
        return str(row.decision.owner)

    @staticmethod
    def resolve_duty(row: Any) -> uuid.UUID | None:
        """Its duty; None before it is handed out."""
        found: uuid.UUID | None = row.decision.duty.public_id if row.decision.duty else None
        return found


class ItemOut(Schema):
    """A matter on the agenda. `why`: what is stuck of it, in words."""

    public_id: uuid.UUID = Field(alias="item.public_id")
    number: int
    name: str = Field(alias="item.shown_name")
    project: uuid.UUID | None
    why: list[str]
    words: str = Field(alias="item.words")
    decided: list[str]

    @staticmethod
    def resolve_project(row: Any) -> uuid.UUID | None:
        """The project, where it is one."""
        found: uuid.UUID | None = row.item.project.public_id if row.item.project else None
        return found

    @staticmethod
    def resolve_why(row: Any) -> list[str]:
        """What is stuck of it."""
        return [words for words, _owed in row.why]

    @staticmethod
    def resolve_decided(row: Any) -> list[str]:
        """The decisions about it."""
        return [one.decision.text for one in row.decisions]


class AgendaOut(Schema):
    """One meeting: what became of earlier decisions, and its agenda as far as one may see it."""

    meeting: MeetingOut
    followed: list[DecisionOut]
    agenda: list[ItemOut]
    summary: str


class MemberOut(Schema):
    """Somebody in a task force. `role`: leader, deputy, member."""

    role: str
    unit: str = Field(alias="unit.name")
    person: str
    task: str
    since_on: dt.date

    @staticmethod
    def resolve_person(row: Any) -> str:
        """The person, where it is one."""
        return str(row.person or "")


class ForceOut(Schema):
    """The task force of a project. Money in yuan."""

    public_id: uuid.UUID = Field(alias="force.public_id")
    project: uuid.UUID = Field(alias="force.project.public_id")
    name: str = Field(alias="force.project.outside_name")
    total_yuan: Decimal | None = Field(alias="force.project.total_yuan")
    task: str = Field(alias="force.task")
    since_on: dt.date = Field(alias="force.since_on")
    until_on: dt.date | None = Field(alias="force.until_on")
    members: list[MemberOut] = Field(alias="standing")


@router.get("/dispatch/meetings", response={200: list[MeetingOut], FAILURES: Problem}, summary="Dispatch meetings", url_name="meetings")
@paginate(DrawnPages)
@typed
def meetings(
    request: HttpRequest, text: str = Query("", max_length=100), state: Literal["", "planned", "signed", "called_off"] = "",
    series: Literal["", "weekly", "monthly", "needed"] = "", unit: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """Meetings that one may see, the last first."""
    require(request, Permission.PROJECTS_VIEW)
    asked = {"text": plain(text), "state": state, "series": series, "unit": named(Unit.objects.all(), unit)}
    found = meetings_of.matching(DispatchMeeting.objects.visible_to(request.user), **asked).order_by("-held_on", "-pk")
    return found, lambda keys: meetings_of.rows(keys, request.user, access.today())


@router.get(
    "/dispatch/meetings/{uuid:meeting_id}", response={200: AgendaOut, FAILURES: Problem}, summary="One dispatch meeting", url_name="meeting"
)
def meeting(request: HttpRequest, meeting_id: uuid.UUID) -> Any:
    """A meeting with its agenda, decisions, and what became of earlier ones."""
    require(request, Permission.PROJECTS_VIEW)
    on = access.today()
    found = named(meetings_of.whole(DispatchMeeting.objects.visible_to(request.user)), meeting_id)
    page = meetings_of.page(found, request.user, on)
    (row,) = meetings_of.rows([found.pk], request.user, on)
    return {"meeting": row, "followed": page.followed, "agenda": page.items, "summary": found.summary}


@router.get(
    "/dispatch/decisions", response={200: list[DecisionOut], FAILURES: Problem}, summary="Decisions of meetings", url_name="decisions"
)
@paginate(DrawnPages)
@typed
def decisions(
    request: HttpRequest, text: str = Query("", max_length=100), whose: Literal["", "all"] = "",
    which: Literal["", "open", "late", "done"] = "", unit: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """Decisions that one carries out, or all that one may see; what is due first at the top."""
    require(request, Permission.PROJECTS_VIEW)
    on = access.today()
    found = meetings_of.decisions(
        request.user, is_own=whose != "all", which=which, on=on, text=plain(text), unit=named(Unit.objects.all(), unit)
    )  # fmt: skip
    whole = DispatchDecision.objects.select_related("item__project", "item__meeting", "owner", "unit", "duty")

    def drawn(keys: list[int]) -> Any:
        rows = whole.in_bulk(keys)
        return meetings_of.decision_lines([rows[key] for key in keys], on)

    return found.order_by("due_on", "pk"), drawn


@router.get("/dispatch/forces", response={200: list[ForceOut], FAILURES: Problem}, summary="Task forces", url_name="forces")
@paginate(DrawnPages)
@typed
def forces(request: HttpRequest, text: str = Query("", max_length=100), which: Literal["", "mine", "all"] = "") -> Any:
    """Task forces that one may see, the last formed first; those that stand unless all are asked for."""
    require(request, Permission.PROJECTS_VIEW)
    found = forces_of.matching(TaskForce.objects.visible_to(request.user), request.user, which=which, text=plain(text))

    def drawn(keys: list[int]) -> Any:
        rows = {one.force.pk: one for one in forces_of.shown(TaskForce.objects.filter(pk__in=keys))}
        return [rows[key] for key in keys if key in rows]

    return found.order_by("-since_on", "-pk"), drawn
