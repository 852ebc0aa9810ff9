"""Trials of a version: asked for here, worked out beside the pages, read here."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import htmx
from wutong.web.lib.access import require_permission
from wutong.web.rulebooks import forms
from wutong.web.rulebooks.actions import trials as actions
from wutong.web.rulebooks.models import Trial
from wutong.web.rulebooks.queries import trials
from wutong.web.rulebooks.views.drafts import answered, version_of


@require_POST
@require_permission(Permission.RULES_VIEW)
@answered
def ask(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Ask for a trial."""
    version, form = version_of(request, pk), forms.TrialForm(request.POST)
    if not form.is_valid():
        raise Http404(pk)
    asked = form.cleaned_data
    try:
        trial = actions.ask(version=version, of=asked["of"], choice=asked["choice"], by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except actions.UnknownTrial as unknown:
        raise Http404 from unknown
    return redirect("rulebooks:trial", pk=trial.public_id)


@require_GET
@require_permission(Permission.RULES_VIEW)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a trial found; while it is worked out, the page asks again."""
    trial = get_object_or_404(Trial.objects.visible_to(request.user).select_related("version", "by", "job"), public_id=pk)
    return htmx.render(request, "rulebooks/trial.html", "rulebooks/_trial.html", {"page": trials.page(trial)})
