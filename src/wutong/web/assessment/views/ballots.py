"""One's own sheets of ratings: what one is asked, and the sheet on a phone; for units, and for people of local firms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import ratings as actions
from wutong.web.assessment.forms import ratings as forms
from wutong.web.assessment.queries import rating_pages as queries
from wutong.web.assessment.views.answering import attempt, bound, get_or_post, guarded
from wutong.web.lib import access, htmx, lists
from wutong.web.lib.access import require_permission
from wutong.web.partners.models import FirmAccount


def _listed(request: HttpRequest) -> dict[str, Any]:
    user, found = request.user, queries.own(request.user)
    page = lists.Page.of(request.GET, found.count(), 50)
    is_firm = user.may(Permission.PARTNERS_OWN_FIRM)  # type: ignore[union-attr]
    return {"rows": found[page.offset : page.offset + page.size], "page": page, "today": access.today(), "is_firm": is_firm}


@require_GET
def ballot_list(request: HttpRequest) -> HttpResponse:
    """What one is asked to rate; nothing for whoever is asked nothing."""
    return render(request, "assessment/ballots.html", _listed(request))


@require_GET
@require_permission(Permission.PARTNERS_OWN_FIRM)
def of_firm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the person of a firm is asked to rate, on the firm's own page."""
    account = get_object_or_404(FirmAccount.objects.standing().filter(user_id=request.user.pk), public_id=pk)
    return htmx.render(request, "assessment/ballots.html", "assessment/_ballots.html", {**_listed(request), "account": account})


@get_or_post
@guarded
def ballot(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One's own sheet: a question a card; kept half, or handed in, and changed until the round closes."""
    rater = get_object_or_404(queries.own(request.user), public_id=pk)
    sheet = queries.sheet(rater, access.today())
    form, is_handed_in = forms.BallotForm(bound(request), sheet=sheet), "hand_in" in request.POST
    is_sent, told = request.method == "POST" and form.is_valid(), {"rater": rater, "is_handed_in": is_handed_in}
    if is_sent and attempt(request, form, actions.answer, **told, **form.values()) is not None:
        is_whole = is_handed_in or sheet.is_handed_in
        messages.success(request, _("Handed in and sealed.") if is_whole else _("Draft kept; it is not handed in yet."))
        return redirect("assessment:ballot", pk)
    is_firm = request.user.may(Permission.PARTNERS_OWN_FIRM)  # type: ignore[union-attr]
    context = {"sheet": sheet, "round": rater.round, "rater": rater, "form": form, "is_firm": is_firm}
    return render(request, "assessment/ballot.html", context, status=422 if form.is_bound else 200)
