"""An export is asked for, made, downloaded, thrown away: each step with its audit entry."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit import actions as audit
from wutong.web.batches.actions.imports import Refused
from wutong.web.batches.models import ExportBatch, ImportBatch, RegistryFile
from wutong.web.batches.queries import giving
from wutong.web.batches.rules import BatchState, ExportState, Format, Refusal
from wutong.web.jobs import actions as jobs
from wutong.web.lib import exchange

EXPORT = "batches.export"
LEFT_DAYS = 1
"""Files that no row names are let lie so long: an upload or an export may be at them."""


@transaction.atomic
def ask(*, kind: str, query: str, format: str, by: Any, at: dt.datetime) -> ExportBatch:
    """Have a list exported in the background. Raises: NotAllowed, Refused."""
    exporting = exchange.exportings().get(kind)
    if exporting is None:
        raise Refused((Refusal.KIND_GONE,))
    if not exporting.may_have(by, giving.query_of(query)):
        raise NotAllowed(exporting.permission)
    title = giving.title_of(exporting, by, query)[:200]
    batch = ExportBatch.objects.create(kind=kind, title=title, query=query, format=Format(format), by=by, unit=by.unit, asked_at=at)
    batch.job = jobs.enqueue(kind=EXPORT, arguments={"export": batch.pk}, title=title, by=by, at=at)
    batch.save(update_fields=["job"])
    audit.record(action="batches.ask_export", by=by, at=at, obj=batch, changes={"kind": kind, "filter": query, "format": batch.format})
    return batch


@transaction.atomic
def note_ready(
    *, batch: ExportBatch, rows: int, size_bytes: int, reach: Sequence[tuple[str, int]], by: Any, at: dt.datetime
) -> ExportBatch:  # fmt: skip
    """The file is there: one entry with filter and number of rows, and whoever asked is told. `reach`: as it was before rows were read."""
    found = ExportBatch.objects.select_for_update(of=("self",)).select_related("by").get(pk=batch.pk)
    found.state, found.row_count, found.size_bytes, found.ready_at = ExportState.READY, rows, size_bytes, at
    found.kept_until = timezone.localdate(at) + dt.timedelta(days=settings.EXPORT_KEPT_DAYS)
    found.reach = list(reach)
    found.save(update_fields=["state", "row_count", "size_bytes", "ready_at", "reach", "kept_until"])
    exporting = found.exporting
    if exporting is not None:
        audit.record_export(
            action=exporting.action, by=found.by, at=at, filters=found.query, rows=rows, object_type=exporting.object_type
        )  # fmt: skip
    told = {"rows": rows, "day": found.kept_until}
    jobs.tell(
        to=found.by, key=f"batches.export:{found.public_id}", by=by, at=at, address=f"/batches/exports/{found.public_id}/",
        words=lambda: (_("Export ready: %(title)s") % {"title": found.title}, _("%(rows)s rows; kept until %(day)s.") % told),
    )  # fmt: skip
    return found


@transaction.atomic
def note_download(*, batch: ExportBatch, by: Any, at: dt.datetime) -> None:
    """The file of an export was downloaded."""
    changes = {"filter": batch.query, "rows": batch.row_count}
    audit.record(action="batches.download", by=by, at=at, obj=batch, changes=changes)


@transaction.atomic
def drop(*, batch: ExportBatch, by: Any, at: dt.datetime) -> ExportBatch:
    """Delete the file of an export before its time; one that is being made is cancelled. Raises: NotAllowed."""
    if batch.by_id != by.pk:
        raise NotAllowed(batch.kind)
    found = ExportBatch.objects.select_for_update(of=("self",)).select_related("job").get(pk=batch.pk)
    if found.job is not None and not found.job.has_ended:
        jobs.cancel(job=found.job, by=by, at=at)
    found.state = ExportState.GONE
    found.save(update_fields=["state"])
    audit.record(action="batches.drop_export", by=by, at=at, obj=found, changes={"rows": found.row_count})
    transaction.on_commit(lambda: found.path.unlink(missing_ok=True))
    return found


@transaction.atomic
def let_go(*, by: None, at: dt.datetime) -> int:
    """Delete files of exports whose time is over, and what broken-off uploads and exports left; returns how many.

    One whose job was given up goes when nobody had it tried again for as long as a file is kept.
    """
    over = list(ExportBatch.objects.filter(state=ExportState.READY, kept_until__lt=timezone.localdate(at)))
    over += ExportBatch.objects.stopped().filter(asked_at__lt=at - dt.timedelta(days=settings.EXPORT_KEPT_DAYS))
    for batch in over:
        batch.state = ExportState.GONE
        batch.save(update_fields=["state"])
    paths = sorted({*(batch.path for batch in over), *_left_lying(at)})
    transaction.on_commit(lambda: _remove(paths))
    return len(paths)


def _left_lying(at: dt.datetime) -> list[Path]:
    before = (at - dt.timedelta(days=LEFT_DAYS)).timestamp()
    imports, exports = Path(settings.BATCHES) / "imports", Path(settings.BATCHES) / "exports"
    gone = [state.value for state in (BatchState.DROPPED, BatchState.CLOSED, BatchState.ENDED_IN_PART)]
    known = {folder.hex for folder in ImportBatch.objects.exclude(state__in=gone).values_list("folder", flat=True)}
    ready = {file.hex for file in ExportBatch.objects.exclude(state=ExportState.GONE).values_list("file", flat=True)}
    found = [path for path in imports.glob("*") if path.name not in known]
    today = timezone.localdate(at)
    there = RegistryFile.objects.select_related("job")
    registry = {file.folder.hex for file in there if file.is_running or file.kept_until >= today}
    found += [path for path in (Path(settings.BATCHES) / "registry").glob("*") if path.name not in registry]
    found += [path for path in exports.glob("*") if path.name.split(".")[0] not in ready or path.suffix == ".part"]
    return [path for path in found if path.stat().st_mtime < before]


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
