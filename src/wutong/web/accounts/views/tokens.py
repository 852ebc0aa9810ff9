"""Tokens for the API: the page where a person makes and revokes them, and how a request with one is let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from ninja.security import HttpBearer

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import tokens
from wutong.web.accounts.models import ApiToken, User
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.views.answers import attempt, draw_form, get_or_post
from wutong.web.accounts.views.login import confirmed
from wutong.web.audit import actions as audit
from wutong.web.lib import access, spreadsheets

SCHEME = "bearer "
READING = {"GET", "HEAD", "OPTIONS"}


@require_GET
def my_tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens, newest first."""
    context = {"tokens": queries.tokens_of(request.user, request.user), "today": access.today(), "is_own": True}  # type: ignore[arg-type]
    return render(request, "accounts/tokens.html", context)


@require_GET
def token_export(request: HttpRequest, pk: object) -> HttpResponse:
    """A person's tokens as a spreadsheet: one's own, or as security administrator another's; the export is written down."""
    if str(request.user.public_id) == str(pk):  # type: ignore[union-attr]
        person = User.objects.get(pk=request.user.pk)
    elif not request.user.may(Permission.LOGINS_EDIT):  # type: ignore[union-attr]
        raise PermissionDenied
    else:
        person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    rows = sheets.token_rows(queries.tokens_of(person, request.user), access.today())
    response: Any = spreadsheets.download(_("API tokens"), sheets.TOKEN_COLUMNS, rows)
    told = {"filter": str(person), "rows": response.row_count}
    audit.record(action="accounts.export_tokens", by=request.user, at=timezone.now(), obj=person, changes=told)
    return response


@get_or_post
@confirmed
def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is shown once."""
    own = User.objects.get(pk=request.user.pk)
    form = forms.TokenForm(request.POST or None, user=own, today=access.today())
    if request.method == "POST" and form.is_valid():
        made = attempt(form, tokens.make, user=own, **form.cleaned_data, at=timezone.now())
        if made:
            return render(request, "accounts/token_made.html", {"token": made[0], "secret": made[1]}, status=201)
    return draw_form(request, form, _("New token"), reverse("accounts:tokens"))


@require_POST
def token_revoke(request: HttpRequest, pk: object) -> HttpResponse:
    """Revoke a token, one's own or, as security administrator, another person's."""
    found = get_object_or_404(ApiToken.objects.visible_to(request.user).select_related("user__unit"), public_id=pk)
    attempt(forms.ReasonForm(), tokens.revoke, token=found, by=request.user, at=timezone.now())
    messages.success(request, _("The token %(name)s is revoked.") % {"name": found.name})
    return redirect("accounts:tokens") if found.user_id == request.user.pk else redirect("accounts:logins-of", found.user.public_id)


# --- a request with a token -------------------------------------------------------------------------------------------------------------
class ByToken:
    """Middleware: who calls the API with `Authorization: Bearer …` is the owner of that token, with no more than it gives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("Authorization", "")
        if not request.path.startswith("/api/") or given[: len(SCHEME)].lower() != SCHEME:
            return self.get_response(request)
        secret = given[len(SCHEME) :].strip()
        found = tokens.use(secret=secret, by=None, at=timezone.now())
        if found is None:
            return _wrong(request, secret)
        if not found.may_write and request.method not in READING:
            return access.problem(403, "this token may only read", "make one that may change records")
        user: Any = found.user
        user.token, request.user = found, user
        user.has_second_factor = queries.factor_of(user) is not None
        return self.get_response(request)


def _wrong(request: HttpRequest, secret: str) -> HttpResponse:
    """401, and 429 after too many from one address: then nothing more is looked up or written down."""
    credentials = {"username": access.TOKEN_LOGIN}
    if not AxesProxyHandler.is_allowed(request, credentials):
        return access.problem(429, "too many wrong tokens", "wait, or let the security administrator unlock this address")
    AxesProxyHandler.user_login_failed(ByToken, credentials, request)
    tokens.record_wrong(secret=secret, by=None, at=timezone.now())
    return access.problem(401, "wrong token", "it is unknown, over or revoked; make another on the page “My tokens”")


class TokenAuth(HttpBearer):
    """What the API's description says of tokens; the middleware has looked the token up already."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The owner, where the request came with a valid token."""
        return request.user if getattr(request.user, "token", None) else None
