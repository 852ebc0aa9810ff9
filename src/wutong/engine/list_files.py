"""Lists that people hand in (名单): a CSV file or workbook with known headers, read whole or refused with every fault.

One place for lists of tags, target firms, yearly figures and the like, so that each names file, row, field, value and what was expected
in the same way, and none is half-read.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wutong.engine import csv_text, readers, workbooks
from wutong.engine.cell_marks import Mark, Marked
from wutong.engine.mapping import plain
from wutong.rulebook.formulas.faults import Expected

LARGEST_MB = 20
MOST_ROWS = 100_000
MOST_FAULTS = 50
ROWS_SEARCHED = 30
"""How many rows from the top are searched for the header."""
_MEGABYTE = 1_000_000

Read = Callable[[str], object]


class Wanted(StrEnum):
    """What was expected where a list cannot be taken: the name is the code, the value its English words with places for parameters."""

    READABLE = "a CSV file or an XLSX workbook (%(error)s)"
    ANY_OF = "%(columns)s in each row"
    HEADER = "a header row with %(columns)s and at least one row below it"
    FEWER_ROWS = "at most %(most)s rows; divide the list"
    EXISTS = "a file that exists; no such file"
    SMALLER = "at most %(most)s MB; divide the list"
    WIDTH = "%(width)s fields separated by %(delimiter)s"
    ONCE = "each only once; row %(row)s names it too"
    TEXT = "text"
    FIRM_NAME = "a firm's name"
    CREDIT_CODE = "a credit code"
    AMOUNT = "an amount such as %(examples)s"
    AMOUNT_UNIT = "an amount with its unit, such as %(examples)s: neither the cell nor the header names one"
    AMOUNT_YUAN = "an amount in yuan: a foreign one is not converted"
    AMOUNT_ALONE = "the amount alone: what “%(words)s” means for it is not known"
    AMOUNT_PART = "fixed assets that are not more than the whole"
    AMOUNT_BELIEVED = "an amount from %(least)s to %(most)s yuan: the unit is probably another"
    NO_RANGE = "one number: a range is not guessed"
    ONE_NUMBER = "one number: the cell has several"
    EXACT = "an exact number: “about” or “more than” is not guessed"
    NUMBER = "one number with its unit (%(units)s), in the cell or the header"
    DAY = "a day such as 2025-06-30, or a month such as 2025-06"
    DAY_YEAR = "a day with its year"
    DAY_JANUARY = "%(year)s-01 or %(year)s-10: a spreadsheet writes January and October alike"
    TELEPHONE = "one telephone number"
    NO_ERROR = "a value: the cell holds the error %(text)s; mend its formula"
    RESULT = "a value: the result of the formula was not stored; open the file in a spreadsheet, save it, and hand it in again"
    OF_ITS_OWN = "a value of its own: one merged cell stands for rows %(rows)s together"


class Unlike(ValueError):  # noqa: N818 - what the text is, not what went wrong
    """A text is not what a field takes, and what exactly was expected of it."""

    def __init__(self, expected: object, params: Mapping[str, object] | None = None) -> None:
        super().__init__(str(expected))
        self.expected, self.params = expected, dict(params or {})


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a list: what it may be called, and how its text is read; `read` raises ValueError where it is not `expected`.

    `under` makes `read` from the header that the column bears and what stands above the table, where these name a unit. `spans`: a cell
    merged over several rows says it of each of them; of a field that is no such, it is a fault.
    """

    name: str
    headers: tuple[str, ...]
    is_needed: bool = False
    read: Read = str
    expected: object = Wanted.TEXT
    under: Callable[[str, str], Read] | None = None
    spans: bool = False


NAME = Field("name", ("企业名称", "名称", "公司名称", "单位名称", "企业", "公司", "company", "firm"), expected=Wanted.FIRM_NAME)
USCC = Field("uscc", ("统一社会信用代码", "信用代码", "社会信用代码", "credit code"), expected=Wanted.CREDIT_CODE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One value, or one row, that is not as expected. `row`: as an editor numbers it; 0 for the file as a whole.

    `expected`: a `Wanted`, or a text of whoever reads the list, which may be one that is translated when it is shown; `params` fill it.
    """

    file: str
    row: int
    field: str
    value: str
    expected: object
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def told(self) -> str:
        """What was expected, in English unless the text translates itself."""
        return str(self.expected) % self.params if self.params else str(self.expected)

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{where}{f', {self.field}' if self.field else ''}: {self.value[:80]!r}; expected {self.told}"

    def say(self, lang: str = "zh") -> str:
        """The whole on one line; in Chinese only where what was expected says itself in Chinese."""
        if lang != "zh" or not isinstance(self.expected, Expected):
            return str(self)
        where = f"{self.file} 第 {self.row} 行" if self.row else self.file
        return f"{where}{f'，{self.field}' if self.field else ''}：“{self.value[:80]}” → 应为{self.expected.zh}"


class ListError(Exception):
    """A list cannot be taken; `faults` holds every fault found, at most MOST_FAULTS, and `count` says how many there are."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        self.count = len(faults)
        super().__init__(self.say("en"))

    def say(self, lang: str = "zh") -> str:
        """Every fault on a line, and how many more there are."""
        more = self.count - len(self.faults)
        told = f"……还有 {more} 处" if lang == "zh" else f"… and {more} more"
        return "\n".join([*(one.say(lang) for one in self.faults), *([told] if more else [])])

    @property
    def is_bilingual(self) -> bool:
        """Whether every fault says itself in Chinese too, without the web's catalogue."""
        return all(isinstance(one.expected, Expected) for one in self.faults)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `row`: as an editor numbers it; `values`: what was read of each field that is not empty."""

    row: int
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """A field as text; "" where it is empty."""
        return str(self.values.get(name, ""))


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list that was read without a fault. `sha256`: of the file's bytes; `columns`: the fields found."""

    file: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(path: Path, fields: Sequence[Field], *, any_of: Sequence[str] = (), bounds: workbooks.Bounds = workbooks.AT_ONCE) -> ListFile:
    """Read a list; `any_of`: fields of which each row must fill at least one; `bounds`: wider ones where nobody shares the process.

    Raises: ListError.
    """
    try:
        digest, table = _digest(path), list(_table(path, fields, bounds))
    except (readers.ReadError, workbooks.WorkbookError, OSError) as error:
        raise ListError([Fault(path.name, 0, "", path.name, Wanted.READABLE, {"error": error})]) from error
    found: dict[str, str] = {}
    faults: list[Fault] = []
    rows: list[Row] = []
    for number, headers, cells, marks in table:
        found |= headers
        row, wrong = _row(path.name, number, headers, cells, fields)
        wrong = [lacking(path.name, number, headers[name], marked) for name, marked in marks.items()] or wrong
        if any_of and not wrong and not any(row.values.get(name) for name in any_of):
            named = " or ".join(field.headers[0] for field in fields if field.name in any_of)
            wrong = [Fault(path.name, number, "", "", Wanted.ANY_OF, {"columns": named})]
        faults += wrong
        rows.append(row)
    if not rows and not faults:
        faults = [Fault(path.name, 0, "", path.name, Wanted.HEADER, {"columns": _wanted(fields, any_of)})]
    if len(rows) > MOST_ROWS:
        faults = [Fault(path.name, 0, "", f"{len(rows)} rows", Wanted.FEWER_ROWS, {"most": MOST_ROWS})]
    if faults:
        raise ListError(faults)
    return ListFile(path.name, digest, tuple(found), tuple(rows))


def lacking(file: str, row: int, header: str, marked: Marked) -> Fault:
    """A cell of a workbook that holds no value though something stands there: an error, or a formula without its result."""
    expected, params = (Wanted.NO_ERROR, {"text": marked.text}) if marked.mark is Mark.ERROR else (Wanted.RESULT, {})
    return Fault(file, row, header, marked.text, expected, params)


def _digest(path: Path) -> str:
    if not path.is_file():
        raise ListError([Fault(path.name, 0, "", path.name, Wanted.EXISTS)])
    if path.stat().st_size > LARGEST_MB * _MEGABYTE:
        raise ListError([Fault(path.name, 0, "", f"{path.stat().st_size // _MEGABYTE} MB", Wanted.SMALLER, {"most": LARGEST_MB})])
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _wanted(fields: Sequence[Field], any_of: Sequence[str]) -> str:
    return ", ".join(field.headers[0] for field in fields if field.is_needed or field.name in any_of) or fields[0].headers[0]


def _row(file: str, number: int, headers: Mapping[str, str], cells: Mapping[str, str], fields: Sequence[Field]) -> tuple[Row, list[Fault]]:
    values: dict[str, object] = {}
    faults: list[Fault] = []
    for field in fields:
        text = cells.get(field.name, "")
        if text:
            try:
                values[field.name] = field.read(text)
            except ValueError:
                faults.append(Fault(file, number, headers[field.name], text, field.expected))
        elif field.is_needed:
            faults.append(Fault(file, number, headers.get(field.name, field.headers[0]), "", field.expected))
    return Row(number, values), faults


Line = tuple[int, dict[str, str], dict[str, str], dict[str, Marked]]
"""A row under a header: its number, field → header, field → text, field → why its cell holds no value."""


def _table(path: Path, fields: Sequence[Field], bounds: workbooks.Bounds) -> Iterator[Line]:
    kind = readers.sniff(path)
    if kind == "parquet":
        raise readers.ReadError(f"{path.name}: Parquet; expected a CSV file or an XLSX workbook")
    if kind == "xlsx":
        for sheet in workbooks.read(path, bounds, as_shown=True):
            yield from _body(sheet, fields)
        return
    yield from _csv(path, fields)


def _csv(path: Path, fields: Sequence[Field]) -> Iterator[Line]:
    text = csv_text.read(path)
    for skip, row in enumerate(text.head(ROWS_SEARCHED), start=1):
        headers = _headers(row.cells, fields)
        if not headers:
            continue
        table = text.table(list(row.cells), skip)
        if table.broken:
            width = {"width": len(row.cells), "delimiter": repr(text.delimiter)}
            raise ListError([Fault(path.name, line, "", broken, Wanted.WIDTH, width) for _, line, broken in table.broken])
        for at, line in enumerate(table.lines):
            cells = [column[at] or "" for column in table.columns]
            if any(cells):
                yield line, _named(row.cells, headers), _texts(cells, headers), {}
        return


def _body(sheet: workbooks.Sheet, fields: Sequence[Field]) -> Iterator[Line]:
    headers: dict[str, int] = {}
    heads: Sequence[str] = ()
    for at, cells in enumerate(sheet.rows):
        if not headers:
            if at >= ROWS_SEARCHED:
                return
            headers, heads = _headers(cells, fields), cells
        elif any(cells):
            marks = {name: sheet.marks[at, index] for name, index in headers.items() if (at, index) in sheet.marks}
            yield at + sheet.first_row, _named(heads, headers), _texts(cells, headers), marks


def _texts(cells: Sequence[str], headers: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[index].replace("\x00", "").strip() for name, index in headers.items()}


def _named(heads: Sequence[str], headers: Mapping[str, int]) -> dict[str, str]:
    return {name: heads[index] for name, index in headers.items()}


def _headers(cells: Sequence[str], fields: Sequence[Field]) -> dict[str, int]:
    """Field → column of a header row; {} where the row is none: a needed field is not there, or of identifying ones none."""
    known = {plain(header): field.name for field in fields for header in (field.name, *field.headers)}
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        name = known.get(plain(cell))
        if name and name not in found:
            found[name] = index
    needed = {field.name for field in fields if field.is_needed}
    identifying = {field.name for field in fields} & {NAME.name, USCC.name, "short_name"}
    is_header = needed <= found.keys() and (not identifying or bool(identifying & found.keys()))
    return found if is_header else {}
