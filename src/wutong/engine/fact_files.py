"""Plain facts of units for a scoring rule: JSON, CSV or XLSX into what a rule reads; every fault with file, row, field and value.

JSON: `{"on": day, "units": [{"unit": …, "group": …, "facts": {…}, "records": {…}}]}`. CSV and the first sheet of a workbook: one row a
unit, with the columns unit (单位), group (分组) and the facts by name or title, a unit of measure in brackets where it is another.
Further sheets hold records: named like them, one row a record, with its unit in the column 单位.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from wutong.engine import csv_text, readers, workbooks
from wutong.engine.cell_marks import Mark, Marked
from wutong.engine.list_files import Fault, ListError
from wutong.rulebook import money
from wutong.rulebook.formulas.faults import Expected
from wutong.rulebook.formulas.reading import DeclaredRecords
from wutong.rulebook.scoring.facts import DAY, Given, Raw
from wutong.rulebook.scoring.shape import ScoringRule

LARGEST_BYTES = 100_000_000
UNIT = frozenset({"unit", "单位", "考核单位", "名称", "单位名称"})
OWNER = UNIT - {"名称"}
"""Which column of a sheet of records names the unit; 名称 there is the name of the record."""
GROUP = frozenset({"group", "分组", "组别", "考核组"})
_BRACKETS = re.compile(r"^(?P<name>.+?)\s*[（(](?P<unit>[^（()）]+)[)）]$")
_EXAMPLE = '{"counties": "4/12", "parks": "8/12"}'
_SHARES = Expected(f"分组代码和所占时间，合计为 1，如 {_EXAMPLE}", f"group codes with shares that add up to 1, such as {_EXAMPLE}")
_EXISTS = Expected("存在的文件；没有找到", "a file that exists; no such file")
_ONE_NAME = Expected("每个名称在一个对象里只写一次", "each name once in an object")
_SMALLER = Expected(f"不超过 {LARGEST_BYTES // 1_000_000} MB；请拆开", f"at most {LARGEST_BYTES // 1_000_000} MB; divide it")
_ANY = Expected("至少一个单位", "at least one unit")
_UNITS = Expected("单位的列表", "a list of units")
_UNIT = Expected('写有 "unit" 的对象，如 {"unit": "甲县", "facts": {…}}', 'an object with "unit", such as {"unit": "甲县", "facts": {…}}')
_KEYS = Expected("unit、group 或 groups、facts、records", "unit, group or groups, facts, records")
_OBJECT = Expected("对象 {…}", "an object {…}")
_OBJECTS = Expected("对象的列表 [{…}]", "a list of objects [{…}]")
_NAME = Expected("单位名称", "the name of the unit")
_COLUMN = Expected("一行表头，其中有“单位”一列", "a header row with the column 单位 (unit)")
_FIRST_SHEET = Expected("第一张表中的单位", "a unit of the first sheet")
_PERCENT_ALIKE = Expected("带“%”的数，这项数据别处写了“%”", "a number with %, as others of this fact have it")
_SMALL = re.compile(r"-?(?:[01](?:\.[0-9]+)?|2(?:\.0+)?)")
"""A bare number that may be a share as a spreadsheet keeps it: 0.95 of 95 %, 1.2 of 120 %."""
_FACT = Expected("规则声明的数据项", "a fact that the rule declares")
_ERROR = Expected("数值；单元格里是错误值，请改正公式", "a value; the cell holds an error: mend its formula")
_RESULT = Expected(
    "数值；公式没有存下计算结果，请用表格软件打开并保存",
    "a value; the result of the formula was not stored: open the file in a spreadsheet and save it",
)
_SHARE = re.compile(r"(?P<name>.+?)[\s:：]+(?P<share>[0-9]{1,3}/[0-9]{1,3}|0?\.[0-9]{1,6})")
_BETWEEN = re.compile(r"[;；、,，]")


@dataclass(frozen=True, slots=True)
class FactFile:
    """What a file gives: the units, and the day it speaks of where it says one."""

    units: tuple[Given, ...]
    on: dt.date | None = None


def read(path: Path, rule: ScoringRule, *, bounds: workbooks.Bounds = workbooks.LIST) -> FactFile:
    """The units of a file. Raises: ListError with every fault."""
    if not path.is_file():
        raise ListError([Fault(path.name, 0, "", path.name, _EXISTS)])
    if path.stat().st_size > LARGEST_BYTES:
        raise ListError([Fault(path.name, 0, "", path.name, _SMALLER)])
    faults: list[Fault] = []
    try:
        found = _json(path, rule, faults) if path.suffix.lower() == ".json" else _tables(path, rule, bounds, faults)
    except (readers.ReadError, workbooks.WorkbookError, OSError) as error:
        expected = Expected(f"能读的 CSV 文件或 XLSX 工作簿（{error}）", f"a CSV file or an XLSX workbook ({error})")
        raise ListError([Fault(path.name, 0, "", path.name, expected)]) from error
    faults += _percents(path.name, rule, found.units)
    if faults:
        raise ListError(faults)
    if not found.units:
        raise ListError([Fault(path.name, 0, "", path.name, _ANY)])
    return found


def _percents(file: str, rule: ScoringRule, given: Sequence[Given]) -> Iterator[Fault]:
    """Small bare numbers of a fact in % whose others bear the sign: 0.95 among 90 % and 120 % is 95 %, or 0.95 %, and nobody knows.

    Why: a spreadsheet keeps 95 % as 0.95, and one cell without the form of the others says a hundredth of what was meant.
    """
    titles = {one.zh: name for name, one in rule.facts.items()}
    of_percent = {name for name, one in rule.facts.items() if one.unit is not None and one.unit.code == "percent"}
    every = ((titles.get(name, name), name, str(raw).strip(), one) for one in given for name, raw in one.facts.items())
    told = [one for one in every if one[0] in of_percent]
    signed = {name for name, _head, text, _one in told if text.endswith(("%", "％"))}
    for name, head, text, one in told:
        if name in signed and _SMALL.fullmatch(text) and text.strip("-0."):
            yield Fault(file, one.place, f"{one.unit}, {head}", text, _PERCENT_ALIKE)


# --- JSON -------------------------------------------------------------------------------------------------------------------------------
def _json(path: Path, rule: ScoringRule, faults: list[Fault]) -> FactFile:
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal, object_pairs_hook=_object)
    except _TwiceError as error:
        raise ListError([Fault(path.name, 0, str(error), str(error), _ONE_NAME)]) from error
    except (ValueError, RecursionError) as error:
        raise ListError([Fault(path.name, getattr(error, "lineno", 0), "", path.name, json_expected(error))]) from error
    rows = raw.get("units") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        raise ListError([Fault(path.name, 0, "units", str(rows)[:80], _UNITS)])
    on = _day(path.name, raw.get("on") if isinstance(raw, dict) else None, faults)
    found = [one for number, row in enumerate(rows, 1) if (one := _unit(path.name, number, row, rule, faults)) is not None]
    return FactFile(tuple(found), on)


class _TwiceError(Exception):
    """An object of a JSON text names something twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def json_expected(error: Exception) -> Expected:
    """What is wrong with a JSON text, in both languages; its line stands with the fault."""
    if isinstance(error, json.JSONDecodeError):
        column = error.colno
        return Expected(f" JSON：第 {column} 列写得不对，检查引号、逗号和括号", f"JSON; column {column} is not: {error.msg}")
    if isinstance(error, UnicodeDecodeError):
        return Expected(" UTF-8 编码的 JSON", f"JSON in UTF-8; byte {error.start} is none")
    return Expected("嵌套不太深的 JSON", "JSON that is not nested too deeply")


def _day(file: str, raw: object, faults: list[Fault]) -> dt.date | None:
    if raw is None:
        return None
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        faults.append(Fault(file, 0, "on", str(raw), DAY))
        return None


def _unit(file: str, number: int, row: object, rule: ScoringRule, faults: list[Fault]) -> Given | None:
    if not isinstance(row, dict) or not str(row.get("unit") or "").strip():
        faults.append(Fault(file, 0, f"units[{number}].unit", str(row)[:80], _UNIT))
        return None
    at = f"{str(row['unit']).strip()}, "
    odd = row.keys() - {"unit", "group", "groups", "facts", "records"}
    faults += [Fault(file, 0, f"{at}{name}", str(row[name])[:80], _KEYS) for name in odd]
    facts, records = row.get("facts", {}), row.get("records", {})
    for name, part in (("facts", facts), ("records", records)):
        if not isinstance(part, dict):
            faults.append(Fault(file, 0, f"{at}{name}", str(part)[:80], _OBJECT))
            return None
    for name, rows in records.items():
        if not isinstance(rows, list) or any(not isinstance(one, dict) for one in rows):
            faults.append(Fault(file, 0, f"{at}records.{name}", str(rows)[:80], _OBJECTS))
            return None
    return Given(str(row["unit"]).strip(), _groups((file, 0, at), row, rule, faults), facts, records)


def _groups(
    place: tuple[str, int, str], row: Mapping[str, Any], rule: ScoringRule, faults: list[Fault]
) -> tuple[tuple[str, Fraction], ...]:
    file, number, at = place
    shares = row.get("groups")
    if shares is None:
        only = next(iter(rule.groups)) if len(rule.groups) == 1 else ""
        code = str(row.get("group") or only).strip()
        if not code:
            expected = Expected.one_of("规则的一个分组", "a group of the rule", rule.groups)
            faults.append(Fault(file, number, f"{at}group", "", expected))
        return ((code, Fraction(1)),) if code else ()
    try:
        return tuple((str(code), Fraction(str(share))) for code, share in shares.items())
    except (AttributeError, ValueError, ZeroDivisionError):
        faults.append(Fault(file, number, f"{at}groups", str(shares)[:80], _SHARES))
        return ()


# --- CSV and XLSX -----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Sheet:
    """`marks`: (row as an editor numbers it, column) → why the cell holds no value."""

    name: str
    rows: tuple[tuple[int, Sequence[str]], ...]
    marks: Mapping[tuple[int, int], Marked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wants:
    """What a header may hold. `unit`: words for the column of units; `known`: word → fact or field; `what` these are."""

    unit: frozenset[str]
    known: Mapping[str, str]
    what: Expected

    def passes(self, head: str) -> bool:
        """Whether it is no fact nor field but says whose row it is."""
        return head.lower() in (self.unit | GROUP if self.unit is UNIT else self.unit)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The header of a sheet. `row`: which of its rows it is; `unit_place`, `group_place`: their columns.

    `others`: column → its head, those that the rule knows.
    """

    file: str
    row: int
    unit_place: int
    group_place: int | None
    others: Mapping[int, str]


def _tables(path: Path, rule: ScoringRule, bounds: workbooks.Bounds, faults: list[Fault]) -> FactFile:
    kind = readers.sniff(path)
    sheets = [_csv(path)] if kind == "csv" else [_sheet(one) for one in workbooks.read(path, bounds, as_shown=True)]
    known = {one.zh: name for name, one in rule.records.items()} | {name: name for name in rule.records}
    others = [sheet for sheet in sheets if sheet.name.strip() not in known]
    of_units = next((sheet for sheet in others if _header(sheet, UNIT) is not None), others[0] if others else None)
    for sheet in others:
        if sheet is not of_units and _header(sheet, OWNER) is not None:
            expected = Expected.one_of(
                "规则声明的记录（工作表的名称），不读的请删去",
                "records that the rule declares, as the name of the sheet; delete it if it is none",
                [one.zh for one in rule.records.values()],
            )
            faults.append(Fault(path.name, 0, "", sheet.name, expected))
    units = [] if of_units is None else list(_unit_rows(path.name, of_units, rule, faults))
    records: dict[str, dict[str, list[tuple[int, dict[str, Raw]]]]] = {}
    names: dict[str, str] = {}
    for sheet in sheets:
        name = known.get(sheet.name.strip())
        if name is not None:
            names[name] = sheet.name.strip()
            _record_rows(path.name, sheet, rule.records[name], records.setdefault(name, {}), faults)
    named = {one.unit for one in units}
    for name, by_unit in records.items():
        faults += [Fault(path.name, by_unit[unit][0][0], names[name], unit, _FIRST_SHEET) for unit in by_unit if unit not in named]
    return FactFile(tuple(_with_records(one, records, names) for one in units))


def _with_records(one: Given, records: Mapping[str, Mapping[str, list[tuple[int, dict[str, Raw]]]]], names: Mapping[str, str]) -> Given:
    mine = {name: by_unit.get(one.unit, []) for name, by_unit in records.items()}
    rows = {name: [row for _number, row in found] for name, found in mine.items()}
    places = {name: (names[name], [number for number, _row in found]) for name, found in mine.items()}
    return Given(one.unit, one.groups, one.facts, rows, one.place, places)


def _csv(path: Path) -> _Sheet:
    text = csv_text.read(path)
    head = text.head(1)
    table = text.table(list(head[0].cells), 1) if head else None
    rows: list[tuple[int, Sequence[str]]] = [(1, head[0].cells)] if head else []
    if table is not None:
        if table.broken:
            width, sign = len(head[0].cells), repr(text.delimiter)
            expected = Expected(f" {width} 列，以 {sign} 分隔", f"{width} fields separated by {sign}")
            raise ListError([Fault(path.name, line, "", broken, expected) for _, line, broken in table.broken])
        rows += [(line, [column[at] or "" for column in table.columns]) for at, line in enumerate(table.lines)]
    return _Sheet("", tuple(rows))


def _sheet(found: workbooks.Sheet) -> _Sheet:
    marks = {(row + found.first_row, column): marked for (row, column), marked in found.marks.items()}
    return _Sheet(found.name, tuple(enumerate(found.rows, start=found.first_row)), marks)


def _header(sheet: _Sheet, named: frozenset[str]) -> tuple[int, list[str]] | None:
    """(position of the row, its words) of the first row that names the unit."""
    for at, (_number, cells) in enumerate(sheet.rows):
        if any(cell.strip().lower() in named for cell in cells):
            return at, [cell.strip() for cell in cells]
    return None


def _columns(file: str, sheet: _Sheet, faults: list[Fault], wants: _Wants) -> _Columns | None:
    """The header, with each fault of it once: no column of units, a word that the rule does not know, or one thing in two columns."""
    found = _header(sheet, wants.unit)
    if found is None:
        said = next(((number, cells) for number, cells in sheet.rows if any(cell.strip() for cell in cells)), None)
        if said is not None:
            faults.append(Fault(file, said[0], sheet.name, "、".join(cell.strip() for cell in said[1] if cell.strip())[:80], _COLUMN))
        return None
    at, heads = found
    unit = next(index for index, head in enumerate(heads) if head.lower() in wants.unit)
    group = next((index for index, head in enumerate(heads) if wants.unit is UNIT and head.lower() in GROUP), None)
    seen: dict[str, str] = {}
    others: dict[int, str] = {}
    for index, head in enumerate(heads):
        if not head or wants.passes(head):
            continue
        name = wants.known.get(head) or wants.known.get(_bare(head))
        if name is None:
            near = difflib.get_close_matches(head, wants.known, 3) or list(wants.known)[:12]
            zh, en = f"{wants.what.zh}；用不着的列请删去", f"{wants.what.en}; delete a column that is none"
            faults.append(Fault(file, sheet.rows[at][0], sheet.name, head, Expected.one_of(zh, en, near)))
        elif name in seen:
            expected = Expected(f"每项数据只占一列，“{seen[name]}”已是这一项", f"each in one column; {seen[name]!r} is the same already")
            faults.append(Fault(file, sheet.rows[at][0], sheet.name, head, expected))
        else:
            seen[name], others[index] = head, head
    return _Columns(file, at, unit, group, others)


def _bare(head: str) -> str:
    """到位资金(万元) → 到位资金."""
    found = _BRACKETS.match(head)
    return found["name"] if found is not None else head


def _body(sheet: _Sheet, columns: _Columns, faults: list[Fault]) -> Iterator[tuple[int, Sequence[str], dict[str, str]]]:
    """Every row under the header: its number, all its cells, and text by the words of the header; a cell without a value is a fault."""
    for number, cells in sheet.rows[columns.row + 1 :]:
        if not any(cell.strip() for cell in cells):
            continue
        row = {head: cells[index].strip() for index, head in columns.others.items() if index < len(cells)}
        for index, head in columns.others.items():
            marked = sheet.marks.get((number, index))
            if marked is not None:
                faults.append(Fault(columns.file, number, head, marked.text, _ERROR if marked.mark is Mark.ERROR else _RESULT))
                row.pop(head, None)
        yield number, cells, row


def _unit_rows(file: str, sheet: _Sheet, rule: ScoringRule, faults: list[Fault]) -> Iterator[Given]:
    known = {one.zh: name for name, one in rule.facts.items()} | {name: name for name in rule.facts}
    columns = _columns(file, sheet, faults, _Wants(UNIT, known, _FACT))
    for number, cells, row in _body(sheet, columns, faults) if columns is not None else ():
        assert columns is not None
        unit = cells[columns.unit_place].strip()
        if not unit:
            faults.append(Fault(file, number, "unit", "", _NAME))
            continue
        said = cells[columns.group_place].strip() if columns.group_place is not None else ""
        groups = _groups((file, number, ""), _grouped(said, rule), rule, faults)
        yield Given(unit, groups, dict(_with_units(row, known)), {}, number)


def _grouped(said: str, rule: ScoringRule) -> dict[str, Any]:
    """A group by code or title; several with their shares of the year where a unit changed its group: 县区 4/12；园区 8/12."""
    titles = {one.zh: code for code, one in rule.groups.items()}
    parts = [_SHARE.fullmatch(part.strip()) for part in _BETWEEN.split(said) if part.strip()]
    if not parts or any(part is None for part in parts):
        return {"group": titles.get(said, said)}
    named = [(part["name"].strip(), part["share"]) for part in parts if part is not None]
    return {"groups": {titles.get(name, name): share for name, share in named}}


def _with_units(facts: Mapping[str, str], known: Mapping[str, str]) -> Iterator[tuple[str, Raw]]:
    """A header such as 到位资金(万元) says in which unit its numbers are; a cell that bears its own keeps it."""
    for head, cell in facts.items():
        bare = _BRACKETS.match(head)
        if head in known or bare is None:
            yield head, cell
        else:
            written = money.quantity(cell)
            is_plain = written is not None and written[1].code == "number" and money.unit(bare["unit"]) is not None
            yield bare["name"], f"{cell}{bare['unit']}" if is_plain else cell


def _record_rows(
    file: str, sheet: _Sheet, told: DeclaredRecords, by_unit: dict[str, list[tuple[int, dict[str, Raw]]]], faults: list[Fault]
) -> None:
    known = {one.zh: one.name for one in told.fields} | {one.name: one.name for one in told.fields}
    what = Expected(f"{told.zh}的字段", f"a field of {told.name}")
    columns = _columns(file, sheet, faults, _Wants(OWNER, known, what))
    for number, cells, row in _body(sheet, columns, faults) if columns is not None else ():
        assert columns is not None
        unit = cells[columns.unit_place].strip()
        if not unit:
            faults.append(Fault(file, number, f"{sheet.name}.unit", "", _NAME))
            continue
        by_unit.setdefault(unit, []).append((number, dict(_with_units(row, known))))
