"""What is kept of imports for a time: the file, what its check found, and what stood there before, so that it can be undone."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.rules import BatchState

AFTERWARDS = {
    BatchState.DONE: BatchState.CLOSED,
    BatchState.UNDONE: BatchState.UNDONE,
    BatchState.CHECKING: BatchState.DROPPED,
    BatchState.CHECKED: BatchState.DROPPED,
    BatchState.UNREADABLE: BatchState.DROPPED,
}
FOUND = ("changes", "faults")  # what the check tells in words that name people, or by files that are gone then


@transaction.atomic
def close_old(*, by: None, at: dt.datetime) -> int:
    """Delete file, findings and former values of imports whose time is over; what they wrote stays. Returns how many.

    Counted from the upload or the writing, whichever is later. Why: a list of people holds their addresses, and so does what stood there
    before. One that broke off while rows were written or taken back waits for a person.
    """
    before = at - dt.timedelta(days=settings.IMPORT_KEPT_DAYS)
    old = ImportBatch.objects.select_for_update(of=("self",)).select_related("job").filter(uploaded_at__lt=before)
    old = old.exclude(written_at__gte=before).filter(state__in=list(AFTERWARDS))
    found = [batch for batch in old if not batch.is_running and _is_held(batch)]
    for batch in found:
        batch.state = AFTERWARDS[BatchState(batch.state)]
        batch.counts = {name: told for name, told in batch.counts.items() if name not in FOUND}
        batch.headers, batch.columns, batch.left_out, batch.standing = [], {}, [], []
        batch.save(update_fields=["state", "counts", "headers", "columns", "left_out", "standing"])
    ImportedRecord.objects.filter(batch__in=found).delete()
    paths = [batch.path for batch in found]
    transaction.on_commit(lambda: _remove(paths))
    return len(found)


def _is_held(batch: ImportBatch) -> bool:
    return batch.state != BatchState.UNDONE or bool(batch.headers) or batch.path.exists()


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
