"""XLSX workbooks of strangers: refused before opening where unpacking would exhaust the machine, else read as texts.

Why: a workbook is a zip; a few hundred kilobytes can unpack to gigabytes, and one cell in the last corner makes a reader lay out
the whole grid.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from python_calamine import CalamineError, CalamineSheet, SheetVisibleEnum, load_workbook

LARGEST_UNPACKED_MB = 1_500
LARGEST_RATIO = 200
"""Unpacked size over packed size; real registries stay under 40."""
RATIO_FROM_MB = 50
LARGEST_CELLS = 60_000_000
LARGEST_TEXT_MB = 3_000
"""All cells' texts together; a workbook keeps a text once however many cells show it, a reader copies it into each."""
MOST_ROWS = 1_048_576
EXACT_BELOW = 1e15
"""Spreadsheets keep 15 digits of a number; further digits are not what was typed."""
LARGEST_FILES = 2_000
_CHUNK = 1 << 20
_MEGABYTE = 1_000_000
_TAIL = 200
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{2,4})[0-9]+["']""")
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,4}([0-9]{4,})["']""")
_MAYBE_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Za-z]{2,4}[0-9]|[A-Za-z]{0,4}0*[0-9]{7})""")
_FAR_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,4}0*([0-9]{7,})["']""")
_SHARED = re.compile(rb"<(?:\w+:)?si\b")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*</")
_TEXTS = "xl/sharedstrings.xml"
_SHORTEST_CELL = len(b"<c><v>0</v></c>")


class WorkbookError(Exception):
    """A workbook cannot or must not be opened; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet as texts. Shape: rows of equal length; `first_row` is what a spreadsheet numbers the first of them."""

    name: str
    rows: list[list[str]]
    first_row: int


def read(path: Path) -> list[Sheet]:
    """Every visible sheet of a workbook. Formula cells give the value last computed. Raises: WorkbookError."""
    _refuse_bombs(path)
    try:
        with load_workbook(str(path)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
            return [_sheet(book.get_sheet_by_name(name)) for name in names]
    except (CalamineError, ValueError, OSError) as error:
        raise WorkbookError(f"begins like a workbook but cannot be read: {error}") from error


def _sheet(found: CalamineSheet) -> Sheet:
    rows = [[cell.strip() if type(cell) is str else _text(cell) for cell in row] for row in found.to_python()]
    return Sheet(found.name, rows, 1 + (found.start or (0, 0))[0])


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
            _check_texts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise WorkbookError(f"is a damaged zip archive: {error}") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member without keeping it: its true size must be the declared one, and a sheet's corner must not be out of reach."""
    columns, rows = 26, 1
    for text in _chunks(archive, member):
        if not _MAYBE_FAR.search(
            text
        ):  # finds all that the two below find, in a third of the time: it begins with a letter, not a boundary
            continue
        columns = max([columns, *(_column(letters) for letters in set(_COLUMN.findall(text)))])
        rows = max([rows, *(int(row) for row in set(_FAR_ROW.findall(text)))])
    if columns * max(rows, MOST_ROWS) <= LARGEST_CELLS:
        return
    for text in _chunks(archive, member):
        rows = max([rows, *(int(row) for row in set(_ROW.findall(text)))])
    if columns * rows > LARGEST_CELLS:
        raise WorkbookError(f"{member.filename} reaches to column {columns} of row {rows}; delete stray cells far from the table")


def _check_texts(archive: zipfile.ZipFile) -> None:
    """A few long texts shown by very many cells are a bomb that no zip ratio tells."""
    shared = next((member for member in archive.infolist() if member.filename.lower() == _TEXTS), None)
    if shared is None:
        return
    data = archive.read(shared)
    bounds = np.array([*(found.start() for found in _SHARED.finditer(data)), len(data)], dtype=np.int64)
    sizes = bounds[1:] - bounds[:-1]
    if not len(sizes):
        return
    total = 0
    for member in archive.infolist():
        if member is not shared and int(sizes.max()) * (member.file_size // _SHORTEST_CELL) > LARGEST_TEXT_MB * _MEGABYTE:
            total += _shown_bytes(archive, member, sizes)
    if total > LARGEST_TEXT_MB * _MEGABYTE:
        raise WorkbookError(f"its cells hold {total // _MEGABYTE} MB of text, more than {LARGEST_TEXT_MB} MB; give it as CSV or Parquet")


def _shown_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, sizes: npt.NDArray[np.int64]) -> int:
    """The size of all shared texts that a sheet's cells show; a number that could be that of a text is taken for one."""
    total, tail = 0, b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text = tail + chunk
            cut = text.rfind(b"</") + 2
            numbers = np.array(_VALUE.findall(text[:cut]), dtype=np.int64)
            total += int(sizes[numbers[numbers < len(sizes)]].sum())
            tail = text[cut:][-_TAIL:]
    return total


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member piece by piece, each with the end of the one before."""
    tail = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            yield tail + chunk
            tail = (tail + chunk)[-_TAIL:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_BELOW:
        return str(int(value))
    return str(value).strip()
