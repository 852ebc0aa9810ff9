"""How allauth logs people in here: who may, what is written down, which code is asked for, and that the session is remembered."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from allauth.account import views as login_views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth import user_login_failed
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy

from wutong.web.accounts import forms
from wutong.web.accounts.actions import factors, login, oneself, sessions
from wutong.web.accounts.models import User
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules import logins as login_rules
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.accounts.views.answers import REFUSALS, get_or_post

NOTED_EVERY_SECONDS = 60
CONFIRMED_FOR_SECONDS = 300


class Backend(AuthenticationBackend):
    """Passwords as allauth checks them; accounts of the demo are of no use outside it."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Asked at log-in, and at every click of a session."""
        return bool(user.may_log_in)


class LoginAdapter(DefaultAccountAdapter):
    """Tells allauth that nobody signs up by himself, and the audit room who logs in."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The user name or the password is wrong."),
        "too_many_login_attempts": gettext_lazy("Too many wrong passwords. Try again later."),
        "enter_current_password": gettext_lazy("The present password is wrong."),
        "password_is_off": gettext_lazy("The office logs in by sign-on; only the security administrator uses a password here."),
        "one_time_is_over": gettext_lazy("This one-time password is no longer valid. Ask whoever gave it for a new one."),
        "same_password": gettext_lazy("The new password must differ from the present one."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the system administrator."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """By password; where the office signs on elsewhere, that stays to the security administrator alone."""
        user = super().authenticate(request, **credentials)
        if user is not None and settings.IS_PASSWORD_OFF and not user.may(Permission.LOGINS_EDIT):
            self.authentication_failed(request, **credentials)
            user_login_failed.send(__name__, credentials=credentials | {"password": "***"}, request=request)  # counted as a wrong one
            return None
        if user is not None and user.is_one_time_over(on=timezone.localdate()):
            self.authentication_failed(request, **credentials)
            raise self.validation_error("one_time_is_over")
        return user

    def validation_error(self, code: str, *args: Any) -> Any:
        """Where passwords are off, right and wrong ones get the same answer, or a password could be tried out here."""
        is_off = code == "username_password_mismatch" and settings.IS_PASSWORD_OFF
        return super().validation_error("password_is_off" if is_off else code, *args)

    def pre_login(self, request: HttpRequest, user: Any, **hooks: Any) -> HttpResponse | None:
        """Closed accounts, and those of the demo outside it, whichever way they come."""
        if not user.may_log_in:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **hooks)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Log in, write it down and remember where."""
        with transaction.atomic():
            super().login(request, user)
            now = timezone.now()
            login.record_login(user=user, at=now)
            device = device_of(request.headers.get("User-Agent", ""))
            begun = sessions.begin(user=user, key=request.session.session_key or "", device=device, by=user, at=now)
            idle = queries.session_bounds(now).idle_minutes
            request.session["login"] = {"session": begun.pk, "started": now.timestamp(), "used": now.timestamp(), "idle": idle}
            records = get_authentication_records(request, user)
            request.session["signed_on"] = any(record["method"] == "socialaccount" for record in records)
            request.session["second_factor"] = queries.factor_of(user) is not None

    def logout(self, request: HttpRequest) -> None:
        """Log out and write it down."""
        if request.user.is_authenticated:
            login.record_logout(user=request.user, at=timezone.now())
            if known := request.session.get("login"):
                sessions.lapse(pk=known["session"], why=SessionEnd.LOGGED_OUT, by=request.user, at=timezone.now())
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure down."""
        login.record_failed_login(username=str(credentials.get("username", "")), at=timezone.now())

    def clean_password(self, password: str, user: Any = None) -> str:
        """Why: whoever handed over a one-time password knows it; taken again as the new one, it would stay in use."""
        cleaned = super().clean_password(password, user)
        if user is not None and user.check_password(cleaned):
            raise self.validation_error("same_password")
        return cleaned

    def set_password(self, user: Any, password: str) -> None:
        """A person changes his own password."""
        oneself.set_own_password(user=user, password=password, at=timezone.now(), session=session_of(self.request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's profile."""
        return reverse("accounts:profile")

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The pages say it themselves."""


class FactorAdapter(DefaultMFAAdapter):
    """Second factors as allauth keeps them, their secrets under the key of the server."""

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return factors.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """As it is used."""
        return factors.decrypt(encrypted_text)


_BROWSERS = {
    "DingTalk": "DingTalk",
    "MicroMessenger": "WeChat",
    "Edg/": "Edge",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS", "Linux": "Linux"}


def device_of(agent: str) -> str:
    """Browser and system by the line with which a browser names itself; empty where it names neither."""
    names = [next((name for sign, name in known.items() if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name)


# --- the session ------------------------------------------------------------------------------------------------------------------------
def session_of(request: HttpRequest) -> int | None:
    """The key of the present session's row."""
    known = request.session.get("login") or {}
    return known.get("session")


class Sessions:
    """Middleware: a session that is idle, too old or was ended lets nobody in any more; the log-in page says why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if why := self._over(request):
                request.session.flush()
                request.user = AnonymousUser()
                request.why_ended = lambda: why  # type: ignore[attr-defined]
        elif key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            request.why_ended = lambda: queries.why_ended(key)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _over(self, request: HttpRequest) -> SessionEnd | str | None:
        known, now = request.session.get("login"), timezone.now()
        if known is None:
            return SessionEnd.TOO_OLD
        moment, longest = now.timestamp(), dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
        started, used = (dt.datetime.fromtimestamp(known[name], now.tzinfo) for name in ("started", "used"))
        why = login_rules.session_end(started_at=started, used_at=used, at=now, idle_minutes=known["idle"], longest=longest)
        if why:
            sessions.lapse(pk=known["session"], why=why, by=None, at=now)
        elif moment - known["used"] >= NOTED_EVERY_SECONDS:
            if not sessions.use(pk=known["session"], key=request.session.session_key or "", by=request.user, at=now):
                return queries.why_ended(request.session.session_key or "") or SessionEnd.BY_ADMINISTRATOR
            request.session["login"] = {**known, "used": moment, "idle": queries.session_bounds(now).idle_minutes}
        return why


# --- the code ---------------------------------------------------------------------------------------------------------------------------
@get_or_post
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
def code(request: HttpRequest) -> HttpResponse:
    """After the password: the code of the phone, or a recovery code."""
    stage = request._login_stage  # type: ignore[attr-defined]
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = factors.check(user=stage.login.user, code=form.cleaned_data["code"], at=timezone.now())
        if refusal is None:
            record_authentication(request, stage.login.user, "mfa")
            return stage.exit()
        form.add_error("code", REFUSALS[refusal])
    return render(request, "account/code.html", {"form": form}, status=422 if form.is_bound else 200)


# --- to be sure who sits there ----------------------------------------------------------------------------------------------------------
def confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for the password or a code first, unless that was done a moment ago."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        records = get_authentication_records(request, request.user)
        if records and time.time() - records[-1]["at"] < CONFIRMED_FOR_SECONDS:
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.path})}")

    return guarded


@get_or_post
def confirm_by_code(request: HttpRequest) -> HttpResponse:
    """Confirm that it is oneself by a code instead of the password."""
    form, wanted = forms.CodeForm(request.POST or None), request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        refusal = factors.check(user=User.objects.get(pk=request.user.pk), code=form.cleaned_data["code"], at=timezone.now())
        if refusal is None:
            record_authentication(request, request.user, "mfa", reauthenticated=True)
            is_safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
            return redirect(wanted if is_safe else "accounts:profile")
        form.add_error("code", REFUSALS[refusal])
    return render(request, "account/confirm_by_code.html", {"form": form, "next": wanted}, status=422 if form.is_bound else 200)


def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; the session goes on under another key, which its row must know."""
    response: HttpResponse = login_views.password_change(request)
    if request.method == "POST" and request.user.is_authenticated and (known := session_of(request)):
        sessions.use(pk=known, key=request.session.session_key or "", by=request.user, at=timezone.now())
    return response
