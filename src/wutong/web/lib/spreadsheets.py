"""Excel files: written row by row, with nothing in a cell that a spreadsheet could run."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, cast

import xlsxwriter
from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
READ_AT_ONCE = 2000
FILLED_ROWS = 10_000
"""Rows of a template that have the drop-downs."""
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; the unit belongs into the label. `digits`: decimal places of numbers."""

    label: Any
    width: int = 16
    digits: int | None = None


def write(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, title: str, notes: Sequence[str] = ()) -> int:
    """Write rows to a sheet (to another where one is full), and a sheet of notes, if any; return the number of rows.

    Why: text is written as text, never as a formula, and text that begins like one carries Excel's quote mark, so that it stays text when
    the cell is edited or the sheet is saved as CSV.
    """
    book = _book(file)
    formats = _Formats(book, columns)
    name, count, line, sheets = _sheet_name(title), 0, 0, 1
    sheet = _sheet(book, name, columns, formats)
    for row in rows:
        if line >= MAX_ROWS - 1:
            sheet.autofilter(0, 0, line, len(columns) - 1)
            sheets, line = sheets + 1, 0
            sheet = _sheet(book, f"{name[:27]} {sheets}", columns, formats)
        count, line = count + 1, line + 1
        for number, value in enumerate(row):
            _cell(sheet, line, number, value, formats)
    sheet.autofilter(0, 0, line, len(columns) - 1)
    if notes:
        _notes(book, notes)
    book.close()
    return count


def in_pieces(found: QuerySet[Any], at_once: int = READ_AT_ONCE) -> Iterator[Any]:
    """The records of a list in its order, read in pieces by their keys.

    Why: a plain loop keeps every record, and `iterator()` keeps a question open, beside which SQLite lets nothing be written once anybody
    else has (a job could not say how far it is). Here the keys are kept, 8 bytes each, and every piece is a question of its own.
    """
    keys = array("q", found.prefetch_related(None).values_list("pk", flat=True).iterator(chunk_size=at_once))
    for first in range(0, len(keys), at_once):
        piece = keys[first : first + at_once]
        there = {record.pk: record for record in found.order_by().filter(pk__in=piece)}
        yield from (there[key] for key in piece if key in there)


def write_csv(file: IO[str], columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows as CSV and return their number; text that a spreadsheet might take for a formula begins with an apostrophe."""
    writer = csv.writer(file)
    writer.writerow([_plain(str(column.label)) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        count += 1
    return count


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    text = _text(str(value))
    return f"'{text}" if is_formula_like(text) else text


def _book(file: IO[bytes]) -> xlsxwriter.Workbook:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }  # fmt: skip
    return xlsxwriter.Workbook(file, options)


def _sheet(book: xlsxwriter.Workbook, name: str, columns: Sequence[Column], formats: _Formats) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(0, number, str(column.label), formats.head)
    return sheet


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


def later(request: HttpRequest, code: str, count: int, **more: str) -> HttpResponse | None:
    """Where an export of the kind `code` has too many rows for an answer at once: the page that prepares it in the background.

    `more` goes into its filter beside what the address says.
    """
    if count <= settings.EXPORT_AT_ONCE_ROWS:
        return None
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = value
    return redirect(f"{reverse('batches:file-new', args=[code])}?{query.urlencode()}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A column of a template: its header, whether it is needed, what it says, what the example row says, and what it may say."""

    header: str
    is_needed: bool
    explained: str
    expected: str
    example: str
    choices: Sequence[str] = ()
    width: int = 20


def template(name: str, entries: Sequence[Entry], *, example_mark: str, notes: Sequence[str]) -> FileResponse:
    """A template to fill in: headers, an example row marked as such, drop-downs, and a sheet that explains each column."""
    file = cast("IO[bytes]", tempfile.TemporaryFile(suffix=".xlsx"))  # noqa: SIM115 - the answer closes it
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    grey, text = book.add_format({"italic": True, "font_color": "#6b7280", "num_format": "@"}), book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(_sheet_name(name))
    explained = book.add_worksheet("说明 Notes")
    choices = book.add_worksheet("选项 Choices")
    choices.hide()
    sheet.freeze_panes(1, 1)
    for number, entry in enumerate(entries):
        sheet.set_column(number, number, entry.width, text)
        sheet.write_string(0, number, entry.header + (" *" if entry.is_needed else ""), head)
        sheet.write_string(1, number, f"{example_mark}{entry.example}" if number == 0 else entry.example, grey)
        if entry.choices:
            for row, choice in enumerate(entry.choices):
                choices.write_string(row, number, _text(choice))
            column = xlsxwriter.utility.xl_col_to_name(number)
            source = f"='选项 Choices'!${column}$1:${column}${len(entry.choices)}"
            sheet.data_validation(2, number, FILLED_ROWS, number, {"validate": "list", "source": source, "error_type": "warning"})
    explained.set_column(0, 0, 24)
    explained.set_column(1, 3, 40)
    for number, title in enumerate((_("Column"), _("Needed"), _("What is expected"), _("Explanation"))):
        explained.write_string(0, number, title, head)
    for row, entry in enumerate(entries, 1):
        needed = _("yes") if entry.is_needed else _("no")
        for number, said in enumerate((entry.header, needed, entry.expected, entry.explained)):
            explained.write_string(row, number, _text(said))
    for row, note in enumerate(notes, len(entries) + 2):
        explained.write_string(row, 0, _text(note))
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=TYPE)
