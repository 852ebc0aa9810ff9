"""How a business scope is cut into pieces for reading: what it makes, what it only sells, and what says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

# Least telling last: where one phrase stands in several roles, it takes the colour of the first of these.
ROLES = (
    "makes",
    "processes",
    "grows",
    "provides",
    "researches",
    "designs",
    "installs",
    "repairs",
    "sells",
    "stores",
    "transports",
    "unstated",
)
# Marks of both widths: full stop, semicolons, line ends; then brackets.
_STOP = re.compile("[\u3002;\uff1b\n]")
_BRACKET = re.compile("[(\uff08\u3010\\[][^()\uff08\uff09\u3010\u3011\\[\\]]*[)\uff09\u3011\\]]")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Span:
    """One mention of a product in a scope: characters [start, end) and the role, as a word."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the scope's text. `roles` is empty outside a mention; `is_dropped`: nothing of this clause was read as a product."""

    text: str
    roles: tuple[str, ...] = ()
    is_dropped: bool = False


def pieces(scope: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Cut a scope into runs that, put together, are the scope again.

    Why: a clause without any mention is licence wording, an exclusion or a cut-off; it is greyed so that the eye passes over it.
    """
    mentions = _merged(spans, len(scope))
    found: list[Piece] = []
    at = 0
    for start, end, roles in mentions:
        found.extend(_plain(scope, at, start, mentions))
        found.append(Piece(scope[start:end], roles))
        at = end
    found.extend(_plain(scope, at, len(scope), mentions))
    return tuple(found)


def _merged(spans: Iterable[Span], length: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Spans in order, none overlapping; the roles of one and the same span together, most telling first."""
    roles: dict[tuple[int, int], set[str]] = {}
    for span in spans:
        if 0 <= span.start < span.end <= length:
            roles.setdefault((span.start, span.end), set()).add(span.role)
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for (start, end), names in sorted(roles.items(), key=lambda item: (item[0][0], -item[0][1])):
        if not found or start >= found[-1][1]:
            found.append((start, end, tuple(sorted(names, key=_order))))
    return found


def _order(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def _plain(scope: str, start: int, end: int, mentions: list[tuple[int, int, tuple[str, ...]]]) -> Iterable[Piece]:
    """The text between two mentions, cut at clauses and brackets, each knowing whether it holds any mention."""
    edges = {at for mark in _STOP.finditer(scope, start, end) for at in mark.span()}
    edges |= {at for mark in _BRACKET.finditer(scope) for at in mark.span() if start < at < end}
    cuts = sorted({start, end, *edges})
    for left, right in pairwise(cuts):
        low, high = _clause(scope, left)
        holds_any = any(low <= at < high for at, _, _ in mentions)
        text = scope[left:right]
        yield Piece(text, (), is_dropped=not holds_any and bool(_WORD.search(text)))


def _clause(scope: str, at: int) -> tuple[int, int]:
    """The clause that a character stands in: its bracket, else what lies between two stops."""
    for mark in _BRACKET.finditer(scope):
        if mark.start() <= at < mark.end():
            return mark.span()
    before = [mark.end() for mark in _STOP.finditer(scope, 0, at)]
    after = _STOP.search(scope, at)
    return (before[-1] if before else 0), (after.start() if after else len(scope))
