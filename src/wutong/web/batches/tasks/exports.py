"""Background entry points of exports: make a file, let old ones go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.batches.actions import exports, imports, keeping
from wutong.web.batches.models import ExportBatch
from wutong.web.batches.models.exports import reach_of
from wutong.web.batches.queries import giving
from wutong.web.batches.rules import ExportState, Format
from wutong.web.lib import spreadsheets
from wutong.web.lib.hooks import JobFault, Running

TOLD_EVERY_ROWS = 1000


def export(job: Running) -> dict[str, Any]:
    """Make the file of an export under another name, and give it its own when it is whole: repeated, it is made anew."""
    batch = ExportBatch.objects.select_related("by__unit").get(pk=job.arguments["export"])
    exporting = batch.exporting
    if exporting is None or not exporting.may_have(batch.by, giving.query_of(batch.query)):
        raise JobFault(_("Whoever asked may not do this any more."))
    reach = reach_of(batch.by)
    columns, rows, notes = giving.content(batch)
    part = batch.path.with_name(f"{batch.path.name}.{job.attempt}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    told = _told(job, rows)
    if batch.format == Format.CSV:
        with part.open("w", encoding="utf-8-sig", newline="") as text:
            count = spreadsheets.write_csv(text, columns, told)
    else:
        with part.open("wb") as file:
            count = spreadsheets.write(file, columns, told, title=batch.title, notes=notes)
    result = {"export": str(batch.public_id)}
    with job.fenced(result=result):
        if ExportBatch.objects.filter(pk=batch.pk, state=ExportState.WAITING).exists():
            part.replace(batch.path)
            size = batch.path.stat().st_size
            exports.note_ready(batch=batch, rows=count, size_bytes=size, reach=reach, by=batch.by, at=timezone.now())
    return result


def _told(job: Running, rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number % TOLD_EVERY_ROWS == 0:
            job.step(_("Writing rows"), number)
            job.stop_if_cancelled()
        yield row


def let_go(job: Running) -> dict[str, Any]:
    """Delete files whose time is over and what is kept of imports so that they can be undone; note those that were left in the middle."""
    closed = keeping.close_old(by=None, at=timezone.now())
    lost = imports.note_lost(by=None, at=timezone.now())
    return {"files": exports.let_go(by=None, at=timezone.now()), "imports": closed, "broken_off": lost}
