"""A file comes in, is checked, and its rows are written: each step with its audit entry."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit import actions as audit
from wutong.web.batches import rules
from wutong.web.batches.models import ImportBatch, ImportedRecord
from wutong.web.batches.queries import checking, results, standing
from wutong.web.batches.queries.checking import Examined
from wutong.web.batches.rules import BatchState, Refusal
from wutong.web.jobs import actions as jobs
from wutong.web.lib import exchange, uploads

MOST_LEFT_OUT = 1000
LONGEST_CELL = 4000
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
    return (
        ImportBatch.objects.select_for_update(of=("self",)).select_related("by__unit", "checked_by__unit", "unit", "job").get(pk=batch.pk)
    )


def require_open(batch: ImportBatch, by: Any) -> None:
    """Stop unless the person may handle the rows of the batch. Raises: NotAllowed."""
    importing = batch.importing
    if not batch.is_open_to(by) or (importing is not None and not by.may(importing.permission)):
        raise NotAllowed(batch.kind)


def upload(
    *, kind: str, name: str, size_bytes: int, chunks: Iterable[bytes], given: Mapping[str, Any], by: Any, at: dt.datetime
) -> ImportBatch:
    """Keep a file for an import. The row is written when the whole file is on the disk. Raises: NotAllowed, Refused.

    Why the file before the transaction: on SQLite nobody else could write while gigabytes are copied.
    """
    importing = exchange.importings().get(kind)
    refuse(() if importing else (Refusal.KIND_GONE,))
    if importing is not None and not by.may(importing.permission):
        raise NotAllowed(importing.permission)
    refuse(rules.refusals_of_file(size_bytes=size_bytes, largest_mb=settings.IMPORT_LARGEST_MB))
    batch = ImportBatch(kind=kind, by=by, unit=by.unit, file_name=name[-200:], size_bytes=size_bytes, given=dict(given), uploaded_at=at)
    with uploads.folder_of(batch.path):
        batch.sha256 = uploads.keep(batch.path / "file", chunks)
        _take_in(batch=batch, by=by, at=at)
    return batch


@transaction.atomic
def _take_in(*, batch: ImportBatch, by: Any, at: dt.datetime) -> None:
    batch.save(force_insert=True)
    changes = {"kind": batch.kind, "file": batch.file_name, "sha256": batch.sha256, "bytes": batch.size_bytes}
    audit.record(action="batches.upload", by=by, at=at, obj=batch, changes=changes)


@transaction.atomic
def begin_check(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """A check begins, by the rights of whoever asks; one that goes on from before counts no more. Raises: NotAllowed, Refused."""
    return _begin(held(batch), None, by, at)


@transaction.atomic
def ask_check(*, batch: ImportBatch, columns: Mapping[str, int] | None, by: Any, at: dt.datetime) -> ImportBatch:
    """Have the file checked in the background, by other columns if some are given. Raises: NotAllowed, Refused."""
    found = _begin(held(batch), None, by, at)
    arguments = {"batch": found.pk, "columns": None if columns is None else dict(columns), "check": found.checking_name}
    found.job = jobs.enqueue(kind=CHECK, arguments=arguments, title=found.file_name, by=by, at=at)
    found.save(update_fields=["job"])
    return found


@transaction.atomic
def mend(*, batch: ImportBatch, line: int, rows: Sequence[Sequence[str]] | None, by: Any, at: dt.datetime) -> ImportBatch:
    """Let other rows stand for a line of the file, none to leave it out, or with None what the file says; it has to be checked again.

    The file stays as it came. Raises: NotAllowed, Refused.
    """
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_mend(found.facts(), count=len(found.mended)))
    mended = {key: value for key, value in found.mended.items() if key != str(line)}
    if rows is not None:
        mended[str(line)] = [[cell[:LONGEST_CELL] for cell in row] for row in rows]
    found.mended = mended
    found.save(update_fields=["mended"])
    audit.record(action="batches.mend", by=by, at=at, obj=found, changes={"row": line, "rows": None if rows is None else len(rows)})
    return found


def _begin(found: ImportBatch, job: Any, by: Any, at: dt.datetime) -> ImportBatch:
    require_open(found, by)
    refuse(rules.refusals_to_check(found.facts()))
    if not found.is_of(by):
        audit.record(action="batches.take_over", by=by, at=at, obj=found, changes={"file": found.file_name, "sha256": found.sha256})
    found.state, found.checked_by, found.checking_name, found.job = BatchState.CHECKING, by, uuid.uuid4().hex, job
    found.left_out = []  # by a writing that broke off before its first record
    found.save(update_fields=["state", "checked_by", "checking_name", "job", "left_out"])
    return found


def _require_wanted(found: ImportBatch, check: str) -> None:
    """Stop where another check is wanted by now, or rows are being written. Raises: Refused."""
    refuse(() if found.state == BatchState.CHECKING and found.checking_name == check else (Refusal.BEGUN,))


@transaction.atomic
def note_checked(*, batch: ImportBatch, check: str, examined: Examined, by: Any, at: dt.datetime) -> ImportBatch:
    """Keep what a check found, if it is still the one that is wanted. Raises: Refused."""
    found = held(batch)
    _require_wanted(found, check)
    found.state, found.fault, found.check_name = BatchState.CHECKED, "", check
    found.headers, found.columns, found.counts = examined.headers, examined.columns, examined.counts
    found.save(update_fields=["state", "fault", "check_name", "headers", "columns", "counts"])
    transaction.on_commit(lambda: checking.forget_others(found))
    return found


@transaction.atomic
def note_unreadable(*, batch: ImportBatch, check: str, fault: str, by: Any, at: dt.datetime) -> ImportBatch:
    """The file cannot be read, and why. Raises: Refused."""
    found = held(batch)
    _require_wanted(found, check)
    found.state, found.fault = BatchState.UNREADABLE, fault[:2000]
    found.save(update_fields=["state", "fault"])
    return found


@transaction.atomic
def start(*, batch: ImportBatch, is_whole: bool, by: Any, at: dt.datetime) -> ImportBatch:
    """Have the good rows written in the background; `is_whole`: all rows or none. Raises: NotAllowed, Refused."""
    found = held(batch)
    require_open(found, by)
    refuse(rules.refusals_to_start(found.facts(), is_whole=is_whole, is_own=found.is_of(by)))
    found.job = jobs.enqueue(kind=WRITE, arguments={"batch": found.pk, "check": found.check_name}, title=found.file_name, by=by, at=at)
    found.state, found.is_whole = BatchState.WRITING, is_whole
    found.save(update_fields=["job", "state", "is_whole"])
    return found


@transaction.atomic
def take_piece(*, batch: ImportBatch, number: int, by: Any, at: dt.datetime, check: str | None = None) -> ImportBatch:
    """Write one piece of rows and remember every record that it made or changed. Raises: NotAllowed, NotWhole, Refused.

    `check`: the check whose rows were to be written; where another one counts by now, nothing is.
    """
    found = held(batch)
    refuse(() if check in {None, found.check_name} else (Refusal.NOT_CHECKED,))
    importing = found.importing
    refuse((Refusal.KIND_GONE,) if importing is None else () if found.state == BatchState.WRITING else (Refusal.NOT_CHECKED,))
    assert importing is not None
    given = checking.given_of(found)
    about = exchange.Batch(found.file_name, found.sha256, given, found.notes, checking.rows_to_write(found))
    written = importing.write(rows=checking.piece(found, number), batch=about, by=found.actor, at=at)
    if written.left and found.is_whole:
        raise NotWhole(written.left)
    _remember(found, written.made)
    found.made_count += sum(one.was is None for one in written.made)
    found.changed_count += sum(one.was is not None for one in written.made)
    found.left_out = [*found.left_out, *map(list, written.left)][:MOST_LEFT_OUT]
    found.notes = {**found.notes, **written.notes}
    found.counts = {**found.counts, "written": _counted(found.counts.get("written", {}), written.made)}
    found.save(update_fields=["made_count", "changed_count", "left_out", "notes", "counts"])
    return found


def _counted(before: Mapping[str, Any], made: Iterable[exchange.Made]) -> dict[str, Any]:
    """How many rows made, and how many changed, how many records of which model: those before, and these."""
    made = list(made)
    told: dict[str, Any] = {"rows": before.get("rows", 0) + len({one.row for one in made})}
    for name, some in (("made", [one for one in made if one.was is None]), ("changed", [one for one in made if one.was is not None])):
        was = before.get(name, {"rows": 0, "records": {}})
        kinds = Counter(was["records"]) + Counter(one.record._meta.label for one in some)
        told[name] = {"rows": was["rows"] + len({one.row for one in some}), "records": dict(kinds)}
    return told


def _remember(batch: ImportBatch, made: Iterable[exchange.Made]) -> None:
    made = list(made)
    alike: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for one in made:
        alike.setdefault((one.record._meta.label, tuple(sorted(one.was or ()))), []).append(one.record.pk)
    digests: dict[str, dict[int, str]] = {}
    for (label, names), keys in alike.items():
        digests.setdefault(label, {}).update(standing.digests(apps.get_model(label), keys, names))
    records = []
    for one in made:
        label, key = one.record._meta.label, one.record.pk
        was = None if one.was is None else dict(one.was)
        records.append(ImportedRecord(batch_id=batch.pk, row=one.row, label=label, record_id=key, was=was, digest=digests[label][key]))
    ImportedRecord.objects.bulk_create(records, batch_size=1000)


@transaction.atomic
def finish(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """All pieces are written: one entry for the whole batch, and whoever asked is told. Raises: Refused."""
    found = held(batch)
    refuse(() if found.state == BatchState.WRITING else (Refusal.NOT_CHECKED,))
    found.state, found.written_at, found.standing = BatchState.DONE, at, []
    found.save(update_fields=["state", "written_at", "standing"])
    changes = {"kind": found.kind, "made": found.made_count, "changed": found.changed_count, "left_out": len(found.left_out)}
    audit.record_import(
        action="batches.import", by=found.actor, at=at, obj=found, file=found.file_name, sha256=found.sha256,
        rows=found.counts.get("new", 0) + found.counts.get("changed", 0) - len(found.left_out), changes=changes,
    )  # fmt: skip
    tell(found, "done", lambda: (_("Imported: %(file)s") % {"file": found.file_name}, results.written(found)), by=found.actor, at=at)
    return found


def tell(batch: ImportBatch, about: str, words: Callable[[], tuple[str, str]], *, by: Any, at: dt.datetime) -> None:
    """Tell whoever imported by the bell, once each time something ends."""
    key = f"batches.import:{batch.public_id}:{about}:{batch.job_id}"
    jobs.tell(to=batch.actor, key=key, words=words, by=by, at=at, address=f"/batches/imports/{batch.public_id}/")


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
def begin_taking_back(*, batch: ImportBatch, left: tuple[tuple[int, str, str], ...], by: Any, at: dt.datetime) -> None:
    """All rows or none, and one proved bad while they were written: from here on its job only takes back, however often it is begun.

    Stands in the transaction of the first piece that is taken back.
    """
    found = held(batch)
    found.state, found.left_out = BatchState.TAKING_BACK, [list(one) for one in left][:MOST_LEFT_OUT]
    found.save(update_fields=["state", "left_out"])


@transaction.atomic
def take_back(*, batch: ImportBatch, by: Any, at: dt.datetime) -> ImportBatch:
    """All that was written is taken back: the import is as if it had not been checked yet, and an entry says what stood for a while."""
    found = held(batch)
    if found.made_count + found.changed_count:
        audit.record(action="batches.take_back", by=by, at=at, obj=found, changes=facts_of(found))
    found.state, found.made_count, found.changed_count, found.undone_count, found.notes = BatchState.CHECKING, 0, 0, 0, {}
    found.counts = {name: told for name, told in found.counts.items() if name != "written"}
    found.save(update_fields=["state", "made_count", "changed_count", "undone_count", "notes", "counts"])
    return found


def facts_of(batch: ImportBatch) -> dict[str, Any]:
    """What an entry says of an import: which file, and how many records it made and changed, and how many of them are undone."""
    return {
        "kind": batch.kind, "file": batch.file_name, "sha256": batch.sha256, "made": batch.made_count, "changed": batch.changed_count,
        "undone": batch.undone_count,
    }  # fmt: skip


@transaction.atomic
def note_broken_off(*, batch: ImportBatch, by: Any, at: dt.datetime) -> bool:
    """A job ended in the middle: an entry says what stands, once for every such end; whether one was written."""
    found = held(batch)
    noted = f"{found.job_id}:{found.made_count}:{found.changed_count}:{found.undone_count}"
    if found.state not in rules.BROKEN_OFF or not found.made_count + found.changed_count or found.noted == noted:
        return False
    found.noted = noted
    found.save(update_fields=["noted"])
    audit.record(action="batches.break_off", by=by, at=at, obj=found, changes=facts_of(found))
    return True


@transaction.atomic
def note_lost(*, by: None, at: dt.datetime) -> int:
    """Note what was left in the middle by jobs that could not say so themselves, for their worker was gone; returns how many.

    Whoever imported is told once of each such end, for he alone can say what is to become of it.
    """
    stopped = ImportBatch.objects.filter(state__in=[state.value for state in rules.BROKEN_OFF])
    lost = [batch for batch in stopped.select_related("job", "by", "checked_by") if not batch.is_running]
    for batch in lost:
        tell(batch, "broken_off", partial(results.broken_off, batch), by=by, at=at)
    return sum(note_broken_off(batch=batch, by=by, at=at) for batch in lost)
