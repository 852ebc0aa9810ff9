"""What may be done with an import and an export, decided without a database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

MOST_MENDED = 500
"""So many lines of a file may be mended in the pages; who has more mends the file."""
KEPT_DAYS = 30
"""Uploaded registry files are kept so long after their upload or their last build."""


class BatchState(StrEnum):
    """Where an import (批量导入) stands."""

    CHECKING = "checking"
    UNREADABLE = "unreadable"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"
    CLOSED = "closed"
    UNDOING = "undoing"
    UNDONE = "undone"
    TAKING_BACK = "taking_back"
    PARTLY_UNDONE = "partly_undone"
    ENDED_IN_PART = "ended_in_part"
    DROPPED = "dropped"


class ExportState(StrEnum):
    """Where an export (批量导出) stands."""

    WAITING = "waiting"
    READY = "ready"
    GONE = "gone"


class RegistryState(StrEnum):
    """Where a registry file stands."""

    UPLOADED = "uploaded"
    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"


class Format(StrEnum):
    """What an export is written as."""

    XLSX = "xlsx"
    CSV = "csv"


class Refusal(StrEnum):
    """Why something about an import is refused; the web puts it into words."""

    NOT_CHECKED = "not_checked"
    NOT_CHECKED_BY_YOU = "not_checked_by_you"
    NOTHING_TO_WRITE = "nothing_to_write"
    NOT_ALL_GOOD = "not_all_good"
    NOTHING_WRITTEN = "nothing_written"
    NOT_BROKEN_OFF = "not_broken_off"
    STILL_RUNNING = "still_running"
    BEGUN = "begun"
    KIND_GONE = "kind_gone"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NO_NAME_COLUMN = "no_name_column"
    NO_SUCH_BUILD = "no_such_build"
    SERVES_ALREADY = "serves_already"
    OTHER_BUILD = "other_build"
    FILE_GONE = "file_gone"
    TOO_MANY_MENDED = "too_many_mended"


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """An import as the rules see it. `rows_to_write`: rows that would make or change something; `is_running`: its job has not ended."""

    state: BatchState
    bad_rows: int
    rows_to_write: int
    written_records: int
    is_running: bool
    is_kind_known: bool = True


BROKEN_OFF = frozenset({BatchState.WRITING, BatchState.TAKING_BACK, BatchState.UNDOING})
"""States that only a running job should be seen in."""
STANDING = BROKEN_OFF | {BatchState.DONE, BatchState.PARTLY_UNDONE}
"""States in which records of an import may stand."""
GOING_BACK = frozenset({BatchState.TAKING_BACK, BatchState.UNDOING})
"""States in which what was written is taken back; of one that breaks off behind the last record nothing stands."""


def refusals_to_start(batch: BatchFacts, *, is_whole: bool, is_own: bool = True) -> tuple[Refusal, ...]:
    """Why the rows may not be written; `is_whole`: all or none; `is_own`: whoever starts had the file checked, by whose rights it is."""
    found: list[Refusal] = []
    if not batch.is_kind_known:
        found.append(Refusal.KIND_GONE)
    if batch.state != BatchState.CHECKED:
        found.append(Refusal.NOT_CHECKED)
    elif not is_own:
        found.append(Refusal.NOT_CHECKED_BY_YOU)
    elif is_whole and batch.bad_rows:
        found.append(Refusal.NOT_ALL_GOOD)
    elif not batch.rows_to_write:
        found.append(Refusal.NOTHING_TO_WRITE)
    return tuple(found)


def refusals_to_check(batch: BatchFacts) -> tuple[Refusal, ...]:
    """Why the file may not be checked by other columns: its rows are being written, or some were."""
    if not batch.is_kind_known:
        return (Refusal.KIND_GONE,)
    if batch.is_running:
        return (Refusal.STILL_RUNNING,)
    if batch.state in {BatchState.CHECKED, BatchState.UNREADABLE, BatchState.CHECKING}:
        return ()
    return () if batch.state == BatchState.WRITING and not batch.written_records else (Refusal.BEGUN,)


def refusals_to_mend(batch: BatchFacts, *, count: int) -> tuple[Refusal, ...]:
    """Why a line may not be mended: the file may not be checked anew, or so many lines are mended already (`count`)."""
    return refusals_to_check(batch) or ((Refusal.TOO_MANY_MENDED,) if count >= MOST_MENDED else ())


def refusals_to_drop(batch: BatchFacts) -> tuple[Refusal, ...]:
    """Why an import may not be thrown away unwritten, also where no installed room knows its kind any more."""
    return refusals_to_check(replace(batch, is_kind_known=True))


def refusals_to_undo(batch: BatchFacts) -> tuple[Refusal, ...]:
    """Why what was written may not be undone: nothing was, or a job is still at it. What stands on the rows is asked by that job."""
    if batch.is_running:
        return (Refusal.STILL_RUNNING,)
    if batch.state not in STANDING or (not batch.written_records and batch.state not in GOING_BACK):
        return (Refusal.NOTHING_WRITTEN,)
    return ()


def refusals_to_keep(batch: BatchFacts) -> tuple[Refusal, ...]:
    """Why nobody can decide that what stands of an import stays: a job is still at it, it did not break off, or nothing stands."""
    if batch.is_running:
        return (Refusal.STILL_RUNNING,)
    if batch.state not in BROKEN_OFF | {BatchState.PARTLY_UNDONE}:
        return (Refusal.NOT_BROKEN_OFF,)
    return () if batch.written_records else (Refusal.NOTHING_WRITTEN,)


def ended(batch: BatchFacts, *, undone_records: int, is_written: bool) -> BatchState:
    """Where an import ends whose time is over, or of which somebody keeps what stands; `is_written`: once all of its rows were.

    Of one that broke off something may stand: then it ends in part, unless no record of it is missing. Else it is undone, or never was.
    """
    match batch.state:
        case BatchState.DONE:
            return BatchState.CLOSED
        case BatchState.UNDONE:
            return BatchState.UNDONE
        case BatchState.WRITING | BatchState.TAKING_BACK | BatchState.UNDOING | BatchState.PARTLY_UNDONE if batch.written_records:
            return BatchState.CLOSED if is_written and not undone_records else BatchState.ENDED_IN_PART
        case BatchState.TAKING_BACK | BatchState.UNDOING | BatchState.PARTLY_UNDONE:
            return BatchState.UNDONE
    return BatchState.DROPPED


def after_standing(batch: BatchFacts, *, undone_records: int, is_written: bool) -> BatchState:
    """Where an import stands once something stands on its records, so that no more of it is undone."""
    if undone_records or batch.state == BatchState.TAKING_BACK:
        return BatchState.PARTLY_UNDONE
    return BatchState.DONE if is_written else BatchState.WRITING


def refusals_of_file(*, size_bytes: int, largest_mb: int) -> tuple[Refusal, ...]:
    """Why a file is not taken: empty, or larger than the setting allows."""
    if not size_bytes:
        return (Refusal.EMPTY,)
    return (Refusal.TOO_LARGE,) if size_bytes > largest_mb * 1_000_000 else ()


def refusals_to_build(*, is_running: bool, is_other_running: bool, has_name: bool, is_there: bool = True) -> tuple[Refusal, ...]:
    """Why a registry file may not be built: a build is being made already, or no column holds the firms' names."""
    if is_running:
        return (Refusal.STILL_RUNNING,)
    if is_other_running:
        return (Refusal.OTHER_BUILD,)
    if not is_there:
        return (Refusal.FILE_GONE,)
    return () if has_name else (Refusal.NO_NAME_COLUMN,)


def refusals_to_serve(build_id: str, *, there: tuple[str, ...], served_id: str) -> tuple[Refusal, ...]:
    """Why a build may not serve: it is not there, or serves already."""
    if build_id not in there:
        return (Refusal.NO_SUCH_BUILD,)
    return (Refusal.SERVES_ALREADY,) if build_id == served_id else ()
