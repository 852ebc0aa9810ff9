"""Leads as lists: every lead that one may see, one's own, by stage on a board, by place on a map."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains.queries import drawings
from wutong.web.chains.queries.drawings import Spot
from wutong.web.leads.actions import informing
from wutong.web.leads.forms import overview as forms
from wutong.web.leads.models import LEAD_STATES, STAGES, Lead
from wutong.web.leads.queries import overview
from wutong.web.leads.queries.results import is_uuid
from wutong.web.leads.rules.leads import Stage
from wutong.web.leads.views.answers import answered, attempt, back_to, noted
from wutong.web.lib import access, exchange, htmx, spreadsheets
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission

COLUMNS = (
    listings.Column("title", pgettext_lazy("column", "Lead"), ("title",)),
    listings.Column("firm", gettext_lazy("Firm as filed"), ("name",)),
    listings.Column("kind", pgettext_lazy("lead", "Kind"), ("kind",)),
    listings.Column("stage", gettext_lazy("Stage"), ("stage",)),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("owner", pgettext_lazy("lead", "Owner"), ("owner__display_name",)),
    listings.Column("claim", gettext_lazy("First claim")),
    listings.Column("last", gettext_lazy("Last progress"), ("last_progress_on",), "date"),
    listings.Column("due", gettext_lazy("Next due"), (), "date"),
    listings.Column("amount", pgettext_lazy("lead", "Amount (10,000 yuan)"), ("amount_10k_yuan",), "number"),
    listings.Column("source", pgettext_lazy("lead", "Source"), ("source_kind",)),
    listings.Column("logged", gettext_lazy("Logged on"), ("logged_at",), "date"),
)
MINE = (*COLUMNS[:4], *COLUMNS[6:8], listings.Column("due", gettext_lazy("Next due"), ("due",), "date"), *COLUMNS[9:])
MY_TABS = ("", "triage", "answer", "overdue", "stale", "ends_soon")


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What every page of leads shows beside its rows."""
    return {
        "days": overview.days(access.today()), "may_export": request.user.may(Permission.LEADS_EXPORT),
        "may_edit": request.user.may(Permission.LEADS_EDIT), "may_read_rules": request.user.may(Permission.RULES_VIEW), **more,
    }  # fmt: skip


@require_GET
@require_permission(Permission.LEADS_VIEW)
def lead_list(request: HttpRequest) -> HttpResponse:
    """Every lead that a person may see, the newest first."""
    on = access.today()
    form = forms.LeadFilter(request.GET, user=request.user)
    found = form.filtered(Lead.objects.visible_to(request.user), on=on)
    listing = listings.of_queryset(
        request.GET, found, columns=COLUMNS, default="-logged", form=form,
        read=lambda pks: overview.marked(overview.shown(pks), request.user, on=on),
    )  # fmt: skip
    return htmx.render(request, "leads/leads.html", "leads/_leads.html", _frame(request, form=form, list=listing, with_people=True))


def all_leads(user: Any, query: Any) -> Any:
    """The leads that a query string asks for, as a person may see them, the newest first."""
    form = forms.LeadFilter(query, user=user)
    return form.filtered(Lead.objects.visible_to(user), on=access.today()).order_by("-logged_at", "-pk")


@require_GET
@require_permission(Permission.LEADS_EXPORT)
def leads_export(request: HttpRequest) -> HttpResponse:
    """The filtered leads as a spreadsheet."""
    later = spreadsheets.later(request, "leads.leads", all_leads(request.user, request.GET).count())
    return later or noted(request, "leads", exchange.at_once(request, "leads.leads"))


# --- one's own --------------------------------------------------------------------------------------------------------------------------
def _mine(user: Any, query: Any) -> tuple[Any, Any]:
    """The filter of one's own leads, and those of them that match."""
    form = forms.MyLeadFilter(query, user=user)
    return form, form.filtered(Lead.objects.visible_to(user).filter(owner=user), on=access.today())


@require_GET
@require_permission(Permission.LEADS_EDIT)
def my_leads(request: HttpRequest) -> HttpResponse:
    """The leads that the person owns and that are worked on, what is due first at the top."""
    on = access.today()
    form, found = _mine(request.user, request.GET)
    by, down = listings.order_of(request.GET, MINE, "due")
    if by.key == "due":
        keys = overview.by_due(found, on=on)
    else:
        keys = list(
            found.order_by(*(f"-{name}" if down else name for name in by.sorts_by), "-pk" if down else "pk").values_list("pk", flat=True)
        )
    keys = keys[::-1] if by.key == "due" and down else keys
    page = listings.Page.of(request.GET, len(keys))
    there = overview.marked(overview.shown(keys[page.offset : page.offset + page.size]), request.user, on=on)
    listing = listings.of_rows(request.GET, there, columns=MINE, total=len(keys), default="due", form=form)
    return htmx.render(request, "leads/my_leads.html", "leads/_leads.html", _frame(request, form=form, list=listing, with_people=False))


def my_found(user: Any, query: Any) -> Any:
    """The leads of one's own that a query string asks for."""
    return _mine(user, query)[1].order_by("last_progress_on", "pk")


@require_GET
@require_permission(Permission.LEADS_EDIT)
@require_permission(Permission.LEADS_EXPORT)
def my_leads_export(request: HttpRequest) -> HttpResponse:
    """One's own leads as a spreadsheet."""
    later = spreadsheets.later(request, "leads.my_leads", my_found(request.user, request.GET).count())
    return later or noted(request, "my_leads", exchange.at_once(request, "leads.my_leads"))


# --- the board --------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def leads_board(request: HttpRequest) -> HttpResponse:
    """Leads by stage, those longest without progress first; what ended is counted."""
    on = access.today()
    form = forms.BoardFilter(request.GET, user=request.user)
    found = form.filtered(Lead.objects.visible_to(request.user), on=on, state="all")
    board = overview.board(found, request.user, on=on, by_words=bool(request.GET.get("text", "").strip()))
    query = listings.query_with(request.GET, sort=None)
    closed = tuple((state, LEAD_STATES[state], n) for state, n in board.closed)
    context = _frame(request, form=form, board=board, closed=closed, chips=listings.chips(form, request.GET), query=query)
    return htmx.render(request, "leads/leads_board.html", "leads/_leads_board.html", context)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def board_move(request: HttpRequest) -> HttpResponse:
    """Take a lead of the board to a later stage."""
    key, stage = request.POST.get("lead", ""), request.POST.get("stage", "")
    if not is_uuid(key) or stage not in set(Stage):
        raise Http404
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=key)
    if attempt(request, None, informing.advance, lead=lead, stage=Stage(stage)):
        messages.success(request, _("%(lead)s: %(stage)s") % {"lead": lead.outside_name, "stage": STAGES[Stage(stage)]})
    return back_to(request, reverse("leads:leads-board"))


# --- the map ----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LEADS_VIEW)
def leads_map(request: HttpRequest) -> HttpResponse:
    """Where the firms of leads are, and how many of them are talked to; each place opens its leads."""
    form = forms.MapFilter(request.GET, user=request.user)
    found = form.filtered(Lead.objects.visible_to(request.user), on=access.today())
    lines = overview.by_place(found)
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    placed = tuple((line, f"{reverse('leads:leads')}?{urlencode({**asked, 'place': line.adcode})}") for line in lines)
    spots = [
        Spot(line.lon, line.lat, line.short, line.leads, address, "" if line.talked_to else "is-quiet")
        for line, address in placed if line.lon is not None and line.lat is not None
    ]  # fmt: skip
    context = _frame(
        request, form=form, lines=placed, drawing=drawings.field(spots, None), chips=listings.chips(form, request.GET),
        leads=sum(line.leads for line in lines), talked_to=sum(line.talked_to for line in lines),
    )  # fmt: skip
    return htmx.render(request, "leads/leads_map.html", "leads/_leads_map.html", context)
