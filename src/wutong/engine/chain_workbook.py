"""A chain as a workbook of five sheets (链 层级 环节 供应关系 产品) and back; the round trip is exact."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import xlsxwriter

from wutong.engine import workbooks
from wutong.engine.workbooks import Sheet, WorkbookError
from wutong.rulebook.drafting import FIELDS, HEAD, MANY, Document
from wutong.rulebook.load import Problem

MOST_BYTES = 2_000_000
SHEETS: Mapping[str, str] = MappingProxyType({"chain": "链", "layers": "层级", "segments": "环节", "links": "供应关系", "products": "产品"})
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "编号", "name_zh": "名称", "name_en": "英文名称", "description_zh": "说明", "description_en": "英文说明", "version": "版本",
        "layer": "所属层级", "products": "产品", "role": "作用", "gbt4754": "行业小类", "name_proofs": "名称字样", "source": "供方",
        "target": "需方", "zh": "产品名称", "en": "英文名称", "kind": "货物或服务", "synonyms": "同义词", "kinds": "品种",
        "en_synonyms": "英文同义词", "excludes": "排除词", "broader": "上位产品", "part_of": "属于部件", "made_with": "所用材料",
        "machine_for": "所加工产品", "generic": "是否笼统", "note": "备注",
    }
)  # fmt: skip
_JOINED_BY = {"en_synonyms": "; "}


@dataclass(frozen=True, slots=True)
class Read:
    """What a workbook says: the document, the faults of its cells, and where each row stands (list, index) → (sheet, row)."""

    document: Document
    problems: tuple[Problem, ...]
    rows: Mapping[tuple[str, int], tuple[str, int]]


def _head(field: str) -> str:
    return f"{WORDS[field]} {field}"


def write(chain: Document) -> bytes:
    """The workbook of a chain. Text is written as text, never as a formula."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1})
    quoted = book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet(SHEETS["chain"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.write_row(0, 0, ("项目 field", "内容 value"), bold)
    for row, field in enumerate(HEAD, 1):
        sheet.write_string(row, 0, _head(field))
        _write_text(sheet, (row, 1), str(chain.get(field, "")), quoted)
    for name, fields in FIELDS.items():
        sheet = book.add_worksheet(SHEETS[name])
        sheet.freeze_panes(1, 1)
        for column, field in enumerate(fields):
            sheet.set_column(column, column, 34 if field in MANY or field == "note" else 20)
            sheet.write_string(0, column, _head(field), bold)
        for row, item in enumerate(chain.get(name) or [], 1):
            for column, field in enumerate(fields):
                _write_text(sheet, (row, column), _cell(field, item.get(field)), quoted)
    book.close()
    return made.getvalue()


def _write_text(sheet: Any, at: tuple[int, int], text: str, quoted: Any) -> None:
    if text:
        sheet.write_string(*at, text, quoted if text.lstrip()[:1] in {"=", "+", "-", "@"} else None)


def _cell(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return _JOINED_BY.get(field, "、").join(map(str, value))
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def read(content: bytes, name: str = "chain.xlsx") -> Read:
    """What a workbook says. Raises: WorkbookError where it is none, or too large."""
    if len(content) > MOST_BYTES:
        raise WorkbookError(f"{name} has {len(content):,} bytes; a chain has {MOST_BYTES:,} at most")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.xlsx"
        path.write_bytes(content)
        sheets = {sheet.name.strip(): sheet for sheet in workbooks.read(path, workbooks.AT_ONCE)}
    problems: list[Problem] = []
    rows: dict[tuple[str, int], tuple[str, int]] = {}
    chain: Document = dict(_chain_fields(sheets.get(SHEETS["chain"]), name, problems))
    for field, label in list(SHEETS.items())[1:]:
        sheet = sheets.get(label)
        if sheet is None:
            if field != "products":
                problems.append(Problem(name, 0, f"no sheet {label}", "keep the five sheets of an exported chain"))
            continue
        items = list(_items(sheet, field, name, problems, rows))
        if items or field != "products":
            chain[field] = items
    return Read(chain, tuple(problems), MappingProxyType(rows))


def _chain_fields(sheet: Sheet | None, name: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    if sheet is None:
        problems.append(Problem(name, 0, f"no sheet {SHEETS['chain']}", "keep the five sheets of an exported chain"))
        return
    for number, row in enumerate(sheet.rows, sheet.first_row):
        field = row[0].split()[-1] if row and row[0].split() else ""
        if field in HEAD:
            yield field, row[1].strip() if len(row) > 1 else ""
        elif field not in ("", "field"):
            problems.append(
                Problem(f"{name} › {sheet.name}", number, f"unknown field '{row[0]}'", "use one of " + ", ".join(map(_head, HEAD)))
            )


def _items(
    sheet: Sheet, field: str, name: str, problems: list[Problem], rows: dict[tuple[str, int], tuple[str, int]]
) -> Iterator[dict[str, Any]]:
    if not sheet.rows:
        return
    columns = [head.split()[-1] if head.split() else "" for head in sheet.rows[0]]
    known = FIELDS[field]
    for head, column in zip(sheet.rows[0], columns, strict=True):
        if column and column not in known:
            problems.append(
                Problem(f"{name} › {sheet.name}", sheet.first_row, f"unknown column '{head}'", "use one of " + ", ".join(map(_head, known)))
            )
    index = 0
    for number, row in enumerate(sheet.rows[1:], sheet.first_row + 1):
        cells = {column: text.strip() for column, text in zip(columns, row, strict=True) if column in known and text.strip()}
        if cells:
            rows[field, index] = (sheet.name, number)
            yield {column: _value(column, cells[column]) for column in known if column in cells}
            index += 1


def _value(field: str, text: str) -> object:
    if field in MANY:
        separator = _JOINED_BY.get(field, "、").strip()
        return [word.strip() for word in text.replace("\uff0c", separator).replace("\uff1b", separator).split(separator) if word.strip()]
    if field == "generic":
        return text in ("是", "true", "TRUE", "1")
    return text
