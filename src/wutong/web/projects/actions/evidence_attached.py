"""Evidence handed in with its file, once however often it is sent."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.journal.queries import files as kept_files
from wutong.web.projects.actions import evidence, guarding
from wutong.web.projects.models import Evidence, Node, Project


@transaction.atomic
def hand_in(
    *, project: Project, kind: str, by: Any, at: dt.datetime, node: Node | None = None, title: str = "", number: str = "",
    dated_on: dt.date | None = None, file: IO[bytes] | None = None, name: str = "",
) -> Evidence:  # fmt: skip
    """Hang the file on the project and hand it in; what stands there in the same words with the same file is that proof.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found = guarding.locked(project)
    sha256 = kept_files.examine(file).sha256 if file else ""
    same = Evidence.objects.standing().filter(
        project=found, node=node.key if node else "", kind=kind, title=title.strip()[:200], number=number.strip()[:100], dated_on=dated_on,
        is_absent=False,
    )  # fmt: skip
    there: Evidence | None = (same.filter(attachment__sha256=sha256) if sha256 else same.filter(attachment=None)).first()
    if there is not None:
        return there
    attached = files.attach(record=found, file=file, name=name, by=by, at=at).attachment if file else None
    return evidence.hand_in(
        project=found, kind=kind, node=node, title=title, number=number, dated_on=dated_on, attachment=attached, by=by, at=at
    )
