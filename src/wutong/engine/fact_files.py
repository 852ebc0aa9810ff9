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
from wutong.engine.list_files import Fault, ListError, Wanted
from wutong.rulebook import money
from wutong.rulebook.scoring.facts import Given, Raw
from wutong.rulebook.scoring.shape import ScoringRule

LARGEST_BYTES = 100_000_000
UNIT = frozenset({"unit", "单位", "考核单位", "名称", "单位名称"})
GROUP = frozenset({"group", "分组", "组别", "考核组"})
_BRACKETS = re.compile(r"^(?P<name>.+?)\s*[（(](?P<unit>[^（()）]+)[)）]$")
_SHARES = 'group codes with shares that add up to 1, such as {"counties": "4/12", "parks": "8/12"}'


@dataclass(frozen=True, slots=True)
class FactFile:
    """What a file gives: the units, and the day it speaks of where it says one."""

    units: tuple[Given, ...]
    on: dt.date | None = None


def read(path: Path, rule: ScoringRule, *, bounds: workbooks.Bounds = workbooks.LIST) -> FactFile:
    """The units of a file. Raises: ListError with every fault."""
    if not path.is_file():
        raise ListError([Fault(path.name, 0, "", path.name, Wanted.EXISTS)])
    if path.stat().st_size > LARGEST_BYTES:
        raise ListError([Fault(path.name, 0, "", path.name, Wanted.SMALLER, {"most": LARGEST_BYTES // 1_000_000})])
    faults: list[Fault] = []
    try:
        found = _json(path, rule, faults) if path.suffix.lower() == ".json" else _tables(path, rule, bounds, faults)
    except (readers.ReadError, workbooks.WorkbookError, OSError) as error:
        raise ListError([Fault(path.name, 0, "", path.name, Wanted.READABLE, {"error": error})]) from error
    if faults:
        raise ListError(faults)
    if not found.units:
        raise ListError([Fault(path.name, 0, "", path.name, "at least one unit")])
    return found


# --- JSON -------------------------------------------------------------------------------------------------------------------------------
def _json(path: Path, rule: ScoringRule, faults: list[Fault]) -> FactFile:
    try:
        raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ListError([Fault(path.name, 0, "", path.name, f"JSON in UTF-8 ({error})")]) from error
    rows = raw.get("units") if isinstance(raw, dict) else raw
    if not isinstance(rows, list):
        raise ListError([Fault(path.name, 0, "units", str(rows)[:80], "a list of units")])
    on = _day(path.name, raw.get("on") if isinstance(raw, dict) else None, faults)
    found = [one for number, row in enumerate(rows, 1) if (one := _unit(path.name, number, row, rule, faults)) is not None]
    return FactFile(tuple(found), on)


def _day(file: str, raw: object, faults: list[Fault]) -> dt.date | None:
    if raw is None:
        return None
    try:
        return dt.date.fromisoformat(str(raw))
    except ValueError:
        faults.append(Fault(file, 0, "on", str(raw), "a day such as 2026-12-31"))
        return None


def _unit(file: str, number: int, row: object, rule: ScoringRule, faults: list[Fault]) -> Given | None:
    if not isinstance(row, dict) or not str(row.get("unit") or "").strip():
        faults.append(Fault(file, number, "unit", str(row)[:80], 'an object with "unit", such as {"unit": "甲县", "facts": {…}}'))
        return None
    odd = row.keys() - {"unit", "group", "groups", "facts", "records"}
    faults += [Fault(file, number, str(name), str(row[name])[:80], "unit, group or groups, facts, records") for name in odd]
    facts, records = row.get("facts", {}), row.get("records", {})
    for name, part in (("facts", facts), ("records", records)):
        if not isinstance(part, dict):
            faults.append(Fault(file, number, name, str(part)[:80], "an object"))
            return None
    for name, rows in records.items():
        if not isinstance(rows, list) or any(not isinstance(one, dict) for one in rows):
            faults.append(Fault(file, number, f"records.{name}", str(rows)[:80], "a list of objects"))
            return None
    groups = _groups(file, number, row, rule, faults)
    return Given(str(row["unit"]).strip(), groups, facts, records, number)


def _groups(file: str, number: int, row: Mapping[str, Any], rule: ScoringRule, faults: list[Fault]) -> tuple[tuple[str, Fraction], ...]:
    shares = row.get("groups")
    if shares is None:
        only = next(iter(rule.groups)) if len(rule.groups) == 1 else ""
        code = str(row.get("group") or only).strip()
        if not code:
            faults.append(Fault(file, number, "group", "", ", ".join(rule.groups)))
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
        faults += [Fault(path.name, 0, name, unit, "a unit of the first sheet") for unit in sorted(by_unit.keys() - named)]
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
            width = {"width": len(head[0].cells), "delimiter": repr(text.delimiter)}
            raise ListError([Fault(path.name, line, "", broken, Wanted.WIDTH, width) for _, line, broken in table.broken])
        rows += [(line, [column[at] or "" for column in table.columns]) for at, line in enumerate(table.lines)]
    return _Sheet("", tuple(rows))


def _sheet(found: workbooks.Sheet) -> _Sheet:
    return _Sheet(found.name, tuple(enumerate(found.rows, start=found.first_row)))


def _body(sheet: _Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row under the header, the first row that names the unit: text by the words of the header."""
    heads: list[str] = []
    for number, cells in sheet.rows:
        if not heads:
            heads = [cell.strip() for cell in cells] if any(cell.strip().lower() in UNIT for cell in cells) else []
        elif any(cell.strip() for cell in cells):
            yield number, {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if head}


def _unit_rows(file: str, sheet: _Sheet, rule: ScoringRule, faults: list[Fault]) -> Iterator[Given]:
    titles = {one.zh: code for code, one in rule.groups.items()}
    for number, row in _body(sheet):
        unit = next((row[head] for head in row if head.lower() in UNIT), "")
        if not unit:
            faults.append(Fault(file, number, "unit", "", "the name of the unit"))
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
    for number, row in _body(sheet):
        unit = next((row[head] for head in row if head.lower() in UNIT), "")
        if not unit:
            faults.append(Fault(file, number, f"{sheet.name}.unit", "", "the name of the unit"))
            continue
        by_unit.setdefault(unit, []).append({head: cell for head, cell in row.items() if head.lower() not in UNIT})
