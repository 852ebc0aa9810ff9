"""Bulletins as JSON and files: those one may see, one with its text, a file of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from wutong.web.assessment.actions import bulletins as actions
from wutong.web.assessment.api.runs import FAILURES, done, named, plain, require, typed
from wutong.web.assessment.models import Bulletin
from wutong.web.assessment.queries import bulletin_papers
from wutong.web.assessment.queries import bulletins as queries
from wutong.web.lib import papers
from wutong.web.lib.access import Problem
from wutong.web.lib.lists import Pages

router = Router(tags=["assessment"])
FILE = {"responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}}


class BulletinOut(Schema):
    """A bulletin. `number` None while it is a draft; `state`: draft, signed, archived, dropped; `withdrawn_at`: it stands no more."""

    public_id: uuid.UUID
    title: str
    run: uuid.UUID = Field(alias="run.public_id")
    on: dt.date = Field(alias="run.on")
    unit: str = Field(alias="unit.name")
    year: int | None
    number: int | None
    state: str
    signed_at: dt.datetime | None
    withdrawn_at: dt.datetime | None


class BulletinFileOut(Schema):
    """A file of a bulletin: its form and SHA-256."""

    form: str
    sha256: str
    made_at: dt.datetime


class OneBulletinOut(BulletinOut):
    """A bulletin with its text, its number as it is written, the hash of text and facts, and its files."""

    text: str
    digest: str
    signed_by: str
    files: list[BulletinFileOut]

    @staticmethod
    def resolve_signed_by(row: Any) -> str:
        """Who signed it; "" while it is a draft."""
        return str(row.signed_by or "")

    @staticmethod
    def resolve_files(row: Any) -> list[Any]:
        """Without their contents."""
        return list(row.files.defer("content").order_by("form"))


def _of(request: HttpRequest, public_id: uuid.UUID) -> Bulletin:
    require(request)
    found: Bulletin = named(Bulletin.objects.visible_to(request.user).select_related("run__scheme", "unit", "signed_by"), public_id)
    return found


@router.get("", response={200: list[BulletinOut], FAILURES: Problem}, summary="Bulletins one may see", url_name="assessment_bulletins")
@paginate(Pages)
@typed
def list_bulletins(
    request: HttpRequest, text: str = Query("", max_length=100),
    state: Literal["", "draft", "signed", "archived", "dropped", "withdrawn"] = "",
) -> Any:  # fmt: skip
    """Bulletins, the last day first; without `state` none that was dropped."""
    require(request)
    return queries.matching(request.user, text=plain(text), state=state).order_by("-run__on", "-pk")


@router.get(
    "/{uuid:bulletin_id}", response={200: OneBulletinOut, FAILURES: Problem}, summary="One bulletin", url_name="assessment_bulletin"
)
def one_bulletin(request: HttpRequest, bulletin_id: uuid.UUID) -> Any:
    """A bulletin with its text and the hashes of its files."""
    return _of(request, bulletin_id)


@router.get(
    "/{uuid:bulletin_id}/files/{form}", response={200: None, FAILURES: Problem}, summary="A file of a bulletin",
    url_name="assessment_bulletin_file", openapi_extra=FILE,
)  # fmt: skip
def bulletin_file(request: HttpRequest, bulletin_id: uuid.UUID, form: str) -> Any:
    """Word, PDF or Excel as it was made; that it left the house is recorded."""
    found = _of(request, bulletin_id)
    kept = found.files.filter(form=form).first()
    if kept is None:
        raise Http404
    done(actions.note_download, file=kept, by=request.user)
    response = HttpResponse(bytes(kept.content), content_type=bulletin_papers.media_type(form))
    response["Content-Disposition"] = content_disposition_header(True, f"{papers.file_name(found.title)}.{form}")
    return response
