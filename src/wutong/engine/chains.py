"""Gaps of a region on a chain: what is made there, what is missing, and how sure that is."""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

import numpy as np

from wutong.engine import columns, makers
from wutong.engine.answers import RegistryHere, as_of_day
from wutong.engine.makers import Here, Makers
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Chain, Rulebook

WAN = 10_000.0


class UnknownChain(LookupError):  # noqa: N818
    """No chain of that id; the message names those there are."""


class UnknownSegment(LookupError):  # noqa: N818
    """The chain has no segment of that id; the message names those it has."""


class GapVerdict(StrEnum):
    """What a region lacks on a segment (缺口判定): build 建链, extend 延链, strengthen 强链, fill 补链, strong 强, unknown 不明."""

    STRONG = "strong"
    STRENGTHEN = "strengthen"
    UNKNOWN = "unknown"
    BUILD = "build"
    FILL = "fill"
    EXTEND = "extend"

    @property
    def is_gap(self) -> bool:
        """Whether firms from elsewhere would mend it."""
        return self not in (GapVerdict.STRONG, GapVerdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison that a verdict rests on: the number found, and the threshold with the name of its leaf."""

    __test__ = False

    input: str
    value: float | None
    threshold: float
    leaf: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rule that decided: the first that applied, in the order of the glossary, with its comparisons; `wording` puts it into words."""

    verdict: GapVerdict
    tests: tuple[Test, ...]

    def value(self, name: str) -> float | None:
        """The number that a comparison looked at; None where it was not made or is not known."""
        return next((test.value for test in self.tests if test.input == name), None)

    def threshold(self, name: str) -> float:
        """The threshold of a comparison that was made."""
        return next(test.threshold for test in self.tests if test.input == name)


@dataclass(frozen=True, slots=True)
class SegmentGap:
    """Grain: one segment of the chain. Makers are company groups: a firm and its branches count once.

    Units: capital in yuan, known values only; quotient as a ratio; expected_makers in makers; absence_chance_share 0-1.
    """

    segment: str
    name_zh: str
    name_en: str
    layer: str
    local_makers: int
    national_makers: int
    capital_yuan: float | None
    capital_known_share: float | None
    location_quotient: float | None
    expected_makers: float
    absence_chance_share: float
    supply_within_radius: int | None
    upstream_present: tuple[str, ...]
    upstream_absent: tuple[str, ...]
    downstream_present: tuple[str, ...]
    downstream_absent: tuple[str, ...]
    verdict: GapVerdict
    rule: Ruling

    @property
    def neighbours_present(self) -> int:
        """How many directly linked segments have makers here."""
        return len(self.upstream_present) + len(self.downstream_present)


@dataclass(frozen=True, slots=True)
class Gaps:
    """The segments of a chain in a region, in the order of the chain."""

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    region: Region
    chain_id: str
    radius_km: float
    segments_present: int
    registry: RegistryHere
    rows: tuple[SegmentGap, ...]

    def worst(self) -> tuple[SegmentGap, ...]:
        """The gaps, worst first: fill, extend, build, strengthen; inside a verdict by makers missing against what is expected."""
        order = (GapVerdict.FILL, GapVerdict.EXTEND, GapVerdict.BUILD, GapVerdict.STRENGTHEN)
        found = [row for row in self.rows if row.verdict.is_gap]
        return tuple(sorted(found, key=lambda row: (order.index(row.verdict), row.local_makers - row.expected_makers, row.segment)))


def chain_of(rulebook: Rulebook, chain_id: str) -> Chain:
    """The chain of that id. Raises: UnknownChain."""
    try:
        return rulebook.chains[chain_id]
    except KeyError:
        known = ", ".join(f"{chain.id} ({chain.name_zh})" for chain in rulebook.chains.values()) or "none"
        raise UnknownChain(f"no chain {chain_id!r}; there are: {known}") from None


def listed(rulebook: Rulebook) -> list[dict[str, object]]:
    """The chains as plain values, for JSON."""
    return [
        {"id": c.id, "name_zh": c.name_zh, "name_en": c.name_en, "version": c.version, "segments": len(c.segments)}
        for c in rulebook.chains.values()
    ]


def shown(chain: Chain) -> dict[str, object]:
    """One chain as plain values, for JSON: layers, segments, links."""
    return {
        "id": chain.id,
        "name_zh": chain.name_zh,
        "name_en": chain.name_en,
        "version": chain.version,
        "layers": [{"id": layer.id, "name_zh": layer.name_zh, "name_en": layer.name_en} for layer in chain.layers],
        "segments": [
            {"id": s.id, "name_zh": s.name_zh, "name_en": s.name_en, "layer": s.layer, "products": s.products, "gbt4754": s.gbt4754}
            for s in chain.segments
        ],
        "links": [{"source": link.source, "target": link.target} for link in chain.links],
    }


def segment_of(chain: Chain, segment_id: str) -> None:
    """Nothing, where the chain has that segment. Raises: UnknownSegment."""
    if segment_id not in {segment.id for segment in chain.segments}:
        raise UnknownSegment(f"chain {chain.id} has no segment {segment_id!r}; it has: {', '.join(s.id for s in chain.segments)}")


def gaps(
    warehouse: Warehouse,
    rulebook: Rulebook,
    region: Region,
    chain_id: str,
    *,
    radius_km: float | None = None,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
) -> Gaps:
    """What the region makes on the chain and what it lacks. Raises: UnknownChain."""
    chain = chain_of(rulebook, chain_id)
    day = as_of_day(warehouse, as_of)
    local = makers.here(warehouse, region, day)
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    return judge(warehouse, rulebook, chain, found, local, radius_km=radius_km)


@dataclass(frozen=True, slots=True)
class Count:
    """What stands on one segment, before a verdict. Units: capital in yuan."""

    local: int
    national: int
    capital_yuan: float | None
    capital_known_share: float | None
    supply: int | None


def count(found: Makers, segments: Iterable[str], local: Here, radius_km: float) -> dict[str, Count]:
    """Count the groups of some segments: here, in the nation, and round about."""
    region = local.region
    here = np.flatnonzero(local.holds(found.firm_no))
    near = found.within_km(region.lon, region.lat, radius_km) & (found.day <= columns.days(local.as_of))
    near[here] = False
    about = np.flatnonzero(near)
    national = found.national(columns.days(local.as_of))
    result = {}
    for segment in segments:
        rows = makers.inside(here, found.rows(segment))
        groups_here = makers.distinct(found.group[rows])
        capital_yuan, known = _capital(found.group[rows], found.capital_yuan[rows])
        supply = makers.distinct(found.group[makers.inside(about, found.rows(segment))]) if local.has_site else None
        share = known / groups_here if groups_here else None
        result[segment] = Count(groups_here, national.get(segment, 0), capital_yuan, share, supply)
    return result


def _capital(group: makers.Ints, capital_yuan: makers.Floats) -> tuple[float | None, int]:
    """Sum of what is known, one figure a group (its largest), and for how many groups it is known."""
    known = ~np.isnan(capital_yuan)
    if not known.any():
        return None, 0
    groups, at = np.unique(group[known], return_inverse=True)
    largest = np.zeros(len(groups))
    np.maximum.at(largest, at, capital_yuan[known])
    return float(largest.sum()), len(groups)


JUDGED_KEPT = 24
_judged: WeakKeyDictionary[Makers, dict[object, tuple[Chain, Gaps]]] = WeakKeyDictionary()
_judged_lock = threading.Lock()


def judge(warehouse: Warehouse, rulebook: Rulebook, chain: Chain, found: Makers, local: Here, *, radius_km: float | None = None) -> Gaps:
    """Verdicts over counted makers, kept for as long as the makers are, for the regions asked about last."""
    numbers = {name: rulebook.number(f"gaps.{name}", local.as_of) for name in THRESHOLDS}
    radius = numbers["radius_km"] if radius_km is None else radius_km
    key = (rulebook.hash, local.region, local.as_of, radius, tuple(numbers.values()))
    with _judged_lock:
        kept = _judged.setdefault(found, {})
        known = kept.get(key)
    if known is not None and known[0] is chain:
        return known[1]
    result = _judge(warehouse, rulebook, chain, found, local, numbers, radius)
    with _judged_lock:
        kept.pop(key, None)
        while len(kept) >= JUDGED_KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = (chain, result)
    return result


def _judge(  # noqa: PLR0917  every word of the question is needed
    warehouse: Warehouse, rulebook: Rulebook, chain: Chain, found: Makers, local: Here, numbers: dict[str, float], radius: float
) -> Gaps:
    counts = count(found, (segment.id for segment in chain.segments), local, radius)
    present = {segment for segment, counted in counts.items() if counted.local}
    rows = []
    for segment in chain.segments:
        counted = counts[segment.id]
        upstream, downstream = chain.upstream(segment.id), chain.downstream(segment.id)
        facts = Facts(
            local_makers=counted.local,
            quotient=_quotient(counted, local.share),
            capital_yuan=counted.capital_yuan,
            capital_known_share=counted.capital_known_share,
            expected_makers=counted.national * local.share,
            segments_present=len(present),
            upstream_present=tuple(s for s in upstream if s in present),
            downstream_present=tuple(s for s in downstream if s in present),
        )
        ruling = decide(facts, numbers)
        rows.append(
            SegmentGap(
                segment=segment.id,
                name_zh=segment.name_zh,
                name_en=segment.name_en,
                layer=segment.layer,
                local_makers=counted.local,
                national_makers=counted.national,
                capital_yuan=counted.capital_yuan,
                capital_known_share=counted.capital_known_share,
                location_quotient=facts.quotient,
                expected_makers=facts.expected_makers,
                absence_chance_share=math.exp(-facts.expected_makers),
                supply_within_radius=counted.supply,
                upstream_present=facts.upstream_present,
                upstream_absent=tuple(s for s in upstream if s not in present),
                downstream_present=facts.downstream_present,
                downstream_absent=tuple(s for s in downstream if s not in present),
                verdict=ruling.verdict,
                rule=ruling,
            )
        )
    return Gaps(
        warehouse.info.build_id, rulebook.hash, local.as_of, local.region, chain.id, radius, len(present), local.registry, tuple(rows)
    )


def _quotient(counted: Count, share: float) -> float | None:
    if not counted.national or not share:
        return None
    return counted.local / counted.national / share


THRESHOLDS = (
    "quotient_strong",
    "makers_strong",
    "capital_strong_wan",
    "capital_known_share",
    "expected_makers",
    "build_below_segments",
    "radius_km",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a verdict is decided on. Units: capital in yuan."""

    local_makers: int
    quotient: float | None
    capital_yuan: float | None
    capital_known_share: float | None
    expected_makers: float
    segments_present: int
    upstream_present: tuple[str, ...]
    downstream_present: tuple[str, ...]


def decide(facts: Facts, numbers: Mapping[str, float]) -> Ruling:
    """The first rule that applies: strong, strengthen, unknown, build, fill, extend. Source: glossary, "Gap verdicts"."""
    if facts.local_makers:
        return _decide_present(facts, numbers)
    expected = Test(
        "expected_makers", facts.expected_makers, numbers["expected_makers"], "gaps.expected_makers",
        facts.expected_makers < numbers["expected_makers"],
    )  # fmt: skip
    if expected.is_met:
        return Ruling(GapVerdict.UNKNOWN, (expected,))
    few = Test(
        "segments_present", facts.segments_present, numbers["build_below_segments"], "gaps.build_below_segments",
        facts.segments_present < numbers["build_below_segments"],
    )  # fmt: skip
    if few.is_met:
        return Ruling(GapVerdict.BUILD, (expected, few))
    up, down = len(facts.upstream_present), len(facts.downstream_present)
    sides = (
        Test("upstream_present", up, 1, "", up >= 1),
        Test("downstream_present", down, 1, "", down >= 1),
    )
    if up and down:
        return Ruling(GapVerdict.FILL, (expected, few, *sides))
    return Ruling(GapVerdict.EXTEND, (expected, few, *sides))


def _decide_present(facts: Facts, numbers: Mapping[str, float]) -> Ruling:
    quotient = Test(
        "location_quotient", facts.quotient, numbers["quotient_strong"], "gaps.quotient_strong",
        facts.quotient is not None and facts.quotient >= numbers["quotient_strong"],
    )  # fmt: skip
    size = Test(
        "local_makers", facts.local_makers, numbers["makers_strong"], "gaps.makers_strong", facts.local_makers >= numbers["makers_strong"]
    )
    tests = [quotient, size]
    known = facts.capital_known_share or 0.0
    if facts.capital_yuan is not None and known >= numbers["capital_known_share"]:
        capital_wan = facts.capital_yuan / WAN
        tests.append(
            Test(
                "capital_wan",
                capital_wan,
                numbers["capital_strong_wan"],
                "gaps.capital_strong_wan",
                capital_wan >= numbers["capital_strong_wan"],
            )
        )
    is_strong = all(test.is_met for test in tests)
    return Ruling(GapVerdict.STRONG if is_strong else GapVerdict.STRENGTHEN, tuple(tests))
