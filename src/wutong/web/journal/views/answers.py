"""What the pages of the journal share: refusals said, objects that a person may see, the way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from wutong.rulebook.calendar import TooFar
from wutong.web.journal.actions.duties import NotAllowed, Refused
from wutong.web.journal.models import Attachment, Comment, DeadlineRequest, Duty
from wutong.web.journal.queries import records
from wutong.web.journal.queries.records import NoRecord, Place
from wutong.web.journal.queries.refusals import words
from wutong.web.lib import hooks

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403; a record that is not there or not his to see, 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as refused:
            raise PermissionDenied from refused
        except NoRecord as unknown:
            raise Http404 from unknown

    return guarded


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], /, **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, or of the next page where there is no form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except Refused as refused:
        texts = words(refused.refusals, refused.uses)
    except TooFar:
        texts = [str(_("That is too far away to be reckoned."))]
    for text in texts:
        form.add_error(None, text) if form is not None else messages.error(request, text)
    return None


def faults(request: HttpRequest, form: Any) -> None:
    """What a form could not read, for the next page."""
    for texts in form.errors.values():
        messages.error(request, " ".join(map(str, texts)))


def place_of(request: HttpRequest, label: str, key: str) -> Place:
    """The record that an address names. Raises: NoRecord."""
    return records.place(request.user, label, key)


def written_on(request: HttpRequest, place: Place) -> Any:
    """The record of a place, made where the first write makes it. Raises: NoRecord."""
    noted = hooks.noted()[place.label].noted
    if place.record is None and noted and noted.take_on:
        return noted.take_on(key=place.key, by=request.user, at=timezone.now())
    return place.record


def duty_of(request: HttpRequest, pk: object) -> Duty:
    found = Duty.objects.visible_to(request.user).select_related("owner", "unit", "asked_by", "ended_by")
    return get_object_or_404(found, public_id=pk)


def request_of(request: HttpRequest, pk: object) -> DeadlineRequest:
    return get_object_or_404(DeadlineRequest.objects.visible_to(request.user).select_related("duty"), public_id=pk)


def comment_of(request: HttpRequest, pk: object) -> Comment:
    return get_object_or_404(Comment.objects.visible_to(request.user), public_id=pk)


def file_of(request: HttpRequest, pk: object) -> Attachment:
    return get_object_or_404(Attachment.objects.visible_to(request.user).stored().select_related("unit"), public_id=pk)


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names, if it is one of ours."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours else otherwise)
