"""The chain: how an entry is hashed, and what a break in the chain says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

VIEW = "audit.view"
EXPORT = "audit.export"
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as the chain sees it. `at` is ISO 8601 in UTC with microseconds; `by` is the person's key, empty for the system."""

    sequence: int
    at: str
    by: str
    by_label: str
    action: str
    object_type: str
    object_id: str
    object_label: str
    changes: Any
    ip: str
    request_id: str
    previous_hash: str
    hash: str = ""


class FaultKind(StrEnum):
    """What is wrong with the chain at an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first break of the chain: its kind and the number of the entry."""

    kind: FaultKind
    sequence: int


@dataclass(frozen=True, slots=True)
class Head:
    """What the chain should end with: number and hash of the last entry."""

    sequence: int
    hash: str


def digest(link: Link) -> str:
    """SHA-256 over every field of the entry and the hash of the one before."""
    content = [
        link.sequence, link.at, link.by, link.by_label, link.action, link.object_type, link.object_id, link.object_label,
        link.changes, link.ip, link.request_id, link.previous_hash,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def plain(value: Any) -> Any:
    """A value as both databases give it back unchanged: numbers with a fraction as text, no NUL, no lone surrogate."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, dict):
        return {clean(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value)]
    return clean(str(value))


def clean(text: str, length: int | None = None) -> str:
    """Text that every database can hold."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")[:length]


def first_fault(links: Iterable[Link], head: Head, *, before: Link | None = None) -> tuple[int, Fault | None]:
    """Walk the chain in order and name its first break; also how many entries hold. `before`: the entry walked last, to go on behind it.

    Why: each entry is witnessed by the next one's `previous_hash`, and the last by `head`. Where two neighbours disagree, the one that its
    own witness denies is the false one.
    """
    count = 0
    for link, after in _with_next(links):
        witness = after.previous_hash if after else head.hash
        fault = _fault_at(link, before, witness)
        if fault:
            return count, fault
        count += 1
        before = link
    last = before.sequence if before else 0
    if last < head.sequence:
        return count, Fault(FaultKind.CUT_OFF, last + 1)
    if last > head.sequence:
        return count, Fault(FaultKind.INSERTED, head.sequence + 1)
    if before and before.hash != head.hash:
        return count, Fault(FaultKind.CHANGED, last)
    return count, None


def _with_next(links: Iterable[Link]) -> Iterator[tuple[Link, Link | None]]:
    def padded() -> Iterator[Link | None]:
        yield from links
        yield None

    for link, after in pairwise(padded()):
        if link is not None:
            yield link, after


def _fault_at(link: Link, before: Link | None, witness: str) -> Fault | None:
    expected = (before.sequence if before else 0) + 1
    previous_hash = before.hash if before else GENESIS
    if link.sequence < expected:
        return Fault(FaultKind.INSERTED, link.sequence)
    if link.sequence > expected:
        return Fault(FaultKind.MISSING, expected)
    is_own_hash = digest(link) == link.hash
    if not is_own_hash:
        return _renumbered(link, previous_hash) or Fault(FaultKind.CHANGED, link.sequence)
    if link.previous_hash == previous_hash:
        return None
    if witness == link.hash and before is not None:  # The next entry vouches for this one, so the one before is not what it was.
        return Fault(FaultKind.CHANGED, before.sequence)
    return Fault(FaultKind.INSERTED, link.sequence)


def _renumbered(link: Link, previous_hash: str) -> Fault | None:
    """Entries after an inserted or removed one are given new numbers to hide it: their hash still knows the old number."""
    if digest(replace(link, sequence=link.sequence - 1)) == link.hash and link.previous_hash != previous_hash:
        return Fault(FaultKind.INSERTED, link.sequence - 1)
    if digest(replace(link, sequence=link.sequence + 1)) == link.hash:
        return Fault(FaultKind.MISSING, link.sequence)
    return None
