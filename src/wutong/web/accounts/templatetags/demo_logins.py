"""The log-ins of the demo, drawn under its log-in page; nothing outside a demo."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from wutong.web.accounts.queries import logins as queries
from wutong.web.accounts.rules.logins import DEMO_PASSWORD

register = template.Library()


@register.inclusion_tag("accounts/_demo_logins.html")
def demo_logins() -> dict[str, Any]:
    """Each account with its role and unit, and the password of all."""
    return {"people": queries.demo_logins(timezone.now()), "password": DEMO_PASSWORD}
