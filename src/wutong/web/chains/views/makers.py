"""The firms behind a figure of a segment, and where one firm stands on the chains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.forms import StandingForm
from wutong.web.chains.models import HandPlacement
from wutong.web.chains.queries import makers, maps, own
from wutong.web.chains.queries.makers import Where
from wutong.web.chains.queries.narrowing import Narrow
from wutong.web.chains.sheets import makers as sheet
from wutong.web.chains.sheets.notes import name_of, notes
from wutong.web.chains.views.standing import filters_told, marked, may_export, narrowed, noted, page_number, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, lists, marks, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.lib.hooks import JobFault


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def maker_list(request: HttpRequest, standing: firms.Standing, chain_id: str, segment_id: str) -> HttpResponse:
    """The firms behind a figure: makers here, inside the radius, or in the nation."""
    page = maps.segment_of(standing, chain_id, segment_id)
    where, narrow = _where(request), Narrow.of(request.GET)
    given = narrow.given(request.user, standing)
    group = makers.makers_of(standing, chain_id, segment_id, where, page=page_number(request), **given)
    context = {
        "standing": standing, "chain": page.chain, "segment": page.segment, "registry": page.gaps.registry, "where": where,
        "group": group, "page": lists.Page.of(request.GET, group.total, makers.PAGE_SIZE), "places": makers.wheres(standing),
        "may_export": may_export(request), "may_say": request.user.may(Permission.CHAINS_EDIT),  # type: ignore[union-attr]
        "marks": marked(request, group.rows),
        **narrowed(request, narrow),
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
    page, where = maps.segment_of(standing, chain_id, segment_id), _where(request)
    narrow = Narrow.of(request.GET)
    given = narrow.given(request.user, standing)
    found = makers.makers_of(standing, chain_id, segment_id, where, size=1, **given)
    if later := spreadsheets.later(request, "chains.makers", found.total, chain=chain_id, segment=segment_id):
        return later
    rows = sheet.every_row(request.user, makers.every_maker(standing, chain_id, segment_id, where, **given))
    name = f"{name_of(page.segment)} {found.title}"
    known = marks.sheet_marks(request.user, ())
    said = (*notes(standing, page.gaps.registry), *known.notes, *filters_told(request, narrow))
    response = spreadsheets.download(name, sheet.maker_columns(known), rows, notes=said)
    return noted(request, "chains.makers", response)


@dataclass(frozen=True, slots=True)
class Meant:
    """The makers that the query string of an export in the background means."""

    user: Any
    standing: firms.Standing
    page: maps.SegmentPage
    where: Where
    narrow: Narrow

    @property
    def title(self) -> str:
        """The name of the file."""
        return f"{name_of(self.page.segment)} {dict(makers.wheres(self.standing))[self.where]}"

    def rows(self) -> Iterator[Any]:
        """All of them."""
        given = self.narrow.given(self.user, self.standing)
        return sheet.every_row(self.user, makers.every_maker(self.standing, self.page.chain.id, self.page.segment.id, self.where, **given))

    def notes(self) -> tuple[str, ...]:
        """What they stand on."""
        return (*notes(self.standing, self.page.gaps.registry), *marks.sheet_marks(self.user, ()).notes)


def meant(user: Any, query: Any) -> Meant:
    """What a query string asks for, as a person may see it now. Raises: JobFault."""
    form, where = StandingForm(query), query.get("where", Where.LOCAL)
    if not form.is_valid() or where not in set(Where):
        raise JobFault(_("What was asked for is not there any more: %(what)s") % {"what": where})
    try:
        asked = form.cleaned_data
        standing = firms.standing(user, region=asked["region"], radius_km=asked["radius"], as_of=form.day)
        page = maps.segment_of(standing, query.get("chain", ""), query.get("segment", ""))
    except (firms.UnknownRegion, maps.NotThere) as unknown:
        raise JobFault(_("What was asked for is not there any more: %(what)s") % {"what": unknown}) from unknown
    return Meant(user, standing, page, Where(where), Narrow.of(query))


def title_of(user: Any, query: Any) -> str:
    """The name of the file that is asked for."""
    try:
        return meant(user, query).title
    except JobFault:
        return str(_("Makers of a segment"))


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
