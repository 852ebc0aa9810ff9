"""The firms behind a figure of a segment, and where one firm stands on the chains."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules import Permission
from wutong.web.chains.models import HandPlacement
from wutong.web.chains.queries import makers, maps, own
from wutong.web.chains.queries.makers import Where
from wutong.web.chains.sheets import makers as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import marked, may_export, noted, page_number, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, lists, marks, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def maker_list(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """The firms behind a figure: makers here, inside the radius, or in the nation."""
    page = maps.segment_of(standing, chain_id, segment_id)
    where = _where(request)
    group = makers.makers_of(standing, chain_id, segment_id, where, page=page_number(request))
    context = {
        "standing": standing, "chain": page.chain, "segment": page.segment, "registry": page.gaps.registry, "where": where,
        "group": group, "page": lists.Page.of(request.GET, group.total, makers.PAGE_SIZE), "places": makers.wheres(standing),
        "may_export": may_export(request), "may_say": request.user.may(Permission.CHAINS_EDIT),  # type: ignore[union-attr]
        "marks": marked(request, group.rows),
        "said": own.statements(chain_id, segment_id, params=request.GET, visible=HandPlacement.objects.visible_to(request.user)),
    }  # fmt: skip
    return htmx.render(request, "chains/makers.html", "chains/_makers_card.html", context)


def _where(request: HttpRequest) -> Where:
    text = request.GET.get("where", Where.LOCAL)
    if text not in set(Where):
        raise Http404(text)
    return Where(text)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def makers_export(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """The makers of a segment as a spreadsheet."""
    page = maps.segment_of(standing, chain_id, segment_id)
    found = makers.makers_of(standing, chain_id, segment_id, _where(request), page=None)
    name = f"{name_of(page.segment)} {found.title}"
    known = marks.sheet_marks(request.user, [row.firm_id for row in found.rows])
    response = spreadsheets.download(
        name,
        sheet.maker_columns(known),
        sheet.maker_rows(found.rows, known),
        notes=(*notes(standing, page.gaps.registry, shown=len(found.rows), total=found.total), *known.notes),
    )
    return noted(request, "chains.makers", response)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Where a firm stands on the chains: a panel of its page, and a page of its own."""
    try:
        found = makers.places_of_firm(firm_id)
    except maps.NotThere as unknown:
        raise Http404 from unknown
    said = own.said_of_firm(firm_id, visible=HandPlacement.objects.visible_to(request.user))
    return htmx.render(request, "chains/of_firm.html", "chains/_of_firm.html", {"found": found, "said": said})
