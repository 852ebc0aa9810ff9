"""What every role permits, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from wutong.web.accounts.queries import roles as queries
from wutong.web.accounts.rules.access import Permission
from wutong.web.lib import htmx
from wutong.web.lib.access import require_permission


@require_GET
@require_permission(Permission.ACCOUNTS_VIEW)
def role_list(request: HttpRequest) -> HttpResponse:
    """Every role of the rulebook, or the one chosen: what it permits, over what, and what it asks for."""
    shown = queries.roles(request.GET.get("role", ""))
    return htmx.render(request, "accounts/roles.html", "accounts/_roles.html", {"roles": shown})
