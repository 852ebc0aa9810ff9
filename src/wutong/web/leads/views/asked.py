"""Introductions that the bureau asks of a local firm: a panel of its own page, answered there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import introducing
from wutong.web.leads.forms import introductions as forms
from wutong.web.leads.models import Introduction
from wutong.web.leads.queries import asked_of_firms, introductions
from wutong.web.leads.views.answers import answered, get_or_post
from wutong.web.leads.views.introductions import attempt
from wutong.web.lib import access, htmx
from wutong.web.lib.access import require_permission
from wutong.web.partners.models import FirmAccount


@require_GET
@require_permission(Permission.PARTNERS_OWN_FIRM)
def asked_of_firm(request: HttpRequest, pk: object) -> HttpResponse:
    """What is asked of the firm of a log-in, and what the firm answered."""
    user: Any = request.user
    account = get_object_or_404(FirmAccount.objects.standing().filter(user_id=user.pk), public_id=pk)
    context = {"rows": asked_of_firms.asked_of(user, on=access.today()), "account": account}
    return htmx.render(request, "leads/asked_of_firm.html", "leads/_asked_of_firm.html", context)


@get_or_post
@require_permission(Permission.PARTNERS_OWN_FIRM)
@answered
def asked_answer(request: HttpRequest, pk: object) -> HttpResponse:
    """The firm's answer: it agrees, it refuses, it brought us together."""
    found = get_object_or_404(Introduction.objects.visible_to(request.user).select_related(*introductions.WHOLE_ROWS), public_id=pk)
    form = forms.OwnAnswerForm(request.POST if request.method == "POST" else None, introduction=found)
    if request.method == "POST" and form.is_valid():
        values = {**form.values(), "done_on": access.today()}
        if attempt(request, form, introducing.enter, introduction=found, **values):
            messages.success(request, _("Answered: the bureau was told."))
            return redirect("partners:mine")
    return render(
        request,
        "leads/asked_answer.html",
        {"form": form, "asked": found, "answers": asked_of_firms.own_answers([found]).get(found.pk, [])},
        status=422 if form.is_bound else 200,
    )
