"""Pages of exports: asked for, prepared, downloaded."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.batches.actions import exports
from wutong.web.batches.forms import ExportForm
from wutong.web.batches.models import ExportBatch
from wutong.web.batches.queries import giving, pages
from wutong.web.batches.rules import ExportState
from wutong.web.batches.views.imports import attempt
from wutong.web.jobs import queries as jobs
from wutong.web.lib import exchange, htmx, lists

COLUMNS = (
    lists.Column("title", pgettext_lazy("export", "Title"), ("title",)),
    lists.Column("kind", pgettext_lazy("export", "Kind"), ("kind",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("rows", gettext_lazy("Rows"), ("row_count",), "number"),
    lists.Column("asked", gettext_lazy("Asked for at"), ("asked_at",), "date"),
    lists.Column("until", gettext_lazy("Kept until"), ("kept_until",), "date"),
)


@require_GET
def export_list(request: HttpRequest) -> HttpResponse:
    """One's own exports."""
    listing = lists.of_queryset(request.GET, pages.exports(request.user), columns=COLUMNS, default="-asked")
    return htmx.render(request, "batches/exports.html", "batches/_exports.html", {"list": listing})


@require_http_methods(["GET", "HEAD", "POST"])
def export_new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for an export that is too large for an answer at once; the filter stands in the address."""
    exporting = exchange.exportings().get(code)
    if exporting is None:
        raise Http404(code)
    if not exporting.may_have(request.user, request.GET):
        raise PermissionDenied(exporting.permission)
    query, is_sent = request.GET.urlencode(), request.method == "POST"
    form = ExportForm(request.POST) if is_sent else ExportForm()
    if is_sent and form.is_valid():
        done = _("The file is being prepared in the background; a message comes when it is ready.")
        if batch := attempt(request, exports.ask, done, kind=code, query=query, format=form.cleaned_data["format"]):
            return redirect("batches:file", batch.public_id)
    title = giving.title_of(exporting, request.user, query)
    return render(
        request, "batches/export_new.html", {"form": form, "exporting": exporting, "title": title}, status=422 if is_sent else 200
    )


def _batch(request: HttpRequest, pk: object) -> ExportBatch:
    return get_object_or_404(pages.exports(request.user).select_related("by"), public_id=pk)


@require_GET
def export_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """An export: how far it is, or its file."""
    batch = _batch(request, pk)
    progress = jobs.progress(batch.job, request.user) if batch.job else None
    is_running = batch.state == ExportState.WAITING and progress is not None and not progress.has_ended
    return htmx.render(
        request, "batches/export.html", "batches/_export.html", {"batch": batch, "progress": progress, "is_running": is_running}
    )


@require_GET
def export_file(request: HttpRequest, pk: object) -> HttpResponse:
    """The file; the download is written down."""
    batch = _batch(request, pk)
    exporting = batch.exporting
    if exporting is None or not exporting.may_have(request.user, giving.query_of(batch.query)):
        raise PermissionDenied(batch.kind)
    if not batch.is_still_for(request.user):
        messages.error(request, _("Your roles have changed since this file was made. Ask for it anew to get what you may see now."))
        return redirect("batches:file", pk)
    if batch.state != ExportState.READY or not batch.path.exists():
        raise Http404(pk)
    exports.note_download(batch=batch, by=request.user, at=timezone.now())
    kind: Any = "text/csv" if batch.format == "csv" else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(batch.path.open("rb"), as_attachment=True, filename=f"{batch.title}.{batch.format}", content_type=kind)


@require_POST
def export_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Delete the file before its time."""
    attempt(request, exports.drop, _("The export is deleted."), batch=_batch(request, pk))
    return redirect("batches:files")
