"""Firms chosen elsewhere, or named, go on a list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import making, working
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.models import TargetList
from wutong.web.leads.queries import chosen, rows
from wutong.web.leads.rules import lists as rules
from wutong.web.leads.views import marks
from wutong.web.leads.views.answers import answered, attempt, list_of
from wutong.web.lib.access import require_permission

MOST_TOLD = 5  # firms named one by one after putting on


def _chosen(request: HttpRequest) -> tuple[forms.ChosenForm, chosen.Chosen]:
    """What was chosen on another page, read again from the registry."""
    form = forms.ChosenForm(request.POST)
    form.is_valid()
    asked = form.cleaned_data
    return form, chosen.chosen(
        request.user, found_at=asked.get("found_at", ""), firm_ids=form.firm_ids, first=asked.get("first") or 0
    )  # fmt: skip


def _draw_put(request: HttpRequest, form: Any, picked: chosen.Chosen, *, into: Any = None, new: Any = None) -> HttpResponse:
    is_wrong = bool(into or new) or not picked.candidates
    context = {
        "chosen": picked, "posted": form, "into": into or forms.IntoForm(user=request.user),
        "marks": marks.of_firms(request.user, picked.firm_ids, timezone.now()) if picked.candidates else {},
        "new": new or forms.ListForm(user=request.user, initial={"title": picked.title, "note": picked.note}),
    }  # fmt: skip
    return render(request, "leads/put.html", context, status=422 if is_wrong else 200)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def put(request: HttpRequest) -> HttpResponse:
    """What was chosen elsewhere, and the lists it can go on; nothing is written yet."""
    return _draw_put(request, *_chosen(request))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def put_known(request: HttpRequest) -> HttpResponse:
    """Put the chosen firms on a list that is there."""
    (posted, picked), into = _chosen(request), forms.IntoForm(request.POST, user=request.user)
    if not picked.candidates or not into.is_valid():
        return _draw_put(request, posted, picked, into=into)
    return _put_on(request, into.cleaned_data["target_list"], picked)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def put_new(request: HttpRequest) -> HttpResponse:
    """Put the chosen firms on a new list."""
    (posted, picked), form = _chosen(request), forms.ListForm(request.POST, user=request.user)
    done = None
    if picked.candidates and form.is_valid():
        values = {**form.cleaned_data, "source": picked.source, "candidates": picked.candidates, "first_step": _("First knock")}
        done = attempt(request, form, making.make_with, **values)
    if done is None:
        return _draw_put(request, posted, picked, new=form)
    return _after_put(request, *done, picked)


def _put_on(request: HttpRequest, found: TargetList, picked: chosen.Chosen) -> HttpResponse:
    done = attempt(
        request, None, working.put_on, target_list=found, candidates=picked.candidates, first_step=_("First knock")
    )  # fmt: skip
    return _after_put(request, found, done, picked)


def _tell_of_others(request: HttpRequest, found: TargetList, picked: chosen.Chosen) -> None:
    """Say which of the firms stand on other lists that the person may see, with what came of them there."""
    seen = rows.seen_on_lists(request.user, picked.firm_ids, but=found)
    for one in [there[0] for there in seen.values()][:MOST_TOLD]:
        values = {"firm": one.firm.name, "list": one.list.title, "who": one.assignee or one.list.owner, "state": one.get_state_display()}
        messages.warning(request, _("%(firm)s stands on the list “%(list)s” too (%(who)s): %(state)s.") % values)
    if len(seen) > MOST_TOLD:
        more = len(seen) - MOST_TOLD
        said = ngettext("%(count)s more firm stands on other lists too.", "%(count)s more firms stand on other lists too.", more)
        messages.warning(request, said % {"count": more})


def _after_put(request: HttpRequest, found: TargetList, done: chosen.PutOn | None, picked: chosen.Chosen) -> HttpResponse:
    if done:
        values = {"new": done.new_rows, "back": done.restored_rows, "known": done.known_rows}
        messages.success(request, _("Put on: %(new)s; put back: %(back)s; on the list already: %(known)s.") % values)
        _tell_of_others(request, found, picked)
    response = redirect("leads:detail", found.public_id)
    if picked.source.origin is rules.Origin.CLUSTER:
        response.headers["Location"] += "?group=city"
    return response


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def list_add(request: HttpRequest, pk: object) -> HttpResponse:
    """Put one firm on by its full name or code; a part of a name offers those that hold it."""
    found, form = list_of(request, pk), forms.AddForm(request.POST)
    text = form.cleaned_data["firm"] if form.is_valid() else ""
    if firm_id := chosen.named(text):
        return _put_on(request, found, chosen.by_hand([firm_id]))
    context = {"target_list": found, "text": text, "near": chosen.near_names(text), "form": form}
    return render(request, "leads/no_firm.html", context, status=422)
