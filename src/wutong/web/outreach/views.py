"""Trips: the register, one trip, entered on a phone, corrected, withdrawn; days away by unit and person; panels of firms and leads."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.models import Lead
from wutong.web.lib import exchange, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.outreach import actions, forms
from wutong.web.outreach.models import Trip
from wutong.web.outreach.queries import ranking, trips

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
COLUMNS = (
    lists.Column("purpose", pgettext_lazy("trip", "Purpose"), ("purpose",)),
    lists.Column("days", gettext_lazy("Working days away (days a person)"), (), "number"),
    lists.Column("first", pgettext_lazy("trip", "First day"), ("first_on",), "date"),
    lists.Column("last", pgettext_lazy("trip", "Last day"), ("last_on",), "date"),
    lists.Column("people", gettext_lazy("People")),
    lists.Column("places", gettext_lazy("Where")),
    lists.Column("visits", gettext_lazy("Firms and leads visited")),
    lists.Column("unit", pgettext_lazy("trip", "Unit"), ("unit__path",)),
)


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except actions.NotAllowed as refused:
            raise PermissionDenied from refused

    return guarded


def _attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except actions.Refused as refused:
        said = trips.refusal_words(refused.refusals)
    except actions.UnknownFirm:
        said = [_("The registry no longer holds a firm that is named here.")]
    for text in said:
        form.add_error(None, text)
    return None


def _may(request: HttpRequest) -> dict[str, bool]:
    may = request.user.may
    return {"may_edit": may(Permission.OUTREACH_EDIT), "may_export": may(Permission.OUTREACH_EXPORT)}


def _bound(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


# --- the register -----------------------------------------------------------------------------------------------------------------------
def found_trips(user: Any, query: Any) -> Any:
    """The trips that a query string asks for, the last first."""
    given = forms.TripFilter(query, user=user).given()
    return trips.matching(Trip.objects.visible_to(user), **given).order_by("-first_on", "-pk")


@require_GET
@require_permission(Permission.OUTREACH_VIEW)
def trip_list(request: HttpRequest) -> HttpResponse:
    """Every trip that a person may see, the last first."""
    form, user = forms.TripFilter(request.GET, user=request.user), request.user
    listing = lists.of_queryset(
        request.GET, found_trips(user, request.GET), columns=COLUMNS, default="-first", form=form, read=lambda keys: trips.rows(keys, user)
    )
    return htmx.render(request, "outreach/list.html", "outreach/_table.html", {"form": form, "list": listing, **_may(request)})


@require_GET
@require_permission(Permission.OUTREACH_EXPORT)
def trip_export(request: HttpRequest) -> HttpResponse:
    """The filtered trips as a spreadsheet."""
    later = spreadsheets.later(request, "outreach.trips", found_trips(request.user, request.GET).count())
    return later or noted(request, "trips", exchange.at_once(request, "outreach.trips"))


def noted(request: HttpRequest, what: str, response: Any) -> HttpResponse:
    """The file, and that it left the house."""
    actions.note_export(what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)
    found: HttpResponse = response
    return found


# --- days away --------------------------------------------------------------------------------------------------------------------------
def asked_ranking(user: Any, query: Any) -> ranking.Ranking:
    """The days away that a query string asks for."""
    return ranking.ranking(user, **forms.RankingFilter(query, user=user).period())


@require_GET
@require_permission(Permission.OUTREACH_VIEW)
def days_away(request: HttpRequest) -> HttpResponse:
    """Days away by unit and person, and the units without any."""
    form = forms.RankingFilter(request.GET, user=request.user)
    context = {
        "form": form, "page": asked_ranking(request.user, request.GET), "chips": lists.chips(form, request.GET),
        "query": lists.query_with(request.GET), **_may(request),
    }  # fmt: skip
    return htmx.render(request, "outreach/days.html", "outreach/_days.html", context)


@require_GET
@require_permission(Permission.OUTREACH_EXPORT)
def days_export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    return noted(request, "days", exchange.at_once(request, "outreach.days"))


# --- one trip ---------------------------------------------------------------------------------------------------------------------------
def _row_of(request: HttpRequest, pk: object) -> trips.TripRow:
    found = get_object_or_404(Trip.objects.visible_to(request.user), public_id=pk)
    (row,) = trips.rows([found.pk], request.user)
    return row


@require_GET
@require_permission(Permission.OUTREACH_VIEW)
def trip(request: HttpRequest, pk: object) -> HttpResponse:
    """One trip with whom they met and what came of it."""
    row = _row_of(request, pk)
    return render(request, "outreach/detail.html", {"row": row, "trip": row.trip, "may_edit": trips.may_edit(request.user, row.trip)})


def _draw(request: HttpRequest, form: Any, title: Any, button: Any, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "user_key": request.user.public_id, **more}  # type: ignore[union-attr]
    return render(request, "outreach/form.html", context, status=422 if form.is_bound else 200)


def _to(request: HttpRequest, found: Trip, form: Any) -> HttpResponse:
    """To the trip; the draft that the browser kept is over."""
    key = form.cleaned_data.get("key")
    messages.success(request, _("Saved."), extra_tags=f"draft-{key}" if key else "")
    return redirect("outreach:trip", found.public_id)


@get_or_post
@require_permission(Permission.OUTREACH_EDIT)
@answered
def trip_new(request: HttpRequest) -> HttpResponse:
    """Enter a trip; sent twice, it is entered once."""
    form = forms.TripForm(_bound(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        unit, said = form.cleaned_data["unit"], form.said()
        made = trips.same_as(unit, said, request.user) or _attempt(request, form, actions.enter, unit=unit, said=said)
        if made is not None:
            return _to(request, made, form)
    return _draw(request, form, _("Enter a trip"), _("Save"))


@get_or_post
@require_permission(Permission.OUTREACH_EDIT)
@answered
def trip_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Say what is right, with a reason."""
    row = _row_of(request, pk)
    if not trips.may_edit(request.user, row.trip):
        raise PermissionDenied
    form = forms.CorrectForm(_bound(request), row=row, user=request.user)
    if request.method == "POST" and form.is_valid():
        values = {"trip": row.trip, "said": form.said(), "reason": form.cleaned_data["reason"]}
        if (made := _attempt(request, form, actions.correct, **values)) is not None:
            return _to(request, made, form)
    return _draw(request, form, _("Correct the trip"), _("Save"), trip=row.trip)


@get_or_post
@require_permission(Permission.OUTREACH_EDIT)
@answered
def trip_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Withdraw a trip with a reason."""
    row = _row_of(request, pk)
    if not trips.may_edit(request.user, row.trip):
        raise PermissionDenied
    form = forms.ReasonForm(_bound(request))
    if request.method == "POST" and form.is_valid():
        made = _attempt(request, form, actions.withdraw, trip=row.trip, **form.cleaned_data)
        if made is not None:
            return _to(request, made, form)
    return _draw(request, form, _("Withdraw the trip"), pgettext_lazy("trip", "Withdraw"), trip=row.trip)


# --- panels -----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.OUTREACH_VIEW)
def of_firm(request: HttpRequest, firm_id: str) -> HttpResponse:
    """The trips on which a firm was visited: a panel of its page and a page of its own."""
    context = {"rows": trips.of_firm(request.user, firm_id), **_may(request)}
    return htmx.render(request, "outreach/of.html", "outreach/_of.html", context)


@require_GET
@require_permission(Permission.OUTREACH_VIEW)
def of_lead(request: HttpRequest, pk: object) -> HttpResponse:
    """The trips on which a lead was visited."""
    lead = get_object_or_404(Lead.objects.visible_to(request.user), public_id=pk)
    context = {"rows": trips.of_lead(request.user, lead), **_may(request)}
    return htmx.render(request, "outreach/of.html", "outreach/_of.html", context)
