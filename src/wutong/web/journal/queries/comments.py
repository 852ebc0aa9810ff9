"""Who is named in a comment, who may have been meant, and who may withdraw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from wutong.engine import name_search
from wutong.engine.name_search import By, Found, Names
from wutong.web.accounts.models import User
from wutong.web.accounts.rules.access import Permission
from wutong.web.journal import rules
from wutong.web.journal.models import Comment

LEAST_NAME, LONGEST_NAME, MOST_NEAR = 2, 8, 3
WAYS = tuple(By)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Who is named in a text, and what follows an @ in it without being anybody's name."""

    people: tuple[User, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was taken for a name and is nobody's, and who may have been meant, of the people whom the writer may see."""

    name: str
    near: tuple[User, ...]


def mentioned(text: str) -> Mentioned:
    """The active people whose name or user name follows an @ in a text; of several names that fit, the longest."""
    words = rules.mentions(text)
    if not words:
        return Mentioned()
    possible = rules.beginnings(words)
    fitting = Q(display_name__in=possible) | Q(username__in=possible)
    people = list(User.objects.get_queryset().filter(fitting, is_active=True).select_related("unit"))
    found: dict[int, User] = {}
    unknown = []
    for word in words:
        names = {name for person in people for name in (person.display_name, person.username) if name and word.startswith(name)}
        longest = max(names, key=len, default="")
        found |= {person.pk: person for person in people if longest and longest in (person.display_name, person.username)}
        unknown += [] if longest else [word]
    return Mentioned(tuple(found.values()), tuple(unknown))


def meant(words: Iterable[str], user: User) -> tuple[Unknown, ...]:
    """For words that are nobody's name the people whose names come near; a word may run on into the text."""
    known = {one.pk: one for one in User.objects.visible_to(user).filter(is_active=True).select_related("unit").order_by("username")}
    names = Names.over([(pk, (one.display_name, one.username)) for pk, one in known.items()])
    return tuple(_near(word, names, known) for word in words)


def _near(word: str, names: Names, known: dict[int, User]) -> Unknown:
    """The people found in the surest way by a beginning of the word; of beginnings that find alike, the longest counts."""
    best: tuple[int, int, list[Found]] | None = None
    for end in range(LEAST_NAME, min(len(word), LONGEST_NAME) + 1):
        found = name_search.find(word[:end], names).page(0, MOST_NEAR)
        way = WAYS.index(found[0].by) if found else len(WAYS)
        if found and (best is None or way <= best[0]):
            best = (way, end, found)
    if best is None:
        return Unknown(word if len(word) <= LONGEST_NAME else f"{word[:LONGEST_NAME]}…", ())
    return Unknown(word[: best[1]], tuple(known[int(str(one.key))] for one in best[2]))


def may_withdraw(comment: Comment, user: User) -> bool:
    """Whether a person may take a comment back: his own, or as whoever shares out the unit's work that of somebody who left."""
    if not user.may(Permission.JOURNAL_EDIT):
        return False
    if comment.by_id == user.pk:
        return True
    return not comment.by.is_active and user.may(Permission.JOURNAL_ASSIGN, comment.unit.target())
