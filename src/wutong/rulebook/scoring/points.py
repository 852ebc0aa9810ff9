"""Whether the full points that an indicator names are those that its formula gives: what is no fault, but hardly meant."""

from __future__ import annotations

from fractions import Fraction

from wutong.rulebook import money
from wutong.rulebook.formulas.base import Checking
from wutong.rulebook.formulas.full import at_most, in_full
from wutong.rulebook.scoring.shape import Item


def remark_points(item: Item, reader: Checking) -> None:
    """Remark an indicator whose formula gives more than its points where the target is just met, or can never give them."""
    if item.points is None or item.unit.dimensions or item.unit.scale != 1:
        return
    full, limit = (in_full(item.formula), at_most(item.formula)) if item.formula is not None else 2 * (_of_parts(item),)
    bound = in_full(item.cap)
    if item.cap is not None and bound is None:
        return
    full, limit = _bounded(full, bound), _bounded(limit, bound)
    if full is not None and full > item.points:
        _remark(item, "points_beyond", full, reader)
    elif limit is not None and limit < item.points and item.floor is None:
        _remark(item, "points_short", limit, reader)


def _of_parts(item: Item) -> Fraction | None:
    """The points of the indicators in a section together, where each says its own."""
    points = [one.points for one in item.items if one.is_counted]
    known = [one for one in points if one is not None]
    return sum(known, Fraction(0)) if item.take == "sum" and known and len(known) == len(points) else None


def _bounded(figure: Fraction | None, bound: Fraction | None) -> Fraction | None:
    return figure if figure is None or bound is None else min(figure, bound)


def _remark(item: Item, code: str, given: Fraction, reader: Checking) -> None:
    assert item.points is not None
    reader.remark(item.line, code, field=item.code, value=money.written(given), expected=money.written(item.points))
