"""Money in place entered with the file of its proof, once however often it is sent."""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from django.db import transaction

from wutong.web.journal.actions import files
from wutong.web.projects.actions import funds, guarding
from wutong.web.projects.models import FundsEntry, Project


@transaction.atomic
def enter(
    *, project: Project, by: Any, at: dt.datetime, key: str, file: IO[bytes] | None = None, is_handed_in: bool = False, **values: Any
) -> FundsEntry:  # fmt: skip
    """Enter money with its file, and hand it in at once where that is wished.

    Raises: NotAllowed, Refused, and what `journal.actions.files.attach` raises.
    """
    found = guarding.locked(project)
    guarding.require_work(by, found)
    known: FundsEntry | None = FundsEntry.objects.filter(project=found, by=by, form_key=key).first() if key else None
    if known is not None:
        return known
    attached = files.attach(record=found, file=file, name=getattr(file, "name", ""), by=by, at=at).attachment if file else None
    made = funds.enter(project=found, by=by, at=at, key=key, attachment=attached, **values)
    if is_handed_in:
        funds.hand_in_review(entry=made, by=by, at=at)
    return made
