"""XLSX workbooks of strangers: refused before opening where unpacking would exhaust the machine, else read as texts.

Why: a workbook is a zip; a few hundred kilobytes can unpack to gigabytes, and one cell in the last corner makes a reader lay out
the whole grid.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, SheetVisibleEnum, load_workbook

LARGEST_UNPACKED_MB = 1_500
LARGEST_RATIO = 200
"""Unpacked size over packed size; real registries stay under 40."""
RATIO_FROM_MB = 50
LARGEST_CELLS = 60_000_000
LARGEST_FILES = 2_000
_CHUNK = 1 << 20
_MEGABYTE = 1_000_000
_CELL = re.compile(rb'<c r="([A-Z]{2,3})[0-9]+"')
_ROW = re.compile(rb'<row r="([0-9]+)"')


class WorkbookError(Exception):
    """A workbook cannot or must not be opened; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet as texts. Shape: rows of equal length."""

    name: str
    rows: list[list[str]]


def read(path: Path) -> list[Sheet]:
    """Every visible sheet of a workbook. Formula cells give the value last computed. Raises: WorkbookError."""
    _refuse_bombs(path)
    try:
        with load_workbook(str(path)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
            return [Sheet(name, [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]) for name in names]
    except (CalamineError, ValueError, OSError) as error:
        raise WorkbookError(f"begins like a workbook but cannot be read: {error}") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            packed = max(1, sum(member.compress_size for member in members))
            unpacked = sum(member.file_size for member in members)
            if len(members) > LARGEST_FILES:
                raise WorkbookError(f"holds {len(members)} files; a workbook has a few dozen")
            if unpacked > LARGEST_UNPACKED_MB * _MEGABYTE:
                raise WorkbookError(f"unpacks to {unpacked // _MEGABYTE} MB, more than {LARGEST_UNPACKED_MB} MB; give it as CSV or Parquet")
            if unpacked > RATIO_FROM_MB * _MEGABYTE and unpacked / packed > LARGEST_RATIO:
                raise WorkbookError(
                    f"unpacks to {unpacked // packed} times its size ({unpacked // _MEGABYTE} MB): a zip bomb is not opened"
                )
            if not any(member.filename == "xl/workbook.xml" for member in members):
                raise WorkbookError("is a zip archive but no XLSX workbook; unpack it first")
            for member in members:
                _check_member(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise WorkbookError(f"is a damaged zip archive: {error}") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member without keeping it: its true size must be the declared one, and a sheet's corner must not be out of reach."""
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    columns, rows, tail = 26, 1, b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            if is_sheet:
                text = tail + chunk
                columns = max([columns, *(_column(letters) for letters in set(_CELL.findall(text)))])
                rows = max([rows, *(int(row) for row in _ROW.findall(text)[-1:])])
                tail = text[-40:]
    if columns * rows > LARGEST_CELLS:
        raise WorkbookError(f"{member.filename} reaches to column {columns} of row {rows}; delete stray cells far from the table")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
