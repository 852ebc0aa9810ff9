"""XLSX workbooks of strangers: refused before opening where unpacking would exhaust the machine, else read as texts.

Why: a workbook is a zip; a few hundred kilobytes can unpack to gigabytes, and one cell in the last corner makes a reader lay out
the whole grid.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from lxml import etree
from python_calamine import CalamineError, CalamineSheet, SheetVisibleEnum, load_workbook

from wutong.engine import cell_marks
from wutong.engine.cell_marks import Mark, Marked

LARGEST_UNPACKED_MB = 1_500
LARGEST_DIRECTORY_BYTES = 2_000_000
"""The list of files at the end of an archive; every file takes 46 bytes and its name, and is an object in memory."""
LARGEST_RATIO = 200
"""Unpacked size over packed size; real registries stay under 40."""
RATIO_FROM_MB = 5
LARGEST_CELLS = 60_000_000
LARGEST_TEXT_MB = 3_000
"""All cells' texts together; a workbook keeps a text once however many cells show it, a reader copies it into each."""
MOST_ROWS = 1_048_576
EXACT_BELOW = 1e15
"""Spreadsheets keep 15 digits of a number; further digits are not what was typed."""
LARGEST_FILES = 2_000
HEAD_BYTES = 20_000_000
"""What the first rows of a sheet may take, and all shared texts that stand in them."""
MOST_READ_BYTES = 300_000_000
_CHUNK = 1 << 20
_MEGABYTE = 1_000_000
_TAIL = 200
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{2,4})[0-9]+["']""")
_FIRST_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Za-z])[0-9]+["']""")
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>")
_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,4}([0-9]{4,})["']""")
_MAYBE_FAR = re.compile(rb"""r\s*=\s*["'](?:[A-Za-z]{2,4}[0-9]|[A-Za-z]{0,4}0*[0-9]{7})""")
_FAR_ROW = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,4}0*([0-9]{7,})["']""")
_SHARED = re.compile(rb"<(?:\w+:)?si\b")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*</")
_LETTERS = 26
_TEXTS = "xl/sharedstrings.xml"
_FOR_HEADERS = re.compile(r"\[content_types\]\.xml|(?:xl/)?_rels/[^/]*\.rels|xl/(?:workbook|styles|sheet\d+|\w+sheets/[^/]+)\.xml")
_SHORTEST_CELL = len(b"<c><v>0</v></c>")
_BEGINS_ROW = re.compile(rb"<(\w+:|)row[\s>/]")
_BEGINS_TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
_SHARED_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*</""")
_PREFIX = re.compile(rb"<(\w+:|)sst\b")
_NOT_SAID = 0xFFFFFFFF
_END, _END_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_LOCATOR_BYTES, _LONGEST_COMMENT = 20, 1 << 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a workbook may hold: unpacked, cells from corner to corner, and texts in its cells."""

    unpacked_mb: int
    cells: int
    text_mb: int


WHOLE = Bounds(LARGEST_UNPACKED_MB, LARGEST_CELLS, LARGEST_TEXT_MB)
"""For a build of the registry, which has a process of its own."""
LIST = Bounds(800, 40_000_000, 800)
"""For a background job, beside which others work."""
AT_ONCE = Bounds(150, 5_000_000, 50)
"""For an answer that somebody waits for, in a process that serves others too."""


class WorkbookError(Exception):
    """A workbook cannot or must not be opened; the message says why and what to do."""


class TooLarge(WorkbookError):  # noqa: N818 - what it is, not what went wrong
    """A workbook holds more than its bounds allow; within wider ones it may be read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet as texts. Shape: rows of equal length; `first_row` is what a spreadsheet numbers the first of them.

    `merges`: merged cells as (row, column, last row, last column), counted from 0 in `rows`; only their first cell holds the text.
    `marks`: cells that hold no value though something stands there, by (row, column) in `rows`: an error, a formula without its result.
    """

    name: str
    rows: list[list[str]]
    first_row: int
    merges: tuple[tuple[int, int, int, int], ...] = ()
    marks: Mapping[tuple[int, int], Marked] = field(default_factory=dict)


def read(path: Path, bounds: Bounds = WHOLE, *, with_merges: bool = False, as_shown: bool = False) -> list[Sheet]:
    """Every visible sheet of a workbook. Formula cells give the value last computed. Raises: WorkbookError.

    `as_shown`: a number that the sheet shows as a percentage has its sign (0.95 → 95%), and cells without a value are told in `marks`.
    """
    refuse_bombs(path, bounds)
    try:
        with load_workbook(str(path)) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
            marks = cell_marks.read(path) if as_shown else {}
            return [_sheet(book.get_sheet_by_name(name), marks.get(name, {}), with_merges=with_merges) for name in names]
    except (CalamineError, etree.XMLSyntaxError, KeyError, ValueError, OSError) as error:
        raise WorkbookError(f"begins like a workbook but cannot be read: {error}") from error


def read_head(path: Path, rows: int) -> list[Sheet]:
    """The first rows of every visible sheet, however large the rest is. Raises: WorkbookError.

    Why by a shorter copy: the reader lays out whole sheets and all shared texts, and of a registry of a million rows that takes gigabytes.
    """
    with tempfile.TemporaryDirectory(prefix="wutong-head-") as folder:
        short = Path(folder) / "head.xlsx"
        try:
            if directory_bytes(path) > LARGEST_DIRECTORY_BYTES:
                raise WorkbookError("holds too many files; a workbook has a few dozen")
            with zipfile.ZipFile(path) as archive, zipfile.ZipFile(short, "w", zipfile.ZIP_DEFLATED) as copy:
                _shorten(archive, copy, rows)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise WorkbookError(f"is a damaged zip archive: {error}") from error
        return read(short, AT_ONCE)


def _shorten(archive: zipfile.ZipFile, copy: zipfile.ZipFile, rows: int) -> None:
    shown: set[int] = set()
    members = archive.infolist()
    if len(members) > LARGEST_FILES:
        raise WorkbookError(f"holds {len(members)} files; a workbook has a few dozen")
    for member in members:
        name = member.filename.lower()
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            text = _first_rows(archive, member, rows)
            shown.update(int(found) for found in _SHARED_CELL.findall(text))
        elif _FOR_HEADERS.fullmatch(name):
            text = _bounded(archive, member)
        else:  # the shared texts, of which some follow; what a sheet is computed from and drawn with may be as large as it likes
            continue
        copy.writestr(member.filename, text)
    shared = next((member for member in members if member.filename.lower() == _TEXTS), None)
    if shared is not None:
        copy.writestr(shared.filename, _some_texts(archive, shared, shown))


def _bounded(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        text = file.read(HEAD_BYTES + 1)
    if len(text) > HEAD_BYTES:
        raise TooLarge(f"{member.filename} is larger than {HEAD_BYTES // _MEGABYTE} MB; give it as CSV or Parquet")
    return text


def _first_rows(archive: zipfile.ZipFile, member: zipfile.ZipInfo, rows: int) -> bytes:
    """The first rows of a sheet, which is closed behind them."""
    text = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text += chunk
            begins = list(islice(_BEGINS_ROW.finditer(text), rows + 1))
            if len(begins) > rows:
                name = begins[0][1]
                return text[: begins[rows].start()] + b"</%bsheetData></%bworksheet>" % (name, name)
            if len(text) > HEAD_BYTES:
                raise TooLarge(
                    f"the first rows of {member.filename} hold more than {HEAD_BYTES // _MEGABYTE} MB; give it as CSV or Parquet"
                )
    return text


def _some_texts(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: set[int]) -> bytes:
    """The shared texts up to the last one that is shown, with nothing in those that are not."""
    pieces = _pieces(archive, member)
    found, size, last = [next(pieces, b"")], 0, max(shown, default=-1)
    prefix = _PREFIX.search(found[0])
    name = prefix[1] if prefix else b""
    for number, piece in enumerate(pieces):
        if number > last:
            break
        found.append(piece if number in shown else b"<%bsi><%bt></%bt></%bsi>" % (name, name, name, name))
        size += len(found[-1])
        if size > HEAD_BYTES:
            raise TooLarge(f"the texts of its first rows hold more than {HEAD_BYTES // _MEGABYTE} MB; give it as CSV or Parquet")
    text = b"".join(found).rstrip()
    return text if text.endswith(b"sst>") else text + b"</%bsst>" % name


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The shared texts one by one, and first of all what stands before them."""
    tail, read = b"", 0
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            text, start, read = tail + chunk, 0, read + len(chunk)
            for begin in _BEGINS_TEXT.finditer(text):
                if begin.start() > start:
                    yield text[start : begin.start()]
                    start = begin.start()
            tail = text[start:]
            if len(tail) > HEAD_BYTES or read > MOST_READ_BYTES:
                raise TooLarge(f"its shared texts are larger than {MOST_READ_BYTES // _MEGABYTE} MB; give it as CSV or Parquet")
    yield tail


def directory_bytes(file: Path | IO[bytes]) -> int:
    """How long the list of files at the end of an archive is, before anything of it is read; 0 where the file is no archive.

    Why: whoever opens an archive makes an object of every entry, of which fifty megabytes have room for a million.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return directory_bytes(opened)
    size = file.seek(0, 2)
    file.seek(-min(size, _END.size + _LONGEST_COMMENT + _END_64.size + _LOCATOR_BYTES), 2)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        return 0
    found = int(_END.unpack_from(tail, at)[5])
    at -= _LOCATOR_BYTES
    if at >= _END_64.size and tail[at : at + 4] == b"PK\x06\x07" and tail[at - _END_64.size :].startswith(b"PK\x06\x06"):
        return max(0 if found == _NOT_SAID else found, int(_END_64.unpack_from(tail, at - _END_64.size)[8]))
    return found


def _sheet(found: CalamineSheet, marks: Mapping[tuple[int, int], Marked], *, with_merges: bool) -> Sheet:
    rows = [[cell.strip() if type(cell) is str else _text(cell) for cell in row] for row in found.to_python()]
    top, left = found.start or (0, 0)
    merges = tuple(
        (one[0] - top, one[1] - left, last[0] - top, last[1] - left) for one, last in (with_merges and found.merged_cell_ranges) or ()
    )
    lacking: dict[tuple[int, int], Marked] = {}
    for (row, column), marked in marks.items():
        at, index = row - top, column - left
        if marked.mark is not Mark.PERCENT:
            lacking[at, index] = marked
        elif 0 <= at < len(rows) and 0 <= index < len(rows[at]):
            rows[at][index] = _percent(rows[at][index])
    return Sheet(found.name, rows, 1 + top, merges, lacking)


def _percent(text: str) -> str:
    """A number as its sheet shows it, exactly: 0.955 is 95.5%."""
    try:
        return f"{(Decimal(text) * 100).normalize():f}%"
    except InvalidOperation:  # a day or a word that bears the style of its column
        return text


def refuse_bombs(path: Path, bounds: Bounds = WHOLE) -> None:
    """Refuse what is no workbook, or one that holds more than its bounds, before anything is unpacked to memory. Raises: WorkbookError."""
    try:
        if directory_bytes(path) > LARGEST_DIRECTORY_BYTES:
            raise WorkbookError("holds too many files; a workbook has a few dozen")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            packed = max(1, sum(member.compress_size for member in members))
            unpacked = sum(member.file_size for member in members)
            if len(members) > LARGEST_FILES:
                raise WorkbookError(f"holds {len(members)} files; a workbook has a few dozen")
            if unpacked > RATIO_FROM_MB * _MEGABYTE and unpacked / packed > LARGEST_RATIO:
                raise WorkbookError(
                    f"unpacks to {unpacked // packed} times its size ({unpacked // _MEGABYTE} MB): a zip bomb is not opened"
                )
            if unpacked > bounds.unpacked_mb * _MEGABYTE:
                raise TooLarge(f"unpacks to {unpacked // _MEGABYTE} MB, more than {bounds.unpacked_mb} MB; give it as CSV or Parquet")
            if not any(member.filename == "xl/workbook.xml" for member in members):
                raise WorkbookError("is a zip archive but no XLSX workbook; unpack it first")
            for member in members:
                _check_member(archive, member, bounds)
            _check_texts(archive, bounds)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise WorkbookError(f"is a damaged zip archive: {error}") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, bounds: Bounds) -> None:
    """Unpack a member without keeping it: its true size must be the declared one, and a sheet's corner must not be out of reach."""
    columns, rows = _LETTERS, 1
    for text in _chunks(archive, member):
        if not _MAYBE_FAR.search(
            text
        ):  # finds all that the two below find, in a third of the time: it begins with a letter, not a boundary
            continue
        columns = max([columns, *(_column(letters) for letters in set(_COLUMN.findall(text)))])
        rows = max([rows, *(int(row) for row in set(_FAR_ROW.findall(text)))])
    if columns * max(rows, MOST_ROWS) <= bounds.cells:
        return
    for text in _chunks(archive, member):
        rows = max([rows, *(int(row) for row in set(_ROW.findall(text)))])
    if columns * rows > bounds.cells and columns == _LETTERS:
        columns = _few_columns(archive, member)
    if columns * rows > bounds.cells or rows > MOST_ROWS:
        raise TooLarge(f"{member.filename} reaches to column {columns} of row {rows}; delete stray cells far from the table")


def _few_columns(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """How many columns a sheet has that reaches to none with two letters; 26 where a cell does not say in which it stands."""
    letters: set[bytes] = set()
    for text in _chunks(archive, member):
        if _UNPLACED.search(text):
            return _LETTERS
        letters.update(_FIRST_COLUMN.findall(text))
    return max(map(_column, letters), default=_LETTERS)


def _check_texts(archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """A few long texts shown by very many cells are a bomb that no zip ratio tells."""
    shared = next((member for member in archive.infolist() if member.filename.lower() == _TEXTS), None)
    if shared is None:
        return
    data = archive.read(shared)
    starts = np.array([*(found.start() for found in _SHARED.finditer(data)), len(data)], dtype=np.int64)
    sizes = starts[1:] - starts[:-1]
    if not len(sizes):
        return
    total = 0
    for member in archive.infolist():
        if member is not shared and int(sizes.max()) * (member.file_size // _SHORTEST_CELL) > bounds.text_mb * _MEGABYTE:
            total += _shown_bytes(archive, member, sizes)
    if total > bounds.text_mb * _MEGABYTE:
        raise TooLarge(f"its cells hold {total // _MEGABYTE} MB of text, more than {bounds.text_mb} MB; give it as CSV or Parquet")


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
