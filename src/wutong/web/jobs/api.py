"""Background jobs as JSON; the same queries as the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from wutong.web.jobs import queries

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
