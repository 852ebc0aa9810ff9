"""Pages of the firm registry: search, profile, followed firms."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules import Permission
from wutong.web.firms import actions, sheets
from wutong.web.firms.forms import SearchForm
from wutong.web.firms.queries import profile, search, standing
from wutong.web.lib import hooks, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

NAME = lists.Column("name", gettext_lazy("Firm"), ("name",))
CAPITAL = lists.Column("capital", gettext_lazy("Capital (10,000 yuan)"), ("capital",), "number")
PLACE = lists.Column("place", gettext_lazy("Place"), ("place",))
DISTANCE = lists.Column("distance", gettext_lazy("Distance (km)"), ("distance",), "number")
REGISTERED = lists.Column("registered", gettext_lazy("Registered on"), ("registered",), "date")
EVIDENCE = lists.Column("evidence", gettext_lazy("What proves it"))
CODE = lists.Column("code", gettext_lazy("Credit code"))
FOLLOWED = (
    lists.Column("name", gettext_lazy("Firm"), ("firm__name",)),
    lists.Column("code", gettext_lazy("Credit code"), ("firm__uscc",)),
    lists.Column("since", gettext_lazy("Followed since"), ("followed_at",), "date"),
)
BEST = lists.Column("best", "", ("best",))


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A region that nobody knows becomes a page that offers near ones; a firm that is not in the build, a 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except standing.UnknownRegion as unknown:
            context = {"unknown": unknown, "choices": standing.near_choices(unknown), "target": "results"}
            return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", context, status=400)
        except (standing.UnknownFirm, actions.UnknownFirm) as unknown:
            raise Http404 from unknown
        except actions.NotAllowed as refused:
            raise PermissionDenied from refused

    return guarded


@require_GET
@require_permission(Permission.FIRMS_VIEW)
@answered
def firm_list(request: HttpRequest) -> HttpResponse:
    """Search: one box and filters; sorts, pages."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", {"form": form, "target": "results"}, status=400)
    sort = request.GET.get("sort", "").strip() if request.GET.get("sort", "").removeprefix("-") in search.SORTS else ""
    number = lists.Page.of(request.GET, 10**9, search.PAGE_SIZE).number
    found = search.search(form.asked(), sort=sort, page=number)
    context = {
        "form": form, "list": _listing(request, form, found), "found": found, "registry": standing.registry_here(),
        "role": form.asked().role, "radius_choices": standing.RADII_KM, "radius_km": form.asked().radius_km,
        "may_export": request.user.may(Permission.FIRMS_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "firms/list.html", "firms/_table.html", context)


def _listing(request: HttpRequest, form: SearchForm, found: search.FirmsFound) -> lists.Listing:
    last = EVIDENCE if found.product else CODE
    columns = [NAME, CAPITAL, PLACE, *([DISTANCE] if found.near and found.product else []), REGISTERED, last, BEST]
    if not found.is_sortable:
        columns = [lists.Column(column.key, column.label, ("best",) if column is BEST else (), column.kind) for column in columns]
    listing = lists.of_rows(request.GET, found.rows, columns=columns, total=found.total, default="best", form=form)
    return lists.Listing(listing.rows, listing.columns[:-1], listing.page, listing.chips, listing.query, listing.has_filters)


@require_GET
@require_permission(Permission.FIRMS_EXPORT)
@answered
def export(request: HttpRequest) -> HttpResponse:
    """The firms found as a spreadsheet; the export is an entry of the audit chain."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "firms/no_region.html", {"form": form}, status=400)
    found = search.search(form.asked(), page=None)
    response: Any = spreadsheets.download(_("Firms"), sheets.COLUMNS, sheets.rows(found), notes=sheets.notes(found))
    actions.note_export(what="firms.list", by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response  # type: ignore[no-any-return]


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def region_options(request: HttpRequest) -> HttpResponse:
    """Regions that fit what somebody is typing, as options of the box."""
    text = request.GET.get("region", "") or request.GET.get("near", "")
    return render(request, "firms/_regions.html", {"choices": standing.regions(text[:60])})


@require_GET
@require_permission(Permission.FIRMS_VIEW)
@answered
def detail(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The profile of a firm."""
    page = profile.profile(firm_id)
    panels = [panel for panel in hooks.collect("PANELS") if panel.on == "firms.Firm" and request.user.may(panel.permission)]  # type: ignore[union-attr]
    context = {"page": page, "firm": page.firm, "panels": panels, "is_followed": profile.is_followed(request.user, page.firm.firm_id)}
    return render(request, "firms/detail.html", context)


@require_GET
@require_permission(Permission.FIRMS_VIEW)
def followed(request: HttpRequest) -> HttpResponse:
    """The firms that the person follows."""
    listing = lists.of_queryset(request.GET, profile.follows(request.user), columns=FOLLOWED, default="-since")
    return render(request, "firms/followed.html", {"follows": listing.rows, "list": listing})


@require_POST
@require_permission(Permission.FIRMS_VIEW)
@answered
def follow(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Follow a firm."""
    mark = actions.follow(firm_id=firm_id, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%(firm)s is followed now.") % {"firm": mark.firm.name})
    return redirect(_back(request, mark.firm.firm_id))


@require_POST
@require_permission(Permission.FIRMS_VIEW)
@answered
def unfollow(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Stop following a firm; the list offers to follow it again."""
    if actions.unfollow(firm_id=firm_id, by=request.user, at=timezone.now()):  # type: ignore[arg-type]
        messages.success(request, _("The firm is no longer followed; Follow on its page undoes this."))
    return redirect(_back(request, firm_id))


def _back(request: HttpRequest, firm_id: str) -> Any:
    return "firms:followed" if request.POST.get("next") == "followed" else standing.address_of(firm_id)
