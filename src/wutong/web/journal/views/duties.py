"""Duties: the list, a week of it, one duty, and what is done to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import forms, sheets
from wutong.web.journal.actions import duties as actions
from wutong.web.journal.queries import calendar
from wutong.web.journal.queries import duties as queries
from wutong.web.journal.views.answers import (
    answered,
    attempt,
    back_to,
    duty_of,
    faults,
    get_or_post,
    place_of,
    request_of,
    written_on,
)
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("title", pgettext_lazy("duty", "What is to be done"), ("d_title",)),
    lists.Column("due", pgettext_lazy("duty", "Due on"), ("d_due",), "date"),
    lists.Column("record", gettext_lazy("Record")),
    lists.Column("owner", pgettext_lazy("duty", "Owed by"), ("d_owner_name",)),
    lists.Column("unit", gettext_lazy("Unit"), ("d_unit_name",)),
    lists.Column("kind", pgettext_lazy("duty", "Kind"), ("d_source",)),
)


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def duty_list(request: HttpRequest) -> HttpResponse:
    """What one owes, what one's unit owes, what one asked of others: filter, sort, page."""
    form, local = forms.DutyFilter(request.GET, user=request.user), queries.now()
    wanted = form.wanted()
    lights = queries.counts(request.user, wanted, local)
    listing = queries.listing(request.GET, request.user, wanted, shown=COLUMNS, local=local, form=form, lights=lights)
    context = {
        "form": form, "list": listing, "whose": wanted.whose, "choices": forms.WHOSE, "lights": lights,
        "light": wanted.light, "state": wanted.state, "may_edit": request.user.may(Permission.JOURNAL_EDIT),
        "may_export": request.user.may(Permission.JOURNAL_EXPORT), "today": local.date(),
    }  # fmt: skip
    return htmx.render(request, "journal/list.html", "journal/_duties.html", context)


@require_GET
@require_permission(Permission.JOURNAL_EXPORT)
def duty_export(request: HttpRequest) -> HttpResponse:
    """The filtered duties as a spreadsheet; the export is written down."""
    local, wanted = queries.now(), forms.DutyFilter(request.GET, user=request.user).wanted()
    if later := spreadsheets.later(request, "journal.duties", queries.wanted_rows(request.user, wanted, local).count()):
        return later
    response: Any = spreadsheets.download(_("Duties"), sheets.DUTIES, export_rows(request.user, request.GET))
    actions.note_export(by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)
    return response


def export_rows(user: Any, query: Any) -> Any:
    """The rows of the spreadsheet that a query string asks for, as a person may see them."""
    return sheets.rows(queries.read_all(user, forms.DutyFilter(query, user=user).wanted(), queries.now()))


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def badge(request: HttpRequest) -> HttpResponse:
    """How many of one's duties are overdue or due soon: asked for by the frame of every page, so that no page waits for it."""
    return render(request, "journal/_badge.html", {"count": queries.pressing(request.user, queries.now())})


@get_or_post
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_new(request: HttpRequest) -> HttpResponse:
    """Ask somebody for something, on a record or on none."""
    label, key = request.GET.get("on", ""), request.GET.get("key", "")
    place = place_of(request, label, key) if label else None
    form = forms.DutyForm(request.POST or None, user=request.user)
    if form.is_valid():
        record = written_on(request, place) if place else None
        duty = attempt(request, form, actions.create, record=record, **form.cleaned_data)
        if duty:
            unknown = [int(year) for year in duty.unknown_years.split(",") if year]
            text = _("Asked of %(owner)s, due on %(day)s.") % {"owner": duty.owner, "day": duty.due_on}
            messages.success(request, " ".join((text, calendar.unknown_words(unknown))).strip())
            return back_to(request, f"{place.address}#journal" if place else reverse("journal:duty", args=[duty.public_id]))
    back = place.address if place else reverse("journal:list")
    context = {"form": form, "title": _("New duty"), "place": place, "back": back}
    return render(request, "journal/form.html", context, status=422 if form.is_bound else 200)


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
@answered
def duty_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A duty: how it stands, what was done to it, what may be done."""
    local = queries.now()
    page = queries.page(duty_of(request, pk), request.user, local)
    unknown = [int(year) for year in page.duty.unknown_years.split(",") if year]
    context = {
        "page": page, "duty": page.duty, "unknown": calendar.unknown_words(unknown), "result": forms.ResultForm(),
        "today": local.date(),
        "snooze": forms.SnoozeForm(prefix="snooze"), "time": forms.TimeForm(prefix="time"), "answer": forms.AnswerForm(),
        "give": forms.GiveForm(user=request.user, prefix="give") if page.may.give else None,
    }  # fmt: skip
    return render(request, "journal/duty.html", context)


def _act(request: HttpRequest, pk: object, form: Any, action: Callable[..., Any], done: str, **values: Any) -> HttpResponse:
    """Call an action on a duty and go back to where the form stood."""
    duty = duty_of(request, pk)
    if form is not None and not form.is_valid():
        faults(request, form)
    elif attempt(request, None, action, duty=duty, **(form.cleaned_data if form else {}), **values) is not None:
        messages.success(request, done)
    return back_to(request, reverse("journal:duty", args=[pk]))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_finish(request: HttpRequest, pk: object) -> HttpResponse:
    """Call a duty done."""
    done = _("Done. “Open again” on the page of the duty undoes it.")
    return _act(request, pk, forms.ResultForm(request.POST), actions.finish, done)


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Open an ended duty again."""
    return _act(request, pk, None, actions.reopen, _("The duty is open again."))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Call a duty off."""
    done = _("Called off. “Open again” undoes it.")
    return _act(request, pk, forms.ReasonForm(request.POST), actions.drop, done)


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_snooze(request: HttpRequest, pk: object) -> HttpResponse:
    """Put a duty aside for now."""
    return _act(request, pk, forms.SnoozeForm(request.POST, prefix="snooze"), actions.snooze, _("Put aside; the due day stays."))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_give(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a duty to another person."""
    return _act(request, pk, forms.GiveForm(request.POST, user=request.user, prefix="give"), actions.give, _("The duty was given on."))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def duty_ask_for_time(request: HttpRequest, pk: object) -> HttpResponse:
    """Ask for another due day."""
    done = _("Asked for. Until it is decided the due day stays.")
    return _act(request, pk, forms.TimeForm(request.POST, prefix="time"), actions.ask_for_time, done)


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def request_decide(request: HttpRequest, pk: object) -> HttpResponse:
    """Grant or refuse another due day."""
    found, form = request_of(request, pk), forms.AnswerForm(request.POST)
    if not form.is_valid():
        faults(request, form)
    elif attempt(request, None, actions.decide, request=found, **form.cleaned_data):
        messages.success(request, _("Decided."))
    return back_to(request, reverse("journal:duty", args=[found.duty.public_id]))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def request_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take one's own request back."""
    found = request_of(request, pk)
    attempt(request, None, actions.withdraw_request, request=found)
    return back_to(request, reverse("journal:duty", args=[found.duty.public_id]))


# --- a week -----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def week(request: HttpRequest) -> HttpResponse:
    """The duties of a week, day by day, with days off marked."""
    local, form = queries.now(), forms.DutyFilter(request.GET, user=request.user)
    try:
        wanted_day = dt.date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        wanted_day = local.date()
    found = queries.week(request.user, form.wanted(), wanted_day, local)
    context = {"week": found, "whose": form.wanted().whose, "choices": forms.WHOSE, "today": local.date()}
    return render(request, "journal/week.html", context)
