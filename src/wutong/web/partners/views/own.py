"""The own pages of a local firm: what it seeks, what the office answered, what rooms above offer it. Nothing else is open to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access
from wutong.web.lib import lists as listings
from wutong.web.lib.access import require_permission
from wutong.web.partners import forms
from wutong.web.partners.actions import seeking as acting
from wutong.web.partners.models import FirmAccount, Seeking
from wutong.web.partners.queries import lists
from wutong.web.partners.rules import SeekingState
from wutong.web.partners.views.answers import answered, attempt, draw_form, get_or_post, posted
from wutong.web.partners.views.partners import panels_of
from wutong.web.partners.views.seekings import initial_of


def _mine(request: HttpRequest) -> tuple[FirmAccount | None, Any]:
    """The log-in in force, and what its firm seeks; nothing where the person is bound to no firm."""
    user: Any = request.user
    account = FirmAccount.objects.standing().filter(user_id=user.pk).select_related("firm", "unit").first()
    own = Seeking.objects.visible_to(user)
    return account, own.filter(firm=account.firm) if account else own.none()


@require_GET
@require_permission(Permission.PARTNERS_OWN_FIRM)
def mine(request: HttpRequest) -> HttpResponse:
    """The small home page of a firm."""
    account, found = _mine(request)
    page = listings.Page.of(request.GET, found.count(), 20)
    rows = list(found.order_by("state", "-entered_at", "-pk")[page.offset : page.offset + page.size])
    lists.shown_seekings(rows, access.today())
    panels = panels_of(request, "partners.FirmAccount")
    return render(request, "partners/mine.html", {"account": account, "rows": rows, "page": page, "panels": panels})


@get_or_post
@require_permission(Permission.PARTNERS_OWN_FIRM)
@answered
def mine_new(request: HttpRequest) -> HttpResponse:
    """Hand in what the firm seeks."""
    form = forms.OwnSeekingForm(posted(request))
    acting.account_of(request.user)
    if request.method == "POST" and form.is_valid() and attempt(request, form, acting.seek_for_own_firm, **form.values()):
        messages.success(request, _("Handed in. The bureau reads it and answers here."))
        return redirect("partners:mine")
    return draw_form(request, form, _("What we seek"), reverse("partners:mine"))


def _own(request: HttpRequest, pk: object) -> Seeking:
    return get_object_or_404(_mine(request)[1].select_related("firm", "unit"), public_id=pk)


@get_or_post
@require_permission(Permission.PARTNERS_OWN_FIRM)
@answered
def mine_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change what the firm seeks."""
    found = _own(request, pk)
    form = forms.OwnChangeForm(posted(request), initial=initial_of(found))
    if request.method == "POST" and form.is_valid() and attempt(request, form, acting.change, seeking=found, **form.values()):
        messages.success(request, _("Saved."))
        return redirect("partners:mine")
    return draw_form(request, form, _("Change what we seek"), reverse("partners:mine"))


@get_or_post
@require_permission(Permission.PARTNERS_OWN_FIRM)
@answered
def mine_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take back what the firm seeks."""
    found, form = _own(request, pk), forms.ReasonForm(posted(request))
    values = {"seeking": found, "state": SeekingState.WITHDRAWN}
    if request.method == "POST" and form.is_valid() and attempt(request, form, acting.end, **values, **form.cleaned_data):
        messages.success(request, _("Withdrawn; “Seek again” undoes it."))
        return redirect("partners:mine")
    return draw_form(request, form, _("Withdraw: %(what)s") % {"what": found.what}, reverse("partners:mine"))


@require_POST
@require_permission(Permission.PARTNERS_OWN_FIRM)
@answered
def mine_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Seek it again."""
    if attempt(request, None, acting.reopen, seeking=_own(request, pk)):
        messages.success(request, _("It is sought again."))
    return redirect("partners:mine")
