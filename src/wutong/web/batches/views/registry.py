"""Pages of the registry: upload a file, say which column is which, build, look at the report, let it serve."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.audit import actions as audit
from wutong.web.batches import sheets
from wutong.web.batches.actions import registry as actions
from wutong.web.batches.forms import RegistryColumnsForm, RegistryUploadForm
from wutong.web.batches.queries import registry
from wutong.web.batches.views.imports import attempt
from wutong.web.jobs import queries as jobs
from wutong.web.lib import htmx, lists, spreadsheets, uploads
from wutong.web.lib.access import require_permission

COLUMNS = (
    lists.Column("file", gettext_lazy("File"), ("file_name",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("by", gettext_lazy("Uploaded by"), ("by__display_name",)),
    lists.Column("uploaded", gettext_lazy("Uploaded at"), ("uploaded_at",), "date"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@uploads.takes(lambda: settings.REGISTRY_LARGEST_MB, permission=Permission.REGISTRY_EDIT)
@require_permission(Permission.REGISTRY_EDIT)
def registry_list(request: HttpRequest) -> HttpResponse:
    """The builds that stand, the files that were uploaded, and the form for another."""
    form = RegistryUploadForm(request.POST, request.FILES) if request.method == "POST" else RegistryUploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = attempt(request, actions.upload, "", name=file.name, size_bytes=file.size, chunks=file.chunks())
        except actions.Unreadable as refused:
            form.add_error("file", refused.fault)
            made = None
        if made:
            return redirect("batches:registry-file", made.public_id)
    listing = lists.of_queryset(request.GET, registry.files(request.user), columns=COLUMNS, default="-uploaded")
    context = {"form": form, "builds": registry.builds(), "list": listing}
    return render(request, "batches/registry.html", context, status=422 if request.method == "POST" else 200)


def _file(request: HttpRequest, pk: object) -> Any:
    return get_object_or_404(registry.files(request.user), public_id=pk)


@require_GET
@require_permission(Permission.REGISTRY_EDIT)
def registry_file(request: HttpRequest, pk: object) -> HttpResponse:
    """A registry file: its columns, how far its build is, what the build says."""
    file = _file(request, pk)
    there = next((build for build in registry.builds() if build.build_id == file.build_id), None)
    context = {
        "file": file, "form": RegistryColumnsForm(headers=file.headers, columns=file.columns), "build": there,
        "progress": jobs.progress(file.job, request.user) if file.job else None,
        "rejects": list(registry.rejects(file.build_id, registry.REJECTS_SHOWN)) if there else [],
    }  # fmt: skip
    return htmx.render(request, "batches/registry_file.html", "batches/_registry_file.html", context)


@require_POST
@require_permission(Permission.REGISTRY_EDIT)
def registry_build(request: HttpRequest, pk: object) -> HttpResponse:
    """Have the file built."""
    file = _file(request, pk)
    form = RegistryColumnsForm(request.POST, headers=file.headers, columns=file.columns)
    if form.is_valid():
        done = _("The registry is being built in the background; the one that serves goes on meanwhile.")
        attempt(request, actions.ask_build, done, file=file, columns=form.columns())
    else:
        messages.error(request, " ".join(form.non_field_errors()) or _("Choose columns from the list."))
    return redirect("batches:registry-file", pk)


@require_POST
@require_permission(Permission.REGISTRY_EDIT)
def registry_serve(request: HttpRequest, build_id: str) -> HttpResponse:
    """Let a build serve."""
    attempt(request, actions.serve, _("This build serves from now on."), build_id=build_id)
    return redirect("batches:registry")


@require_GET
@require_permission(Permission.REGISTRY_EDIT)
def registry_rejects(request: HttpRequest, build_id: str) -> HttpResponse:
    """What a build could not use, as a spreadsheet."""
    there = {build.build_id: build.rejects for build in registry.builds()}
    if build_id not in there:
        raise Http404(build_id)
    if later := spreadsheets.later(request, "batches.rejects", there[build_id], build=build_id):
        return later
    response: Any = spreadsheets.download(sheets.rejects_title(build_id), sheets.REJECTS, sheets.reject_rows(build_id))
    told = {"filters": {"build": build_id}, "rows": response.row_count, "object_type": "batches.Build"}
    audit.record_export(action="batches.export_rejects", by=request.user, at=timezone.now(), **told)
    return response  # type: ignore[no-any-return]
