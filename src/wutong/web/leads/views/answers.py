"""What the pages of leads share: refusals in words, objects that a person may see, the way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wutong.web.audit import actions as audit
from wutong.web.leads.actions import guarding, telling
from wutong.web.leads.forms.lists import CONTACT_IN_FUNCTION
from wutong.web.leads.models import Lead, ListedFirm, TargetList
from wutong.web.leads.queries import dossier, refusals
from wutong.web.leads.queries.results import is_uuid
from wutong.web.leads.rules.lists import Refusal

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

REFUSALS = {
    Refusal.LIST_CLOSED: gettext_lazy("The list is closed. Open it again first."),
    Refusal.NOT_CLOSED: gettext_lazy("The list is not closed."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.KNOCK_OR_REASON_MISSING: gettext_lazy("Nobody knocked at this firm yet: enter the knock first, or write how it became a lead."),
    Refusal.ROW_REMOVED: gettext_lazy("The firm was taken off the list. Put it back first."),
    Refusal.NOT_REMOVED: gettext_lazy("The firm is still on the list."),
    Refusal.ROW_DONE: gettext_lazy("The outcome is entered already. Take it back first."),
    Refusal.ROW_OPEN: gettext_lazy("No outcome is entered yet."),
    Refusal.NEXT_STEP_MISSING: gettext_lazy("A firm that is worked on needs a next step and its day."),
    Refusal.NEXT_STEP_PAST: gettext_lazy("The day of the next step is past."),
    Refusal.UNTIL_MISSING: gettext_lazy("Give the day on which the firm is to be asked again."),
    Refusal.UNTIL_PAST: gettext_lazy("The day on which the firm is to be asked again must be later than today."),
    Refusal.KNOCK_LATER_THAN_NOW: gettext_lazy("A knock cannot be later than today."),
    Refusal.THROUGH_WHOM: gettext_lazy("Write through whom: a chamber, an adviser, a firm."),
    Refusal.CONTACT_IN_FUNCTION: CONTACT_IN_FUNCTION,
    Refusal.CORRECTED_ALREADY: gettext_lazy("This entry was corrected already. Correct the later one."),
    Refusal.PERSON_NOT_OF_LIST: gettext_lazy("The person holds no role in this unit, or in one below it, that may work on its lists."),
    Refusal.PERSON_INACTIVE: gettext_lazy("The account of the person is closed."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.FIRM_THERE: gettext_lazy("The firm stands on that list already, or was taken off it: open it there."),
}


def said(refused: guarding.Refused) -> list[str]:
    """A refusal in words; codes of lists and of leads may bear one name, so it is asked of which kind they are."""
    return [
        str(REFUSALS[refusal]) if isinstance(refusal, Refusal) else refusals.words((refusal,))[0]
        for refusal in refused.refusals
    ]  # fmt: skip


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a person sees but may not do is 403; a firm that is not in the build, 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except guarding.NotAllowed as refused:
            raise PermissionDenied from refused
        except guarding.UnknownFirm as unknown:
            raise Http404 from unknown

    return guarded


def attempt(request: HttpRequest, form: Any, action: Callable[..., Any], **values: Any) -> Any:
    """Call an action; a refusal becomes words of the form, or of the next page where there is no form."""
    try:
        return action(**values, by=request.user, at=timezone.now())
    except guarding.Refused as refused:
        for text in said(refused):
            form.add_error(None, text) if form is not None else messages.error(request, text)
        return None


def noted_look(request: HttpRequest, target_list: TargetList) -> TargetList:
    """Whoever opens a confidential list, or a firm on it, is written down, once a day; an open list costs no question."""
    if target_list.is_confidential:
        audit.record_look(action="leads.look", record_=target_list, by=request.user, at=timezone.now())
    return target_list


def noted_filter(request: HttpRequest) -> None:
    """The same where the filter of a page or sheet over all lists names a confidential one: it shows as much as the list itself."""
    named = request.GET.get("list", "")
    if is_uuid(named):
        for found in TargetList.objects.visible_to(request.user).filter(public_id=named, is_confidential=True):
            noted_look(request, found)


def list_of(request: HttpRequest, pk: object) -> TargetList:
    found = TargetList.objects.visible_to(request.user).select_related("unit", "owner").prefetch_related("members__unit")
    return noted_look(request, get_object_or_404(found, public_id=pk))


def row_of(request: HttpRequest, pk: object) -> ListedFirm:
    found = ListedFirm.objects.visible_to(request.user).select_related("firm", "assignee", "list__unit", "list__owner")
    row = get_object_or_404(found, public_id=pk)
    noted_look(request, row.list)
    return row


def lead_of(request: HttpRequest, pk: object) -> Lead:
    """A lead that the person may see; whoever opens a confidential one is written down, once a day."""
    lead: Lead = get_object_or_404(dossier.whole(Lead.objects.visible_to(request.user)), public_id=pk)
    if lead.is_confidential:
        audit.record_look(action="leads.look_lead", record_=lead, by=request.user, at=timezone.now())
    return lead


def draw_form(request: HttpRequest, form: Any, title: str, back: str, **context: Any) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, **context}
    return render(request, "leads/form.html", context, status=422 if form.is_bound else 200)


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names, if it is one of ours."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours else otherwise)


def noted(request: HttpRequest, what: str, response: Any, target_list: TargetList | None = None) -> HttpResponse:
    telling.note_export(
        what=what, by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count, target_list=target_list
    )  # fmt: skip
    return response
