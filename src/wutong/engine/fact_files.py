"""Plain facts of units for a scoring rule: JSON, CSV or XLSX into what a rule reads; every fault with file, row, field and value.

JSON: `{"on": day, "units": [{"unit": …, "group": …, "facts": {…}, "records": {…}}]}`. CSV and the first sheet of a workbook: one row a
unit, with the columns unit (单位), group (分组) and the facts by name or title, a unit of measure in brackets where it is another.
Further sheets hold records: named like them, one row a record, with its unit in the column 单位.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from wutong.engine import csv_text, readers, workbooks
from wutong.engine.list_files import Fault, ListError
from wutong.rulebook import money
from wutong.rulebook.formulas.faults import Expected
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
    if faults:
        raise ListError(faults)
    if not found.units:
        raise ListError([Fault(path.name, 0, "", path.name, _ANY)])
    return found


# --- JSON -------------------------------------------------------------------------------------------------------------------------------
def _json(path: Path, rule: ScoringRule, faults: list[Fault]) -> FactFile:
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ListError([Fault(path.name, getattr(error, "lineno", 0), "", path.name, json_expected(error))]) from error
    rows = raw.get("units") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        raise ListError([Fault(path.name, 0, "units", str(rows)[:80], _UNITS)])
    on = _day(path.name, raw.get("on") if isinstance(raw, dict) else None, faults)
    found = [one for number, row in enumerate(rows, 1) if (one := _unit(path.name, number, row, rule, faults)) is not None]
    return FactFile(tuple(found), on)


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
        faults.append(Fault(file, number, "unit", str(row)[:80], _UNIT))
        return None
    odd = row.keys() - {"unit", "group", "groups", "facts", "records"}
    faults += [Fault(file, number, str(name), str(row[name])[:80], _KEYS) for name in odd]
    facts, records = row.get("facts", {}), row.get("records", {})
    for name, part in (("facts", facts), ("records", records)):
        if not isinstance(part, dict):
            faults.append(Fault(file, number, name, str(part)[:80], _OBJECT))
            return None
    for name, rows in records.items():
        if not isinstance(rows, list) or any(not isinstance(one, dict) for one in rows):
            faults.append(Fault(file, number, f"records.{name}", str(rows)[:80], _OBJECTS))
            return None
    groups = _groups(file, number, row, rule, faults)
    return Given(str(row["unit"]).strip(), groups, facts, records, number)


def _groups(file: str, number: int, row: Mapping[str, Any], rule: ScoringRule, faults: list[Fault]) -> tuple[tuple[str, Fraction], ...]:
    shares = row.get("groups")
    if shares is None:
        only = next(iter(rule.groups)) if len(rule.groups) == 1 else ""
        code = str(row.get("group") or only).strip()
        if not code:
            expected = Expected.one_of("规则的一个分组", "a group of the rule", rule.groups)
            faults.append(Fault(file, number, "group", "", expected))
        return ((code, Fraction(1)),) if code else ()
    try:
        return tuple((str(code), Fraction(str(share))) for code, share in shares.items())
    except (AttributeError, ValueError, ZeroDivisionError):
        faults.append(Fault(file, number, "groups", str(shares)[:80], _SHARES))
        return ()


# --- CSV and XLSX -----------------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    rows: tuple[tuple[int, Sequence[str]], ...]


def _tables(path: Path, rule: ScoringRule, bounds: workbooks.Bounds, faults: list[Fault]) -> FactFile:
    kind = readers.sniff(path)
    sheets = [_csv(path)] if kind == "csv" else [_sheet(one) for one in workbooks.read(path, bounds)]
    known = {one.zh: name for name, one in rule.records.items()} | {name: name for name in rule.records}
    records: dict[str, dict[str, list[dict[str, Raw]]]] = {}
    units: list[Given] = []
    for sheet in sheets:
        if sheet.name.strip() in known:
            _record_rows(path.name, sheet, records.setdefault(known[sheet.name.strip()], {}), faults)
        elif not units:
            units = list(_unit_rows(path.name, sheet, rule, faults))
    named = {one.unit for one in units}
    for name, by_unit in records.items():
        faults += [Fault(path.name, 0, name, unit, _FIRST_SHEET) for unit in sorted(by_unit.keys() - named)]
    found = [
        Given(one.unit, one.groups, one.facts, {name: by_unit.get(one.unit, []) for name, by_unit in records.items()}, one.place)
        for one in units
    ]
    return FactFile(tuple(found))


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
    return _Sheet(found.name, tuple(enumerate(found.rows, start=found.first_row)))


def _body(file: str, sheet: _Sheet, faults: list[Fault], named: frozenset[str] = UNIT) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row under the header, the first row that names the unit: text by the words of the header; a fault where none does."""
    heads: list[str] = []
    said = next(((number, cells) for number, cells in sheet.rows if any(cell.strip() for cell in cells)), None)
    if said is not None and not any(cell.strip().lower() in named for _number, cells in sheet.rows for cell in cells):
        faults.append(Fault(file, said[0], sheet.name, "、".join(cell.strip() for cell in said[1] if cell.strip())[:80], _COLUMN))
    for number, cells in sheet.rows:
        if not heads:
            heads = [cell.strip() for cell in cells] if any(cell.strip().lower() in named for cell in cells) else []
        elif any(cell.strip() for cell in cells):
            yield number, {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if head}


def _unit_rows(file: str, sheet: _Sheet, rule: ScoringRule, faults: list[Fault]) -> Iterator[Given]:
    titles = {one.zh: code for code, one in rule.groups.items()}
    for number, row in _body(file, sheet, faults):
        unit = next((row[head] for head in row if head.lower() in UNIT), "")
        if not unit:
            faults.append(Fault(file, number, "unit", "", _NAME))
            continue
        group = next((row[head] for head in row if head.lower() in GROUP), "")
        groups = _groups(file, number, {"group": titles.get(group, group)}, rule, faults)
        facts = {head: cell for head, cell in row.items() if head.lower() not in UNIT | GROUP}
        yield Given(unit, groups, dict(_with_units(facts, rule)), {}, number)


def _with_units(facts: Mapping[str, str], rule: ScoringRule) -> Iterator[tuple[str, Raw]]:
    """A header such as 到位资金(万元) says in which unit its numbers are."""
    known = set(rule.facts) | {one.zh for one in rule.facts.values()}
    for head, cell in facts.items():
        bare = _BRACKETS.match(head)
        if head in known or bare is None or bare["name"] not in known:
            yield head, cell
        else:
            is_number = money.quantity(cell) is not None and money.unit(bare["unit"]) is not None
            yield bare["name"], f"{cell}{bare['unit']}" if is_number else cell


def _record_rows(file: str, sheet: _Sheet, by_unit: dict[str, list[dict[str, Raw]]], faults: list[Fault]) -> None:
    for number, row in _body(file, sheet, faults, OWNER):
        unit = next((row[head] for head in row if head.lower() in OWNER), "")
        if not unit:
            faults.append(Fault(file, number, f"{sheet.name}.unit", "", _NAME))
            continue
        by_unit.setdefault(unit, []).append({head: cell for head, cell in row.items() if head.lower() not in OWNER})
