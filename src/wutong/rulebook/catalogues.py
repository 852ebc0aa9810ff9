"""Which entries of the catalogues in force on a day speak of a product or a segment (产业目录对照)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import get_args

from wutong.rulebook.shapes import CatalogueKind, Edition, Entry, Rulebook

KINDS: tuple[str, ...] = get_args(CatalogueKind)
LEVELS = ("national", "provincial")


class State(StrEnum):
    """What a catalogue says: an entry covers it, one may cover it (an official has to confirm), none does, or no edition is in force."""

    COVERED = "covered"
    PROPOSED = "proposed"
    NOT_LISTED = "not_listed"
    NO_EDITION = "no_edition"


@dataclass(frozen=True, slots=True)
class Finding:
    """Grain: one entry that speaks of what was asked, or one catalogue that says nothing.

    `products`: those asked about that the entry covers, empty where it names the segment itself; `is_whole`: it covers all of them.
    """

    kind: str
    level: str
    adcode: str
    state: State
    edition: Edition | None
    entry: Entry | None
    products: tuple[str, ...] = ()
    is_whole: bool = False
    confidence_share: float | None = None


def in_force(editions: Iterable[Edition], adcode: str, on: date) -> tuple[Edition, ...]:
    """The editions that hold in a region on a day: national ones and those of its province, the newest of each series.

    `adcode`: any division, or "" for national ones only.
    """
    newest: dict[tuple[str, str, str], Edition] = {}
    for edition in editions:
        if edition.in_force_from <= on and _holds(edition, adcode):
            held = newest.get(edition.series)
            if held is None or held.in_force_from < edition.in_force_from:
                newest[edition.series] = edition
    found = [edition for edition in newest.values() if edition.is_in_force(on)]
    return tuple(sorted(found, key=lambda e: (KINDS.index(e.kind), LEVELS.index(e.level), e.id)))


def _holds(edition: Edition, adcode: str) -> bool:
    return edition.level == "national" or (adcode[:2] == edition.adcode[:2] and bool(adcode))


def judge(
    editions: Collection[Edition], rulebook: Rulebook, *, products: Collection[str], segment: str = "", adcode: str = "", on: date
) -> tuple[Finding, ...]:
    """What each catalogue says of some products (or of the segment `chain/segment` that they make up), in a region on a day.

    An entry covers its products and everything narrower. Every national kind gives at least one finding; a province's only where it ever
    had such a catalogue.
    """
    there = {edition.series: edition for edition in in_force(editions, adcode, on)}
    series = {(kind, "national", ""): None for kind in KINDS} | {e.series: None for e in editions if _holds(e, adcode)}
    found: list[Finding] = []
    for kind, level, province in sorted(series, key=lambda s: (KINDS.index(s[0]), LEVELS.index(s[1]))):
        edition = there.get((kind, level, province))
        if edition is None:
            found.append(Finding(kind, level, province, State.NO_EDITION, None, None))
            continue
        spoken = [finding for entry in edition.entries if (finding := _of_entry(edition, entry, rulebook, products, segment))]
        found += sorted(spoken, key=lambda f: f.state is not State.COVERED) or [
            Finding(kind, level, province, State.NOT_LISTED, edition, None)
        ]
    return tuple(found)


def _of_entry(edition: Edition, entry: Entry, rulebook: Rulebook, products: Collection[str], segment: str) -> Finding | None:
    """What one entry says; None where it speaks of something else."""
    head = (edition.kind, edition.level, edition.adcode)
    if segment and segment in entry.segments:
        return Finding(*head, State.COVERED, edition, entry, (), True, 1.0)
    covered = _narrower(rulebook, entry.products)
    hits = tuple(product for product in products if product in covered)
    if hits:
        return Finding(*head, State.COVERED, edition, entry, hits, len(hits) == len(products), 1.0)
    shares: dict[str, float] = {}
    for proposal in entry.open_proposals:
        for product in _narrower(rulebook, (proposal.product,)):
            shares[product] = max(proposal.confidence_share, shares.get(product, 0.0))
    hits = tuple(product for product in products if product in shares)
    if not hits:
        return None
    return Finding(*head, State.PROPOSED, edition, entry, hits, len(hits) == len(products), max(shares[product] for product in hits))


def _narrower(rulebook: Rulebook, products: Iterable[str]) -> set[str]:
    """These products and everything narrower; a product that the rulebook no longer has covers nothing."""
    return {narrow for product in products if product in rulebook.products for narrow in rulebook.narrower(product)}


def products_of(rulebook: Rulebook, entry: Entry) -> set[str]:
    """The products that an entry covers or may cover."""
    return _narrower(rulebook, (*entry.products, *(proposal.product for proposal in entry.open_proposals)))


def segments_of(rulebook: Rulebook, entry: Entry) -> tuple[tuple[str, str], ...]:
    """The (chain, segment) pairs that an entry speaks of, in the order of the chains."""
    covered = products_of(rulebook, entry)
    return tuple(
        (chain.id, segment.id)
        for chain in rulebook.chains.values()
        for segment in chain.segments
        if f"{chain.id}/{segment.id}" in entry.segments or any(product in covered for product in segment.products)
    )


def by_id(*editions: Mapping[str, Edition]) -> dict[str, Edition]:
    """Several folders of editions as one, later ones over earlier ones of the same id."""
    return {key: edition for folder in editions for key, edition in folder.items()}
