"""Official documents (公文) as GB/T 9704-2012 asks: said once as head, parts and imprint, set as Word and as PDF.

A page holds 22 lines of 28 signs (版心 156 × 225 mm, 天头 37 mm, 订口 28 mm). Word keeps the names of the fonts that the standard asks
for, with what stands in for each; a PDF takes the nearest that the system has, so that it looks alike and never shows boxes.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from wutong.web.lib import papers

Kind = Literal["first", "second", "third", "text", "caption", "table"]
TEMPLATE = Path(__file__).with_name("official.typ")
RED = "FF0000"
TOP_MM, LEFT_MM, WIDE_MM, HIGH_MM = 37, 28, 156, 225
LINES_A_PAGE, SIGNS_A_LINE = 22, 28
TITLE_PT, BODY_PT, SMALL_PT, CELL_PT = 22, 16, 14, 12
LINE_PT = HIGH_MM / 25.4 * 72 / LINES_A_PAGE
SIGN_PT = WIDE_MM / 25.4 * 72 / SIGNS_A_LINE
MARK_TOP_MM, MARK_MOST_PT = 35, 60
CELL_EDGES_MM = 4
"""What a cell keeps free at its left and right together."""
IMPRINT_MM = WIDE_MM - 6  # LibreOffice lets no wider table float, and would set it right under the text; the PDF has the full width
BIAO, FANG, HEI, KAI, SONG, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "Times New Roman"
"""Names in Word. What stands in for each where the reader's machine lacks it stands in the font table of the file."""
STAND_INS = {
    BIAO: ("FZXiaoBiaoSong-B05S, 小标宋, 华文中宋, 宋体", "roman"),
    FANG: ("FangSong_GB2312, 仿宋, FangSong, 华文仿宋", "roman"),
    KAI: ("KaiTi_GB2312, 楷体, KaiTi, 华文楷体", "roman"),
    HEI: ("SimHei", "swiss"),
    SONG: ("SimSun", "roman"),
}
FAMILIES = {
    "biao": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *papers.SERIF),
    "fang": ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02", *papers.SERIF),
    "kai": ("KaiTi_GB2312", "KaiTi", "STKaiti", "LXGW WenKai", "AR PL UKai CN", "AR PL KaitiM GB", *papers.SERIF),
    "hei": ("SimHei", *papers.SANS),
    "song": ("SimSun", "NSimSun", *papers.SERIF),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the body. `first` 一、 `second`（一）`third` 1.: headings by their level; a table's first row is its head."""

    kind: Kind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    figures: tuple[int, ...] = ()
    """Columns of a table that stand right-aligned."""


@dataclass(frozen=True, slots=True)
class Official:
    """An official document (公文). `mark`: whose it is, in red; `note`: what stands above it, as that it is a draft."""

    mark: str
    number: str
    title: str
    parts: tuple[Part, ...]
    sent_to: str = ""
    signed_by: str = ""
    dated: str = ""
    copies: str = ""
    printed_by: str = ""
    printed: str = ""
    note: str = ""


def made(paper: Official, form: papers.Form, *, at: dt.datetime) -> bytes:
    """A document in the form asked for. Raises: NoChineseFont."""
    return word(paper, at=at) if form == "docx" else pdf(paper, at=at)


def wide(words: str) -> float:
    """How many signs of a line a text takes: a Chinese sign one, a Latin letter or figure half of one."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5 for sign in words)


_SEAM = re.compile(r"[A-Za-z0-9][一-鿿]|[一-鿿][A-Za-z0-9]")
_HOLDS = re.compile(r"[A-Za-z0-9.%—–-]{2}|.[、，。：；）〕》”的]|[（〔《“].")
"""Two signs between which no line of a title ends: within a figure, before a closing sign, after an opening one."""
_PAUSES = "年月日、，：）〕》”及和局市县区省"
"""Signs after which a line of a title rather ends than within a word."""


def title_lines(title: str) -> list[str]:
    """The lines of a title: where it is too long for one, about as long as each other, and no line ends within a figure."""
    return [line for given in papers.lines(title) for line in _parted(given)]


def _parted(words: str) -> list[str]:
    fits = WIDE_MM / 25.4 * 72 / TITLE_PT - 1  # one sign is left free: fonts that stand in differ by as much
    takes = wide(words) + len(_SEAM.findall(words)) / 4  # Word and its like keep a quarter of a sign between Chinese and figures
    places = [at for at in range(1, len(words)) if not _HOLDS.fullmatch(words[at - 1 : at + 1]) and wide(words[:at]) < fits]
    if takes <= fits or not places:
        return [words]
    wanted = wide(words) / math.ceil(takes / fits)
    best = min(places, key=lambda at: abs(wide(words[:at]) - wanted) + (0 if words[at - 1] in _PAUSES else 3))
    return [words[:best].strip(), *_parted(words[best:].strip())]


def mark_pt(mark: str) -> float:
    """How large the red mark stands: as large as fits into one line, at most as the standard allows."""
    return min(MARK_MOST_PT, WIDE_MM / 25.4 * 72 * 0.97 / max(wide(mark), 1))


def _signature(paper: Official) -> tuple[float, float]:
    """How far from the right who signed and the day stand, in signs: the day four in, the name above the middle of it."""
    over = (wide(paper.dated) - wide(paper.signed_by)) / 2
    return (4 + over, 4) if over >= -4 else (0, -over)


# --- Word -------------------------------------------------------------------------------------------------------------------------------
def word(paper: Official, *, at: dt.datetime) -> bytes:
    """A document as a Word file (docx)."""
    document = Document()
    _page(document)
    _fonts(document)
    kept = document.core_properties
    kept.title, kept.author, kept.comments, kept.created, kept.modified = papers.clean(paper.title)[:255], "", "", at, at
    _head(document, paper)
    for part in paper.parts:
        if part.kind == "table":
            _table(document, part)
        else:
            _body(document, part)
    _signed(document, paper)
    _imprint(document, paper)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(297 - TOP_MM - HIGH_MM)
    section.left_margin, section.right_margin = Mm(LEFT_MM), Mm(210 - LEFT_MM - WIDE_MM)
    section.header_distance, section.footer_distance = Mm(15), Mm(22)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(int(LINE_PT * 20)))
    document.settings.odd_and_even_pages_header_footer = True
    _folio(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _folio(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    base = document.styles["Normal"]
    base.font.name, base.font.size = LATIN, Pt(BODY_PT)
    base.element.rPr.rFonts.set(qn("w:eastAsia"), FANG)
    closer = OxmlElement("w:spacing")  # 28 signs a line; a grid of signs is read differently by every program
    closer.set(qn("w:val"), str(math.floor((SIGN_PT - BODY_PT) * 20)))
    base.element.rPr.append(closer)
    # Whose Latin letters are called Chinese cuts figures anywhere in LibreOffice: 7 | 4.8%.
    base.element.rPr.append(base.element.rPr.makeelement(qn("w:lang"), {qn("w:val"): "en-US", qn("w:eastAsia"): "zh-CN"}))
    base.paragraph_format.space_after = base.paragraph_format.space_before = Pt(0)
    base.paragraph_format.line_spacing_rule, base.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(int(LINE_PT * 20) / 20)


def _folio(paragraph: Any, side: Any) -> None:
    """The number of a page between two dashes, one sign in from the outer edge."""
    paragraph.alignment = side
    _spaced(paragraph, 18)
    _indent(paragraph, left=1 if side == WD_ALIGN_PARAGRAPH.LEFT else 0, right=1 if side == WD_ALIGN_PARAGRAPH.RIGHT else 0, size=SMALL_PT)
    _run(paragraph, "— ", SONG, SMALL_PT, latin=SONG)
    papers.page_number(paragraph, size=SMALL_PT)
    _run(paragraph, " —", SONG, SMALL_PT, latin=SONG)


def _fonts(document: Any) -> None:
    """The font table: what Word takes where the reader's machine lacks one of the fonts."""
    told = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="auto"/></w:font>'
        for name, (others, family) in STAND_INS.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    whole = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{space}">{told}</w:fonts>'
    for link in document.part.rels.values():
        if link.reltype.endswith("/fontTable"):
            link.target_part._blob = whole.encode()


def _head(document: Any, paper: Official) -> None:
    mark = _centred(document)
    size = mark_pt(paper.mark)
    mark.paragraph_format.space_before = Mm(MARK_TOP_MM)
    if paper.note:
        note = mark.insert_paragraph_before()
        _run(note, paper.note, HEI, BODY_PT)
        mark.paragraph_format.space_before = Pt(MARK_TOP_MM / 25.4 * 72 - LINE_PT)
    _spaced(mark, size * 1.15)
    _run(mark, paper.mark, BIAO, size, colour=RED)
    for _empty in range(2):
        document.add_paragraph()
    number = _centred(document)
    _run(number, paper.number, FANG, BODY_PT)
    _red_line(number)
    for _empty in range(2):
        document.add_paragraph()
    for line in title_lines(paper.title):
        title = _centred(document)
        _spaced(title, 34)
        _run(title, line, BIAO, TITLE_PT)
    document.add_paragraph()
    if paper.sent_to:
        _run(document.add_paragraph(), paper.sent_to, FANG, BODY_PT)


def _red_line(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    below = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "14"), ("space", "11"), ("color", RED)):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")


FONTS: dict[str, str] = {"first": HEI, "second": KAI, "third": FANG, "text": FANG, "caption": HEI}


def _body(document: Any, part: Part) -> None:
    for line in papers.lines(part.text):
        made = _centred(document) if part.kind == "caption" else document.add_paragraph()
        if part.kind != "caption":
            _indent(made, first=2)
            made.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        made.paragraph_format.keep_with_next = part.kind not in {"text", "third"}
        _run(made, line, FONTS[part.kind], SMALL_PT if part.kind == "caption" else BODY_PT)


def _table(document: Any, part: Part) -> None:
    if not part.rows:
        return
    made = document.add_table(rows=0, cols=len(part.rows[0]))
    made.style, made.alignment, made.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    widths = widths_mm(part.rows)
    for column, wide_mm in zip(made.columns, widths, strict=True):
        column.width = Mm(wide_mm)
    for number, row in enumerate(part.rows):
        line = made.add_row()
        _row_holds(line, is_head=number == 0)
        for at, (cell, value) in enumerate(zip(line.cells, row, strict=True)):
            cell.width = Mm(widths[at])
            paragraph = cell.paragraphs[0]
            _spaced(paragraph, 18)
            _off_grid(paragraph)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if at in part.figures and number else WD_ALIGN_PARAGRAPH.CENTER
            _run(paragraph, value, FANG if number else HEI, CELL_PT)
    _spaced(document.add_paragraph(), 12)


def widths_mm(rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide the columns of a table stand, together as wide as a line: what is short stays in one line, what is long shares the rest."""
    inches = CELL_PT / 72
    needs = [(max(wide(row[at]) for row in rows) + 0.5) * inches * 25.4 + CELL_EDGES_MM for at in range(len(rows[0]))]
    if sum(needs) <= WIDE_MM:
        return [WIDE_MM * one / sum(needs) for one in needs]
    found: dict[int, float] = {}
    for at in sorted(range(len(needs)), key=lambda at: needs[at]):
        found[at] = min(needs[at], (WIDE_MM - sum(found.values())) / (len(needs) - len(found)))
    return [found[at] for at in range(len(needs))]


def _row_holds(row: Any, *, is_head: bool) -> None:
    """A row is never cut by the end of a page; the head stands again on the next."""
    told = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader") if is_head else ("w:cantSplit",):
        told.append(OxmlElement(name))


def _signed(document: Any, paper: Official) -> None:
    """Who signs and the day, two lines below the text."""
    if not paper.signed_by and not paper.dated:
        return
    document.add_paragraph()
    first, second = _signature(paper)
    for words, far in ((paper.signed_by, first), (paper.dated, second)):
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.keep_with_next = words == paper.signed_by
        _indent(line, right=far)
        _run(line, words, FANG, BODY_PT)


def _imprint(document: Any, paper: Official) -> None:
    """The imprint (版记) at the foot of the last page: who gets copies, who printed it and when."""
    rows = [[f"抄送：{paper.copies}"]] if paper.copies else []
    rows += [[paper.printed_by, f"{paper.printed}印发"]] if paper.printed_by else []
    if not rows:
        return
    made = document.add_table(rows=0, cols=2)
    made.autofit = False
    for column in made.columns:
        column.width = Mm(IMPRINT_MM / 2)
    _at_foot(made)
    for number, row in enumerate(rows):
        cells = made.add_row().cells
        for cell in cells:
            cell.width = Mm(IMPRINT_MM / 2)
            _edges(cell, top=8 if number == 0 else 6, bottom=8 if number == len(rows) - 1 else 6)
        held = [cells[0].merge(cells[1])] if len(row) == 1 else list(cells)
        for at, (cell, words) in enumerate(zip(held, row, strict=True)):
            line = cell.paragraphs[0]
            _spaced(line, 22)
            _off_grid(line)
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT if at else WD_ALIGN_PARAGRAPH.LEFT
            if len(row) == 1:
                _indent(line, left=4, first=-3, right=1, size=SMALL_PT)
            else:
                _indent(line, left=1 - at, right=at, size=SMALL_PT)
            _run(line, words, FANG, SMALL_PT)
    _spaced(document.add_paragraph(), 1)  # what the table hangs on


def _at_foot(table: Any) -> None:
    """At the foot of the page, whatever stands above it."""
    told = OxmlElement("w:tblpPr")
    for name, value in (("horzAnchor", "margin"), ("vertAnchor", "margin"), ("tblpXSpec", "center"), ("tblpYSpec", "bottom")):
        told.set(qn(f"w:{name}"), value)
    table._tbl.tblPr.insert_element_before(told, "w:tblOverlap", "w:tblW", "w:jc", "w:tblLayout", "w:tblLook")


def _edges(cell: Any, **sizes: int) -> None:
    """Lines over and under a cell. Units: eighths of a point."""
    borders = OxmlElement("w:tcBorders")
    for side, size in sizes.items():
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    cell._tc.get_or_add_tcPr().append(borders)


def _centred(document: Any) -> Any:
    made = document.add_paragraph()
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return made


def _spaced(paragraph: Any, points: float) -> None:
    paragraph.paragraph_format.line_spacing_rule, paragraph.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)


def _off_grid(paragraph: Any) -> None:
    """Lines of a table stand closer than those of the text."""
    told = OxmlElement("w:snapToGrid")
    told.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(told, "w:spacing", "w:ind", "w:contextualSpacing", "w:jc")


def _indent(paragraph: Any, *, first: float = 0, left: float = 0, right: float = 0, size: float = BODY_PT) -> None:
    """Indents in signs, which Word keeps when the letters change, and in points for whoever does not know signs."""
    told = paragraph._p.get_or_add_pPr().get_or_add_ind()
    for name, signs in (("left", left), ("right", right), ("hanging" if first < 0 else "firstLine", abs(first))):
        if signs:
            told.set(qn(f"w:{name}Chars"), str(round(signs * 100)))
            told.set(qn(f"w:{name}"), str(round(signs * size * 20)))


def _run(paragraph: Any, words: str, font: str, size: float, *, colour: str = "000000", latin: str = LATIN) -> None:
    made = paragraph.add_run(papers.clean(words))
    made.font.size, made.font.name = Pt(size), latin
    made._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    made.font.color.rgb = RGBColor.from_string(colour)


# --- PDF --------------------------------------------------------------------------------------------------------------------------------
def pdf(paper: Official, *, at: dt.datetime) -> bytes:
    """A document as a PDF. Raises: NoChineseFont."""
    if not papers.has_chinese_font():
        raise papers.NoChineseFont
    there = papers.families()
    spare = [one for one in papers.SANS if one in there]
    fonts = {name: [one for one in wanted if one in there] or spare for name, wanted in FAMILIES.items()}
    first, second = _signature(paper)
    told = {
        name: papers.clean(getattr(paper, name))
        for name in ("mark", "number", "title", "sent_to", "signed_by", "dated", "copies", "printed_by", "printed", "note")
    } | {
        "fonts": fonts, "mark_pt": mark_pt(paper.mark), "sign_pt": SIGN_PT, "line_pt": LINE_PT, "signed_in": first, "dated_in": second,
        "parts": [_told(part) for part in paper.parts], "title_lines": title_lines(paper.title),
        "is_kai_there": fonts["kai"] != fonts["fang"], "is_biao_there": fonts["biao"] != fonts["song"],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:  # Typst reads nothing outside this folder
        main = Path(folder) / "official.typ"
        main.write_bytes(TEMPLATE.read_bytes())
        return bytes(
            typst.compile(
                str(main), root=folder, format="pdf", sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
                timestamp=int(at.timestamp()), package_path=folder, package_cache_path=folder,
            )
        )  # fmt: skip


def _told(part: Part) -> dict[str, Any]:
    return {
        "kind": part.kind, "lines": papers.lines(part.text), "rows": [[papers.clean(cell) for cell in row] for row in part.rows],
        "figures": list(part.figures), "widths": widths_mm(part.rows) if part.rows else [],
    }  # fmt: skip
