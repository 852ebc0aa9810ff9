"""Pages of what local firms seek, who fits it, and the log-ins of firms: for the office."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, htmx
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.partners import forms
from wutong.web.partners.actions import inviting
from wutong.web.partners.actions import seeking as acting
from wutong.web.partners.models import FirmAccount, Seeking
from wutong.web.partners.queries import lists, matches, segments
from wutong.web.partners.rules import SeekingState
from wutong.web.partners.views.answers import answered, attempt, draw_form, exported, get_or_post, posted, row_of
from wutong.web.partners.views.partners import panels_of

COLUMNS = (
    listings.Column("what", pgettext_lazy("seeking", "What"), ("what",)),
    listings.Column("firm", gettext_lazy("Firm"), ("firm__name",)),
    listings.Column("kind", gettext_lazy("Seeks"), ("kind",)),
    listings.Column("amount", gettext_lazy("Amount (10,000 yuan)"), ("amount_10k_yuan",), "number"),
    listings.Column("state", pgettext_lazy("seeking", "State"), ("state",)),
    listings.Column("until", gettext_lazy("Valid until"), ("valid_until",), "date"),
    listings.Column("owner", gettext_lazy("Looked after by"), ("owner__display_name",)),
    listings.Column("entered", gettext_lazy("Handed in"), ("entered_at",), "date"),
)
ACCOUNTS = (
    listings.Column("person", gettext_lazy("Person of the firm"), ("user__display_name",)),
    listings.Column("firm", gettext_lazy("Firm"), ("firm__name",)),
    listings.Column("username", gettext_lazy("User name"), ("user__username",)),
    listings.Column("unit", gettext_lazy("Unit"), ("unit__path",)),
    listings.Column("invited", gettext_lazy("Invited"), ("invited_at",), "date"),
    listings.Column("by", gettext_lazy("Invited by"), ("invited_by__display_name",)),
    listings.Column("ended", gettext_lazy("Ended"), ("ended_at",), "date"),
)
FIELDS = ("kind", "what", "product", "amount_10k_yuan", "terms", "valid_until")


def found_seekings(user: Any, query: Any) -> Any:
    """The things sought that a query string asks for, the newest first."""
    return forms.SeekingFilter(query, user=user).filtered(lists.seekings(user)).order_by("-entered_at", "-pk")


def found_accounts(user: Any, query: Any) -> Any:
    """The log-ins that a query string asks for, the newest first."""
    form = forms.AccountFilter(query)
    asked = form.cleaned_data if form.is_valid() else {}
    found = lists.accounts(user, state=asked.get("state", ""))
    text = asked.get("text", "")
    return found.filter(Q(firm__name__icontains=text) | Q(user__display_name__icontains=text)) if text else found


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def seeking_list(request: HttpRequest) -> HttpResponse:
    """What local firms seek: filter, sort, page."""
    form, user = forms.SeekingFilter(request.GET, user=request.user), request.user
    listing = listings.of_queryset(request.GET, form.filtered(lists.seekings(user)), columns=COLUMNS, default="-entered", form=form)
    lists.shown_seekings(listing.rows, access.today())  # type: ignore[arg-type]
    may = {"may_edit": user.may(Permission.PARTNERS_EDIT), "may_export": user.may(Permission.PARTNERS_EXPORT)}  # type: ignore[union-attr]
    return htmx.render(request, "partners/seekings.html", "partners/_seekings.html", {"form": form, "list": listing, **may})


@require_GET
@require_permission(Permission.PARTNERS_EXPORT)
def seeking_export(request: HttpRequest) -> HttpResponse:
    """The filtered things sought as a spreadsheet."""
    return exported(request, "partners.seekings", found_seekings(request.user, request.GET).count())


def _seeking(request: HttpRequest, pk: object, *, must_work: bool = False) -> Seeking:
    related = ("firm", "unit", "owner", "answered_by", "entered_by")
    found: Seeking = row_of(request, Seeking, pk, *related, must_work=must_work)
    return found


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def seeking(request: HttpRequest, pk: object) -> HttpResponse:
    """What a firm seeks, the answer, and who fits it."""
    found = _seeking(request, pk)
    lists.shown_seekings([found], access.today())
    context = {
        "seeking": found, "may": lists.may(request.user, found), "answer_form": forms.AnswerForm(initial={"text": found.answer}),
        "end_form": forms.EndForm(), "panels": panels_of(request, "partners.Seeking"),
    }  # fmt: skip
    return render(request, "partners/seeking.html", context)


@require_GET
@require_permission(Permission.PARTNERS_VIEW)
@answered
def seeking_matches(request: HttpRequest, pk: object) -> HttpResponse:
    """Who fits what a firm seeks: a part of its page, and a page of its own."""
    found = _seeking(request, pk)
    context = {"seeking": found, "found": matches.of_seeking(found, request.user, access.today())}
    return htmx.render(request, "partners/matches.html", "partners/_matches.html", context)


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def seeking_new(request: HttpRequest) -> HttpResponse:
    """Enter what a local firm seeks."""
    form = forms.SeekingForm(posted(request), user=request.user, initial={"firm_id": request.GET.get("firm", "")})
    if request.method == "POST" and form.is_valid() and (made := attempt(request, form, acting.seek, **form.values())):
        messages.success(request, _("Entered. Below stands who fits."))
        return redirect("partners:seeking", made.public_id)
    return draw_form(request, form, _("What a firm seeks"), reverse("partners:seekings"))


def initial_of(found: Seeking) -> dict[str, Any]:
    """What a form shows of a thing sought."""
    meant = f"{found.chain}{segments.BETWEEN}{found.segment}" if found.segment else ""
    return {name: getattr(found, name) for name in FIELDS} | {"meant": meant}


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def seeking_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change what a firm seeks, or who looks after it."""
    found = _seeking(request, pk, must_work=True)
    initial = initial_of(found) | {"owner": found.owner.public_id}
    form = forms.SeekingChangeForm(posted(request), user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid() and attempt(request, form, acting.change, seeking=found, **form.values()):
        messages.success(request, _("Saved."))
        return redirect("partners:seeking", pk)
    return draw_form(request, form, _("Change what the firm seeks"), reverse("partners:seeking", args=[pk]))


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def seeking_answer(request: HttpRequest, pk: object) -> HttpResponse:
    """Answer the firm."""
    found, form = _seeking(request, pk, must_work=True), forms.AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the answer, in at most 1,000 characters."))
    elif attempt(request, None, acting.answer, seeking=found, **form.cleaned_data):
        messages.success(request, _("The firm reads the answer on its own page."))
    return redirect("partners:seeking", pk)


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def seeking_end(request: HttpRequest, pk: object) -> HttpResponse:
    """Call it found or withdrawn."""
    found, form = _seeking(request, pk, must_work=True), forms.EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose the outcome and write the reason in at most 200 characters."))
    else:
        state, reason = SeekingState(form.cleaned_data["state"]), form.cleaned_data["reason"]
        if attempt(request, None, acting.end, seeking=found, state=state, reason=reason):
            messages.success(request, _("Saved; “Seek again” undoes it."))
    return redirect("partners:seeking", pk)


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def seeking_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Seek it again."""
    if attempt(request, None, acting.reopen, seeking=_seeking(request, pk, must_work=True)):
        messages.success(request, _("It is sought again."))
    return redirect("partners:seeking", pk)


# --- log-ins of firms -----------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.PARTNERS_VIEW)
def account_list(request: HttpRequest) -> HttpResponse:
    """Log-ins of local firms: filter, sort, page."""
    form, user = forms.AccountFilter(request.GET), request.user
    listing = listings.of_queryset(request.GET, found_accounts(user, request.GET), columns=ACCOUNTS, default="-invited", form=form)
    may = {"may_edit": user.may(Permission.PARTNERS_EDIT), "may_export": user.may(Permission.PARTNERS_EXPORT)}  # type: ignore[union-attr]
    return htmx.render(request, "partners/accounts.html", "partners/_accounts.html", {"form": form, "list": listing, **may})


@require_GET
@require_permission(Permission.PARTNERS_EXPORT)
def account_export(request: HttpRequest) -> HttpResponse:
    """The filtered log-ins as a spreadsheet."""
    return exported(request, "partners.accounts", found_accounts(request.user, request.GET).count())


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def account_new(request: HttpRequest) -> HttpResponse:
    """Give a person of a firm a log-in; the one-time password is shown once."""
    form = forms.InviteForm(posted(request), user=request.user, initial={"firm_id": request.GET.get("firm", "")})
    if request.method == "POST" and form.is_valid() and (made := attempt(request, form, inviting.invite, **form.cleaned_data)):
        return render(request, "partners/password.html", {"account": made[0], "password": made[1]}, status=201)
    return draw_form(request, form, _("Log-in for a local firm"), reverse("partners:accounts"))


def _account(request: HttpRequest, pk: object) -> FirmAccount:
    if not request.user.may(Permission.PARTNERS_EDIT):  # type: ignore[union-attr]
        raise PermissionDenied
    return get_object_or_404(FirmAccount.objects.visible_to(request.user).select_related("user", "firm", "unit"), public_id=pk)


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def account_password(request: HttpRequest, pk: object) -> HttpResponse:
    """A new one-time password, shown once."""
    found = _account(request, pk)
    password = attempt(request, None, inviting.renew_password, account=found)
    return _password(request, found, password)


def _password(request: HttpRequest, found: FirmAccount, password: Any) -> HttpResponse:
    if password is None:
        return redirect("partners:accounts")
    found.user.refresh_from_db()
    return render(request, "partners/password.html", {"account": found, "password": password})


@get_or_post
@require_permission(Permission.PARTNERS_EDIT)
@answered
def account_end(request: HttpRequest, pk: object) -> HttpResponse:
    """End the log-in of a firm."""
    found, form = _account(request, pk), forms.ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid() and attempt(request, form, inviting.end, account=found, **form.cleaned_data):
        messages.success(request, _("The log-in has ended; “Open again” undoes it."))
        return redirect("partners:accounts")
    return draw_form(request, form, _("End the log-in of %(name)s") % {"name": found}, reverse("partners:accounts"))


@require_POST
@require_permission(Permission.PARTNERS_EDIT)
@answered
def account_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Open an ended log-in again, with a new one-time password."""
    found = _account(request, pk)
    return _password(request, found, attempt(request, None, inviting.reopen, account=found))
