"""Pages of people: list, export, one person, his account and postings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import people, postings
from wutong.web.accounts.models import Posting, StandIn, User
from wutong.web.accounts.queries import arrivals, roles
from wutong.web.accounts.queries import office as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import PEOPLE_COLUMNS, attempt, draw_form, get_or_post
from wutong.web.audit import actions as audit
from wutong.web.lib import access, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def user_list(request: HttpRequest) -> HttpResponse:
    """People: filter, sort, page."""
    form = forms.UserFilter(request.GET, user=request.user)
    found = form.filtered(queries.people(request.user, on=access.today()), on=access.today())
    listing = lists.of_queryset(request.GET, found, columns=PEOPLE_COLUMNS, default="username", form=form)
    context = {
        "form": form, "list": listing, "may_edit": request.user.may(Permission.USERS_EDIT),
        "may_export": request.user.may(Permission.ACCOUNTS_EXPORT), "may_post": request.user.may(Permission.POSTINGS_EDIT),
    }  # fmt: skip
    return htmx.render(request, "accounts/list.html", "accounts/_table.html", context)


@require_GET
@require_permission(Permission.ACCOUNTS_EXPORT)
def user_export(request: HttpRequest) -> HttpResponse:
    """The filtered people as a spreadsheet; the export is written down."""
    form = forms.UserFilter(request.GET, user=request.user)
    found = form.filtered(queries.people(request.user, on=access.today()), on=access.today())
    response = spreadsheets.download(_("People"), sheets.COLUMNS, sheets.rows(found))
    changes = {"filter": request.GET.urlencode(), "rows": response.row_count}  # type: ignore[attr-defined]
    audit.record(action="accounts.export_users", by=request.user, at=timezone.now(), object_type="accounts.User", changes=changes)
    return response


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def user_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A person with his postings."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    context = {
        "person": person,
        "postings": queries.postings_of(person, request.user),
        "proposals": arrivals.proposals_of(person, request.user),
        "stand_ins": queries.stand_ins_of(person, request.user),
        "officer": queries.officer_of(person, request.user),
        "may_list": request.user.may(Permission.OFFICERS_EDIT, person.unit.target()),
        "today": access.today(),
        "may_edit": request.user.may(Permission.USERS_EDIT, person.unit.target()) and person != request.user,
        "may_post": request.user.may(Permission.POSTINGS_EDIT) and person != request.user,
        "may_log_in": request.user.may(Permission.LOGINS_EDIT, person.unit.target()),
        "may_reset": queries.may_reset_password(person, on=access.today()),
    }
    return render(request, "accounts/detail.html", context)


@get_or_post
@require_permission(Permission.USERS_EDIT)
def user_new(request: HttpRequest) -> HttpResponse:
    """Add a person; the one-time password is shown once."""
    form = forms.UserForm(request.POST or None, user=request.user)
    is_filled = request.method == "POST" and form.is_valid()
    if is_filled and (made := attempt(form, people.create_user, **form.cleaned_data, by=request.user, at=timezone.now())):
        return render(request, "accounts/one_time_password.html", {"person": made[0], "password": made[1]}, status=201)
    return draw_form(request, form, _("New person"), reverse("accounts:list"))


@get_or_post
@require_permission(Permission.USERS_EDIT)
def user_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a person."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = forms.ChangeUserForm(request.POST or None, instance=person, user=request.user)
    is_filled = request.method == "POST" and form.is_valid()
    if is_filled and attempt(form, people.change_user, user=person, **form.cleaned_data, by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("accounts:detail", pk)
    return draw_form(request, form, _("Change person"), reverse("accounts:detail", args=[pk]))


@get_or_post
@require_permission(Permission.USERS_EDIT)
def user_leave(request: HttpRequest, pk: object) -> HttpResponse:
    """What a leaver holds and who takes it over; then his account is closed, all at once."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    held, today = queries.held_by(person), access.today()
    form = forms.LeaveForm(request.POST or None, user=request.user, person=person, held=held, on=today)
    form.is_bound = request.method == "POST"
    if form.is_bound and form.is_valid():
        values = {"user": person, "on": today, "successors": form.successors()}
        if attempt(form, people.deactivate, **values, by=request.user, at=timezone.now()):
            messages.success(request, _("The account of %(name)s is closed.") % {"name": person})
            return redirect("accounts:detail", pk)
    context = {"person": person, "form": form, "past": [holding for holding in held if not holding.hand_over]}
    return render(request, "accounts/leave.html", context, status=422 if form.is_bound else 200)


def _on_person(request: HttpRequest, pk: object, action: Any, done: str, **values: Any) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = Form(data={})
    if attempt(form, action, user=person, by=request.user, at=timezone.now(), **values):
        messages.success(request, done % {"name": person})
    for error in form.non_field_errors():
        messages.error(request, error)
    return redirect("accounts:detail", pk)


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_deactivate(request: HttpRequest, pk: object) -> HttpResponse:
    """Close an account."""
    return _on_person(request, pk, people.deactivate, _("The account of %(name)s is closed."), on=access.today())


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_reactivate(request: HttpRequest, pk: object) -> HttpResponse:
    """Open an account again."""
    return _on_person(request, pk, people.reactivate, _("The account of %(name)s is open again."))


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_reset_password(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a new one-time password, shown once."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = Form(data={})
    password = attempt(form, people.reset_password, user=person, by=request.user, at=timezone.now(), on=access.today())
    if password is None:
        messages.error(request, form.non_field_errors()[0])
        return redirect("accounts:detail", pk)
    return render(request, "accounts/one_time_password.html", {"person": person, "password": password})


# --- postings ------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.POSTINGS_EDIT)
def posting_new(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a person a posting."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    initial = {"unit": person.unit.public_id, "starts_on": access.today()}
    form = forms.PostingForm(request.POST or None, user=request.user, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, postings.post, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Posting added."))
        return redirect("accounts:detail", pk)
    title, back = _("New posting of %(name)s") % {"name": person}, reverse("accounts:detail", args=[pk])
    return draw_form(request, form, title, back, beside="accounts/_roles.html", roles=roles.chosen(request.POST.get("role", "")))


@get_or_post
@require_permission(Permission.POSTINGS_EDIT)
def posting_end(request: HttpRequest, pk: object) -> HttpResponse:
    """End a posting, or give it another end than the one that it has."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("user", "unit"), public_id=pk)
    kind = forms.ChangeEndForm if posting.ends_on else forms.EndPostingForm
    form, person = kind(request.POST or None, initial={"ends_on": posting.ends_on or access.today()}), posting.user.public_id
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, postings.set_end, posting=posting, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved.") if posting.ends_on else _("Posting ended."))
        return redirect("accounts:detail", person)
    title = _("End of the posting: %(posting)s") if posting.ends_on else _("End posting: %(posting)s")
    return draw_form(request, form, title % {"posting": posting}, reverse("accounts:detail", args=[person]))


# --- stand-ins ------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.POSTINGS_EDIT)
def stand_in_new(request: HttpRequest, pk: object) -> HttpResponse:
    """Let somebody do a person's work for a period."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    today = access.today()
    form = forms.StandInForm(request.POST or None, user=request.user, person=person, on=today, initial={"starts_on": today})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, postings.stand_in, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Stand-in arranged."))
        return redirect("accounts:detail", pk)
    return draw_form(request, form, _("Stand-in for %(name)s") % {"name": person}, reverse("accounts:detail", args=[pk]))


@get_or_post
@require_permission(Permission.POSTINGS_EDIT)
def stand_in_end(request: HttpRequest, pk: object) -> HttpResponse:
    """End a stand-in before its time."""
    found = get_object_or_404(StandIn.objects.visible_to(request.user).select_related("posting__user", "posting__unit"), public_id=pk)
    form, person = forms.EndPostingForm(request.POST or None, initial={"ends_on": access.today()}), found.posting.user.public_id
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, postings.end_stand_in, stand_in=found, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Stand-in ended."))
        return redirect("accounts:detail", person)
    return draw_form(request, form, _("End stand-in: %(stand_in)s") % {"stand_in": found}, reverse("accounts:detail", args=[person]))
