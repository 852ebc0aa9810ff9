"""The papers of agreements as JSON and files: drafts, versions, reviews, opinions, decisions, by the actions of the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from wutong.web.accounts.models import Unit
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import DrawnPages
from wutong.web.projects.actions import agreements, paper_files
from wutong.web.projects.api.progress import FILE
from wutong.web.projects.api.projects import (
    FAILURES,
    AgreementOut,
    agreement_told,
    named,
    on_paper,
    papered,
    plain,
    project_of,
    require,
    router,
    typed,
)
from wutong.web.projects.models import Agreement, OpinionAsk
from wutong.web.projects.queries import paper_may
from wutong.web.projects.rules.agreements import AgreementKind, AgreementState, MeetingDecision, OpinionKind, Result

ANSWERS = {200: AgreementOut, FAILURES: Problem, 409: Problem}


class AskOut(Schema):
    """A question for an opinion. Of a confidential project the title is empty."""

    public_id: uuid.UUID
    agreement_id: uuid.UUID = Field(alias="agreement.public_id")
    title: str
    kind: str
    unit: str = Field(alias="unit.name")
    due_on: dt.date
    words: str
    is_open: bool

    @staticmethod
    def resolve_title(row: Any) -> str:
        """What the agreement is called."""
        return "" if row.agreement.project.is_confidential else row.agreement.title


class DraftIn(Schema):
    """What is said of a draft. `replaces`: the signed agreement whose place it is to take. Money in yuan."""

    kind: AgreementKind
    title: str = Field(max_length=200)
    counterpart: str = Field(max_length=300)
    amount_yuan: Decimal | None = Field(None, max_digits=18, decimal_places=2)
    replaces: uuid.UUID | None = None


class VersionIn(Schema):
    """What changed; an amount where it is another. Money in yuan."""

    changed: str = Field(max_length=500)
    amount_yuan: Decimal | None = Field(None, max_digits=18, decimal_places=2)


class AskIn(Schema):
    """Which unit is asked for which opinion, by when."""

    kind: OpinionKind
    unit: uuid.UUID
    due_on: dt.date
    words: str = Field("", max_length=500)


class AnswerAskIn(Schema):
    """What the unit that was asked says."""

    result: Result
    dated_on: dt.date | None = None
    words: str = Field("", max_length=1000)


class OpinionIn(AnswerAskIn):
    """An opinion that a unit gave on paper."""

    kind: OpinionKind
    unit: uuid.UUID


class DecisionIn(Schema):
    """What a decision meeting decided."""

    meeting: str = Field(max_length=200)
    decision: MeetingDecision
    met_on: dt.date | None = None
    words: str = Field("", max_length=1000)


def _file(request: HttpRequest) -> Any:
    """The file that was sent along. Raises: HttpError where there is none."""
    found = request.FILES.get("file")
    if found is None:
        raise HttpError(400, "the file is missing: send it as multipart/form-data under the name file")
    return found


def _dated(given: Any, name: str) -> dt.date:
    return getattr(given, name) or access.today()


@router.post("/{uuid:project_id}/agreements", response=ANSWERS, summary="Draft an agreement", openapi_extra=FILE)
def draft_agreement(request: HttpRequest, project_id: uuid.UUID, given: Query[DraftIn]) -> Any:
    """Draft an agreement with its text (`file`, multipart), or another in the place of a signed one; sent twice it is one."""
    require(request, Permission.PROJECTS_EDIT)
    project = project_of(request, project_id)
    said = {name: plain(getattr(given, name)) for name in ("title", "counterpart")}
    made = papered(
        paper_files.draft, project=project, kind=given.kind, amount_yuan=given.amount_yuan, file=_file(request), by=request.user,
        replaces=named(Agreement.objects.filter(project=project), given.replaces), **said,
    )  # fmt: skip
    return agreement_told(made)


@router.post("/agreements/{uuid:agreement_id}/versions", response=ANSWERS, summary="Add a version of the text", openapi_extra=FILE)
def add_version(request: HttpRequest, agreement_id: uuid.UUID, given: Query[VersionIn]) -> Any:
    """Add a version of the text (`file`, multipart) before it is signed; the same sent twice is one."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    said = {"changed": plain(given.changed), "amount_yuan": given.amount_yuan}
    papered(paper_files.add_version, agreement=found, file=_file(request), by=request.user, **said)
    return agreement_told(found)


@router.post("/agreements/{uuid:agreement_id}/review", response=ANSWERS, summary="Hand a draft to review")
def review_agreement(request: HttpRequest, agreement_id: uuid.UUID) -> Any:
    """Hand a draft to those who give opinions and decide; one that is under review is no fault."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    if found.state != AgreementState.UNDER_REVIEW:
        papered(agreements.hand_to_review, agreement=found, by=request.user)
    return agreement_told(found)


@router.post("/agreements/{uuid:agreement_id}/ask-opinion", response=ANSWERS, summary="Ask a unit for its opinion")
def ask_opinion(request: HttpRequest, agreement_id: uuid.UUID, given: AskIn) -> Any:
    """Ask a unit for its opinion; whoever works for it sees the agreement and its text from then on."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    unit, words = named(Unit.objects.all(), given.unit), plain(given.words)
    papered(agreements.ask_opinion, agreement=found, kind=given.kind, unit=unit, due_on=given.due_on, words=words, by=request.user)
    return agreement_told(found)


@router.post("/agreements/{uuid:agreement_id}/opinions", response=ANSWERS, summary="Enter an opinion", openapi_extra=FILE)
def give_opinion(request: HttpRequest, agreement_id: uuid.UUID, given: Query[OpinionIn]) -> Any:
    """Enter the opinion that a unit gave on paper (`file`, multipart) on the last version of the text."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    said = {"kind": given.kind, "result": given.result, "unit": named(Unit.objects.all(), given.unit), "words": plain(given.words)}
    papered(paper_files.opine, agreement=found, dated_on=_dated(given, "dated_on"), file=_file(request), by=request.user, **said)
    return agreement_told(found)


@router.post("/agreements/{uuid:agreement_id}/decisions", response=ANSWERS, summary="What a meeting decided", openapi_extra=FILE)
def decide_agreement(request: HttpRequest, agreement_id: uuid.UUID, given: Query[DecisionIn]) -> Any:
    """Enter what a decision meeting decided with its minutes (`file`, multipart); the same sent twice is one."""
    found = on_paper(request, Agreement.objects.all(), agreement_id)
    said = {"meeting": plain(given.meeting), "decision": given.decision, "words": plain(given.words)}
    papered(paper_files.decide, agreement=found, met_on=_dated(given, "met_on"), file=_file(request), by=request.user, **said)
    return agreement_told(found)


@router.get("/opinions", response={200: list[AskOut], FAILURES: Problem}, summary="Opinions that one may give")
@paginate(DrawnPages)
@typed
def opinion_asks(request: HttpRequest) -> Any:
    """The questions for opinions that wait for one's unit, what is due first at the top."""
    require(request, Permission.PROJECTS_EDIT)
    found = paper_may.asked_of(request.user).order_by("due_on", "pk")
    return found, _in_order


def _in_order(keys: Any) -> list[OpinionAsk]:
    there = {ask.pk: ask for ask in OpinionAsk.objects.filter(pk__in=keys).select_related("unit", "agreement__project")}
    return [there[key] for key in keys]


@router.post(
    "/opinions/{uuid:ask_id}", response={200: AskOut, FAILURES: Problem, 409: Problem}, summary="Give the opinion", openapi_extra=FILE
)
def answer_ask(request: HttpRequest, ask_id: uuid.UUID, given: Query[AnswerAskIn]) -> Any:
    """Give the opinion for which one's unit was asked, with its paper (`file`, multipart); one that was given is no fault."""
    require(request, Permission.PROJECTS_EDIT)
    ask = named(OpinionAsk.objects.visible_to(request.user).select_related("unit", "agreement__project__unit"), ask_id)
    if ask.opinion_id is None:
        said = {"result": given.result, "dated_on": _dated(given, "dated_on"), "words": plain(given.words)}
        papered(paper_files.answer_ask, ask=ask, file=_file(request), by=request.user, **said)
    (told,) = _in_order([ask.pk])
    return told
