"""Files that come in: how large a request may be, and what rests on a file that is kept.

A request is refused by the length that it names before any of it is read, or while it is read where it names none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wutong.web.lib import access

FORM_BYTES = 1_000_000
"""What may come beside the file: the other fields of its form. The rule about the file itself is asked when it is there."""
MEGABYTE = 1_000_000
_AT_ONCE = 1 << 16

View = Callable[..., HttpResponse]


def takes(largest_mb: Callable[[], int], *, permission: str = "") -> Callable[[View], View]:
    """A view takes files of so many megabytes, from who holds the permission; anybody else may send what any address takes.

    Why: whoever may not import must not be able to fill the disk with files that are refused once they are there.
    """

    def decorate(view: View) -> View:
        view.largest_mb, view.sent_with = largest_mb, permission  # type: ignore[attr-defined]
        return view

    return decorate


def largest_mb(request: HttpRequest, view: View) -> int:
    """How many megabytes of file a view takes from whoever asks."""
    own: Callable[[], int] | None = getattr(view, "largest_mb", None)
    user: Any = request.user
    if own is None or not user.is_authenticated or (view.sent_with and not user.may(view.sent_with)):  # type: ignore[attr-defined]
        return -(-int(settings.FILE_MOST_BYTES) // MEGABYTE)  # files on records are the largest that come elsewhere
    return own()


class Bounded:
    """Refuses what is larger than its view takes, before anything reads it; stands before the check of the form's token, which reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            if body := getattr(request, "body_in_chunks", None):
                body.close()

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """413 with the limit in words, or None where the request may be read."""
        is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
        if request.method in {"GET", "HEAD", "OPTIONS"} and not is_chunked:
            return None
        most = largest_mb(request, view)
        most_bytes = most * MEGABYTE + FORM_BYTES
        if is_chunked:
            return None if _took_in(request, most_bytes) else _too_large(request, most)
        named = request.headers.get("Content-Length") or "0"
        return _too_large(request, most, int(named)) if named.isdigit() and int(named) > most_bytes else None


def _took_in(request: HttpRequest, most_bytes: int) -> bool:
    """Take in a body that comes in chunks, and stop where it is too large; whether it came whole.

    Why: Django reads as much as Content-Length names, so that of such a request it would see nothing and call the form expired.
    """
    if not request.META.get("wsgi.input_terminated"):
        return True  # the server does not say where it ends: nothing of it is read
    body, size = tempfile.SpooledTemporaryFile(max_size=5 * MEGABYTE), 0  # noqa: SIM115 - the view reads it, `Bounded` closes it
    request.body_in_chunks = body  # type: ignore[attr-defined]
    while chunk := request.META["wsgi.input"].read(_AT_ONCE):
        size += len(chunk)
        if size > most_bytes:
            return False
        body.write(chunk)
    body.seek(0)
    request.META["CONTENT_LENGTH"] = str(size)
    request._stream = body  # type: ignore[attr-defined]
    return True


def _too_large(request: HttpRequest, most: int, sent_bytes: int = 0) -> HttpResponse:
    if request.path.startswith("/api/"):
        return access.problem(413, "too large", f"at most {most} MB are taken here")
    context = {"most": most, "sent": -(-sent_bytes // MEGABYTE), "back": request.path}
    return render(request, "errors/413.html", context, status=413)


@contextmanager
def folder_of(path: Path) -> Iterator[None]:
    """A new folder for an uploaded file; it goes again where what follows fails."""
    path.mkdir(parents=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def keep(path: Path, chunks: Iterable[bytes]) -> str:
    """Write a file to the disk; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class FileUse:
    """A foreign key to a file, or the way to one: so long as a row stands on the file, it is not deleted.

    `standing`: of some rows of the model, those that stand; `words`: what of such a row rests on the file, and what takes it back.
    `is_final`: what was decided while a file was deleted was decided without it, so that it does not come back.
    """

    model: str
    field: str
    standing: Callable[[Any], Any]
    words: Callable[[Any], Any]
    is_final: bool = False

    def resting(self, file: Any) -> Any:
        """The rows that stand on a file."""
        return self.standing(apps.get_model(self.model)._default_manager.filter(**{self.field: file}))
