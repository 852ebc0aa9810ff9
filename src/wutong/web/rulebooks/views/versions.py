"""History of a rule document: versions, what differs between two, print, files out and in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import access, htmx, spreadsheets
from wutong.web.lib.access import require_permission
from wutong.web.rulebooks import forms
from wutong.web.rulebooks.actions import documents as actions
from wutong.web.rulebooks.models import RuleVersion
from wutong.web.rulebooks.queries import documents, workbook
from wutong.web.rulebooks.views.drafts import answered, version_of

YAML_TYPE = "application/yaml; charset=utf-8"
MOST_VERSIONS = 999_999


@require_GET
@require_permission(Permission.RULES_VIEW)
@answered
def version_list(request: HttpRequest, *, kind: str) -> HttpResponse:
    """Every version: who, when and why, and which is, was or will be in force on a day."""
    known, form = documents.kind_of(kind), forms.RuleFilter(request.GET)
    form.is_valid()
    found = documents.history(known, request.GET, visible=RuleVersion.objects.visible_to(request.user), on=form.day)
    context = {
        "history": found, "listing": found.listing, "today": access.today(), "form": form,
        "may_edit": request.user.may(Permission(known.edit)),  # type: ignore[union-attr]
        "may_export": request.user.may(Permission.RULES_EXPORT),  # type: ignore[union-attr]
    }  # fmt: skip
    return htmx.render(request, "rulebooks/versions.html", "rulebooks/_versions.html", context)


@require_GET
@require_permission(Permission.RULES_VIEW)
@answered
def compare(request: HttpRequest, *, kind: str) -> HttpResponse:
    """What differs between two versions, in words and in text."""
    form = forms.CompareForm(request.GET)
    if not form.is_valid():
        raise Http404(kind)
    asked, visible = form.cleaned_data, RuleVersion.objects.visible_to(request.user)
    found = documents.compared(documents.kind_of(kind), asked["old"], asked["new"], visible=visible)
    return render(request, "rulebooks/compare.html", {"compared": found})


@require_GET
@require_permission(Permission.RULES_VIEW)
def printed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version on paper: every value with its day and source, who submitted and approved, and the hash."""
    version = version_of(request, pk)
    return render(request, "rulebooks/print.html", {"version": version, "editor": documents.editor(version, access.today())})


@require_GET
@require_permission(Permission.RULES_EXPORT)
@answered
def download(request: HttpRequest, *, kind: str, number: int, ending: str) -> HttpResponse:
    """A version as YAML or as a workbook; the export is written down."""
    if ending not in {"yaml", "xlsx"} or number > MOST_VERSIONS:
        raise Http404
    text, version = documents.visible_text(documents.kind_of(kind), number, visible=RuleVersion.objects.visible_to(request.user))
    held = documents.leaves_of(kind, version.text)
    if ending == "xlsx":
        response: Any = spreadsheets.download(documents.name_of(version), workbook.COLUMNS, workbook.rows(held))
    else:
        response = HttpResponse(text, content_type=YAML_TYPE)
        response.headers["Content-Disposition"] = f'attachment; filename="{kind}-v{number}.yaml"'
    asked = {"kind": kind, "version": number, "file": ending}
    actions.note_export(action="rules.version.export", by=request.user, at=timezone.now(), filters=asked, rows=len(held))  # type: ignore[arg-type]
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.RULES_EDIT)
@answered
def upload(request: HttpRequest, *, kind: str) -> HttpResponse:
    """A document from a file: its faults line by line, or a new draft."""
    known = documents.kind_of(kind)
    form = forms.FileForm(request.POST or None, request.FILES or None, initial={"begins_on": access.today()})
    if not form.is_valid():
        return render(request, "rulebooks/upload.html", {"form": form, "kind": known}, status=400 if form.is_bound else 200)
    name, content, sha256 = form.content()
    read = documents.read_file(known, name, content)
    if read.faults:
        return render(request, "rulebooks/upload.html", {"form": form, "kind": known, "read": read}, status=400)
    version = actions.begin(
        kind=kind, text=read.text, begins_on=form.cleaned_data["begins_on"], note=form.cleaned_data["note"], by=request.user,  # type: ignore[arg-type]
        at=timezone.now(), file=name, sha256=sha256, rows=read.rows,
    )  # fmt: skip
    messages.success(request, _("A draft was made of the file."))
    return redirect("rulebooks:draft", pk=version.public_id)
