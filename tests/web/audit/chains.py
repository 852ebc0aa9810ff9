"""A chain of entries written by hand, without a database."""

from __future__ import annotations

from dataclasses import replace

from wutong.web.audit.rules import GENESIS, Head, Link, digest


def link(sequence: int, previous_hash: str, **more: object) -> Link:
    """One entry with its right hash."""
    plain = Link(
        sequence=sequence,
        at="2026-03-05T09:30:00.000000+00:00",
        by="1",
        by_label="陈",
        action="test.act",
        object_type="",
        object_id="",
        object_label="",
        changes={},
        ip="",
        request_id="",
        previous_hash=previous_hash,
    )
    plain = replace(plain, **more)  # type: ignore[arg-type]
    return replace(plain, hash=digest(plain))


def chain(length: int) -> tuple[list[Link], Head]:
    """A whole chain and its head."""
    links: list[Link] = []
    for sequence in range(1, length + 1):
        links.append(link(sequence, links[-1].hash if links else GENESIS, object_label=f"object {sequence}"))
    return links, Head(length, links[-1].hash if links else GENESIS)
