"""Knocks entered and corrected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wutong.web.accounts.rules import Permission
from wutong.web.leads import actions, forms
from wutong.web.leads.models import Knock, ListedFirm
from wutong.web.leads.queries import lists
from wutong.web.leads.views.answers import answered, attempt, back_to, get_or_post, row_of
from wutong.web.lib.access import require_permission


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def knock(request: HttpRequest, pk: object) -> HttpResponse:
    """Enter a knock."""
    row = row_of(request, pk)
    form = forms.KnockForm(request.POST or None, row=row, user=request.user)
    return _enter_knock(request, row, form, _("Enter a knock: %(firm)s") % {"firm": row.firm.name})


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def knock_correct(request: HttpRequest, pk: object) -> HttpResponse:
    """Correct a knock by a later entry."""
    found = get_object_or_404(Knock.objects.visible_to(request.user).select_related("row__firm", "row__list__unit", "by"), public_id=pk)
    names = ("how", "through", "result", "with_whom", "said", "next_step", "next_on")
    initial = {name: getattr(found, name) for name in names}
    initial |= {"made_at": timezone.localtime(found.made_at), "person": found.by.public_id}
    form = forms.KnockForm(request.POST or None, row=found.row, user=request.user, initial=initial)
    return _enter_knock(request, found.row, form, _("Correct a knock: %(firm)s") % {"firm": found.row.firm.name}, corrects=found)


def _enter_knock(request: HttpRequest, row: ListedFirm, form: Any, title: str, corrects: Knock | None = None) -> HttpResponse:
    if not lists.may(request.user, row.list).work:
        raise PermissionDenied
    back = reverse("leads:row", args=[row.public_id])
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.knock, row=row, corrects=corrects, **form.cleaned_data)
        if made:
            messages.success(request, _("The knock at %(firm)s is entered.") % {"firm": row.firm.name})
            return back_to(request, back)
    context = {"form": form, "title": title, "back": back, "row": row, "corrects": corrects, "next": request.GET.get("next", "")}
    return render(request, "leads/knock.html", context, status=422 if form.is_bound else 200)
