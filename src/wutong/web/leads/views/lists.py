"""Target lists: all of them, and one made, changed, closed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads import sheets
from wutong.web.leads.actions import making
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import TargetList
from wutong.web.leads.queries import lists, people
from wutong.web.leads.views.answers import answered, attempt, draw_form, get_or_post, list_of, noted
from wutong.web.lib import access, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

LIST_COLUMNS = (
    listings.Column("title", gettext_lazy("Target list"), ("title",)),
    listings.Column("open", gettext_lazy("Worked on (firms)"), ("open_firms",), "number"),
    listings.Column("stale", gettext_lazy("Stale (firms)"), ("stale_firms",), "number"),
    listings.Column("overdue", gettext_lazy("Overdue (firms)"), ("overdue_firms",), "number"),
    listings.Column("hits", gettext_lazy("Leads"), ("hit_share",), "number"),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("owner", gettext_lazy("Owner"), ("owner__display_name",)),
    listings.Column("line", gettext_lazy("Line"), ("line",)),
    listings.Column("made", gettext_lazy("Made on"), ("created_at",), "date"),
)


@require_GET
@require_permission(Permission.LEADS_VIEW)
def list_list(request: HttpRequest) -> HttpResponse:
    """Target lists: filter, sort, page."""
    form = forms.ListFilter(request.GET, user=request.user)
    on = access.today()
    found = lists.sortable(form.filtered(TargetList.objects.visible_to(request.user), on=on), request.GET.get("sort", ""), on=on)
    listing = listings.of_queryset(request.GET, found, columns=LIST_COLUMNS, default="-made", form=form)
    lists.with_figures(listing.rows, on=on)
    context = {
        "form": form, "list": listing, "may_edit": request.user.may(Permission.LEADS_EDIT), "days": people.stale_days(on),
        "may_export": request.user.may(Permission.LEADS_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "leads/list.html", "leads/_lists.html", context)


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def list_export(request: HttpRequest) -> HttpResponse:
    """The filtered lists as a spreadsheet; the export is written down."""
    form = forms.ListFilter(request.GET, user=request.user)
    found = form.filtered(lists.lists(request.user, on=access.today()), on=access.today()).order_by("-created_at", "-pk")
    response: Any = spreadsheets.download(_("Target lists"), sheets.LISTS, sheets.list_rows(found))
    return noted(request, "lists", response)


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def list_new(request: HttpRequest) -> HttpResponse:
    """An empty list."""
    form = forms.ListForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, making.make, **form.cleaned_data)
        if made:
            messages.success(request, _("The list is made. Put firms on it from a ranking, a search, or by name."))
            return redirect("leads:detail", made.public_id)
    return draw_form(request, form, _("New target list"), reverse("leads:list"))


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def list_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a list."""
    found = list_of(request, pk)
    if not lists.may(request.user, found).work:
        raise PermissionDenied
    form = forms.ChangeForm(request.POST or None, target_list=found)
    if request.method == "POST" and form.is_valid() and attempt(request, form, making.change, target_list=found, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("leads:detail", pk)
    return draw_form(request, form, _("Change target list"), reverse("leads:detail", args=[pk]))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def list_close(request: HttpRequest, pk: object) -> HttpResponse:
    """Close a list with a reason."""
    found, form = list_of(request, pk), forms.ReasonForm(request.POST)
    if not form.is_valid():
        for texts in form.errors.values():
            messages.error(request, " ".join(map(str, texts)))
    elif attempt(request, None, making.close, target_list=found, reason=form.cleaned_data["reason"]):
        messages.success(request, _("The list is closed; “Open again” undoes it."))
    return redirect("leads:detail", pk)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def list_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Open a closed list again."""
    if attempt(request, None, making.reopen, target_list=list_of(request, pk)):
        messages.success(request, _("The list is open again."))
    return redirect("leads:detail", pk)
