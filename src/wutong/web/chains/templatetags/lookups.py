"""What a template takes out of a table by a key of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(table: Mapping[Any, Any] | None, key: Any) -> Any:
    """The entry of a key; nothing where there is none."""
    return (table or {}).get(key, ())
