"""Plain-text tables for terminals, where a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

WAN = 10_000.0


def width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned by what they show; figures to the right."""
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    is_figure = [len(lines) > 1 and all(_is_figure(line[column]) for line in lines[1:]) for column in range(len(headers))]
    shown = []
    for line in lines:
        cells = []
        for text, wide, right in zip(line, widths, is_figure, strict=True):
            gap = " " * (wide - width(text))
            cells.append(gap + text if right else text + gap)
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


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
