"""Two regions side by side on a chain."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import comparison
from wutong.web.chains.sheets import comparison as sheet
from wutong.web.chains.sheets.notes import name_of
from wutong.web.chains.views.standing import may_export, noted, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import spreadsheets
from wutong.web.lib.access import require_permission

MOST = 60


def _page(request: HttpRequest, standing: firms.Standing, chain_id: str) -> comparison.ComparisonPage:
    return comparison.page_of(standing, chain_id, request.GET.get("a", "")[:MOST], request.GET.get("b", "")[:MOST])


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def compare(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """Verdicts and makers of both, differences first; a form where the second region is missing."""
    page = _page(request, standing, chain_id)
    context = {"standing": standing, "page": page, "chain": page.chain, "found": page.found, "may_export": may_export(request)}
    return render(request, "chains/compare.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """Both regions as a spreadsheet."""
    page = _page(request, standing, chain_id)
    if page.found is None or page.b is None:
        return redirect("chains:compare", chain_id)
    name = " ".join((_("Comparison"), name_of(page.chain), page.a.name, page.b.name))
    response = spreadsheets.download(name, sheet.columns(page), sheet.rows(page), notes=sheet.notes_of(page, standing))
    return noted(request, "chains.comparison", response)
