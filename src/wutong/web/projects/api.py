"""Projects as JSON: those one may see, how one stands; a project brought on and a sub-node done, by the actions of the pages."""

from __future__ import annotations

import datetime as dt
import inspect
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import LimitOffsetPagination, paginate

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.projects.actions import guarding, nodes, stages
from wutong.web.projects.models import Node, Project
from wutong.web.projects.queries import dossier, gates, overview, refusals, register
from wutong.web.projects.rules.stages import NodeState, Stage

router = Router(tags=["projects"])
FAILURES = frozenset({400, 403, 404})
StageCode = Literal["talks", "appraisal", "signed", "registered", "land_granted", "started", "completed", "production", "full_capacity"]
KindCode = Literal["", "industry", "farming", "services", "tourism", "health", "commerce", "headquarters", "infrastructure"]


class ProjectOut(Schema):
    """One project. Of a confidential one `name` is its code name, and nothing says which firm it is. Money in yuan.

    `light`: green, amber, red, grey; `not_provided`: figures that the investor gives none of.
    """

    public_id: uuid.UUID = Field(alias="project.public_id")
    name: str
    is_confidential: bool = Field(alias="project.is_confidential")
    investor: str
    project_code: str
    kind: str = Field(alias="project.kind")
    mode: str = Field(alias="project.mode")
    stage: str = Field(alias="project.stage")
    stage_since: dt.date = Field(alias="project.stage_since")
    stage_due_on: dt.date | None = Field(alias="project.stage_due_on")
    status: str = Field(alias="project.status")
    status_since: dt.date = Field(alias="project.status_since")
    light: str
    next_due_on: dt.date | None
    open_nodes: int
    late_nodes: int
    unit: str = Field(alias="project.unit.name")
    finder_unit: str = Field(alias="project.finder_unit.name")
    owner: str
    chain: str = Field(alias="project.chain")
    segment: str = Field(alias="project.segment")
    total_yuan: Decimal | None = Field(alias="project.total_yuan")
    not_provided: list[str] = Field(alias="project.not_provided")
    opened_at: dt.datetime = Field(alias="project.opened_at")

    @staticmethod
    def resolve_owner(row: Any) -> str:
        """Who answers for it."""
        return str(row.project.owner)

    @staticmethod
    def resolve_investor(row: Any) -> str:
        """Who invests."""
        return "" if row.project.is_confidential else str(row.project.investor_name)

    @staticmethod
    def resolve_project_code(row: Any) -> str:
        """Its national code."""
        return "" if row.project.is_confidential else str(row.project.project_code)


class LineOut(Schema):
    """What the next stage asks for. `sort`: fact, evidence or node; `key`: its code; `owed_by`: who owes what is not there."""

    sort: str
    key: str
    name: str
    is_met: bool
    is_not_provided: bool
    is_absent: bool
    owed_by: str
    due_on: dt.date | None


class NodeOut(Schema):
    """A sub-node. `wants`: evidence that lacks before it can be called done."""

    public_id: uuid.UUID = Field(alias="node.public_id")
    key: str = Field(alias="node.key")
    name: str
    stage: str = Field(alias="node.stage")
    state: str = Field(alias="node.state")
    unit: str = Field(alias="node.unit.name")
    due_on: dt.date | None = Field(alias="node.due_on")
    done_on: dt.date | None = Field(alias="node.done_on")
    late_days: int
    is_optional: bool
    wants: list[str]


class StepOut(Schema):
    """A stage on the way: done, here or ahead."""

    stage: str
    name: str
    how: str
    since_on: dt.date | None
    until_on: dt.date | None
    days_there: int | None


class DossierOut(Schema):
    """How one project stands: its way, what the next stage asks for, its sub-nodes."""

    project: ProjectOut
    next_stage: str | None
    is_next_for_two: bool
    way: list[StepOut]
    checklist: list[LineOut]
    refused: list[str]
    nodes: list[NodeOut]


class AdvanceIn(Schema):
    """A project enters its next stage. `occurred_on`: the day in the world, default today."""

    to: StageCode
    occurred_on: dt.date | None = None
    note: str = Field("", max_length=500)


class FinishIn(Schema):
    """A sub-node is done. `done_on`: default today."""

    done_on: dt.date | None = None
    note: str = Field("", max_length=500)


class Shown(LimitOffsetPagination):
    """Pages of projects that are read whole only once they are cut."""

    def paginate_queryset(self, queryset: Any, pagination: Any, **params: Any) -> Any:
        """A page. Shape: `items` and `count`, as everywhere."""
        found, drawn = queryset
        begin = pagination.offset
        keys = list(found.values_list("pk", flat=True)[begin : begin + pagination.limit])
        return {"items": drawn(keys), "count": found.count()}


def _require(request: HttpRequest, permission: Permission) -> None:
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


def _named(found: Any, public_id: uuid.UUID | None) -> Any:
    if public_id is None:
        return None
    one = found.filter(public_id=public_id).first()
    if one is None:
        raise Http404
    return one


def _project_of(request: HttpRequest, project_id: uuid.UUID) -> Project:
    """A project that the person may see; whoever opens a confidential one is written down, as on its page."""
    _require(request, Permission.PROJECTS_VIEW)
    found: Project = _named(dossier.whole(Project.objects.visible_to(request.user)), project_id)
    if found.is_confidential:
        audit.record_look(action="projects.look", record_=found, by=request.user, at=timezone.now())
    return found


def _told(request: HttpRequest, found: Project) -> dict[str, Any]:
    on = access.today()
    page = dossier.dossier(found, request.user, on=on)
    (row,) = overview.in_their_order([found.pk], request.user, on=on)
    return {
        "project": row, "next_stage": page.next_stage, "is_next_for_two": page.is_next_for_two, "way": page.way,
        "checklist": page.checklist, "refused": page.refused, "nodes": page.nodes,
    }  # fmt: skip


def _done(found: Project, to: str, action: Callable[..., Any], /, **values: Any) -> Any:
    """Call an action; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except guarding.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except guarding.Refused as refused:
        words = gates.words(found, to, refused.refusals) if to else refusals.words(refused.refusals)
        raise HttpError(409, f"refused: {refused}. {' '.join(words)}") from refused


def typed(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose parameters ninja knows by type: behind a page it would look their names up in its own module."""
    view.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return view


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()


@router.get("", response={200: list[ProjectOut], FAILURES: Problem}, summary="Projects one may see")
@paginate(Shown)
@typed
def projects(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100),
    which: Literal["", "mine", "late", "soon", "asked", "absent", "no_figure", "phases", "taken_over"] = "",
    status: Literal["", "paused", "dormant", "lost", "all"] = "", stage: StageCode | Literal[""] = "", kind: KindCode = "",
    tier: str = Query("", max_length=40), chain: str = Query("", max_length=60), segment: str = Query("", max_length=60),
    unit: uuid.UUID | None = None, owner: uuid.UUID | None = None,
) -> Any:  # fmt: skip
    """Projects, the newest first; those worked on unless `status` says otherwise; `unit`: host or finder, with the units below it."""
    _require(request, Permission.PROJECTS_VIEW)
    user, on = request.user, access.today()
    found = register.matching(
        Project.objects.visible_to(user), user, on=on, text=_plain(text), which=which, status=status, stage=stage, kind=kind,
        tier=_plain(tier), chain=_plain(chain), segment=_plain(segment), unit=_named(Unit.objects.all(), unit),
        owner=_named(User.objects.get_queryset(), owner),
    )  # fmt: skip
    return found.order_by("-opened_at", "-pk"), lambda keys: overview.in_their_order(keys, user, on=on)


@router.get("/{uuid:project_id}", response={200: DossierOut, FAILURES: Problem}, summary="One project")
def project(request: HttpRequest, project_id: uuid.UUID) -> Any:
    """How a project stands, what its next stage asks for and who owes it, its sub-nodes."""
    return _told(request, _project_of(request, project_id))


@router.post(
    "/{uuid:project_id}/advance", response={200: DossierOut, FAILURES: Problem, 409: Problem}, summary="Bring a project to its next stage"
)
def advance_project(request: HttpRequest, project_id: uuid.UUID, given: AdvanceIn) -> Any:
    """Let a project enter its next stage; one where it stands already is no fault, so that sent twice makes one.

    A gate that two persons decide is asked for and decided on the pages.
    """
    _require(request, Permission.PROJECTS_EDIT)
    found = _project_of(request, project_id)
    if found.stage != given.to:
        values = {"project": found, "to": Stage(given.to), "occurred_on": given.occurred_on, "note": _plain(given.note)}
        _done(found, given.to, stages.advance, by=request.user, **values)
    return _told(request, _project_of(request, project_id))


@router.post("/nodes/{uuid:node_id}/finish", response={200: DossierOut, FAILURES: Problem, 409: Problem}, summary="Call a sub-node done")
def finish_node(request: HttpRequest, node_id: uuid.UUID, given: FinishIn) -> Any:
    """Call a sub-node done, its evidence handed in on the pages. One that is done already is no fault."""
    _require(request, Permission.PROJECTS_EDIT)
    node = _named(Node.objects.visible_to(request.user).select_related("project"), node_id)
    found = _project_of(request, node.project.public_id)
    if node.state != NodeState.DONE:
        _done(found, "", nodes.finish, node=node, done_on=given.done_on, note=_plain(given.note), by=request.user)
    return _told(request, _project_of(request, found.public_id))
