"""Lists by the hundred thousand (批量名单): header found, columns mapped, every fault told, rows kept in pieces for a job to write.

Why columns and not rows: three hundred thousand rows are judged a column at a time, each distinct text once, so that it takes seconds.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from wutong.engine import csv_text, readers, workbooks
from wutong.engine.list_files import ROWS_SEARCHED, Fault, Field, ListError, Unlike, Wanted, lacking
from wutong.engine.mapping import plain

PIECE_ROWS = 1000
EXAMPLE_MARKS = ("示例：", "示例:", "Example:", "Example：")
"""A row with a cell that begins so is the template's example: it is passed over."""
_HASHED_AT_ONCE = 1 << 20
UNREADABLE = object()
_EMPTY = object()
_FAULTS = pa.schema([("row", pa.int64()), ("column", pa.string()), ("value", pa.string()), ("expected", pa.string())])


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's table as it stands: headers, and below them rows of texts with the numbers that an editor gives them.

    Shape: `rows` and `lines` are of one length; `broken` holds faults of lines that are no rows; `others` names sheets that are not read.
    `above`: what stands above the header; `merges`: cells merged downwards, as (first line, last line, column); `passed`: lines that are
    no rows, with what they are and say; `odd`: cells that cannot stand as they are, as (position, column, fault).
    """

    file: str
    sha256: str
    kind: str
    sheet: str
    others: tuple[str, ...]
    headers: tuple[str, ...]
    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    broken: tuple[Fault, ...] = ()
    above: str = ""
    merges: tuple[tuple[int, int, int], ...] = ()
    passed: tuple[tuple[int, str, str], ...] = ()
    odd: tuple[tuple[int, int, Fault], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One fault of one row: where it stands in `Layout.rows` (-1 for a line that is none), and the fault."""

    position: int
    fault: Fault


@dataclass(slots=True)
class Judged:
    """A layout judged by its columns. `columns`: field → position of its column; `good`: positions of rows without a fault.

    `cells`: field → its column; `known`: field → text → what it says, each text read once.
    """

    layout: Layout
    columns: Mapping[str, int]
    fields: Mapping[str, Field]
    any_of: tuple[str, ...] = ()
    examples: int = 0
    good: list[int] = dataclasses.field(default_factory=list)
    faults: list[Found] = dataclasses.field(default_factory=list)
    cells: dict[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    known: dict[str, dict[str, object]] = dataclasses.field(default_factory=dict)
    why: dict[tuple[str, str], Unlike] = dataclasses.field(default_factory=dict)

    def values(self, part: Sequence[int]) -> Iterator[dict[str, object]]:
        """What each of these rows says of each field that is not empty."""
        names, columns = list(self.columns), []
        for name in names:
            cells, known = self.cells[name], self.known.get(name)
            columns.append(
                [cells[at] or _EMPTY for at in part] if known is None else [known[cells[at]] if cells[at] else _EMPTY for at in part]
            )
        for said in zip(*columns, strict=True):
            if _EMPTY in said:
                yield {name: value for name, value in zip(names, said, strict=True) if value is not _EMPTY}
            else:
                yield dict(zip(names, said, strict=True))


def read_as(column: Field, text: str) -> object:
    """A text as its field reads it. Raises: ValueError."""
    return text if column.read is str else column.read(text)


def layout(path: Path, name: str, fields: Sequence[Field]) -> Layout:
    """Find the table of a file: the sheet and row that name most of the fields, else the first row that is not blank.

    Raises: ListError.
    """
    try:
        kind = readers.sniff(path)
        if kind != "parquet":
            return _of_sheets(path, name, fields) if kind == "xlsx" else _of_text(path, name, fields)
    except (readers.ReadError, workbooks.WorkbookError, OSError) as error:
        told = str(error).replace(f"{path}: ", "")
        raise ListError([Fault(name, 0, "", name, Wanted.READABLE, {"error": told})]) from error
    raise ListError([Fault(name, 0, "", name, Wanted.READABLE, {"error": "Parquet"})])


def is_small(path: Path) -> bool:
    """Whether a file may be read while somebody waits for the answer. What is no workbook after all may, for it is refused."""
    try:
        if readers.sniff(path) == "xlsx":
            workbooks.refuse_bombs(path, workbooks.AT_ONCE)
    except workbooks.TooLarge:
        return False
    except (readers.ReadError, workbooks.WorkbookError):
        return True
    return True


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASHED_AT_ONCE):
            digest.update(chunk)
    return digest.hexdigest()


def _of_sheets(path: Path, name: str, fields: Sequence[Field]) -> Layout:
    sheets = [sheet for sheet in workbooks.read(path, workbooks.LIST, as_shown=True) if sheet.rows]
    ranked = [(*_header(sheet.rows[:ROWS_SEARCHED], fields), -number) for number, sheet in enumerate(sheets)]
    if not ranked:
        raise ListError([Fault(name, 0, "", name, Wanted.HEADER, {"columns": _wanted(fields)})])
    _, at, number = max(ranked, key=lambda one: (one[0], one[2]))
    sheet = sheets[-number]
    body = [(line, row) for line, row in enumerate(sheet.rows[at + 1 :], start=sheet.first_row + at + 1) if any(row)]
    others = tuple(other.name for other in sheets if other is not sheet)
    lines, rows = [line for line, _ in body], [row for _, row in body]
    headers = tuple(sheet.rows[at])
    where = {line - sheet.first_row: position for position, line in enumerate(lines)}
    odd = tuple(
        (where[row], column, lacking(name, lines[where[row]], headers[column], marked))
        for (row, column), marked in sorted(sheet.marks.items()) if row in where and column < len(headers)
    )  # fmt: skip
    return Layout(name, sha256(path), "xlsx", sheet.name, others, headers, lines, rows, odd=odd)


def _of_text(path: Path, name: str, fields: Sequence[Field]) -> Layout:
    text = csv_text.read(path)
    head = text.head(ROWS_SEARCHED)
    _, at = _header([row.cells for row in head], fields)
    headers = tuple(cell.strip() for cell in head[at].cells) if head else ()
    if not headers:
        raise ListError([Fault(name, 0, "", name, Wanted.HEADER, {"columns": _wanted(fields)})])
    table = text.table(headers, at + 1)
    params = {"width": len(headers), "delimiter": text.delimiter}
    broken = tuple(Fault(name, line, "", value, Wanted.WIDTH, params) for _, line, value in table.broken)
    rows = [[(cell or "").replace("\x00", "") for cell in row] for row in zip(*table.columns, strict=True)]
    there = [(line, row) for line, row in zip(table.lines, rows, strict=True) if any(row)]
    return Layout(name, sha256(path), "csv", "", (), headers, [line for line, _ in there], [row for _, row in there], broken)


def _header(rows: Sequence[Sequence[str]], fields: Sequence[Field]) -> tuple[int, int]:
    """(how many fields it names, which row it is) of the likeliest header; a row that names none where no row does."""
    scores = [(len(guess(row, fields)), -at) for at, row in enumerate(rows) if any(row)]
    score, at = max(scores, default=(0, 0))
    return score, -at


def _wanted(fields: Sequence[Field]) -> str:
    return "、".join(one.headers[0] for one in fields if one.is_needed) or fields[0].headers[0]


def guess(headers: Sequence[str], fields: Sequence[Field], remembered: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → position of its column: as this person said of such a header before (`remembered`: header → field), else by synonyms."""
    names = {one.name for one in fields}
    said = {plain(header): name for header, name in (remembered or {}).items() if name in names}
    known = {plain(header): one.name for one in fields for header in (one.name, *one.headers)}
    found: dict[str, int] = {}
    for table in (said, known):
        for index, header in enumerate(headers):
            name = table.get(plain(header)) if header else None
            if name and name not in found and index not in found.values() and (table is said or plain(header) not in said):
                found[name] = index
    return found


def judge(
    table: Layout, fields: Sequence[Field], columns: Mapping[str, int], *, any_of: Sequence[str] = (), key: Sequence[str] = ()
) -> Judged:
    """Judge every row by its columns: what is needed is there, texts can be read, and no row names what another names (`key`)."""
    judged = Judged(table, dict(columns), {one.name: one for one in fields}, tuple(any_of))
    judged.faults += [Found(-1, fault) for fault in table.broken]
    every = _columns(table)
    judged.cells = {name: every[index] for name, index in columns.items()}
    passed_over = {at for column in every for at, cell in enumerate(column) if cell.startswith(EXAMPLE_MARKS)}
    judged.examples = len(passed_over)
    bad: set[int] = set()
    read = set(columns.values())
    odd = [Found(at, fault) for at, column, fault in table.odd if column in read and at not in passed_over]
    bad |= {one.position for one in odd}
    judged.faults += odd
    for fault in _of_fields(judged, fields):
        if fault.position not in passed_over:
            bad.add(fault.position)
            judged.faults.append(fault)
    left = [at for at in range(len(table.rows)) if at not in bad and at not in passed_over]
    for fault in _of_rows(judged, left, key):
        bad.add(fault.position)
        judged.faults.append(fault)
    judged.good = [at for at in left if at not in bad]
    return judged


def _columns(table: Layout) -> list[Sequence[str]]:
    """The rows turned into columns, as many as there are headers."""
    width = len(table.headers)
    if all(len(row) == width for row in table.rows):
        return list(zip(*table.rows, strict=True)) or [()] * width
    return [[row[index] if index < len(row) else "" for row in table.rows] for index in range(width)]


def _of_fields(judged: Judged, fields: Sequence[Field]) -> Iterator[Found]:
    table = judged.layout
    for one in fields:
        index, column = judged.columns.get(one.name), judged.cells.get(one.name)
        if index is None or column is None:
            if one.is_needed:
                yield from (Found(at, _fault(table, at, one.headers[0], "", one.expected)) for at in range(len(table.rows)))
            continue
        texts = set(column)
        wrong = {""} & texts if one.is_needed else set()
        if one.read is not str:
            known = judged.known[one.name] = {text: _read(one, text, judged) for text in texts if text}
            wrong |= {text for text, said in known.items() if said is UNREADABLE}
        if wrong:
            header = table.headers[index]
            for at, text in enumerate(column):
                if text in wrong:
                    why = judged.why.get((one.name, text))
                    expected, params = (why.expected, why.params) if why else (one.expected, {})
                    yield Found(at, _fault(table, at, header, text, expected, **params))


def _of_rows(judged: Judged, left: Sequence[int], key: Sequence[str]) -> Iterator[Found]:
    table = judged.layout
    some = [judged.cells[name] for name in judged.any_of if name in judged.cells]
    keys = [name for name in key if name in judged.cells]
    named = " / ".join(judged.fields[name].headers[0] for name in judged.any_of)
    blank = [at for at in left if not any(column[at] for column in some)] if judged.any_of else []
    yield from (Found(at, _fault(table, at, "", "", Wanted.ANY_OF, columns=named)) for at in blank)
    if not keys:
        return
    passed = set(blank)
    there = [at for at in left if at not in passed] if passed else left
    said = list(zip(*([judged.cells[name][at].casefold() for at in there] for name in keys), strict=True))
    if len(set(said)) == len(said):
        return
    first: dict[tuple[str, ...], int] = {}
    for at, one in zip(there, said, strict=True):
        if any(one) and first.setdefault(one, at) != at:
            value = " ".join(filter(None, (judged.cells[name][at] for name in keys)))
            yield Found(at, _fault(table, at, table.headers[judged.columns[keys[0]]], value, Wanted.ONCE, row=table.lines[first[one]]))


def _read(one: Field, text: str, judged: Judged) -> object:
    try:
        return one.read(text)
    except Unlike as why:
        judged.why[one.name, text] = why
        return UNREADABLE
    except ValueError:
        return UNREADABLE


def under(fields: Sequence[Field], headers: Sequence[str], columns: Mapping[str, int], above: str = "") -> list[Field]:
    """The fields as they read their cells under these headers."""
    return [
        dataclasses.replace(one, read=one.under(headers[columns[one.name]], above)) if one.under and one.name in columns else one
        for one in fields
    ]  # fmt: skip


def _fault(table: Layout, at: int, header: str, value: str, expected: object, **params: object) -> Fault:
    return Fault(table.file, table.lines[at], header, value, expected, params)


# --- kept for the job -----------------------------------------------------------------------------------------------------------------
def keep_rows(path: Path, judged: Judged, chosen: Sequence[int]) -> int:
    """Keep rows to write (positions in the layout) in pieces; returns how many pieces."""
    names = list(judged.columns)
    columns: dict[str, list[object]] = {"row": [judged.layout.lines[at] for at in chosen]}
    for name in names:
        cells = judged.cells[name]
        columns[f"f:{name}"] = [cells[at] for at in chosen]
    schema = pa.schema([("row", pa.int64()), *((f"f:{name}", pa.string()) for name in names)])
    pq.write_table(pa.table(columns, schema=schema), path, row_group_size=PIECE_ROWS)
    return -(-len(chosen) // PIECE_ROWS)


def pieces(path: Path) -> int:
    """How many pieces of rows are kept."""
    return int(pq.ParquetFile(path).num_row_groups)


def piece(path: Path, number: int, fields: Mapping[str, Field]) -> list[tuple[int, dict[str, object]]]:
    """The rows of a piece: (row, field → what it says), as their fields read them."""
    kept = pq.ParquetFile(path).read_row_group(number).to_pylist()
    return [
        (one["row"], {name: read_as(fields[name], one[f"f:{name}"]) for name in fields if one.get(f"f:{name}")}) for one in kept
    ]  # fmt: skip


def keep_faults(path: Path, faults: Sequence[tuple[int, str, str, str]]) -> None:
    """Keep faults as (row, column, value, expected in words), by row."""
    ordered = sorted(faults, key=lambda fault: fault[0])
    columns = [list(column) for column in zip(*ordered, strict=True)] if ordered else [[], [], [], []]
    pq.write_table(pa.table(columns, schema=_FAULTS), path, row_group_size=PIECE_ROWS)


def faults(path: Path, first: int = 0, count: int | None = None) -> list[tuple[int, str, str, str]]:
    """Kept faults from one on."""
    found = pq.read_table(path).slice(first, count).to_pylist()
    return [(one["row"], one["column"], one["value"], one["expected"]) for one in found]


def keep_bad(path: Path, table: Layout, reasons: Mapping[int, Sequence[str]]) -> None:
    """Keep bad rows as they stand in the file, each with its reasons, for whoever mends them; `reasons` by position in the layout."""
    width = len(table.headers)
    at = sorted(reasons)
    cells = [[*table.rows[one][:width], *[""] * (width - len(table.rows[one]))] for one in at]
    data = {"row": [table.lines[one] for one in at], "cells": cells, "reasons": ["; ".join(reasons[one]) for one in at]}
    schema = pa.schema([("row", pa.int64()), ("cells", pa.list_(pa.string())), ("reasons", pa.string())])
    pq.write_table(pa.table(data, schema=schema), path, row_group_size=PIECE_ROWS)


def bad(path: Path) -> Iterator[tuple[int, list[str], str]]:
    """Bad rows as they stand in the file: (row, cells, reasons)."""
    file = pq.ParquetFile(path)
    for number in range(file.num_row_groups):
        for one in file.read_row_group(number).to_pylist():
            yield one["row"], one["cells"], one["reasons"]


def slices(found: Sequence[int], size: int) -> Iterator[list[int]]:
    """Positions in slices of a size."""
    walk = iter(found)
    while part := list(islice(walk, size)):
        yield part
