"""Faults and sources of rules in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template

from wutong.web.rulebooks.queries import faults, leaves

register = template.Library()


@register.filter
def told(fault: Any) -> str:
    """A fault of a rule document in a sentence."""
    return faults.told(fault)


@register.filter
def cited(source: Any) -> str:
    """A source document in a line."""
    return leaves.source_words(source)


@register.simple_tag
def begun(day: dt.date, is_own: bool) -> str:
    """From which day a value holds; of one that was there from the beginning, that it came with the program."""
    return leaves.begun_words(day, is_own=is_own)
