"""Plain-text tables for terminals, where a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest

WAN = 10_000.0
GAP = "  "
INDENT = "    "
LEAST_WIDTH = 8


def width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    within: int | None = None,
    uncut: Collection[int] = (),
    under: Sequence[str] = (),
) -> str:
    """Columns aligned by what they show; figures to the right; `under` gives each row a line of its own below.

    `within` so many columns, the widest texts are cut with an ellipsis, but for the columns numbered in `uncut`.
    """
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    is_figure = [len(lines) > 1 and all(_is_figure(line[column]) for line in lines[1:]) for column in range(len(headers))]
    if within is not None:
        least = [
            wide if right or column in uncut else max(width(head), LEAST_WIDTH)
            for column, (wide, right, head) in enumerate(zip(widths, is_figure, headers, strict=True))
        ]
        widths = _fitted(widths, least, within - len(GAP) * (len(headers) - 1))
    shown = []
    for line, below in zip_longest(lines, ["", *under], fillvalue=""):
        cells = []
        for text, wide, right in zip(line, widths, is_figure, strict=True):
            cut = short(text, wide)
            gap = " " * (wide - width(cut))
            cells.append(gap + cut if right else cut + gap)
        shown.append(GAP.join(cells).rstrip())
        if below:
            shown.append(INDENT + (below if within is None else short(below, within - len(INDENT))))
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
    """A number with separators, the half rounded up as on the pages; "?" where it is unknown."""
    return "?" if value is None else f"{Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"


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
