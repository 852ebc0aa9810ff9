"""What every page of assessment does alike: refusals in words, the records of an address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from wutong.web.assessment.actions import inspections, refusing
from wutong.web.assessment.forms import schemes as forms
from wutong.web.assessment.models import Registration, Run, RunUnit, Scheme, SchemeVersion
from wutong.web.assessment.queries import inspections as of_inspections
from wutong.web.assessment.queries import refusals, registrations, versions
from wutong.web.journal.actions.files import Refused as FileRefused
from wutong.web.journal.queries import refusals as of_files
from wutong.web.rulebooks.actions.versions import Refused as VersionRefused

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except refusing.NotAllowed as error:
            raise PermissionDenied from error

    return answered


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, and nothing comes back."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except (refusing.Refused, VersionRefused) as refused:
        about = getattr(refused, "about", None)
        first = [registrations.first_there(request.user, about)] if isinstance(about, Registration) else []
        if isinstance(about, SchemeVersion) and (words := versions.fault_words(about)):
            first = [words]
        for text in first or refusals.in_words(refused.refusals):
            form.add_error(None, text)
    except inspections.Refused as refused:
        for text in of_inspections.in_words(refused.refusals):
            form.add_error(None, text)
    except FileRefused as refused:
        for text in of_files.words(refused.refusals):
            form.add_error(None, text)
    return None


def bound(request: HttpRequest) -> Any:
    """What was posted, if anything."""
    return request.POST if request.method == "POST" else None


def reason_of(request: HttpRequest) -> str:
    """The reason that was posted."""
    form = forms.ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def form_page(request: HttpRequest, form: Any, *, title: Any, button: Any, back: str, **more: Any) -> HttpResponse:
    """A page with one form; 422 where it was sent and something is wrong."""
    context = {"form": form, "title": title, "button": button, "back": back, **more}
    return render(request, "assessment/form.html", context, status=422 if form.is_bound else 200)


def scheme_of(request: HttpRequest, pk: UUID) -> Scheme:
    """The scheme of an address, if the person may see it."""
    return get_object_or_404(Scheme.objects.visible_to(request.user).select_related("unit"), public_id=pk)


def run_of(request: HttpRequest, pk: UUID) -> Run:
    """The run of an address, if the person may see it."""
    found = Run.objects.visible_to(request.user).select_related(
        "scheme__unit", "version", "job", "supersedes", "drafted_by", "frozen_by", "approved_by", "published_by"
    )
    return get_object_or_404(found, public_id=pk)


def row_of(request: HttpRequest, pk: UUID, unit: UUID) -> RunUnit:
    """What a run found of a unit or person, if the one who asks may see it."""
    found = RunUnit.objects.visible_to(request.user).select_related("run__scheme__unit", "run__version", "unit", "person")
    return get_object_or_404(found, Q(unit__public_id=unit, person=None) | Q(person__public_id=unit), run__public_id=pk)
