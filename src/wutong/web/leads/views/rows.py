"""One firm on a list, and what is done to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.actions import telling, working
from wutong.web.leads.forms import lists as forms
from wutong.web.leads.queries import dossier, lists, people, rows
from wutong.web.leads.views.answers import answered, attempt, back_to, row_of
from wutong.web.lib import access
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.LEADS_VIEW)
@answered
def row_detail(request: HttpRequest, pk: object) -> HttpResponse:
    """A firm on a list: how it stands, why it was put on, and its history."""
    row, on = row_of(request, pk), access.today()
    may = lists.may(request.user, row.list)
    taken = telling.taken_elsewhere(firm_ids=[row.firm.firm_id], by=request.user, at=timezone.now())  # type: ignore[arg-type]
    later = on + dt.timedelta(days=people.later_days(on))
    holder = {"to": row.assignee.public_id} if row.assignee else {}
    context = {
        "page": rows.page_of(row, request.user, on=on), "row": row, "may": may, "taken": taken, "leads": dossier.of_row(request.user, row),
        "others": rows.marks_of(request.user, [row.firm.firm_id], but=row.list).get(row.firm.firm_id, ()),
        "segment": rows.segment_name(row.chain, row.segment) if row.segment else "",
        "plan": forms.PlanForm(initial={"next_step": rows.step_words(row.next_step), "next_on": row.next_on}),
        "settle": forms.SettleForm(initial={"until": later}),
        "assign": forms.AssignForm(target_list=row.list, initial=holder) if may.assign else None,
    }  # fmt: skip
    return render(request, "leads/row.html", context)


def _on_row(request: HttpRequest, pk: object, form: Any, action: Callable[..., Any], done: str, **values: Any) -> HttpResponse:
    """Call an action on a row and go back to where the form stood."""
    row = row_of(request, pk)
    if form is not None and not form.is_valid():
        for texts in form.errors.values():
            messages.error(request, " ".join(map(str, texts)))
    elif attempt(request, None, action, row=row, **(form.cleaned_data if form else {}), **values) is not None:
        messages.success(request, done % {"firm": row.firm.name})
    return back_to(request, reverse("leads:row", args=[pk]))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_plan(request: HttpRequest, pk: object) -> HttpResponse:
    """Set the next step."""
    return _on_row(request, pk, forms.PlanForm(request.POST), working.plan, _("The next step with %(firm)s is set."))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_settle(request: HttpRequest, pk: object) -> HttpResponse:
    """Enter an outcome."""
    done = _("The outcome of %(firm)s is entered; “Take the outcome back” undoes it.")
    return _on_row(request, pk, forms.SettleForm(request.POST), working.settle, done)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_reopen(request: HttpRequest, pk: object) -> HttpResponse:
    """Take an outcome back."""
    step = _("Knock again") if row_of(request, pk).knock_count else _("First knock")
    return _on_row(request, pk, None, working.reopen_row, _("%(firm)s is worked on again."), next_step=step)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_remove(request: HttpRequest, pk: object) -> HttpResponse:
    """Take a firm off."""
    done = _("%(firm)s is off the list; “Put back” on its page undoes it.")
    return _on_row(request, pk, forms.ReasonForm(request.POST), working.remove, done)


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_restore(request: HttpRequest, pk: object) -> HttpResponse:
    """Put a firm back."""
    return _on_row(request, pk, None, working.restore, _("%(firm)s is on the list again."))


@require_POST
@require_permission(Permission.LEADS_EDIT)
@answered
def row_move(request: HttpRequest, pk: object) -> HttpResponse:
    """Give a row another place in the order."""
    return _on_row(request, pk, forms.MoveForm(request.POST), working.move, _("%(firm)s has another place in the order."))
