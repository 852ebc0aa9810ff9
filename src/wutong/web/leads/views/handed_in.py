"""Information handed in, for those who hand it in: the form, the list with what became of each piece, withdrawing, the spreadsheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import handing_in
from wutong.web.leads.forms import handed_in as forms
from wutong.web.leads.models import HandIn
from wutong.web.leads.queries import handed_in
from wutong.web.leads.views.answers import answered, attempt, get_or_post, noted
from wutong.web.lib import exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("title", pgettext_lazy("column", "Information"), ("title",)),
    listings.Column("told", pgettext_lazy("handed in", "Where it stands"), ("told_rank",)),
    listings.Column("answer", gettext_lazy("Answer of the bureau"), ("lead__answered_at",)),
    listings.Column("kind", pgettext_lazy("lead", "Kind"), ("kind",)),
    listings.Column("amount", pgettext_lazy("lead", "Amount (10,000 yuan)"), ("amount_10k_yuan",), "number"),
    listings.Column("day", pgettext_lazy("handed in", "Handed in"), ("handed_in_at",), "date"),
)


def found(user: Any, query: Any) -> Any:
    """What a query string asks for of one's own, the newest first."""
    return forms.HandedInFilter(query).filtered(handed_in.mine(user)).order_by("-handed_in_at", "-pk")


@require_GET
@require_permission(Permission.LEADS_HAND_IN)
def handed_in_list(request: HttpRequest) -> HttpResponse:
    """What one handed in, and what became of it."""
    form = forms.HandedInFilter(request.GET)
    listing = listings.of_queryset(
        request.GET, form.filtered(handed_in.ranked(handed_in.mine(request.user))), columns=COLUMNS, default="-day", form=form,
        read=lambda pks: handed_in.shown(request.user, pks),
    )  # fmt: skip
    context = {"form": form, "list": listing, "counts": handed_in.counts(request.user), "credited": handed_in.credited_to(request.user)}
    return htmx.render(request, "leads/handed_in.html", "leads/_handed_in.html", context)


@require_GET
@require_permission(Permission.LEADS_HAND_IN)
def handed_in_export(request: HttpRequest) -> HttpResponse:
    """One's own information as a spreadsheet."""
    later = spreadsheets.later(request, "leads.handed_in", found(request.user, request.GET).count())
    return later or noted(request, "handed_in", exchange.at_once(request, "leads.handed_in"))


@get_or_post
@require_permission(Permission.LEADS_HAND_IN)
@answered
def hand_in(request: HttpRequest) -> HttpResponse:
    """The form, on a phone as at a desk; what is typed stays in the browser until it was sent."""
    form = forms.HandInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, handing_in.hand_in, **form.values())
        if made:
            said = _("Handed in. What becomes of it and the answer of the bureau stand here.")
            messages.success(request, said, extra_tags=f"draft-{made.form_key}")
            return redirect("leads:handed-in")
    status = 422 if form.is_bound else 200
    return render(request, "leads/hand_in.html", {"form": form, "user_key": request.user.public_id}, status=status)  # type: ignore[union-attr]


@get_or_post
@require_permission(Permission.LEADS_HAND_IN)
@answered
def hand_in_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take back what one handed in; asked once more, for it cannot be undone."""
    one = get_object_or_404(HandIn.objects.visible_to(request.user).select_related("lead"), public_id=pk)
    if request.method == "POST":
        if attempt(request, None, handing_in.withdraw, handed=one):
            messages.success(request, _("Withdrawn: “%(title)s”.") % {"title": one.title})
        return redirect("leads:handed-in")
    return render(request, "leads/hand_in_withdraw.html", {"handed": handed_in.marked(one)})
