"""A chain as a workbook comes back exactly, and what is wrong in it is said with sheet and row."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from rulebook.test_over import CHAIN
from wutong.engine import chain_workbook
from wutong.engine.workbooks import WorkbookError
from wutong.rulebook import drafting, load


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    book.close()
    return made.getvalue()


@pytest.mark.parametrize("text", [CHAIN, *(drafting.shipped_text(chain) for chain in sorted(load.rulebook().chains)[:4])])
def test_the_round_trip_is_exact(text: str) -> None:
    chain = drafting.document(text)
    read = chain_workbook.read(chain_workbook.write(chain))
    assert read.problems == ()
    assert drafting.text_of(read.document) == drafting.text_of(chain)


def test_words_that_begin_like_a_formula_stay_words() -> None:
    chain = drafting.document(CHAIN)
    chain["products"][0] |= {"note": "=1+1", "en_synonyms": ["kite frame", "frame; x"[:5]], "generic": False}
    assert chain_workbook.read(chain_workbook.write(chain)).document["products"] == chain["products"]


def test_every_row_is_known_by_sheet_and_number() -> None:
    rows = chain_workbook.read(chain_workbook.write(drafting.document(CHAIN))).rows
    assert rows["segments", 1] == ("环节", 3) and rows["products", 0] == ("产品", 2)


def test_missing_sheets_and_unknown_columns_are_named() -> None:
    content = workbook(
        {
            "链": [["项目 field", "内容 value"], ["编号 id", "kites"], ["颜色 colour", "red"]],
            "层级": [["编号 id", "颜色 colour"], ["all", "x"]],
        }
    )
    found = [(problem.file, problem.line, problem.what) for problem in chain_workbook.read(content, "a.xlsx").problems]
    assert found == [
        ("a.xlsx › 链", 3, "unknown field '颜色 colour'"),
        ("a.xlsx › 层级", 1, "unknown column '颜色 colour'"),
        ("a.xlsx", 0, "no sheet 环节"),
        ("a.xlsx", 0, "no sheet 供应关系"),
    ]


@pytest.mark.parametrize("content", [b"", b"no zip", b"x" * 2_000_001])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(WorkbookError):
        chain_workbook.read(content)
