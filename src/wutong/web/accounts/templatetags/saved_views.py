"""The views of a list that a person keeps; drawn beside the filters of every list."""

from __future__ import annotations

from typing import Any

from django import template

from wutong.web.accounts.queries import office as queries

register = template.Library()


@register.inclusion_tag("accounts/_saved_views.html", takes_context=True)
def saved_views(context: dict[str, Any]) -> dict[str, Any]:
    """Those of the list that is shown, the one in force marked; somebody outside the office keeps none."""
    request = context["request"]
    if request.user.is_outside:
        return {"views": (), "may_save": False}
    query = request.GET.copy()
    query.pop("page", None)
    here = query.urlencode()
    views = queries.saved_views(request.user, request.path)
    return {"request": request, "views": views, "here": here, "may_save": bool(here) and all(view.query != here for view in views)}
