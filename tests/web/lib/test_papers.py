"""Papers are set as Word and as PDF from one description; what people wrote is text in both and never run."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pytest
from docx import Document

from wutong.web.lib import papers

AT = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
PAPER = papers.Paper(
    "隔膜项目 #panic(1)",
    (
        papers.heading("一、概况"), papers.text("第一段\n$第二段$ <w:t>&\x01"), papers.facts([("地点", "经开区")]),
        papers.table(["指标", "数值"], [["总投资", "30,000"]], [1]), papers.listed(["甲", "乙"]), papers.PAGE_BREAK, papers.small("来源"),
    ),
    "第 3 版", "非涉密系统",
)  # fmt: skip


@pytest.fixture
def needs_font() -> None:
    if not papers.has_chinese_font():
        pytest.skip("no Chinese font on this machine: make system-deps")


def test_word_holds_every_part_as_text() -> None:
    found = Document(BytesIO(papers.word(PAPER, at=AT)))
    said = [paragraph.text for paragraph in found.paragraphs]
    assert {"隔膜项目 #panic(1)", "第 3 版", "一、概况", "第一段", "$第二段$ <w:t>&", "1. 甲", "2. 乙", "来源"} <= set(said)
    cells = [[cell.text for cell in row.cells] for one in found.tables for row in one.rows]
    assert cells == [["地点", "经开区"], ["指标", "数值"], ["总投资", "30,000"]]
    assert found.sections[0].footer.paragraphs[0].text.startswith("非涉密系统")


def test_word_names_chinese_fonts_and_nobody() -> None:
    with zipfile.ZipFile(BytesIO(papers.word(PAPER, at=AT))) as kept:
        body, core = (kept.read(name).decode() for name in ("word/document.xml", "docProps/core.xml"))
    assert 'w:eastAsia="宋体"' in body
    assert 'w:eastAsia="黑体"' in body
    assert "python-docx" not in core
    assert "2026-11-26T09:00:00Z" in core


def test_a_pdf_is_set_and_markup_in_it_stays_text(needs_font: None) -> None:
    made = papers.pdf(PAPER, at=AT)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", _unpacked(made))) == 2


def test_a_pdf_is_the_same_for_the_same_moment(needs_font: None) -> None:
    assert papers.pdf(PAPER, at=AT) == papers.pdf(PAPER, at=AT)


def test_no_pdf_of_boxes_where_no_chinese_font_is(monkeypatch: Any) -> None:
    monkeypatch.setattr(papers, "families", lambda: frozenset({"DejaVu Sans"}))
    with pytest.raises(papers.NoChineseFont):
        papers.pdf(PAPER, at=AT)


def test_the_file_bears_the_title(client: Any) -> None:
    response = papers.download(papers.Paper("甲/乙:丙", ()), "docx", at=AT)
    assert "%E7%94%B2_%E4%B9%99_%E4%B8%99.docx" in response["Content-Disposition"]
    assert response["Content-Type"] == papers.WORD_TYPE


def _unpacked(made: bytes) -> bytes:
    """The PDF with the streams in which it keeps its objects."""
    found = [made]
    for begin in re.finditer(rb"stream\r?\n", made):
        try:
            found.append(zlib.decompressobj().decompress(made[begin.end() :]))
        except zlib.error:
            continue
    return b"\n".join(found)
