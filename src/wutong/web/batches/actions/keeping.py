"""What is kept of imports for a time: the file, what its check found, and what stood there before, so that it can be undone."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

from django.conf import settings
from django.db import transaction

from wutong.web.audit import actions as audit
from wutong.web.batches import rules
from wutong.web.batches.actions.imports import facts_of, held, refuse, require_open
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.rules import BatchState

FOUND = ("changes", "faults")  # what the check tells in words that name people, or by files that are gone then
FINAL = (BatchState.CLOSED, BatchState.ENDED_IN_PART, BatchState.DROPPED)
HALF_DONE = rules.BROKEN_OFF | {BatchState.PARTLY_UNDONE}


@transaction.atomic
def keep(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """What stands of an import that broke off stays. Where a part is missing it ends with that, and can be undone no more.

    Raises: NotAllowed, Refused.
    """
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_keep(found.facts()))
    ended, was = _ended(found), found.state
    if ended == BatchState.CLOSED:  # all of it stands: as if nobody had begun to undo it
        found.state, found.standing = BatchState.DONE, []
        found.save(update_fields=["state", "standing"])
    else:
        _close(found, ended, at=at)
    audit.record(action="batches.keep", by=by, at=at, obj=found, changes={**facts_of(found), "state": {"old": was, "new": found.state}})
    return found


@transaction.atomic
def close_old(*, by: None, at: dt.datetime) -> int:
    """Delete file, findings and former values of imports whose time is over; what they wrote stays. Returns how many.

    Counted from the upload or the writing, whichever is later; of one that broke off and that nobody decided about, from then. Why: a list
    of people holds their addresses, and so does what stood there before.
    """
    before = at - dt.timedelta(days=settings.IMPORT_KEPT_DAYS)
    old = ImportBatch.objects.select_for_update(of=("self",)).select_related("job").filter(uploaded_at__lt=before)
    old = old.exclude(written_at__gte=before).exclude(state__in=FINAL).exclude(state__in=HALF_DONE, job__ended_at__gte=before)
    found = [batch for batch in old if not batch.is_running and _is_held(batch)]
    for batch in found:
        was = BatchState(batch.state)
        _close(batch, _ended(batch), at=at)
        if was in HALF_DONE:
            changes = {**facts_of(batch), "state": {"old": was, "new": batch.state}}
            audit.record(action="batches.end", by=by, at=at, obj=batch, changes=changes)
    return len(found)


def _ended(batch: ImportBatch) -> BatchState:
    return rules.ended(batch.facts(), undone_records=batch.undone_count, is_written=batch.written_at is not None)


def _close(batch: ImportBatch, state: BatchState, *, at: dt.datetime) -> None:
    """Let the import end so, without what was kept of it so that it could be gone on with or undone."""
    if state == BatchState.UNDONE:
        batch.undone_at = batch.undone_at or at
    batch.state = state
    batch.counts = {name: told for name, told in batch.counts.items() if name not in FOUND}
    batch.headers, batch.columns, batch.left_out, batch.standing = [], {}, [], []
    batch.save(update_fields=["state", "undone_at", "counts", "headers", "columns", "left_out", "standing"])
    ImportedRecord.objects.filter(batch=batch).delete()
    path = batch.path
    transaction.on_commit(lambda: shutil.rmtree(path, ignore_errors=True))


def _is_held(batch: ImportBatch) -> bool:
    return batch.state != BatchState.UNDONE or bool(batch.headers) or batch.path.exists()
