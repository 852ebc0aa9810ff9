"""A file judged for a preview: which rows are good, what they would make or change, and every fault in words."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Q

from wutong.engine import ledger_layout, list_batches
from wutong.engine.list_batches import Judged, Layout
from wutong.engine.list_files import Fault, Field, ListError, Wanted
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import words
from wutong.web.lib import exchange

JUDGED_AT_ONCE = 5000
MOST_FAULTS = 200_000
MOST_CHANGES = 50
MOST_REMARKS = 500
NO_LINE = -1
KINDS = ("rows", "faults", "bad")

Tell = Callable[[int, int], None]


class Unreadable(Exception):  # noqa: N818 - a refusal, not a fault
    """The file holds no table that can be read; the message says what was expected, translated."""


@dataclass(slots=True)
class Examined:
    """What a check found. `counts`: rows, good, bad, twice (also bad), same, new, changed, waits, examples; `changes`: some, in words.

    Of a ledger that grew: `remarks`, what was passed over, joined or rounded and what only needs a look (row, column, value, words), and
    `above`, what stands over the table.
    """

    headers: list[str]
    columns: dict[str, int]
    counts: dict[str, Any]


def is_small(batch: ImportBatch) -> bool:
    """Whether the file may be read while somebody waits for the answer."""
    return list_batches.is_small(batch.path / "file")


def path_of(batch: ImportBatch, kind: str, check: str | None = None) -> Path:
    """Where the rows, the faults or the bad rows lie that a check found: the last finished one, or the one of this name.

    Why a name of its own for every check: while one set is shown or written from, another check must not put its own under it.
    """
    name = batch.check_name if check is None else check
    return batch.path / (f"{kind}-{name}.parquet" if name else f"{kind}.parquet")


def forget_others(batch: ImportBatch) -> None:
    """Delete what earlier checks kept."""
    kept = {path_of(batch, kind, name) for kind in KINDS for name in (batch.check_name, batch.checking_name)}
    for path in batch.path.glob("*.parquet"):
        if path not in kept:
            path.unlink(missing_ok=True)


def fields_of(batch: ImportBatch) -> dict[str, Field]:
    """The fields of a batch's kind, by name, as the importer has them. Raises: LookupError, Unreadable."""
    if batch.importing is None:
        raise LookupError(batch.kind)
    return {column.field.name: column.field for column in columns_of(batch)}


def columns_of(batch: ImportBatch) -> tuple[exchange.SheetColumn, ...]:
    """The columns that the file of a batch may have. Raises: Unreadable."""
    importing = batch.importing
    if importing is None:
        return ()
    return importing.columns_of(batch.actor, given_of(batch) if importing.columns_for else {})


def given_of(batch: ImportBatch) -> Mapping[str, Any]:
    """What the form beside the file says, read anew: a unit may have been closed meanwhile. Raises: Unreadable."""
    form_class = batch.importing.form if batch.importing else None
    if form_class is None:
        return {}
    form = form_class(batch.given, user=batch.actor)
    if not form.is_valid():
        raise Unreadable(
            "; ".join(f"{form.fields[name].label}: {' '.join(errors)}" for name, errors in form.errors.items() if name in form.fields)
        )
    found: Mapping[str, Any] = form.cleaned_data
    return found


def _of(user_id: int) -> Q:
    return Q(checked_by=user_id) | Q(checked_by=None, by=user_id)


def remembered(batch: ImportBatch) -> dict[str, str]:
    """Header → field, as the person mapped the columns of the last file of this kind that was written."""
    last = ImportBatch.objects.filter(_of(batch.actor.pk), kind=batch.kind, written_at__isnull=False).exclude(pk=batch.pk).first()
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
def examine(batch: ImportBatch, check: str, columns: Mapping[str, int] | None, tell: Tell = lambda done, total: None) -> Examined:
    """Read and judge the file of a batch, and keep in its folder the rows to write, the faults and the bad rows. Raises: Unreadable."""
    fields = fields_of(batch)
    importing, given = batch.importing, given_of(batch)
    assert importing is not None
    if importing.refused and (why := importing.refused(exchange.Batch(batch.file_name, batch.sha256, given, {}))):
        raise Unreadable(why)
    try:
        table, chosen = _layout(batch, list(fields.values()), columns)
    except ListError as error:
        raise Unreadable("; ".join(words.expected(fault) for fault in error.faults)) from error
    read = list_batches.under(list(fields.values()), table.headers, chosen, table.above)
    judged = list_batches.judge(table, read, chosen, any_of=importing.any_of, key=importing.key)
    kept = _Kept(judged)
    for found in judged.faults:
        kept.fault(found.position, found.fault)
    if importing.faults:
        kept.further(importing.faults, given, batch.actor)
    at_once = max(len(judged.good), 1) if importing.is_judged_whole else JUDGED_AT_ONCE
    for done, part in enumerate(list_batches.slices(judged.good, at_once)):
        tell(done * at_once, len(judged.good))
        rows = [exchange.SheetRow(table.lines[at], said) for at, said in zip(part, judged.values(part), strict=True)]
        for at, verdict in zip(part, importing.judge(rows=rows, given=given, by=batch.actor), strict=True):
            kept.verdict(at, verdict)
    kept.write(batch, check)
    return Examined(list(table.headers), chosen, kept.counts(table))


def _layout(batch: ImportBatch, fields: list[Field], columns: Mapping[str, int] | None) -> tuple[Layout, dict[str, int]]:
    """The table of the file with what was mended in it, and which column is which. Raises: ListError."""
    is_grown, path = batch.importing is not None and batch.importing.is_grown, batch.path / "file"
    table = (ledger_layout if is_grown else list_batches).layout(path, batch.file_name, fields)
    guess = ledger_layout.guess if is_grown else list_batches.guess
    chosen = guess(table.headers, fields, remembered(batch)) if columns is None else dict(columns)
    return ledger_layout.mended(ledger_layout.filled(table, fields, chosen), batch.mended), chosen


def line(batch: ImportBatch, number: int) -> tuple[list[list[str]], list[tuple[int, str, str, str]]]:
    """The rows that a line of the file stands for, mended ones as they were mended, and the faults of the last check there.

    Raises: Unreadable.
    """
    fields = list(fields_of(batch).values())
    try:
        table, _chosen = _layout(batch, fields, batch.columns)
    except ListError as error:
        raise Unreadable("; ".join(words.expected(fault) for fault in error.faults)) from error
    found = [list(row) for at, row in zip(table.lines, table.rows, strict=True) if at == number]
    path = path_of(batch, "faults")
    told = list_batches.faults(path) if path.exists() else []
    return found, [one for one in told if one[0] == number]


class _Kept:
    """What is kept of a check."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._kinds: Counter[str] = Counter()
        self._chosen: list[int] = []
        self._faults: list[tuple[int, str, str, str]] = []
        self._reasons: dict[int, list[str]] = {}
        self._twice = 0
        self._waits = 0
        self._changes: list[list[str]] = []
        self._remarks: list[tuple[int, str, str, str]] = [
            (line, "", text[:200], words.passed_over(kind)) for line, kind, text in judged.layout.passed
        ]  # fmt: skip

    def fault(self, at: int, fault: Fault) -> None:
        """A fault that the columns show."""
        self._twice += fault.expected == Wanted.ONCE
        self._add(at, fault.row, fault.field, fault.value, words.expected(fault))

    def verdict(self, at: int, verdict: exchange.Verdict) -> None:
        """What the room says of a row."""
        self._kinds[verdict.kind] += 1
        for name, told in verdict.remarks:
            index = self._judged.columns.get(name)
            value = self._judged.layout.rows[at][index] if index is not None else ""
            header = self._judged.layout.headers[index] if index is not None else self._judged.fields[name].headers[0]
            self._remarks.append((self._judged.layout.lines[at], header, value[:200], told))
        if verdict.kind == "new" and not verdict.waits:  # nearly all of a large file
            self._chosen.append(at)
            return
        self._waits += verdict.waits
        self._found(at, verdict.found)
        if verdict.kind in {"new", "changed"}:
            self._chosen.append(at)
        if verdict.kind == "changed" and len(self._changes) < MOST_CHANGES:
            table = self._judged.layout
            self._changes += [[str(table.lines[at]), *change] for change in verdict.changes]

    def further(self, faults: Callable[..., Any], given: Mapping[str, Any], by: Any) -> None:
        """What else is wrong with rows of which a cell cannot be read, so that all of it is mended in one go."""
        told: dict[int, set[str]] = {}
        for one in self._judged.faults:
            if one.position != NO_LINE:
                told.setdefault(one.position, set()).add(one.fault.field)
        for part in list_batches.slices(sorted(told), JUDGED_AT_ONCE):
            rows = [
                exchange.SheetRow(
                    self._judged.layout.lines[at], {name: value for name, value in said.items() if value is not list_batches.UNREADABLE}
                )
                for at, said in zip(part, self._judged.values(part), strict=True)
            ]
            for at, found in zip(part, faults(rows=rows, given=given, by=by), strict=True):
                self._found(at, found, but=told[at])

    def _found(self, at: int, found: Sequence[tuple[str, str]], but: Collection[str] = ()) -> None:
        """Faults that a room told, each with its column; of columns named in `but` something was told already."""
        table = self._judged.layout
        for name, expected in found:
            index = self._judged.columns.get(name)
            value = table.rows[at][index] if index is not None else ""
            header = (
                table.headers[index] if index is not None else self._judged.fields[name].headers[0] if name in self._judged.fields else ""
            )
            if header not in but:
                self._add(at, table.lines[at], header, value, expected)

    def _add(self, at: int, row: int, column: str, value: str, expected: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append((row, column, value[:200], expected))
        if at != NO_LINE:
            self._reasons.setdefault(at, []).append(f"{column}: {expected}" if column else expected)

    def write(self, batch: ImportBatch, check: str) -> None:
        """Put it into the batch's folder, under the name of the check."""
        list_batches.keep_rows(path_of(batch, "rows", check), self._judged, self._chosen)
        list_batches.keep_faults(path_of(batch, "faults", check), self._faults)
        list_batches.keep_bad(path_of(batch, "bad", check), self._judged.layout, self._reasons)

    def counts(self, table: Layout) -> dict[str, Any]:
        """How many of what."""
        return {
            "rows": len(table.rows) - self._judged.examples + len(table.broken), "examples": self._judged.examples,
            "bad": len(self._reasons) + len(table.broken), "twice": self._twice, "faults": len(self._faults),
            "new": self._kinds["new"], "changed": self._kinds["changed"], "same": self._kinds["same"],
            "waits": self._waits,
            "sheet": table.sheet, "others": list(table.others), "changes": self._changes[:MOST_CHANGES],
            "remarks": sorted(self._remarks, key=lambda one: one[0])[:MOST_REMARKS], "remark_count": len(self._remarks),
            "above": table.above,
        }  # fmt: skip


def faults(batch: ImportBatch, first: int, count: int) -> list[tuple[int, str, str, str]]:
    """Some of a batch's faults: (row, column, value, expected)."""
    path = path_of(batch, "faults")
    return list_batches.faults(path, first, count) if path.exists() else []


def rows_to_write(batch: ImportBatch) -> int:
    """How many rows make or change something."""
    return int(batch.counts.get("new", 0) + batch.counts.get("changed", 0))


def pieces(batch: ImportBatch) -> int:
    """How many pieces of rows are to be written."""
    return list_batches.pieces(path_of(batch, "rows"))


def piece(batch: ImportBatch, number: int) -> list[exchange.SheetRow]:
    """The rows of a piece."""
    fields = fields_of(batch)
    bound = list_batches.under(list(fields.values()), batch.headers, batch.columns, batch.counts.get("above", ""))
    found = list_batches.piece(path_of(batch, "rows"), number, {one.name: one for one in bound})
    return [exchange.SheetRow(row, values) for row, values in found]


def bad_rows(batch: ImportBatch) -> Any:
    """Bad rows as they stand in the file: (row, cells, reasons)."""
    path = path_of(batch, "bad")
    return list_batches.bad(path) if path.exists() else iter(())
