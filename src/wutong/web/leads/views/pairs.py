"""Pairs of leads that may be one: the list, and a person's word on each, which can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import pairing
from wutong.web.leads.forms import pairs as forms
from wutong.web.leads.models import LeadPair
from wutong.web.leads.queries import pairs as queries
from wutong.web.leads.views.answers import answered, attempt, noted, noted_filter
from wutong.web.lib import exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("sure", pgettext_lazy("pair of leads", "How sure"), ("firm_share",), "number"),
    lists.Column("found", gettext_lazy("Found at"), ("found_at",), "date"),
    lists.Column("state", gettext_lazy("State"), ("state",)),
)
VERBS = {"same": pairing.one_lead, "apart": pairing.two_leads}


def filtered(user: Any, query: Any) -> Any:
    """The pairs that a query string asks for, as a person may see them."""
    form = forms.PairFilter(query)
    given = form.cleaned_data if form.is_valid() else {}
    return queries.found(user, state=given.get("state", ""), text=given.get("text", ""), file=given.get("file", ""))


def imported(notes: Mapping[str, Any], user: Any) -> str:
    """Where whoever took a ledger over finds it: the pairs that wait for his word, else the leads that were logged that day."""
    if "file" in notes and queries.has_to_decide(user, notes["file"]):
        return f"{reverse('leads:pairs')}?{urlencode({'file': notes['file']})}"
    day = {"logged_from": notes["on"], "logged_to": notes["on"]} if "on" in notes else {}
    return f"{reverse('leads:leads')}?{urlencode({'state': 'all', **day})}"


@require_GET
@require_permission(Permission.LEADS_VIEW)
def pair_list(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for a person's word, the surest first; those decided by the filter."""
    form = forms.PairFilter(request.GET)
    listing = lists.of_queryset(
        request.GET, filtered(request.user, request.GET), columns=COLUMNS, default="-sure", form=form, size=20
    )  # fmt: skip
    may_export = request.user.may(Permission.LEADS_EXPORT)  # type: ignore[union-attr]
    context = {"list": listing, "form": form, "rows": queries.drawn(list(listing.rows), request.user), "may_export": may_export}
    return htmx.render(request, "leads/pairs.html", "leads/_pairs.html", context)


@require_GET
@require_permission(Permission.LEADS_EXPORT)
@answered
def pairs_export(request: HttpRequest) -> HttpResponse:
    """The same pairs as a spreadsheet."""
    noted_filter(request)
    later = spreadsheets.later(request, "leads.pairs", filtered(request.user, request.GET).count())
    return later or noted(request, "pairs", exchange.at_once(request, "leads.pairs"))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def pair_decide(request: HttpRequest, pk: object, code: str) -> HttpResponse:
    """Say that two leads are one, or two."""
    found = get_object_or_404(LeadPair.objects.get_queryset().visible_to(request.user), public_id=pk)  # type: ignore[attr-defined]
    form = forms.PairForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if attempt(request, None, VERBS[code], pair=found, reason=reason):
        messages.success(request, _("Noted. It can be taken back while nothing has come of it."))
    return redirect(form.cleaned_data.get("back") or reverse("leads:pairs"))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def pair_undo(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a word on a pair back."""
    found = get_object_or_404(LeadPair.objects.get_queryset().visible_to(request.user), public_id=pk)  # type: ignore[attr-defined]
    if attempt(request, None, pairing.undo, pair=found):
        messages.success(request, _("Taken back: the pair waits for a decision again."))
    return redirect("leads:pairs")
