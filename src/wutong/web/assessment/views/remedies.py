"""Remedies: the line below which one is asked for, and of whom what is asked; they go on as findings do."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import remedies as actions
from wutong.web.assessment.forms import remedies as forms
from wutong.web.assessment.queries import remedies as queries
from wutong.web.assessment.views.answering import attempt, bound, get_or_post, guarded, run_of
from wutong.web.lib import access
from wutong.web.lib.access import require_permission


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def demand(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose the line, see who lies below it, and ask for a remedy."""
    run = run_of(request, pk)
    if not queries.may_demand(request.user, run):
        raise PermissionDenied
    on = access.today()
    by_rulebook = queries.line_on(on)
    line_form = forms.LineForm(request.GET or by_rulebook)
    line = line_form.line()
    rows = queries.below(run, **line) if line else []
    form = forms.RemedyForm(bound(request), found=rows, due_on=queries.due_on(on))
    if request.method == "POST" and form.is_valid():
        made = attempt(request, form, actions.demand, run=run, **form.values())
        if made is not None:
            messages.success(request, ngettext("%(n)s was given a duty.", "%(n)s were given a duty.", len(made)) % {"n": len(made)})
            return redirect("assessment:run", pk)
    context = {"run": run, "line_form": line_form, "line": line, "rows": rows, "form": form, "by_rulebook": by_rulebook}
    return render(request, "assessment/remedy.html", context, status=422 if form.is_bound else 200)
