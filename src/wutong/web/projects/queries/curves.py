"""The curve of planned against actual investment as a drawing: where its lines, points and ticks stand. Nothing is guessed between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wutong.web.lib.money import WAN
from wutong.web.projects.rules.progress import MonthPoint

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 240, 58, 14, 12, 30
STEPS = (1, 2, 2.5, 5, 10)
MOST_LABELS = 7


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line. Units: 10,000 yuan to date."""

    x: str
    y: str
    month: dt.date
    wan: Decimal


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis at its place."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """What the drawing shows. Units: 10,000 yuan to date. `planned_path`, `actual_path`: points of a polyline."""

    planned: tuple[Dot, ...]
    actual: tuple[Dot, ...]
    planned_path: str
    actual_path: str
    amounts: tuple[Tick, ...]
    months: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def curve(points: Sequence[MonthPoint]) -> Curve | None:
    """A drawing of the months that know either; None where there are fewer than two of them."""
    known = [one for one in points if one.planned_yuan is not None or one.invested_yuan is not None]
    if len(known) < 2:
        return None
    first, last = _number(known[0].month), _number(known[-1].month)
    highest = max(float(yuan) for one in known for yuan in (one.planned_yuan, one.invested_yuan) if yuan is not None) / float(WAN)
    step = _step(highest)
    top = max(step, step * -(-highest // step))

    def x(month: dt.date) -> str:
        return f"{LEFT + (WIDTH - LEFT - RIGHT) * (_number(month) - first) / (last - first):.1f}"

    def y(wan: float) -> str:
        return f"{HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * wan / top:.1f}"

    def dots(pairs: Sequence[tuple[dt.date, Decimal | None]]) -> tuple[Dot, ...]:
        return tuple(Dot(x(month), y(float(yuan / WAN)), month, yuan / WAN) for month, yuan in pairs if yuan is not None)

    planned = dots([(one.month, one.planned_yuan) for one in known])
    actual = dots([(one.month, one.invested_yuan) for one in known])
    amounts = tuple(Tick(y(step * n), f"{step * n:,.10g}") for n in range(round(top / step) + 1))
    every = -(-(last - first + 1) // MOST_LABELS)
    months = tuple(Tick(x(month), f"{month:%Y-%m}") for month in (_month(first + n) for n in range(0, last - first + 1, every)))
    return Curve(planned, actual, _path(planned), _path(actual), amounts, months)


def _path(dots: Sequence[Dot]) -> str:
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


def _number(month: dt.date) -> int:
    return month.year * 12 + month.month - 1


def _month(number: int) -> dt.date:
    return dt.date(number // 12, number % 12 + 1, 1)


def _step(highest: float) -> float:
    """A round step that divides what is highest into five parts at most."""
    size = 1.0
    while size * 10 < highest:
        size *= 10
    while size > max(highest, 0.01):
        size /= 10
    return next(size * one for one in STEPS if size * one * 5 >= highest)
