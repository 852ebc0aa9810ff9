"""One row of an import that is not written yet, mended in the page: its cells, split into several, or left out."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wutong.web.batches.actions import imports
from wutong.web.batches.forms import LineForm
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import pages
from wutong.web.batches.views.imports import attempt, batch_of, checked


@require_http_methods(["GET", "HEAD", "POST"])
def import_row(request: HttpRequest, pk: object, line: int) -> HttpResponse:
    """Mend the row that stands in a line of the file; the file stays as it came, and is checked anew."""
    batch = batch_of(request, pk)
    page = pages.import_page(batch, request.user)
    if not page.is_open or not page.is_own:
        raise PermissionDenied(batch.kind)
    if not page.may_map:
        raise Http404(line)
    shown = pages.line_page(batch, line, parts=request.GET.get("parts", ""))
    if shown is None:
        raise Http404(line)
    form = LineForm(
        request.POST if request.method == "POST" else None, batch=batch, rows=shown.rows, faults=() if shown.is_split else shown.faults
    )
    if request.method == "POST" and form.is_valid():
        return _mended(request, batch, line, form)
    return render(request, "batches/import_row.html", {"page": page, "line": shown, "form": form}, status=422 if form.is_bound else 200)


def _mended(request: HttpRequest, batch: ImportBatch, line: int, form: LineForm) -> HttpResponse:
    """What the person gave for the line, none to leave it out, or what the file says."""
    rows: Any = {"leave-out": [], "as-file": None}.get(request.POST.get("do", ""), form.rows())
    if attempt(
        request, imports.mend, _("Row %(row)s is mended; the file is checked anew.") % {"row": line}, batch=batch, line=line, rows=rows
    ):
        return checked(request, batch, dict(batch.columns))
    return redirect("batches:import", batch.public_id)
