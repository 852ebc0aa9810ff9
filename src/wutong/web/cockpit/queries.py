"""The one search: what every room offers by its hook SEARCH, grouped by kind, and only what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from wutong.web.lib import hooks
from wutong.web.lib.hooks import Hit, Hits, SearchKind

FEW, SOME = 3, 5
PAGE_SIZE = 50
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind: the first of them, or a page."""

    kind: SearchKind
    hits: tuple[Hit, ...]
    total: int
    note: str
    text: str

    @property
    def own_list(self) -> str:
        """The room's own list, where there is one."""
        return self.kind.own_list(self.text) if self.kind.own_list else ""

    @property
    def address(self) -> str:
        """All hits of this kind."""
        return f"{reverse('cockpit:search')}?{urlencode({'q': self.text, 'kind': self.kind.code})}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in all kinds. `kinds`: those that the person may search."""

    text: str
    groups: tuple[Group, ...]
    kinds: tuple[SearchKind, ...]

    @property
    def total(self) -> int:
        """How many hits in all."""
        return sum(group.total for group in self.groups)


def kinds_of(user: Any) -> tuple[SearchKind, ...]:
    """The kinds that a person may search."""
    return tuple(kind for kind in hooks.search_kinds() if user.may(kind.permission))


def search(user: Any, text: str, *, most: int = SOME) -> Answer:
    """The best hits of every kind; what leads to a page that stands above already is left out, but counted."""
    kinds, wanted = kinds_of(user), " ".join(text.split())[:LONGEST]
    shown: set[str] = set()
    groups = []
    for kind in kinds if wanted else ():
        found = kind.search(user, wanted, 0, most)
        new = tuple(_not_yet(found.rows, shown))
        if found.total:
            groups.append(Group(kind, new, found.total, found.note, wanted))
    return Answer(wanted, tuple(groups), kinds)


def _not_yet(hits: Iterable[Hit], shown: set[str]) -> Iterable[Hit]:
    for hit in hits:
        if hit.address not in shown:
            shown.add(hit.address)
            yield hit


def of_kind(user: Any, text: str, code: str, *, page: int, size: int) -> Group | None:
    """A page of the hits of one kind; None where there is no such kind for this person."""
    kind = next((kind for kind in kinds_of(user) if kind.code == code), None)
    wanted = " ".join(text.split())[:LONGEST]
    if kind is None:
        return None
    found = kind.search(user, wanted, (page - 1) * size, size) if wanted else Hits()
    return Group(kind, found.rows, found.total, found.note, wanted)
