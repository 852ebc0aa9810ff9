"""Plain-text tables for terminals, where a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

WAN = 10_000.0
GAP = "  "
LEAST_WIDTH = 8


def width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, within: int | None = None) -> str:
    """Columns aligned by what they show; figures to the right. `within` so many columns, the widest texts are cut with an ellipsis."""
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    is_figure = [len(lines) > 1 and all(_is_figure(line[column]) for line in lines[1:]) for column in range(len(headers))]
    if within is not None:
        least = [wide if right else max(width(head), LEAST_WIDTH) for wide, right, head in zip(widths, is_figure, headers, strict=True)]
        widths = _fitted(widths, least, within - len(GAP) * (len(headers) - 1))
    shown = []
    for line in lines:
        cells = []
        for text, wide, right in zip(line, widths, is_figure, strict=True):
            cut = short(text, wide)
            gap = " " * (wide - width(cut))
            cells.append(gap + cut if right else cut + gap)
        shown.append(GAP.join(cells).rstrip())
    return "\n".join(shown)


def _fitted(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths that together take no more than `room`: the widest gives way first, none below its least."""
    fitted = list(widths)
    while sum(fitted) > room:
        free = [column for column, wide in enumerate(fitted) if wide > least[column]]
        if not free:
            break
        fitted[max(free, key=lambda column: fitted[column])] -= 1
    return fitted


def _is_figure(text: str) -> bool:
    return not text or text in "-?" or text.replace(",", "").replace(".", "").replace("%", "").lstrip("-").isdigit()


def figure(value: float | None, digits: int = 0) -> str:
    """A number with separators; "?" where it is unknown."""
    return "?" if value is None else f"{value:,.{digits}f}"


def wan(yuan: float | None) -> str:
    """Yuan as 万元."""
    return "?" if yuan is None else figure(yuan / WAN)


def short(text: str, most: int = 60) -> str:
    """A text cut to so many columns."""
    if width(text) <= most:
        return text
    taken, used = [], 1
    for character in text:
        used += width(character)
        if used > most:
            break
        taken.append(character)
    return "".join(taken) + "…"
