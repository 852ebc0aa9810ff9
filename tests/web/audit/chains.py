"""A chain of entries written by hand, without a database."""

from __future__ import annotations

from dataclasses import replace

from wutong.web.audit.rules import Algorithm, Facts, Head, Link, Ring, Seal, sealed, signature

GENESIS_HEAD = Head(0, "0" * 64)
RING = Ring.of(["the office keeps this key in a safe place"])
FORGER = Ring.of(["somebody else has written this other key"])


def facts(number: int, ring: Ring = RING, **more: object) -> Facts:
    """What an entry says, signed by whoever has the ring."""
    plain = Facts(
        public_id=f"id-{number}", at="2026-03-05T09:30:00.000000+00:00", by="1", by_label="陈", action="test.act", object_type="",
        object_id="", object_label=f"object {number}", changes={}, personal="", personal_of="", ip="", request_id="",
        algorithm=Algorithm.SHA256, key_id=ring.current,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def link(number: int, head: Head, ring: Ring = RING, *, own: int = 0, **more: object) -> Link:
    """A sealed entry behind a head, by whoever has the ring."""
    told = facts(own or number, ring, **more)
    mac = signature(told, ring)
    assert mac is not None
    return Link(sealed(own or number, mac, Head(number - 1, head.hash), ring), told, mac)


def chain(length: int, ring: Ring = RING, *, behind: list[Link] | None = None) -> tuple[list[Link], Head]:
    """A whole chain and its head; `behind` is one to go on from, perhaps with another key."""
    links = list(behind or ())
    head = Head(links[-1].seal.number, links[-1].seal.hash) if links else GENESIS_HEAD
    for number in range(head.number + 1, length + 1):
        links.append(link(number, head, ring))
        head = Head(number, links[-1].seal.hash)
    return links, head


def renumbered(links: list[Link], by: int) -> list[Link]:
    """The same seals under other numbers, to hide that one is gone or came in."""
    return [replace(one, seal=replace(one.seal, number=one.seal.number + by)) for one in links]


def as_if_keyed(links: list[Link]) -> list[Link]:
    """What somebody without the key made, with the id of the key of the office written over it."""

    def written_over(one: Link) -> Link:
        assert one.facts is not None and isinstance(one.seal, Seal)
        return replace(one, seal=replace(one.seal, key_id=RING.current), facts=replace(one.facts, key_id=RING.current))

    return [written_over(one) for one in links]
