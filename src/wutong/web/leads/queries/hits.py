"""What the one search box finds of target lists and leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, When
from django.urls import reverse

from wutong.engine import name_search
from wutong.web.leads.models import LINES, LIST_STATES, Lead, TargetList
from wutong.web.leads.queries import naming
from wutong.web.leads.rules.leads import LeadState
from wutong.web.leads.rules.lists import Line, ListState
from wutong.web.lib.hooks import Hit, Hits


def lists_page(text: str) -> str:
    """The list of target lists."""
    return f"{reverse('leads:list')}?{urlencode({'text': text, 'state': 'all'})}"


def target_lists(user: Any, text: str, begin: int, size: int) -> Hits:
    """Target lists that a person may see, those worked on first; a confidential one by its code name alone."""
    called = Case(When(is_confidential=True, then=F("code_name")), default=F("title"))
    seen = TargetList.objects.visible_to(user).annotate(called=called).order_by("state", "-created_at", "-pk")
    found = name_search.find(text, name_search.kept(tuple((pk, (name,)) for pk, name in seen.values_list("pk", "called"))))
    page = found.page(begin, size)
    if not page:
        return Hits((), len(found))
    known = TargetList.objects.visible_to(user).select_related("unit", "owner").in_bulk([one.key for one in page])
    return Hits(tuple(_hit(known[one.key], one.spans) for one in page if one.key in known), len(found))


def _hit(found: TargetList, spans: tuple[tuple[int, int], ...]) -> Hit:
    state = "" if found.state == ListState.ACTIVE else str(LIST_STATES[ListState(found.state)])
    detail = " · ".join(filter(None, (str(found.unit), str(found.owner), str(LINES[Line(found.line)]), state)))
    return Hit(found.outside_name, reverse("leads:detail", args=[found.public_id]), detail, spans)


# --- leads ------------------------------------------------------------------------------------------------------------------------------
def leads_page(text: str) -> str:
    """The list of leads."""
    return f"{reverse('leads:leads')}?{urlencode({'text': text, 'state': 'all'})}"


def leads(user: Any, text: str, begin: int, size: int) -> Hits:
    """Leads that a person may see, by title, firm, further names and credit code; a confidential one by its code name alone."""
    found = name_search.find(text, *naming.seen(Lead.objects.visible_to(user)))
    page = found.page(begin, size)
    if not page:
        return Hits((), len(found))
    known = Lead.objects.visible_to(user).select_related("unit", "owner").in_bulk([one.key for one in page])
    return Hits(tuple(_lead(one, known[one.key]) for one in page if one.key in known), len(found))


def _lead(one: name_search.Found, lead: Lead) -> Hit:
    state = "" if lead.state == LeadState.OPEN else str(lead.get_state_display())
    detail = " · ".join(filter(None, (str(lead.unit), str(lead.owner), str(lead.get_stage_display()), state)))
    return Hit.named(one, lead.outside_name, reverse("leads:lead", args=[lead.public_id]), detail)
