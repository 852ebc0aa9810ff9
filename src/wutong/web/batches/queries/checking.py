"""A file judged for a preview: which rows are good, what they would make or change, and every fault in words."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wutong.engine import list_batches
from wutong.engine.list_batches import Judged, Layout
from wutong.engine.list_files import Fault, Field, ListError, Wanted
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import words
from wutong.web.lib import exchange

JUDGED_AT_ONCE = 5000
MOST_FAULTS = 200_000
MOST_CHANGES = 50
NO_LINE = -1

Tell = Callable[[int, int], None]


class Unreadable(Exception):  # noqa: N818 - a refusal, not a fault
    """The file holds no table that can be read; the message says what was expected, translated."""


@dataclass(slots=True)
class Examined:
    """What a check found. `counts`: rows, good, bad, twice (also bad), same, new, changed, examples; `changes`: some, in words."""

    headers: list[str]
    columns: dict[str, int]
    counts: dict[str, Any]


def fields_of(batch: ImportBatch) -> dict[str, Field]:
    """The fields of a batch's kind, by name, as the importer has them. Raises: LookupError."""
    if batch.importing is None:
        raise LookupError(batch.kind)
    return {column.field.name: column.field for column in batch.importing.columns(batch.by)}


def given_of(batch: ImportBatch) -> Mapping[str, Any]:
    """What the form beside the file says, read anew: a unit may have been closed meanwhile. Raises: Unreadable."""
    form_class = batch.importing.form if batch.importing else None
    if form_class is None:
        return {}
    form = form_class(batch.given, user=batch.by)
    if not form.is_valid():
        raise Unreadable(
            "; ".join(f"{form.fields[name].label}: {' '.join(errors)}" for name, errors in form.errors.items() if name in form.fields)
        )
    found: Mapping[str, Any] = form.cleaned_data
    return found


def remembered(batch: ImportBatch) -> dict[str, str]:
    """Header → field, as the person mapped the columns of the last file of this kind that was written."""
    last = ImportBatch.objects.filter(by=batch.by_id, kind=batch.kind, written_at__isnull=False).exclude(pk=batch.pk).first()
    return {last.headers[at]: name for name, at in last.columns.items() if at < len(last.headers)} if last else {}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for rings of objects that name each other.

    Why: a large file becomes millions of small objects, among them no ring; to walk them again and again takes a sixth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_uncollected()
def examine(batch: ImportBatch, columns: Mapping[str, int] | None, tell: Tell = lambda done, total: None) -> Examined:
    """Read and judge the file of a batch, and keep in its folder the rows to write, the faults and the bad rows. Raises: Unreadable."""
    fields = fields_of(batch)
    importing, given = batch.importing, given_of(batch)
    assert importing is not None
    try:
        table = list_batches.layout(batch.path / "file", batch.file_name, list(fields.values()))
    except ListError as error:
        raise Unreadable("; ".join(words.expected(fault) for fault in error.faults)) from error
    chosen = list_batches.guess(table.headers, list(fields.values()), remembered(batch)) if columns is None else dict(columns)
    judged = list_batches.judge(table, list(fields.values()), chosen, any_of=importing.any_of, key=importing.key)
    kept = _Kept(judged)
    for found in judged.faults:
        kept.fault(found.position, found.fault)
    for done, part in enumerate(list_batches.slices(judged.good, JUDGED_AT_ONCE)):
        tell(done * JUDGED_AT_ONCE, len(judged.good))
        rows = [exchange.SheetRow(table.lines[at], said) for at, said in zip(part, judged.values(part), strict=True)]
        for at, verdict in zip(part, importing.judge(rows=rows, given=given, by=batch.by), strict=True):
            kept.verdict(at, verdict)
    kept.write(batch)
    return Examined(list(table.headers), chosen, kept.counts(table))


class _Kept:
    """What is kept of a check."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._kinds: Counter[str] = Counter()
        self._chosen: list[int] = []
        self._faults: list[tuple[int, str, str, str]] = []
        self._reasons: dict[int, list[str]] = {}
        self._twice = 0
        self._changes: list[list[str]] = []

    def fault(self, at: int, fault: Fault) -> None:
        """A fault that the columns show."""
        self._twice += fault.expected == Wanted.ONCE
        self._add(at, fault.row, fault.field, fault.value, words.expected(fault))

    def verdict(self, at: int, verdict: exchange.Verdict) -> None:
        """What the room says of a row."""
        self._kinds[verdict.kind] += 1
        if verdict.kind == "new":  # nearly all of a large file
            self._chosen.append(at)
            return
        table = self._judged.layout
        for name, expected in verdict.found:
            index = self._judged.columns.get(name)
            value = table.rows[at][index] if index is not None else ""
            header = (
                table.headers[index] if index is not None else self._judged.fields[name].headers[0] if name in self._judged.fields else ""
            )
            self._add(at, table.lines[at], header, value, expected)
        if verdict.kind == "changed":
            self._chosen.append(at)
            if len(self._changes) < MOST_CHANGES:
                self._changes += [[str(table.lines[at]), *change] for change in verdict.changes]

    def _add(self, at: int, row: int, column: str, value: str, expected: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append((row, column, value[:200], expected))
        if at != NO_LINE:
            self._reasons.setdefault(at, []).append(f"{column}: {expected}" if column else expected)

    def write(self, batch: ImportBatch) -> None:
        """Put it into the batch's folder."""
        list_batches.keep_rows(batch.path / "rows.parquet", self._judged, self._chosen)
        list_batches.keep_faults(batch.path / "faults.parquet", self._faults)
        list_batches.keep_bad(batch.path / "bad.parquet", self._judged.layout, self._reasons)

    def counts(self, table: Layout) -> dict[str, Any]:
        """How many of what."""
        return {
            "rows": len(table.rows) - self._judged.examples + len(table.broken), "examples": self._judged.examples,
            "bad": len(self._reasons) + len(table.broken), "twice": self._twice, "faults": len(self._faults),
            "new": self._kinds["new"], "changed": self._kinds["changed"], "same": self._kinds["same"],
            "sheet": table.sheet, "others": list(table.others), "changes": self._changes[:MOST_CHANGES],
        }  # fmt: skip


def faults(batch: ImportBatch, first: int, count: int) -> list[tuple[int, str, str, str]]:
    """Some of a batch's faults: (row, column, value, expected)."""
    path = batch.path / "faults.parquet"
    return list_batches.faults(path, first, count) if path.exists() else []


def pieces(batch: ImportBatch) -> int:
    """How many pieces of rows are to be written."""
    return list_batches.pieces(batch.path / "rows.parquet")


def piece(batch: ImportBatch, number: int) -> list[exchange.SheetRow]:
    """The rows of a piece."""
    found = list_batches.piece(batch.path / "rows.parquet", number, fields_of(batch))
    return [exchange.SheetRow(row, values) for row, values in found]


def bad_rows(batch: ImportBatch) -> Any:
    """Bad rows as they stand in the file: (row, cells, reasons)."""
    path = batch.path / "bad.parquet"
    return list_batches.bad(path) if path.exists() else iter(())
