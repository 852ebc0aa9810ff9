"""The table of an old ledger: under titles and several header rows, between sections and totals, with merged cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from wutong.engine import ledger_layout, list_batches
from wutong.engine.ledger_layout import HEADER_AGAIN, NOTE, SECTION, SECTION_LINE, TOTAL
from wutong.engine.list_batches import Layout
from wutong.engine.list_files import Field, ListError, Wanted

FIELDS = (
    Field("title", ("项目名称",), is_needed=True),
    Field("unit", ("落地单位", "单位"), spans=True),
    Field("total", ("总投资",)),
    Field("fixed", ("固定资产",)),
    Field("signed", ("签约日期", "签约")),
    Field("planned", ("计划开工时间",)),
    Field("started", ("实际开工时间", "开工时间")),
)
Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """`written(rows, merges)`: a workbook; `merges` are (row, column, last row, last column) from 0, with what stands there."""

    def made(rows: Sequence[Sequence[Any]], merges: Mapping[tuple[int, int, int, int], str] | None = None) -> Path:
        path = tmp_path / "台账.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("台账")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(at, column, cell)
        for where, text in (merges or {}).items():
            sheet.merge_range(*where, text)
        book.close()
        return path

    return made


def laid_out(path: Path) -> Layout:
    return ledger_layout.layout(path, path.name, FIELDS)


def test_several_header_rows_under_titles_are_one_header(written: Written) -> None:
    rows = [
        ["", "", "", ""],
        ["填报单位：某局（单位：万元）"],
        ["", "", "", ""],
        ["", "", "总投资（亿元）", "其中：固定资产"],
        ["甲项目", "高新区", "1.2", "3000"],
    ]
    path = written(rows, {(0, 0, 0, 3): "项目台账", (2, 0, 3, 0): "项目名称", (2, 1, 3, 1): "落地单位", (2, 2, 2, 3): "投资额"})
    found = laid_out(path)
    assert found.headers == ("项目名称", "落地单位", "投资额·总投资（亿元）", "投资额·其中：固定资产")
    assert ledger_layout.guess(found.headers, FIELDS) == {"title": 0, "unit": 1, "total": 2, "fixed": 3}
    assert (found.lines, found.rows) == ([5], [["甲项目", "高新区", "1.2", "3000"]]) and "单位：万元" in found.above


def test_a_header_over_two_rows_is_read_in_either_order() -> None:
    headers = ("项目名称", "开工时间·计划", "开工时间·实际", "签约·日期")
    assert ledger_layout.guess(headers, FIELDS) == {"title": 0, "planned": 1, "started": 2, "signed": 3}
    assert ledger_layout.guess(("项目名称", "何时签的"), FIELDS, {"何时签的": "signed"}) == {"title": 0, "signed": 1}


def test_every_line_that_is_no_row_is_told_and_a_section_is_kept_for_the_rows_below(written: Written) -> None:
    head = ["项目名称", "落地单位", "总投资"]
    rows = [
        head, ["一、在谈项目（2个）"], ["甲项目", "高新区", "1"], [], ["乙项目", "高新区", "2"], ["小计", "", "3"], head,
        ["（二）签约项目"], ["丙项目", "", "4"], ["合计：", "", "7"], ["注：本表按月更新"], ["填报人：某", "审核：某"], ["只有名称的项目"],
    ]  # fmt: skip
    found = laid_out(written(rows))
    assert [(line, kind) for line, kind, _text in found.passed] == [
        (2, SECTION_LINE), (6, TOTAL), (7, HEADER_AGAIN), (8, SECTION_LINE), (10, TOTAL), (11, NOTE), (12, NOTE),
    ]  # fmt: skip
    assert found.headers[-1] == SECTION and [(line, row[0], row[-1]) for line, row in zip(found.lines, found.rows, strict=True)] == [
        (3, "甲项目", "一、在谈项目（2个）"), (5, "乙项目", "一、在谈项目（2个）"), (9, "丙项目", "（二）签约项目"),
        (13, "只有名称的项目", "（二）签约项目"),
    ]  # fmt: skip


def test_a_merged_cell_says_it_of_each_row_and_a_merged_figure_is_a_fault_of_each(written: Written) -> None:
    rows = [["项目名称", "落地单位", "总投资"], ["甲项目", "", ""], ["乙项目", "", ""], ["丙项目", "临溪县", "—"]]
    found = laid_out(written(rows, {(1, 1, 2, 1): "高新区", (1, 2, 2, 2): "6亿"}))
    chosen = ledger_layout.guess(found.headers, FIELDS)
    filled = ledger_layout.filled(found, FIELDS, chosen)
    assert [row[1] for row in filled.rows] == ["高新区", "高新区", "临溪县"] and filled.rows[2][2] == ""
    assert [(fault.row, fault.expected, fault.params["rows"]) for _at, _column, fault in filled.odd] == [
        (2, Wanted.OF_ITS_OWN, "2-3"), (3, Wanted.OF_ITS_OWN, "2-3"),
    ]  # fmt: skip
    judged = list_batches.judge(filled, FIELDS, chosen)
    assert judged.good == [2] and {one.fault.row for one in judged.faults} == {2, 3}


def test_a_mended_line_stands_as_it_was_given_and_may_be_several_rows_or_none(written: Written) -> None:
    rows = [["项目名称", "落地单位", "总投资"], ["甲、乙", "", ""], ["乙项目", "", ""], ["丙项目", "", ""]]
    found = laid_out(written(rows, {(1, 1, 2, 1): "高新区", (1, 2, 2, 2): "6亿"}))
    mends = {"2": [["甲项目", "高新区", "2亿"], ["乙项目", "高新区", "4亿"]], "4": []}
    chosen = ledger_layout.guess(found.headers, FIELDS)
    filled = ledger_layout.mended(ledger_layout.filled(found, FIELDS, chosen), mends)
    assert [(line, *row) for line, row in zip(filled.lines, filled.rows, strict=True)] == [
        (2, "甲项目", "高新区", "2亿"), (2, "乙项目", "高新区", "4亿"), (3, "乙项目", "高新区", "6亿"),
    ]  # fmt: skip
    assert [(at, fault.row) for at, _column, fault in filled.odd] == [(2, 3)], "of the line that was not mended"


def test_a_text_file_with_titles_is_read_too_and_one_without_a_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("项目台账,,\n项目名称,落地单位,总投资（万元）\n甲项目,高新区,1200\n合计,,1200\n", "gb18030")
    found = laid_out(path)
    assert (found.lines, found.rows, found.passed) == ([3], [["甲项目", "高新区", "1200"]], ((4, TOTAL, "合计"),))
    path.write_text("一,二\n三,四\n", "utf-8")
    with pytest.raises(ListError):
        laid_out(path)
