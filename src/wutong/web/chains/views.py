"""Pages of the chains: summary, map, segment, its makers, target firms, and why a firm scores as it does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules import Permission
from wutong.web.chains import sheets
from wutong.web.chains.forms import StandingForm
from wutong.web.chains.queries import makers, maps, targets
from wutong.web.chains.queries.makers import Where
from wutong.web.firms import actions as firm_actions
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

SHOWN_ON_SEGMENT = 10


def standing_first(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read region, radius and day, and hand them to the view; what nobody knows becomes a page that says what to do."""

    @wraps(view)
    def standing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = StandingForm(request.GET)
        try:
            if not form.is_valid():
                return htmx.render(request, "firms/no_region.html", "firms/_no_region.html", {"form": form}, status=400)
            asked = form.cleaned_data
            where = firms.standing(request.user, region=asked["region"], radius_km=asked["radius"], as_of=form.day)
            return view(request, where, *args, **kwargs)
        except firms.UnknownRegion as unknown:
            return htmx.render(
                request,
                "firms/no_region.html",
                "firms/_no_region.html",
                {"unknown": unknown, "choices": firms.near_choices(unknown)},
                status=400,
            )
        except maps.NotThere as unknown:
            raise Http404 from unknown

    return standing


def _may_export(request: HttpRequest) -> bool:
    return bool(request.user.may(Permission.CHAINS_EXPORT))  # type: ignore[union-attr]


def _noted(request: HttpRequest, what: str, response: Any) -> HttpResponse:
    """Leave the export in the audit chain."""
    firm_actions.note_export(what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)  # type: ignore[arg-type]
    return response


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def chain_list(request: HttpRequest, standing: firms.Standing) -> HttpResponse:
    """Every chain, summed up for the region."""
    found = maps.summaries(standing)
    registry = found[0].gaps.registry if found else None
    return render(request, "chains/list.html", {"standing": standing, "summaries": found, "registry": registry})


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def detail(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The map of a chain, with one segment open if the address names it."""
    drawn = maps.map_of(standing, chain_id)
    context = {
        "standing": standing, "chain": drawn.chain, "map": drawn, "registry": drawn.gaps.registry, "may_export": _may_export(request),
        "selected": "",
    }  # fmt: skip
    selected = request.GET.get("segment", "")
    if selected:
        context |= _segment(standing, chain_id, selected) | {"selected": selected}
    return render(request, "chains/detail.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The gaps of a chain as a spreadsheet."""
    drawn = maps.map_of(standing, chain_id)
    name = " ".join((_("Chain gaps"), sheets.name_of(drawn.chain), standing.region.name))
    response = spreadsheets.download(
        name, sheets.gap_columns(standing), sheets.gap_rows(drawn), notes=sheets.notes(standing, drawn.gaps.registry)
    )
    return _noted(request, "chains.gaps", response)


def _segment(standing: firms.Standing, chain_id: str, segment_id: str) -> dict[str, Any]:
    page = maps.segment_of(standing, chain_id, segment_id)
    return {
        "page": page, "chain": page.chain, "segment": page.segment, "layer": page.layer, "gap": page.gap, "registry": page.gaps.registry,
        "targets": targets.targets_of(standing, chain_id, segment_id, size=SHOWN_ON_SEGMENT),
    }  # fmt: skip


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def segment(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """A segment: for htmx the panel of the map, else the page with makers and targets."""
    context = {"standing": standing, **_segment(standing, chain_id, segment_id)}
    if not htmx.wants_part(request):
        context["makers"] = makers.maker_groups(standing, chain_id, segment_id)
    return htmx.render(request, "chains/segment.html", "chains/_panel.html", context)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def maker_list(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """The firms behind a figure: makers here, inside the radius, or in the nation."""
    page = maps.segment_of(standing, chain_id, segment_id)
    where = _where(request)
    group = makers.makers_of(standing, chain_id, segment_id, where, page=_page(request))
    context = {
        "standing": standing, "chain": page.chain, "segment": page.segment, "registry": page.gaps.registry, "where": where,
        "group": group, "page": lists.Page.of(request.GET, group.total, makers.PAGE_SIZE), "places": makers.wheres(standing),
        "may_export": _may_export(request),
    }  # fmt: skip
    return htmx.render(request, "chains/makers.html", "chains/_makers_card.html", context)


def _page(request: HttpRequest) -> int:
    return lists.Page.of(request.GET, 10**9, makers.PAGE_SIZE).number


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
    name = f"{sheets.name_of(page.segment)} {found.title}"
    response = spreadsheets.download(
        name,
        sheets.MAKER_COLUMNS,
        sheets.maker_rows(found.rows),
        notes=sheets.notes(standing, page.gaps.registry, shown=len(found.rows), total=found.total),
    )
    return _noted(request, "chains.makers", response)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def target_list(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """Ranked target firms for one segment or for every gap of the chain."""
    chain, segment_id = maps.chain_of(chain_id), request.GET.get("segment", "")
    found = targets.targets_of(standing, chain_id, segment_id, page=_page(request))
    context = {
        "standing": standing, "chain": chain, "segment": found.segment, "segment_id": segment_id, "targets": found, "page": found.page,
        "registry": found.registry, "may_export": _may_export(request), "open_rows": 1,
    }  # fmt: skip
    return htmx.render(request, "chains/targets.html", "chains/_targets_card.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def targets_export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """All ranked target firms with every reason, as a spreadsheet."""
    found = targets.targets_of(standing, chain_id, request.GET.get("segment", ""), page=None)
    name = " ".join((_("Target firms"), sheets.name_of(found.segment or maps.chain_of(chain_id)), standing.region.name))
    response = spreadsheets.download(
        name,
        sheets.target_columns(found),
        sheets.target_rows(found),
        notes=sheets.notes(standing, found.registry, shown=len(found.rows), total=found.total),
    )
    return _noted(request, "chains.targets", response)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def explain(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str, firm_id: str) -> HttpResponse:
    """Why a firm scores as it does on a segment, ranked or not."""
    found = targets.explained(standing, chain_id, segment_id, firm_id)
    context = {
        "standing": standing,
        "chain": found.chain,
        "segment": found.segment,
        "registry": found.registry,
        "found": found,
        "row": found.row,
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


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """Where a firm stands on the chains: a panel of its page, and a page of its own."""
    try:
        found = makers.places_of_firm(firm_id)
    except maps.NotThere as unknown:
        raise Http404 from unknown
    return htmx.render(request, "chains/of_firm.html", "chains/_of_firm.html", {"found": found})
