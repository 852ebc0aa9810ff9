"""Points and titles as the pages of assessment write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import pgettext

from wutong.rulebook import money
from wutong.web.lib.access import is_chinese

register = template.Library()


MOST_DIGITS = 4


@register.filter
def points(value: Decimal | None, digits: int | None = None) -> str:
    """Points, without zeros behind or, below each other in a column, at its digits; what is not known is missing, and no zero."""
    if value is None:
        return pgettext("figure", "missing")
    return money.written(Fraction(value), MOST_DIGITS) if digits is None else f"{value:.{digits}f}"


@register.filter
def total_digits(lines: Iterable[Any]) -> int:
    """How many digits behind the point the totals of a table have at most."""
    totals = (getattr(line, "row", line).total_points for line in lines)
    return digits_of(one for one in totals if one is not None)


@register.filter
def cell_digits(lines: Iterable[Any], at: int) -> int:
    """How many digits behind the point the points of a column have at most. `at`: the column, from 0."""
    return digits_of(line.cells[at].points for line in lines if line.cells[at].points is not None)


def digits_of(values: Iterable[Decimal]) -> int:
    """The most digits behind the point that one of the figures needs, four at most."""
    return min(max((len(money.written(Fraction(one), MOST_DIGITS).partition(".")[2]) for one in values), default=0), MOST_DIGITS)


@register.filter
def unit_word(kept: str) -> str:
    """A unit of measurement, which a run keeps in Chinese, in the language of the page."""
    found = None if is_chinese() else money.unit(kept)
    return kept if found is None else found.en


@register.filter
def named(titles: Mapping[str, str], name: str) -> Any:
    """The title of a fact; its name where the rule no longer declares it."""
    return titles.get(name, name)
