"""Background jobs and subscriptions of events as JSON; the same queries as the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.accounts.rules.access import Permission
from wutong.web.jobs import queries
from wutong.web.jobs.models import Message, MessageQuerySet, WebhookQuerySet
from wutong.web.lib.lists import Pages

router = Router(tags=["jobs"])


class JobOut(Schema):
    """A job and how far it is. `share` 0-1, null where nobody knows; `address` is the page of the result; `fault` says why it failed."""

    public_id: uuid.UUID
    kind: str
    title: str
    state: str
    step: str
    pieces_done: int
    pieces_total: int
    share: float | None
    seconds_left: float | None
    queued_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    is_cancel_asked: bool
    fault_code: str
    fault: str
    address: str
    result: dict[str, Any] | None


@router.get("/jobs/{job_id}", response=JobOut, summary="A background job and how far it is")
def job(request: HttpRequest, job_id: uuid.UUID) -> JobOut:
    """One's own job; whoever looks after the server sees the others' without what they are about."""
    found = get_object_or_404(queries.jobs(request.user), public_id=job_id)
    if not queries.is_open_to_token(found, request.user):
        raise PermissionDenied
    shown = queries.progress(found, request.user)
    return JobOut(
        public_id=found.public_id, kind=found.kind, title=shown.title, state=shown.state, step=shown.step, pieces_done=shown.pieces_done,
        pieces_total=shown.pieces_total, share=shown.share, seconds_left=shown.seconds_left, queued_at=found.queued_at,
        started_at=found.started_at, ended_at=found.ended_at, is_cancel_asked=shown.is_cancel_asked, fault_code=found.fault_code,
        fault=shown.fault, address=shown.address, result=found.result if shown.is_open else None,
    )  # fmt: skip


class WebhookOut(Schema):
    """A subscription of events. `events`: the codes of the events that it is told of; `person_id`: by whose rights."""

    public_id: uuid.UUID
    name: str
    state: str
    host: str
    events: list[str]
    person_id: uuid.UUID
    failures: int
    made_at: dt.datetime
    agreed_at: dt.datetime | None

    @staticmethod
    def resolve_person_id(webhook: Any) -> uuid.UUID:
        """The public id of the person."""
        return webhook.person.public_id  # type: ignore[no-any-return]


class DeliveryOut(Schema):
    """One event to one subscription: how it went, never what it is about. `answer_number`: what the receiver answered last (HTTP)."""

    public_id: uuid.UUID
    event: str
    state: str
    attempts: int
    answer_number: int | None
    fault: str
    written_at: dt.datetime
    due_at: dt.datetime
    sent_at: dt.datetime | None

    @staticmethod
    def resolve_event(message: Message) -> str:
        """The code of the event."""
        return message.title

    @staticmethod
    def resolve_attempts(message: Message) -> int:
        """How many attempts were made."""
        return message.attempt_no


def _require(request: HttpRequest) -> None:
    if not request.user.may(Permission.JOBS_VIEW):  # type: ignore[union-attr]
        raise PermissionDenied


@router.get("/webhooks", response=list[WebhookOut], summary="Subscriptions of events")
@paginate(Pages)
def webhooks(request: HttpRequest) -> WebhookQuerySet:
    """Those that are not deleted, by name; for whoever looks after the server."""
    _require(request)
    return queries.webhooks_matching(queries.webhooks(request.user))


@router.get("/webhooks/{webhook_id}/deliveries", response=list[DeliveryOut], summary="How the events of a subscription went")
@paginate(Pages)
def deliveries(request: HttpRequest, webhook_id: str, state: str = Query("", pattern="^[a-z]{0,10}$")) -> MessageQuerySet:
    """Newest first; `state` as the answers have it."""
    _require(request)
    if not queries.is_id(webhook_id):
        raise Http404
    webhook = get_object_or_404(queries.webhooks(request.user), public_id=webhook_id)
    found = queries.outbox_matching(queries.outbox(request.user), webhook=webhook.public_id, state=state)
    return found.order_by("-written_at", "-pk")
