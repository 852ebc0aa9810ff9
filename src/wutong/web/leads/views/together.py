"""The ticked rows of a list: shared out, taken off, planned, settled, moved to another list, and all of it undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import together, working
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import ListedFirm, TargetList
from wutong.web.leads.queries.results import is_uuid
from wutong.web.leads.views.answers import REFUSALS, answered, attempt, back_to, list_of
from wutong.web.lib.access import require_permission

MOST = 500
MOST_TOLD = 5
UNDO = "leads_undo"  # what was done last to several rows, in the session of whoever did it
UNDO_SECONDS = 600
WORKS: Mapping[str, Any] = {"off": forms.OffForm, "plan": forms.PlanForm, "end": forms.EndForm}
ACTIONS = {"off": working.remove, "plan": working.plan, "end": working.settle, "transfer": working.transfer}


def ticked(request: HttpRequest, found: TargetList) -> list[ListedFirm]:
    """The rows of a list that a form names."""
    wanted = [text for text in request.POST.getlist("row")[:MOST] if is_uuid(text)]
    seen = ListedFirm.objects.visible_to(request.user).filter(list=found, public_id__in=wanted)
    return list(seen.select_related("list", "firm").defer("found"))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def assign(request: HttpRequest, pk: object) -> HttpResponse:
    """Give the ticked rows to a person."""
    found = list_of(request, pk)
    form, there = forms.AssignForm(request.POST, target_list=found), ticked(request, found)
    if not there or not form.is_valid():
        messages.error(request, _("Choose at least one firm, and somebody who may work on the list."))
    else:
        done = attempt(request, None, working.assign, rows=there, **form.cleaned_data)
        if done is not None:
            messages.success(request, ngettext("%(count)s firm changed hands.", "%(count)s firms changed hands.", done) % {"count": done})
    return back_to(request, reverse("leads:detail", args=[pk]))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def work(request: HttpRequest, pk: object, what: str) -> HttpResponse:
    """Take the ticked rows off, set their next step, or enter their outcome."""
    found = list_of(request, pk)
    there = ticked(request, found)
    form = WORKS[what](request.POST, prefix=what)
    if not there:
        messages.error(request, _("Choose at least one firm."))
    elif not form.is_valid():
        for texts in form.errors.values():
            messages.error(request, " ".join(map(str, texts)))
    else:
        _done(request, found, what, there, lambda row: form.cleaned_data)
    return back_to(request, reverse("leads:detail", args=[pk]))


def _done(request: HttpRequest, found: TargetList, what: str, rows: list[ListedFirm], values_of: Any) -> None:
    """Do it, say to how many, and keep how it is undone."""
    done = attempt(request, None, together.each, rows=rows, work=ACTIONS[what], values_of=values_of)
    if count := len(done.rows):
        messages.success(request, ngettext("Done for %(count)s firm.", "Done for %(count)s firms.", count) % {"count": count})
    _tell_refused(request, done)
    if what != "plan" and done.rows:
        kept = [[str(row.public_id), row.position] for row in done.rows]
        request.session[UNDO] = {"list": str(found.public_id), "what": what, "rows": kept, "at": int(timezone.now().timestamp())}


def _tell_refused(request: HttpRequest, done: together.Done) -> None:
    for row, refusals in done.refused[:MOST_TOLD]:
        said = " ".join(str(REFUSALS[one]) for one in refusals)
        messages.warning(request, _("%(firm)s was left as it is: %(why)s") % {"firm": row.firm.name, "why": said})
    if (more := len(done.refused) - MOST_TOLD) > 0:
        said = ngettext("%(count)s more firm was left as it is.", "%(count)s more firms were left as they are.", more)
        messages.warning(request, said % {"count": more})


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def transfer(request: HttpRequest, pk: object) -> HttpResponse:
    """Ask to which list the ticked rows go, and move them there."""
    found = list_of(request, pk)
    there = ticked(request, found)
    if not there:
        messages.error(request, _("Choose at least one firm."))
        return back_to(request, reverse("leads:detail", args=[pk]))
    form = forms.ToListForm(request.POST if "target_list" in request.POST else None, user=request.user, but=found)
    if not form.is_valid():
        context = {"target_list": found, "rows": there, "form": form}
        return render(request, "leads/transfer.html", context, status=422 if form.is_bound else 200)
    to = form.cleaned_data["target_list"]
    _done(request, found, "transfer", there, lambda row: {"to": to})
    return redirect("leads:detail", pk)


def undoable(request: HttpRequest, found: TargetList) -> int:
    """How many rows of a list can be put back as they were before what was done to them a few minutes ago."""
    kept = request.session.get(UNDO) or {}
    is_fresh = kept.get("list") == str(found.public_id) and timezone.now().timestamp() - kept["at"] < UNDO_SECONDS
    return len(kept["rows"]) if is_fresh else 0


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def undo(request: HttpRequest, pk: object) -> HttpResponse:
    """Put the rows back as they were before what was done to them together."""
    found, count = list_of(request, pk), 0
    if undoable(request, found):
        kept = request.session.pop(UNDO)
        places = dict(kept["rows"])
        there = ListedFirm.objects.visible_to(request.user).filter(public_id__in=places).select_related("list", "firm").defer("found")
        action, values_of = _back(request, found, kept["what"], places)
        done = attempt(request, None, together.each, rows=there, work=action, values_of=values_of, is_backwards=kept["what"] == "off")
        count = len(done.rows)
        _tell_refused(request, done)
    said = ngettext("%(count)s firm is as it was.", "%(count)s firms are as they were.", count) % {"count": count}
    messages.success(request, said) if count else messages.error(request, _("There is nothing to undo any more."))
    return redirect("leads:detail", pk)


def _back(request: HttpRequest, found: TargetList, what: str, places: dict[str, int]) -> tuple[Any, Any]:
    """The action that undoes another, and its values for a row."""
    match what:
        case "off":
            return working.restore, lambda row: {}
        case "end":
            return working.reopen_row, lambda row: {"next_step": _("Knock again") if row.knock_count else _("First knock")}
    return working.transfer, lambda row: {"to": found, "position": places[str(row.public_id)]}
