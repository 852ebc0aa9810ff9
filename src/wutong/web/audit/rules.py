"""The chain: how an entry is signed and sealed, and what a break in the chain says."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

VIEW = "audit.view"
EXPORT = "audit.export"
GENESIS = "0" * 64
LATE_LEAF = "audit.sealed_within_minutes"
WHOLE_LEAF = "audit.verified_whole_days"
AT_ONCE_ENTRIES = 20_000  # so many are walked while somebody waits; more by a background job
SHORTEST_KEY = 32

_encode = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


# --- keys -----------------------------------------------------------------------------------------------------------------------------
class Algorithm(StrEnum):
    """How a keyed digest is made; each entry and each seal says with which."""

    SM3 = "sm3"
    SHA256 = "sha256"


def best_algorithm() -> Algorithm:
    """SM3 (GB/T 32905) where the machine's OpenSSL has it, else SHA-256."""
    return Algorithm.SM3 if _can(Algorithm.SM3) else Algorithm.SHA256


def _can(algorithm: str) -> bool:
    try:
        hmac.digest(b"key", b"", algorithm)
    except (ValueError, TypeError):  # the name is unknown, or OpenSSL was built without it
        return False
    return True


class UnusableKey(ValueError):  # noqa: N818 - a refusal, not a fault
    """A key is too short to protect anything."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The office's keys, none of which stands in the database: the last signs, all of them verify.

    An id is a digest of its key, so that a wrong key is told from a wrong entry. Without a key (`current` empty) nothing is signed.
    """

    current: str = ""
    keys: Mapping[str, bytes] = field(default_factory=dict)
    algorithm: Algorithm = Algorithm.SHA256

    @classmethod
    def of(cls, texts: Iterable[str]) -> Ring:
        """The ring of keys as an office writes them down, oldest first. Raises: UnusableKey."""
        keys: dict[str, bytes] = {}
        for text in texts:
            if len(text) < SHORTEST_KEY:
                raise UnusableKey(f"a key of the audit chain has {len(text)} signs; at least {SHORTEST_KEY} are needed")
            secret = text.encode()
            keys[hashlib.sha256(b"wutong audit key " + secret).hexdigest()[:12]] = secret
        return cls(next(reversed(keys), ""), keys, best_algorithm())


# --- entries and seals ----------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Facts:
    """What an entry says. `at` is ISO 8601 in UTC with microseconds; `by` is the person's key, empty for the system."""

    public_id: str
    at: str
    by: str
    by_label: str
    action: str
    object_type: str
    object_id: str
    object_label: str
    changes: Any
    personal: str
    personal_of: str
    ip: str
    request_id: str
    algorithm: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The place of an entry in the chain: number, hash before, and a keyed digest over both, the entry's own number and its signature."""

    number: int
    entry_no: int
    entry_mac: str
    previous_hash: str
    algorithm: str
    key_id: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A seal and the entry it stands for as the database has it now; None where that is gone."""

    seal: Seal
    facts: Facts | None
    mac: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the chain should end with: number and hash of the last seal."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was kept outside the database, and its keyed digest. `at` is ISO 8601."""

    number: int
    hash: str
    at: str
    algorithm: str
    key_id: str
    mac: str = ""


def signature(facts: Facts, ring: Ring) -> str | None:
    """The keyed digest over every field of an entry; None where its key or algorithm is not at hand."""
    content = [
        facts.public_id, facts.at, facts.by, facts.by_label, facts.action, facts.object_type, facts.object_id, facts.object_label,
        facts.changes, facts.personal, facts.personal_of, facts.ip, facts.request_id, facts.algorithm, facts.key_id,
    ]  # fmt: skip
    return _mac(content, facts.algorithm, facts.key_id, ring)


def seal_hash(seal: Seal, ring: Ring) -> str | None:
    """The keyed digest of a place in the chain; None where its key or algorithm is not at hand."""
    content = [seal.number, seal.entry_no, seal.entry_mac, seal.previous_hash, seal.algorithm, seal.key_id]
    return _mac(content, seal.algorithm, seal.key_id, ring)


def anchor_mac(anchor: Anchor, ring: Ring) -> str | None:
    """The keyed digest of an anchor; None where its key or algorithm is not at hand."""
    content = ["anchor", anchor.number, anchor.hash, anchor.at, anchor.algorithm, anchor.key_id]
    return _mac(content, anchor.algorithm, anchor.key_id, ring)


def _mac(content: list[Any], algorithm: str, key_id: str, ring: Ring) -> str | None:
    secret = ring.keys.get(key_id)
    if secret is None or algorithm not in _USABLE:
        return None
    return hmac.digest(secret, _encode(content).encode("ascii"), algorithm).hex()


_USABLE = frozenset(algorithm.value for algorithm in Algorithm if _can(algorithm))


def sealed(entry_no: int, mac: str, head: Head, ring: Ring) -> Seal:
    """The next seal of the chain, with the key in force."""
    seal = Seal(head.number + 1, entry_no, mac, head.hash, ring.algorithm, ring.current)
    return replace(seal, hash=seal_hash(seal, ring) or "")


def anchored(head: Head, at: str, ring: Ring) -> Anchor:
    """A head as it is kept outside."""
    anchor = Anchor(head.number, head.hash, at, ring.algorithm, ring.current)
    return replace(anchor, mac=anchor_mac(anchor, ring) or "")


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


# --- faults ---------------------------------------------------------------------------------------------------------------------------
class FaultKind(StrEnum):
    """What is wrong with the chain at an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut_off"
    HEAD = "head"
    RECOMPUTED = "recomputed"
    REPLACED = "replaced"
    FALSE_ANCHOR = "false_anchor"
    UNSIGNED = "unsigned"
    LATE = "late"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_ALGORITHM = "unknown_algorithm"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first break of the chain: its kind and the number in the chain.

    `number` of UNSIGNED and LATE is the entry's own, for it has no place in the chain. `detail`: id of a key, an algorithm, or until which
    number the chain is not that of an anchor.
    """

    kind: FaultKind
    number: int
    detail: str = ""


def first_fault(
    links: Iterable[Link], head: Head, ring: Ring, anchors: Iterable[Anchor] = (), *, begin: Head | None = None
) -> tuple[int, Fault | None]:
    """Walk the chain in order and name its first break; also how many entries hold. `begin`: links are those behind this one.

    Why: a seal that its key denies was changed, unless the ones behind it are denied too: then somebody without the key computed the
    chain anew from there on.
    """
    last = begin or Head(0, GENESIS)
    known = {anchor.number: anchor.hash for anchor in anchors if anchor.number > last.number}
    good_anchor, count = last.number, 0
    for link, after in _with_next(links):
        fault = _fault_at(link, last, after, head, ring)
        if fault:
            return count, fault
        if known.get(link.seal.number, link.seal.hash) != link.seal.hash:
            return good_anchor, Fault(FaultKind.REPLACED, good_anchor + 1, str(link.seal.number))
        good_anchor = link.seal.number if link.seal.number in known else good_anchor
        count += 1
        last = Head(link.seal.number, link.seal.hash)
    return count, _fault_at_end(last, head, max(known, default=0))


def _fault_at_end(last: Head, head: Head, anchored_number: int) -> Fault | None:
    number = last.number
    if number < max(head.number, anchored_number):
        return Fault(FaultKind.CUT_OFF, number + 1)
    if number > head.number:
        return Fault(FaultKind.INSERTED, head.number + 1)
    if number and last.hash != head.hash:
        return Fault(FaultKind.HEAD, number)
    return None


def _with_next(links: Iterable[Link]) -> Iterator[tuple[Link, Link | None]]:
    def padded() -> Iterator[Link | None]:
        yield from links
        yield None

    for link, after in pairwise(padded()):
        if link is not None:
            yield link, after


def _fault_at(link: Link, last: Head, after: Link | None, head: Head, ring: Ring) -> Fault | None:
    seal = link.seal
    expected = last.number + 1
    if seal.number != expected:
        return Fault(FaultKind.MISSING, expected) if seal.number > expected else Fault(FaultKind.INSERTED, seal.number)
    own_hash = seal_hash(seal, ring)
    if own_hash is None:
        return _unknown(seal.algorithm, seal.key_id, seal.number)
    if own_hash != seal.hash:
        return _denied(link, after, head, ring)
    if seal.previous_hash != last.hash:  # Both are the office's own, but not neighbours.
        return Fault(FaultKind.REPLACED, seal.number, str(seal.number))
    return _fault_of_entry(link, ring)


def _fault_of_entry(link: Link, ring: Ring) -> Fault | None:
    """What is wrong with the entry of a seal that holds."""
    seal, facts = link.seal, link.facts
    if facts is None:
        return Fault(FaultKind.MISSING, seal.number)
    if link.mac != seal.entry_mac:
        return Fault(FaultKind.CHANGED, seal.number)
    own = signature(facts, ring)
    if own is None:
        return _unknown(facts.algorithm, facts.key_id, seal.number)
    return None if own == link.mac else Fault(FaultKind.CHANGED, seal.number)


def _unknown(algorithm: str, key_id: str, number: int) -> Fault:
    if algorithm not in _USABLE:
        return Fault(FaultKind.UNKNOWN_ALGORITHM, number, algorithm)
    return Fault(FaultKind.UNKNOWN_KEY, number, key_id)


def _denied(link: Link, after: Link | None, head: Head, ring: Ring) -> Fault:
    """Why the key denies a seal: renumbered behind one removed or inserted, put in, the first of a chain computed anew, or changed."""
    seal = link.seal
    if _is_own(replace(seal, number=seal.number + 1), ring):
        return Fault(FaultKind.MISSING, seal.number)
    if seal.number > head.number or (after and _is_own(replace(after.seal, number=after.seal.number - 1), ring)):
        return Fault(FaultKind.INSERTED, seal.number)
    if after and after.seal.previous_hash == seal.hash and not _is_own(after.seal, ring):
        return Fault(FaultKind.RECOMPUTED, seal.number)
    return Fault(FaultKind.CHANGED, seal.number)


def _is_own(seal: Seal, ring: Ring) -> bool:
    return seal_hash(seal, ring) == seal.hash


def fault_of_anchor(anchor: Anchor, ring: Ring) -> Fault | None:
    """Whether an anchor is one that this office made."""
    own = anchor_mac(anchor, ring)
    if own is None:
        return _unknown(anchor.algorithm, anchor.key_id, anchor.number)
    return None if hmac.compare_digest(own, anchor.mac) else Fault(FaultKind.FALSE_ANCHOR, anchor.number)


def fault_of_waiting(number: int, facts: Facts, mac: str, ring: Ring) -> Fault | None:
    """Whether an entry that waits for its seal is one that the system wrote. `number` is its own."""
    own = signature(facts, ring)
    if own is None and facts.key_id:
        return _unknown(facts.algorithm, facts.key_id, number)
    return None if own is not None and hmac.compare_digest(own, mac) else Fault(FaultKind.UNSIGNED, number)
