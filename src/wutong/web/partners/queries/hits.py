"""What the one search box finds of partners, people known and things sought."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from wutong.engine import name_search
from wutong.web.lib.hooks import Hit, Hits
from wutong.web.partners.models import Acquaintance, Partner, Seeking


def _found(rows: Any, text: str, field: str, begin: int, size: int) -> tuple[Any, int]:
    found = name_search.find(text, name_search.kept(tuple((pk, (name,)) for pk, name in rows.values_list("pk", field))))
    return found.page(begin, size), len(found)


def partners(user: Any, text: str, begin: int, size: int) -> Hits:
    """Partners that a person may see, by name."""
    seen = Partner.objects.visible_to(user)
    page, total = _found(seen.order_by("state", "name"), text, "name", begin, size)
    known = seen.select_related("unit").in_bulk([one.key for one in page])
    rows = [
        Hit.named(one, row.name, reverse("partners:partner", args=[row.public_id]), f"{row.get_kind_display()} · {row.unit}")
        for one in page
        if (row := known.get(one.key)) is not None
    ]
    return Hits(tuple(rows), total)


def people(user: Any, text: str, begin: int, size: int) -> Hits:
    """People known, by name alone; contact data stays on the person's page."""
    seen = Acquaintance.objects.visible_to(user)
    page, total = _found(seen.order_by("pk"), text, "person__name", begin, size)
    known = seen.select_related("person", "owner", "partner").in_bulk([one.key for one in page])
    rows = [
        Hit.named(one, row.person.name, reverse("partners:known", args=[row.public_id]), _told(row))
        for one in page
        if (row := known.get(one.key)) is not None
    ]
    return Hits(tuple(rows), total)


def _told(row: Acquaintance) -> str:
    return " · ".join(filter(None, (row.occupation, str(row.partner or ""), str(row.owner))))


def seekings(user: Any, text: str, begin: int, size: int) -> Hits:
    """What firms seek, by the firm's words."""
    seen = Seeking.objects.visible_to(user)
    page, total = _found(seen.order_by("-entered_at"), text, "what", begin, size)
    known = seen.select_related("firm").in_bulk([one.key for one in page])
    rows = [
        Hit.named(one, row.what, reverse("partners:seeking", args=[row.public_id]), f"{row.get_kind_display()} · {row.firm.name}")
        for one in page
        if (row := known.get(one.key)) is not None
    ]
    return Hits(tuple(rows), total)


def partner_list(text: str) -> str:
    """The list of partners."""
    return f"{reverse('partners:list')}?{urlencode({'text': text})}"


def people_list(text: str) -> str:
    """The list of people known."""
    return f"{reverse('partners:people')}?{urlencode({'text': text})}"


def seeking_list(text: str) -> str:
    """The list of things sought."""
    return f"{reverse('partners:seekings')}?{urlencode({'text': text, 'state': 'all'})}"
