"""One URL, one context: the whole page, or the part of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; going back in history and boosted links need the page."""
    headers = request.headers
    is_whole = headers.get("HX-History-Restore-Request") == "true" or headers.get("HX-Boosted") == "true"
    return headers.get("HX-Request") == "true" and not is_whole


def render(request: HttpRequest, page: str, partial: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """Draw `partial` for htmx and `page` otherwise, from the same context."""
    response = render_page(request, partial if wants_part(request) else page, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response
