"""Faults and sources of rules in words."""

from __future__ import annotations

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
