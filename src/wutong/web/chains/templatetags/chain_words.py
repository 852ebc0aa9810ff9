"""How the editor of chains writes lists of words, and names by their id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from wutong.web.chains.queries import faults

register = template.Library()


@register.filter
def listed(words: Any) -> str:
    """A list of words as one text."""
    return "、".join(map(str, words)) if isinstance(words, (list, tuple)) else str(words or "")


@register.filter
def of(values: Mapping[str, str], key: str) -> str:
    """The value of a key; "" where there is none."""
    return values.get(key, "")


@register.filter
def named_segment(names: Mapping[str, str], row: Any) -> str:
    """The name of the segment of an effect; its id where neither rulebook has it."""
    return names.get(f"{row.chain}/{row.segment}", row.segment)


@register.filter
def told(text: str) -> str:
    """A fault or a remedy in the language of the page."""
    return faults.told(text)
