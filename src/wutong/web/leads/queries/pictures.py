"""The picture of paths (路径图): whom we ask at the left, the target at the right, a line for who asks whom, thicker where it is warmer.

It is drawn in a grid of its own, once wide and once narrow enough for a phone; names go over several lines. The same in words: `text`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wutong.web.leads.queries.acquaintances import End
from wutong.web.leads.queries.paths import Node, Way

LINE, PAD, GAP, BETWEEN = 15, 8, 14, 30
WIDE, NARROW = 760, 360
CHARACTER = 12.2
MOST_LINES = {WIDE: 3, NARROW: 6}
CLASSES = {End.FIRM: "firm", End.FIRM_NOT_BUILT: "firm", End.UNIT: "unit", End.USER: "own", End.PERSON: "contact"}


@dataclass(frozen=True, slots=True)
class Box:
    """Somebody on the picture. Units: all places in the drawing's own grid."""

    x: float
    y: float
    width: float
    height: float
    css: str
    lines: tuple[tuple[float, str], ...]
    name: str
    address: str

    @property
    def middle(self) -> float:
        """Where its text stands, across."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Line:
    """Who asks whom. `rows`: on which of the paths; `width`: the warmer, the thicker."""

    d: str
    width: float
    rows: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of paths."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The same drawing for a wide and for a narrow page."""

    wide: Picture
    narrow: Picture


def picture(ways: Sequence[Way]) -> Pictures | None:
    """The pictures of some paths to one target; None where there is none."""
    return Pictures(_drawn(ways, WIDE), _drawn(ways, NARROW)) if ways else None


def _drawn(ways: Sequence[Way], width: int) -> Picture:
    columns = max(len(way.steps) for way in ways) + 1
    places: dict[tuple[int, str], Node] = {}
    for way in ways:
        for number, node in enumerate(way.nodes):
            places.setdefault((_column(number, len(way.steps), columns), node.key), node)
    across = (width - BETWEEN * (columns - 1)) / columns
    wrapped = {place: _wrapped(node.name, across, MOST_LINES[width]) for place, node in places.items()}
    tall = {place: PAD * 2 + LINE * len(lines) for place, lines in wrapped.items()}
    by_column = {column: [place for place in places if place[0] == column] for column in range(columns)}
    height = max(sum(tall[place] + GAP for place in there) - GAP for there in by_column.values() if there) + 2
    boxes: dict[tuple[int, str], Box] = {}
    for column, there in by_column.items():
        used = sum(tall[place] + GAP for place in there) - GAP if there else 0
        y = 1 + (height - 2 - used) / 2
        for place in there:
            node, x = places[place], column * (across + BETWEEN)
            lines = tuple((round(y + PAD + LINE * (number + 0.75), 1), text) for number, text in enumerate(wrapped[place]))
            css = "target" if column == columns - 1 else CLASSES[node.end]
            boxes[place] = Box(round(x, 1), round(y, 1), round(across, 1), tall[place], css, lines, node.name, node.address)
            y += tall[place] + GAP
    return Picture(width, round(height, 1), tuple(boxes.values()), _lines(ways, boxes, columns), words(ways))


def _column(number: int, steps: int, columns: int) -> int:
    """Whom we ask stands at the left, the target at the right, the others as near the target as they are."""
    return 0 if number == 0 else columns - 1 - steps + number


def _wrapped(name: str, across: float, most_lines: int) -> list[str]:
    """A name in lines that fit a box; what does not fit ends in an ellipsis, and stands whole in the list beside the picture."""
    most = max(3, int((across - 6) / CHARACTER))
    lines, line, used = [], "", 0.0
    for character in name:
        wide = 1.0 if ord(character) > 0x2E80 else 0.55
        if used + wide > most:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + character, used + wide
    lines.append(line)
    return lines if len(lines) <= most_lines else [*lines[: most_lines - 1], lines[most_lines - 1][:-1] + "…"]


def _lines(ways: Sequence[Way], boxes: dict[tuple[int, str], Box], columns: int) -> tuple[Line, ...]:
    """One line for each pair, however many paths take it."""
    found: dict[tuple[tuple[int, str], tuple[int, str]], tuple[list[int], float]] = {}
    for way in ways:
        for number, step in enumerate(way.steps):
            one = (_column(number, len(way.steps), columns), step.asker.key)
            other = (_column(number + 1, len(way.steps), columns), step.asked.key)
            rows, _warmth = found.setdefault((one, other), ([], step.warmth_share))
            rows.append(way.row)
    lines = []
    for (one, other), (rows, warmth) in found.items():
        begin, end = boxes[one], boxes[other]
        x1, y1, x2, y2 = begin.x + begin.width, begin.y + begin.height / 2, end.x, end.y + end.height / 2
        bend = BETWEEN * 0.6
        d = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        lines.append(Line(d, round(1 + 5 * warmth, 1), ", ".join(map(str, rows)), round((x1 + x2) / 2, 1), round((y1 + y2) / 2, 1)))
    return tuple(lines)


def words(ways: Sequence[Way]) -> str:
    """The picture in words: every path, who asks whom and why."""
    said = []
    for way in ways:
        steps = [
            _("%(asker)s asks %(asked)s (%(why)s)")
            % {"asker": step.asker.name, "asked": step.asked.name, "why": step.whys[0].words if step.whys else "—"}
            for step in way.steps
        ]
        said.append(_("Path %(row)s, warmth %(warmth)s: %(steps)s") % {
            "row": way.row, "warmth": f"{way.warmth_share:.0%}", "steps": " → ".join(steps),
        })  # fmt: skip
    return "\n".join(said)
