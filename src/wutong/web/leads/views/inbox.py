"""The inbox of information: what waits for triage or an answer, in the order of the clock, and what came of what was received."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads import sheets
from wutong.web.leads.forms import overview as forms
from wutong.web.leads.queries import inbox as information
from wutong.web.leads.queries import overview
from wutong.web.leads.views.answers import noted
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("due", gettext_lazy("Due by"), ("clock_on", "logged_at"), "date"),
    listings.Column("title", pgettext_lazy("column", "Information"), ("title",)),
    listings.Column("kind", pgettext_lazy("lead", "Kind"), ("kind",)),
    listings.Column("source", pgettext_lazy("lead", "Source"), ("source_kind",)),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("owner", pgettext_lazy("lead", "Owner"), ("owner__display_name",)),
    listings.Column("received", gettext_lazy("Received on"), ("received_on",), "date"),
)


@require_GET
@require_permission(Permission.LEADS_VIEW)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits, and the digest of a period."""
    on = access.today()
    which, period = request.GET.get("which", ""), request.GET.get("period", "")
    form = forms.InboxFilter(request.GET, user=request.user)
    found = information.narrowed(form.filtered(information.inbox(request.user), on=on), which, on=on)
    listing = listings.of_queryset(
        request.GET, found, columns=COLUMNS, default="due", form=form,
        read=lambda pks: overview.marked(overview.shown(pks), request.user, on=on),
    )  # fmt: skip
    counts = information.counts(request.user, on=on)
    tabs = tuple((code, label, counts[code]) for code, label in information.WHICH.items())
    context = {
        "form": form, "list": listing, "tabs": tabs, "which": which, "periods": information.PERIODS, "period": period,
        "digest": information.digest(request.user, period, on=on), "may_export": request.user.may(Permission.LEADS_EXPORT),
        "may_edit": request.user.may(Permission.LEADS_EDIT),
    }  # fmt: skip
    return htmx.render(request, "leads/inbox.html", "leads/_inbox.html", context)


def all_waiting(user: Any, query: Any) -> Any:
    """The information that a query string asks for, in the order of the clock."""
    on = access.today()
    found = forms.InboxFilter(query, user=user).filtered(information.inbox(user), on=on)
    return information.narrowed(found, query.get("which", ""), on=on).order_by("clock_on", "logged_at", "pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def inbox_export(request: HttpRequest) -> HttpResponse:
    """The information that waits as a spreadsheet."""
    later = spreadsheets.later(request, "leads.inbox", all_waiting(request.user, request.GET).count())
    return later or noted(request, "inbox", exchange.at_once(request, "leads.inbox"))


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def digest_export(request: HttpRequest) -> HttpResponse:
    """What came of the information of a period as a spreadsheet."""
    found = information.digest(request.user, request.GET.get("period", ""), on=access.today())
    name = str(gettext_lazy("What came of information"))
    return noted(request, "digest", spreadsheets.download(name, sheets.CAME, sheets.came_rows(found)))
