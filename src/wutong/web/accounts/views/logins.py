"""Pages about log-in: one's sessions and second factor, and what the security administrator sees and does of others'."""

from __future__ import annotations

from textwrap import wrap
from typing import Any
from urllib.parse import quote

import qrcode
from allauth.mfa.totp.internal.auth import generate_totp_secret
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from qrcode.image.svg import SvgPathImage

from wutong.web.accounts import forms, sheets
from wutong.web.accounts.actions import factors, lockouts, sessions
from wutong.web.accounts.models import LoginSession, User
from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.logins import SessionEnd
from wutong.web.accounts.views.answers import LOCKOUT_COLUMNS, SESSION_COLUMNS, attempt, draw_form, get_or_post
from wutong.web.accounts.views.login import confirmed, session_of
from wutong.web.audit import actions as audit
from wutong.web.lib import htmx, lists, spreadsheets
from wutong.web.lib.access import require_permission

SECRET = "factor_secret"  # noqa: S105 - the name under which a session keeps a secret until its first code


def _picture_of(person: User, secret: str) -> dict[str, str]:
    """What a phone needs to show codes: a picture to scan (SVG), the address in it, and the secret in groups to be typed."""
    name, issuer = quote(person.username), quote(settings.MFA_TOTP_ISSUER)
    address = f"otpauth://totp/{issuer}:{name}?secret={secret}&issuer={issuer}"
    picture = qrcode.make(address, image_factory=SvgPathImage, box_size=16, border=4)
    return {"picture": picture.to_string(encoding="unicode"), "address": address, "secret": " ".join(wrap(secret, 4))}


# --- one's sessions ---------------------------------------------------------------------------------------------------------------------
@require_GET
def my_sessions(request: HttpRequest) -> HttpResponse:
    """Where one is logged in, and had been."""
    return render(request, "accounts/sessions.html", _places(request, User.objects.get(pk=request.user.pk)))


def _places(request: HttpRequest, person: User) -> dict[str, Any]:
    now = timezone.now()
    past = queries.past_sessions_of(person, request.user, at=now)
    return {
        "live": queries.sessions_of(person, request.user, at=now), "this": session_of(request), "bounds": queries.session_bounds(now),
        "past": lists.of_queryset(request.GET, past, columns=SESSION_COLUMNS, default="-started"), "today": timezone.localdate(now),
    }  # fmt: skip


@require_POST
def session_end(request: HttpRequest, pk: object) -> HttpResponse:
    """End one session, one's own or, as security administrator, another person's."""
    found = get_object_or_404(LoginSession.objects.visible_to(request.user).select_related("user__unit"), public_id=pk)
    attempt(forms.ReasonForm(), sessions.end, session=found, by=request.user, at=timezone.now())
    messages.success(request, _("The session is ended."))
    return redirect("accounts:sessions") if found.user_id == request.user.pk else redirect("accounts:logins-of", found.user.public_id)


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    own = User.objects.get(pk=request.user.pk)
    count = sessions.end_all(user=own, why=SessionEnd.BY_HIMSELF, by=request.user, at=timezone.now(), but=session_of(request))
    messages.success(
        request, ngettext("%(count)s other session is ended.", "%(count)s other sessions are ended.", count) % {"count": count}
    )
    return redirect("accounts:sessions")


# --- one's second factor ----------------------------------------------------------------------------------------------------------------
@get_or_post
@confirmed
def factor(request: HttpRequest) -> HttpResponse:
    """One's second factor: how it stands, or its set-up with a picture to scan."""
    own = User.objects.get(pk=request.user.pk)
    state = queries.factor_of(own)
    if state:
        return render(request, "accounts/factor.html", {"state": state, "is_needed": own.must_set_up_second_factor(has_factor=False)})
    form, secret = forms.CodeForm(request.POST or None), request.session.get(SECRET) or generate_totp_secret()
    request.session[SECRET] = secret
    if request.method == "POST" and form.is_valid():
        values = {"secret": secret, "code": form.cleaned_data["code"], "session": session_of(request)}
        if codes := attempt(form, factors.set_up, user=own, **values, at=timezone.now()):
            return _show_codes(request, codes)
    context = {"form": form, **_picture_of(own, secret), "is_needed": own.must_set_up_second_factor(has_factor=False)}
    return render(request, "accounts/factor_new.html", context, status=422 if form.is_bound else 200)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Recovery codes, this once."""
    request.session.pop(SECRET, None)
    request.session["second_factor"] = True
    heading = _("Recovery codes of %(name)s, Wutong") % {"name": request.user.username}  # type: ignore[union-attr]
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "file": "\r\n".join([heading, "", *codes, ""])})


@require_POST
@confirmed
def codes_renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    form = forms.CodeForm(data={})
    codes = attempt(form, factors.renew_codes, user=User.objects.get(pk=request.user.pk), at=timezone.now())
    return _show_codes(request, codes) if codes else redirect("accounts:factor")


@require_POST
@confirmed
def factor_remove(request: HttpRequest) -> HttpResponse:
    """Do without the second factor again."""
    form = forms.CodeForm(data={})
    attempt(form, factors.remove, user=User.objects.get(pk=request.user.pk), at=timezone.now())
    for error in form.non_field_errors():
        messages.error(request, error)
    if not form.non_field_errors():
        request.session["second_factor"] = False
        messages.success(request, _("Log-in asks for the password alone again."))
    return redirect("accounts:profile")


# --- what the security administrator does -----------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.LOGINS_EDIT)
def logins_of(request: HttpRequest, pk: object) -> HttpResponse:
    """How a person logs in: second factor, sessions, tokens."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    if person != request.user:
        audit.record_look(action="accounts.look_logins", record_=person, by=request.user, at=timezone.now())
    context = {
        **_places(request, person), "person": person, "state": queries.factor_of(person), "is_own": person == request.user,
        "is_needed": person.must_set_up_second_factor(has_factor=False), "tokens": queries.tokens_of(person, request.user),
    }  # fmt: skip
    return render(request, "accounts/logins.html", context)


@require_POST
@require_permission(Permission.LOGINS_EDIT)
def sessions_end_of(request: HttpRequest, pk: object) -> HttpResponse:
    """End every session of a person."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    count = sessions.end_all(user=person, why=SessionEnd.BY_ADMINISTRATOR, by=request.user, at=timezone.now())
    messages.success(request, ngettext("%(count)s session is ended.", "%(count)s sessions are ended.", count) % {"count": count})
    return redirect("accounts:logins-of", pk)


@get_or_post
@require_permission(Permission.LOGINS_EDIT)
def factor_reset(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a lost second factor away from somebody, who is told."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), public_id=pk)
    form, back = forms.ReasonForm(request.POST or None), reverse("accounts:logins-of", args=[pk])
    if request.method == "POST" and form.is_valid():
        attempt(form, factors.reset, user=person, **form.cleaned_data, by=request.user, at=timezone.now())
        if not form.errors:
            messages.success(request, _("The second factor of %(name)s is reset; the person was told.") % {"name": person})
            return redirect(back)
    return draw_form(request, form, _("Reset the second factor of %(name)s") % {"name": person}, back)


@require_GET
@require_permission(Permission.LOGINS_EDIT)
def lockout_list(request: HttpRequest) -> HttpResponse:
    """Who is locked out or near it: since when, from where, after how many attempts."""
    form = forms.LockoutFilter(request.GET)
    rows = form.filtered(queries.lockouts(request.user, at=timezone.now()))
    listing = lists.of_sequence(request.GET, rows, columns=LOCKOUT_COLUMNS, default="-last", form=form)
    context = {"form": form, "list": listing, "hours": settings.AXES_COOLOFF_TIME, "failures": settings.AXES_FAILURE_LIMIT}
    return htmx.render(request, "accounts/lockouts.html", "accounts/_lockouts.html", context)


@require_GET
@require_permission(Permission.LOGINS_EDIT)
def lockout_export(request: HttpRequest) -> HttpResponse:
    """The filtered lock-outs as a spreadsheet; the export is written down."""
    found = forms.LockoutFilter(request.GET).filtered(queries.lockouts(request.user, at=timezone.now()))
    rows = sheets.lockout_rows(sorted(found, key=lambda row: row.last, reverse=True))
    response: Any = spreadsheets.download(_("Lock-outs"), sheets.LOCKOUT_COLUMNS, rows)
    values = {"filters": request.GET.urlencode(), "rows": response.row_count}
    audit.record_export(action="accounts.export_lockouts", by=request.user, at=timezone.now(), **values)
    return response


@get_or_post
@require_permission(Permission.LOGINS_EDIT)
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a name in again from an address, with a reason."""
    found = get_object_or_404(AccessAttempt, pk=pk)
    return _unlock(request, found.username or "", found.ip_address or "")


@get_or_post
@require_permission(Permission.LOGINS_EDIT)
def unlock_person(request: HttpRequest, pk: object) -> HttpResponse:
    """Let a person in again who gave too many wrong codes, with a reason; wrong passwords from everywhere are forgotten too."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=pk)
    return _unlock(request, person.username, "")


def _unlock(request: HttpRequest, username: str, ip: str) -> HttpResponse:
    form: Any = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt(form, lockouts.unlock, username=username, ip=ip, **form.cleaned_data, by=request.user, at=timezone.now())
        if not form.errors:
            messages.success(request, _("%(name)s can log in again.") % {"name": username})
            return redirect("accounts:lockouts")
    where = _("Unlock %(name)s from %(address)s") % {"name": username, "address": ip} if ip else _("Unlock %(name)s") % {"name": username}
    return draw_form(request, form, where, reverse("accounts:lockouts"))
