"""Where the table of a ledger (台账) is: under titles, several header rows, between sections and subtotals, above notes; merged cells.

Why beside `list_batches.layout`: a template has one header row and rows below; a ledger that grew for years has all of these, and of none
of its lines may it be left unsaid what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wutong.engine import csv_text, list_batches, readers, workbooks
from wutong.engine.ledger_cells import plain as half_width
from wutong.engine.list_batches import Layout
from wutong.engine.list_files import ROWS_SEARCHED, Fault, Field, ListError, Wanted
from wutong.engine.mapping import plain

MOST_HEADER_ROWS = 3
JOINT = "·"
"""Between the texts of header rows that stand above each other."""
SECTION = "小标题"
"""The header of a column that holds the section under which a row stands."""
TOTAL, NOTE, HEADER_AGAIN, SECTION_LINE = "total", "note", "header", "section"
NOTHING = frozenset({"-", "--", "—", "——", "/", "\\", "无", "暂无", "待定", "未定", "不详", "n/a", "na", "none", "null", "…", "?", "？"})
"""Cells that say that nothing is there: missing, not guessed."""
_ALIKE_SHARE = 0.8
_MOST_MERGE_ROWS = 10_000
_TOTAL = re.compile(r".{0,14}(?:合计|小计|总计|共计|累计|total)(?:\(?共?\d*[个项]?(?:项目)?\)?)?[:：]?", re.I)
_NOTE = re.compile(
    r"(?:注|备注|说明|填报|填表|制表|审核|负责人签字|联系人|联系电话|统计截止|统计截至|数据截至|截至|截止|打印|第\d+页).*", re.S
)
_SECTION = re.compile(r"[(（]?[一二三四五六七八九十]+[)）]?[、.．:： ]?.{2,60}|.{2,20}(?:类|项目)[(（]\d+[个项][)）]")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_LEADING = re.compile(r"^(?:\d+[.、．]|其中[:：]?|\*)+")


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet or text file as rows with their line numbers. `merges`: as of a sheet."""

    name: str
    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    merges: Sequence[tuple[int, int, int, int]] = ()
    broken: tuple[Fault, ...] = ()


def layout(path: Path, name: str, fields: Sequence[Field]) -> Layout:
    """The table of a ledger: the sheet and header rows that name most fields, and the rows below with what was passed over between them.

    Raises: ListError.
    """
    try:
        kind = readers.sniff(path)
        if kind == "parquet":
            raise ListError([Fault(name, 0, "", name, Wanted.READABLE, {"error": "Parquet"})])
        tables = list(_sheets(path)) if kind == "xlsx" else [_text(path, name)]
    except (readers.ReadError, workbooks.WorkbookError, OSError) as error:
        told = str(error).replace(f"{path}: ", "")
        raise ListError([Fault(name, 0, "", name, Wanted.READABLE, {"error": told})]) from error
    found = [(score, -number, block) for number, table in enumerate(tables) if (block := _block(table, fields)) for score in [block.score]]
    if not found or not max(found, key=lambda one: one[:2])[0]:
        needed = "、".join(one.headers[0] for one in fields if one.is_needed)
        raise ListError([Fault(name, 0, "", name, Wanted.HEADER, {"columns": needed})])
    _score, number, block = max(found, key=lambda one: one[:2])
    table = tables[-number]
    others = tuple(other.name for other in tables if other is not table)
    return _laid_out(table, block, Layout(name, list_batches.sha256(path), kind, table.name, others, (), (), (), table.broken))


def _sheets(path: Path) -> Iterator[_Table]:
    for sheet in workbooks.read(path, workbooks.LIST, with_merges=True):
        if sheet.rows:
            yield _Table(sheet.name, range(sheet.first_row, sheet.first_row + len(sheet.rows)), sheet.rows, sheet.merges)


def _text(path: Path, name: str) -> _Table:
    text = csv_text.read(path)
    width = max((len(row.cells) for row in text.head(ROWS_SEARCHED)), default=0)
    table = text.table([""] * width, 0)
    params = {"width": width, "delimiter": text.delimiter}
    broken = tuple(Fault(name, line, "", value, Wanted.WIDTH, params) for _, line, value in table.broken)
    rows = [[(cell or "").replace("\x00", "").strip() for cell in row] for row in zip(*table.columns, strict=True)]
    return _Table("", table.lines, rows, (), broken)


# --- header rows --------------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Block:
    """Header rows: how many stand above them, how many they are, the headers that they make, and how many fields these name."""

    above_rows: int
    header_rows: int
    headers: tuple[str, ...]
    score: int


def _block(table: _Table, fields: Sequence[Field]) -> _Block | None:
    """The likeliest header rows: those that name most fields, the fewest of them."""
    best: _Block | None = None
    for at in range(min(len(table.rows), ROWS_SEARCHED)):
        if not any(table.rows[at]):
            continue
        for depth in range(1, min(MOST_HEADER_ROWS, len(table.rows) - at) + 1):
            headers = _joined(table, at, depth)
            score = len(guess(headers, fields))
            if best is None or (score, -depth) > (best.score, -best.header_rows):
                best = _Block(at, depth, headers, score)
    return best


def _joined(table: _Table, at: int, depth: int) -> tuple[str, ...]:
    """Header rows as one: texts that stand above each other with a joint between, each merged cell told in all its columns."""
    rows = [list(row) for row in table.rows[at : at + depth]]
    for top, left, bottom, right in table.merges:
        if at <= top and bottom < at + depth:
            for row in range(top - at, bottom - at + 1):
                rows[row][left : right + 1] = [table.rows[top][left]] * (right + 1 - left)
    return tuple(JOINT.join(dict.fromkeys(" ".join(cell.split()) for cell in column if cell)) for column in zip(*rows, strict=True))


def guess(headers: Sequence[str], fields: Sequence[Field], remembered: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → column: as this person said of such a header before, else by synonyms, without units and over several header rows."""
    names = {one.name for one in fields}
    said = {plain(header): name for header, name in (remembered or {}).items() if name in names}
    known = {_bare(header): one.name for one in fields for header in (one.name, *one.headers)}
    found: dict[str, int] = {}
    ways: tuple[Callable[[str], str | None], ...] = (
        lambda header: said.get(plain(header)),
        *((lambda header, way=way: known.get(_bare(way(header.split(JOINT))))) for way in (
            "".join, lambda parts: "".join(reversed(parts)), lambda parts: parts[-1], lambda parts: parts[0],
        )),
    )  # fmt: skip
    for way in ways:
        for index, header in enumerate(headers):
            name = way(header) if header and index not in found.values() else None
            if name and name not in found and (way is ways[0] or plain(header) not in said):
                found[name] = index
    return found


def _bare(header: str) -> str:
    """A header without units in brackets, numbers before it and “of which”."""
    text = plain(_BRACKETS.sub("", _LEADING.sub("", half_width(header))))
    return _LEADING.sub("", text)


# --- rows ---------------------------------------------------------------------------------------------------------------------------------
def _laid_out(table: _Table, block: _Block, frame: Layout) -> Layout:
    """The rows under the header, each with the section it stands under, and the lines that are no rows."""
    begin, width = block.above_rows + block.header_rows, len(block.headers)
    lone = {top: right - left + 1 for top, left, bottom, right in table.merges if right > left and top >= begin}
    lines: list[int] = []
    rows: list[list[str]] = []
    sections: list[str] = []
    passed: list[tuple[int, str, str]] = []
    section = ""
    last_header = [cell for cell in table.rows[begin - 1] if cell]
    for at in range(begin, len(table.rows)):
        row = [_there(cell) for cell in table.rows[at]]
        kind = _kind(row, last_header, lone.get(at, 1), block)
        if kind:
            text = next((cell for cell in row if cell), "")
            passed.append((table.lines[at], kind, text))
            section = text if kind == SECTION_LINE else section
        elif any(row):
            lines.append(table.lines[at])
            rows.append(row)
            sections.append(section)
    headers = block.headers
    if any(sections):
        headers, rows = (*headers, SECTION), [[*row[:width], one] for row, one in zip(rows, sections, strict=True)]
    merges = tuple(
        (table.lines[top], table.lines[min(bottom, len(table.lines) - 1)], left)
        for top, left, bottom, _right in table.merges if top >= begin and bottom > top and bottom - top < _MOST_MERGE_ROWS
    )  # fmt: skip
    above = " ".join(cell for row in table.rows[: block.above_rows] for cell in row if cell)
    broken = tuple(one for one in frame.broken if one.row > table.lines[begin - 1])
    return replace(frame, broken=broken, headers=headers, lines=lines, rows=rows, above=above, merges=merges, passed=tuple(passed))


def _there(cell: str) -> str:
    """A cell without what only says that nothing is there."""
    return "" if cell.strip().casefold() in NOTHING else cell


def _kind(row: Sequence[str], last_header: Sequence[str], merged_width: int, block: _Block) -> str:
    """What a line is that is no row of the table; "" for a row. What is none of these is a row, however little it holds."""
    said = [cell for cell in row if cell]
    if not said:
        return ""
    if len(said) > 1 and sum(cell in last_header or cell in block.headers for cell in said) >= _ALIKE_SHARE * len(said):
        return HEADER_AGAIN
    first = half_width(said[0])
    if _TOTAL.fullmatch(first) or (len(said) > 1 and first.isdigit() and _TOTAL.fullmatch(half_width(said[1]))):
        return TOTAL
    if all(_NOTE.fullmatch(half_width(cell)) for cell in said) or (len(said) == 1 and _NOTE.fullmatch(first)):
        return NOTE
    if len(said) == 1 and _SECTION.fullmatch(said[0]) and (merged_width > 1 or row[0] == said[0]):
        return SECTION_LINE
    return ""


def filled(table: Layout, fields: Sequence[Field], columns: Mapping[str, int]) -> Layout:
    """The table with merged cells told in each of their rows; a figure that stands for several rows together is a fault of each."""
    if not table.merges:
        return table
    by_name = {one.name: one for one in fields}
    of_column = {index: by_name[name] for name, index in columns.items() if name in by_name}
    rows, odd = [list(row) for row in table.rows], list(table.odd)
    where = {line: at for at, line in enumerate(table.lines)}
    for first, last, column in table.merges:
        of = [where[line] for line in range(first, last + 1) if line in where]
        text = table.rows[where[first]][column] if first in where else ""
        if not text or len(of) < 2:
            continue
        field = of_column.get(column)
        for at in of:
            rows[at][column] = text
            if field is not None and not field.spans:
                fault = Fault(table.file, table.lines[at], table.headers[column], text, Wanted.OF_ITS_OWN, {"rows": f"{first}-{last}"})
                odd.append((at, column, fault))
    return replace(table, rows=rows, odd=tuple(odd))


def mended(table: Layout, mends: Mapping[str, Sequence[Sequence[str]]]) -> Layout:
    """The table with lines that a person mended: each replaced by the rows that he gave for it, by none where he left it out."""
    if not mends:
        return table
    lines, rows, new = list[int](), list[Sequence[str]](), dict[int, int]()
    for at, (line, row) in enumerate(zip(table.lines, table.rows, strict=True)):
        if str(line) not in mends:
            new[at] = len(rows)
        for one in mends.get(str(line), (row,)):
            lines.append(line)
            rows.append(list(one))
    odd = tuple((new[at], column, fault) for at, column, fault in table.odd if at in new)
    return replace(table, lines=lines, rows=rows, odd=odd)
