"""Goals of a year against time, one goal by months, changes asked for and decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import goals as actions
from wutong.web.assessment.forms import goals as forms
from wutong.web.assessment.models import Goal, GoalChange
from wutong.web.assessment.queries import goal_drawing, goal_words, goals, touched
from wutong.web.assessment.views.answering import bound, get_or_post, guarded, reason_of
from wutong.web.lib import access, exchange, htmx, lists
from wutong.web.lib.access import require_permission


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, and nothing comes back."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except actions.Refused as refused:
        for text in goal_words.refusal_words(refused.refusals):
            form.add_error(None, text)
    return None


def told(request: HttpRequest, action: Callable[..., Any], done: str, **values: Any) -> None:
    """Call an action from a button; what is refused stands above the page."""
    try:
        action(**values, by=request.user, at=timezone.now())
    except actions.NotAllowed as error:
        raise PermissionDenied from error
    except actions.Refused as refused:
        messages.error(request, " ".join(goal_words.refusal_words(refused.refusals)))
    else:
        messages.success(request, done)


def form_page(request: HttpRequest, form: Any, *, title: Any, button: Any, back: str, **more: Any) -> HttpResponse:
    """A page of goals with one form; 422 where it was sent and something is wrong."""
    context = {"form": form, "title": title, "button": button, "back": back, **more}
    return render(request, "assessment/goal_form.html", context, status=422 if form.is_bound else 200)


def goal_of(request: HttpRequest, pk: UUID) -> Goal:
    """The goal of an address, if the person may see it."""
    found = Goal.objects.visible_to(request.user).select_related("goal_set__unit", "unit")
    return get_object_or_404(found, public_id=pk)


# --- a year -----------------------------------------------------------------------------------------------------------------------------
def asked_year(user: Any, query: Any) -> goals.YearPage:
    """The goals that a query string asks for."""
    return goals.year_page(user, **forms.YearForm(query, user=user).asked())


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def year(request: HttpRequest) -> HttpResponse:
    """Units × measures of a year: actual, goals of every set, points ahead of time."""
    form = forms.YearForm(request.GET, user=request.user)
    may = request.user.may  # type: ignore[union-attr]
    context = {
        "form": form, "page": asked_year(request.user, request.GET), "chips": lists.chips(form, request.GET),
        "query": lists.query_with(request.GET), "may_edit": may(Permission.ASSESSMENT_EDIT),
        "may_export": may(Permission.ASSESSMENT_EXPORT),
    }  # fmt: skip
    return htmx.render(request, "assessment/goals.html", "assessment/_goals.html", context)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def summary(request: HttpRequest) -> HttpResponse:
    """The goals of this year as a whole against time, for pages of other rooms."""
    on = access.today()
    page = goals.year_page(request.user, year=on.year, on=on, is_whole=True)
    return htmx.render(request, "assessment/goals_summary.html", "assessment/_goals_summary.html", {"page": page})


@require_GET
@require_permission(Permission.ASSESSMENT_EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """The same as a spreadsheet."""
    response: Any = exchange.at_once(request, "assessment.goals")
    actions.note_export(by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count)
    found: HttpResponse = response
    return found


# --- one goal ---------------------------------------------------------------------------------------------------------------------------
@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def goal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A goal by months, what stood before, changes, and the records behind its actual."""
    found, form = goal_of(request, pk), forms.YearForm(request.GET, user=request.user)
    asked = form.asked()
    on = asked["on"] if asked["year"] == found.goal_set.year else goals.last_day(found.goal_set.year)
    page = goals.goal_page(request.user, found, on)
    context = {
        "page": page, "goal": found, "drawing": goal_drawing.drawing(page), "resting": touched.resting_on_goal(request.user, found),
        "behind": goal_drawing.records(request.user, page.behind),
        "lacking": goal_drawing.records(request.user, page.lacking), "may_ask": goals.may_ask(request.user, found),
        "may_decide_change": goals.may_decide_changes(request.user, found), **goals.may(request.user, found.goal_set),
    }  # fmt: skip
    return render(request, "assessment/goal.html", context)


@get_or_post
@require_permission(Permission.ASSESSMENT_EDIT)
@guarded
def months(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How a goal of a draft is spread over the year."""
    found = goal_of(request, pk)
    if not goals.may(request.user, found.goal_set)["may_edit"]:
        raise PermissionDenied
    value, line = goals.values_on([found])[found.pk], goal_words.line(*found.line)
    form = forms.MonthsForm(bound(request), goal=found, line=line, months=value.months)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.set_months, goal=found, **form.values()) is not None:
        return redirect("assessment:goal", pk)
    return form_page(request, form, title=_("Months"), button=_("Save"), back=reverse("assessment:goal", args=[pk]), goal=found)


# --- changes ----------------------------------------------------------------------------------------------------------------------------
@get_or_post
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for another goal from a day on."""
    found = goal_of(request, pk)
    if not goals.may_ask(request.user, found):
        raise PermissionDenied
    form = forms.ChangeForm(bound(request), line=goal_words.line(*found.line))
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and attempt(request, form, actions.ask_change, goal=found, **form.values()) is not None:
        messages.success(request, _("Asked for. Somebody else who may approve now decides."))
        return redirect("assessment:goal", pk)
    title = _("Ask for a change of the goal")
    return form_page(request, form, title=title, button=_("Hand in"), back=reverse("assessment:goal", args=[pk]), goal=found)


def _change_of(request: HttpRequest, pk: UUID) -> GoalChange:
    return get_object_or_404(GoalChange.objects.visible_to(request.user).select_related("goal"), public_id=pk)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def change_approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve a change; what stood before stays readable."""
    found = _change_of(request, pk)
    told(request, actions.decide_change, _("Approved."), change=found, is_approved=True, reason=reason_of(request))
    return redirect("assessment:goal", found.goal.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
def change_decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Decline a change with a reason."""
    found = _change_of(request, pk)
    told(request, actions.decide_change, _("Declined."), change=found, is_approved=False, reason=reason_of(request))
    return redirect("assessment:goal", found.goal.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_VIEW)
def change_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one's own request back."""
    found = _change_of(request, pk)
    told(request, actions.withdraw_change, _("Withdrawn."), change=found)
    return redirect("assessment:goal", found.goal.public_id)
