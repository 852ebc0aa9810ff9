"""Official documents are set as GB/T 9704 asks: page, lines, fonts, red head, page numbers, imprint; every figure arrives as given."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from wutong.web.lib import official, papers

AT = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
ROWS = (("名次", "单位", "得分"), *((str(n), f"测试{n}县", f"{100 - n}.50") for n in range(1, 31)))
PAPER = official.Official(
    "某某市招商促进局文件", "某招通〔2026〕11号", "关于2026年1—10月考核情况的通报",
    (
        official.Part("first", "一、总体情况"), official.Part("text", "新签约125个，#panic(1) <w:t>。"),
        official.Part("second", "（一）县区组"),
        official.Part("caption", "县区组排名"), official.Part("table", rows=ROWS, figures=(2,)), official.Part("third", "1.未开工"),
    ),
    "各县（市、区）：", "某某市招商促进局", "2026年11月27日", "市委办公室。", "某某市招商促进局办公室", "2026年11月27日", "送审稿",
)  # fmt: skip


@pytest.fixture
def needs_font() -> None:
    if not papers.has_chinese_font():
        pytest.skip("no Chinese font on this machine: make system-deps")


def test_the_page_is_that_of_the_standard() -> None:
    section = Document(BytesIO(official.word(PAPER, at=AT))).sections[0]
    across = section.page_width - section.left_margin - section.right_margin
    down = section.page_height - section.top_margin - section.bottom_margin
    assert [round(length / 36000) for length in (across, down, section.top_margin, section.left_margin)] == [156, 225, 37, 28]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    assert round(225 / 25.4 * 1440 / int(grid.get(qn("w:linePitch"))), 1) == 22.0


def test_each_part_has_its_font_and_size() -> None:
    found = Document(BytesIO(official.word(PAPER, at=AT)))
    looks = {
        line.text: (line.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")), line.runs[0].font.size.pt)
        for line in found.paragraphs
        if line.runs
    }
    assert looks["关于2026年1—10月考核情况的通报"] == ("方正小标宋简体", 22)
    assert looks["一、总体情况"] == ("黑体", 16)
    assert looks["（一）县区组"] == ("楷体_GB2312", 16)
    assert looks["新签约125个，#panic(1) <w:t>。"] == ("仿宋_GB2312", 16)
    assert looks["某某市招商促进局文件"][0] == "方正小标宋简体"
    mark = next(line for line in found.paragraphs if line.text == PAPER.mark)
    assert str(mark.runs[0].font.color.rgb) == "FF0000"
    assert official.wide(PAPER.mark) * mark.runs[0].font.size.pt <= 156 / 25.4 * 72


def test_word_knows_what_stands_in_for_a_font() -> None:
    with zipfile.ZipFile(BytesIO(official.word(PAPER, at=AT))) as kept:
        table = kept.read("word/fontTable.xml").decode()
    assert re.search(r'w:name="仿宋_GB2312"><w:altName w:val="[^"]*仿宋', table)
    assert re.search(r'w:name="方正小标宋简体"><w:altName w:val="[^"]*宋体', table)


def test_pages_are_numbered_between_dashes_on_the_outer_side() -> None:
    found = Document(BytesIO(official.word(PAPER, at=AT)))
    odd, even = found.sections[0].footer.paragraphs[0], found.sections[0].even_page_footer.paragraphs[0]
    assert found.settings.odd_and_even_pages_header_footer
    assert [line.alignment.name for line in (odd, even)] == ["RIGHT", "LEFT"]
    assert [line.runs[0].text.strip() for line in (odd, even)] == ["—", "—"]
    assert "PAGE" in odd._p.xml


def test_the_table_arrives_as_it_was_given_and_the_imprint_stands_last() -> None:
    tables = Document(BytesIO(official.word(PAPER, at=AT))).tables
    assert tuple(tuple(cell.text for cell in row.cells) for row in tables[0].rows) == ROWS
    assert tables[0].rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert [tables[1].rows[0].cells[0].text, *(cell.text for cell in tables[1].rows[1].cells)] == [
        "抄送：市委办公室。", "某某市招商促进局办公室", "2026年11月27日印发",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title, lines",
    [
        ("关于2026年9月招商引资考核的通报", ["关于2026年9月招商引资考核的通报"]),
        ("关于2026年1—9月招商引资考核情况的通报", ["关于2026年1—9月", "招商引资考核情况的通报"]),  # seen in LibreOffice: it needs two
        ("关于2026年1—10月招商引资考核情况的通报", ["关于2026年1—10月", "招商引资考核情况的通报"]),
        ("关于考核情况\n的通报", ["关于考核情况", "的通报"]),
        ("字" * 21, ["字" * 10, "字" * 11]),
        ("9" * 60, ["9" * 60]),
    ],
)
def test_a_title_too_long_for_a_line_has_lines_about_as_long_as_each_other(title: str, lines: list[str]) -> None:
    assert official.title_lines(title) == lines


def test_what_is_short_in_a_table_stays_in_one_line_and_what_is_long_shares_the_rest() -> None:
    rows = (("项目", "问题", "情况"), ("测试" * 20, "签约未开工", "签约 239 天未开工"))
    found = official.widths_mm(rows)
    needed = [official.wide(one) * official.CELL_PT / 72 * 25.4 for one in rows[1]]
    assert round(sum(found), 6) == official.WIDE_MM and found[1] > needed[1] and found[2] > needed[2] and found[0] < needed[0]
    assert round(sum(official.widths_mm((("名次", "得分"), ("1", "90.5")))), 6) == official.WIDE_MM


def test_latin_letters_are_not_called_chinese_and_the_imprint_is_narrower_than_the_text() -> None:
    found = Document(BytesIO(official.word(PAPER, at=AT)))
    told = found.styles["Normal"].element.rPr.find(qn("w:lang"))
    assert (told.get(qn("w:val")), told.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")
    assert sum(column.width for column in found.tables[-1].columns) / 36000 < official.WIDE_MM - 5


def test_who_signs_stands_above_the_middle_of_the_day() -> None:
    found = Document(BytesIO(official.word(PAPER, at=AT)))
    signed, dated = ([line for line in found.paragraphs if line.text == words][-1] for words in (PAPER.signed_by, PAPER.dated))
    far = [float(line._p.pPr.ind.get(qn("w:rightChars"))) / 100 for line in (signed, dated)]
    assert far[1] == 4
    assert far[0] + official.wide(PAPER.signed_by) / 2 == far[1] + official.wide(PAPER.dated) / 2


def test_a_pdf_is_set_of_several_pages_and_markup_stays_text(needs_font: None) -> None:
    made = official.pdf(PAPER, at=AT)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", _unpacked(made))) == 3
    assert made == official.pdf(PAPER, at=AT)


def test_no_pdf_of_boxes_where_no_chinese_font_is(monkeypatch: Any) -> None:
    monkeypatch.setattr(papers, "families", lambda: frozenset({"DejaVu Sans"}))
    with pytest.raises(papers.NoChineseFont):
        official.pdf(PAPER, at=AT)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (make system-deps)")
def test_another_program_opens_the_word_file_and_sets_its_pages(tmp_path: Path, needs_font: None) -> None:
    kept = tmp_path / "paper.docx"
    kept.write_bytes(official.word(PAPER, at=AT))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(kept)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    made = (tmp_path / "paper.pdf").read_bytes()
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", _unpacked(made))) <= 4


def _unpacked(made: bytes) -> bytes:
    """The PDF with the streams in which it keeps its objects."""
    found = [made]
    for begin in re.finditer(rb"stream\r?\n", made):
        try:
            found.append(zlib.decompressobj().decompress(made[begin.end() :]))
        except zlib.error:
            continue
    return b"\n".join(found)
