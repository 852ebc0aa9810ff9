"""Points and titles as the pages of assessment write them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils.translation import pgettext

from wutong.rulebook import money

register = template.Library()


@register.filter
def points(value: Decimal | None) -> str:
    """Points without zeros behind; what is not known is missing, and no zero."""
    return pgettext("figure", "missing") if value is None else money.written(Fraction(value), 4)


@register.filter
def named(titles: Mapping[str, str], name: str) -> Any:
    """The title of a fact; its name where the rule no longer declares it."""
    return titles.get(name, name)
