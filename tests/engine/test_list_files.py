"""Lists that people hand in: headers are recognised, every fault names file, row, field, value and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from wutong.engine import list_files, workbooks
from wutong.engine.list_files import NAME, USCC, Field, ListError

YEAR = Field("year", ("年度", "年份"), is_needed=True, read=int, expected="a year such as 2025")
FIELDS = (NAME, USCC, YEAR)


def csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_list_is_read_with_the_rows_that_an_editor_shows(tmp_path: Path) -> None:
    found = list_files.read(csv(tmp_path, "名单\n企业名称,年度\n梧桐一厂,2024\n\n梧桐二厂,2025\n", "gb18030"), FIELDS, any_of=("name",))

    assert [(row.row, row.text("name"), row.values["year"]) for row in found.rows] == [(3, "梧桐一厂", 2024), (5, "梧桐二厂", 2025)]
    assert found.columns == ("name", "year")
    assert len(found.sha256) == 64


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in (("说明", [["填表说明"]]), ("名单", [["统一社会信用代码", "年份"], ["X1", 2025]])):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)

    found = list_files.read(path, FIELDS, any_of=("name", "uscc"))

    assert [(row.row, dict(row.values)) for row in found.rows] == [(2, {"uscc": "X1", "year": 2025})]


def test_a_list_that_nobody_waits_for_may_be_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["企业名称", "年份"])
        book.worksheets()[0].write_row(1, 0, ["梧桐一厂", 2025])
    narrow = workbooks.Bounds(150, 1, 50)

    with pytest.raises(ListError, match="reaches to column"):
        list_files.read(path, FIELDS, bounds=narrow)
    assert len(list_files.read(path, FIELDS, bounds=workbooks.LIST).rows) == 1


def test_every_fault_is_told_at_once_and_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(ListError) as caught:
        list_files.read(csv(tmp_path, "企业名称,年度\n甲厂,去年\n,2024\n乙厂,\n"), FIELDS, any_of=("name", "uscc"))

    assert [str(fault) for fault in caught.value.faults] == [
        "list.csv, row 2, 年度: '去年'; expected a year such as 2025",
        "list.csv, row 3: ''; expected 企业名称 or 统一社会信用代码 in each row",
        "list.csv, row 4, 年度: ''; expected a year such as 2025",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty"),
        ("甲,乙\n1,2\n", "a header row with 企业名称, 年度"),
        ("企业名称,年度\n", "at least one row below it"),
        ("企业名称,年度\n甲厂,2024,3\n", "2 fields separated by ','"),
        ("%PDF-1.4", "a PDF document"),
    ],
)
def test_what_is_no_list_is_refused_in_words(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ListError, match=expected):
        list_files.read(csv(tmp_path, text), FIELDS, any_of=("name",))


def test_a_list_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_files, "MOST_ROWS", 1)

    with pytest.raises(ListError, match="at most 1 rows"):
        list_files.read(csv(tmp_path, "企业名称,年度\n甲厂,2024\n乙厂,2025\n"), FIELDS)


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no such file"):
        list_files.read(tmp_path / "nowhere.csv", FIELDS)
