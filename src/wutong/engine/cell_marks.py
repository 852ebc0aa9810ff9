"""What a reader of values does not tell of a workbook's cells: a number shown as a percentage, an error, a formula without its result.

Why: 95 % is kept as 0.95 and only the form of the cell says so; `#DIV/0!`, and a formula that some program wrote and no spreadsheet
computed, come out as nothing at all, as if nobody had filled the cell.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lxml import etree

PERCENT_FORMS = frozenset({9, 10})
"""Numbers of the built-in forms 0% and 0.00% (ECMA-376, part 1, 18.8.30)."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
"""Of a number form what is only text or colour: a quoted word, a sign behind a stroke, something in square brackets."""
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_TELLING = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st\s*=\s*["']e["']""")
_CHUNK, _TAIL = 1 << 20, 40


class Mark(StrEnum):
    """What is told of a cell."""

    PERCENT = "percent"
    ERROR = "error"
    NO_RESULT = "no_result"


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell that is not what its value says. `text`: the error, or the formula."""

    mark: Mark
    text: str = ""


def read(path: Path) -> Mapping[str, Mapping[tuple[int, int], Marked]]:
    """Sheet → (row, column) → what is told of the cell; both are counted from 0. The bounds of the workbook were looked at before.

    Raises: KeyError, etree.XMLSyntaxError, zipfile.BadZipFile where it is no workbook.
    """
    with zipfile.ZipFile(path) as archive:
        percents = _percent_styles(archive)
        return {name: dict(_marks(archive, member, percents)) for name, member in _sheets(archive)}


def _tree(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    with archive.open(name) as file:
        return etree.parse(file, parser).getroot()


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name of a sheet, name of the file that holds it)."""
    targets = {one.get("Id"): one.get("Target", "") for one in _tree(archive, "xl/_rels/workbook.xml.rels").iterfind("{*}Relationship")}
    held = {name.lower(): name for name in archive.namelist()}  # as spreadsheets do: the names of parts know no case
    for sheet in _tree(archive, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet"):
        target = targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)) or ""
        member = posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
        if member.lower() in held:
            yield sheet.get("name", ""), held[member.lower()]


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the styles that show a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    styles = _tree(archive, "xl/styles.xml")
    own = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")}
    forms = [one.get("numFmtId", "0") for one in styles.iterfind("{*}cellXfs/{*}xf")]
    return frozenset(at for at, form in enumerate(forms) if _is_percent(form, own))


def _is_percent(form: str, own: Mapping[str | None, str]) -> bool:
    return "%" in _LITERAL.sub("", own[form]) if form in own else form.isdecimal() and int(form) in PERCENT_FORMS


def _marks(archive: zipfile.ZipFile, member: str, percents: frozenset[int]) -> Iterator[tuple[tuple[int, int], Marked]]:
    if not percents and not _tells(archive, member):
        return
    row, column = -1, -1
    with archive.open(member) as file:
        for event, element in etree.iterparse(
            file, ("start", "end"), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True, load_dtd=False
        ):
            if etree.QName(element).localname == "row":
                if event == "start":
                    row, column = int(element.get("r", row + 2)) - 1, -1
                else:
                    element.clear()
            elif event == "end":
                row, column = _place(element.get("r"), row, column + 1)
                marked = _marked(element, percents)
                if marked is not None:
                    yield (row, column), marked


def _tells(archive: zipfile.ZipFile, member: str) -> bool:
    """Whether a sheet holds a formula or an error at all: most hold none, and are not read a second time."""
    tail = b""
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            if _TELLING.search(tail + chunk):
                return True
            tail = chunk[-_TAIL:]
    return False


def _place(said: str | None, row: int, column: int) -> tuple[int, int]:
    """Where a cell stands; one that does not say it stands right of the one before."""
    found = _CELL.fullmatch(said or "")
    if found is None:
        return row, column
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, number - 1


def _marked(cell: etree._Element, percents: frozenset[int]) -> Marked | None:
    kind, value = cell.get("t", "n"), (cell.findtext("{*}v") or "").strip()
    if kind == "e":
        return Marked(Mark.ERROR, value)
    formula = cell.find("{*}f")
    if formula is not None and not value and kind != "str":
        return Marked(Mark.NO_RESULT, f"={(formula.text or '').strip()}")
    style = cell.get("s", "")
    return Marked(Mark.PERCENT) if kind == "n" and value and style.isdecimal() and int(style) in percents else None
