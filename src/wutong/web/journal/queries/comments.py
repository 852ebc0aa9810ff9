"""Who is named in a comment."""

from __future__ import annotations

from django.db.models import Q

from wutong.web.accounts.models import User
from wutong.web.journal import rules


def named_in(text: str) -> tuple[User, ...]:
    """The active people whose name or user name follows an @ in a text; of several names that fit, the longest."""
    words = rules.mentions(text)
    if not words:
        return ()
    possible = rules.beginnings(words)
    fitting = Q(display_name__in=possible) | Q(username__in=possible)
    people = list(User.objects.get_queryset().filter(fitting, is_active=True).select_related("unit"))
    found: dict[int, User] = {}
    for word in words:
        names = {name for person in people for name in (person.display_name, person.username) if name and word.startswith(name)}
        longest = max(names, key=len, default="")
        found |= {person.pk: person for person in people if longest and longest in (person.display_name, person.username)}
    return tuple(found.values())
