"""Registry files in: Parquet, CSV and XLSX, told apart by what they hold, as one frame of texts with the row each came from.

What cannot be read never stops the build half-way: a file that is no registry is refused before anything is built, a broken row is
a reject.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from polars.exceptions import PolarsError
from pyarrow import ArrowException

from wutong.engine import csv_text, mapping, workbooks
from wutong.engine.rejects import Rejects

BLANK_ROWS = 200
"""So many rows with nothing in them may stand before a table."""
REPLACEMENT = "\ufffd"
"""Stands in a value where its bytes could not be decoded."""

MOST_CONTROLS_SHARE = 0.08
"""Of a text's first bytes, those that no text has; a damaged text has a few, a binary file 11 in 100 and more."""
_CONTROLS = [bytes([byte]) for byte in range(32) if byte not in b"\t\n\r\f"]


class ReadError(Exception):
    """A file cannot be read as a registry; the message names the file, what it holds and what was expected."""


@dataclass(frozen=True, slots=True)
class Source:
    """One registry file as read.

    Shape: `frame` has every column of `mapping.COLUMNS` as text, `source_file` and `source_row`; `rows` counts the rows of the file,
    broken ones included.
    """

    file: str
    kind: str
    frame: pl.DataFrame
    columns: Mapping[str, str]
    rows: int
    note: str


def read(path: Path, label: str, given: Mapping[str, str] | None, rejects: Rejects) -> Source:
    """Read one file. Raises: ReadError, mapping.MappingError."""
    kind = sniff(path)
    if kind == "parquet":
        return _parquet(path, label, given)
    if kind == "xlsx":
        return _xlsx(path, label, given)
    return _csv(path, label, given, rejects)


def sniff(path: Path) -> str:
    """What a file is by its content: parquet, xlsx or csv. Raises: ReadError."""
    if not path.is_file():
        raise ReadError(f"{path}: no such file; expected a Parquet, CSV or XLSX registry file")
    with path.open("rb") as file:
        head = file.read(65_536)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ReadError(f"{path}: the file is empty; expected a header and rows")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError(f"{path}: an old .xls workbook, or one with a password; save it as .xlsx without a password")
    if head.startswith((b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"Rar!", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")):
        raise ReadError(f"{path}: a compressed archive; unpack it first")
    if head.startswith(b"%PDF"):
        raise ReadError(f"{path}: a PDF document; expected Parquet, CSV or XLSX")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if sum(head.count(byte) for byte in _CONTROLS) > MOST_CONTROLS_SHARE * len(head):
        raise ReadError(f"{path}: binary data of an unknown kind; expected Parquet, CSV or XLSX")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<html", b"<!doctype", b"<?xml")):
        raise ReadError(f"{path}: a web page or XML, whatever its name says; expected Parquet, CSV or XLSX")
    return "csv"


def headers(path: Path, label: str) -> tuple[str, list[str]]:
    """What a file is and the headers of its table, without reading all of it where that can be. Raises: ReadError."""
    kind = sniff(path)
    if kind == "parquet":
        try:
            return kind, list(pq.read_schema(path).names)
        except (ArrowException, OSError) as error:
            raise ReadError(f"{label}: begins like Parquet but cannot be read: {error}") from error
    if kind == "csv":
        rows = [row.cells for row in csv_text.read(path).head(mapping.ROWS_SEARCHED)]
        return kind, list(_likeliest(rows))
    try:
        sheets = workbooks.read_head(path, mapping.ROWS_SEARCHED + BLANK_ROWS)
    except workbooks.WorkbookError as error:
        raise ReadError(f"{label}: {error}") from error
    return kind, list(_likeliest([row for sheet in sheets for row in sheet.rows[: mapping.ROWS_SEARCHED]]))


def _likeliest(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """The row that names most columns; the first where none does."""
    return max(rows, key=lambda row: len(mapping.guess(row)), default=[])


def _parquet(path: Path, label: str, given: Mapping[str, str] | None) -> Source:
    try:
        schema = pq.read_schema(path)
        columns = mapping.resolve(schema.names, given, label)
        frame = pl.read_parquet(path, columns=list(columns.values()))
    except (ArrowException, PolarsError, OSError) as error:
        raise ReadError(f"{path}: begins like Parquet but cannot be read: {error}") from error
    for header, kind in frame.schema.items():
        if kind.is_nested() or kind == pl.Binary:
            raise ReadError(f"{path}: column {header!r} holds {kind}; expected text, numbers or dates")
    renamed = frame.select(pl.col(header).alias(column) for column, header in columns.items())
    note = "Parquet" + _not_read(schema.names, columns)
    return Source(label, "parquet", _complete(renamed, label, range(1, frame.height + 1)), columns, frame.height, note)


def _csv(path: Path, label: str, given: Mapping[str, str] | None, rejects: Rejects) -> Source:
    text = csv_text.read(path)
    found = mapping.find_header([row.cells for row in text.head(mapping.ROWS_SEARCHED)], given)
    if found is None:
        first = next(iter(text.head(1)), None)
        mapping.resolve(first.cells if first else [], given, label)
        raise ReadError(f"{label}: no header row found among the first {mapping.ROWS_SEARCHED} rows")
    skip, headers = found
    columns = mapping.resolve(headers, given, label)
    table = text.table(headers, skip)
    rejects.add_rows(
        [
            (label, row, line, "", value, "broken_line", f"{len(headers)} fields separated by {text.delimiter!r}, no NUL", True)
            for row, line, value in table.broken
        ]
    )
    frame = pl.DataFrame(
        {column: table.columns[headers.index(header)] for column, header in columns.items()}, schema_overrides=_texts(columns)
    )
    note = f"CSV, {text.encoding}" + _not_read(headers, columns)
    return Source(label, "csv", _complete(frame, label, table.rows, table.lines), columns, frame.height + len(table.broken), note)


def _xlsx(path: Path, label: str, given: Mapping[str, str] | None) -> Source:
    try:
        sheets = workbooks.read(path)
    except workbooks.WorkbookError as error:
        raise ReadError(f"{path}: {error}") from error
    parts: list[pl.DataFrame] = []
    used: list[str] = []
    ignored: list[str] = []
    columns: dict[str, str] = {}
    taken = 0
    for sheet in sheets:
        found = mapping.find_header(sheet.rows[: mapping.ROWS_SEARCHED], given)
        if found is None:
            if sheet.rows:
                ignored.append(sheet.name)
            continue
        skip, headers = found
        columns = mapping.resolve(headers, given, f"{label} sheet {sheet.name}")
        numbered = [(line, row) for line, row in enumerate(sheet.rows[skip:], start=sheet.first_row + skip) if any(row)]
        lines, body = [line for line, _ in numbered], [row for _, row in numbered]
        data = {column: [row[headers.index(header)] or None for row in body] for column, header in columns.items()}
        frame = pl.DataFrame(data, schema_overrides=_texts(columns))
        parts.append(_complete(frame, f"{label} › {sheet.name}", range(1, len(body) + 1), lines))
        used.append(sheet.name + _not_read(headers, columns))
        taken += len(body)
    if not parts:
        seen = [cell for sheet in sheets for row in sheet.rows[:3] for cell in row if cell]
        mapping.resolve(seen, given, label)
        raise ReadError(f"{label}: no sheet has a header row among its first {mapping.ROWS_SEARCHED} rows")
    note = f"XLSX, sheets {', '.join(used)}" + (f"; without a registry header: {', '.join(ignored)}" if ignored else "")
    return Source(label, "xlsx", pl.concat(parts), columns, taken, note)


def _not_read(headers: Sequence[str], columns: Mapping[str, str]) -> str:
    twins = mapping.passed_over(headers, columns)
    return f" (says the same as another column, not read: {', '.join(twins)})" if twins else ""


def _texts(columns: Iterable[str]) -> dict[str, type[pl.DataType]]:
    return dict.fromkeys(columns, pl.String)


def _complete(frame: pl.DataFrame, label: str, rows: Sequence[int], lines: Sequence[int] | None = None) -> pl.DataFrame:
    """Every column the build knows, as text with outer blanks off and empty texts as null, beside file, row and line."""
    texts = [_as_text(frame, column) if column in frame.columns else pl.lit(None, pl.String).alias(column) for column in mapping.COLUMNS]
    return frame.select(texts).with_columns(
        pl.lit(label).alias("source_file"),
        pl.Series("source_row", rows, dtype=pl.Int64) if frame.height else pl.lit(None, pl.Int64).alias("source_row"),
        pl.Series("source_line", lines, dtype=pl.Int64) if lines else pl.lit(None, pl.Int64).alias("source_line"),
    )


def _as_text(frame: pl.DataFrame, column: str) -> pl.Expr:
    kind = frame.schema[column]
    text = pl.col(column).cast(pl.String)
    if kind == pl.Datetime:
        text = pl.col(column).dt.strftime("%Y-%m-%d")
    elif kind.is_float():
        whole = pl.col(column).cast(pl.Int64, strict=False)
        is_exact = (pl.col(column) == whole) & (pl.col(column).abs() < workbooks.EXACT_BELOW)
        text = pl.when(is_exact).then(whole.cast(pl.String)).otherwise(text)
    stripped = text.str.strip_chars()
    return pl.when(stripped != "").then(stripped).otherwise(None).alias(column)
