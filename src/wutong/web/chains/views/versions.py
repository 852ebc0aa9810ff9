"""History of a chain: versions, what differs between two, files out and in, and how far the placing is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import actions, forms
from wutong.web.chains.models import ChainVersion
from wutong.web.chains.queries import history, maps, versions
from wutong.web.chains.views.editing import refused_in_words
from wutong.web.firms.actions import adoption
from wutong.web.lib import htmx, spreadsheets
from wutong.web.lib.access import require_permission

YAML_TYPE = "application/yaml; charset=utf-8"
MOST_VERSIONS = 999_999


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def version_list(request: HttpRequest, chain_id: str) -> HttpResponse:
    """Every version of a chain: who, when and why, and which is in force."""
    try:
        found = history.history(chain_id, request.GET, visible=ChainVersion.objects.visible_to(request.user))
    except maps.NotThere as unknown:
        raise Http404 from unknown
    context = {
        "history": found, "listing": found.listing, "placing": versions.placing_now(timezone.now()),
        "may_edit": request.user.may(Permission.CHAINS_EDIT), "may_approve": request.user.may(Permission.CHAINS_APPROVE),  # type: ignore[union-attr]
        "waits": versions.waits_for_placing(),
    }  # fmt: skip
    return htmx.render(request, "chains/versions.html", "chains/_versions_table.html", context)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def compare(request: HttpRequest, chain_id: str) -> HttpResponse:
    """What differs between two versions, in words and in text."""
    form = forms.CompareForm(request.GET)
    if not form.is_valid():
        raise Http404(chain_id)
    old, new = form.cleaned_data["old"], form.cleaned_data["new"]
    try:
        found = versions.compared(chain_id, old, new, visible=ChainVersion.objects.visible_to(request.user))
    except maps.NotThere as unknown:
        raise Http404 from unknown
    return render(request, "chains/compare_versions.html", {"compared": found, "sentences": history.sentences(found)})


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
def download(request: HttpRequest, chain_id: str, number: int, kind: str) -> HttpResponse:
    """A version as YAML or as a workbook."""
    if kind not in {"yaml", "xlsx"} or number > MOST_VERSIONS:
        raise Http404
    try:
        text = history.visible_text(chain_id, number, visible=ChainVersion.objects.visible_to(request.user))
    except maps.NotThere as unknown:
        raise Http404 from unknown
    is_book = kind == "xlsx"
    content, content_type = (versions.workbook_of(text), spreadsheets.TYPE) if is_book else (text.encode("utf-8"), YAML_TYPE)
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{chain_id}-v{number}.{"xlsx" if is_book else "yaml"}"'
    adoption.note_export(what="chains.version", by=request.user, at=timezone.now(), filters={"chain": chain_id, "version": number}, rows=1)  # type: ignore[arg-type]
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@require_permission(Permission.CHAINS_EDIT)
def upload(request: HttpRequest) -> HttpResponse:
    """A chain from a file: its faults row by row, or a new draft."""
    form = forms.FileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return render(request, "chains/upload.html", {"form": form}, status=400 if form.is_bound else 200)
    file = form.cleaned_data["file"]
    read = versions.read_file(file.name, file.read())
    if read.faults or not read.chain_id:
        return render(request, "chains/upload.html", {"form": form, "read": read}, status=400)
    return _drafted(request, chain_id=read.chain_id, text=read.text, note=form.cleaned_data["note"])


@refused_in_words
def _drafted(request: HttpRequest, *, chain_id: str, text: str, note: str) -> HttpResponse:
    version = actions.begin(chain_id=chain_id, text=text, note=note, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("A draft was made of the file."))
    return redirect("chains:draft", pk=version.public_id)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def placing(request: HttpRequest) -> HttpResponse:
    """How far the placing is."""
    context = {"placing": versions.placing_now(timezone.now()), "waits": versions.waits_for_placing()}
    context["may_approve"] = request.user.may(Permission.CHAINS_APPROVE)  # type: ignore[union-attr]
    return htmx.render(request, "chains/placing.html", "chains/_placing.html", context)


@require_POST
@require_permission(Permission.CHAINS_APPROVE)
def place(request: HttpRequest) -> HttpResponse:
    """Place again, after a placing that failed or was stopped."""
    asked = actions.ask_for_placing(by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if asked is None:
        messages.info(request, _("Nothing to place: it runs already, or all that is approved is in force."))
    return redirect("chains:placing")
