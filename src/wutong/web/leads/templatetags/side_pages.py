"""Pages that share one entry of the side bar, as links between them: so the side bar stays short."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wutong.web.accounts.rules.access import Permission

register = template.Library()
LEADS = (
    ("leads:leads", _("All leads"), Permission.LEADS_VIEW),
    ("leads:waiting", _("Filings that wait"), Permission.LEADS_ASSIGN),
    ("leads:disputes", _("Disputes"), Permission.LEADS_VIEW),
    ("leads:offers", _("Offers to other units"), Permission.LEADS_VIEW),
    ("leads:pairs", _("Leads that may be one"), Permission.LEADS_ASSIGN),
)
LISTS = (
    ("leads:list", _("Target lists"), Permission.LEADS_VIEW),
    ("leads:rows", _("All firms on lists"), Permission.LEADS_VIEW),
    ("leads:knocks", _("All knocks"), Permission.LEADS_VIEW),
    ("leads:results", _("Results of the lists"), Permission.LEADS_VIEW),
)
GROUPS = {name: pages for pages in (LEADS, LISTS) for name, _label, _permission in pages}


@register.inclusion_tag("leads/_side_pages.html", takes_context=True)
def side_pages(context: dict[str, Any], here: str) -> dict[str, Any]:
    """The pages beside `here` that the person may open."""
    user = context["request"].user
    return {"pages": [(reverse(name), label, name == here) for name, label, needs in GROUPS[here] if user.may(needs)]}
