"""A confidential list: its code name, and who needs to know of it. Only its owner decides."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wutong.web.accounts.actions import knowing, refusing
from wutong.web.accounts.models import NeedToKnow
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal as Unable
from wutong.web.leads.actions import making
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import TargetList
from wutong.web.leads.views.answers import answered, get_or_post, list_of
from wutong.web.lib.access import require_permission


def _own(request: HttpRequest, pk: object) -> TargetList:
    found = list_of(request, pk)
    if found.owner_id != request.user.pk:
        raise PermissionDenied
    return found


def _draw(request: HttpRequest, found: TargetList, form: forms.ConfidentialForm, naming: forms.LetKnowForm) -> HttpResponse:
    named = NeedToKnow.objects.of(found).select_related("user__unit", "named_by")
    context = {"target_list": found, "form": form, "naming": naming, "named": named}
    return render(request, "leads/confidential.html", context, status=422 if form.is_bound or naming.is_bound else 200)


@get_or_post
@require_permission(Permission.LEADS_EDIT)
@answered
def confidential(request: HttpRequest, pk: object) -> HttpResponse:
    """The code name, and who is named."""
    found = _own(request, pk)
    form = forms.ConfidentialForm(request.POST or None, initial={"code_name": found.code_name})
    form.is_bound = request.method == "POST"
    if form.is_bound and form.is_valid():
        making.keep_confidential(target_list=found, by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("leads:confidential", pk)
    return _draw(request, found, form, forms.LetKnowForm(user=request.user))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def let_know(request: HttpRequest, pk: object) -> HttpResponse:
    """Name somebody who needs to know."""
    found, naming = _own(request, pk), forms.LetKnowForm(request.POST, user=request.user)
    if naming.is_valid():
        try:
            knowing.let_know(record=found, **naming.cleaned_data, by=request.user, at=timezone.now())
        except refusing.Refused as refused:
            knows = Unable.KNOWS_ALREADY in refused.refusals
            naming.add_error(None, _("The person may open the list already.") if knows else _("Give the list a code name first."))
        else:
            messages.success(request, _("Saved."))
            return redirect("leads:confidential", pk)
    return _draw(request, found, forms.ConfidentialForm(initial={"code_name": found.code_name}), naming)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def let_forget(request: HttpRequest, pk: object, named: object) -> HttpResponse:
    """Take somebody off the list of those who need to know."""
    found = _own(request, pk)
    row = get_object_or_404(NeedToKnow.objects.of(found).select_related("user"), public_id=named)
    knowing.let_forget(record=found, named=row, by=request.user, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("leads:confidential", pk)
