"""What the pages of this room share: refusals in words, rows that a person may see, forms drawn, files that leave an entry."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from wutong.web.audit import actions as audit
from wutong.web.firms.rules import Refusal as FirmsRefusal
from wutong.web.lib import exchange, spreadsheets
from wutong.web.partners.actions import guarding
from wutong.web.partners.queries import lists
from wutong.web.partners.rules import Refusal

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
MUST_WORK = "work"

REFUSALS: dict[Any, Any] = {
    Refusal.NAME_MISSING: gettext_lazy("The name is missing."),
    Refusal.NAME_TAKEN: gettext_lazy("The unit has a partner of this kind and name already; open it and change it."),
    Refusal.UNIT_CLOSED: gettext_lazy("The unit is closed."),
    Refusal.PERSON_NOT_OF_UNIT: gettext_lazy("The person holds no role in this unit, or in one below it, that may look after this."),
    Refusal.AGREEMENT_ENDS_FIRST: gettext_lazy("The agreement would end before it was signed."),
    Refusal.SINCE_TO_COME: gettext_lazy("The day since when it is a partner has not come yet."),
    Refusal.REASON_MISSING: gettext_lazy("A reason is missing: write why, so that nobody asks again."),
    Refusal.PARTNER_ENDED: gettext_lazy("Work with this partner has ended; call it active again first, or choose another."),
    Refusal.SAME_STATE: gettext_lazy("It is in this state already."),
    Refusal.NO_CONSENT: gettext_lazy("Nobody stands here without his consent: write where and when the person agreed."),
    Refusal.KNOWN_ALREADY: gettext_lazy("This person stands among the people known already."),
    Refusal.ORIGIN_MISSING: gettext_lazy("Write where the person is from: that makes the tie to home."),
    Refusal.CONTACT_TO_COME: gettext_lazy("A contact cannot be later than today."),
    Refusal.CONTACT_WITH_NOBODY: gettext_lazy("A contact is with a partner or a person."),
    Refusal.CONTACT_EMPTY: gettext_lazy("Write what came of it, be it nothing."),
    Refusal.NEXT_PAST: gettext_lazy("A next step needs a day, which is not past."),
    Refusal.WHAT_MISSING: gettext_lazy("Write what is sought."),
    Refusal.AMOUNT_NOT_POSITIVE: gettext_lazy("The amount must be above zero; leave it empty where it is not known."),
    Refusal.VALID_PAST: gettext_lazy("It must be valid beyond today: choose a later day."),
    Refusal.NOT_OPEN: gettext_lazy("It is not sought any more; take it up again first."),
    Refusal.STILL_OPEN: gettext_lazy("It is sought already."),
    Refusal.ANSWER_MISSING: gettext_lazy("Write the answer."),
    Refusal.TOO_MANY_TODAY: gettext_lazy("That is as many as can be handed in a day. Hand it in tomorrow, or put several into one."),
    Refusal.UNKNOWN_SEGMENT: gettext_lazy("The rules in force have no such segment; choose one of the list."),
    Refusal.ACCOUNT_ENDED: gettext_lazy("The log-in has ended. Open it again first."),
    Refusal.ACCOUNT_OPEN: gettext_lazy("The log-in is open."),
    Refusal.USERNAME_TAKEN: gettext_lazy("This user name is taken."),
    Refusal.ACCOUNT_NOT_TIED: gettext_lazy("This log-in cannot be tied to the partner. Choose another, or ask the system administrator."),
    FirmsRefusal.NO_SOURCE: gettext_lazy("Say where it stands: without a source nobody can check it."),
    FirmsRefusal.CONSENT_IN_FUTURE: gettext_lazy("The day of the consent has not come yet."),
    FirmsRefusal.RETENTION_PAST: gettext_lazy("The end of keeping is past: choose a later day, or erase the person."),
    FirmsRefusal.RETENTION_TOO_LONG: gettext_lazy(
        "That is longer than the rulebook allows at a time; choose an earlier day and renew it then."
    ),
}


def posted(request: HttpRequest) -> Any:
    """What was sent; None where nothing was, so that an empty form is told what it lacks."""
    return request.POST if request.method == "POST" else None


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
    """Call an action; a refusal becomes words of the form, or of the next page where there is no form. None: refused."""
    try:
        return action(**values, by=request.user, at=timezone.now()) or True
    except (guarding.Refused, guarding.RefusedByFirms) as refused:
        for code in refused.refusals:
            form.add_error(None, REFUSALS[code]) if form is not None else messages.error(request, REFUSALS[code])
        return None


def row_of(request: HttpRequest, model: Any, pk: object, *related: str, must_work: bool = False) -> Any:
    """A row that the person may see, and, if he is to change it, may change; 404 or 403."""
    found = get_object_or_404(model.objects.visible_to(request.user).select_related(*related), public_id=pk)
    if must_work and not lists.may(request.user, found).work:
        raise PermissionDenied
    return found


def draw_form(request: HttpRequest, form: Any, title: str, back: str, **context: Any) -> HttpResponse:
    """A form; one with faults is a 422."""
    context = {"form": form, "title": title, "back": back, **context}
    return render(request, "partners/form.html", context, status=422 if form.is_bound else 200)


def exported(request: HttpRequest, code: str, count: int) -> HttpResponse:
    """The file of a list, or the page that prepares a long one; what left the house stands in the audit."""
    if later := spreadsheets.later(request, code, count):
        return later
    response = exchange.at_once(request, code)
    audit.record_export(
        action=f"{code}.export", by=request.user, at=timezone.now(), filters=request.GET.dict(), rows=response.row_count
    )  # fmt: skip
    return response  # type: ignore[no-any-return]
