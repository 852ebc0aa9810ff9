"""Imports and exports, shaped for pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from wutong.engine import list_batches
from wutong.web.batches import rules
from wutong.web.batches.models import ExportBatch, ExportBatchQuerySet, ImportBatch, ImportBatchQuerySet
from wutong.web.batches.queries import checking, results, words
from wutong.web.batches.rules import BatchState
from wutong.web.jobs import queries as jobs
from wutong.web.lib import exchange
from wutong.web.lib.spreadsheets import Entry

FAULTS_SHOWN = 50
MOST_ROWS_NAMED = 24
EXAMPLE_MARK = list_batches.EXAMPLE_MARKS[0]
NO_COLUMN = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A field and the column of the file that stands for it (None: none does)."""

    name: str
    label: str
    is_needed: bool
    position: int | None
    header: str


@dataclass(frozen=True, slots=True)
class Remark:
    """How a column of some rows was understood, or what of them needs a look."""

    column: str
    told: str
    rows: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        """What stands in the cells: a few of them."""
        return _(", ").join(list(dict.fromkeys(filter(None, self.values)))[:3])

    @property
    def lines(self) -> str:
        """The rows, as many as are told."""
        shown = _(", ").join(map(str, self.rows[:MOST_ROWS_NAMED]))
        return f"{shown} …" if len(self.rows) > MOST_ROWS_NAMED else shown


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import as its page shows it: how far it is, what its check found, and what may be done."""

    batch: ImportBatch
    progress: jobs.Progress | None
    is_open: bool
    is_own: bool
    mapped: tuple[Mapped, ...]
    faults: Sequence[tuple[int, str, str, str]]
    faults_first: int
    faults_next: int | None
    faults_previous: int | None
    address: str
    may_check: bool
    may_map: bool
    may_start: bool
    may_start_whole: bool
    may_undo: bool
    may_keep: bool
    may_go_on: bool
    may_drop: bool

    @property
    def is_running(self) -> bool:
        """Whether a job is at it, so that the page asks again."""
        return self.batch.is_running

    @property
    def remarks(self) -> list[Remark]:
        """What needs a look, what is said of several rows alike once; of single rows first."""
        found: dict[tuple[str, str], Remark] = {}
        for row, column, value, told in self.batch.counts.get("remarks", ()):
            one = found.setdefault((column, told), Remark(column, told))
            one.rows.append(row)
            one.values.append(value)
        return sorted(found.values(), key=lambda one: (len(one.rows) > 1, one.rows[0]))

    @property
    def mended_lines(self) -> list[int]:
        """The lines that a person mended."""
        return sorted(map(int, self.batch.mended))

    @property
    def standing_count(self) -> int:
        """Records that it made or changed and that are not undone."""
        return self.batch.facts().written_records

    @property
    def has_stopped(self) -> bool:
        """Whether its job broke off or was cancelled before its end."""
        return self.batch.has_stopped

    @property
    def is_half_done(self) -> bool:
        """Whether somebody has to decide: go on, take back what stands, or keep it."""
        is_broken_off = self.has_stopped and self.batch.state in rules.BROKEN_OFF
        return is_broken_off or self.batch.state == BatchState.PARTLY_UNDONE

    @property
    def written(self) -> str:
        """How many rows made and changed how many records of which kind."""
        return results.written(self.batch)

    @property
    def standing(self) -> str:
        """What stands of one that is half done, and what does not."""
        return results.standing(self.batch)


def kinds(user: Any) -> list[exchange.Importing]:
    """What a person may import."""
    return [one for one in exchange.importings().values() if user.may(one.permission)]


def imports(user: Any) -> ImportBatchQuerySet:
    """The imports a person may see."""
    return ImportBatch.objects.visible_to(user).select_related("by", "checked_by", "unit", "job")


def opened(user: Any, public_id: str) -> ImportBatch | None:
    """The import of this public id where the person may read its bad rows."""
    try:
        found = imports(user).filter(public_id=UUID(public_id)).first()
    except ValueError:
        return None
    return found if found is not None and found.is_open_to(user) and found.is_of(user) and found.counts.get("bad") else None


def matching(found: ImportBatchQuerySet, *, kind: str = "", state: str = "", text: str = "") -> ImportBatchQuerySet:
    """Imports by kind, state and part of the file's name."""
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if text:
        found = found.filter(file_name__icontains=text)
    return found


def exports(user: Any) -> ExportBatchQuerySet:
    """The exports a person may see: his own."""
    return ExportBatch.objects.visible_to(user).select_related("job")


def entries(importing: exchange.Importing, user: Any) -> list[Entry]:
    """The columns of a template."""
    return [
        Entry(
            column.field.headers[0], column.field.is_needed, str(column.explained), words.wanted(column.field.expected), column.example,
            column.choices, column.width,
        )
        for column in importing.columns(user)
    ]  # fmt: skip


def import_page(batch: ImportBatch, user: Any, *, first: int = 0) -> ImportPage:
    """Everything the page of an import shows; `first`: from which fault on."""
    facts, is_open = batch.facts(), batch.is_open_to(user)
    is_own = is_open and batch.is_of(user)
    count = batch.counts.get("faults", 0) if is_own else 0
    first = min(max(first, 0), max(count - 1, 0))
    is_checked = is_own and batch.state == BatchState.CHECKED
    address = batch.importing.opens(batch.notes, user) if batch.importing and batch.state == BatchState.DONE else ""
    return ImportPage(
        batch=batch, progress=jobs.progress(batch.job, user) if batch.job else None, is_open=is_open, is_own=is_own,
        mapped=_mapped(batch) if is_open and batch.headers else (), faults=checking.faults(batch, first, FAULTS_SHOWN) if count else (),
        faults_first=first + 1, faults_next=first + FAULTS_SHOWN if first + FAULTS_SHOWN < count else None,
        faults_previous=max(first - FAULTS_SHOWN, 0) if first else None, address=address,
        may_check=is_open and batch.state == BatchState.CHECKING and not batch.is_running,
        may_map=is_open and bool(batch.headers) and not rules.refusals_to_check(facts),
        may_start=is_checked and not rules.refusals_to_start(facts, is_whole=False),
        may_start_whole=is_checked and not rules.refusals_to_start(facts, is_whole=True),
        may_undo=is_open and not rules.refusals_to_undo(facts), may_keep=is_open and not rules.refusals_to_keep(facts),
        may_go_on=is_open and facts.state in rules.BROKEN_OFF and batch.job is not None and jobs.may_repeat(batch.job, user),
        may_drop=is_open and batch.state != BatchState.DROPPED and not rules.refusals_to_drop(facts),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinePage:
    """A line of a file as it is mended: the rows that stand for it, what is wrong, and how many projects or firms it may be split into.

    `is_mended`: a person gave these rows, and the file says another.
    """

    number: int
    rows: list[list[str]]
    faults: Sequence[tuple[int, str, str, str]]
    is_mended: bool
    is_split: bool
    may_split: int


def line_page(batch: ImportBatch, number: int, *, parts: str = "") -> LinePage | None:
    """A line of the file, split where `parts` asks for it; None where the file has no such row."""
    try:
        rows, faults = checking.line(batch, number)
    except checking.Unreadable:  # its file is not kept any more
        return None
    is_mended = str(number) in batch.mended
    if not rows and not is_mended:
        return None
    split = batch.importing.split if batch.importing else None
    pieces = split(rows[0], batch.columns) if split and len(rows) == 1 else []
    if parts and parts == str(len(pieces)):
        return LinePage(number, pieces, faults, is_mended, is_split=True, may_split=0)
    return LinePage(number, rows, faults, is_mended, is_split=False, may_split=len(pieces) if len(pieces) > 1 else 0)


def _mapped(batch: ImportBatch) -> tuple[Mapped, ...]:
    try:
        columns = checking.columns_of(batch)
    except checking.Unreadable:  # what the form beside the file said is not there any more
        return ()
    found = []
    for column in columns:
        at = batch.columns.get(column.field.name)
        header = batch.headers[at] if at is not None and at < len(batch.headers) else ""
        found.append(Mapped(column.field.name, str(column.label), column.field.is_needed, at, header))
    return tuple(found)
