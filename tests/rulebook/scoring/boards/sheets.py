"""Boards as an official's spreadsheet: one sheet a group, one row a unit, plain Excel formulas that LibreOffice works out.

A formula is written for one row: `[name]` is the cell of a column in this row, `[name:]` the whole column, `<table.name>` a column of a
table of records. Nothing here knows the code that is tried.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

UNITS = 30
NA, MISSING = "不适用", "缺数据"
Cell = int | float | str | dt.date | None
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """Records of all units: the fields of a row (the first is 单位), rows, and columns that the official added."""

    name: str
    fields: tuple[str, ...]
    rows: list[Row]
    formulas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of units: facts by unit, and the columns of its sheet in their order."""

    name: str
    units: dict[str, Row]
    formulas: Mapping[str, str]

    @property
    def rows(self) -> list[Row]:
        """A row for each unit."""
        return [{"单位": unit, **told} for unit, told in self.units.items()]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns of facts."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))


@dataclass(frozen=True, slots=True)
class Board:
    """A whole board: what its workbook holds, on which day."""

    name: str
    groups: tuple[Group, ...]
    tables: tuple[Table, ...] = ()
    on: dt.date = dt.date(2026, 12, 31)


def nasty(chance: random.Random, *usual: Callable[[], Cell], missing: float = 0.04, na: float = 0.0) -> Cell:
    """One of the values, or none, or 不适用."""
    draw = chance.random()
    if draw < missing:
        return None
    return NA if draw < missing + na else chance.choice(usual)()


def need(expression: str, *names: str) -> str:
    """The expression where all the named columns of the row have a value; else what is lacking: 不适用 goes before 缺数据."""
    na = ",".join(f'[{name}]="{NA}"' for name in names)
    lacking = ",".join(f'[{name}]="",[{name}]="{MISSING}"' for name in names)
    return f'IF(OR({na}),"{NA}",IF(OR({lacking}),"{MISSING}",{expression}))'


def total(digits: int | None, *names: str) -> str:
    """The sum of indicators; 不适用 is left out, 缺数据 spoils it."""
    lacking = ",".join(f'[{name}]="{MISSING}"' for name in names)
    together = f"SUM({','.join(f'[{name}]' for name in names)})"
    return f'IF(OR({lacking}),"{MISSING}",{together if digits is None else f"ROUND({together},{digits})"})'


SKIPPING = 'IF(ISNUMBER([总分]),RANK([总分],[总分:]),"-")'
DENSE = 'IF(ISNUMBER([总分]),ROUND(SUMPRODUCT(([排序:]>[排序])/COUNTIF([排序:],[排序:])),0)+1,"-")'
"""Needs a column 排序: the total, or a number below all where there is none."""
SORTED = "IF(ISNUMBER([总分]),[总分],-99999)"


def dense_rank(name: str) -> str:
    """The rank of a column in which the cells without a number stand at −99999."""
    return f"ROUND(SUMPRODUCT(([{name}:]>[{name}])/COUNTIF([{name}:],[{name}:])),0)+1"


# --- workbook ---------------------------------------------------------------------------------------------------------------------------
def write(board: Board, folder: Path) -> Path:
    """The workbook of a board."""
    path = folder / f"{board.name}.xlsx"
    book = xlsxwriter.Workbook(str(path))
    columns = {
        f"{one.name}.{name}": f"'{one.name}'!${letter}$2:${letter}${len(one.rows) + 1}"
        for one in (*board.tables, *board.groups)
        for name, letter in _letters([*one.fields, *one.formulas]).items()
    }
    for one in (*board.tables, *board.groups):
        _sheet(book, one, columns, board.on)
    book.close()
    return path


def _letters(names: Iterable[str]) -> dict[str, str]:
    return {name: xl_col_to_name(place) for place, name in enumerate(names)}


def _sheet(book: Any, one: Table | Group, columns: Mapping[str, str], on: dt.date) -> None:
    sheet = book.add_worksheet(one.name)
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    rows, fields, formulas = one.rows, one.fields, one.formulas
    letters = _letters([*fields, *formulas])
    for place, name in enumerate(letters):
        sheet.write_string(0, place, name)
    for at, row in enumerate(rows, 1):
        for place, name in enumerate(fields):
            value = row.get(name)
            if isinstance(value, dt.date):
                sheet.write_datetime(at, place, value, days)
            elif value is not None:
                sheet.write(at, place, value)
        for place, formula in enumerate(formulas.values(), len(fields)):
            cells = {name: f"${letter}{at + 1}" for name, letter in letters.items()}
            cells |= {f"{name}:": f"${letter}$2:${letter}${len(rows) + 1}" for name, letter in letters.items()}
            filled = re.sub(r"\[([^\[\]]+)\]", lambda found, cells=cells: cells[found[1]], formula)
            filled = re.sub(r"<([^<>=\"&]+\.[^<>=\"&]+)>", lambda found: columns[found[1]], filled)
            sheet.write_formula(at, place, "=" + filled.replace("{通报日}", f"DATE({on.year},{on.month},{on.day})"))


# --- LibreOffice ------------------------------------------------------------------------------------------------------------------------
_ALWAYS_WORKED_OUT = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/{}">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
""".format("registry")
_EVERY_SHEET_AS_IT_IS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


def is_there() -> bool:
    """Whether this machine can work a spreadsheet out: soffice alone may be without its Calc."""
    office = shutil.which("soffice")
    return office is not None and (Path(office).resolve().parent / "libsclo.so").is_file()


def worked_out(books: Sequence[Path], folder: Path) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Board → sheet → rows by the words of the header, as LibreOffice worked them out."""
    user = folder / "office/user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_ALWAYS_WORKED_OUT, "utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation={user.parent.as_uri()}", "--headless", "--convert-to", _EVERY_SHEET_AS_IT_IS, *books],
        cwd=folder, check=True, capture_output=True, timeout=170,
    )  # fmt: skip
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for path in sorted(folder.glob("*.csv")):
        board, _, sheet = path.stem.partition("-")
        with path.open(encoding="utf-8", newline="") as lines:
            found.setdefault(board, {})[sheet] = list(csv.DictReader(lines))
    return found
