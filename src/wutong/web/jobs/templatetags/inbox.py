"""The bell in the frame of every page."""

from __future__ import annotations

from typing import Any

from django import template

from wutong.web.jobs import queries

register = template.Library()


@register.inclusion_tag("jobs/_bell.html", takes_context=True)
def bell(context: dict[str, Any]) -> dict[str, Any]:
    """How many messages the person has not read; one question to the database, answered from an index."""
    request = context["request"]
    count = queries.unread(request.user)
    return {"count": count, "shown": f"{queries.MOST_COUNTED - 1}+" if count >= queries.MOST_COUNTED else str(count)}
