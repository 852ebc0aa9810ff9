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
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit, User
from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.journal.actions import duties as journal
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.actions import agreements, commitments, guarding, nodes, paper_files, stages
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.models import Agreement, Commitment, Evidence, Node, Offer, Project
from wutong.web.projects.queries import agreements as agreement_words
from wutong.web.projects.queries import commitments as promise_words
from wutong.web.projects.queries import dossier, gates, overview, paper_pages, planned, refusals, register
from wutong.web.projects.rules.agreements import AgreementKind, AgreementState
from wutong.web.projects.rules.commitments import CommitmentKind, CommitmentState, Measure, Side
from wutong.web.projects.rules.stages import NodeState, Stage

router = Router(tags=["projects"])
FAILURES = frozenset({400, 403, 404})
StageCode = Literal["talks", "appraisal", "signed", "registered", "land_granted", "started", "completed", "production", "full_capacity"]
KindCode = Literal["", "industry", "farming", "services", "tourism", "health", "commerce", "headquarters", "infrastructure"]


class ProjectOut(Schema):
    """One project. Of a confidential one `name` is its code name, and nothing says which firm it is. Money in yuan.

    `is_key`: of a key industry, null: not known; `is_past_limit`: past a limit after signing. `light`: green, amber, red, grey;
    `not_provided`: figures that the investor gives none of.
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
    is_key: bool | None
    is_past_limit: bool
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


class PlannedOut(Schema):
    """A value of the plan before and after a change: yuan, or a day; null: not given."""

    name: str
    was: Decimal | dt.date | None
    now: Decimal | dt.date | None


class PlanChangeOut(Schema):
    """A change of total investment or planned days. `since_on`: from which day on it holds; the oldest says what was given first."""

    since_on: dt.date
    values: list[PlannedOut]
    reason: str
    who: str


class DossierOut(Schema):
    """How one project stands: its way, what the next stage asks for, its sub-nodes, how its plan changed."""

    project: ProjectOut
    next_stage: str | None
    is_next_for_two: bool
    way: list[StepOut]
    checklist: list[LineOut]
    refused: list[str]
    nodes: list[NodeOut]
    plan_changes: list[PlanChangeOut]


class AdvanceIn(Schema):
    """A project enters its next stage. `occurred_on`: the day in the world, default today."""

    to: StageCode
    occurred_on: dt.date | None = None
    note: str = Field("", max_length=500)


class FinishIn(Schema):
    """A sub-node is done. `done_on`: default today."""

    done_on: dt.date | None = None
    note: str = Field("", max_length=500)


def require(request: HttpRequest, permission: Permission) -> None:
    if not request.user.may(permission):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {permission} is needed")


def named(found: Any, public_id: uuid.UUID | None) -> Any:
    if public_id is None:
        return None
    one = found.filter(public_id=public_id).first()
    if one is None:
        raise Http404
    return one


def project_of(request: HttpRequest, project_id: uuid.UUID) -> Project:
    """A project that the person may see; whoever opens a confidential one is written down, as on its page."""
    require(request, Permission.PROJECTS_VIEW)
    found: Project = named(dossier.whole(Project.objects.visible_to(request.user)), project_id)
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
        "plan_changes": planned.changes(found),
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


def plain(text: str) -> str:
    return text.replace("\x00", "").strip()


@router.get("", response={200: list[ProjectOut], FAILURES: Problem}, summary="Projects one may see")
@paginate(DrawnPages)
@typed
def projects(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100),
    which: Literal["", "mine", "late", "late_nodes", "over_limit", "soon", "asked", "absent", "no_figure", "phases", "taken_over"] = "",
    status: Literal["", "paused", "dormant", "lost", "all"] = "", stage: StageCode | Literal[""] = "", kind: KindCode = "",
    tier: str = Query("", max_length=40), chain: str = Query("", max_length=60), segment: str = Query("", max_length=60),
    unit: uuid.UUID | None = None, owner: uuid.UUID | None = None, key: str = Query("", max_length=40),
) -> Any:  # fmt: skip
    """Projects, the newest first; those worked on unless `status` says otherwise; `unit`: host or finder, with the units below it."""
    require(request, Permission.PROJECTS_VIEW)
    user, on = request.user, access.today()
    found = register.matching(
        Project.objects.visible_to(user), user, on=on, text=plain(text), which=which, status=status, stage=stage, kind=kind,
        tier=plain(tier), chain=plain(chain), segment=plain(segment), unit=named(Unit.objects.all(), unit),
        owner=named(User.objects.get_queryset(), owner), key=plain(key),
    )  # fmt: skip
    return found.order_by("-opened_at", "-pk"), lambda keys: overview.in_their_order(keys, user, on=on)


@router.get("/{uuid:project_id}", response={200: DossierOut, FAILURES: Problem}, summary="One project")
def project(request: HttpRequest, project_id: uuid.UUID) -> Any:
    """How a project stands, what its next stage asks for and who owes it, its sub-nodes."""
    return _told(request, project_of(request, project_id))


@router.post(
    "/{uuid:project_id}/advance", response={200: DossierOut, FAILURES: Problem, 409: Problem}, summary="Bring a project to its next stage"
)
def advance_project(request: HttpRequest, project_id: uuid.UUID, given: AdvanceIn) -> Any:
    """Let a project enter its next stage; one where it stands already is no fault, so that sent twice makes one.

    A gate that two persons decide is asked for and decided on the pages.
    """
    require(request, Permission.PROJECTS_EDIT)
    found = project_of(request, project_id)
    if found.stage != given.to:
        values = {"project": found, "to": Stage(given.to), "occurred_on": given.occurred_on, "note": plain(given.note)}
        _done(found, given.to, stages.advance, by=request.user, **values)
    return _told(request, project_of(request, project_id))


@router.post("/nodes/{uuid:node_id}/finish", response={200: DossierOut, FAILURES: Problem, 409: Problem}, summary="Call a sub-node done")
def finish_node(request: HttpRequest, node_id: uuid.UUID, given: FinishIn) -> Any:
    """Call a sub-node done, its evidence handed in on the pages. One that is done already is no fault."""
    require(request, Permission.PROJECTS_EDIT)
    node = named(Node.objects.visible_to(request.user).select_related("project"), node_id)
    found = project_of(request, node.project.public_id)
    if node.state != NodeState.DONE:
        _done(found, "", nodes.finish, node=node, done_on=given.done_on, note=plain(given.note), by=request.user)
    return _told(request, project_of(request, found.public_id))


# --- agreements, offers, promises -------------------------------------------------------------------------------------------------------
class AgreementOut(Schema):
    """An agreement. `next`: what comes next of it; of a confidential project neither title nor counterpart. Money in yuan."""

    public_id: uuid.UUID = Field(alias="line.agreement.public_id")
    project_id: uuid.UUID = Field(alias="line.agreement.project.public_id")
    project: str = Field(alias="line.agreement.project.outside_name")
    kind: str = Field(alias="line.agreement.kind")
    state: str = Field(alias="line.agreement.state")
    title: str
    counterpart: str
    amount_yuan: Decimal | None = Field(alias="line.agreement.amount_yuan")
    signed_on: dt.date | None = Field(alias="line.agreement.signed_on")
    ended_on: dt.date | None = Field(alias="line.agreement.ended_on")
    hinders: list[str] = Field(alias="line.hinders")
    next: str = Field(alias="next.words")

    @staticmethod
    def resolve_title(row: Any) -> str:
        """What it is called."""
        return _open(row.line.agreement.project, row.line.agreement.title)

    @staticmethod
    def resolve_counterpart(row: Any) -> str:
        """Who signs on the other side."""
        return _open(row.line.agreement.project, row.line.agreement.counterpart)


class OfferOut(Schema):
    """An offer. `needed`: whose authority it takes; `level`: who is asked, or by whose authority it was answered. Money in yuan."""

    public_id: uuid.UUID = Field(alias="line.offer.public_id")
    project_id: uuid.UUID = Field(alias="line.offer.project.public_id")
    project: str = Field(alias="line.offer.project.outside_name")
    what: str
    amount_yuan: Decimal | None = Field(alias="line.offer.amount_yuan")
    needed: str = Field(alias="line.offer.needed")
    level: str = Field(alias="line.offer.level")
    state: str = Field(alias="line.offer.state")

    @staticmethod
    def resolve_what(row: Any) -> str:
        """What is offered."""
        return _open(row.line.offer.project, row.line.offer.what)


class PromiseOut(Schema):
    """A promise as it stands today. `side`: ours or theirs; amounts in its `measure`, money in yuan."""

    public_id: uuid.UUID = Field(alias="line.commitment.public_id")
    project_id: uuid.UUID = Field(alias="line.commitment.project.public_id")
    project: str = Field(alias="line.commitment.project.outside_name")
    side: str = Field(alias="line.commitment.side")
    kind: str = Field(alias="line.commitment.kind")
    text: str
    amount: Decimal | None = Field(alias="line.commitment.amount")
    measure: str = Field(alias="line.commitment.measure")
    reached_amount: Decimal | None = Field(alias="line.reached_amount")
    due_on: dt.date | None = Field(alias="line.commitment.due_on")
    state: str = Field(alias="line.state")
    kept_on: dt.date | None = Field(alias="line.kept_on")
    is_waiver_asked: bool = Field(alias="line.is_waiver_asked")

    @staticmethod
    def resolve_text(row: Any) -> str:
        """What was promised."""
        return _open(row.line.commitment.project, row.line.commitment.text)


def _open(project: Project, text: str) -> str:
    """What a list tells of a project that is not confidential."""
    return "" if project.is_confidential else text


class PromiseIn(Schema):
    """What one side promised. `amount` in its `measure`, money in yuan; `unit`: who answers for what we promise."""

    side: Side
    kind: CommitmentKind
    text: str = Field(max_length=500)
    amount: Decimal | None = Field(None, max_digits=18, decimal_places=2)
    measure: Measure | None = None
    due_on: dt.date | None = None
    unit: uuid.UUID | None = None
    agreement: uuid.UUID | None = None


class DoneIn(Schema):
    """That a promise was done, or how much of it. `evidence`: a piece of evidence of the project that proves it."""

    evidence: uuid.UUID
    done_on: dt.date | None = None
    amount: Decimal | None = Field(None, max_digits=18, decimal_places=2)
    note: str = Field("", max_length=500)


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=300)


class AnswerIn(Schema):
    """Yes or no, and in words; a no says why."""

    is_granted: bool
    words: str = Field("", max_length=500)


class OfferIn(Schema):
    """What is to be offered. `clause`: of which policy. Money in yuan."""

    what: str = Field(max_length=300)
    amount_yuan: Decimal | None = Field(None, max_digits=18, decimal_places=2)
    clause: str = Field("", max_length=300)
    agreement: uuid.UUID | None = None
    words: str = Field("", max_length=500)


class SignIn(Schema):
    """On which day it was signed; default today."""

    signed_on: dt.date | None = None


class EndIn(ReasonIn):
    """When it ended, default today, and why."""

    ended_on: dt.date | None = None


def papered(action: Callable[..., Any], /, **values: Any) -> Any:
    """Call an action of papers; what the person may not do is a 403, what the rules refuse a 409 with its codes and words."""
    try:
        return action(at=timezone.now(), **values)
    except guarding.NotAllowed as refused:
        raise PermissionDenied("no role of yours reaches it") from refused
    except agreements.Refused as refused:
        raise HttpError(409, f"refused: {refused}. {' '.join(agreement_words.refusal_words(refused.refusals))}") from refused
    except commitments.Refused as refused:
        raise HttpError(409, f"refused: {refused}. {' '.join(promise_words.refusal_words(refused.refusals))}") from refused
    except journal.Refused as refused:
        raise HttpError(409, f"{refused}: the file could not be kept") from refused


def on_paper(request: HttpRequest, found: Any, key: uuid.UUID, *able: Permission) -> Any:
    """An agreement, offer or promise that the person may see, for somebody who may do something with such."""
    if not any(request.user.may(permission) for permission in able or (Permission.PROJECTS_EDIT,)):  # type: ignore[union-attr]
        raise PermissionDenied(f"the permission {Permission.PROJECTS_EDIT} is needed")
    one = named(found.visible_to(request.user).select_related("project"), key)
    project_of(request, one.project.public_id)
    return one


def agreement_told(found: Agreement) -> Any:
    return paper_pages.agreement_rows([found.pk], access.today())[0]


def _offer_told(found: Offer, user: Any) -> Any:
    return paper_pages.offer_rows([found.pk], user)[0]


def _promise_told(found: Commitment, user: Any) -> Any:
    return paper_pages.promise_rows([found.pk], user, access.today())[0]


@router.get("/agreements", response={200: list[AgreementOut], FAILURES: Problem}, summary="Agreements one may see")
@paginate(DrawnPages)
@typed
def agreement_list(
    request: HttpRequest, text: str = Query("", max_length=100), kind: AgreementKind | Literal[""] = "",
    state: Literal["", "drafted", "under_review", "signed", "ended", "opinion"] = "",
) -> Any:  # fmt: skip
    """Agreements, the newest first; `state` opinion: those that wait for an opinion that was asked for."""
    require(request, Permission.PROJECTS_VIEW)
    found = paper_pages.agreements_found(request.user, {"text": plain(text), "kind": kind, "state": state})
    return found.order_by("-at", "-pk"), lambda keys: paper_pages.agreement_rows(keys, access.today())


@router.get("/offers", response={200: list[OfferOut], FAILURES: Problem}, summary="Offers one may see")
@paginate(DrawnPages)
@typed
def offer_list(request: HttpRequest, which: Literal["", "mine", "asked", "granted", "declined", "withdrawn"] = "") -> Any:
    """Offers, the newest first; `which` mine: those that wait for one's own answer."""
    require(request, Permission.PROJECTS_VIEW)
    found = paper_pages.offers_found(request.user, {"which": which})
    return found.order_by("-at", "-pk"), lambda keys: paper_pages.offer_rows(keys, request.user)


@router.get("/promises", response={200: list[PromiseOut], FAILURES: Problem}, summary="Promises one may see")
@paginate(DrawnPages)
@typed
def promise_list(  # noqa: PLR0917 - ninja reads each parameter of the query by its name
    request: HttpRequest, text: str = Query("", max_length=100), side: Side | Literal[""] = "", kind: CommitmentKind | Literal[""] = "",
    state: CommitmentState | Literal["", "broken_now"] = "", since: dt.date | None = None, until: dt.date | None = None,
) -> Any:  # fmt: skip
    """Promises by the day on which they are to be kept; those that stand unless `state` says replaced."""
    require(request, Permission.PROJECTS_VIEW)
    given = {"text": plain(text), "side": side, "kind": kind, "state": state, "since": since, "until": until}
    found = paper_pages.promises_found(request.user, given, access.today())
    return found.order_by("due_on", "pk"), lambda keys: paper_pages.promise_rows(keys, request.user, access.today())


@router.post("/{uuid:project_id}/promises", response={200: PromiseOut, FAILURES: Problem, 409: Problem}, summary="Enter a promise")
def add_promise(request: HttpRequest, project_id: uuid.UUID, given: PromiseIn) -> Any:
    """Enter what one side promised; the same that stands is that one, so that sent twice makes one."""
    require(request, Permission.PROJECTS_EDIT)
    project = project_of(request, project_id)
    said = Promise(
        given.side, given.kind, plain(given.text), given.amount, given.measure, given.due_on, named(Unit.objects.all(), given.unit), None,
        named(Agreement.objects.filter(project=project), given.agreement),
    )  # fmt: skip
    return _promise_told(papered(paper_files.promise, project=project, said=said, by=request.user), request.user)


@router.post("/promises/{uuid:promise_id}/done", response={200: PromiseOut, FAILURES: Problem, 409: Problem}, summary="A promise was done")
def mark_promise(request: HttpRequest, promise_id: uuid.UUID, given: DoneIn) -> Any:
    """Enter what was done of a promise, proved by evidence of the project; files are sent on the pages."""
    found = on_paper(request, Commitment.objects.all(), promise_id)
    proof = named(Evidence.objects.filter(project=found.project), given.evidence)
    values = {"done_on": given.done_on or access.today(), "amount": given.amount, "words": plain(given.note), "evidence": proof}
    papered(paper_files.mark_done, commitment=found, file=None, by=request.user, **values)
    return _promise_told(found, request.user)


@router.post(
    "/promises/{uuid:promise_id}/ask-waiver", response={200: PromiseOut, FAILURES: Problem, 409: Problem}, summary="Ask for a waiver"
)
def ask_waiver(request: HttpRequest, promise_id: uuid.UUID, given: ReasonIn) -> Any:
    """Ask that a promise be waived; another person decides."""
    found = on_paper(request, Commitment.objects.all(), promise_id)
    papered(commitments.ask_waiver, commitment=found, reason=plain(given.reason), by=request.user)
    return _promise_told(found, request.user)


@router.post(
    "/promises/{uuid:promise_id}/answer-waiver", response={200: PromiseOut, FAILURES: Problem, 409: Problem}, summary="Answer a waiver"
)
def answer_waiver(request: HttpRequest, promise_id: uuid.UUID, given: AnswerIn) -> Any:
    """Waive a promise as the second person, or decline to."""
    found = on_paper(request, Commitment.objects.all(), promise_id, Permission.PROJECTS_DECIDE)
    words = plain(given.words)
    papered(commitments.answer_waiver, commitment=found, is_granted=given.is_granted, words=words, by=request.user)
    return _promise_told(found, request.user)


@router.post("/{uuid:project_id}/offers", response={200: OfferOut, FAILURES: Problem, 409: Problem}, summary="Offer something")
def add_offer(request: HttpRequest, project_id: uuid.UUID, given: OfferIn) -> Any:
    """Offer something: granted within one's own authority, else the next one up is asked; sent twice it is one."""
    require(request, Permission.PROJECTS_EDIT)
    project = project_of(request, project_id)
    within = named(Agreement.objects.filter(project=project), given.agreement)
    values = {"what": plain(given.what), "clause": plain(given.clause), "words": plain(given.words), "amount_yuan": given.amount_yuan}
    return _offer_told(papered(paper_files.offer, project=project, agreement=within, by=request.user, **values), request.user)


@router.post("/offers/{uuid:offer_id}/answer", response={200: OfferOut, FAILURES: Problem, 409: Problem}, summary="Answer an offer")
def answer_offer(request: HttpRequest, offer_id: uuid.UUID, given: AnswerIn) -> Any:
    """Answer an offer that waits; what is above one's own authority goes to the next one up."""
    found = on_paper(request, Offer.objects.all(), offer_id, Permission.PROJECTS_EDIT, Permission.PROJECTS_DECIDE)
    papered(agreements.answer, offer=found, is_granted=given.is_granted, words=plain(given.words), by=request.user)
    return _offer_told(found, request.user)


@router.post("/offers/{uuid:offer_id}/withdraw", response={200: OfferOut, FAILURES: Problem, 409: Problem}, summary="Take an offer back")
def withdraw_offer(request: HttpRequest, offer_id: uuid.UUID, given: ReasonIn) -> Any:
    """Take an offer back with its reason."""
    found = on_paper(request, Offer.objects.all(), offer_id)
    papered(agreements.withdraw_offer, offer=found, reason=plain(given.reason), by=request.user)
    return _offer_told(found, request.user)


@router.post(
    "/agreements/{uuid:agreement_id}/sign", response={200: AgreementOut, FAILURES: Problem, 409: Problem}, summary="An agreement was signed"
)
def sign_agreement(request: HttpRequest, agreement_id: uuid.UUID, given: SignIn) -> Any:
    """Enter that an agreement was signed; one that is signed already is no fault."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    if found.state != AgreementState.SIGNED:
        papered(agreements.sign, agreement=found, signed_on=given.signed_on or access.today(), by=request.user)
    return agreement_told(found)


@router.post(
    "/agreements/{uuid:agreement_id}/end", response={200: AgreementOut, FAILURES: Problem, 409: Problem}, summary="An agreement ended"
)
def end_agreement(request: HttpRequest, agreement_id: uuid.UUID, given: EndIn) -> Any:
    """End an agreement with its reason; of a signed one whoever directs the work."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    ended_on, reason = given.ended_on or access.today(), plain(given.reason)
    papered(agreements.end, agreement=found, ended_on=ended_on, reason=reason, by=request.user)
    return agreement_told(found)
