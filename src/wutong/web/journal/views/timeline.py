"""What is noted on a record: one timeline of comments, attachments and duties, and what is added to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import forms
from wutong.web.journal.actions import comments
from wutong.web.journal.actions import files as file_actions
from wutong.web.journal.queries import files, records
from wutong.web.journal.queries import timeline as queries
from wutong.web.journal.rules import TYPES, Content
from wutong.web.journal.views.answers import (
    answered,
    attempt,
    back_to,
    comment_of,
    faults,
    file_of,
    get_or_post,
    place_of,
    written_on,
)
from wutong.web.lib import access, htmx
from wutong.web.lib.access import require_permission

LOCKED = "default-src 'none'; sandbox"  # whatever a file holds, no browser runs it


def _draw(request: HttpRequest, place: Any, *, comment: Any = None, file: Any = None) -> HttpResponse:
    is_whole = not htmx.wants_part(request)
    context = {
        "timeline": queries.timeline(request.user, place, at=timezone.now(), is_whole=is_whole), "place": place,
        "comment": comment or forms.CommentForm(), "file": file or forms.FileForm(), "is_whole": is_whole,
        "may_edit": request.user.may(Permission.JOURNAL_EDIT), "today": access.today(),
    }  # fmt: skip
    is_faulty = bool((comment and comment.errors) or (file and file.errors))
    return htmx.render(request, "journal/of.html", "journal/_timeline.html", context, status=422 if is_faulty else 200)


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
@answered
def of_record(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """The timeline of a record: a panel of its page, and a page of its own."""
    return _draw(request, place_of(request, label, key))


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def comment_new(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """Say something about a record."""
    place, form = place_of(request, label, key), forms.CommentForm(request.POST)
    if form.is_valid():
        written = attempt(request, form, comments.write, record=written_on(request, place), **form.cleaned_data)
        if written:
            _say_told(request, written)
            return redirect(f"{place.address}#journal")
    return _draw(request, place, comment=form)


def _say_told(request: HttpRequest, written: Any) -> None:
    """Who was told, who was not because the record is not his to see, and which names are nobody's."""
    if written.told:
        messages.success(request, _("Told: %(names)s.") % {"names": _names(written.told)})
    if written.not_told:
        names = _names(written.not_told)
        messages.warning(request, _("Not told, because they may not see this record: %(names)s.") % {"names": names})
    for one in written.unknown:
        text = _("Nobody is called “%(name)s”: nobody was told under this name.") % {"name": one.name}
        if one.near:
            near = _(", ").join(_("%(name)s (%(unit)s)") % {"name": f"@{person}", "unit": person.unit} for person in one.near)
            text = _("%(said)s Is one of these meant: %(near)s? Change the comment then.") % {"said": text, "near": near}
        messages.warning(request, text)


def _names(people: Any) -> str:
    return _(", ").join(map(str, people))


@get_or_post
@require_permission(Permission.JOURNAL_EDIT)
@answered
def comment_edit(request: HttpRequest, pk: object) -> HttpResponse:
    """Change one's own comment."""
    found = comment_of(request, pk)
    if found.by_id != request.user.pk:
        raise Http404
    place = records.place_of(records.record_of(found, request.user))
    form = forms.CommentForm(request.POST or None, initial={"text": found.text})
    if form.is_valid() and (written := attempt(request, form, comments.edit, comment=found, **form.cleaned_data)):
        _say_told(request, written)
        return redirect(f"{place.address}#journal")
    context = {"form": form, "title": _("Change a comment"), "place": place, "back": place.address}
    return render(request, "journal/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def comment_withdraw(request: HttpRequest, pk: object) -> HttpResponse:
    """Take one's own comment back."""
    found = comment_of(request, pk)
    attempt(request, None, comments.withdraw, comment=found)
    return back_to(request, f"{records.place_of(records.record_of(found, request.user)).address}#journal")


# --- files ------------------------------------------------------------------------------------------------------------------------------
@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def file_new(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """Hang a file on a record."""
    place, form = place_of(request, label, key), forms.FileForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data | {"name": form.cleaned_data["file"].name}
        done = attempt(request, form, file_actions.attach, record=written_on(request, place), **given)
        if done:
            messages.success(request, _("“%(name)s” is attached.") % {"name": done.attachment.name})
            _say_same(request, done.same)
            return redirect(f"{place.address}#journal")
    return _draw(request, place, file=form)


def _say_same(request: HttpRequest, same: Any) -> None:
    named = records.named(request.user, [(one.model, one.record) for one in same])
    if named:
        where = _(", ").join(dict.fromkeys(one.name for one in named.values()))
        messages.warning(request, _("The same file is attached already to: %(where)s.") % {"where": where})


def _served(file: Any, name: str, kind: str, *, is_inline: bool = False) -> HttpResponse:
    response = FileResponse(file, as_attachment=not is_inline, filename=name, content_type=kind)
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _shown(request: HttpRequest, pk: object) -> Any:
    found = file_of(request, pk)
    if found.hidden_at is not None or not files.path_of(found.stored).is_file():
        raise Http404
    return found


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def file(request: HttpRequest, pk: object) -> HttpResponse:
    """The file as it was given, to save; that of a sensitive one is written down."""
    found = _shown(request, pk)
    file_actions.note_download(attachment=found, by=request.user, at=timezone.now())
    kind = TYPES.get(Content(found.content), "application/octet-stream")
    return _served(files.path_of(found.stored).open("rb"), found.name, kind)


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def file_small(request: HttpRequest, pk: object) -> HttpResponse:
    """The small picture of an image."""
    found = _shown(request, pk)
    path = files.small_path_of(found.stored)
    if not path.is_file():
        raise Http404
    return _served(path.open("rb"), "small.jpg", "image/jpeg", is_inline=True)


@require_GET
@require_permission(Permission.JOURNAL_VIEW)
def file_released(request: HttpRequest, pk: object) -> HttpResponse:
    """A copy of an image to hand out, without place and camera; who took it is written down."""
    found = _shown(request, pk)
    if not found.is_image:
        raise Http404
    drawn, name = files.released(found)
    file_actions.note_download(attachment=found, by=request.user, at=timezone.now(), is_released=True)
    return _served(drawn, name, "application/octet-stream")


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def file_hide(request: HttpRequest, pk: object) -> HttpResponse:
    """Delete an attachment."""
    found, form = file_of(request, pk), forms.ReasonForm(request.POST)
    if not form.is_valid():
        faults(request, form)
    elif attempt(request, None, file_actions.hide, attachment=found, **form.cleaned_data):
        messages.success(request, _("“%(name)s” is deleted; “Bring back” undoes it.") % {"name": found.name})
    return _back_to_record(request, found)


@require_POST
@require_permission(Permission.JOURNAL_EDIT)
@answered
def file_unhide(request: HttpRequest, pk: object) -> HttpResponse:
    """Bring a deleted attachment back."""
    found = file_of(request, pk)
    if attempt(request, None, file_actions.unhide, attachment=found):
        messages.success(request, _("“%(name)s” is back.") % {"name": found.name})
    return _back_to_record(request, found)


def _back_to_record(request: HttpRequest, found: Any) -> HttpResponse:
    return back_to(request, f"{records.place_of(records.record_of(found, request.user)).address}#journal")
