"""CSV as registries really are: any encoding of three, any delimiter, lines broken off, bytes that are no text.

Why not a ready reader: one unclosed quotation mark makes those swallow the rest of a file; here it costs one row, which is reported.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

DELIMITERS = (",", "\t", ";", "|", "；", "，")
LONGEST_RECORD_LINES = 30
"""Physical lines that one quoted record may take up; a quotation mark open for longer counts as broken."""
_SAMPLE_BYTES = 4_000_000
_CHUNK = 1 << 20
_NUL = "\x00"


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its physical line and its cells; no cells where the line is broken."""

    line: int
    cells: Sequence[str]
    text: str
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The body of a file.

    Shape: `columns` one list a header, each as long as `rows` and `lines`; `broken` holds (row, line, text) of what was left out.
    """

    columns: list[list[str | None]]
    rows: list[int]
    lines: list[int]
    broken: list[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text file with its encoding and delimiter found out; `is_cr`: lines end with a carriage return alone, as on an old Macintosh."""

    path: Path
    encoding: str
    delimiter: str
    is_cr: bool

    def head(self, count: int) -> list[Row]:
        """The first rows that are not blank."""
        return list(itertools.islice(self._records(), count))

    def table(self, headers: Sequence[str], skip: int) -> Table:
        """Everything under the header, in columns. Rows are counted from 1 without the header; a row of other width is broken."""
        width = len(headers)
        columns: list[list[str | None]] = [[] for _ in headers]
        rows: list[int] = []
        lines: list[int] = []
        broken: list[tuple[int, int, str]] = []
        for number, record in enumerate(itertools.islice(self._records(), skip, None), start=1):
            cells = _fit(record.cells, width)
            if record.is_broken or cells is None:
                broken.append((number, record.line, record.text))
                continue
            rows.append(number)
            lines.append(record.line)
            for column, cell in zip(columns, cells, strict=True):
                column.append(_plain(cell))
        return Table(columns, rows, lines, broken)

    def _records(self) -> Iterator[Row]:
        return _records(self._lines(), self.delimiter)

    def _lines(self) -> Iterator[str]:
        if self.encoding.startswith("utf-16"):
            with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
                yield from file
            return
        with self.path.open("rb") as binary:
            for raw in _cr_lines(binary) if self.is_cr else binary:
                yield raw.decode(self.encoding, "replace")


def read(path: Path) -> Text:
    """Find out encoding and delimiter."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    encoding, is_cr = _encoding(sample), b"\n" not in sample and b"\r" in sample
    lines = list(itertools.islice((line for line in Text(path, encoding, ",", is_cr)._lines() if line.strip()), 50))
    return Text(path, encoding, _delimiter(lines), is_cr)


def _cr_lines(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := file.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\r")
        yield from lines
    yield rest


def _encoding(sample: bytes) -> str:
    """UTF-8 unless GB 18030 reads with fewer faults; a mark at the start decides at once."""
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    faults = {encoding: sample.decode(encoding, "replace").count("\ufffd") for encoding in ("utf-8", "gb18030")}
    return "utf-8" if faults["utf-8"] <= faults["gb18030"] else "gb18030"


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that splits most lines into the same number (over one) of cells."""
    best, most = ",", 0
    for mark in DELIMITERS:
        widths = [len(_split(line.rstrip("\r\n"), mark)) for line in lines]
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        common = max(set(wide), key=wide.count)
        score = wide.count(common) * min(common, 12)
        if score > most:
            best, most = mark, score
    return best


def _records(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Group physical lines into records; an unclosed quotation mark gives up its first line only, a NUL the line that holds it."""
    waiting: list[tuple[int, str]] = []
    source = enumerate(lines, start=1)
    while True:
        number, line = waiting.pop(0) if waiting else next(source, (0, ""))
        if number == 0:
            return
        if number == 1:
            line = line.lstrip("\ufeff")
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        if _NUL in text:
            yield Row(number, [], text.replace(_NUL, "␀"), is_broken=True)
            continue
        if '"' not in text:
            yield Row(number, text.split(delimiter), text)
            continue
        record, taken = [line], 0
        while _is_open(record, delimiter) and len(record) < LONGEST_RECORD_LINES:
            if taken >= len(waiting):
                following = next(source, None)
                if following is None:
                    break
                waiting.append(following)
            record.append(waiting[taken][1])
            taken += 1
        whole = "".join(record).rstrip("\r\n")
        cells = [] if _NUL in whole or _is_open(record, delimiter) else _split(whole, delimiter, is_strict=len(record) > 1)
        if not cells:
            yield Row(number, [], text, is_broken=True)
            continue
        del waiting[:taken]
        yield Row(number, cells, whole)


def _is_open(record: Sequence[str], delimiter: str) -> bool:
    """Whether a quotation mark that opened a cell has not been closed."""
    text = "".join(record)
    if text.count('"') % 2 == 0:
        return False
    return any(cell.startswith('"') for line in record for cell in line.split(delimiter))


def _split(text: str, delimiter: str, *, is_strict: bool = False) -> list[str]:
    """The cells of a record; none where it cannot be one.

    Why strict over several lines: the quotation mark that closes what a broken line opened may be another broken line's, and nothing but
    the text after it tells that; all the rows between would be taken for one cell.
    """
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=is_strict))
    except (csv.Error, StopIteration):
        return []


def _fit(cells: Sequence[str], width: int) -> Sequence[str] | None:
    """The cells at the header's width: empty cells too many at the end are dropped; None where it does not fit."""
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    return None


def _plain(cell: str) -> str | None:
    """A cell as text; spreadsheets' ="913…" idiom is taken off."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text or None
