"""The one search: what every room offers by its hook SEARCH, grouped by kind, and only what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from wutong.engine.name_search import folded
from wutong.web.lib import hooks
from wutong.web.lib.hooks import Hit, Hits, SearchKind

FEW, SOME = 3, 5
BEARS_IT, HOLDS_IT, COMES_NEAR = range(3)
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
    """The best hits of every kind; what leads to a page that stands above already is left out, but counted.

    Kinds stand in their order, but those with a record of just this name come first, then those with one in whose name it stands as it
    was typed, and last those where it only sounds or looks alike.
    """
    kinds, wanted = kinds_of(user), " ".join(text.split())[:LONGEST]
    found = [(kind, kind.search(user, wanted, 0, most)) for kind in kinds] if wanted else []
    found.sort(key=lambda pair: min((_nearness(hit, wanted) for hit in pair[1].rows), default=COMES_NEAR))
    shown: set[str] = set()
    groups = [Group(kind, tuple(_not_yet(hits.rows, shown)), hits.total, hits.note, wanted) for kind, hits in found if hits.total]
    return Answer(wanted, tuple(groups), kinds)


def _nearness(hit: Hit, wanted: str) -> int:
    """How near a hit comes to what was typed, by the name that it bears or was found by; firms are looked for by their place too."""
    names = [folded(name)[0] for name in (hit.name, hit.other)]
    if folded(wanted)[0] in names:
        return BEARS_IT
    said = "\n".join((*names, folded(hit.detail)[0]))
    return HOLDS_IT if all(folded(word)[0] in said for word in wanted.split()) else COMES_NEAR


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
