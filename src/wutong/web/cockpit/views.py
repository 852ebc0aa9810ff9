"""The page of the one search, and what it suggests while somebody types."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from wutong.web.cockpit import queries
from wutong.web.lib import htmx, lists


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What was found in every kind; with `kind` a page of that kind. Whoever may search nothing finds nothing."""
    text = request.GET.get("q", "")
    if code := request.GET.get("kind", ""):
        return _of_kind(request, text, code)
    is_typing = htmx.wants_part(request)
    answer = queries.search(request.user, text, most=queries.FEW if is_typing else queries.SOME)
    return htmx.render(request, "cockpit/search.html", "cockpit/_suggestions.html", {"answer": answer, "text": answer.text})


def _of_kind(request: HttpRequest, text: str, code: str) -> HttpResponse:
    number = lists.Page.of(request.GET, 10**9, queries.PAGE_SIZE).number
    group = queries.of_kind(request.user, text, code, page=number, size=queries.PAGE_SIZE)
    if group is None:
        raise Http404(code)
    page = lists.Page.of(request.GET, group.total, queries.PAGE_SIZE)
    if page.number != number:
        group = queries.of_kind(request.user, text, code, page=page.number, size=queries.PAGE_SIZE)
    return render(request, "cockpit/kind.html", {"group": group, "text": text, "page": page})
