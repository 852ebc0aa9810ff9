"""Supply round a site: the circle, and the firms behind its figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import maps, supply
from wutong.web.chains.sheets import supply as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import marked, may_export, noted, page_number, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, spreadsheets
from wutong.web.lib.access import require_permission

MOST = 60


def site_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A text that names no point becomes a page that says how a site is written."""

    @wraps(view)
    def guarded(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
        try:
            return view(request, standing, chain_id)
        except supply.NoSite as unknown:
            context = {"standing": standing, "chain": maps.chain_of(chain_id), "unknown": str(unknown), "text": request.GET.get("site", "")}
            return render(request, "chains/no_site.html", context, status=400)

    return guarded


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("site", "")[:MOST], request.GET.get("segment", "")[:MOST]


def _part(request: HttpRequest) -> dict[str, str]:
    """Which of the firms inside: those of a county, those that buy from a segment."""
    return {name: request.GET.get(name, "")[:MOST] for name in ("place", "buyers")}


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
@site_first
def circle(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """Who supplies and who buys inside the circle, what that covers, and what is missing."""
    page = supply.page_of(standing, chain_id, *_asked(request))
    context = {"standing": standing, "page": page, "chain": page.chain, "found": page.found, "may_export": may_export(request)}
    return render(request, "chains/supply.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
@site_first
def export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The segments of the circle as a spreadsheet."""
    page = supply.page_of(standing, chain_id, *_asked(request))
    name = " ".join((_("Supply"), name_of(page.chain), page.site.name))
    response = spreadsheets.download(name, sheet.columns(), sheet.rows(page), notes=sheet.notes_of(page))
    return noted(request, "chains.supply", response)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
@site_first
def firm_list(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The firms behind a figure of the circle."""
    found, page = supply.firms_of(standing, chain_id, *_asked(request), **_part(request), page=page_number(request))
    context: dict[str, Any] = {
        "standing": standing, "found": found, "chain": found.chain, "segment": found.segment, "page": page,
        "may_export": may_export(request), "marks": marked(request, found.rows),
    }  # fmt: skip
    return htmx.render(request, "chains/supply_firms.html", "chains/_supply_firms.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
@site_first
def firms_export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The firms behind a figure as a spreadsheet."""
    found, _page = supply.firms_of(standing, chain_id, *_asked(request), **_part(request), page=None)
    name = f"{name_of(found.segment or found.chain)} {found.site.name}"
    said = notes(standing, firms.registry_here(standing.region), shown=len(found.rows), total=found.total)
    return noted(request, "chains.supply", spreadsheets.download(name, sheet.FIRM_COLUMNS, sheet.firm_rows(found.rows), notes=said))
