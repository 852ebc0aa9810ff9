"""What the pages of the journal share: refusals in words, objects that a person may see, the way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
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
from wutong.web.journal.rules import ENDINGS, Refusal
from wutong.web.lib import hooks

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
REFUSALS = {
    Refusal.TITLE_MISSING: _("Write what is to be done."),
    Refusal.DUE_MISSING: _("Give the day on which it is due, or a number of working days."),
    Refusal.DUE_PAST: _("The due day is past. Choose today or a later day."),
    Refusal.OWNER_INACTIVE: _("The account of the person is closed. Choose somebody else."),
    Refusal.OWNER_MAY_NOT_SEE: _("The person may not see this record, so nothing on it can be asked of him."),
    Refusal.NOT_OPEN: _("The duty has ended. Open it again first."),
    Refusal.NOT_ENDED: _("The duty has not ended."),
    Refusal.UNDO_TOO_LATE: _("It ended too long ago to be undone. Whoever asked for it, or the unit's leader, can open it again."),
    Refusal.CLOSES_ITSELF: _("This duty closes by itself: decide on the record that it names."),
    Refusal.RESULT_MISSING: _("Write what came of it."),
    Refusal.REASON_MISSING: _("A reason is missing: write why."),
    Refusal.UNTIL_PAST: _("Give a day later than today until which it is put aside."),
    Refusal.SAME_DAY: _("That is the due day already."),
    Refusal.REQUEST_WAITS: _("A request waits for a decision already. Withdraw it first."),
    Refusal.REQUEST_DECIDED: _("The request was decided already."),
    Refusal.OWN_REQUEST: _("Somebody else has to decide: nobody prolongs his own duty."),
    Refusal.TEXT_MISSING: _("Write something first."),
    Refusal.EDIT_TOO_LATE: _("The comment is too old to be changed. Write another one, or withdraw it."),
    Refusal.WITHDRAWN: _("It was taken back already."),
    Refusal.NOT_HIDDEN: _("The file is not deleted."),
    Refusal.ERASED: _("The file was erased for good."),
    Refusal.FILE_EMPTY: _("The file is empty. Look whether it was saved, and choose it again."),
    Refusal.FILE_TOO_LARGE: _("The file is larger than %(file)s MB. Make it smaller, or split it."),
    Refusal.FILE_NAME: _("The name of the file is empty or longer than 150 signs. Rename it."),
    Refusal.FILE_KIND: _("Files of this kind are not taken. Taken are: %(endings)s. Unpack archives and hang their files one by one."),
    Refusal.FILE_MISMATCH: _(
        "What the file holds is not what its name says. Save it anew in the program that it belongs to; take a password off."
    ),
    Refusal.FILE_MACROS: _("The document brings a program (macro) along. Save it without macros."),
    Refusal.FILE_PIXELS: _("The image has more than 40 million pixels. Make it smaller."),
    Refusal.FILE_BROKEN: _("The image is damaged and cannot be drawn. Save it anew."),
    Refusal.RECORD_FULL: _("The files of this record would take more than %(record)s MB. Delete what is not needed."),
    Refusal.UNIT_FULL: _("The files of the unit would take more than %(unit)s MB. Ask the system administrator."),
    Refusal.DAY_OF_OTHER_YEAR: _("A day belongs to another year."),
    Refusal.DAY_BOTH: _("A day is named as off and as worked."),
    Refusal.DOCUMENT_MISSING: _("Name the notice."),
}


def said(refused: Refused) -> list[str]:
    """A refusal in words, with the bounds that it is about."""
    bounds = {
        "file": settings.FILE_MOST_BYTES // 1024**2, "record": settings.RECORD_MOST_BYTES // 1024**2,
        "unit": settings.UNIT_MOST_BYTES // 1024**2, "endings": " ".join(ENDINGS),
    }  # fmt: skip
    return [str(REFUSALS[refusal]) % bounds for refusal in refused.refusals]


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
        texts = said(refused)
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
