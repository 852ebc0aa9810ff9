"""The editor of a draft: its board, one change at a time, the text beside it, and which firms come and go."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.chains import actions, forms
from wutong.web.chains.models import ChainVersion
from wutong.web.chains.queries import maps, versions
from wutong.web.chains.rules import HandRefusal, Refusal
from wutong.web.chains.sheets import effects as sheet
from wutong.web.chains.views.standing import may_export, noted
from wutong.web.firms.queries import standing as firms
from wutong.web.lib import htmx, spreadsheets
from wutong.web.lib.access import require_permission

REFUSALS: dict[StrEnum, Any] = {
    Refusal.WRONG_STATE: gettext_lazy("This version is no longer in the state for that; load the page again."),
    Refusal.NOTHING_CHANGED: gettext_lazy("Nothing was changed yet, so there is nothing to submit."),
    Refusal.HAS_FAULTS: gettext_lazy("The text still has faults; mend those that are listed first."),
    Refusal.NO_REASON: gettext_lazy("Give a reason: whoever reads the history must understand it."),
    Refusal.OWN_VERSION: gettext_lazy("Whoever wrote or submitted a version does not approve it; a second person must."),
    Refusal.BASE_OUTDATED: gettext_lazy("Another version was approved meanwhile; withdraw this one and begin from the newest."),
    HandRefusal.SAID_MEANWHILE: gettext_lazy(
        "Somebody else noted the same of this firm at the same moment; look, and say it again if it differs."
    ),
    Refusal.OPEN_ALREADY: gettext_lazy("This chain has a draft already; go on with that one, or withdraw it first."),
}


def in_words(refused: actions.Refused) -> str:
    """Why the rules refuse, in the language of the page."""
    return " ".join(str(REFUSALS[refusal]) for refusal in refused.refusals)


def refused_in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the rules refuse becomes a message on the page of the version; what nobody knows becomes 404, what one may not 403."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except actions.Refused as refused:
            fault = in_words(refused)
        except (actions.EditError, actions.RulebookError) as error:
            fault = _("This cannot be done: %(fault)s") % {"fault": versions.draft_problem(error)}
        except forms.NotClean as unclean:
            fault = unclean.words
        except maps.NotThere as unknown:
            raise Http404 from unknown
        if "pk" in kwargs and htmx.wants_part(request):
            return board(request, version_of(request, kwargs["pk"]), fault=fault, status=409)
        messages.error(request, fault)
        return redirect("chains:draft", pk=kwargs["pk"]) if "pk" in kwargs else redirect("chains:versions", chain_id=kwargs["chain_id"])

    return answered


def version_of(request: HttpRequest, pk: UUID) -> ChainVersion:
    """The version of an address, if the person may see it."""
    return get_object_or_404(
        ChainVersion.objects.visible_to(request.user).select_related("unit", "created_by", "submitted_by"), public_id=pk
    )


def board(request: HttpRequest, version: ChainVersion, *, fault: str = "", status: int = 200) -> HttpResponse:
    """The editor, or for htmx its board."""
    found, unit = versions.editor(version), version.unit.target()
    chosen = request.POST.get("selected") or request.GET.get("segment", "")
    may_decide = not version.is_draft and version.is_open and request.user.may(Permission.CHAINS_APPROVE, unit)  # type: ignore[union-attr]
    context = {
        "version": version, "editor": found, "fault": fault, "region": firms.home_region(request.user),
        "selected": next((card for card in found.segments if card.id == chosen), None),
        "may_edit": version.is_draft and request.user.may(Permission.CHAINS_EDIT, unit),  # type: ignore[union-attr]
        "may_withdraw": versions.is_his_to_withdraw(version, request.user, may_decide=may_decide), "may_decide": may_decide,
        "reason": forms.ReasonForm(), "roles": versions.roles(), "wanted": request.GET.get("product", ""),
        "products": versions.products_like(request.GET.get("product", "")),
    }  # fmt: skip
    return htmx.render(request, "chains/edit.html", "chains/_edit_board.html", context, status=status)


def _after(request: HttpRequest, version: ChainVersion) -> HttpResponse:
    """The board as it is now for htmx, else back to the page."""
    if htmx.wants_part(request):
        return board(request, version)
    selected = request.POST.get("selected", "")
    query = "?" + urlencode({"segment": selected}) if selected else ""
    return redirect(reverse("chains:draft", args=[version.public_id]) + query)


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A version in the editor: to be changed while it is a draft, to be read and decided on afterwards."""
    return board(request, version_of(request, pk))


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def begin(request: HttpRequest, *, chain_id: str) -> HttpResponse:
    """A new draft of a chain, from the newest version or the one named."""
    number = request.POST.get("from", "")
    start = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None
    if start and not ChainVersion.objects.visible_to(request.user).filter(chain_id=chain_id, number=start).exists():
        raise Http404(chain_id)
    note = _("Restores version %(number)s") % {"number": start} if start is not None and "restore" in request.POST else ""
    version = actions.begin(chain_id=chain_id, from_number=start, note=note, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("chains:draft", pk=version.public_id)


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def change(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """One change by its verb."""
    version, form = version_of(request, pk), forms.ChangeForm(request.POST)
    if not form.is_valid():
        return board(request, version, fault=_("No such change.") if form.has_error("verb") else forms.words_of(form), status=400)
    values = form.values
    version = actions.change(version=version, verb=form.cleaned_data["verb"], values=values, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return _after(request, version)


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def rewrite(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The whole text, as somebody wrote it."""
    version, form = version_of(request, pk), forms.TextForm(request.POST)
    if not form.is_valid():
        return board(request, version, fault=_("The text is empty or too long."), status=400)
    text = form.cleaned_data["text"]
    return _after(request, actions.rewrite(version=version, text=text, by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.CHAINS_EDIT)
def check(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """The faults of a text that somebody is writing; nothing is kept."""
    version, form = version_of(request, pk), forms.TextForm(request.POST)
    faults = versions.faults(version.chain_id, form.cleaned_data["text"]) if form.is_valid() else ()
    return render(request, "chains/_edit_faults.html", {"faults": faults, "is_checked": form.is_valid()})


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def undo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Take the last step back."""
    return _after(request, actions.undo(version=version_of(request, pk), by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def redo(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Do again what was taken back."""
    return _after(request, actions.redo(version=version_of(request, pk), by=request.user, at=timezone.now()))  # type: ignore[arg-type]


@require_GET
@require_permission(Permission.CHAINS_VIEW)
def effect(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Which firms come and go on each segment, if this version comes into force."""
    version, region = version_of(request, pk), firms.home_region(request.user)
    context = {"version": version, "effect": versions.effect_of(version, region), "region": region, "may_export": may_export(request)}
    return htmx.render(request, "chains/edit_effect.html", "chains/_edit_effect.html", context)


@require_GET
@require_permission(Permission.CHAINS_EXPORT)
def effect_export(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Every firm that comes or goes, as a spreadsheet."""
    version = version_of(request, pk)
    found = versions.moved_of(version, firms.home_region(request.user))
    name = _("%(chain)s, version %(number)s: firms that come and go") % {"chain": versions.name_of(version), "number": version.number}
    return noted(request, "chains.effect", spreadsheets.download(name, sheet.columns(), sheet.rows(found), notes=sheet.notes_of(found)))


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def submit(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Hand it to a second person."""
    actions.submit(version=version_of(request, pk), note=forms.reason_of(request.POST), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Submitted. Somebody else who may approve now reads it."))
    return redirect("chains:draft", pk=pk)


@require_POST
@require_permission(Permission.CHAINS_APPROVE)
@refused_in_words
def approve(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Approve, and let firms be placed by it in the background."""
    reason = forms.reason_of(request.POST)
    version = actions.approve(version=version_of(request, pk), reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    actions.ask_for_placing(by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Approved. Pages show the version in force until firms are placed anew."))
    return redirect("chains:versions", chain_id=version.chain_id)


@require_POST
@require_permission(Permission.CHAINS_APPROVE)
@refused_in_words
def send_back(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Refuse, with a reason."""
    reason = forms.reason_of(request.POST)
    version = actions.send_back(version=version_of(request, pk), reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Sent back. A new draft may begin from it."))
    return redirect("chains:versions", chain_id=version.chain_id)


@require_POST
@require_permission(Permission.CHAINS_EDIT)
@refused_in_words
def withdraw(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Give it up."""
    reason = forms.reason_of(request.POST)
    version = actions.withdraw(version=version_of(request, pk), reason=reason, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("Withdrawn. A new draft may begin from it."))
    return redirect("chains:versions", chain_id=version.chain_id)
