"""A file comes in, is checked, and its rows are written: each step with its audit entry."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit import actions as audit
from wutong.web.batches import rules
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import checking, standing
from wutong.web.batches.queries.checking import Examined
from wutong.web.batches.rules import BatchState, Refusal
from wutong.web.jobs import actions as jobs
from wutong.web.lib import exchange

MOST_LEFT_OUT = 1000
CHECK, WRITE = "batches.check", "batches.write"


class Refused(Exception):  # noqa: N818 - a refusal, not a fault
    """The rules refuse; `refusals` says why, each a code that the web puts into words."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


class NotWhole(Exception):  # noqa: N818
    """All rows or none were wanted, and a row that was good when it was checked is not any more; `left` names such rows."""

    def __init__(self, left: tuple[tuple[int, str, str], ...]) -> None:
        super().__init__(", ".join(str(row) for row, _field, _expected in left[:20]))
        self.left = left


def refuse(refusals: tuple[Refusal, ...]) -> None:
    """Stop where there are reasons to. Raises: Refused."""
    if refusals:
        raise Refused(refusals)


def held(batch: ImportBatch) -> ImportBatch:
    """The batch, locked until the transaction ends."""
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("by__unit", "unit", "job").get(pk=batch.pk)


def require_open(batch: ImportBatch, by: Any) -> None:
    """Stop unless the person may handle the rows of the batch. Raises: NotAllowed."""
    importing = batch.importing
    if not batch.is_open_to(by) or (importing is not None and not by.may(importing.permission)):
        raise NotAllowed(batch.kind)


@transaction.atomic
def upload(
    *, kind: str, name: str, size_bytes: int, chunks: Iterable[bytes], given: Mapping[str, Any], by: Any, at: dt.datetime
) -> ImportBatch:
    """Keep a file for an import. The row is written when the whole file is on the disk. Raises: NotAllowed, Refused."""
    importing = exchange.importings().get(kind)
    refuse(() if importing else (Refusal.KIND_GONE,))
    if importing is not None and not by.may(importing.permission):
        raise NotAllowed(importing.permission)
    refuse(rules.refusals_of_file(size_bytes=size_bytes, largest_mb=settings.IMPORT_LARGEST_MB))
    batch = ImportBatch(kind=kind, by=by, unit=by.unit, file_name=name[-200:], size_bytes=size_bytes, given=dict(given), uploaded_at=at)
    batch.sha256 = _keep(batch, chunks)
    batch.save(force_insert=True)
    changes = {"kind": kind, "file": batch.file_name, "sha256": batch.sha256, "bytes": size_bytes}
    audit.record(action="batches.upload", by=by, at=at, obj=batch, changes=changes)
    return batch


def _keep(batch: ImportBatch, chunks: Iterable[bytes]) -> str:
    batch.path.mkdir(parents=True)
    digest = hashlib.sha256()
    with (batch.path / "file").open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@transaction.atomic
def ask_check(*, batch: ImportBatch, columns: Mapping[str, int] | None, by: Any, at: dt.datetime) -> ImportBatch:
    """Have the file checked in the background, by other columns if some are given. Raises: NotAllowed, Refused."""
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_check(found.facts()))
    arguments = {"batch": found.pk, "columns": None if columns is None else dict(columns)}
    found.job = jobs.enqueue(kind=CHECK, arguments=arguments, title=found.file_name, by=by, at=at)
    found.state = BatchState.CHECKING
    found.save(update_fields=["job", "state"])
    return found


@transaction.atomic
def note_checked(*, batch: ImportBatch, examined: Examined, by: Any, at: dt.datetime) -> ImportBatch:
    """Keep what a check found. Raises: Refused."""
    found = held(batch)
    refuse(() if found.state in {BatchState.CHECKING, BatchState.CHECKED, BatchState.UNREADABLE} else (Refusal.BEGUN,))
    found.state, found.fault = BatchState.CHECKED, ""
    found.headers, found.columns, found.counts = examined.headers, examined.columns, examined.counts
    found.save(update_fields=["state", "fault", "headers", "columns", "counts"])
    return found


@transaction.atomic
def note_unreadable(*, batch: ImportBatch, fault: str, by: Any, at: dt.datetime) -> ImportBatch:
    """The file cannot be read, and why."""
    found = held(batch)
    found.state, found.fault = BatchState.UNREADABLE, fault[:2000]
    found.save(update_fields=["state", "fault"])
    return found


@transaction.atomic
def start(*, batch: ImportBatch, is_whole: bool, by: Any, at: dt.datetime) -> ImportBatch:
    """Have the good rows written in the background; `is_whole`: all rows or none. Raises: NotAllowed, Refused."""
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_start(found.facts(), is_whole=is_whole))
    found.job = jobs.enqueue(kind=WRITE, arguments={"batch": found.pk}, title=found.file_name, by=by, at=at)
    found.state, found.is_whole = BatchState.WRITING, is_whole
    found.save(update_fields=["job", "state", "is_whole"])
    return found


@transaction.atomic
def take_piece(*, batch: ImportBatch, number: int, by: Any, at: dt.datetime) -> ImportBatch:
    """Write one piece of rows and remember every record that it made or changed. Raises: NotAllowed, NotWhole, Refused."""
    found = held(batch)
    importing = found.importing
    refuse((Refusal.KIND_GONE,) if importing is None else () if found.state == BatchState.WRITING else (Refusal.NOT_CHECKED,))
    assert importing is not None
    given = checking.given_of(found)
    about = exchange.Batch(found.file_name, found.sha256, given, found.notes)
    written = importing.write(rows=checking.piece(found, number), batch=about, by=found.by, at=at)
    if written.left and found.is_whole:
        raise NotWhole(written.left)
    _remember(found, written.made)
    found.made_count += sum(one.was is None for one in written.made)
    found.changed_count += sum(one.was is not None for one in written.made)
    found.left_out = [*found.left_out, *map(list, written.left)][:MOST_LEFT_OUT]
    found.notes = {**found.notes, **written.notes}
    found.save(update_fields=["made_count", "changed_count", "left_out", "notes"])
    return found


def _remember(batch: ImportBatch, made: Iterable[exchange.Made]) -> None:
    made = list(made)
    by_label: dict[str, list[int]] = {}
    for one in made:
        by_label.setdefault(one.record._meta.label, []).append(one.record.pk)
    digests = {label: standing.digests(apps.get_model(label), keys) for label, keys in by_label.items()}
    records = []
    for one in made:
        label, key = one.record._meta.label, one.record.pk
        was = None if one.was is None else dict(one.was)
        records.append(ImportedRecord(batch_id=batch.pk, row=one.row, label=label, record_id=key, was=was, digest=digests[label][key]))
    ImportedRecord.objects.bulk_create(records, batch_size=1000)


@transaction.atomic
def finish(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """All pieces are written: one entry for the whole batch, and whoever asked is told."""
    found = held(batch)
    found.state, found.written_at, found.standing = BatchState.DONE, at, []
    found.save(update_fields=["state", "written_at", "standing"])
    changes = {"kind": found.kind, "made": found.made_count, "changed": found.changed_count, "left_out": len(found.left_out)}
    audit.record_import(
        action="batches.import", by=found.by, at=at, obj=found, file=found.file_name, sha256=found.sha256,
        rows=found.counts.get("new", 0) + found.counts.get("changed", 0) - len(found.left_out), changes=changes,
    )  # fmt: skip
    tell(found, "done", lambda: (_("Imported: %(file)s") % {"file": found.file_name}, _words(found)), by=found.by, at=at)
    return found


def _words(batch: ImportBatch) -> str:
    return _("%(made)s records made, %(changed)s changed.") % {"made": batch.made_count, "changed": batch.changed_count}


def tell(batch: ImportBatch, about: str, words: Callable[[], tuple[str, str]], *, by: Any, at: dt.datetime) -> None:
    """Tell whoever imported by the bell, once each time something ends."""
    key = f"batches.import:{batch.public_id}:{about}:{batch.job_id}"
    jobs.tell(to=batch.by, key=key, words=words, by=by, at=at, address=f"/batches/imports/{batch.public_id}/")


@transaction.atomic
def drop(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """Throw an import away that was not written, with its file. Raises: NotAllowed, Refused."""
    found = held(batch)
    if not found.is_open_to(by):
        raise NotAllowed(found.kind)
    refuse(rules.refusals_to_drop(found.facts()))
    found.state = BatchState.DROPPED
    found.save(update_fields=["state"])
    audit.record(action="batches.drop", by=by, at=at, obj=found, changes={"file": found.file_name, "sha256": found.sha256})
    path = found.path
    transaction.on_commit(lambda: shutil.rmtree(path, ignore_errors=True))
    return found


@transaction.atomic
def take_back(*, batch: ImportBatch, left: tuple[tuple[int, str, str], ...], by: Any, at: dt.datetime) -> ImportBatch:
    """All rows or none, and one proved bad while they were written: the import is as if it had only been checked."""
    found = held(batch)
    found.state, found.made_count, found.changed_count, found.notes = BatchState.CHECKING, 0, 0, {}
    found.left_out = [list(one) for one in left][:MOST_LEFT_OUT]
    found.save(update_fields=["state", "made_count", "changed_count", "notes", "left_out"])
    return found
