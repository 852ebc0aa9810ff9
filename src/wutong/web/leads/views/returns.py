"""The leads that came of a person known or of a partner: panels of their pages, and pages of their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from wutong.web.accounts.rules.access import Permission
from wutong.web.leads.queries import returns
from wutong.web.lib import htmx
from wutong.web.lib.access import require_permission
from wutong.web.partners.models import Acquaintance, Partner

WAYS = {"known": (Acquaintance, "partners:known"), "partner": (Partner, "partners:partner")}


@require_GET
@require_permission(Permission.LEADS_VIEW)
def came_of(request: HttpRequest, pk: object, what: str) -> HttpResponse:
    """The leads about firms of a person known, or of a partner and its people."""
    model, way = WAYS[what]
    row = get_object_or_404(model.objects.visible_to(request.user), public_id=pk)  # type: ignore[attr-defined]
    context = {"leads": list(returns.leads_of(request.user, row)[:200]), "name": str(row), "back": reverse(way, args=[pk])}
    return htmx.render(request, "leads/came_of.html", "leads/_came_of.html", context)
