"""Background entry points of imports: check a file, write its rows, undo them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.batches.actions import imports, undoing
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import checking, standing
from wutong.web.batches.rules import BatchState
from wutong.web.lib.hooks import JobFault, Running

LOOKED_AT_ONCE = 5000


def _batch(job: Running) -> ImportBatch:
    return ImportBatch.objects.select_related("by__unit", "checked_by__unit", "unit", "job").get(pk=job.arguments["batch"])


def _asked(job: Running, *states: BatchState) -> ImportBatch:
    """The import of a job, which is still the one at it. Raises: JobFault.

    Why: a job that failed can be begun again long after somebody undid or threw away what it began.
    """
    batch = _batch(job)
    if batch.job_id != job.job_id or batch.state not in states:
        raise JobFault(_("Something else became of this import since; its page says where it stands."))
    return batch


def check_now(batch: ImportBatch, columns: Any = None, *, by: Any = None) -> ImportBatch:
    """Check a file here and now for whoever asks, and keep what was found, unless another check was asked for meanwhile."""
    return _checked(imports.begin_check(batch=batch, by=by or batch.actor, at=timezone.now()), columns)


def _checked(batch: ImportBatch, columns: Any, tell: checking.Tell = lambda done, total: None) -> ImportBatch:
    name = batch.checking_name
    try:
        examined = checking.examine(batch, name, columns, tell)
    except checking.Unreadable as fault:
        note = partial(imports.note_unreadable, fault=str(fault))
    else:
        note = partial(imports.note_checked, examined=examined)
    try:
        return note(batch=batch, check=name, by=batch.actor, at=timezone.now())
    except imports.Refused:
        batch.refresh_from_db()
        return batch


def check(job: Running) -> dict[str, Any]:
    """Check a file. Repeated where its worker is killed: it only reads. Where another check is wanted by now, it ends at once."""
    batch = _batch(job)
    job.step(_("Reading the file"))
    if batch.state == BatchState.CHECKING and batch.checking_name == job.arguments.get("check", ""):
        _checked(batch, job.arguments.get("columns"), lambda done, total: job.step(_("Checking rows"), done, total))
    return {"batch": str(batch.public_id)}


def write(job: Running) -> dict[str, Any]:
    """Write the rows of a batch piece by piece; a broken-off attempt is gone on with behind the last piece that stands."""
    batch = _asked(job, BatchState.WRITING, BatchState.TAKING_BACK)
    if batch.state == BatchState.TAKING_BACK:
        return _take_back(job, batch, None)
    total = checking.pieces(batch)
    for number in range(int(job.reached or 0), total):
        _stop_if_cancelled(job, batch, batch.actor)
        try:
            with job.fenced(reached=number + 1):
                imports.take_piece(batch=batch, number=number, check=job.arguments.get("check"), by=batch.actor, at=timezone.now())
        except imports.NotWhole as fault:
            return _take_back(job, batch, fault)
        except (imports.Refused, NotAllowed, checking.Unreadable) as fault:
            with job.fenced():
                imports.note_broken_off(batch=batch, by=batch.actor, at=timezone.now())
            raise JobFault(_("What is asked beside the file, or what you may do, has changed: %(fault)s") % {"fault": fault}) from fault
        job.step(_("Writing rows"), min((number + 1) * 1000, batch.counts.get("new", 0) + batch.counts.get("changed", 0)), _to_write(batch))
    result = {"batch": str(batch.public_id)}
    with job.fenced(result=result):
        imports.finish(batch=batch, by=batch.actor, at=timezone.now())
    return result


def _stop_if_cancelled(job: Running, batch: ImportBatch, by: Any) -> None:
    """End where somebody wants it, with an entry about what stands."""
    if job.is_cancelled():
        with job.fenced():
            imports.note_broken_off(batch=batch, by=by, at=timezone.now())
        job.stop_if_cancelled()


def _to_write(batch: ImportBatch) -> int:
    return int(batch.counts.get("new", 0) + batch.counts.get("changed", 0))


def _take_back(job: Running, batch: ImportBatch, fault: imports.NotWhole | None) -> dict[str, Any]:
    """All rows or none: what was written before a row proved bad is undone; without `fault` an earlier attempt began. Raises: JobFault."""
    is_begun, count = fault is None, 1
    try:
        while count:
            with job.fenced():
                if fault is not None and not is_begun:
                    imports.begin_taking_back(batch=batch, left=fault.left, by=batch.actor, at=timezone.now())
                count = undoing.undo_piece(batch=batch, by=batch.actor, at=timezone.now())
            is_begun = True
    except undoing.StandsOn as standing_on:
        with job.fenced():
            undoing.note_standing(batch=batch, found=standing_on.found, by=batch.actor, at=timezone.now())
        raise JobFault(
            _("A row proved bad, and what was written before cannot be taken back whole, for something stands on it.")
        ) from standing_on
    with job.fenced():
        left = imports.take_back(batch=batch, by=batch.actor, at=timezone.now()).left_out
    named = "; ".join(f"{row}: {expected}" for row, _field, expected in left[:5])
    raise JobFault(_("Rows that were good when they were checked are not any more, so none was written. %(rows)s") % {"rows": named})


def undo(job: Running) -> dict[str, Any]:
    """Undo a batch: first look whether something stands on it, then piece by piece, from the last record to the first."""
    batch, result = _asked(job, BatchState.UNDOING), {"batch": str(job.arguments["batch"])}
    records = ImportedRecord.objects.filter(batch=batch)
    total, seen, undone = records.count(), 0, 0
    below = None
    while job.reached is None:
        _stop_if_cancelled(job, batch, job.by)
        found = records if below is None else records.filter(pk__lt=below)
        looked_at = list(found.order_by("-pk")[:LOOKED_AT_ONCE])
        if not looked_at:
            break
        if standing_on := standing.of_records(batch, looked_at):
            return _refuse(job, batch, standing_on, result)
        below, seen = looked_at[-1].pk, seen + len(looked_at)
        job.step(_("Looking what stands on the records"), seen, total)
    while True:
        _stop_if_cancelled(job, batch, job.by)
        try:
            with job.fenced(reached="undoing"):
                count = undoing.undo_piece(batch=batch, by=job.by, at=timezone.now())
        except undoing.StandsOn as fault:
            return _refuse(job, batch, list(fault.found), result)
        if not count:
            break
        undone += count
        job.step(_("Undoing records"), undone, total)
    with job.fenced(result=result):
        undoing.note_undone(batch=batch, by=job.by, at=timezone.now())
    return result


def _refuse(job: Running, batch: ImportBatch, found: list[standing.Standing], result: dict[str, Any]) -> dict[str, Any]:
    with job.fenced(result=result):
        undoing.note_standing(batch=batch, found=found, by=job.by, at=timezone.now())
    return result
