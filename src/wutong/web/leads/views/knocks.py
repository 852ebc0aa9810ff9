"""Knocks of all lists; one entered, one corrected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import knocking
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import Knock, ListedFirm
from wutong.web.leads.queries import knocks, lists
from wutong.web.leads.views.answers import answered, attempt, back_to, get_or_post, noted, noted_filter, row_of
from wutong.web.lib import exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("made", gettext_lazy("When"), ("made_at",), "date"),
    listings.Column("firm", gettext_lazy("Firm"), ("row__firm__name",)),
    listings.Column("result", gettext_lazy("Result"), ("result",)),
    listings.Column("by", gettext_lazy("Knocked by"), ("by__display_name",)),
    listings.Column("how", gettext_lazy("How"), ("how",)),
    listings.Column("said", gettext_lazy("What was said")),
    listings.Column("next", gettext_lazy("Next step"), ("next_on",), "date"),
    listings.Column("list", gettext_lazy("Target list"), ("row__list__title",)),
)


@require_GET
@require_permission(Permission.LEADS_VIEW)
def knock_list(request: HttpRequest) -> HttpResponse:
    """The knocks of all lists that a person may see, the newest first."""
    noted_filter(request)
    form = forms.KnockFilter(request.GET, user=request.user)
    found = form.filtered(knocks.knocks(request.user))
    listing = listings.of_queryset(request.GET, found, columns=COLUMNS, default="-made", form=form, read=knocks.shown)
    context = {"form": form, "list": listing, "may_export": request.user.may(Permission.LEADS_EXPORT)}
    return htmx.render(request, "leads/knocks.html", "leads/_knocks.html", context)


def all_knocks(user: Any, query: Any) -> Any:
    """The knocks that a query string asks for, as a person may see them, the newest first."""
    return forms.KnockFilter(query, user=user).filtered(knocks.knocks(user)).order_by("-made_at", "-pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def knocks_export(request: HttpRequest) -> HttpResponse:
    """The filtered knocks of all lists as a spreadsheet."""
    noted_filter(request)
    later = spreadsheets.later(request, "leads.knocks", all_knocks(request.user, request.GET).count())
    return later or noted(request, "knocks", exchange.at_once(request, "leads.knocks"))


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def knock(request: HttpRequest, pk: object) -> HttpResponse:
    """Enter a knock."""
    row = row_of(request, pk)
    form = forms.KnockForm(request.POST or None, row=row, user=request.user)
    return _enter_knock(request, row, form, _("Enter a knock: %(firm)s") % {"firm": row.firm.name})


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def knock_correct(request: HttpRequest, pk: object) -> HttpResponse:
    """Correct a knock by a later entry."""
    found = get_object_or_404(Knock.objects.visible_to(request.user).select_related("row__firm", "row__list__unit", "by"), public_id=pk)
    names = ("how", "through", "result", "with_whom", "said", "next_step", "next_on")
    initial = {name: getattr(found, name) for name in names}
    initial |= {"made_at": timezone.localtime(found.made_at), "person": found.by.public_id}
    form = forms.KnockForm(request.POST or None, row=found.row, user=request.user, initial=initial)
    return _enter_knock(request, found.row, form, _("Correct a knock: %(firm)s") % {"firm": found.row.firm.name}, corrects=found)


def _enter_knock(request: HttpRequest, row: ListedFirm, form: Any, title: str, corrects: Knock | None = None) -> HttpResponse:
    if not lists.may(request.user, row.list).work:
        raise PermissionDenied
    back = reverse("leads:row", args=[row.public_id])
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, knocking.knock, row=row, corrects=corrects, **form.cleaned_data)
        if made:
            messages.success(request, _("The knock at %(firm)s is entered.") % {"firm": row.firm.name})
            return back_to(request, back)
    context = {"form": form, "title": title, "back": back, "row": row, "corrects": corrects, "next": request.GET.get("next", "")}
    return render(request, "leads/knock.html", context, status=422 if form.is_bound else 200)
