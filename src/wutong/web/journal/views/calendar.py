"""The working calendar, and how one is reminded."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import forms
from wutong.web.journal.actions import calendar as actions
from wutong.web.journal.actions import reminders
from wutong.web.journal.models import CalendarYear
from wutong.web.journal.queries import calendar as queries
from wutong.web.journal.queries import reminders as reminder_queries
from wutong.web.journal.views.answers import answered, attempt, get_or_post
from wutong.web.lib import access
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.CALENDAR_EDIT)
def calendar(request: HttpRequest) -> HttpResponse:
    """Which years are known, and by which notice."""
    return render(request, "journal/calendar.html", {"years": queries.years(request.user, this_year=access.today().year)})


@get_or_post
@require_permission(Permission.CALENDAR_EDIT)
@answered
def year_edit(request: HttpRequest, year: int) -> HttpResponse:
    """Enter a year as its notice names it."""
    known = CalendarYear.objects.visible_to(request.user).filter(year=year).first()
    initial = {"year": year}
    if known:
        initial |= {name: getattr(known, name).replace(",", "\n") for name in ("days_off", "work_days")} | {"document": known.document}
    form = forms.YearForm(request.POST or None, initial=initial)
    if form.is_valid() and attempt(request, form, actions.enter_year, **form.cleaned_data):
        messages.success(request, _("%(year)s is entered. Due days that were reckoned before stay.") % {"year": form.cleaned_data["year"]})
        return redirect("journal:calendar")
    return render(request, "journal/year.html", {"form": form, "year": year, "known": known}, status=422 if form.is_bound else 200)


@require_POST
@require_permission(Permission.CALENDAR_EDIT)
@answered
def year_drop(request: HttpRequest, year: int) -> HttpResponse:
    """Take an entered year back."""
    found = get_object_or_404(CalendarYear.objects.visible_to(request.user), year=year)
    attempt(request, None, actions.drop_year, year=found)
    messages.success(request, _("What was entered for %(year)s is taken back.") % {"year": year})
    return redirect("journal:calendar")


@get_or_post
@require_permission(Permission.JOURNAL_VIEW)
@answered
def reminding(request: HttpRequest) -> HttpResponse:
    """How one is reminded oneself."""
    setting = reminder_queries.setting_of(request.user)
    form = forms.RemindingForm(request.POST or None, instance=setting)
    if form.is_valid():
        reminders.choose(by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("journal:reminders")
    return render(request, "journal/reminders.html", {"form": form}, status=422 if form.is_bound else 200)
