"""Pages of imports: what can be imported, template, upload, columns, preview, writing, result, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.actions.refusing import NotAllowed
from wutong.web.audit import actions as audit
from wutong.web.batches import sheets
from wutong.web.batches.actions import imports, keeping, undoing
from wutong.web.batches.forms import ColumnsForm, ImportFilter, StartForm, UploadForm
from wutong.web.batches.models import ImportBatch
from wutong.web.batches.queries import checking, pages
from wutong.web.batches.rules import Refusal
from wutong.web.batches.tasks import imports as tasks
from wutong.web.lib import exchange, htmx, lists, spreadsheets, uploads

COLUMNS = (
    lists.Column("file", gettext_lazy("File"), ("file_name",)),
    lists.Column("kind", pgettext_lazy("import", "Kind"), ("kind",)),
    lists.Column("state", gettext_lazy("State"), ("state",)),
    lists.Column("made", gettext_lazy("Records made"), ("made_count",), "number"),
    lists.Column("changed", gettext_lazy("Records changed"), ("changed_count",), "number"),
    lists.Column("by", gettext_lazy("Imported by"), ("by__display_name",)),
    lists.Column("uploaded", gettext_lazy("Uploaded at"), ("uploaded_at",), "date"),
)
REFUSALS = {
    Refusal.NOT_CHECKED: gettext_lazy("The file is not checked, or its rows are written already."),
    Refusal.NOT_CHECKED_BY_YOU: gettext_lazy(
        "Somebody else had the file checked. Have it checked again first: rows are written by your rights."
    ),
    Refusal.NOTHING_TO_WRITE: gettext_lazy("No row would make or change anything."),
    Refusal.NOT_ALL_GOOD: gettext_lazy("Some rows are bad; mend them and upload the file again, or import the good rows only."),
    Refusal.NOTHING_WRITTEN: gettext_lazy("Nothing of this import is written, so there is nothing to undo."),
    Refusal.NOT_BROKEN_OFF: gettext_lazy("The import did not break off, so there is nothing to decide."),
    Refusal.STILL_RUNNING: gettext_lazy("A background job is still at it; wait for its end or cancel it first."),
    Refusal.BEGUN: gettext_lazy("Its rows are written already; undo the import first."),
    Refusal.KIND_GONE: gettext_lazy("This version of the program knows no such import."),
    Refusal.TOO_LARGE: gettext_lazy("The file is larger than this office takes; divide it, or ask the system administrator."),
    Refusal.NO_NAME_COLUMN: gettext_lazy("Say which column holds the names of the firms."),
    Refusal.NO_SUCH_BUILD: gettext_lazy("This build is not there any more; choose another."),
    Refusal.SERVES_ALREADY: gettext_lazy("This build serves already."),
    Refusal.FILE_GONE: gettext_lazy("The file is not kept any more; upload it again."),
    Refusal.OTHER_BUILD: gettext_lazy("Another registry is being built; wait for its end or cancel it first."),
    Refusal.TOO_MANY_MENDED: gettext_lazy("So many rows are mended already that the file itself is better mended and uploaded again."),
    Refusal.EMPTY: gettext_lazy("The file is empty."),
}
CHECKED_AT_ONCE_BYTES = 500_000


def attempt(request: HttpRequest, action: Callable[..., Any], done: str, **values: Any) -> Any:
    """Run an action and say what came of it; what the rules refuse is said in words, what nobody may is a 403."""
    try:
        result = action(**values, by=request.user, at=timezone.now())
    except imports.Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, REFUSALS[refusal])
        return None
    except NotAllowed as error:
        raise PermissionDenied from error
    if done:
        messages.success(request, done)
    return result


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """What can be imported, and the imports that were: filter, sort, page."""
    form = ImportFilter(request.GET)
    listing = lists.of_queryset(request.GET, form.filtered(pages.imports(request.user)), columns=COLUMNS, default="-uploaded", form=form)
    context = {"form": form, "list": listing, "kinds": pages.kinds(request.user)}
    return htmx.render(request, "batches/imports.html", "batches/_imports.html", context)


@require_GET
def import_export(request: HttpRequest) -> HttpResponse:
    """The filtered imports as a spreadsheet; the export is written down."""
    found = ImportFilter(request.GET).filtered(pages.imports(request.user))
    response: Any = spreadsheets.download(_("Imports"), sheets.IMPORTS, sheets.import_rows(found))
    told = {"filters": request.GET.urlencode(), "rows": response.row_count, "object_type": "batches.ImportBatch"}
    audit.record_export(action="batches.export_imports", by=request.user, at=timezone.now(), **told)
    return response  # type: ignore[no-any-return]


def _kind(request: HttpRequest, code: str) -> exchange.Importing:
    importing = exchange.importings().get(code)
    if importing is None:
        raise Http404(code)
    if not request.user.may(importing.permission):  # type: ignore[union-attr]
        raise PermissionDenied(importing.permission)
    return importing


@require_GET
def template(request: HttpRequest, code: str) -> HttpResponse:
    """The template of a kind of import."""
    importing = _kind(request, code)
    notes = (
        _("Columns with * must be filled in each row; columns may stand in any order, further ones are not read."),
        _("The row that begins with “%(mark)s” is an example and is never imported.") % {"mark": pages.EXAMPLE_MARK},
    )
    name = _("Template: %(kind)s") % {"kind": importing.label}
    return spreadsheets.template(name, pages.entries(importing, request.user), example_mark=pages.EXAMPLE_MARK, notes=notes)


@require_http_methods(["GET", "HEAD", "POST"])
@uploads.takes(lambda: settings.IMPORT_LARGEST_MB)
def import_new(request: HttpRequest, code: str) -> HttpResponse:
    """Upload a file; a small one is checked at once, a large one in the background."""
    importing, is_sent = _kind(request, code), request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
    more = importing.form(request.POST if is_sent else None, user=request.user) if importing.form else None
    if more is not None and not is_sent:  # a link of a page that says what the file is for
        more.initial |= {name: request.GET[name] for name in more.fields if name in request.GET}
    if is_sent and form.is_valid() and (more is None or more.is_valid()):
        file = form.cleaned_data["file"]
        given = _given(request, more)
        about = {"kind": code, "name": file.name, "size_bytes": file.size, "given": given}
        if batch := attempt(request, imports.upload, "", chunks=file.chunks(), **about):
            return checked(request, batch, None)
    context = {"importing": importing, "form": form, "more": more, "entries": pages.entries(importing, request.user)}
    return render(request, "batches/import_new.html", context, status=422 if is_sent else 200)


def _given(request: HttpRequest, form: Any) -> dict[str, Any]:
    """What was typed beside the file, as the same form reads it again when the job runs."""
    many = {name for name, field in (form.fields if form else {}).items() if getattr(field.widget, "allow_multiple_selected", False)}
    names = [name for name in (form.fields if form else {}) if name in request.POST]
    return {name: request.POST.getlist(name) if name in many else request.POST[name] for name in names}


def checked(request: HttpRequest, batch: ImportBatch, columns: dict[str, int] | None) -> HttpResponse:
    """Have a file checked, at once where it is small, and go to its page."""
    if batch.size_bytes <= CHECKED_AT_ONCE_BYTES and checking.is_small(batch):
        attempt(request, lambda by, at: tasks.check_now(batch, columns, by=by), "")
    else:
        attempt(request, imports.ask_check, "", batch=batch, columns=columns)
    return redirect("batches:import", batch.public_id)


def batch_of(request: HttpRequest, pk: object) -> ImportBatch:
    """An import that the person may see."""
    return get_object_or_404(pages.imports(request.user).select_related("by__unit", "checked_by__unit"), public_id=pk)


@require_GET
def import_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """An import: its columns, what its check found, how far it is, what may be done."""
    first = request.GET.get("first", "0")
    batch = batch_of(request, pk)
    page = pages.import_page(batch, request.user, first=int(first) if first.isascii() and first.isdigit() and len(first) < 8 else 0)
    context = {"page": page, "form": ColumnsForm(batch=batch, mapped=page.mapped)}
    return htmx.render(request, "batches/import.html", "batches/_import.html", context)


@require_POST
def import_columns(request: HttpRequest, pk: object) -> HttpResponse:
    """Check the file by other columns, or once more where its check broke off."""
    batch = batch_of(request, pk)
    page = pages.import_page(batch, request.user)
    form = ColumnsForm(request.POST, batch=batch, mapped=page.mapped)
    if not page.is_open:
        raise PermissionDenied(batch.kind)
    if page.may_check and not any(name in request.POST for name in form.fields):  # a check broke off, and no columns are chosen
        return checked(request, batch, None)
    if not page.may_map or not form.is_valid():
        messages.error(
            request,
            REFUSALS[Refusal.BEGUN] if not page.may_map else " ".join(form.non_field_errors()) or _("Choose columns from the list."),
        )
        return redirect("batches:import", pk)
    return checked(request, batch, form.columns())


@require_GET
def import_faults(request: HttpRequest, pk: object) -> HttpResponse:
    """The bad rows as they stand in the file, with a column of reasons, to be mended and uploaded again."""
    batch = batch_of(request, pk)
    if not batch.is_open_to(request.user) or not batch.is_of(request.user):
        raise PermissionDenied(batch.kind)
    if not batch.counts.get("bad"):
        raise Http404(pk)
    if later := spreadsheets.later(request, "batches.faults", batch.counts["bad"], **{"import": str(batch.public_id)}):
        return later
    response: Any = spreadsheets.download(sheets.bad_title(batch), sheets.bad_columns(batch), sheets.bad_rows(batch))
    told = {"filters": {}, "rows": response.row_count, "obj": batch}
    audit.record_export(action="batches.export_faults", by=request.user, at=timezone.now(), **told)
    return response  # type: ignore[no-any-return]


@require_POST
def import_start(request: HttpRequest, pk: object) -> HttpResponse:
    """Have the rows written."""
    batch, form = batch_of(request, pk), StartForm(request.POST)
    if form.is_valid():
        done = _("The rows are being written in the background; this page shows how far it is.")
        attempt(request, imports.start, done, batch=batch, is_whole=form.cleaned_data["mode"] == "whole")
    else:
        messages.error(request, _("Say whether all rows are wanted or the good ones only."))
    return redirect("batches:import", pk)


@require_POST
def import_undo(request: HttpRequest, pk: object) -> HttpResponse:
    """Have the whole import undone."""
    done = _("The import is being undone in the background; this page shows how far it is.")
    attempt(request, undoing.ask_undo, done, batch=batch_of(request, pk))
    return redirect("batches:import", pk)


@require_POST
def import_keep(request: HttpRequest, pk: object) -> HttpResponse:
    """Keep what stands of an import that broke off."""
    attempt(request, keeping.keep, _("What stands of the import stays."), batch=batch_of(request, pk))
    return redirect("batches:import", pk)


@require_POST
def import_drop(request: HttpRequest, pk: object) -> HttpResponse:
    """Throw an import away that was not written."""
    attempt(request, imports.drop, _("The import is thrown away, with its file."), batch=batch_of(request, pk))
    return redirect("batches:imports")
