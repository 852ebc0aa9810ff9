"""What waits for a decision or an answer: filings, disputes, offers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.forms import overview as forms
from wutong.web.leads.queries import decisions
from wutong.web.leads.views.answers import noted
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

AGE = gettext_lazy("Age (days)")
WAITING = (
    listings.Column("filed", gettext_lazy("Filed on"), ("filed_at",), "date"),
    listings.Column("lead", pgettext_lazy("column", "Lead")),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("by", gettext_lazy("Filed by"), ("filed_by__display_name",)),
    listings.Column("met", gettext_lazy("What it meets, and why")),
    listings.Column("says", gettext_lazy("What the unit says")),
    listings.Column("age", gettext_lazy("Waits (days)"), (), "number"),
    listings.Column("due", gettext_lazy("To be decided by"), (), "date"),
)
DISPUTES = (
    listings.Column("opened", gettext_lazy("Opened on"), ("opened_at",), "date"),
    listings.Column("lead", pgettext_lazy("column", "Lead")),
    listings.Column("unit", gettext_lazy("Disputed by"), ("unit__path",)),
    listings.Column("against", gettext_lazy("Claim of"), ("claim__unit__path",)),
    listings.Column("certificate", gettext_lazy("Investor's certificate"), ("has_certificate",)),
    listings.Column("state", pgettext_lazy("dispute", "State"), ("decided_at", "withdrawn_at")),
    listings.Column("acts", gettext_lazy("Who is to act")),
    listings.Column("age", AGE, (), "number"),
)
OFFERS = (
    listings.Column("asked", gettext_lazy("Offered on"), ("asked_at",), "date"),
    listings.Column("lead", pgettext_lazy("column", "Lead")),
    listings.Column("from", gettext_lazy("Offered by"), ("from_unit__path",)),
    listings.Column("to", gettext_lazy("Offered to"), ("to_unit__path",)),
    listings.Column("terms", gettext_lazy("Finder's share, from")),
    listings.Column("state", pgettext_lazy("transfer", "State"), ("state",)),
    listings.Column("acts", gettext_lazy("Who is to act")),
    listings.Column("age", AGE, (), "number"),
)


def _listed(request: HttpRequest, name: str, form: Any, found: Any, **how: Any) -> HttpResponse:
    listing = listings.of_queryset(request.GET, found, form=form, **how)
    context = {"form": form, "list": listing, "may_export": request.user.may(Permission.LEADS_EXPORT), "on": access.today()}
    return htmx.render(request, f"leads/{name}.html", f"leads/_{name}.html", context)


def _exported(request: HttpRequest, name: str, found: Any) -> HttpResponse:
    later = spreadsheets.later(request, f"leads.{name}", found.count())
    return later or noted(request, name, exchange.at_once(request, f"leads.{name}"))


# --- filings that wait ------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_ASSIGN)
def waiting(request: HttpRequest) -> HttpResponse:
    """Filings that wait, the oldest first; in the same words whatever each of them met."""
    form = forms.WaitingFilter(request.GET, user=request.user)
    found = form.filtered(decisions.waiting(request.user))
    how = {"columns": WAITING, "default": "filed", "read": lambda pks: decisions.shown_waiting(pks, request.user, on=access.today())}
    return _listed(request, "waiting", form, found, **how)


def all_waiting(user: Any, query: Any) -> Any:
    """The filings that a query string asks for, the oldest first."""
    return forms.WaitingFilter(query, user=user).filtered(decisions.waiting(user)).order_by("filed_at", "pk")


@require_GET
@require_permission(Permission.LEADS_ASSIGN)
@require_permission(Permission.LEADS_EXPORT)
def waiting_export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    return _exported(request, "waiting", all_waiting(request.user, request.GET))


# --- disputes ---------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def disputes(request: HttpRequest) -> HttpResponse:
    """Disputes about first claims, the oldest that waits first."""
    form = forms.DisputeFilter(request.GET, user=request.user)
    found = form.filtered(decisions.disputes(request.user))
    how = {"columns": DISPUTES, "default": "opened", "read": lambda pks: decisions.shown_disputes(pks, request.user, on=access.today())}
    return _listed(request, "disputes", form, found, **how)


def all_disputes(user: Any, query: Any) -> Any:
    """The disputes that a query string asks for, the oldest first."""
    return forms.DisputeFilter(query, user=user).filtered(decisions.disputes(user)).order_by("opened_at", "pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def disputes_export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    return _exported(request, "disputes", all_disputes(request.user, request.GET))


# --- offers -----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def offers(request: HttpRequest) -> HttpResponse:
    """Leads that one unit offers to another, the oldest that waits first."""
    form = forms.OfferFilter(request.GET, user=request.user)
    found = form.filtered(decisions.offers(request.user))
    how = {"columns": OFFERS, "default": "asked", "read": lambda pks: decisions.shown_offers(pks, request.user, on=access.today())}
    return _listed(request, "offers", form, found, **how)


def all_offers(user: Any, query: Any) -> Any:
    """The offers that a query string asks for, the oldest first."""
    return forms.OfferFilter(query, user=user).filtered(decisions.offers(user)).order_by("asked_at", "pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def offers_export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    return _exported(request, "offers", all_offers(request.user, request.GET))
