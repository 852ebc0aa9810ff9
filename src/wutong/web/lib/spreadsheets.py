"""Excel files: written row by row, with nothing in a cell that a spreadsheet could run."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, cast

import xlsxwriter
from django.http import FileResponse
from django.utils import timezone

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(Exception):  # noqa: N818 - a refusal, not a fault
    """More rows than one sheet of an Excel file can hold; the message says how many."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; the unit belongs into the label. `digits`: decimal places of numbers."""

    label: Any
    width: int = 16
    digits: int | None = None


def write(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, title: str, notes: Sequence[str] = ()) -> int:
    """Write one sheet (and one of notes, if any) and return the number of rows. Raises: TooManyRows.

    Why: text is written as text, never as a formula, and text that begins like one carries Excel's quote mark, so that it stays text when
    the cell is edited or the sheet is saved as CSV.
    """
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    formats = _Formats(book, columns)
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 1)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, str(column.label), formats.head)
    count = 0
    for count, row in enumerate(rows, 1):
        if count >= MAX_ROWS:
            book.close()
            raise TooManyRows(f"an Excel sheet holds {MAX_ROWS - 1:,} rows at most")
        for number, value in enumerate(row):
            _cell(sheet, count, number, value, formats)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    if notes:
        _notes(book, notes)
    book.close()
    return count


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook, columns: Sequence[Column]) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"quote_prefix": True})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.number = [
            book.add_format({"num_format": f"#,##0.{'0' * c.digits}" if c.digits else "#,##0"}) if c.digits is not None else None
            for c in columns
        ]


def _sheet_name(title: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip("' ")[:31] or "Sheet1"


def _notes(book: xlsxwriter.Workbook, notes: Sequence[str]) -> None:
    sheet = book.add_worksheet("说明 Notes")
    sheet.set_column(0, 0, 100)
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, _text(note))


def _cell(sheet: Any, row: int, number: int, value: Any, formats: _Formats) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, number, value)
    elif isinstance(value, (int, float, Decimal)) and abs(value) < 10**15 and value == value:  # noqa: PLR0124 - not a number is unequal to itself
        sheet.write_number(row, number, value, formats.number[number])
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, number, timezone.make_naive(value) if timezone.is_aware(value) else value, formats.time)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, number, value, formats.date)
    else:
        text = _text(str(value))
        sheet.write_string(row, number, text, formats.quoted if is_formula_like(text) else None)


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula: it begins with = + - @, a tab or a line end."""
    return text.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} if text.strip(" ") else False


def _text(text: str) -> str:
    return text.replace("\x00", "")[:MAX_TEXT]


def download(name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, notes: Sequence[str] = ()) -> FileResponse:
    """An Excel file to save under `name`, which may be Chinese. `response.row_count` is for the audit entry of whoever calls."""
    file = cast("IO[bytes]", tempfile.TemporaryFile(suffix=".xlsx"))  # noqa: SIM115 - the answer closes it
    try:
        count = write(file, columns, rows, title=name, notes=notes)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=TYPE)
    response.row_count = count
    return response
