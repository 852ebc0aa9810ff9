"""Pages across rooms: the one search and what it suggests, home, the page of leaders."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.cockpit.queries import guide as guides
from wutong.web.cockpit.queries import home as at_home
from wutong.web.cockpit.queries import leaders as of_leaders
from wutong.web.cockpit.queries import search as queries
from wutong.web.lib import access, htmx, lists
from wutong.web.lib.access import require_permission


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


@require_GET
def guide(request: HttpRequest, name: str = "") -> HttpResponse:
    """A guide; without a name that of the reader's own role."""
    try:
        page = guides.page(request.user, name)
    except guides.NoGuide as error:
        raise Http404(name) from error
    return render(request, "cockpit/guide.html", {"page": page})


@require_GET
@require_permission(Permission.PROJECTS_VIEW)
def home(request: HttpRequest) -> HttpResponse:
    """What one owes today, and one's own projects."""
    on, may = access.today(), request.user.may
    context = {"page": at_home.home(request.user, on=on), "today": on, "may_edit": may(Permission.PROJECTS_EDIT)}
    return render(request, "cockpit/home.html", context)


@require_GET
@require_permission(Permission.PROJECTS_DECIDE)
def leaders(request: HttpRequest) -> HttpResponse:
    """The page of leaders; with `wall` as it hangs on a wall, without side bar."""
    context = {
        "page": of_leaders.leaders(request.user, on=access.today()), "is_wall": request.GET.get("wall") == "1",
        "may_goals": request.user.may(Permission.ASSESSMENT_VIEW),
    }  # fmt: skip
    return render(request, "cockpit/leaders.html", context)
