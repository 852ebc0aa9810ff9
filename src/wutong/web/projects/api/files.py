"""The files of projects: texts and papers of agreements, proofs of gates, money and promises, photographs, as the pages hand them out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal.actions import files as file_actions
from wutong.web.journal.models import Attachment
from wutong.web.journal.queries import files
from wutong.web.lib.access import Problem
from wutong.web.projects.api.projects import FAILURES, named, project_of, require
from wutong.web.projects.models import OpinionAsk
from wutong.web.projects.queries import kept_files

router = Router(tags=["projects"])
TYPE = "application/octet-stream"  # whatever a file holds, no browser runs it
HANDED_OUT: dict[str, Any] = {
    "responses": {200: {"description": "The file", "content": {TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
}


class UseOut(Schema):
    """Of what a file is a paper: text, opinion or minutes of an agreement, evidence, money, promise, photograph; `of`: its public id."""

    what: str
    of: uuid.UUID


class FileOut(Schema):
    """A file of a project."""

    public_id: uuid.UUID = Field(alias="file.public_id")
    name: str = Field(alias="file.name")
    size_bytes: int = Field(alias="file.size_bytes")
    sha256: str = Field(alias="file.sha256")
    by: str
    at: dt.datetime = Field(alias="file.at")
    uses: list[UseOut]

    @staticmethod
    def resolve_by(row: Any) -> str:
        """Who hung it there."""
        return str(row.file.by)


def _handed_out(request: HttpRequest, file: Attachment | None) -> FileResponse:
    """A file to save; that of a sensitive one is written down. Raises: Http404 for one that is gone."""
    if file is None or not kept_files.is_there(file):
        raise Http404
    file_actions.note_download(attachment=file, by=request.user, at=timezone.now())
    return FileResponse(files.path_of(file.stored).open("rb"), as_attachment=True, filename=file.name, content_type=TYPE)


@router.get("/{uuid:project_id}/files", response={200: list[FileOut], FAILURES: Problem}, summary="Files of a project")
def project_files(request: HttpRequest, project_id: uuid.UUID) -> Any:
    """The files of a project that one may open, the oldest first, and of what each is the text, the paper or the proof."""
    require(request, Permission.JOURNAL_VIEW)
    return list(kept_files.of_project(request.user, project_of(request, project_id)))


@router.get("/files/{uuid:file_id}", response={FAILURES: Problem}, summary="A file of a project", openapi_extra=HANDED_OUT)
def project_file(request: HttpRequest, file_id: uuid.UUID) -> Any:
    """A file of a project as it was given: of an agreement, a proof, money, a promise or a photograph."""
    require(request, Permission.PROJECTS_VIEW)
    require(request, Permission.JOURNAL_VIEW)
    return _handed_out(request, named(kept_files.opened(request.user), file_id))


@router.get(
    "/opinions/{uuid:ask_id}/text", response={FAILURES: Problem}, summary="The text that one's unit is asked about",
    openapi_extra=HANDED_OUT,
)  # fmt: skip
def opinion_text(request: HttpRequest, ask_id: uuid.UUID, number: int | None = Query(None, ge=1, le=32767)) -> Any:
    """The text of the agreement about which one's unit was asked: its last version, or that of a `number`."""
    require(request, Permission.PROJECTS_EDIT)
    ask = named(OpinionAsk.objects.visible_to(request.user).filter(withdrawn_at=None).select_related("agreement"), ask_id)
    versions = ask.agreement.versions.select_related("attachment").order_by("-number")
    found = (versions.filter(number=number) if number else versions).first()
    return _handed_out(request, found.attachment if found else None)
