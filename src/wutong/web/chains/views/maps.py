"""The summary of every chain, the map of one, and a segment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import catalogues, makers, maps, targets
from wutong.web.chains.sheets import gaps as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import marked, may_export, noted, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import hooks, htmx, spreadsheets
from wutong.web.lib.access import require_permission

SHOWN_ON_SEGMENT = 10


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def chain_list(request: HttpRequest, standing: firms.Standing) -> HttpResponse:
    """Every chain, summed up for the region."""
    by_gaps = request.GET.get("sort") == "gaps"
    found = maps.summaries(standing, by_gaps=by_gaps)
    registry = found[0].gaps.registry if found else None
    return render(request, "chains/list.html", {"standing": standing, "summaries": found, "registry": registry, "by_gaps": by_gaps})


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def detail(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The map of a chain, with one segment open if the address names it."""
    drawn = maps.map_of(standing, chain_id)
    context = {
        "standing": standing, "chain": drawn.chain, "map": drawn, "registry": drawn.gaps.registry, "may_export": may_export(request),
        "selected": "",
    }  # fmt: skip
    selected = request.GET.get("segment", "")
    if selected:
        context |= _segment(request, standing, chain_id, selected) | {"selected": selected}
    return render(request, "chains/detail.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def export(request: HttpRequest, standing: firms.Standing, chain_id: str) -> HttpResponse:
    """The gaps of a chain as a spreadsheet."""
    drawn = maps.map_of(standing, chain_id)
    name = " ".join((_("Chain gaps"), name_of(drawn.chain), standing.region.name))
    response = spreadsheets.download(name, sheet.gap_columns(standing), sheet.gap_rows(drawn), notes=notes(standing, drawn.gaps.registry))
    return noted(request, "chains.gaps", response)


def _segment(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> dict[str, Any]:
    page = maps.segment_of(standing, chain_id, segment_id)
    found = targets.targets_of(standing, chain_id, segment_id, size=SHOWN_ON_SEGMENT)
    panels = [panel for panel in hooks.collect("PANELS") if panel.on == "chains.Segment" and request.user.may(panel.permission)]
    return {
        "panels": panels,
        "page": page, "chain": page.chain, "segment": page.segment, "layer": page.layer, "gap": page.gap, "registry": page.gaps.registry,
        "targets": found, "said": catalogues.said_of_segment(standing, chain_id, segment_id),
        "catalogue_marks": catalogues.marks_of(standing, chain_id, (row.made for row in found.rows)),
    }  # fmt: skip


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def segment(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """A segment: for htmx the panel of the map, else the page with makers and targets."""
    context: dict[str, Any] = {"standing": standing, **_segment(request, standing, chain_id, segment_id)}
    if not htmx.wants_part(request):
        context["makers"] = groups = makers.maker_groups(standing, chain_id, segment_id)
        context["marks"] = marked(request, [*context["targets"].rows, *(row for group in groups for row in group.rows)])
    return htmx.render(request, "chains/segment.html", "chains/_panel.html", context)
