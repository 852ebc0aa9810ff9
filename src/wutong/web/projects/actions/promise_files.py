"""Promises taken in from a file: each row one; undone, they go again as long as nothing was entered about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib.exchange import Batch, Made, SheetRow, Written
from wutong.web.projects.actions import commitments
from wutong.web.projects.actions.commitments import Promise
from wutong.web.projects.queries import promise_files
from wutong.web.projects.queries.promise_files import PromiseRow


@transaction.atomic
def take_in(*, rows: Sequence[SheetRow], batch: Batch, by: Any, at: dt.datetime) -> Written:
    """Enter a piece of a list of promises. Raises: NotAllowed."""
    refusing.require(by, Permission.PROJECTS_EDIT)
    good, bad = promise_files.read(rows, by)
    made = [Made(one.row, commitments.promise(project=one.project, said=_said(one), by=by, at=at)) for one in good if not one.is_there]
    wrong = tuple((row, field, told) for row, faults in bad.items() for field, told in faults)
    return Written(tuple(made), wrong, {"file": batch.file})


def _said(one: PromiseRow) -> Promise:
    return Promise(one.side, one.kind, one.text, one.amount, one.measure, one.due_on, one.unit, None, one.agreement)
