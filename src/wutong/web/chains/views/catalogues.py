"""Catalogues of industries: editions, entries with what they cover, decisions of officials, and what they say of a firm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import actions
from wutong.web.chains.forms import DecisionForm
from wutong.web.chains.queries import catalogues, maps
from wutong.web.chains.sheets import catalogues as sheet
from wutong.web.chains.sheets.notes import notes
from wutong.web.chains.views.standing import asked, may_export, noted, standing_first
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

WHICH = ("", "matched", "waiting", "unmatched")


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def edition_list(request: HttpRequest, standing: firms.Standing) -> HttpResponse:
    """Every edition, and which of them hold here."""
    rows = catalogues.edition_rows(standing)
    context = {
        "standing": standing, "rows": rows, "on": catalogues.day_of(standing), "may_export": may_export(request),
    }  # fmt: skip
    return render(request, "chains/catalogues.html", context)


def editions_found(user: Any, query: Any) -> tuple[catalogues.EditionRow, ...]:
    """Every edition, as it holds where a query string stands."""
    return catalogues.edition_rows(asked(user, query))


def editions_notes(user: Any, query: Any) -> tuple[str, ...]:
    """What the sheet stands on."""
    standing = asked(user, query)
    return (catalogues.day_words(standing), *notes(standing, firms.registry_here(standing.region)))


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def editions_export(request: HttpRequest, standing: firms.Standing) -> HttpResponse:
    """Every edition as a spreadsheet."""
    return noted(request, "chains.catalogues", exchange.at_once(request, "chains.catalogues"))


@require_GET
@require_permission(Permission.CHAINS_VIEW)
@standing_first
def edition(request: HttpRequest, standing: firms.Standing, edition_id: str) -> HttpResponse:
    """The entries of an edition, with products and segments."""
    row, which = catalogues.edition_of(standing, edition_id), _which(request)
    entries = catalogues.entry_rows(row.edition, which)
    page = lists.Page.of(request.GET, len(entries), catalogues.PAGE_SIZE)
    context = {
        "standing": standing, "row": row, "edition": row.edition, "entries": entries[page.offset : page.offset + page.size], "page": page,
        "which": which, "may_export": may_export(request),
        "may_decide": row.is_own and request.user.may(Permission.CHAINS_EDIT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "chains/catalogue.html", "chains/_entries.html", context)


def _which(request: HttpRequest) -> str:
    which = request.GET.get("which", "")
    if which not in WHICH:
        raise Http404(which)
    return which


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
@standing_first
def export(request: HttpRequest, standing: firms.Standing, edition_id: str) -> HttpResponse:
    """The entries of an edition as a spreadsheet, in the columns that the loader reads."""
    row = catalogues.edition_of(standing, edition_id)
    found = catalogues.entry_rows(row.edition, _which(request))
    said = (*sheet.notes_of(row), catalogues.day_words(standing), *notes(standing, firms.registry_here(standing.region)))
    return noted(request, "chains.catalogue", spreadsheets.download(row.edition.title_zh, sheet.COLUMNS, sheet.rows(found), notes=said))


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@standing_first
def decide(request: HttpRequest, standing: firms.Standing, edition_id: str, number: str) -> HttpResponse:
    """Confirm or refuse that an entry covers a product; the page offers to take it back."""
    form = DecisionForm(request.POST)
    row = catalogues.edition_of(standing, edition_id)
    back = redirect(sheet.address_of(row.edition, request.POST.get("which", ""), number))
    if not form.is_valid():
        messages.error(request, _("Choose a product and what is decided of it."))
        return back
    product = form.cleaned_data["product"]
    try:
        actions.decide_entry(edition_id=edition_id, number=number, product=product, covers=form.covers, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("Entry %(number)s: decided. The same line takes it back.") % {"number": number})
    except actions.CatalogueError as refused:
        messages.error(request, str(refused))
    return back


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """What the catalogues say of a firm's products: a panel of its page, and a page of its own."""
    try:
        found = catalogues.of_firm(request.user, firm_id)
    except maps.NotThere as unknown:
        raise Http404 from unknown
    return htmx.render(request, "chains/catalogues_of_firm.html", "chains/_catalogues_of_firm.html", {"found": found})
