"""What a sheet shows and its values do not say: percentages, errors, formulas whose result was not stored."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from wutong.engine import cell_marks, fact_files, list_batches, list_files, workbooks
from wutong.engine.cell_marks import Mark, Marked
from wutong.engine.list_files import NAME, Field, ListError
from wutong.rulebook.scoring import reading

HEAD = """rule: tried
source: {title: 例, date: 2020-01-01}
valid: {from: 2020-01-01}
facts: {rate: {zh: 完成率, unit: percent}, funds: {zh: 到位资金, unit: 万元}}
records: {projects: {zh: 项目, fields: {share: {zh: 占比, unit: percent}}}}
groups:
"""
COUNTIES = "  all: {title: 县区, items: [{id: a, formula: rate}, {id: b, formula: {ratio: {of: funds, to: funds, if_zero: 0}}}]}\n"
PARKS = "  parks: {title: 园区, items: [{id: a, formula: {sum: [rate, {records: {of: projects, gives: share}}]}}]}\n"
RULE = reading.rule_from(HEAD + COUNTIES)
BOTH = reading.rule_from(HEAD + COUNTIES + PARKS)


def book(folder: Path, cells: dict[str, list[list[Any]]]) -> Path:
    """A workbook. A pair stands for (value, form of number), three for (formula, form, result); None as result is none stored."""
    path = folder / "facts.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        for name, rows in cells.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    match cell:
                        case (value, form):
                            sheet.write(at, column, value, made.add_format({"num_format": form}))
                        case (formula, form, result):
                            sheet.write_formula(at, column, formula, made.add_format({"num_format": form}), result)
                        case _:
                            sheet.write(at, column, cell)
    return path


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ((0.95, "0%"), "95%"),
        ((0.955, "0.00%"), "95.5%"),
        ((1.205, "0.0%;[Red]-0.0%"), "120.5%"),
        ((-0.05, "0%"), "-5%"),
        ((0, "0%"), "0%"),
        ((0.95, "0.00"), "0.95"),
        ((95, '0"%"'), "95"),  # the sign is only written behind
        ((95, r"0\%"), "95"),
        (("=1/4", "0%", 0.25), "25%"),
        (("=1/4", "0.00", 0.25), "0.25"),
        (("不适用", "0%"), "不适用"),
    ],
)
def test_a_number_that_is_shown_as_a_percentage_is_read_as_one(tmp_path: Path, cell: Any, shown: str) -> None:
    path = book(tmp_path, {"表": [["完成率"], [cell]]})
    assert workbooks.read(path, as_shown=True)[0].rows == [["完成率"], [shown]]


def test_errors_and_formulas_without_result_are_told_where_they_stand(tmp_path: Path) -> None:
    path = book(
        tmp_path, {"说明": [["填表说明"]], "表": [["一", "二"], [("=1/0", "0", "#DIV/0!"), ("=50+5", "0", "")], [("=2+1", "0", 3), 4]]}
    )
    assert cell_marks.read(path)["表"] == {(1, 0): Marked(Mark.ERROR, "#DIV/0!"), (1, 1): Marked(Mark.NO_RESULT, "=50+5")}


def test_facts_are_read_as_the_sheet_shows_them(tmp_path: Path) -> None:
    path = book(tmp_path, {"表": [["单位", "完成率"], ["甲县", (0.95, "0%")]], "项目": [["单位", "占比"], ["甲县", (0.5, "0%")]]})
    (found,) = fact_files.read(path, RULE).units
    assert (found.facts, found.records) == ({"完成率": "95%"}, {"projects": [{"占比": "50%"}]})


def test_a_head_with_its_unit_is_not_put_behind_a_cell_that_bears_its_own(tmp_path: Path) -> None:
    path = book(tmp_path, {"表": [["单位", "完成率(%)", "到位资金(亿元)"], ["甲县", "95%", 2], ["乙县", 90, "3万元"]]})
    assert [dict(one.facts) for one in fact_files.read(path, RULE).units] == [
        {"完成率": "95%", "到位资金": "2亿元"}, {"完成率": "90%", "到位资金": "3万元"},
    ]  # fmt: skip


def test_a_fact_that_no_spreadsheet_computed_is_a_fault_and_not_missing(tmp_path: Path) -> None:
    rows = [["单位", "到位资金", "备注"], ["甲县", ("=50+5", "0", ""), ""], ["乙县", ("=1/0", "0", "#DIV/0!"), ""]]
    with pytest.raises(ListError) as caught:
        fact_files.read(book(tmp_path, {"表": rows}), RULE)
    assert caught.value.say().splitlines()[1:] == [
        "facts.xlsx 第 2 行，到位资金：“=50+5” → 应为数值；公式没有存下计算结果，请用表格软件打开并保存",
        "facts.xlsx 第 3 行，到位资金：“#DIV/0!” → 应为数值；单元格里是错误值，请改正公式",
    ]


def test_a_unit_may_change_its_group_within_the_year_in_a_sheet_too(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("单位,分组,完成率\n甲县,县区 4/12；园区 8/12,90%\n乙县,园区,80%\n", "utf-8")
    assert [[(code, str(share)) for code, share in one.groups] for one in fact_files.read(path, BOTH).units] == [
        [("all", "1/3"), ("parks", "2/3")], [("parks", "1")],
    ]  # fmt: skip


FIELDS = (NAME, Field("rate", ("完成率",), read=str.strip), Field("funds", ("到位资金",), read=str.strip))


def test_lists_and_batches_tell_a_cell_without_a_value(tmp_path: Path) -> None:
    path = book(
        tmp_path, {"表": [["企业名称", "完成率", "别的"], ["甲厂", (0.95, "0%"), ("=1/0", "0", "#DIV/0!")], ["乙厂", ("=A1", "0", ""), 1]]}
    )
    table = list_batches.layout(path, "list.xlsx", FIELDS)
    judged = list_batches.judge(table, FIELDS, list_batches.guess(table.headers, FIELDS))
    assert [(one.fault.row, one.fault.field, one.fault.value) for one in judged.faults] == [(3, "完成率", "=A1")]
    assert (judged.good, judged.cells["rate"][0]) == ([0], "95%")
    with pytest.raises(ListError, match="the result of the formula was not stored"):
        list_files.read(path, FIELDS)


def test_a_sheet_whose_file_is_named_in_other_letters_is_read_as_shown(tmp_path: Path) -> None:
    path, other = book(tmp_path, {"表": [["完成率"], [(0.955, "0.0%")]]}), tmp_path / "other.xlsx"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as copy:
        for member in archive.infolist():
            copy.writestr(member.filename.replace("worksheets/sheet1", "worksheets/Sheet1"), archive.read(member))
    assert cell_marks.read(other)["表"] == {(1, 0): Marked(Mark.PERCENT)}
