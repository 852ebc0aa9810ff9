"""Who is named in a comment, and who may withdraw it."""

from __future__ import annotations

from django.db.models import Q

from wutong.web.accounts.models import User
from wutong.web.accounts.rules import Permission
from wutong.web.journal import rules
from wutong.web.journal.models import Comment


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


def may_withdraw(comment: Comment, user: User) -> bool:
    """Whether a person may take a comment back: his own, or as whoever shares out the unit's work that of somebody who left."""
    if not user.may(Permission.JOURNAL_EDIT):
        return False
    if comment.by_id == user.pk:
        return True
    return not comment.by.is_active and user.may(Permission.JOURNAL_ASSIGN, comment.unit.target())
