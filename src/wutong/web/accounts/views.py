"""Pages of the organisation: units, people, postings, one's own profile; and what happens around a log-in."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts import actions, forms, queries, sheets
from wutong.web.accounts.models import Posting, SavedView, Unit, User
from wutong.web.accounts.rules import Permission, Refusal
from wutong.web.audit import actions as audit
from wutong.web.lib import access, htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

PEOPLE_COLUMNS = (
    lists.Column("name", gettext_lazy("Name"), ("display_name",)),
    lists.Column("username", gettext_lazy("User name"), ("username",)),
    lists.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    lists.Column("postings", gettext_lazy("Postings")),
    lists.Column("state", gettext_lazy("Account"), ("is_active",)),
    lists.Column("login", gettext_lazy("Last log-in"), ("last_login",), "date"),
)

TREE = (lists.Column("unit", gettext_lazy("Unit"), ("path",)),)  # a tree has one order

REFUSALS = {
    Refusal.OWN_POSTING: gettext_lazy("Nobody may give or take a posting of his own; another security administrator must do it."),
    Refusal.ADMINISTRATOR_ALONE: gettext_lazy(
        "A system, security or audit administrator holds no other role at the same time (separation of the three administrators)."
    ),
    Refusal.ALREADY_POSTED: gettext_lazy("The person already holds this role at this unit in that period."),
    Refusal.UNKNOWN_ROLE: gettext_lazy("The rulebook has no such role."),
    Refusal.ENDS_BEFORE_START: gettext_lazy("The posting would end before it begins."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account is inactive; reactivate it first."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.ALREADY_ENDED: gettext_lazy("The posting ends on that day or earlier already."),
    Refusal.OWN_ACCOUNT: gettext_lazy("Nobody may do this to his own account."),
    Refusal.UNDER_ITSELF: gettext_lazy("A unit cannot stand under itself or one of its own units."),
    Refusal.RESET_OF_ADMINISTRATOR: gettext_lazy(
        "Nobody gives a system, security or audit administrator a password on these pages (separation of the three administrators). "
        "The operator of the server does it with the command give_administrator_password."
    ),
    Refusal.LAST_ADMINISTRATOR: gettext_lazy("The last administrator of this kind; post another one first."),
}


class LoginAdapter(DefaultAccountAdapter):
    """Tells allauth that nobody signs up by himself, and the audit room who logs in."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The user name or the password is wrong."),
        "too_many_login_attempts": gettext_lazy("Too many wrong passwords. Try again later."),
        "enter_current_password": gettext_lazy("The present password is wrong."),
        "same_password": gettext_lazy("The new password must differ from the present one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the system administrator."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log in and write it down."""
        with transaction.atomic():
            super().login(request, user)
            actions.record_login(user=user, at=timezone.now())

    def logout(self, request: HttpRequest) -> None:
        """Log out and write it down."""
        if request.user.is_authenticated:
            actions.record_logout(user=request.user, at=timezone.now())
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure down."""
        actions.record_failed_login(username=str(credentials.get("username", "")), at=timezone.now())

    def clean_password(self, password: str, user: Any = None) -> str:
        """Why: whoever handed over a one-time password knows it; taken again as the new one, it would stay in use."""
        cleaned = super().clean_password(password, user)
        if user is not None and user.check_password(cleaned):
            raise self.validation_error("same_password")
        return cleaned

    def set_password(self, user: Any, password: str) -> None:
        """A person changes his own password."""
        actions.set_own_password(user=user, password=password, at=timezone.now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's profile."""
        return reverse("accounts:profile")

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The pages say it themselves."""


def _attempt(form: Form, action: Any, **values: Any) -> Any:
    """Run an action; what the rules refuse becomes an error of the form, and None comes back."""
    try:
        return action(**values)
    except actions.Refused as refused:
        for refusal in refused.refusals:
            form.add_error(None, REFUSALS[refusal])
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    return None


def _draw_form(request: HttpRequest, form: Form, title: str, back: str, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "accounts/form.html", {"form": form, "title": title, "back": back, **more}, status=status)


# --- units ----------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def unit_list(request: HttpRequest) -> HttpResponse:
    """The organisation tree, page by page."""
    listing = lists.of_queryset(request.GET, queries.units(request.user), columns=TREE, default="unit")
    context = {"units": listing.rows, "page": listing.page, "may_edit": request.user.may(Permission.UNITS_EDIT)}
    return render(request, "accounts/units.html", context)


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def unit_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A unit, what stands below it, and its people."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user).select_related("parent"), public_id=pk)
    people = queries.people(request.user, on=access.today()).filter(unit=unit)
    listing = lists.of_queryset(request.GET, people, columns=PEOPLE_COLUMNS, default="username")
    children = queries.units(request.user).filter(parent=unit)
    may_edit = request.user.may(Permission.UNITS_EDIT, unit.target())
    context = {
        "unit": unit, "people": listing.rows, "list": listing, "children": children, "may_edit": may_edit,
        "is_parent_visible": Unit.objects.visible_to(request.user).filter(pk=unit.parent_id).exists(),
    }  # fmt: skip
    return render(request, "accounts/unit.html", context)


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    form = forms.UnitForm(request.POST or None, user=request.user, initial={"parent": request.GET.get("parent")})
    if request.method == "POST" and form.is_valid():
        unit = _attempt(form, actions.add_unit, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Unit “%(name)s” added.") % {"name": unit})
        return redirect("accounts:unit", unit.public_id)
    return _draw_form(request, form, _("New unit"), reverse("accounts:units"))


@get_or_post
@require_permission(Permission.UNITS_EDIT)
def unit_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Rename or move a unit."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), public_id=pk)
    form = forms.UnitForm(request.POST or None, instance=unit, user=request.user)
    if (
        request.method == "POST"
        and form.is_valid()
        and _attempt(form, actions.change_unit, unit=unit, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved."))
        return redirect("accounts:unit", pk)
    return _draw_form(request, form, _("Change unit"), reverse("accounts:unit", args=[pk]))


# --- people ---------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def user_list(request: HttpRequest) -> HttpResponse:
    """People: filter, sort, page."""
    form = forms.UserFilter(request.GET, user=request.user)
    found = form.filtered(queries.people(request.user, on=access.today()), on=access.today())
    listing = lists.of_queryset(request.GET, found, columns=PEOPLE_COLUMNS, default="username", form=form)
    context = {
        "form": form, "list": listing, "may_edit": request.user.may(Permission.USERS_EDIT),
        "may_export": request.user.may(Permission.ACCOUNTS_EXPORT),
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
        "today": access.today(),
        "may_edit": request.user.may(Permission.USERS_EDIT, person.unit.target()) and person != request.user,
        "may_post": request.user.may(Permission.POSTINGS_EDIT) and person != request.user,
        "may_reset": queries.may_reset_password(person, on=access.today()),
    }
    return render(request, "accounts/detail.html", context)


@get_or_post
@require_permission(Permission.USERS_EDIT)
def user_new(request: HttpRequest) -> HttpResponse:
    """Add a person; the one-time password is shown once."""
    form = forms.UserForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        person, password = _attempt(form, actions.create_user, **form.cleaned_data, by=request.user, at=timezone.now())
        return render(request, "accounts/one_time_password.html", {"person": person, "password": password}, status=201)
    return _draw_form(request, form, _("New person"), reverse("accounts:list"))


@get_or_post
@require_permission(Permission.USERS_EDIT)
def user_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change a person."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = forms.UserForm(request.POST or None, instance=person, user=request.user)
    if request.method == "POST" and form.is_valid():
        _attempt(form, actions.change_user, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("accounts:detail", pk)
    return _draw_form(request, form, _("Change person"), reverse("accounts:detail", args=[pk]))


def _on_person(request: HttpRequest, pk: object, action: Any, done: str, **values: Any) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = Form(data={})
    if _attempt(form, action, user=person, by=request.user, at=timezone.now(), **values):
        messages.success(request, done % {"name": person})
    for error in form.non_field_errors():
        messages.error(request, error)
    return redirect("accounts:detail", pk)


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_deactivate(request: HttpRequest, pk: object) -> HttpResponse:
    """Close an account."""
    return _on_person(request, pk, actions.deactivate, _("The account of %(name)s is closed."), on=access.today())


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_reactivate(request: HttpRequest, pk: object) -> HttpResponse:
    """Open an account again."""
    return _on_person(request, pk, actions.reactivate, _("The account of %(name)s is open again."))


@require_POST
@require_permission(Permission.USERS_EDIT)
def user_reset_password(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a new one-time password, shown once."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    form = Form(data={})
    password = _attempt(form, actions.reset_password, user=person, by=request.user, at=timezone.now(), on=access.today())
    if password is None:
        messages.error(request, form.non_field_errors()[0])
        return redirect("accounts:detail", pk)
    return render(request, "accounts/one_time_password.html", {"person": person, "password": password})


# --- postings -------------------------------------------------------------------------------------------------------------------------
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
        and _attempt(form, actions.post, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Posting added."))
        return redirect("accounts:detail", pk)
    return _draw_form(request, form, _("New posting of %(name)s") % {"name": person}, reverse("accounts:detail", args=[pk]))


@get_or_post
@require_permission(Permission.POSTINGS_EDIT)
def posting_end(request: HttpRequest, pk: object) -> HttpResponse:
    """End a posting."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("user", "unit"), public_id=pk)
    form = forms.EndPostingForm(request.POST or None, initial={"ends_on": access.today()})
    person = posting.user.public_id
    if (
        request.method == "POST"
        and form.is_valid()
        and _attempt(form, actions.end_posting, posting=posting, **form.cleaned_data, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Posting ended."))
        return redirect("accounts:detail", person)
    return _draw_form(request, form, _("End posting: %(posting)s") % {"posting": posting}, reverse("accounts:detail", args=[person]))


# --- oneself --------------------------------------------------------------------------------------------------------------------------
@get_or_post
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, language and postings."""
    form = forms.ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        person = actions.change_own_profile(**form.cleaned_data, by=request.user, at=timezone.now())
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    postings = queries.postings_of(request.user, request.user)
    return render(request, "accounts/profile.html", {"form": form, "postings": postings}, status=422 if form.is_bound else 200)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept in a cookie, and for somebody logged in as his own setting."""
    form = forms.LanguageForm(request.POST)
    wanted = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(wanted if is_safe else reverse("home"))
    if not form.is_valid():
        return response
    language = form.cleaned_data["language"]
    if request.user.is_authenticated:
        actions.change_own_profile(by=request.user, at=timezone.now(), language=language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


# --- saved views ----------------------------------------------------------------------------------------------------------------------
@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep a list as it is filtered and sorted now."""
    form = forms.SaveViewForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, errors[0])
        return redirect("home")
    page, _mark, query = form.cleaned_data["address"].partition("?")
    view = actions.save_view(page=page, name=form.cleaned_data["name"], query=query, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view.name})
    return HttpResponseRedirect(view.address)


@require_POST
def view_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Drop one's own saved view; the list stays as it is."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), public_id=pk)
    actions.drop_view(view=view, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The view “%(name)s” is dropped.") % {"name": view.name})
    return HttpResponseRedirect(view.page)
