"""A registration of an introducer or adviser, and its withdrawal where it was made by mistake."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from wutong.web.accounts.rules.access import Permission
from wutong.web.assessment.actions import refusing
from wutong.web.assessment.actions import registrations as actions
from wutong.web.assessment.models import Registration
from wutong.web.assessment.queries import refusals
from wutong.web.assessment.queries import registrations as queries
from wutong.web.assessment.queries import rewards as of_claims
from wutong.web.assessment.rules.rewards import RewardRefusal
from wutong.web.assessment.views.answering import guarded, reason_of
from wutong.web.lib import access, htmx
from wutong.web.lib.access import require_permission


def _registration_of(request: HttpRequest, pk: UUID) -> Registration:
    return get_object_or_404(queries.registrations(request.user), public_id=pk)


def _page(request: HttpRequest, found: Registration, *, fault: str = "", status: int = 200) -> HttpResponse:
    claims = of_claims.claims(request.user).filter(registration=found)
    page = queries.page(request.user, found, access.today())
    context = {"page": page, "registration": found, "claims": claims, "fault": fault, "reason": request.POST.get("reason", "")}
    return htmx.render(request, "assessment/registration.html", "assessment/_registration.html", context, status=status)


@require_GET
@require_permission(Permission.ASSESSMENT_VIEW)
def registration(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who was registered for what, whether it counts, and the requests to withdraw it."""
    return _page(request, _registration_of(request, pk))


def _done(request: HttpRequest, found: Registration, said: str, action: Any, **values: Any) -> HttpResponse:
    """Do a step; a refusal stands on the page of the registration."""
    try:
        action(by=request.user, at=timezone.now(), reason=reason_of(request), **values)
    except refusing.Refused as refused:
        return _page(request, found, fault=" ".join(refusals.in_words(refused.refusals)), status=409)
    messages.success(request, said)
    return redirect("assessment:registration", found.public_id)


@require_POST
@require_permission(Permission.ASSESSMENT_VIEW)
@guarded
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the withdrawal of a registration, with a reason."""
    found = _registration_of(request, pk)
    said = _("Asked for. Somebody else who may approve now decides; till then the registration counts.")
    return _done(request, found, said, actions.ask_withdrawal, registration=found)


@require_POST
@require_permission(Permission.ASSESSMENT_APPROVE)
@guarded
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw the registration, or refuse that with a reason."""
    found = _registration_of(request, pk)
    asked, is_granted = found.withdrawals.first(), request.POST.get("step") == "withdraw"
    if asked is None:
        return _page(request, found, fault=str(refusals.WORDS[RewardRefusal.WITHDRAWAL_DECIDED]), status=409)
    said = _("Withdrawn: the registration counts no more.") if is_granted else _("Refused: the registration goes on counting.")
    return _done(request, found, said, actions.decide_withdrawal, withdrawal=asked, is_granted=is_granted)
