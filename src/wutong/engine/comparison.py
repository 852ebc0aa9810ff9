"""Two regions side by side on a chain (两地对比): verdicts, makers and capital of each segment, the greatest differences first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from wutong.engine import chains, makers
from wutong.engine.answers import RegistryHere, as_of_day
from wutong.engine.chains import GapVerdict, SegmentGap
from wutong.engine.own import NOTHING, Own
from wutong.engine.places import Region
from wutong.engine.warehouse import Warehouse
from wutong.rulebook.load import Rulebook

STANDING = (GapVerdict.STRONG, GapVerdict.STRENGTHEN)


@dataclass(frozen=True, slots=True)
class Pair:
    """Grain: one segment in both regions. `is_other`: the verdicts differ."""

    segment: str
    name_zh: str
    name_en: str
    layer: str
    a: SegmentGap
    b: SegmentGap

    @property
    def is_other(self) -> bool:
        """Whether the verdicts differ."""
        return self.a.verdict is not self.b.verdict

    @property
    def makers_ahead(self) -> int:
        """How many more makers the first region has; below zero: fewer."""
        return self.a.local_makers - self.b.local_makers

    @property
    def complement(self) -> str:
        """ "a" where only the first region makes it, "b" where only the second does, "" else: what one could supply to the other."""
        if bool(self.a.local_makers) == bool(self.b.local_makers):
            return ""
        return "a" if self.a.local_makers else "b"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two regions on a chain, as of one day."""

    build_id: str
    rulebook_hash: str
    as_of: dt.date
    chain_id: str
    radius_km: float
    a: Region
    b: Region
    registry_a: RegistryHere
    registry_b: RegistryHere
    rows: tuple[Pair, ...]

    @property
    def differing(self) -> int:
        """In how many segments the verdicts differ."""
        return sum(row.is_other for row in self.rows)


def compare(
    warehouse: Warehouse,
    rulebook: Rulebook,
    chain_id: str,
    a: Region,
    b: Region,
    *,
    radius_km: float | None = None,
    as_of: dt.date | None = None,
    own: Own = NOTHING,
) -> Comparison:
    """The chain in both regions: segments with other verdicts first, then by the difference in makers. Raises: UnknownChain."""
    chain = chains.chain_of(rulebook, chain_id)
    day = as_of_day(warehouse, as_of)
    found = own.apply(chain_id, makers.of_chain(warehouse, chain_id))
    gaps = [chains.judge(warehouse, rulebook, chain, found, makers.here(warehouse, region, day), radius_km=radius_km) for region in (a, b)]
    pairs = [Pair(x.segment, x.name_zh, x.name_en, x.layer, x, y) for x, y in zip(gaps[0].rows, gaps[1].rows, strict=True)]
    order = {segment.id: number for number, segment in enumerate(chain.segments)}
    pairs.sort(key=lambda row: (not row.is_other, -abs(row.makers_ahead), order[row.segment]))
    return Comparison(
        warehouse.info.build_id, rulebook.hash, day, chain_id, gaps[0].radius_km, a, b, gaps[0].registry, gaps[1].registry, tuple(pairs)
    )
