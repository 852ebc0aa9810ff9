"""Papers that leave the house as Word and as PDF: said once as headings, texts, facts, tables and lists, and set twice.

What people wrote is data for both: Word gets it as text, Typst as JSON beside a fixed template, so that nothing of it is ever run. Neither
asks another program or another host. PDF needs a Chinese font of the system; where there is none it is refused, for boxes are no letters.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TYPE = "application/pdf"
Form = Literal["docx", "pdf"]
TYPES: dict[str, str] = {"docx": WORD_TYPE, "pdf": PDF_TYPE}
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun", "FangSong", "STSong", "Songti SC")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "SimHei", "Microsoft YaHei", "WenQuanYi Micro Hei", "PingFang SC")
WORD_SERIF, WORD_SANS, WORD_LATIN = "宋体", "黑体", "Times New Roman"
"""Every Chinese Word has these two; where one lacks, Word itself puts another in its place."""
GREEN = "2f6f4f"
TEMPLATE = Path(__file__).with_name("papers.typ")


class NoChineseFont(Exception):  # noqa: N818 - what lacks, not an error
    """The machine has no font with Chinese letters: a PDF would show boxes. Word sets the paper with the reader's own fonts."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a paper. `kind`: heading, text, small, facts (label and value a line), table (its first row is the head), list, break."""

    kind: Literal["heading", "text", "small", "facts", "table", "list", "break"]
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    figures: tuple[int, ...] = ()
    """Columns of a table that stand right-aligned."""


def heading(text: str) -> Block:
    """The title of a part."""
    return Block("heading", text)


def text(words: str) -> Block:
    """A text; its lines become paragraphs."""
    return Block("text", words)


def small(words: str) -> Block:
    """A remark in small letters: a source, a reservation."""
    return Block("small", words)


def facts(rows: Sequence[tuple[str, str]]) -> Block:
    """Labels with what they hold."""
    return Block("facts", rows=tuple(rows))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], figures: Sequence[int] = ()) -> Block:
    """A table; `figures`: numbers of the columns that hold figures."""
    return Block("table", rows=(tuple(head), *(tuple(row) for row in rows)), figures=tuple(figures))


def listed(items: Sequence[str]) -> Block:
    """A numbered list."""
    return Block("list", rows=tuple((item,) for item in items))


PAGE_BREAK = Block("break")


@dataclass(frozen=True, slots=True)
class Paper:
    """What is to be set. `foot`: stands below every page, beside its number; `is_chinese`: its language, for hyphens and letters."""

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    foot: str = ""
    is_chinese: bool = True


# --- Word -------------------------------------------------------------------------------------------------------------------------------
def word(paper: Paper, *, at: dt.datetime) -> bytes:
    """A paper as a Word file (docx)."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.3)
    base = document.styles["Normal"]
    base.font.name, base.font.size = WORD_LATIN, Pt(11)
    base.element.rPr.rFonts.set(qn("w:eastAsia"), WORD_SERIF)
    spoken = base.element.rPr.makeelement(qn("w:lang"), {qn("w:val"): "zh-CN" if paper.is_chinese else "en-GB", qn("w:eastAsia"): "zh-CN"})
    base.element.rPr.append(spoken)
    base.paragraph_format.space_after, base.paragraph_format.line_spacing = Pt(4), 1.35
    kept = document.core_properties
    kept.title, kept.author, kept.comments, kept.created, kept.modified = clean(paper.title)[:255], "", "", at, at
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(4 if paper.subtitle else 14)
    _run(title, paper.title, size=20, is_sans=True)
    if paper.subtitle:
        below = document.add_paragraph()
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        below.paragraph_format.space_after = Pt(14)
        _run(below, paper.subtitle, size=10.5, colour="667382")
    for block in paper.blocks:
        _word_block(document, block)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, f"{paper.foot}  ·  " if paper.foot else "", size=9, colour="667382")
    page_number(foot)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _word_block(document: Any, block: Block) -> None:
    if block.kind == "break":
        document.add_page_break()
    elif block.kind == "heading":
        head = document.add_heading(level=1)
        head.paragraph_format.space_before, head.paragraph_format.space_after = Pt(12), Pt(4)
        _run(head, block.text, size=13, is_sans=True, colour=GREEN)
    elif block.kind in {"text", "small"}:
        for line in lines(block.text):
            _run(document.add_paragraph(), line, size=11 if block.kind == "text" else 9, colour="" if block.kind == "text" else "667382")
    elif block.kind == "list":
        for number, (item,) in enumerate(block.rows, start=1):
            one = document.add_paragraph()
            one.paragraph_format.left_indent, one.paragraph_format.first_line_indent = Cm(0.8), Cm(-0.8)
            _run(one, f"{number}. {item}")
    else:
        _word_table(document, block)


def _word_table(document: Any, block: Block) -> None:
    if not block.rows:
        return
    is_facts = block.kind == "facts"
    made = document.add_table(rows=0, cols=len(block.rows[0]))
    made.style, made.autofit = "Table Grid", not is_facts
    if is_facts:
        made.columns[0].width, made.columns[1].width = Cm(4.2), Cm(11.6)
    for number, row in enumerate(block.rows):
        cells = made.add_row().cells
        for at, (cell, value) in enumerate(zip(cells, row, strict=True)):
            line = cell.paragraphs[0]
            line.paragraph_format.space_after = Pt(1)
            is_head = at == 0 if is_facts else number == 0
            _run(line, value, size=10, is_sans=is_head)
            if at in block.figures:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if is_facts:
                cell.width = Cm(4.2) if at == 0 else Cm(11.6)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _run(paragraph: Any, words: str, *, size: float = 11, is_sans: bool = False, colour: str = "") -> None:
    made = paragraph.add_run(clean(words))
    made.font.size, made.font.bold, made.font.name = Pt(size), is_sans, WORD_LATIN
    made._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), WORD_SANS if is_sans else WORD_SERIF)
    made.font.color.rgb = RGBColor.from_string((colour or "1f2933").upper())


def page_number(paragraph: Any, *, size: float = 9) -> None:
    """The number of the page, as a field that Word fills in."""
    made = paragraph.add_run()
    made.font.size = Pt(size)
    for kind, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = made._element.makeelement(qn("w:fldChar") if kind else qn("w:instrText"), {})
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = instruction
        made._element.append(part)


def lines(words: str) -> list[str]:
    """The lines of a text that say something."""
    return [line for line in clean(words).splitlines() if line.strip()]


def clean(words: str) -> str:
    """Without the signs that no file may hold: XML knows no control characters."""
    return "".join(sign for sign in words if sign in "\n\t" or _is_letter(ord(sign)))


def _is_letter(code: int) -> bool:
    return 32 <= code < 0xD800 or (code > 0xDFFF and code & 0xFFFE != 0xFFFE)


# --- PDF --------------------------------------------------------------------------------------------------------------------------------
@cache
def families() -> frozenset[str]:
    """The font families that this machine has."""
    return frozenset(typst.Fonts().families())


def has_chinese_font() -> bool:
    """Whether a PDF with Chinese letters can be set here."""
    return bool(families() & {*SERIF, *SANS})


def pdf(paper: Paper, *, at: dt.datetime) -> bytes:
    """A paper as a PDF. Raises: NoChineseFont."""
    if not has_chinese_font():
        raise NoChineseFont
    there = families()
    serif, sans = ([name for name in names if name in there] for names in (SERIF, SANS))
    told = {
        "title": clean(paper.title), "subtitle": clean(paper.subtitle), "foot": clean(paper.foot), "green": GREEN,
        "lang": "zh" if paper.is_chinese else "en", "serif": serif or sans, "sans": sans or serif,
        "blocks": [_told(block) for block in paper.blocks],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:  # Typst reads nothing outside this folder
        main = Path(folder) / "paper.typ"
        main.write_bytes(TEMPLATE.read_bytes())
        made = typst.compile(
            str(main), root=folder, format="pdf", sys_inputs={"paper": json.dumps(told, ensure_ascii=False)}, timestamp=int(at.timestamp()),
            package_path=folder, package_cache_path=folder,
        )  # fmt: skip
    return bytes(made)


def _told(block: Block) -> dict[str, Any]:
    told = asdict(block)
    told["rows"] = [[clean(cell) for cell in row] for row in block.rows]
    return {**told, "text": "", "lines": lines(block.text)}


# --- both -------------------------------------------------------------------------------------------------------------------------------
def made(paper: Paper, form: Form, *, at: dt.datetime) -> bytes:
    """A paper in the form asked for. Raises: NoChineseFont."""
    return word(paper, at=at) if form == "docx" else pdf(paper, at=at)


def download(paper: Paper, form: Form, *, at: dt.datetime) -> HttpResponse:
    """A paper as a file to download, named by its title. Raises: NoChineseFont."""
    response = HttpResponse(made(paper, form, at=at), content_type=TYPES[form])
    response["Content-Disposition"] = content_disposition_header(True, f"{file_name(paper.title)}.{form}")
    return response


def file_name(title: str) -> str:
    """A title as the name of a file."""
    return "".join("_" if sign in '\\/:*?"<>|' else sign for sign in " ".join(clean(title).split()))[:120] or "paper"
