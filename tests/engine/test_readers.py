"""Registry files as strangers make them: every encoding and delimiter, broken lines, bad bytes, odd workbooks, and files that are none."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from wutong.engine import codes, list_batches, mapping, readers, workbooks
from wutong.engine.mapping import MappingError
from wutong.engine.readers import ReadError
from wutong.engine.rejects import Rejects

HEADER = "统一社会信用代码,企业名称,成立日期,经营范围\n"
ROWS = "91310114133616028U,太行机械厂,1989-08-31,机械制造\n,星城食品厂,1990-01-01,食品加工\n"


def read(path: Path, rejects: Rejects | None = None, given: dict[str, str] | None = None) -> readers.Source:
    return readers.read(path, path.name, given, rejects or Rejects())


def names(source: readers.Source) -> list[str | None]:
    return source.frame["name"].to_list()


def workbook(path: Path, rows: list[list[object]], *, merge: str | None = None, title: str = "") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("登记")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    sheet.write(at, column, cell)
        if merge:
            sheet.merge_range(merge, title)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_whatever_encoding_it_came(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes((HEADER + ROWS).encode(encoding))
    assert names(read(path)) == ["太行机械厂", "星城食品厂"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "firms.txt"
    path.write_text((HEADER + ROWS).replace(",", delimiter), "utf-8")
    assert read(path).frame["registered_on"].to_list() == ["1989-08-31", "1990-01-01"]


def test_a_line_broken_off_is_a_reject_and_the_others_are_read(tmp_path: Path) -> None:
    path, rejects = tmp_path / "firms.csv", Rejects()
    path.write_text(HEADER + "91310114133616028U,太行机\n" + ROWS + "1,2,3,4,5\n", "utf-8")
    source = read(path, rejects)
    assert names(source) == ["太行机械厂", "星城食品厂"]
    assert source.rows == 4
    table = rejects.table()
    assert table["source_row"].to_list() == [1, 4]
    assert set(table["reason"]) == {"broken_line"}
    assert table["is_row_left_out"].all()


def test_an_unclosed_quotation_mark_costs_its_own_line_only(tmp_path: Path) -> None:
    path, rejects = tmp_path / "firms.csv", Rejects()
    body = "".join(f",第{number}机械厂,1990-01-01,制造\n" for number in range(100))
    path.write_text(HEADER + ',"太行机械厂,1989-08-31,制造\n' + body, "utf-8")
    source = read(path, rejects)
    assert source.frame.height == 100
    assert rejects.table()["source_row"].to_list() == [1]


def test_two_unclosed_quotation_marks_do_not_swallow_the_rows_between_them(tmp_path: Path) -> None:
    path, rejects = tmp_path / "firms.csv", Rejects()
    between = "".join(f",第{number}机械厂,1990-01-01,制造\n" for number in range(10))
    path.write_text(HEADER + ',"太行机械厂,1989-08-31,制造\n' + between + ',"星城食品厂,1989-08-31,制造\n' + ROWS, "utf-8")
    source = read(path, rejects)
    assert names(source) == [*(f"第{number}机械厂" for number in range(10)), "太行机械厂", "星城食品厂"]
    assert rejects.table()["source_row"].to_list() == [1, 12]
    assert source.rows == 14


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(HEADER + ',"太行""老字号""机械厂",1989-08-31,"制造,\n销售"\n' + ROWS, "utf-8")
    source = read(path)
    assert names(source) == ['太行"老字号"机械厂', "太行机械厂", "星城食品厂"]
    assert source.frame["scope"][0] == "制造,\n销售"


def test_bytes_that_are_no_text_are_shown_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    good = (HEADER + ROWS).encode("gb18030")
    path.write_bytes(good + ",丰收农场,1991-01-01,".encode("gb18030") + b"\xff\xff\n")
    source = read(path)
    assert names(source) == ["太行机械厂", "星城食品厂", "丰收农场"]
    assert readers.REPLACEMENT in str(source.frame["scope"][2])


def test_a_nul_costs_its_row_and_not_the_file(tmp_path: Path) -> None:
    path, rejects = tmp_path / "firms.csv", Rejects()
    path.write_text(HEADER + ",丰收\x00农场,1991-01-01,种植\n" + ROWS, "utf-8")
    source = read(path, rejects)
    assert (names(source), source.rows) == (["太行机械厂", "星城食品厂"], 3)
    assert rejects.table().select("source_line", "value").row(0) == (2, ",丰收␀农场,1991-01-01,种植")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_lines_may_end_with_a_carriage_return_alone(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes((HEADER + ROWS).replace("\n", "\r").encode(encoding))
    source = read(path)
    assert names(source) == ["太行机械厂", "星城食品厂"]
    assert source.frame["source_line"].to_list() == [2, 3]


def test_a_second_column_of_the_same_meaning_is_named(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text("企业名称,经营范围,企业名称,公司名称\n太行机械厂,制造,太行,太行厂\n", "utf-8")
    source = read(path)
    assert names(source) == ["太行机械厂"]
    assert "not read: 企业名称 (column 3), 公司名称 (column 4)" in source.note


def test_the_equals_sign_of_exported_codes_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text('企业名称,注册号\n太行机械厂,"=""320113000022709"""\n', "utf-8")
    assert read(path).frame["uscc"].to_list() == ["320113000022709"]


def test_english_headers_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text("Company Name,Business Scope,Registration Date\n太行机械厂,制造,1990-01-01\n", "utf-8")
    assert read(path).frame.select("name", "scope", "registered_on").rows() == [("太行机械厂", "制造", "1990-01-01")]


def test_without_a_name_column_the_error_names_file_headers_and_what_was_expected(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text("编号,内容\n1,制造\n", "utf-8")
    with pytest.raises(MappingError, match=r"firms\.csv.*'编号', '内容'.*企业名称"):
        read(path)


def test_a_mapping_file_says_which_column_is_which(tmp_path: Path) -> None:
    path, saved = tmp_path / "firms.csv", tmp_path / "mapping.yaml"
    path.write_text("甲,乙\n太行机械厂,机械制造\n", "utf-8")
    mapping.write_file(saved, {"name": "甲", "scope": "乙"}, "firms.csv")
    assert read(path, given=mapping.read_file(saved)).frame.select("name", "scope").rows() == [("太行机械厂", "机械制造")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {colour: 甲}", "unknown column 'colour'"),
        ("columns: {name: 7}", "expected the header"),
        ("name: 甲", "expected `columns:`"),
        ("columns: {name: [", "not readable YAML"),
        ("[" * 20_000, "not readable YAML"),
    ],
)
def test_a_wrong_mapping_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(MappingError, match=said):
        mapping.read_file(path)


def test_a_mapping_that_names_an_absent_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(HEADER + ROWS, "utf-8")
    with pytest.raises(MappingError, match="wants the header '字号' for name"):
        read(path, given={"name": "字号"})


def test_a_workbook_is_read_with_dates_and_long_numbers_as_texts(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "firms.xlsx",
        [["企业名称", "注册号", "成立日期", "注册资本"], ["太行机械厂", 320113000022709, dt.date(1989, 8, 31), 50.5]],
    )
    row = read(path).frame.select("name", "uscc", "registered_on", "capital_text").row(0)
    assert row == ("太行机械厂", "320113000022709", "1989-08-31", "50.5")


def test_a_header_under_a_merged_title_is_found(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], ["企业名称", "经营范围"], ["太行机械厂", "制造"]]
    path = workbook(tmp_path / "firms.xlsx", rows, merge="A1:B1", title="某市企业名单")
    source = read(path)
    assert names(source) == ["太行机械厂"]
    assert source.frame.select("source_row", "source_line").row(0) == (1, 3)


def test_a_header_of_two_merged_rows_is_put_together(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "firms.xlsx",
        [["企业名称", "登记信息", ""], ["", "成立日期", "经营范围"], ["太行机械厂", "1989-08-31", "制造"]],
    )
    assert read(path).frame.select("name", "registered_on", "scope").rows() == [("太行机械厂", "1989-08-31", "制造")]


def test_a_workbook_without_a_registry_header_is_refused_clearly(tmp_path: Path) -> None:
    path = workbook(tmp_path / "firms.xlsx", [["金额", "备注"], [1, 2]])
    with pytest.raises(MappingError, match=r"firms\.xlsx.*'金额'.*企业名称"):
        read(path)


def test_rows_of_every_sheet_with_a_header_are_read_and_other_sheets_named(tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for title, name in (("一", "太行机械厂"), ("二", "星城食品厂")):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, ["企业名称"])
            sheet.write_row(1, 0, [name])
        book.add_worksheet("说明").write(0, 0, "本表仅供参考")
    source = read(path)
    assert names(source) == ["太行机械厂", "星城食品厂"]
    said = source.frame.select("source_file", "source_row", "source_line").rows()
    assert said == [("firms.xlsx › 一", 1, 2), ("firms.xlsx › 二", 1, 2)]
    assert "说明" in source.note


def test_the_row_of_a_sheet_is_the_one_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "firms.xlsx", [[], [], ["企业名称"], ["太行机械厂"], [""], ["星城食品厂"]])
    assert read(path).frame.select("source_row", "source_line").rows() == [(1, 4), (2, 6)]


def test_the_line_of_a_record_is_the_one_that_an_editor_shows(tmp_path: Path) -> None:
    path, rejects = tmp_path / "firms.csv", Rejects()
    path.write_text("某市企业\n" + HEADER + ',太行机械厂,1989-08-31,"制造,\n销售"\n\nbroken\n,星城食品厂,1990-01-01,食品\n', "utf-8")
    assert read(path, rejects).frame.select("source_row", "source_line").rows() == [(1, 3), (3, 7)]
    assert rejects.table().select("source_row", "source_line").row(0) == (2, 6)


def test_a_formula_cell_gives_its_last_value_and_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["企业名称", "经营范围"])
        sheet.write_formula(1, 0, '=CONCATENATE("太行","机械厂")', None, "太行机械厂")
        sheet.write_string(1, 1, '=cmd|"/c calc"!A1')
    assert read(path).frame.select("name", "scope").row(0) == ("太行机械厂", '=cmd|"/c calc"!A1')


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as file:
            for _ in range(80):
                file.write(b" " * 1_000_000)
    with pytest.raises(ReadError, match=r"times its size .*zip bomb"):
        read(path)


def test_a_stray_cell_in_the_last_corner_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "企业名称")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(ReadError, match="stray cells"):
        read(path)


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="5000"><c s="0" r="XFD5000"><v>1</v></c></row>',
        b"<row r='5000'><c r='XFD5000'><v>1</v></c></row>",
        b'<row r="5000"><c r="XFD5000"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        b'<row><c r = "XFD5000"><v>1</v></c></row>',
        b'<row r="9999999"><c r="A9999999"><v>1</v></c></row>',
    ],
)
def test_a_stray_cell_is_found_however_it_is_written(tmp_path: Path, cells: bytes) -> None:
    path = with_sheet(tmp_path / "firms.xlsx", lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"))
    with pytest.raises(ReadError, match="stray cells"):
        read(path)


def with_sheet(path: Path, change: Callable[[bytes], bytes], texts: Callable[[bytes], bytes] = bytes) -> Path:
    """A workbook whose sheet, and whose shared texts, were written by hand."""
    made = workbook(path.with_name("made.xlsx"), [["企业名称"], ["太行机械厂"]])
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            how = {"xl/worksheets/sheet1.xml": change, "xl/sharedStrings.xml": texts}.get(name, bytes)
            new.writestr(name, how(old.read(name)))
    return path


def test_one_long_text_shown_by_thousands_of_cells_is_refused(tmp_path: Path) -> None:
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>1</v></c></row>' % (row, row) for row in range(3, 5_000))
    path = with_sheet(
        tmp_path / "firms.xlsx",
        lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"),
        lambda texts: texts.replace("太行机械厂".encode(), b"x" * 1_000_000),
    )
    with pytest.raises(ReadError, match=r"cells hold .* MB of text"):
        read(path)


def test_a_code_whose_last_digits_a_spreadsheet_lost_is_no_code(tmp_path: Path) -> None:
    path = workbook(tmp_path / "firms.xlsx", [["企业名称", "统一社会信用代码"], ["太行机械厂", 911100001000013428]])
    code = read(path).frame["uscc"][0]
    assert codes.status(codes.normalise(code)) is codes.Status.MALFORMED


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "firms.xlsx", [["企业名称"], ["太行机械厂"]])
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ReadError, match="damaged zip archive"):
        read(path)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firms.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("firms.csv", HEADER + ROWS)
    with pytest.raises(ReadError, match="no XLSX workbook; unpack it first"):
        read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.xls"),
        (b"\x1f\x8b\x08rest", "unpack"),
        (b"%PDF-1.7", "PDF"),
        (b"\x7fELF\x00\x00\x01", "binary"),
        (bytes(range(256)) * 4, "binary"),
        (b"<html><table>", "web page"),
        (b"PAR1 and no more", "cannot be read"),
    ],
)
def test_a_file_that_is_no_registry_is_refused_by_what_it_holds(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "firms.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=said):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"none\.csv: no such file"):
        read(tmp_path / "none.csv")


def test_parquet_is_told_by_content_and_typed_columns_become_texts(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    frame = pl.DataFrame({"name": ["太行机械厂"], "registered_on": [dt.date(1989, 8, 31)], "capital": [50.0], "uscc": [320113000022709]})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    path.write_bytes(buffer.getvalue())
    row = read(path).frame.select("name", "registered_on", "capital_text", "uscc").row(0)
    assert row == ("太行机械厂", "1989-08-31", "50", "320113000022709")


def test_a_code_kept_as_a_rounded_number_in_parquet_is_no_code(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    pl.DataFrame({"name": ["太行机械厂"], "uscc": [911100001000013428.0]}).write_parquet(path)
    assert codes.status(codes.normalise(read(path).frame["uscc"][0])) is codes.Status.MALFORMED


def test_parquet_with_a_nested_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "firms.parquet"
    pl.DataFrame({"name": [["太行机械厂"]]}).write_parquet(path)
    with pytest.raises(ReadError, match="column 'name' holds List"):
        read(path)


def test_the_limits_of_workbooks_leave_room_for_a_sheet_that_is_full() -> None:
    assert workbooks.LARGEST_CELLS > 1_048_576 * 40


def test_a_small_file_of_much_text_is_left_to_a_job(tmp_path: Path) -> None:
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>1</v></c></row>' % (row, row) for row in range(3, 2_000))
    path = with_sheet(
        tmp_path / "firms.xlsx",
        lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"),
        lambda texts: texts.replace("太行机械厂".encode(), b"x" * 30_000),
    )
    assert path.stat().st_size < 20_000
    with pytest.raises(workbooks.TooLarge, match=r"cells hold .* MB of text, more than 50 MB"):
        workbooks.read(path, workbooks.AT_ONCE)
    workbooks.refuse_bombs(path, workbooks.LIST)
    assert not list_batches.is_small(path)
    assert readers.headers(path, "firms.xlsx") == ("xlsx", ["企业名称"])


@pytest.mark.parametrize(("cell", "told"), [("", ""), ('<c r="Z9"/>', "column 26 of row 200000"), ("<c/>", "column 26 of row 200000")])
def test_a_long_list_of_two_columns_is_counted_as_two(tmp_path: Path, cell: str, told: str) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", f'<row r="9"><c r="A9"/>{cell}</row><row r="200000"><c r="B200000"/></row>')
    if told:
        with pytest.raises(workbooks.TooLarge, match=told):
            workbooks.refuse_bombs(path, workbooks.AT_ONCE)
    else:
        workbooks.refuse_bombs(path, workbooks.AT_ONCE)
    workbooks.refuse_bombs(path, workbooks.LIST)


def test_headers_are_read_without_the_rest_of_a_workbook(tmp_path: Path) -> None:
    head = [["某市企业名单"], [None], ["企业名称", "统一社会信用代码", "省份"]]
    path = workbook(tmp_path / "firms.xlsx", [*head, *[[f"企业{row}", row, "河北"] for row in range(3_000)]])
    (sheet,) = workbooks.read_head(path, 40)
    assert sheet.rows == workbooks.read(path)[0].rows[: len(sheet.rows)] and 40 <= len(sheet.rows) <= 41
    assert readers.headers(path, "firms.xlsx")[1] == ["企业名称", "统一社会信用代码", "省份"]


@pytest.mark.parametrize("name", ["xl/calcChain.xml", "xl/pivotCache/pivotCacheRecords1.xml"])
def test_headers_are_read_whatever_a_workbook_computes_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = workbook(tmp_path / "firms.xlsx", [["企业名称", "省份"], ["太行机械厂", "河北"]])
    monkeypatch.setattr(workbooks, "HEAD_BYTES", 100_000)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b" " * 100_001)
    assert readers.headers(path, "firms.xlsx") == ("xlsx", ["企业名称", "省份"])


def test_an_archive_of_very_many_files_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "")
    raw = path.read_bytes()
    end = raw.rindex(b"PK\x05\x06")
    assert workbooks.directory_bytes(path) == end - raw.index(b"PK\x01\x02")
    path.write_bytes(raw[: end + 12] + (50_000_000).to_bytes(4, "little") + raw[end + 16 :])
    with pytest.raises(workbooks.WorkbookError, match="too many files"):
        workbooks.read(path)
    assert workbooks.directory_bytes(io.BytesIO(b"no archive")) == 0
