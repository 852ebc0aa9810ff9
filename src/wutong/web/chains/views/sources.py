"""Where to go for a segment: places ranked, and one of them as a cluster."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import sources
from wutong.web.chains.sheets import sources as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import marked, may_export, noted, page_number, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def ranked(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """Cities, zones and parks that hold the makers, best first; with `place`, the firms of one of them."""
    if request.GET.get("place"):
        return _cluster(request, standing, chain_id, segment_id)
    kind, is_coastal = sources.asked(request.GET)
    page = sources.page_of(standing, chain_id, segment_id, kind, is_coastal=is_coastal, number=page_number(request))
    context = {
        "standing": standing, "found": page, "chain": page.chain, "segment": page.segment, "registry": page.found.registry,
        "page": page.page, "kinds": sources.kind_labels().items(), "kind_words": sources.kind_words(), "may_export": may_export(request),
        "kept": (("kind", kind), ("coastal", "1" if is_coastal else "")),
    }  # fmt: skip
    return htmx.render(request, "chains/sources.html", "chains/_sources.html", context)


def _cluster(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    found = sources.cluster_of(standing, chain_id, segment_id, request.GET["place"][:60], number=page_number(request))
    context = {
        "standing": standing, "found": found, "chain": found.chain, "segment": found.segment, "registry": found.registry,
        "page": found.page, "may_export": may_export(request), "marks": marked(request, [row.firm for row in found.rows]),
    }  # fmt: skip
    return htmx.render(request, "chains/cluster.html", "chains/_cluster.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def export(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """The places as a spreadsheet; with `place`, the firms of the cluster."""
    if request.GET.get("place"):
        found = sources.cluster_of(standing, chain_id, segment_id, request.GET["place"][:60], number=None)
        name = f"{name_of(found.segment)} {found.place.name}"
        response = spreadsheets.download(
            name, sheet.FIRM_COLUMNS, sheet.cluster_rows(found), notes=notes(standing, found.registry, region=found.place)
        )
        return noted(request, "chains.cluster", response)
    kind, is_coastal = sources.asked(request.GET)
    ranked_places = sources.ranked(standing, chain_id, segment_id, kind, is_coastal=is_coastal)
    name = " ".join((_("Where to go"), name_of(sources.segment_of(chain_id, segment_id)[1]), standing.region.name))
    response = spreadsheets.download(name, sheet.columns(), sheet.rows(ranked_places), notes=notes(standing, ranked_places.registry))
    return noted(request, "chains.sources", response)
