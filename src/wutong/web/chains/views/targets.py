"""Target firms, and why a firm scores as it does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import catalogues, maps, targets
from wutong.web.chains.queries.narrowing import Narrow
from wutong.web.chains.sheets import targets as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import filters_told, marked, may_export, narrowed, noted, page_number, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, marks, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def target_list(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """Ranked target firms for one segment or for every gap of the chain."""
    chain, segment_id = maps.chain_of(chain_id), request.GET.get("segment", "")
    board, narrow = targets.board_of(request.GET.get("board", "")), Narrow.of(request.GET)
    given = narrow.given(request.user, standing)
    found = targets.targets_of(standing, chain_id, segment_id, page=page_number(request), board=board, **given)
    context = {
        "standing": standing, "chain": chain, "segment": found.segment, "segment_id": segment_id, "targets": found, "page": found.page,
        "registry": found.registry, "may_export": may_export(request), "open_rows": 1,
        "boards": targets.board_words().items(), "board": board,
        "catalogue_marks": catalogues.marks_of(standing, chain_id, (row.made for row in found.rows)), "marks": marked(request, found.rows),
        **narrowed(request, narrow),
    }  # fmt: skip
    return htmx.render(request, "chains/targets.html", "chains/_targets_card.html", context)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def portfolio(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The first firms of the three rankings side by side."""
    chain, segment_id = maps.chain_of(chain_id), request.GET.get("segment", "")
    narrow = Narrow.of(request.GET)
    found = targets.portfolio(standing, chain_id, segment_id, **narrow.given(request.user, standing))
    rows = [row for column in found for row in column.rows]
    context = {
        "standing": standing, "chain": chain, "segment": found[0].segment, "segment_id": segment_id, "columns": found,
        "registry": found[0].registry, "boards": targets.board_words().items(), "board": "portfolio",
        "marks": marked(request, rows), "catalogue_marks": catalogues.marks_of(standing, chain_id, (row.made for row in rows)),
        **narrowed(request, narrow),
    }  # fmt: skip
    return htmx.render(request, "chains/portfolio.html", "chains/_portfolio.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def targets_export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """All ranked target firms with every reason, as a spreadsheet."""
    board, narrow = targets.board_of(request.GET.get("board", "")), Narrow.of(request.GET)
    given, segment_id = narrow.given(request.user, standing), request.GET.get("segment", "")
    found = targets.targets_of(standing, chain_id, segment_id, page=None, board=board, **given)
    name = " ".join((_("Target firms"), found.board_name, name_of(found.segment or maps.chain_of(chain_id)), standing.region.name))
    known = marks.sheet_marks(request.user, [row.firm_id for row in found.rows])
    said = catalogues.marks_of(standing, chain_id, (row.made for row in found.rows))
    told = notes(standing, found.registry, shown=len(found.rows), total=found.total)
    told = (*told, *filters_told(request, narrow), catalogues.day_words(standing), *known.notes)
    response = spreadsheets.download(name, sheet.target_columns(found, known), sheet.target_rows(found, known, said), notes=told)
    return noted(request, "chains.targets", response)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def explain(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str, firm_id: str) -> HttpResponse:
    """Why a firm scores as it does on a segment, ranked or not."""
    found = targets.explained(standing, chain_id, segment_id, firm_id, targets.board_of(request.GET.get("board", "")))
    context = {
        "standing": standing,
        "chain": found.chain,
        "segment": found.segment,
        "registry": found.registry,
        "found": found,
        "row": found.row,
        "boards": list(targets.board_words().items()),
        "said": catalogues.said_of(standing, found.row.product, chain_id, segment_id) if found.row else None,
        "marks": marked(request, [found]),
    }
    return render(request, "chains/explain.html", context)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def explain_any(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """From a credit code or a full name to the page that explains the firm."""
    firm_id = firms.firm_id_of(request.GET.get("firm", ""))
    if not firm_id:
        context = {"text": request.GET.get("firm", ""), "standing": standing, "chain_id": chain_id, "segment_id": segment_id}
        return render(request, "chains/no_firm.html", context, status=404)
    response = redirect("chains:explain", chain_id, segment_id, firm_id)
    response.headers["Location"] += standing.query
    return response
