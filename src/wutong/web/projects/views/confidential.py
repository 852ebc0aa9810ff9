"""Who may know of a confidential project: its code name, and who is named. Its owner decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wutong.web.accounts.actions import refusing
from wutong.web.accounts.models import NeedToKnow
from wutong.web.accounts.rules.access import Permission
from wutong.web.accounts.rules.refusals import Refusal as Unable
from wutong.web.lib.access import require_permission
from wutong.web.projects.actions import confiding
from wutong.web.projects.forms import verbs as forms
from wutong.web.projects.models import Project
from wutong.web.projects.views.answers import answered, get_or_post, project_of


def _own(request: HttpRequest, pk: object) -> Project:
    found = project_of(request, pk)
    if found.owner_id != request.user.pk:
        raise PermissionDenied
    return found


def _draw(request: HttpRequest, found: Project, form: Any, naming: Any) -> HttpResponse:
    named = NeedToKnow.objects.of(found).select_related("user__unit", "named_by")
    context = {"project": found, "form": form, "naming": naming, "named": named}
    return render(request, "projects/confidential.html", context, status=422 if form.is_bound or naming.is_bound else 200)


@get_or_post
@require_permission(Permission.PROJECTS_EDIT)
@answered
def confidential(request: HttpRequest, pk: object) -> HttpResponse:
    """The code name of a project, and who is named."""
    found, is_sent = _own(request, pk), request.method == "POST"
    form = forms.ConfidentialForm(request.POST if is_sent else None, initial={"code_name": found.code_name})
    if is_sent and form.is_valid():
        confiding.keep_confidential(project=found, by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect("projects:confidential", pk)
    return _draw(request, found, form, forms.LetKnowForm(project=found))


@require_POST
@require_permission(Permission.PROJECTS_EDIT)
@answered
def let_know(request: HttpRequest, pk: object) -> HttpResponse:
    """Name somebody who needs to know."""
    found = _own(request, pk)
    naming = forms.LetKnowForm(request.POST, project=found)
    if naming.is_valid():
        try:
            confiding.let_know(project=found, **naming.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except refusing.Refused as refused:
            knows = Unable.KNOWS_ALREADY in refused.refusals
            naming.add_error(None, _("The person may open the project already.") if knows else _("Give the project a code name first."))
        else:
            messages.success(request, _("Saved."))
            return redirect("projects:confidential", pk)
    return _draw(request, found, forms.ConfidentialForm(initial={"code_name": found.code_name}), naming)


@require_POST
@require_permission(Permission.PROJECTS_EDIT)
@answered
def let_forget(request: HttpRequest, pk: object, named: object) -> HttpResponse:
    """Take somebody off the list of those who need to know."""
    found = _own(request, pk)
    row = get_object_or_404(NeedToKnow.objects.of(found).select_related("user"), public_id=named)
    confiding.let_forget(project=found, named=row, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Saved."))
    return redirect("projects:confidential", pk)
